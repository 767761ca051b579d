/**
 * Emits the hits of one query in batches, from the nearest outwards.
 *
 * - Milvus 2.5 and later have iterators: the first reply has a token, and each later request continues after a score.
 * - On older servers each batch is a range search that begins at the score of the last hit.
 * - Both begin a little nearer than that score and exclude the hits that were seen, so that hits with an equal score
 *   are not left out.
 * - milvus-lite does not search a range completely. There each batch is a search without the hits that were seen, and
 *   the bounds of the range are applied here.
 *
 * The client holds all state of the iteration, so no hit is returned twice or left out if the connection is lost
 * between two batches.
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { decodeSearchResults, encodeSearch, type SearchIterator, type SearchResults } from "../../codec/mod.ts"
import { throwValue } from "../../codec/errors.ts"
import * as Connection from "../../Connection.ts"
import { isLite } from "../shared/server.ts"
import type { CallError, CodecError } from "../../errors.ts"
import { type Filter, filter as tag } from "../../filter/Filter.ts"
import { describeIndexes } from "../shared/indexBuild.ts"
import { checkCount } from "../shared/options.ts"
import type { AnyDefinition } from "../../schema/decodeSchema.ts"
import type { CollectionDefinition } from "../../schema/definition.ts"
import type { AnyParams } from "../../schema/searchOptions.ts"
import type { CollectionRef } from "../shared/collectionRef.ts"
import { keysFilter } from "./primaryKey.ts"
import { checkColumns, checkKey, outputsOf, selectOutputs } from "./outputFields.ts"
import {
  boundsOf,
  directionOf,
  excludeSeen,
  isDistance,
  keysOf,
  nextRange,
  type Range,
  rangeLimits,
  rangeStart,
  type ScoreDirection,
  wholeRadius,
} from "./searchRange.ts"
import { accepted, andFilter, checkCollection, checkReadOptions, checkTimes, readNamesWith, tryEncode } from "./read.ts"
import { type SearchResult, searchResult } from "./results.ts"
import { checkSearch, searchInput, type SearchOptions } from "./buildSearch.ts"
import type { QueryVector } from "./searchQueries.ts"
import { requireSearchOptions } from "./searchVersions.ts"
import { type Snapshot, streamBatches, type StreamPosition, streamStart } from "./readSnapshot.ts"

/** Options for `searchBatches`. */
export interface SearchBatchOptions<D extends CollectionDefinition = AnyDefinition, F extends string = string>
  extends
    Omit<
      SearchOptions<D, F>,
      | "limit"
      | "offset"
      | "groupBy"
      | "groupSize"
      | "strictGroupSize"
      | "roundDecimal"
      | "pageRetainOrder"
      | "rerank"
      | "functionChains"
      | "orderBy"
      | "highlighter"
      | "aggregation"
      | "resolver"
    > {
  /**
   * Maximum number of hits in a batch, at least 1. Milvus accepts at most 16,384.
   *
   * @default 1000
   */
  readonly batchSize?: number | undefined
  /** Maximum number of hits in all batches, at least 1. Default: unlimited. */
  readonly limit?: number | undefined
}

const optionNames = readNamesWith<SearchBatchOptions>(
  "batchSize",
  "limit",
  "field",
  "filter",
  "params",
  "metric",
  "ignoreGrowing",
  "analyzerName",
  "timezone",
  "timeFields",
)

interface Position extends StreamPosition {
  /** Number of hits that are left of `limit`. */
  readonly left: number
  /** State of a server that has iterators. */
  readonly iterator?: SearchIterator | undefined
  /** Hits that were seen, and the score to continue from. */
  readonly range?: Range | undefined
  /** Number of hits that the next search of milvus-lite asks for, if it is more than a batch. */
  readonly scan?: number | undefined
}

const defaultBatchSize = 1000

