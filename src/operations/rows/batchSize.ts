/** Estimates how many rows fit in one request. */
import type { AnyColumns, AnyRow } from "../../schema/columns.ts"
import type { AnyDefinition } from "../../schema/decodeSchema.ts"
import { own } from "../../schema/own.ts"

/** Input of a write: rows or columns. */
export type RowsInput = ReadonlyArray<AnyRow> | AnyColumns

/** Whether the input is rows. */
export const isRows = (input: RowsInput): input is ReadonlyArray<AnyRow> => Array.isArray(input)

/**
 * Returns the number of rows for a batch of `bytes` bytes. The width of a row is exact for types of a fixed size, and
 * estimated from a sample for others, such as texts.
 */
export const batchSize = (definition: AnyDefinition, input: RowsInput, rows: number, bytes: number): number => {
  if (rows === 0) return 1
  const width = Object.entries(definition.fields).reduce((sum, [name, { type, options }]) => {
    const dimension = options.dimension ?? 0
    return sum + (fixedWidth(type, dimension) ?? sampledWidth(input, name))
  }, 0)
  return Math.max(1, Math.floor(bytes / Math.max(1, width)))
}

const fixedWidth = (type: string, dimension: number): number | undefined => {
  switch (type) {
    case "FloatVector":
      return dimension * 4
    case "Float16Vector":
    case "BFloat16Vector":
      return dimension * 2
    case "Int8Vector":
      return dimension
    case "BinaryVector":
      return dimension / 8
    case "VarChar":
    case "Text":
    case "JSON":
    case "Geometry":
    case "Array":
    case "ArrayOfStruct":
    case "SparseFloatVector":
      return undefined
    default:
      return 8
  }
}

const sampleSize = 32

/** Estimates the bytes of a value of a field, rather too many than too few. */
const sampledWidth = (input: RowsInput, name: string): number => {
  const column = isRows(input) ? undefined : own(input, name)
  const values = isRows(input)
    ? sample(input).map((row) => widthOf(() => row[name]))
    : Array.isArray(column)
    ? sample<unknown>(column).map((value) => widthOf(() => value))
    : []
  return values.reduce((sum, width) => sum + width, 0) / Math.max(1, values.length)
}

/** Maximum depth to which a value is measured, since a value may contain itself. */
const depth = 16

const widthOf = (read: () => unknown): number => {
  const size = (value: unknown, left: number): number => {
    if (typeof value === "string") return value.length * 3
    if (ArrayBuffer.isView(value)) return value.byteLength
    if (typeof value !== "object" || value === null || left === 0) return 8
    if (Array.isArray(value)) return value.reduce((sum: number, each) => sum + size(each, left - 1), 8)
    return Object.entries(value).reduce((sum, [key, each]) => sum + key.length + 4 + size(each, left - 1), 8)
  }
  try {
    return size(read(), depth)
  } catch {
    // A value that cannot be read is refused later, when it is encoded.
    return 8
  }
}

/** Takes values at equal distances, because neighbouring texts tend to have similar lengths. */
const sample = <A>(values: ReadonlyArray<A>): ReadonlyArray<A> => {
  const stride = Math.max(1, Math.floor(values.length / sampleSize))
  return Array.from({ length: Math.ceil(values.length / stride) }, (_, at) => values[at * stride]!)
}
