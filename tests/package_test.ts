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

<<<<<<< HEAD
const root = fileURLToPath(new URL("..", import.meta.url))

interface Outcome {
  readonly code: number
  /** Both streams, the errors last. */
  readonly text: string
}

/** Runs a program to its end, for a minute and a half at most. */
async function execute(
  command: string,
  args: ReadonlyArray<string>,
  options: Pick<Deno.CommandOptions, "cwd" | "env"> = {},
): Promise<Outcome> {
  const child = new Deno.Command(command, {
    ...options,
    args: [...args],
    env: { NO_COLOR: "1", DENO_NO_PROMPT: "1", DENO_NO_UPDATE_CHECK: "1", ...options.env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn()
  const impatience = setTimeout(() => child.kill("SIGKILL"), 90_000)
  const { code, stdout, stderr } = await child.output().finally(() => clearTimeout(impatience))
  return { code, text: (new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr)).trim() }
}

async function succeed(...args: Parameters<typeof execute>): Promise<string> {
  const { code, text } = await execute(...args)
  assertEquals(code, 0, `${args[0]} ${args[1].join(" ")}\n${text}`)
  return text
}

/** A folder that is gone at the end. */
async function makeFolder(files: Readonly<Record<string, string>> = {}): Promise<AsyncDisposable & { path: string }> {
  const path = await Deno.makeTempDir({ prefix: "effect-milvus-" })
  await write(path, files)
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) }
}

async function write(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) await Deno.writeTextFile(`${folder}/${name}`, text)
}

/** A server for the clients below. */
const serve = () =>
  startServer({ handlers: { DescribeCollection: () => ({ status: success, collectionID: "9007199254740993" }) } })

/** Connects, calls and closes, by each of the two ways; plain JavaScript, with nothing that is not on Node 20. */
const clients = (address: string): Readonly<Record<string, string>> => ({
  "effect.mjs": `
    import * as Effect from "effect/Effect"
    import { Connection } from "@effect-milvus/client"
    const program = Effect.gen(function* () {
      const connection = yield* Connection.connect({ address: ${JSON.stringify(address)}, retry: false })
      const { collectionID } = yield* connection.call("DescribeCollection", { collection_name: "books" })
      return [connection.server.version, collectionID].join(" ")
    })
    console.log(await Effect.runPromise(Effect.scoped(program)))`,
  "promise.mjs": `
    import { connect } from "@effect-milvus/client/promise"
    const milvus = await connect({ address: ${JSON.stringify(address)}, retry: false })
    const { collectionID } = await milvus.call("DescribeCollection", { collection_name: "books" })
    await milvus.close()
    console.log([milvus.server.version, collectionID].join(" "))`,
})
const printed = "v2.6.2 9007199254740993"

/** A proxy in front of a server: refused, then silent, then well, cut in the middle of an answer, and well again. */
const proxied = (address: string): Readonly<Record<string, string>> => ({
  "proxied.mjs": `
    import * as Effect from "effect/Effect"
    import { Connection } from "@effect-milvus/client"
    import { FaultProxy } from "@effect-milvus/client/testing"
    const program = Effect.gen(function* () {
      const proxy = yield* FaultProxy.make({ target: ${JSON.stringify(address)} })
      const attempt = Connection.connect({ address: proxy.address, retry: false, connectTimeout: "1 second" }).pipe(
        Effect.map(({ server }) => server.version),
        Effect.catchTag("NotReady", ({ kind }) => Effect.succeed(kind)),
        Effect.scoped,
      )
      const faults = [FaultProxy.refuse(), FaultProxy.blackhole, FaultProxy.none]
      const seen = yield* Effect.forEach(faults, (fault) => Effect.andThen(proxy.set(fault), attempt))
      const connection = yield* Connection.connect(proxy.address)
      for (const by of ["close", "reset"]) {
        yield* proxy.set(FaultProxy.cutAfter({ bytes: 20, direction: "toClient", by }))
        const call = connection.call("DescribeCollection", {}, { timeout: "1 second" })
        seen.push(yield* Effect.match(call, { onFailure: () => "cut", onSuccess: () => "not cut" }))
        yield* proxy.heal
        seen.push((yield* connection.call("DescribeCollection", {})).collectionID)
      }
      return seen.join(" ")
    })
    console.log(await Effect.runPromise(Effect.scoped(program)))`,
})
const printedByProxied = "Unreachable Timeout v2.6.2 cut 9007199254740993 cut 9007199254740993"

