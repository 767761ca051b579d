/**
 * Distinguishes values that cannot be read from defects of this library. Reading a value of the caller may throw, in a
 * getter or a proxy.
 */
import { CodecError, type ColumnInput } from "../../codec/mod.ts"

/** Runs a function that reads columns. Throws a `CodecError` if a value of the columns cannot be read. */
export const withReadErrors = <A>(columns: ReadonlyArray<ColumnInput>, run: () => A): A => {
  try {
    return run()
  } catch (error) {
    throw error instanceof CodecError ? error : findUnreadable(columns) ?? error
  }
}

/** Returns the error for the first value that cannot be read. */
const findUnreadable = (columns: ReadonlyArray<ColumnInput>): CodecError | undefined => {
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
  return undefined
}

/** Depth of rows, of vectors or structs in them, and of their elements. */
const depth = 3

const read = (value: unknown, left: number): void => {
  if (typeof value !== "object" || value === null || left === 0) return
  if (value instanceof Map) value.forEach((each) => read(each, left - 1))
  for (const key of Reflect.ownKeys(value)) read(Reflect.get(value, key), left - 1)
}
