/**
 * Builds search requests: checks the options of a search, and encodes its queries, its parameters and the ranking of
 * several searches.
 */
import * as Effect from "effect/Effect"
import {
  type IdsInput,
  type Queries,
  type ReadInput,
  type SearchInput,
  searchParams,
  type SparseRow,
} from "../../codec/mod.ts"
import { describeValue, throwValue } from "../../codec/errors.ts"
import { jsonOfField } from "../../codec/stringifyJson.ts"
import type * as Connection from "../../Connection.ts"
import type { CodecError } from "../../errors.ts"
import type { Filter } from "../../filter/Filter.ts"
import * as Message from "../../Message.ts"
import type { AnyDefinition } from "../../schema/decodeSchema.ts"
import type { CollectionDefinition } from "../../schema/definition.ts"
import { functionSchema } from "../../schema/encodeSchema.ts"
import { isVector } from "../../schema/typeNames.ts"
import type { AnyField, NamesOf, VectorType } from "../../schema/fieldTypes.ts"
import type { FunctionDefinition } from "../../schema/Functions.ts"
import type { SearchParamsOf } from "../../schema/searchOptions.ts"
import { checkCount, checkFlag, checkOptions, readName } from "../shared/options.ts"
import { accepted, filterRequest, type ReadOptions, requireVersion, tryEncode } from "./read.ts"

/**
 * Queries of a search, one entry for each:
 *
 * - vectors, each of shape `[dimension]`;
 * - texts, for a field whose vectors a function computes (Milvus 2.5 and later);
 * - a column of the codec (`{ type: "FloatVector", dimension, values }`, with `values` of shape `[queries,
 *   dimension]`);
 * - primary keys of rows, whose vectors are the queries (Milvus 2.6.7 and later).
 */
export type SearchData =
  | ReadonlyArray<QueryVector>
  | ReadonlyArray<string>
  | Queries
  | { readonly ids: IdsInput }

/**
 * A query vector: numbers of shape `[dimension]`; bits in bytes of shape `[dimension / 8]`; or a sparse vector, with a
 * value for each index.
 */
export type QueryVector =
  | ReadonlyArray<number>
  | Float32Array
  | Float64Array
  | Uint16Array
  | Uint8Array
  | Int8Array
  | SparseRow

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
  /** Number of decimals to which scores are rounded, 0 to 6. Default: not rounded. */
  readonly roundDecimal?: number | undefined
  /**
   * Whether rows in growing segments are left out.
   *
   * @default false
   */
  readonly ignoreGrowing?: boolean | undefined
}

/** Options for `search`. */
export interface SearchOptions<D extends CollectionDefinition = AnyDefinition, F extends string = string>
  extends ReadOptions, FieldSearchOptions<D, F> {
  /** Reranks the hits with functions made by `Functions.rerank` (Milvus 2.6 and later). */
  readonly rerank?: RerankFunctions | undefined
}

/** One or several functions made by `Functions.rerank`. */
export type RerankFunctions =
  | FunctionDefinition<"Rerank", string, never>
  | ReadonlyArray<FunctionDefinition<"Rerank", string, never>>

/** Strategy that ranks the hits of several searches together. */
export type Reranker =
  | { readonly strategy: "rrf"; readonly k?: number | undefined }
  | { readonly strategy: "weighted"; readonly weights: ReadonlyArray<number>; readonly normalize?: boolean | undefined }
  | RerankFunctions

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
] as const

/** Checks the options of a search, and refuses options that the server would ignore. Throws `CodecError`. */
export const checkSearch = (connection: Connection.Connection, options: FieldSearchOptions): void => {
  if (options.limit === undefined) throwValue("limit", undefined, "a number of hits")
  accepted(checkCount("limit", options.limit))
  accepted(checkCount("offset", options.offset, 0))
  accepted(checkFlag("ignoreGrowing", options.ignoreGrowing))
  for (const name of ["field", "metric"] as const) {
    if (options[name] !== undefined) accepted(readName(name, options[name]))
  }
  const { params } = options
  if (params !== undefined && (typeof params !== "object" || params === null || Array.isArray(params))) {
    throwValue("params", undefined, "an object", describeValue(params))
  }
  checkGroups(connection, options)
}

/** Checks the options for groups and rounded scores. Throws `CodecError`. */
export const checkGroups = (
  connection: Connection.Connection,
  options: Pick<FieldSearchOptions, "groupBy" | "groupSize" | "strictGroupSize" | "roundDecimal">,
): void => {
  const { groupBy, groupSize, strictGroupSize, roundDecimal } = options
  if (groupBy !== undefined) accepted(readName("groupBy", groupBy))
  accepted(checkCount("groupSize", groupSize))
  accepted(checkFlag("strictGroupSize", strictGroupSize))
  for (const name of ["groupSize", "strictGroupSize"] as const) {
    if (groupBy === undefined && options[name] !== undefined) throwValue(name, undefined, "`groupBy` to be set as well")
  }
  requireVersion(connection, "groupBy", groupBy, 2, 4)
  requireVersion(connection, "groupSize", groupSize, 2, 5)
  requireVersion(connection, "strictGroupSize", strictGroupSize, 2, 5)
  if (roundDecimal !== undefined && !(Number.isInteger(roundDecimal) && roundDecimal >= -1 && roundDecimal <= 6)) {
    throwValue("roundDecimal", undefined, "a whole number from 0 to 6, or -1", describeValue(roundDecimal))
  }
}

