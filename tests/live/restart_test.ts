/**
 * Real servers that go away and come back during a connection: killed, stopped in order, frozen, or not started yet.
 * The process survives, the connection recovers by itself, and every failure meanwhile is typed. Recovery times are
 * printed and not asserted, because they depend on the machine.
 */
import { assert, assertEquals, assertGreater, assertLess, assertNotEquals } from "@std/assert"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Schedule from "effect/Schedule"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { Connection, Message, type NotReady } from "../../mod.ts"
import { run } from "../support/effects.ts"
import { assertNothingOpen } from "../support/leaks.ts"
import { freePort } from "../support/listeners.ts"
import { type MilvusServer, startMilvus, startMilvusLite } from "../support/milvus.ts"
import { openSockets, until } from "../support/sockets.ts"
import { notReady } from "../support/notReady.ts"
import { assertServes, type Engine, engines, lite, standalone } from "./engines.ts"
import { test } from "../support/test.ts"

/** Collects the states of a connection from now on. */
const recorded = (connection: Connection.Connection) =>
  Effect.gen(function* () {
    const states: Array<Connection.ConnectionState> = []
    yield* Effect.forkScoped(
      Stream.runForEach(connection.changes, (state) => Effect.sync(() => void states.push(state))),
    )
    yield* until(() => states.length > 0)
    return states
  })

const stateIs = (connection: Connection.Connection, state: Connection.ConnectionState, timeout = 5_000) =>
  until(() => Effect.runSync(connection.state) === state, { timeout })

const collection_name = "kept"

const createCollection = (connection: Connection.Connection) =>
  Effect.flatMap(
    Message.encode("milvus.proto.schema.CollectionSchema", {
      name: collection_name,
      fields: [
        { name: "id", data_type: "Int64", is_primary_key: true },
        { name: "vector", data_type: "FloatVector", type_params: [{ key: "dim", value: "2" }] },
      ],
    }),
    (schema) => connection.call("CreateCollection", { collection_name, schema, shards_num: 1 }),
  )

/** Returns the ids in the collection. */
const idsOf = (connection: Connection.Connection) =>
  Effect.gen(function* () {
    yield* connection.call("CreateIndex", {
      collection_name,
      field_name: "vector",
      extra_params: [{ key: "index_type", value: "FLAT" }, { key: "metric_type", value: "L2" }],
    })
    yield* connection.call("LoadCollection", { collection_name, replica_number: 1 })
    yield* Effect.repeat(connection.call("GetLoadingProgress", { collection_name }), {
      until: ({ progress }) => progress === 100n,
      schedule: Schedule.spaced("50 millis"),
    })
    const { fields_data } = yield* connection.call("Query", {
      collection_name,
      expr: "id > 0",
      output_fields: ["id"],
      consistency_level: "Strong",
    })
    const { data = [] } = fields_data.find(({ field_name }) => field_name === "id")?.scalars?.long_data ?? {}
    return data.toSorted((a, b) => Number(a - b))
  })

const report = (what: string, since: number) => console.log(`${what}: ${Math.round(performance.now() - since)} ms`)

