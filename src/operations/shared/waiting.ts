/**
 * Waits for work of the server, such as a load or the building of an index.
 *
 * - One deadline covers the whole operation: the calls that start it, every poll, and the pauses between polls.
 * - The first pause between polls is 20 ms. Pauses grow up to 500 ms.
 * - A poll that fails for a transient reason does not end the wait, unless `retry` is `false`, or
 *   {@linkcode AroundPoll} ends it. Any other failure ends it, with the server's reason.
 * - Interruption ends the wait at once. It does not cancel the work of the server.
 * - Time is that of Effect's `Clock`.
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type * as Connection from "../../Connection.ts"
import { type CallError, RpcError } from "../../errors.ts"
import { withWait } from "../../telemetry/attempt.ts"

/** Options of an operation that waits. */
export interface WaitOptions extends Connection.CallOptions {
  /**
   * Bounds the whole operation, waiting included. When it expires, the operation fails with an `RpcError` of code
   * `DEADLINE_EXCEEDED` that has the progress. The server continues, and it is safe to wait again.
   *
   * @default "10 minutes", and the `callTimeout` of the connection for each call
   */
  readonly timeout?: Duration.Input | "infinite" | undefined
}

/** Outcome of a poll that does not end the wait: an answer, or a failure for a transient reason. */
export interface PollOutcome {
  /** The error of the poll; `undefined` if it was answered. */
  readonly failure: CallError | undefined
}

/** Runs each poll of a wait. A failure ends the wait. */
export type RunPoll = <A extends PollOutcome, R>(poll: Effect.Effect<A, CallError, R>) => Effect.Effect<A, CallError, R>

/**
 * Runs each poll of the waits of an effect, to observe whether the server answers, and to end a wait if it does not.
 *
 * @default Runs the poll, so that a wait goes on until its deadline.
 */
export const AroundPoll: Context.Reference<RunPoll> = Context.Reference<RunPoll>(
  "@effect-milvus/client/operations/AroundPoll",
  { defaultValue: () => (poll) => poll },
)

/** Deadline of an operation that waits. */
export interface Deadline {
  /** Connection of the operation. */
  readonly connection: Connection.Connection
  /** Whether polling continues after a transient failure. */
  readonly retriesPolls: boolean
  /** Time since the start, and time that is left, in milliseconds; `Infinity` without a bound. */
  readonly time: Effect.Effect<{ readonly elapsed: number; readonly left: number }>
  /** Makes a call with the options of the operation, bounded by the time that is left. */
  readonly call: Bounded
  /** Makes a call that is also bounded by the `callTimeout` of the connection, since others follow. */
  readonly poll: Bounded
}

