/** What writes rows in one of the formats: text for some rows at a time, so that a result of any length needs little memory. */
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

/** Comma-separated values (RFC 4180) under a line of names; what is no text or number is JSON. */
export const csvWriter = (columns: ReadonlyArray<string>): RowWriter => {
  let head = `${columns.map(quoted).join(",")}\r\n`
  return {
    rows: (rows) => {
      const text = head +
        rows.map((row) => `${columns.map((name) => quoted(csvCell(row[name]))).join(",")}\r\n`).join("")
      head = ""
      return text
    },
    end: () => head,
  }
}

const csvCell = (value: unknown): string => {
  if (value === null || value === undefined) return ""
  if (value instanceof Date) return value.toISOString()
  return typeof value === "string" ? value : toJson(value)
}

const quoted = (text: string): string => /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
