/** Values of rows as the fields of a collection take them. */
import type { AnyDefinition } from "../../schema/decode.ts"
import type { AnyField } from "../../schema/field.ts"
import { isVector } from "../../schema/fieldTypes.ts"
import { parseJson, toPlainJson } from "./json.ts"
import { FormatProblem, type Parsed } from "./parser.ts"

/** A row for the collection. `isText` where all values are text, as in CSV. */
export const toRow = (
  { fields }: AnyDefinition,
  { line, values }: Parsed,
  isText: boolean,
  without: ReadonlySet<string>,
): Readonly<Record<string, unknown>> => {
  const row: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(values)) {
    if (without.has(name)) continue
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined
    if (!isText) row[name] = convert(field, value)
    // An empty cell is no value, except where a text can be empty.
    else if (value !== "" || field?.type === "VarChar" && !field.options.nullable) {
      row[name] = convert(field, fromText(name, field, String(value), line))
    }
  }
  return row
}

/** Integers of 64 bits stay as they are where they belong; JSON gets their digits; other numbers are numbers. */
const convert = (field: AnyField | undefined, value: unknown): unknown => {
  switch (field?.type) {
    case "Int64":
    case "Array":
      return value
    case "Float":
    case "Double":
      return typeof value === "bigint" ? Number(value) : value
    case undefined:
    case "JSON":
      return toPlainJson(value)
    default:
      return value
  }
}

const fromText = (name: string, field: AnyField | undefined, text: string, line: number): unknown => {
  const refuse = (expected: string): never => {
    throw new FormatProblem(line, `field "${name}": expected ${expected}, got ${JSON.stringify(text.slice(0, 40))}`)
  }
  switch (field?.type) {
    case "VarChar":
    case "Text":
    case "Geometry":
    case "Timestamptz":
      return text
    case "Bool":
      return /^(true|1)$/i.test(text) || (/^(false|0)$/i.test(text) ? false : refuse("true or false"))
    case "Int8":
    case "Int16":
    case "Int32":
    case "Int64":
      return /^[+-]?\d+$/.test(text)
        ? parseJson(text.replace(/^\+/, "").replace(/^(-?)0+(?=\d)/, "$1"))
        : refuse("an integer")
    case "Float":
    case "Double":
      return text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : refuse("a number")
    default:
      try {
        return parseJson(text)
      } catch {
        // A field beside those of the collection may be any text.
        return field === undefined ? text : refuse(isVector(field) ? "a vector as JSON, such as [0.1, 0.2]" : "JSON")
      }
  }
}
