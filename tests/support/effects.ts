/** Runs an Effect of a test in a scope of its own, which is closed when the promise settles. */
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import type * as Scope from "effect/Scope"

/** Resolves with the value, or rejects with the error. */
export function run<A, E>(effect: Effect.Effect<A, E, Scope.Scope>): Promise<A> {
  return Effect.runPromise(Effect.scoped(effect))
}

/** Resolves with the exit. */
export function runExit<A, E>(effect: Effect.Effect<A, E, Scope.Scope>): Promise<Exit.Exit<A, E>> {
  return Effect.runPromiseExit(Effect.scoped(effect))
}

/** Resolves with the typed error, or rejects if the Effect does not fail with one. */
export function fails<A, E>(effect: Effect.Effect<A, E, Scope.Scope>): Promise<E> {
  return Effect.runPromise(Effect.flip(Effect.scoped(effect)))
}
