/**
 * The package as published: its files and documentation, imported over HTTP as from JSR, typed, and with the least
 * permissions.
 */
import { fileURLToPath } from "node:url"
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert"
import config from "../deno.json" with { type: "json" }
import {
  clients,
  clientsOutput,
  execute,
  frameworks,
  importers,
  makeFolder,
  type Outcome,
  proxied,
  proxiedOutput,
  root,
  serve,
  succeed,
  types,
} from "./support/package.ts"
import { test } from "./support/test.ts"

// ---- JSR

/** Lists the files that `deno publish` would publish, once. Paths start at the root. */
const published = () => listed ??= listPublished()
let listed: Promise<ReadonlyArray<string>> | undefined

async function listPublished(): Promise<ReadonlyArray<string>> {
  const text = await succeed(Deno.execPath(), ["publish", "--dry-run", "--allow-dirty"], { cwd: root })
  return [...text.matchAll(/^\s+(file:\S+) \(/gm)].map(([, url = ""]) => fileURLToPath(url).slice(root.length))
}

test("deno publish passes without slow types, and publishes only what users need", async () => {
  const files = await published()
  for (
    const file of ["LICENSE", "README.md", "deno.json", "mod.ts", "proto/milvus.proto", "src/contract/descriptor.json"]
  ) {
    assert(files.includes(file), `${file} is not published`)
  }
  const others = files.filter((file) =>
    !/^(src\/.*\.(ts|json)|proto\/[^/]*\.proto|proto\/README\.md|docs\/[^]*\.md)$/.test(file)
  )
  // `deno publish` takes every README of a folder that it publishes.
  assertEquals(others.toSorted(), [
    "AGENTS.md",
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "deno.json",
    "llms.txt",
    "mod.ts",
    "src/workarounds/README.md",
  ])
  assertEquals(files.filter((file) => /test/i.test(file) && !/^(src\/testing|docs)\//.test(file)), [])
})

test("deno doc reports every public symbol as documented and typed", async () => {
  const { text } = await execute(Deno.execPath(), ["doc", "--lint", ...Object.values(config.exports)], { cwd: root })
  assert(/Found \d+ documentation lint errors?|Checked \d+ files?/.test(text), text)
  const problems = [...text.matchAll(/^error\[(.+?)\]: (.*)\n\s*--> (.*)$/gm)]
  // The lint treats exports of other packages, of other entry points and of namespaces of `mod.ts` as private.
  const own = problems.filter(([, code]) => code !== "private-type-ref")
  assertEquals(own.map(([, , what, where]) => `${what} at ${where}`), [])
})

/** Serves the published files over HTTP. Import specifiers are as in a registry, where `deno.json` does not apply. */
async function serveAsJsr(): Promise<AsyncDisposable & { origin: string; imports: Record<string, string> }> {
  const files = new Set(await published())
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const file = new URL(request.url).pathname.slice(1)
    if (!files.has(file)) return new Response("not published", { status: 404 })
    const text = await Deno.readTextFile(root + file)
    const type = file.endsWith(".json") ? "application/json" : "application/typescript"
    return new Response(file.endsWith(".ts") ? withoutImportMap(text) : text, { headers: { "content-type": type } })
  })
  const origin = `http://127.0.0.1:${server.addr.port}`
  const entryPoints = Object.entries(config.exports).map(([name, path]) => [
    `${config.name}${name.slice(1)}`,
    `${origin}${path.slice(1)}`,
  ])
  return {
    origin,
    imports: { ...Object.fromEntries(entryPoints), effect: config.imports.effect },
    [Symbol.asyncDispose]: () => server.shutdown(),
  }
}

const withoutImportMap = (text: string): string =>
  text.replace(/\b(from|import|import\()(\s*)"([^"]+)"/g, (whole, keyword, space, specifier) => {
    const found = Object.entries(config.imports).find(([name]) => `${specifier}/`.startsWith(`${name}/`))
    return found === undefined ? whole : `${keyword}${space}"${found[1]}${specifier.slice(found[0].length)}"`
  })

