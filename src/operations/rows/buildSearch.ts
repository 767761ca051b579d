/**
 * Searches as requests: what is searched for, by which parameters, and how hits of several searches are ranked
 * together.
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
 * What is searched for, one entry a query: vectors; texts, for a field that a function makes vectors for; columns of
 * the codec (`{ type: "FloatVector", dimension, values }`, `values` of `[queries, dimension]`); or rows, by their
 * primary keys, whose own vectors are then searched for (Milvus 2.6.7).
 */
export type SearchData =
  | ReadonlyArray<QueryVector>
  | ReadonlyArray<string>
  | Queries
  | { readonly ids: IdsInput }

/** A vector: `[dimension]`; of bits, eight to a byte; or sparse, as a value at each index. */
export type QueryVector =
  | ReadonlyArray<number>
  | Float32Array
  | Float64Array
  | Uint16Array
  | Uint8Array
  | Int8Array
  | SparseRow

/** The vector fields of a collection; a member of an array of structs is named `chunks[vector]`. */
export type SearchField<D extends CollectionDefinition> =
  | NamesOf<D["fields"], VectorType>
  | (string & Record<never, never>)

/** The field that is searched where none is named: the vector fields of the definition. */
export type DefaultField<D extends CollectionDefinition> = string extends keyof D["fields"] ? string
  : NamesOf<D["fields"], VectorType>

/** What every search of a field takes. */
export interface FieldSearchOptions<D extends CollectionDefinition = AnyDefinition, F extends string = string> {
  /** The vector field that is searched; needed where there are several. */
  readonly field?: F | undefined
  /** How many hits each query gets; at least 1. Milvus takes 16,384 at most, `offset` included. */
  readonly limit: number
  /** How many hits are passed over. Default 0. */
  readonly offset?: number | undefined
  /** Only rows that it lets through; all rows if it is `undefined` or blank. */
  readonly filter?: Filter | string | undefined
  /** Parameters of the index, such as `{ ef: 64 }`; `radius` and `range_filter` make it a search of a range. */
  readonly params?: SearchParamsOf<D, F> | undefined
  /** The metric; that of the index where it is left out. */
  readonly metric?: string | undefined
  /** Gives the best hits of each value of this field (Milvus 2.4). */
  readonly groupBy?: string | undefined
  /** How many hits a group has (Milvus 2.5); only with `groupBy`. Default 1. */
  readonly groupSize?: number | undefined
  /** Whether each group has to be full (Milvus 2.5); only with `groupBy`. */
  readonly strictGroupSize?: boolean | undefined
  /** To how many decimals scores are rounded, 0 to 6. Default: not at all. */
  readonly roundDecimal?: number | undefined
  /** Whether segments that still grow are passed over. Default `false`. */
  readonly ignoreGrowing?: boolean | undefined
}

/** What can be set for a search. */
export interface SearchOptions<D extends CollectionDefinition = AnyDefinition, F extends string = string>
  extends ReadOptions, FieldSearchOptions<D, F> {
  /** Orders the hits again: functions made by `Functions.rerank` (Milvus 2.6). */
  readonly rerank?: RerankFunctions | undefined
}

/** One or several functions made by `Functions.rerank`. */
export type RerankFunctions =
  | FunctionDefinition<"Rerank", string, never>
  | ReadonlyArray<FunctionDefinition<"Rerank", string, never>>

/** How hits of several searches are ranked together. */
export type Reranker =
  | { readonly strategy: "rrf"; readonly k?: number | undefined }
  | { readonly strategy: "weighted"; readonly weights: ReadonlyArray<number>; readonly normalize?: boolean | undefined }
  | RerankFunctions

/** The names of {@linkcode FieldSearchOptions}. */
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

/**
 * Refuses values that the options of a search cannot have, and options that the server ignores. Throws `CodecError`.
 */
export const checkSearch = (connection: Connection.Connection, options: FieldSearchOptions): void => {
  if (options.limit === undefined) throwValue("limit", undefined, "the number of hits that are wanted")
  accepted(checkCount("limit", options.limit))
  accepted(checkCount("offset", options.offset, 0))
  accepted(checkFlag("ignoreGrowing", options.ignoreGrowing))
  for (const name of ["field", "metric"] as const) {
    if (options[name] !== undefined) accepted(readName(name, options[name]))
  }
  const { params } = options
  if (params !== undefined && (typeof params !== "object" || params === null || Array.isArray(params))) {
    throwValue("params", undefined, `an object, got ${describeValue(params)}`)
  }
  checkGroups(connection, options)
}

