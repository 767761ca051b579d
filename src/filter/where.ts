/**
 * Conditions on the fields of a definition, typed by it: names and values that do not fit are errors at compile time.
 * In a program that is not typed, a field that does not exist, a condition that the field does not have, and a value of
 * another type are a `CodecError` when the filter is used, before anything is sent.
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
import type { CollectionDefinition } from "../schema/definition.ts"
import type { AnyField, FieldType } from "../schema/fieldTypes.ts"
import {
  type Check,
  comparable,
  type Conditions,
  constant,
  equatable,
  failValue,
  isBoolean,
  isDistance,
  isInteger,
  isNumber,
  isScalar,
  isText,
  isTime,
  isWhole,
  listOf,
  ordered,
  type Sets,
  valueOf,
} from "./comparisons.ts"
import type { Where } from "./conditions.ts"
import { type Feature, type Filter, filter, type FilterPart, inConstants, needing, partOf } from "./Filter.ts"
import { patterns } from "./patterns.ts"
import { refusing, withConditions } from "./refusals.ts"

/** Returns the conditions on the fields of a definition. */
export const where = <D extends CollectionDefinition>(definition: D): Where<D> => {
  const { name, fields, options } = definition
  const conditions = Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, ofField(name, field)]))
  const $key = (key: string) =>
    options.dynamicFields === true ? ofJson(key, []) : refusing(key, `"${name}" to have dynamic fields`)
  const known: Readonly<Record<string, unknown>> = { ...conditions, $key }
  const where = new Proxy(known, {
    get: (known, property) =>
      typeof property === "symbol" || property in known
        ? Reflect.get(known, property)
        : refusing(property, `a field of "${name}": ${Object.keys(fields).join(", ")}`),
  })
  // Cast: the members have the names and the types of the fields.
  return where as unknown as Where<D>
}

/** What conditions on a type take: values, and sets of them. */
interface Kind {
  readonly check: Check
  readonly sets?: Sets
}

const integer: Kind = { check: isInteger, sets: { of: ["integer"], encodings: ["bloom", "roaring"] } }
const number: Kind = { check: isNumber }
const text: Kind = { check: isText, sets: { of: ["text"], encodings: ["bloom"] } }
const kinds: Readonly<Partial<Record<FieldType, Kind>>> = {
  Int8: integer,
  Int16: integer,
  Int32: integer,
  Int64: integer,
  Float: number,
  Double: number,
  VarChar: text,
  Text: text,
}

const ofField = (name: string, field: AnyField): FilterPart => {
  const self = filter.field(name)
  const isNullable = field.options.nullable === true
  const known = { ...byType(name, self, field), ...isNullable ? presence(self) : {} }
  return withConditions(self, name, describeField(field.type, isNullable), known)
}

const describeField = (type: FieldType, isNullable: boolean): string =>
  `a field of type ${type}${isNullable ? "" : " that is not nullable"}`

const byType = (name: string, self: FilterPart, field: AnyField): Conditions => {
  if (field.type === "Array" && "element" in field) return ofArray(name, self, field.element.type)
  if (field.type === "ArrayOfStruct" && "members" in field) return ofStructs(name, field.members)
  if (field.type === "JSON") return jsonConditions(name, self, [])
  if (field.type === "Geometry") return ofGeometry(name, self)
  if (field.type === "Timestamptz") return ofTime(name, self)
  const match = field.options.enableMatch === true ? ofTerms(name, self) : {}
  return { ...ofScalar(name, self, field.type, true), ...match }
}

/** Conditions on a field, an element or a member, by its type. Only fields are compared with sets. */
const ofScalar = (name: string, self: FilterPart, type: FieldType, isField: boolean): Conditions => {
  if (type === "Bool") return equatable(self, (value) => valueOf(name, isBoolean, value))
  const kind = kinds[type]
  if (kind === undefined) return {}
  const compared = comparable(name, self, kind.check, isField ? kind.sets : undefined)
  return kind === text ? { ...compared, ...patterns(name, self) } : compared
}

/**
 * The test for `null`.
 *
 * @internal
 */
export const nullTests: Feature = { name: "is null", since: "2.5.0" }

const presence = (self: FilterPart): Conditions => ({
  isNull: () => filter`${needing(nullTests, self)} is null`,
  isNotNull: () => filter`${needing(nullTests, self)} is not null`,
})

const textMatch: Feature = { name: "text_match", since: "2.5.0" }
const phraseMatch: Feature = { name: "phrase_match", since: "2.5.17" }

const ofTerms = (name: string, self: FilterPart): Conditions => ({
  matches: (text: unknown) => filter`text_match(${needing(textMatch, self)}, ${constant(name, isText, text)})`,
  matchesPhrase: (phrase: unknown, slop: unknown = 0) =>
    filter`phrase_match(${needing(phraseMatch, self)}, ${constant(name, isText, phrase)}, ${
      constant(name, isWhole, slop)
    })`,
})

const times: Feature = { name: "ISO", since: "2.6.6" }

