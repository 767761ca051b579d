/** Tests with the sanitizers on: an operation or a resource of the runtime that a test leaves open fails the test. */
import "./calls.ts"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

/** Registers a test. */
export const test = (
  name: string,
  fn: () => void | Promise<void>,
  options: Pick<Deno.TestDefinition, "ignore" | "permissions"> = {},
): void => Deno.test({ ...options, name, sanitizeOps: true, sanitizeResources: true, fn })

/** Registers a test that runs an Effect in a scope of its own. It fails with the error of the Effect. */
export const effectTest = (name: string, effect: Effect.Effect<unknown, unknown, Scope.Scope>): void =>
  test(name, () => Effect.runPromise(Effect.asVoid(Effect.scoped(effect))))
