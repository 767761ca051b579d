/** What a FakeMilvus was told to do, RPC by RPC: to answer in another way, to fail, to take its time. */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { SeenCall } from "./callLog.ts"
import type { Failure, Method, Reply, Request } from "../contract.ts"

/**
 * Answers an RPC. Parts of the reply may be left out; a failure is a {@linkcode Failure}; `Effect.never` leaves the call
 * unanswered. It is interrupted when the client cancels the call, when its deadline passes, and when the server stops.
 */
export type Handler<M extends Method> = (request: Request<M>, call: SeenCall<M>) => Effect.Effect<Reply<M>, Failure>

/** A handler for each of some RPCs. */
export type Handlers = { readonly [M in Method]?: Handler<M> | undefined }

/** One RPC, or all of them. */
export type Target = Method | "all"

interface QueuedFailure {
  readonly failure: Failure
  left: number
}

/** What an owner wants of a server from the start on. */
export interface Initial {
  readonly handlers?: Handlers | undefined
  readonly delay?: Duration.Input | undefined
}

/** What to do, with the defaults behind it. */
export class Overrides {
  readonly #initial: Initial
  readonly #defaults: Handlers
  #handlers: Handlers
  readonly #failures = new Map<Target, Array<QueuedFailure>>()
  readonly #delays = new Map<Target, Duration.Input>()

  /** `initial` is what it starts with and comes back to; `defaults` are for the RPCs that it says nothing of. */
  constructor(initial: Initial, defaults: Handlers) {
    this.#initial = initial
    this.#defaults = defaults
    this.#handlers = initial.handlers ?? {}
  }

  handle<M extends Method>(method: M, handler: Handler<M>): void {
    this.#handlers = { ...this.#handlers, [method]: handler }
  }

  fail(target: Target, failure: Failure, times: number): void {
    const queue = this.#failures.get(target) ?? []
    if (times >= 1) this.#failures.set(target, [...queue, { failure, left: times }])
  }

  delay(target: Target, duration: Duration.Input): void {
    this.#delays.set(target, duration)
  }

  reset(target: Target): void {
    if (target !== "all") {
      const { [target]: _, ...others } = this.#handlers
      this.#handlers = { ...others, [target]: this.#initial.handlers?.[target] }
      this.#failures.delete(target)
      this.#delays.delete(target)
      return
    }
    this.#handlers = this.#initial.handlers ?? {}
    this.#failures.clear()
    this.#delays.clear()
  }

  /** The answer to a call: late if so told, failed if so told, by its handler otherwise. */
  answer<M extends Method>(call: SeenCall<M>): Effect.Effect<Reply<M>, Failure> {
    return Effect.suspend(() => {
      const delay = this.#delays.get(call.method) ?? this.#delays.get("all") ?? this.#initial.delay
      return delay === undefined ? this.#now(call) : Effect.andThen(
        Effect.sleep(delay),
        Effect.suspend(() => this.#now(call)),
      )
    })
  }

  #now<M extends Method>(call: SeenCall<M>): Effect.Effect<Reply<M>, Failure> {
    const { method, request } = call
    const failure = this.#takeFailure(method) ?? this.#takeFailure("all")
    if (failure !== undefined) return Effect.fail(failure)
    // Cast: a handler is stored under the name of its method, which the type of a lookup by a type parameter does not say.
    const handler = (this.#handlers[method] ?? this.#defaults[method]) as Handler<M> | undefined
    if (handler !== undefined) return handler(request, call)
    const details = `FakeMilvus does not know ${method}: give it a handler`
    return Effect.fail({ code: "UNIMPLEMENTED", details })
  }

  #takeFailure(target: Target): Failure | undefined {
    const queue = this.#failures.get(target)
    const [first] = queue ?? []
    if (first === undefined) return undefined
    if (--first.left <= 0) queue?.shift()
    return first.failure
  }
}
