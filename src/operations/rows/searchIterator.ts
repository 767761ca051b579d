/**
 * The hits of one query in batches, from the nearest outwards.
 *
 * Newer servers (Milvus 2.5) have iterators: they give a token with the first batch, and go on behind a score. On older
 * ones each batch is a search of the range that begins at the score of the last hit. Both begin a little nearer than
 * that score, without the hits that were seen, so that hits with the same score are not left out. milvus-lite searches
 * no range as a whole: there each batch is a search without all that was seen, and bounds are applied here.
 *
 * In each way the client holds what it takes to go on, so nothing comes twice or is left out when the connection is
 * lost between two batches.
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
import { withKeys } from "./primaryKey.ts"
import { checkColumns, checkKey, outputsOf, selectOutputs } from "./outputFields.ts"
import {
  directionOf,
  excludeSeen,
  isDistance,
  keysOf,
  limitsOf,
  nextRange,
  type Range,
  start,
  wholeRadius,
  within,
} from "./searchRange.ts"
import { accepted, andFilter, checkCollection, checkReadOptions, readNamesWith, tryEncode } from "./read.ts"
import { type SearchResult, searchResult } from "./results.ts"
import { checkSearch, type QueryVector, searchInput, type SearchOptions } from "./buildSearch.ts"
import { batchesOf, type Begun, begun, type Snapshot } from "./readSnapshot.ts"

/** How a search is divided. */
export interface SearchBatchOptions<D extends CollectionDefinition = AnyDefinition, F extends string = string>
  extends
    Omit<
      SearchOptions<D, F>,
      "limit" | "offset" | "groupBy" | "groupSize" | "strictGroupSize" | "roundDecimal" | "rerank"
    > {
  /** The most hits of a batch, from 1. Default 1000. Milvus takes 16,384 at most. */
  readonly batchSize?: number | undefined
  /** The most hits of all batches, from 1. Default: all there are. */
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
)

interface Position extends Begun {
  readonly left: number
  /** Of a server that has iterators. */
  readonly iterator?: SearchIterator | undefined
  /** What was seen, and where to go on. */
  readonly range?: Range | undefined
  /** How many hits the next search of milvus-lite is for, if that is more than a batch. */
  readonly scan?: number | undefined
}

const defaultBatchSize = 1000

