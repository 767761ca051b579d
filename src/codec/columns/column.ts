/**
 * Columns of a reply in memory: each is one typed array, or one array of strings.
 *
 * Ownership: a column may hold views of the reply that it was decoded from (bytes always, numbers of 4 and 8 bytes if
 * they are aligned). Treat it as read-only; it keeps the reply in memory. `.slice()` of a typed array returns an
 * independent copy.
 *
 * Nulls: a nullable field has `valid: Uint8Array [length]`, which is 1 for a row with a value; check it first. In a
 * column of scalars, a null has a placeholder (the value that the server sent for it, or 0, "" or empty bytes). In a
 * column with `offsets`, it has a range, which is nearly always empty. A column of dense vectors holds only the vectors
 * of valid rows, so a null takes no space; `vectorIndex` returns the position of the vector of each row.
 */
import type { DenseVectorType, ElementType, IntType, TextType } from "./dataType.ts"
import type { BytesList } from "../protobuf/lists.ts"

/** Properties of every column. */
export interface ColumnBase {
  /** The name of the field; `$meta` for the dynamic field. */
  readonly fieldName: string
  /** The id of the field; 0 if the server did not send it. */
  readonly fieldId: number
  /** The number of rows, nulls included. */
  readonly length: number
  /** For a nullable field: 1 for a row that has a value, 0 for a null; `[length]`. */
  readonly valid?: Uint8Array | undefined
  /** Whether this is the dynamic field: JSON objects whose keys are not fields of the schema. */
  readonly isDynamic: boolean
}

/** Column of one of the scalar types. `values` is `[length]`. */
export type ScalarColumn =
  | ColumnBase & { readonly type: "Bool"; readonly values: Uint8Array }
  | ColumnBase & { readonly type: IntType; readonly values: Int32Array }
  | ColumnBase & { readonly type: "Int64"; readonly values: BigInt64Array }
  | ColumnBase & { readonly type: "Float"; readonly values: Float32Array }
  | ColumnBase & { readonly type: "Double"; readonly values: Float64Array }
  | ColumnBase & { readonly type: TextType; readonly values: ReadonlyArray<string> }

/** Column of JSON, not parsed: `values.json(row)` parses the value of a row. */
export type JsonColumn = ColumnBase & { readonly type: "JSON"; readonly values: BytesList }

/** Column of geometries: well-known text, which servers send, or well-known binary. */
export type GeometryColumn =
  | ColumnBase & { readonly type: "Geometry"; readonly encoding: "wkt"; readonly values: ReadonlyArray<string> }
  | ColumnBase & { readonly type: "Geometry"; readonly encoding: "wkb"; readonly values: BytesList }

/** Column of timestamps: ISO 8601 text, which servers send, or microseconds since 1970 in UTC. */
export type TimestamptzColumn =
  | ColumnBase & { readonly type: "Timestamptz"; readonly encoding: "text"; readonly values: ReadonlyArray<string> }
  | ColumnBase & { readonly type: "Timestamptz"; readonly encoding: "number"; readonly values: BigInt64Array }

/** Column of dates: text, or days since 1970. */
export type DateColumn =
  | ColumnBase & { readonly type: "Date"; readonly encoding: "text"; readonly values: ReadonlyArray<string> }
  | ColumnBase & { readonly type: "Date"; readonly encoding: "number"; readonly values: Int32Array }

/** Column of times of day: text, or numbers in the unit of the server. */
export type TimeColumn =
  | ColumnBase & { readonly type: "Time"; readonly encoding: "text"; readonly values: ReadonlyArray<string> }
  | ColumnBase & { readonly type: "Time"; readonly encoding: "number"; readonly values: BigInt64Array }

/** Column of molecules: SMILES text, or the binary form of the server. */
export type MolColumn =
  | ColumnBase & { readonly type: "Mol"; readonly encoding: "smiles"; readonly values: ReadonlyArray<string> }
  | ColumnBase & { readonly type: "Mol"; readonly encoding: "binary"; readonly values: BytesList }

/** Properties of every column of arrays. */
export interface ArrayColumnBase extends ColumnBase {
  /** The type of the column. */
  readonly type: "Array"
  /** The array of row `r` is `values[offsets[r], offsets[r + 1])`; `[length + 1]`. */
  readonly offsets: Uint32Array
}

