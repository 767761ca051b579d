import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import * as Exit from "effect/Exit"
import { type AliasError, type ConnectError, Connection, Connections } from "../mod.ts"
import { assertNothingOpen } from "./support/leaks.ts"
import { freePort } from "./support/listeners.ts"
import { failure, never, startServer } from "./support/server.ts"
import { eventually, openSockets, until } from "./support/sockets.ts"
import * as grpc from "@grpc/grpc-js"
import { test } from "./support/test.ts"

type Env = Readonly<Record<string, string>>

const inRegistry = <A, E>(
  effect: Effect.Effect<A, E, Connections.Connections>,
  { env = {}, ...options }: Connections.RegistryOptions & { readonly env?: Env } = {},
): Promise<A> =>
  Effect.runPromise(
    Effect.provide(effect, Connections.layer(options)).pipe(
      Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromEnv({ env: { ...env } })),
    ),
  )

const kindOf = (error: ConnectError | AliasError) => error._tag === "AliasError" ? error.kind : error._tag

const failing = <A, E extends ConnectError | AliasError, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.map(Effect.flip(effect), kindOf)

test("an unknown default alias without parameters connects to the address in the environment", async () => {
  await using server = await startServer()
  await inRegistry(
    Effect.gen(function* () {
      const connection = yield* Connections.connect()
      assertEquals([connection.alias, connection.config.address], ["default", server.address])
    }),
    { env: { MILVUS_URI: `http://${server.address}`, MILVUS_TOKEN: "tok" } },
  )
  assertEquals(server.calls[0]!.metadata.get("authorization"), [btoa("tok")])
  await assertNothingOpen(server)
})

test("an unknown default alias without parameters and environment connects to localhost:19530", async () => {
  await inRegistry(Effect.gen(function* () {
    // Whether a server listens there does not matter: the connection or its error has the address.
    const address = yield* Effect.match(Effect.timeout(Connections.connect({}), "2 seconds"), {
      onSuccess: (connection) => connection.config.address,
      onFailure: (error) => error._tag === "NotReady" ? error.address : "localhost:19530",
    })
    assertEquals(address, "localhost:19530")
  }))
})

test("an unknown alias without parameters is AliasError NotConfigured", async () => {
  await inRegistry(Effect.gen(function* () {
    const error = yield* Effect.flip(Connections.connect({ alias: "books" }))
    assert(error._tag === "AliasError")
    assertEquals([error.kind, error.alias], ["NotConfigured", "books"])
    assertEquals(yield* Connections.list, [])
  }))
})

test("an unknown alias with parameters is remembered once connected", async () => {
  await using server = await startServer()
  const { port } = server
  await inRegistry(Effect.gen(function* () {
    const connection = yield* Connections.connect({ alias: "books", host: "127.0.0.1", port: String(port) })
    assertEquals(connection.alias, "books")
    assertEquals(yield* Connections.list, [{ alias: "books", address: server.address, isConnected: true }])
    assertEquals(Option.map(yield* Connections.address("books"), ({ address }) => address), Option.some(server.address))
    assertEquals(yield* Connections.address("other"), Option.none())
  }))
  await assertNothingOpen(server)
})

test("a remembered alias without parameters uses the remembered ones", async () => {
  await using server = await startServer()
  await inRegistry(Effect.gen(function* () {
    yield* Connections.add("books", { address: server.address, database: "b" })
    assertEquals(yield* Connections.list, [{ alias: "books", address: server.address, isConnected: false }])
    assertEquals((yield* Connections.connect({ alias: "books" })).config.database, "b")
    yield* Connections.disconnect("books")
    assertEquals(yield* Connections.has("books"), false)
    assertEquals((yield* Connections.connect({ alias: "books", database: undefined })).config.database, "b")
  }))
})

test("a remembered alias with parameters has them replaced once connected", async () => {
  await using server = await startServer()
  await inRegistry(Effect.gen(function* () {
    yield* Connections.add("books", { address: server.address, database: "old" })
    yield* Connections.connect({ alias: "books", address: server.address, database: "new" })
    yield* Connections.disconnect("books")
    assertEquals((yield* Connections.connect({ alias: "books" })).config.database, "new")
  }))
})