const ofTime = (name: string, self: FilterPart): Conditions => {
  const text = (value: unknown) => value instanceof Date && !Number.isNaN(value.getTime()) ? value.toISOString() : value
  return ordered(needing(times, self), (value) => inConstants(filter`ISO ${constant(name, isTime, text(value))}`))
}

const geometries: Feature = { name: "ST_", since: "2.6.4" }

const ofGeometry = (name: string, field: FilterPart): Conditions => {
  const self = needing(geometries, field)
  const wkt = (value: unknown) => constant(name, isText, value)
  return {
    equals: (value: unknown) => filter`st_equals(${self}, ${wkt(value)})`,
    touches: (value: unknown) => filter`st_touches(${self}, ${wkt(value)})`,
    overlaps: (value: unknown) => filter`st_overlaps(${self}, ${wkt(value)})`,
    crosses: (value: unknown) => filter`st_crosses(${self}, ${wkt(value)})`,
    contains: (value: unknown) => filter`st_contains(${self}, ${wkt(value)})`,
    intersects: (value: unknown) => filter`st_intersects(${self}, ${wkt(value)})`,
    within: (value: unknown) => filter`st_within(${self}, ${wkt(value)})`,
    dwithin: (value: unknown, distance: unknown) =>
      filter`st_dwithin(${self}, ${wkt(value)}, ${constant(name, isDistance, distance)})`,
    isValid: () => filter`st_isvalid(${self})`,
  }
}

const ofArray = (name: string, self: FilterPart, element: FieldType): Conditions => {
  const check = element === "Bool" ? isBoolean : kinds[element]?.check ?? isScalar
  const length = inConstants(filter`array_length(${self})`)
  return {
    contains: (value: unknown) => filter`array_contains(${self}, ${valueOf(name, check, value)})`,
    containsAll: (values: unknown) => filter`array_contains_all(${self}, ${listOf(name, check, values)})`,
    containsAny: (values: unknown) => filter`array_contains_any(${self}, ${listOf(name, check, values)})`,
    length: Object.assign(length, comparable(name, length, isWhole)),
    at: (index: number) => {
      const one = filter.field(name, index)
      return withConditions(one, name, `an element of type ${element}`, ofScalar(name, one, element, false))
    },
  }
}

const structs: Feature = { name: "element_filter", since: "3.0.0", lite: false }
const matches: Feature = { name: "match_any", since: "3.0.0", lite: false }

const ofStructs = (name: string, members: Readonly<Record<string, { readonly type: FieldType }>>): Conditions => {
  const element = Object.fromEntries(
    Object.entries(members).map(([member, { type }]) => {
      const [self, path] = [structMember(member), `${name}[${member}]`]
      return [member, withConditions(self, path, `a member of type ${type}`, ofScalar(path, self, type, false))]
    }),
  )
  const self = needing(matches, filter.field(name))
  // Templates inside of these functions came later than the functions.
  const fit = (fits: (element: object) => Filter) => inConstants(fits(element))
  const count = (value: unknown) => constant(name, isWhole, value)
  type Fits = (element: object) => Filter
  return {
    elementFilter: (fits: Fits) => filter`element_filter(${needing(structs, filter.field(name))}, ${fit(fits)})`,
    matchAny: (fits: Fits) => filter`match_any(${self}, ${fit(fits)})`,
    matchAll: (fits: Fits) => filter`match_all(${self}, ${fit(fits)})`,
    matchLeast: (least: unknown, fits: Fits) => filter`match_least(${self}, ${fit(fits)}, threshold=${count(least)})`,
    matchMost: (most: unknown, fits: Fits) => filter`match_most(${self}, ${fit(fits)}, threshold=${count(most)})`,
    matchExact: (exact: unknown, fits: Fits) => filter`match_exact(${self}, ${fit(fits)}, threshold=${count(exact)})`,
  }
}

const structMember = (name: string): FilterPart =>
  partOf(() =>
    /^[A-Za-z_]\w*$/.test(name) ? Result.succeed(`$[${name}]`) : failValue(name, "a name that is an identifier")
  )

const ofJson = (name: string, path: ReadonlyArray<string | number>): FilterPart => {
  const self = filter.field(name, ...path)
  return withConditions(self, name, "a JSON value", jsonConditions(name, self, path))
}

const jsonConditions = (name: string, self: FilterPart, path: ReadonlyArray<string | number>): Conditions => {
  const list = (values: unknown) =>
    Array.isArray(values) && values.length > 0 ? filter.mixed(values) : listOf(name, isScalar, values)
  return {
    ...presence(self),
    ...comparable(name, self, isScalar, { of: ["integer", "text"], encodings: ["bloom"] }),
    ...patterns(name, self),
    path: (...more: ReadonlyArray<string | number>) => ofJson(name, [...path, ...more]),
    exists: () => filter`exists ${self}`,
    contains: (value: unknown) =>
      filter`json_contains(${self}, ${Array.isArray(value) ? filter.mixed(value) : valueOf(name, isScalar, value)})`,
    containsAll: (values: unknown) => filter`json_contains_all(${self}, ${list(values)})`,
    containsAny: (values: unknown) => filter`json_contains_any(${self}, ${list(values)})`,
  }
}
