/** A level of consistency holds wherever it was set, for every read, and by whatever name the collection is used. */
import { assert, assertEquals } from "@std/assert"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { Collection, Connection, Vectors } from "../../../mod.ts"
import { test } from "../../support/test.ts"
import { namer, onFake, servers, simple } from "../support.ts"

const next = namer("levels")

type Level = "Strong" | "Session" | "Bounded" | "Eventually"

/** What a read of one row by each operation finds: 0 or 1. */
const reads: Readonly<
  Record<
    string,
    (
      collection: Collection.AnyDefinition | string,
      id: number,
      options: { readonly consistency?: Level },
    ) => Effect.Effect<number, unknown, Connection.Connection>
  >
> = {
  query: (collection, id, options) =>
    Effect.map(Vectors.query(collection, `id == ${id}`, options), ({ length }) => length),
  get: (collection, id, options) => Effect.map(Vectors.get(collection, [id], options), ({ length }) => length),
  count: (collection, id, options) => Vectors.count(collection, `id == ${id}`, options),
  search: (collection, id, options) =>
    Effect.map(
      Vectors.search(collection, [[id, 0]], { limit: 1, filter: `id == ${id}`, ...options }),
      ({ ids }) => ids.length,
    ),
  queryBatches: (collection, id, options) =>
    Stream.runCollect(Vectors.queryBatches(collection, `id == ${id}`, options)).pipe(
      Effect.map((batches) => [...batches].reduce((sum, { length }) => sum + length, 0)),
    ),
  searchBatches: (collection, id, options) =>
    Stream.runCollect(Vectors.searchBatches(collection, [id, 0], { filter: `id == ${id}`, ...options })).pipe(
      Effect.map((batches) => [...batches].reduce((sum, { ids }) => sum + ids.length, 0)),
    ),
}

/** Where a level was set, and how a read then has it. */
const places = {
  "by the call": (name: string, level: Level) =>
    [simple(name, { level: "Eventually" }), { consistency: level }] as const,
  "by the definition": (name: string, level: Level) => [simple(name, { level }), {}] as const,
  "by the server, for a name": (name: string, _: Level) => [name, {}] as const,
  "by the server, for a definition without a level": (name: string, _: Level) => {
    const { options: { consistencyLevel: __, ...options }, ...rest } = simple(name)
    return [{ ...rest, options }, {}] as const
  },
}

/** Own writes in a row; a level that does not hold misses all of them on Milvus 2.3.5. */
const writes = 3

for (const [server, run] of Object.entries(servers())) {
  for (const [place, use] of Object.entries(places)) {
    for (const level of ["Strong", "Session"] as const) {
      test(`rule 15: ${server}: each read sees its own writes at the level ${level} that was set ${place}`, () =>
        run(({ mine }) =>
          mine(Effect.gen(function* () {
            const name = next()
            yield* Collection.create(simple(name, { level: place === "by the call" ? "Eventually" : level }))
            const [collection, options] = use(name, level)
            let id = 0
            for (const [operation, read] of Object.entries(reads)) {
              for (let turn = 0; turn < writes; turn++) {
                yield* Vectors.insert(collection, [{ id: ++id, v: [id, 0] }])
                assertEquals(yield* read(collection, id, options), 1, `${operation} after an insert`)
              }
            }
            yield* Vectors.upsert(collection, [{ id: ++id, v: [id, 0] }])
            assertEquals(yield* Vectors.count(collection, `id == ${id}`, options), 1, "after an upsert")
            yield* Vectors.delete(collection, { ids: [id] })
            assertEquals(yield* Vectors.count(collection, `id == ${id}`, options), 0, "after a delete")
            yield* Vectors.insert(collection, [{ id: ++id, v: [id, 0] }])
            assertEquals(yield* Vectors.count(collection, `id == ${id}`, options), 1, "after a delete and an insert")
          }))
        ))
    }
  }

  test(`rule 15: ${server}: own writes are seen across aliases, names and raw calls`, () =>
    run(({ mine, other }) =>
      mine(Effect.gen(function* () {
        const connection = yield* Connection.Connection
        const [C, alias] = [simple(next(), { level: "Session" }), `${next()}_alias`]
        yield* Collection.create(C)
        yield* connection.call("CreateAlias", { collection_name: C.name, alias })
        const byAlias = { ...C, name: alias }
        let id = 0
        const pairs = [[alias, C], [C, alias], [byAlias, C.name], [C.name, byAlias]] as const
        for (const [written, read] of pairs) {
          for (let turn = 0; turn < 2; turn++) {
            yield* Vectors.insert(written, [{ id: ++id, v: [id, 0] }])
            assertEquals(yield* Vectors.count(read, `id == ${id}`), 1)
          }
        }
        // By the name that another client gives it.
        yield* Vectors.insert(C.name, [{ id: ++id, v: [id, 0] }])
        yield* connection.call("DropAlias", { alias })
        const renamed = next()
        yield* other(Collection.rename(C, renamed))
        if (server === "milvus-lite") yield* other(Collection.load(renamed))
        assertEquals(yield* Vectors.count(renamed, `id == ${id}`), 1)
        yield* connection.call("Delete", { collection_name: renamed, expr: `id in [${id}]` })
        assertEquals(yield* Vectors.count(renamed, `id == ${id}`), 0)
      }))
    ))
}

