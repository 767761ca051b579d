/** Rows out of columns: objects that are made when somebody asks for them, and not before. */
import type { Column, DenseVectorType } from "../../codec/columns/column.ts"
import { bfloat16ToFloat32, float16ToFloat32 } from "../../codec/columns/float16.ts"
import { setOwn } from "../../codec/parseJson.ts"
import { jsonForm } from "../../codec/stringifyJson.ts"
import { structsOf, valuesOf } from "../../codec/columns/columnValues.ts"
import { plain } from "../../Json.ts"
import type { AnyRow } from "../../schema/columns.ts"

/** Rows that look like an array, and are made one by one. */
export interface Rows<Row> extends Iterable<Row> {
  /** How many there are. */
  readonly length: number
  /** A row by its place, counted from the end where it is negative; `undefined` beyond. */
  readonly at: (row: number) => Row | undefined
  /** All of them. */
  readonly toArray: () => Array<Row>
  /** For `JSON.stringify`: all of them as `Json.plain` makes them. */
  readonly toJSON: () => unknown
}

/** Rows from `start` on, `length` of them, each made by `read`. */
export const makeRows = <Row>(length: number, read: (row: number) => Row): Rows<Row> => {
  const at = (row: number) => {
    const place = row < 0 ? length + row : row
    return place >= 0 && place < length ? read(place) : undefined
  }
  const toArray = () => Array.from({ length }, (_, row) => read(row))
  return {
    length,
    at,
    toArray,
    ...inJson(toArray),
    *[Symbol.iterator]() {
      for (let row = 0; row < length; row++) yield read(row)
    },
  }
}

/** What an object that stands for rows is in JSON. */
export const inJson = (rows: () => ReadonlyArray<unknown>): { readonly toJSON: () => unknown } => ({
  toJSON: () => plain(rows()),
  ...{ [jsonForm]: rows },
})

/**
 * Reads rows out of columns: the fields in the order of their columns, and then the keys of the dynamic field, all of
 * them or those that are wanted; a field of the same name wins. Every name is a key of the row's own, `__proto__` too.
 */
export const rowReader = (
  columns: ReadonlyArray<Column>,
  dynamicKeys?: ReadonlySet<string>,
): (row: number) => AnyRow => {
  const fields = columns.filter(({ isDynamic }) => !isDynamic).map((column) =>
    [column.fieldName, reader(column)] as const
  )
  const names = new Set(fields.map(([name]) => name))
  const extras = columns.filter(({ isDynamic }) => isDynamic).map(reader)
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

/** Reads the values of a column as rows have them. */
const reader = (column: Column): (row: number) => unknown => {
  const read = valuesOf(column)
  const orNull = <A>(convert: (value: A) => unknown) => (row: number) => {
    const value = read(row)
    // Cast: the type of the column says what its values are.
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
      return structsOf(column.fields, reader)
    default:
      return read
  }
}

/** The numbers of vectors whose memory is bits. */
const numbersOf = (type: DenseVectorType) => (vector: unknown): unknown => {
  if (!(vector instanceof Uint16Array)) return vector
  return type === "Float16Vector" ? float16ToFloat32(vector) : bfloat16ToFloat32(vector)
}
