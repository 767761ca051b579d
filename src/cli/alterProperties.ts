/** The flags of `alter` commands: properties to set, or properties to drop. */
import type * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import { manyFlag } from "./commands/args.ts"
import { UsageError } from "./errors.ts"
import { parsePairs } from "./schemaSyntax.ts"

/** Flags `--property` and `--drop`. */
export const propertyFlags: {
  readonly properties: Flag.Flag<ReadonlyArray<string>>
  readonly dropped: Flag.Flag<ReadonlyArray<string>>
} = {
  properties: manyFlag("property", "KEY=VALUE", "Property to set, by its name in Milvus; may be repeated"),
  dropped: manyFlag("drop", "KEY", "Property to drop, so that the default of the server applies; may be repeated"),
}

/** What an `alter` command changes. Both in one command would be two calls, of which the second one may fail. */
export type PropertyChange =
  | { readonly set: Readonly<Record<string, string>> }
  | { readonly drop: ReadonlyArray<string> }

/** Runs with the change that the flags ask for, before any connection is opened. */
export const alterProperties = <A, E, R>(
  { properties, dropped }: { readonly properties: ReadonlyArray<string>; readonly dropped: ReadonlyArray<string> },
  run: (change: PropertyChange) => Effect.Effect<A, E, R>,
): Effect.Effect<A, E | UsageError, R> =>
  Effect.gen(function* () {
    if ((properties.length > 0) === (dropped.length > 0)) {
      const got = dropped.length > 0 ? "both" : "none"
      return yield* new UsageError({
        reason: `expected one of --property and --drop, got ${got}`,
        hint: "set properties with --property KEY=VALUE, or drop them with --drop KEY",
      })
    }
    if (dropped.length > 0) return yield* run({ drop: dropped })
    return yield* run({ set: Object.fromEntries(yield* parsePairs(properties)) })
  })
