/**
 * Searches in 100,000 random vectors, by this library and by pymilvus with the same index, parameters and queries: both
 * get the same ids, with scores that are equal to the bit. Hits with the same score may come in any order.
 */
import { assert, assertEquals, assertGreater } from "@std/assert"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { Connection } from "../../mod.ts"
import * as Field from "../../src/schema/Field.ts"
import * as Collection from "../../src/operations/Collection.ts"
import * as Index from "../../src/operations/Index.ts"
import * as Vectors from "../../src/operations/Vectors.ts"
import { figure, isFull } from "../support/scale.ts"
import { lite, standalone } from "./engines.ts"
import { laboratory } from "./laboratory.ts"
import type { ExactHit } from "./pymilvus_peer.ts"
import { hex } from "./types_exact.ts"
import { test } from "../support/test.ts"

const rows = 100_000
const dimension = 8
const queryCount = 20
const limit = 10

const Points = Collection.define("points", {
  id: Field.int64({ primaryKey: true }),
  shelf: Field.int8(),
  vector: Field.floatVector({ dimension }),
}, { consistencyLevel: "Strong" })

/** Returns a generator of numbers from -1 to 1 that the seed determines (mulberry32). */
const random = (seed: number, length: number): Float32Array => {
  let state = seed
  return Float32Array.from({ length }, () => {
    state = state + 0x6d2b79f5 | 0
    let mixed = Math.imul(state ^ state >>> 15, 1 | state)
    mixed = mixed + Math.imul(mixed ^ mixed >>> 7, 61 | mixed) ^ mixed
    return ((mixed ^ mixed >>> 14) >>> 0) / 2 ** 31 - 1
  })
}

const points = random(1, rows * dimension)
const shelfOf = (id: number) => id % 10
const vectorsOf = (numbers: Float32Array) =>
  Array.from({ length: numbers.length / dimension }, (_, at) => numbers.subarray(at * dimension, (at + 1) * dimension))
const queries = vectorsOf(random(2, queryCount * dimension))

/** Parameters on which the hits depend: the defaults of the server would give other hits. */
interface Case {
  readonly index: Index.Index<"FLAT" | "IVF_FLAT" | "HNSW", "L2" | "IP" | "COSINE">
  readonly params: Readonly<Record<string, number>>
  /** A range between near and nearest. */
  readonly range: { readonly radius: number; readonly range_filter: number }
}

const cases: ReadonlyArray<Case> = [
  { index: Index.flat({ metric: "L2" }), params: {}, range: { radius: 1, range_filter: 0.2 } },
  { index: Index.ivfFlat({ metric: "IP", nlist: 64 }), params: { nprobe: 2 }, range: { radius: 3, range_filter: 4.5 } },
  {
    index: Index.hnsw({ metric: "COSINE", M: 6, efConstruction: 24 }),
    params: { ef: 12 },
    range: { radius: 0.8, range_filter: 0.95 },
  },
]

const servers = [
  { engine: lite, cases },
  // It takes 10 s for an index.
  { engine: standalone, cases: isFull ? cases : cases.slice(1, 2) },
]

/** Writes all points, and waits until they are in segments that get an index. */
const prepare = Effect.gen(function* () {
  const connection = yield* Connection.Connection
  const ids = BigInt64Array.from({ length: rows }, (_, id) => BigInt(id))
  const shelf = Int8Array.from({ length: rows }, (_, id) => shelfOf(id))
  const { count } = yield* Vectors.insert(Points, { id: ids, shelf, vector: points })
  assertEquals(count, rows)
  const { coll_segIDs } = yield* connection.call("Flush", { collection_names: [Points.name] })
  const segmentIDs = coll_segIDs[Points.name]?.data ?? []
  yield* Effect.repeat(connection.call("GetFlushState", { segmentIDs }), {
    until: ({ flushed }) => flushed,
    schedule: Schedule.spaced("100 millis"),
  })
})

