/**
 * Waiting for what goes on on the server: a load, an index that is being built.
 *
 * - One deadline covers the whole operation: the calls that start it, every poll, and the pauses between polls.
 * - Polls come soon at first (20 ms), then less often, up to every 500 ms.
 * - A poll that fails for a reason that may pass does not end the wait, unless `retry` is `false`; any other failure
 *   ends it, with the server's reason.
 * - Interruption ends the wait at once. The server goes on: nothing here cancels its work.
 * - Time is that of Effect's `Clock`.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type * as Connection from "../../Connection.ts"
import { type CallError, RpcError } from "../../errors.ts"

/** Options of an operation that waits. */
export interface WaitOptions extends Connection.CallOptions {
  /**
   * Bounds the whole operation, waiting included. When the time is up, the operation fails with an `RpcError` of code
   * `DEADLINE_EXCEEDED` that says how far it was; the server goes on, and waiting again is safe.
   *
   * @default "10 minutes", and the `callTimeout` of the connection for each call
   */
  readonly timeout?: Duration.Input | "infinite" | undefined
}

/** The bound of an operation that waits. */
export interface Deadline {
  /** The connection of the operation. */
  readonly connection: Connection.Connection
  /** Whether a poll that failed may be made again. */
  readonly isPatient: boolean
  /** Milliseconds that have passed, and those that are left; `Infinity` for no bound. */
  readonly time: Effect.Effect<{ readonly elapsed: number; readonly left: number }>
  /** Makes a call with the options of the operation and the time that is left. */
  readonly call: Bounded
  /** Makes a call as one of many, bounded by the `callTimeout` of the connection too. */
  readonly poll: Bounded
}

type Bounded = <A, E, R>(use: (options: Connection.CallOptions) => Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>

/** Starts the time of an operation. */
export const startDeadline = (
  connection: Connection.Connection,
  { timeout, retry, idempotent }: WaitOptions = {},
): Effect.Effect<Deadline> =>
  Effect.map(Clock.currentTimeMillis, (start) => {
    const total = timeout === "infinite" ? Infinity : Duration.toMillis(timeout ?? defaultTimeout)
    const callTimeout = Duration.toMillis(connection.config.callTimeout)
    const time = Effect.map(Clock.currentTimeMillis, (now) => ({ elapsed: now - start, left: total - (now - start) }))
    const within = (most: number): Bounded => (use) =>
      Effect.flatMap(time, ({ left }) => {
        // A call needs a bound above zero; one that comes too late ends by it.
        const bound = Math.max(1, Math.min(left, most))
        return use({ retry, idempotent, timeout: bound === Infinity ? "infinite" : bound })
      })
    return {
      connection,
      isPatient: retry !== false,
      time,
      call: within(timeout === undefined ? callTimeout : Infinity),
      poll: within(callTimeout),
    }
  })

const defaultTimeout: Duration.Input = "10 minutes"

/** Work of the server that is waited for. */
export interface Job<A, R> {
  /** The RPC that reports on it. */
  readonly method: keyof Connection.Methods
  /** Asks for its state; `last` is the state before. */
  readonly poll: (options: Connection.CallOptions, last: A | undefined) => Effect.Effect<A, CallError, R>
  /** Whether a state is the last one. */
  readonly isDone: (state: A) => boolean
  /** A state in words, for an error: `collection "books" is loaded to 50%`. */
  readonly show: (last: A | undefined) => string
}

/** Polls until a job is done, and emits every change of its state. */
export const watch = <A, R>(job: Job<A, R>, deadline: Deadline): Stream.Stream<A, CallError, R> =>
  Stream.paginate<Watch<A>, A, CallError, R>(
    { polls: 0, last: undefined, failure: undefined },
    (seen) =>
      Effect.flatMap(deadline.time, ({ left }) => {
        const late = timeIsUp(job, deadline, seen)
        if (left <= 0) return late
        const page = pollOnce(job, deadline, seen)
        return left === Infinity ? page : Effect.timeoutOrElse(page, { duration: left, orElse: () => late })
      }),
  )

/** What is known between two polls. */
interface Watch<A> {
  readonly polls: number
  readonly last: A | undefined
  /** Why the last poll failed, if it did. */
  readonly failure: CallError | undefined
}

/** What a poll gives to the stream, and what the next one goes by; none after the last. */
type Page<A> = readonly [ReadonlyArray<A>, Option.Option<Watch<A>>]

const pollOnce = <A, R>(
  { poll, isDone }: Job<A, R>,
  deadline: Deadline,
  { polls, last, failure }: Watch<A>,
): Effect.Effect<Page<A>, CallError, R> =>
  Effect.sleep(pauseBefore(polls, failure)).pipe(
    Effect.andThen(deadline.poll((options) => poll(options, last))),
    Effect.map((state): Page<A> => [
      last !== undefined && Equal.equals(state, last) ? [] : [state],
      isDone(state) ? Option.none() : Option.some({ polls: polls + 1, last: state, failure: undefined }),
    ]),
    Effect.catchIf(
      (error) => deadline.isPatient && mayPass(error),
      (failure) => Effect.succeed<Page<A>>([[], Option.some({ polls: polls + 1, last, failure })]),
    ),
  )

/** Milliseconds before a poll: none before the first, and at least what the server asks for. */
const pauseBefore = (polls: number, failure: CallError | undefined): number => {
  const usual = polls === 0 ? 0 : Math.min(500, Math.round(20 * 1.5 ** (polls - 1)))
  const asked = failure === undefined ? undefined : retryAfter(failure)
  return asked === undefined ? usual : Math.max(usual, Duration.toMillis(asked))
}

/** Whether the next poll may do better. One that got no answer in its time says nothing about the job. */
const mayPass = (error: CallError): boolean => {
  const asked = retryAfter(error)
  if (asked !== undefined && !Duration.isFinite(asked)) return false
  return error.isRetryable || error._tag === "RpcError" && error.code === "DEADLINE_EXCEEDED"
}

const retryAfter = (error: CallError): Duration.Duration | undefined =>
  "retryAfter" in error ? error.retryAfter : undefined

const timeIsUp = <A, R>({ method, show }: Job<A, R>, { connection, time }: Deadline, { last, failure }: Watch<A>) =>
  Effect.flatMap(time, ({ elapsed }) => {
    const after = `after ${Duration.format(Duration.millis(Math.round(elapsed)))}`
    const goesOn = "the server goes on, wait again to see it end"
    const why = failure === undefined ? "" : `; the last poll failed: ${failure.message}`
    return Effect.fail(
      new RpcError({
        method,
        address: connection.config.address,
        code: "DEADLINE_EXCEEDED",
        details: `${show(last)} ${after}; ${goesOn}${why}`,
        progress: "Answered",
        ...(failure === undefined ? {} : { cause: failure }),
      }),
    )
  })
