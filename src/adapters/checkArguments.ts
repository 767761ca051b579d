/**
 * Checks of the arguments of stores of frameworks. Each throws `ParamError`, before anything is sent.
 *
 * Programs that are not typed, and those that come from another store, may give any value.
 */
import * as Result from "effect/Result"
import { failParam, paramError, readName } from "../config/params.ts"
import type { ConsistencyLevel } from "../operations/Collection.ts"
import { checkCount, checkRecord } from "../operations/shared/options.ts"

/** Refuses what is not an object, and an option that has no effect. */
export const checkNames = (parameter: string, value: unknown, names: ReadonlyArray<string>): void =>
  Result.getOrThrow(checkRecord(parameter, value, names))

/** Refuses a name that is given and blank. */
export const checkName = (parameter: string, value: unknown): void => {
  if (value !== undefined) Result.getOrThrow(readName(parameter, value))
}

/** Refuses what is not a list, or has another number of elements than `size`, which `expected` describes. */
export const checkList = (parameter: string, value: unknown, expected: string, size?: number): void => {
  if (!Array.isArray(value)) throw paramError(parameter, expected, value)
  if (size !== undefined && value.length !== size) throw paramError(parameter, expected, value.length)
}

/** Refuses what is not an object with values by name. */
export const checkObject = (parameter: string, value: unknown): void => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw paramError(parameter, "an object with values by name", value)
  }
}

/** Refuses what is not a number of results. */
export const checkLimit = (parameter: string, value: unknown, least = 1): void =>
  Result.getOrThrow(value === undefined ? failParam(parameter, "a whole number") : checkCount(parameter, value, least))

/** Refuses a vector with a number that is not finite as a 32-bit float, which Milvus might store. */
export const checkVector = (parameter: string, value: unknown): void => {
  const isList = Array.isArray(value) || value instanceof Float32Array || value instanceof Float64Array
  if (!isList || !value.every((one: unknown) => Number.isFinite(typeof one === "number" ? Math.fround(one) : one))) {
    throw paramError(parameter, "a list of finite numbers")
  }
}

/** Refuses ids that are not texts, or equal one another. */
export const checkIds = (ids: ReadonlyArray<unknown>): void => {
  const at = Array.from(ids).findIndex((id) => typeof id !== "string")
  if (at >= 0) throw paramError(`ids[${at}]`, "an id that is text", ids[at])
  if (new Set(ids).size < ids.length) throw paramError("ids", "ids that differ from one another")
}

const levels: ReadonlyArray<unknown> = Object.keys(
  { Strong: 0, Session: 0, Bounded: 0, Eventually: 0 } satisfies Record<StoreConsistency, 0>,
)

/** A consistency level of reads. `"Customized"` needs a timestamp with each read, which frameworks do not pass. */
export type StoreConsistency = Exclude<ConsistencyLevel, "Customized">

/** Refuses a consistency level that is given and that reads of a store do not have. */
export const checkConsistency = (value: unknown): void => {
  if (value !== undefined && !levels.includes(value)) {
    throw paramError("options.consistency", `one of ${levels.join(", ")}`, value)
  }
}
