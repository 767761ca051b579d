/** Rows as views of columns: row objects are made on demand. */
import type { Column, DenseVectorType } from "../../codec/columns/column.ts"
import { bfloat16ToFloat32, float16ToFloat32 } from "../../codec/columns/float16.ts"
import { setOwn } from "../../codec/parseJson.ts"
import { jsonForm } from "../../codec/stringifyJson.ts"
import { structsOf, valuesOf } from "../../codec/columns/columnValues.ts"
import { plain } from "../../Json.ts"
import type { AnyRow } from "../../schema/columns.ts"

/** Array-like rows, each made on demand and not cached. */
export interface Rows<Row> extends Iterable<Row> {
  /** Number of rows. */
  readonly length: number
  /** Returns a row by its index, counted from the end if it is negative; `undefined` if it does not exist. */
  readonly at: (row: number) => Row | undefined
  /** Returns all rows. */
  readonly toArray: () => Array<Row>
  /** Returns all rows for `JSON.stringify`, as `Json.plain` converts them. */
  readonly toJSON: () => unknown
}

/** Returns `length` rows, each made by `read` from its index. */
export const makeRows = <Row>(length: number, read: (row: number) => Row): Rows<Row> => {
  const at = (row: number) => {
    const index = row < 0 ? length + row : row
    return index >= 0 && index < length ? read(index) : undefined
  }
  const toArray = () => Array.from({ length }, (_, row) => read(row))
  return {
    length,
    at,
    toArray,
    ...jsonMethods(toArray),
    *[Symbol.iterator]() {
      for (let row = 0; row < length; row++) yield read(row)
    },
  }
}

/** Returns the methods by which an object is serialized as its rows, by `JSON.stringify` and by the JSON codec. */
export const jsonMethods = (rows: () => ReadonlyArray<unknown>): { readonly toJSON: () => unknown } => {
  const methods = { toJSON: () => plain(rows()), [jsonForm]: rows }
  return methods
}

/**
 * Reads rows out of columns: the fields in the order of their columns, and then the keys of the dynamic field, all of
 * them or those that are wanted; a field of the same name wins. Every name is a key of the row's own, `__proto__` too.
 */
export const rowReader = (
  columns: ReadonlyArray<Column>,
  dynamicKeys?: ReadonlySet<string>,
): (row: number) => AnyRow => {
  const fields = columns.filter(({ isDynamic }) => !isDynamic).map((column) =>
    [column.fieldName, columnReader(column)] as const
  )
  const names = new Set(fields.map(([name]) => name))
  const extras = columns.filter(({ isDynamic }) => isDynamic).map(columnReader)
  const isWanted = (key: string) => !names.has(key) && (dynamicKeys === undefined || dynamicKeys.has(key))
  return (row) => {
    const all: Record<string, unknown> = {}
    for (const [name, read] of fields) setOwn(all, name, read(row))
    for (const extra of extras) {
      const given = extra(row)
      if (!isRecord(given)) continue
      for (const key of Object.keys(given)) if (isWanted(key)) setOwn(all, key, given[key])
    }
    return all
  }
}

const isRecord = (value: unknown): value is AnyRow => typeof value === "object" && value !== null

/** Returns a function that reads a value of a column in the form that rows have. */
const columnReader = (column: Column): (row: number) => unknown => {
  const read = valuesOf(column)
  const orNull = <A>(convert: (value: A) => unknown) => (row: number) => {
    const value = read(row)
    // Cast: the type of a value follows from the type of its column.
    return value === null ? null : convert(value as A)
  }
  switch (column.type) {
    case "Float16Vector":
      return orNull(float16ToFloat32)
    case "BFloat16Vector":
      return orNull(bfloat16ToFloat32)
    case "Array":
      return orNull((values: Iterable<unknown>) => Array.from(values))
    case "ArrayOfVector":
      return orNull((vectors: ReadonlyArray<unknown>) => vectors.map(numbersOf(column.elementType)))
    case "ArrayOfStruct":
      return structsOf(column.fields, columnReader)
    default:
      return read
  }
}

/** Converts vectors of 16-bit floats, whose memory is `Uint16Array`, to numbers. */
const numbersOf = (type: DenseVectorType) => (vector: unknown): unknown => {
  if (!(vector instanceof Uint16Array)) return vector
  return type === "Float16Vector" ? float16ToFloat32(vector) : bfloat16ToFloat32(vector)
}
