/** Measures the recall of an index: the share of the nearest rows that a search with the index finds. */
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { failParam } from "../config/params.ts"
import type * as Connection from "../Connection.ts"
import type { CallError, CodecError, ParamError, PartialCreate, PartialWrite } from "../errors.ts"
import * as Collection from "../operations/Collection.ts"
import * as Index from "../operations/Index.ts"
import * as Maintenance from "../operations/Maintenance.ts"
import { checkCount, checkRecord } from "../operations/shared/options.ts"
import * as Vectors from "../operations/Vectors.ts"
import type { AnyDefinition } from "../schema/decodeSchema.ts"
import type { CollectionDefinition } from "../schema/definition.ts"
import * as Field from "../schema/Field.ts"
import type { AnyField } from "../schema/fieldTypes.ts"
import { isVector } from "../schema/typeNames.ts"

/** Options for {@linkcode recallOf}. */
export interface RecallOptions<K extends number = number> {
  /**
   * Numbers of nearest rows to look at, each from 1 to 16,384.
   *
   * @default [10]
   */
  readonly k?: ReadonlyArray<K> | undefined
  /** The vector field; required if the definition has several. */
  readonly field?: string | undefined
  /** Search parameters of the index, such as `{ ef: 64 }`. Default: none, so that the server uses its own. */
  readonly params?: Readonly<Record<string, string | number | boolean>> | undefined
}

/** Errors that {@linkcode recallOf} fails with. */
export type RecallError = CallError | CodecError | ParamError | PartialCreate | PartialWrite

/**
 * Measures the recall of an index with the vectors and queries of a program, for its tests: the share of the `k`
 * nearest rows of each query that a search with the index finds, from 0 to 1, averaged over all queries, by `k`.
 *
 * It makes a temporary collection with the vector field of the definition, inserts and flushes the vectors, and
 * searches it twice: with an exact index, and with the given one. A row that is as far away as the last of the `k`
 * nearest counts as one of them. The collection is dropped when the effect ends, also by a failure or an interruption.
 *
 * Servers build no index for a segment with few rows (1,024 by default), and search it completely, with a recall of 1:
 * use as many vectors as to be of interest. Fails with `ParamError` if an argument is wrong, before any call.
 *
 * @param index The index, with its metric.
 * @param definition The collection whose vector field is indexed. Its other fields are left out.
 * @param vectors The vectors of the rows, at least one.
 * @param queries The queries, at least one.
 *
 * @example
 * ```ts ignore
 * const index = Index.hnsw({ metric: "COSINE", M: 16, efConstruction: 200 })
 * const recall = yield* recallOf(index, Books, vectors, queries, { k: [1, 10], params: { ef: 64 } })
 * assert(recall[10] > 0.95)
 * ```
 */
export const recallOf = <const K extends number = 10>(
  index: Index.Index,
  definition: CollectionDefinition,
  vectors: ReadonlyArray<Vectors.QueryVector>,
  queries: ReadonlyArray<Vectors.QueryVector>,
  options: RecallOptions<K> = {},
): Effect.Effect<Readonly<Record<K, number>>, RecallError, Connection.Connection> =>
  Effect.gen(function* () {
    const ks: ReadonlyArray<number> = options.k ?? [10]
    const { metric } = index
    yield* Effect.fromResult(checkRecord("options", options, ["k", "field", "params"]))
    yield* Effect.fromResult(checkLists(ks, vectors, queries))
    if (metric === undefined) return yield* Effect.fromResult(failParam("index", "an index with a metric"))
    const field = yield* Effect.fromResult(findField(definition, options.field))
    const most = Math.max(...ks)
    const { exact, found } = yield* withCollection(field, vectors, (name) =>
      Effect.gen(function* () {
        const exactHits = nearest(name, queries, Math.min(most + ties, mostHits), undefined)
        const exact = yield* withIndex(name, field.name, exactIndex(field, metric), exactHits)
        const found = yield* withIndex(name, field.name, index, nearest(name, queries, most, options.params))
        return { exact, found }
      }))
    // Cast: `ks` are the values of `K`.
    return Object.fromEntries(ks.map((k) => [k, recall(exact, found, k)])) as Readonly<Record<K, number>>
  })

/** Number of hits of the exact search beyond the greatest `k`, to find rows that are as far away as the last one. */
const ties = 100
const mostHits = 16384

