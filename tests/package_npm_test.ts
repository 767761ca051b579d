/**
 * The npm package, installed from a tarball: it works on Node and Bun, is typed, and can be bundled.
 *
 * Needs `node` and `npm`, and the npm registry for Bun, TypeScript and esbuild. A test fails if they are missing.
 */
import { assert, assertEquals, assertGreater, assertLess, assertMatch, assertStringIncludes } from "@std/assert"
import config from "../deno.json" with { type: "json" }
import {
  clients,
  clientsOutput,
  execute,
  importers,
  listeners,
  makeFolder,
  proxied,
  proxiedOutput,
  root,
  serve,
  succeed,
  types,
  writeFiles,
} from "./support/package.ts"
import { eventually } from "./support/sockets.ts"
import { test } from "./support/test.ts"

/** Makes a Node project with the package, Bun, TypeScript and esbuild, once. No script runs at install. */
const project = () => installed ??= install()
let installed: ReturnType<typeof install> | undefined

async function install(): Promise<AsyncDisposable & { path: string; bun: string }> {
  const folder = await makeFolder({ "package.json": JSON.stringify({ private: true, type: "module" }) })
  const { path } = folder
  await succeed(Deno.execPath(), ["run", "-A", "--no-lock", `${root}tests/support/pack.ts`, `${path}/package.tgz`], {
    cwd: root,
  })
  const tools = ["bun@1.4.5", "typescript@5.9.3", "esbuild@0.25.12", "@types/node@20"]
  const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--prefer-offline"]
  await succeed("npm", ["install", ...flags, "./package.tgz", ...tools], {
    cwd: path,
  })
  // The package of this platform, from which the install script of Bun would take it.
  const [platform] = await Array.fromAsync(Deno.readDir(`${path}/node_modules/@oven`))
  const bun = `${path}/node_modules/@oven/${platform?.name}/bin/${Deno.build.os === "windows" ? "bun.exe" : "bun"}`
  return { ...folder, bun }
}

Deno.test.afterAll(async () => await (await installed)?.[Symbol.asyncDispose]())

