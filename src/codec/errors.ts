/** How the codec fails: with {@linkcode CodecError}, thrown, never with another error for any input. */
import { CodecError } from "../errors.ts"

/** A value does not fit its field. */
export const throwValue = (field: string, row: number | undefined, expected: string, cause?: unknown): never => {
  throw new CodecError({
    field,
    expected,
    ...(row === undefined ? {} : { row }),
    ...(cause === undefined ? {} : { cause }),
  })
}

/** Bytes are not such a message. */
export const throwMalformed = (message: string, at: number, problem: string, cause?: unknown): never => {
  const expected = `a well-formed message; at byte ${at}, ${problem}`
  throw new CodecError(cause === undefined ? { field: message, expected } : { field: message, expected, cause })
}

/** A value as a few words for an error: its type, or itself where it is short. Never a payload. */
export const describeValue = (value: unknown): string => {
  if (value === null || value === undefined || typeof value === "boolean") return String(value)
  if (typeof value === "number" || typeof value === "bigint") return `${value}`.slice(0, 40)
  if (typeof value === "string") return "a string"
  return Array.isArray(value) ? "an array" : typeof value === "object" ? "an object" : `a ${typeof value}`
}