type Bounded = <A, E, R>(use: (options: Connection.CallOptions) => Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>

/** Starts the deadline of an operation. */
export const startDeadline = (
  connection: Connection.Connection,
  { timeout, retry, idempotent, database }: WaitOptions = {},
): Effect.Effect<Deadline> =>
  Effect.map(Clock.currentTimeMillis, (start) => {
    const total = timeout === "infinite" ? Infinity : Duration.toMillis(timeout ?? defaultTimeout)
    const callTimeout = Duration.toMillis(connection.config.callTimeout)
    const time = Effect.map(Clock.currentTimeMillis, (now) => ({ elapsed: now - start, left: total - (now - start) }))
    const within = (most: number): Bounded => (use) =>
      Effect.flatMap(time, ({ left }) => {
        // A timeout must be above zero. A call that begins after the deadline fails by it.
        const bound = Math.max(1, Math.min(left, most))
        return use({ retry, idempotent, database, timeout: bound === Infinity ? "infinite" : bound })
      })
    return {
      connection,
      retriesPolls: retry !== false,
      time,
      call: within(timeout === undefined ? callTimeout : Infinity),
      poll: within(callTimeout),
    }
  })

const defaultTimeout: Duration.Input = "10 minutes"

/** Work of the server to wait for. */
export interface Job<A, R> {
  /** RPC that returns its state. */
  readonly method: keyof Connection.Methods
  /** Reads the state; `last` is the state at the previous poll. */
  readonly poll: (options: Connection.CallOptions, last: A | undefined) => Effect.Effect<A, CallError, R>
  /** Whether a state is final. */
  readonly isDone: (state: A) => boolean
  /** Returns a state in words, for an error: `collection "books" is loaded to 50%`. */
  readonly show: (last: A | undefined) => string
}

/** Polls until a job is done, and emits its state at each change. */
export const watch = <A, R>(job: Job<A, R>, deadline: Deadline): Stream.Stream<A, CallError, R> =>
  withWait(job.method, deadline.connection.config.address, poll(job, deadline))

const poll = <A, R>(job: Job<A, R>, deadline: Deadline): Stream.Stream<A, CallError, R> =>
  Stream.paginate<Progress<A>, A, CallError, R>(
    { polls: 0, last: undefined, failure: undefined },
    (seen) =>
      Effect.flatMap(deadline.time, ({ left }) => {
        const late = failTimeout(job, deadline, seen)
        if (left <= 0) return late
        const page = pollOnce(job, deadline, seen)
        return left === Infinity ? page : Effect.timeoutOrElse(page, { duration: left, orElse: () => late })
      }),
  )

/** State between two polls. */
interface Progress<A> {
  readonly polls: number
  readonly last: A | undefined
  /** Error of the last poll, if it failed. */
  readonly failure: CallError | undefined
}

/** Elements that a poll adds to the stream, and the state for the next poll, if any. */
type Page<A> = readonly [ReadonlyArray<A>, Option.Option<Progress<A>>]

const pollOnce = <A, R>(
  { poll, isDone }: Job<A, R>,
  deadline: Deadline,
  { polls, last, failure }: Progress<A>,
): Effect.Effect<Page<A>, CallError, R> =>
  Effect.sleep(pauseBefore(polls, failure)).pipe(
    Effect.andThen(AroundPoll),
    Effect.flatMap((run) => run(outcomeOf(deadline.poll((options) => poll(options, last)), deadline))),
    Effect.map((outcome): Page<A> => {
      if (outcome.failure !== undefined) {
        return [[], Option.some({ polls: polls + 1, last, failure: outcome.failure })]
      }
      const { state } = outcome
      return [
        last !== undefined && Equal.equals(state, last) ? [] : [state],
        isDone(state) ? Option.none() : Option.some({ polls: polls + 1, last: state, failure: undefined }),
      ]
    }),
  )

/** Separates failures for a transient reason from those that end a wait. */
const outcomeOf = <A, R>(poll: Effect.Effect<A, CallError, R>, { retriesPolls }: Deadline) =>
  poll.pipe(
    Effect.map((state) => ({ state, failure: undefined }) as const),
    Effect.catchIf(
      (error) => retriesPolls && isTransient(error),
      (failure) => Effect.succeed({ failure } as const),
    ),
  )

/** Returns the pause before a poll in milliseconds: 0 before the first, and at least what the server asks for. */
const pauseBefore = (polls: number, failure: CallError | undefined): number => {
  const usual = polls === 0 ? 0 : Math.min(500, Math.round(20 * 1.5 ** (polls - 1)))
  const asked = failure === undefined ? undefined : retryAfter(failure)
  return asked === undefined ? usual : Math.max(usual, Duration.toMillis(asked))
}

/** Whether the next poll may succeed. A poll that timed out does not mean that the job failed. */
const isTransient = (error: CallError): boolean => {
  const asked = retryAfter(error)
  if (asked !== undefined && !Duration.isFinite(asked)) return false
  return error.isRetryable || error._tag === "RpcError" && error.code === "DEADLINE_EXCEEDED"
}

const retryAfter = (error: CallError): Duration.Duration | undefined =>
  "retryAfter" in error ? error.retryAfter : undefined

const failTimeout = <A, R>(
  { method, show }: Job<A, R>,
  { connection, time }: Deadline,
  { last, failure }: Progress<A>,
) =>
  Effect.flatMap(time, ({ elapsed }) => {
    const after = `after ${Duration.format(Duration.millis(Math.round(elapsed)))}`
    const advice = "the server continues; wait again for the end"
    const why = failure === undefined ? "" : `; the last poll failed: ${failure.message}`
    return Effect.fail(
      new RpcError({
        method,
        address: connection.config.address,
        code: "DEADLINE_EXCEEDED",
        details: `${show(last)} ${after}; ${advice}${why}`,
        progress: "Answered",
        ...(failure === undefined ? {} : { cause: failure }),
      }),
    )
  })
