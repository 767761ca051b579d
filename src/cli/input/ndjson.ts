/** Parses one JSON object per line. Empty lines are skipped. */
import { type ParsedRow, type Parser, parseValue, toParsedRow } from "./parser.ts"

/** Makes a parser of NDJSON. */
export const ndjsonParser = (): Parser => {
  let [rest, line] = ["", 0]
  const row = (text: string): ReadonlyArray<ParsedRow> => {
    line++
    if (text.trim() === "") return []
    return [toParsedRow(parseValue(text, line), line)]
  }
  return {
    push: (text) => {
      const lines = (rest + text).split("\n")
      rest = lines.pop() ?? ""
      return lines.flatMap(row)
    },
    end: () => row(rest),
  }
}
