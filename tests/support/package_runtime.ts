/** Tests of the npm package on a runtime, to be registered for each of them. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert"
import {
  binders,
  clients,
  clientsOutput,
  execute,
  importers,
  listeners,
  proxied,
  proxiedOutput,
  searchers,
  searchersOutput,
  serve,
  serveFake,
  succeed,
  writeFiles,
} from "./package.ts"
import { eventually } from "./sockets.ts"
import { test } from "./test.ts"

/** A project with the package, and the command that runs a module of it. */
export interface RuntimeProject {
  readonly path: string
  readonly command: string
}

/** Registers the tests of a runtime: "Node 20". `project` is called in each of them. */
export function testRuntime(runtime: string, project: () => Promise<RuntimeProject>): void {
  test(`the npm package connects, calls and closes on ${runtime}, with effects and with promises`, async () => {
    const { path, command } = await project()
    const version = await succeed(command, ["--version"])
    assertMatch(version, runtime.startsWith("Bun") ? /^1\./ : /^v(2\d|[3-9]\d)\./)
    await using milvus = await serve()
    await writeFiles(path, clients(milvus.address))
    for (const script of ["effect.mjs", "promise.mjs"]) {
      assertEquals(await succeed(command, [script], { cwd: path }), clientsOutput)
    }
    assertEquals(milvus.count("DescribeCollection"), 2)
  })

  test(`effect-milvus of the npm package runs on ${runtime}`, async () => {
    const { path, command } = await project()
    await using milvus = await serve()
    const run = (...words: ReadonlyArray<string>) =>
      execute(command, [`${path}/node_modules/.bin/effect-milvus`, ...words], {
        cwd: path,
        env: { XDG_CONFIG_HOME: path },
      })
    const { code, text } = await run("connect", "-h", "localhost", "-p", `${milvus.port}`, "-a", "default")
    assertMatch(text, /^default: connected, localhost:\d+, Milvus v2\.6\.2, \d+ ms$/)
    assertEquals(code, 0)
    assertEquals(JSON.parse((await run("ping", "-p", `${milvus.port}`, "-o", "json")).text)["health"], "healthy")
    const failed = await run("describe", "collection", "books", "--timeout", "x")
    assertEquals([failed.code, failed.text], [
      2,
      'error: --timeout: expected a duration such as 500ms, 10s or 2m, got "x"',
    ])
  })

  test(`rule 20: watch of the npm package shows as many states as requested on ${runtime}`, async () => {
    const { path, command } = await project()
    await using milvus = await serve()
    const words = ["watch", "-p", `${milvus.port}`, "--count", "2", "-o", "ndjson"]
    const outcome = execute(command, [`${path}/node_modules/.bin/effect-milvus`, ...words], {
      cwd: path,
      env: { XDG_CONFIG_HOME: path },
    })
    await eventually(() => milvus.count("CheckHealth") === 1, { timeout: 30_000 })
    // There is no event to wait for: a process that nothing keeps alive would end meanwhile.
    await new Promise((resolve) => setTimeout(resolve, 1000))
    await milvus.crash()
    const { code, text } = await outcome
    assertEquals(code, 0)
    assertEquals(text.split("\n").map((line) => JSON.parse(line).state), ["Ready", "Reconnecting"])
  })

  test(`a proxy of the npm package misbehaves on ${runtime} as on Deno`, async () => {
    const { path, command } = await project()
    await using milvus = await serve()
    await writeFiles(path, proxied(milvus.address))
    assertStringIncludes(await succeed(command, ["proxied.mjs"], { cwd: path }), proxiedOutput)
  })

  test(`calls on ${runtime} bind nothing to resources where that is slow, and other code binds as ever`, async () => {
    const { path, command } = await project()
    await using milvus = await serve()
    await writeFiles(path, binders(milvus.address))
    const [seen, during, isAlike, isSlow] = (await succeed(command, ["binders.mjs"], { cwd: path })).split(" ")
    assertEquals([seen, isAlike], ["mine", "true"])
    if (isSlow === "true") assertEquals(during, "0")
    // The patch of `nodeRequestBind.ts` can go when this fails on the oldest supported Node.
    if ((await succeed(command, ["--version"])).startsWith("v20.")) assertEquals(isSlow, "true")
  })

  test(`rule 20: a program that listens to changes runs until it stops listening on ${runtime}`, async () => {
    const { path, command } = await project()
    await using milvus = await serve()
    const scripts = listeners(milvus.address)
    await writeFiles(path, scripts)
    const outcomes = Object.keys(scripts).map((script) => execute(command, [script], { cwd: path }))
    await eventually(() => milvus.count("DescribeCollection") === outcomes.length, { timeout: 30_000 })
    // There is no event to wait for: a program that stopped listening would end meanwhile.
    await new Promise((resolve) => setTimeout(resolve, 1000))
    await milvus.crash()
    for (const outcome of outcomes) assertEquals(await outcome, { code: 0, text: "Ready Reconnecting" })
  })

  test(`importing an entry point of the npm package keeps no process alive on ${runtime}`, async () => {
    const { path, command } = await project()
    await writeFiles(path, importers())
    for (const script of Object.keys(importers())) {
      assertEquals(await succeed(command, [script], { cwd: path }), "")
    }
  })

  test(`the npm package creates, inserts and searches on ${runtime}, with effects and with promises`, async () => {
    const { path, command } = await project()
    await using fake = await serveFake()
    const programs = searchers(fake.address)
    await writeFiles(path, programs)
    for (const script of Object.keys(programs)) {
      assertEquals(await succeed(command, [script], { cwd: path }), searchersOutput)
    }
  })
}
