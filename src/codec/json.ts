/**
 * JSON as text, exactly.
 *
 * Reading keeps what `JSON.parse` rounds: an integer beyond 2^53 is a `bigint` with all its digits. Any other number is the
 * double that `JSON.parse` gives, also one whose value is an integer but which has a fraction or an exponent (`1e20`).
 * Writing takes what reading gives, and refuses what `JSON.stringify` changes or leaves out without a word. What is read
 * and written has the same values, and what is written and read is the same: only the spelling of numbers and the spaces
 * are not kept.
 *
 * Neither depends on the depth of the stack, nor sets a prototype: `__proto__` is a key like any other.
 */
import { CodecError } from "../errors.ts"
import { describeValue, throwValue as refuseField } from "./errors.ts"

/** Why a text is not JSON. */
export class JsonSyntaxError extends SyntaxError {
  /** Where, in UTF-16 units from 0. */
  readonly position: number
  /** What would have been right there. */
  readonly expected: string

  constructor(position: number, expected: string) {
    super(`at position ${position}: expected ${expected}`)
    this.position = position
    this.expected = expected
  }
}

/** Why a value cannot be written as JSON. */
export class NotJson extends TypeError {
  /** Keys and places that lead to the value, the outermost first. */
  readonly path: Array<string | number> = []
  /** What would have been right, and what it is. */
  readonly expected: string

  constructor(expected: string) {
    super(expected)
    this.expected = expected
  }
}

/** Objects that are not rows, but stand for some: what {@linkcode stringifyJson} writes in their place. */
export const jsonForm: unique symbol = Symbol("effect-milvus/json")

// ---- Reading

/** The value of a JSON text. Throws {@linkcode JsonSyntaxError} alone. */
export const parseJson = (text: string): unknown => {
  if (!hasLongInteger(text) && !hasEscapedKey(text)) {
    try {
      return JSON.parse(text)
    } catch {
      // The parser below finds the place.
    }
  }
  return parseExactly(text)
}

const maxSafeDigits = String(Number.MAX_SAFE_INTEGER)
/** An integer beyond 2^53 has as many digits. */
const long = maxSafeDigits.length

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39

