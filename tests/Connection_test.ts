import * as grpc from "@grpc/grpc-js"
import { assert, assertEquals, assertInstanceOf, assertLess, assertMatch } from "@std/assert"
import * as Cause from "effect/Cause"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { Connection, type NotReady, type NotReadyKind } from "../mod.ts"
import { openConnections } from "../src/connection/limit.ts"
import { certificates } from "./support/certificates.ts"
import { fails, run } from "./support/effects.ts"
import { assertNothingOpen } from "./support/leaks.ts"
import { closingListener, deafListener, freePort, garbageListener } from "./support/listeners.ts"
import { failure, type Handlers, never, startServer, success } from "./support/server.ts"
import { eventually, openSockets } from "./support/sockets.ts"

const sanitized = { sanitizeOps: true, sanitizeResources: true }
const test = (name: string, fn: () => Promise<void>) => Deno.test({ name, ...sanitized, fn })

const notReady = async (params: Parameters<typeof Connection.connect>[0]): Promise<NotReady> => {
  const error = await fails(Connection.connect(params))
  assert(error._tag === "NotReady", `${error._tag}: ${error.message}`)
  return error
}

test("connect opens a connection that a scope closes, and leaves nothing open", async () => {
  await using server = await startServer()
  await run(Effect.gen(function* () {
    const connection = yield* Connection.connect(server.address)
    assertEquals(connection.server, {
      version: "v2.6.2",
      identifier: 1n,
      buildTags: "v2.6.2",
      deployMode: "STANDALONE",
    })
    assertEquals(connection.config.address, server.address)
    assertEquals(connection.alias, undefined)
    assertEquals(yield* connection.state, "Ready")
    assertEquals((yield* connection.call("GetVersion", {})).version, "v2.6.2")
    assertEquals(openSockets(server.port), 1)
  }))
  await assertNothingOpen(server)
  assertEquals(server.calls.map(({ method }) => method), ["Connect", "CheckHealth", "GetVersion"])
})

for (
  const [name, params] of [
    ["host and port", (port: number) => ({ host: "127.0.0.1", port })],
    ["host and port as text", (port: number) => ({ host: "127.0.0.1", port: String(port) })],
    ["a URI", (port: number) => ({ uri: `http://127.0.0.1:${port}` })],
    ["a URI with tcp", (port: number) => `tcp://127.0.0.1:${port}`],
    ["a name", (port: number) => `localhost:${port}`],
  ] as const
) {
  test(`connect reaches a server by ${name}`, async () => {
    await using server = await startServer()
    await run(Connection.connect(params(server.port)))
    assertEquals(server.count("CheckHealth"), 1)
  })
}

test("connect reaches a server by an IPv6 address", async () => {
  await using server = await startServer({ host: "::1" })
  await run(Connection.connect(server.address))
  await run(Connection.connect({ host: "::1", port: server.port }))
  assertEquals(server.count("Connect"), 2)
})

test("connect reaches a server by a unix socket", async () => {
  const folder = await Deno.makeTempDir()
  try {
    await using server = await startServer({ host: `unix:${folder}/milvus.sock` })
    await run(Connection.connect(`unix://${folder}/milvus.sock`))
    assertEquals(server.count("Connect"), 1)
  } finally {
    await Deno.remove(folder, { recursive: true })
  }
})

test("connect says who it is, and sends credentials, database and identifier with each call", async () => {
  await using server = await startServer()
  const params = { address: server.address, user: "ann", password: Redacted.make("pa:ss"), database: "books" }
  await run(Effect.flatMap(Connection.connect(params), (connection) => connection.call("GetVersion", {})))
  const [connect, , version] = server.calls
  const { client_info } = connect!.request as { client_info: { sdk_type: string; user: string } }
  assertEquals([client_info.sdk_type, client_info.user], ["effect-milvus", "ann"])
  assertEquals(connect!.metadata.get("authorization"), [btoa("ann:pa:ss")])
  assertEquals(version!.metadata.get("authorization"), [btoa("ann:pa:ss")])
  assertEquals(version!.metadata.get("dbname"), ["books"])
  assertEquals(version!.metadata.get("identifier"), ["1"])
})

test("a token Effect is asked again at each use", async () => {
  await using server = await startServer()
  let asked = 0
  const token = Effect.sync(() => Redacted.make(`token ${++asked}`))
  await run(Effect.gen(function* () {
    const connection = yield* Connection.connect({ address: server.address, token })
    yield* connection.call("GetVersion", {})
    yield* connection.call("GetVersion", {})
  }))
  const sent = server.calls.map(({ metadata }) => atob(String(metadata.get("authorization")[0])))
  assertEquals(sent, ["token 1", "token 2", "token 3", "token 4"])
})

