/** Checks objects of the caller, whose getters may throw. */
import { throwValue } from "../codec/errors.ts"
import { CodecError } from "../errors.ts"

/** Whether a value keeps its contents in its properties. Not so a `Map`, a `Promise`, a `Date` or an array. */
export const isRecord = (value: unknown): boolean =>
  typeof value === "object" && value !== null &&
  (Object.getPrototypeOf(value) === Object.prototype || Object.prototype.toString.call(value) === "[object Object]")

/** Throws for an error of the caller's code: a getter or a proxy. */
export const throwUnreadable = (name: string, row: number, cause: unknown): never => {
  if (cause instanceof CodecError) throw cause
  return throwValue(name, row, "a value that can be read", undefined, cause)
}
