/**
 * Constructors of fields, one for each type of Milvus.
 *
 * A field is a plain readonly value. Making one never throws and checks nothing at run time. It is a compile error to
 * set an option that the type does not have, to make a vector the primary key, to set `autoId` on a field that is not
 * the primary key, or to give a literal dimension that is invalid. A mistake that only shows at run time is a
 * `ParamError` of the first function that uses the definition.
 *
 * @example
 * ```ts
 * import { Field } from "@effect-milvus/client"
 *
 * const fields = {
 *   id: Field.int64({ primaryKey: true, autoId: true }),
 *   title: Field.varChar({ maxLength: 200, nullable: true }),
 *   tags: Field.array(Field.varChar({ maxLength: 40 }), { maxCapacity: 20 }),
 *   vector: Field.floatVector({ dimension: 768 }),
 * }
 * console.log(fields.vector.options.dimension) // 768
 * ```
 *
 * @module
 */
import type {
  ArrayField,
  ElementType,
  Field,
  FieldOptions,
  NoOptions,
  OtherField,
  ScalarType,
  StructArrayField,
  VectorType,
} from "./fieldTypes.ts"
import type {
  ArrayOptions,
  ClusteringOptions,
  ElementOptions,
  Exact,
  FloatVectorOptions,
  KeyableOptions,
  MemberOptions,
  MemberType,
  NullableOptions,
  ScalarOptions,
  TextOptions,
  VarCharOptions,
  VectorOptions,
  Whole,
  WholeBytes,
} from "./fieldOptions.ts"

export type * from "./fieldTypes.ts"
export type * from "./fieldOptions.ts"

/** A boolean. */
export const bool = <const O extends ScalarOptions<boolean> = NoOptions>(
  options?: Exact<O, ScalarOptions<boolean>>,
): Field<"Bool", O> => make("Bool", options)

/** An 8-bit integer: -128 to 127. */
export const int8 = <const O extends ClusteringOptions<number> = NoOptions>(
  options?: Exact<O, ClusteringOptions<number>>,
): Field<"Int8", O> => make("Int8", options)

/** A 16-bit integer: -32,768 to 32,767. */
export const int16 = <const O extends ClusteringOptions<number> = NoOptions>(
  options?: Exact<O, ClusteringOptions<number>>,
): Field<"Int16", O> => make("Int16", options)

/** A 32-bit integer: -2^31 to 2^31 - 1. */
export const int32 = <const O extends ClusteringOptions<number> = NoOptions>(
  options?: Exact<O, ClusteringOptions<number>>,
): Field<"Int32", O> => make("Int32", options)

/** A 64-bit integer: `bigint` when read, `bigint` or a safe `number` when written. May be a key. */
export const int64 = <const O extends KeyableOptions<number | bigint> = NoOptions>(
  options?: Exact<O, KeyableOptions<number | bigint>>,
): Field<"Int64", O> => make("Int64", options)

/** A 32-bit floating-point number. */
export const float = <const O extends ClusteringOptions<number> = NoOptions>(
  options?: Exact<O, ClusteringOptions<number>>,
): Field<"Float", O> => make("Float", options)

/** A 64-bit floating-point number. */
export const double = <const O extends ClusteringOptions<number> = NoOptions>(
  options?: Exact<O, ClusteringOptions<number>>,
): Field<"Double", O> => make("Double", options)

/** A string of at most `maxLength` bytes. May be a key. */
export const varChar = <const O extends VarCharOptions>(
  options: Exact<O, VarCharOptions> & { readonly maxLength: Whole<O["maxLength"]> },
): Field<"VarChar", O> => make<"VarChar", O>("VarChar", options)

/** A long string that is stored separately. Milvus 3 and later. */
export const text = <const O extends TextOptions = NoOptions>(options?: Exact<O, TextOptions>): Field<"Text", O> =>
  make("Text", options)

/** A JSON value. */
export const json = <const O extends NullableOptions = NoOptions>(
  options?: Exact<O, NullableOptions>,
): Field<"JSON", O> => make("JSON", options)