/** Returns the batches of a search for one query. */
export const searchPages = <R>(
  connection: Connection.Connection,
  collection: CollectionRef,
  query: QueryVector | string,
  options: SearchBatchOptions | undefined,
): Stream.Stream<SearchResult<R>, CallError | CodecError> =>
  Stream.unwrap(Effect.gen(function* () {
    const { batchSize = defaultBatchSize, limit, ...search } = options ?? {}
    const { radius, inner } = yield* tryEncode(() => {
      checkCollection(collection)
      checkReadOptions(options, optionNames)
      accepted(checkCount("batchSize", batchSize))
      accepted(checkCount("limit", limit))
      checkSearch({ ...search, limit: batchSize })
      checkTimes(search)
      return { radius: boundOf("radius", search.params), inner: boundOf("range_filter", search.params) }
    })
    yield* requireSearchOptions(connection, "Search", search, "Vectors.searchBatches")
    /** Read from the server only if scores do not show the direction. */
    const serverMetric = yield* Effect.cached(Effect.suspend(() => metricOf(connection, collection, options)))
    let knownDirection: ScoreDirection | undefined
    const findDirection = (hits: Pick<SearchResults, "scores">) =>
      Effect.suspend(() => {
        knownDirection ??= directionOf(hits)
        return knownDirection === undefined
          ? Effect.map(serverMetric, (metric): ScoreDirection => isDistance(metric) ? -1 : 1)
          : Effect.succeed(knownDirection)
      })

    /** Makes one search, for the hits that are left at a position. */
    const searchOnce = (
      { definition, key, isGiven, iteratorParams, nameFor, consistency }: Snapshot,
      position: Position,
      wanted: number,
      part: { readonly filter?: Filter | string | undefined; readonly params?: AnyParams },
      others: Readonly<Record<string, string>>,
    ) =>
      Effect.gen(function* () {
        const outputs = outputsOf(connection, definition, search.outputFields ?? [], key)
        const read = {
          collectionName: nameFor(position),
          partitionNames: search.partitions,
          outputFields: outputs.requested,
          namespace: search.namespace,
          ...consistency(position),
        }
        const one = { ...search, ...part, limit: wanted }
        const bytes = yield* tryEncode(() =>
          encodeSearch(
            searchInput(connection, definition, dataOf(query), one, read, {}, { ...iteratorParams, ...others }),
          )
        )
        const results = yield* Connection.callEncoded(connection, "Search", bytes, decodeSearchResults, options)
        const result = yield* tryEncode(() => {
          checkKey(definition, key, results, true)
          if (isGiven) checkColumns(definition, outputs, results.fields)
          const keys: ReadonlySet<string> = new Set(search.outputFields?.includes(key) ? [key] : [])
          return searchResult<R>(
            results,
            selectOutputs(outputs, results.fields, results.ids.length, definition.name, keys),
            key,
          )
        })
        return { results, result }
      })

    const remainingFilter = ({ key }: Snapshot, range: Range | undefined) =>
      range === undefined ? search.filter : andFilter(search.filter, tag`${tag.field(key)} not in ${keysOf(range)}`)

    const page = (snapshot: Snapshot) => (position: Position) =>
      Effect.gen(function* () {
        const wanted = Math.min(batchSize, position.left)
        const { iterator, range } = position
        const filter = yield* tryEncode(() => remainingFilter(snapshot, range))
        const direction = range === undefined ? undefined : yield* findDirection(noHits)
        const isRange = range !== undefined && iterator === undefined && direction !== undefined
        const limits = isRange ? rangeLimits(range, direction, radius) : radius === undefined ? {} : { radius }
        // Hamming distances are whole numbers.
        const isWhole = limits.radius !== undefined && isBinary(snapshot.definition, search.field) &&
          (yield* serverMetric).toUpperCase() === "HAMMING"
        const params = { ...search.params, ...limits, ...(isWhole ? { radius: wholeRadius(limits.radius) } : {}) }
        const others = isRange ? {} : iteratorRequest(wanted, iterator, range, direction)
        const { results, result } = yield* searchOnce(snapshot, position, wanted, { filter, params }, others)
        const hits = results.ids.length
        const next: Position = {
          batches: position.batches + 1,
          seen: position.seen || results.sessionTs,
          left: position.left - hits,
          iterator: results.iterator?.token ? results.iterator : undefined,
        }
        if (next.left <= 0) return [[result], undefined] as const
        // An empty batch is the last one of an iterator. After an empty range there may be others.
        if (hits === 0 && (range === undefined || next.iterator !== undefined)) return [[], undefined] as const
        const behind = nextRange(range, results, yield* findDirection(results), wanted)
        return [hits === 0 ? [] : [result], behind === undefined ? undefined : { ...next, range: behind }] as const
      })

    const isBounded = radius !== undefined || inner !== undefined
    const litePage = (snapshot: Snapshot) => (position: Position) =>
      Effect.gen(function* () {
        const { radius: _, range_filter: __, ...params } = {
          radius: undefined,
          range_filter: undefined,
          ...search.params,
        }
        const wanted = Math.min(batchSize, position.left)
        const scan = position.scan ?? wanted
        const { range } = position
        const filter = yield* tryEncode(() => remainingFilter(snapshot, range))
        const { results, result } = yield* searchOnce(snapshot, position, scan, { filter, params }, {})
        const hits = results.ids.length
        const direction = isBounded && hits > 0 ? yield* findDirection(results) : -1
        const bounds = isBounded ? boundsOf(results, direction, radius, inner) : { from: 0, to: hits }
        const to = Math.min(bounds.to, bounds.from + wanted)
        const isLast = hits === 0 || bounds.to < hits && to === bounds.to
        const next: Position = {
          batches: position.batches + 1,
          seen: position.seen || results.sessionTs,
          left: position.left - (to - bounds.from),
          range: excludeSeen(range, { ids: results.ids.slice(0, to), scores: results.scores.subarray(0, to) }) ?? range,
          scan: bounds.from === hits ? Math.min(scan * 4, maxScan) : undefined,
        }
        const after = isLast || next.left <= 0 ? undefined : next
        if (to === bounds.from) return [[], after] as const
        if (bounds.from === 0 && to === hits) return [[result], after] as const
        // Some hits are out of bounds: search again for the others only, so that the whole reply is about them.
        const some = yield* tryEncode(() => keysFilter(snapshot.definition, [...results.ids.slice(bounds.from, to)]))
        const part = yield* searchOnce(snapshot, position, to - bounds.from, { filter: some, params }, {})
        return [[part.result], after] as const
      })

    const first: Position = { ...streamStart, left: limit ?? Infinity }
    return streamBatches<SearchResult<R>, Position>(
      connection,
      collection,
      options,
      first,
      isLite(connection) ? litePage : page,
    )
  }))