/** Builds the request of a search. Throws `CodecError`. */
export const searchInput = (
  connection: Connection.Connection,
  definition: AnyDefinition,
  data: SearchData,
  options: Omit<SearchOptions, "rerank">,
  read: ReadInput,
  others?: Readonly<Record<string, string>>,
): SearchInput => ({
  ...read,
  ...filterRequest(connection, options.filter),
  ...queriesOf(connection, definition, data, options.field),
  searchParams: searchParams({
    field: options.field,
    limit: options.limit,
    offset: options.offset,
    params: options.params,
    metricType: options.metric,
    roundDecimal: options.roundDecimal,
    ignoreGrowing: options.ignoreGrowing,
    groupByField: options.groupBy,
    groupSize: options.groupSize,
    strictGroupSize: options.strictGroupSize,
    others,
  }),
})

/** Builds the queries of a search. Vectors get the type of the searched field. */
const queriesOf = (
  connection: Connection.Connection,
  definition: AnyDefinition,
  data: SearchData,
  field: string | undefined,
): Pick<SearchInput, "queries" | "ids"> => {
  const expected = "a list of vectors or of texts, one for each query"
  if (typeof data !== "object" || data === null) {
    return throwValue("data", undefined, expected, describeValue(data))
  }
  if (!isList(data)) {
    if ("ids" in data) {
      requireVersion(connection, "data", data.ids, 2, 6)
      return { ids: data.ids }
    }
    return "type" in data ? { queries: data } : throwValue("data", undefined, expected, "one vector; write [vector]")
  }
  if (data.length === 0) return throwValue("data", undefined, `${expected}, at least one`, "an empty list")
  if (isTexts(data)) return { queries: { type: "VarChar", values: data } }
  if (typeof data[0] === "number") {
    return throwValue("data", undefined, expected, "one vector; write [vector]")
  }
  const { type, options } = searchedField(definition, field)
  // Cast: each vector is checked when it is encoded.
  return { queries: { type, dimension: options.dimension, rows: data } as Queries }
}

/** Returns the searched field: the first vector field if none is named, which a server refuses if there are several. */
const searchedField = ({ fields, name }: AnyDefinition, field: string | undefined): AnyField => {
  const vectors = Object.entries(fields).filter(([, field]) => isVector(field))
  const [, found] = vectors.find(([name]) => field === undefined || name === field) ?? []
  if (found !== undefined) return found
  return field === undefined
    ? throwValue(name, undefined, "at least one vector field")
    : throwValue(field, undefined, `an existing vector field of "${name}"`)
}

const isList = (data: SearchData): data is ReadonlyArray<QueryVector> | ReadonlyArray<string> => Array.isArray(data)

const isTexts = (data: ReadonlyArray<QueryVector> | ReadonlyArray<string>): data is ReadonlyArray<string> =>
  typeof data[0] === "string"

/** Checks the strategy that ranks the hits of `searches` searches. Throws `CodecError`. */
export const checkReranker = (reranker: Reranker | undefined, searches: number): void => {
  if (reranker === undefined) return
  if (typeof reranker !== "object" || reranker === null) {
    const expected = "a strategy, or functions made by `Functions.rerank`"
    return throwValue("rerank", undefined, expected, describeValue(reranker))
  }
  if (!("strategy" in reranker)) return
  const { strategy } = reranker
  if (strategy === "rrf") {
    accepted(checkOptions(reranker, rrfNames))
    const { k } = reranker
    if (k !== undefined && !(Number.isFinite(k) && k > 0)) {
      throwValue("rerank.k", undefined, "a number above 0", describeValue(k))
    }
  } else if (strategy === "weighted") {
    accepted(checkOptions(reranker, weightedNames))
    accepted(checkFlag("rerank.normalize", reranker.normalize))
    const { weights } = reranker
    if (!Array.isArray(weights) || weights.length !== searches || !weights.every(Number.isFinite)) {
      throwValue("rerank.weights", undefined, `a finite number for each of ${searches} searches`)
    }
  } else throwValue("rerank.strategy", undefined, `"rrf" or "weighted"`, describeValue(strategy))
}

const rrfNames: ReadonlySet<string> = new Set(["strategy", "k"])
const weightedNames: ReadonlySet<string> = new Set(["strategy", "weights", "normalize"])

/** Encodes the ranking of a hybrid search: parameters for a strategy, or a message for functions. */
export const ranking = (
  reranker: Reranker,
): Effect.Effect<
  { readonly strategy: Readonly<Record<string, string>>; readonly functionScore?: Uint8Array | undefined },
  CodecError
> => {
  if (!("strategy" in reranker)) {
    return Effect.map(functionScore(reranker), (bytes) => ({ strategy: {}, functionScore: bytes }))
  }
  const params = reranker.strategy === "rrf"
    ? { k: reranker.k ?? 60 }
    : { weights: reranker.weights, norm_score: reranker.normalize ?? true }
  return tryEncode(() => ({ strategy: { strategy: reranker.strategy, params: jsonOfField(params, "rerank") } }))
}

/** Encodes rerank functions as the message `FunctionScore`. */
export const functionScore = (functions: RerankFunctions): Effect.Effect<Uint8Array, CodecError> =>
  Effect.flatMap(
    tryEncode(() => [functions].flat().map((one, at) => functionSchema(`rerank_${at}`, one))),
    (functions) => Message.encode("milvus.proto.schema.FunctionScore", { functions }),
  )
