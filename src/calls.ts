/**
 * The calls of one connection: their retries, their deadline, and their end when the connection closes.
 *
 * A call that can go out at once does; only one that has to wait (for the contract to load, a repeated handshake, a
 * credential, or another attempt) pays for the means to wait. One deadline covers all of it.
 */
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { ConnectionConfig } from "./ConnectionConfig.ts"
import { type CallError, ConnectionClosed } from "./errors.ts"
import type { Flights } from "./flights.ts"
import type { Session } from "./session.ts"
import { rpcError } from "./wire/call.ts"
import * as Descriptor from "./wire/descriptor.ts"
import * as Retry from "./wire/retry.ts"

/** The calls of one connection. */
export class Calls {
  readonly #config: ConnectionConfig
  readonly #session: Session
  readonly #flights: Flights
  #refuses = false
  #isClosed = false
  /** Fails when the calls close; made when somebody waits for it. */
  #closing: Deferred.Deferred<never, ConnectionClosed> | undefined

  constructor(config: ConnectionConfig, session: Session, flights: Flights) {
    this.#config = config
    this.#session = session
    this.#flights = flights
  }

  /** Whether no call is taken any more, for good. */
  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Makes a call; without a `timeout` of its own it has that of the connection. */
  make(
    method: string,
    request: object,
    timeout: Duration.Input | "infinite" | undefined,
  ): Effect.Effect<object, CallError> {
    return Effect.suspend(() => {
      if (this.#refuses) return Effect.fail(this.#closed(method))
      const bound = timeout === undefined ? this.#config.callTimeout : timeout === "infinite" ? Infinity : timeout
      const deadline = Date.now() + Duration.toMillis(bound)
      const isImmediate = this.#session.isImmediate && Descriptor.method(method) !== undefined
      if (!isImmediate) return this.#wait(method, request, deadline)
      return Effect.catch(this.#session.attempt(method, request, deadline), (error) => {
        if (this.#isClosed) return Effect.fail(this.#closed(method))
        const isLast = this.#config.retry === false || !Retry.mayRepeat(error)
        return isLast ? Effect.fail(error) : this.#wait(method, request, deadline, error)
      })
    })
  }

  /** Refuses new calls, lets those in flight end, at most for the bound, and closes. */
  drain(bound: Duration.Duration): Effect.Effect<void> {
    return Effect.suspend(() => {
      this.#refuses = true
      return Effect.timeoutOption(this.#flights.landed, bound)
    }).pipe(Effect.ensuring(Effect.sync(() => this.close())))
  }

  /** Refuses new calls and cancels those in flight. */
  close(): void {
    this.#refuses = true
    this.#isClosed = true
    this.#flights.cancel()
    if (this.#closing !== undefined) Deferred.doneUnsafe(this.#closing, Exit.fail(this.#closed()))
  }

  /** Attempts with what has to be waited for before and between them; `failure` is that of an attempt made before. */
  #wait(method: string, request: object, deadline: number, failure?: CallError): Effect.Effect<object, CallError> {
    const { retry, address } = this.#config
    let last = failure
    const once = Effect.gen({ self: this }, function* () {
      if (Descriptor.method(method) === undefined) yield* Descriptor.load
      yield* this.#session.renew
      return yield* this.#session.attempt(method, request, deadline)
    }).pipe(Effect.tapError((error) => Effect.sync(() => void (last = error))))
    const all = retry === false ? once : Effect.retry(once, {
      schedule: Retry.schedule(retry),
      while: (error) => Retry.mayRepeat(error) && Date.now() < deadline,
    })
    const late = () => last ?? rpcError({ name: method, address }, "DEADLINE_EXCEEDED", waitedFor(), "NotSent")
    const waitedFor = () =>
      this.#session.isCurrent ? "its credential was not there in time" : "the session was lost and is not up again"
    const bounded = Effect.suspend(() => {
      this.#closing ??= Deferred.makeUnsafe()
      return all.pipe(
        (all) =>
          deadline === Infinity ? all : Effect.timeoutOrElse(all, {
            // The transport's own deadline comes first, and knows whether the call was sent.
            duration: Math.max(deadline - Date.now(), 0) + deadlineSlack,
            orElse: () => Effect.suspend(() => Effect.fail(late())),
          }),
        Effect.raceFirst(Deferred.await(this.#closing)),
        Effect.mapError((error) => this.#isClosed || error._tag === "ConnectionClosed" ? this.#closed(method) : error),
      )
    })
    // It counts as in flight also while none of its attempts is.
    const waiting = () => {}
    return Effect.acquireUseRelease(
      Effect.sync(() => this.#flights.takeOff(waiting)),
      () => bounded,
      () => Effect.sync(() => this.#flights.land(waiting)),
    )
  }

  #closed(method?: string): ConnectionClosed {
    return new ConnectionClosed({ address: this.#config.address, method })
  }
}

/** Milliseconds. */
const deadlineSlack = 50
