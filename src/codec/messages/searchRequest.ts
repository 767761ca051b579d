/** SearchRequest and HybridSearchRequest out. */
import { throwValue } from "../errors.ts"
import { type IdsInput, idsPart } from "./ids.ts"
import { placeholderPart, type Queries } from "./placeholderGroup.ts"
import { templatePart, type TemplateValue } from "./filterTemplate.ts"
import {
  bool,
  bytes,
  concat,
  emptyFragment,
  encode,
  type Fragment,
  int64,
  message,
  presentText,
  text,
  texts,
  uint,
} from "../protobuf/writer.ts"

/** Text by key, in an order that is kept: pairs, or an object. */
export type KeyValues = ReadonlyArray<readonly [key: string, value: string]> | Readonly<Record<string, string>>

/** How fresh reads are: how far behind the last write they may be (Milvus: consistency level). */
export type ConsistencyLevel = "Strong" | "Session" | "Bounded" | "Eventually" | "Customized"

/** What every read has. */
export interface ReadInput {
  /** The collection that is read. */
  readonly collectionName: string
  /** The default database where it is empty or absent. */
  readonly databaseName?: string | undefined
  /** All partitions where there is none. */
  readonly partitionNames?: ReadonlyArray<string> | undefined
  /** The fields that each hit or row comes with. */
  readonly outputFields?: ReadonlyArray<string> | undefined
  /** That of the collection where it is absent. */
  readonly consistencyLevel?: ConsistencyLevel | undefined
  /** What the read must see, by the timestamp of the consistency level. */
  readonly guaranteeTimestamp?: bigint | undefined
  /** The namespace that is read, where the collection has namespaces. */
  readonly namespace?: string | undefined
}

/** A search. One of `queries`, `placeholderGroup` and `ids` is wanted. */
export interface SearchInput extends ReadInput {
  /** What is searched for. */
  readonly queries?: Queries | undefined
  /** The same as a `common.PlaceholderGroup` that is encoded already; `numQueries` goes with it. */
  readonly placeholderGroup?: Uint8Array | undefined
  /** Rows whose own vectors are searched for, by their primary keys. */
  readonly ids?: IdsInput | undefined
  /** How many queries there are in `placeholderGroup`. */
  readonly numQueries?: number | undefined
  /** A filter. */
  readonly filter?: string | undefined
  /** Values for the placeholders of the filter. */
  readonly filterValues?: Readonly<Record<string, TemplateValue>> | undefined
  /** `anns_field`, `topk`, `metric_type`, `params` and others: `searchParams` makes them. */
  readonly searchParams: KeyValues
  /** A `schema.FunctionScore`, encoded. */
  readonly functionScore?: Uint8Array | undefined
  /** A `common.Highlighter`, encoded. */
  readonly highlighter?: Uint8Array | undefined
  /** A `common.SearchAggregationSpec`, encoded. */
  readonly searchAggregation?: Uint8Array | undefined
  /** Each a `schema.FunctionChain`, encoded. */
  readonly functionChains?: ReadonlyArray<Uint8Array> | undefined
}

/** Several searches whose hits are ranked together. */
export interface HybridSearchInput extends ReadInput {
  /** The searches, each with a vector field of its own. */
  readonly requests: ReadonlyArray<SearchInput>
  /** `strategy`, `params`, `limit`, `offset`, `round_decimal` and others. */
  readonly rankParams: KeyValues
  /** A `schema.FunctionScore`, encoded. */
  readonly functionScore?: Uint8Array | undefined
  /** Each a `schema.FunctionChain`, encoded. */
  readonly functionChains?: ReadonlyArray<Uint8Array> | undefined
}

const consistencyLevels: Readonly<Record<ConsistencyLevel, number>> = {
  Strong: 0,
  Session: 1,
  Bounded: 2,
  Eventually: 3,
  Customized: 4,
}

/** Without this type of filter, a Milvus 2.3 panics. */
const boolExprV1 = 1

/** A `milvus.SearchRequest`. Throws `CodecError` where a value does not fit. */
export const encodeSearch = (input: SearchInput): Uint8Array<ArrayBuffer> => encode("SearchRequest", searchParts(input))

