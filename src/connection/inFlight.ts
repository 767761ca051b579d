/** What one connection has in flight: how to cancel it, and when all of it has landed. */
import * as Effect from "effect/Effect"

/** The calls of one connection that are in flight, those of its handshake among them. */
export class InFlightCalls {
  /** How to cancel each; not there where there is none, because most of many connections are idle. */
  #cancels: Set<() => void> | undefined
  #onLanded: Set<() => void> | undefined

  /** Registers a call by how to cancel it. */
  add(cancel: () => void): void {
    this.#cancels ??= new Set()
    this.#cancels.add(cancel)
  }

  /** The call is over. */
  remove(cancel: () => void): void {
    if (this.#cancels?.delete(cancel) !== true || this.#cancels.size > 0) return
    this.#cancels = undefined
    this.#onLanded?.forEach((listener) => listener())
  }

  /** Ends when nothing is in flight. */
  get idle(): Effect.Effect<void> {
    return Effect.callback((resume) => {
      if (this.#cancels === undefined) return resume(Effect.void)
      const listeners = this.#onLanded ??= new Set()
      const listener = () => resume(Effect.void)
      listeners.add(listener)
      return Effect.sync(() => listeners.delete(listener))
    })
  }

  /** Cancels all. */
  cancelAll(): void {
    for (const cancel of [...this.#cancels ?? []]) cancel()
  }
}