/** By code below 128, whether it stands in strings alone. */
const isOnlyInStrings = Uint8Array.from(
  { length: 128 },
  (_, code) => /[^\s\d{}[\]:,"+.eEtrufalsn-]/.test(String.fromCharCode(code)) ? 1 : 0,
)

/**
 * Whether there may be an integer that a number does not hold: false for none, true also for some text that looks like one.
 * Every 16th character is one of its digits, and most characters are never looked at.
 */
const hasLongInteger = (text: string): boolean => {
  const { length } = text
  for (let at = long - 1; at < length; at += long) {
    const code = text.charCodeAt(at)
    if (!isDigit(code)) {
      // To the end of the string.
      if (isOnlyInStrings[code] === 1) at = text.indexOf('"', at)
      if (at < 0) return false
      continue
    }
    let start = at
    while (start > at - long && isDigit(text.charCodeAt(start - 1))) start--
    // The digits of a fraction, of text, and those of which the digit before this one was.
    if (!canPrecedeInteger(text.charCodeAt(start - 1))) continue
    // One look tells most of those that have fewer digits.
    const last = start + long - 1
    let end = last
    if (isDigit(text.charCodeAt(last))) {
      for (end = at + 1; isDigit(text.charCodeAt(end));) end++
      const digits = end - start
      const isLong = digits > long || digits === long && text.slice(start, end) > maxSafeDigits
      if (isLong && canFollowInteger(text.charCodeAt(end))) return true
    }
    at = end
  }
  return false
}

/** Space, `,`, `:`, `[`, `-`, and the beginning of the text. */
const canPrecedeInteger = (code: number): boolean =>
  code <= 0x20 || code === 0x2c || code === 0x3a || code === 0x5b || code === 0x2d || Number.isNaN(code)

/** Space, `,`, `]`, `}`, and the end of the text. */
const canFollowInteger = (code: number): boolean =>
  code <= 0x20 || code === 0x2c || code === 0x5d || code === 0x7d || Number.isNaN(code)

/**
 * Whether a key may have an escape: true also for some text that looks like one.
 *
 * V8 15 (Deno 2.9) may take such a key for one that an object before had: after `{"a":0,"\\":0}`, `JSON.parse` reads
 * `{"a":0,"\"":0}` as `{"a":0,"\\":0}`. This can go when no supported version does.
 */
const hasEscapedKey = (text: string): boolean => {
  for (let at = text.indexOf("\\"); at >= 0; at = text.indexOf("\\", at)) {
    at = endOfString(text, at)
    let next = at
    while (isSpace(text.charCodeAt(next))) next++
    if (text.charCodeAt(next) === colon) return true
  }
  return false
}

const numeral = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/
const integer = /^-?\d+$/

type Container = Array<unknown> | Record<string, unknown>

/** The whole grammar, without recursion. */
const parseExactly = (text: string): unknown => {
  const root: Array<unknown> = []
  const outer: Array<Container> = []
  let into: Container = root
  let key = ""
  let at = 0
  const fail = (expected: string): never => {
    throw new JsonSyntaxError(at, at < text.length ? expected : `${expected}, and not the end of the text`)
  }
  /** The next character that is no space, by its code; NaN at the end. */
  const next = (): number => {
    let code = text.charCodeAt(at)
    while (isSpace(code)) code = text.charCodeAt(++at)
    return code
  }
  const put = (value: unknown): void => {
    if (Array.isArray(into)) into.push(value)
    else setOwn(into, key, value)
  }
  const string = (): string => {
    const end = endOfString(text, at)
    try {
      const value: string = JSON.parse(text.slice(at, end))
      at = end
      return value
    } catch {
      return fail("text in double quotes, with its escapes")
    }
  }
  const readKey = (): void => {
    if (next() !== quoteMark) fail("a key in double quotes")
    key = string()
    if (next() !== colon) fail('":"')
    at++
  }
  /** A number, or one of the three words. */
  const literal = (): unknown => {
    let end = at
    while (isOfLiteral(text.charCodeAt(end))) end++
    const token = text.slice(at, end)
    const value = words.has(token) ? words.get(token) : numeral.test(token) ? Number(token) : fail("a value")
    at = end
    return Number.isSafeInteger(value) || !integer.test(token) ? value : BigInt(token)
  }
  for (;;) {
    const code = next()
    let isOpen = false
    if (code === brace || code === bracket) {
      at++
      const inner: Container = code === brace ? {} : []
      put(inner)
      outer.push(into)
      into = inner
      // In ASCII, closing ones are two places behind.
      isOpen = next() !== code + 2
      if (isOpen && code === brace) readKey()
    } else put(code === quoteMark ? string() : literal())
    if (isOpen) continue
    // What ends with this value, and a comma before the next one.
    for (;;) {
      const code = next()
      if (into === root) return at === text.length ? root[0] : fail("the end of the text")
      const opening = Array.isArray(into) ? bracket : brace
      if (code === comma) {
        at++
        if (opening === brace) readKey()
        break
      }
      if (code !== opening + 2) fail(opening === bracket ? '"," or "]"' : '"," or "}"')
      at++
      into = outer.pop() ?? root
    }
  }
}

const [quoteMark, comma, colon, bracket, brace] = [0x22, 0x2c, 0x3a, 0x5b, 0x7b]
const words: ReadonlyMap<string, unknown> = new Map<string, unknown>([["true", true], ["false", false], ["null", null]])

const isSpace = (code: number): boolean => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09

/** Letters, digits, `+`, `-` and `.`. */
const isOfLiteral = (code: number): boolean =>
  isDigit(code) || code >= 0x61 && code <= 0x7a || code >= 0x41 && code <= 0x5a || code === 0x2d || code === 0x2e ||
  code === 0x2b

/** Behind the closing quote of a string that begins at `at`; the end of the text where there is none. */
const endOfString = (text: string, at: number): number => {
  for (let end = text.indexOf('"', at + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let slashes = 0
    while (text.charCodeAt(end - 1 - slashes) === 0x5c) slashes++
    if (slashes % 2 === 0) return end + 1
  }
  return text.length
}

/** Gives an object a key of its own, whatever it is called: some runtimes take `__proto__` for something else. */
export const setOwn = (object: Record<string, unknown>, key: string, value: unknown): void => {
  if (key === "__proto__") {
    Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true })
  } else object[key] = value
}

// ---- Writing

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
    return refuseJson(error, field, row)
  }
}

/** Why a value cannot be written, in the name of a field. */
export const refuseJson = (error: unknown, field: string, row?: number): never => {
  if (error instanceof CodecError) throw error
  if (!(error instanceof NotJson)) {
    return refuseField(field, row, "what JSON can hold, got an object that throws", error)
  }
  const { path, expected } = error
  return refuseField(field, row, path.length === 0 ? expected : `${expected} at ${field}${shownPath(path)}`)
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
      if (!Number.isFinite(value)) return isExact ? refuse(String(value)) : `"${value}"`
      return numeralOf(value)
    case "boolean":
      return value ? "true" : "false"
    case "bigint":
      return isExact || Number.isSafeInteger(Number(value)) ? String(value) : `"${value}"`
    case "object":
      if (value === null) return "null"
      if (depth >= maxDepth) {
        return refuse(`lists and objects that are more than ${maxDepth} deep, or within themselves`)
      }
      return writeContainer(value, depth + 1, isExact)
    default:
      return refuse(describeValue(value))
  }
}

const refuse = (got: string): never => {
  throw new NotJson(`what JSON can hold, got ${got}`)
}

const quote = (text: string): string => {
  // deno-lint-ignore no-control-regex -- JSON escapes control characters
  if (!/["\\\u0000-\u001f\ud800-\udfff]/.test(text)) return `"${text}"`
  return text.isWellFormed() ? JSON.stringify(text) : refuse("text with a lone surrogate")
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
      return refuse(`an instance of ${nameOf(value)}`)
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
  if (value instanceof Date && Number.isNaN(value.getTime())) return refuse("an invalid Date")
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