test("a connected alias without parameters returns its connection at once", async () => {
  await using server = await startServer()
  await inRegistry(Effect.gen(function* () {
    const first = yield* Connections.connect(server.address)
    server.handlers.Connect = () => never
    for (const params of [undefined, {}, { alias: "default" }, { alias: undefined, host: undefined }]) {
      assertStrictEquals(yield* Connections.connect(params), first)
    }
    assertStrictEquals(yield* Connections.get(), first)
    assertEquals(server.count("Connect"), 1)
  }))
})

test("a connected alias with parameters returns its connection when equal, else is AliasError Conflict", async () => {
  await using server = await startServer()
  const { address, port } = server
  await inRegistry(Effect.gen(function* () {
    const token = Effect.succeed("t")
    const first = yield* Connections.connect({ address, token })
    assertStrictEquals(yield* Connections.connect({ host: "127.0.0.1", port, token, database: "default" }), first)
    for (const params of [{ address }, { address, token: Effect.succeed("t") }, { address, token, database: "x" }]) {
      assertEquals(yield* failing(Connections.connect(params)), "Conflict")
    }
    assertEquals(yield* failing(Connections.connect({ address, handler: "HTTP" })), "NotImplemented")
    assertEquals(server.count("Connect"), 1)
  }))
})

test("aliases are independent, and may be empty", async () => {
  await using server = await startServer()
  await inRegistry(Effect.gen(function* () {
    for (const alias of ["", "a", "default", "__proto__"]) {
      yield* Connections.connect({ alias, address: server.address })
    }
    yield* Connections.disconnect("a")
    const connected = (yield* Connections.list).filter(({ isConnected }) => isConnected).map(({ alias }) => alias)
    assertEquals(connected, ["", "default", "__proto__"])
    assertEquals(openSockets(server.port), 1)
  }))
})

test("an alias that is not a string is a ParamError", async () => {
  await inRegistry(Effect.gen(function* () {
    for (const alias of [5, null, {}]) {
      // deno-lint-ignore no-explicit-any -- a caller without types may pass this
      const error = yield* Effect.flip(Connections.connect({ alias } as any))
      assertEquals(error._tag === "ParamError" && error.parameter, "alias")
      // deno-lint-ignore no-explicit-any -- as above
      assertEquals((yield* Effect.flip(Connections.add(alias as any, "localhost")))._tag, "ParamError")
    }
  }))
})

test("add on a connected alias is a no-op when equal and AliasError Conflict when not", async () => {
  await using server = await startServer()
  await inRegistry(Effect.gen(function* () {
    yield* Connections.connect({ alias: "books", address: server.address })
    yield* Connections.add("books", `tcp://${server.address}`)
    assertEquals(yield* failing(Connections.add("books", "elsewhere:1")), "Conflict")
    assertEquals(yield* Connections.has("books"), true)
  }))
})

test("disconnect and remove of an unknown alias are no-ops; get of one is AliasError NotFound", async () => {
  await inRegistry(Effect.gen(function* () {
    yield* Connections.disconnect("nobody")
    yield* Connections.remove("nobody")
    assertEquals(yield* Connections.has("nobody"), false)
    assertEquals(yield* failing(Connections.get("nobody")), "NotFound")
    assertEquals(yield* failing(Connections.get()), "NotFound")
  }))
})

test("remove forgets the parameters that disconnect keeps", async () => {
  await using server = await startServer()
  await inRegistry(Effect.gen(function* () {
    yield* Connections.connect({ alias: "books", address: server.address })
    yield* Connections.remove("books")
    assertEquals(yield* Connections.list, [])
    assertEquals(yield* failing(Connections.connect({ alias: "books" })), "NotConfigured")
  }))
  await assertNothingOpen(server)
})

