/**
 * Real servers are killed (SIGKILL) repeatedly during inserts, and restarted on the same data. Acknowledged rows are
 * there, no row is there twice, and the client reports exactly the inserts whose outcome it does not know.
 *
 * A row has an id from the server and a number of its own, so that a row that was inserted twice is seen twice.
 *
 * milvus-lite gets one insert at a time. With several at once it loses acknowledged rows: version 3.2.2 lets them write
 * to one log without waiting for each other, and after a kill reads the log only up to the point where they collided.
 */
import { assert, assertEquals } from "@std/assert"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { Connection, Message, type RpcProgress } from "../../mod.ts"
import { run } from "../support/effects.ts"
import { assertNothingOpen } from "../support/leaks.ts"
import { figure, scaled } from "../support/scale.ts"
import { engines, lite } from "./engines.ts"
import { test } from "../support/test.ts"

const collection_name = "killed"

const create = (connection: Connection.Connection) =>
  Effect.gen(function* () {
    const schema = yield* Message.encode("milvus.proto.schema.CollectionSchema", {
      name: collection_name,
      fields: [
        { name: "id", data_type: "Int64", is_primary_key: true, autoID: true },
        { name: "number", data_type: "Int64" },
        { name: "vector", data_type: "FloatVector", type_params: [{ key: "dim", value: "2" }] },
      ],
    })
    yield* connection.call("CreateCollection", { collection_name, schema, shards_num: 1 })
    const extra_params = [{ key: "index_type", value: "FLAT" }, { key: "metric_type", value: "L2" }]
    yield* connection.call("CreateIndex", { collection_name, field_name: "vector", extra_params })
  })

const insert = (connection: Connection.Connection, number: number) =>
  connection.call("Insert", {
    collection_name,
    num_rows: 1,
    fields_data: [
      { field_name: "number", type: "Int64", scalars: { long_data: { data: [number] } } },
      { field_name: "vector", type: "FloatVector", vectors: { dim: 2, float_vector: { data: [number, 0] } } },
    ],
  })

/** Counts how often each number is in the collection. */
const stored = (connection: Connection.Connection, numbers: number) =>
  Effect.gen(function* () {
    yield* connection.call("LoadCollection", { collection_name, replica_number: 1 })
    yield* Effect.repeat(connection.call("GetLoadingProgress", { collection_name }), {
      until: ({ progress }) => progress === 100n,
      schedule: Schedule.spaced("50 millis"),
    })
    const times = new Map<number, number>()
    for (let from = 0; from < numbers; from += 1000) {
      const { fields_data } = yield* connection.call("Query", {
        collection_name,
        expr: `number >= ${from} and number < ${from + 1000}`,
        output_fields: ["number"],
        consistency_level: "Strong",
      })
      const { data = [] } = fields_data.find((field) => field.field_name === "number")?.scalars?.long_data ?? {}
      for (const number of data) times.set(Number(number), (times.get(Number(number)) ?? 0) + 1)
    }
    return times
  })

for (const engine of engines) {
  test(`${engine.name}: inserts during kill -9 are there once if acknowledged, and reported as lost if not`, async () => {
    const inserts = scaled(10_000, 1500)
    const kills = scaled(20, engine === lite ? 3 : 1)
    await using server = await engine.start()
    await run(Effect.gen(function* () {
      const connection = yield* Connection.connect({
        address: server.address,
        connectTimeout: "2 minutes",
        callTimeout: "5 minutes",
      })
      yield* create(connection)
      const acknowledged = new Set<number>()
      const failed = new Map<number, RpcProgress>()
      let next = 0
      let onAcknowledged = () => {}
      const worker = Effect.gen(function* () {
        while (next < inserts) {
          const number = next++
          yield* Effect.matchEffect(insert(connection, number), {
            onSuccess: () => Effect.sync(() => (acknowledged.add(number), onAcknowledged())),
            onFailure: (error) =>
              error._tag === "RpcError"
                ? Effect.sync(() => void failed.set(number, error.progress))
                : Effect.fail(error),
          })
        }
      })
      const moments = Array.from({ length: kills }, () => Math.floor(Math.random() * inserts * 0.98))
      moments.sort((a, b) => a - b)
      const recoveries: Array<number> = []
      const killer = Effect.promise(async () => {
        for (const moment of moments) {
          while (next < moment) await new Promise((resolve) => setTimeout(resolve, 1))
          // A random moment of an insert.
          await new Promise((resolve) => setTimeout(resolve, Math.random() * 20))
          await server.kill()
          await server.restart()
          const ready = performance.now()
          if (next >= inserts) continue
          await new Promise<void>((resolve) => onAcknowledged = resolve)
          recoveries.push(performance.now() - ready)
        }
      })
      yield* Effect.all([killer, ...Array.from({ length: engine === lite ? 1 : 16 }, () => worker)], {
        concurrency: "unbounded",
      })

      const times = yield* stored(connection, inserts)
      // Each insert is acknowledged, or reported as failed.
      assertEquals(acknowledged.size + failed.size, inserts)
      const missing = [...acknowledged].filter((number) => !times.has(number))
      assertEquals(missing, [], "acknowledged and not there")
      assertEquals([...times].filter(([, count]) => count > 1), [], "there more than once")
      const untold = [...times.keys()].filter((number) => !acknowledged.has(number) && failed.get(number) !== "Lost")
      assertEquals(untold, [], "there, and said not to have left")
      assert(failed.size > 0 || kills < 10, "a kill always finds some under way")

      const lostButThere = [...failed.keys()].filter((number) => times.has(number)).length
      recoveries.sort((a, b) => a - b)
      figure(
        `${engine.name}, ${inserts.toLocaleString("en")} inserts, ${kills} times kill -9`,
        `${acknowledged.size} acknowledged, all there once; ${failed.size} reported as lost, of which ${lostButThere} ` +
          `are there; first acknowledgement after the server is ready: median ${
            Math.round(recoveries[Math.floor(recoveries.length / 2)] ?? NaN)
          } ms, worst ${Math.round(recoveries.at(-1) ?? NaN)} ms`,
      )
    }))
    await assertNothingOpen(server)
  })
}
