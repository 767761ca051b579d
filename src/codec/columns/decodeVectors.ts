/** Converts decoded vectors to the columns of their data types. */
import type { Column, ColumnBase, DenseVectorColumn, Vectors } from "./column.ts"
import { type DenseVectorType, vectorCount, vectorLength } from "./dataType.ts"
import { throwWrongCount } from "./decodeScalars.ts"
import { countValid, dropNulls, expandOffsets, layoutOf } from "./nulls.ts"
import type { Reader } from "../protobuf/reader.ts"
import { VectorFieldBuilder } from "./vectorField.ts"

/** Returns a column of dense vectors, which has only the vectors of valid rows. */
export const denseColumn = (
  reader: Reader,
  base: ColumnBase,
  type: DenseVectorType,
  field: VectorFieldBuilder | undefined,
): DenseVectorColumn => {
  const vectors = (field ?? new VectorFieldBuilder()).vectors(type)
  if (vectors === undefined) {
    return reader.fail(`field "${base.fieldName}" has type ${type} but values of another type`)
  }
  const { valid } = base
  const { dimension } = vectors
  const count = vectorCount(type, dimension, vectors.values.length)
  if (count < 0) return reader.fail(`field "${base.fieldName}" has vectors whose dimension is not ${dimension}`)
  switch (layoutOf(count, valid)) {
    case "valid rows":
      return { ...base, ...vectors, length: valid?.length ?? count }
    case "every row":
      return { ...base, ...(valid === undefined ? vectors : withoutNulls(vectors, valid)), length: count }
    case "neither":
      return throwWrongCount(reader, base, count)
  }
}

/** Returns the vectors without those in the places of nulls. */
const withoutNulls = (vectors: Vectors, valid: Uint8Array): Vectors => {
  const count = countValid(valid)
  if (count === valid.length) return vectors
  const { type, dimension, values } = vectors
  const width = vectorLength(type, dimension)
  const total = count * width
  switch (type) {
    case "FloatVector":
      return { type, dimension, values: dropNulls<Float32Array>(values, valid, width, new Float32Array(total)) }
    case "BinaryVector":
      return { type, dimension, values: dropNulls<Uint8Array>(values, valid, width, new Uint8Array(total)) }
    case "Int8Vector":
      return { type, dimension, values: dropNulls<Int8Array>(values, valid, width, new Int8Array(total)) }
    default:
      return { type, dimension, values: dropNulls<Uint16Array>(values, valid, width, new Uint16Array(total)) }
  }
}

/** Returns a column of sparse vectors. */
export const sparseColumn = (reader: Reader, base: ColumnBase, field: VectorFieldBuilder | undefined): Column => {
  if (field?.type !== undefined || field?.array !== undefined) {
    return reader.fail(`field "${base.fieldName}" has type SparseFloatVector but values of another type`)
  }
  const { wrong, dimension, offsets, indices, values } = (field ?? new VectorFieldBuilder()).sparse()
  if (wrong >= 0) {
    return reader.fail(
      `row ${wrong} of field "${base.fieldName}" is not a sparse vector: pairs of a unique index and a value`,
    )
  }
  const { valid } = base
  const layout = layoutOf(offsets.length - 1, valid)
  if (layout === "neither") return throwWrongCount(reader, base, offsets.length - 1)
  const all = valid !== undefined && layout === "valid rows" ? expandOffsets(offsets, valid) : offsets
  return { ...base, type: "SparseFloatVector", length: all.length - 1, dimension, offsets: all, indices, values }
}

/** Returns a column of arrays of vectors. */
export const vectorArrayColumn = (reader: Reader, base: ColumnBase, field: VectorFieldBuilder | undefined): Column => {
  const array = field?.array
  if (array === undefined && field?.type !== undefined) {
    return reader.fail(`field "${base.fieldName}" has type ArrayOfVector but values of another type`)
  }
  const { valid } = base
  const rows = array?.rows ?? 0
  const layout = layoutOf(rows, valid)
  if (layout === "neither") return throwWrongCount(reader, base, rows)
  const read = array === undefined ? emptyVectors : array.finish()
  if (read === undefined) {
    return reader.fail(`the arrays of field "${base.fieldName}" have mixed vector types`)
  }
  const offsets = valid !== undefined && layout === "valid rows" ? expandOffsets(read.offsets, valid) : read.offsets
  const { vectors } = read
  return { ...base, type: "ArrayOfVector", length: offsets.length - 1, elementType: vectors.type, offsets, vectors }
}

const emptyVectors: { readonly offsets: Uint32Array; readonly vectors: Vectors } = {
  offsets: new Uint32Array(1),
  vectors: { type: "FloatVector", dimension: 0, values: new Float32Array(0) },
}
