/** Reads single values that a caller wrote: any value at all gives the decoded one or a `ParamError`. */
import * as Duration from "effect/Duration"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { ParamError } from "../errors.ts"

/** A value, or the error that names its parameter. */
export type Decoded<A> = Result.Result<A, ParamError>
/** What a caller wrote, looked at no further than its names. */
export type Params = { readonly [name: string]: unknown }

/** A schema with what to tell the caller where a value does not decode. */
export const withExpectation = <S extends Schema.Constraint>(schema: S, expected: string): Described<S> => ({
  schema,
  expected,
})

interface Described<S> {
  readonly schema: S
  readonly expected: string
}

/** A shallow copy of a plain object. Copying runs the caller's getters, once and here, where they may throw. */
export const readRecord = (parameter: string, value: unknown, expected: string): Decoded<Params> =>
  Result.try({
    try: () => {
      const prototype = Predicate.isObject(value) ? Object.getPrototypeOf(value) : undefined
      return prototype === null || prototype === Object.prototype ? { ...(value as Params) } : undefined
    },
    // Without the cause where that is a thing that cannot even be carried.
    catch: (cause) =>
      tryOrUndefined(() => new ParamError({ parameter, expected, cause })) ?? new ParamError({ parameter, expected }),
  }).pipe(
    Result.flatMap((record) => record === undefined ? failParam(parameter, expected, value) : Result.succeed(record)),
  )

/** A typo never becomes a default. */
export const failUnknownParam = (prefix: string, given: Params, names: ReadonlySet<string>): Decoded<void> => {
  const unknown = Object.keys(given).find((name) => !names.has(name) && given[name] !== undefined)
  return unknown === undefined
    ? Result.succeed(undefined)
    : failParam(`${prefix}${quote(unknown).slice(1, -1)}`, `one of the parameters ${[...names].join(", ")}`)
}

/** Decodes one value by its schema. */
export const read = <S extends Schema.ConstraintDecoder<unknown>, const D>(
  parameter: string,
  { schema, expected }: Described<S>,
  value: unknown,
  whenAbsent: D,
): Decoded<S["Type"] | D> => {
  if (value === undefined) return Result.succeed(whenAbsent)
  const decoded = tryOrUndefined(() => Schema.decodeUnknownSync(schema)(value))
  return decoded === undefined ? failParam(parameter, expected, value) : Result.succeed(decoded)
}

/** What a Redacted holds; any other value itself. */
export const unwrapRedacted = (value: unknown): unknown =>
  tryOrUndefined(() => Redacted.isRedacted(value) ? Redacted.value(value) : value)

/** `undefined` where looking at a value throws, as it may for a proxy or an object that only looks like another. */
export const tryOrUndefined = <A>(look: () => A): A | undefined => Result.getOrUndefined(Result.try(look))

/** A positive, finite duration that a timer can hold. */
export const readDuration = (
  parameter: string,
  value: unknown,
  whenAbsent: Duration.Duration,
  atLeast: Duration.Duration = Duration.zero,
): Decoded<Duration.Duration> => {
  if (value === undefined) return Result.succeed(whenAbsent)
  const duration = durationOf(value)
  const fits = Duration.isFinite(duration) && Duration.toMillis(duration) > 0 &&
    Duration.isGreaterThanOrEqualTo(duration, atLeast) && Duration.toMillis(duration) <= longestDuration
  const range = Duration.isZero(atLeast) ? "a positive duration up" : `a duration from ${Duration.format(atLeast)}`
  return fits ? Result.succeed(duration) : failParam(parameter, `${range} to 24 days, such as "10 seconds"`, value)
}

/** What a timer can hold: 2^31 - 1 ms, 24 days. */
const longestDuration = 2 ** 31 - 1

/** Whether a value is one of the ways to say an infinite duration. */
export const isInfinite = (value: unknown): boolean =>
  value === "infinite" || value !== undefined && Duration.equals(durationOf(value), Duration.infinity)

/** Zero for what is no duration. Built anew, because `fromInputUnsafe` trusts what only looks like one. */
const durationOf = (value: unknown): Duration.Duration =>
  tryOrUndefined(() =>
    // Cast: it takes anything at run time.
    Duration.match(Duration.fromInputUnsafe(value as Duration.Input), {
      onMillis: (millis) => Duration.millis(Number(millis)),
      onNanos: (nanos) => Duration.nanos(BigInt(nanos)),
      onInfinity: () => Duration.infinity,
      onNegativeInfinity: () => Duration.negativeInfinity,
    })
  ) ?? Duration.zero

/** The error of one parameter; `actual` is shown, so it may hold no secret. */
export const paramError = (parameter: string, expected: string, actual?: unknown): ParamError =>
  new ParamError({ parameter, expected, actual: actual === undefined ? undefined : show(actual) })

/** A value that does not decode. */
export const failParam = (parameter: string, expected: string, actual?: unknown): Result.Result<never, ParamError> =>
  Result.fail(paramError(parameter, expected, actual))

/** A value as short text. Objects are not looked into: they may hold secrets, and their methods may throw. */
export const show = (value: unknown): string => {
  if (typeof value === "string") return quote(value)
  if (typeof value === "function" || typeof value === "symbol") return `a ${typeof value}`
  if (tryOrUndefined(() => Array.isArray(value))) return "an array"
  return typeof value === "object" && value !== null ? "an object" : shorten(String(value))
}

/** Text in quotes, on one line. */
const quote = (text: string): string =>
  JSON.stringify(shorten(text)).replace(
    /[\u007f-\u009f\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  )

const shorten = (text: string): string => text.length > 60 ? `${text.slice(0, 59)}…` : text

/** `true` or `false`. */
export const BooleanParam = withExpectation(Schema.Boolean, "true or false")
