/** Search and hybrid search: one RPC each, whose replies have the same form. */
import * as Effect from "effect/Effect"
import { decodeSearchResults, draftHybridSearch, draftSearch, type SearchResults } from "../../codec/mod.ts"
import { describeValue, throwValue } from "../../codec/errors.ts"
import * as Connection from "../../Connection.ts"
import type { Unsupported } from "../../errors.ts"
import { framed } from "../../grpc/framed.ts"
import type { AnyDefinition } from "../../schema/decodeSchema.ts"
import type { CollectionDefinition } from "../../schema/definition.ts"
import type { FieldName, FieldPath } from "../../schema/selection.ts"
import { type CollectionRef, nameOf } from "../shared/collectionRef.ts"
import { operation } from "../shared/operation.ts"
import { checkOptions, readName } from "../shared/options.ts"
import { isAtLeast } from "../shared/server.ts"
import {
  checkGroups,
  checkSearch,
  checkWholeSearch,
  fieldSearchNames,
  type FieldSearchOptions,
  searchInput,
  type SearchMessages,
  searchMessages,
  type SearchOptions,
} from "./buildSearch.ts"
import { costOf } from "./cost.ts"
import { checkResolver, gather, gatherKey } from "./gather.ts"
import { divideHits, mostQueries, type SearchResolver, type SelectedHits } from "./gatherSearch.ts"
import { isList, kindOf, type QueryList, requireQueries, type SearchData } from "./searchQueries.ts"
import { checkReranker, hasRrfWeights, ranking, type Reranker } from "./searchRanking.ts"
import { requireSearchOptions } from "./searchVersions.ts"
import { checkChainFields, type FunctionChains } from "./functionChains.ts"
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
  tryEncode,
  withSchema,
} from "./read.ts"
import { type SearchResult, searchResult } from "./results.ts"
import { currentConnection, requireMilvus } from "../shared/currentConnection.ts"

const searchOptionNames = readNamesWith<SearchOptions>(
  ...fieldSearchNames,
  "rerank",
  "orderBy",
  "highlighter",
  "aggregation",
  "timezone",
  "timeFields",
  "resolver",
)

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
      checkSearch(options)
      checkWholeSearch(options)
      if (options.resolver !== undefined) checkResolver(options.resolver, "Vectors.searchResolver")
    })
    const messages = yield* searchMessages(options)
    yield* requireSearchOptions(connection, "Search", options)
    yield* requireQueries(connection, "Search", data, options.field)
    const search: Search = { connection, collection, options, messages }
    if (options.resolver !== undefined && isList(data)) {
      return yield* gatherSearch<R>(search, data, options.resolver)
    }
    const { results, selection, key } = yield* withSearchSchema(
      search,
      (definition) => hitsOf(search, definition, data),
    )
    return searchResult<R>(results, selection, key)
  })

/** A search whose options were checked, without its queries. */
interface Search {
  readonly connection: Connection.Connection
  readonly collection: CollectionRef
  readonly options: SearchOptions
  readonly messages: SearchMessages
}

const withSearchSchema = <A>(
  { connection, collection, options }: Search,
  run: (definition: AnyDefinition) => Effect.Effect<A, DataError>,
): Effect.Effect<A, DataError> => withSchema(connection, "Search", collection, options, run)

/** Encodes a search. Throws `CodecError`. */
const draft = ({ connection, collection, options, messages }: Search, definition: AnyDefinition, data: SearchData) => {
  const { outputs, key } = searchOutputs(connection, definition, options.outputFields)
  const read = { ...options, outputFields: outputs.requested }
  const input = readInput(connection, nameOf(collection), read, levelOf(collection))
  const request = searchInput(connection, definition, data, options, input, messages)
  return { outputs, key, message: framed(draftSearch(request)) }
}

