/** Connections: connecting, and the errors of connecting. */
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
import { Connection, type NotReadyKind } from "../mod.ts"
import { fails, run } from "./support/effects.ts"
import { assertNothingOpen } from "./support/leaks.ts"
import { closingListener, deafListener, freePort, garbageListener } from "./support/listeners.ts"
import { failure, type Handlers, never, startServer, success } from "./support/server.ts"
import { eventually, openSockets, until } from "./support/sockets.ts"
import { notReady } from "./support/notReady.ts"
import { test } from "./support/test.ts"

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

test("connect identifies the client, and sends credentials, database and identifier with each call", async () => {
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

test("a token Effect is run at each use", async () => {
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

test("connect fails with NotReady Unreachable after one attempt when the port is refused", async () => {
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

test("connect fails with NotReady Timeout, and leaves no socket, when the peer accepts and sends nothing", async () => {
  await using listener = await deafListener()
  const error = await notReady({ address: listener.address, retry: false })
  assertEquals(error.kind, "Timeout")
  assertLess(Duration.toMillis(error.elapsed), 3000)
  await assertNothingOpen(listener)
})

test("connect replaces a channel that is stuck, and connects once the peer answers", async () => {
  const port = freePort()
  const listener = await deafListener({ port })
  const connecting = run(Effect.map(Connection.connect(`127.0.0.1:${port}`), (connection) => connection.server.version))
  await eventually(() => listener.accepted > 0)
  await listener[Symbol.asyncDispose]()
  await using _server = await startServer({ port })
  assertEquals(await connecting, "v2.6.2")
})

for (const answer of ["http", "random"] as const) {
  test(`connect fails with NotReady Incompatible when the peer sends ${answer}`, async () => {
    await using listener = await garbageListener({ answer })
    assertEquals((await notReady({ address: listener.address, retry: false })).kind, "Incompatible")
    await assertNothingOpen(listener)
  })
}

test("connect fails with NotReady Incompatible when the peer is another HTTP/2 server", async () => {
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, () => new Response("", { status: 404 }))
  const error = await notReady({ address: `127.0.0.1:${server.addr.port}`, retry: false })
  assertEquals(error.kind, "Incompatible")
  await server.shutdown()
})

test("connect reports the last failure other than its own timeout", async () => {
  await using server = await startServer({ handlers: { CheckHealth: () => failure(grpc.status.UNAVAILABLE, "busy") } })
  let attempts = 0
  server.handlers.Connect = () => ++attempts === 1 ? failure(grpc.status.UNAVAILABLE, "busy") : never
  const error = await notReady({ address: server.address, connectTimeout: 500 })
  assertEquals([error.kind, error.attempts], ["Unreachable", 2])
  assertMatch(error.message, /busy/)
})

test("connect retries while the server is not healthy yet", async () => {
  await using server = await startServer()
  let checks = 0
  server.handlers.CheckHealth = () => ({ status: success, isHealthy: ++checks > 3, reasons: ["starting"] })
  await run(Connection.connect(server.address))
  assertEquals(checks, 4)
})

test("connect makes at most retry.times retries", async () => {
  await using server = await startServer({
    handlers: { CheckHealth: () => ({ status: success, isHealthy: false, reasons: ["no"] }) },
  })
  const error = await notReady({ address: server.address, retry: { times: 2, delay: 1 } })
  assertEquals(error.attempts, 3)
})

test("connect is ready without CheckHealth if the server does not offer it", async () => {
  for (const status of [grpc.status.UNIMPLEMENTED, grpc.status.PERMISSION_DENIED]) {
    await using server = await startServer({ handlers: { CheckHealth: () => failure(status) } })
    await run(Connection.connect(server.address))
  }
})

test("connect with readiness connected does not call CheckHealth", async () => {
  await using server = await startServer()
  await run(Connection.connect({ address: server.address, readiness: "connected" }))
  assertEquals(server.count("CheckHealth"), 0)
})

test("concurrent connects call CheckHealth once, and one that is interrupted or closed does not affect the others", async () => {
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
    yield* until(() => server.count("Connect") === 11 && server.count("CheckHealth") === 3)
    yield* Fiber.interrupt(first!)
    yield* Deferred.succeed(answer, undefined)
    for (const fiber of rest) assertEquals((yield* Fiber.join(fiber)).server.version, "v2.6.2")
    yield* Fiber.join(bad)
    assertEquals(server.count("CheckHealth"), 3)
  }))
  await assertNothingOpen(server)
})

test("connect calls GetVersion on a server without Connect", async () => {
  await using server = await startServer({
    handlers: {
      Connect: () => failure(grpc.status.UNIMPLEMENTED),
      GetVersion: () => ({ status: success, version: "2.1.4" }),
    },
  })
  const connection = await run(Connection.connect(server.address))
  assertEquals(connection.server, { version: "2.1.4" })
})

test("connect calls GetVersion if the build tag is not a version", async () => {
  await using server = await startServer({
    handlers: {
      Connect: () => ({ status: success, server_info: { build_tags: "milvus_lite", deploy_mode: "embedded" } }),
      GetVersion: () => ({ status: success, version: "milvus_lite-3.2.2" }),
    },
  })
  const connection = await run(Connection.connect(server.address))
  assertEquals(connection.server, { version: "milvus_lite-3.2.2", buildTags: "milvus_lite", deployMode: "embedded" })
})
test("connectTimeout bounds the whole connect, also a credential that never arrives", async () => {
  await using server = await startServer()
  for (const retry of [true, false]) {
    const error = await notReady({ address: server.address, token: Effect.never, connectTimeout: 200, retry })
    assertEquals(error.kind, "Timeout")
    assertLess(Duration.toMillis(error.elapsed), 2000)
  }
  // Each answer takes less than the bound, and both together take more, so the second is not awaited.
  const late = (reply: object) => () => new Promise<object>((resolve) => setTimeout(() => resolve(reply), 500))
  server.handlers.Connect = late({ status: success, server_info: { build_tags: "no version" } })
  server.handlers.GetVersion = late({ status: success, version: "late" })
  const connection = await run(
    Connection.connect({ address: server.address, connectTimeout: 900, retry: false }),
  )
  assertEquals(connection.server.version, "no version")
  // Until the timer of the second answer has ended.
  await new Promise((resolve) => setTimeout(resolve, 300))
})

test("connect is bounded by Effect.timeout and leaves nothing open", async () => {
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

test("connect resolves a host whose name is a scheme of grpc-js", async () => {
  for (const host of ["dns", "unix", "ipv4", "ip"]) {
    const error = await notReady({ host, port: freePort(), connectTimeout: 1000, retry: false })
    assertEquals(error.kind, "Unreachable")
    assertMatch(error.message, /Name resolution failed|ECONNREFUSED/)
  }
})
