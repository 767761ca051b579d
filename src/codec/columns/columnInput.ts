/**
 * Columns as they may be given for a request. Every {@linkcode Column} of a reply, but one of an unknown type, is one.
 *
 * Nulls. A field that is `nullable` takes `null` (and `undefined`) as a value; one that has `valid` has its nulls there,
 * and whatever stands in their places is not looked at. Say `nullable: true` for every nullable field of the schema, also
 * where this batch has no null: Milvus wants its flags. A null anywhere else is refused.
 *
 * Typed arrays are read when the request is encoded, and never kept.
 */
import type { DenseVectorType, IntType, TextType } from "./dataType.ts"
import type { BytesList } from "../protobuf/lists.ts"
import type { BoolInput, Int64Input, IntInput, Null, NumberInput } from "./scalars.ts"
import type { SparseRow } from "./sparse.ts"
import type { Vectors } from "./column.ts"

/** What every column has. */
export interface ColumnInputBase {
  /** The name of the field. */
  readonly fieldName: string
  /** Whether the field of the schema is nullable, or has a default value. */
  readonly nullable?: boolean | undefined
  /** 1 for a row that has a value, 0 for a null: one a row. */
  readonly valid?: Uint8Array | undefined
  /** Whether this is the dynamic field, `$meta`. */
  readonly isDynamic?: boolean | undefined
}

/** Byte strings, or texts that stand for their UTF-8. */
export type BytesInput = BytesList | ReadonlyArray<Uint8Array | string | Null>

/** Strings, or nulls. */
export type Texts = ReadonlyArray<string | Null>

/** Scalars: `values` has one a row. `maxLength` is the most bytes of UTF-8 that a string may take. */
export type ScalarInput =
  | { readonly type: "Bool"; readonly values: BoolInput }
  | { readonly type: IntType; readonly values: IntInput }
  | { readonly type: "Int64"; readonly values: Int64Input }
  | { readonly type: "Float" | "Double"; readonly values: NumberInput }
  | { readonly type: TextType; readonly values: Texts; readonly maxLength?: number | undefined }

/** Scalars that are bytes or that have two forms. JSON is given as its text, or as the UTF-8 of that. */
export type EncodedInput =
  | { readonly type: "JSON"; readonly values: BytesInput }
  | { readonly type: "Geometry"; readonly encoding?: "wkt" | undefined; readonly values: Texts }
  | { readonly type: "Geometry"; readonly encoding: "wkb"; readonly values: BytesInput }
  | { readonly type: "Timestamptz" | "Time"; readonly encoding?: "text" | undefined; readonly values: Texts }
  | { readonly type: "Timestamptz" | "Time"; readonly encoding: "number"; readonly values: Int64Input }
  | { readonly type: "Date"; readonly encoding?: "text" | undefined; readonly values: Texts }
  | { readonly type: "Date"; readonly encoding: "number"; readonly values: IntInput }
  | { readonly type: "Mol"; readonly encoding?: "smiles" | undefined; readonly values: Texts }
  | { readonly type: "Mol"; readonly encoding: "binary"; readonly values: BytesInput }

/** A value a row, or a null. */
export type Rows<Row> = ReadonlyArray<Row | Null>

/** Arrays of scalars: an array a row, or one after the other with `offsets [rows + 1]`. */
export type ArrayInput = { readonly type: "Array" } & ArrayElements & ArrayLimits

/** The most that an array may have; a longer one is refused. Default: no limit. */
export interface ArrayLimits {
  /** Elements of the array of one row. */
  readonly maxCapacity?: number | undefined
  /** Bytes of UTF-8 of each element that is a string. */
  readonly maxLength?: number | undefined
}

