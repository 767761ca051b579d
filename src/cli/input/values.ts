/** Converts values of parsed rows to the types of the fields of a collection. */
import { parseJson } from "../../codec/parseJson.ts"
import type { AnyDefinition } from "../../schema/decodeSchema.ts"
import type { AnyField, ArrayField, Field, StructArrayField } from "../../schema/fieldTypes.ts"
import { isVector } from "../../schema/typeNames.ts"
import { FormatProblem, type ParsedRow } from "./parser.ts"

/** CSV column whose cells are JSON objects with all dynamic keys of a row. */
export const dynamicColumn = "$meta" as const

/** Converts a row for a collection. `isText` means that all values are text, as in CSV. */
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
  // Not by assignment, because "__proto__" is a valid name.
  return Object.fromEntries(entries)
}

/** Returns the value of an empty cell without quotes; `undefined` to leave the field out. */
const withoutValue = (field: AnyField | undefined): "" | null | undefined => {
  if (field === undefined) return undefined
  const { nullable, default: other } = field.options
  if (nullable === true) return other === undefined ? undefined : null
  // Files of other programs cannot write an empty text in another way.
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

/** Converts numbers of floating-point fields, which may be given as bigints, or as text if they are not finite. */
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
      // Cast: the type "Array" implies an array field.
      return Array.isArray(value) ? value.map((each) => convert((field as ArrayField).element, each)) : value
    case "ArrayOfStruct":
      // Cast: the type "ArrayOfStruct" implies a field with members.
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
      // A dynamic key, or a field of an unknown type, may be any text.
      const json = tryParseJson(text)
      return json === undefined ? text : json.value
    }
    default:
      return (tryParseJson(text) ??
        throwMismatch(field !== undefined && isVector(field) ? "a vector as JSON, such as [0.1, 0.2]" : "JSON")).value
  }
}

/** Parses a JSON text; returns `undefined` if it is not JSON. */
export const tryParseJson = (text: string): { readonly value: unknown } | undefined => {
  // The first character rules out most texts cheaply.
  if (!/^\s*["{[\-0-9tfn]/.test(text)) return undefined
  try {
    return { value: parseJson(text) }
  } catch {
    return undefined
  }
}

const brief = (text: string): string => JSON.stringify(text.slice(0, 40))
