/** For whom an effect reads and writes rows, in collections with row policies. */
import * as Context from "effect/Context"

/** For whom rows are read and written: a principal, or without regard to row policies. */
export type Principal = { readonly name: string } | { readonly skipsPolicies: true }

/**
 * For whom all reads and writes of rows of an effect are made. Provide it with `RowPolicy.withPrincipal`, or to a
 * stream with `Stream.provideService`.
 *
 * @default None. Collections with the property `rls.enabled` refuse that.
 */
export const CurrentPrincipal: Context.Reference<Principal | undefined> = Context.Reference<Principal | undefined>(
  "@effect-milvus/client/CurrentPrincipal",
  { defaultValue: () => undefined },
)
