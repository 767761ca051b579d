/** Builds search requests: checks the options of a search, and encodes its queries and parameters. */
import * as Effect from "effect/Effect"
import { type ReadInput, type SearchInput, searchParams } from "../../codec/mod.ts"
import { describeValue, throwValue } from "../../codec/errors.ts"
import type * as Connection from "../../Connection.ts"
import type { CodecError } from "../../errors.ts"
import type { Filter } from "../../filter/Filter.ts"
import type { AnyDefinition } from "../../schema/decodeSchema.ts"
import type { CollectionDefinition } from "../../schema/definition.ts"
import type { NamesOf, VectorType } from "../../schema/fieldTypes.ts"
import type { SearchParamsOf } from "../../schema/searchOptions.ts"
import type { FieldName, FieldPath } from "../../schema/selection.ts"
import { checkCount, checkFlag, checkOptions, readName, readNames } from "../shared/options.ts"
import { checkChainFields, type FunctionChains, functionChains } from "./functionChains.ts"
import type { SearchResolver } from "./gatherSearch.ts"
import { type Highlighter, highlighter } from "./highlighter.ts"
import { accepted, checkTimes, filterRequest, type OrderBy, orderByText, paramTexts, type ReadOptions } from "./read.ts"
import { type SearchAggregation, searchAggregation } from "./searchAggregation.ts"
import { queriesOf, type SearchData } from "./searchQueries.ts"
import { functionScore, type RerankFunctions } from "./searchRanking.ts"

/** Names of the vector fields of a collection. A member of an array of structs is named `chunks[vector]`. */
export type SearchField<D extends CollectionDefinition> =
  | NamesOf<D["fields"], VectorType>
  | (string & Record<never, never>)

/** The field of a search that names none: one of the vector fields of the definition. */
export type DefaultField<D extends CollectionDefinition> = string extends keyof D["fields"] ? string
  : NamesOf<D["fields"], VectorType>

/** Options of every search of a field. */
export interface FieldSearchOptions<D extends CollectionDefinition = AnyDefinition, F extends string = string> {
  /** The vector field to search; required if the collection has several. */
  readonly field?: F | undefined
  /** Maximum number of hits of each query, at least 1. Milvus accepts at most 16,384, `offset` included. */
  readonly limit: number
  /**
   * Number of hits to skip.
   *
   * @default 0
   */
  readonly offset?: number | undefined
  /** Searches only rows that match the filter; all rows if it is `undefined` or blank. */
  readonly filter?: Filter | string | undefined
  /** Search parameters of the index, such as `{ ef: 64 }`; `radius` and `range_filter` make it a range search. */
  readonly params?: SearchParamsOf<D, F> | undefined
  /** Metric of the search. Default: that of the index. */
  readonly metric?: string | undefined
  /**
   * Returns the best hits for each value of this field (Milvus 2.4 and later), for each combination of values of these
   * fields (Milvus 3.0 and later), or for each value at a path of a JSON field (Milvus 2.6.2 and later).
   */
  readonly groupBy?: GroupBy<FieldPath<D>> | undefined
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
  /** Number of decimals to which scores are rounded, 0 to 6. Default: not rounded. */
  readonly roundDecimal?: number | undefined
  /**
   * Whether rows in growing segments are left out.
   *
   * @default false
   */
  readonly ignoreGrowing?: boolean | undefined
  /**
   * Analyzer of the texts that are searched for, in a field with several of them. Milvus 2.5.11 and later.
   *
   * @default "default"
   */
  readonly analyzerName?: string | undefined
  /**
   * Whether pages of a range search, by `offset`, do not repeat hits of other pages. It may leave out some. Only with
   * `params.radius`. Milvus 2.4.10 and later.
   *
   * @default false
   */
  readonly pageRetainOrder?: boolean | undefined
  /**
   * Reranks the hits with chains made by `FunctionChain.make`; not together with `rerank`. Milvus 3.0 and later, and
   * milvus-lite; in a part of a hybrid search Milvus 3.0.3 and later.
   */
  readonly functionChains?: FunctionChains<FieldName<D>> | undefined
}

/** Groups of hits: by a field, by several fields, or by a path of a JSON field. */
export type GroupBy<F extends string = string> = F | ReadonlyArray<F> | GroupByJson<F>

/** A path of a JSON field, by whose values hits are grouped. */
export interface GroupByJson<F extends string = string> {
  /** The JSON field. */
  readonly field: F
  /** The path, with the name of the field: `meta["genre"]`. */
  readonly jsonPath: string
  /** Type to which the values are cast. Default: none. */
  readonly jsonType?: "Bool" | "Int8" | "Int16" | "Int32" | "Int64" | "VarChar" | undefined
  /**
   * Whether values of other types are left out instead of cast.
   *
   * @default false
   */
  readonly strictCast?: boolean | undefined
}

