/**
 * Filters as templates whose values never become syntax: what stands in `${...}` is a value, whatever is in it.
 *
 * A filter is a pure value; making one never throws. It is looked at where it is used: a value that no filter can carry
 * (`null`, `NaN`, an object), a value inside of quotes, or a bracket that is not closed is then a `CodecError` that names
 * the value by its place.
 *
 * It renders two ways. {@linkcode toExpression} writes the values into the text, escaped, which every server reads.
 * {@linkcode toTemplate} sends them beside the text (Milvus 2.5: filter templating), which saves the server from parsing
 * long lists; where the language has a place for a constant only (`text_match`, `ISO`, older `like`),
 * {@linkcode FilterTag.literal} keeps one in the text.
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
 *
 * @module
 */
import * as Result from "effect/Result"
import type { TemplateValue } from "../codec/messages/filterTemplate.ts"
import { CodecError } from "../errors.ts"
import { renderPath } from "./fieldPath.ts"
import { type Literal, readList, readMixed, readScalar } from "./literal.ts"
import { checkTexts } from "./text.ts"

export type { TemplateElement, TemplateValue } from "../codec/messages/filterTemplate.ts"

/** One value: a number is an integer of 64 bits where it is a safe one, and of 64 bits with a fraction otherwise. */
export type FilterScalar = boolean | number | bigint | string

/** A list of one kind, for `in` and the like. */
export type FilterList =
  | ReadonlyArray<boolean>
  | ReadonlyArray<number | bigint>
  | ReadonlyArray<string>
  | BigInt64Array
  | Int32Array
  | Float64Array

/** A list of several kinds, for JSON. */
export type FilterMixed = ReadonlyArray<FilterScalar | FilterMixed>

/** What may stand in `${...}`. */
export type FilterValue = FilterScalar | FilterList | FilterPart | Filter

/** A condition on rows. What it holds shows in no log. */
export interface Filter {
  /** What it is. */
  readonly _tag: "Filter"
}

/** A part of a filter that is not a plain value: made by `filter.field`, `filter.literal` or `filter.mixed`. */
export interface FilterPart {
  /** What it is. */
  readonly _tag: "FilterPart"
}

/** The tag, and what makes parts. */
export interface FilterTag {
  /** Makes a filter. A filter in `${...}` is inserted in parentheses. */
  (texts: TemplateStringsArray, ...values: ReadonlyArray<FilterValue>): Filter
  /**
   * A field by a name that the program only knows when it runs, and a path into JSON below it. A name that is no
   * identifier is that of a dynamic field.
   */
  readonly field: (name: string, ...path: ReadonlyArray<string | number>) => FilterPart
  /** A value that stays in the text in both forms, where the language wants a constant. */
  readonly literal: (value: FilterScalar | FilterList) => FilterPart
  /** A list of several kinds, and of lists, for `json_contains` and the like. */
  readonly mixed: (values: FilterMixed) => FilterPart
  /** All of them, one at least. */
  readonly all: (filters: Iterable<Filter>) => Filter
  /** Any of them, one at least. */
  readonly any: (filters: Iterable<Filter>) => Filter
}

/** A filter as servers from Milvus 2.5 on take it: `expr_template_values` beside the text. */
export interface FilterTemplate {
  /** The text, with a name in braces for each value. */
  readonly expression: string
  /** The values by their names. */
  readonly values: Readonly<Record<string, TemplateValue>>
}

