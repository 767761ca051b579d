/**
 * Properties of databases, collections, fields and indexes. Milvus keeps all of them as text; the known ones have a
 * type here.
 */
import * as Result from "effect/Result"
import { type Decoded, failParam } from "../../config/params.ts"

/** A value of a property. Booleans and numbers are written as Milvus reads them: `true`, `3600`, `0.5`. */
export type PropertyValue = string | number | bigint | boolean

/** Properties by their names in Milvus. */
export type Properties = Readonly<Record<string, PropertyValue | undefined>>

/** Types of the known properties. */
export type PropertyTypes = Readonly<Record<string, "number" | "boolean">>

/** A property as messages have it. */
interface KeyValue {
  readonly key: string
  readonly value: string
}

/** Encodes the given properties. Refuses an object without any, blank names, and numbers that have no decimal form. */
export const encodeProperties = (parameter: string, given: unknown): Decoded<ReadonlyArray<KeyValue>> => {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    return failParam(parameter, "an object with the properties by name", given)
  }
  const pairs: Array<KeyValue> = []
  for (const [key, value] of Object.entries(given)) {
    if (value === undefined) continue
    const name = `${parameter}.${key}`
    if (key.trim() === "") return failParam(parameter, "names of properties that are not blank", key)
    if (typeof value === "number" && !Number.isFinite(value)) return failParam(name, "a finite number", value)
    if (typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value)) {
      return failParam(name, "an integer up to 2^53, or a bigint", value)
    }
    if (!["string", "number", "bigint", "boolean"].includes(typeof value)) {
      return failParam(name, "text, a number or a boolean", value)
    }
    pairs.push({ key, value: typeof value === "number" ? decimal(value) : String(value) })
  }
  return pairs.length === 0 ? failParam(parameter, "at least one property", given) : Result.succeed(pairs)
}

/** Writes a number without an exponent, which servers that expect an integer do not read. */
const decimal = (value: number): string => Number.isInteger(value) ? BigInt(value).toString() : String(value)

/**
 * Decodes properties. Known ones become numbers and booleans if their text is one; all others stay text.
 *
 * Cast: the caller's type describes the same names as `types`.
 */
export const decodeProperties = <P extends Properties>(pairs: ReadonlyArray<KeyValue>, types: PropertyTypes): P =>
  Object.fromEntries(pairs.map(({ key, value }) => [key, decodeValue(types, key, value)])) as P

const decodeValue = (types: PropertyTypes, key: string, value: string): PropertyValue => {
  const type = Object.hasOwn(types, key) ? types[key] : undefined
  if (type === "boolean" && /^(true|false)$/i.test(value)) return value.toLowerCase() === "true"
  // An integer that a number cannot hold stays text, with all its digits.
  if (type === "number" && value.trim() !== "" && String(Number(value)) === value) return Number(value)
  return value
}

/** Returns key-value pairs as a record of texts. */
export const toRecord = (pairs: ReadonlyArray<KeyValue>): Readonly<Record<string, string>> =>
  Object.fromEntries(pairs.map(({ key, value }) => [key, value]))
