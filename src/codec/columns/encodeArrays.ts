/** Encodes columns of arrays of scalars: `schema.ArrayArray`, with a `ScalarField` for each row. */
import type { ArrayElements, ArrayLimits } from "./columnInput.ts"
import { dataTypes } from "./dataType.ts"
import { intBits } from "./encodeScalars.ts"
import { describeValue, throwValue } from "../errors.ts"
import { isList } from "../protobuf/lists.ts"
import {
  int32sSize,
  int64sSize,
  wordsOf,
  writeBools,
  writeInt32s,
  writeInt64s,
  writeMemory,
} from "../protobuf/packed.ts"
import { checkedBools, checkedDoubles, checkedFloats, checkedInt64s, checkedInts, type Valid } from "./scalars.ts"
import { checkedUtf8Length } from "../protobuf/utf8.ts"
import { type Fragment, lengthTag, message, uint, varintSize, type Writer } from "../protobuf/writer.ts"

/** The elements of all rows, one after the other, and how they are written. */
interface Elements {
  /** The field number of the array in `schema.ScalarField`. */
  readonly fieldNumber: number
  /** The range of elements of each row that is sent. */
  readonly ranges: ReadonlyArray<readonly [start: number, end: number]>
  /** Returns the number of bytes of the elements in their array; strings include a tag each. */
  readonly size: (start: number, end: number) => number
  readonly write: (to: Writer, start: number, end: number) => void
  /** Whether the elements share one tag, as numbers do. */
  readonly packed: boolean
}

/** Returns the member `array_data` of `schema.ScalarField`. */
export const arrayArray = (column: ArrayElements & ArrayLimits, name: string, valid: Valid): Fragment => {
  if ("rows" in column) checkArrays(column.rows, column.elementType, column.maxCapacity, name, valid)
  const { fieldNumber, ranges, size, write, packed } = elementsOf(column, name, valid)
  const sizes = Uint32Array.from(ranges, ([start, end]) => size(start, end))
  const type = column.elementType === "None" ? 0 : dataTypes[column.elementType]
  let total = 0
  for (const inside of sizes) total += withLength(withLength(arraySize(inside, packed)))
  const rows: Fragment = {
    size: total,
    write: (to) => {
      for (let row = 0; row < sizes.length; row++) {
        const inside = sizes[row]!
        const array = arraySize(inside, packed)
        to.varint(lengthTag(1))
        to.varint(withLength(array))
        to.varint(lengthTag(fieldNumber))
        to.varint(array)
        if (packed && inside > 0) {
          to.varint(lengthTag(1))
          to.varint(inside)
        }
        const [start, end] = ranges[row]!
        write(to, start, end)
      }
    },
  }
  return message(8, [rows, uint(2, type)])
}

/** Returns the size with a tag of one byte and a length prefix. */
const withLength = (size: number): number => 1 + varintSize(size) + size

const arraySize = (inside: number, packed: boolean): number => packed && inside > 0 ? withLength(inside) : inside

/** Throws `CodecError` for a row that is not an array, or is too long. */
const checkArrays = (
  rows: ReadonlyArray<unknown>,
  elementType: string,
  maxCapacity = Infinity,
  name: string,
  valid: Valid,
): void => {
  for (let at = 0; at < rows.length; at++) {
    if (valid !== undefined && valid[at] === 0) continue
    const row = rows[at]
    if (!isList(row)) return throwValue(name, at, `an array of ${elementType}`, describeValue(row))
    if (row.length > maxCapacity) return throwValue(name, at, `an array of at most ${maxCapacity}`, `${row.length}`)
  }
}

const elementsOf = (column: ArrayElements & ArrayLimits, name: string, valid: Valid): Elements => {
  const { maxLength } = column
  switch (column.elementType) {
    case "None":
      return texts([], rangesOf(column.offsets, 0, name, valid), name)
    case "Bool":
      return "rows" in column
        ? bools(...flatten(column.rows, valid, (row, at) => checkedBools(row, name, undefined, at), concatBytes))
        : bools(checkedBools(column.values, name), rangesOf(column.offsets, column.values.length, name, valid))
    case "Int8":
    case "Int16":
    case "Int32": {
      const bits = intBits[column.elementType]
      return "rows" in column
        ? ints(...flatten(column.rows, valid, (row, at) => checkedInts(row, bits, name, undefined, at), concatInts))
        : ints(
          checkedInts(column.values, bits, name),
          rangesOf(column.offsets, column.values.length, name, valid),
        )
    }
    case "Int64":
      return "rows" in column
        ? longs(...flatten(column.rows, valid, (row, at) => checkedInt64s(row, name, undefined, at), concatLongs))
        : longs(checkedInt64s(column.values, name), rangesOf(column.offsets, column.values.length, name, valid))
    case "Float":
      return "rows" in column
        ? numbers(4, ...flatten(column.rows, valid, (row, at) => checkedFloats(row, name, undefined, at), concatFloats))
        : numbers(4, checkedFloats(column.values, name), rangesOf(column.offsets, column.values.length, name, valid))
    case "Double":
      return "rows" in column
        ? numbers(
          5,
          ...flatten(column.rows, valid, (row, at) => checkedDoubles(row, name, undefined, at), concatDoubles),
        )
        : numbers(5, checkedDoubles(column.values, name), rangesOf(column.offsets, column.values.length, name, valid))
    default:
      if ("rows" in column) {
        const [values, ranges] = flatten(column.rows, valid, (row) => row, concatTexts)
        return texts(values, ranges, name, maxLength)
      }
      return texts(column.values, rangesOf(column.offsets, column.values.length, name, valid), name, maxLength)
  }
}

