/** What commands fail with beside the errors of the library: one class per exit code. */
import * as Data from "effect/Data"

/** What both say: why, and what to do about it. */
interface Reasons {
  /** What is wrong, without a full stop. */
  readonly reason: string
  /** What to try, as an order. */
  readonly hint?: string | undefined
}

/** A command was used wrongly: exit code 2. */
export class UsageError extends Data.TaggedError("UsageError")<Reasons> {
  /** Why. */
  override get message(): string {
    return this.reason
  }
}

/** A command could not do what it was asked for: exit code 1. */
export class CommandError extends Data.TaggedError("CommandError")<Reasons & { readonly cause?: unknown }> {
  /** Why. */
  override get message(): string {
    return this.reason
  }
}
