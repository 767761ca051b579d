/** Waiting for jobs of the server, which outlive the command that starts them. */
import type * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type * as Connection from "../Connection.ts"
import type { CallError, ParamError } from "../errors.ts"
import { AroundPoll } from "../operations/shared/waiting.ts"
import { switchFlag } from "./commands/args.ts"
import { type Progress, progressBar } from "./progress.ts"
import { note, type Terminal } from "./screen.ts"
import { watchSilence } from "./silence.ts"

/** Flag `--no-wait`. */
export const noWaitFlag: Flag.Flag<boolean> = switchFlag("no-wait", "Start it, and do not wait for its end")

/** Flag `--wait`. */
export const waitFlag: Flag.Flag<boolean> = switchFlag("wait", "Wait until it is done; fails if it fails")

/** A command waits as long as its job takes, and outlasts restarts of the server; Ctrl-C ends the wait. */
export const longWait = { timeout: "1 day" } as const

/** To look at a job once fails if the call fails, unlike to wait for it. */
export const oneCall = { retry: false } as const

/** A job as a command names it. */
export interface JobName {
  /** The job: `import 42`. */
  readonly name: string
  /** The command that waits for it again, or continues it: `describe import 42 --wait`. */
  readonly resume: string
  /**
   * Whether the wait itself makes the steps of the job, so that only the current one goes on.
   *
   * @default false
   */
  readonly stops?: boolean
}

/** Names a job after the noun of the command that waits for it again. */
export const namedJob = (noun: string, id: string | bigint): JobName => ({
  name: `${noun} ${id}`,
  resume: `describe ${noun} ${id} --wait`,
})

/**
 * Waits for a job, shows its progress, and reports a server that does not answer. Returns the last state. After Ctrl-C,
 * or if the server is lost, a line explains whether the job goes on, and which command waits for it again.
 */
export const waitFor = <State, E extends CallError | ParamError, R>(
  progress: Stream.Stream<State, E, R>,
  job: JobName,
  show: (state: State) => Omit<Progress, "label">,
): Effect.Effect<State, E | CallError, R | Connection.Connection | Terminal> =>
  Effect.scoped(Effect.gen(function* () {
    const report = yield* progressBar
    let last: Omit<Progress, "label"> = { about: "" }
    const around = yield* watchSilence({
      show: (about) => report({ label: job.name, about }),
      restore: Effect.suspend(() => report({ label: job.name, ...last })),
    })
    const reported = Stream.tap(progress, (state) => {
      last = show(state)
      return report({ label: job.name, ...last })
    })
    const final = yield* Effect.provideService(Stream.runLast(reported), AroundPoll, around)
    // A stream that ends has emitted the state in which the job is done.
    return Option.getOrThrow(final)
  })).pipe(
    Effect.onInterrupt(() => note(goesOn(job, "goes on"))),
    Effect.tapError((error) => isLoss(error) ? note(goesOn(job, "may go on")) : Effect.void),
  )

const goesOn = ({ name, resume, stops = false }: JobName, how: string): string =>
  stops
    ? `${name} stops after its current step; continue it: ${resume}`
    : `${name} ${how}; wait for it again: ${resume}`

/** Whether a wait failed although the job may not have. */
const isLoss = (error: CallError | ParamError): boolean =>
  error._tag === "NotReady" || error._tag === "RpcError" && (error.isRetryable || error.code === "DEADLINE_EXCEEDED")

/** Returns the state of a job: at the end, or now. */
export const stateOf = <State, E extends CallError | ParamError, R>(
  isWaiting: boolean,
  progress: Stream.Stream<State, E, R>,
  job: JobName,
  show: (state: State) => Omit<Progress, "label">,
): Effect.Effect<State, E | CallError, R | Connection.Connection | Terminal> =>
  isWaiting ? waitFor(progress, job, show) : Effect.map(Stream.runHead(progress), Option.getOrThrow)
