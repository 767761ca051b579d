/** Outcomes of operations and attempts for telemetry: names and codes only, never the text of an error or a value. */
import * as Cause from "effect/Cause"
import * as Exit from "effect/Exit"
import * as Predicate from "effect/Predicate"

/** A failure or an interruption, in words of which there are few. */
export interface Outcome {
  /** The tag of the error, `"Interrupted"`, or `"_OTHER"` for what is not an error of a library. */
  readonly errorType: string
  /** Code of gRPC (`"UNAVAILABLE"`) or of Milvus (`"1100"`), if the failure has one. */
  readonly statusCode: string | undefined
}

/** Returns the outcome of an effect; `undefined` if it succeeded. */
export const outcomeOf = (exit: Exit.Exit<unknown, unknown>): Outcome | undefined => {
  if (Exit.isSuccess(exit)) return undefined
  const reasons = exit.cause.reasons
  const reason = reasons.find((one) => one._tag === "Fail") ?? reasons.find((one) => one._tag === "Die")
  if (reason === undefined) return interrupted
  const error = reason._tag === "Fail" ? reason.error : reason.defect
  return { errorType: tagOf(error) ?? "_OTHER", statusCode: statusCodeOf(error, 0) }
}

/** The outcome of an effect that was interrupted, and of a stream that was not read to its end. */
export const interrupted: Outcome = { errorType: "Interrupted", statusCode: undefined }

/**
 * Returns the exit of a span. An error is replaced by its outcome, since its message may have the text of a filter or a
 * value, which exporters would send. A result is left out.
 */
export const exitOf = (
  name: string,
  exit: Exit.Exit<unknown, unknown>,
  outcome: Outcome | undefined,
): Exit.Exit<void, SpanFailure> => {
  if (Exit.isSuccess(exit) || outcome === undefined) return Exit.void
  if (Cause.hasInterruptsOnly(exit.cause)) return Exit.interrupt()
  return Exit.fail(new SpanFailure(name, outcome))
}

/** The error of a span. It has no stack. */
class SpanFailure extends Error {
  constructor(span: string, { errorType, statusCode }: Outcome) {
    super(`${span} failed with ${errorType}${statusCode === undefined ? "" : ` ${statusCode}`}`)
    this.name = errorType
    this.stack = `${errorType}: ${this.message}`
  }
}

const tagOf = (error: unknown): string | undefined =>
  Predicate.hasProperty(error, "_tag") && typeof error._tag === "string" ? error._tag : undefined

/** The code of an error, or of the first error behind it that has one. */
const statusCodeOf = (error: unknown, depth: number): string | undefined => {
  const tag = tagOf(error)
  if (tag === undefined || depth > 3) return undefined
  if ((tag === "RpcError" || tag === "ServerError") && Predicate.hasProperty(error, "code")) return String(error.code)
  return Predicate.hasProperty(error, "cause") ? statusCodeOf(error.cause, depth + 1) : undefined
}