test("a failed connect leaves the registry as it was", async () => {
  await using server = await startServer()
  const refused = `127.0.0.1:${freePort()}`
  await inRegistry(Effect.gen(function* () {
    assertEquals(yield* failing(Connections.connect({ alias: "new", address: refused, retry: false })), "NotReady")
    assertEquals(yield* Connections.list, [])
    yield* Connections.add("old", server.address)
    assertEquals(yield* failing(Connections.connect({ alias: "old", address: refused, retry: false })), "NotReady")
    assertEquals(yield* Connections.list, [{ alias: "old", address: server.address, isConnected: false }])
  }))
})

test("concurrent connects of one alias open one connection, also if one that waits is interrupted", async () => {
  await using server = await startServer()
  await inRegistry(Effect.gen(function* () {
    const [first, ...others] = yield* Effect.forEach(
      Array.from({ length: 10 }),
      () => Effect.forkChild(Connections.connect({ alias: "books", address: server.address })),
    )
    yield* Fiber.interrupt(first!)
    const connections: Array<Connection.Connection> = []
    for (const fiber of others) connections.push(yield* Fiber.join(fiber))
    assertEquals(new Set(connections).size, 1)
    assert(server.count("CheckHealth") <= 2)
    assertEquals(openSockets(server.port), 1)
  }))
  await assertNothingOpen(server)
})

test("disconnect refuses new calls at once and lets calls in flight end", async () => {
  await using server = await startServer()
  let answer = () => {}
  server.handlers.GetVersion = () => new Promise((resolve) => answer = () => resolve({ status: {}, version: "late" }))
  await inRegistry(Effect.gen(function* () {
    const connection = yield* Connections.connect(server.address)
    const inFlight = yield* Effect.forkChild(connection.call("GetVersion", {}))
    yield* until(() => server.count("GetVersion") === 1)
    const disconnecting = yield* Effect.forkChild(Connections.disconnect())
    yield* Effect.yieldNow
    assertEquals(yield* Connections.has(), false)
    assertEquals((yield* Effect.flip(connection.call("GetVersion", {})))._tag, "ConnectionClosed")
    answer()
    assertEquals((yield* Fiber.join(inFlight)).version, "late")
    yield* Fiber.join(disconnecting)
  }))
  await assertNothingOpen(server)
})

test("closing the scope of a registry disconnects all, also what is being connected", async () => {
  await using server = await startServer()
  await using silent = await startServer({ handlers: { Connect: () => never } })
  const scope = Scope.makeUnsafe()
  const registry = await Effect.runPromise(Effect.provideService(Connections.make(), Scope.Scope, scope))
  for (const alias of ["a", "b", "c"]) {
    await Effect.runPromise(registry.connect({ alias, address: server.address }))
  }
  const connecting = Effect.runPromiseExit(registry.connect({ alias: "d", address: silent.address }))
  await eventually(() => silent.count("Connect") === 1)
  await Effect.runPromise(Scope.close(scope, Exit.void))
  assertEquals((await connecting)._tag, "Failure")
  await assertNothingOpen(server)
  await assertNothingOpen(silent)
})

test("an alias whose connection was drained connects anew", async () => {
  await using server = await startServer()
  await inRegistry(Effect.gen(function* () {
    const first = yield* Connections.connect(server.address)
    yield* Connection.drain(first)
    const second = yield* Connections.connect()
    assertEquals((yield* second.call("GetVersion", {})).version, "v2.6.2")
    assertEquals(openSockets(server.port), 1)
  }))
  await assertNothingOpen(server)
})

test("layer narrows the limit for its own aliases, exactly", async () => {
  await using server = await startServer()
  const { address } = server
  await inRegistry(
    Effect.gen(function* () {
      const exits = yield* Effect.forEach(
        [1, 2, 3, 4, 5],
        (i) => Effect.exit(Connections.connect({ alias: String(i), address })),
        { concurrency: "unbounded" },
      )
      assertEquals(exits.map(({ _tag }) => _tag), ["Success", "Success", "Success", "Failure", "Failure"])
      const error = yield* Effect.flip(Connections.connect({ alias: "4", address }))
      assert(error._tag === "ConnectionLimit")
      assertEquals([error.limit, error.open], [3, 3])
      assertMatch(error.message, /connection limit 3 reached/)
      yield* Connections.disconnect("1")
      yield* Connections.connect({ alias: "4", address })
      assertEquals(yield* failing(Connections.connect({ alias: "5", address })), "ConnectionLimit")
    }),
    { limit: 3 },
  )
})

