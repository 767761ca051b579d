/**
 * Asks once for all who ask for the same at the same time.
 *
 * It runs in a fiber of its own, so that one who gives up harms nobody. Nothing is kept: who asks after the answer came
 * asks anew.
 */
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"

/** What is being asked, by key. */
export class SingleFlight<A, E> {
  readonly #running = new Map<string, Deferred.Deferred<A, E>>()

  /** Waits for the answer that others wait for under the same key, or else asks. */
  run(key: string, question: Effect.Effect<A, E>): Effect.Effect<A, E> {
    return Effect.suspend(() => {
      const running = this.#running.get(key)
      if (running !== undefined) return Deferred.await(running)
      const answer = Deferred.makeUnsafe<A, E>()
      this.#running.set(key, answer)
      // In an empty context: the tracer of whoever happens to be first is not that of the others.
      Effect.runForkWith(Context.empty())(question).addObserver((exit) => {
        this.#running.delete(key)
        Deferred.doneUnsafe(answer, exit)
      })
      return Deferred.await(answer)
    })
  }
}