/** Options for `search`. */
export interface SearchOptions<D extends CollectionDefinition = AnyDefinition, F extends string = string>
  extends ReadOptions, FieldSearchOptions<D, F> {
  /** Reranks the hits with functions made by `Functions.rerank` (Milvus 2.6 and later). */
  readonly rerank?: RerankFunctions | undefined
  /**
   * Fields by which the hits are ordered, the first one first, after the nearest are found. Milvus 3.0 and later.
   *
   * @default By score.
   */
  readonly orderBy?: ReadonlyArray<OrderBy<FieldPath<D>>> | undefined
  /** Marks the parts of texts that the query matches, in `highlights` of each hit. Milvus 2.6.8 and later. */
  readonly highlighter?: Highlighter<FieldName<D>> | undefined
  /**
   * Sorts the hits into buckets, which replace them in the result: `found.buckets()`. Not together with `groupBy`.
   * Milvus 3.0 and later.
   */
  readonly aggregation?: SearchAggregation<FieldName<D>> | undefined
  /**
   * Time zone in which `Timestamptz` fields are returned, such as `"Europe/Berlin"`. Milvus 2.6.6 and later.
   *
   * @default That of the collection, or else of the database.
   */
  readonly timezone?: string | undefined
  /**
   * Parts of `Timestamptz` fields to return instead of the whole time, such as `["year", "month"]`. Milvus 2.6.6 and
   * later.
   *
   * @default The whole time.
   */
  readonly timeFields?: ReadonlyArray<string> | undefined
  /** Gathers this search with others into one request: a resolver made by `searchResolver`. Default: none. */
  readonly resolver?: SearchResolver | undefined
}

/** Names of {@linkcode FieldSearchOptions}. */
export const fieldSearchNames = [
  "field",
  "limit",
  "offset",
  "filter",
  "params",
  "metric",
  "groupBy",
  "groupSize",
  "strictGroupSize",
  "roundDecimal",
  "ignoreGrowing",
  "analyzerName",
  "pageRetainOrder",
  "functionChains",
] as const

/** Checks the options of a search, and refuses options that the server would ignore. Throws `CodecError`. */
export const checkSearch = (options: FieldSearchOptions): void => {
  if (options.limit === undefined) throwValue("limit", undefined, "a number of hits")
  accepted(checkCount("limit", options.limit))
  accepted(checkCount("offset", options.offset, 0))
  accepted(checkFlag("ignoreGrowing", options.ignoreGrowing))
  accepted(checkFlag("pageRetainOrder", options.pageRetainOrder))
  for (const name of ["field", "metric", "analyzerName"] as const) {
    if (options[name] !== undefined) accepted(readName(name, options[name]))
  }
  const { params } = options
  if (params !== undefined && (typeof params !== "object" || params === null || Array.isArray(params))) {
    throwValue("params", undefined, "an object", describeValue(params))
  }
  if (options.pageRetainOrder !== undefined && params?.["radius"] === undefined) {
    throwValue("pageRetainOrder", undefined, "`params.radius` to be set as well")
  }
  checkGroups(options)
}

/** Checks the options for groups and rounded scores. Throws `CodecError`. */
export const checkGroups = (
  options: Pick<FieldSearchOptions, "groupBy" | "groupSize" | "strictGroupSize" | "roundDecimal">,
): void => {
  const { groupBy, groupSize, strictGroupSize, roundDecimal } = options
  if (groupBy !== undefined) checkGroupBy(groupBy)
  accepted(checkCount("groupSize", groupSize))
  accepted(checkFlag("strictGroupSize", strictGroupSize))
  for (const name of ["groupSize", "strictGroupSize"] as const) {
    if (groupBy === undefined && options[name] !== undefined) throwValue(name, undefined, "`groupBy` to be set as well")
  }
  if (roundDecimal !== undefined && !(Number.isInteger(roundDecimal) && roundDecimal >= -1 && roundDecimal <= 6)) {
    throwValue("roundDecimal", undefined, "a whole number from 0 to 6, or -1", describeValue(roundDecimal))
  }
}

const checkGroupBy = (groupBy: GroupBy): void => {
  if (typeof groupBy !== "object" || groupBy === null) return void accepted(readName("groupBy", groupBy))
  if (isFields(groupBy)) {
    const names = accepted(readNames("groupBy", groupBy)) ?? []
    const name = names.find((name) => name.includes(","))
    // The request separates fields by commas.
    if (name !== undefined) throwValue("groupBy", undefined, "names without a comma")
    return
  }
  accepted(checkOptions(groupBy, groupByNames))
  accepted(readName("groupBy.field", groupBy.field))
  accepted(readName("groupBy.jsonPath", groupBy.jsonPath))
  accepted(checkFlag("groupBy.strictCast", groupBy.strictCast))
  const { jsonType } = groupBy
  if (jsonType !== undefined && !jsonTypes.has(jsonType)) {
    throwValue("groupBy.jsonType", undefined, `one of ${[...jsonTypes].join(", ")}`, describeValue(jsonType))
  }
}

