/** What writes rows in one of the formats: text for some rows at a time, so that a result of any length needs little memory. */
import { parseJson } from "../../codec/parseJson.ts"
import { toJson } from "./json.ts"

/** A row of any result. */
export type Row = { readonly [name: string]: unknown }

/** Gives the text of rows as they come. */
export interface RowWriter {
  /** The text of some more rows. */
  readonly rows: (rows: ReadonlyArray<Row>) => string
  /** What comes after the last row. */
  readonly end: () => string
}

/** One JSON object a line. */
export const ndjsonWriter = (): RowWriter => ({
  rows: (rows) => rows.map((row) => `${toJson(row)}\n`).join(""),
  end: () => "",
})

/** One JSON array, with a row a line. */
export const jsonWriter = (): RowWriter => {
  let isEmpty = true
  return {
    rows: (rows) =>
      rows.map((row) => {
        const start = isEmpty ? "[\n" : ",\n"
        isEmpty = false
        return start + toJson(row)
      }).join(""),
    end: () => isEmpty ? "[]\n" : "\n]\n",
  }
}

/**
 * How values become cells of CSV:
 *
 * - `text`: text as it is, other values as JSON, and no value as an empty cell;
 * - `json`: JSON, also of text and `null`;
 * - `dynamic`: JSON, except that text which is not JSON stays as it is: `5` is a number, and `"5"` with its quotes the text.
 */
export type CellKind = "text" | "json" | "dynamic"

/** Comma-separated values (RFC 4180) under a line of names. An empty text is in quotes, and a cell without a value is not. */
export const csvWriter = (
  columns: ReadonlyArray<string>,
  kindOf: (name: string) => CellKind = () => "text",
): RowWriter => {
  let head = `${columns.map(quoted).join(",")}\r\n`
  const kinds = columns.map(kindOf)
  return {
    rows: (rows) => {
      const text = head +
        rows.map((row) => `${columns.map((name, at) => quoted(csvCell(valueOf(row, name), kinds[at]))).join(",")}\r\n`)
          .join("")
      head = ""
      return text
    },
    end: () => head,
  }
}

/** The value of a name, which may be one that every object has, such as `constructor`. */
export const valueOf = (row: Row, name: string): unknown => Object.hasOwn(row, name) ? row[name] : undefined

const csvCell = (value: unknown, kind: CellKind = "text"): string | undefined => {
  if (value === undefined || value === null && kind === "text") return undefined
  if (value instanceof Date) return value.toISOString()
  if (typeof value === "number" && !Number.isFinite(value)) return String(value)
  const isPlain = typeof value === "string" && (kind === "text" || kind === "dynamic" && !isJson(value))
  return isPlain ? value : toJson(value)
}

const isJson = (text: string): boolean => {
  try {
    parseJson(text)
    return true
  } catch {
    return false
  }
}

/** Quotes what a reader would divide, trim, or take for no value. */
const quoted = (text: string | undefined): string =>
  text === undefined ? "" : /^$|[",\r\n]|^\s|\s$|^\uFEFF/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
