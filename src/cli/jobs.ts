/** Waiting for jobs of the server, which outlive the command that starts them. */
import type * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { CallError } from "../errors.ts"
import { switchFlag } from "./commands/args.ts"
import { type Progress, progressBar } from "./progress.ts"
import { note, type Terminal } from "./screen.ts"

/** Flag `--no-wait`. */
export const noWaitFlag: Flag.Flag<boolean> = switchFlag("no-wait", "Start it, and do not wait for its end")

/** A command waits as long as its job takes, and outlasts restarts of the server; Ctrl-C ends the wait. */
export const longWait = { timeout: "1 day" } as const

/**
 * Waits for a job, and shows its progress. Returns the last state. An interruption leaves the job running; the note
 * `resume` then explains how to wait for it again.
 */
export const waitFor = <State>(
  progress: Stream.Stream<State, CallError>,
  show: (state: State) => Progress,
  resume?: string,
): Effect.Effect<State, CallError, Terminal> =>
  Effect.scoped(Effect.gen(function* () {
    const report = yield* progressBar
    const last = yield* Stream.runLast(Stream.tap(progress, (state) => report(show(state))))
    // A stream that ends has emitted the state in which the job is done.
    return Option.getOrThrow(last)
  })).pipe(Effect.onInterrupt(() => resume === undefined ? Effect.void : note(resume)))