test("the package connects when it is imported over HTTP, as from JSR, into an empty cache", async () => {
  await using milvus = await serve()
  await using jsr = await serveAsJsr()
  await using folder = await makeFolder({
    ...clients(milvus.address),
    "deno.json": JSON.stringify({ imports: jsr.imports }),
  })
  await using cache = await makeFolder()
  const host = new URL(jsr.origin).host
  const permissions = [`--allow-import=${host}`, `--allow-net=${milvus.address}`, "--allow-env=GRPC_*"]
  for (const script of ["effect.mjs", "promise.mjs"]) {
    const text = await succeed(Deno.execPath(), ["run", "--quiet", ...permissions, script], {
      cwd: folder.path,
      env: { DENO_DIR: cache.path },
    })
    assertStringIncludes(text, clientsOutput)
  }
  assertEquals(milvus.count("DescribeCollection"), 2)
  const installed = await Array.fromAsync(packagesIn(`${cache.path}/npm`))
  assert(installed.includes("effect"))
  assertEquals(installed.filter((name) => Object.values(frameworks).includes(name)), [])
})

/** Yields the names of the packages of npm in a cache of Deno. */
async function* packagesIn(cache: string): AsyncGenerator<string> {
  for await (const { name: registry } of Deno.readDir(cache)) {
    for await (const { name } of Deno.readDir(`${cache}/${registry}`)) {
      if (!name.startsWith("@")) yield name
      else for await (const one of Deno.readDir(`${cache}/${registry}/${name}`)) yield `${name}/${one.name}`
    }
  }
}

test("the test servers work when they are imported over HTTP, as from JSR", async () => {
  await using milvus = await serve()
  await using jsr = await serveAsJsr()
  await using folder = await makeFolder({
    ...proxied(milvus.address),
    "deno.json": JSON.stringify({ imports: jsr.imports }),
  })
  const permissions = [`--allow-import=${new URL(jsr.origin).host}`, "--allow-net=127.0.0.1", "--allow-env=GRPC_*"]
  const text = await succeed(Deno.execPath(), [
    "run",
    "--quiet",
    `--reload=${jsr.origin}`,
    ...permissions,
    "proxied.mjs",
  ], { cwd: folder.path })
  assertStringIncludes(text, proxiedOutput)
})

// Reloaded: an earlier server may have had the same port.
test("the command line runs when it is imported over HTTP, as from JSR", async () => {
  await using milvus = await serve()
  await using jsr = await serveAsJsr()
  await using folder = await makeFolder()
  const run = (...words: ReadonlyArray<string>) =>
    execute(Deno.execPath(), [
      "run",
      "-A",
      "--quiet",
      "--no-config",
      `--reload=${jsr.origin}`,
      `${jsr.origin}/src/cli/main.ts`,
      ...words,
    ], {
      cwd: folder.path,
      env: { XDG_CONFIG_HOME: folder.path },
    })
  const { code, text } = await run("connect", "-h", "localhost", "-p", `${milvus.port}`, "-a", "default")
  assertMatch(text, /^default: connected, localhost:\d+, Milvus v2\.6\.2, \d+ ms$/)
  assertEquals(code, 0)
  assertEquals((await run("pong")).code, 2)
})

test("a Deno project sees every call typed", async () => {
  await using jsr = await serveAsJsr()
  await using folder = await makeFolder({ "types.ts": types, "deno.json": JSON.stringify({ imports: jsr.imports }) })
  await succeed(Deno.execPath(), [
    "check",
    `--reload=${jsr.origin}`,
    `--allow-import=${new URL(jsr.origin).host}`,
    "types.ts",
  ], {
    cwd: folder.path,
  })
})

// ---- permissions and side effects

/** Runs a script against the sources. `permissions` may have other flags, too. */
async function runLocally(
  script: string,
  permissions: ReadonlyArray<string>,
  env: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  await using folder = await makeFolder({ "script.mjs": script })
  return await execute(Deno.execPath(), [
    "run",
    "--quiet",
    `--config=${root}deno.json`,
    ...permissions,
    `${folder.path}/script.mjs`,
  ], { env })
}

