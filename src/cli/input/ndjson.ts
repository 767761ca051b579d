/** One JSON object a line. Empty lines are passed over. */
import { type Parsed, type Parser, rowOf, valueIn } from "./parser.ts"

/** Reads NDJSON. */
export const ndjsonParser = (): Parser => {
  let [rest, line] = ["", 0]
  const row = (text: string): ReadonlyArray<Parsed> => {
    line++
    if (text.trim() === "") return []
    return [rowOf(valueIn(text, line), line)]
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