/**
 * Column of arrays of scalars. `values` holds the elements of all arrays, one array after the other. `elementType` is
 * `None` if the server did not send it and every array is empty.
 */
export type ArrayColumn =
  | ArrayColumnBase & { readonly elementType: "Bool"; readonly values: Uint8Array }
  | ArrayColumnBase & { readonly elementType: IntType; readonly values: Int32Array }
  | ArrayColumnBase & { readonly elementType: "Int64"; readonly values: BigInt64Array }
  | ArrayColumnBase & { readonly elementType: "Float"; readonly values: Float32Array }
  | ArrayColumnBase & { readonly elementType: "Double"; readonly values: Float64Array }
  | ArrayColumnBase & { readonly elementType: TextType; readonly values: ReadonlyArray<string> }
  | ArrayColumnBase & { readonly elementType: "None"; readonly values: readonly [] }

/**
 * Dense vectors of one type, one after the other in one typed array:
 *
 * - FloatVector: 32-bit floats;
 * - BinaryVector: eight bits in each byte, the first in the lowest bit; `dimension` is in bits;
 * - Float16Vector, BFloat16Vector: the bits of numbers; `float16ToFloat32` and `bfloat16ToFloat32` return the numbers;
 * - Int8Vector: signed bytes.
 */
export type Vectors =
  | { readonly type: "FloatVector"; readonly dimension: number; readonly values: Float32Array }
  | { readonly type: "BinaryVector"; readonly dimension: number; readonly values: Uint8Array }
  | { readonly type: "Float16Vector" | "BFloat16Vector"; readonly dimension: number; readonly values: Uint16Array }
  | { readonly type: "Int8Vector"; readonly dimension: number; readonly values: Int8Array }

/**
 * Column of dense vectors. `values` is `[valid rows, dimension]`, or `[valid rows, dimension / 8]` for a BinaryVector,
 * whose dimension is in bits. Nulls have no vector: see `vectorIndex`.
 */
export type DenseVectorColumn = ColumnBase & Vectors

/**
 * Column of sparse vectors. Row `r` is `[offsets[r], offsets[r + 1])` of `indices` and `values`, in ascending order.
 */
export type SparseVectorColumn = ColumnBase & {
  readonly type: "SparseFloatVector"
  /** The dimension that the server sent, one more than the greatest index; 0 if it sent none. */
  readonly dimension: number
  /** `[length + 1]` */
  readonly offsets: Uint32Array
  readonly indices: Uint32Array
  readonly values: Float32Array
}

/** Column of arrays of dense vectors. Row `r` has the vectors `[offsets[r], offsets[r + 1])` of `vectors`. */
export type VectorArrayColumn = ColumnBase & {
  readonly type: "ArrayOfVector"
  readonly elementType: DenseVectorType
  /** `[length + 1]`, in vectors. */
  readonly offsets: Uint32Array
  readonly vectors: Vectors
}

/** Column of arrays of structs. Each field of the structs is an `Array` or `ArrayOfVector` column with as many rows. */
export type StructColumn = ColumnBase & {
  readonly type: "ArrayOfStruct"
  readonly fields: ReadonlyArray<ArrayColumn | VectorArrayColumn>
}

/** Column of a type that this library does not know. Its `length` is 0. */
export type UnknownColumn = ColumnBase & {
  readonly type: "Unknown"
  /** The number of the type, `schema.DataType`. */
  readonly dataType: number
  /** The encoded `schema.FieldData`, as a view of the reply. */
  readonly fieldData: Uint8Array
}

/** Column of a reply. */
export type Column =
  | ScalarColumn
  | JsonColumn
  | GeometryColumn
  | TimestamptzColumn
  | DateColumn
  | TimeColumn
  | MolColumn
  | ArrayColumn
  | DenseVectorColumn
  | SparseVectorColumn
  | VectorArrayColumn
  | StructColumn
  | UnknownColumn

/** Types of the elements of {@linkcode ArrayColumn} and other columns. */
export type { DenseVectorType, ElementType, IntType, TextType }