for (const engine of engines) {
  const { name } = engine

  test(`${name}: a connection and its calls go on over a kill -9 and a restart, with the handshake repeated`, async () => {
    await using server = await engine.start()
    await run(Effect.gen(function* () {
      const connection = yield* Connection.connect({ address: server.address, connectTimeout: "60 seconds" })
      const other = yield* Connection.connect(server.address)
      const states = yield* recorded(connection)
      yield* createCollection(connection)
      const before = connection.server

      yield* Effect.promise(() => server.kill())
      yield* stateIs(connection, "Reconnecting")
      // Made while no server listens, and answered by the restarted server.
      const waiting = yield* Effect.forkChild(
        Effect.forEach(Array.from({ length: 20 }), () => connection.call("GetVersion", {}, { timeout: "60 seconds" }), {
          concurrency: "unbounded",
        }),
      )
      const failed = yield* Effect.flip(other.call("GetVersion", {}, { timeout: "300 millis" }))
      assert(failed._tag === "RpcError", failed.message)
      assertEquals([failed.code, failed.progress], ["DEADLINE_EXCEEDED", "NotSent"])

      const restarting = performance.now()
      yield* Effect.promise(() => server.restart())
      const up = performance.now()
      const versions = yield* Fiber.join(waiting)
      console.log(`${name}: up after ${Math.round(up - restarting)} ms`)
      report(`${name}: calls answered after that`, up)
      assertEquals(versions.map(({ version }) => version), Array(20).fill(engine.server.version))

      yield* assertServes(connection, engine)
      yield* assertServes(other, engine)
      assertEquals((yield* connection.call("HasCollection", { collection_name })).value, true)
      if (engine.identifies) {
        assertNotEquals(connection.server.identifier, before.identifier)
        assertNotEquals(connection.server.identifier, other.server.identifier)
      }
      assertEquals(states[0], "Ready")
      assertEquals(states.at(-1), "Ready")
      assert(states.includes("Reconnecting"))
      assertEquals(openSockets(server.port), 1)
    }))
    await assertNothingOpen(server)
  })

  test(`${name}: the process survives the server's graceful stop under load, and the connection comes back`, async () => {
    await using server = await engine.start()
    await run(Effect.gen(function* () {
      const connections = yield* Effect.all(
        Array.from({ length: 5 }, (_, i) =>
          // Each has other settings, and so a channel of its own that gets its own GOAWAY.
          Connection.connect({ address: server.address, maxMessageSize: 1_000_000 + i })),
        { concurrency: "unbounded" },
      )
      let [answered, refused] = [0, 0]
      const load = yield* Effect.forEach(
        connections,
        (connection) =>
          Effect.forkScoped(
            Effect.forever(Effect.match(connection.call("ListDatabases", {}, { timeout: "2 seconds" }), {
              onSuccess: () => void answered++,
              onFailure: (error) => {
                assert(
                  error._tag === "RpcError" || error._tag === "NotReady" || error._tag === "ServerError",
                  error.message,
                )
                refused++
              },
            })),
          ),
      )
      yield* until(() => answered > 50)

      yield* Effect.promise(() => server.stop())
      for (const connection of connections) yield* stateIs(connection, "Reconnecting")
      const restarting = performance.now()
      yield* Effect.promise(() => server.restart())
      const up = performance.now()
      const answeredBefore = answered
      yield* until(() => answered > answeredBefore + 50, { timeout: 20_000 })
      console.log(`${name}: up after ${Math.round(up - restarting)} ms; ${refused} calls failed in between`)
      report(`${name}: 50 calls answered after that`, up)
      yield* Fiber.interruptAll(load)
      for (const connection of connections) {
        yield* stateIs(connection, "Ready")
        yield* assertServes(connection, engine)
      }
      report(`${name}: all of 5 channels up after that`, up)
    }))
    await assertNothingOpen(server)
  })

  test(`${name}: acknowledged writes survive; an unacknowledged one is reported, and not made again`, async () => {
    await using server = await engine.start()
    await run(Effect.gen(function* () {
      const connection = yield* Connection.connect({ address: server.address, connectTimeout: "60 seconds" })
      yield* createCollection(connection)
      const insert = (id: number) =>
        connection.call("Insert", {
          collection_name,
          num_rows: 1,
          fields_data: [
            { field_name: "id", type: "Int64", scalars: { long_data: { data: [id] } } },
            { field_name: "vector", type: "FloatVector", vectors: { dim: 2, float_vector: { data: [id, 0] } } },
          ],
        })
      const [acknowledged, lost, queued] = [1, 2, 3]
      assertEquals((yield* insert(acknowledged)).insert_cnt, 1n)

      yield* Effect.promise(() => server.pause())
      const inserting = yield* Effect.forkChild(Effect.flip(insert(lost)))
      // The server is frozen, so an insert that was sent has no event.
      yield* Effect.sleep("200 millis")
      yield* Effect.promise(() => server.kill())
      const error = yield* Fiber.join(inserting)
      assert(error._tag === "RpcError", error.message)
      assertEquals([error.method, error.progress], ["Insert", "Lost"])

      // A write that was not sent is made when the server is back.
      yield* stateIs(connection, "Reconnecting")
      const waiting = yield* Effect.forkChild(insert(queued))
      yield* Effect.promise(() => server.restart())
      assertEquals((yield* Fiber.join(waiting)).insert_cnt, 1n)

      assertEquals((yield* idsOf(connection)).filter((id) => id !== BigInt(lost)), [1n, 3n])
    }))
    await assertNothingOpen(server)
  })

  test(`${name}: a frozen server is detected by keep-alive, and its calls end at their deadline`, async () => {
    await using server = await engine.start()
    await run(Effect.gen(function* () {
      const keepAlive = { time: "5 seconds", timeout: "1 second" } as const
      const connection = yield* Connection.connect({ address: server.address, keepAlive, connectTimeout: "30 seconds" })
      const states = yield* recorded(connection)
      yield* Effect.promise(() => server.pause())
      const frozen = performance.now()

      const [elapsed, late] = yield* Effect.timed(
        Effect.flip(connection.call("ListDatabases", {}, { timeout: "500 millis" })),
      )
      assertEquals(late._tag === "RpcError" && [late.code, late.progress], ["DEADLINE_EXCEEDED", "Lost"])
      assertLess(Duration.toMillis(elapsed), 1_500)

      yield* stateIs(connection, "Reconnecting", 15_000)
      report(`${name}: frozen server noticed`, frozen)
      assertGreater(performance.now() - frozen, 1_000)
      const unanswered = yield* Effect.flip(connection.call("ListDatabases", {}, { timeout: "500 millis" }))
      assert(unanswered._tag === "RpcError" || unanswered._tag === "NotReady", unanswered.message)

      server.resume()
      const resumed = performance.now()
      const { db_names } = yield* connection.call("ListDatabases", {}, { timeout: "30 seconds" })
      report(`${name}: first call after it goes on`, resumed)
      assertEquals(db_names, ["default"])
      yield* assertServes(connection, engine)
      assertEquals([states[0], states.at(-1)], ["Ready", "Ready"])
    }))
    await assertNothingOpen(server)
  })

  test(`${name}: a scope that closes while the server is frozen leaves nothing open`, async () => {
    await using server = await engine.start()
    const scope = Scope.makeUnsafe()
    const connection = await Effect.runPromise(Scope.provide(Connection.connect(server.address), scope))
    await server.pause()
    const pending = Effect.runPromise(Effect.flip(connection.call("ListDatabases", {})))
    // The server is frozen, so a call that was sent has no event.
    await new Promise((resolve) => setTimeout(resolve, 100))
    const start = performance.now()
    await Effect.runPromise(Scope.close(scope, Exit.void))
    assertEquals((await pending)._tag, "ConnectionClosed")
    assertLess(performance.now() - start, 1_000)
    await assertNothingOpen(server)
  })
}

