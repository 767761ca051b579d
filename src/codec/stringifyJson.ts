/**
 * Writes values as JSON text that `parseJson` reads as the same values.
 *
 * Takes every value that `parseJson` returns, and throws for what `JSON.stringify` changes or leaves out silently. Only the
 * spelling of numbers and white space are not kept when a text is parsed and written again.
 */
import { CodecError } from "../errors.ts"
import { describeValue, throwValue } from "./errors.ts"
import { parseJson } from "./parseJson.ts"

/** Why a value cannot be written as JSON. */
export class NotJson extends TypeError {
  /** Keys and places that lead to the value, the outermost first. */
  readonly path: Array<string | number> = []
  /** What the value is, as short text. */
  readonly actual: string

  constructor(actual: string) {
    super(`expected a JSON value, got ${actual}`)
    this.actual = actual
  }
}

/** Objects that are not rows, but stand for some: what {@linkcode stringifyJson} writes in their place. */
export const jsonForm: unique symbol = Symbol("effect-milvus/json")

/** Values may be nested so deep. */
const maxDepth = 1000

/**
 * A value as JSON text:
 *
 * - `bigint`, and numbers: an integer that is a number and not a safe one is written with `.0`, and -0 as `-0.0`, so that
 *   both are read as the numbers that they are.
 * - Arrays, and typed arrays as lists of their numbers.
 * - Plain objects: their own enumerable keys that are texts. A key whose value is `undefined` is left out.
 * - What has `toJSON`, such as a `Date`, as what that gives; what `JSON.rawJSON` makes, as it is.
 *
 * Throws {@linkcode NotJson} for everything else: numbers that are not finite, `undefined` in a list, functions, symbols, `Set`,
 * `Map` and instances of other classes, text with a lone surrogate, and what is nested deeper than 1000. An error of a
 * `toJSON` or a getter passes through.
 */
export const stringifyJson = (value: unknown): string =>
  isUsual(value, 0) ? JSON.stringify(value) : write(formOf(value, ""), 0, true)

/**
 * A value that `JSON.stringify` takes and does not change, made of new objects: what a number does not hold is text (a
 * `bigint` beyond 2^53, `NaN`, `Infinity`), all else is as {@linkcode stringifyJson} writes it. Throws as that does.
 */
export const plainJson = (value: unknown): unknown => parseJson(write(formOf(value, ""), 0, false))

/** The same for the value of a field. Throws `CodecError`, which names the field, the row, and the place in the value. */
export const jsonOfField = (value: unknown, field: string, row?: number): string => {
  try {
    return stringifyJson(value)
  } catch (error) {
    return throwNotJson(error, field, row)
  }
}

/** Why a value cannot be written, in the name of a field. */
export const throwNotJson = (error: unknown, field: string, row?: number): never => {
  if (error instanceof CodecError) throw error
  if (!(error instanceof NotJson)) {
    return throwValue(field, row, "a JSON value", "an object that throws", error)
  }
  const { actual, path } = error
  return throwValue(field, row, "a JSON value", path.length === 0 ? actual : `${actual} at ${field}${shownPath(path)}`)
}

/** A path as filters of Milvus write it: `["tags"][0]`. */
const shownPath = (path: ReadonlyArray<string | number>): string =>
  path.slice(0, 8).map((key) => `[${typeof key === "number" ? key : JSON.stringify(key.slice(0, 40))}]`).join("")

/** Whether `JSON.stringify` writes just that: false also where it is not sure. */
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
    // Cast: one of its keys.
    const each = (value as Record<string, unknown>)[key]
    if (each !== undefined && !isUsual(each, depth) || !key.isWellFormed()) return false
  }
  return true
}

/** `isExact` unless numbers that `JSON.parse` would change become text. */
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

/** A finite number so that it is read as the same: what looks like an integer is one that a number holds. */
export const numeralOf = (value: number): string => {
  const text = String(value)
  if (Number.isSafeInteger(value)) return Object.is(value, -0) ? "-0.0" : text
  return Number.isInteger(value) && !text.includes("e") ? `${text}.0` : text
}

/** Writes a list or an object, and adds the place to what fails in it. */
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

/** A value, or what stands for it: what its `toJSON` gives. */
const formOf = (value: unknown, key: string | number): unknown => {
  if (typeof value !== "object" || value === null || !("toJSON" in value) || typeof value.toJSON !== "function") {
    return value
  }
  if (isTypedArray(value)) return value
  if (jsonForm in value && typeof value[jsonForm] === "function") return value[jsonForm]()
  // Its own form is `null`.
  if (value instanceof Date && Number.isNaN(value.getTime())) return throwUnsupported("an invalid Date")
  return value.toJSON(String(key))
}

/** Whether a value is an array of numbers over memory. */
const isTypedArray = (value: object): value is Float64Array | BigInt64Array =>
  ArrayBuffer.isView(value) && !(value instanceof DataView)

/** Whether an object is of no class, that of another realm included. */
const isPlain = (value: object): value is Readonly<Record<string, unknown>> => {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === Object.prototype) return true
  if (typeof prototype !== "object" || prototype === null) return isRawJson?.(value) !== true
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, "isPrototypeOf")
}

/** Whether a value is of `JSON.rawJSON`, which Node has from 22 on. */
// Cast: the types do not have it yet.
const isRawJson = (JSON as { isRawJSON?: (value: object) => value is { readonly rawJSON: string } }).isRawJSON

const nameOf = (value: object): string => {
  const { constructor } = value
  return typeof constructor === "function" && constructor.name !== "" ? constructor.name.slice(0, 40) : "a class"
}
