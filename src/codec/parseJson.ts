/**
 * Parses JSON text and keeps every digit of its integers.
 *
 * An integer beyond 2^53, which `JSON.parse` rounds, is a `bigint`. Any other number is the double that `JSON.parse` returns, also
 * one whose value is an integer but which has a fraction or an exponent (`1e20`).
 *
 * The depth of the text is not limited by the stack, and no prototype is set: `__proto__` is a key like any other.
 */

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