test("rule 15: a read carries the level and the timestamp of its level, as pymilvus sends them", () =>
  onFake(({ mine }, fake) =>
    mine(Effect.gen(function* () {
      const C = simple(next(), { level: "Bounded" })
      const { options: { consistencyLevel: _, ...options }, ...rest } = C
      const Open = { ...rest, options }
      yield* Collection.create(C)
      const sent = (read: Effect.Effect<unknown, unknown, Connection.Connection>) =>
        Effect.gen(function* () {
          yield* fake.clearCalls
          yield* read
          const last = (yield* fake.calls).at(-1)
          assert(last?.method === "Query" || last?.method === "Search", last?.method)
          const { consistency_level, guarantee_timestamp, use_default_consistency } = last.request
          return use_default_consistency ? ["default", guarantee_timestamp] : [consistency_level, guarantee_timestamp]
        })
      const read = (consistency?: Vectors.ReadOptions["consistency"], guaranteeTimestamp?: bigint) =>
        Vectors.query(Open, "id in [1]", { consistency, guaranteeTimestamp })
      assertEquals(yield* sent(read()), ["default", 0n])
      assertEquals(yield* sent(read("Session")), ["Session", 1n])
      const { timestamp } = yield* Vectors.insert(Open, [{ id: 1, v: [0, 0] }])
      assert(timestamp > 0n)
      assertEquals(yield* sent(read()), ["default", timestamp])
      // The server is another process by now; what was written is still the connection's own.
      yield* fake.crash
      yield* fake.restart
      assertEquals(yield* sent(read()), ["default", timestamp])
      assertEquals(yield* sent(read("Strong")), ["Strong", 0n])
      assertEquals(yield* sent(read("Session")), ["Session", timestamp])
      assertEquals(yield* sent(read("Bounded")), ["Bounded", 2n])
      assertEquals(yield* sent(read("Eventually")), ["Eventually", 1n])
      assertEquals(yield* sent(read("Customized", 77n)), ["Customized", 77n])
      assertEquals(yield* sent(Vectors.search(C, [[0, 0]], { limit: 1 })), ["Bounded", 2n])
      // Writes to a collection that is known to be another one do not hold up the reads of this one.
      const D = simple(next())
      yield* Collection.create(D)
      yield* Vectors.get(C.name, [1])
      const later = yield* Vectors.insert(D.name, [{ id: 1, v: [0, 0] }])
      assert(later.timestamp > timestamp)
      assertEquals(yield* sent(Vectors.get(C.name, [1])), ["default", timestamp])
      // A write that may have been one through an alias does.
      const { timestamp: unknown } = yield* Vectors.insert({ ...Open, name: D.name }, [{ id: 2, v: [0, 0] }])
      assertEquals(yield* sent(Vectors.get(D.name, [1])), ["default", unknown])
    }))
  ))

test("rule 20: a strong stream on Milvus 2.3 waits for one moment, and not for that of each batch", () =>
  onFake(({ mine }, fake) =>
    mine(Effect.gen(function* () {
      for (const level of ["Strong", "Session", "Bounded"] as const) {
        const C = simple(next(), { level })
        yield* Collection.create(C)
        const { timestamp } = yield* Vectors.insert(C, Array.from({ length: 9 }, (_, id) => ({ id, v: [id, 0] })))
        for (
          const stream of [
            Vectors.queryBatches(C, undefined, { batchSize: 2 }),
            Vectors.searchBatches(C, [0, 0], { batchSize: 2 }),
          ] as ReadonlyArray<Stream.Stream<unknown, unknown, Connection.Connection>>
        ) {
          yield* fake.clearCalls
          yield* Stream.runDrain(stream)
          const calls = yield* fake.calls
          const asked = calls.filter(({ method }) => method === "AllocTimestamp")
          assertEquals(asked.length, level === "Strong" ? 1 : 0)
          const pages = calls.flatMap((call) =>
            call.method === "Query" || call.method === "Search" ? [call.request] : []
          )
          assert(pages.length > 4)
          const [first] = pages
          const wanted = { Strong: "Customized", Session: "Session", Bounded: "Bounded" }[level]
          for (const { consistency_level, guarantee_timestamp } of pages) {
            assertEquals([consistency_level, guarantee_timestamp], [wanted, first?.guarantee_timestamp])
          }
          if (level === "Session") assertEquals(first?.guarantee_timestamp, timestamp)
          if (level === "Strong") assert(first!.guarantee_timestamp >= timestamp)
        }
      }
    })), { version: "v2.3.5" }))

test("rule 11: batches are read at the time of the first one if the server reports it, and as fresh as asked for", () =>
  onFake(({ mine }, fake) =>
    mine(Effect.gen(function* () {
      const C = simple(next(), { level: "Session" })
      yield* Collection.create(C)
      yield* Vectors.insert(C, [{ id: 1, v: [0, 0] }])
      let pages = 0
      yield* fake.handle("Query", () =>
        Effect.succeed({
          session_ts: BigInt(500 + ++pages),
          primary_field_name: "id",
          fields_data: [{
            type: "Int64",
            field_name: "id",
            scalars: { long_data: { data: pages > 3 ? [] : [BigInt(pages)] } },
          }],
        }))
      yield* Stream.runDrain(Vectors.queryBatches(C, undefined, { batchSize: 1, outputFields: ["id"] }))
      const requests = (yield* fake.calls).flatMap((call) => call.method === "Query" ? [call.request] : [])
      assertEquals(requests.map((it) => [it.consistency_level, it.guarantee_timestamp]), [
        // A timestamp would be the one to read at, and hide what others wrote after it.
        ["Strong", 0n],
        ["Customized", 501n],
        ["Customized", 501n],
        ["Customized", 501n],
      ])
    }))
  ))
