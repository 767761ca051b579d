/**
 * The types of fields: plain, readonly values that keep their options as types, so that the types of rows can be
 * inferred.
 *
 * `src/schema/Field.ts` makes fields. Definitions, messages and codecs share these types with it.
 */

/** A JSON value. An integer beyond 2^53 is a `bigint`. */
export type Json =
  | null
  | boolean
  | number
  | bigint
  | string
  | ReadonlyArray<Json>
  | { readonly [key: string]: Json }

/** The types of single values, named as in the contract (`milvus.proto.schema.DataType`). */
export type ScalarType =
  | "Bool"
  | "Int8"
  | "Int16"
  | "Int32"
  | "Int64"
  | "Float"
  | "Double"
  | "VarChar"
  | "Text"
  | "JSON"
  | "Geometry"
  | "Timestamptz"

/** The types of vectors. All but `SparseFloatVector` have a dimension. */
export type VectorType =
  | "FloatVector"
  | "BinaryVector"
  | "Float16Vector"
  | "BFloat16Vector"
  | "Int8Vector"
  | "SparseFloatVector"

/** The types of elements of an array. */
export type ElementType = Exclude<ScalarType, "Text" | "JSON" | "Geometry" | "Timestamptz">

/** The types of all fields. `Other` is a type that this version does not know, such as one of a newer server. */
export type FieldType = ScalarType | VectorType | "Array" | "ArrayOfStruct" | "Other"

/** When data is read into the cache: at load, in the background after load, or at first use (Milvus: warm up). */
export type Warmup = "sync" | "async" | "disable"

/** All options of fields. The constructor of a type restricts them to those that it allows. */
export interface FieldOptions {
  /** Description of the field. */
  readonly description?: string | undefined
  /** Whether this field identifies the rows. A collection has exactly one such field. */
  readonly primaryKey?: boolean | undefined
  /** Whether Milvus generates the values of the primary key. */
  readonly autoId?: boolean | undefined
  /** Whether the value may be `null` or omitted. */
  readonly nullable?: boolean | undefined
  /** Value of rows that omit the field. */
  readonly default?: unknown
  /** Whether this field determines the partition of a row. */
  readonly partitionKey?: boolean | undefined
  /** Whether compaction sorts by this field. */
  readonly clusteringKey?: boolean | undefined
  /** Number of components of a vector. For a binary vector, the number of bits. */
  readonly dimension?: number | undefined
  /** Length of the longest text, in bytes of UTF-8. */
  readonly maxLength?: number | undefined
  /** Largest number of elements of an array. */
  readonly maxCapacity?: number | undefined
  /** Whether text is split into terms, for full-text search and text match. */
  readonly enableAnalyzer?: boolean | undefined
  /** Whether filters may use `text_match`. Requires `enableAnalyzer`. */
  readonly enableMatch?: boolean | undefined
  /** Parameters of the analyzer, such as `{ type: "english" }`. */
  readonly analyzerParams?: Json | undefined
  /** Parameters of one analyzer per language, with `by_field` and `analyzers`. */
  readonly multiAnalyzerParams?: Json | undefined
  /** Whether the data is memory-mapped from disk instead of loaded into memory. */
  readonly mmap?: boolean | undefined
  /** When the data is read into the cache. */
  readonly warmup?: Warmup | undefined
  /** The column of the external source that this field reads. */
  readonly externalField?: string | undefined
  /** Further type parameters, named as Milvus names them. */
  readonly params?: Readonly<Record<string, string>> | undefined
}

/** No options at all. */
export type NoOptions = Record<never, never>

/** A field. It is data without behavior, and keeps its options unchanged. */
export interface Field<out Type extends FieldType = FieldType, out Options extends FieldOptions = FieldOptions> {
  /** Its type, named as in the contract. */
  readonly type: Type
  /** Its options. */
  readonly options: Options
}

/** An array of scalars. */
export interface ArrayField<out Element extends Field = Field, out Options extends FieldOptions = FieldOptions>
  extends Field<"Array", Options> {
  /** The field of each element. */
  readonly element: Element
}

/** An array of structs, whose members are scalars and vectors. */
export interface StructArrayField<
  out Members extends Readonly<Record<string, Field>> = Readonly<Record<string, Field>>,
  out Options extends FieldOptions = FieldOptions,
> extends Field<"ArrayOfStruct", Options> {
  /** The members of each struct, by name. */
  readonly members: Members
}

/** A field of a type that this version does not know. */
export interface OtherField<out Options extends FieldOptions = FieldOptions> extends Field<"Other", Options> {
  /** The type as the contract names it, or its number. */
  readonly dataType: string | number
}

/** A field of any type. */
export type AnyField =
  | Field<ScalarType | VectorType>
  | ArrayField
  | StructArrayField
  | OtherField

/** The fields of a collection, by name, in their order. */
export type Fields = Readonly<Record<string, AnyField>>

/** `true` if an option is, or may be, `true`. */
export type Flag<Options, Name extends keyof FieldOptions> = Options extends { readonly [P in Name]: infer Value }
  ? true extends Value ? true : false
  : false

/** `true` if an option has a value. */
export type Given<Options, Name extends keyof FieldOptions> = Options extends { readonly [P in Name]: infer Value }
  ? [Value] extends [undefined] ? false : true
  : false

/** The names of the fields that have one of the types. */
export type NamesOf<F extends Fields, Type extends FieldType> = {
  readonly [K in keyof F & string]: F[K]["type"] extends Type ? K : never
}[keyof F & string]
