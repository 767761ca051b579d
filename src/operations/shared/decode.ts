/** Decodes what replies of different groups have in common: states, times and ids. */
import * as Duration from "effect/Duration"
import * as Result from "effect/Result"
import { type Decoded, failParam } from "../../config/params.ts"

/** The name of a state without the prefix of its enum; a number that this version does not know stays a number. */
export type State<Prefix extends string, S extends string | number> = S extends `${Prefix}${infer Name}` ? Name : S

/** Returns the name of a state without the prefix of its enum. */
export const stateOf = <const Prefix extends string, S extends string | number>(
  prefix: Prefix,
  state: S,
): State<Prefix, S> =>
  // Cast: what is cut off is the prefix that the type has.
  (typeof state === "string" && state.startsWith(prefix) ? state.slice(prefix.length) : state) as State<Prefix, S>

/** Converts milliseconds since 1970 to a date; 0 counts as absent. */
export const dateOf = (milliseconds: bigint): Date | undefined => {
  const date = new Date(Number(milliseconds))
  return milliseconds <= 0n || Number.isNaN(date.getTime()) ? undefined : date
}

/** Decodes an id, which is a `bigint`, or a safe integer. */
export const readId = (parameter: string, value: unknown): Decoded<bigint> => {
  if (typeof value === "bigint" && value > 0n && BigInt.asIntN(64, value) === value) return Result.succeed(value)
  if (typeof value === "number" && Number.isSafeInteger(value) && value > 0) return Result.succeed(BigInt(value))
  return failParam(parameter, "a positive integer of 64 bits, as a bigint", value)
}

/** Decodes a whole number from `least` to 2^31 - 1. */
export const readCount = (parameter: string, value: unknown, least = 0): Decoded<number> =>
  typeof value === "number" && Number.isInteger(value) && value >= least && value < 2 ** 31
    ? Result.succeed(value)
    : failParam(parameter, `an integer from ${least} to ${2 ** 31 - 1}`, value)

/** Decodes a text, which may be empty. */
export const readText = (parameter: string, value: unknown): Decoded<string> =>
  typeof value === "string" ? Result.succeed(value) : failParam(parameter, "text", value)

/** Decodes a duration of whole seconds, at least one: 0 means another thing to the server. */
export const readSeconds = (parameter: string, value: unknown): Decoded<number> => {
  // Cast: anything else throws.
  const seconds = Result.try(() => Duration.toSeconds(Duration.fromInputUnsafe(value as Duration.Input)))
  return Result.isSuccess(seconds) && Number.isSafeInteger(seconds.success) && seconds.success > 0
    ? Result.succeed(seconds.success)
    : failParam(parameter, "a duration of whole seconds, at least 1", value)
}

/** Converts a Milvus timestamp, of which the lowest 18 bits count within a millisecond, to a date; 0 means none. */
export const timestampToDate = (timestamp: bigint): Date | undefined => dateOf(timestamp >> 18n)
