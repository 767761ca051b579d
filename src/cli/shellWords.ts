/** Splits a line of the shell into words, as people know it from other shells: quotes and backslashes, and nothing more. */

/** The words of a line. */
export interface SplitLine {
  /** The words; the last is the one that the line ends in, `""` after a space. */
  readonly words: ReadonlyArray<string>
  /** The last word as it was typed. */
  readonly typed: string
  /** The quote that is still open. */
  readonly open: string | undefined
}

/** Splits a line. */
export const splitWords = (line: string): SplitLine => {
  const words: Array<string> = []
  let word: string | undefined
  let open: string | undefined
  let start = 0
  for (let at = 0; at < line.length; at++) {
    const character = line[at]!
    if (word === undefined) start = at
    if (open !== undefined) {
      const isEscaped = character === "\\" && open === '"' && /["\\]/.test(line[at + 1] ?? "")
      if (character === open) open = undefined
      else word = (word ?? "") + (isEscaped ? line[++at] : character)
    } else if (character === '"' || character === "'") {
      open = character
      word ??= ""
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else word = (word ?? "") + (character === "\\" && at + 1 < line.length ? line[++at] : character)
  }
  return { words: [...words, word ?? ""], typed: word === undefined ? "" : line.slice(start), open }
}

/** The words of a whole line, without an empty last one; undefined where a quote is not closed. */
export const wordsOf = (line: string): ReadonlyArray<string> | undefined => {
  const { words, typed, open } = splitWords(line)
  if (open !== undefined) return undefined
  return typed === "" ? words.slice(0, -1) : words
}

/** A word as it has to be typed to come out as it is. */
export const quoteWord = (word: string): string =>
  /^[^\s"'\\]+$/.test(word) ? word : `"${word.replace(/["\\]/g, "\\$&")}"`
