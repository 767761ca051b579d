/** Encodes `milvus.SearchRequest` and `milvus.HybridSearchRequest`. */
import { describeValue, throwValue } from "../errors.ts"
import { type IdsInput, idsPart } from "./ids.ts"
import { placeholderPart, type Queries } from "./placeholderGroup.ts"
import { templatePart, type TemplateValue } from "./filterTemplate.ts"
import {
  bool,
  bytes,
  concat,
  emitText,
  emptyFragment,
  type Fragment,
  int64,
  message,
  type SizedMessage,
  sizedMessage,
  text,
  texts,
  toBytes,
  uint,
} from "../protobuf/writer.ts"

/** Texts by key, as pairs or an object. Their order is kept. */
export type KeyValues = ReadonlyArray<readonly [key: string, value: string]> | Readonly<Record<string, string>>

/** Consistency level of a read: how far it may lag behind the last write. */
export type ConsistencyLevel = "Strong" | "Session" | "Bounded" | "Eventually" | "Customized"

/** Properties of every read. */
export interface ReadInput {
  /** The collection to read. */
  readonly collectionName: string
  /** The database. Default, also for an empty name: the default database. */
  readonly databaseName?: string | undefined
  /** The partitions to read. Default, also for an empty list: all partitions. */
  readonly partitionNames?: ReadonlyArray<string> | undefined
  /** The fields to return with each hit or row. */
  readonly outputFields?: ReadonlyArray<string> | undefined
  /** The consistency level. Default: that of the collection. */
  readonly consistencyLevel?: ConsistencyLevel | undefined
  /** The Milvus timestamp up to which the read must see all writes. */
  readonly guaranteeTimestamp?: bigint | undefined
  /** The namespace to read, for a collection with namespaces. */
  readonly namespace?: string | undefined
}

/** A search. Exactly one of `queries`, `placeholderGroup` and `ids` is required. */
export interface SearchInput extends ReadInput {
  /** The queries. */
  readonly queries?: Queries | undefined
  /** The queries as an encoded `common.PlaceholderGroup`; set `numQueries`, too. */
  readonly placeholderGroup?: Uint8Array | undefined
  /** The primary keys of the rows whose vectors are the queries. */
  readonly ids?: IdsInput | undefined
  /** The number of queries in `placeholderGroup`. Default: 1. */
  readonly numQueries?: number | undefined
  /** A filter for the hits. */
  readonly filter?: string | undefined
  /** Values for the placeholders of the filter. */
  readonly filterValues?: Readonly<Record<string, TemplateValue>> | undefined
  /** `anns_field`, `topk`, `metric_type`, `params` and others; `searchParams` returns them. */
  readonly searchParams: KeyValues
  /** An encoded `schema.FunctionScore`. */
  readonly functionScore?: Uint8Array | undefined
  /** An encoded `common.Highlighter`. */
  readonly highlighter?: Uint8Array | undefined
  /** An encoded `common.SearchAggregationSpec`. */
  readonly searchAggregation?: Uint8Array | undefined
  /** Encoded `schema.FunctionChain` messages. */
  readonly functionChains?: ReadonlyArray<Uint8Array> | undefined
}

/** Several searches whose hits are ranked together. */
export interface HybridSearchInput extends ReadInput {
  /** The searches, each with a vector field of its own. */
  readonly requests: ReadonlyArray<SearchInput>
  /** `strategy`, `params`, `limit`, `offset`, `round_decimal` and others. */
  readonly rankParams: KeyValues
  /** An encoded `schema.FunctionScore`. */
  readonly functionScore?: Uint8Array | undefined
  /** Encoded `schema.FunctionChain` messages. */
  readonly functionChains?: ReadonlyArray<Uint8Array> | undefined
}

const consistencyLevels: Readonly<Record<ConsistencyLevel, number>> = {
  Strong: 0,
  Session: 1,
  Bounded: 2,
  Eventually: 3,
  Customized: 4,
}

/** `DslType.BoolExprV1`. Milvus 2.3 panics without it. */
const boolExprV1 = 1

/** Encodes a `milvus.SearchRequest`. Throws `CodecError` if a value does not fit. */
export const encodeSearch = (input: SearchInput): Uint8Array<ArrayBuffer> => toBytes(draftSearch(input))

