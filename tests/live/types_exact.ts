/** Converts values of fields to the form of `pymilvus_peer.py`, in which two values are equal if their bits are. */
import type { ArrayField, Field } from "../../src/schema/fieldTypes.ts"
import type { SparseVector } from "../../src/schema/values.ts"
import type { Exact, ExactRow } from "./pymilvus_peer.ts"

/** A row as this library writes or reads it. */
export type Row = { readonly [name: string]: unknown }

export const exactRow = (fields: Readonly<Record<string, Field>>, row: Row): ExactRow =>
  Object.fromEntries(
    Object.entries(row).map((
      [name, value],
    ) => [name, Object.hasOwn(fields, name) ? exact(fields[name]!, value) : exactJson(value)]),
  )

/** Returns the exact form of a value. */
export const exact = (field: Field, value: unknown): Exact => {
  if (value === null) return null
  // Casts: the type of the field determines the type of the value.
  switch (field.type) {
    case "Int8":
    case "Int16":
    case "Int32":
    case "Int64":
      return String(value)
    case "Float":
      return hex(Float32Array.of(value as number))
    case "Double":
      return hex(Float64Array.of(value as number))
    case "JSON":
    case "ArrayOfStruct":
      return exactJson(value)
    case "Array":
      return (value as ReadonlyArray<unknown>).map((each) => exact((field as ArrayField).element, each))
    case "FloatVector":
    case "Float16Vector":
    case "BinaryVector":
      return hex(value as Float32Array | Uint8Array)
    case "SparseFloatVector": {
      const { indices, values } = value as SparseVector
      return Array.from(indices, (index, at) => [String(index), hex(Float32Array.of(values[at]!))])
    }
    default:
      return value as boolean | string
  }
}

/** Returns JSON with integers beyond 2^53 as digits, other numbers as doubles, and typed arrays as lists. */
export const exactJson = (value: unknown): Exact => {
  if (typeof value === "bigint") {
    return Number.isSafeInteger(Number(value)) ? exactJson(Number(value)) : { integer: String(value) }
  }
  if (typeof value === "number") return { number: hex(Float64Array.of(value)) }
  if (typeof value !== "object" || value === null) return value as null | boolean | string
  if (Array.isArray(value)) return value.map(exactJson)
  // Cast: each element of a typed array is a number or a bigint.
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as Iterable<unknown>, exactJson)
  return { object: Object.fromEntries(Object.entries(value).map(([key, each]) => [key, exactJson(each)])) }
}

/** Returns the memory of numbers as hexadecimal digits. */
export const hex = ({ buffer, byteOffset, byteLength }: ArrayBufferView): string =>
  new Uint8Array(buffer, byteOffset, byteLength).toHex()
