/** The flags of commands that read or write rows of one tenant: of a namespace, or for a principal of row policies. */
import type * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import type { ParamError } from "../errors.ts"
import { rowPolicyOperations, switchFlag, textFlag } from "./commands/args.ts"
import { type Target, withConnection } from "./connectionFlags.ts"
import { UsageError } from "./errors.ts"

/** Flag `--namespace`. */
export const namespaceFlag: Flag.Flag<string | undefined> = textFlag(
  "namespace",
  "NAME",
  "Only in this namespace of the collection",
)

/** Values of {@linkcode principalFlags}. */
export interface Principal {
  readonly principal: string | undefined
  readonly skipPolicies: boolean
}

/** Flags `--principal` and `--skip-policies`. */
export const principalFlags: { readonly [Name in keyof Principal]: Flag.Flag<Principal[Name]> } = {
  principal: textFlag("principal", "NAME", "Principal of the row policies that this is done for"),
  skipPolicies: switchFlag("skip-policies", "Disregard row policies; needs the privilege SkipRLS"),
}

/** Reads and writes rows for the principal of the flags. */
const asPrincipal =
  ({ principal, skipPolicies }: Principal) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E | ParamError | UsageError, R> => {
    if (principal === undefined && !skipPolicies) return effect
    if (principal !== undefined && skipPolicies) {
      return Effect.fail(new UsageError({ reason: "expected --principal or --skip-policies, got both" }))
    }
    return Effect.flatMap(
      rowPolicyOperations,
      ({ withPrincipal, withoutPolicies }): Effect.Effect<A, E | ParamError, R> =>
        principal === undefined ? withoutPolicies(effect) : withPrincipal(principal)(effect),
    )
  }

/** Provides an effect with the connection of a command, on which rows are read and written for a principal. */
export const withRows = (target: Target, principal: Principal) => <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  asPrincipal(principal)(withConnection(target)(effect))
