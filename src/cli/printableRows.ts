/** Rows of a result as they are printed: fields in their order, and 32-bit numbers short. */
import type { Column } from "../codec/mod.ts"
import type { FieldType } from "../schema/fieldTypes.ts"
import { scalarTypes, vectorTypes } from "../schema/typeNames.ts"
import { shortest } from "./output/json.ts"
import type { CellKind, Row } from "./output/writer.ts"

/** The rows of a result, beside its columns; what is named in `order` comes first, in that order. */
export const printableRows = (
  columns: ReadonlyArray<Column>,
  rows: Iterable<Row>,
  order: ReadonlyArray<string>,
): ReadonlyArray<Row> => {
  const floats = new Set(columns.flatMap(({ type, fieldName }) => type === "Float" ? [fieldName] : []))
  const short = (value: unknown) =>
    typeof value === "number" && Number.isFinite(value) ? Number(shortest(value)) : value
  return Array.from(rows, (row) => {
    const names = new Set([...order.filter((name) => Object.hasOwn(row, name)), ...Object.keys(row)])
    return Object.fromEntries(Array.from(names, (name) => [name, floats.has(name) ? short(row[name]) : row[name]]))
  })
}

/** How the values of a result are written as cells of CSV, by the names of their columns. */
export const cellKinds = (
  columns: ReadonlyArray<Pick<Column, "type" | "fieldName" | "isDynamic">>,
  others: Iterable<string> = [],
): (name: string) => CellKind => {
  const kinds = new Map<string, CellKind>(Array.from(others, (name) => [name, "text"]))
  for (const { type, fieldName, isDynamic } of columns) {
    if (!isDynamic) kinds.set(fieldName, cellKind(type))
  }
  return (name) => kinds.get(name) ?? "dynamic"
}

/** By the type of a field, or of its column; what a definition does not know is written so that any text is kept. */
export const cellKind = (type: Column["type"] | FieldType): CellKind => {
  if (type === "JSON") return "json"
  return (fieldTypes as ReadonlySet<string>).has(type) ? "text" : "dynamic"
}

const fieldTypes: ReadonlySet<FieldType> = new Set([...scalarTypes, ...vectorTypes, "Array", "ArrayOfStruct"])
