/** Embedded servers, tested with the real ones. Leftover processes are found in /proc, so the tests run on Linux. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Connection from "../src/Connection.ts"
import * as Embedded from "../src/Embedded.ts"
import { certificates } from "./support/certificates.ts"
import { fails, run, runExit } from "./support/effects.ts"
import { fakeMilvus } from "./support/embedded_fake.ts"
import { deafListener, freePort } from "./support/listeners.ts"
import { pythonWith } from "./support/python.ts"
import { eventually, until } from "./support/sockets.ts"
import { test } from "./support/test.ts"

const lite = await pythonWith("milvus-lite")
const full = await pythonWith("milvus")
const withoutServer = await pythonWith("pymilvus")

test("start returns a ready server, and nothing of it remains when the scope closes", async () => {
  const server = await run(Effect.gen(function* () {
    const server = yield* Embedded.start({ python: lite })
    const { version } = yield* Effect.scoped(Effect.map(Connection.connect(server.address), ({ server }) => server))
    assertStringIncludes(version, "3.2.2")
    assertEquals([server.host, server.engine, server.version], ["127.0.0.1", "milvus-lite", "3.2.2"])
    assertEquals(server.address, `127.0.0.1:${server.port}`)
    assert(isRunning(server.pid) && exists(server.log) && exists(server.dataDirectory))
    assertEquals(descendants().length, 2, "the supervisor and the server")
    return server
  }))
  assertNothingLeft(server)
})

test("start leaves nothing behind when the scope fails, dies, or is interrupted", async () => {
  for (const end of [Effect.fail("failure"), Effect.die("defect"), Effect.interrupt]) {
    let started: Embedded.Embedded | undefined
    const exit = await runExit(Effect.gen(function* () {
      started = yield* Embedded.start({ python: lite })
      return yield* end
    }))
    assert(Exit.isFailure(exit) && started !== undefined)
    assertNothingLeft(started)
  }
})

test("start leaves nothing behind when it is interrupted at any moment", async () => {
  const folder = await Deno.makeTempDir({ prefix: "embedded-test-" })
  await Deno.mkdir(`${folder}/tmp`)
  await withVariables({ TMPDIR: `${folder}/tmp` }, async () => {
    for (const moment of [0, 5, 20, 50, 90, 140, 250, 500, 900, 1_300]) {
      const fiber = Effect.runFork(Effect.scoped(Embedded.start({ python: lite, dataDirectory: `${folder}/data` })))
      // Any moment of the start is to be interrupted.
      await new Promise((resolve) => setTimeout(resolve, moment + Math.random() * 20))
      await Effect.runPromise(Fiber.interrupt(fiber))
      assertEquals(descendants(), [], `interrupted after ${moment} ms`)
      assertEquals(processesOf(folder), [], `interrupted after ${moment} ms`)
      assertEquals(entries(`${folder}/tmp`), [], `interrupted after ${moment} ms`)
    }
  })
  await Deno.remove(folder, { recursive: true })
})

for (const signal of ["SIGINT", "SIGTERM", "SIGKILL"] as const) {
  test(`a server stops and its temporary folder is removed when its parent dies by ${signal}`, async () => {
    const script = new URL("support/embedded_parent.ts", import.meta.url).pathname
    const parent = new Deno.Command(Deno.execPath(), { args: ["run", "-A", script, lite], stdout: "piped" }).spawn()
    const { pid, log, bystander } = JSON.parse(await firstLine(parent.stdout))
    try {
      assert(isRunning(pid) && exists(log))
      parent.kill(signal)
      await parent.status
      await eventually(() => !isRunning(pid) && !exists(parentFolder(log)), { timeout: 6_000 })
      // The supervisor ends after it has removed the folder.
      await eventually(() => assertEquals(processesOf(parentFolder(log)), []))
      assert(isRunning(bystander), "the death of the parent closes the pipe, not the end of another process")
    } finally {
      Deno.kill(bystander, "SIGKILL")
    }
  })
}

test("a server stops when its supervisor is killed, and the scope still closes", async () => {
  await run(Effect.gen(function* () {
    const { pid } = yield* Embedded.start({ python: lite })
    yield* Effect.promise(async () => {
      Deno.kill(parentOf(pid), "SIGKILL")
      await eventually(() => !isRunning(pid))
    })
  }))
  assertEquals(descendants(), [])
})

test("a server that ignores SIGTERM is killed with its children, within the bound", async () => {
  await withFakeMilvus(0, async (options) => {
    let closing = 0
    await run(Effect.gen(function* () {
      const { pid } = yield* Embedded.start(options)
      yield* until(() => descendants().some(isStubborn))
      assert(isRunning(pid))
      closing = performance.now()
    }))
    const took = performance.now() - closing
    assert(took > 4_000 && took < 6_500, `${took} ms`)
    assertEquals(descendants(), [])
    assertEquals(allProcesses().filter(isStubborn), [])
  })
})

test("start chooses other ports, twice, when one was taken meanwhile", async () => {
  await withFakeMilvus(2, async (options) => {
    await run(Effect.gen(function* () {
      const { pid, log } = yield* Embedded.start(options)
      assert(isRunning(pid) && exists(log))
      Deno.kill(pid, "SIGKILL")
    }))
    assertEquals(descendants(), [])
  })
  await withFakeMilvus(3, async (options) => {
    const error = await fails(Embedded.start(options))
    assert(error._tag === "EmbeddedError" && error.kind === "PortTaken" && error.isRetryable)
    assertStringIncludes(error.log ?? "", "address already in use")
  })
})

test("data persists in dataDirectory over two starts", async () => {
  const dataDirectory = await Deno.makeTempDir({ prefix: "embedded-test-" })
  const scope = Embedded.layer({ python: lite, dataDirectory })
  await Effect.runPromise(Effect.provide(call("CreateDatabase", { db_name: "kept" }), scope))
  const { db_names } = await Effect.runPromise(Effect.provide(call("ListDatabases", {}), scope))
  assert(db_names.includes("kept"))
  await Deno.remove(dataDirectory, { recursive: true })
})

test("start uses the requested port, and fails with a typed error when it is taken", async () => {
  await using taken = await deafListener()
  const error = await fails(Embedded.start({ python: lite, port: taken.port }))
  assert(error._tag === "EmbeddedError" && error.kind === "PortTaken")
  assertStringIncludes(error.message, `${taken.port}`)
  const port = freePort()
  await run(Effect.gen(function* () {
    assertEquals((yield* Embedded.start({ python: lite, port })).port, port)
    // gRPC shares ports by default.
    const second = yield* Effect.flip(Effect.scoped(Embedded.start({ python: lite, port: `${port}` })))
    assert(second._tag === "EmbeddedError" && second.kind === "PortTaken")
  }))
})

test("start fails with a typed error when the data directory is in use or cannot be created", async () => {
  const dataDirectory = await Deno.makeTempDir({ prefix: "embedded-test-" })
  await run(Effect.gen(function* () {
    yield* Embedded.start({ python: lite, dataDirectory })
    const error = yield* Effect.flip(Effect.scoped(Embedded.start({ python: lite, dataDirectory })))
    assert(error._tag === "EmbeddedError" && error.kind === "DataDirectory")
    assertStringIncludes(error.message, `another server is using ${dataDirectory}`)
  }))
  await Deno.writeTextFile(`${dataDirectory}/file`, "")
  await Deno.mkdir(`${dataDirectory}/tmp`)
  await withVariables({ TMPDIR: `${dataDirectory}/tmp` }, async () => {
    const error = await fails(Embedded.start({ python: lite, dataDirectory: `${dataDirectory}/file` }))
    assert(error._tag === "EmbeddedError" && error.kind === "DataDirectory")
    assertEquals(entries(`${dataDirectory}/tmp`), [])
  })
  await Deno.remove(dataDirectory, { recursive: true })
})

test("start fails with a command to run when no Python is found, or none with the package", async () => {
  const noPython = await fails(Embedded.start({ python: "/nowhere/python" }))
  assert(noPython._tag === "EmbeddedError" && noPython.kind === "PythonNotFound")
  assertStringIncludes(noPython.message, "/nowhere/python does not run")
  const noPackage = await fails(Embedded.start({ python: withoutServer }))
  assert(noPackage._tag === "EmbeddedError" && noPackage.kind === "PackageNotFound")
  assertEquals(noPackage.command, `${withoutServer} -m pip install "milvus-lite==3.2.2" "pymilvus==3.0.2"`)
  assertStringIncludes(noPackage.message, "lacks milvus-lite")
  assertStringIncludes(noPackage.message, "install: true")
  assertEquals(noPackage.message.split("\n").length, 1)
})

test("start finds a Python by MILVUS_PYTHON, on the PATH, and in VIRTUAL_ENV", async () => {
  const environment = lite.replace("/bin/python", "")
  const cache = await Deno.makeTempDir({ prefix: "embedded-test-" })
  const empty = {
    XDG_CACHE_HOME: cache,
    MILVUS_PYTHON: "",
    VIRTUAL_ENV: "",
    PATH: withoutServer.replace("/python", ""),
  }
  for (
    const variables of [
      { ...empty, MILVUS_PYTHON: lite },
      { ...empty, PATH: `${environment}/bin` },
      { ...empty, VIRTUAL_ENV: environment },
    ]
  ) {
    await withVariables(variables, () => run(Embedded.start()))
  }
  await withVariables(empty, async () => {
    const error = await fails(Embedded.start())
    assert(error._tag === "EmbeddedError" && error.kind === "PackageNotFound")
  })
  await Deno.remove(cache, { recursive: true })
})

test("start fails with the end of the log when the server exits, and when it is not ready in time", async () => {
  const folder = await Deno.makeTempDir({ prefix: "embedded-test-" })
  await Deno.writeTextFile(`${folder}/milvus_lite.py`, "raise RuntimeError('broken package')")
  await withVariables({ PYTHONPATH: folder }, async () => {
    const error = await fails(Embedded.start({ python: lite }))
    assert(error._tag === "EmbeddedError" && error.kind === "StartFailed" && !error.isRetryable)
    assertStringIncludes(error.log ?? "", "broken package")
    assertMatch(error.message, /exited with code 1 .*its log ends with: RuntimeError: broken package$/)
  })
  await Deno.remove(folder, { recursive: true })
  const late = await fails(Embedded.start({ python: lite, startTimeout: "200 millis" }))
  assert(late._tag === "EmbeddedError" && late.kind === "StartTimeout" && late.isRetryable)
  assertEquals(descendants(), [])
})

test("invalid options fail with a ParamError that names them, before anything is started", async () => {
  const tls = { certificate: certificates().server.certificate, key: certificates().server.key }
  const cases: ReadonlyArray<readonly [unknown, string]> = [
    [{ engin: "milvus" }, "engin"],
    [{ engine: "Milvus" }, "engine"],
    [{ port: 0 }, "port"],
    [{ port: 65_536 }, "port"],
    [{ port: null }, "port"],
    [{ dataDirectory: "" }, "dataDirectory"],
    [{ python: 3 }, "python"],
    [{ install: "yes" }, "install"],
    [{ startTimeout: "soon" }, "startTimeout"],
    [{ startTimeout: -1 }, "startTimeout"],
    [{ authorization: true }, "authorization"],
    [{ tls }, "tls"],
    [{ engine: "milvus", tls: {} }, "tls.certificate"],
    [{ engine: "milvus", tls: { certificate: tls.certificate } }, "tls.key"],
    [{ engine: "milvus", tls: { ...tls, key: "/path/to/key" } }, "tls.key"],
    [{ engine: "milvus", tls: { ...tls, verify: false } }, "tls.verify"],
    [{ engine: "milvus", tls: { ...tls, client: tls } }, "tls.ca"],
    [{ engine: "milvus", tls: { ...tls, ca: certificates().ca, client: { key: tls.key } } }, "tls.client.certificate"],
    [null, "options"],
    ["./demo.db", "options"],
    [
      new Proxy({}, {
        ownKeys: () => {
          throw new Error("no")
        },
      }),
      "options",
    ],
  ]
  for (const [options, parameter] of cases) {
    const error = await fails(Embedded.start(options as Embedded.StartOptions))
    assertEquals(error._tag === "ParamError" ? error.parameter : error, parameter)
  }
  for (const name of ["address", "uri", "host"]) {
    const error = await fails(Layer.build(Embedded.layer({ python: lite, [name]: "localhost" })))
    assertEquals(error._tag === "ParamError" ? error.parameter : error, name)
  }
  for (const path of ["", "http://localhost:19530", 3]) {
    const error = await fails(Embedded.connect(path as string))
    assertEquals(error._tag === "ParamError" ? error.parameter : error, "path")
  }
  assertEquals((await fails(Embedded.connect("./x.db", { pool: "Pond" })))._tag, "ParamError")
  assertEquals((await fails(Embedded.connect("./x.db", { handler: "HTTP" })))._tag, "NotImplemented")
  assert(!exists("./x.db"))
})

test("connect reads data that pymilvus wrote to a path, and pymilvus reads data that it wrote", async () => {
  const folder = await Deno.makeTempDir({ prefix: "embedded-test-" })
  const path = `${folder}/demo.db`
  await python(
    `client.create_collection("theirs", dimension=2); client.insert("theirs", [{"id": 7, "vector": [1, 2]}])`,
  )
  await run(Effect.gen(function* () {
    const connection = yield* Embedded.connect(path, { python: lite })
    const { collection_names } = yield* connection.call("ShowCollections", {})
    assertEquals(collection_names, ["theirs"])
    const { stats } = yield* connection.call("GetCollectionStatistics", { collection_name: "theirs" })
    assertEquals(stats, [{ key: "row_count", value: "1" }])
    yield* connection.call("CreateDatabase", { db_name: "ours" })
    yield* connection.call("CreateAlias", { collection_name: "theirs", alias: "named_here" })
  }))
  const output = await python(
    `client.load_collection("theirs"); print(client.list_databases(), client.query("named_here", ids=[7], output_fields=["id"]))`,
  )
  assertStringIncludes(output, "ours")
  assertStringIncludes(output, "'id': 7")
  await Deno.remove(folder, { recursive: true })

  async function python(code: string): Promise<string> {
    const program = `from pymilvus import MilvusClient\nclient = MilvusClient(${JSON.stringify(path)})\n${code}`
    const { success, stdout, stderr } = await new Deno.Command(lite, { args: ["-c", program] }).output()
    assert(success, new TextDecoder().decode(stderr))
    return new TextDecoder().decode(stdout)
  }
})

test("connections to one path share one server, which stops with the last of them", async () => {
  const folder = await Deno.makeTempDir({ prefix: "embedded-test-" })
  const connect = (path: string) => Embedded.connect(path, { python: lite })
  await run(Effect.gen(function* () {
    const [first, second] = yield* Effect.all([
      connect(`${folder}/demo.db`),
      connect(`${folder}/../${folder.split("/").at(-1)}/demo.db`),
    ], {
      concurrency: 2,
    })
    assertEquals(first.config.address, second.config.address)
    assertEquals(descendants().length, 2)
    const other = yield* Effect.scoped(Effect.map(connect(`${folder}/other.db`), ({ config }) => config.address))
    assert(other !== first.config.address)
    // Closing one connection does not close the other.
    yield* Effect.scoped(connect(`${folder}/demo.db`))
    yield* second.call("ListDatabases", {})
  }))
  assertEquals(descendants(), [])
  await Deno.remove(folder, { recursive: true })
})

test("connect leaves no server behind when it fails, and can be retried in the same scope", async () => {
  const folder = await Deno.makeTempDir({ prefix: "embedded-test-" })
  await run(Effect.gen(function* () {
    const error = yield* Effect.flip(Embedded.connect(`${folder}/demo.db`, { python: lite, startTimeout: "50 millis" }))
    assert(error._tag === "EmbeddedError" && error.kind === "StartTimeout")
    assertEquals(descendants(), [])
    yield* Embedded.connect(`${folder}/demo.db`, { python: lite })
  }))
  assertEquals(descendants(), [])
  await Deno.remove(folder, { recursive: true })
})

test("install creates one private environment for concurrent callers, which is found afterwards", async () => {
  const cache = await Deno.makeTempDir({ prefix: "embedded-test-" })
  const variables = {
    XDG_CACHE_HOME: cache,
    MILVUS_PYTHON: "",
    VIRTUAL_ENV: "",
    PATH: withoutServer.replace("/python", ""),
  }
  await withVariables(variables, async () => {
    // An interrupted installation leaves no environment that counts as complete.
    const fiber = Effect.runFork(Effect.scoped(Embedded.start({ install: true })))
    await eventually(() => exists(`${cache}/effect-milvus/milvus-lite-3.2.2`), { timeout: 20_000 })
    await Effect.runPromise(Fiber.interrupt(fiber))
    assertEquals(descendants(), [])
    assertEquals((await fails(Embedded.start()))._tag, "EmbeddedError")

    const both = [Embedded.start({ install: true }), Embedded.start({ install: true })]
    const servers = await run(Effect.all(both, { concurrency: 2 }))
    assertEquals(servers.map(({ version }) => version), ["3.2.2", "3.2.2"])
    assert(exists(`${cache}/effect-milvus/milvus-lite-3.2.2/.complete`))
    await run(Embedded.start())
  })
  assertEquals(descendants(), [])
  await Deno.remove(cache, { recursive: true })
})

test("install fails with a typed error that has the end of the output of pip", async () => {
  const cache = await Deno.makeTempDir({ prefix: "embedded-test-" })
  await withVariables({ XDG_CACHE_HOME: cache, PIP_NO_INDEX: "1" }, async () => {
    const error = await fails(Embedded.start({ python: withoutServer, install: true }))
    assert(error._tag === "EmbeddedError" && error.kind === "InstallFailed")
    assertStringIncludes(error.log ?? "", "No matching distribution found for milvus-lite==3.2.2")
  })
  await Deno.remove(cache, { recursive: true })
})

test("milvus runs with authorization and one-way TLS, and keeps its data", async () => {
  await withMilvus(async (dataDirectory) => {
    const { server } = certificates()
    const options = { engine: "milvus", python: full, authorization: true, dataDirectory, tls: server } as const
    await Effect.runPromise(Effect.provide(call("CreateDatabase", { db_name: "kept" }), Embedded.layer(options)))
    await run(Effect.gen(function* () {
      const { address, log } = yield* Embedded.start(options)
      assert(entries(parentFolder(log)).includes("server.key"))
      assertEquals(JSON.parse(Deno.readTextFileSync(`${dataDirectory}/.ports`)).length, 11)
      assertEquals(Deno.statSync(`${parentFolder(log)}/server.key`).mode! & 0o777, 0o600)
      const tls = { ca: certificates().ca }
      const refused = yield* Effect.flip(Effect.scoped(Connection.connect({ address, tls })))
      assert(refused._tag === "NotReady" && refused.kind === "Unauthenticated")
      // The server is ready, so the first handshake succeeds without a retry.
      const root = { address, tls, user: "root", password: "Milvus", retry: false }
      const connection = yield* Connection.connect(root)
      assert((yield* connection.call("ListDatabases", {})).db_names.includes("kept"))
    }))
    assertEquals(descendants(), [])
  })
})

test("milvus runs with mutual TLS, and layer uses the client certificate", async () => {
  await withMilvus(async (dataDirectory) => {
    const { ca, server, client } = certificates()
    const options = { engine: "milvus", python: full, dataDirectory } as const
    const layer = Embedded.layer({ ...options, tls: { ...server, ca, client } })
    await Effect.runPromise(Effect.provide(call("ListDatabases", {}), layer))
    await run(Effect.gen(function* () {
      const { address } = yield* Embedded.start({ ...options, tls: { ...server, ca } })
      const refused = yield* Effect.flip(Effect.scoped(Connection.connect({ address, tls: { ca }, retry: false })))
      assertEquals(refused._tag, "NotReady")
      yield* Connection.connect({ address, tls: { ca, ...client } })
    }))
    const error = await fails(Layer.build(Embedded.layer({ ...options, tls: { ...server, ca } })))
    assertEquals(error._tag === "ParamError" ? error.parameter : error, "tls.client")
  })
})

const call: <M extends keyof Connection.Methods>(
  method: M,
  request: Connection.Methods[M]["request"],
) => Effect.Effect<Connection.Methods[M]["response"], unknown, Connection.Connection> = (method, request) =>
  Effect.flatMap(Connection.Connection, (connection) => connection.call(method, request))

/** Runs with a data directory, and with the server unpacked into the cache of the tests. */
async function withMilvus(use: (dataDirectory: string) => Promise<void>): Promise<void> {
  const dataDirectory = await Deno.makeTempDir({ prefix: "embedded-test-" })
  await withVariables({ XDG_CACHE_HOME: full.replace(/\/[^/]+\/bin\/python$/, "") }, () => use(dataDirectory))
  await Deno.remove(dataDirectory, { recursive: true })
}