test("a connect that fails releases its slot", async () => {
  await using server = await startServer({ handlers: { Connect: () => failure(grpc.status.UNAUTHENTICATED) } })
  await inRegistry(
    Effect.gen(function* () {
      for (let i = 0; i < 3; i++) assertEquals(yield* failing(Connections.connect(server.address)), "NotReady")
    }),
    { limit: 1 },
  )
})

test("layer remembers the connections that it is given, and refuses wrong ones", async () => {
  await using server = await startServer()
  const list = await inRegistry(
    Effect.andThen(Connections.connect({ alias: "a" }), Connections.list),
    { connections: { a: server.address, b: { host: "elsewhere" } } },
  )
  assertEquals(list, [
    { alias: "a", address: server.address, isConnected: true },
    { alias: "b", address: "elsewhere:19530", isConnected: false },
  ])
  for (const options of [{ limit: -1 }, { limit: 1.5 }, { limit: 65_537 }, { connections: { a: "" } }]) {
    const error = await Effect.runPromise(Effect.flip(Effect.scoped(Connections.make(options))))
    assertEquals(error._tag, "ParamError")
  }
  assertEquals(Connections.maxConnections, 65_536)
})

/** Names of properties that every object has, and other names that programs often treat specially. */
const oddAliases = ["constructor", "toString", "__proto__", "hasOwnProperty", "valueOf", "prototype", "", " ", "alias"]

test("rule 18: an alias may have any name", async () => {
  await using server = await startServer()
  const isAbsent = (alias: string) =>
    Effect.gen(function* () {
      assertEquals(yield* Connections.has(alias), false)
      assertEquals((yield* Effect.flip(Connections.get(alias))).kind, "NotFound")
      assertEquals(Option.isNone(yield* Connections.address(alias)), true)
    })
  const program = Effect.forEach(oddAliases, (alias) =>
    Effect.gen(function* () {
      yield* isAbsent(alias)
      assertEquals(yield* failing(Connections.connect({ alias })), "NotConfigured")
      const { alias: known } = yield* Connections.connect({ alias, address: server.address })
      assertEquals([known, (yield* Connections.get(alias)).alias], [alias, alias])
      assertEquals((yield* Connections.list).map(({ alias }) => alias), [alias])
      yield* Connections.remove(alias)
      yield* isAbsent(alias)
    }))
  await inRegistry(program)
  // As JSON.parse returns it: an own property.
  const connections = JSON.parse(`{"__proto__":"elsewhere:1","constructor":"elsewhere:2"}`)
  const list = await inRegistry(Connections.list, { connections })
  assertEquals(list.map(({ alias, address }) => [alias, address]), [
    ["__proto__", "elsewhere:1"],
    ["constructor", "elsewhere:2"],
  ])
})

test("rule 7: options of a registry are checked, unknown ones and their values", async () => {
  const wrong: ReadonlyArray<readonly [unknown, parameter: string]> = [
    ...[NaN, -1, 1.5, Infinity, 65_537, "3", null].map((limit) => [{ limit }, "limit"] as const),
    [{ limitt: 3 }, "limitt"],
    [{ connections: "a" }, "connections"],
    [{ connections: [] }, "connections"],
    [3, "options"],
    [null, "options"],
  ]
  for (const [options, parameter] of wrong) {
    const error = await Effect.runPromise(Effect.flip(Effect.scoped(Connections.make(options as object))))
    assert(error._tag === "ParamError", String(options))
    assertEquals(error.parameter, parameter)
    assertMatch(error.message, /: expected \S/)
  }
})