/** The batches of a search for one query. */
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
      checkSearch(connection, { ...search, limit: batchSize })
      return { radius: boundOf("radius", search.params), inner: boundOf("range_filter", search.params) }
    })
    /** Asked of the server only if scores do not show it. */
    const asked = yield* Effect.cached(Effect.suspend(() => metricOf(connection, collection, options)))
    let shown: -1 | 1 | undefined
    const direction = (hits: Pick<SearchResults, "scores">) =>
      Effect.suspend(() => {
        shown ??= directionOf(hits)
        return shown === undefined
          ? Effect.map(asked, (metric): -1 | 1 => isDistance(metric) ? -1 : 1)
          : Effect.succeed(shown)
      })

    /** One search, of what a position says is left. */
    const found = (
      { definition, key, isGiven, identity, nameFor, freshness }: Snapshot,
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
          ...freshness(position),
        }
        const one = { ...search, ...part, limit: wanted }
        const bytes = yield* tryEncode(() =>
          encodeSearch(searchInput(connection, definition, dataOf(query), one, read, { ...identity, ...others }))
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

    const remaining = ({ key }: Snapshot, range: Range | undefined) =>
      range === undefined ? search.filter : andFilter(search.filter, tag`${tag.field(key)} not in ${keysOf(range)}`)

    const page = (snapshot: Snapshot) => (position: Position) =>
      Effect.gen(function* () {
        const wanted = Math.min(batchSize, position.left)
        const { iterator, range } = position
        const filter = yield* tryEncode(() => remaining(snapshot, range))
        const nearer = range === undefined ? undefined : yield* direction(noHits)
        const isRange = range !== undefined && iterator === undefined && nearer !== undefined
        const limits = isRange ? limitsOf(range, nearer, radius) : radius === undefined ? {} : { radius }
        // Numbers of bits are whole.
        const isWhole = limits.radius !== undefined && isBinary(snapshot.definition, search.field) &&
          (yield* asked).toUpperCase() === "HAMMING"
        const params = { ...search.params, ...limits, ...(isWhole ? { radius: wholeRadius(limits.radius) } : {}) }
        const others = isRange ? {} : iterating(wanted, iterator, range, nearer)
        const { results, result } = yield* found(snapshot, position, wanted, { filter, params }, others)
        const hits = results.ids.length
        const next: Position = {
          batches: position.batches + 1,
          seen: position.seen || results.sessionTs,
          left: position.left - hits,
          iterator: results.iterator?.token ? results.iterator : undefined,
        }
        if (next.left <= 0) return [[result], undefined] as const
        // An empty batch is the last one of an iterator; an empty range may have others behind it.
        if (hits === 0 && (range === undefined || next.iterator !== undefined)) return [[], undefined] as const
        const behind = nextRange(range, results, yield* direction(results), wanted)
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
        const filter = yield* tryEncode(() => remaining(snapshot, range))
        const { results, result } = yield* found(snapshot, position, scan, { filter, params }, {})
        const hits = results.ids.length
        const nearer = isBounded && hits > 0 ? yield* direction(results) : -1
        const bounds = isBounded ? within(results, nearer, radius, inner) : { from: 0, to: hits }
        const to = Math.min(bounds.to, bounds.from + wanted)
        const isLast = hits === 0 || bounds.to < hits && to === bounds.to
        const next: Position = {
          batches: position.batches + 1,
          seen: position.seen || results.sessionTs,
          left: position.left - (to - bounds.from),
          range: excludeSeen(range, { ids: results.ids.slice(0, to), scores: results.scores.subarray(0, to) }) ?? range,
          scan: bounds.from === hits ? Math.min(scan * 4, mostScanned) : undefined,
        }
        const after = isLast || next.left <= 0 ? undefined : next
        if (to === bounds.from) return [[], after] as const
        if (bounds.from === 0 && to === hits) return [[result], after] as const
        // Only these, with all that they come with.
        const some = yield* tryEncode(() => withKeys(snapshot.definition, [...results.ids.slice(bounds.from, to)]))
        const part = yield* found(snapshot, position, to - bounds.from, { filter: some, params }, {})
        return [[part.result], after] as const
      })

    const first: Position = { ...begun, left: limit ?? Infinity }
    return batchesOf<SearchResult<R>, Position>(
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

/** How many hits milvus-lite is asked for at once to get to the nearer bound of a range. */
const mostScanned = 16_384

const noHits = { scores: new Float32Array(0) }

/** Cast: a list of one query is one of texts or of vectors, as the query is. */
const dataOf = (query: QueryVector | string) => [query] as ReadonlyArray<QueryVector>

/** A bound of a range, which has to be a number for batches to begin at it. Throws `CodecError`. */
const boundOf = (name: string, params: object | undefined): number | undefined => {
  // Cast: any object can be looked at by names.
  const bound = (params as { readonly [name: string]: unknown } | undefined)?.[name]
  if (bound === undefined || typeof bound === "number" && Number.isFinite(bound)) return bound
  return throwValue(`params.${name}`, undefined, "a finite number")
}

/** What a server that has iterators looks for; others do not. */
const iterating = (
  size: number,
  iterator: SearchIterator | undefined,
  range: Range | undefined,
  nearer: -1 | 1 | undefined,
): Readonly<Record<string, string>> => ({
  search_iter_v2: "True",
  search_iter_batch_size: `${size}`,
  ...(iterator === undefined ? {} : {
    search_iter_id: iterator.token,
    search_iter_last_bound: `${
      range === undefined || nearer === undefined ? iterator.lastBound : start(range.from, nearer)
    }`,
  }),
})

/** The metric that a search goes by: the one that is asked for, or else that of the index on the server. */
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