/** Listen until the session is lost, and do nothing else; the call says that they listen. */
const listeners = (address: string): Readonly<Record<string, string>> => ({
  "listens.effect.mjs": `
    import * as Effect from "effect/Effect"
    import * as Stream from "effect/Stream"
    import { Connection } from "@effect-milvus/client"
    const program = Effect.gen(function* () {
      const connection = yield* Connection.connect(${JSON.stringify(address)})
      const seen = []
      const states = Stream.takeUntil(connection.changes, (state) => state === "Reconnecting")
      yield* Stream.runForEach(states, (state) => {
        seen.push(state)
        return state === "Ready" ? connection.call("DescribeCollection", {}) : Effect.void
      })
      return seen.join(" ")
    })
    console.log(await Effect.runPromise(Effect.scoped(program)))`,
  "listens.promise.mjs": `
    import { connect } from "@effect-milvus/client/promise"
    const milvus = await connect(${JSON.stringify(address)})
    const seen = []
    for await (const state of milvus.changes()) {
      seen.push(state)
      if (state === "Ready") await milvus.call("DescribeCollection", {})
      if (state === "Reconnecting") break
    }
    console.log(seen.join(" "))
    await milvus.close()`,
})

/** What a consumer of either kind relies on. Each `@ts-expect-error` fails the check where there is no error. */
const types = `
import * as Effect from "effect/Effect"
import { type CallError, type ConnectError, Connection } from "@effect-milvus/client"
import { connect, type Milvus } from "@effect-milvus/client/promise"

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false
const holds = <_T extends true>(): void => {}

export const program = Effect.gen(function* () {
  const connection = yield* Connection.connect({ host: "localhost", port: 19530 })
  const reply = yield* connection.call("DescribeCollection", { collection_name: "books" })
  holds<Equal<typeof reply.collectionID, bigint>>()
  holds<Equal<typeof reply.collection_name, string>>()
  const names = reply.schema?.fields.map((field) => field.name) ?? []
  holds<Equal<typeof names, Array<string>>>()
  // @ts-expect-error: no such RPC
  yield* connection.call("DescribeColection", {})
  // @ts-expect-error: no such field
  yield* connection.call("DescribeCollection", { collectionName: "books" })
  // @ts-expect-error: no such parameter
  yield* Connection.connect({ hots: "localhost" })
  return connection.server
})
holds<Equal<Effect.Error<typeof program>, ConnectError | CallError>>()
holds<Equal<Effect.Success<typeof program>, Connection.ServerInfo>>()

export const layered = Effect.provide(Connection.Connection, Connection.layer("localhost"))
holds<Equal<Effect.Error<typeof layered>, ConnectError>>()
holds<Equal<Effect.Services<typeof layered>, never>>()

export const main = async (): Promise<ReadonlyArray<string>> => {
  await using milvus: Milvus = await connect("localhost:19530")
  const { collection_names } = await milvus.call("ShowCollections", {})
  return collection_names
}
`

=======
>>>>>>> 610c702 (Tests of the package in two files, with their programs in support)
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
  const others = files.filter((file) => !/^(src\/.*\.(ts|json)|proto\/[^/]*\.proto|proto\/README\.md)$/.test(file))
  // `deno publish` takes every README of a folder that it publishes.
  assertEquals(others.toSorted(), ["LICENSE", "README.md", "deno.json", "mod.ts", "src/workarounds/README.md"])
  assertEquals(files.filter((file) => /test/i.test(file) && !file.startsWith("src/testing/")), [])
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
})

test("the test servers work when they are imported over HTTP, as from JSR", async () => {
  await using milvus = await serve()
  await using jsr = await serveAsJsr()
  await using folder = await makeFolder({
    ...proxied(milvus.address),
    "deno.json": JSON.stringify({ imports: jsr.imports }),
  })
  const permissions = [`--allow-import=${new URL(jsr.origin).host}`, "--allow-net=127.0.0.1", "--allow-env=GRPC_*"]
  const text = await succeed(Deno.execPath(), ["run", "--quiet", ...permissions, "proxied.mjs"], { cwd: folder.path })
  assertStringIncludes(text, proxiedOutput)
})

test("the command line runs when it is imported over HTTP, as from JSR", async () => {
  await using milvus = await serve()
  await using jsr = await serveAsJsr()
  await using folder = await makeFolder()
  const run = (...words: ReadonlyArray<string>) =>
    execute(Deno.execPath(), ["run", "-A", "--quiet", "--no-config", `${jsr.origin}/src/cli/main.ts`, ...words], {
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
  await succeed(Deno.execPath(), ["check", `--allow-import=${new URL(jsr.origin).host}`, "types.ts"], {
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
