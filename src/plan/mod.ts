/**
 * The wanted state of a server as a value, compared with the server and made: `define`, `plan`, `apply`. Collections
 * with new vectors behind an alias: `reembed`, `rollBack`.
 *
 * @example
 * ```ts ignore
 * import * as Schema from "@effect-milvus/client/schema"
 *
 * const plan = yield* Schema.plan(Schema.define({ collections: [Books], aliases: { current: Books } }))
 * console.log(Schema.format(plan))
 * yield* Schema.apply(plan)
 * ```
 *
 * @module
 */
export { type Applied, apply, type ApplyOptions } from "./apply.ts"
export type { ReadError } from "./collectionSteps.ts"
export {
  type DatabaseContent,
  type DatabaseDefinition,
  define,
  type Definitions,
  type Grant,
  type GrantDefinition,
  type RoleDefinition,
  type UserDefinition,
} from "./definitions.ts"
export {
  PartialApply,
  type PartialApplyProps,
  PlanError,
  type PlanErrorKind,
  type PlanErrorProps,
  ReembedError,
  type ReembedErrorKind,
  type ReembedErrorProps,
} from "./errors.ts"
export { format, type Plan, plan } from "./plan.ts"
export {
  type RecallOptions,
  type RecallQuery,
  reembed,
  type Reembedded,
  type ReembedFailure,
  type ReembedOptions,
  type ReembedProgress,
  rollBack,
  type RollBackOptions,
} from "./reembed.ts"
export type { Change, Conflict, Step } from "./steps.ts"
