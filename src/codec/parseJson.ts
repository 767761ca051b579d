/**
 * Parses JSON text and keeps every digit of its integers.
 *
 * An integer beyond 2^53, which `JSON.parse` rounds, is a `bigint`. Any other number is the double that `JSON.parse`
 * returns, including a number whose value is an integer but which has a fraction or an exponent (`1e20`).
 *
 * The stack does not limit the nesting depth, and no prototype is set: `__proto__` is a key like any other.
 */

/** The error for a text that is not JSON. */
export class JsonSyntaxError extends SyntaxError {
  /** The position of the error, in UTF-16 units from 0. */
  readonly position: number
  /** A description of the text that is expected there. */
  readonly expected: string

  constructor(position: number, expected: string) {
    super(`at position ${position}: expected ${expected}`)
    this.position = position
    this.expected = expected
  }
}

/** Returns the value of a JSON text. Throws only {@linkcode JsonSyntaxError}. */
export const parseJson = (text: string): unknown => {
  if (!hasLongInteger(text) && !hasEscapedKey(text)) {
    try {
      return JSON.parse(text)
    } catch {
      // The parser below finds the position of the error.
    }
  }
  return parseExactly(text)
}

const maxSafeDigits = String(Number.MAX_SAFE_INTEGER)
/** An integer beyond 2^53 has at least this many digits. */
const long = maxSafeDigits.length

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39

/** For each character code below 128, 1 if the character occurs only inside strings. */
const isOnlyInStrings = Uint8Array.from(
  { length: 128 },
  (_, code) => /[^\s\d{}[\]:,"+.eEtrufalsn-]/.test(String.fromCharCode(code)) ? 1 : 0,
)

/**
 * Whether the text may contain an integer beyond 2^53. Returns false only if it contains none; it may also return true
 * for text that merely looks like one. Such an integer has a digit at every 16th character, so most characters are
 * skipped.
 */
const hasLongInteger = (text: string): boolean => {
  const { length } = text
  for (let at = long - 1; at < length; at += long) {
    const code = text.charCodeAt(at)
    if (!isDigit(code)) {
      // Skip to the end of the string.
      if (isOnlyInStrings[code] === 1) at = text.indexOf('"', at)
      if (at < 0) return false
      continue
    }
    let start = at
    while (start > at - long && isDigit(text.charCodeAt(start - 1))) start--
    // Not an integer: the digits belong to a fraction, to text, or to a number that was examined before.
    if (!canPrecedeInteger(text.charCodeAt(start - 1))) continue
    // This one character rules out most integers with fewer digits.
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

/** Whether the character is white space, `,`, `:`, `[` or `-`, or the text begins here. */
const canPrecedeInteger = (code: number): boolean =>
  code <= 0x20 || code === 0x2c || code === 0x3a || code === 0x5b || code === 0x2d || Number.isNaN(code)

/** Whether the character is white space, `,`, `]` or `}`, or the text ends here. */
const canFollowInteger = (code: number): boolean =>
  code <= 0x20 || code === 0x2c || code === 0x5d || code === 0x7d || Number.isNaN(code)

/**
 * Whether the text may have a key with an escape. It may also return true for text that merely looks like one.
 *
 * V8 15 (Deno 2.9) may mistake such a key for a key of an earlier object: after `{"a":0,"\\":0}`, `JSON.parse` returns
 * `{"a":0,"\\":0}` for `{"a":0,"\"":0}`. This check can go when no supported version has the bug.
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

/** Parses the whole grammar, without recursion. */
const parseExactly = (text: string): unknown => {
  const root: Array<unknown> = []
  const outer: Array<Container> = []
  let into: Container = root
  let key = ""
  let at = 0
  const fail = (expected: string): never => {
    throw new JsonSyntaxError(at, at < text.length ? expected : `${expected}, and not the end of the text`)
  }
  /** Skips white space and returns the code of the next character; NaN at the end. */
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
  /** Reads a number, `true`, `false` or `null`. */
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
      // In ASCII, the code of a closing bracket is that of the opening one plus 2.
      isOpen = next() !== code + 2
      if (isOpen && code === brace) readKey()
    } else put(code === quoteMark ? string() : literal())
    if (isOpen) continue
    // Close every list and object that ends here, and read the comma before the next value.
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

/** Whether the character is a letter, a digit, `+`, `-` or `.`. */
const isOfLiteral = (code: number): boolean =>
  isDigit(code) || code >= 0x61 && code <= 0x7a || code >= 0x41 && code <= 0x5a || code === 0x2d || code === 0x2e ||
  code === 0x2b

/** Returns the position after the closing quote of the string that begins at `at`; the end of the text without one. */
const endOfString = (text: string, at: number): number => {
  for (let end = text.indexOf('"', at + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let slashes = 0
    while (text.charCodeAt(end - 1 - slashes) === 0x5c) slashes++
    if (slashes % 2 === 0) return end + 1
  }
  return text.length
}

/** Sets an own property of an object, whatever its name: a plain assignment to `__proto__` may set the prototype. */
export const setOwn = (object: Record<string, unknown>, key: string, value: unknown): void => {
  if (key === "__proto__") {
    Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true })
  } else object[key] = value
}