/** A `milvus.HybridSearchRequest`. Throws `CodecError` where a value does not fit. */
export const encodeHybridSearch = (input: HybridSearchInput): Uint8Array<ArrayBuffer> =>
  encode("HybridSearchRequest", [
    text(2, input.databaseName ?? "", "databaseName"),
    text(3, input.collectionName, "collectionName"),
    texts(4, input.partitionNames ?? [], "partitionNames"),
    ...input.requests.map((request) => message(5, searchParts(request))),
    keyValues(6, input.rankParams, "rankParams"),
    guaranteePart(8, input.guaranteeTimestamp),
    texts(10, input.outputFields ?? [], "outputFields"),
    consistencyPart(11, input.consistencyLevel),
    optionalBytes(13, input.functionScore),
    namespacePart(14, input.namespace),
    ...(input.functionChains ?? []).map((chain) => bytes(15, chain)),
  ])

const searchParts = (input: SearchInput): ReadonlyArray<Fragment> => {
  const { count, part } = queriesPart(input)
  return [
    text(2, input.databaseName ?? "", "databaseName"),
    text(3, input.collectionName, "collectionName"),
    texts(4, input.partitionNames ?? [], "partitionNames"),
    text(5, input.filter ?? "", "filter"),
    part,
    uint(7, boolExprV1),
    texts(8, input.outputFields ?? [], "outputFields"),
    keyValues(9, input.searchParams, "searchParams"),
    guaranteePart(11, input.guaranteeTimestamp),
    uint(12, count),
    consistencyPart(14, input.consistencyLevel),
    templatePart(18, input.filterValues),
    optionalBytes(19, input.functionScore),
    namespacePart(20, input.namespace),
    optionalBytes(21, input.highlighter),
    optionalBytes(23, input.searchAggregation),
    ...(input.functionChains ?? []).map((chain) => bytes(24, chain)),
  ]
}

const queriesPart = (input: SearchInput): { readonly count: number; readonly part: Fragment } => {
  const { queries, placeholderGroup, ids } = input
  const given = [queries, placeholderGroup, ids].filter((it) => it !== undefined).length
  if (given !== 1) throwValue("queries", undefined, "one of queries, placeholderGroup and ids")
  if (queries !== undefined) return placeholderPart(6, queries)
  if (ids !== undefined) return { count: ids.length, part: idsPart(22, ids, "ids") }
  const count = input.numQueries ?? 1
  if (!Number.isSafeInteger(count) || count < 0) throwValue("numQueries", undefined, "a number of queries")
  return { count, part: optionalBytes(6, placeholderGroup) }
}

/** `consistency_level`, or behind it `use_default_consistency`. */
export const consistencyPart = (field: number, level: ConsistencyLevel | undefined): Fragment => {
  if (level === undefined) return bool(field + 1, true)
  const number = Object.hasOwn(consistencyLevels, level) ? consistencyLevels[level] : undefined
  return number === undefined
    ? throwValue("consistencyLevel", undefined, `one of ${Object.keys(consistencyLevels).join(", ")}`)
    : uint(field, number)
}

/** A timestamp of 64 bits without a sign. */
export const guaranteePart = (field: number, timestamp: bigint | undefined): Fragment => {
  if (timestamp === undefined) return emptyFragment
  return BigInt.asUintN(64, timestamp) === timestamp
    ? int64(field, timestamp)
    : throwValue("guaranteeTimestamp", undefined, "a timestamp of 64 bits")
}

/** `repeated common.KeyValuePair`. */
export const keyValues = (field: number, values: KeyValues, name: string): Fragment => {
  const pairs: ReadonlyArray<readonly [string, string]> = isPairs(values) ? values : Object.entries(values)
  return concat(pairs.map(([key, value]) => message(field, [text(1, key, name), textOf(value, key)])))
}

const textOf = (value: unknown, key: string): Fragment =>
  typeof value === "string" ? text(2, value, key) : throwValue(key, undefined, "text")

const isPairs = (values: KeyValues): values is ReadonlyArray<readonly [string, string]> => Array.isArray(values)

/** A field that was asked for or not, and may be empty. */
export const namespacePart = (field: number, value: string | undefined): Fragment =>
  value === undefined ? emptyFragment : presentText(field, value, "namespace")

const optionalBytes = (field: number, value: Uint8Array | undefined): Fragment =>
  value === undefined ? emptyFragment : bytes(field, value)
