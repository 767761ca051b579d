/** Comma-separated values (RFC 4180): the first line names the fields, quotes may hold commas and line ends. */
import { FormatProblem, type Parsed, type Parser } from "./parser.ts"

/** Reads CSV. Every value is text. */
export const csvParser = (): Parser => {
  let names: ReadonlyArray<string> | undefined
  let cells: Array<string> = []
  let cell = ""
  /** Within quotes; or after a quote that may be the end of them. */
  let quotes: "none" | "open" | "closing" = "none"
  let [line, startLine] = [1, 1]

  const endRow = (): ReadonlyArray<Parsed> => {
    const values = [...cells, cell]
    const at = startLine
    ;[cells, cell, startLine, quotes] = [[], "", line, "none"]
    if (values.length === 1 && values[0] === "") return []
    if (names === undefined) {
      names = values.map((name, column) => column === 0 ? name.replace(/^\uFEFF/, "") : name)
      const twice = names.find((name, column) => names?.indexOf(name) !== column)
      if (twice !== undefined) throw new FormatProblem(at, `the field "${twice}" is named twice`)
      return []
    }
    if (values.length !== names.length) {
      throw new FormatProblem(at, `expected ${names.length} values, as in the first line, got ${values.length}`)
    }
    return [{ line: at, values: Object.fromEntries(names.map((name, column) => [name, values[column]])) }]
  }

  return {
    push: (text) => {
      const rows: Array<Parsed> = []
      for (const character of text) {
        if (character === "\n") line++
        if (quotes === "open") {
          if (character === '"') quotes = "closing"
          else cell += character
          continue
        }
        if (character === '"' && (quotes === "closing" || cell === "")) {
          // Two quotes within quotes are one.
          if (quotes === "closing") cell += character
          quotes = "open"
        } else if (character === ",") {
          cells.push(cell)
          cell = ""
          quotes = "none"
        } else if (character === "\n") rows.push(...endRow())
        else if (character !== "\r") {
          if (quotes === "closing") throw new FormatProblem(line, "something follows a closing quote")
          cell += character
        }
      }
      return rows
    },
    end: () => {
      if (quotes === "open") throw new FormatProblem(startLine, "a quote is not closed")
      return cell === "" && cells.length === 0 ? [] : endRow()
    },
  }
}
