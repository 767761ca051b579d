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
import { bloomFilter } from "./bloomFilter.ts"
import { renderPath } from "./fieldPath.ts"
import { type Literal, type LiteralProblem, readList, readMixed, readScalar } from "./literal.ts"
import type { Members } from "./members.ts"
import { roaringBitmap } from "./roaringBitmap.ts"
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

/**
 * A Bloom filter of integers or texts, made by `filter.bloom`: a set that is small to send. Rows of other values match
 * as well, as often as its false positive rate.
 */
export interface BloomFilter<out Of extends "integer" | "text" = "integer" | "text"> extends FilterPart {
  /** How the set is encoded. */
  readonly encoding: "bloom"
  /** The type of its members. */
  readonly of: Of
}

/** A Roaring bitmap of integers, made by `filter.roaring`: a set that is small to send, and exact. */
export interface RoaringBitmap extends FilterPart {
  /** How the set is encoded. */
  readonly encoding: "roaring"
  /** The type of its members. */
  readonly of: "integer"
}

/** Options for `filter.bloom`. */
export interface BloomOptions {
  /**
   * Largest share of rows outside of the set that match nevertheless, from 0.0001 to 0.05.
   *
   * @default 0.005
   */
  readonly falsePositiveRate?: number | undefined
}

/** Makes Bloom filters. */
export interface MakeBloomFilter {
  /** Makes a Bloom filter of integers. */
  (members: Iterable<number | bigint>, options?: BloomOptions): BloomFilter<"integer">
  /** Makes a Bloom filter of texts. */
  (members: Iterable<string>, options?: BloomOptions): BloomFilter<"text">
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
  /**
   * Makes a Bloom filter of integers or texts, for many values in a small request: about 1.4 bytes for each, up to
   * twice as much. It may be used many times. Not for deletes. Milvus 3.0.2 and later.
   */
  readonly bloom: MakeBloomFilter
  /**
   * Makes a Roaring bitmap of integers, for many values in a small request: 2 bytes for each or less if they are dense,
   * up to 22 if they are far apart. It may be used many times. Milvus 3.0.2 and later.
   */
  readonly roaring: (members: Iterable<number | bigint>) => RoaringBitmap
  /** Returns the opposite of a filter. */
  readonly not: (filter: Filter) => Filter
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

/**
 * What a filter needs that not every server has.
 *
 * @internal
 */
export interface Feature {
  /** Its name, in the expression language. */
  readonly name: string
  /** The first version of Milvus that has it. */
  readonly since: string
  /** `false` if milvus-lite does not have it. */
  readonly lite?: false
  /** Whether rows match that should not, so that it is unfit for deletes. */
  readonly isApproximate?: boolean
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
  get features(): ReadonlyArray<Feature> {
    return this.#values.flatMap((value) => Condition.is(value) || Part.is(value) ? value.features : [])
  }
  render(label: string, encoding: Encoding): Rendered {
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
          positions[index] === "list" ? inList : encoding,
        )
        const next = texts[index + 1] ?? ""
        expression += spaceBetween(expression, text) + text + (/^[\w$."']/.test(next) ? " " : "") + next
      }
      return expression.trim()
    })
  }
}

type Render = (label: string, encoding: Encoding) => Rendered

class Part implements FilterPart {
  readonly _tag = "FilterPart"
  readonly #render: Render
  readonly #features: ReadonlyArray<Feature>
  constructor(render: Render, features: ReadonlyArray<Feature> = []) {
    this.#render = render
    this.#features = features
  }
  static is(value: unknown): value is Part {
    return typeof value === "object" && value !== null && #render in value
  }
  get features(): ReadonlyArray<Feature> {
    return this.#features
  }
  render(label: string, encoding: Encoding): Rendered {
    return this.#render(label, encoding)
  }
}

class MembersPart<Encoding extends "bloom" | "roaring", Of extends "integer" | "text"> extends Part {
  readonly encoding: Encoding
  readonly of: Of
  constructor(encoding: Encoding, members: Members) {
    const feature = {
      name: "membership_match",
      since: "3.0.2",
      lite: false,
      isApproximate: encoding === "bloom",
    } as const
    super((label, { blob }) =>
      Result.flatMap(members.bytes, (bytes) => {
        const name = blob(bytes)
        return name === undefined
          ? Result.fail({ expected: "a value that has a text; this is a set for `membership_match`" })
          : Result.succeed(name)
      }).pipe(Result.mapError((problem) => codecError(label, problem))), [feature])
    this.encoding = encoding
    // Cast: an empty set is one of either type.
    this.of = members.of as Of
  }
}

/**
 * Makes a part from its text. Fails when the filter is used, if the text does.
 *
 * @internal
 */
export const partOf = (text: () => Result.Result<string, CodecError>): FilterPart => new Part(text)

/**
 * Returns a part that is the same, but needs a feature.
 *
 * @internal
 */
