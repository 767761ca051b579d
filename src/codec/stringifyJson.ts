/**
 * Writes values as JSON text that `parseJson` reads as the same values.
 *
 * Accepts every value that `parseJson` returns, and throws for values that `JSON.stringify` changes or leaves out
 * silently. A text that is parsed and written again keeps its values; the spelling of numbers and white space may
 * change.
 *
 * The nesting depth is limited by a constant, not by the stack, and `__proto__` is a key like any other.
 */
import { CodecError } from "../errors.ts"
import { describeValue, throwValue } from "./errors.ts"
import { parseJson } from "./parseJson.ts"

/** The error for a value that JSON cannot represent. */
export class NotJson extends TypeError {
  /** The path of the value: keys and indices, the outermost first. */
  readonly path: Array<string | number> = []
  /** The value, as short text. */
  readonly actual: string

  constructor(actual: string) {
    super(`expected a JSON value, got ${actual}`)
    this.actual = actual
  }
}

/**
 * Key of a method that returns the value that {@linkcode stringifyJson} writes for an object, such as a list of rows.
 */
export const jsonForm: unique symbol = Symbol("effect-milvus/json")

/** Maximum nesting depth of a value. */
const maxDepth = 1000

/**
 * Returns a value as JSON text:
 *
 * - A `bigint` is written as an integer. A `number` that is an integer beyond 2^53 is written with `.0`, and -0 as
 *   `-0.0`, so that both are parsed as the same `number`.
 * - Arrays are written as lists, and typed arrays as lists of their numbers.
 * - Plain objects are written with their own enumerable string keys. A key whose value is `undefined` is left out.
 * - An object with `toJSON`, such as a `Date`, is replaced by the result of that method. The result of `JSON.rawJSON`
 *   is written unchanged.
 *
 * Throws {@linkcode NotJson} for everything else: non-finite numbers, `undefined` in a list, functions, symbols, `Set`,
 * `Map` and instances of other classes, text with a lone surrogate, and values nested deeper than 1000 levels. Errors
 * of a `toJSON` method or a getter are passed on.
 */
export const stringifyJson = (value: unknown): string =>
  isUsual(value, 0) ? JSON.stringify(value) : write(formOf(value, ""), 0, true)

/**
 * Returns a copy that `JSON.stringify` writes unchanged. Values that a JavaScript number cannot represent in JSON (a
 * `bigint` beyond 2^53, `NaN`, `Infinity`) become text; all others have the form that {@linkcode stringifyJson} writes.
 * Throws the same errors, except for non-finite numbers.
 */
export const plainJson = (value: unknown): unknown => parseJson(write(formOf(value, ""), 0, false))

/**
 * Returns the value of a field as JSON text. Throws `CodecError` with the field, the row, and the path in the value.
 */
export const jsonOfField = (value: unknown, field: string, row?: number): string => {
  try {
    return stringifyJson(value)
  } catch (error) {
    return throwNotJson(error, field, row)
  }
}

/** Throws an error of {@linkcode stringifyJson} as a `CodecError` that names the field and the row. */
export const throwNotJson = (error: unknown, field: string, row?: number): never => {
  if (error instanceof CodecError) throw error
  if (!(error instanceof NotJson)) {
    return throwValue(field, row, "a JSON value", "an object that throws", error)
  }
  const { actual, path } = error
  return throwValue(field, row, "a JSON value", path.length === 0 ? actual : `${actual} at ${field}${shownPath(path)}`)
}

/** Returns a path in the syntax of Milvus filters: `["tags"][0]`. Long paths and keys are cut. */
const shownPath = (path: ReadonlyArray<string | number>): string =>
  path.slice(0, 8).map((key) => `[${typeof key === "number" ? key : JSON.stringify(key.slice(0, 40))}]`).join("")

/** Whether `JSON.stringify` is known to write the value in the same way; false if it is uncertain. */
const isUsual = (value: unknown, depth: number): boolean => {
  switch (typeof value) {
    case "string":
      return value.isWellFormed()
    case "number":
      return Number.isSafeInteger(value)
        ? value !== 0 || !Object.is(value, -0)
        : Number.isFinite(value) && !Number.isInteger(value)
    case "boolean":
      return true
    case "object":
      return value === null || depth < maxDepth && hasUsual(value, depth + 1)
    default:
      return false
  }
}

