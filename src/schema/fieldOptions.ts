/** The options of each type of field, as types that reject invalid ones at compile time. */
import type { ElementType, FieldOptions, Json, VectorType, Warmup } from "./fieldTypes.ts"

/** Options of every field. */
export interface SharedOptions {
  /**
   * Description of the field.
   *
   * @default ""
   */
  readonly description?: string | undefined
  /**
   * Whether the data is memory-mapped from disk instead of loaded. By default, the setting of the collection or server.
   */
  readonly mmap?: boolean | undefined
  /** When the data is read into the cache. By default, the setting of the server. */
  readonly warmup?: Warmup | undefined
  /** Column of the external source that the field of an external collection reads. */
  readonly externalField?: string | undefined
  /** Further type parameters, named as Milvus names them. */
  readonly params?: Readonly<Record<string, string>> | undefined
}

/** Options of a field that is not a primary key. */
export interface NoKey {
  /** Not allowed for this type, or not together with the other options. */
  readonly primaryKey?: false | undefined
  /** Only allowed for a primary key. */
  readonly autoId?: false | undefined
}

/** Options of a field whose values may be missing. */
export interface NullableOptions extends SharedOptions, NoKey {
  /**
   * Whether the value may be `null` or omitted.
   *
   * @default false
   */
  readonly nullable?: boolean | undefined
}

/** Options of a scalar that is not a key. `V` is the type of its default. */
export interface ScalarOptions<V> extends NullableOptions {
  /** Value of rows that omit the field. */
  readonly default?: V | undefined
}

/** Options of a scalar that may be the clustering key. */
export interface ClusteringOptions<V> extends ScalarOptions<V> {
  /** Whether compaction sorts by this field. At most one field of a collection. */
  readonly clusteringKey?: boolean | undefined
}

/** Options of the primary key. */
export interface PrimaryKeyOptions extends SharedOptions {
  /** Whether this field identifies the rows. */
  readonly primaryKey: true
  /**
   * Whether Milvus generates the values.
   *
   * @default false
   */
  readonly autoId?: boolean | undefined
  /** Whether compaction sorts by this field. */
  readonly clusteringKey?: boolean | undefined
  /** A primary key always has a value. */
  readonly nullable?: false | undefined
  /** A primary key has no default. */
  readonly default?: undefined
  /** The partition key is a different field. */
  readonly partitionKey?: false | undefined
}

/** Options of the partition key. At most one field of a collection. */
export interface PartitionKeyOptions<V> extends SharedOptions, NoKey {
  /** Whether this field determines the partition of a row. */
  readonly partitionKey: true
  /** Whether compaction sorts by this field. */
  readonly clusteringKey?: boolean | undefined
  /** A partition key always has a value. */
  readonly nullable?: false | undefined
  /** Value of rows that omit the field. */
  readonly default?: V | undefined
}

/** Options of a scalar that may be a key. */
export type KeyableOptions<V> =
  | PrimaryKeyOptions
  | PartitionKeyOptions<V>
  | (ClusteringOptions<V> & { readonly partitionKey?: false | undefined })

/** Options of the analyzer of a text field (Milvus: analyzers). */
export interface AnalyzerOptions {
  /**
   * Whether text is split into terms, for full-text search and text match.
   *
   * @default false
   */
  readonly enableAnalyzer?: boolean | undefined
  /**
   * Whether filters may use `text_match`.
   *
   * @default false
   */
  readonly enableMatch?: boolean | undefined
  /** Parameters of the analyzer, such as `{ type: "english" }`. By default, the standard analyzer. */
  readonly analyzerParams?: { readonly [key: string]: Json } | undefined
  /** Parameters of one analyzer per language, with `by_field` and `analyzers`. */
  readonly multiAnalyzerParams?: { readonly [key: string]: Json } | undefined
}

/** Options of {@linkcode varChar}. */
export type VarCharOptions = KeyableOptions<string> & AnalyzerOptions & {
  /** Length of the longest value, in bytes of UTF-8: 1 to 65,535. */
  readonly maxLength: number
}

/** Options of {@linkcode text}. */
export type TextOptions = ScalarOptions<string> & AnalyzerOptions & {
  /** Length of the longest value, in bytes of UTF-8. */
  readonly maxLength?: number | undefined
}

/** Options of a vector with a dimension. */
export interface VectorOptions extends NullableOptions {
  /** Number of components. For a binary vector, the number of bits: a multiple of 8. */
  readonly dimension: number
}

/** Options of {@linkcode floatVector}. */
export interface FloatVectorOptions extends VectorOptions {
  /** Whether compaction sorts by this field. */
  readonly clusteringKey?: boolean | undefined
}

/** Options of {@linkcode array} and {@linkcode structArray}. */
export interface ArrayOptions extends NullableOptions {
  /** Largest number of elements of one value: 1 to 4,096. */
  readonly maxCapacity: number
}

/** Options of a member of a struct: none that makes it a key or nullable, or gives it a default. */
export interface MemberOptions extends FieldOptions {
  /** Not allowed in a struct member. */
  readonly primaryKey?: false | undefined
  /** Not allowed in a struct member. */
  readonly autoId?: false | undefined
  /** Not allowed in a struct member. Set on the array of structs instead. */
  readonly nullable?: false | undefined
  /** Not allowed in a struct member. */
  readonly default?: undefined
  /** Not allowed in a struct member. */
  readonly partitionKey?: false | undefined
  /** Not allowed in a struct member. */
  readonly clusteringKey?: false | undefined
  /** Not allowed in a struct member. */
  readonly externalField?: undefined
}

/** Options of an element of an array: the length of text. All others are set on the array field instead. */
export interface ElementOptions extends MemberOptions {
  /** Set on the array field instead. */
  readonly description?: undefined
  /** Set on the array field instead. */
  readonly enableAnalyzer?: false | undefined
  /** Set on the array field instead. */
  readonly enableMatch?: false | undefined
  /** Set on the array field instead. */
  readonly analyzerParams?: undefined
  /** Set on the array field instead. */
  readonly multiAnalyzerParams?: undefined
  /** Set on the array field instead. */
  readonly mmap?: undefined
  /** Set on the array field instead. */
  readonly warmup?: undefined
  /** Set on the array field instead. */
  readonly params?: undefined
}

/** The types of members of a struct. */
export type MemberType = ElementType | Exclude<VectorType, "SparseFloatVector">

type KeysOf<Shape> = Shape extends unknown ? keyof Shape : never

/** Rejects options that the type does not have. Inference alone would accept them. */
export type Exact<O, Shape> = O & { readonly [K in Exclude<keyof O, KeysOf<Shape>>]: never }

/** A literal number if it is a positive integer, or any `number` that is not a literal. */
export type Whole<N> = N extends number ? number extends N ? N
  : `${N}` extends "0" | `-${string}` | `${string}.${string}` | `${string}e-${string}` ? never
  : N
  : never

type Even = "0" | "2" | "4" | "6" | "8"
type Odd = "1" | "3" | "5" | "7" | "9"
type Eights = "16" | "24" | "32" | "40" | "48" | "56" | "64" | "72" | "80" | "88" | "96"
type Fours = "04" | "12" | "20" | "28" | "36" | "44" | "52" | "60" | "68" | "76" | "84" | "92"

/**
 * A literal number if it is a positive multiple of 8 (by its last three digits), or any `number` that is not a literal.
 */
export type WholeBytes<N> = N extends number ? number extends N ? N
  : `${N}` extends "8" | Eights | `${string}${Even}${"00" | "08" | Eights}` | `${string}${Odd}${Fours}` ? Whole<N>
  : never
  : never
