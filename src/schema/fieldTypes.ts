/**
 * What a field is: a plain, readonly value that keeps its options as types, so that rows can be inferred from it.
 *
 * `src/schema/Field.ts` makes fields; this is the vocabulary that it shares with definitions, messages and codecs.
 *
 * @module
 */

/** What JSON can say. An integer beyond 2^53 is a `bigint`. */
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

/** What an array may hold. */
export type ElementType = Exclude<ScalarType, "Text" | "JSON" | "Geometry" | "Timestamptz">

/** Every kind of field; `Other` stands for a type that this version does not know, such as one of a newer server. */
export type FieldType = ScalarType | VectorType | "Array" | "ArrayOfStruct" | "Other"

/** When data is read into the cache: at load, in the background after it, or at first use (Milvus: warm up). */
export type Warmup = "sync" | "async" | "disable"

/** Every option of any field. Which of them a type takes is said by its constructor. */
export interface FieldOptions {
  /** Text for people. */
  readonly description?: string | undefined
  /** Whether rows are identified by this field. A collection has exactly one such field. */
  readonly primaryKey?: boolean | undefined
  /** Whether Milvus makes the values of the primary key. */
  readonly autoId?: boolean | undefined
  /** Whether the value may be `null`, and so may be left out. */
  readonly nullable?: boolean | undefined
  /** The value of rows that leave it out. */
  readonly default?: unknown
  /** Whether rows are put into partitions by this value. */
  readonly partitionKey?: boolean | undefined
  /** Whether compaction sorts by this value. */
  readonly clusteringKey?: boolean | undefined
  /** Components of a vector; for a binary one, bits. */
  readonly dimension?: number | undefined
  /** Of text, in bytes of UTF-8. */
  readonly maxLength?: number | undefined
  /** Of an array, in elements. */
  readonly maxCapacity?: number | undefined
  /** Whether text is split into terms, for full text search and text match. */
  readonly enableAnalyzer?: boolean | undefined
  /** Whether `text_match` may be used in filters; needs `enableAnalyzer`. */
  readonly enableMatch?: boolean | undefined
  /** How text is split, such as `{ type: "english" }`. */
  readonly analyzerParams?: Json | undefined
  /** How text is split by language, with `by_field` and `analyzers`. */
  readonly multiAnalyzerParams?: Json | undefined
  /** Whether the data is mapped from disk rather than loaded into memory. */
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

/** A field. It has no behaviour; its options are kept as they were written. */
export interface Field<out Type extends FieldType = FieldType, out Options extends FieldOptions = FieldOptions> {
  /** Its kind, named as in the contract. */
  readonly type: Type
  /** What was asked for beside the kind. */
  readonly options: Options
}

/** An array of scalars. */
export interface ArrayField<out Element extends Field = Field, out Options extends FieldOptions = FieldOptions>
  extends Field<"Array", Options> {
  /** What each element is. */
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

/** Any field there is. */
export type AnyField =
  | Field<ScalarType | VectorType>
  | ArrayField
  | StructArrayField
  | OtherField

/** The fields of a collection, by name, in their order. */
export type Fields = Readonly<Record<string, AnyField>>

/** `true` where an option is, or may be, `true`. */
export type Flag<Options, Name extends keyof FieldOptions> = Options extends { readonly [P in Name]: infer Value }
  ? true extends Value ? true : false
  : false

/** `true` where an option has a value. */
export type Given<Options, Name extends keyof FieldOptions> = Options extends { readonly [P in Name]: infer Value }
  ? [Value] extends [undefined] ? false : true
  : false

/** The names of the fields of some types. */
export type NamesOf<F extends Fields, Type extends FieldType> = {
  readonly [K in keyof F & string]: F[K]["type"] extends Type ? K : never
}[keyof F & string]
