/** Encodes columns of vectors: `schema.VectorField`. */
import type { Vectors } from "./column.ts"
import type { DenseVectorInput, SparseVectorInput, VectorArrayInput } from "./columnInput.ts"
import { dataTypes, type DenseVectorType, vectorCount, vectorLength, vectorSize } from "./dataType.ts"
import { type AnyVectorRow, checkRow, rowDimension, rowWriter } from "./denseRows.ts"
import { describeValue, throwValue } from "../errors.ts"
import { writeMemory } from "../protobuf/packed.ts"
import type { Valid } from "./scalars.ts"
import { checkSparseRows, type SparseRow, type SparseRows, sparseRows, writePairs } from "./sparse.ts"
import {
  concat,
  type Fragment,
  fragment,
  lengthTag,
  message,
  uint,
  varintSize,
  type Writer,
} from "../protobuf/writer.ts"

/** The field number in `schema.VectorField` for the data of each type. */
const dataFieldNumbers: Readonly<Record<DenseVectorType, number>> = {
  FloatVector: 2,
  BinaryVector: 3,
  Float16Vector: 4,
  BFloat16Vector: 5,
  Int8Vector: 7,
}

/** The vectors of a column that are sent, and how they are written. */
export interface DenseVectors {
  readonly type: DenseVectorType
  readonly dimension: number
  /** The number of vectors. */
  readonly count: number
  /** Writes `vectorSize` bytes for each of `[start, end)`. */
  readonly write: (to: Writer, start: number, end: number) => void
}

/** The greatest dimension that is accepted; in bits for a BinaryVector. */
const maxDimension = 2 ** 24

const checkedDimension = (type: DenseVectorType, dimension: unknown, name: string): number => {
  const isOne = typeof dimension === "number" && Number.isInteger(dimension) && dimension >= 0 &&
    dimension <= maxDimension
  if (!isOne) {
    return throwValue(name, undefined, `a dimension from 1 to ${maxDimension}`, describeValue(dimension))
  }
  if (type === "BinaryVector" && dimension % 8 !== 0) {
    return throwValue(name, undefined, "a dimension in bits that is a multiple of 8", `${dimension}`)
  }
  return dimension
}

const arrays: Readonly<Record<DenseVectorType, { readonly name: string; new (): Vectors["values"] }>> = {
  FloatVector: Float32Array,
  BinaryVector: Uint8Array,
  Float16Vector: Uint16Array,
  BFloat16Vector: Uint16Array,
  Int8Vector: Int8Array,
}

/** Returns the number of vectors of a column. */
export const denseLength = (column: DenseVectorInput, name: string): number => {
  if ("rows" in column) return column.rows.length
  const dimension = checkedDimension(column.type, column.dimension, name)
  const expected = arrays[column.type]
  if (!(column.values instanceof expected)) {
    return throwValue(name, undefined, `an array of rows or one ${expected.name}`)
  }
  const count = vectorCount(column.type, dimension, column.values.length)
  return count >= 0 ? count : throwValue(
    name,
    undefined,
    `a length that is a multiple of ${vectorLength(column.type, dimension)} (dimension ${dimension})`,
    `${column.values.length}`,
  )
}

/** Returns the vectors of a column that are sent: those of valid rows. */
export const denseVectors = (column: DenseVectorInput, name: string, valid: Valid): DenseVectors => {
  if (!("rows" in column)) return flatVectors(column, name, valid)
  const { type } = column
  const all: ReadonlyArray<AnyVectorRow | null | undefined> = column.rows
  const rows: Array<AnyVectorRow> = []
  const indices: Array<number> = []
  for (let row = 0; row < all.length; row++) {
    const value = all[row]
    if (valid !== undefined && valid[row] === 0) continue
    if (value === null || value === undefined) return throwValue(name, row, "a vector", describeValue(value))
    rows.push(value)
    indices.push(row)
  }
  const first = rows[0]
  const dimension = checkedDimension(
    type,
    column.dimension ?? (first === undefined ? 0 : rowDimension(type, first)),
    name,
  )
  rows.forEach((row, at) => checkRow(type, dimension, row, name, indices[at]!))
  const writeRow = rowWriter(type, dimension, name)
  return {
    type,
    dimension,
    count: rows.length,
    write: (to, start, end) => {
      for (let at = start; at < end; at++) writeRow(to, rows[at]!, indices[at]!)
    },
  }
}

const flatVectors = (column: Vectors, name: string, valid: Valid): DenseVectors => {
  const { type, dimension, values } = column
  const count = denseLength(column, name)
  const width = vectorLength(type, dimension)
  // The indices of the vectors that are sent, if the typed array also has vectors in the places of nulls.
  const sent = valid !== undefined && count === valid.length && valid.includes(0)
    ? Array.from(valid.keys()).filter((row) => valid[row] !== 0)
    : undefined
  return {
    type,
    dimension,
    count: sent?.length ?? count,
    write: (to, start, end) => {
      if (sent === undefined) return writeMemory(to, values.subarray(start * width, end * width))
      for (let at = start; at < end; at++) writeMemory(to, values.subarray(sent[at]! * width, (sent[at]! + 1) * width))
    },
  }
}

