/** Operations of this library that keep a server in order work against a FakeMilvus as against real servers. */
import { assert, assertEquals } from "@std/assert"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import * as TestClock from "effect/testing/TestClock"
import { Collection, Connection, Field, Index, Maintenance, System, Vectors } from "../../mod.ts"
import * as FakeMilvus from "../../src/testing/FakeMilvus.ts"
import { run } from "../support/effects.ts"
import { shared, startMilvus, startMilvusLite } from "../support/milvus.ts"
import { test } from "../support/test.ts"
import { connected } from "./connected.ts"

const milvus = shared(startMilvus)
const lite = shared(startMilvusLite)

const Books = Collection.define("kept", {
  id: Field.int64({ primaryKey: true }),
  vector: Field.floatVector({ dimension: 2 }),
}, { indexes: { vector: Index.flat({ metric: "L2" }) }, consistencyLevel: "Strong" })

const rows = (...ids: ReadonlyArray<number>) => ids.map((id) => ({ id, vector: [id, 1] }))

/** Sizes and states of segments, by size: Milvus 2.3.5 lists segments in any order. */
const sizes = (segments: ReadonlyArray<Maintenance.Segment>) =>
  segments.map(({ rows, state }) => [rows, state] as const).sort(([a], [b]) => Number(a) - Number(b))

/** Segments are stored, lose their deleted rows in a compaction, and get new ids. */
const maintain = Effect.gen(function* () {
  yield* Collection.create(Books)
  yield* Vectors.insert(Books, rows(1, 2, 3))
  const growing = yield* Maintenance.segments(Books)
  yield* (yield* Maintenance.flush(Books)).await
  const [first] = yield* Maintenance.segments(Books)
  yield* Vectors.insert(Books, rows(4))
  yield* (yield* Maintenance.flushAll()).await
  // Milvus 2.3.5 reports that it is done a moment too early.
  const stored = yield* Effect.repeat(Maintenance.segments(Books), {
    until: (segments) => segments.every(({ state }) => state === "Flushed"),
    schedule: Schedule.spaced("50 millis"),
  })
  const job = yield* Maintenance.compact(Books)
  const { state, completed, failed } = yield* job.await
  const plans = yield* Maintenance.compactionPlans(job.id)
  const merged = yield* Maintenance.segments(Books)
  const missing = yield* Effect.flip(Maintenance.loadBalance(Books, { from: 77n }))
  const { values, component } = yield* System.metrics()
  assert(typeof values === "object" && values !== null && "nodes_info" in values)
  return {
    growing,
    first: [first?.rows, first?.state],
    stored: sizes(stored),
    isKept: stored.some(({ id }) => id === first?.id),
    done: [state, completed, failed],
    plans,
    merged: sizes(merged),
    isNew: merged.every(({ id }) => stored.every((segment) => segment.id !== id)),
    missing: missing._tag === "ServerError" ? missing.code : missing._tag,
    component,
    parts: (yield* System.components()).map(({ node, role, state }) => [node, role, state]),
    link: yield* System.registerLink(),
    dummy: [yield* System.dummy("a"), yield* System.dummy('{"request_type":"query"}')],
  }
})

test("a FakeMilvus keeps segments and compacts them as Milvus 2.3.5 does", async () => {
  const real = await run(Effect.provide(maintain, Connection.layer(milvus().address)))
  const fake = await run(Effect.provide(maintain, FakeMilvus.layerConnected({ version: "v2.3.5" })))
  const withoutIds = ({ plans, ...seen }: typeof real) => ({ ...seen, plans: JSON.stringify(plans, replaceIds) })
  assertEquals(withoutIds(fake), withoutIds(real))
})

const replaceIds = (_key: string, value: unknown) => typeof value === "bigint" ? "id" : value

test("a compaction runs for 100 ms by Effect's clock, and takes deleted rows away", async () => {
  await run(
    Effect.gen(function* () {
      yield* Collection.create(Books)
      yield* Vectors.insert(Books, rows(1, 2, 3))
      yield* (yield* Maintenance.flush(Books)).await
      yield* Vectors.delete(Books, { ids: [2] })
      const sizes = Effect.map(Maintenance.segments(Books), (all) => all.map(({ rows }) => rows))
      assertEquals(yield* sizes, [3])
      const { id } = yield* Maintenance.compact(Books)
      assertEquals((yield* Maintenance.compactionState(id)).state, "Executing")
      assertEquals(yield* sizes, [3])
      yield* TestClock.adjust("100 millis")
      yield* (yield* Maintenance.compactionFromId(id)).await
      assertEquals(yield* sizes, [2])
      assertEquals((yield* Maintenance.loadedSegments(Books)).map(({ rows, index }) => [rows, index]), [[2, "vector"]])
      const { rows: found } = yield* Vectors.query(Books, "id > 0")
      assertEquals(found.toArray().map(({ id }) => id), [1n, 3n])
      yield* Vectors.delete(Books, { ids: [1, 3] })
      const last = yield* Maintenance.compact(Books)
      yield* TestClock.adjust("100 millis")
      yield* last.await
      assertEquals(yield* sizes, [])
      assertEquals((yield* (yield* Maintenance.compact(Books)).await).completed, 0)
    }).pipe(Effect.provide(FakeMilvus.layerConnected()), Effect.provide(TestClock.layer())),
  )
})

