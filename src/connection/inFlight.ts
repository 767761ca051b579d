/** The calls of one connection that are in flight: cancels them, and waits until all have ended. */
import * as Effect from "effect/Effect"

/**
 * The calls of one connection that are in flight, those of its handshake among them. With a `parent`, those of one of
 * its servers: each is also a call of the parent.
 */
export class InFlightCalls {
  /** Cancel functions. `undefined` while no call is in flight, because most connections are idle most of the time. */
  #cancels: Set<() => void> | undefined
  #onIdle: Set<() => void> | undefined
  readonly #parent: InFlightCalls | undefined

  constructor(parent?: InFlightCalls) {
    this.#parent = parent
  }

  /** Adds a call by its cancel function. */
  add(cancel: () => void): void {
    this.#parent?.add(cancel)
    this.#cancels ??= new Set()
    this.#cancels.add(cancel)
  }

  /** Removes a call that has ended. */
  remove(cancel: () => void): void {
    this.#parent?.remove(cancel)
    if (this.#cancels?.delete(cancel) !== true || this.#cancels.size > 0) return
    this.#cancels = undefined
    this.#onIdle?.forEach((listener) => listener())
  }

  /** Waits until no call is in flight. */
  get idle(): Effect.Effect<void> {
    return Effect.callback((resume) => {
      if (this.#cancels === undefined) return resume(Effect.void)
      const listeners = this.#onIdle ??= new Set()
      const listener = () => resume(Effect.void)
      listeners.add(listener)
      return Effect.sync(() => listeners.delete(listener))
    })
  }

  /** Cancels all calls. */
  cancelAll(): void {
    for (const cancel of [...this.#cancels ?? []]) cancel()
  }
}
