/** JSON text as values, exactly: an integer that a number cannot hold is a `bigint`. */

/** Integers that may be beyond 2^53, and texts, in which there may be what looks like one. */
const longIntegers = /"(?:[^"\\]|\\.)*"|-?\d{16,}(?![\d.eE])/g

/** Parses JSON. Throws what `JSON.parse` throws. */
export const parseJson = (text: string): unknown => {
  if (!/\d{16}/.test(text)) return JSON.parse(text)
  let mark = "int64:"
  while (text.includes(mark)) mark += ":"
  const marked = text.replace(longIntegers, (token, at: number) =>
    // Digits within a number, such as those of a fraction, are no integer.
    token.startsWith('"') || /[\d.eE+]/.test(text[at - 1] ?? "") ? token : `"${mark}${token}"`)
  return JSON.parse(
    marked,
    (_, value) => typeof value === "string" && value.startsWith(mark) ? integer(value.slice(mark.length)) : value,
  )
}

const integer = (digits: string): number | bigint => {
  const value = BigInt(digits)
  return value >= -BigInt(Number.MAX_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value
}

/** `JSON.rawJSON`, which Node has from 22 on. */
// Cast: the types do not have it yet.
const rawJson = (JSON as { rawJSON?: (text: string) => unknown }).rawJSON

/** A value for a field of JSON, which is written by `JSON.stringify`: with the digits of each `bigint`, where that can be. */
export const toPlainJson = (value: unknown): unknown => {
  if (typeof value === "bigint") return rawJson === undefined ? value : rawJson(String(value))
  if (Array.isArray(value)) return value.map(toPlainJson)
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, toPlainJson(each)]))
}