test("a token Effect that fails counts as UNAUTHENTICATED with its error as the cause", async () => {
  await using server = await startServer()
  let isBroken = true
  const token = Effect.suspend(() => isBroken ? Effect.fail("vault is sealed") : Effect.succeed("token"))
  const refused = await notReady({ address: server.address, token })
  assertEquals(refused.kind, "Unauthenticated")
  isBroken = false
  const error = await fails(Effect.gen(function* () {
    const connection = yield* Connection.connect({ address: server.address, token })
    isBroken = true
    yield* connection.call("GetVersion", {})
  }))
  assert(error._tag === "RpcError")
  assertEquals([error.code, error.cause], ["UNAUTHENTICATED", "vault is sealed"])
})

const handshakes: ReadonlyArray<
  readonly [string, NotReadyKind, Handlers, { readonly retry?: boolean; readonly reason: RegExp }]
> = [
  ["CheckHealth says no", "Unhealthy", {
    CheckHealth: () => ({ status: success, isHealthy: false, reasons: ["rootcoord down", "querynode down"] }),
  }, { reason: /rootcoord down; querynode down/ }],
  ["CheckHealth fails in Milvus", "Unhealthy", {
    CheckHealth: () => ({ status: { error_code: "UnexpectedError", code: 65535, reason: "boom" } }),
  }, { reason: /boom/ }],
  ["Connect says that it is not ready yet", "Unhealthy", {
    Connect: () => ({ status: { error_code: "NotReadyServe", code: 1, reason: "service not ready" } }),
  }, { reason: /service not ready/ }],
  ["Connect rejects the database", "Rejected", {
    Connect: () => ({ status: { error_code: "UnexpectedError", code: 800, reason: "database not found" } }),
  }, { retry: true, reason: /database not found/ }],
  ["credentials are refused", "Unauthenticated", {
    Connect: () => failure(grpc.status.UNAUTHENTICATED, "auth check failure"),
  }, { retry: true, reason: /auth check failure/ }],
  ["nothing of Milvus is offered", "Incompatible", {
    Connect: () => failure(grpc.status.UNIMPLEMENTED),
    GetVersion: () => failure(grpc.status.UNIMPLEMENTED),
  }, { retry: true, reason: /told to fail/ }],
  ["Connect is never answered", "Timeout", { Connect: () => never }, { retry: true, reason: /Deadline exceeded/ }],
]

for (const [when, kind, handlers, { retry = false, reason }] of handshakes) {
  test(`connect fails with NotReady ${kind} when ${when}`, async () => {
    await using server = await startServer({ handlers })
    const connectTimeout = kind === "Timeout" ? 400 : 5000
    const error = await notReady({ address: server.address, retry, connectTimeout })
    assertEquals(error.kind, kind)
    assertEquals(error.address, server.address)
    assertEquals(error.attempts, 1)
    assertMatch(error.message, reason)
    await assertNothingOpen(server)
  })
}

test("connect fails with NotReady Unreachable in no time when the port is refused", async () => {
  const port = freePort()
  await notReady({ address: `127.0.0.1:${freePort()}`, retry: false })
  const error = await notReady({ address: `127.0.0.1:${port}`, retry: false })
  assertEquals([error.kind, error.attempts], ["Unreachable", 1])
  assertMatch(error.message, /ECONNREFUSED/)
  await assertNothingOpen({ address: error.address, port })
})

test("connect fails with NotReady Unreachable when the name does not resolve", async () => {
  const error = await notReady({ host: "does-not-exist.invalid", retry: false })
  assertEquals(error.kind, "Unreachable")
  assertMatch(error.message, /Name resolution failed/)
})

test("connect fails with NotReady Unreachable when the peer closes at once", async () => {
  await using listener = await closingListener()
  assertEquals((await notReady({ address: listener.address, retry: false })).kind, "Unreachable")
})

test("connect fails with NotReady Timeout, and leaves no socket, when the peer accepts and never speaks", async () => {
  await using listener = await deafListener()
  const error = await notReady({ address: listener.address, retry: false })
  assertEquals(error.kind, "Timeout")
  assertLess(Duration.toMillis(error.elapsed), 3000)
  await assertNothingOpen(listener)
})

test("connect replaces a channel that is stuck, and connects once the peer speaks", async () => {
  const port = freePort()
  const listener = await deafListener({ port })
  const connecting = run(Effect.map(Connection.connect(`127.0.0.1:${port}`), (connection) => connection.server.version))
  await eventually(() => listener.accepted > 0)
  await listener[Symbol.asyncDispose]()
  await using _server = await startServer({ port })
  assertEquals(await connecting, "v2.6.2")
})

for (const answer of ["http", "random"] as const) {
  test(`connect fails with NotReady Incompatible when the peer speaks ${answer}`, async () => {
    await using listener = await garbageListener({ answer })
    assertEquals((await notReady({ address: listener.address, retry: false })).kind, "Incompatible")
    await assertNothingOpen(listener)
  })
}

test("connect tells a server of HTTP/2 that is no Milvus", async () => {
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, () => new Response("", { status: 404 }))
  const error = await notReady({ address: `127.0.0.1:${server.addr.port}`, retry: false })
  assertEquals(error.kind, "Incompatible")
  await server.shutdown()
})

