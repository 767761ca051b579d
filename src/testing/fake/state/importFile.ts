/** Reads files of rows, as an import does. What it refuses is the reason why the import fails. */
import type { DataType, ScalarField } from "../../../contract/messages.gen.ts"
import * as Json from "../../../Json.ts"
import { isRecord } from "../../../schema/records.ts"
import { Code, throwRefusal, throwUnsupported } from "../fakeStatus.ts"
import type { Field, Layout } from "./layout.ts"
import { readNumpyFiles } from "./numpyFile.ts"
import { type Cell, checkCell, missingColumn, scalarKeys, widthOf } from "./storedColumns.ts"

/** Rows of a file: the cells of each field, except automatic keys. */
export interface ImportedRows {
  readonly cells: ReadonlyMap<string, ReadonlyArray<Cell>>
  readonly count: number
}

type Row = Readonly<Record<string, unknown>>

const isRow = (value: unknown): value is Row => isRecord(value)

/** Reads a JSON file with `{ "rows": [...] }`, or only the list. */
export const readJsonFile = (text: string, layout: Layout): ImportedRows => cellsOf(rowsOf(text), layout)

/** Reads arrays of NumPy by the names of their fields. */
export const readArrays = (files: ReadonlyMap<string, Uint8Array>, layout: Layout): ImportedRows =>
  cellsOf(readNumpyFiles(files, layout), layout)

const cellsOf = (rows: ReadonlyArray<Row>, layout: Layout): ImportedRows => {
  const { dynamic } = layout
  const fields = layout.fields.filter((field) => !field.schema.autoID && field !== dynamic)
  rows.forEach((row) => checkKeys(row, layout))
  const cells = new Map(
    fields.map((field) => [field.name, rows.map((row, at) => cellOf(field, row, at, layout.isOld))]),
  )
  if (dynamic !== undefined) cells.set(dynamic.name, rows.map((row) => dynamicCell(row, dynamic, fields)))
  return { cells, count: rows.length }
}

/** Refuses a collection whose files FakeMilvus cannot read. */
export const checkImportable = ({ fields }: Layout): void => {
  const other = fields.find(({ type }) => !(type in scalarKeys) && type !== "FloatVector" && type !== "BinaryVector")
  if (other !== undefined) throwUnsupported(`imports of fields of the type ${other.type}`)
}

const throwFailed = (reason: string): never => throwRefusal(Code.importFailed, reason)

const rowsOf = (text: string): ReadonlyArray<Row> => {
  let value: unknown
  try {
    value = Json.parse(text)
  } catch {
    return throwFailed("failed to parse the JSON file")
  }
  if (isRow(value) && !("rows" in value)) {
    throwFailed(`invalid JSON format, the root key should be 'rows', but get '${Object.keys(value)[0] ?? ""}'`)
  }
  const rows: unknown = isRow(value) ? value["rows"] : value
  return Array.isArray(rows) && rows.every(isRow) ? rows : throwFailed("invalid JSON format, rows are objects")
}

const checkKeys = (row: Row, { fields, primary, dynamic }: Layout): void => {
  if (primary.schema.autoID && primary.name in row) {
    throwFailed(`the primary key '${primary.name}' is auto-generated, no need to provide`)
  }
  const unknown = Object.keys(row).find((key) => !fields.some(({ name }) => name === key))
  if (unknown !== undefined && dynamic === undefined) {
    throwFailed(`the field '${unknown}' is not defined in collection schema`)
  }
}

const cellOf = (field: Field, row: Row, at: number, isOld: boolean): Cell => {
  if (!(field.name in row)) {
    const { default_value, nullable } = field.schema
    if (default_value === null && !nullable) throwFailed(`value of field '${field.name}' is missed`)
    return missingColumn(field, 1)[0] ?? null
  }
  const value = row[field.name]
  const cell = value === null && field.schema.nullable ? null : valueFor(field, value)
  checkCell(field, cell, at, isOld)
  return cell
}

/** Returns the object of all keys without a field, together with the object under the name of the dynamic field. */
const dynamicCell = (row: Row, dynamic: Field, fields: ReadonlyArray<Field>): Cell => {
  const names = new Set(fields.map(({ name }) => name))
  const { [dynamic.name]: given, ...others } = row
  const extra = Object.entries(others).filter(([key]) => !names.has(key))
  return encodeJson({ ...isRow(given) ? given : {}, ...Object.fromEntries(extra) })
}

const valueFor = (field: Field, value: unknown): Cell => {
  const { name, type, dimension, schema } = field
  if (type === "FloatVector" || type === "BinaryVector") {
    const width = widthOf(field)
    if (!Array.isArray(value) || value.length !== width || !value.every(isNumber)) {
      const size = Array.isArray(value) ? value.length : 0
      return throwFailed(`array size ${size} doesn't equal to vector dimension ${dimension} of field '${name}'`)
    }
    return type === "BinaryVector" ? Uint8Array.from(value) : value
  }
  if (type === "JSON") return jsonCell(name, value)
  if (type !== "Array") return scalarFor(name, type, value)
  const key = scalarKeys[schema.element_type]
  if (!Array.isArray(value) || key === undefined) return throwIllegal(name, type, value)
  const data = value.map((element) => scalarFor(name, schema.element_type, element))
  // Cast: the key follows from the type of the elements.
  return { valid_data: [], data: key, [key]: { data } } as ScalarField
}

/** Reads an object, or the text of one. */
const jsonCell = (name: string, value: unknown): Cell => {
  if (typeof value === "string") return new TextEncoder().encode(value)
  return isRow(value) ? encodeJson(value) : throwIllegal(name, "JSON", value)
}

const scalarFor = (name: string, type: DataType, value: unknown): boolean | number | bigint | string => {
  if (type === "Bool" && typeof value === "boolean" || type === "VarChar" && typeof value === "string") return value
  if ((type === "Float" || type === "Double") && isNumber(value)) return type === "Float" ? Math.fround(value) : value
  if (type === "Int64" && (typeof value === "bigint" || isInteger(value))) return BigInt(value)
  if (/^Int(8|16|32)$/.test(`${type}`) && isInteger(value)) return value
  return throwIllegal(name, type, value)
}

const isInteger = (value: unknown): value is number => Number.isInteger(value)
const isNumber = (value: unknown): value is number => typeof value === "number"

const throwIllegal = (name: string, type: DataType, value: unknown): never =>
  throwFailed(`illegal value '${typeof value === "object" ? typeof value : value}' for ${type} type field '${name}'`)

const encodeJson = (value: unknown): Uint8Array => new TextEncoder().encode(Json.stringify(value))