const checkLists = (ks: unknown, vectors: unknown, queries: unknown) =>
  Result.gen(function* () {
    if (!Array.isArray(ks) || ks.length === 0) return yield* failParam("k", "a list of at least one number", ks)
    for (const k of ks) {
      yield* checkCount("k", k)
      if (k > mostHits) return yield* failParam("k", `at most ${mostHits}`, k)
    }
    for (const [name, list] of Object.entries({ vectors, queries })) {
      if (!Array.isArray(list) || list.length === 0) return yield* failParam(name, "a list of at least one vector")
    }
  })

interface VectorField {
  readonly name: string
  readonly field: AnyField
}

const findField = ({ name, fields }: CollectionDefinition, wanted: string | undefined) => {
  const all = Object.entries(fields).filter(([, field]) => isVector(field))
  const [found, ...others] = all.filter(([name]) => wanted === undefined || name === wanted)
  return found !== undefined && others.length === 0
    ? Result.succeed({ name: found[0], field: found[1] })
    : failParam("field", `a vector field of "${name}" (${all.map(([name]) => name).join(", ")})`, wanted)
}

/** Returns the index of a field that finds exactly the nearest rows. */
const exactIndex = ({ field }: VectorField, metric: string): Index.Index => {
  const type = field.type === "SparseFloatVector"
    ? "SPARSE_INVERTED_INDEX"
    : field.type === "BinaryVector"
    ? "BIN_FLAT"
    : "FLAT"
  return { type, metric, params: {} }
}

/** Runs with the name of a collection of the vectors, which is dropped afterwards. */
const withCollection = <A, E>(
  { name: vectorField, field }: VectorField,
  vectors: ReadonlyArray<Vectors.QueryVector>,
  use: (name: string) => Effect.Effect<A, E, Connection.Connection>,
): Effect.Effect<A, E | RecallError, Connection.Connection> => {
  const key = vectorField === "id" ? "key" : "id"
  const definition: AnyDefinition = {
    name: `recall_${crypto.randomUUID().replaceAll("-", "")}`,
    fields: { [key]: Field.int64({ primaryKey: true }), [vectorField]: field },
    options: { consistencyLevel: "Strong" },
  }
  const { name } = definition
  return Effect.gen(function* () {
    yield* Collection.create(definition)
    yield* Vectors.insert(definition, { [key]: vectors.map((_, row) => row), [vectorField]: vectors })
    const flush = yield* Maintenance.flush(name)
    yield* flush.await
    return yield* use(name)
    // Also if it was not created, since the reply may have been lost. If it cannot be dropped, the result stands, and
    // so does the error of what failed before.
  }).pipe(Effect.ensuring(Effect.ignore(Collection.drop(name))))
}

/** Runs with a loaded index, which is dropped afterwards. */
const withIndex = <A, E>(
  collection: string,
  field: string,
  index: Index.Index,
  search: Effect.Effect<A, E, Connection.Connection>,
): Effect.Effect<A, E | RecallError, Connection.Connection> =>
  Effect.gen(function* () {
    const name = "recall"
    yield* Index.create(collection, field, { ...index, name })
    yield* Index.wait(collection, field)
    yield* Collection.load(collection)
    const found = yield* search
    yield* Collection.release(collection)
    yield* Index.drop(collection, name)
    return found
  })

/** The hits of a query, the nearest first. */
type Hits = ReadonlyArray<{ readonly id: bigint | string; readonly score: number }>

/** Searches for the nearest rows of each query. */
const nearest = (
  collection: string,
  queries: ReadonlyArray<Vectors.QueryVector>,
  limit: number,
  params: RecallOptions["params"],
): Effect.Effect<ReadonlyArray<Hits>, RecallError, Connection.Connection> =>
  Effect.forEach(
    Arr.chunksOf(queries, queriesPerSearch),
    (some) =>
      Effect.map(Vectors.search(collection, some, { limit, params }), (found) =>
        some.map((_, query) => Array.from(found.hits(query), ({ id, score }) => ({ id, score })))),
    { concurrency: 2 },
  ).pipe(Effect.map((parts) =>
    parts.flat()
  ))

const queriesPerSearch = 100

/** Returns the share of the `k` nearest rows that were found, averaged over the queries. */
const recall = (exact: ReadonlyArray<Hits>, found: ReadonlyArray<Hits>, k: number): number => {
  const shares = exact.map((hits, query) => {
    const count = Math.min(k, hits.length)
    const last = hits[count - 1]?.score
    const near = new Set(hits.filter(({ score }, at) => at < count || score === last).map(({ id }) => id))
    const hit = (found[query] ?? []).slice(0, count).filter(({ id }) => near.has(id)).length
    return count === 0 ? 1 : hit / count
  })
  return shares.reduce((sum, share) => sum + share, 0) / shares.length
}