test("connect gives the kind of the last attempt that failed for a reason of its own", async () => {
  await using server = await startServer({ handlers: { CheckHealth: () => failure(grpc.status.UNAVAILABLE, "busy") } })
  let attempts = 0
  server.handlers.Connect = () => ++attempts === 1 ? failure(grpc.status.UNAVAILABLE, "busy") : never
  const error = await notReady({ address: server.address, connectTimeout: 500 })
  assertEquals([error.kind, error.attempts], ["Unreachable", 2])
  assertMatch(error.message, /busy/)
})

test("connect tries again what passes with time", async () => {
  await using server = await startServer()
  let checks = 0
  server.handlers.CheckHealth = () => ({ status: success, isHealthy: ++checks > 3, reasons: ["starting"] })
  await run(Connection.connect(server.address))
  assertEquals(checks, 4)
})

test("connect takes no more attempts than retry.times says", async () => {
  await using server = await startServer({
    handlers: { CheckHealth: () => ({ status: success, isHealthy: false, reasons: ["no"] }) },
  })
  const error = await notReady({ address: server.address, retry: { times: 2, delay: 1 } })
  assertEquals(error.attempts, 3)
})

test("connect is ready without CheckHealth where the server does not offer it", async () => {
  for (const status of [grpc.status.UNIMPLEMENTED, grpc.status.PERMISSION_DENIED]) {
    await using server = await startServer({ handlers: { CheckHealth: () => failure(status) } })
    await run(Connection.connect(server.address))
  }
})

test("connect with readiness connected does not ask for health", async () => {
  await using server = await startServer()
  await run(Connection.connect({ address: server.address, readiness: "connected" }))
  assertEquals(server.count("CheckHealth"), 0)
})

test("many that connect at the same time ask for health once; one that gives up or closes harms none", async () => {
  await using server = await startServer()
  await run(Connection.connect(server.address))
  const answer = Deferred.makeUnsafe<void>()
  let isFirst = true
  server.handlers.CheckHealth = async () => {
    if (isFirst) await Effect.runPromise(Deferred.await(answer))
    isFirst = false
    return { status: success, isHealthy: true }
  }
  await run(Effect.gen(function* () {
    const { address } = server
    const others = yield* Effect.forEach(Array.from({ length: 9 }), () => Effect.forkChild(Connection.connect(address)))
    const [first, ...rest] = others
    const bad = yield* Effect.forkChild(Connection.connect({ address, token: "another" }))
    yield* Effect.promise(() => eventually(() => server.count("Connect") === 11 && server.count("CheckHealth") === 3))
    yield* Fiber.interrupt(first!)
    yield* Deferred.succeed(answer, undefined)
    for (const fiber of rest) assertEquals((yield* Fiber.join(fiber)).server.version, "v2.6.2")
    yield* Fiber.join(bad)
    assertEquals(server.count("CheckHealth"), 3)
  }))
  await assertNothingOpen(server)
})

test("connect asks an older server for its version", async () => {
  await using server = await startServer({
    handlers: {
      Connect: () => failure(grpc.status.UNIMPLEMENTED),
      GetVersion: () => ({ status: success, version: "2.1.4" }),
    },
  })
  const connection = await run(Connection.connect(server.address))
  assertEquals(connection.server, { version: "2.1.4" })
})

test("connect asks for the version where the build tag is none", async () => {
  await using server = await startServer({
    handlers: {
      Connect: () => ({ status: success, server_info: { build_tags: "milvus_lite", deploy_mode: "embedded" } }),
      GetVersion: () => ({ status: success, version: "milvus_lite-3.2.2" }),
    },
  })
  const connection = await run(Connection.connect(server.address))
  assertEquals(connection.server, { version: "milvus_lite-3.2.2", buildTags: "milvus_lite", deployMode: "embedded" })
})

const tlsServer = (options: { readonly mutual?: boolean; readonly wrongHost?: boolean } = {}) => {
  const { ca, server, wrongHost } = certificates()
  const { key, certificate } = options.wrongHost ? wrongHost : server
  return startServer({ tls: { key, certificate, ca: options.mutual ? ca : undefined } })
}

test("TLS one-way connects to a name and to an IP address", async () => {
  await using server = await tlsServer()
  const tls = { ca: certificates().ca }
  await run(Connection.connect({ host: "localhost", port: server.port, tls }))
  const connection = await run(Connection.connect({ uri: `https://127.0.0.1:${server.port}`, tls }))
  assertEquals(connection.config.secure, true)
  await assertNothingOpen(server)
})

test("TLS mutual connects with a client certificate, and only with one", async () => {
  await using server = await tlsServer({ mutual: true })
  const { ca, client, stranger } = certificates()
  await run(Connection.connect({ address: server.address, tls: { ca, ...client } }))
  for (const tls of [{ ca }, { ca, ...stranger }]) {
    const error = await notReady({ address: server.address, tls, retry: false })
    assert(error.kind === "Tls" || error.kind === "Unreachable", error.message)
  }
})

test("TLS refuses a certificate of an unknown authority, at once", async () => {
  await using server = await tlsServer()
  for (const tls of [true, { ca: certificates().otherCa }]) {
    const error = await notReady({ address: server.address, tls })
    assertEquals([error.kind, error.attempts], ["Tls", 1])
  }
  await assertNothingOpen(server)
})

