/** Formats values for the cells of a table: short, on one line, and harmless to a terminal. */
import { printable as visible } from "../../text/printable.ts"
import { isSparse, isTyped, shortest, toJson } from "./json.ts"

/** Number of vector elements that are shown. */
const shownNumbers = 2

/** Returns the text of a cell. */
export const toCell = (value: unknown): string => {
  if (value === undefined) return ""
  if (typeof value === "string") return printable(value)
  if (typeof value === "number") return String(value)
  if (value instanceof Date) return value.toISOString().replace("T", " ").replace(/\.\d+Z$/, "Z")
  if (typeof value === "object" && value !== null) {
    if (isSparse(value)) {
      const pairs = Array.from(
        value.indices.subarray(0, shownNumbers),
        (index, at) => `${index}: ${rounded(value.values[at] ?? 0)}`,
      )
      return `{${pairs.join(", ")}${more(value.indices.length)}}`
    }
    if (isTyped(value)) {
      const numbers = Array.from<number | bigint, string>(
        value.subarray(0, shownNumbers),
        (number) => typeof number === "bigint" ? String(number) : rounded(number),
      )
      return `[${numbers.join(", ")}${more(value.length)}]`
    }
  }
  return printable(toJson(value))
}

const more = (count: number): string => count > shownNumbers ? `, … ${count}` : ""

const rounded = (value: number): string => shortest(Math.fround(Number(value.toPrecision(3))))

/** Replaces control characters, and puts the text on one line: text from a database may contain anything. */
export const printable = (text: string): string =>
  visible(text.replace(/[\n\r\t]/g, (character) => names.get(character) ?? character))

const names = new Map([["\n", "\\n"], ["\r", "\\r"], ["\t", "\\t"]])
