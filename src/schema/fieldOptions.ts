/**
 * The options of each type of field, and what the compiler refuses in them.
 *
 * @module
 */
import type { ElementType, FieldOptions, Json, VectorType, Warmup } from "./fieldTypes.ts"

/** What every field takes. */
export interface SharedOptions {
  /** Text for people. Default `""`. */
  readonly description?: string | undefined
  /** Whether the data is mapped from disk rather than loaded. Default: as the collection or the server says. */
  readonly mmap?: boolean | undefined
  /** When the data is read into the cache. Default: as the server says. */
  readonly warmup?: Warmup | undefined
  /** The column of the external source, in an external collection. */
  readonly externalField?: string | undefined
  /** Further type parameters, named as Milvus names them. */
  readonly params?: Readonly<Record<string, string>> | undefined
}

/** A field that is not a key. */
export interface NoKey {
  /** Not of this type, or not together with the other options. */
  readonly primaryKey?: false | undefined
  /** Only of a primary key. */
  readonly autoId?: false | undefined
}

/** A field whose values may be missing. */
export interface NullableOptions extends SharedOptions, NoKey {
  /** Whether the value may be `null`, and so may be left out. Default `false`. */
  readonly nullable?: boolean | undefined
}

/** A scalar that is no key. `V` is what a default may be. */
export interface ScalarOptions<V> extends NullableOptions {
  /** The value of rows that leave it out. */
  readonly default?: V | undefined
}

/** A scalar by which compaction may sort. */
export interface ClusteringOptions<V> extends ScalarOptions<V> {
  /** Whether compaction sorts by this value. At most one field of a collection. */
  readonly clusteringKey?: boolean | undefined
}

/** The primary key. */
export interface PrimaryKeyOptions extends SharedOptions {
  /** Rows are identified by this field. */
  readonly primaryKey: true
  /** Whether Milvus makes the values. Default `false`. */
  readonly autoId?: boolean | undefined
  /** Whether compaction sorts by this value. */
  readonly clusteringKey?: boolean | undefined
  /** A primary key always has a value. */
  readonly nullable?: false | undefined
  /** A primary key has no default. */
  readonly default?: undefined
  /** The partition key is another field. */
  readonly partitionKey?: false | undefined
}

/** The partition key: at most one field of a collection. */
export interface PartitionKeyOptions<V> extends SharedOptions, NoKey {
  /** Rows are put into partitions by this value. */
  readonly partitionKey: true
  /** Whether compaction sorts by this value. */
  readonly clusteringKey?: boolean | undefined
  /** A partition key always has a value. */
  readonly nullable?: false | undefined
  /** The value of rows that leave it out. */
  readonly default?: V | undefined
}

/** What may be a key or not. */
export type KeyableOptions<V> =
  | PrimaryKeyOptions
  | PartitionKeyOptions<V>
  | (ClusteringOptions<V> & { readonly partitionKey?: false | undefined })

/** How text is analyzed (Milvus: analyzers). */
export interface AnalyzerOptions {
  /** Whether text is split into terms, for full text search and text match. Default `false`. */
  readonly enableAnalyzer?: boolean | undefined
  /** Whether `text_match` may be used in filters. Default `false`. */
  readonly enableMatch?: boolean | undefined
  /** How text is split, such as `{ type: "english" }`. Default: the standard analyzer. */
  readonly analyzerParams?: { readonly [key: string]: Json } | undefined
  /** How text is split by language, with `by_field` and `analyzers`. */
  readonly multiAnalyzerParams?: { readonly [key: string]: Json } | undefined
}

/** Of {@linkcode varChar}. */
export type VarCharOptions = KeyableOptions<string> & AnalyzerOptions & {
  /** The longest value, in bytes of UTF-8: 1 to 65,535. */
  readonly maxLength: number
}

/** Of {@linkcode text}. */
export type TextOptions = ScalarOptions<string> & AnalyzerOptions & {
  /** The longest value, in bytes of UTF-8. */
  readonly maxLength?: number | undefined
}

/** Of a vector with a dimension. */
export interface VectorOptions extends NullableOptions {
  /** How many components; for a binary vector, how many bits, a multiple of 8. */
  readonly dimension: number
}

/** Of {@linkcode floatVector}. */
export interface FloatVectorOptions extends VectorOptions {
  /** Whether compaction sorts by this value. */
  readonly clusteringKey?: boolean | undefined
}

/** Of {@linkcode array} and {@linkcode structArray}. */
export interface ArrayOptions extends NullableOptions {
  /** The most elements of one value: 1 to 4,096. */
  readonly maxCapacity: number
}

/** What a member of a struct may say: nothing that makes it a key, nullable, or gives it a default. */
export interface MemberOptions extends FieldOptions {
  /** Not inside. */
  readonly primaryKey?: false | undefined
  /** Not inside. */
  readonly autoId?: false | undefined
  /** Not inside: the array of structs may be nullable. */
  readonly nullable?: false | undefined
  /** Not inside. */
  readonly default?: undefined
  /** Not inside. */
  readonly partitionKey?: false | undefined
  /** Not inside. */
  readonly clusteringKey?: false | undefined
  /** Not inside. */
  readonly externalField?: undefined
}

/** What an element of an array may say: how long text is. All else is said of the array. */
export interface ElementOptions extends MemberOptions {
  /** Said of the array. */
  readonly description?: undefined
  /** Said of the array. */
  readonly enableAnalyzer?: false | undefined
  /** Said of the array. */
  readonly enableMatch?: false | undefined
  /** Said of the array. */
  readonly analyzerParams?: undefined
  /** Said of the array. */
  readonly multiAnalyzerParams?: undefined
  /** Said of the array. */
  readonly mmap?: undefined
  /** Said of the array. */
  readonly warmup?: undefined
  /** Said of the array. */
  readonly params?: undefined
}

/** What a struct may hold. */
export type MemberType = ElementType | Exclude<VectorType, "SparseFloatVector">

type KeysOf<Shape> = Shape extends unknown ? keyof Shape : never

/** Refuses options that the type does not have: inferred options alone would let them through. */
export type Exact<O, Shape> = O & { readonly [K in Exclude<keyof O, KeysOf<Shape>>]: never }

/** A literal number, if it is whole and above zero; any `number` that is not a literal. */
export type Whole<N> = N extends number ? number extends N ? N
  : `${N}` extends "0" | `-${string}` | `${string}.${string}` | `${string}e-${string}` ? never
  : N
  : never

type Even = "0" | "2" | "4" | "6" | "8"
type Odd = "1" | "3" | "5" | "7" | "9"
type Eights = "16" | "24" | "32" | "40" | "48" | "56" | "64" | "72" | "80" | "88" | "96"
type Fours = "04" | "12" | "20" | "28" | "36" | "44" | "52" | "60" | "68" | "76" | "84" | "92"

/** A literal number of bits that fills whole bytes (its last three digits tell); any `number` that is not a literal. */
export type WholeBytes<N> = N extends number ? number extends N ? N
  : `${N}` extends "8" | Eights | `${string}${Even}${"00" | "08" | Eights}` | `${string}${Odd}${Fours}` ? Whole<N>
  : never
  : never