/** A geometry as well-known text (WKT), such as `POINT (1 2)`. Milvus 2.6.4 and later. */
export const geometry = <const O extends ScalarOptions<string> = NoOptions>(
  options?: Exact<O, ScalarOptions<string>>,
): Field<"Geometry", O> => make("Geometry", options)

/** A timestamp with a time zone as ISO 8601 text, such as `2025-05-01T23:59:59+08:00`. Milvus 2.6.6 and later. */
export const timestamptz = <const O extends ScalarOptions<string> = NoOptions>(
  options?: Exact<O, ScalarOptions<string>>,
): Field<"Timestamptz", O> => make("Timestamptz", options)

/** An array of at most `maxCapacity` scalars of one type. */
export const array = <const E extends Field<ElementType, ElementOptions>, const O extends ArrayOptions>(
  element: E,
  options: Exact<O, ArrayOptions> & { readonly maxCapacity: Whole<O["maxCapacity"]> },
): ArrayField<E, O> => ({ ...make<"Array", O>("Array", options), element })

/** An array of at most `maxCapacity` structs, whose members are scalars and vectors. Milvus 2.6.4 and later. */
export const structArray = <
  const M extends Readonly<Record<string, Field<MemberType, MemberOptions>>>,
  const O extends ArrayOptions,
>(
  members: M,
  options: Exact<O, ArrayOptions> & { readonly maxCapacity: Whole<O["maxCapacity"]> },
): StructArrayField<M, O> => ({ ...make<"ArrayOfStruct", O>("ArrayOfStruct", options), members })

/** A vector of `dimension` 32-bit floating-point numbers. */
export const floatVector = <const O extends FloatVectorOptions>(
  options: Exact<O, FloatVectorOptions> & { readonly dimension: Whole<O["dimension"]> },
): Field<"FloatVector", O> => make<"FloatVector", O>("FloatVector", options)

/** A vector of `dimension` bits, eight per byte. */
export const binaryVector = <const O extends VectorOptions>(
  options: Exact<O, VectorOptions> & { readonly dimension: WholeBytes<O["dimension"]> },
): Field<"BinaryVector", O> => make<"BinaryVector", O>("BinaryVector", options)

/** A vector of `dimension` 16-bit floating-point numbers (IEEE 754 half precision). */
export const float16Vector = <const O extends VectorOptions>(
  options: Exact<O, VectorOptions> & { readonly dimension: Whole<O["dimension"]> },
): Field<"Float16Vector", O> => make<"Float16Vector", O>("Float16Vector", options)

/** A vector of `dimension` 16-bit floating-point numbers with the range of 32-bit ones (bfloat16). */
export const bfloat16Vector = <const O extends VectorOptions>(
  options: Exact<O, VectorOptions> & { readonly dimension: Whole<O["dimension"]> },
): Field<"BFloat16Vector", O> => make<"BFloat16Vector", O>("BFloat16Vector", options)

/** A vector of `dimension` 8-bit integers. */
export const int8Vector = <const O extends VectorOptions>(
  options: Exact<O, VectorOptions> & { readonly dimension: Whole<O["dimension"]> },
): Field<"Int8Vector", O> => make<"Int8Vector", O>("Int8Vector", options)

/** A sparse vector: 32-bit floating-point numbers at some of the indices from 0 to 2^32 - 2. */
export const sparseFloatVector = <const O extends NullableOptions = NoOptions>(
  options?: Exact<O, NullableOptions>,
): Field<"SparseFloatVector", O> => make("SparseFloatVector", options)

/**
 * A field of a type that this version does not know, by its name or number in the contract. Its values are `unknown`.
 */
export const other = <const O extends FieldOptions = NoOptions>(
  dataType: string | number,
  options?: Exact<O, FieldOptions>,
): OtherField<O> => ({ ...make<"Other", O>("Other", options), dataType })

const make = <T extends ScalarType | VectorType | "Array" | "ArrayOfStruct" | "Other", O extends FieldOptions>(
  type: T,
  options: O | undefined,
  // Cast: without options, `O` is its default, the type of an empty object.
): Field<T, O> => ({ type, options: options ?? {} as O })