const isBinary = ({ fields }: AnyDefinition, searched: string | undefined): boolean =>
  Object.entries(fields).some(([name, { type }]) =>
    type === "BinaryVector" && (searched === undefined || searched === name)
  )

/** Maximum number of hits that one search of milvus-lite asks for to reach the nearer bound of a range. */
const maxScan = 16_384

const noHits = { scores: new Float32Array(0) }

/** Cast: a list of one query has the type of the query, a text or a vector. */
const dataOf = (query: QueryVector | string) => [query] as ReadonlyArray<QueryVector>

/** Returns a bound of a range search, which must be a number so that batches can begin at it. Throws `CodecError`. */
const boundOf = (name: string, params: object | undefined): number | undefined => {
  // Cast: any object can be read by property names.
  const bound = (params as { readonly [name: string]: unknown } | undefined)?.[name]
  if (bound === undefined || typeof bound === "number" && Number.isFinite(bound)) return bound
  return throwValue(`params.${name}`, undefined, "a finite number")
}

/** Returns the parameters of an iterator, which servers without iterators ignore. */
const iteratorRequest = (
  size: number,
  iterator: SearchIterator | undefined,
  range: Range | undefined,
  direction: ScoreDirection | undefined,
): Readonly<Record<string, string>> => ({
  search_iter_v2: "True",
  search_iter_batch_size: `${size}`,
  ...(iterator === undefined ? {} : {
    search_iter_id: iterator.token,
    search_iter_last_bound: `${
      range === undefined || direction === undefined ? iterator.lastBound : rangeStart(range.from, direction)
    }`,
  }),
})

/** Returns the metric of a search: that of the options, or else that of the index on the server. */
const metricOf = (
  connection: Connection.Connection,
  collection: CollectionRef,
  options: SearchBatchOptions | undefined,
): Effect.Effect<string, CallError | CodecError> => {
  const { field, metric } = options ?? {}
  if (metric !== undefined) return Effect.succeed(metric)
  const name = typeof collection === "string" ? collection : collection.name
  return Effect.flatMap(
    Effect.provideService(describeIndexes(name, field, options), Connection.Connection, connection),
    (indexes) =>
      tryEncode(() =>
        indexes.flatMap(({ params }) => params).find(({ key }) => key === "metric_type")?.value ??
          throwValue(field ?? name, undefined, "an index with a metric, or the option `metric`")
      ),
  )
}