/** Drafts a `milvus.SearchRequest`: its vectors are read when it is written. Throws `CodecError` as above. */
export const draftSearch = (input: SearchInput): SizedMessage => sizedMessage("SearchRequest", searchParts(input))

/** Encodes a `milvus.HybridSearchRequest`. Throws `CodecError` if a value does not fit. */
export const encodeHybridSearch = (input: HybridSearchInput): Uint8Array<ArrayBuffer> =>
  toBytes(draftHybridSearch(input))

/** Drafts a `milvus.HybridSearchRequest`, as {@linkcode draftSearch} does a search. */
export const draftHybridSearch = (input: HybridSearchInput): SizedMessage =>
  sizedMessage("HybridSearchRequest", [
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
  const parts = [
    text(2, input.databaseName ?? "", "databaseName"),
    text(3, input.collectionName, "collectionName"),
    texts(4, input.partitionNames ?? none, "partitionNames"),
    text(5, input.filter ?? "", "filter"),
    part,
    uint(7, boolExprV1),
    texts(8, input.outputFields ?? none, "outputFields"),
    keyValues(9, input.searchParams, "searchParams"),
    guaranteePart(11, input.guaranteeTimestamp),
    uint(12, count),
    consistencyPart(14, input.consistencyLevel),
    templatePart(18, input.filterValues),
    optionalBytes(19, input.functionScore),
    namespacePart(20, input.namespace),
    optionalBytes(21, input.highlighter),
    optionalBytes(23, input.searchAggregation),
  ]
  for (const chain of input.functionChains ?? none) parts.push(bytes(24, chain))
  return parts
}

const none: ReadonlyArray<never> = []

const queriesPart = (input: SearchInput): { readonly count: number; readonly part: Fragment } => {
  const { queries, placeholderGroup, ids } = input
  // Counted without a list, since it runs for every search.
  const given = Number(queries !== undefined) + Number(placeholderGroup !== undefined) + Number(ids !== undefined)
  if (given !== 1) throwValue("queries", undefined, "exactly one of queries, placeholderGroup and ids")
  if (queries !== undefined) return placeholderPart(6, queries)
  if (ids !== undefined) return { count: ids.length, part: idsPart(22, ids, "ids") }
  const count = input.numQueries ?? 1
  if (!Number.isSafeInteger(count) || count < 0) {
    throwValue("numQueries", undefined, "a non-negative integer", `${count}`)
  }
  return { count, part: optionalBytes(6, placeholderGroup) }
}

/** Returns `consistency_level`, or, without a level, the next field, `use_default_consistency`. */
export const consistencyPart = (field: number, level: ConsistencyLevel | undefined): Fragment => {
  if (level === undefined) return bool(field + 1, true)
  const number = Object.hasOwn(consistencyLevels, level) ? consistencyLevels[level] : undefined
  return number === undefined
    ? throwValue("consistencyLevel", undefined, `one of ${Object.keys(consistencyLevels).join(", ")}`)
    : uint(field, number)
}

/** Returns a field for an unsigned timestamp of 64 bits. */
export const guaranteePart = (field: number, timestamp: bigint | undefined): Fragment => {
  if (timestamp === undefined) return emptyFragment
  return BigInt.asUintN(64, timestamp) === timestamp
    ? int64(field, timestamp)
    : throwValue("guaranteeTimestamp", undefined, "an unsigned 64-bit timestamp")
}

/** Returns a `repeated common.KeyValuePair` field. */
export const keyValues = (field: number, values: KeyValues, name: string): Fragment => {
  const pairs: ReadonlyArray<readonly [string, string]> = isPairs(values) ? values : Object.entries(values)
  return concat(pairs.map(([key, value]) => message(field, [text(1, key, name), textOf(value, key)])))
}

const textOf = (value: unknown, key: string): Fragment =>
  typeof value === "string" ? text(2, value, key) : throwValue(key, undefined, "a string", describeValue(value))

const isPairs = (values: KeyValues): values is ReadonlyArray<readonly [string, string]> => Array.isArray(values)

/** Returns the namespace, which is sent even if it is empty, but not if it is absent. */
export const namespacePart = (field: number, value: string | undefined): Fragment =>
  value === undefined ? emptyFragment : emitText(field, value, "namespace")

const optionalBytes = (field: number, value: Uint8Array | undefined): Fragment =>
  value === undefined ? emptyFragment : bytes(field, value)
