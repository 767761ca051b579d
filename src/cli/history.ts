/** Lines of earlier shells, in a file that its user alone can read. Lines with secrets in them are not kept. */
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import { printable } from "../text/printable.ts"
import { configurationFolder, replaceFile } from "./savedConnections.ts"
import { splitWords } from "./shellWords.ts"

const historyPath = (): string => join(configurationFolder(), "history")
const maxLines = 1000

/** The newest first. A history that cannot be read is none. */
export const readHistory: Effect.Effect<ReadonlyArray<string>> = Effect.promise(() =>
  readFile(historyPath(), "utf8").then(
    (text) => text.split("\n").filter(isKept).reverse(),
    () => [],
  )
)

/** Adds lines, the oldest first. What cannot be kept is not worth a complaint. */
export const appendHistory = (lines: ReadonlyArray<string>): Effect.Effect<void> =>
  Effect.flatMap(readHistory, (earlier) => {
    const kept = [...earlier.toReversed(), ...lines].filter(isKept).slice(-maxLines)
    return lines.length === 0
      ? Effect.void
      : Effect.promise(() => replaceFile(historyPath(), `${kept.join("\n")}\n`).catch(() => {}))
  })

/**
 * Whether a line has no secret, by its words as the shell reads them: with quotes and backslashes, also if a quote is not closed.
 * A flag that only looks like one of a secret is taken for one that was mistyped.
 */
const isKept = (line: string): boolean =>
  line.trim() !== "" && line === printable(line) && !splitWords(line).words.some(isSecret)

const isSecret = (word: string): boolean =>
  /^-[^=]*(to?ke?n|pass|pw|secret)/i.test(word) && !/^--token-command(=|$)/.test(word) ||
  /:\/\/.*@|^[^\s{[]*:\S*@/s.test(word)