/** Repeats a search until its hits stay the same: with HNSW, Milvus 2.3.5 finds better hits when it is repeated. */
const settled = (search: Effect.Effect<Found, Vectors.DataError, Connection.Connection>) =>
  Effect.gen(function* () {
    let found = yield* search
    for (let same = 0, asked = 0; same < 3; asked++) {
      assert(asked < 100, "hits that never stay the same")
      const next = yield* search
      same = next.ids.join() === found.ids.join() ? same + 1 : 0
      found = next
    }
    return found
  })

type Found = Vectors.SearchResult<unknown>

/** Sorts hits with the same score by id. */
const inOrder = (hits: ReadonlyArray<Omit<ExactHit, "row">>) =>
  hits.map(({ id, score }) => ({ id, score, run: hits.findIndex((hit) => hit.score === score) }))
    .toSorted((a, b) => a.run - b.run || Number(BigInt(a.id) - BigInt(b.id)))
    .map(({ id, score }) => `${id}: ${score}`)

/** Returns the ids of the nearest points that pass a filter, by comparing with each point. */
const nearest = (query: Float32Array, metric: string | undefined, isIn: (id: number) => boolean): Set<string> => {
  const best: Array<{ readonly id: string; readonly far: number }> = []
  for (let id = 0; id < rows; id++) {
    if (!isIn(id)) continue
    let [distance, product, square] = [0, 0, 0]
    for (let at = 0; at < dimension; at++) {
      const value = points[id * dimension + at]!
      distance += (value - query[at]!) ** 2
      product += value * query[at]!
      square += value ** 2
    }
    const far = metric === "L2" ? distance : metric === "IP" ? -product : -product / Math.sqrt(square)
    if (best.length === limit && far >= best.at(-1)!.far) continue
    best.push({ id: String(id), far })
    best.sort((a, b) => a.far - b.far).splice(limit)
  }
  return new Set(best.map(({ id }) => id))
}

for (const { engine, cases } of servers) {
  const { pymilvus, run } = laboratory(engine, [Points], prepare)

  /** Returns the hits of each query, after checking that pymilvus gets the same. */
  const searched = async (
    type: string,
    params: Case["params"],
    filter = "",
  ): Promise<ReadonlyArray<ReadonlyArray<string>>> => {
    const search = Vectors.search(Points, queries, { limit, params, filter })
    const found = await run(engine === standalone && type === "HNSW" ? settled(search) : search)
    const ours = queries.map((_, query) =>
      found.hits(query).toArray().map(({ id, score }) => ({ id: String(id), score: hex(Float32Array.of(score)) }))
    )
    const vectors = queries.map((query) => hex(query))
    const theirs = await pymilvus().call("search", {
      collection: Points.name,
      field: "vector",
      vectors,
      limit,
      params,
      filter,
    })
    assertEquals(ours.map(inOrder), theirs.map(inOrder))
    return ours.map((hits) => hits.map(({ id }) => id))
  }

  const recall = (
    found: ReadonlyArray<ReadonlyArray<string>>,
    metric: string | undefined,
    isIn: (id: number) => boolean,
  ) => {
    const right = found.flatMap((ids, query) => {
      const wanted = nearest(queries[query]!, metric, isIn)
      return ids.filter((id) => wanted.has(id))
    })
    return right.length / (queryCount * limit)
  }

  for (const { index, params, range } of cases) {
    const { type, metric } = index
    test(`${engine.name}: Vectors.search by ${type} finds in ${rows} vectors what pymilvus finds, id for id`, async () => {
      await run(Effect.gen(function* () {
        yield* Index.create(Points, "vector", index)
        yield* Index.wait(Points)
        yield* Collection.load(Points)
      }))
      try {
        const all = recall(await searched(type, params), metric, () => true)
        const few = recall(await searched(type, params, "shelf < 3"), metric, (id) => shelfOf(id) < 3)
        figure(`${engine.name}, ${type}: recall, and with a filter`, `${all}, ${few}`)
        // It compares with each point in 32 bits, as this test does.
        assertGreater(Math.min(all, few), type === "FLAT" ? 0.99 : 0.3)
        const between = await searched(type, { ...params, ...range })
        assert(between.some(({ length }) => length > 0), "a range without hits")
      } finally {
        await run(Effect.gen(function* () {
          yield* Collection.release(Points)
          yield* Index.drop(Points, "vector")
        }))
      }
    })
  }
}
