/**
 * Runs an effect once for all callers that ask for the same key concurrently.
 *
 * The effect runs in its own fiber, so that interrupting a caller does not affect the others. Results are not cached.
 */
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"

/** The running effects, by key. */
export class SingleFlight<A, E> {
  readonly #running = new Map<string, Deferred.Deferred<A, E>>()

  /** Waits for the running effect of the same key, or runs `effect` if there is not one. */
  run(key: string, effect: Effect.Effect<A, E>): Effect.Effect<A, E> {
    return Effect.suspend(() => {
      const running = this.#running.get(key)
      if (running !== undefined) return Deferred.await(running)
      const result = Deferred.makeUnsafe<A, E>()
      this.#running.set(key, result)
      // In an empty context: the tracer of the first caller is not that of the others.
      Effect.runForkWith(Context.empty())(effect).addObserver((exit) => {
        this.#running.delete(key)
        Deferred.doneUnsafe(result, exit)
      })
      return Deferred.await(result)
    })
  }
}
