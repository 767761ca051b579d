/**
 * What is tried again, and when: the one place for connecting and for calls.
 *
 * A call is made again where that cannot apply it twice and may do better: it never left; it was refused before anything
 * was done; or it is idempotent, and was lost with its session or failed with what Milvus calls retriable. A denial is
 * never tried again, nor is what the caller, its credentials or its deadline brought about.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as Result from "effect/Result"
import type { CallError } from "../errors.ts"
import type { Retry } from "./options.ts"

/** How a failed call may be made again. */
export interface RetryDecision {
  /** Whether it counts against the budget: the server had it, and did not ask for patience. */
  readonly spendsBudget: boolean
  /** By how much the usual pause is stretched. */
  readonly delayFactor: number
  /** At least so long a pause, where the server asks for one. */
  readonly minDelay: Duration.Duration | undefined
}

/** Whether, and how, a failed call may be made again; `undefined` for not at all. */
export const decideRetry = (error: CallError, isIdempotent: boolean): RetryDecision | undefined => {
  if (!error.isRetryable || error._tag === "NotReady" || error._tag === "ConnectionClosed") return undefined
  const { retryAfter: minDelay } = error
  if (error._tag === "RpcError") {
    if (error.progress === "NotSent") return { spendsBudget: false, delayFactor: 1, minDelay }
    return isIdempotent ? { spendsBudget: true, delayFactor: 1, minDelay } : undefined
  }
  if (error.refusal === "RateLimit") return { spendsBudget: false, delayFactor: 4, minDelay }
  return isIdempotent || error.refusal === "NotReady" ? { spendsBudget: true, delayFactor: 1, minDelay } : undefined
}

/** What it takes to try again. */
export interface RetryLoopOptions<E> {
  readonly retry: Retry
  /** How to go on after a failure; `undefined` to leave it at that. */
  readonly decide: (failure: E) => Pick<RetryDecision, "delayFactor" | "minDelay"> | undefined
  /** Milliseconds that are left; a pause that is longer is not begun. */
  readonly remaining: () => number
  /** Ends when there is reason to try before the pause is over, such as a session that is up. */
  readonly wakeUp: Effect.Effect<void>
}

/** Tries again after a failure, until it succeeds, the effort ends, or it is interrupted. */
export const retryCall = <A, E>(
  once: Effect.Effect<A, E>,
  failure: E,
  effort: RetryLoopOptions<E>,
): Effect.Effect<A, E> =>
  Effect.gen(function* () {
    const { retry, decide, remaining, wakeUp } = effort
    let last = failure
    for (let retries = 0; retries < retry.times; retries++) {
      const go = decide(last)
      if (go === undefined) break
      const jitter = yield* Random.nextBetween(0.8, 1.2)
      const usual = backoff(retry, retries) * go.delayFactor * jitter
      const atLeast = go.minDelay === undefined ? 0 : Duration.toMillis(go.minDelay)
      const pause = Math.max(usual, atLeast)
      if (pause >= remaining()) break
      // A part of the pause is always kept, so that a session that comes and goes does not make it none.
      const kept = Math.max(usual / 4, atLeast)
      yield* Effect.sleep(kept)
      if (pause > kept) yield* Effect.raceFirst(Effect.sleep(pause - kept), wakeUp)
      const result = yield* Effect.result(once)
      if (Result.isSuccess(result)) return result.success
      last = result.failure
    }
    return yield* Effect.fail(last)
  })

/** Milliseconds before a retry, which double from the first to the longest. */
const backoff = ({ delay, maxDelay }: Retry, retries: number): number =>
  Math.min(Duration.toMillis(delay) * 2 ** retries, Duration.toMillis(maxDelay))
