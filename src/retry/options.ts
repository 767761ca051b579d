/** When what failed is tried again: what a caller may write of it, for a connection or for one call, and its decoding. */
import * as Duration from "effect/Duration"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { type Decoded, failUnknownParam, read, readDuration, readRecord, withExpectation } from "../config/params.ts"

/** When and how often what failed is tried again. The delays double from `delay` to `maxDelay`, give or take a fifth. */
export interface RetryParams {
  /** How many times at most after the first. Default: until the time of the whole is up. */
  readonly times?: number | undefined
  /** Before the first retry. Default 50 ms. */
  readonly delay?: Duration.Input | undefined
  /** At most between two attempts; four times as long under a rate limit. Default 1 s. */
  readonly maxDelay?: Duration.Input | undefined
  /**
   * Retries of calls that reached the server, for each call made: what keeps retries from storming a server that is sick.
   * Beside it there is a reserve of 1000, which fills up by 10 a second. `Infinity` for no bound. Default 0.2.
   */
  readonly budget?: number | undefined
}

/** What {@linkcode RetryParams} decode to. */
export interface Retry {
  /** How many times at most after the first; `Infinity` for no bound but time. */
  readonly times: number
  /** Before the first retry. */
  readonly delay: Duration.Duration
  /** At most between two attempts. */
  readonly maxDelay: Duration.Duration
  /** Retries of calls that reached the server, for each call made. */
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
