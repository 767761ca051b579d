/**
 * Filters as template literals whose values never become syntax: `${...}` is always a value, whatever it contains.
 *
 * A filter is a pure value, and making one never throws. It is checked when it is used. A value that a filter cannot
 * carry (`null`, `NaN`, an object), a value inside quotes, or a bracket that is not closed is then a `CodecError` that
 * names the value by its position.
 *
 * A filter has two encodings. {@linkcode toExpression} writes the values into the text, escaped, which every server
 * reads. {@linkcode toTemplate} sends them next to the text (Milvus 2.5 and later: filter templating), so that the
 * server does not have to parse long lists. If the language allows only a constant (`text_match`, `ISO`, older `like`),
 * {@linkcode FilterTag.literal} keeps the value in the text.
 *
 * @example
 * ```ts
 * import { filter } from "@effect-milvus/client"
 *
 * const tags = ["new", 'so-called "classic"']
 * const cheap = filter`price < ${10}`
 * const found = filter`${cheap} and tag in ${tags}`
 *
 * // As text: (price < 10) and tag in ["new", "so-called \"classic\""]. As a template: (price < {v0}) and tag in {v1}
 * console.log(found._tag)
 * ```
 */
import * as Result from "effect/Result"
import type { TemplateValue } from "../codec/messages/filterTemplate.ts"
import { CodecError } from "../errors.ts"
import { renderPath } from "./fieldPath.ts"
import { type Literal, readList, readMixed, readScalar } from "./literal.ts"
import { checkTexts } from "./text.ts"

export type { TemplateElement, TemplateValue } from "../codec/messages/filterTemplate.ts"

/** One value. A number is sent as a 64-bit integer if it is a safe integer, and as a 64-bit float otherwise. */
export type FilterScalar = boolean | number | bigint | string

/** A list of values of one type, for `in` and similar operators. */
export type FilterList =
  | ReadonlyArray<boolean>
  | ReadonlyArray<number | bigint>
  | ReadonlyArray<string>
  | BigInt64Array
  | Int32Array
  | Float64Array

/** A list of values of several types, for JSON. */
export type FilterMixed = ReadonlyArray<FilterScalar | FilterMixed>

/** A value of `${...}` in a filter. */
export type FilterValue = FilterScalar | FilterList | FilterPart | Filter

/** A condition on rows. Its contents do not appear in logs. */
export interface Filter {
  /** Tag of the type. */
  readonly _tag: "Filter"
}

/** A part of a filter that is not a plain value: made by `filter.field`, `filter.literal` or `filter.mixed`. */
export interface FilterPart {
  /** Tag of the type. */
  readonly _tag: "FilterPart"
}

/** The template tag `filter`, with the functions that make parts and combine filters. */
export interface FilterTag {
  /** Makes a filter. A filter as a value of `${...}` is inserted in parentheses. */
  (texts: TemplateStringsArray, ...values: ReadonlyArray<FilterValue>): Filter
  /**
   * Refers to a field by a name that is known only at run time, optionally with a path into its JSON. A name that is
   * not an identifier refers to a dynamic key.
   */
  readonly field: (name: string, ...path: ReadonlyArray<string | number>) => FilterPart
  /** Makes a value that stays in the text in both encodings, for places that require a constant. */
  readonly literal: (value: FilterScalar | FilterList) => FilterPart
  /** Makes a list of values of several types, including lists, for `json_contains` and similar functions. */
  readonly mixed: (values: FilterMixed) => FilterPart
  /** Combines filters with `and`. At least one is required. */
  readonly all: (filters: Iterable<Filter>) => Filter
  /** Combines filters with `or`. At least one is required. */
  readonly any: (filters: Iterable<Filter>) => Filter
}

/** A filter for Milvus 2.5 and later: the text, and its `expr_template_values`. */
export interface FilterTemplate {
  /** The text, with a name in braces for each value. */
  readonly expression: string
  /** The values, by name. */
  readonly values: Readonly<Record<string, TemplateValue>>
}

// Classes with private fields, so that an object from JSON cannot pass for one of them.

