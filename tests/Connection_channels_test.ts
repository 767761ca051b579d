/** Connections: TLS, shared channels, pools, and interruption. */
import * as grpc from "@grpc/grpc-js"
import { assert, assertEquals, assertMatch } from "@std/assert"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import { Connection } from "../mod.ts"
import { openConnections } from "../src/connection/limit.ts"
import { certificates } from "./support/certificates.ts"
import { run } from "./support/effects.ts"
import { assertNothingOpen } from "./support/leaks.ts"
import { closingListener } from "./support/listeners.ts"
import { failure, startServer, success } from "./support/server.ts"
import { openSockets, until } from "./support/sockets.ts"
import { notReady } from "./support/notReady.ts"
import { test } from "./support/test.ts"

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

test("TLS is retried if the peer closes the connection during its handshake", async () => {
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
    yield* until(() => openSockets(server.port) === 3)
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

test("connect interrupted in its first event loop turns leaves nothing open", async () => {
  await using server = await startServer()
  for (let turns = 0; turns < 40; turns++) {
    const connecting = Effect.runFork(Effect.scoped(Connection.connect(server.address)))
    for (let turn = 0; turn < turns; turn++) await (turn % 2 === 0 ? Promise.resolve() : new Promise(setImmediate))
    await Effect.runPromise(Fiber.interrupt(connecting))
    assertEquals(openConnections(server.address), 0, `interrupted after ${turns} turns`)
  }
  await assertNothingOpen(server)
})

test("a failed connect releases everything at once, although its scope stays open", async () => {
  await using server = await startServer({ handlers: { Connect: () => failure(grpc.status.UNAUTHENTICATED) } })
  const scope = Scope.makeUnsafe()
  await Effect.runPromiseExit(Scope.provide(Connection.connect(server.address), scope))
  await assertNothingOpen(server)
  await Effect.runPromise(Scope.close(scope, Exit.void))
})
