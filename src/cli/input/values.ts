/** Values of rows as the fields of a collection take them. */
import { parseJson } from "../../codec/parseJson.ts"
import type { AnyDefinition } from "../../schema/decodeSchema.ts"
import type { AnyField, ArrayField, Field, StructArrayField } from "../../schema/fieldTypes.ts"
import { isVector } from "../../schema/typeNames.ts"
import { FormatProblem, type ParsedRow } from "./parser.ts"

/** The column of CSV whose cells are JSON objects with all dynamic keys of their rows. */
export const dynamicColumn = "$meta" as const

/** A row for the collection. `isText` where all values are text, as in CSV. */
export const toRow = (
  { fields, options }: AnyDefinition,
  { line, values, emptyTexts }: ParsedRow,
  isText: boolean,
  without: ReadonlySet<string>,
): Readonly<Record<string, unknown>> => {
  const entries: Array<readonly [name: string, value: unknown]> = []
  for (const [name, value] of Object.entries(values)) {
    if (without.has(name)) continue
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined
    if (!isText) {
      entries.push([name, convert(field, value)])
      continue
    }
    const text = String(value)
    if (text === "" && !emptyTexts?.has(name)) {
      const none = withoutValue(field)
      if (none !== undefined) entries.push([name, none])
    } else if (field === undefined && name === dynamicColumn && options.dynamicFields === true) {
      entries.push(...dynamicKeys(text, line, values))
    } else entries.push([name, convert(field, fromText(name, field, text, line))])
  }
  // Not by assignment: "__proto__" is a name like any other.
  return Object.fromEntries(entries)
}

/** What an empty cell without quotes stands for; undefined where the field is left out. */
const withoutValue = (field: AnyField | undefined): "" | null | undefined => {
  if (field === undefined) return undefined
  const { nullable, default: other } = field.options
  if (nullable === true) return other === undefined ? undefined : null
  // Others' files have no other way to write an empty text.
  return field.type === "VarChar" ? "" : undefined
}

const dynamicKeys = (
  text: string,
  line: number,
  values: ParsedRow["values"],
): ReadonlyArray<readonly [string, unknown]> => {
  const keys = tryParseJson(text)?.value
  if (typeof keys !== "object" || keys === null || Array.isArray(keys)) {
    throw new FormatProblem(line, `field "${dynamicColumn}": expected a JSON object, got ${brief(text)}`)
  }
  return Object.entries(keys).map(([key, value]) => {
    if (key !== dynamicColumn && Object.hasOwn(values, key)) {
      throw new FormatProblem(line, `field "${dynamicColumn}": expected keys without a column, got "${key}"`)
    }
    return [key, convert(undefined, value)]
  })
}

/** Numbers of fields that hold doubles or shorter ones, which may be written as long integers, or as text if not finite. */
const convert = (field: Pick<Field, "type"> | undefined, value: unknown): unknown => {
  switch (field?.type) {
    case "Float":
    case "Double":
    case "FloatVector":
    case "Float16Vector":
    case "BFloat16Vector":
      return toNumber(value)
    case "SparseFloatVector":
      return typeof value === "object" && value !== null && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).map(([index, each]) => [index, toNumber(each)]))
        : value
    case "Array":
      // Cast: an array has an element.
      return Array.isArray(value) ? value.map((each) => convert((field as ArrayField).element, each)) : value
    case "ArrayOfStruct":
      // Cast: as above, members.
      return Array.isArray(value) ? value.map((each) => structOf((field as StructArrayField).members, each)) : value
    default:
      return value
  }
}

const toNumber = (value: unknown): unknown => {
  if (typeof value === "bigint") return Number(value)
  if (typeof value === "string") return notFinite.get(value) ?? value
  return Array.isArray(value) ? value.map(toNumber) : value
}

const notFinite: ReadonlyMap<string, number> = new Map([["NaN", NaN], ["Infinity", Infinity], ["-Infinity", -Infinity]])

const structOf = (members: StructArrayField["members"], value: unknown): unknown =>
  typeof value !== "object" || value === null || Array.isArray(value) ? value : Object.fromEntries(
    Object.entries(value).map(([name, each]) =>
      [name, Object.hasOwn(members, name) ? convert(members[name], each) : each] as const
    ),
  )

const decimal = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i

const fromText = (name: string, field: AnyField | undefined, text: string, line: number): unknown => {
  const throwMismatch = (expected: string): never => {
    throw new FormatProblem(line, `field "${name}": expected ${expected}, got ${brief(text)}`)
  }
  switch (field?.type) {
    case "VarChar":
    case "Text":
    case "Geometry":
    case "Timestamptz":
      return text
    case "Bool":
      return /^(true|1)$/i.test(text) || (/^(false|0)$/i.test(text) ? false : throwMismatch("true or false"))
    case "Int8":
    case "Int16":
    case "Int32":
    case "Int64": {
      if (!/^[+-]?\d+$/.test(text)) return throwMismatch("an integer")
      const number = Number(text)
      return Number.isSafeInteger(number) ? number : BigInt(text.replace("+", ""))
    }
    case "Float":
    case "Double": {
      const number = notFinite.get(text) ?? (decimal.test(text) ? Number(text) : NaN)
      return Number.isFinite(number) || notFinite.has(text) ? number : throwMismatch("a number")
    }
    case "Other":
    case undefined: {
      // A field that the collection does not have, or whose type is unknown, may be any text.
      const json = tryParseJson(text)
      return json === undefined ? text : json.value
    }
    default:
      return (tryParseJson(text) ??
        throwMismatch(field !== undefined && isVector(field) ? "a vector as JSON, such as [0.1, 0.2]" : "JSON")).value
  }
}

/** The value of a JSON text; undefined for a text that is not JSON. */
export const tryParseJson = (text: string): { readonly value: unknown } | undefined => {
  // The first character tells of most texts that they are not.
  if (!/^\s*["{[\-0-9tfn]/.test(text)) return undefined
  try {
    return { value: parseJson(text) }
  } catch {
    return undefined
  }
}

const brief = (text: string): string => JSON.stringify(text.slice(0, 40))
