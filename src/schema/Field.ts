/**
 * Fields of a collection, one constructor for each type of Milvus.
 *
 * A field is a plain readonly value: nothing is checked when it is made beyond what TypeScript sees, and making one never
 * throws. Options that a type does not have are compile errors, and so are a vector as primary key, `autoId` beside
 * anything else than a primary key, and a dimension that can be seen to be wrong. What only shows at run time is a
 * `ParamError` where the definition is used.
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

/** `true` or `false`. */
export const bool = <const O extends ScalarOptions<boolean> = NoOptions>(
  options?: Exact<O, ScalarOptions<boolean>>,
): Field<"Bool", O> => make("Bool", options)

/** -128 to 127. */
export const int8 = <const O extends ClusteringOptions<number> = NoOptions>(
  options?: Exact<O, ClusteringOptions<number>>,
): Field<"Int8", O> => make("Int8", options)

/** -32,768 to 32,767. */
export const int16 = <const O extends ClusteringOptions<number> = NoOptions>(
  options?: Exact<O, ClusteringOptions<number>>,
): Field<"Int16", O> => make("Int16", options)

/** -2^31 to 2^31 - 1. */
export const int32 = <const O extends ClusteringOptions<number> = NoOptions>(
  options?: Exact<O, ClusteringOptions<number>>,
): Field<"Int32", O> => make("Int32", options)

/** -2^63 to 2^63 - 1: `bigint` when read, `bigint` or a safe `number` when written. May be a key. */
export const int64 = <const O extends KeyableOptions<number | bigint> = NoOptions>(
  options?: Exact<O, KeyableOptions<number | bigint>>,
): Field<"Int64", O> => make("Int64", options)

/** 32 bits. */
export const float = <const O extends ClusteringOptions<number> = NoOptions>(
  options?: Exact<O, ClusteringOptions<number>>,
): Field<"Float", O> => make("Float", options)

/** 64 bits. */
export const double = <const O extends ClusteringOptions<number> = NoOptions>(
  options?: Exact<O, ClusteringOptions<number>>,
): Field<"Double", O> => make("Double", options)

/** Text of bounded length. May be a key. */
export const varChar = <const O extends VarCharOptions>(
  options: Exact<O, VarCharOptions> & { readonly maxLength: Whole<O["maxLength"]> },
): Field<"VarChar", O> => make<"VarChar", O>("VarChar", options)

/** Long text, stored apart (Milvus 3). */
export const text = <const O extends TextOptions = NoOptions>(options?: Exact<O, TextOptions>): Field<"Text", O> =>
  make("Text", options)

/** JSON. */
export const json = <const O extends NullableOptions = NoOptions>(
  options?: Exact<O, NullableOptions>,
): Field<"JSON", O> => make("JSON", options)

/** A shape on the plane as well-known text (WKT), such as `POINT (1 2)` (Milvus 2.6.4). */
export const geometry = <const O extends ScalarOptions<string> = NoOptions>(
  options?: Exact<O, ScalarOptions<string>>,
): Field<"Geometry", O> => make("Geometry", options)

/** A moment with its zone as ISO 8601 text, such as `2025-05-01T23:59:59+08:00` (Milvus 2.6.6). */
export const timestamptz = <const O extends ScalarOptions<string> = NoOptions>(
  options?: Exact<O, ScalarOptions<string>>,
): Field<"Timestamptz", O> => make("Timestamptz", options)

/** Scalars of one type; `maxCapacity` of them at most. */
export const array = <const E extends Field<ElementType, ElementOptions>, const O extends ArrayOptions>(
  element: E,
  options: Exact<O, ArrayOptions> & { readonly maxCapacity: Whole<O["maxCapacity"]> },
): ArrayField<E, O> => ({ ...make<"Array", O>("Array", options), element })

/** Structs whose members are scalars and vectors, `maxCapacity` of them at most (Milvus 2.6.4). */
export const structArray = <
  const M extends Readonly<Record<string, Field<MemberType, MemberOptions>>>,
  const O extends ArrayOptions,
>(
  members: M,
  options: Exact<O, ArrayOptions> & { readonly maxCapacity: Whole<O["maxCapacity"]> },
): StructArrayField<M, O> => ({ ...make<"ArrayOfStruct", O>("ArrayOfStruct", options), members })

/** `dimension` numbers of 32 bits. */
export const floatVector = <const O extends FloatVectorOptions>(
  options: Exact<O, FloatVectorOptions> & { readonly dimension: Whole<O["dimension"]> },
): Field<"FloatVector", O> => make<"FloatVector", O>("FloatVector", options)

/** `dimension` bits, eight to a byte. */
export const binaryVector = <const O extends VectorOptions>(
  options: Exact<O, VectorOptions> & { readonly dimension: WholeBytes<O["dimension"]> },
): Field<"BinaryVector", O> => make<"BinaryVector", O>("BinaryVector", options)

/** `dimension` numbers of 16 bits (IEEE 754 half precision). */
export const float16Vector = <const O extends VectorOptions>(
  options: Exact<O, VectorOptions> & { readonly dimension: Whole<O["dimension"]> },
): Field<"Float16Vector", O> => make<"Float16Vector", O>("Float16Vector", options)

/** `dimension` numbers of 16 bits, with the range of 32-bit ones (bfloat16). */
export const bfloat16Vector = <const O extends VectorOptions>(
  options: Exact<O, VectorOptions> & { readonly dimension: Whole<O["dimension"]> },
): Field<"BFloat16Vector", O> => make<"BFloat16Vector", O>("BFloat16Vector", options)

/** `dimension` integers of 8 bits. */
export const int8Vector = <const O extends VectorOptions>(
  options: Exact<O, VectorOptions> & { readonly dimension: Whole<O["dimension"]> },
): Field<"Int8Vector", O> => make<"Int8Vector", O>("Int8Vector", options)

/** Numbers of 32 bits at a few of 2^32 - 1 places. */
export const sparseFloatVector = <const O extends NullableOptions = NoOptions>(
  options?: Exact<O, NullableOptions>,
): Field<"SparseFloatVector", O> => make("SparseFloatVector", options)

/** A type that this version does not know, by its name or number in the contract. Its values are of type `unknown`. */
export const other = <const O extends FieldOptions = NoOptions>(
  dataType: string | number,
  options?: Exact<O, FieldOptions>,
): OtherField<O> => ({ ...make<"Other", O>("Other", options), dataType })

const make = <T extends ScalarType | VectorType | "Array" | "ArrayOfStruct" | "Other", O extends FieldOptions>(
  type: T,
  options: O | undefined,
  // Cast: where no options were given, `O` is its default, the type of an empty object.
): Field<T, O> => ({ type, options: options ?? {} as O })
