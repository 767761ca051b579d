/**
 * Reports a server that does not answer while a command waits for a job.
 *
 * - After 5 s without an answer the error output shows it, with the reason if it is known: on a terminal in place of
 *   the progress, else as one line.
 * - The wait ends with the error of the last poll if no reply came for the longest of the limits of the connection:
 *   the 60 s of a call, or `--timeout` if that is longer. A server that restarts in that time ends no wait.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Connection from "../Connection.ts"
import type { CallError } from "../errors.ts"
import type { RunPoll } from "../operations/shared/waiting.ts"
import { explain } from "./errorText.ts"
import { note, Terminal } from "./screen.ts"

/** Time without an answer that is not worth a line, in milliseconds. */
const shortSilence = 5000

/** Shows a server that does not answer. */
export interface ShowSilence {
  /** Shows on a terminal that the server does not answer. */
  readonly show: (text: string) => Effect.Effect<void>
  /** Shows on a terminal what was shown before. */
  readonly restore: Effect.Effect<void>
}

/** Watches for the scope whether the server answers. Returns what runs each poll. */
export const watchSilence = (
  { show, restore }: ShowSilence,
): Effect.Effect<RunPoll, never, Connection.Connection | Scope.Scope | Terminal> =>
  Effect.gen(function* () {
    const { config, state } = yield* Connection.Connection
    const terminal = yield* Terminal
    const limit = Math.max(Duration.toMillis(config.callTimeout), Duration.toMillis(config.connectTimeout))
    // Times of the last answer to a poll, and of the last reply, which may be a refusal.
    let answered = yield* Clock.currentTimeMillis
    let replied = answered
    let failure: CallError | undefined
    let isShown = false
    const line = (text: string) => Effect.provideService(note(text), Terminal, terminal)
    const reason = Effect.gen(function* () {
      if (failure !== undefined) return `: ${explain(failure).text}`
      return (yield* state) === "Reconnecting" ? `: the connection to ${config.address} was lost` : ""
    })
    const showSilence = Effect.gen(function* () {
      const silence = (yield* Clock.currentTimeMillis) - answered
      if (silence < shortSilence || isShown && !terminal.err.isTerminal) return
      isShown = true
      const text = `no answer for ${Math.round(silence / 1000)} s${yield* reason}`
      yield* terminal.err.isTerminal ? show(text) : line(`${text}; waiting for ${config.address}`)
    })
    yield* Effect.forkScoped(Effect.forever(Effect.andThen(Effect.sleep("1 second"), showSilence)))
    const learn = (outcome: CallError | undefined): Effect.Effect<void, CallError> =>
      Effect.flatMap(Clock.currentTimeMillis, (now) => {
        if (outcome === undefined || outcome._tag === "ServerError") replied = now
        failure = outcome
        if (outcome !== undefined) return now - replied < limit ? Effect.void : Effect.fail(outcome)
        answered = now
        if (!isShown) return Effect.void
        isShown = false
        return terminal.err.isTerminal ? restore : line(`${config.address} answers again`)
      })
    return (poll) => Effect.tap(poll, (outcome) => learn(outcome.failure))
  })
