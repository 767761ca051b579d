/** Gathers searches that run concurrently into one request, and gives each the hits of its queries. */
import { type Column, type SearchResults, selectRows } from "../../codec/mod.ts"
import { throwReply } from "../../codec/errors.ts"
import { type GatheringResolver, gatheringResolver, readMost } from "./gather.ts"
import type { Selection } from "./outputFields.ts"
import type { QueryList } from "./searchQueries.ts"

/** Hits of a search, with the fields that were asked for. */
export interface SelectedHits {
  readonly results: SearchResults
  readonly selection: Selection
  /** Name of the primary key. */
  readonly key: string
}

/** Gathers searches, by their option `resolver`. Effect's functions on resolvers apply, such as `setDelay`. */
export type SearchResolver = GatheringResolver<QueryList, SelectedHits>

/** Options for `searchResolver`. */
export interface SearchResolverOptions {
  /**
   * Maximum number of queries in a request, at least 1. A search with more is sent alone. Milvus accepts at most
   * 16,384.
   *
   * @default 1000, or fewer, so that a request has at most 16,384 hits.
   */
  readonly maxQueries?: number | undefined
}

/** Returns the maximum number of queries in a request of searches, if the resolver sets none. */
export const mostQueries = ({ limit, offset = 0, groupSize = 1 }: {
  readonly limit: number
  readonly offset?: number | undefined
  readonly groupSize?: number | undefined
}): number => Math.max(1, Math.min(1000, Math.floor(mostHits / (limit * groupSize + offset))))

/** The number of hits that Milvus returns at most. */
export const mostHits = 16384

/**
 * Makes a resolver, by which searches that run concurrently are gathered into one request each time, as
 * {@linkcode getResolver} does for calls of `get`. It is passed to them as the option `resolver`.
 *
 * Gathered are searches by vectors, by texts, and by lists of vectors. Those by keys of rows and by columns of the
 * codec are sent on their own.
 *
 * @example
 * ```ts ignore
 * const resolver = Vectors.searchResolver()
 * const nearest = (vector: ReadonlyArray<number>) => Vectors.search(Books, [vector], { limit: 10, resolver })
 * const found = yield* Effect.forEach(vectors, nearest, { concurrency: "unbounded" }) // one request
 * ```
 */
export const searchResolver = (options: SearchResolverOptions = {}): SearchResolver =>
  gatheringResolver(readMost("maxQueries", options))

/** Divides the hits of a search among the reads that were gathered, by their queries. Throws `CodecError`. */
export const divideHits = (
  { results, selection, key }: SelectedHits,
  inputs: ReadonlyArray<QueryList>,
): ReadonlyArray<SelectedHits> => {
  if (inputs.length === 1) return [{ results, selection, key }]
  const queries = inputs.reduce((sum, { length }) => sum + length, 0)
  const counts = results.topks.length === 0 ? new Uint32Array(queries) : results.topks
  if (counts.length !== queries) {
    throwReply("topks", undefined, `the hits of ${queries} queries`, `those of ${counts.length}`)
  }
  let query = 0
  let hit = 0
  let bucket = 0
  return inputs.map(({ length }) => {
    const [from, to] = [query, query += length]
    const topks = counts.subarray(from, to)
    const hits = results.ids.length === 0 ? 0 : sum(topks)
    const bucketCounts = results.bucketCounts.subarray(from, to)
    const own = divide(results, hit, hit += hits)
    const part = {
      ...own.results,
      numQueries: length,
      topks,
      recalls: results.recalls.subarray(from, to),
      buckets: results.buckets.slice(bucket, bucket += sum(bucketCounts)),
      bucketCounts,
    }
    const columns = selection.columns.map((column) => own.columnOf.get(column) ?? own.select(column))
    return { results: part, selection: { ...selection, columns }, key }
  })
}

const sum = (counts: Uint32Array): number => counts.reduce((total, count) => total + count, 0)

/** Returns the hits `[from, to)` of a reply, and their part of each column. */
const divide = (results: SearchResults, from: number, to: number) => {
  const rows = Array.from({ length: to - from }, (_, at) => from + at)
  const columnOf = new Map<Column, Column>()
  const select = (column: Column): Column => {
    const selected = selectRows(column, rows)
    columnOf.set(column, selected)
    return selected
  }
  const { ids, scores, distances, fields, groupBy, highlights, elementIndices } = results
  return {
    columnOf,
    select,
    results: {
      ...results,
      ids: ids.slice(from, to),
      scores: scores.slice(from, to),
      distances: distances.slice(from, to),
      fields: fields.map(select),
      groupBy: groupBy.map(select),
      highlights: highlights.map(({ fieldName, hits }) => ({ fieldName, hits: hits.slice(from, to) })),
      elementIndices: elementIndices.slice(from, to),
    },
  }
}
