/**
 * Options of operations at run time: what is not an option, or could not have an effect, is refused before anything is
 * sent.
 *
 * Types refuse most of it at compile time. This is for JavaScript, and for values that a type cannot tell apart (`NaN`,
 * a blank name). Every function here is plain and cheap enough for a search.
 */
import * as Duration from "effect/Duration"
import * as Result from "effect/Result"
import type * as Connection from "../../Connection.ts"
import { type Decoded, failParam, failUnknownParam, isInfinite, readDuration } from "../../config/params.ts"
import { readRetry } from "../../retry/options.ts"

/** Names of the options of an operation: its own, those of its calls, and the signal of its promise form. */
export const optionNames = <Options extends Connection.CallOptions>(
  ...own: ReadonlyArray<Exclude<keyof Options, keyof Connection.CallOptions> & string>
): ReadonlySet<string> => new Set([...own, ...callOptionNames])

const callOptionNames: ReadonlyArray<keyof Connection.CallOptions | "signal"> = [
  "timeout",
  "retry",
  "idempotent",
  "signal",
]

/** Refuses an unknown option, and values that the options of calls cannot have. */
export const checkOptions = (options: object | undefined, names: ReadonlySet<string>): Decoded<void> => {
  if (options === undefined) return done
  if (typeof options !== "object" || options === null) return failParam("options", "an object", options)
  // Cast: any object can be looked at by names.
  const given = options as { readonly [name: string]: unknown }
  const known = failUnknownParam("", given, names)
  if (Result.isFailure(known)) return known
  if (given["timeout"] !== undefined && !isInfinite(given["timeout"])) {
    const timeout = readDuration("timeout", given["timeout"], Duration.zero)
    if (Result.isFailure(timeout)) return Result.fail(timeout.failure)
  }
  if (given["retry"] !== undefined) {
    const retry = readRetry(given["retry"])
    if (Result.isFailure(retry)) return Result.fail(retry.failure)
  }
  return checkFlag("idempotent", given["idempotent"])
}

/** Refuses what is given and is neither `true` nor `false`. */
export const checkFlag = (parameter: string, value: unknown): Decoded<void> =>
  value === undefined || typeof value === "boolean" ? done : failParam(parameter, "true or false", value)

/** Refuses what is given and is not a whole number from `least` to 2^31 - 1. */
export const checkCount = (parameter: string, value: unknown, least = 1): Decoded<void> =>
  value === undefined || Number.isInteger(value) && Number(value) >= least && Number(value) < 2 ** 31
    ? done
    : failParam(parameter, `a whole number from ${least}`, value)

/** A name of something on the server. A blank one is refused: to some servers it means all of them. */
export const readName = (parameter: string, value: unknown): Decoded<string> =>
  typeof value === "string" && value.trim() !== ""
    ? Result.succeed(value)
    : failParam(parameter, "a name that is not blank", value)

/** The name of a collection that is given by its name or by its definition. */
export const readCollection = (collection: unknown): Decoded<string> =>
  readName(
    "collection",
    typeof collection === "object" && collection !== null && "name" in collection ? collection.name : collection,
  )

/** Names of parts. An empty list is refused: it reads as none, and servers take it for all. */
export const readNames = (parameter: string, value: unknown): Decoded<ReadonlyArray<string> | undefined> => {
  if (value === undefined) return Result.succeed(undefined)
  if (!Array.isArray(value) || value.length === 0) {
    return failParam(parameter, "a list of at least one name; leave it out for all", value)
  }
  const names: Array<string> = []
  for (const [index, one] of value.entries()) {
    const name = readName(`${parameter}[${index}]`, one)
    if (Result.isFailure(name)) return Result.fail(name.failure)
    names.push(name.success)
  }
  return Result.succeed(names)
}

const done: Decoded<void> = Result.succeed(undefined)
