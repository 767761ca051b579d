/** Formats rows as NDJSON, JSON or CSV, some rows at a time, so that a result of any length needs little memory. */
import { parseJson } from "../../codec/parseJson.ts"
import { toJson } from "./json.ts"

/** Row of a result. */
export type Row = { readonly [name: string]: unknown }

/** Formats rows as they arrive. */
export interface RowWriter {
  /** Returns the text of the next rows. */
  readonly rows: (rows: ReadonlyArray<Row>) => string
  /** Returns the text after the last row. */
  readonly end: () => string
}

/** Makes a writer of NDJSON: one JSON object per line. */
export const ndjsonWriter = (): RowWriter => ({
  rows: (rows) => rows.map((row) => `${toJson(row)}\n`).join(""),
  end: () => "",
})

/** Makes a writer of a JSON array with one row per line. */
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
 * Format of the cells of a CSV column:
 *
 * - `text`: text unchanged, other values as JSON, and a missing value as an empty cell;
 * - `json`: JSON, also for text and `null`;
 * - `dynamic`: JSON, but text that is not JSON is unchanged: `5` is a number, and `"5"` with its quotes is the text.
 */
export type CellKind = "text" | "json" | "dynamic"

/** Makes a writer of CSV (RFC 4180) with a header. An empty text is quoted; a cell without a value is empty. */
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

/** Returns the own value of a name. Ignores inherited ones, such as `constructor`. */
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

/** Quotes text that a reader would split, trim, or treat as no value. */
const quoted = (text: string | undefined): string =>
  text === undefined ? "" : /^$|[",\r\n]|^\s|\s$|^\uFEFF/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
