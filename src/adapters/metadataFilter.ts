/**
 * Translates filters on metadata into filters of Milvus.
 *
 * Keys and values never become syntax. A condition does not hold if the value is missing, and its opposite does, as in
 * MongoDB. An operator that Milvus does not have is a `CodecError`, as is every
 * other value that is not a filter.
 */
import { describeValue, throwValue } from "../codec/errors.ts"
import {
  type Feature,
  type Filter,
  filter,
  type FilterPart,
  type FilterScalar,
  isFilter,
  needing,
} from "../filter/Filter.ts"
import { patterns } from "../filter/patterns.ts"
import { nullTests } from "../filter/where.ts"
import type { MetadataFilter } from "./metadataTypes.ts"

/** Where the value of a key is. */
export interface MetadataPlace {
  /** The value in a filter. */
  readonly self: FilterPart
  /** Its type: a value in JSON, an array field, or a field of another type. */
  readonly type: "json" | "array" | "scalar"
  /** Whether each row has a value. */
  readonly isRequired: boolean
}

/** Finds the value of a key, whose parts are separated by dots. Throws `CodecError` if it cannot exist. */
export type FindPlace = (key: string) => MetadataPlace

/** A filter, or whether all rows match. */
export type Translated = Filter | boolean

/** Translates a filter on metadata; `undefined` and `null` are no filter. Throws `CodecError`. */
export const translateFilter = (given: MetadataFilter | Filter | null | undefined, find: FindPlace): Translated =>
  given === undefined || given === null ? true : translate(given, { find, isNegated: false, path: "filter", depth: 0 })

/** Where a part of a filter is. */
interface At {
  readonly find: FindPlace
  /** Whether the opposite is wanted. */
  readonly isNegated: boolean
  /** Path of the part, for errors. */
  readonly path: string
  readonly depth: number
}

const jsonLength: Feature = { name: "array_length of JSON", since: "2.3.0", lite: false }

/** Maximum nesting depth: a filter within itself has no end. */
const maxDepth = 100

const throwDepth = (): never => throwValue("filter", undefined, `a filter that is at most ${maxDepth} deep`)

const inside = (at: At, key: string | number): At => ({ ...at, path: `${at.path}.${key}`, depth: at.depth + 1 })
const opposite = (at: At): At => ({ ...at, isNegated: !at.isNegated })

/** Joins parts with `and`, or with `or` for the opposite of all. */
const all = (parts: ReadonlyArray<Translated>, { isNegated }: At): Translated => join(parts, isNegated)
/** Joins parts with `or`, or with `and` for the opposite of each. */
const any = (parts: ReadonlyArray<Translated>, { isNegated }: At): Translated => join(parts, !isNegated)

const join = (parts: ReadonlyArray<Translated>, isOr: boolean): Translated => {
  if (parts.includes(isOr)) return isOr
  const filters = parts.filter((part) => typeof part !== "boolean")
  const [first] = filters
  if (first === undefined) return !isOr
  return filters.length === 1 ? first : isOr ? filter.any(filters) : filter.all(filters)
}

const translate = (given: unknown, at: At): Translated => {
  if (isFilter(given)) return at.isNegated ? filter.not(given) : given
  if (!isPlain(given)) {
    return throwValue(at.path, undefined, "an object with conditions by key, or a filter", describeValue(given))
  }
  if (at.depth > maxDepth) throwDepth()
  const parts = Object.entries(given).map(([key, value]) =>
    key.startsWith("$") ? logical(key, value, inside(at, key)) : condition(key, value, inside(at, key))
  )
  return all(parts, at)
}

const logical = (operator: string, given: unknown, at: At): Translated => {
  const each = (at: At) =>
    Array.isArray(given)
      ? given.map((one, index) => translate(one, inside(at, index)))
      : throwValue(at.path, undefined, "a list of filters", describeValue(given))
  switch (operator) {
    case "$and":
      return all(each(at), at)
    case "$or":
      return any(each(at), at)
    case "$nor":
      return any(each(opposite(at)), opposite(at))
    case "$not":
      return translate(notEmpty(given, at), opposite(at))
    default:
      return throwValue(at.path, undefined, "one of $and, $or, $nor and $not, or a key")
  }
}

