/** Measures and cuts text by terminal columns. East Asian characters and emoji take two columns. */
import { displayWidth } from "effect/cli/CliOutput"

const plain = /^[\x20-\x7e]*$/

/** Returns the number of columns of a text. */
export const widthOf = (text: string): number => plain.test(text) ? text.length : displayWidth(text)

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" })

/** Cuts a text to at most `width` columns. Text that is cut ends with an ellipsis. */
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

/** Cuts or pads a text to exactly `width` columns. */
export const fit = (text: string, width: number, align: "left" | "right" = "left"): string => {
  const shown = cut(text, width)
  const space = " ".repeat(Math.max(0, width - widthOf(shown)))
  return align === "right" ? space + shown : shown + space
}

/** Breaks a text at spaces into lines of at most `width` columns. */
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
