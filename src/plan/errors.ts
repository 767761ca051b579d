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
 */
export type ReembedErrorKind = "Count" | "Recall"

/** Properties of {@linkcode ReembedError}. */
export interface ReembedErrorProps {
  /** The comparison that failed. */
  readonly kind: ReembedErrorKind
  /** The collection that still serves. */
  readonly from: string
  /** The new collection. */
  readonly to: string
  /** The number of rows, or the least recall, that was needed. */
  readonly expected: number
  /** That of the new collection. */
  readonly actual: number
}

const ReembedErrorBase: new (
  props: ReembedErrorProps,
) => Cause.YieldableError & ReembedErrorProps & { readonly _tag: "ReembedError" } = Schema.TaggedError<ReembedError>()(
  "ReembedError",
  {
    kind: Schema.Literals(["Count", "Recall"]),
    from: Schema.String,
    to: Schema.String,
    expected: Schema.Number,
    actual: Schema.Number,
  },
)

/** A new collection is not as good as the old one, which still serves. */
export class ReembedError extends ReembedErrorBase {
  /** Whether rows were counted: they may have been written meanwhile, and another run copies those that are missing. */
  get isRetryable(): boolean {
    return this.kind === "Count"
  }
  /** Describes what failed and why, in one line. */
  override get message(): string {
    const { kind, from, to, expected, actual } = this
    const why = kind === "Count"
      ? `it has ${actual} rows instead of ${expected}`
      : `its recall is ${actual} instead of at least ${expected}`
    return oneLine(`the alias was not switched from "${from}" to "${to}": ${why}`)
  }
}
