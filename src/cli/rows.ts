/** Rows of a result as they are printed: 64-bit integers within JSON keep their digits, 32-bit numbers are short. */
import type { Column } from "../codec/mod.ts"
import { parseJson } from "./input/json.ts"
import { shortest } from "./output/json.ts"
import type { Row } from "./output/writer.ts"

/** The rows of a result, beside its columns; what is named in `order` comes first, in that order. */
export const printedRows = (
  columns: ReadonlyArray<Column>,
  rows: Iterable<Row>,
  order: ReadonlyArray<string>,
): ReadonlyArray<Row> => {
  const names = new Set(columns.map(({ fieldName }) => fieldName))
  const fixes = columns.flatMap((column) => fixOf(column, names) ?? [])
  return Array.from(rows, (row, at) => {
    const first = order.filter((name) => Object.hasOwn(row, name)).map((name) => [name, row[name]] as const)
    return Object.assign(Object.fromEntries(first), row, ...fixes.map((fix) => fix(row, at)))
  })
}

const fixOf = (column: Column, fields: ReadonlySet<string>): ((row: Row, at: number) => Row) | undefined => {
  const { fieldName } = column
  if (column.type === "Float") {
    return ({ [fieldName]: value }) => ({ [fieldName]: typeof value === "number" ? Number(shortest(value)) : value })
  }
  if (column.type !== "JSON") return undefined
  return (row, at) => {
    const text = column.values.text(at)
    if (!/\d{16}/.test(text) || row[fieldName] === null) return {}
    const value = parseJson(text)
    if (!column.isDynamic) return { [fieldName]: value }
    // The keys of the dynamic field stand beside the fields, which win. Cast: it is an object.
    return Object.fromEntries(Object.entries(value as Row).filter(([name]) => !fields.has(name)))
  }
}