/** Returns the vectors `[start, end)` as a `schema.VectorField`. */
const vectorField = (field: number, vectors: DenseVectors, start: number, end: number): Fragment => {
  const { type, dimension } = vectors
  const size = vectorSize(type, dimension) * (end - start)
  const write = (to: Writer): void => vectors.write(to, start, end)
  const data = type === "FloatVector"
    ? message(dataFieldNumbers.FloatVector, size === 0 ? [] : [fragment(1, size, write)])
    : fragment(dataFieldNumbers[type], size, write)
  return message(field, [uint(1, dimension), data])
}

/** Returns dense vectors as the member `vectors` of `schema.FieldData`. */
export const densePart = (field: number, vectors: DenseVectors): Fragment =>
  vectorField(field, vectors, 0, vectors.count)

/** Returns the number of rows of a column of sparse vectors. */
export const sparseLength = (column: SparseVectorInput): number =>
  "rows" in column ? column.rows.length : Math.max(0, column.offsets.length - 1)

/** Checks sparse vectors, and returns those that are sent and their dimension. */
export const sparseVectors = (
  column: SparseVectorInput,
  name: string,
  valid: Valid,
): { readonly rows: SparseRows; readonly sent: ReadonlyArray<number>; readonly dimension: number } => {
  const all = Array.from({ length: sparseLength(column) }, (_, row) => row)
  const sent = valid === undefined ? all : all.filter((row) => valid[row] !== 0)
  if (!("rows" in column)) {
    checkSparseRows(name, column)
    return { rows: column, sent, dimension: column.dimension || greatest(column.indices) }
  }
  const given = sent.map((row): SparseRow => column.rows[row] ?? throwValue(name, row, "a sparse vector", "none"))
  const rows = sparseRows(name, given, (at) => sent[at]!)
  return { rows, sent: given.map((_, at) => at), dimension: greatest(rows.indices) }
}

const greatest = (indices: Uint32Array): number => indices.reduce((most, index) => Math.max(most, index + 1), 0)

/** Returns sparse vectors as the member `vectors` of `schema.FieldData`. */
export const sparsePart = (field: number, column: SparseVectorInput, name: string, valid: Valid): Fragment => {
  const { rows, sent, dimension } = sparseVectors(column, name, valid)
  return message(field, [message(6, [pairList(1, rows, sent), uint(2, dimension)])])
}

/** Returns sparse vectors as a `repeated bytes` field. */
export const pairList = (field: number, rows: SparseRows, sent: ReadonlyArray<number>): Fragment => {
  const tag = lengthTag(field)
  const { offsets } = rows
  let total = 0
  for (const row of sent) {
    const size = (offsets[row + 1]! - offsets[row]!) * 8
    total += varintSize(tag) + varintSize(size) + size
  }
  return {
    size: total,
    write: (to) => {
      const view = new DataView(to.bytes.buffer, to.bytes.byteOffset, to.bytes.byteLength)
      for (const row of sent) {
        to.varint(tag)
        to.varint((offsets[row + 1]! - offsets[row]!) * 8)
        writePairs(to, view, rows, offsets[row]!, offsets[row + 1]!)
      }
    },
  }
}

/** Returns the number of rows of a column of arrays of vectors. */
export const vectorArrayLength = (column: VectorArrayInput): number =>
  "rows" in column ? column.rows.length : Math.max(0, column.offsets.length - 1)

/** Returns all vectors of a column of arrays, one after the other, and the range of each row that is sent. */
export const vectorArrays = (
  column: VectorArrayInput,
  name: string,
  valid: Valid,
): { readonly vectors: DenseVectors; readonly ranges: ReadonlyArray<readonly [number, number]> } => {
  const ranges: Array<readonly [number, number]> = []
  if (!("rows" in column)) {
    const vectors = denseVectors(column.vectors, name, undefined)
    for (let row = 0; row + 1 < column.offsets.length; row++) {
      const [start, end] = [column.offsets[row]!, column.offsets[row + 1]!]
      if (start > end || end > vectors.count) throwValue(name, row, `non-decreasing offsets, at most ${vectors.count}`)
      if (valid === undefined || valid[row] !== 0) ranges.push([start, end])
    }
    return { vectors, ranges }
  }
  const { elementType, rows, maxCapacity = Infinity } = column
  const dimension = checkedDimension(elementType, column.dimension, name)
  const all: Array<AnyVectorRow> = []
  const indices: Array<number> = []
  rows.forEach((row, at) => {
    if (valid !== undefined && valid[at] === 0) return
    if (!Array.isArray(row)) return throwValue(name, at, "an array of vectors", describeValue(row))
    if (row.length > maxCapacity) return throwValue(name, at, `an array of at most ${maxCapacity}`, `${row.length}`)
    for (const vector of row) {
      checkRow(elementType, dimension, vector, name, at)
      all.push(vector)
      indices.push(at)
    }
    ranges.push([all.length - row.length, all.length])
  })
  const writeRow = rowWriter(elementType, dimension, name)
  const write: DenseVectors["write"] = (to, start, end) => {
    for (let at = start; at < end; at++) writeRow(to, all[at]!, indices[at]!)
  }
  return { vectors: { type: elementType, dimension, count: all.length, write }, ranges }
}

/** Returns arrays of vectors as the member `vectors` of `schema.FieldData`. */
export const vectorArrayPart = (field: number, column: VectorArrayInput, name: string, valid: Valid): Fragment => {
  const { vectors, ranges } = vectorArrays(column, name, valid)
  const rows = concat(ranges.map(([start, end]) => vectorField(2, vectors, start, end)))
  const type = dataTypes[vectors.type]
  return message(field, [message(8, [uint(1, vectors.dimension), rows, uint(3, type)])])
}
