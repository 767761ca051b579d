/** Makes the steps of a plan. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Connection from "../Connection.ts"
import { failParam } from "../config/params.ts"
import { ParamError } from "../errors.ts"
import { checkFlag, checkRecord } from "../operations/shared/options.ts"
import { operation } from "../operations/shared/operation.ts"
import { currentConnection } from "../operations/shared/currentConnection.ts"
import type { ReadError } from "./collectionSteps.ts"
import { PartialApply, PlanError } from "./errors.ts"
import { type Plan, plan as makePlan } from "./plan.ts"
import { runStep } from "./runStep.ts"
import { keyOf, type Step } from "./steps.ts"

/** Options for {@linkcode apply}. */
export interface ApplyOptions {
  /**
   * Whether steps that drop something are made.
   *
   * @default false
   */
  readonly allowDrop?: boolean | undefined
  /** Runs after each step. */
  readonly onStep?: ((step: Step) => Effect.Effect<void>) | undefined
}

/** Result of {@linkcode apply}. */
export interface Applied {
  /** Steps that were made. */
  readonly done: ReadonlyArray<Step>
  /** Steps that were not needed any more, since an earlier run made them. */
  readonly doneBefore: ReadonlyArray<Step>
  /** Steps that were left out because they drop something. */
  readonly kept: ReadonlyArray<Step>
}

/**
 * Makes the steps of a plan, one after the other.
 *
 * Reads the server again first. A step of the plan that is not needed any more counts as done, so that a plan whose
 * apply failed or was interrupted can be applied again. If the server needs a step that the plan does not have, or has
 * another state than the step was made for, nothing is done (`PlanError` of kind `Stale`). What the definitions do not
 * name, and `apply` would not drop, may change.
 *
 * Nothing is dropped without `allowDrop`. A plan with conflicts is refused (`PlanError` of kind `Conflict`).
 *
 * Not atomic: if a step fails, the ones before stay, and the error is `PartialApply`. Each step is one operation of
 * this library, with its RPCs. Fails with `ParamError` if the plan was made for another server or database.
 */
export const apply = (
  plan: Plan,
  options?: ApplyOptions,
): Effect.Effect<Applied, ReadError | PlanError | PartialApply, Connection.Connection> =>
  operation(
    "Schema.apply",
    undefined,
    undefined,
    Effect.gen(function* () {
      yield* Effect.fromResult(checkRecord("plan", plan, planNames))
      const { allowDrop = false, onStep } = yield* Effect.fromResult(readOptions(options))
      const { config: { address, database } } = yield* currentConnection()
      if (plan.address !== address || plan.database !== database) {
        const expected = `a plan for database ${JSON.stringify(database)} of ${address}`
        const actual = `one for database ${JSON.stringify(plan.database)} of ${plan.address}`
        return yield* new ParamError({ parameter: "plan", expected, actual })
      }
      if (plan.conflicts.length > 0) return yield* refuse("Conflict", plan.conflicts.map(inWords))
      const now = yield* makePlan(plan.definitions)
      const planned = new Set(plan.steps.map(keyOf))
      const wanted = now.steps.filter(({ drops }) => allowDrop || !drops)
      const unplanned = wanted.filter((step) => !planned.has(keyOf(step)))
      if (unplanned.length + now.conflicts.length > 0) {
        return yield* refuse("Stale", [...unplanned, ...now.conflicts].map(inWords))
      }
      const done: Array<Step> = []
      for (const step of wanted) {
        yield* Effect.mapError(
          runStep(step),
          (cause) => new PartialApply({ done: done.map(({ what }) => what), step: step.what, cause }),
        )
        done.push(step)
        if (onStep !== undefined) yield* onStep(step)
      }
      const needed = new Set(now.steps.map(keyOf))
      return {
        done,
        doneBefore: plan.steps.filter((step) => !needed.has(keyOf(step))),
        kept: now.steps.filter(({ drops }) => drops && !allowDrop),
      }
    }),
  )

const planNames = ["address", "database", "definitions", "steps", "conflicts"]

const readOptions = (options: ApplyOptions | undefined): Result.Result<ApplyOptions, ParamError> =>
  Result.gen(function* () {
    if (options === undefined) return {}
    yield* checkRecord("options", options, ["allowDrop", "onStep"])
    yield* checkFlag("allowDrop", options.allowDrop)
    const { onStep } = options
    if (onStep !== undefined && typeof onStep !== "function") return yield* failParam("onStep", "a function", onStep)
    return options
  })

const refuse = (kind: PlanError["kind"], reasons: ReadonlyArray<string>) =>
  Effect.fail(new PlanError({ kind, reasons }))

const inWords = ({ what, why }: { readonly what: string; readonly why: string }): string => `${what}: ${why}`
