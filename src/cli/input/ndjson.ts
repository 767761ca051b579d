/** One JSON object a line. Empty lines are passed over. */
import { type ParsedRow, type Parser, parseValue, toParsedRow } from "./parser.ts"

/** Reads NDJSON. */
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