/** Refuses what groups and rounded scores cannot be made by. Throws `CodecError`. */
export const checkGroups = (
  connection: Connection.Connection,
  options: Pick<FieldSearchOptions, "groupBy" | "groupSize" | "strictGroupSize" | "roundDecimal">,
): void => {
  const { groupBy, groupSize, strictGroupSize, roundDecimal } = options
  if (groupBy !== undefined) accepted(readName("groupBy", groupBy))
  accepted(checkCount("groupSize", groupSize))
  accepted(checkFlag("strictGroupSize", strictGroupSize))
  for (const name of ["groupSize", "strictGroupSize"] as const) {
    if (groupBy === undefined && options[name] !== undefined) throwValue(name, undefined, "none without groupBy")
  }
  requireVersion(connection, "groupBy", groupBy, 2, 4)
  requireVersion(connection, "groupSize", groupSize, 2, 5)
  requireVersion(connection, "strictGroupSize", strictGroupSize, 2, 5)
  if (roundDecimal !== undefined && !(Number.isInteger(roundDecimal) && roundDecimal >= -1 && roundDecimal <= 6)) {
    throwValue("roundDecimal", undefined, `a whole number from 0 to 6, or -1, got ${describeValue(roundDecimal)}`)
  }
}

/** A search as a request. Throws `CodecError`. */
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

/** Vectors take the type of the field that is searched. */
const queriesOf = (
  connection: Connection.Connection,
  definition: AnyDefinition,
  data: SearchData,
  field: string | undefined,
): Pick<SearchInput, "queries" | "ids"> => {
  const expected = "a list of vectors, or of texts, one for each query"
  if (typeof data !== "object" || data === null) {
    return throwValue("data", undefined, `${expected}, got ${describeValue(data)}`)
  }
  if (!isList(data)) {
    if ("ids" in data) {
      requireVersion(connection, "data", data.ids, 2, 6)
      return { ids: data.ids }
    }
    return "type" in data ? { queries: data } : throwValue("data", undefined, `${expected}; got one vector`)
  }
  if (data.length === 0) return throwValue("data", undefined, `${expected}, at least one`)
  if (isTexts(data)) return { queries: { type: "VarChar", values: data } }
  if (typeof data[0] === "number") {
    return throwValue("data", undefined, `${expected}; got one vector, which goes in brackets`)
  }
  const { type, options } = searchedField(definition, field)
  // Cast: each vector is looked at where it is encoded.
  return { queries: { type, dimension: options.dimension, rows: data } as Queries }
}

/** The vector field that a search without a field means: the first. A server refuses that where there are several. */
const searchedField = ({ fields, name }: AnyDefinition, field: string | undefined): AnyField => {
  const vectors = Object.entries(fields).filter(([, field]) => isVector(field))
  const [, found] = vectors.find(([name]) => field === undefined || name === field) ?? []
  return found ?? throwValue(field ?? name, undefined, `a vector field of "${name}"`)
}

const isList = (data: SearchData): data is ReadonlyArray<QueryVector> | ReadonlyArray<string> => Array.isArray(data)

const isTexts = (data: ReadonlyArray<QueryVector> | ReadonlyArray<string>): data is ReadonlyArray<string> =>
  typeof data[0] === "string"

/** Refuses a strategy that hits of so many searches cannot be ranked by. Throws `CodecError`. */
export const checkReranker = (reranker: Reranker | undefined, searches: number): void => {
  if (reranker === undefined) return
  if (typeof reranker !== "object" || reranker === null) {
    return throwValue(
      "rerank",
      undefined,
      `a strategy, or functions made by \`Functions.rerank\`, got ${describeValue(reranker)}`,
    )
  }
  if (!("strategy" in reranker)) return
  const { strategy } = reranker
  if (strategy === "rrf") {
    accepted(checkOptions(reranker, rrfNames))
    const { k } = reranker
    if (k !== undefined && !(Number.isFinite(k) && k > 0)) throwValue("rerank.k", undefined, "a number above 0")
  } else if (strategy === "weighted") {
    accepted(checkOptions(reranker, weightedNames))
    accepted(checkFlag("rerank.normalize", reranker.normalize))
    const { weights } = reranker
    if (!Array.isArray(weights) || weights.length !== searches || !weights.every(Number.isFinite)) {
      throwValue("rerank.weights", undefined, `a finite number for each of ${searches} searches`)
    }
  } else throwValue("rerank.strategy", undefined, `"rrf" or "weighted", got ${describeValue(strategy)}`)
}

const rrfNames: ReadonlySet<string> = new Set(["strategy", "k"])
const weightedNames: ReadonlySet<string> = new Set(["strategy", "weights", "normalize"])

/** How hits are ranked together, as a hybrid search says it. */
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

/** Functions that order hits, as a search says them. */
export const functionScore = (functions: RerankFunctions): Effect.Effect<Uint8Array, CodecError> =>
  Effect.flatMap(
    tryEncode(() => [functions].flat().map((one, at) => functionSchema(`rerank_${at}`, one))),
    (functions) => Message.encode("milvus.proto.schema.FunctionScore", { functions }),
  )
