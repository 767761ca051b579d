/** Checks vectors that are given as rows, before they are encoded. */
import type { ColumnInput } from "./columnInput.ts"
import { type DenseVectorType, vectorSize } from "./dataType.ts"
import { type AnyVectorRow, rowWriter } from "./denseRows.ts"
import { Writer } from "../protobuf/writer.ts"

/**
 * Throws `CodecError` for an element that is not a number of its type, in vectors that are given as rows. Their
 * dimension must have been checked. Without this check, such an element is only found when the request is written.
 */
export const checkVectorRows = (columns: ReadonlyArray<ColumnInput>): void => {
  for (const column of columns) {
    switch (column.type) {
      case "FloatVector":
      case "BinaryVector":
      case "Float16Vector":
      case "BFloat16Vector":
      case "Int8Vector": {
        if (!("rows" in column)) break
        const rows: ReadonlyArray<AnyVectorRow | null | undefined> = column.rows
        const check = checker(column.type, column.dimension ?? 0, column.fieldName)
        for (let at = 0; at < rows.length; at++) {
          const row = rows[at]
          if (row !== null && row !== undefined) check(row, at)
        }
        break
      }
      case "ArrayOfStruct":
        for (const member of column.fields) {
          if (member.type !== "ArrayOfVector" || !("rows" in member)) continue
          const rows: ReadonlyArray<ReadonlyArray<AnyVectorRow> | null | undefined> = member.rows
          const check = checker(member.elementType, member.dimension, `${column.fieldName}.${member.fieldName}`)
          rows.forEach((row, at) => row?.forEach((vector) => check(vector, at)))
        }
    }
  }
}

/** Returns a function that checks a row by encoding it into a buffer that is not used otherwise. */
const checker = (type: DenseVectorType, dimension: number, field: string) => {
  const to = new Writer(new Uint8Array(vectorSize(type, dimension)))
  const write = rowWriter(type, dimension, field)
  return (row: AnyVectorRow, at: number): void => {
    to.at = 0
    write(to, row, at)
  }
}