type Ranges = Elements["ranges"]

const bools = (values: Uint8Array, ranges: Ranges): Elements => ({
  fieldNumber: 1,
  ranges,
  packed: true,
  size: (start, end) => end - start,
  write: (to, start, end) => writeBools(to, values, start, end),
})

const ints = (values: Int32Array, ranges: Ranges): Elements => ({
  fieldNumber: 2,
  ranges,
  packed: true,
  size: (start, end) => int32sSize(values, start, end),
  write: (to, start, end) => writeInt32s(to, values, start, end),
})

const longs = (values: BigInt64Array, ranges: Ranges): Elements => {
  const words = wordsOf(values)
  return {
    fieldNumber: 3,
    ranges,
    packed: true,
    size: (start, end) => int64sSize(words, start, end),
    write: (to, start, end) => writeInt64s(to, words, start, end),
  }
}

const numbers = (fieldNumber: 4 | 5, values: Float32Array | Float64Array, ranges: Ranges): Elements => ({
  fieldNumber,
  ranges,
  packed: true,
  size: (start, end) => (end - start) * values.BYTES_PER_ELEMENT,
  write: (to, start, end) => writeMemory(to, values.subarray(start, end)),
})

const texts = (values: ReadonlyArray<string>, ranges: Ranges, name: string, maxLength?: number): Elements => {
  const sizes = new Uint32Array(values.length)
  ranges.forEach(([start, end], row) => {
    for (let at = start; at < end; at++) sizes[at] = checkedUtf8Length(values[at], name, row, maxLength)
  })
  return {
    fieldNumber: 6,
    ranges,
    packed: false,
    size: (start, end) => {
      let size = 0
      for (let at = start; at < end; at++) size += withLength(sizes[at]!)
      return size
    },
    write: (to, start, end) => {
      for (let at = start; at < end; at++) {
        to.varint(lengthTag(1))
        to.varint(sizes[at]!)
        to.text(values[at]!, sizes[at]!)
      }
    },
  }
}

/** Checks offsets and returns the ranges of the rows that are sent. */
const rangesOf = (offsets: Uint32Array, length: number, name: string, valid: Valid): Ranges => {
  const ranges: Array<readonly [number, number]> = []
  for (let row = 0; row + 1 < offsets.length; row++) {
    const [start, end] = [offsets[row]!, offsets[row + 1]!]
    if (start > end || end > length) throwValue(name, row, `non-decreasing offsets, at most ${length}`)
    if (valid === undefined || valid[row] !== 0) ranges.push([start, end])
  }
  return ranges
}

/** Concatenates the arrays of the rows that are sent, and returns the range of each. */
const flatten = <Row, Values extends { readonly length: number }>(
  rows: ReadonlyArray<Row | null | undefined>,
  valid: Valid,
  check: (row: Row, at: number) => Values,
  concat: (rows: ReadonlyArray<Values>, length: number) => Values,
): [values: Values, ranges: Ranges] => {
  const ranges: Array<readonly [number, number]> = []
  const all: Array<Values> = []
  let total = 0
  rows.forEach((row, at) => {
    if (valid !== undefined && valid[at] === 0 || row === null || row === undefined) return
    const values = check(row, at)
    all.push(values)
    ranges.push([total, total + values.length])
    total += values.length
  })
  return [concat(all, total), ranges]
}

const join = <A extends { set: (from: A, at: number) => void; readonly length: number }>(
  to: A,
  rows: ReadonlyArray<A>,
): A => {
  let at = 0
  for (const row of rows) {
    to.set(row, at)
    at += row.length
  }
  return to
}

/** Keeps holes, which are refused later: `flat` would drop them and shift the following elements into other rows. */
const concatTexts = (rows: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<string> =>
  rows.flatMap((row) => Array.from(row))

const concatBytes = (rows: ReadonlyArray<Uint8Array>, length: number) => join<Uint8Array>(new Uint8Array(length), rows)
const concatInts = (rows: ReadonlyArray<Int32Array>, length: number) => join<Int32Array>(new Int32Array(length), rows)
const concatLongs = (rows: ReadonlyArray<BigInt64Array>, length: number) =>
  join<BigInt64Array>(new BigInt64Array(length), rows)
const concatFloats = (rows: ReadonlyArray<Float32Array>, length: number) =>
  join<Float32Array>(new Float32Array(length), rows)
const concatDoubles = (rows: ReadonlyArray<Float64Array>, length: number) =>
  join<Float64Array>(new Float64Array(length), rows)
