/** Connections with several addresses: which server receives the calls, and what happens when it is lost. */
import { assert, assertEquals, assertLess, assertMatch } from "@std/assert"
import * as Config from "effect/Config"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { Connection, Connections } from "../../mod.ts"
import { connect as connectPromise, connections } from "../../src/promise.ts"
import * as FaultProxy from "../../src/testing/FaultProxy.ts"
import { acquireSlot, maxConnections, openConnections, releaseSlot } from "../../src/connection/limit.ts"
import { fails, run } from "../support/effects.ts"
import { assertNothingOpen } from "../support/leaks.ts"
import { deafListener, freePort } from "../support/listeners.ts"
import { type FakeServer, never, startServer, success } from "../support/server.ts"
import { eventually, openSockets, until } from "../support/sockets.ts"
import { test } from "../support/test.ts"

const nowhere = () => `127.0.0.1:${freePort()}`

const named = (version: string) =>
  startServer({
    handlers: {
      Connect: () => ({ status: success, identifier: 7n, server_info: { build_tags: version } }),
      GetVersion: () => ({ status: success, version }),
    },
  })

const versionOf = (connection: Connection.Connection) =>
  Effect.map(connection.call("GetVersion", {}), ({ version }) => version)

const unhealthy = () => ({ status: success, isHealthy: false, reasons: ["starting"] })

test("connect uses the first of several addresses, and opens nothing to the others", async () => {
  await using a = await named("v2.6.1")
  await using b = await named("v2.6.2")
  // The first connect of a process is slow, so the second server would be tried too.
  await run(Connection.connect(a.address))
  await run(Effect.gen(function* () {
    const connection = yield* Connection.connect({ addresses: [a.address, b.address] })
    assertEquals([connection.config.address, connection.config.port], [a.address, a.port])
    assertEquals(connection.config.addresses, [a.address, b.address])
    assertEquals(connection.server.version, "v2.6.1")
    assertEquals(yield* versionOf(connection), "v2.6.1")
    assertEquals([openConnections(a.address), openConnections(b.address)], [1, 0])
    yield* until(() => openSockets(b.port) === 0)
  }))
  for (const server of [a, b]) await assertNothingOpen(server)
})

for (const pool of ["SingletonThread", "QueuePool"] as const) {
  test(`connect uses the first address that is ready (${pool}), and leaves nothing open to the others`, async () => {
    await using deaf = await deafListener()
    await using ill = await startServer({ handlers: { CheckHealth: unhealthy } })
    await using b = await named("v2.6.2")
    const gone = nowhere()
    await run(Effect.gen(function* () {
      const connection = yield* Connection.connect({ addresses: [gone, deaf.address, ill.address, b.address], pool })
      assertEquals([connection.config.address, connection.server.version], [b.address, "v2.6.2"])
      assertEquals(yield* versionOf(connection), "v2.6.2")
      for (const address of [gone, deaf.address, ill.address]) assertEquals(openConnections(address), 0)
      assertEquals(openConnections(b.address), 1)
      yield* until(() => openSockets(deaf.port) + openSockets(ill.port) === 0)
    }))
    await assertNothingOpen(b)
  })
}

test("the next address is tried at once after a failed attempt", async () => {
  await using ill = await startServer({ handlers: { CheckHealth: unhealthy } })
  await using b = await startServer()
  const addresses = [ill.address, nowhere(), b.address]
  // Time does not pass, so no head start ends.
  const connected = Effect.provide(Connection.connect({ addresses }), TestClock.layer())
  assertEquals(await run(Effect.map(connected, ({ config }) => config.address)), b.address)
})

test("the next address is tried after a head start if there is no answer", async () => {
  await using deaf = await deafListener()
  await using silent = await startServer({ handlers: { Connect: () => never } })
  await using b = await startServer()
  const addresses = [deaf.address, silent.address, b.address]
  const connected = Connection.connect({ addresses, connectTimeout: "1.5 seconds" })
  assertEquals(await run(Effect.map(connected, ({ config }) => config.address)), b.address)
  for (const server of [deaf, silent, b]) await assertNothingOpen(server)
})