/** See {@linkcode ArrayInput}. */
export type ArrayElements =
  | { readonly elementType: "Bool"; readonly rows: Rows<BoolInput> }
  | { readonly elementType: IntType; readonly rows: Rows<IntInput> }
  | { readonly elementType: "Int64"; readonly rows: Rows<Int64Input> }
  | { readonly elementType: "Float" | "Double"; readonly rows: Rows<NumberInput> }
  | { readonly elementType: TextType; readonly rows: Rows<ReadonlyArray<string>> }
  | { readonly elementType: "Bool"; readonly offsets: Uint32Array; readonly values: Uint8Array }
  | { readonly elementType: IntType; readonly offsets: Uint32Array; readonly values: Int32Array }
  | { readonly elementType: "Int64"; readonly offsets: Uint32Array; readonly values: BigInt64Array }
  | { readonly elementType: "Float"; readonly offsets: Uint32Array; readonly values: Float32Array }
  | { readonly elementType: "Double"; readonly offsets: Uint32Array; readonly values: Float64Array }
  | { readonly elementType: TextType; readonly offsets: Uint32Array; readonly values: ReadonlyArray<string> }
  | { readonly elementType: "None"; readonly offsets: Uint32Array; readonly values: readonly [] }

/** A vector as it may be given, by the type of its field. */
export interface VectorRow {
  /** Numbers, as 32-bit floats. */
  readonly FloatVector: ReadonlyArray<number> | Float32Array | Float64Array
  /** Bytes of eight bits, the first bit in the lowest one. */
  readonly BinaryVector: ReadonlyArray<number> | Uint8Array
  /** Numbers, which are rounded, or a `Uint16Array` of bits. */
  readonly Float16Vector: ReadonlyArray<number> | Float32Array | Float64Array | Uint16Array
  /** Numbers, which are rounded, or a `Uint16Array` of bits. */
  readonly BFloat16Vector: ReadonlyArray<number> | Float32Array | Float64Array | Uint16Array
  /** Integers from -128 to 127. */
  readonly Int8Vector: ReadonlyArray<number> | Int8Array
}

/** Vectors by rows. The dimension (in bits for a BinaryVector) is that of the first one where it is not said. */
export type VectorRows = {
  readonly [Type in DenseVectorType]: {
    readonly type: Type
    readonly dimension?: number | undefined
    readonly rows: Rows<VectorRow[Type]>
  }
}[DenseVectorType]

/**
 * Dense vectors: by rows, or as one memory. A memory of all rows is copied once; one of `[valid rows, dimension]` goes
 * with `valid`, as it is in a column of a reply.
 */
export type DenseVectorInput = Vectors | VectorRows

/** Sparse vectors, by rows or as one memory. */
export type SparseVectorInput =
  | { readonly type: "SparseFloatVector"; readonly rows: Rows<SparseRow> }
  | {
    readonly type: "SparseFloatVector"
    readonly dimension?: number | undefined
    readonly offsets: Uint32Array
    readonly indices: Uint32Array
    readonly values: Float32Array
  }

/** Arrays of dense vectors: by rows, or as one memory with `offsets [rows + 1]` in vectors. */
export type VectorArrayInput =
  | {
    readonly [Type in DenseVectorType]: {
      readonly type: "ArrayOfVector"
      readonly elementType: Type
      /** In bits for a BinaryVector. */
      readonly dimension: number
      /** The most vectors of one row. Default: no limit. */
      readonly maxCapacity?: number | undefined
      readonly rows: Rows<ReadonlyArray<VectorRow[Type]>>
    }
  }[DenseVectorType]
  | {
    readonly type: "ArrayOfVector"
    readonly elementType: DenseVectorType
    readonly offsets: Uint32Array
    readonly vectors: Vectors
  }

/** Arrays of structs, by columns: each field is an `Array` or an `ArrayOfVector`. */
export interface StructInput {
  /** The type of the column. */
  readonly type: "ArrayOfStruct"
  /** The fields of the structs, with as many rows as each other. */
  readonly fields: ReadonlyArray<ColumnInputBase & (ArrayInput | VectorArrayInput)>
}

/** A column of a request. */
export type ColumnInput =
  & ColumnInputBase
  & (
    | ScalarInput
    | EncodedInput
    | ArrayInput
    | DenseVectorInput
    | SparseVectorInput
    | VectorArrayInput
    | StructInput
  )