class Condition implements Filter {
  readonly _tag = "Filter"
  readonly #texts: ReadonlyArray<string | undefined>
  readonly #values: ReadonlyArray<unknown>
  constructor(texts: ReadonlyArray<string | undefined>, values: ReadonlyArray<unknown>) {
    this.#texts = texts
    this.#values = values
  }
  static is(value: unknown): value is Condition {
    return typeof value === "object" && value !== null && #texts in value
  }
  render(label: string, encode: EncodeLiteral): Rendered {
    const [texts, values] = [this.#texts, this.#values]
    return Result.gen(function* () {
      const positions = yield* Result.mapError(
        checkTexts(texts),
        (expected) => new CodecError({ field: label, expected }),
      )
      let expression = texts[0] ?? ""
      for (const [index, value] of values.entries()) {
        // Servers accept only constants between square brackets.
        const text = yield* renderValue(
          `${label} value ${index + 1}`,
          value,
          positions[index] === "list" ? inList : encode,
        )
        const next = texts[index + 1] ?? ""
        expression += spaceBetween(expression, text) + text + (/^[\w$."']/.test(next) ? " " : "") + next
      }
      return expression.trim()
    })
  }
}

class Part implements FilterPart {
  readonly _tag = "FilterPart"
  readonly #render: (label: string, encode: EncodeLiteral) => Rendered
  constructor(render: (label: string, encode: EncodeLiteral) => Rendered) {
    this.#render = render
  }
  static is(value: unknown): value is Part {
    return typeof value === "object" && value !== null && #render in value
  }
  render(label: string, encode: EncodeLiteral): Rendered {
    return this.#render(label, encode)
  }
}

/**
 * Makes a part from its text. Fails when the filter is used, if the text does.
 *
 * @internal
 */
export const partOf = (text: () => Result.Result<string, CodecError>): FilterPart => new Part(text)

type Rendered = Result.Result<string, CodecError>
/** Encodes a value at its position in the expression. */
type EncodeLiteral = (literal: Literal) => string

/** Returns a space if a value would otherwise merge with the text before it. */
const spaceBetween = (before: string, text: string): string =>
  /[\w$."'\])]$/.test(before) || text.startsWith("-") && /[-+*/%~!]$/.test(before) ? " " : ""

const inText: EncodeLiteral = ({ text }) => text
const inList: EncodeLiteral = ({ text, listed = text }) => listed

const renderValue = (label: string, value: unknown, encode: EncodeLiteral): Rendered => {
  if (Condition.is(value)) return Result.map(value.render(label, encode), (text) => `(${text})`)
  if (Part.is(value)) return value.render(label, encode)
  return Result.map(read(label, value), encode)
}

const read = (label: string, value: unknown): Result.Result<Literal, CodecError> =>
  withLabel(label, isList(value) ? readList(value) : readScalar(value))

const isList = (value: unknown): value is ArrayLike<unknown> =>
  Array.isArray(value) || value instanceof BigInt64Array || value instanceof Int32Array || value instanceof Float64Array

const withLabel = (
  label: string,
  result: ReturnType<typeof readScalar>,
): Result.Result<Literal, CodecError> =>
  Result.mapError(
    result,
    ({ index, ...problem }) =>
      new CodecError({ field: index === undefined ? label : `${label}[${index}]`, ...problem }),
  )

/** Whether the tag was called by a template literal: only then is the list of texts frozen, and has the raw texts. */
const isTemplate = (texts: TemplateStringsArray): boolean =>
  Array.isArray(texts) && Object.isFrozen(texts) && Array.isArray(texts.raw) && Object.isFrozen(texts.raw)

const join = (word: "and" | "or", filters: ReadonlyArray<Filter>): Filter =>
  new Condition(["", ...filters.slice(1).map(() => ` ${word} `), ""].slice(0, filters.length + 1), filters)

/** Template tag that makes filters. */
export const filter: FilterTag = Object.assign(
  (texts: TemplateStringsArray, ...values: ReadonlyArray<FilterValue>): Filter =>
    new Condition(isTemplate(texts) ? texts : [undefined], values),
  {
    field: (name: string, ...path: ReadonlyArray<string | number>): FilterPart =>
      new Part((label) =>
        Result.mapError(renderPath([name, ...path]), (expected) => new CodecError({ field: label, expected }))
      ),
    literal: (value: FilterScalar | FilterList): FilterPart =>
      new Part((label) => Result.map(read(label, value), inText)),
    mixed: (values: FilterMixed): FilterPart =>
      new Part((label, encode) =>
        Array.isArray(values)
          ? Result.map(withLabel(label, readMixed(values)), encode)
          : Result.fail(new CodecError({ field: label, expected: "a list" }))
      ),
    all: (filters: Iterable<Filter>): Filter => join("and", [...filters]),
    any: (filters: Iterable<Filter>): Filter => join("or", [...filters]),
  },
)

/** Whether a value is a filter. */
export const isFilter = (value: unknown): value is Filter => Condition.is(value)

/** Encodes a filter as one text that contains the values, for all servers. Fails with `CodecError` if it is invalid. */
export const toExpression = (filter: Filter): Result.Result<string, CodecError> => renderFilter(filter, inText)

/**
 * Encodes a filter as a text with a name for each value, and the values by name, for Milvus 2.5 and later. Fails with
 * `CodecError` if it is invalid.
 */
export const toTemplate = (filter: Filter): Result.Result<FilterTemplate, CodecError> => {
  const values: Record<string, TemplateValue> = {}
  let count = 0
  const expression = renderFilter(filter, ({ text, template }) => {
    if (template === undefined) return text
    const name = `v${count++}`
    values[name] = template
    return `{${name}}`
  })
  return Result.map(expression, (expression) => ({ expression, values }))
}

const renderFilter = (filter: Filter, encode: EncodeLiteral): Rendered =>
  Condition.is(filter)
    ? filter.render("filter", encode)
    : Result.fail(new CodecError({ field: "filter", expected: "a filter made by the tag `filter`" }))
