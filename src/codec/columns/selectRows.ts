/** Copies some rows of a column into a column of their own. */
import { throwReply } from "../errors.ts"
import { BytesList } from "../protobuf/lists.ts"
import type { Column, Vectors } from "./column.ts"
import { vectorLength } from "./dataType.ts"
import { vectorIndex } from "./nulls.ts"

/**
 * Returns a column with the given rows of another one, each at most once, in their order. Its typed arrays are copies;
 * byte strings stay views of the reply. Throws `CodecError` for a column of an unknown type, whose rows are not known.
 */
export const selectRows = <C extends Column>(column: C, rows: ReadonlyArray<number>): C => {
  const { valid } = column
  const selected = { length: rows.length, ...(valid === undefined ? {} : { valid: select(valid, rows) }) }
  // Cast: the values are replaced by values of the same type, and their number with them.
  return { ...column, ...selected, ...selectValues(column, rows) } as C
}

/** Returns the properties of a column that hold the values of its rows. */
const selectValues = (column: Column, rows: ReadonlyArray<number>): object => {
  switch (column.type) {
    case "FloatVector":
    case "BinaryVector":
    case "Float16Vector":
    case "BFloat16Vector":
    case "Int8Vector": {
      const { valid } = column
      if (valid === undefined) return { values: selectVectors(column, rows) }
      const index = vectorIndex(valid)
      return { values: selectVectors(column, rows.filter((row) => valid[row] !== 0).map((row) => index[row]!)) }
    }
    case "SparseFloatVector": {
      const { offsets, elements } = selectRanges(column.offsets, rows)
      return { offsets, indices: select(column.indices, elements), values: select(column.values, elements) }
    }
    case "Array": {
      const { offsets, elements } = selectRanges(column.offsets, rows)
      return { offsets, values: select(column.values, elements) }
    }
    case "ArrayOfVector": {
      const { offsets, elements } = selectRanges(column.offsets, rows)
      return { offsets, vectors: { ...column.vectors, values: selectVectors(column.vectors, elements) } }
    }
    case "ArrayOfStruct":
      return { fields: column.fields.map((field) => selectRows(field, rows)) }
    case "Unknown":
      return throwReply(column.fieldName, undefined, "a type whose rows are known", `type ${column.dataType}`)
    default:
      return { values: select(column.values, rows) }
  }
}

type Values = BytesList | ReadonlyArray<string> | NumericArray
type NumericArray = Uint8Array | Int32Array | Uint32Array | Float32Array | Float64Array | BigInt64Array

/** Returns the values at some positions. */
const select = (values: Values, positions: ReadonlyArray<number>): Values => {
  if (values instanceof BytesList) return new BytesList(values.memory, places(values, positions))
  if (!ArrayBuffer.isView(values)) return positions.map((position) => values[position]!)
  const selected = values.slice(0, positions.length)
  // Casts: both arrays are of one type; numbers and bigints are copied alike.
  positions.forEach((position, at) => (selected as Float64Array)[at] = (values as Float64Array)[position]!)
  return selected
}

const places = ({ places }: BytesList, positions: ReadonlyArray<number>): Uint32Array => {
  const selected = new Uint32Array(positions.length * 2)
  positions.forEach((position, at) => selected.set(places.subarray(position * 2, position * 2 + 2), at * 2))
  return selected
}

/** Returns the vectors at some positions. */
const selectVectors = ({ type, dimension, values }: Vectors, positions: ReadonlyArray<number>): Vectors["values"] => {
  const width = vectorLength(type, dimension)
  const selected = values.slice(0, positions.length * width)
  positions.forEach((position, at) =>
    selected.set(values.subarray(position * width, (position + 1) * width), at * width)
  )
  return selected
}

/** Returns the offsets of some rows, and the positions of their elements. */
const selectRanges = (
  offsets: Uint32Array,
  rows: ReadonlyArray<number>,
): { readonly offsets: Uint32Array; readonly elements: ReadonlyArray<number> } => {
  const selected = new Uint32Array(rows.length + 1)
  const elements: Array<number> = []
  rows.forEach((row, at) => {
    for (let element = offsets[row]!; element < offsets[row + 1]!; element++) elements.push(element)
    selected[at + 1] = elements.length
  })
  return { offsets: selected, elements }
}