async function withFakeMilvus(
  collisions: number,
  use: (options: Embedded.StartOptions) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "embedded-test-" })
  await fakeMilvus(folder, collisions)
  const variables = { PYTHONPATH: folder, XDG_CACHE_HOME: folder }
  await withVariables(variables, () => use({ engine: "milvus", python: withoutServer }))
  await Deno.remove(folder, { recursive: true })
}

async function withVariables<A>(variables: Readonly<Record<string, string>>, use: () => Promise<A>): Promise<A> {
  const before = Object.keys(variables).map((name) => [name, Deno.env.get(name)] as const)
  Object.entries(variables).forEach(([name, value]) => Deno.env.set(name, value))
  try {
    return await use()
  } finally {
    before.forEach(([name, value]) => value === undefined ? Deno.env.delete(name) : Deno.env.set(name, value))
  }
}

function assertNothingLeft({ pid, port, log, dataDirectory }: Embedded.Embedded): void {
  assertEquals(descendants(), [])
  assert(!isRunning(pid), "the server runs")
  assert(!exists(parentFolder(log)) && !exists(dataDirectory), "the temporary folder is there")
  Deno.listen({ hostname: "127.0.0.1", port }).close()
}

const isStubborn = (pid: number) => commandLine(pid).includes("987654")