/** Translates the condition on a key: a value, a list of values, operators, or the keys of an object. */
const condition = (key: string, given: unknown, at: At): Translated => {
  if (Array.isArray(given)) return operators(key, { $in: given }, at)
  if (!isPlain(given)) return operators(key, { $eq: given }, at)
  const names = Object.keys(notEmpty(given, at))
  if (names.every((name) => name.startsWith("$"))) return operators(key, given, at)
  if (names.some((name) => name.startsWith("$"))) {
    return throwValue(at.path, undefined, "either operators or keys", "both")
  }
  if (at.depth > maxDepth) throwDepth()
  return all(names.map((name) => condition(`${key}.${name}`, given[name], inside(at, name))), at)
}

const operators = (key: string, given: Readonly<Record<string, unknown>>, at: At): Translated => {
  const place = at.find(key)
  const parts = Object.entries(given).map(([operator, value]): Translated => {
    const inner = inside(at, operator)
    switch (operator) {
      case "$not":
        if (!isPlain(value)) return throwValue(inner.path, undefined, "an object with operators", describeValue(value))
        return operators(key, notEmpty(value, inner), opposite(inner))
      case "$ne":
        return holds(place, "$eq", value, opposite(inner))
      case "$nin":
        return holds(place, "$in", value, opposite(inner))
      default:
        return holds(place, operator, value, inner)
    }
  })
  return all(parts, at)
}

/** Returns the condition of one operator, or its opposite. */
const holds = (place: MetadataPlace, operator: string, given: unknown, at: At): Translated => {
  const found = positive(place, operator, given, at)
  if (typeof found === "boolean") return found !== at.isNegated
  if (!at.isNegated) return found
  const isAbsent = absent(place)
  const holdsWithout = operator === "$exists" || given === null || Array.isArray(given) && given.includes(null)
  if (isAbsent === undefined || holdsWithout) return filter.not(found)
  return filter.any([isAbsent, filter.not(found)])
}

/** Returns the condition that the value is missing; `undefined` if it never is. */
const absent = (place: MetadataPlace): Filter | undefined =>
  place.type === "json" ? filter`not exists ${place.self}` : place.isRequired ? undefined : nullIn(place)

/** Returns the condition that the value is missing or `null`, which `exists` does not show on every server. */
const isNull = (place: MetadataPlace): Translated => place.type !== "json" && place.isRequired ? false : nullIn(place)

const nullIn = ({ self }: MetadataPlace): Filter => filter`${needing(nullTests, self)} is null`

const comparisons: Readonly<Record<string, (self: FilterPart, value: FilterScalar) => Filter>> = {
  $gt: (self, value) => filter`${self} > ${value}`,
  $gte: (self, value) => filter`${self} >= ${value}`,
  $lt: (self, value) => filter`${self} < ${value}`,
  $lte: (self, value) => filter`${self} <= ${value}`,
}

const positive = (place: MetadataPlace, operator: string, given: unknown, at: At): Translated => {
  const { self, type } = place
  const compare = Object.hasOwn(comparisons, operator) ? comparisons[operator] : undefined
  if (compare !== undefined) {
    const value = scalarOf(given, at.path)
    if (typeof value === "boolean") throwValue(at.path, undefined, "a number, text or a Date", String(value))
    return compare(self, value)
  }
  switch (operator) {
    case "$eq":
      return equal(place, given, at.path)
    case "$in": {
      const values = listOf(given, at.path)
      const equals = type === "array" ? [] : values.map((value) => equal(place, value, at.path))
      const listed = values.filter((value) => value !== null)
      return join(type === "scalar" ? equals : [...equals, containsAny(place, listed, at.path)], true)
    }
    case "$all":
      return containsAll(place, listOf(given, at.path), at.path)
    case "$contains":
      return contains(place, given, at.path)
    case "$like":
      return pattern(self, "like", textOf(given, at.path))
    case "$size": {
      requireList(place, at.path)
      if (!Number.isSafeInteger(given) || Number(given) < 0) {
        throwValue(at.path, undefined, "a non-negative integer", describeValue(given))
      }
      return filter`array_length(${type === "json" ? needing(jsonLength, self) : self}) == ${Number(given)}`
    }
    case "$exists": {
      if (typeof given !== "boolean") throwValue(at.path, undefined, "true or false", describeValue(given))
      const isAbsent = absent(place)
      if (isAbsent === undefined) return given === true
      return given === true ? filter.not(isAbsent) : isAbsent
    }
    default:
      return throwValue(at.path, undefined, `an operator that Milvus has: ${known.join(", ")}`)
  }
}

