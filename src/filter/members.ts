/** Reads the members of sets for `membership_match`. */
import * as Result from "effect/Result"
import { describeValue } from "../codec/errors.ts"
import type { LiteralProblem } from "./literal.ts"

/** An encoded set. */
export interface Members {
  /** The type of its members; `undefined` if it is empty. */
  readonly of: "integer" | "text" | undefined
  /** Its bytes, or why it cannot be encoded. */
  readonly bytes: Result.Result<Uint8Array, LiteralProblem>
}

/** Returns the members as a list. Fails if they are not one. */
export const listOf = (members: unknown): Result.Result<ArrayLike<unknown>, LiteralProblem> => {
  const isIterable = typeof members === "object" && members !== null && Symbol.iterator in members
  if (!isIterable) return Result.fail({ expected: "a list of values", actual: describeValue(members) })
  // Cast: it has an iterator.
  return Result.succeed(Array.isArray(members) ? members : Array.from(members as Iterable<unknown>))
}

/** Returns members as 64-bit integers. Fails if one is not an integer. */
export const readIntegers = (members: ArrayLike<unknown>): Result.Result<BigInt64Array, LiteralProblem> => {
  const integers = new BigInt64Array(members.length)
  for (let index = 0; index < integers.length; index++) {
    const member = members[index]
    const integer = typeof member === "bigint"
      ? member
      : Number.isSafeInteger(member)
      ? BigInt(Number(member))
      : undefined
    if (integer === undefined || BigInt.asIntN(64, integer) !== integer) {
      return Result.fail({ index, expected: "a 64-bit bigint or a safe integer", actual: describeValue(member) })
    }
    integers[index] = integer
  }
  return Result.succeed(integers)
}