test("TLS refuses a certificate for another host, unless that is the name asked for", async () => {
  await using server = await tlsServer({ wrongHost: true })
  const { ca } = certificates()
  const error = await notReady({ address: server.address, tls: { ca } })
  assertEquals([error.kind, error.attempts], ["Tls", 1])
  assertMatch(error.message, /127\.0\.0\.1 is not in the cert's list/)
  assertEquals((await notReady({ host: "localhost", port: server.port, tls: { ca } })).kind, "Tls")
  await run(Connection.connect({ address: server.address, tls: { ca, serverName: "elsewhere.test" } }))
})

test("TLS with verify false accepts any certificate", async () => {
  await using server = await tlsServer({ wrongHost: true })
  await run(Connection.connect({ address: server.address, tls: { verify: false } }))
})

test("TLS whose peer goes away in the middle of its handshake is tried again", async () => {
  await using listener = await closingListener({ reset: true })
  const hungUp = await notReady({ address: listener.address, tls: true, retry: { times: 2, delay: 10 } })
  assertEquals(hungUp.attempts, 3, hungUp.message)
})

test("TLS to a plain port is NotReady Tls", async () => {
  await using server = await startServer()
  assertEquals((await notReady({ address: server.address, tls: true })).kind, "Tls")
})

test("connections with equal channels share one socket, and those with others do not", async () => {
  await using server = await startServer()
  const { address } = server
  await run(Effect.gen(function* () {
    yield* Connection.connect(address)
    yield* Connection.connect({ address, token: "a", database: "x", callTimeout: "1 second" })
    assertEquals(openSockets(server.port), 1)
    yield* Connection.connect({ address, maxMessageSize: 1000 })
    assertEquals(openSockets(server.port), 2)
    yield* Connection.connect({ address, keepAlive: { time: "20 seconds" } })
    assertEquals(openSockets(server.port), 3)
  }))
  await assertNothingOpen(server)
})

test("QueuePool opens poolSize channels", async () => {
  await using server = await startServer()
  await run(Effect.gen(function* () {
    const connection = yield* Connection.connect({ address: server.address, pool: "QueuePool", poolSize: 3 })
    yield* Effect.promise(() => eventually(() => openSockets(server.port) === 3))
    yield* connection.call("GetVersion", {})
  }))
  await assertNothingOpen(server)
})

test("One holder's close, failure or credentials never affect another holder of the same transport", async () => {
  await using server = await startServer({
    handlers: {
      GetVersion: (_, { metadata }) =>
        metadata.get("authorization")[0] === btoa("bad")
          ? failure(grpc.status.UNAUTHENTICATED, "no")
          : { status: success, version: "v2.6.2" },
    },
  })
  await run(Effect.gen(function* () {
    const kept = yield* Connection.connect(server.address)
    const bad = yield* Connection.connect({ address: server.address, token: "bad" })
    const error = yield* Effect.flip(bad.call("GetVersion", {}))
    assertEquals(error._tag === "RpcError" && error.code, "UNAUTHENTICATED")
    yield* Effect.scoped(Effect.flip(Connection.connect({ address: server.address, handler: "HTTP" })))
    yield* Effect.scoped(Connection.connect(server.address))
    assertEquals((yield* kept.call("GetVersion", {})).version, "v2.6.2")
    assertEquals(yield* kept.state, "Ready")
    assertEquals(openSockets(server.port), 1)
  }))
  assertEquals(server.count("Connect"), 3)
})

for (
  const [reason, effect] of [
    ["success", Effect.void],
    ["failure", Effect.fail("expected")],
    ["defect", Effect.die(new Error("expected"))],
    ["interruption", Effect.interrupt],
  ] as const
) {
  test(`A scope that closes for any reason leaves nothing open: ${reason}`, async () => {
    await using server = await startServer()
    await Effect.runPromiseExit(Effect.scoped(Effect.andThen(Connection.connect(server.address), effect)))
    assertEquals(server.count("CheckHealth"), 1)
    await assertNothingOpen(server)
  })
}

test("connect interrupted in the turns in which it starts leaves nothing open", async () => {
  await using server = await startServer()
  for (let turns = 0; turns < 40; turns++) {
    const connecting = Effect.runFork(Effect.scoped(Connection.connect(server.address)))
    for (let turn = 0; turn < turns; turn++) await (turn % 2 === 0 ? Promise.resolve() : new Promise(setImmediate))
    await Effect.runPromise(Fiber.interrupt(connecting))
    assertEquals(openConnections(server.address), 0, `interrupted after ${turns} turns`)
  }
  await assertNothingOpen(server)
})

test("a failed connect gives everything back at once, though its scope goes on", async () => {
  await using server = await startServer({ handlers: { Connect: () => failure(grpc.status.UNAUTHENTICATED) } })
  const scope = Scope.makeUnsafe()
  await Effect.runPromiseExit(Scope.provide(Connection.connect(server.address), scope))
  await assertNothingOpen(server)
  await Effect.runPromise(Scope.close(scope, Exit.void))
})

test("Interrupting a call cancels it on the server", async () => {
  await using server = await startServer({ handlers: { GetVersion: () => never } })
  await run(Effect.gen(function* () {
    const connection = yield* Connection.connect(server.address)
    const fiber = yield* Effect.forkChild(connection.call("GetVersion", {}))
    yield* Effect.promise(() => eventually(() => server.count("GetVersion") === 1))
    yield* Fiber.interrupt(fiber)
    yield* Effect.promise(() => eventually(() => server.calls.some(({ cancelled }) => cancelled)))
    assertEquals(yield* connection.state, "Ready")
  }))
})

test("a call is bounded by its timeout, or by the callTimeout of its connection", async () => {
  await using server = await startServer({ handlers: { GetVersion: () => never } })
  await run(Effect.gen(function* () {
    const connection = yield* Connection.connect({ address: server.address, callTimeout: 150 })
    for (const options of [undefined, { timeout: "100 millis" }] as const) {
      const error = yield* Effect.flip(connection.call("GetVersion", {}, options))
      assertEquals(error._tag === "RpcError" && [error.code, error.progress], ["DEADLINE_EXCEEDED", "Lost"])
    }
    const outlasts = yield* Effect.timeoutOption(connection.call("GetVersion", {}, { timeout: "infinite" }), 300)
    assertEquals(outlasts._tag, "None")
  }))
})

test("a status other than success is a ServerError with Milvus's code and reason", async () => {
  await using server = await startServer({
    handlers: {
      DescribeCollection: () => ({
        status: { error_code: "CollectionNotExists", code: 100, reason: "can't find collection", retriable: true },
      }),
      DropCollection: () => ({ error_code: "RateLimit", code: 0, reason: "slow down" }),
    },
  })
  await run(Effect.gen(function* () {
    const connection = yield* Connection.connect({ address: server.address, retry: false })
    const described = yield* Effect.flip(connection.call("DescribeCollection", { collection_name: "x" }))
    assert(described._tag === "ServerError")
    assertEquals([described.method, described.code, described.isRetryable], ["DescribeCollection", 100, true])
    const dropped = yield* Effect.flip(connection.call("DropCollection", {}))
    assertEquals(dropped._tag === "ServerError" && [dropped.code, dropped.reason], [49, "slow down"])
  }))
})

test("call types 64-bit integers as bigint, and keeps them whole", async () => {
  await using server = await startServer({
    handlers: { DescribeCollection: () => ({ status: success, collectionID: 2n ** 62n + 1n, collection_name: "x" }) },
  })
  const response = await run(
    Effect.flatMap(
      Connection.connect(server.address),
      (connection) => connection.call("DescribeCollection", { collection_name: "x" }),
    ),
  )
  assertEquals(response.collectionID, 2n ** 62n + 1n)
})

test("a request that does not fit is an RpcError that nothing repeats", async () => {
  await using server = await startServer({ handlers: { DescribeCollection: () => ({ status: success }) } })
  await run(Effect.gen(function* () {
    const connection = yield* Connection.connect(server.address)
    // deno-lint-ignore no-explicit-any -- what a caller without types may write
    const error = yield* Effect.flip(connection.call("Insert", { fields_data: 5 } as any))
    assert(error._tag === "RpcError")
    assertEquals([error.progress, error.isRetryable], ["NotSent", false])
    // deno-lint-ignore no-explicit-any -- as above
    const unknown = yield* Effect.flip(connection.call("NoSuchThing" as any, {}))
    assertEquals(unknown._tag === "RpcError" && unknown.code, "UNIMPLEMENTED")
  }))
})

test("a closed connection refuses calls with ConnectionClosed", async () => {
  await using server = await startServer()
  const connection = await run(Connection.connect(server.address))
  const error = await fails(connection.call("GetVersion", {}))
  assert(error._tag === "ConnectionClosed")
  assertEquals([error.address, error.method], [server.address, "GetVersion"])
  assertEquals(await run(connection.state), "Closed")
  assertEquals(server.count("GetVersion"), 0)
})

test("a scope that closes cancels calls in flight at once, with ConnectionClosed", async () => {
  await using server = await startServer({ handlers: { GetVersion: () => never, ListDatabases: () => never } })
  const scope = Scope.makeUnsafe()
  const connection = await Effect.runPromise(Scope.provide(Connection.connect(server.address), scope))
  const pending = Promise.all([fails(connection.call("GetVersion", {})), fails(connection.call("ListDatabases", {}))])
  await eventually(() => server.count("GetVersion") === 1 && server.count("ListDatabases") === 1)
  const start = performance.now()
  await Effect.runPromise(Scope.close(scope, Exit.void))
  assertEquals((await pending).map(({ _tag }) => _tag), ["ConnectionClosed", "ConnectionClosed"])
  assertLess(performance.now() - start, 1000)
  await eventually(() => server.calls.filter(({ cancelled }) => cancelled).length === 2)
  await assertNothingOpen(server)
})

test("a scope that closes cancels its calls, also on a channel that another holds", async () => {
  await using server = await startServer({ handlers: { GetVersion: () => never } })
  await run(Effect.gen(function* () {
    const other = yield* Connection.connect(server.address)
    const scope = yield* Effect.flatMap(Effect.scope, Scope.fork)
    const connection = yield* Scope.provide(Connection.connect(server.address), scope)
    const inFlight = yield* Effect.forkChild(Effect.flip(connection.call("GetVersion", {}, { timeout: "10 seconds" })))
    yield* Effect.promise(() => eventually(() => server.count("GetVersion") === 1))
    yield* Scope.close(scope, Exit.void)
    // Long before its deadline, which would cancel it too.
    const cancelled = () => server.calls.some(({ method, cancelled }) => method === "GetVersion" && cancelled)
    yield* Effect.promise(() => eventually(cancelled, { timeout: 2000 }))
    assertEquals((yield* Fiber.join(inFlight))._tag, "ConnectionClosed")
    assertEquals([yield* other.state, openSockets(server.port)], ["Ready", 1])
  }))
})

test("a scope that closes ends calls that wait for another attempt or for a credential", async () => {
  await using server = await startServer({ handlers: { GetVersion: () => failure(grpc.status.UNAVAILABLE, "busy") } })
  let asked = 0
  // There for Connect and CheckHealth.
  const token = Effect.suspend(() => ++asked > 2 ? Effect.never : Effect.succeed("a"))
  await run(Effect.gen(function* () {
    const { address } = server
    const scope = yield* Effect.flatMap(Effect.scope, Scope.fork)
    const pausing = yield* Scope.provide(Connection.connect({ address, retry: { delay: "20 seconds" } }), scope)
    const asking = yield* Scope.provide(Connection.connect({ address, token }), scope)
    const waiting = [
      yield* Effect.forkChild(Effect.flip(pausing.call("GetVersion", {}))),
      yield* Effect.forkChild(Effect.flip(asking.call("GetVersion", {}))),
    ]
    yield* Effect.promise(() => eventually(() => server.count("GetVersion") === 1 && asked === 3))
    yield* Scope.close(scope, Exit.void)
    const errors = yield* Effect.timeout(Effect.forEach(waiting, (fiber) => Fiber.join(fiber)), "2 seconds")
    assertEquals(errors.map(({ _tag }) => _tag), ["ConnectionClosed", "ConnectionClosed"])
  }))
  await assertNothingOpen(server)
})

test("drain refuses new calls at once and lets calls in flight end", async () => {
  await using server = await startServer()
  const answer = Deferred.makeUnsafe<void>()
  server.handlers.GetVersion = async () => {
    await Effect.runPromise(Deferred.await(answer))
    return { status: success, version: "late" }
  }
  await run(Effect.gen(function* () {
    const connection = yield* Connection.connect(server.address)
    const inFlight = yield* Effect.forkChild(connection.call("GetVersion", {}))
    yield* Effect.promise(() => eventually(() => server.count("GetVersion") === 1))
    const draining = yield* Effect.forkChild(Connection.drain(connection))
    yield* Effect.yieldNow
    assertEquals((yield* Effect.flip(connection.call("CheckHealth", {})))._tag, "ConnectionClosed")
    yield* Deferred.succeed(answer, undefined)
    assertEquals((yield* Fiber.join(inFlight)).version, "late")
    yield* Fiber.join(draining)
    assertEquals(yield* connection.state, "Closed")
  }))
})

test("Releasing never fails, and never takes longer than its bound", async () => {
  await using server = await startServer({ handlers: { GetVersion: () => never } })
  await run(Effect.gen(function* () {
    const connection = yield* Connection.connect(server.address)
    const inFlight = yield* Effect.forkChild(Effect.flip(connection.call("GetVersion", {})))
    yield* Effect.promise(() => eventually(() => server.count("GetVersion") === 1))
    const [elapsed] = yield* Effect.timed(Connection.drain(connection))
    assertLess(Duration.toMillis(elapsed), 6000)
    assertEquals((yield* Fiber.join(inFlight))._tag, "ConnectionClosed")
  }))
  await assertNothingOpen(server)
})

test("after a lost session the handshake is repeated before the next call, once, however many calls wait", async () => {
  await using server = await startServer()
  await run(Effect.gen(function* () {
    const connection = yield* Connection.connect(server.address)
    yield* Effect.promise(server.crash)
    yield* Effect.promise(() => eventually(() => Effect.runSync(connection.state) === "Reconnecting"))
    yield* Effect.promise(server.restart)
    const calls = Array.from({ length: 20 }, () => connection.call("GetVersion", {}))
    // One of those that wait gives up: the others must not notice.
    const [first, ...others] = calls.map((call) => Effect.runFork(call))
    yield* Fiber.interrupt(first!)
    for (const fiber of others) assertEquals((yield* Fiber.join(fiber)).version, "v2.6.2")
    assertEquals(server.count("Connect"), 2)
    assertEquals(connection.server.identifier, 2n)
    const last = server.calls.findLast(({ method }) => method === "GetVersion")!
    assertEquals(last.metadata.get("identifier"), ["2"])
    assertEquals(yield* connection.state, "Ready")
  }))
  await assertNothingOpen(server)
})

test("a transport reconnects by itself after a lost session", async () => {
  await using server = await startServer()
  await run(Effect.gen(function* () {
    const connection = yield* Connection.connect(server.address)
    const seen: Array<string> = []
    const watching = yield* Effect.forkChild(
      Stream.runForEach(connection.changes, (state) => Effect.sync(() => seen.push(state))),
    )
    yield* Effect.yieldNow
    yield* Effect.promise(server.crash)
    yield* Effect.promise(() => eventually(() => seen.length === 2))
    yield* Effect.promise(server.restart)
    yield* Effect.promise(() => eventually(() => seen.length === 3))
    yield* Connection.drain(connection)
    yield* Fiber.join(watching)
    assertEquals(seen, ["Ready", "Reconnecting", "Ready", "Closed"])
  }))
})

test("a call whose repeated handshake fails ends with NotReady, and the next call tries again", async () => {
  await using server = await startServer()
  await run(Effect.gen(function* () {
    const connection = yield* Connection.connect({ address: server.address, connectTimeout: 300 })
    yield* Effect.promise(server.crash)
    yield* Effect.promise(() => eventually(() => Effect.runSync(connection.state) === "Reconnecting"))
    const error = yield* Effect.flip(connection.call("GetVersion", {}))
    assertEquals(error._tag === "NotReady" && error.kind, "Unreachable")
    yield* Effect.promise(server.restart)
    yield* Effect.retry(connection.call("GetVersion", {}), { times: 5 })
  }))
})

test("the connection survives a server's graceful stop", async () => {
  await using server = await startServer()
  await run(Effect.gen(function* () {
    const connection = yield* Connection.connect(server.address)
    yield* connection.call("GetVersion", {})
    yield* Effect.promise(server.shutdown)
    yield* Effect.promise(server.restart)
    assertEquals((yield* connection.call("GetVersion", {})).version, "v2.6.2")
  }))
})

test("a call does not fail by a handshake that others began before it, and that fails after its server is back", async () => {
  await using server = await startServer({ port: freePort() })
  await run(Effect.gen(function* () {
    // One attempt only, which is sure to fail.
    const retry = { times: 0 }
    const connection = yield* Connection.connect({ address: server.address, connectTimeout: 1000, retry })
    server.handlers.Connect = () => never
    yield* Effect.promise(server.crash)
    yield* Effect.promise(server.restart)
    yield* Effect.promise(() => eventually(() => Effect.runSync(connection.state) === "Ready"))
    const early = yield* Effect.forkChild(Effect.flip(connection.call("GetVersion", {})))
    yield* Effect.promise(() => eventually(() => server.count("Connect") === 2))
    server.handlers.Connect = () => ({ status: success, server_info: { build_tags: "v2.6.2" } })
    const late = yield* Effect.forkChild(connection.call("GetVersion", {}))
    assertEquals((yield* Fiber.join(early))._tag, "NotReady")
    assertEquals((yield* Fiber.join(late)).version, "v2.6.2")
  }))
})

test("an idempotent call is repeated through a lost session; one deadline covers all attempts", async () => {
  await using server = await startServer()
  await run(Effect.gen(function* () {
    const connection = yield* Connection.connect(server.address)
    server.handlers.GetVersion = () => never
    const calling = yield* Effect.forkChild(connection.call("GetVersion", {}))
    yield* Effect.promise(() => eventually(() => server.count("GetVersion") === 1))
    server.handlers.GetVersion = () => ({ status: success, version: "again" })
    yield* Effect.promise(server.crash)
    yield* Effect.promise(server.restart)
    assertEquals((yield* Fiber.join(calling)).version, "again")
    server.handlers.GetVersion = () => failure(grpc.status.UNAVAILABLE, "busy")
    const [elapsed, error] = yield* Effect.timed(Effect.flip(connection.call("GetVersion", {}, { timeout: 500 })))
    assertEquals(error._tag === "RpcError" && error.code, "UNAVAILABLE")
    assertLess(Duration.toMillis(elapsed), 1500)
  }))
})

test("Nothing is retried that could be applied twice", async () => {
  await using server = await startServer()
  await run(Effect.gen(function* () {
    const connection = yield* Connection.connect(server.address)
    server.handlers.Insert = () => never
    const inserting = yield* Effect.forkChild(Effect.flip(connection.call("Insert", { collection_name: "x" })))
    yield* Effect.promise(() => eventually(() => server.count("Insert") === 1))
    server.handlers.Insert = () => ({ status: success })
    yield* Effect.promise(server.crash)
    yield* Effect.promise(server.restart)
    const error = yield* Fiber.join(inserting)
    assert(error._tag === "RpcError", error.message)
    assertEquals(error.progress, "Lost")
    server.handlers.Insert = () => failure(grpc.status.UNAVAILABLE, "busy")
    assertEquals((yield* Effect.flip(connection.call("Insert", {})))._tag, "RpcError")
    assertEquals(server.count("Insert"), 2)
  }))
})

test("an insert is made again where it never left", async () => {
  await using server = await startServer({ handlers: { Insert: () => ({ status: success, insert_cnt: 1n }) } })
  await run(Effect.gen(function* () {
    const connection = yield* Connection.connect(server.address)
    yield* Effect.promise(server.crash)
    const inserting = yield* Effect.forkChild(connection.call("Insert", { collection_name: "x" }))
    yield* Effect.sleep(200)
    yield* Effect.promise(server.restart)
    assertEquals((yield* Fiber.join(inserting)).insert_cnt, 1n)
    assertEquals(server.count("Insert"), 1)
  }))
})

test("with retry false the first failure of a call is the answer", async () => {
  await using server = await startServer({ handlers: { GetVersion: () => failure(grpc.status.UNAVAILABLE, "busy") } })
  await run(Effect.gen(function* () {
    const connection = yield* Connection.connect({ address: server.address, retry: false })
    assertEquals((yield* Effect.flip(connection.call("GetVersion", {})))._tag, "RpcError")
    assertEquals(server.count("GetVersion"), 1)
  }))
})

test("connectTimeout bounds all of connecting, also a credential that never comes", async () => {
  await using server = await startServer()
  for (const retry of [true, false]) {
    const error = await notReady({ address: server.address, token: Effect.never, connectTimeout: 200, retry })
    assertEquals(error.kind, "Timeout")
    assertLess(Duration.toMillis(error.elapsed), 2000)
  }
  // Each answer takes less than the bound, both of them more: the second is not waited for.
  const late = (reply: object) => () => new Promise<object>((resolve) => setTimeout(() => resolve(reply), 500))
  server.handlers.Connect = late({ status: success, server_info: { build_tags: "no version" } })
  server.handlers.GetVersion = late({ status: success, version: "late" })
  const connection = await run(
    Connection.connect({ address: server.address, connectTimeout: 900, retry: false }),
  )
  assertEquals(connection.server.version, "no version")
  await new Promise((resolve) => setTimeout(resolve, 300))
})

test("connect is bounded by Effect.timeout and leaves nothing", async () => {
  await using listener = await deafListener()
  const exit = await Effect.runPromiseExit(Effect.scoped(Effect.timeout(Connection.connect(listener.address), 200)))
  assert(Exit.isFailure(exit))
  assertInstanceOf(Cause.squash(exit.cause), Error)
  await assertNothingOpen(listener)
})

test("layer gives a ready Connection, and closes it with its scope", async () => {
  await using server = await startServer()
  const version = Effect.flatMap(
    Connection.Connection.use((connection) => connection.call("GetVersion", {})),
    (reply) => Effect.succeed(reply.version),
  )
  assertEquals(await run(Effect.provide(version, Connection.layer(server.address))), "v2.6.2")
  await assertNothingOpen(server)
})

test("layerConfig reads MILVUS_URI, MILVUS_TOKEN, MILVUS_USER, MILVUS_PASSWORD and MILVUS_DATABASE", async () => {
  await using server = await startServer()
  const connectWith = (env: Record<string, string>) =>
    run(
      Effect.provide(
        Connection.Connection.use((connection) => Effect.succeed(connection.config)),
        Layer.provide(
          Connection.layerConfig(),
          ConfigProvider.layer(ConfigProvider.fromEnv({ env })),
        ),
      ),
    )
  const MILVUS_URI = `http://${server.address}`
  const config = await connectWith({ MILVUS_URI, MILVUS_USER: "ann", MILVUS_PASSWORD: "secret", MILVUS_DATABASE: "db" })
  assertEquals([config.address, config.user, config.database], [server.address, "ann", "db"])
  assertEquals(server.calls[0]!.metadata.get("authorization"), [btoa("ann:secret")])
  await connectWith({ MILVUS_URI, MILVUS_TOKEN: "tok" })
  assertEquals(server.calls.at(-1)!.metadata.get("authorization"), [btoa("tok")])
})

test("secrets never show in a connection, its errors or their causes", async () => {
  await using server = await startServer({
    handlers: { GetVersion: () => failure(grpc.status.INTERNAL, "no"), Connect: () => ({ status: success }) },
  })
  const params = { address: server.address, user: "ann", password: "hunter2" }
  await run(Effect.gen(function* () {
    const connection = yield* Connection.connect(params)
    const error = yield* Effect.flip(connection.call("GetVersion", {}))
    for (const value of [connection, connection.config, error, error.message]) {
      const shown = Deno.inspect(value, { depth: 20, showHidden: true }) + JSON.stringify(value)
      assert(!shown.includes("hunter2") && !shown.includes(btoa("ann:hunter2")), shown)
    }
  }))
})

test("connect takes a host for a host, whatever it is called", async () => {
  for (const host of ["dns", "unix", "ipv4", "ip"]) {
    const error = await notReady({ host, port: freePort(), connectTimeout: 1000, retry: false })
    assertEquals(error.kind, "Unreachable")
    assertMatch(error.message, /Name resolution failed|ECONNREFUSED/)
  }
})
