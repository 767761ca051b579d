/** The errors of plans: one class for a plan that is refused, and one for a plan that was made in part. */
import type * as Cause from "effect/Cause"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import { oneLine, withPrintableCause } from "../text/printable.ts"

/**
 * Why a plan is refused:
 *
 * - `Conflict`: it has differences that cannot be removed in place.
 * - `Stale`: the server differs from what the plan was made for.
 */
export type PlanErrorKind = "Conflict" | "Stale"

/** Properties of {@linkcode PlanError}. */
export interface PlanErrorProps {
  /** Why the plan is refused. */
  readonly kind: PlanErrorKind
  /** The conflicts, or what the server needs now and the plan does not have; one text each. */
  readonly reasons: ReadonlyArray<string>
}

const PlanErrorBase: new (
  props: PlanErrorProps,
) => Cause.YieldableError & PlanErrorProps & { readonly _tag: "PlanError" } = Schema.TaggedError<PlanError>()(
  "PlanError",
  { kind: Schema.Literals(["Conflict", "Stale"]), reasons: Schema.Array(Schema.String) },
)

/** A plan is refused, and nothing was changed. */
export class PlanError extends PlanErrorBase {
  /** Always false: the same plan is refused again. */
  get isRetryable(): boolean {
    return false
  }
  /** Describes what failed and why, in one line. */
  override get message(): string {
    const reasons = `${this.reasons.slice(0, 5).join("; ")}${this.reasons.length > 5 ? "; ..." : ""}`
    return oneLine(
      this.kind === "Conflict"
        ? `the plan has conflicts, and nothing was changed: ${reasons}`
        : `the server has changed since the plan was made, and nothing was done; make a new plan: ${reasons}`,
    )
  }
}

/** Properties of {@linkcode PartialApply}. */
export interface PartialApplyProps {
  /** The steps that were made, in words. */
  readonly done: ReadonlyArray<string>
  /** The step that failed, in words. */
  readonly step: string
  /** The error of the step. */
  readonly cause: unknown
}

const PartialApplyBase: new (
  props: PartialApplyProps,
) => Cause.YieldableError & PartialApplyProps & { readonly _tag: "PartialApply" } = Schema.TaggedError<PartialApply>()(
  "PartialApply",
  { done: Schema.Array(Schema.String), step: Schema.String, cause: Schema.Defect() },
)

/** A step of a plan failed. What was done before stays; applying the same plan again makes the rest. */
export class PartialApply extends PartialApplyBase {
  /** Creates an error from its properties; the text of its cause is made printable. */
  constructor(props: PartialApplyProps) {
    super(withPrintableCause(props))
  }
  /** Whether the cause is retryable: applying the plan again is safe. */
  get isRetryable(): boolean {
    return Predicate.hasProperty(this.cause, "isRetryable") && this.cause.isRetryable === true
  }
  /** Describes what failed and why, in one line. */
  override get message(): string {
    const why = this.cause instanceof Error ? this.cause.message : String(this.cause)
    return oneLine(`after ${this.done.length} steps of the plan, this one failed: ${this.step}: ${why}`)
  }
}

/**
 * Why the alias was not switched:
 *
 * - `Count`: the new collection has another number of rows.
 * - `Recall`: the new collection finds too few of the rows that it should find.
 * - `Changing`: each time that the old collection was read, other rows had been changed. Stop writing to it meanwhile.
 * - `Late`: rows of the old collection were changed just before the alias was switched, and are not in the new one.
 *   The alias leads to the new collection: roll back and run again, or write these rows again.
 */
export type ReembedErrorKind = "Count" | "Recall" | "Changing" | "Late"

/** Properties of {@linkcode ReembedError}. */
export interface ReembedErrorProps {
  /** The comparison that failed. */
  readonly kind: ReembedErrorKind
  /** The old collection. It still serves, except for `Late`. */
  readonly from: string
  /** The new collection. */
  readonly to: string
  /** The number of rows, or the least recall, that was needed; 0 for rows that were changed. */
  readonly expected: number
  /** That of the new collection, or the least number of rows that were changed. */
  readonly actual: number
  /** For `Count`: keys of rows that only the new collection has, at most ten. */
  readonly keys?: ReadonlyArray<string> | undefined
}

const ReembedErrorBase: new (
  props: ReembedErrorProps,
) => Cause.YieldableError & ReembedErrorProps & { readonly _tag: "ReembedError" } = Schema.TaggedError<ReembedError>()(
  "ReembedError",
  {
    kind: Schema.Literals(["Count", "Recall", "Changing", "Late"]),
    from: Schema.String,
    to: Schema.String,
    expected: Schema.Number,
    actual: Schema.Number,
    keys: Schema.optional(Schema.Array(Schema.String)),
  },
)

/** A new collection is not as good as the old one, or was not when the alias was switched to it. */
export class ReembedError extends ReembedErrorBase {
  /** Whether another run may succeed: rows changed before the switch, and the new collection has none of its own. */
  get isRetryable(): boolean {
    return this.kind === "Changing" || this.kind === "Count" && (this.keys ?? []).length === 0
  }
  /** Describes what failed and why, in one line. */
  override get message(): string {
    const { kind, from, to } = this
    const isSwitched = kind === "Late" ? "was" : "was not"
    return oneLine(`the alias ${isSwitched} switched from "${from}" to "${to}": ${whyOf(this)}`)
  }
}

const whyOf = ({ kind, from, to, expected, actual, keys = [] }: ReembedErrorProps): string => {
  switch (kind) {
    case "Count": {
      const extra = keys.length === 0 ? "" : `; only it has ${keys.join(", ")}, which \`allowDelete\` deletes`
      return `it has ${actual} rows instead of ${expected}${extra}`
    }
    case "Recall":
      return `its recall is ${actual} instead of at least ${expected}`
    case "Changing":
      return `at least ${actual} rows of "${from}" were changed since they were copied, again and again`
    case "Late":
      return `at least ${actual} rows of "${from}" were changed just before, which "${to}" does not have`
  }
}
