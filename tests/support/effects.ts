/** Runs the Effects of a test, each in a scope of its own that is closed when the promise settles. */
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import type * as Scope from "effect/Scope"

/** The value; rejects with the error. */
export function run<A, E>(effect: Effect.Effect<A, E, Scope.Scope>): Promise<A> {
  return Effect.runPromise(Effect.scoped(effect))
}

/** How it ended. */
export function runExit<A, E>(effect: Effect.Effect<A, E, Scope.Scope>): Promise<Exit.Exit<A, E>> {
  return Effect.runPromiseExit(Effect.scoped(effect))
}

/** The typed error; rejects if there is none. */
export function fails<A, E>(effect: Effect.Effect<A, E, Scope.Scope>): Promise<E> {
  return Effect.runPromise(Effect.flip(Effect.scoped(effect)))
}
