/**
 * Encodes dense vectors that are given as rows. The numbers of a row are checked while they are written, in one pass.
 */
import type { VectorRow } from "./columnInput.ts"
import { type DenseVectorType, vectorLength } from "./dataType.ts"
import { describeValue, throwValue } from "../errors.ts"
import { toBfloat16, toFloat16 } from "./float16.ts"
import { isList } from "../protobuf/lists.ts"
import { writeMemory } from "../protobuf/packed.ts"
import type { Writer } from "../protobuf/writer.ts"

/** Any accepted form of a dense vector. */
export type AnyVectorRow = VectorRow[DenseVectorType]

/** Returns the dimension of a row; in bits, eight for each byte, for a BinaryVector. */
export const rowDimension = (type: DenseVectorType, row: AnyVectorRow): number =>
  type === "BinaryVector" ? row.length * 8 : row.length

/** Throws `CodecError` for a row that is not a vector of the dimension. Does not check its elements. */
export const checkRow = (
  type: DenseVectorType,
  dimension: number,
  value: unknown,
  field: string,
  row: number,
): void => {
  if (!isRow(value)) return throwValue(field, row, "a vector", describeValue(value))
  if (value.length !== vectorLength(type, dimension)) {
    throwValue(field, row, `a vector of dimension ${dimension}`, `${rowDimension(type, value)}`)
  }
}

// Cast: the elements are checked when they are written.
const isRow = (value: unknown): value is AnyVectorRow => isList(value)

/** Writes the rows of one column. `index` is the row in errors. */
export type RowWriter = (to: Writer, row: AnyVectorRow, index: number) => void

/** Returns a writer for rows that passed {@linkcode checkRow}. It converts each row in one buffer that it reuses. */
export const rowWriter = (type: DenseVectorType, dimension: number, field: string): RowWriter => {
  switch (type) {
    case "FloatVector": {
      const place = new Float32Array(dimension)
      return (to, row, index) => {
        if (row instanceof Float32Array) return writeMemory(to, row)
        narrowRow(row, place, field, index)
        writeMemory(to, place)
      }
    }
    case "Float16Vector":
    case "BFloat16Vector": {
      const place = new Uint16Array(dimension)
      const convert = type === "Float16Vector" ? toFloat16 : toBfloat16
      const infinity = type === "Float16Vector" ? 0x7c00 : 0x7f80
      return (to, row, index) => {
        if (row instanceof Uint16Array) return writeMemory(to, row)
        for (let at = 0; at < row.length; at++) {
          const value: unknown = row[at]
          if (typeof value !== "number") return throwValue(field, index, "numbers", describeValue(value))
          const bits = convert(value)
          if ((bits & 0x7fff) === infinity && value - value === 0) {
            return throwValue(field, index, `numbers in the range of ${type}`, `${value}`)
          }
          place[at] = bits
        }
        writeMemory(to, place)
      }
    }
    case "Int8Vector":
      return integers(new Int8Array(dimension), -128, 127, field)
    case "BinaryVector":
      return integers(new Uint8Array(vectorLength(type, dimension)), 0, 255, field)
  }
}

/** Narrows a row to 32-bit floats in one pass. A row with a non-finite result, which is rare, takes a second pass. */
const narrowRow = (row: AnyVectorRow, place: Float32Array, field: string, index: number): void => {
  let check = 0
  for (let at = 0; at < place.length; at++) {
    const value: unknown = row[at]
    if (typeof value !== "number") return throwValue(field, index, "numbers", describeValue(value))
    const float = Math.fround(value)
    place[at] = float
    // Adds 0 for a finite number, and NaN for any other.
    check += float - float
  }
  if (check === 0) return
  for (let at = 0; at < place.length; at++) {
    const value = row[at]!
    if (!Number.isFinite(place[at]) && Number.isFinite(value)) {
      return throwValue(field, index, "numbers in the range of 32-bit floats", `${value}`)
    }
  }
}

const integers = (place: Int8Array | Uint8Array, least: number, greatest: number, field: string): RowWriter => {
  const isUnsigned = place instanceof Uint8Array
  return (to, row, index) => {
    if (isUnsigned && row instanceof Uint8Array || !isUnsigned && row instanceof Int8Array) return writeMemory(to, row)
    for (let at = 0; at < row.length; at++) {
      const value: unknown = row[at]
      if (typeof value !== "number" || !Number.isInteger(value) || value < least || value > greatest) {
        return throwValue(field, index, `integers from ${least} to ${greatest}`, describeValue(value))
      }
      place[at] = value
    }
    writeMemory(to, place)
  }
}
