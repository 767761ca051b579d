/**
 * Columns of a request. Every {@linkcode Column} of a reply is accepted, except those of an unknown type.
 *
 * Nulls: a column with `nullable: true` accepts `null` and `undefined` as values. In a column with `valid`, the flags
 * mark the nulls, and the values in their places are ignored. Set `nullable: true` for every nullable field of the
 * schema, even if the batch has no null, because Milvus requires the flags. Any other null is refused.
 *
 * Typed arrays are read when the request is encoded, and are not kept afterwards.
 */
import type { DenseVectorType, IntType, TextType } from "./dataType.ts"
import type { BytesList } from "../protobuf/lists.ts"
import type { BoolInput, Int64Input, IntInput, Null, NumberInput } from "./scalars.ts"
import type { SparseRow } from "./sparse.ts"
import type { Vectors } from "./column.ts"

/** Properties of every column. */
export interface ColumnInputBase {
  /** The name of the field. */
  readonly fieldName: string
  /** Whether the field of the schema is nullable, or has a default value. */
  readonly nullable?: boolean | undefined
  /** 1 for a row that has a value, 0 for a null; `[rows]`. */
  readonly valid?: Uint8Array | undefined
  /** Whether this is the dynamic field, `$meta`. */
  readonly isDynamic?: boolean | undefined
}

/** Byte strings. A text stands for its UTF-8. */
export type BytesInput = BytesList | ReadonlyArray<Uint8Array | string | Null>

/** Strings and nulls. */
export type Texts = ReadonlyArray<string | Null>

/** Columns of scalars. `values` is `[rows]`. `maxLength` is the maximum number of bytes of a string in UTF-8. */
export type ScalarInput =
  | { readonly type: "Bool"; readonly values: BoolInput }
  | { readonly type: IntType; readonly values: IntInput }
  | { readonly type: "Int64"; readonly values: Int64Input }
  | { readonly type: "Float" | "Double"; readonly values: NumberInput }
  | { readonly type: TextType; readonly values: Texts; readonly maxLength?: number | undefined }

/**
 * Columns of scalars that are bytes or have two encodings. `values` is `[rows]`. JSON is given as text, or as its
 * UTF-8.
 */
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

/** A value or a null for each row. */
export type Rows<Row> = ReadonlyArray<Row | Null>

/**
 * Columns of arrays of scalars: `rows` with an array for each row, or the elements of all arrays in `values`, one array
 * after the other, with `offsets [rows + 1]`.
 */
export type ArrayInput = { readonly type: "Array" } & ArrayElements & ArrayLimits

/** Limits of arrays. A longer array or element is refused. Default: no limit. */
export interface ArrayLimits {
  /** The maximum number of elements in the array of a row. */
  readonly maxCapacity?: number | undefined
  /** The maximum number of bytes, in UTF-8, of each element that is a string. */
  readonly maxLength?: number | undefined
}

/** Elements of {@linkcode ArrayInput}, by their type. */
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

/** Accepted forms of a dense vector, by the type of its field. */
export interface VectorRow {
  /** Numbers, as 32-bit floats. */
  readonly FloatVector: ReadonlyArray<number> | Float32Array | Float64Array
  /** Bytes of eight bits each, the first in the lowest bit. */
  readonly BinaryVector: ReadonlyArray<number> | Uint8Array
  /** Numbers, which are rounded, or a `Uint16Array` of bits. */
  readonly Float16Vector: ReadonlyArray<number> | Float32Array | Float64Array | Uint16Array
  /** Numbers, which are rounded, or a `Uint16Array` of bits. */
  readonly BFloat16Vector: ReadonlyArray<number> | Float32Array | Float64Array | Uint16Array
  /** Integers from -128 to 127. */
  readonly Int8Vector: ReadonlyArray<number> | Int8Array
}

/**
 * Dense vectors, one for each row. `dimension` is in bits for a BinaryVector. Default: the dimension of the first
 * vector.
 */
export type VectorRows = {
  readonly [Type in DenseVectorType]: {
    readonly type: Type
    readonly dimension?: number | undefined
    readonly rows: Rows<VectorRow[Type]>
  }
}[DenseVectorType]

/**
 * Columns of dense vectors: as rows, or as one typed array, which is copied once. With `valid`, the typed array may
 * hold all rows, or only `[valid rows, dimension]`, as in a column of a reply.
 */
export type DenseVectorInput = Vectors | VectorRows

/** Columns of sparse vectors: as rows, or as typed arrays with `offsets [rows + 1]`. */
export type SparseVectorInput =
  | { readonly type: "SparseFloatVector"; readonly rows: Rows<SparseRow> }
  | {
    readonly type: "SparseFloatVector"
    readonly dimension?: number | undefined
    readonly offsets: Uint32Array
    readonly indices: Uint32Array
    readonly values: Float32Array
  }

/** Columns of arrays of dense vectors: as rows, or as one typed array with `offsets [rows + 1]`, in vectors. */
export type VectorArrayInput =
  | {
    readonly [Type in DenseVectorType]: {
      readonly type: "ArrayOfVector"
      readonly elementType: Type
      /** The dimension; in bits for a BinaryVector. */
      readonly dimension: number
      /** The maximum number of vectors in a row. Default: no limit. */
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

/** Columns of arrays of structs. Each field of the structs is an `Array` or `ArrayOfVector` column. */
export interface StructInput {
  /** The type of the column. */
  readonly type: "ArrayOfStruct"
  /** The fields of the structs, with equal numbers of rows. */
  readonly fields: ReadonlyArray<ColumnInputBase & (ArrayInput | VectorArrayInput)>
}

/** Column of a request. */
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
