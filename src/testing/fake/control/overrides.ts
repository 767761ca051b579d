/** Overrides of the default behavior of a FakeMilvus for each RPC: handlers, failures and delays. */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { SeenCall } from "./callLog.ts"
import type { Failure, Method, Reply, Request } from "../contract.ts"

/**
 * Answers an RPC. Parts of the reply may be left out. It fails with a {@linkcode Failure}, and `Effect.never` leaves
 * the call unanswered. It is interrupted when the client cancels the call, when its deadline passes, and when the
 * server stops.
 */
export type Handler<M extends Method> = (request: Request<M>, call: SeenCall<M>) => Effect.Effect<Reply<M>, Failure>

/** Handlers by the name of their RPC. */
export type Handlers = { readonly [M in Method]?: Handler<M> | undefined }

/** One RPC, or all RPCs. */
export type Target = Method | "all"

interface QueuedFailure {
  readonly failure: Failure
  left: number
}

/** The overrides that a server starts with. */
export interface InitialOverrides {
  readonly handlers?: Handlers | undefined
  readonly delay?: Duration.Input | undefined
}

/** The current overrides, with the default handlers for all other RPCs. */
export class Overrides {
  readonly #initial: InitialOverrides
  readonly #defaults: Handlers
  #handlers: Handlers
  readonly #failures = new Map<Target, Array<QueuedFailure>>()
  readonly #delays = new Map<Target, Duration.Input>()

  /** `initial` are the overrides at the start and after `reset`; `defaults` handle the RPCs without an override. */
  constructor(initial: InitialOverrides, defaults: Handlers) {
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

  /** Answers a call: waits for its delay, and then fails with its next failure or runs its handler. */
  answer<M extends Method>(call: SeenCall<M>): Effect.Effect<Reply<M>, Failure> {
    return Effect.suspend(() => {
      const delay = this.#delays.get(call.method) ?? this.#delays.get("all") ?? this.#initial.delay
      const answer = Effect.suspend(() => this.#answerNow(call))
      return delay === undefined ? answer : Effect.delay(answer, delay)
    })
  }

  #answerNow<M extends Method>(call: SeenCall<M>): Effect.Effect<Reply<M>, Failure> {
    const { method, request } = call
    const failure = this.#takeFailure(method) ?? this.#takeFailure("all")
    if (failure !== undefined) return Effect.fail(failure)
    // Cast: a handler is stored under the name of its method, which a lookup by a type parameter loses.
    const handler = (this.#handlers[method] ?? this.#defaults[method]) as Handler<M> | undefined
    if (handler !== undefined) return handler(request, call)
    const details = `FakeMilvus does not support ${method}: give it a handler`
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
