/** Search and hybrid search: one RPC each, whose replies have the same form. */
import * as Effect from "effect/Effect"
import { decodeSearchResults, encodeHybridSearch, encodeSearch, type SearchResults } from "../../codec/mod.ts"
import { describeValue, throwValue } from "../../codec/errors.ts"
import * as Connection from "../../Connection.ts"
import type { AnyDefinition } from "../../schema/decodeSchema.ts"
import type { CollectionDefinition } from "../../schema/definition.ts"
import { type CollectionRef, nameOf } from "../shared/collectionRef.ts"
import { checkOptions } from "../shared/options.ts"
import { isAtLeast } from "../shared/server.ts"
import {
  checkGroups,
  checkReranker,
  checkSearch,
  fieldSearchNames,
  type FieldSearchOptions,
  functionScore,
  ranking,
  type Reranker,
  type SearchData,
  searchInput,
  type SearchOptions,
} from "./buildSearch.ts"
import { checkColumns, checkKey, type Outputs, outputsOf, selectOutputs } from "./outputFields.ts"
import { keyOf } from "./primaryKey.ts"
import {
  accepted,
  checkCollection,
  checkReadOptions,
  type DataError,
  ensureLevel,
  levelOf,
  paramTexts,
  readInput,
  readNamesWith,
  type ReadOptions,
  requireVersion,
  tryEncode,
  withSchema,
} from "./read.ts"
import { type SearchResult, searchResult } from "./results.ts"
import { currentConnection } from "../shared/currentConnection.ts"

const searchOptionNames = readNamesWith<SearchOptions>(...fieldSearchNames, "rerank")

/** Runs a search. `R` is the type of the rows of its hits, which follows from the definition. */
export const runSearch = <R>(
  collection: CollectionRef,
  data: SearchData,
  options: SearchOptions,
): Effect.Effect<SearchResult<R>, DataError, Connection.Connection> =>
  Effect.gen(function* () {
    const connection = yield* currentConnection(options)
    yield* tryEncode(() => {
      checkCollection(collection)
      checkReadOptions(options, searchOptionNames)
      checkSearch(connection, options)
      requireVersion(connection, "rerank", options.rerank, 2, 6)
    })
    const score = options.rerank === undefined ? undefined : yield* functionScore(options.rerank)
    return yield* withSchema(connection, "Search", collection, options, (definition) =>
      Effect.gen(function* () {
        yield* ensureLevel(connection, collection, options)
        const { outputs, key, bytes } = yield* tryEncode(() => {
          const { outputs, key } = searchOutputs(connection, definition, options.outputFields)
          const read = { ...options, outputFields: outputs.requested }
          const input = readInput(connection, nameOf(collection), read, levelOf(collection))
          const request = searchInput(connection, definition, data, options, input)
          return { outputs, key, bytes: encodeSearch({ ...request, functionScore: score }) }
        })
        const results = yield* Connection.callEncoded(connection, "Search", bytes, decodeSearchResults, options)
        return yield* tryEncode(() => selectHits<R>(collection, definition, key, outputs, results))
      }))
  })

/** One of the searches of a hybrid search. */
export interface SearchPart<D extends CollectionDefinition = AnyDefinition, F extends string = string>
  extends FieldSearchOptions<D, F> {
  /** The one query of this search. */
  readonly data: SearchData
}

/** Options for `hybridSearch`. */
export interface HybridOptions extends ReadOptions {
  /** Number of hits after ranking. */
  readonly limit: number
  /**
   * Number of hits to skip.
   *
   * @default 0
   */
  readonly offset?: number | undefined
  /**
   * How the hits of all searches are ranked.
   *
   * @default { strategy: "rrf", k: 60 } (reciprocal rank fusion)
   */
  readonly rerank?: Reranker | undefined
  /** Number of decimals to which scores are rounded, 0 to 6. Default: not rounded. */
  readonly roundDecimal?: number | undefined
  /** Returns the best hits for each value of this field (Milvus 2.4 and later). */
  readonly groupBy?: string | undefined
  /**
   * Number of hits in a group (Milvus 2.5 and later); only with `groupBy`.
   *
   * @default 1
   */
  readonly groupSize?: number | undefined
  /**
   * Whether every group must be full (Milvus 2.5 and later); only with `groupBy`.
   *
   * @default false
   */
  readonly strictGroupSize?: boolean | undefined
}

