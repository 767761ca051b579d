/**
 * Conditions on the fields of a definition, typed by it: names and values that do not fit are errors at compile time.
 * A value of another type in an untyped program is a `CodecError` when the filter is used, before anything is sent.
 *
 * @example
 * ```ts
 * import { Collection, Field, filter, where } from "@effect-milvus/client"
 *
 * const Books = Collection.define("books", {
 *   id: Field.int64({ primaryKey: true }),
 *   title: Field.varChar({ maxLength: 100 }),
 *   year: Field.int32(),
 *   tags: Field.array(Field.varChar({ maxLength: 20 }), { maxCapacity: 8 }),
 *   vector: Field.floatVector({ dimension: 4 }),
 * })
 * const book = where(Books)
 * const old = filter.all([book.year.lt(1900), book.title.startsWith("The "), book.tags.contains("novel")])
 * console.log(old._tag)
 * ```
 */
import * as Result from "effect/Result"
import { describeValue } from "../codec/errors.ts"
import { CodecError } from "../errors.ts"
import type { CollectionDefinition, IsDynamic, Untyped } from "../schema/definition.ts"
import type { AnyField, FieldType } from "../schema/fieldTypes.ts"
import { renderPath } from "./fieldPath.ts"
import {
  type Filter,
  filter,
  type FilterList,
  type FilterMixed,
  type FilterPart,
  type FilterScalar,
  partOf,
} from "./Filter.ts"

/** Conditions on a value that has an order. */
export interface Comparable<V> {
  /** Equal to a value. */
  readonly eq: (value: V) => Filter
  /** Not equal to a value. */
  readonly ne: (value: V) => Filter
  /** Less than a value. */
  readonly lt: (value: V) => Filter
  /** At most a value. */
  readonly le: (value: V) => Filter
  /** Greater than a value. */
  readonly gt: (value: V) => Filter
  /** At least a value. */
  readonly ge: (value: V) => Filter
  /** From one value to another, both included. */
  readonly between: (from: V, to: V) => Filter
  /** One of some values, of which there must be at least one. */
  readonly in: (values: ReadonlyArray<V>) => Filter
  /** None of some values, of which there must be at least one. */
  readonly notIn: (values: ReadonlyArray<V>) => Filter
}

/** Conditions on any field: whether it has a value. Milvus 2.5 and later. */
export interface Presence {
  /** The field has no value. */
  readonly isNull: () => Filter
  /** The field has a value. */
  readonly isNotNull: () => Filter
}

/** Conditions on a text. */
export interface TextFilter extends Comparable<string>, Presence {
  /** The text begins with another one, in which `%`, `_` and `\` have no special meaning. */
  readonly startsWith: (text: string) => Filter
  /** The text ends with another one. Milvus 2.4 and later. milvus-lite finds no text with a backslash. */
  readonly endsWith: (text: string) => Filter
  /** The text contains another one. Milvus 2.4 and later. milvus-lite finds no text with a backslash. */
  readonly includes: (text: string) => Filter
  /** The text fits a pattern of `like`: `%` stands for any text, `_` for any character, `\` escapes both. */
  readonly like: (pattern: string) => Filter
  /** The text has at least one of the tokens of another one. The field needs `match: true`. Milvus 2.5 and later. */
  readonly matches: (text: string) => Filter
  /** The text has the tokens of a phrase in their order, `slop` tokens apart at most. Milvus 2.6 and later. */
  readonly matchesPhrase: (phrase: string, slop?: number) => Filter
}

/** Conditions on a boolean. */
export interface BooleanFilter extends Presence {
  /** Equal to a value. */
  readonly eq: (value: boolean) => Filter
  /** Not equal to a value. */
  readonly ne: (value: boolean) => Filter
}

/** Conditions on an array. Milvus 2.3 and later. */
export interface ArrayFilter<V> extends Presence {
  /** The array has an element. */
  readonly contains: (value: V) => Filter
  /** The array has all of some elements. */
  readonly containsAll: (values: ReadonlyArray<V>) => Filter
  /** The array has one of some elements. */
  readonly containsAny: (values: ReadonlyArray<V>) => Filter
  /** Conditions on the number of elements. */
  readonly length: Comparable<number>
  /** Conditions on an element, counted from 0. Rows that do not have it do not fit. */
  readonly at: (index: number) => Comparable<V>
}

/** Conditions on a JSON value, or on a key of the dynamic field. */
export interface JsonFilter extends Comparable<FilterScalar>, Presence {
  /** A value inside, by its keys and indices. */
  readonly path: (...path: readonly [string | number, ...ReadonlyArray<string | number>]) => JsonFilter
  /** The value exists. */
  readonly exists: () => Filter
  /** The list has an element. */
  readonly contains: (value: FilterScalar | FilterMixed) => Filter
  /** The list has all of some elements. */
  readonly containsAll: (values: FilterMixed) => Filter
  /** The list has one of some elements. */
  readonly containsAny: (values: FilterMixed) => Filter
}