// Classes with private fields: no object out of JSON can pass for one of them.

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
  render(at: string, slot: Slot): Rendered {
    const [texts, values] = [this.#texts, this.#values]
    return Result.gen(function* () {
      const places = yield* Result.mapError(
        checkTexts(texts),
        (expected) => new CodecError({ field: at, expected }),
      )
      let expression = texts[0] ?? ""
      for (const [index, value] of values.entries()) {
        // Servers read constants alone between square brackets.
        const text = yield* renderValue(`${at} value ${index + 1}`, value, places[index] === "list" ? inList : slot)
        const next = texts[index + 1] ?? ""
        expression += spaceBetween(expression, text) + text + (/^[\w$."']/.test(next) ? " " : "") + next
      }
      return expression.trim()
    })
  }
}

class Part implements FilterPart {
  readonly _tag = "FilterPart"
  readonly #render: (at: string, slot: Slot) => Rendered
  constructor(render: (at: string, slot: Slot) => Rendered) {
    this.#render = render
  }
  static is(value: unknown): value is Part {
    return typeof value === "object" && value !== null && #render in value
  }
  render(at: string, slot: Slot): Rendered {
    return this.#render(at, slot)
  }
}

type Rendered = Result.Result<string, CodecError>
/** How a value stands in the expression. */
type Slot = (literal: Literal) => string

/** Keeps a value from growing together with what comes before it. */
const spaceBetween = (before: string, text: string): string =>
  /[\w$."'\])]$/.test(before) || text.startsWith("-") && /[-+*/%~!]$/.test(before) ? " " : ""

const inText: Slot = ({ text }) => text
const inList: Slot = ({ text, listed = text }) => listed

const renderValue = (at: string, value: unknown, slot: Slot): Rendered => {
  if (Condition.is(value)) return Result.map(value.render(at, slot), (text) => `(${text})`)
  if (Part.is(value)) return value.render(at, slot)
  return Result.map(read(at, value), slot)
}

const read = (at: string, value: unknown): Result.Result<Literal, CodecError> =>
  refusedAt(at, isList(value) ? readList(value) : readScalar(value))

const isList = (value: unknown): value is ArrayLike<unknown> =>
  Array.isArray(value) || value instanceof BigInt64Array || value instanceof Int32Array || value instanceof Float64Array

const refusedAt = (
  at: string,
  result: ReturnType<typeof readScalar>,
): Result.Result<Literal, CodecError> =>
  Result.mapError(
    result,
    ({ index, expected }) => new CodecError({ field: index === undefined ? at : `${at}[${index}]`, expected }),
  )

/** Only a template gives a frozen list with the raw texts: text from elsewhere is not taken for one. */
const isTemplate = (texts: TemplateStringsArray): boolean =>
  Array.isArray(texts) && Object.isFrozen(texts) && Array.isArray(texts.raw) && Object.isFrozen(texts.raw)

const join = (word: "and" | "or", filters: ReadonlyArray<Filter>): Filter =>
  new Condition(["", ...filters.slice(1).map(() => ` ${word} `), ""].slice(0, filters.length + 1), filters)

/** Makes filters. */
export const filter: FilterTag = Object.assign(
  (texts: TemplateStringsArray, ...values: ReadonlyArray<FilterValue>): Filter =>
    new Condition(isTemplate(texts) ? texts : [undefined], values),
  {
    field: (name: string, ...path: ReadonlyArray<string | number>): FilterPart =>
      new Part((at) =>
        Result.mapError(renderPath([name, ...path]), (expected) => new CodecError({ field: at, expected }))
      ),
    literal: (value: FilterScalar | FilterList): FilterPart => new Part((at) => Result.map(read(at, value), inText)),
    mixed: (values: FilterMixed): FilterPart =>
      new Part((at, slot) =>
        Array.isArray(values)
          ? Result.map(refusedAt(at, readMixed(values)), slot)
          : Result.fail(new CodecError({ field: at, expected: "a list" }))
      ),
    all: (filters: Iterable<Filter>): Filter => join("and", [...filters]),
    any: (filters: Iterable<Filter>): Filter => join("or", [...filters]),
  },
)

/** Whether something is a filter. */
export const isFilter = (value: unknown): value is Filter => Condition.is(value)

/** As one text with the values in it, which every server reads. */
export const toExpression = (filter: Filter): Result.Result<string, CodecError> => renderFilter(filter, inText)

/** As a text with a name for each value, and the values beside it, for Milvus 2.5 and later. */
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

const renderFilter = (filter: Filter, slot: Slot): Rendered =>
  Condition.is(filter)
    ? filter.render("filter", slot)
    : Result.fail(new CodecError({ field: "filter", expected: "a filter made by the tag `filter`" }))
