/** Text by the columns that it takes on a terminal, where East Asian characters and emoji take two. */
import { displayWidth } from "effect/cli/CliOutput"

const plain = /^[\x20-\x7e]*$/

/** How many columns a text takes. */
export const widthOf = (text: string): number => plain.test(text) ? text.length : displayWidth(text)

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" })

/** A text of `width` columns at most; what is cut off is told by an ellipsis. */
export const cut = (text: string, width: number): string => {
  if (text.length <= width && plain.test(text)) return text
  let [columns, taken] = [0, ""]
  for (const { segment } of graphemes.segment(text)) {
    columns += widthOf(segment)
    if (columns > width) return `${taken}…`
    if (columns < width) taken += segment
  }
  return text
}

/** A text of exactly `width` columns. */
export const fit = (text: string, width: number, align: "left" | "right" = "left"): string => {
  const shown = cut(text, width)
  const space = " ".repeat(Math.max(0, width - widthOf(shown)))
  return align === "right" ? space + shown : shown + space
}

/** Lines of `width` columns at most, broken at spaces. */
export const wrap = (text: string, width: number): ReadonlyArray<string> => {
  const lines: Array<string> = []
  let line = ""
  for (const word of text.split(" ")) {
    if (line !== "" && widthOf(line) + 1 + widthOf(word) > width) {
      lines.push(line)
      line = word
    } else line = line === "" ? word : `${line} ${word}`
  }
  return [...lines, line]
}