test("connect fails with the failure of each address within one connectTimeout, and leaves nothing open", async () => {
  await using deaf = await deafListener()
  await using ill = await startServer({ handlers: { CheckHealth: unhealthy } })
  const gone = nowhere()
  const addresses = [ill.address, gone, deaf.address]
  const error = await fails(Connection.connect({ addresses, connectTimeout: "1 second" }))
  assert(error._tag === "NotReady")
  assertEquals([error.address, error.kind, error.isRetryable], [addresses.join(", "), "Unhealthy", true])
  assertLess(Duration.toMillis(error.elapsed), 1500)
  const [first, second, third, ...others] = error.reasons
  assertMatch(first!, new RegExp(`^${ill.address} is not healthy .*: starting$`))
  assertMatch(second!, new RegExp(`^${gone} cannot be reached .*ECONNREFUSED`))
  assertMatch(third!, new RegExp(`^${deaf.address} does not answer`))
  assertEquals(others, [])
  for (const server of [ill, deaf]) await assertNothingOpen(server)
})

test("connect tries each address once without retries, and reports a failure that may pass before one that stays", async () => {
  await using refusing = await startServer({
    handlers: { Connect: () => ({ status: { error_code: "UnexpectedError", code: 800, reason: "no such database" } }) },
  })
  const [gone, elsewhere] = [nowhere(), nowhere()]
  const error = await fails(Connection.connect({ addresses: [refusing.address, gone, elsewhere], retry: false }))
  assert(error._tag === "NotReady")
  assertEquals([error.kind, error.attempts], ["Unreachable", 3])
  assertMatch(error.reasons[0]!, /no such database/)
  const final = await fails(Connection.connect({ addresses: [refusing.address, `localhost:${refusing.port}`] }))
  assert(final._tag === "NotReady")
  assertEquals([final.kind, final.isRetryable], ["Rejected", false])
  await assertNothingOpen(refusing)
})

test("connect that is interrupted while it tries several addresses leaves nothing open", async () => {
  await using a = await startServer({ handlers: { Connect: () => never } })
  await using b = await startServer({ handlers: { CheckHealth: unhealthy } })
  for (const turns of [0, 1, 2, 3, 5, 8, 13, undefined]) {
    await run(Effect.gen(function* () {
      const fiber = yield* Effect.forkChild(Connection.connect({ addresses: [a.address, b.address] }))
      if (turns === undefined) yield* until(() => b.count("CheckHealth") > 0)
      for (let turn = 0; turn < (turns ?? 0); turn++) yield* Effect.yieldNow
      yield* Fiber.interrupt(fiber)
      assertEquals([openConnections(a.address), openConnections(b.address)], [0, 0])
    }))
    for (const server of [a, b]) await assertNothingOpen(server)
  }
})

test("connections count for the server that they use, and a server at its limit is skipped", async () => {
  await using a = await startServer()
  await using b = await startServer()
  const addresses = [a.address, b.address]
  const fill = ({ address }: FakeServer) => {
    for (let i = 0; i < maxConnections; i++) Effect.runSync(acquireSlot(address))
  }
  const empty = ({ address }: FakeServer) => {
    for (let i = 0; i < maxConnections; i++) releaseSlot(address)
  }
  fill(a)
  const used = await run(Effect.map(Connection.connect({ addresses }), ({ config }) => config.address))
  assertEquals([used, a.calls.length, openConnections(b.address)], [b.address, 0, 0])
  fill(b)
  const error = await fails(Connection.connect({ addresses }))
  assert(error._tag === "ConnectionLimit")
  assertEquals([error.address, error.limit], [a.address, maxConnections])
  empty(a)
  empty(b)
})

