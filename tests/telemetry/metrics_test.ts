/** Metrics of operations, connections and calls. */
import { assert, assertEquals } from "@std/assert"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Metric from "effect/Metric"
import { Collection, Connection, Field, Vectors } from "../../mod.ts"
import { TelemetryEnabled } from "../../src/telemetry/enabled.ts"
import { maxCollections, Target } from "../../src/telemetry/target.ts"
import { failure, never, startServer, success } from "../support/server.ts"
import { eventually } from "../support/sockets.ts"
import { test } from "../support/test.ts"

const Books = Collection.define("books", {
  id: Field.int64({ primaryKey: true }),
  vector: Field.floatVector({ dimension: 2 }),
})

/** Runs a program with metrics of its own, and returns its result. */
const run = <A, E>(program: Effect.Effect<A, E>): Promise<A> =>
  Effect.runPromise(Effect.provideService(program, Metric.MetricRegistry, new Map()))

/** The counts of the series of a metric, by the values of some of its attributes. */
const countsOf = (name: string, ...attributes: ReadonlyArray<string>) =>
  Effect.map(Metric.snapshot, (all) =>
    Object.fromEntries(
      all.filter(({ id }) => id === name).map((series) => [
        attributes.map((attribute) => series.attributes?.[attribute] ?? "").join(" "),
        "count" in series.state ? Number(series.state.count) : undefined,
      ]),
    ))

test("operations are counted by their name, collection and outcome", async () => {
  await using server = await startServer({ handlers: { ListDatabases: () => ({ status: success }) } })
  const counts = await run(Effect.scoped(Effect.gen(function* () {
    const connection = yield* Connection.connect(server.address)
    yield* connection.call("ListDatabases", {})
    yield* connection.call("ListDatabases", {})
    yield* Effect.flip(connection.call("DropCollection", { collection_name: "books" }))
    const off = Effect.provideService(connection.call("ListDatabases", {}), TelemetryEnabled, false)
    yield* off
    const outcome = ["error.type", "db.response.status_code"]
    return yield* countsOf("db.client.operation.duration", "db.operation.name", "db.collection.name", ...outcome)
  })))
  assertEquals(counts, { "ListDatabases   ": 2, "DropCollection books RpcError UNIMPLEMENTED": 1 })
})

test("retries, timeouts and the cost that the server reports are counted", async () => {
  const extra_info = { report_value: "21" }
  await using server = await startServer({
    handlers: {
      ListDatabases: () => server.count("ListDatabases") < 3 ? failure(14) : { status: success },
      Delete: () => ({ status: success, delete_cnt: 3n }),
      Upsert: () => ({
        status: { ...success, extra_info },
        IDs: { int_id: { data: [1n] } },
        upsert_cnt: 1n,
        succ_index: [0],
      }),
    },
  })
  const counts = await run(Effect.scoped(Effect.gen(function* () {
    const connection = yield* Connection.connect(server.address)
    const use = Effect.provideService(Connection.Connection, connection)
    yield* connection.call("ListDatabases", {})
    yield* use(Vectors.delete("books", { filter: "id > 0" }))
    yield* use(Vectors.upsert(Books, [{ id: 1, vector: [1, 2] }]))
    yield* Effect.promise(() => server.crash())
    yield* Effect.promise(() => eventually(() => Effect.runSync(connection.state) === "Reconnecting"))
    yield* Effect.flip(connection.call("ListDatabases", {}, { timeout: "30 millis" }))
    yield* Effect.promise(() => server.restart())
    const retries = yield* countsOf("milvus.client.retries", "rpc.method")
    return {
      retries: Number(retries["ListDatabases"]) >= 2,
      timeouts: Object.values(yield* countsOf("db.client.connection.timeouts")),
      rows: yield* countsOf("milvus.client.rows", "db.operation.name", "db.collection.name"),
      cost: yield* countsOf("milvus.client.cost_units", "db.operation.name"),
    }
  })))
  assertEquals(counts, {
    retries: true,
    timeouts: [1],
    rows: { "Vectors.delete books": 3, "Vectors.upsert books": 1 },
    cost: { "Vectors.upsert": 21 },
  })
})

test("the sessions to a server are counted while they are up: with calls in flight, and without", async () => {
  await using server = await startServer({ handlers: { ListDatabases: () => never } })
  const states = countsOf("db.client.connection.count", "db.client.connection.state")
  const [idle, used, closed] = await run(Effect.gen(function* () {
    const program = Effect.scoped(Effect.gen(function* () {
      const connection = yield* Connection.connect(server.address)
      const idle = yield* states
      const fiber = yield* Effect.forkChild(connection.call("ListDatabases", {}))
      yield* Effect.promise(() => eventually(() => server.count("ListDatabases") === 1))
      const used = yield* states
      yield* Fiber.interrupt(fiber)
      return [idle, used] as const
    }))
    return [...yield* program, yield* states] as const
  }))
  assertEquals([idle, used, closed], [{ idle: 1, used: 0 }, { idle: 0, used: 1 }, { idle: 0, used: 0 }])
})

test("so many collections of an operation have series of their own, and the others have one together", () => {
  const target = new Target("localhost:19530", "default")
  const series = Array.from({ length: maxCollections + 50 }, (_, at) => target.series("Vectors.search", `c${at}`))
  assert(new Set(series).size <= maxCollections + 1)
  assertEquals(target.series("Vectors.search", "c0"), series[0])
  assertEquals(target.series("Vectors.search", "other"), target.series("Vectors.search", undefined))
})
