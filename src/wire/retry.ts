/** When what failed is tried again: the one place for connecting and for calls. */
import * as Schedule from "effect/Schedule"
import type { Retry } from "../ConnectionConfig.ts"
import type { CallError, RpcError } from "../errors.ts"

/** Exponential from `delay` to `maxDelay`, jittered by a fifth either way, `times` at most. */
export const schedule = ({ delay, maxDelay, times }: Retry): Schedule.Schedule<unknown> =>
  Schedule.min([Schedule.exponential(delay), Schedule.spaced(maxDelay)]).pipe(
    Schedule.jittered,
    times === Infinity ? (unbounded) => unbounded : Schedule.upTo({ times }),
  )

/**
 * Whether a failed call may be made again without being applied twice: it never left, or the transport failed under a
 * call that changes nothing.
 */
export const mayRepeat = (error: CallError): error is RpcError =>
  error._tag === "RpcError" && error.isRetryable && (error.progress === "NotSent" || onlyReads(error.method))

const onlyReads = (method: string): boolean =>
  /^(BatchDescribe|CalcDistance|Check|Connect|Describe|Explain|Get|Has|HybridSearch|List|Query|RunAnalyzer|Search|Select|Show)/
    .test(method)
