/** The failures of the codec: each is a thrown {@linkcode CodecError}, whatever the input. */
import { CodecError, type CodecErrorKind } from "../errors.ts"

/**
 * Throws the error for a value of the caller that does not fit its field.
 *
 * @param field The field, option or parameter.
 * @param row The row, counted from 0; `undefined` if the error is not about one row.
 * @param expected What would fit.
 * @param actual What was given, as short text; see {@linkcode describeValue}.
 * @param cause What code of the caller threw.
 */
export const throwValue = (
  field: string,
  row: number | undefined,
  expected: string,
  actual?: string,
  cause?: unknown,
): never => throwCodecError("Value", field, row, expected, actual, cause)

/** Throws the error for a reply that is well-formed, but has a value that the server should not have sent. */
export const throwReply = (
  field: string,
  row: number | undefined,
  expected: string,
  actual?: string,
  cause?: unknown,
): never => throwCodecError("Message", field, row, expected, actual, cause)

/** Throws the error for bytes that are not a message of the type `message`. `offset` is in bytes from its beginning. */
export const throwMalformed = (message: string, offset: number, problem: string, cause?: unknown): never =>
  throwReply(message, undefined, "a well-formed message", `an error at byte ${offset}: ${problem}`, cause)

const throwCodecError = (
  kind: CodecErrorKind,
  field: string,
  row: number | undefined,
  expected: string,
  actual: string | undefined,
  cause: unknown,
): never => {
  throw new CodecError({
    kind,
    field,
    expected,
    ...(row === undefined ? {} : { row }),
    ...(actual === undefined ? {} : { actual }),
    ...(cause === undefined ? {} : { cause }),
  })
}

/** Returns a value as a few words for an error: its type, or the value itself if it is short. Never a payload. */
export const describeValue = (value: unknown): string => {
  if (value === null || value === undefined || typeof value === "boolean") return String(value)
  if (typeof value === "number" || typeof value === "bigint") return `${value}`.slice(0, 40)
  if (typeof value === "string") return "a string"
  return Array.isArray(value) ? "an array" : typeof value === "object" ? "an object" : `a ${typeof value}`
}