test("importing an entry point needs no more than GRPC_* of the environment, and holds no process open", async () => {
  for (const script of Object.values(importers())) {
    assertEquals(await runLocally(script, ["--allow-env=GRPC_*"]), { code: 0, text: "" }, script)
  }
})

test("importing an adapter needs no more than --ignore-env, and that of LangChain.js no more than GRPC_*", async () => {
  const outcome = (entry: string, environment: string) =>
    runLocally(`import "${config.name}${entry.slice(1)}"`, [environment])
  for (const entry of Object.keys(frameworks)) {
    assertEquals(await outcome(entry, "--ignore-env"), { code: 0, text: "" }, entry)
  }
  assertEquals(await outcome("./langchain", "--allow-env=GRPC_*"), { code: 0, text: "" })
})

test("the least permissions to connect, call and close are the address and GRPC_*, or --ignore-env", async () => {
  await using milvus = await serve()
  for (const environment of ["--allow-env=GRPC_*", "--ignore-env"]) {
    for (const script of Object.values(clients(milvus.address))) {
      const outcome = await runLocally(script, [`--allow-net=${milvus.address}`, environment])
      assertEquals(outcome, { code: 0, text: clientsOutput })
    }
  }
})

test("the least permissions for a name are the name, and each of its addresses with the port", async () => {
  await using milvus = await serve()
  const script = clients(`localhost:${milvus.port}`)["promise.mjs"] ?? ""
  const net = `--allow-net=localhost,127.0.0.1:${milvus.port},[::1]:${milvus.port}`
  assertEquals(await runLocally(script, [net, "--allow-env=GRPC_*"]), { code: 0, text: clientsOutput })
})

const printError = (address: string) => `
  import { connect } from "@effect-milvus/client/promise"
  const params = { address: "${address}", retry: false, connectTimeout: 1000 }
  const error = await connect(params).catch((error) => error)
  console.log(error._tag, error.kind, error.message.split("\\n")[0])`

test("the least permissions for a server elsewhere include the variables that name a proxy", async () => {
  // Reserved for documentation: no server answers there.
  const address = "192.0.2.1:19530"
  const environment = "--allow-env=GRPC_*,grpc_proxy,https_proxy,http_proxy,no_grpc_proxy,no_proxy"
  const { code, text } = await runLocally(printError(address), [`--allow-net=${address}`, environment])
  assertEquals(code, 0, text)
  assertMatch(text, /^NotReady (Timeout|Unreachable) /)
  assert(!text.includes("NotCapable"), text)
})

test("connect fails with a typed error when the network is not permitted", async () => {
  await using milvus = await serve()
  for (const address of [milvus.address, `localhost:${milvus.port}`]) {
    // Also with retries, because time does not help.
    for (const retry of [true, false]) {
      const script = printError(address).replace("retry: false", `retry: ${retry}`)
      const { code, text } = await runLocally(script, ["--allow-env=GRPC_*"])
      assertEquals(code, 0, text)
      assertMatch(text, /^NotReady Unreachable .*1 attempt.*run it with --allow-net=/)
    }
  }
  assertEquals(milvus.calls.length, 0)
})

test("connect fails with a typed error when a variable that names a proxy may not be read", async () => {
  const address = "192.0.2.1:19530"
  const { code, text } = await runLocally(printError(address), [`--allow-net=${address}`, "--allow-env=GRPC_*"])
  assertEquals(code, 0, text)
  assertMatch(text, /^NotReady Unreachable .*grpc_proxy/)
})

test("the default alias uses the variables that it may read", async () => {
  await using milvus = await serve()
  const script = `
    import { connections } from "@effect-milvus/client/promise"
    const milvus = await connections.connect()
    console.log(milvus.config.address)
    await milvus.close()`
  const permissions = [`--allow-net=${milvus.address}`, "--allow-env=GRPC_*,MILVUS_*"]
  assertEquals(await runLocally(script, permissions, { MILVUS_URI: `http://${milvus.address}` }), {
    code: 0,
    text: milvus.address,
  })
})
