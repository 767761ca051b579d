/**
 * Tells values that cannot be read from defects of this library: code of the caller may fail when a value is read, in a
 * getter or a proxy.
 */
import { CodecError, type ColumnInput } from "../codec/mod.ts"

/** What encoding columns failed with: a `CodecError` if a value cannot be read, and the error itself otherwise. */
export const unreadableRow = (columns: ReadonlyArray<ColumnInput>, error: unknown): unknown => {
  if (error instanceof CodecError) return error
  for (const column of columns) {
    const parts = column.type === "ArrayOfStruct" ? column.fields : [column]
    for (const part of parts) {
      const values: unknown = "rows" in part ? part.rows : "values" in part ? part.values : []
      if (!Array.isArray(values)) continue
      for (let row = 0; row < values.length; row++) {
        try {
          read(values[row], depth)
        } catch (cause) {
          return new CodecError({ field: column.fieldName, row, expected: "a value that can be read", cause })
        }
      }
    }
  }
  return error
}

/** Rows, vectors or structs, and their elements. */
const depth = 3

const read = (value: unknown, left: number): void => {
  if (typeof value !== "object" || value === null || left === 0) return
  if (value instanceof Map) value.forEach((each) => read(each, left - 1))
  for (const key of Reflect.ownKeys(value)) read(Reflect.get(value, key), left - 1)
}
