/** One JSON object a line. Empty lines are passed over. */
import { parseJson } from "./json.ts"
import { FormatProblem, type Parsed, type Parser, rowOf } from "./parser.ts"

/** Reads NDJSON. */
export const ndjsonParser = (): Parser => {
  let [rest, line] = ["", 0]
  const row = (text: string): ReadonlyArray<Parsed> => {
    line++
    if (text.trim() === "") return []
    let value: unknown
    try {
      value = parseJson(text)
    } catch {
      throw new FormatProblem(line, "this is no JSON")
    }
    return [rowOf(value, line)]
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