const isFields = (groupBy: GroupBy): groupBy is ReadonlyArray<string> => Array.isArray(groupBy)

const groupByNames: ReadonlySet<string> = new Set(["field", "jsonPath", "jsonType", "strictCast"])
const jsonTypes: ReadonlySet<string> = new Set(["Bool", "Int8", "Int16", "Int32", "Int64", "VarChar"])

/** Checks the options of a search that its parts in a hybrid search do not have. Throws `CodecError`. */
export const checkWholeSearch = (options: SearchOptions): void => {
  checkTimes(options)
  orderByText(options.orderBy)
  const { aggregation, groupBy, rerank, functionChains } = options
  if (aggregation !== undefined && groupBy !== undefined) {
    throwValue("aggregation", undefined, "`groupBy` to be omitted", "both")
  }
  if (rerank !== undefined && functionChains !== undefined) {
    throwValue("functionChains", undefined, "`rerank` to be omitted", "both")
  }
}

/** Parts of a search that are messages of their own. */
export type SearchMessages = Pick<
  SearchInput,
  "functionScore" | "functionChains" | "highlighter" | "searchAggregation"
>

const noMessages: SearchMessages = {}

/** Encodes the parts of a search that are messages of their own. */
export const searchMessages = (
  options: Pick<SearchOptions, "rerank" | "functionChains" | "highlighter" | "aggregation">,
): Effect.Effect<SearchMessages, CodecError> => {
  const { rerank, functionChains: chains, highlighter: marks, aggregation } = options
  if (rerank === undefined && chains === undefined && marks === undefined && aggregation === undefined) {
    return Effect.succeed(noMessages)
  }
  return Effect.all({
    functionScore: rerank === undefined ? Effect.undefined : functionScore(rerank),
    functionChains: chains === undefined ? Effect.undefined : functionChains(chains),
    highlighter: marks === undefined ? Effect.undefined : highlighter(marks),
    searchAggregation: aggregation === undefined ? Effect.undefined : searchAggregation(aggregation),
  })
}

/** Builds the request of a search. Throws `CodecError`. */
export const searchInput = (
  connection: Connection.Connection,
  definition: AnyDefinition,
  data: SearchData,
  options: Omit<SearchOptions, "rerank" | "highlighter" | "aggregation">,
  read: ReadInput,
  messages: SearchMessages,
  others?: Readonly<Record<string, string>>,
): SearchInput => {
  const { groupBy, pageRetainOrder, params } = options
  if (options.functionChains !== undefined) checkChainFields(definition, options.functionChains)
  return {
    ...read,
    ...messages,
    ...filterRequest(connection, options.filter),
    ...queriesOf(definition, data, options.field),
    searchParams: searchParams({
      field: options.field,
      limit: options.limit,
      offset: options.offset,
      params: pageRetainOrder === undefined ? params : { ...params, page_retain_order: pageRetainOrder },
      metricType: options.metric,
      roundDecimal: options.roundDecimal,
      ignoreGrowing: options.ignoreGrowing,
      groupByField: typeof groupBy === "string" ? groupBy : undefined,
      groupSize: options.groupSize,
      strictGroupSize: options.strictGroupSize,
      others: otherParams(options, others),
    }),
  }
}

/** Returns the parameters that few searches have, in addition to others. */
const otherParams = (
  { groupBy, orderBy, analyzerName, timezone, timeFields }: Omit<SearchOptions, "limit">,
  others: Readonly<Record<string, string>> | undefined,
): Readonly<Record<string, string>> | undefined => {
  const isPlain = orderBy === undefined && analyzerName === undefined && timezone === undefined &&
    timeFields === undefined && (groupBy === undefined || typeof groupBy === "string")
  if (isPlain) return others
  return {
    ...others,
    ...paramTexts({
      order_by_fields: orderByText(orderBy),
      analyzer_name: analyzerName,
      timezone,
      time_fields: timeFields?.join(","),
      ...groupParams(groupBy),
    }),
  }
}

const groupParams = (groupBy: GroupBy | undefined): Readonly<Record<string, string | boolean | undefined>> => {
  if (groupBy === undefined || typeof groupBy === "string") return {}
  if (isFields(groupBy)) return { group_by_fields: groupBy.join(",") }
  const { field, jsonPath, jsonType, strictCast } = groupBy
  return { group_by_field: field, json_path: jsonPath, json_type: jsonType, strict_cast: strictCast }
}
