/** Errors of commands, in addition to those of the library: one class for each exit code. */
import * as Data from "effect/Data"

/** Properties of both classes. */
interface Reasons {
  /** Text of the error, without a full stop. */
  readonly reason: string
  /** Suggestion, in the imperative. */
  readonly hint?: string | undefined
}

/** A command was used wrongly: exit code 2. */
export class UsageError extends Data.TaggedError("UsageError")<Reasons> {
  /** Text of the error. */
  override get message(): string {
    return this.reason
  }
}

/** A command failed: exit code 1. */
export class CommandError extends Data.TaggedError("CommandError")<Reasons & { readonly cause?: unknown }> {
  /** Text of the error. */
  override get message(): string {
    return this.reason
  }
}