/** Makes the call of a search. */
const hitsOf = (
  search: Search,
  definition: AnyDefinition,
  data: SearchData,
): Effect.Effect<SelectedHits, DataError> =>
  Effect.gen(function* () {
    const { connection, collection, options } = search
    yield* ensureLevel(connection, collection, options)
    const { outputs, key, message } = yield* tryEncode(() => draft(search, definition, data))
    const results = yield* Connection.callEncoded(connection, "Search", message, decodeSearchResults, options)
    return yield* tryEncode(() => selectHits(collection, definition, key, outputs, results))
  })

/** Runs a search together with others. */
const gatherSearch = <R>(
  search: Search,
  data: QueryList,
  resolver: SearchResolver,
): Effect.Effect<SearchResult<R>, DataError> =>
  Effect.gen(function* () {
    const { connection, collection, options } = search
    const { message } = yield* withSearchSchema(
      search,
      (definition) => tryEncode(() => draft(search, definition, data)),
    )
    const run = (inputs: ReadonlyArray<QueryList>) =>
      operation(
        "Vectors.searchResolver",
        collection,
        options,
        withSearchSchema(search, (definition) =>
          // Cast: all of them are of the kind that is in the key.
          Effect.flatMap(
            hitsOf(search, definition, inputs.flat() as unknown as QueryList),
            (hits) => tryEncode(() => divideHits(hits, inputs)),
          )),
        ([first]) => first === undefined ? {} : { costUnits: costOf(first.results.status).units },
      )
    const key = yield* gatherKey(`search by ${kindOf(data)}`, connection, collection, options)
    const read = { input: data, size: data.length, bytes: message.size, key, most: mostQueries(options), run }
    const { results, selection, key: primaryKey } = yield* gather(resolver, read)
    return searchResult<R>(results, selection, primaryKey, costOf())
  })

/** One of the searches of a hybrid search. */
export interface SearchPart<D extends CollectionDefinition = AnyDefinition, F extends string = string>
  extends FieldSearchOptions<D, F> {
  /** The one query of this search. */
  readonly data: SearchData
}

/** Options for `hybridSearch`. */
export interface HybridOptions<D extends CollectionDefinition = AnyDefinition> extends ReadOptions {
  /** Number of hits after ranking. */
  readonly limit: number
  /**
   * Number of hits to skip.
   *
   * @default 0
   */
  readonly offset?: number | undefined
  /**
   * Ranking of the hits of all searches.
   *
   * @default { strategy: "rrf", k: 60 } (reciprocal rank fusion)
   */
  readonly rerank?: Reranker | undefined
  /** Number of decimals to which scores are rounded, 0 to 6. Default: not rounded. */
  readonly roundDecimal?: number | undefined
  /** Returns the best hits for each value of this field (Milvus 2.4 and later). */
  readonly groupBy?: FieldPath<D> | undefined
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
  /**
   * Score of a group: the best, the sum or the average of those of its hits. Only with `groupBy`. Milvus 2.5 and later.
   *
   * @default "max"
   */
  readonly groupScorer?: "max" | "sum" | "avg" | undefined
  /**
   * Ranks the hits with chains made by `FunctionChain.make`; not together with `rerank`. Milvus 3.0.3 and later, not
   * milvus-lite.
   */
  readonly functionChains?: FunctionChains<FieldName<D>> | undefined
}