test("another server takes the place of one that is lost, which the connection and its registry show", async () => {
  await using a = await named("v2.6.1")
  await using b = await named("v2.6.2")
  const addresses = [a.address, b.address]
  const program = Effect.gen(function* () {
    const connection = yield* Connections.connect({ alias: "books", addresses })
    const states: Array<Connection.ConnectionState> = []
    yield* Effect.forkChild(Stream.runForEach(connection.changes, (state) => Effect.sync(() => states.push(state))))
    yield* until(() => states.length === 1)
    const { schemaChanges } = Connection.footprintOf(connection)
    yield* Effect.promise(() => a.crash())
    assertEquals(yield* versionOf(connection), "v2.6.2")
    assertEquals([connection.config.address, connection.config.port], [b.address, b.port])
    assertEquals(connection.config.addresses, addresses)
    assertEquals([connection.server.version, yield* connection.state], ["v2.6.2", "Ready"])
    assertEquals(states, ["Ready", "Reconnecting", "Ready"])
    // What was cached of the other server may be wrong here.
    assert(Connection.footprintOf(connection).schemaChanges > schemaChanges)
    assertEquals(Option.getOrThrow(yield* Connections.address("books")).address, b.address)
    assertEquals((yield* Connections.list).map(({ address }) => address), [b.address])
    // The parameters are the same, so it is the same connection.
    assert(connection === (yield* Connections.connect({ alias: "books", addresses })))
    const conflict = yield* Effect.flip(Connections.connect({ alias: "books", addresses: [b.address, a.address] }))
    assertEquals([conflict._tag, openConnections(a.address), openConnections(b.address)], ["AliasError", 0, 1])

    yield* Effect.promise(() => a.restart())
    assertEquals(yield* versionOf(connection), "v2.6.2")
    assertEquals(openSockets(a.port), 0)
    yield* Effect.promise(() => b.crash())
    assertEquals(yield* versionOf(connection), "v2.6.1")
    yield* Connections.disconnect("books")
    assertEquals(Option.getOrThrow(yield* Connections.address("books")).address, a.address)
  })
  await run(Effect.provide(program, Connections.layer()))
  for (const server of [a, b]) await assertNothingOpen(server)
})

test("another server takes the place of one that is silent, and whose session did not end", async () => {
  await using a = await named("v2.6.1")
  await using b = await named("v2.6.2")
  await run(Effect.gen(function* () {
    const proxy = yield* FaultProxy.make({ target: a.address })
    const keepAlive = { time: "5 seconds", timeout: "500 millis" } as const
    const connection = yield* Connection.connect({ addresses: [proxy.address, b.address], keepAlive })
    assertEquals(yield* versionOf(connection), "v2.6.1")
    yield* proxy.set(FaultProxy.blackhole)
    assertEquals(yield* versionOf(connection), "v2.6.2")
    assertEquals(connection.config.address, b.address)
  }))
  for (const server of [a, b]) await assertNothingOpen(server)
})

test("a connection finds another server while it is idle", async () => {
  await using a = await named("v2.6.1")
  await using b = await named("v2.6.2")
  await run(Effect.gen(function* () {
    const connection = yield* Connection.connect({ addresses: [a.address, b.address] })
    yield* Effect.promise(() => a.crash())
    yield* until(() => connection.config.address === b.address)
    assertEquals([yield* connection.state, b.count("GetVersion")], ["Ready", 0])
  }))
  for (const server of [a, b]) await assertNothingOpen(server)
})

test("calls that wait for another server share one search, which goes on if one of them is interrupted", async () => {
  await using a = await named("v2.6.1")
  await using b = await named("v2.6.2")
  await run(Effect.gen(function* () {
    const connection = yield* Connection.connect({ addresses: [a.address, b.address] })
    const health = Deferred.makeUnsafe<object>()
    b.handlers.CheckHealth = () => Effect.runPromise(Deferred.await(health))
    yield* Effect.promise(() => a.crash())
    yield* until(() => b.count("CheckHealth") === 1)
    const calls = yield* Effect.forEach(Array.from({ length: 50 }), () => Effect.forkChild(versionOf(connection)))
    // Longer than the head start of the lost server, after which another search would have tried the next one.
    yield* Effect.sleep(400)
    yield* Fiber.interrupt(calls[0]!)
    yield* Deferred.succeed(health, { status: success, isHealthy: true })
    for (const call of calls.slice(1)) assertEquals(yield* Fiber.join(call), "v2.6.2")
    assertEquals(b.count("Connect"), 1)
  }))
})