/** Starts a server while a client already waits for it on its port. */
const starting: ReadonlyArray<readonly [Engine, (port: number) => Promise<MilvusServer>]> = [
  [lite, (port) => startMilvusLite({ port })],
  [standalone, (port) => startMilvus({ port })],
]

for (const [engine, start] of starting) {
  test(`${engine.name}: connect before the server is up connects once it is ready`, async () => {
    const port = freePort()
    const address = `127.0.0.1:${port}`
    const asked = performance.now()
    const connecting = run(Effect.flatMap(
      Connection.connect({ address, connectTimeout: "90 seconds" }),
      (connection) =>
        Effect.andThen(
          Effect.sync(() => report(`${engine.name}: connected after its start`, asked)),
          assertServes(connection, engine),
        ),
    ))
    const [server] = await Promise.all([start(port), connecting])
    await using _server = server
    await assertNothingOpen(server)
  })

  test(`${engine.name}: connect while the server starts is NotReady with a retryable kind`, async () => {
    const port = freePort()
    const address = `127.0.0.1:${port}`
    const kinds = new Map<string, number>()
    let isUp = false
    const launched = start(port).finally(() => isUp = true)
    while (!isUp) {
      const exit = await Effect.runPromiseExit(Effect.scoped(Connection.connect({ address, retry: false })))
      if (Exit.isSuccess(exit)) break
      const error = await notReadyOf(exit)
      assertEquals(error.isRetryable, true, error.message)
      kinds.set(error.kind, (kinds.get(error.kind) ?? 0) + 1)
      // Before the next attempt to connect.
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    await using server = await launched
    console.log(`${engine.name}: on the way up`, Object.fromEntries(kinds))
    assertGreater(kinds.get("Unreachable") ?? 0, 0)
    await run(Effect.flatMap(Connection.connect(address), (connection) => assertServes(connection, engine)))
    await server.kill()
    assertEquals((await notReady({ address, retry: false })).kind, "Unreachable")
    await assertNothingOpen(server)
  })
}

const notReadyOf = async (exit: Exit.Exit<unknown, unknown>) => {
  const error = await Effect.runPromise(Effect.flip(exit))
  assert(typeof error === "object" && error !== null && "_tag" in error && error._tag === "NotReady", String(error))
  // Cast: the tag determines the type.
  return error as NotReady
}
