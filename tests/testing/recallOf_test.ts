/** The recall of indexes, on real servers, and what remains of the collection that it is measured with. */
import { assert, assertEquals, assertMatch } from "@std/assert"
import * as Effect from "effect/Effect"
import { Collection, Field, Index } from "../../mod.ts"
import { recallOf } from "../../src/testing/mod.ts"
import { engines, lite } from "../live/engines.ts"
import { onEngine, onFake } from "../operations/eachServer.ts"

const dimension = 8
const Texts = Collection.define("recalled_texts", {
  id: Field.varChar({ primaryKey: true, maxLength: 10 }),
  title: Field.varChar({ maxLength: 100 }),
  vector: Field.floatVector({ dimension }),
})

/** Vectors that are the same in each run. */
const vectorsOf = (count: number, seed: number): ReadonlyArray<ReadonlyArray<number>> =>
  Array.from({ length: count }, () =>
    Array.from({ length: dimension }, () => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
      return seed / 2 ** 32
    }))

const queries = vectorsOf(20, 7)

const left = Effect.map(Collection.list(), (names) => names.filter((name) => name.startsWith("recall_")))

const isExact = Effect.gen(function* () {
  const recall = yield* recallOf(Index.flat({ metric: "L2" }), Texts, vectorsOf(300, 1), queries, { k: [1, 10, 300] })
  assertEquals(recall, { 1: 1, 10: 1, 300: 1 })
  assertEquals(yield* left, [])
})

onFake("FakeMilvus: an exact index has a recall of 1, and no collection is left", () => isExact)
onEngine(lite, "an exact index has a recall of 1, and no collection is left", () => isExact)

const index = Index.ivfFlat({ metric: "COSINE", nlist: 64 })
const vectors = vectorsOf(3000, 1)

for (const engine of engines) {
  onEngine(engine, "an index that looks at one cluster of many misses some rows", () =>
    Effect.gen(function* () {
      const recall = yield* recallOf(index, Texts, vectors, queries, { k: [1, 10], params: { nprobe: 1 } })
      assert(recall[10] > 0.05 && recall[10] < 0.9, `${recall[10]}`)
      assertEquals(yield* left, [])
    }))
}

onEngine(lite, "an index that looks at all clusters misses none", () =>
  Effect.gen(function* () {
    assertEquals(yield* recallOf(index, Texts, vectors, queries, { params: { nprobe: 64 } }), { 10: 1 })
  }))

onFake("rows that are equally far away count as found", () =>
  Effect.gen(function* () {
    const same = Array.from({ length: 50 }, () => [1, 0, 0, 0, 0, 0, 0, 0])
    assertEquals(yield* recallOf(Index.flat({ metric: "L2" }), Texts, same, same.slice(0, 2)), { 10: 1 })
  }))

onFake("hits that are not among the nearest lower the recall", (fake) =>
  Effect.gen(function* () {
    const vectors = Array.from({ length: 20 }, (_, at) => [at, 0, 0, 0, 0, 0, 0, 0])
    let searches = 0
    yield* fake.handle("Search", () => {
      // The exact search finds 0 to 19, the other one 1, 19 and 2.
      const ids = searches++ === 0 ? Array.from({ length: 20 }, (_, at) => BigInt(at)) : [1n, 19n, 2n]
      return Effect.succeed({
        results: {
          num_queries: 1n,
          top_k: BigInt(ids.length),
          topks: [BigInt(ids.length)],
          ids: { int_id: { data: ids } },
          scores: ids.map(Number),
          primary_field_name: "id",
        },
      })
    })
    const recall = yield* recallOf(Index.hnsw({ metric: "L2" }), Texts, vectors, vectors.slice(0, 1), { k: [1, 3] })
    assertEquals(recall, { 1: 0, 3: 2 / 3 })
  }))

onFake("the collection is dropped after a failure and after an interruption", (fake) =>
  Effect.gen(function* () {
    const measure = recallOf(Index.flat({ metric: "L2" }), Texts, vectorsOf(10, 1), queries)
    for (const method of ["Insert", "Flush", "CreateIndex", "LoadCollection", "Search", "DropIndex"] as const) {
      yield* fake.fail(method, { code: 65535, reason: "broken" }, { times: 1 })
      const error = yield* Effect.flip(measure)
      assertMatch(error._tag, /ServerError|PartialWrite/, method)
      assertEquals(yield* left, [], method)
    }
    yield* fake.delay("Search", "1 minute")
    assertEquals((yield* Effect.exit(Effect.timeout(measure, "1 second")))._tag, "Failure")
    assertEquals(yield* left, [])
  }))

onFake("wrong arguments are refused before any call", (fake) =>
  Effect.gen(function* () {
    const index = Index.flat({ metric: "L2" })
    const vectors = vectorsOf(3, 1)
    yield* fake.clearCalls
    const errors = yield* Effect.forEach([
      recallOf(index, Texts, [], queries),
      recallOf(index, Texts, vectors, []),
      recallOf(index, Texts, vectors, queries, { k: [] }),
      recallOf(index, Texts, vectors, queries, { k: [20_000] }),
      recallOf(index, Texts, vectors, queries, { field: "title" }),
      recallOf(Index.inverted(), Texts, vectors, queries),
    ], Effect.flip)
    assertEquals(errors.map(({ message }) => message), [
      'parameter "vectors": expected a list of at least one vector',
      'parameter "queries": expected a list of at least one vector',
      'parameter "k": expected a list of at least one number, got an array',
      'parameter "k": expected at most 16384, got 20000',
      'parameter "field": expected a vector field of "recalled_texts" (vector), got "title"',
      'parameter "index": expected an index with a metric',
    ])
    assertEquals(yield* fake.calls, [])
  }))