for (const runtime of ["node", "bun"]) {
  test(`the npm package connects, calls and closes on ${runtime}, with effects and with promises`, async () => {
    const { path, bun } = await project()
    const command = runtime === "bun" ? bun : runtime
    const version = await succeed(command, ["--version"])
    assertMatch(version, runtime === "bun" ? /^1\./ : /^v(2\d|[3-9]\d)\./)
    await using milvus = await serve()
    await writeFiles(path, clients(milvus.address))
    for (const script of ["effect.mjs", "promise.mjs"]) {
      assertEquals(await succeed(command, [script], { cwd: path }), clientsOutput)
    }
    assertEquals(milvus.count("DescribeCollection"), 2)
  })

  test(`effect-milvus of the npm package runs on ${runtime}`, async () => {
    const { path, bun } = await project()
    await using milvus = await serve()
    const run = (...words: ReadonlyArray<string>) =>
      runtime === "bun"
        ? execute(bun, [`${path}/node_modules/.bin/effect-milvus`, ...words], {
          cwd: path,
          env: { XDG_CONFIG_HOME: path },
        })
        : execute("npx", ["--no-install", "effect-milvus", ...words], {
          cwd: path,
          // npm warns about settings of the user.
          env: { npm_config_loglevel: "error", XDG_CONFIG_HOME: path },
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
    const { path, bun } = await project()
    await using milvus = await serve()
    const words = ["watch", "-p", `${milvus.port}`, "--count", "2", "-o", "ndjson"]
    const outcome = execute(runtime === "bun" ? bun : runtime, [`${path}/node_modules/.bin/effect-milvus`, ...words], {
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
    const { path, bun } = await project()
    await using milvus = await serve()
    await writeFiles(path, proxied(milvus.address))
    const command = runtime === "bun" ? bun : runtime
    assertStringIncludes(await succeed(command, ["proxied.mjs"], { cwd: path }), proxiedOutput)
  })

  test(`rule 20: a program that listens to changes runs until it stops listening on ${runtime}`, async () => {
    const { path, bun } = await project()
    await using milvus = await serve()
    const scripts = listeners(milvus.address)
    await writeFiles(path, scripts)
    const command = runtime === "bun" ? bun : runtime
    const outcomes = Object.keys(scripts).map((script) => execute(command, [script], { cwd: path }))
    await eventually(() => milvus.count("DescribeCollection") === outcomes.length, { timeout: 30_000 })
    // There is no event to wait for: a program that stopped listening would end meanwhile.
    await new Promise((resolve) => setTimeout(resolve, 1000))
    await milvus.crash()
    for (const outcome of outcomes) assertEquals(await outcome, { code: 0, text: "Ready Reconnecting" })
  })

  test(`importing an entry point of the npm package keeps no process alive on ${runtime}`, async () => {
    const { path, bun } = await project()
    await writeFiles(path, importers())
    for (const script of Object.keys(importers())) {
      assertEquals(await succeed(runtime === "bun" ? bun : runtime, [script], { cwd: path }), "")
    }
  })
}

test("a TypeScript project sees every call of the npm package typed, by its declarations", async () => {
  const { path } = await project()
  await writeFiles(path, {
    "types.ts": types,
    "tsconfig.json": JSON.stringify({
      compilerOptions: {
        strict: true,
        exactOptionalPropertyTypes: true,
        noEmit: true,
        module: "nodenext",
        target: "es2022",
        lib: ["es2023", "esnext.disposable", "dom", "dom.iterable", "dom.asynciterable"],
        types: ["node"],
        skipLibCheck: true,
      },
      files: ["types.ts"],
    }),
  })
  await succeed("node", ["node_modules/typescript/bin/tsc", "--project", "."], { cwd: path })
})

/** Prints the modules with statements that have effects at import. */
const findSideEffects = `
  import { readdirSync, readFileSync } from "node:fs"
  import ts from "typescript"
  const root = "node_modules/@effect-milvus/client/"
  const { SyntaxKind } = ts
  const acts = ({ kind }) => kind === SyntaxKind.ExpressionStatement ||
    kind >= SyntaxKind.IfStatement && kind <= SyntaxKind.DebuggerStatement
  for (const file of readdirSync(root, { recursive: true })) {
    if (!file.endsWith(".js") || file.includes("node_modules")) continue
    const text = readFileSync(root + file, "utf8")
    const { statements } = ts.createSourceFile(file, text, ts.ScriptTarget.Latest)
    // Code that the compiler makes for computed names has no effect outside.
    const own = statements.filter(({ pos, end }) => !text.slice(pos, end).trim().startsWith("_computedKey"))
    if (own.some(acts)) console.log("./" + file)
  }`

test("rule 20: package.json describes the package, and lists exactly the modules with side effects", async () => {
  const { path } = await project()
  await writeFiles(path, { "find.mjs": findSideEffects })
  const manifest = JSON.parse(await Deno.readTextFile(`${path}/node_modules/@effect-milvus/client/package.json`))
  assertEquals(
    manifest.sideEffects.toSorted(),
    (await succeed("node", ["find.mjs"], { cwd: path })).split("\n").toSorted(),
  )
  for (const name of ["name", "version", "description", "license"]) assertMatch(manifest[name], /./, name)
  assert(manifest.keywords.includes("milvus"))
  assertEquals([manifest.version, manifest.license], [config.version, config.license])
  assertEquals(manifest.engines, { node: ">=20" })
})

/** Makes a bundle for Node, in one file. */
async function bundle(script: string, ...flags: ReadonlyArray<string>): Promise<string> {
  const { path } = await project()
  await writeFiles(path, { "bundled.mjs": script })
  const esbuild = ["node_modules/esbuild/bin/esbuild", "bundled.mjs", "--bundle", "--platform=node", "--format=cjs"]
  await succeed("node", [...esbuild, "--outfile=bundle.cjs", ...flags], { cwd: path })
  return `${path}/bundle.cjs`
}

test("rule 20: a bundle has only the parts of the package that are used", async () => {
  const size = async (what: string) => {
    const script = `import { ${what} } from "@effect-milvus/client"; console.log(${what})`
    return (await Deno.stat(await bundle(script, "--minify"))).size
  }
  const [one, all] = [await size("CodecError"), await size("Connection")]
  assertLess(one, 200_000)
  assertGreater(all, one)
})

test("rule 20: a bundle connects, and includes the workarounds", async () => {
  await using milvus = await serve()
  const script = (clients(milvus.address)["promise.mjs"] ?? "").replace(
    /(import .*\n)([^]*)/,
    "$1;(async () => {$2})()",
  )
  const file = await bundle(script)
  const text = await Deno.readTextFile(file)
  for (const mark of ["effect-milvus/goaway", "PendingRequest"]) assertStringIncludes(text, mark)
  assertEquals(await succeed("node", [file]), clientsOutput)
})
