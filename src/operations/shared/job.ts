/**
 * Jobs of the server that outlive the call that starts them, such as an import or a compaction.
 *
 * - A job has an id, and can be found again by it, also after a restart of the program.
 * - Each wait has one deadline, the `timeout` of the options, 10 minutes by default.
 * - Interrupting a wait, or its deadline, leaves the job running on the server. The log then has its id.
 * - A job that fails on the server fails the wait with a `ServerError` that has the server's reason.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type * as Connection from "../../Connection.ts"
import { type CallError, ServerError } from "../../errors.ts"
import { withRequestId } from "../../telemetry/trace.ts"
import { type Job as Poll, startDeadline, type WaitOptions, watch } from "./waiting.ts"

/** A job of the server. */
export interface Job<Id, State, Result> {
  /** The id of the job on the server. */
  readonly id: Id
  /** Emits the state of the job now and at each change, until it is done. Fails if the job fails. */
  readonly progress: Stream.Stream<State, CallError>
  /** Waits until the job is done. Fails if the job fails. */
  readonly await: Effect.Effect<Result, CallError>
}

/** Parts of a job. */
export interface JobSpec<Id, State, Result> {
  readonly connection: Connection.Connection
  readonly options: WaitOptions | undefined
  readonly id: Id
  /** The RPC that returns its state. */
  readonly method: keyof Connection.Methods
  /** The job in words, such as `import 42`. */
  readonly name: string
  /** Code that resumes the wait, such as `Import.fromId(42n)`. */
  readonly resume: string
  /** Reads the state. Fails with {@linkcode failJob} if the job failed. */
  readonly poll: Poll<State, never>["poll"]
  readonly isDone: (state: State) => boolean
  /** Returns the state in words, to follow the name of the job: `is at 50%`. */
  readonly show: (state: State) => string
  /** Returns the result from the last state. */
  readonly result: (state: State) => Result
}

/** Makes a job from its parts. */
export const makeJob = <Id, State, Result>(spec: JobSpec<Id, State, Result>): Job<Id, State, Result> => {
  const { connection, options, id, method, name, poll, isDone, show } = spec
  const progress = Stream.unwrap(
    Effect.map(startDeadline(connection, options), (deadline) =>
      watch({
        method,
        poll,
        isDone,
        show: (state) => `${name} ${state === undefined ? "has not reported its state" : show(state)}`,
      }, deadline)),
  )
  const result = Effect.map(
    Stream.runLast(progress),
    // A stream that ends has emitted the state in which the job is done.
    (last) => spec.result(Option.getOrThrow(last)),
  )
  const resume = withRequestId(
    Effect.logInfo(`${name} at ${connection.config.address} goes on; ${spec.resume} waits for it again`),
  )
  return { id, progress, await: Effect.onInterrupt(result, () => resume) }
}

/** Fails because a job of the server failed. */
export const failJob = (
  connection: Connection.Connection,
  method: keyof Connection.Methods,
  name: string,
  reason: string,
  code = 65535,
): Effect.Effect<never, ServerError> =>
  Effect.fail(
    new ServerError({
      method,
      address: connection.config.address,
      code,
      reason: `${name} failed: ${reason || "the server gives no reason"}`,
      retriable: false,
    }),
  )

/** The `timeout` of a job is that of its waits: the call that starts it has that of every call. */
export const withoutTimeout = <O extends WaitOptions>(options: O): Omit<O, "timeout"> => {
  const { timeout: _, ...others } = options
  return others
}
