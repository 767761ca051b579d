/** Values of rows as the fields of a collection take them. */
import { parseJson, setOwn } from "../../codec/json.ts"
import type { AnyDefinition } from "../../schema/decode.ts"
import type { AnyField } from "../../schema/field.ts"
import { isVector } from "../../schema/fieldTypes.ts"
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
    if (!isText) setOwn(row, name, convert(field, value))
    // An empty cell is no value, except where a text can be empty.
    else if (value !== "" || field?.type === "VarChar" && !field.options.nullable) {
      setOwn(row, name, convert(field, fromText(name, field, String(value), line)))
    }
  }
  return row
}

/** Where numbers go, an integer beyond 2^53 is one, and what is not finite is text, as JSON cannot say it. */
const convert = (field: AnyField | undefined, value: unknown): unknown => {
  switch (field === undefined || !("element" in field) ? field?.type : field.element.type) {
    case "Float":
    case "Double":
    case "FloatVector":
    case "Float16Vector":
    case "BFloat16Vector":
      return toNumber(value)
    default:
      return value
  }
}

const toNumber = (value: unknown): unknown => {
  if (typeof value === "bigint") return Number(value)
  if (typeof value === "string") return notFinite.get(value) ?? value
  return Array.isArray(value) ? value.map(toNumber) : value
}

const notFinite = new Map([NaN, Infinity, -Infinity].map((value) => [String(value), value]))

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
      return notFinite.get(text) ??
        (text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : refuse("a number"))
    default:
      try {
        return parseJson(text)
      } catch {
        // A field beside those of the collection may be any text.
        return field === undefined ? text : refuse(isVector(field) ? "a vector as JSON, such as [0.1, 0.2]" : "JSON")
      }
  }
}
