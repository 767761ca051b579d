/** Comparisons of a value with others, and the checks of these. A value that does not fit fails when it is used. */
import * as Result from "effect/Result"
import { describeValue } from "../codec/errors.ts"
import { CodecError } from "../errors.ts"
import {
  type Filter,
  filter,
  type FilterList,
  type FilterPart,
  type FilterScalar,
  isMembers,
  partOf,
} from "./Filter.ts"

/** Conditions by name. */
export type Conditions = Readonly<Record<string, unknown>>

/** Describes the values that a condition takes; `undefined` if a value is one of them. */
export type Check = (value: unknown) => string | undefined

export const isNumber: Check = (value) => typeof value === "number" ? undefined : "a number"
export const isInteger: Check = (value) =>
  typeof value === "bigint" || Number.isSafeInteger(value) ? undefined : "an integer, or a bigint beyond 2^53"
export const isText: Check = (value) => typeof value === "string" ? undefined : "text"
export const isBoolean: Check = (value) => typeof value === "boolean" ? undefined : "true or false"
export const isScalar: Check = (value) =>
  ["boolean", "number", "bigint", "string"].includes(typeof value) ? undefined : "text, a number or a boolean"
export const isWhole: Check = (value) =>
  Number.isSafeInteger(value) && Number(value) >= 0 ? undefined : "a non-negative integer"
export const isDistance: Check = (value) =>
  typeof value === "number" && Number.isFinite(value) && value >= 0 ? undefined : "a non-negative number"
export const isTime: Check = (value) =>
  typeof value === "string" && /^[+-]?\d{4}/.test(value) ? undefined : "a valid Date, or ISO 8601 text"

/** Fails for a value that does not fit a field. */
export const failValue = (field: string, expected: string, actual?: string): Result.Result<never, CodecError> =>
  Result.fail(new CodecError({ field, expected, ...(actual === undefined ? {} : { actual }) }))

/** Returns a value as a constant, for places that take no other, or a part that fails. */
export const constant = (
  name: string,
  check: Check,
  value: unknown,
  make: (value: FilterScalar) => FilterPart = filter.literal,
): FilterPart => {
  const expected = check(value)
  // Cast: the check has looked at the type.
  return expected === undefined
    ? make(value as FilterScalar)
    : partOf(() => failValue(name, expected, describeValue(value)))
}

/** Returns a value, or a part that fails. */
export const valueOf = (name: string, check: Check, value: unknown): FilterScalar | FilterPart =>
  // Cast: the check has looked at the type.
  check(value) === undefined ? value as FilterScalar : constant(name, check, value)

/** Returns a list of at least one value, or a part that fails. */
export const listOf = (name: string, check: Check, values: unknown): FilterList | FilterPart => {
  if (!Array.isArray(values) || values.length === 0) {
    return partOf(() => failValue(name, "a list of at least one value", describeValue(values)))
  }
  const wrong = values.findIndex((value) => check(value) !== undefined)
  // Cast: the check has looked at the elements.
  return wrong < 0 ? values as unknown as FilterList : constant(`${name}[${wrong}]`, check, values[wrong])
}

/** Returns comparisons for equality. */
export const equatable = (self: FilterPart, value: (given: unknown) => FilterScalar | FilterPart): Conditions => ({
  eq: (given: unknown) => filter`${self} == ${value(given)}`,
  ne: (given: unknown) => filter`${self} != ${value(given)}`,
})

/** Returns comparisons by order. */
export const ordered = (self: FilterPart, value: (given: unknown) => FilterScalar | FilterPart): Conditions => ({
  ...equatable(self, value),
  lt: (given: unknown) => filter`${self} < ${value(given)}`,
  le: (given: unknown) => filter`${self} <= ${value(given)}`,
  gt: (given: unknown) => filter`${self} > ${value(given)}`,
  ge: (given: unknown) => filter`${self} >= ${value(given)}`,
  between: (from: unknown, to: unknown) => filter`${self} >= ${value(from)} and ${self} <= ${value(to)}`,
})

/** The sets that a value may be compared with. */
export interface Sets {
  /** The types of their members. */
  readonly of: ReadonlyArray<"integer" | "text">
  /** Their encodings. */
  readonly encodings: ReadonlyArray<"bloom" | "roaring">
}

/** Returns comparisons by order, with lists, and with sets. */
export const comparable = (name: string, self: FilterPart, check: Check, sets?: Sets): Conditions => ({
  ...ordered(self, (value) => valueOf(name, check, value)),
  in: (values: unknown) =>
    isMembers(values) ? memberOf(name, self, values, sets) : filter`${self} in ${listOf(name, check, values)}`,
  notIn: (values: unknown) =>
    isMembers(values)
      ? filter.not(memberOf(name, self, values, sets))
      : filter`${self} not in ${listOf(name, check, values)}`,
})

const memberOf = (name: string, self: FilterPart, set: unknown, sets: Sets | undefined): Filter => {
  if (!isMembers(set)) return filter`${constant(name, () => "a set", set)}`
  const { encoding, of } = set
  // An empty set has members of no type.
  if (sets === undefined || !sets.encodings.includes(encoding) || of !== undefined && !sets.of.includes(of)) {
    const expected = sets === undefined
      ? "a list of values, not a set"
      : `a list of values, or a set of type ${sets.of.join(" or ")} by ${
        sets.encodings.map((one) => `filter.${one}`).join(" or ")
      }`
    return filter`${partOf(() => failValue(name, expected))}`
  }
  return encoding === "bloom"
    ? filter`membership_match(${self}, ${set}, type=bloom)`
    : filter`membership_match(${self}, ${set}, type=roaring)`
}