const hybridOptionNames = readNamesWith<HybridOptions>(
  "limit",
  "offset",
  "rerank",
  "roundDecimal",
  "groupBy",
  "groupSize",
  "strictGroupSize",
  "groupScorer",
  "functionChains",
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
    yield* tryEncode(() => checkHybrid(collection, searches, options))
    const { limit, offset, roundDecimal = -1, groupBy, groupSize, strictGroupSize, groupScorer, partitions } = options
    const { functionChains } = yield* searchMessages({ functionChains: options.functionChains })
    const { strategy, functionScore } = functionChains === undefined
      ? yield* ranking(options.rerank ?? { strategy: "rrf" })
      : { strategy: {} }
    const messages = yield* Effect.forEach(searches, ({ functionChains }) => searchMessages({ functionChains }))
    yield* requireHybrid(connection, searches, options)
    return yield* withSchema(connection, "HybridSearch", collection, options, (definition) =>
      Effect.gen(function* () {
        yield* ensureLevel(connection, collection, options)
        const { outputs, key, message } = yield* tryEncode(() => {
          const { outputs, key } = searchOutputs(connection, definition, options.outputFields)
          const { requested: outputFields } = outputs
          if (options.functionChains !== undefined) checkChainFields(definition, options.functionChains)
          const input = readInput(connection, nameOf(collection), { ...options, outputFields }, levelOf(collection))
          const part = { ...input, outputFields: undefined, partitionNames: partitions }
          const message = framed(draftHybridSearch({
            ...input,
            requests: searches.map(({ data, ...one }, at) =>
              searchInput(connection, definition, data, one, part, messages[at] ?? {})
            ),
            functionScore,
            functionChains,
            rankParams: {
              ...strategy,
              ...paramTexts({
                limit,
                offset,
                round_decimal: roundDecimal,
                group_by_field: groupBy,
                group_size: groupSize,
                strict_group_size: strictGroupSize,
                rank_group_scorer: groupScorer,
              }),
            },
          }))
          return { outputs, key, message }
        })
        const results = yield* Connection.callEncoded(connection, "HybridSearch", message, decodeSearchResults, options)
        const hits = yield* tryEncode(() => selectHits(collection, definition, key, outputs, results))
        return searchResult<R>(hits.results, hits.selection, key)
      }))
  })

/** Fails if the server does not have an option of a hybrid search, or of one of its parts. */
const requireHybrid = (
  connection: Connection.Connection,
  searches: ReadonlyArray<SearchPart>,
  options: HybridOptions,
): Effect.Effect<void, Unsupported> =>
  Effect.gen(function* () {
    yield* requireSearchOptions(connection, "HybridSearch", options)
    if (hasRrfWeights(options.rerank)) yield* requireMilvus(connection, "HybridSearch", "rerank.weights", "3.0.1")
    for (const one of searches) {
      yield* requireSearchOptions(connection, "HybridSearch", one)
      yield* requireQueries(connection, "HybridSearch", one.data, one.field)
    }
  })

/** Checks the arguments of a hybrid search. Throws `CodecError`. */
const checkHybrid = (
  collection: CollectionRef,
  searches: unknown,
  options: HybridOptions,
): void => {
  checkCollection(collection)
  checkReadOptions(options ?? {}, hybridOptionNames)
  checkSearch({ limit: options?.limit, offset: options?.offset })
  checkGroups(options)
  const { groupBy, groupScorer, rerank, functionChains } = options
  if (groupBy !== undefined) accepted(readName("groupBy", groupBy))
  if (groupScorer !== undefined && !groupScorers.includes(groupScorer)) {
    throwValue("groupScorer", undefined, `one of ${groupScorers.join(", ")}`, describeValue(groupScorer))
  }
  if (groupScorer !== undefined && groupBy === undefined) {
    throwValue("groupScorer", undefined, "`groupBy` to be set as well")
  }
  if (rerank !== undefined && functionChains !== undefined) {
    throwValue("functionChains", undefined, "`rerank` to be omitted", "both")
  }
  if (!Array.isArray(searches) || searches.length === 0) {
    return throwValue("searches", undefined, "a list of at least one search")
  }
  checkReranker(options.rerank, searches.length)
  for (const one of searches) {
    if (typeof one !== "object" || one === null) {
      throwValue("searches", undefined, "objects with `data`", describeValue(one))
    }
    accepted(checkOptions(one, partNames))
    checkSearch(one)
  }
}

const groupScorers: ReadonlyArray<string> = ["max", "sum", "avg"]

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
const selectHits = (
  collection: CollectionRef,
  definition: AnyDefinition,
  key: string,
  outputs: Outputs,
  results: SearchResults,
): SelectedHits => {
  const { fields } = results
  checkKey(definition, key, results, outputs.requested.includes(key))
  if (typeof collection !== "string") checkColumns(collection, outputs, fields)
  const selection = selectOutputs(outputs, fields, results.ids.length, nameOf(collection), new Set())
  return { results, selection, key }
}