const parentFolder = (path: string) => path.slice(0, path.lastIndexOf("/"))

const entries = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name)

const processesOf = (text: string) => allProcesses().filter((pid) => commandLine(pid).includes(text))

const allProcesses = () => [...Deno.readDirSync("/proc")].map(({ name }) => Number(name)).filter((pid) => pid > 0)

/** Returns the running processes that this one started, directly or indirectly. */
function descendants(of: number = Deno.pid): ReadonlyArray<number> {
  return allProcesses().filter((pid) => isRunning(pid) && parentOf(pid) === of)
    .flatMap((pid) => [pid, ...descendants(pid)])
}

/** A zombie, which only waits to be reaped, does not count as running. */
const isRunning = (pid: number) => !["", "Z", "X"].includes(statOf(pid)[0] ?? "")
const parentOf = (pid: number) => Number(statOf(pid)[1])

/** Returns the fields after the name, which is in parentheses and may contain anything. */
const statOf = (pid: number) => readIfThere(`/proc/${pid}/stat`).replace(/^.*\) /s, "").split(" ")
const commandLine = (pid: number) => readIfThere(`/proc/${pid}/cmdline`)

function readIfThere(path: string): string {
  try {
    return Deno.readTextFileSync(path)
  } catch {
    return ""
  }
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path)
    return true
  } catch {
    return false
  }
}

async function firstLine(stream: ReadableStream<Uint8Array>): Promise<string> {
  let text = ""
  for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
    text += chunk
    if (text.includes("\n")) break
  }
  return text.slice(0, text.indexOf("\n"))
}