test("a write that was lost with its server is not repeated on another, and a read is", async () => {
  await using a = await startServer({ handlers: { Insert: () => never, ShowCollections: () => never } })
  await using b = await startServer({ handlers: { ShowCollections: () => ({ status: success }) } })
  await run(Effect.gen(function* () {
    const connection = yield* Connection.connect({ addresses: [a.address, b.address] })
    const write = yield* Effect.forkChild(Effect.flip(connection.call("Insert", { collection_name: "books" })))
    const read = yield* Effect.forkChild(connection.call("ShowCollections", {}))
    yield* until(() => a.count("Insert") + a.count("ShowCollections") === 2)
    yield* Effect.promise(() => a.crash())
    const error = yield* Fiber.join(write)
    assert(error._tag === "RpcError")
    assertEquals([error.progress, error.address], ["Lost", a.address])
    yield* Fiber.join(read)
    assertEquals([b.count("Insert"), b.count("ShowCollections")], [0, 1])
  }))
})

test("a call fails with the failure of each address if none is ready, within its deadline, and later calls try again", async () => {
  await using a = await named("v2.6.1")
  await using b = await named("v2.6.2")
  await run(Effect.gen(function* () {
    const addresses = [a.address, b.address]
    const connection = yield* Connection.connect({ addresses, connectTimeout: "600 millis" })
    yield* Effect.promise(() => Promise.all([a.crash(), b.crash()]))
    const error = yield* Effect.flip(versionOf(connection))
    assert(error._tag === "NotReady")
    assertEquals([error.kind, error.address, error.reasons.length], ["Unreachable", addresses.join(", "), 2])
    const late = yield* Effect.flip(connection.call("GetVersion", {}, { timeout: "100 millis" }))
    assert(late._tag === "RpcError")
    assertEquals([late.code, late.progress], ["DEADLINE_EXCEEDED", "NotSent"])
    yield* Effect.promise(() => b.restart())
    assertEquals(yield* versionOf(connection), "v2.6.2")
  }))
  for (const server of [a, b]) await assertNothingOpen(server)
})

test("calls on a server that shuts down end there while others go to the next, and then it is released", async () => {
  await using a = await startServer()
  await using b = await named("v2.6.2")
  const answer = Deferred.makeUnsafe<object>()
  a.handlers.Insert = () => Effect.runPromise(Deferred.await(answer))
  await run(Effect.gen(function* () {
    const connection = yield* Connection.connect({ addresses: [a.address, b.address] })
    const write = yield* Effect.forkChild(connection.call("Insert", { collection_name: "books" }))
    yield* until(() => a.count("Insert") === 1)
    const shutdown = a.shutdown()
    yield* until(() => connection.config.address === b.address)
    assertEquals(yield* versionOf(connection), "v2.6.2")
    assertEquals([openConnections(a.address), openConnections(b.address)], [1, 1])
    yield* Deferred.succeed(answer, { status: success, insert_cnt: 3n })
    assertEquals((yield* Fiber.join(write)).insert_cnt, 3n)
    yield* until(() => openConnections(a.address) === 0)
    yield* Effect.promise(() => shutdown)
  }))
  for (const server of [a, b]) await assertNothingOpen(server)
})

for (const how of ["a scope that closes", "drain"] as const) {
  test(`${how} ends a search, the calls that wait for it, and those on a server that was replaced`, async () => {
    await using a = await startServer({ handlers: { Insert: () => never } })
    await using b = await named("v2.6.2")
    await using c = await deafListener()
    const scope = Scope.makeUnsafe()
    const addresses = [a.address, b.address, c.address]
    const connection = await Effect.runPromise(Scope.provide(Connection.connect({ addresses }), scope))
    const write = Effect.runPromise(Effect.flip(connection.call("Insert", { collection_name: "books" })))
    await eventually(() => a.count("Insert") === 1)
    const shutdown = a.shutdown()
    await eventually(() => connection.config.address === b.address)
    await b.crash()
    const waiting = Effect.runPromise(Effect.flip(versionOf(connection)))
    await eventually(() => c.accepted > 0)
    // A drain that has started, and waits for the calls.
    if (how === "drain") await Effect.runPromise(Effect.race(Connection.drain(connection), Effect.sleep(50)))
    await Effect.runPromise(Scope.close(scope, Exit.void))
    assertEquals([(await write)._tag, (await waiting)._tag], ["ConnectionClosed", "ConnectionClosed"])
    assertEquals(await Effect.runPromise(connection.state), "Closed")
    for (const server of [a, b, c]) await assertNothingOpen(server)
    await shutdown
  })
}

