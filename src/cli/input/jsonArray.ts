/** Parses one JSON array of objects, object by object: only the incomplete object is kept in memory. */
import { FormatProblem, type ParsedRow, type Parser, parseValue, toParsedRow } from "./parser.ts"

/** Makes a parser of a JSON array. A single object counts as an array of one. */
export const jsonArrayParser = (): Parser => {
  let pending = ""
  /** Offset in `pending` from which to continue. */
  let at = 0
  /** Number of open brackets within the object. */
  let depth = 0
  let isText = false
  let isArray: boolean | undefined
  let isDone = false
  /** Token that may come next. */
  let wants: "first" | "row" | "comma" = "first"
  let [line, startLine] = [1, 1]

  const parse = (text: string): ParsedRow => toParsedRow(parseValue(text, startLine), startLine)

  /** Handles a character between rows. */
  const between = (character: string): void => {
    if (/\s|\uFEFF/.test(character)) return
    if (isDone) throw new FormatProblem(line, "unexpected text after the end of the array")
    if (isArray === undefined && character === "[") isArray = true
    else if (character === "]" && isArray && wants !== "row") isDone = true
    else if (character === "," && wants === "comma" && isArray) wants = "row"
    else if (wants === "comma") throw new FormatProblem(line, `expected "," or "]"`)
    else {throw new FormatProblem(
        line,
        isArray === undefined ? "expected a JSON array of objects" : "expected an object",
      )}
  }

  const push = (text: string): ReadonlyArray<ParsedRow> => {
    const rows: Array<ParsedRow> = []
    pending += text
    let start = 0
    for (; at < pending.length; at++) {
      const character = pending[at]!
      if (character === "\n") line++
      if (depth === 0) {
        if (character === "{" && wants !== "comma" && !isDone) {
          depth = 1
          ;[start, startLine] = [at, line]
          isArray ??= false
        } else {
          between(character)
          start = at + 1
        }
      } else if (isText) {
        if (character === "\\") at++
        else if (character === '"') isText = false
      } else if (character === '"') isText = true
      else if (character === "{" || character === "[") depth++
      else if ((character === "}" || character === "]") && --depth === 0) {
        rows.push(parse(pending.slice(start, at + 1)))
        start = at + 1
        wants = "comma"
        if (!isArray) isDone = true
      }
    }
    pending = pending.slice(start)
    at -= start
    return rows
  }

  return {
    push,
    end: () => {
      if (depth > 0 || isArray === true && !isDone) throw new FormatProblem(line, "unexpected end of the file")
      return []
    },
  }
}
