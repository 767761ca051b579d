/** Decodes single parameters of a caller. Any input gives the decoded value or a `ParamError`; nothing throws. */
import * as Duration from "effect/Duration"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { ParamError } from "../errors.ts"

/** A decoded value, or the error that names its parameter. */
export type Decoded<A> = Result.Result<A, ParamError>
/** Parameters of a caller, whose values are not decoded yet. */
export type Params = { readonly [name: string]: unknown }

/** Returns a schema with the text of the error for a value that does not decode. */
export const withExpectation = <S extends Schema.Constraint>(schema: S, expected: string): DescribedSchema<S> => ({
  schema,
  expected,
})

interface DescribedSchema<S> {
  readonly schema: S
  readonly expected: string
}

/** Returns a shallow copy of a plain object. Copying runs the caller's getters once, and they may throw here. */
export const readRecord = (parameter: string, value: unknown, expected: string): Decoded<Params> =>
  Result.try({
    try: () => {
      const prototype = Predicate.isObject(value) ? Object.getPrototypeOf(value) : undefined
      return prototype === null || prototype === Object.prototype ? { ...(value as Params) } : undefined
    },
    // Without the cause if even storing it in the error throws.
    catch: (cause) =>
      tryOrUndefined(() => new ParamError({ parameter, expected, cause })) ?? new ParamError({ parameter, expected }),
  }).pipe(
    Result.flatMap((record) => record === undefined ? failParam(parameter, expected, value) : Result.succeed(record)),
  )

/** Fails for a parameter with an unknown name, so that a typo is not silently replaced by a default. */
export const failUnknownParam = (prefix: string, given: Params, names: ReadonlySet<string>): Decoded<void> => {
  const unknown = Object.keys(given).find((name) => !names.has(name) && given[name] !== undefined)
  return unknown === undefined
    ? Result.succeed(undefined)
    : failParam(`${prefix}${quote(unknown).slice(1, -1)}`, `a known parameter (${[...names].join(", ")})`)
}

/** Decodes one value with its schema. */
export const read = <S extends Schema.ConstraintDecoder<unknown>, const D>(
  parameter: string,
  { schema, expected }: DescribedSchema<S>,
  value: unknown,
  whenAbsent: D,
): Decoded<S["Type"] | D> => {
  if (value === undefined) return Result.succeed(whenAbsent)
  const decoded = tryOrUndefined(() => Schema.decodeUnknownSync(schema)(value))
  return decoded === undefined ? failParam(parameter, expected, value) : Result.succeed(decoded)
}

/** Returns the value inside a `Redacted`, and any other value unchanged. */
export const unwrapRedacted = (value: unknown): unknown =>
  tryOrUndefined(() => Redacted.isRedacted(value) ? Redacted.value(value) : value)

/** Returns `undefined` if reading a value throws, as a proxy or an object that imitates another may do. */
export const tryOrUndefined = <A>(read: () => A): A | undefined => Result.getOrUndefined(Result.try(read))

/** Decodes a positive, finite duration that a timer can hold. */
export const readDuration = (
  parameter: string,
  value: unknown,
  whenAbsent: Duration.Duration,
  minimum: Duration.Duration = Duration.zero,
): Decoded<Duration.Duration> => {
  if (value === undefined) return Result.succeed(whenAbsent)
  const duration = durationOf(value)
  const fits = Duration.isFinite(duration) && Duration.toMillis(duration) > 0 &&
    Duration.isGreaterThanOrEqualTo(duration, minimum) && Duration.toMillis(duration) <= maxDurationMillis
  const range = Duration.isZero(minimum)
    ? "a positive duration of at most 24 days"
    : `a duration between ${Duration.format(minimum)} and 24 days`
  return fits ? Result.succeed(duration) : failParam(parameter, `${range}, for example "10 seconds"`, value)
}

/** The longest delay of a timer: 2^31 - 1 ms, 24 days. */
const maxDurationMillis = 2 ** 31 - 1

/** Whether a value is any form of an infinite duration. */
export const isInfinite = (value: unknown): boolean =>
  value === "infinite" || value !== undefined && Duration.equals(durationOf(value), Duration.infinity)

/**
 * Returns zero for a value that is not a duration. Builds a new one, because `fromInputUnsafe` returns an object that
 * only looks like a duration unchanged.
 */
const durationOf = (value: unknown): Duration.Duration =>
  tryOrUndefined(() =>
    // Cast: `fromInputUnsafe` accepts any value at run time.
    Duration.match(Duration.fromInputUnsafe(value as Duration.Input), {
      onMillis: (millis) => Duration.millis(Number(millis)),
      onNanos: (nanos) => Duration.nanos(BigInt(nanos)),
      onInfinity: () => Duration.infinity,
      onNegativeInfinity: () => Duration.negativeInfinity,
    })
  ) ?? Duration.zero

/** Returns the error of one parameter. `actual` appears in the message, so it must not hold a secret. */
export const paramError = (parameter: string, expected: string, actual?: unknown): ParamError =>
  new ParamError({ parameter, expected, actual: actual === undefined ? undefined : show(actual) })

/** Fails with the error of one parameter. `actual` appears in the message, so it must not hold a secret. */
export const failParam = (parameter: string, expected: string, actual?: unknown): Result.Result<never, ParamError> =>
  Result.fail(paramError(parameter, expected, actual))

/**
 * Returns a value as short text, without the contents of objects: they may hold secrets, and their methods may throw.
 */
export const show = (value: unknown): string => {
  if (typeof value === "string") return quote(value)
  if (typeof value === "function" || typeof value === "symbol") return `a ${typeof value}`
  if (tryOrUndefined(() => Array.isArray(value))) return "an array"
  return typeof value === "object" && value !== null ? "an object" : shorten(String(value))
}

/** Returns text in quotes, on one line. */
const quote = (text: string): string =>
  JSON.stringify(shorten(text)).replace(
    /[\u007f-\u009f\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  )

const shorten = (text: string): string => text.length > 60 ? `${text.slice(0, 59)}…` : text

/** A boolean parameter. */
export const BooleanParam = withExpectation(Schema.Boolean, "true or false")

/** Decodes a name. A blank one is refused, since some servers take it for all names. */
export const readName = (parameter: string, value: unknown): Decoded<string> =>
  typeof value === "string" && value.trim() !== ""
    ? Result.succeed(value)
    : failParam(parameter, "a name that is not blank", value)

/** A name of a database, which calls carry in their metadata. */
export const DatabaseName = withExpectation(
  Schema.String.check(Schema.makeFilter((name: string) => /^[\x21-\x7e]+$/.test(name))),
  "a database name in printable ASCII",
)

/** Decodes the name of a database. */
export const readDatabase = (parameter: string, value: unknown): Decoded<string> =>
  value === undefined
    ? failParam(parameter, DatabaseName.expected)
    : Result.map(read(parameter, DatabaseName, value, ""), (name) => name)