export const needing = (feature: Feature, part: FilterPart): FilterPart =>
  Part.is(part) ? new Part((label, encoding) => part.render(label, encoding), [feature, ...part.features]) : part

/**
 * Returns a filter as a part whose values stay in the text in both encodings.
 *
 * @internal
 */
export const inConstants = (filter: Filter): FilterPart =>
  Condition.is(filter) ? new Part((label) => filter.render(label, inText), filter.features) : partOf(failFilter)

/**
 * Whether a value is a set made by `filter.bloom` or `filter.roaring`.
 *
 * @internal
 */
export const isMembers = (value: unknown): value is BloomFilter | RoaringBitmap => value instanceof MembersPart

/**
 * Returns what a filter needs that not every server has.
 *
 * @internal
 */
export const featuresOf = (filter: Filter): ReadonlyArray<Feature> => Condition.is(filter) ? filter.features : []

type Rendered = Result.Result<string, CodecError>
/** Encodes the values of an expression. */
interface Encoding {
  /** Encodes a value at its position. */
  readonly literal: (literal: Literal) => string
  /** Encodes bytes; `undefined` if this encoding has none. */
  readonly blob: (bytes: Uint8Array) => string | undefined
}

/** Returns a space if a value would otherwise merge with the text before it. */
const spaceBetween = (before: string, text: string): string =>
  /[\w$."'\])]$/.test(before) || text.startsWith("-") && /[-+*/%~!]$/.test(before) ? " " : ""

const noBlob = () => undefined
const inText: Encoding = { literal: ({ text }) => text, blob: noBlob }
const inList: Encoding = { literal: ({ text, listed = text }) => listed, blob: noBlob }

const renderValue = (label: string, value: unknown, encoding: Encoding): Rendered => {
  if (Condition.is(value)) return Result.map(value.render(label, encoding), (text) => `(${text})`)
  if (Part.is(value)) return value.render(label, encoding)
  return Result.map(read(label, value), encoding.literal)
}

const read = (label: string, value: unknown): Result.Result<Literal, CodecError> =>
  withLabel(label, isList(value) ? readList(value) : readScalar(value))

const isList = (value: unknown): value is ArrayLike<unknown> =>
  Array.isArray(value) || value instanceof BigInt64Array || value instanceof Int32Array || value instanceof Float64Array

const withLabel = (
  label: string,
  result: ReturnType<typeof readScalar>,
): Result.Result<Literal, CodecError> => Result.mapError(result, (problem) => codecError(label, problem))

const codecError = (label: string, { index, ...problem }: LiteralProblem): CodecError =>
  new CodecError({ field: index === undefined ? label : `${label}[${index}]`, ...problem })

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
      new Part((label) => Result.map(read(label, value), inText.literal)),
    mixed: (values: FilterMixed): FilterPart =>
      new Part((label, { literal }) =>
        Array.isArray(values)
          ? Result.map(withLabel(label, readMixed(values)), literal)
          : Result.fail(new CodecError({ field: label, expected: "a list" }))
      ),
    // Cast: overloads of a function are not inferred from its body.
    bloom: ((members, options) => new MembersPart("bloom", bloomFilter(members, options))) as MakeBloomFilter,
    roaring: (members: Iterable<number | bigint>): RoaringBitmap => new MembersPart("roaring", roaringBitmap(members)),
    not: (filter: Filter): Filter => new Condition(["not ", ""], [Condition.is(filter) ? filter : partOf(failFilter)]),
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
  const name = naming(values)
  const literal = ({ text, template }: Literal) => template === undefined ? text : name(template)
  return Result.map(renderFilter(filter, { literal, blob: name }), (expression) => ({ expression, values }))
}

/**
 * Encodes a filter as one text that contains the values, and the sets, which have no text, by name. Fails with
 * `CodecError` if it is invalid.
 *
 * @internal
 */
export const toExpressionAndSets = (
  filter: Filter,
): Result.Result<{ readonly expression: string; readonly sets: Readonly<Record<string, Uint8Array>> }, CodecError> => {
  const sets: Record<string, Uint8Array> = {}
  const expression = renderFilter(filter, { literal: inText.literal, blob: naming(sets) })
  return Result.map(expression, (expression) => ({ expression, sets }))
}

/** Returns a function that adds a value to others, and returns its name in braces. */
const naming = <V>(values: Record<string, V>): (value: V) => string => {
  let count = 0
  return (value) => {
    const name = `v${count++}`
    values[name] = value
    return `{${name}}`
  }
}

const failFilter = (): Result.Result<never, CodecError> =>
  Result.fail(new CodecError({ field: "filter", expected: "a filter made by the tag `filter`" }))

const renderFilter = (filter: Filter, encoding: Encoding): Rendered =>
  Condition.is(filter) ? filter.render("filter", encoding) : failFilter()
