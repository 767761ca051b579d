/** Prepares the rows of a result for printing: fields in schema order, and 32-bit numbers in short form. */
import type { Column } from "../codec/mod.ts"
import type { FieldType } from "../schema/fieldTypes.ts"
import { scalarTypes, vectorTypes } from "../schema/typeNames.ts"
import { shortest } from "./output/json.ts"
import type { CellKind, Row } from "./output/writer.ts"

/** Returns the rows of a result with the fields of `order` first, in that order. */
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

/** Returns the kind of CSV cell for the values of each column. */
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

/** Returns the kind of CSV cell for a field or column type. Unknown types get one that preserves any text. */
export const cellKind = (type: Column["type"] | FieldType): CellKind => {
  if (type === "JSON") return "json"
  return (fieldTypes as ReadonlySet<string>).has(type) ? "text" : "dynamic"
}

const fieldTypes: ReadonlySet<FieldType> = new Set([...scalarTypes, ...vectorTypes, "Array", "ArrayOfStruct"])
