/** A progress bar: on a terminal alone, beside the results, and gone when it is over. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { printable } from "./output/cells.ts"
import { widthOf } from "./output/width.ts"
import { clearLine, replaceLine, styled, Terminal } from "./screen.ts"

/** How far something is. */
export interface Progress {
  /** What is being done. */
  readonly label: string
  /** From 0 to 1; undefined where the end is not known. */
  readonly part?: number | undefined
  /** What else to tell. */
  readonly about: string
}

/** Tells how far something is. */
export type ReportProgress = (progress: Progress) => Effect.Effect<void>

/** Between two looks of a person. */
const interval = 100
const fullWidth = 24

/** A progress bar for the scope. Where nobody looks, telling does nothing. */
export const progressBar: Effect.Effect<ReportProgress, never, Terminal | Scope.Scope> = Effect.gen(function* () {
  const { err } = yield* Terminal
  if (!err.isTerminal) return () => Effect.void
  let last = -Infinity
  let isShown = false
  yield* Effect.addFinalizer(() => isShown ? clearLine(err) : Effect.void)
  return ({ part, ...texts }: Progress) =>
    Effect.suspend(() => {
      const label = printable(texts.label)
      const about = printable(texts.about)
      const now = performance.now()
      if (now - last < interval) return Effect.void
      last = now
      isShown = true
      const room = err.columns - 1 - widthOf(label) - widthOf(about) - 10
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
