/**
 * Formats values as exact JSON: 64-bit integers with all digits, vectors as arrays, and 32-bit numbers in the shortest
 * form that reads back the same. Numbers that are not finite are text, because JSON lacks them: `"NaN"`, `"Infinity"`,
 * `"-Infinity"`.
 */
import { numeralOf } from "../../codec/stringifyJson.ts"

/** Returns a value as JSON text on one line. */
export const toJson = (value: unknown): string => {
  switch (typeof value) {
    case "bigint":
      return String(value)
    case "number":
      return Number.isFinite(value) ? numeralOf(value) : `"${value}"`
    case "boolean":
      return String(value)
    case "string":
      return JSON.stringify(value)
    case "object":
      return value === null ? "null" : objectToJson(value)
    default:
      return "null"
  }
}

const objectToJson = (value: object): string => {
  if (value instanceof Float32Array) return `[${Array.from(value, shortest).join(",")}]`
  if (isTyped(value)) return `[${Array.from<number | bigint, string>(value, toJson).join(",")}]`
  if (Array.isArray(value)) return `[${value.map(toJson).join(",")}]`
  if (value instanceof Date) return JSON.stringify(value)
  if (isSparse(value)) {
    return `{${Array.from(value.indices, (index, at) => `"${index}":${shortest(value.values[at] ?? 0)}`).join(",")}}`
  }
  const pairs = Object.entries(value).filter(([, each]) => each !== undefined)
  return `{${pairs.map(([key, each]) => `${JSON.stringify(key)}:${toJson(each)}`).join(",")}}`
}

/** A sparse vector as parallel arrays. */
export interface Sparse {
  /** Indices, ascending. */
  readonly indices: Uint32Array
  /** Values at these indices. */
  readonly values: Float32Array
}

/** Whether a value is a sparse vector. */
export const isSparse = (value: object): value is Sparse =>
  "indices" in value && value.indices instanceof Uint32Array && "values" in value &&
  value.values instanceof Float32Array

/** Whether a value is a typed array of numbers. */
export const isTyped = (value: object): value is Int8Array | Uint8Array | Int32Array | BigInt64Array =>
  ArrayBuffer.isView(value) && !(value instanceof DataView)

/** Returns a 32-bit number with the fewest digits that read back the same number. */
export const shortest = (value: number): string => {
  if (!Number.isFinite(value)) return `"${value}"`
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits))
    if (Math.fround(short) === value) return numeralOf(Object.is(value, -0) ? value : short)
  }
  return numeralOf(Number(value.toPrecision(9)))
}
