/** Connections: calls, closing, lost sessions, and retries. */
import * as grpc from "@grpc/grpc-js"
import { assert, assertEquals, assertLess } from "@std/assert"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { Connection } from "../mod.ts"
import { fails, run } from "./support/effects.ts"
import { assertNothingOpen } from "./support/leaks.ts"
import { freePort } from "./support/listeners.ts"
import { failure, never, startServer, success } from "./support/server.ts"
import { eventually, openSockets, until } from "./support/sockets.ts"
import { test } from "./support/test.ts"

test("Interrupting a call cancels it on the server", async () => {
  await using server = await startServer({ handlers: { GetVersion: () => never } })
  await run(Effect.gen(function* () {
    const connection = yield* Connection.connect(server.address)
    const fiber = yield* Effect.forkChild(connection.call("GetVersion", {}))
    yield* until(() => server.count("GetVersion") === 1)
    yield* Fiber.interrupt(fiber)
    yield* until(() => server.calls.some(({ cancelled }) => cancelled))
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

test("a request that does not match the contract is an RpcError, and is not retried", async () => {
  await using server = await startServer({ handlers: { DescribeCollection: () => ({ status: success }) } })
  await run(Effect.gen(function* () {
    const connection = yield* Connection.connect(server.address)
    // deno-lint-ignore no-explicit-any -- a caller without types may pass this
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

test("a scope that closes cancels its calls, also on a channel that another connection uses", async () => {
  await using server = await startServer({ handlers: { GetVersion: () => never } })
  await run(Effect.gen(function* () {
    const other = yield* Connection.connect(server.address)
    const scope = yield* Effect.flatMap(Effect.scope, Scope.fork)
    const connection = yield* Scope.provide(Connection.connect(server.address), scope)
    const inFlight = yield* Effect.forkChild(Effect.flip(connection.call("GetVersion", {}, { timeout: "10 seconds" })))
    yield* until(() => server.count("GetVersion") === 1)
    yield* Scope.close(scope, Exit.void)
    // Long before the deadline of the call, which would cancel it too.
    const cancelled = () => server.calls.some(({ method, cancelled }) => method === "GetVersion" && cancelled)
    yield* until(cancelled, { timeout: 2000 })
    assertEquals((yield* Fiber.join(inFlight))._tag, "ConnectionClosed")
    assertEquals([yield* other.state, openSockets(server.port)], ["Ready", 1])
  }))
})

test("a scope that closes ends calls that wait for another attempt or for a credential", async () => {
  await using server = await startServer({ handlers: { GetVersion: () => failure(grpc.status.UNAVAILABLE, "busy") } })
  let asked = 0
  // Available for Connect and CheckHealth.
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
    yield* until(() => server.count("GetVersion") === 1 && asked === 3)
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
    yield* until(() => server.count("GetVersion") === 1)
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
    yield* until(() => server.count("GetVersion") === 1)
    const [elapsed] = yield* Effect.timed(Connection.drain(connection))
    assertLess(Duration.toMillis(elapsed), 6000)
    assertEquals((yield* Fiber.join(inFlight))._tag, "ConnectionClosed")
  }))
  await assertNothingOpen(server)
})

test("after a lost session the handshake is repeated once before the next call, for all calls that wait", async () => {
  await using server = await startServer()
  await run(Effect.gen(function* () {
    const connection = yield* Connection.connect(server.address)
    yield* Effect.promise(server.crash)
    yield* until(() => Effect.runSync(connection.state) === "Reconnecting")
    yield* Effect.promise(server.restart)
    const calls = Array.from({ length: 20 }, () => connection.call("GetVersion", {}))
    // One of the waiting calls is interrupted, which must not affect the others.
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
    yield* until(() => seen.length === 2)
    yield* Effect.promise(server.restart)
    yield* until(() => seen.length === 3)
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
    yield* until(() => Effect.runSync(connection.state) === "Reconnecting")
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

test("a call does not fail with a handshake that started before it and fails after the server is back", async () => {
  await using server = await startServer({ port: freePort() })
  await run(Effect.gen(function* () {
    // Only one attempt, which fails.
    const retry = { times: 0 }
    const connection = yield* Connection.connect({ address: server.address, connectTimeout: 1000, retry })
    server.handlers.Connect = () => never
    yield* Effect.promise(server.crash)
    yield* Effect.promise(server.restart)
    yield* until(() => Effect.runSync(connection.state) === "Ready")
    const early = yield* Effect.forkChild(Effect.flip(connection.call("GetVersion", {})))
    yield* until(() => server.count("Connect") === 2)
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
    yield* until(() => server.count("GetVersion") === 1)
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
    yield* until(() => server.count("Insert") === 1)
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

test("an insert is retried if it was not sent", async () => {
  await using server = await startServer({ handlers: { Insert: () => ({ status: success, insert_cnt: 1n }) } })
  await run(Effect.gen(function* () {
    const connection = yield* Connection.connect(server.address)
    yield* Effect.promise(server.crash)
    const inserting = yield* Effect.forkChild(connection.call("Insert", { collection_name: "x" }))
    // No event: the insert waits for a session.
    yield* Effect.sleep(200)
    yield* Effect.promise(server.restart)
    assertEquals((yield* Fiber.join(inserting)).insert_cnt, 1n)
    assertEquals(server.count("Insert"), 1)
  }))
})

test("a call with retry false fails with its first failure", async () => {
  await using server = await startServer({ handlers: { GetVersion: () => failure(grpc.status.UNAVAILABLE, "busy") } })
  await run(Effect.gen(function* () {
    const connection = yield* Connection.connect({ address: server.address, retry: false })
    assertEquals((yield* Effect.flip(connection.call("GetVersion", {})))._tag, "RpcError")
    assertEquals(server.count("GetVersion"), 1)
  }))
})
