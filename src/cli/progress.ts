/** A progress bar on the error output. Only shown on a terminal, and removed at the end. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { printable } from "./output/cells.ts"
import { cut, widthOf } from "./output/width.ts"
import { clearLine, replaceLine, styled, Terminal } from "./screen.ts"

/** Progress of an operation. */
export interface Progress {
  /** Name of the operation. */
  readonly label: string
  /** Finished part, from 0 to 1; `undefined` if the total is unknown. */
  readonly part?: number | undefined
  /** Additional text. */
  readonly about: string
}

/** Shows the progress of an operation. */
export type ReportProgress = (progress: Progress) => Effect.Effect<void>

/** Shortest time between two updates, in milliseconds. */
const interval = 100
const fullWidth = 24

/** Opens a progress bar for the scope. Without a terminal, reporting does nothing. */
export const progressBar: Effect.Effect<ReportProgress, never, Terminal | Scope.Scope> = Effect.gen(function* () {
  const { err } = yield* Terminal
  if (!err.isTerminal) return () => Effect.void
  let last = -Infinity
  let isShown = false
  yield* Effect.addFinalizer(() => isShown ? clearLine(err) : Effect.void)
  return ({ part, ...texts }: Progress) =>
    Effect.suspend(() => {
      const most = err.columns - 1
      const label = cut(printable(texts.label), most)
      const about = cut(printable(texts.about), Math.max(0, most - widthOf(label) - 2))
      const now = performance.now()
      if (now - last < interval) return Effect.void
      last = now
      isShown = true
      const room = most - widthOf(label) - widthOf(about) - 10
      const width = Math.max(0, Math.min(fullWidth, room))
      const filled = part === undefined ? 0 : Math.round(Math.min(1, part) * width)
      const bar = part === undefined || width < 4
        ? ""
        : `${styled(err, "cyan", "█".repeat(filled))}${styled(err, "dim", "░".repeat(width - filled))} ${
          `${Math.floor(Math.min(1, part) * 100)}`.padStart(3)
        } %  `
      return replaceLine(err, `${label}  ${bar}${about}`)
    })
})
