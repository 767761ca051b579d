/**
 * Makes the calls of one connection: their retries, their deadline, and their end when the connection closes.
 *
 * A call that can be sent immediately takes a fast path. Only calls that must wait (contract not loaded, handshake to
 * repeat, credential to fetch, retry) take the slow path. One deadline covers everything.
 */
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Result from "effect/Result"
import type { ConnectionConfig } from "../ConnectionConfig.ts"
import { isInfinite, readDatabase, readDuration } from "../config/params.ts"
import { type CallError, ConnectionClosed, RpcError, type ServerError } from "../errors.ts"
import { CurrentDatabase } from "./currentDatabase.ts"
import type { InFlightCalls } from "./inFlight.ts"
import { decideRetry, retryCall, type RetryDecision } from "../retry/retryCall.ts"
import { readRetry, type Retry, type RetryParams } from "../retry/options.ts"
import type { StreamOpening } from "./pool.ts"
import type { Servers } from "./servers.ts"
import * as Descriptor from "../grpc/methods.ts"
import { isIdempotent, missingVersion } from "../contract/rpcs.ts"
import { countRetry, countTimeout } from "../telemetry/traffic.ts"
import { traceOf } from "../telemetry/trace.ts"

/**
 * Options of one call. A value that does not decode, such as a negative `timeout`, is a defect: the `ParamError` that
 * names the option.
 */
export interface CallOptions {
  /**
   * Bounds the call with all its attempts.
   *
   * @default The `callTimeout` of the connection.
   */
  readonly timeout?: Duration.Input | "infinite" | undefined
  /**
   * When the call is tried again.
   *
   * @default The `retry` of the connection.
   */
  readonly retry?: boolean | RetryParams | undefined
  /**
   * Whether the call may be repeated when it is not known whether it was applied. Set it to `true` for a write that may
   * be applied twice, such as an upsert of rows that no other client writes.
   *
   * @default Whether the RPC only reads, loads or flushes.
   */
  readonly idempotent?: boolean | undefined
  /**
   * The database of the call. Takes precedence over `Database.withDatabase`.
   *
   * @default The `database` of the connection.
   */
  readonly database?: string | undefined
}

/** Options of a streaming call. A value that does not decode, or an unknown option, is a defect as in a call. */
export interface StreamOptions extends Pick<CallOptions, "retry" | "database"> {
  /**
   * Bounds the stream from its begin to its end.
   *
   * @default "infinite"
   */
  readonly timeout?: Duration.Input | "infinite" | undefined
}

/** The calls of one connection. */
export class Calls {
  readonly #config: ConnectionConfig
  readonly #servers: Servers
  readonly #inFlight: InFlightCalls
  #isDraining = false
  #isClosed = false
  /** Fails when the calls close. Made by the first call on the slow path. */
  #closing: Deferred.Deferred<never, ConnectionClosed> | undefined

  constructor(config: ConnectionConfig, servers: Servers, inFlight: InFlightCalls) {
    this.#config = config
    this.#servers = servers
    this.#inFlight = inFlight
  }

  /** Whether new calls are refused for good and those in flight are cancelled. */
  get isClosed(): boolean {
    return this.#isClosed
  }