test("segments of a loaded collection move from one query node to another", async () => {
  await connected(() =>
    Effect.gen(function* () {
      yield* Collection.create(Books)
      yield* Vectors.insert(Books, rows(1, 2, 3))
      yield* (yield* Maintenance.flush(Books)).await
      const nodes = Effect.map(Maintenance.loadedSegments(Books), (all) => all.flatMap(({ nodes }) => nodes))
      const [from = 0n] = yield* nodes
      const to = 3n - from
      yield* Maintenance.loadBalance(Books, { from, to: [to] })
      assertEquals(yield* nodes, [to])
      yield* Maintenance.loadBalance(Books, { from: to })
      assertEquals(yield* nodes, [from])
      const { id = 0n } = (yield* Maintenance.segments(Books))[0] ?? {}
      const error = yield* Effect.flip(Maintenance.loadBalance(Books, { from: to, segments: [id] }))
      assertEquals(error._tag === "ServerError" && error.code, 65535)
      yield* (yield* Maintenance.optimize(Books)).await
      assertEquals((yield* Maintenance.segments(Books)).map((segment) => segment.id === id), [false])
    }), { queryNodes: 2 })
})

test("parameters of an index can be altered while its collection is released", async () => {
  await connected((fake) =>
    Effect.gen(function* () {
      yield* Collection.create(Books)
      const alter = Index.alter(Books, "vector", { "mmap.enabled": true })
      const code = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
        // Cast: refusals are looked at, of which those of the server have a code.
        Effect.map(Effect.flip(effect), (error) => (error as { readonly code?: unknown }).code)
      assertEquals(yield* code(alter), 104)
      yield* Collection.release(Books)
      yield* alter
      assertEquals((yield* Index.describe(Books))[0]?.params["mmap.enabled"], "true")
      assertEquals(yield* code(Index.alter(Books, "vector", { nlist: 1 })), 1100)
      assertEquals(yield* code(Index.alter(Books, "nowhere", { "mmap.enabled": true })), 700)
      yield* Index.dropProperties(Books, "vector", ["mmap.enabled"])
      assertEquals((yield* Index.describe(Books))[0]?.params["mmap.enabled"], undefined)
      yield* fake.setHealth({ isHealthy: false, reasons: ["a test"] })
      assertEquals((yield* System.components())[0]?.state, "Abnormal")
    })
  )
})

const Two = Collection.define("two", {
  id: Field.int64({ primaryKey: true }),
  a: Field.floatVector({ dimension: 2 }),
  b: Field.floatVector({ dimension: 2 }),
}, { indexes: { a: Index.flat({ metric: "L2" }), b: Index.flat({ metric: "COSINE" }) }, consistencyLevel: "Strong" })

const fuse = Effect.gen(function* () {
  yield* Collection.create(Two)
  yield* Vectors.insert(
    Two,
    Array.from({ length: 12 }, (_, id) => ({ id, a: [id, 1], b: [Math.cos(id), Math.sin(id)] })),
  )
  const parts = (limit: number, filter?: string) =>
    [
      { data: [[3.2, 1], [7.1, 1]], field: "a", limit, ...filter === undefined ? {} : { filter } },
      { data: [[1, 0.2], [-1, 0.3]], field: "b", limit },
    ] as const
  const seen: Array<unknown> = []
  for (
    const [searches, options] of [
      [parts(5), { limit: 4 }],
      [parts(5), { limit: 3, offset: 2 }],
      [parts(3, "id < 9"), { limit: 12, rerank: { strategy: "rrf", k: 7 } }],
    ] as const
  ) {
    const { hits } = yield* Vectors.hybridSearch(Two, searches, { ...options, outputFields: ["a"] })
    seen.push(
      [0, 1].map((query) => hits(query).toArray().map(({ id, score, row }) => [id, score.toFixed(5), row.a.join()])),
    )
  }
  return seen
})

test("a FakeMilvus ranks the hits of a hybrid search as milvus-lite does", async () => {
  const real = await run(Effect.provide(fuse, Connection.layer(lite().address)))
  assertEquals(await run(Effect.provide(fuse, FakeMilvus.layerConnected())), real)
  const error = await run(Effect.flip(Effect.provide(fuse, FakeMilvus.layerConnected({ version: "v2.3.5" }))))
  assert(error._tag === "ServerError" || error._tag === "Unsupported", String(error))
})
