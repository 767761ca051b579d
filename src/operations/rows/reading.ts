/**
 * Tells values that cannot be read from defects of this library: code of the caller may fail when a value is read, in a
 * getter or a proxy.
 */
import { CodecError, type ColumnInput } from "../../codec/mod.ts"

/** Runs what reads columns. Throws a `CodecError` if a value of theirs cannot be read. */
export const reading = <A>(columns: ReadonlyArray<ColumnInput>, run: () => A): A => {
  try {
    return run()
  } catch (error) {
    throw error instanceof CodecError ? error : unreadable(columns) ?? error
  }
}

/** The first value that cannot be read. */
const unreadable = (columns: ReadonlyArray<ColumnInput>): CodecError | undefined => {
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

/** Rows, vectors or structs, and their elements. */
const depth = 3

const read = (value: unknown, left: number): void => {
  if (typeof value !== "object" || value === null || left === 0) return
  if (value instanceof Map) value.forEach((each) => read(each, left - 1))
  for (const key of Reflect.ownKeys(value)) read(Reflect.get(value, key), left - 1)
}
