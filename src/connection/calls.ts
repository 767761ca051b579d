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
import * as Result from "effect/Result"
import type { ConnectionConfig } from "../ConnectionConfig.ts"
import { isInfinite, readDuration } from "../config/params.ts"
import { type CallError, ConnectionClosed } from "../errors.ts"
import type { InFlightCalls } from "./inFlight.ts"
import { decideRetry, retryCall, type RetryDecision } from "../retry/retryCall.ts"
import { readRetry, type Retry, type RetryParams } from "../retry/options.ts"
import type { TransportPool } from "./pool.ts"
import { rpcError } from "../grpc/call.ts"
import * as Descriptor from "../grpc/methods.ts"
import { isIdempotent } from "../contract/rpcs.ts"

/** What can be set for one call. What does not decode, such as a negative `timeout`, is a defect: the `ParamError` that names it. */
export interface CallOptions {
  /** Bounds the call with all its attempts. Default: the `callTimeout` of the connection. */
  readonly timeout?: Duration.Input | "infinite" | undefined
  /** When it is tried again. Default: the `retry` of the connection. */
  readonly retry?: boolean | RetryParams | undefined
  /**
   * Whether it may be made again where it is not known whether it was applied. Default: whether the RPC only reads, loads
   * or flushes. Say `true` of a write that may be applied twice, such as an upsert of rows that nobody else writes.
   */
  readonly idempotent?: boolean | undefined
}

/** The calls of one connection. */
export class Calls {
  readonly #config: ConnectionConfig
  readonly #session: TransportPool
  readonly #inFlight: InFlightCalls
  #refuses = false
  #isClosed = false
  /** Fails when the calls close; made when somebody waits for it. */
  #closing: Deferred.Deferred<never, ConnectionClosed> | undefined

  constructor(config: ConnectionConfig, session: TransportPool, inFlight: InFlightCalls) {
    this.#config = config
    this.#session = session
    this.#inFlight = inFlight
  }

  /** Whether no call is taken any more, for good. */
  get isClosed(): boolean {
    return this.#isClosed
  }

  /**
   * Makes a call; what its options leave out is as the connection has it. Its messages are those of the contract, unless it
   * has a codec of its own.
   */
  make(
    method: string,
    request: object,
    options: CallOptions | undefined,
    codec?: Descriptor.Method,
  ): Effect.Effect<object, CallError> {
    return Effect.suspend(() => {
      if (this.#refuses) return Effect.fail(this.#closed(method))
      const bound = options?.timeout === undefined ? this.#config.callTimeout : timeoutOf(options.timeout)
      const deadline = Date.now() + Duration.toMillis(bound)
      const retry = options?.retry === undefined ? this.#config.retry : retryOf(options.retry)
      if (retry !== false && retry.budget !== Infinity) this.#session.budget.deposit(retry.budget)
      const call: Call = { method, codec, request, deadline, retry, isIdempotent: options?.idempotent }
      const pooled = this.#session.pickReady
      const known = codec ?? Descriptor.method(method)
      if (pooled === undefined || known === undefined) return this.#callSlowly(call)
      return Effect.catch(this.#session.attempt(pooled, method, known, request, deadline), (error) => {
        if (this.#isClosed) return Effect.fail(this.#closed(method))
        return this.#decideRetry(error, call) === undefined ? Effect.fail(error) : this.#callSlowly(call, error)
      })
    })
  }

  /** Refuses new calls, lets those in flight end, at most for the bound, and closes. */
  drain(bound: Duration.Duration): Effect.Effect<void> {
    return Effect.suspend(() => {
      this.#refuses = true
      return Effect.timeoutOption(this.#inFlight.idle, bound)
    }).pipe(Effect.ensuring(Effect.sync(() => this.close())))
  }

  /** Refuses new calls and cancels those in flight. */
  close(): void {
    this.#refuses = true
    this.#isClosed = true
    this.#inFlight.cancelAll()
    if (this.#closing !== undefined) Deferred.doneUnsafe(this.#closing, Exit.fail(this.#closed()))
  }

  /** How a failed call may be made again, but for the budget. */
  #decideRetry(error: CallError, call: Call): RetryDecision | undefined {
    return call.retry === false ? undefined : decideRetry(error, call.isIdempotent ?? isIdempotent(call.method))
  }

  /** Attempts with what has to be waited for before and between them; `failure` is that of an attempt made before. */
  #callSlowly(call: Call, failure?: CallError): Effect.Effect<object, CallError> {
    const { method, codec, request, deadline, retry } = call
    const { address } = this.#config
    const session = this.#session
    /** The last failure of its own; that the time is up comes after it, and says less. */
    let last = failure
    const once = Effect.gen(function* () {
      if (codec === undefined && Descriptor.method(method) === undefined) yield* Descriptor.load
      const pooled = yield* session.acquire
      return yield* session.attempt(pooled, method, codec ?? Descriptor.method(method), request, deadline)
    }).pipe(Effect.mapError((error) => last = last !== undefined && isTooLate(error) ? last : error))
    const again = (failure: CallError) =>
      retry === false ? Effect.fail(failure) : retryCall(once, failure, {
        retry,
        decide: (error) => {
          const repeat = this.#decideRetry(error, call)
          return repeat?.spendsBudget && retry.budget !== Infinity && !session.budget.withdraw() ? undefined : repeat
        },
        remaining: () => deadline - Date.now(),
        wakeUp: Effect.never,
      })
    const all = failure === undefined ? Effect.catch(once, again) : again(failure)
    const late = () => last ?? rpcError({ name: method, address }, "DEADLINE_EXCEEDED", waitedFor(), "NotSent")
    const waitedFor = () =>
      session.hasValidHandshake ? "its credential was not there in time" : "the session was lost and is not up again"
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
      Effect.sync(() => this.#inFlight.add(waiting)),
      () => bounded,
      () => Effect.sync(() => this.#inFlight.remove(waiting)),
    )
  }

  #closed(method?: string): ConnectionClosed {
    return new ConnectionClosed({ address: this.#config.address, method })
  }
}

/** What is asked for in a call. */
interface Call {
  readonly method: string
  readonly codec: Descriptor.Method | undefined
  readonly request: object
  /** Milliseconds since the epoch; `Infinity` for none. */
  readonly deadline: number
  readonly retry: Retry | false
  /** As the caller has it. */
  readonly isIdempotent: boolean | undefined
}

/** The time was up before it could be sent. */
const isTooLate = (error: CallError): boolean =>
  error._tag === "RpcError" && error.code === "DEADLINE_EXCEEDED" && error.progress === "NotSent"

// What does not decode is a mistake in the program, and no failure of the call: a defect, which is the `ParamError`.

const timeoutOf = (timeout: unknown): Duration.Duration =>
  isInfinite(timeout) ? Duration.infinity : Result.getOrThrow(readDuration("timeout", timeout, Duration.zero))

const retryOf = (retry: boolean | RetryParams): Retry | false => Result.getOrThrow(readRetry(retry))

/** Milliseconds. */
const deadlineSlack = 50