const hybridOptionNames = readNamesWith<HybridOptions>(
  "limit",
  "offset",
  "rerank",
  "roundDecimal",
  "groupBy",
  "groupSize",
  "strictGroupSize",
)

const partNames: ReadonlySet<string> = new Set(["data", ...fieldSearchNames])

/** Runs a hybrid search. */
export const runHybridSearch = <R>(
  collection: CollectionRef,
  searches: ReadonlyArray<SearchPart>,
  options: HybridOptions,
): Effect.Effect<SearchResult<R>, DataError, Connection.Connection> =>
  Effect.gen(function* () {
    const connection = yield* currentConnection(options)
    yield* tryEncode(() => checkHybrid(connection, collection, searches, options))
    const { limit, offset, roundDecimal = -1, groupBy, groupSize, strictGroupSize, partitions } = options
    const { strategy, functionScore } = yield* ranking(options.rerank ?? { strategy: "rrf" })
    return yield* withSchema(connection, "HybridSearch", collection, options, (definition) =>
      Effect.gen(function* () {
        yield* ensureLevel(connection, collection, options)
        const { outputs, key, bytes } = yield* tryEncode(() => {
          const { outputs, key } = searchOutputs(connection, definition, options.outputFields)
          const { requested: outputFields } = outputs
          const input = readInput(connection, nameOf(collection), { ...options, outputFields }, levelOf(collection))
          const part = { ...input, outputFields: undefined, partitionNames: partitions }
          const bytes = encodeHybridSearch({
            ...input,
            requests: searches.map(({ data, ...one }) => searchInput(connection, definition, data, one, part)),
            functionScore,
            rankParams: {
              ...strategy,
              ...paramTexts({
                limit,
                offset,
                round_decimal: roundDecimal,
                group_by_field: groupBy,
                group_size: groupSize,
                strict_group_size: strictGroupSize,
              }),
            },
          })
          return { outputs, key, bytes }
        })
        const results = yield* Connection.callEncoded(connection, "HybridSearch", bytes, decodeSearchResults, options)
        return yield* tryEncode(() => selectHits<R>(collection, definition, key, outputs, results))
      }))
  })

/** Checks the arguments of a hybrid search. Throws `CodecError`. */
const checkHybrid = (
  connection: Connection.Connection,
  collection: CollectionRef,
  searches: unknown,
  options: HybridOptions,
): void => {
  checkCollection(collection)
  checkReadOptions(options ?? {}, hybridOptionNames)
  checkSearch(connection, { limit: options?.limit, offset: options?.offset })
  checkGroups(connection, options)
  if (!Array.isArray(searches) || searches.length === 0) {
    return throwValue("searches", undefined, "a list of at least one search")
  }
  checkReranker(options.rerank, searches.length)
  for (const one of searches) {
    if (typeof one !== "object" || one === null) {
      throwValue("searches", undefined, "objects with `data`", describeValue(one))
    }
    accepted(checkOptions(one, partNames))
    checkSearch(connection, one)
  }
}

/**
 * Returns the output fields of a search, and the name of the primary key. Servers that do not report that name are
 * asked for the values of the key.
 */
const searchOutputs = (
  connection: Connection.Connection,
  definition: AnyDefinition,
  outputFields: ReadonlyArray<string> = [],
): { readonly outputs: Outputs; readonly key: string } => {
  const key = keyOf(definition)
  const sent = isAtLeast(connection, 2, 6, true) ? undefined : key
  return { key, outputs: outputsOf(connection, definition, outputFields, sent) }
}

/** Returns the hits of a reply, with the fields that were asked for. Throws `CodecError`. */
const selectHits = <R>(
  collection: CollectionRef,
  definition: AnyDefinition,
  key: string,
  outputs: Outputs,
  results: SearchResults,
): SearchResult<R> => {
  const { fields } = results
  checkKey(definition, key, results, outputs.requested.includes(key))
  if (typeof collection !== "string") checkColumns(collection, outputs, fields)
  const selection = selectOutputs(outputs, fields, results.ids.length, nameOf(collection), new Set())
  return searchResult<R>(results, selection, key)
}