type Element<F> = F extends { readonly element: infer E extends AnyField } ? Scalar<E> : FilterScalar

type Scalar<F extends AnyField> = F["type"] extends "Bool" ? boolean
  : F["type"] extends "Int64" ? number | bigint
  : F["type"] extends "VarChar" | "Text" ? string
  : F["type"] extends "Int8" | "Int16" | "Int32" | "Float" | "Double" ? number
  : FilterScalar

/** Conditions on a field of the type. */
export type FieldFilter<F extends AnyField> = F["type"] extends "Bool" ? BooleanFilter
  : F["type"] extends "VarChar" | "Text" ? TextFilter
  : F["type"] extends "Int64" | "Int8" | "Int16" | "Int32" | "Float" | "Double" ? Comparable<Scalar<F>> & Presence
  : F["type"] extends "Array" ? ArrayFilter<Element<F>>
  : F["type"] extends "JSON" ? JsonFilter
  : Presence

/** Conditions on the fields of a definition, and on its dynamic keys. */
export type Where<D extends CollectionDefinition> =
  & (Untyped<D["fields"]> extends true ? { readonly [name: string]: JsonFilter & TextFilter }
    : { readonly [K in keyof D["fields"]]: FieldFilter<D["fields"][K]> })
  & (IsDynamic<D> extends true ? {
      /** Conditions on a key of the dynamic field. */
      readonly $key: (name: string) => JsonFilter
    }
    : unknown)

/** Returns the conditions on the fields of a definition. */
export const where = <D extends CollectionDefinition>(definition: D): Where<D> => {
  const entries = Object.entries(definition.fields).map(([name, field]) => [name, fieldFilter(name, field)])
  // Cast: the members have the names and the types of the fields.
  const dynamic = definition.options.dynamicFields === true ? { $key: (name: string) => jsonFilter(name, []) } : {}
  return { ...Object.fromEntries(entries), ...dynamic } as unknown as Where<D>
}

/** Returns a text with the characters escaped that have a special meaning in a pattern of `like`. */
export const escapeLike = (text: string): string => text.replace(/[\\%_]/g, "\\$&")

/** Returns the first text that is greater than all those that begin with another one, in the order of UTF-8. */
const successor = (text: string): string | undefined => {
  const points = Array.from(text, (character) => character.codePointAt(0) ?? 0)
  while (points.at(-1) === 0x10ffff) points.pop()
  const last = points.pop()
  if (last === undefined) return undefined
  // Surrogates are not characters.
  return String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1)
}

const fieldFilter = (name: string, field: AnyField): object => {
  const self = filter.field(name)
  const presence = presenceOf(self)
  if (field.type === "JSON") return jsonFilter(name, [])
  if (field.type === "Array" && "element" in field) return { ...presence, ...arrayFilter(name, self, field.element) }
  const check = checks[field.type]
  if (check === undefined) return presence
  const compared = comparable(name, self, check)
  if (field.type === "Bool") return { ...presence, eq: compared.eq, ne: compared.ne }
  if (field.type !== "VarChar" && field.type !== "Text") return { ...presence, ...compared }
  const like = (pattern: FilterPart) => filter`${self} like ${pattern}`
  const text = (value: unknown, make: (text: string) => string) =>
    checked(name, check, value, (text) => filter.literal(make(text as string)))
  return {
    ...presence,
    ...compared,
    startsWith: (value: unknown) => {
      if (typeof value !== "string" || escapeLike(value) === value) return like(text(value, (text) => `${text}%`))
      // Servers differ in what they read as an escape, and agree on the order of texts.
      const end = successor(value)
      return end === undefined ? filter`${self} >= ${value}` : filter`${self} >= ${value} and ${self} < ${end}`
    },
    endsWith: (value: unknown) => like(text(value, (text) => `%${escapeLike(text)}`)),
    includes: (value: unknown) => like(text(value, (text) => `%${escapeLike(text)}%`)),
    like: (value: unknown) => like(text(value, (text) => text)),
    matches: (value: unknown) => filter`text_match(${self}, ${text(value, (text) => text)})`,
    matchesPhrase: (value: unknown, slop: unknown = 0) =>
      filter`phrase_match(${self}, ${text(value, (text) => text)}, ${
        checked(name, whole, slop, (slop) => filter.literal(slop as number))
      })`,
  }
}

const presenceOf = (self: FilterPart): Presence => ({
  isNull: () => filter`${self} is null`,
  isNotNull: () => filter`${self} is not null`,
})

/** Describes the values that a condition takes; `undefined` if a value is one of them. */
type Check = (value: unknown) => string | undefined

