/** Converts decoded vectors to the columns of their data types. */
import type { Column, ColumnBase, DenseVectorColumn, Vectors } from "./column.ts"
import { type DenseVectorType, vectorCount, vectorLength } from "./dataType.ts"
import { wrongRows } from "./decodeScalars.ts"
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
    return reader.fail(`the field "${base.fieldName}" is of type ${type} and has values of another`)
  }
  const { valid } = base
  const { dimension } = vectors
  const count = vectorCount(type, dimension, vectors.values.length)
  if (count < 0) return reader.fail(`the vectors of "${base.fieldName}" do not have the dimension ${dimension}`)
  switch (layoutOf(count, valid)) {
    case "valid rows":
      return { ...base, ...vectors, length: valid?.length ?? count }
    case "every row":
      return { ...base, ...(valid === undefined ? vectors : withoutNulls(vectors, valid)), length: count }
    case "neither":
      return wrongRows(reader, base)
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
    return reader.fail(`the field "${base.fieldName}" is of type SparseFloatVector and has values of another`)
  }
  const { wrong, dimension, offsets, indices, values } = (field ?? new VectorFieldBuilder()).sparse()
  if (wrong >= 0) {
    return reader.fail(
      `row ${wrong} of the field "${base.fieldName}" is not a sparse vector: pairs of a unique index and a value`,
    )
  }
  const { valid } = base
  const layout = layoutOf(offsets.length - 1, valid)
  if (layout === "neither") return wrongRows(reader, base)
  const all = valid !== undefined && layout === "valid rows" ? expandOffsets(offsets, valid) : offsets
  return { ...base, type: "SparseFloatVector", length: all.length - 1, dimension, offsets: all, indices, values }
}

/** Returns a column of arrays of vectors. */
export const vectorArrayColumn = (reader: Reader, base: ColumnBase, field: VectorFieldBuilder | undefined): Column => {
  const array = field?.array
  if (array === undefined && field?.type !== undefined) {
    return reader.fail(`the field "${base.fieldName}" is of type ArrayOfVector and has values of another`)
  }
  const { valid } = base
  const layout = layoutOf(array?.rows ?? 0, valid)
  if (layout === "neither") return wrongRows(reader, base)
  const read = array === undefined ? emptyVectors : array.finish()
  if (read === undefined) {
    return reader.fail(`the arrays of the field "${base.fieldName}" have vectors of several kinds`)
  }
  const offsets = valid !== undefined && layout === "valid rows" ? expandOffsets(read.offsets, valid) : read.offsets
  const { vectors } = read
  return { ...base, type: "ArrayOfVector", length: offsets.length - 1, elementType: vectors.type, offsets, vectors }
}

const emptyVectors: { readonly offsets: Uint32Array; readonly vectors: Vectors } = {
  offsets: new Uint32Array(1),
  vectors: { type: "FloatVector", dimension: 0, values: new Float32Array(0) },
}
