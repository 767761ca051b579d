/**
 * The hits of one query page by page, from the nearest outwards.
 *
 * Newer servers (Milvus 2.5) give a token with the first page, and go on behind a score. On older ones each page is a search
 * of the range that begins at the score of the last hit, without the hits of that score that were seen; and on milvus-lite,
 * which searches no range as a whole, a search without all that was seen. In each way the client holds what it takes to go on,
 * so nothing comes twice or is left out when the connection is lost between two pages.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { decodeSearchResults, encodeSearch, type SearchIterator } from "../codec/mod.ts"
import * as Connection from "../Connection.ts"
import type { CallError, CodecError } from "../errors.ts"
import { filter as tag } from "../filter.ts"
import type { AnyDefinition } from "../schema/decode.ts"
import type { CollectionDefinition } from "../schema/definition.ts"
import { metricOf } from "./indexing.ts"
import { beyond, isDistance, keysOf, limitsOf, type Range, without } from "./ranges.ts"
import { both, encoded } from "./read.ts"
import { type SearchResult, searchResult } from "./results.ts"
import { type QueryVector, searchInput, type SearchOptions } from "./search.ts"
import { at, identityOf } from "./snapshot.ts"

/** How a search is divided. */
export interface SearchBatchOptions<D extends CollectionDefinition = AnyDefinition, F extends string = string>
  extends
    Omit<
      SearchOptions<D, F>,
      "limit" | "offset" | "groupBy" | "groupSize" | "strictGroupSize" | "roundDecimal" | "rerank"
    > {
  /** The most hits of a page. Default 1000. Milvus takes 16,384 at most. */
  readonly batchSize?: number | undefined
  /** The most hits of all pages. Default: all there are. */
  readonly limit?: number | undefined
}

interface Position {
  readonly left: number
  /** What the first page saw, as a Milvus timestamp; 0 where the server does not say. */
  readonly seen: bigint
  /** Of a server that has iterators. */
  readonly iterator?: SearchIterator | undefined
  /** Of one that has none. */
  readonly range?: Range | undefined
}

const defaultBatchSize = 1000

/** The pages of a search for one query. */
export const searchPages = <R>(
  connection: Connection.Connection,
  definition: AnyDefinition,
  key: string,
  query: QueryVector | string,
  options: SearchBatchOptions,
): Stream.Stream<SearchResult<R>, CallError | CodecError> => {
  const { batchSize = defaultBatchSize, limit = Infinity, ...search } = options
  if (limit <= 0) return Stream.empty
  const isLite = connection.server.buildTags === "milvus_lite"
  const pages = Effect.gen(function* () {
    const identity = yield* identityOf(connection, definition.name, options)
    /** Only asked for where the server has no iterators. */
    const nearer = yield* Effect.cached(
      Effect.map(metricOf(connection, definition, options), (metric) => isDistance(metric) ? -1 : 1),
    )
    const { radius } = { radius: undefined, ...search.params }
    const behind = (range: Range, nearer: -1 | 1) => ({
      filter: both(search.filter, tag`${tag.field(key)} not in ${keysOf(range)}`),
      params: { ...search.params, ...(isLite ? {} : limitsOf(range, nearer, numberOf(radius))) },
    })
    const page = ({ left, seen, iterator, range }: Position) =>
      Effect.gen(function* () {
        const limit = Math.min(batchSize, left)
        const begin = { ...at(seen, search), limit }
        const direction = range === undefined ? undefined : yield* nearer
        const bytes = yield* encoded(() => {
          const data = typeof query === "string" ? [query] : [query]
          const request = range === undefined || direction === undefined
            ? searchInput(connection, definition, data, begin, { ...identity, ...iterating(limit, iterator) })
            : searchInput(connection, definition, data, { ...begin, ...behind(range, direction) }, identity)
          return encodeSearch(request)
        })
        const results = yield* Connection.exchange(connection, "Search", bytes, decodeSearchResults, options)
        const hits = results.ids.length
        const position = { left: left - hits, seen: seen || results.sessionTs }
        const next: Position | undefined = position.left <= 0
          ? undefined
          : results.iterator !== undefined && results.iterator.token !== ""
          ? hits === 0 ? undefined : { ...position, iterator: results.iterator }
          : withRange(
            position,
            isLite ? without(range, results) : beyond(range, results, yield* nearer, limit),
          )
        return [hits === 0 ? [] : [searchResult<R>(results, key)], Option.fromUndefinedOr(next)] as const
      })
    return Stream.paginate<Position, SearchResult<R>, CallError | CodecError, never>({ left: limit, seen: 0n }, page)
  })
  return Stream.unwrap(pages)
}

const withRange = (position: Position, range: Range | undefined): Position | undefined =>
  range === undefined ? undefined : { ...position, range }

const numberOf = (radius: unknown): number | undefined => typeof radius === "number" ? radius : undefined

/** What a server that has iterators looks for; others do not. */
const iterating = (size: number, iterator: SearchIterator | undefined): Readonly<Record<string, string>> => ({
  search_iter_v2: "True",
  search_iter_batch_size: `${size}`,
  ...(iterator === undefined ? {} : {
    search_iter_id: iterator.token,
    search_iter_last_bound: `${iterator.lastBound}`,
  }),
})