const hasUsual = (value: object, depth: number): boolean => {
  if ("toJSON" in value) return false
  if (Array.isArray(value)) {
    for (let at = 0; at < value.length; at++) if (!isUsual(value[at], depth)) return false
    return true
  }
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && (prototype !== null || isRawJson?.(value) === true)) return false
  for (const key in value) {
    // Cast: `key` is a key of the object.
    const each = (value as Record<string, unknown>)[key]
    if (each !== undefined && !isUsual(each, depth) || !key.isWellFormed()) return false
  }
  return true
}

/** Writes a value. `isExact` is false if numbers that `JSON.parse` would change become text. */
const write = (value: unknown, depth: number, isExact: boolean): string => {
  switch (typeof value) {
    case "string":
      return quote(value)
    case "number":
      if (!Number.isFinite(value)) return isExact ? throwUnsupported(String(value)) : `"${value}"`
      return numeralOf(value)
    case "boolean":
      return value ? "true" : "false"
    case "bigint":
      return isExact || Number.isSafeInteger(Number(value)) ? String(value) : `"${value}"`
    case "object":
      if (value === null) return "null"
      if (depth >= maxDepth) {
        return throwUnsupported(`lists and objects that are more than ${maxDepth} deep, or within themselves`)
      }
      return writeContainer(value, depth + 1, isExact)
    default:
      return throwUnsupported(describeValue(value))
  }
}

const throwUnsupported = (got: string): never => {
  throw new NotJson(got)
}

const quote = (text: string): string => {
  // deno-lint-ignore no-control-regex -- JSON escapes control characters
  if (!/["\\\u0000-\u001f\ud800-\udfff]/.test(text)) return `"${text}"`
  return text.isWellFormed() ? JSON.stringify(text) : throwUnsupported("text with a lone surrogate")
}

/** Returns a finite number as text that `parseJson` reads as the same number: integers beyond 2^53 get a `.0`. */
export const numeralOf = (value: number): string => {
  const text = String(value)
  if (Number.isSafeInteger(value)) return Object.is(value, -0) ? "-0.0" : text
  return Number.isInteger(value) && !text.includes("e") ? `${text}.0` : text
}

/** Writes a list or an object. An error of an element gets its key or index in the path. */
const writeContainer = (value: object, depth: number, isExact: boolean): string => {
  let place: string | number | undefined
  try {
    if (Array.isArray(value) || isTypedArray(value)) {
      let text = ""
      for (let at = 0; at < value.length; at++) {
        place = at
        if (at > 0) text += ","
        text += write(formOf(value[at], at), depth, isExact)
      }
      return `[${text}]`
    }
    if (!isPlain(value)) {
      if (isRawJson?.(value) === true) return isExact ? value.rawJSON : write(parseJson(value.rawJSON), depth, isExact)
      return throwUnsupported(`an instance of ${nameOf(value)}`)
    }
    let text = ""
    for (const key of Object.keys(value)) {
      place = key
      const form = formOf(value[key], key)
      if (form === undefined) continue
      if (text !== "") text += ","
      text += `${quote(key)}:${write(form, depth, isExact)}`
    }
    return `{${text}}`
  } catch (error) {
    if (error instanceof NotJson && place !== undefined) error.path.unshift(place)
    throw error
  }
}

/** Returns the value to write in place of another one: the result of its `toJSON`, or the value itself. */
const formOf = (value: unknown, key: string | number): unknown => {
  if (typeof value !== "object" || value === null || !("toJSON" in value) || typeof value.toJSON !== "function") {
    return value
  }
  if (isTypedArray(value)) return value
  if (jsonForm in value && typeof value[jsonForm] === "function") return value[jsonForm]()
  // Its `toJSON` returns `null`, which would lose the error.
  if (value instanceof Date && Number.isNaN(value.getTime())) return throwUnsupported("an invalid Date")
  return value.toJSON(String(key))
}

/** Whether a value is a typed array. */
const isTypedArray = (value: object): value is Float64Array | BigInt64Array =>
  ArrayBuffer.isView(value) && !(value instanceof DataView)

/** Whether an object is a plain object, also one of another realm. */
const isPlain = (value: object): value is Readonly<Record<string, unknown>> => {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === Object.prototype) return true
  if (typeof prototype !== "object" || prototype === null) return isRawJson?.(value) !== true
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, "isPrototypeOf")
}

/** Whether a value was made by `JSON.rawJSON`, which Node has since version 22. */
// Cast: TypeScript's types do not have it yet.
const isRawJson = (JSON as { isRawJSON?: (value: object) => value is { readonly rawJSON: string } }).isRawJSON

const nameOf = (value: object): string => {
  const { constructor } = value
  return typeof constructor === "function" && constructor.name !== "" ? constructor.name.slice(0, 40) : "a class"
}
