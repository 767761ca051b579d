/** Options of retries, for a connection or for one call, and their decoding. */
import * as Duration from "effect/Duration"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { type Decoded, failUnknownParam, read, readDuration, readRecord, withExpectation } from "../config/params.ts"

/** When and how often a failed call is retried. Delays double from `delay` to `maxDelay`, with a jitter of 20%. */
export interface RetryParams {
  /**
   * Maximum number of retries.
   *
   * @default `Infinity`: until the timeout of the call or of `connect`.
   */
  readonly times?: number | undefined
  /**
   * Delay before the first retry.
   *
   * @default 50 ms
   */
  readonly delay?: Duration.Input | undefined
  /**
   * Maximum delay between two attempts; four times as long after a rate limit.
   *
   * @default 1 s, or `delay` if that is longer.
   */
  readonly maxDelay?: Duration.Input | undefined
  /**
   * Retries that each call adds to the budget of the server, which limits retries of calls that reached it. The budget
   * starts with a reserve of 1000, its maximum, and gains 10 a second. `Infinity` for no limit.
   *
   * @default 0.2
   */
  readonly budget?: number | undefined
}

/** Decoded {@linkcode RetryParams}. */
export interface Retry {
  /** Maximum number of retries; `Infinity` for no limit but time. */
  readonly times: number
  /** Delay before the first retry. */
  readonly delay: Duration.Duration
  /** Maximum delay between two attempts. */
  readonly maxDelay: Duration.Duration
  /** Retries that each call adds to the budget of the server. */
  readonly budget: number
}

/** Decodes the parameter `retry`. */
export const readRetry = (value: unknown): Decoded<Retry | false> =>
  Result.gen(function* () {
    if (value === undefined || value === true) return defaultRetry
    if (value === false) return false
    const given = yield* readRecord("retry", value, "true, false, or { times, delay, maxDelay, budget }")
    yield* failUnknownParam("retry.", given, names)
    const delay = yield* readDuration("retry.delay", given["delay"], defaultRetry.delay)
    const longest = Duration.max(delay, defaultRetry.maxDelay)
    return {
      times: yield* read("retry.times", Times, given["times"], defaultRetry.times),
      delay,
      maxDelay: yield* readDuration("retry.maxDelay", given["maxDelay"], longest, delay),
      budget: yield* read("retry.budget", Budget, given["budget"], defaultRetry.budget),
    }
  })

const defaultRetry: Retry = {
  times: Infinity,
  delay: Duration.millis(50),
  maxDelay: Duration.seconds(1),
  budget: 0.2,
}

const names: ReadonlySet<string> = new Set<keyof RetryParams>(["times", "delay", "maxDelay", "budget"])

const Times = withExpectation(
  Schema.Number.check(
    Schema.makeFilter((times: number) => times === Infinity || Number.isSafeInteger(times) && times >= 0),
  ),
  "a whole number of retries, or Infinity",
)
const Budget = withExpectation(
  Schema.Number.check(Schema.makeFilter((budget: number) => budget >= 0)),
  "a number of retries for each call, such as 0.2, or Infinity",
)