test("a token Effect goes to the server that takes the place of another", async () => {
  await using a = await named("v2.6.1")
  await using b = await named("v2.6.2")
  let asked = 0
  await run(Effect.gen(function* () {
    const token = Effect.sync(() => `token ${++asked}`)
    const connection = yield* Connection.connect({ addresses: [a.address, b.address], token, pool: "QueuePool" })
    yield* Effect.promise(() => a.crash())
    assertEquals(yield* versionOf(connection), "v2.6.2")
    assertEquals(atob(String(b.calls.at(-1)!.metadata.get("authorization")[0])), `token ${asked}`)
  }))
  for (const server of [a, b]) await assertNothingOpen(server)
})

test("under load, no read fails and no write is applied twice while servers stop and start", async () => {
  await using a = await startServer()
  await using b = await startServer()
  const applied = new Map<string, number>()
  let writing = 0
  for (const { handlers } of [a, b]) {
    handlers.ShowCollections = () => ({ status: success })
    handlers.Insert = async ({ collection_name: name = "" }) => {
      applied.set(name, (applied.get(name) ?? 0) + 1)
      writing++
      // Writes in flight when a server stops.
      await new Promise((resolve) => setTimeout(resolve, 5))
      writing--
      return { status: success, insert_cnt: 1n }
    }
  }
  await run(Effect.gen(function* () {
    const connection = yield* Connection.connect({ addresses: [a.address, b.address] })
    const acknowledged = new Set<string>()
    let [isOver, reads, lost] = [false, 0, 0]
    const work = (worker: number) =>
      Effect.gen(function* () {
        for (let turn = 0; !isOver; turn++) {
          yield* connection.call("ShowCollections", {})
          reads++
          const name = `${worker} ${turn}`
          const exit = yield* Effect.result(connection.call("Insert", { collection_name: name }))
          if (exit._tag === "Success") acknowledged.add(name)
          else {
            assert(exit.failure._tag === "RpcError" && exit.failure.progress === "Lost", exit.failure.message)
            lost++
          }
        }
      })
    const load = yield* Effect.forkChild(Effect.forEach([0, 1, 2, 3], work, { concurrency: "unbounded" }))
    for (let round = 0; round < 6; round++) {
      const [up, down] = round % 2 === 0 ? [b, a] : [a, b]
      yield* until(() => connection.config.address === down.address)
      const before = reads
      yield* until(() => reads > before + 20 && writing > 0)
      yield* Effect.promise(() => down.crash())
      yield* until(() => connection.config.address === up.address)
      yield* Effect.promise(() => down.restart())
    }
    isOver = true
    yield* Fiber.join(load)
    assert(acknowledged.size > 100 && lost > 0, `${acknowledged.size} acknowledged, ${lost} lost`)
    for (const name of acknowledged) assertEquals(applied.get(name), 1, name)
    for (const [name, times] of applied) assertEquals(times, 1, name)
  }))
  for (const server of [a, b]) await assertNothingOpen(server)
})

test("several addresses are a parameter of the layer from a Config, of aliases and of the promise form", async () => {
  await using a = await named("v2.6.1")
  await using b = await named("v2.6.2")
  const addresses = [nowhere(), a.address, b.address]
  const version = Connection.Connection.use(versionOf)
  const layer = Connection.layerConfig({ addresses: Config.succeed<ReadonlyArray<string>>(addresses) })
  assertEquals(await run(Effect.provide(version, layer)), "v2.6.1")

  await using milvus = await connectPromise({ addresses })
  assertEquals(milvus.config.address, a.address)
  await using aliased = await connections.connect({ alias: "several", addresses })
  await a.crash()
  assertEquals((await milvus.call("GetVersion", {})).version, "v2.6.2")
  assertEquals([milvus.config.address, milvus.server.version], [b.address, "v2.6.2"])
  await eventually(() => aliased.config.address === b.address)
  assertEquals((await connections.address("several"))?.address, b.address)
  await connections.remove("several")
})
