/**
 * Parses comma-separated values (RFC 4180). The first line names the fields; quoted cells may contain commas, quotes
 * and line ends.
 *
 * An empty cell without quotes means no value; with quotes (`""`) it is an empty text. Empty lines are skipped, unless
 * there is only one field.
 */
import { FormatProblem, type ParsedRow, type Parser } from "./parser.ts"

/** Makes a parser of CSV. All values are text. */
export const csvParser = (): Parser => {
  let names: ReadonlyArray<string> | undefined
  let cells: Array<string> = []
  /** Columns of this row that hold an empty text in quotes. */
  let emptyTexts: Array<number> = []
  /** Text that is not parsed yet; starts with a cell. */
  let rest = ""
  /** Offset in `rest` from which to look for the end of a quoted cell. */
  let resumeAt = 1
  let isStart = true
  let [line, startLine] = [1, 1]

  const addQuoted = (text: string): void => {
    if (text === "") emptyTexts.push(cells.length)
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) line++
    cells.push(text)
  }

  const addPlain = (text: string): void => {
    if (text.includes("\r")) {
      throw new FormatProblem(
        line,
        "expected quotes around a value with a carriage return, or line ends of \\n or \\r\\n",
      )
    }
    cells.push(text)
  }

  const endRow = (rows: Array<ParsedRow>): void => {
    const [values, empty, at] = [cells, emptyTexts, startLine]
    cells = []
    if (empty.length > 0) emptyTexts = []
    startLine = ++line
    const isBlank = values.length === 1 && values[0] === "" && empty.length === 0
    if (isBlank && names?.length !== 1) return
    if (names === undefined) {
      names = values
      const unnamed = values.findIndex((name, column) => name === "" && !empty.includes(column))
      if (unnamed >= 0) {
        throw new FormatProblem(at, `expected a name for each column, got none for column ${unnamed + 1}`)
      }
      const twice = values.find((name, column) => values.indexOf(name) !== column)
      if (twice !== undefined) throw new FormatProblem(at, `expected different names, got "${twice}" twice`)
      return
    }
    if (values.length !== names.length) {
      throw new FormatProblem(at, `expected ${names.length} values, as in the first line, got ${values.length}`)
    }
    const all = names
    const row = { line: at, values: Object.fromEntries(all.map((name, column) => [name, values[column]!])) }
    rows.push(empty.length === 0 ? row : { ...row, emptyTexts: new Set(empty.map((column) => all[column]!)) })
  }

  /** Parses the cells whose end is known. */
  const read = (text: string): ReadonlyArray<ParsedRow> => {
    const rows: Array<ParsedRow> = []
    const { length } = text
    let at = 0
    // Searched again only after they are passed, so that a file without commas is not searched anew for each line.
    let comma = text.indexOf(",")
    let lineEnd = text.indexOf("\n")
    while (at < length) {
      if (text[at] === '"') {
        const close = closingQuote(text, Math.max(at + 1, resumeAt))
        if (close < 0) {
          resumeAt = ~close - at
          break
        }
        resumeAt = 1
        const cell = text.slice(at + 1, close)
        addQuoted(cell.includes('"') ? cell.replaceAll('""', '"') : cell)
        at = close + 1
        if (text[at] === "\r") at++
        if (text[at] === "\n") endRow(rows)
        else if (text[at] !== "," || text[at - 1] === "\r") {
          throw new FormatProblem(line, "unexpected text after a closing quote")
        }
        at++
        continue
      }
      if (comma >= 0 && comma < at) comma = text.indexOf(",", at)
      if (lineEnd >= 0 && lineEnd < at) lineEnd = text.indexOf("\n", at)
      if (comma >= 0 && (lineEnd < 0 || comma < lineEnd)) {
        addPlain(text.slice(at, comma))
        at = comma + 1
      } else if (lineEnd >= 0) {
        addPlain(text.slice(at, text[lineEnd - 1] === "\r" && lineEnd > at ? lineEnd - 1 : lineEnd))
        endRow(rows)
        at = lineEnd + 1
      } else break
    }
    rest = text.slice(at)
    return rows
  }

  return {
    push: (text) => {
      if (text === "") return []
      const isMarked = isStart && text.startsWith("\uFEFF")
      isStart = false
      return read(rest + (isMarked ? text.slice(1) : text))
    },
    end: () => {
      if (rest === "" && cells.length === 0) return []
      const rows = read(`${rest}\n`)
      if (rest !== "") throw new FormatProblem(startLine, "a quote is not closed")
      return rows
    },
  }
}

/** Returns the offset of the closing quote; `~at` if it is not in the text, where `at` is the offset to resume from. */
const closingQuote = (text: string, from: number): number => {
  for (let at = from;;) {
    const quote = text.indexOf('"', at)
    if (quote < 0) return ~text.length
    // The next character decides: a second quote belongs to the cell, and a line end may have two characters.
    const next = text[quote + 1]
    if (next === undefined || next === "\r" && quote + 2 >= text.length) return ~quote
    if (next !== '"') return quote
    at = quote + 2
  }
}
