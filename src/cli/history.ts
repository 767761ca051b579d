/** History of the shell, in a file that only its user can read. Lines with secrets are not kept. */
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import { printable } from "../text/printable.ts"
import { configurationFolder, replaceFile } from "./savedConnections.ts"
import { splitWords } from "./shellWords.ts"

const historyPath = (): string => join(configurationFolder(), "history")
const maxLines = 1000

/** Reads the history, newest line first; empty if the file cannot be read. */
export const readHistory: Effect.Effect<ReadonlyArray<string>> = Effect.promise(() =>
  readFile(historyPath(), "utf8").then(
    (text) => text.split("\n").filter(isKept).reverse(),
    () => [],
  )
)

/** Appends lines, oldest first. Ignores a file that cannot be written. */
export const appendHistory = (lines: ReadonlyArray<string>): Effect.Effect<void> =>
  Effect.flatMap(readHistory, (earlier) => {
    const kept = [...earlier.toReversed(), ...lines].filter(isKept).slice(-maxLines)
    return lines.length === 0
      ? Effect.void
      : Effect.promise(() => replaceFile(historyPath(), `${kept.join("\n")}\n`).catch(() => {}))
  })

/** Returns the history with the lines of a shell that still runs, oldest first. */
export const historyWith = (lines: ReadonlyArray<string>): Effect.Effect<ReadonlyArray<string>> =>
  Effect.map(readHistory, (earlier) => [...earlier.toReversed(), ...lines.filter(isKept)])

/**
 * Whether a line may be kept: it is not blank and has no control characters and no secret. Looks at the words as the
 * shell reads them: with quotes and backslashes, even if a quote is not closed. A flag that resembles a secret flag
 * counts as one that was mistyped.
 */
const isKept = (line: string): boolean =>
  line.trim() !== "" && line === printable(line) && !splitWords(line).words.some(isSecret)

const isSecret = (word: string): boolean =>
  /^-[^=]*(to?ke?n|pass|pw|secret)/i.test(word) && !/^--token-command(=|$)/.test(word) ||
  /:\/\/.*@|^[^\s{[]*:\S*@/s.test(word)
