/**
 * Decides whether a failed call is retried, and runs the retry loop. Used for connecting and for calls.
 *
 * A call is retried if it cannot be applied twice and may succeed: it was not sent; it was refused before anything was
 * done; or it is idempotent, and was lost with its session or failed with what Milvus calls retriable. A denial is
 * never retried, nor is a failure that the caller, its credentials or its deadline caused.
 *
 * The loop is not `Effect.retry` with a `Schedule`: the server can set the pause, retries take from a budget, and a
 * pause ends early once there is reason to.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as Result from "effect/Result"
import type { CallError } from "../errors.ts"
import type { Retry } from "./options.ts"

/** Decision to retry a failed call. */
export interface RetryDecision {
  /** Whether the retry takes from the budget: the call reached the server, and was not rate-limited. */
  readonly spendsBudget: boolean
  /** Factor of the usual delay. */
  readonly delayFactor: number
  /** Minimum delay, if the server asks for one. */
  readonly minDelay: Duration.Duration | undefined
}

/** Decides whether and how a failed call is retried; `undefined` if it is not. */
export const decideRetry = (error: CallError, isIdempotent: boolean): RetryDecision | undefined => {
  if (!error.isRetryable || error._tag !== "RpcError" && error._tag !== "ServerError") return undefined
  const { retryAfter: minDelay } = error
  if (error._tag === "RpcError") {
    if (error.progress === "NotSent") return { spendsBudget: false, delayFactor: 1, minDelay }
    return isIdempotent ? { spendsBudget: true, delayFactor: 1, minDelay } : undefined
  }
  if (error.refusal === "RateLimit") return { spendsBudget: false, delayFactor: 4, minDelay }
  return isIdempotent || error.refusal === "NotReady" ? { spendsBudget: true, delayFactor: 1, minDelay } : undefined
}

/** Options of the retry loop. */
export interface RetryLoopOptions<E> {
  readonly retry: Retry
  /** Decides how to go on after a failure; `undefined` to fail with it. */
  readonly decide: (failure: E) => Pick<RetryDecision, "delayFactor" | "minDelay"> | undefined
  /** Returns the remaining time in milliseconds; a longer pause does not begin. */
  readonly remaining: () => number
  /** Ends when there is reason to retry before the pause is over, such as a new session. */
  readonly wakeUp: Effect.Effect<void>
}

/** Retries after a failure, until an attempt succeeds, or the options end it. Fails with the last failure. */
export const retryCall = <A, E>(
  attempt: Effect.Effect<A, E>,
  failure: E,
  options: RetryLoopOptions<E>,
): Effect.Effect<A, E> =>
  Effect.gen(function* () {
    const { retry, decide, remaining, wakeUp } = options
    let last = failure
    for (let retries = 0; retries < retry.times; retries++) {
      const decision = decide(last)
      if (decision === undefined) break
      const jitter = yield* Random.nextBetween(0.8, 1.2)
      const usual = backoff(retry, retries) * decision.delayFactor * jitter
      const minDelay = decision.minDelay === undefined ? 0 : Duration.toMillis(decision.minDelay)
      const pause = Math.max(usual, minDelay)
      if (pause >= remaining()) break
      // A part of the pause is always kept: a session that comes and goes must not remove it.
      const kept = Math.max(usual / 4, minDelay)
      yield* Effect.sleep(kept)
      if (pause > kept) yield* Effect.raceFirst(Effect.sleep(pause - kept), wakeUp)
      const result = yield* Effect.result(attempt)
      if (Result.isSuccess(result)) return result.success
      last = result.failure
    }
    return yield* Effect.fail(last)
  })

/** Delay before a retry in milliseconds: doubles from the first to the longest. */
const backoff = ({ delay, maxDelay }: Retry, retries: number): number =>
  Math.min(Duration.toMillis(delay) * 2 ** retries, Duration.toMillis(maxDelay))
