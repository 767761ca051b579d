/** Splits a line of the shell into words, with quotes and backslashes as in other shells, and no other syntax. */

/** Words of a line. */
export interface SplitLine {
  /** Words. The last one is the word at the end of the line, `""` after a space. */
  readonly words: ReadonlyArray<string>
  /** Last word as it was typed. */
  readonly typed: string
  /** Quote character that is still open. */
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

/** Returns the words of a complete line, without an empty last one; `undefined` if a quote is not closed. */
export const wordsOf = (line: string): ReadonlyArray<string> | undefined => {
  const { words, typed, open } = splitWords(line)
  if (open !== undefined) return undefined
  return typed === "" ? words.slice(0, -1) : words
}

/** Quotes a word so that {@linkcode splitWords} returns it unchanged. */
export const quoteWord = (word: string): string =>
  /^[^\s"'\\]+$/.test(word) ? word : `"${word.replace(/["\\]/g, "\\$&")}"`
