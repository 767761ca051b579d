/** Returns the values of a column one by one, as JavaScript values, for callers that need rows. */
import type { Column, Vectors } from "./column.ts"
import { vectorLength } from "./dataType.ts"
import { vectorIndex } from "./nulls.ts"

/**
 * Returns a function from the row to its value, which is `null` for a null. Create it once for each column. Vectors and
 * arrays of numbers are views of the column. The values, by type:
 *
 * - Bool: `boolean`. Int8 to Int32, Float, Double: `number`. Int64: `bigint`. VarChar, Text: `string`.
 * - JSON: parsed, with integers beyond 2^53 as `bigint`. JSON's own `null` and the null of a nullable field are both
 *   `null`; `valid` of the column distinguishes them.
 * - Geometry, Mol: `string` or bytes. Timestamptz, Date, Time: `string`, or `number` or `bigint`, by the encoding.
 * - Array: a typed array of the elements, or an array of booleans or strings.
 * - Dense vectors: a typed array. SparseFloatVector: `{ indices, values }`. ArrayOfVector: an array of vectors.
 * - ArrayOfStruct: an array of objects.
 *
 * The function throws `CodecError` if JSON does not parse.
 */
export const valuesOf = (column: Column): (row: number) => unknown => {
  const { valid } = column
  const value = valueOf(column)
  return valid === undefined ? value : (row) => valid[row] === 0 ? null : value(row)
}

const valueOf = (column: Column): (row: number) => unknown => {
  switch (column.type) {
    case "Bool":
      return (row) => column.values[row] === 1
    case "JSON":
      return (row) => column.values.json(row, column.fieldName)
    case "Geometry":
      if (column.encoding === "wkb") return (row) => column.values.get(row)
      return (row) => column.values[row]
    case "Mol":
      if (column.encoding === "binary") return (row) => column.values.get(row)
      return (row) => column.values[row]
    case "Array":
      return arrayOf(column)
    case "FloatVector":
    case "BinaryVector":
    case "Float16Vector":
    case "BFloat16Vector":
    case "Int8Vector": {
      const index = column.valid === undefined ? undefined : vectorIndex(column.valid)
      return (row) => vectorAt(column, index?.[row] ?? row)
    }
    case "SparseFloatVector":
      return (row) => {
        const [start, end] = [column.offsets[row]!, column.offsets[row + 1]!]
        return { indices: column.indices.subarray(start, end), values: column.values.subarray(start, end) }
      }
    case "ArrayOfVector":
      return (row) => {
        const [start, end] = [column.offsets[row] ?? 0, column.offsets[row + 1] ?? 0]
        return Array.from({ length: end - start }, (_, at) => vectorAt(column.vectors, start + at))
      }
    case "ArrayOfStruct":
      return structsOf(column.fields)
    case "Unknown":
      return () => undefined
    default:
      return (row) => column.values[row]
  }
}

/** Returns the vector at a position among the vectors of a column, as a view. */
export const vectorAt = ({ type, dimension, values }: Vectors, index: number): Vectors["values"] => {
  const width = vectorLength(type, dimension)
  return values.subarray(index * width, (index + 1) * width)
}

const arrayOf = (column: Extract<Column, { readonly type: "Array" }>): (row: number) => unknown => {
  const { offsets } = column
  const range = (row: number): [number, number] => [offsets[row] ?? 0, offsets[row + 1] ?? 0]
  switch (column.elementType) {
    case "None":
      return () => []
    case "Bool":
      return (row) => Array.from(column.values.subarray(...range(row)), (value) => value === 1)
    case "VarChar":
    case "Text":
    case "String":
      return (row) => column.values.slice(...range(row))
    default:
      return (row) => column.values.subarray(...range(row))
  }
}

/** Like {@linkcode valuesOf}, but for the fields of an array of structs. `read` reads the values of a field. */
export const structsOf = (
  fields: ReadonlyArray<Column>,
  read: (column: Column) => (row: number) => unknown = valuesOf,
): (row: number) => unknown => {
  const all = fields.map((field) => ({ name: fieldIn(field.fieldName), value: read(field) }))
  return (row) => {
    const arrays = all.map(({ name, value }) => ({ name, values: value(row) }))
    // A null row is null in every field.
    if (arrays.some(({ values }) => values === null)) return null
    const length = Math.max(0, ...arrays.map(({ values }) => isIndexed(values) ? values.length : 0))
    return Array.from(
      { length },
      (_, at) =>
        Object.fromEntries(arrays.map(({ name, values }) => [name, isIndexed(values) ? values[at] : undefined])),
    )
  }
}

const isIndexed = (values: unknown): values is ArrayLike<unknown> =>
  Array.isArray(values) || ArrayBuffer.isView(values) && "length" in values

/** Returns the name of a field inside its struct: some servers name it `struct[field]`. */
const fieldIn = (name: string): string => /\[(.+)\]$/.exec(name)?.[1] ?? name
