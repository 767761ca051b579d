/**
 * Values of a filter in its two forms: as text that no server reads as anything else, and as a template value, which
 * travels beside the text.
 *
 * Text is in double quotes, with `"`, `\`, line feed and carriage return escaped, which is what every server reads back:
 * Milvus from 2.3 on and milvus-lite. A lone surrogate is not text that UTF-8 can carry, and is refused.
 *
 * @module
 */
import * as Result from "effect/Result"
import type { TemplateElement, TemplateValue } from "../codec/messages/filterTemplate.ts"

/** A value that was looked at. */
export interface Literal {
  /** As text of the expression. */
  readonly text: string
  /** As text between square brackets, where that is another. */
  readonly listed?: string
  /** Beside the expression; absent where servers take it in the text alone: an empty list. */
  readonly template?: TemplateValue
}

/** What would have been right, and where inside of a list. */
export interface LiteralProblem {
  readonly index?: number
  readonly expected: string
}

type Read = Result.Result<Literal, LiteralProblem>

/** A boolean, a finite number, a `bigint` of 64 bits, or well-formed text. */
export const readScalar = (value: unknown): Read => {
  switch (typeof value) {
    case "boolean":
      return Result.succeed({ text: String(value), template: value })
    case "number":
      return Number.isFinite(value)
        ? Result.succeed({ text: numeral(value), template: value })
        : failLiteral("a finite number")
    case "bigint":
      if (value < least || value > most) return failLiteral("an integer of 64 bits")
      return value === least
        ? Result.succeed({ text: leastText, listed: String(value), template: value })
        : Result.succeed({ text: String(value), template: value })
    case "string":
      return value.isWellFormed()
        ? Result.succeed({ text: quote(value), template: value })
        : failLiteral("text without lone surrogates, which UTF-8 cannot carry")
    default:
      return failLiteral(`${expected}, got ${shown(value)}`)
  }
}

/** A list of booleans, of numbers, or of text. */
export const readList = (values: ArrayLike<unknown>): Read =>
  Result.gen(function* () {
    const list = Array.from(values)
    const { text, elements } = yield* readElements(list, readScalar)
    const kinds = new Set(list.map((value) => typeof value === "bigint" ? "number" : typeof value))
    if (kinds.size > 1) return yield* failLiteral("values of one kind: booleans, numbers or text (or `filter.mixed`)")
    const fraction = list.some((value) => typeof value === "number" && !Number.isSafeInteger(value))
    const inexact = fraction
      ? list.findIndex((value) => typeof value === "bigint" && BigInt(Number(value)) !== value)
      : -1
    if (inexact >= 0) return yield* failLiteral("an integer below 2^53 beside numbers that are none", inexact)
    return list.length === 0 ? { text } : { text, template: elements }
  })

/** A list of values of several kinds, and of such lists: for JSON, as the functions `json_contains...` take it. */
export const readMixed = (values: ReadonlyArray<unknown>): Read => readNested(values, 0)

const readNested = (values: ReadonlyArray<unknown>, depth: number): Read =>
  depth > maxDepth ? failLiteral(`lists at most ${maxDepth} deep`) : Result.map(
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
      const { text, listed, template } = yield* Result.mapError(read(value), ({ expected }) => ({ index, expected }))
      texts.push(listed ?? text)
      // Cast: elements are scalars and lists of them; an empty list has no template of its own.
      elements.push((template ?? []) as TemplateElement)
    }
    return { text: `[${texts.join(", ")}]`, elements }
  })

/** Text in double quotes that reads back as it is. */
export const quote = (text: string): string => `"${text.replace(/["\\\n\r]/g, (it) => escapes[it] ?? it)}"`

const escapes: Readonly<Record<string, string>> = { '"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r" }

/** An integer where it is a safe one, and never one otherwise: it would be another number, or none of 64 bits. */
const numeral = (value: number): string => {
  const text = String(value)
  return Number.isSafeInteger(value) || !/^-?\d+$/.test(text) ? text : `${text}.0`
}

const [least, most] = [-(2n ** 63n), 2n ** 63n - 1n]
/** Milvus 2.3.5 reads the digits before the sign, and they are too many; in a list it says so. */
const leastText = "(-9223372036854775807 - 1)"
const maxDepth = 32
const expected = "a boolean, a number, a bigint, text, a list of one of them, or a part made by `filter`"

const shown = (value: unknown): string => {
  if (value === null || value === undefined) return String(value)
  return Array.isArray(value) ? "a list in a list" : typeof value === "object" ? "an object" : `a ${typeof value}`
}

const failLiteral = (expected: string, index?: number): Result.Result<never, LiteralProblem> =>
  Result.fail(index === undefined ? { expected } : { expected, index })
