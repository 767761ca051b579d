/**
 * Checks the scalars of a request and converts them to the typed arrays that are encoded. A typed array of the right
 * kind is used without a copy, and read again when the message is written.
 *
 * `valid` has a flag for each row if there may be nulls; the result then has only the values of valid rows.
 * `rowOverride` is the row for errors if the values are the elements of an array in a single row.
 */
import { describeValue, throwValue } from "../errors.ts"
import { countValid, dropNulls } from "./nulls.ts"
import { highWord, lowWord, wordsOf } from "../protobuf/packed.ts"
import { zeros } from "./smallArrays.ts"
import { checkedUtf8Length } from "../protobuf/utf8.ts"
import { type Fragment, lengthTag, varintSize } from "../protobuf/writer.ts"

/** The value in the row of a null. */
export type Null = null | undefined
/** Integers of 64 bits. A `number` must be a safe integer, because larger ones may be rounded already. */
export type Int64Input = BigInt64Array | ReadonlyArray<number | bigint | Null>
/** Numbers. */
export type NumberInput = Float32Array | Float64Array | ReadonlyArray<number | Null>
/** Integers of 32 bits or fewer. */
export type IntInput = Int8Array | Int16Array | Int32Array | ReadonlyArray<number | Null>
/** Booleans, or 0 and 1. */
export type BoolInput = Uint8Array | ReadonlyArray<boolean | Null>

/** Flags of the rows that have a value; `undefined` if all have one. */
export type Valid = Uint8Array | undefined

const rows = (length: number, valid: Valid): number => valid === undefined ? length : countValid(valid)

/** Returns integers of 64 bits. Throws `CodecError` for any other value. */
export const checkedInt64s = (
  values: Int64Input,
  field: string,
  valid?: Valid,
  rowOverride?: number,
): BigInt64Array => {
  const count = rows(values.length, valid)
  if (values instanceof BigInt64Array) {
    if (valid === undefined || count === values.length) return values
    return dropNulls<BigInt64Array>(values, valid, 1, new BigInt64Array(count))
  }
  const checked = zeros(BigInt64Array, count)
  const words = wordsOf(checked)
  let at = 0
  for (let row = 0; row < values.length; row++) {
    if (valid !== undefined && valid[row] === 0) continue
    const value = values[row]
    if (typeof value === "number" && Number.isSafeInteger(value)) {
      words[at * 2 + lowWord] = value | 0
      words[at * 2 + highWord] = Math.floor(value / 2 ** 32)
    } else if (typeof value === "bigint" && BigInt.asIntN(64, value) === value) checked[at] = value
    else throwValue(field, rowOverride ?? row, "a bigint of 64 bits or a safe integer", describeValue(value))
    at++
  }
  return checked
}

/** Returns integers from -2^(bits - 1) to 2^(bits - 1) - 1. Throws `CodecError` for any other value. */
export const checkedInts = (
  values: IntInput,
  bits: number,
  field: string,
  valid?: Valid,
  rowOverride?: number,
): Int32Array => {
  const count = rows(values.length, valid)
  const isIn = values instanceof Int32Array && bits === 32
  if (isIn && count === values.length) return values
  const checked = zeros(Int32Array, count)
  const limit = 2 ** (bits - 1)
  let at = 0
  for (let row = 0; row < values.length; row++) {
    if (valid !== undefined && valid[row] === 0) continue
    const value = values[row]
    if (typeof value !== "number" || !Number.isInteger(value) || value < -limit || value >= limit) {
      return throwValue(field, rowOverride ?? row, `an integer from ${-limit} to ${limit - 1}`, describeValue(value))
    }
    checked[at++] = value
  }
  return checked
}

/** Returns 32-bit floats. Throws `CodecError` for other values, and for a finite number that would become infinite. */
export const checkedFloats = (
  values: NumberInput,
  field: string,
  valid?: Valid,
  rowOverride?: number,
): Float32Array => {
  const count = rows(values.length, valid)
  if (values instanceof Float32Array) {
    if (valid === undefined || count === values.length) return values
    return dropNulls<Float32Array>(values, valid, 1, new Float32Array(count))
  }
  const checked = zeros(Float32Array, count)
  let at = 0
  for (let row = 0; row < values.length; row++) {
    if (valid !== undefined && valid[row] === 0) continue
    const value = values[row]
    if (typeof value !== "number") return throwValue(field, rowOverride ?? row, "a number", describeValue(value))
    const float = Math.fround(value)
    if (float - float !== 0 && value - value === 0) {
      return throwValue(field, rowOverride ?? row, "a number in the range of 32-bit floats", describeValue(value))
    }
    checked[at++] = float
  }
  return checked
}

/** Returns 64-bit floats. Throws `CodecError` for any other value. */
export const checkedDoubles = (
  values: NumberInput,
  field: string,
  valid?: Valid,
  rowOverride?: number,
): Float64Array => {
  const count = rows(values.length, valid)
  if (values instanceof Float64Array) {
    if (valid === undefined || count === values.length) return values
    return dropNulls<Float64Array>(values, valid, 1, new Float64Array(count))
  }
  const checked = zeros(Float64Array, count)
  let at = 0
  for (let row = 0; row < values.length; row++) {
    if (valid !== undefined && valid[row] === 0) continue
    const value = values[row]
    if (typeof value !== "number") return throwValue(field, rowOverride ?? row, "a number", describeValue(value))
    checked[at++] = value
  }
  return checked
}

/** Returns booleans as 0 and 1. Throws `CodecError` for other values. The numbers 0 and 1 need a typed array. */
export const checkedBools = (values: BoolInput, field: string, valid?: Valid, rowOverride?: number): Uint8Array => {
  const count = rows(values.length, valid)
  const checked = zeros(Uint8Array, count)
  const [no, yes] = values instanceof Uint8Array ? [0, 1] : [false, true]
  let at = 0
  for (let row = 0; row < values.length; row++) {
    if (valid !== undefined && valid[row] === 0) continue
    const value = values[row]
    if (value !== no && value !== yes) return throwValue(field, rowOverride ?? row, "a boolean", describeValue(value))
    checked[at++] = value === yes ? 1 : 0
  }
  return checked
}

/**
 * Returns a `repeated string` field: all strings are sized first, then written one after the other. `maxLength` is the
 * maximum number of bytes of a string in UTF-8.
 */
export const textList = (
  field: number,
  values: ReadonlyArray<string | Null>,
  name: string,
  valid?: Valid,
  maxLength = Infinity,
): Fragment => {
  const tag = lengthTag(field)
  const tagSize = varintSize(tag)
  const sizes = new Uint32Array(values.length)
  let total = 0
  for (let row = 0; row < values.length; row++) {
    if (valid !== undefined && valid[row] === 0) continue
    const size = checkedUtf8Length(values[row], name, row, maxLength)
    sizes[row] = size
    total += tagSize + (size < 128 ? 1 : varintSize(size)) + size
  }
  return {
    size: total,
    write: (to) => {
      for (let row = 0; row < values.length; row++) {
        const value = values[row]
        if (valid !== undefined && valid[row] === 0 || typeof value !== "string") continue
        const size = sizes[row]!
        to.varint(tag)
        to.varint(size)
        to.text(value, size)
      }
    },
  }
}
