/**
 * Columns as they are in memory, read from a reply: one typed array, or one array of strings, a column.
 *
 * Who owns what. A column may hold views of the reply that it was read from (numbers of 4 and 8 bytes where they happen
 * to be aligned, bytes always): treat it as read-only, and know that it keeps the reply in memory. `.slice()` of a typed
 * array is a copy without these ties.
 *
 * Nulls. A nullable field has `valid: Uint8Array [length]`, 1 where there is a value: look there first. A null takes its
 * place in a column of scalars (as what the server sent for it, or 0, "", empty bytes) and in one with `offsets` (as a
 * range, nearly always empty); but a column of dense vectors holds the vectors of valid rows alone, so that a null costs
 * nothing. `vectorIndex` finds the vector of a row.
 */
import type { DenseVectorType, ElementType, IntType, TextType } from "./dataType.ts"
import type { BytesList } from "../protobuf/lists.ts"

/** What every column has. */
export interface ColumnBase {
  /** The name of the field. `$meta` for the dynamic one. */
  readonly fieldName: string
  /** The id of the field; 0 where it was not sent. */
  readonly fieldId: number
  /** How many rows there are, nulls included. */
  readonly length: number
  /** For a nullable field: 1 for a row that has a value, 0 for a null; `[length]`. */
  readonly valid?: Uint8Array | undefined
  /** Whether this is the dynamic field: JSON objects whose keys are fields that the schema does not have. */
  readonly isDynamic: boolean
}

/** A column of one of the scalar types. `values` is `[length]`. */
export type ScalarColumn =
  | ColumnBase & { readonly type: "Bool"; readonly values: Uint8Array }
  | ColumnBase & { readonly type: IntType; readonly values: Int32Array }
  | ColumnBase & { readonly type: "Int64"; readonly values: BigInt64Array }
  | ColumnBase & { readonly type: "Float"; readonly values: Float32Array }
  | ColumnBase & { readonly type: "Double"; readonly values: Float64Array }
  | ColumnBase & { readonly type: TextType; readonly values: ReadonlyArray<string> }

/** JSON, not parsed: `values.json(row)` parses one. */
export type JsonColumn = ColumnBase & { readonly type: "JSON"; readonly values: BytesList }

/** Shapes: as well-known text, which is what servers send, or as well-known binary. */
export type GeometryColumn =
  | ColumnBase & { readonly type: "Geometry"; readonly encoding: "wkt"; readonly values: ReadonlyArray<string> }
  | ColumnBase & { readonly type: "Geometry"; readonly encoding: "wkb"; readonly values: BytesList }

/** Moments: as ISO 8601 text, which is what servers send, or as microseconds since 1970 in UTC. */
export type TimestamptzColumn =
  | ColumnBase & { readonly type: "Timestamptz"; readonly encoding: "text"; readonly values: ReadonlyArray<string> }
  | ColumnBase & { readonly type: "Timestamptz"; readonly encoding: "number"; readonly values: BigInt64Array }

/** Days since 1970, or text. */
export type DateColumn =
  | ColumnBase & { readonly type: "Date"; readonly encoding: "text"; readonly values: ReadonlyArray<string> }
  | ColumnBase & { readonly type: "Date"; readonly encoding: "number"; readonly values: Int32Array }

/** Times of day, in the server's unit, or text. */
export type TimeColumn =
  | ColumnBase & { readonly type: "Time"; readonly encoding: "text"; readonly values: ReadonlyArray<string> }
  | ColumnBase & { readonly type: "Time"; readonly encoding: "number"; readonly values: BigInt64Array }

/** Molecules: as SMILES text, or in the server's binary form. */
export type MolColumn =
  | ColumnBase & { readonly type: "Mol"; readonly encoding: "smiles"; readonly values: ReadonlyArray<string> }
  | ColumnBase & { readonly type: "Mol"; readonly encoding: "binary"; readonly values: BytesList }

/** What the columns of arrays share. */
export interface ArrayColumnBase extends ColumnBase {
  /** The type of the column. */
  readonly type: "Array"
  /** The array of row `r` is `values[offsets[r], offsets[r + 1])`; `[length + 1]`. */
  readonly offsets: Uint32Array
}

/** Arrays of scalars, one after the other. The type is `None` where it was not sent and every array is empty. */
export type ArrayColumn =
  | ArrayColumnBase & { readonly elementType: "Bool"; readonly values: Uint8Array }
  | ArrayColumnBase & { readonly elementType: IntType; readonly values: Int32Array }
  | ArrayColumnBase & { readonly elementType: "Int64"; readonly values: BigInt64Array }
  | ArrayColumnBase & { readonly elementType: "Float"; readonly values: Float32Array }
  | ArrayColumnBase & { readonly elementType: "Double"; readonly values: Float64Array }
  | ArrayColumnBase & { readonly elementType: TextType; readonly values: ReadonlyArray<string> }
  | ArrayColumnBase & { readonly elementType: "None"; readonly values: readonly [] }

/**
 * Vectors one after the other, and what they are: floats; eight bits a byte, the first bit of a vector in the lowest one;
 * the bits of half-precision or bfloat16 numbers (`float16ToFloat32` and `bfloat16ToFloat32` give numbers); or bytes with
 * a sign.
 */
export type Vectors =
  | { readonly type: "FloatVector"; readonly dimension: number; readonly values: Float32Array }
  | { readonly type: "BinaryVector"; readonly dimension: number; readonly values: Uint8Array }
  | { readonly type: "Float16Vector" | "BFloat16Vector"; readonly dimension: number; readonly values: Uint16Array }
  | { readonly type: "Int8Vector"; readonly dimension: number; readonly values: Int8Array }

/**
 * Dense vectors: `values` is `[valid rows, dimension]`, or `[valid rows, dimension / 8]` bytes for a BinaryVector, whose
 * dimension is in bits. Nulls have no vector: see `vectorIndex`.
 */
export type DenseVectorColumn = ColumnBase & Vectors

/** Sparse vectors: row `r` is `[offsets[r], offsets[r + 1])` of `indices` and `values`, by growing index. */
export type SparseVectorColumn = ColumnBase & {
  readonly type: "SparseFloatVector"
  /** One more than the greatest index, as the server says; 0 where it does not. */
  readonly dimension: number
  /** `[length + 1]` */
  readonly offsets: Uint32Array
  readonly indices: Uint32Array
  readonly values: Float32Array
}

/** Arrays of dense vectors: row `r` has the vectors `[offsets[r], offsets[r + 1])` of `vectors`. */
export type VectorArrayColumn = ColumnBase & {
  readonly type: "ArrayOfVector"
  readonly elementType: DenseVectorType
  /** `[length + 1]`, in vectors. */
  readonly offsets: Uint32Array
  readonly vectors: Vectors
}

/** Arrays of structs, by columns: each field is an `Array` or an `ArrayOfVector` with as many rows. */
export type StructColumn = ColumnBase & {
  readonly type: "ArrayOfStruct"
  readonly fields: ReadonlyArray<ArrayColumn | VectorArrayColumn>
}

/** A column of a type that this library does not know: its `schema.FieldData`, as a view of the reply. `length` is 0. */
export type UnknownColumn = ColumnBase & {
  readonly type: "Unknown"
  /** The number of the type in the contract. */
  readonly dataType: number
  readonly fieldData: Uint8Array
}

/** A column of a reply. */
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

/** What {@linkcode ArrayColumn} can have as elements. */
export type { DenseVectorType, ElementType, IntType, TextType }
