/**
 * Encodes the values of a filter in both forms: as text that every server reads as the same value, and as a template
 * value, which is sent next to the text.
 *
 * Strings are in double quotes, with `"`, `\`, line feed and carriage return escaped. Milvus 2.3 and later and
 * milvus-lite decode these escapes. A string with a lone surrogate is rejected, because UTF-8 cannot encode it.
 */
import * as Result from "effect/Result"
import type { TemplateElement, TemplateValue } from "../codec/messages/filterTemplate.ts"

/** An encoded value. */
export interface Literal {
  /** The value as text of the expression. */
  readonly text: string
  /** The value as text between square brackets, if it differs. */
  readonly listed?: string
  /** The value as a template value. Absent if servers accept it only in the text: an empty list. */
  readonly template?: TemplateValue
}

/** The expected value, and the index of the invalid one if it is in a list. */
export interface LiteralProblem {
  readonly index?: number
  readonly expected: string
  readonly actual?: string
}

type Read = Result.Result<Literal, LiteralProblem>

/** Encodes a boolean, a finite number, a 64-bit `bigint`, or a well-formed string. */
export const readScalar = (value: unknown): Read => {
  switch (typeof value) {
    case "boolean":
      return Result.succeed({ text: String(value), template: value })
    case "number":
      return Number.isFinite(value)
        ? Result.succeed({ text: numeral(value), template: value })
        : failLiteral("a finite number")
    case "bigint":
      if (value < minInt64 || value > maxInt64) return failLiteral("a 64-bit integer")
      return value === minInt64
        ? Result.succeed({ text: minInt64Text, listed: String(value), template: value })
        : Result.succeed({ text: String(value), template: value })
    case "string":
      return value.isWellFormed()
        ? Result.succeed({ text: quote(value), template: value })
        : failLiteral("well-formed Unicode text")
    default:
      return failLiteral(expected, undefined, describeLiteral(value))
  }
}

/** Encodes a list of booleans, numbers, or strings. */
export const readList = (values: ArrayLike<unknown>): Read =>
  Result.gen(function* () {
    const list = Array.from(values)
    const { text, elements } = yield* readElements(list, readScalar)
    const kinds = new Set(list.map((value) => typeof value === "bigint" ? "number" : typeof value))
    if (kinds.size > 1) {
      return yield* failLiteral("values of one type: booleans, numbers or strings (or use `filter.mixed`)")
    }
    const fraction = list.some((value) => typeof value === "number" && !Number.isSafeInteger(value))
    const inexact = fraction
      ? list.findIndex((value) => typeof value === "bigint" && BigInt(Number(value)) !== value)
      : -1
    if (inexact >= 0) return yield* failLiteral("an integer within +-2^53 when mixed with non-integers", inexact)
    return list.length === 0 ? { text } : { text, template: elements }
  })

/** Encodes a list of values of several types, including such lists, for JSON functions such as `json_contains`. */
export const readMixed = (values: ReadonlyArray<unknown>): Read => readNested(values, 0)

const readNested = (values: ReadonlyArray<unknown>, depth: number): Read =>
  depth > maxDepth ? failLiteral(`at most ${maxDepth} nested lists`) : Result.map(
    readElements(
      values,
      (value) => Array.isArray(value) ? readNested(value, depth + 1) : readScalar(value),
    ),
    ({ text, elements }) => values.length === 0 ? { text } : { text, template: elements },
  )

const readElements = (
  values: ReadonlyArray<unknown>,
  read: (value: unknown) => Read,
): Result.Result<{ readonly text: string; readonly elements: ReadonlyArray<TemplateElement> }, LiteralProblem> =>
  Result.gen(function* () {
    const texts: Array<string> = []
    const elements: Array<TemplateElement> = []
    for (const [index, value] of values.entries()) {
      const { text, listed, template } = yield* Result.mapError(
        read(value),
        ({ index: _, ...problem }) => ({ ...problem, index }),
      )
      texts.push(listed ?? text)
      // Cast: elements are scalars and lists of them. An empty list has no template value.
      elements.push((template ?? []) as TemplateElement)
    }
    return { text: `[${texts.join(", ")}]`, elements }
  })

/** Returns text as a string literal in double quotes. */
export const quote = (text: string): string => `"${text.replace(/["\\\n\r]/g, (it) => escapes[it] ?? it)}"`

const escapes: Readonly<Record<string, string>> = { '"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r" }

/**
 * Writes a safe integer as an integer, and any other number as a float: as an integer it could be changed or overflow.
 */
const numeral = (value: number): string => {
  const text = String(value)
  return Number.isSafeInteger(value) || !/^-?\d+$/.test(text) ? text : `${text}.0`
}

const [minInt64, maxInt64] = [-(2n ** 63n), 2n ** 63n - 1n]
/**
 * Milvus 2.3.5 parses the digits before the sign, so that they overflow. In a list it reports an error for this form.
 */
const minInt64Text = "(-9223372036854775807 - 1)"
const maxDepth = 32
const expected = "a boolean, a number, a bigint, a string, a list of one of these, or a part made by `filter`"

/** Describes a value that a filter cannot carry, without its contents. */
const describeLiteral = (value: unknown): string => {
  if (value === null || value === undefined) return String(value)
  return Array.isArray(value) ? "a list in a list" : typeof value === "object" ? "an object" : `a ${typeof value}`
}

const failLiteral = (expected: string, index?: number, actual?: string): Result.Result<never, LiteralProblem> =>
  Result.fail({
    expected,
    ...(index === undefined ? {} : { index }),
    ...(actual === undefined ? {} : { actual }),
  })