  /**
   * Makes a call. Options that are left out are those of the connection. Without `codec`, the messages are encoded by
   * the contract.
   */
  make(
    method: string,
    request: object,
    options: CallOptions | undefined,
    codec?: Descriptor.Method,
  ): Effect.Effect<object, CallError> {
    return Effect.withFiber((fiber) => {
      if (this.#isDraining) return Effect.fail(this.#closed(method, traceOf(fiber)?.requestId))
      const bound = options?.timeout === undefined ? this.#config.callTimeout : timeoutOf(options.timeout)
      const deadline = Date.now() + Duration.toMillis(bound)
      const retry = options?.retry === undefined ? this.#config.retry : retryOf(options.retry)
      if (retry !== false && retry.budget !== Infinity) this.#servers.budget.deposit(retry.budget)
      const call: Call = {
        method,
        codec,
        request,
        deadline,
        database: options?.database === undefined ? fiber.getRef(CurrentDatabase) : this.#databaseOf(options.database),
        retry,
        isIdempotent: options?.idempotent,
        lastFailure: undefined,
        requestId: () => traceOf(fiber)?.requestId,
      }
      const pooled = this.#servers.pickReady
      const known = codec ?? Descriptor.method(method)
      if (pooled === undefined || known === undefined) return this.#callSlowly(call)
      return Effect.catch(this.#servers.attempt(pooled, method, known, request, deadline, call.database), (error) => {
        if (this.#isClosed) return Effect.fail(this.#closed(method, error.requestId))
        return this.#decideRetry(error, call) === undefined
          ? Effect.fail(this.#withHint(error))
          : this.#callSlowly(call, error)
      })
    })
  }

  /**
   * Begins a streaming call with `opening`, and waits for what that returns. It is repeated only if it was never sent.
   */
  beginStream<A extends object>(
    method: string,
    options: StreamOptions | undefined,
    opening: StreamOpening<A>,
  ): Effect.Effect<A, CallError> {
    return Effect.withFiber((fiber) => {
      if (this.#isDraining) return Effect.fail(this.#closed(method, traceOf(fiber)?.requestId))
      const { timeout = "infinite", retry, database } = options ?? {}
      const call: Call = {
        method,
        codec: undefined,
        request: opening,
        opening,
        deadline: Date.now() + Duration.toMillis(timeoutOf(timeout)),
        database: database === undefined ? fiber.getRef(CurrentDatabase) : this.#databaseOf(database),
        retry: retry === undefined ? this.#config.retry : retryOf(retry),
        isIdempotent: false,
        lastFailure: undefined,
        requestId: () => traceOf(fiber)?.requestId,
      }
      // Cast: the attempts return what `opening` does.
      return this.#callSlowly(call) as Effect.Effect<A, CallError>
    })
  }

  /** The error of a call whose reply failed after {@linkcode beginStream}. */
  failureOf(method: string, error: RpcError | ServerError): CallError {
    this.#servers.noteFailure(error)
    return this.#isClosed ? this.#closed(method, error.requestId) : this.#withHint(error)
  }

  /** Refuses new calls, waits at most `bound` until those in flight end, and closes. */
  drain(bound: Duration.Duration): Effect.Effect<void> {
    return Effect.suspend(() => {
      this.#isDraining = true
      return Effect.timeoutOption(this.#inFlight.idle, bound)
    }).pipe(Effect.ensuring(Effect.sync(() => this.close())))
  }

  /** Refuses new calls and cancels those in flight. */
  close(): void {
    this.#isDraining = true
    this.#isClosed = true
    this.#inFlight.cancelAll()
    if (this.#closing !== undefined) Deferred.doneUnsafe(this.#closing, Exit.fail(this.#closed()))
  }

  /** Decides whether and how a failed call is retried, ignoring the budget. */
  #decideRetry(error: CallError, call: Call): RetryDecision | undefined {
    const isRefusedByOldPrimary = this.#servers.noteFailure(error)
    if (call.retry === false) return undefined
    const { opening } = call
    if (opening !== undefined && !(isNotSent(error) && opening.mayRepeat())) return undefined
    const canRepeat = call.isIdempotent ?? isIdempotent(call.method)
    return isRefusedByOldPrimary && canRepeat
      ? { spendsBudget: true, delayFactor: 1, minDelay: undefined }
      : decideRetry(error, canRepeat)
  }

  /** Makes a call that has to wait: before its first attempt, or, after `failure`, before the next one. */
  #callSlowly(call: Call, failure?: CallError): Effect.Effect<object, CallError> {
    call.lastFailure = failure
    // The call counts as in flight also while none of its attempts is.
    const placeholder = () => {}
    return Effect.acquireUseRelease(
      Effect.sync(() => this.#inFlight.add(placeholder)),
      () => this.#untilClosed(call, this.#withDeadline(call, this.#attempts(call, failure))),
      () => Effect.sync(() => this.#inFlight.remove(placeholder)),
    )
  }

  /** Waits for what an attempt needs, and makes one. */
  #attempt(call: Call): Effect.Effect<object, CallError> {
    const { method, codec, request, opening, deadline, database } = call
    const servers = this.#servers
    const attempt = Effect.gen(function* () {
      if (codec === undefined && Descriptor.method(method) === undefined) yield* Descriptor.load
      const pooled = yield* servers.acquire
      if (opening !== undefined) return yield* servers.beginStream(pooled, method, deadline, database, opening)
      return yield* servers.attempt(pooled, method, codec ?? Descriptor.method(method), request, deadline, database)
    })
    // A deadline error of a later attempt carries less information than the failure before it.
    return Effect.catch(attempt, (error) => {
      if (!isTooLate(error)) return Effect.fail(call.lastFailure = error)
      return Effect.andThen(countTimeout(servers.config.address), Effect.fail(call.lastFailure ??= error))
    })
  }

  #attempts(call: Call, failure: CallError | undefined): Effect.Effect<object, CallError> {
    const attempt = this.#attempt(call)
    return failure === undefined
      ? Effect.catch(attempt, (failure) => this.#retry(call, attempt, failure))
      : this.#retry(call, attempt, failure)
  }

  #retry(call: Call, attempt: Effect.Effect<object, CallError>, failure: CallError): Effect.Effect<object, CallError> {
    const { retry, deadline } = call
    if (retry === false) return Effect.fail(failure)
    return retryCall(Effect.andThen(countRetry(this.#servers.config.address, call.method), attempt), failure, {
      retry,
      decide: (error) => {
        const decision = this.#decideRetry(error, call)
        return decision?.spendsBudget && retry.budget !== Infinity && !this.#servers.budget.withdraw()
          ? undefined
          : decision
      },
      remaining: () => deadline - Date.now(),
      wakeUp: Effect.never,
    })
  }

  #withDeadline(call: Call, attempts: Effect.Effect<object, CallError>): Effect.Effect<object, CallError> {
    const { deadline } = call
    return deadline === Infinity ? attempts : Effect.suspend(() =>
      Effect.timeoutOrElse(attempts, {
        // The transport's own deadline comes first, and its error knows whether the call was sent.
        duration: Math.max(deadline - Date.now(), 0) + deadlineSlack,
        orElse: () =>
          Effect.suspend(() => {
            const error = call.lastFailure ?? this.#deadlineError(call)
            return Effect.andThen(countTimeout(this.#servers.config.address), Effect.fail(error))
          }),
      })
    )
  }

  /** The error of a call whose time ended before its first attempt. */
  #deadlineError({ method, requestId }: Call): RpcError {
    const { address } = this.#servers.config
    const details = this.#servers.hasValidHandshake
      ? "its credential was not there in time"
      : "the session was lost and is not up again"
    const code = "DEADLINE_EXCEEDED"
    return new RpcError({ method, address, code, details, progress: "NotSent", requestId: requestId() })
  }

  /** Fails with `ConnectionClosed` once the calls close. */
  #untilClosed({ method, requestId }: Call, call: Effect.Effect<object, CallError>): Effect.Effect<object, CallError> {
    return Effect.suspend(() => {
      this.#closing ??= Deferred.makeUnsafe()
      return call.pipe(
        Effect.raceFirst(Deferred.await(this.#closing)),
        Effect.mapError((error) =>
          this.#isClosed || error._tag === "ConnectionClosed"
            ? this.#closed(method, requestId())
            : this.#withHint(error)
        ),
      )
    })
  }

  /** Adds to the details of UNIMPLEMENTED that the server is too old for the RPC, if it is. */
  #withHint<E extends CallError>(error: E): E | RpcError {
    if (error._tag !== "RpcError" || error.code !== "UNIMPLEMENTED" || error.progress !== "Answered") return error
    const version = this.#servers.server?.version ?? ""
    const needed = missingVersion(error.method, version)
    if (needed === undefined) return error
    const hint = `needs Milvus ${needed} or later; the server is ${version}`
    const details = error.details === "" ? hint : `${error.details}; ${hint}`
    const { method, address, code, progress, cause, retryAfter, requestId } = error
    return new RpcError({ method, address, code, details, progress, cause, retryAfter, requestId })
  }

  /** Decodes the database of a call. Operations name that of the connection in each of theirs. */
  #databaseOf(database: string): string {
    return database === this.#config.database ? database : Result.getOrThrow(readDatabase("database", database))
  }

  #closed(method?: string, requestId?: string): ConnectionClosed {
    return new ConnectionClosed({ address: this.#servers.config.address, method, requestId })
  }
}

/** One call with its options. */
interface Call {
  readonly method: string
  readonly codec: Descriptor.Method | undefined
  readonly request: object
  /** The begin of a streaming call; `undefined` for a unary one. */
  readonly opening?: StreamOpening<object>
  /** Milliseconds since the epoch; `Infinity` for none. */
  readonly deadline: number
  /** The database; `undefined` for that of the connection. */
  readonly database: string | undefined
  readonly retry: Retry | false
  /** The caller's own classification. */
  readonly isIdempotent: boolean | undefined
  /** Returns the id of the request, if a span is active. Only errors need it. */
  readonly requestId: () => string | undefined
  /** The failure that a deadline error gives way to. */
  lastFailure: CallError | undefined
}

/** Whether the deadline passed before the call could be sent. */
const isTooLate = (error: CallError): boolean =>
  error._tag === "RpcError" && error.code === "DEADLINE_EXCEEDED" && error.progress === "NotSent"

const isNotSent = (error: CallError): boolean => error._tag === "RpcError" && error.progress === "NotSent"

// Options that do not decode are a mistake in the program, not a failure of the call: the `ParamError` is a defect.

const timeoutOf = (timeout: unknown): Duration.Duration =>
  isInfinite(timeout) ? Duration.infinity : Result.getOrThrow(readDuration("timeout", timeout, Duration.zero))

const retryOf = (retry: boolean | RetryParams): Retry | false => Result.getOrThrow(readRetry(retry))

/** Time from the deadline of the attempts to the deadline of the call, in milliseconds. */
const deadlineSlack = 50