const known = ["$eq", "$ne", "$gt", "$gte", "$lt", "$lte", "$in", "$nin", "$all", "$contains", "$like", "$size"]
  .concat("$exists", "$not")

const equal = (place: MetadataPlace, given: unknown, path: string): Translated => {
  if (given === null) return isNull(place)
  if (place.type === "array") throwValue(path, undefined, "an operator of lists, such as $contains or $in")
  return filter`${place.self} == ${scalarOf(given, path)}`
}

const containsAny = ({ self, type }: MetadataPlace, values: ReadonlyArray<unknown>, path: string): Translated => {
  if (values.length === 0) return false
  const list = filter.mixed(values.map((value) => scalarOf(value, path)))
  return type === "json" ? filter`json_contains_any(${self}, ${list})` : filter`array_contains_any(${self}, ${list})`
}

const containsAll = (place: MetadataPlace, values: ReadonlyArray<unknown>, path: string): Translated => {
  requireList(place, path)
  if (values.length === 0) return false
  const list = filter.mixed(values.map((value) => scalarOf(value, path)))
  return place.type === "json"
    ? filter`json_contains_all(${place.self}, ${list})`
    : filter`array_contains_all(${place.self}, ${list})`
}

const contains = (place: MetadataPlace, given: unknown, path: string): Translated => {
  const { self, type } = place
  if (Array.isArray(given)) return containsAll(place, given, path)
  const value = scalarOf(given, path)
  const listed = type === "scalar" ? [] : [
    type === "json" ? filter`json_contains(${self}, ${value})` : filter`array_contains(${self}, ${value})`,
  ]
  const included = type !== "array" && typeof value === "string" ? [pattern(self, "includes", value)] : []
  if (listed.length + included.length === 0) throwValue(path, undefined, "text", describeValue(given))
  return join([...listed, ...included], true)
}

const requireList = ({ type }: MetadataPlace, path: string): void => {
  if (type === "scalar") throwValue(path, undefined, "an operator of values; the field is not a list")
}

const pattern = (self: FilterPart, name: "like" | "includes", text: string): Filter => {
  const make = patterns("filter", self)[name]
  // Cast: the conditions by patterns are functions from a text to a filter.
  return (make as (text: string) => Filter)(text)
}

const scalarOf = (given: unknown, path: string): FilterScalar => {
  if (given instanceof Date && !Number.isNaN(given.getTime())) return given.toISOString()
  if (typeof given === "number" && !Number.isFinite(given)) {
    return throwValue(path, undefined, "a finite number", String(given))
  }
  return typeof given === "string" || typeof given === "number" || typeof given === "bigint" ||
      typeof given === "boolean"
    ? given
    : throwValue(path, undefined, "text, a number, a boolean or a valid Date", describeValue(given))
}

const textOf = (given: unknown, path: string): string =>
  typeof given === "string" ? given : throwValue(path, undefined, "text", describeValue(given))

const listOf = (given: unknown, path: string): ReadonlyArray<unknown> =>
  Array.isArray(given) ? given : throwValue(path, undefined, "a list of values", describeValue(given))

/** Whether a value is an object, and no instance of a class such as `Date` or `RegExp`. */
const isPlain = (given: unknown): given is Readonly<Record<string, unknown>> => {
  if (typeof given !== "object" || given === null) return false
  const prototype: unknown = Object.getPrototypeOf(given)
  return prototype === null || prototype === Object.prototype
}

/** Refuses an object without keys, which would match every row. */
const notEmpty = <Given>(given: Given, at: At): Given =>
  isPlain(given) && Object.keys(given).length === 0
    ? throwValue(at.path, undefined, "at least one condition", "{}")
    : given
