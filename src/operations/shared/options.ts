/**
 * Checks of options at run time. An unknown option, or a value that could not have an effect, is refused before
 * anything is sent.
 *
 * Types refuse most of these at compile time. The checks are for JavaScript, and for values that types cannot
 * distinguish (`NaN`, a blank name). All functions are plain, and cheap enough for a search.
 */
import * as Duration from "effect/Duration"
import * as Result from "effect/Result"
import type * as Connection from "../../Connection.ts"
import {
  type Decoded,
  failParam,
  failUnknownParam,
  isInfinite,
  readDatabase,
  readDuration,
  readName,
  readRecord,
} from "../../config/params.ts"
import { readRetry } from "../../retry/options.ts"

/** Returns the option names of an operation: its own, and those of calls. */
export const optionNames = <Options extends Connection.CallOptions>(
  ...own: ReadonlyArray<Exclude<keyof Options, keyof Connection.CallOptions> & string>
): ReadonlySet<string> => new Set([...own, ...callOptionNames])

const callOptionNames: ReadonlyArray<keyof Connection.CallOptions> = ["timeout", "retry", "idempotent", "database"]

/** Refuses unknown options, and checks the options of calls. */
export const checkOptions = (options: object | undefined, names: ReadonlySet<string>): Decoded<void> => {
  if (options === undefined) return done
  if (typeof options !== "object" || options === null) return failParam("options", "an object", options)
  // Cast: any object can be read by property names.
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
  if (given["database"] !== undefined) {
    const database = readDatabase("database", given["database"])
    if (Result.isFailure(database)) return Result.fail(database.failure)
  }
  return checkFlag("idempotent", given["idempotent"])
}

/** Refuses an argument that is not a plain object, or has unknown names. */
export const checkRecord = (parameter: string, value: unknown, names: ReadonlyArray<string>): Decoded<void> =>
  Result.flatMap(
    readRecord(parameter, value, `{ ${names.join(", ")} }`),
    (given) => failUnknownParam(`${parameter}.`, given, new Set(names)),
  )

/** Refuses a value that is given and is neither `true` nor `false`. */
export const checkFlag = (parameter: string, value: unknown): Decoded<void> =>
  value === undefined || typeof value === "boolean" ? done : failParam(parameter, "true or false", value)

/** Refuses a value that is given and is not a whole number from `least` to 2^31 - 1. */
export const checkCount = (parameter: string, value: unknown, least = 1): Decoded<void> =>
  value === undefined || Number.isInteger(value) && Number(value) >= least && Number(value) < 2 ** 31
    ? done
    : failParam(parameter, `a whole number from ${least}`, value)

/** Decodes a collection, given by its name or its definition, to its name. */
export const readCollection = (collection: unknown): Decoded<string> =>
  readName(
    "collection",
    typeof collection === "object" && collection !== null && "name" in collection ? collection.name : collection,
  )

/** Decodes a list of names. An empty one is refused: it looks like none, and servers take it for all. */
export const readNames = (parameter: string, value: unknown): Decoded<ReadonlyArray<string> | undefined> => {
  if (value === undefined) return Result.succeed(undefined)
  if (Array.isArray(value) && value.length > 0) return readNameList(parameter, value)
  return failParam(parameter, "a list of at least one name; omit it for all", value)
}

/** Decodes a list of names that cannot be left out. */
export const readNameList = (parameter: string, value: unknown): Decoded<ReadonlyArray<string>> => {
  if (!Array.isArray(value) || value.length === 0) return failParam(parameter, "a list of at least one name", value)
  const names: Array<string> = []
  for (const [index, one] of value.entries()) {
    const name = readName(`${parameter}[${index}]`, one)
    if (Result.isFailure(name)) return Result.fail(name.failure)
    names.push(name.success)
  }
  return Result.succeed(names)
}

export { readName }

const done: Decoded<void> = Result.succeed(undefined)