const isNumber: Check = (value) => typeof value === "number" ? undefined : "a number"
const isInteger: Check = (value) =>
  typeof value === "bigint" || Number.isSafeInteger(value) ? undefined : "an integer, or a bigint beyond 2^53"
const isText: Check = (value) => typeof value === "string" ? undefined : "text"
const isBoolean: Check = (value) => typeof value === "boolean" ? undefined : "true or false"
const isScalar: Check = (value) =>
  ["boolean", "number", "bigint", "string"].includes(typeof value) ? undefined : "text, a number or a boolean"
const whole: Check = (value) => Number.isSafeInteger(value) && Number(value) >= 0 ? undefined : "a non-negative integer"

const checks: Readonly<Partial<Record<FieldType, Check>>> = {
  Bool: isBoolean,
  Int8: isInteger,
  Int16: isInteger,
  Int32: isInteger,
  Int64: isInteger,
  Float: isNumber,
  Double: isNumber,
  VarChar: isText,
  Text: isText,
}

/** Returns a part for a value of a field, which fails when it is used if the value does not fit. */
const checked = (
  name: string,
  check: Check,
  value: unknown,
  make: (value: FilterScalar) => FilterPart = filter.literal,
): FilterPart => {
  const expected = check(value)
  // Cast: the check has looked at the type.
  if (expected === undefined) return make(value as FilterScalar)
  return partOf(() => Result.fail(new CodecError({ field: name, expected, actual: describeValue(value) })))
}

/** Returns a value, or a part that fails, for a place in a filter that takes either. */
const valueOf = (name: string, check: Check, value: unknown): FilterScalar | FilterPart =>
  // Cast: the check has looked at the type.
  check(value) === undefined ? value as FilterScalar : checked(name, check, value)

const listOf = (name: string, check: Check, values: unknown): FilterList | FilterPart => {
  if (!Array.isArray(values) || values.length === 0) {
    return partOf(() =>
      Result.fail(
        new CodecError({ field: name, expected: "a list of at least one value", actual: describeValue(values) }),
      )
    )
  }
  const wrong = values.find((value) => check(value) !== undefined)
  // Cast: the check has looked at the elements.
  return wrong === undefined ? values as unknown as FilterList : checked(name, check, wrong)
}

const comparable = (name: string, self: FilterPart, check: Check): Comparable<unknown> => {
  const of = (value: unknown) => valueOf(name, check, value)
  return {
    eq: (value) => filter`${self} == ${of(value)}`,
    ne: (value) => filter`${self} != ${of(value)}`,
    lt: (value) => filter`${self} < ${of(value)}`,
    le: (value) => filter`${self} <= ${of(value)}`,
    gt: (value) => filter`${self} > ${of(value)}`,
    ge: (value) => filter`${self} >= ${of(value)}`,
    between: (from, to) => filter`${self} >= ${of(from)} and ${self} <= ${of(to)}`,
    in: (values) => filter`${self} in ${listOf(name, check, values)}`,
    notIn: (values) => filter`${self} not in ${listOf(name, check, values)}`,
  }
}

const arrayFilter = (
  name: string,
  self: FilterPart,
  element: { readonly type: FieldType },
): Omit<ArrayFilter<unknown>, keyof Presence> => {
  const check = checks[element.type] ?? isScalar
  const length = partOf(() =>
    Result.mapBoth(renderPath([name]), {
      onFailure: (expected) => new CodecError({ field: name, expected }),
      onSuccess: (text) => `array_length(${text})`,
    })
  )
  return {
    contains: (value) => filter`array_contains(${self}, ${valueOf(name, check, value)})`,
    containsAll: (values) => filter`array_contains_all(${self}, ${listOf(name, check, values)})`,
    containsAny: (values) => filter`array_contains_any(${self}, ${listOf(name, check, values)})`,
    length: comparable(name, length, whole),
    at: (index) => comparable(name, filter.field(name, index), check),
  }
}

const jsonFilter = (name: string, path: ReadonlyArray<string | number>): JsonFilter => {
  const self = filter.field(name, ...path)
  const list = (values: unknown) =>
    Array.isArray(values) && values.length > 0 ? filter.mixed(values) : partOf(() =>
      Result.fail(
        new CodecError({ field: name, expected: "a list of at least one value", actual: describeValue(values) }),
      )
    )
  return {
    ...presenceOf(self),
    ...comparable(name, self, isScalar),
    path: (...more) => jsonFilter(name, [...path, ...more]),
    exists: () => filter`exists ${self}`,
    contains: (value) =>
      filter`json_contains(${self}, ${Array.isArray(value) ? filter.mixed(value) : valueOf(name, isScalar, value)})`,
    containsAll: (values) => filter`json_contains_all(${self}, ${list(values)})`,
    containsAny: (values) => filter`json_contains_any(${self}, ${list(values)})`,
  }
}
