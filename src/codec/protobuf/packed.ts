/**
 * Encodes packed fields of numbers: each is sized first, then written once. The functions take a range, because the
 * arrays of an array column are stored one after the other in one typed array.
 */
import { copyNumbers, isLittleEndian } from "./endianness.ts"
import { emptyFragment, type Fragment, fragment, varint64Size, type Writer } from "./writer.ts"

/** The index of the low word of a 64-bit integer in memory. */
export const lowWord: 0 | 1 = isLittleEndian ? 0 : 1
/** The index of the high word of a 64-bit integer in memory. */
export const highWord: 0 | 1 = isLittleEndian ? 1 : 0

/** Returns the 32-bit words of 64-bit integers as a view, which avoids a `bigint` for each value. */
export const wordsOf = (values: BigInt64Array): Int32Array =>
  new Int32Array(values.buffer, values.byteOffset, values.length * 2)

/** Returns the number of bytes of the varints of `values[start, end)`; `words` are their words. */
export const int64sSize = (words: Int32Array, start: number, end: number): number => {
  let size = 0
  for (let at = start * 2; at < end * 2; at += 2) size += varint64Size(words[at + lowWord]!, words[at + highWord]!)
  return size
}

/** Writes `values[start, end)` as varints; `words` are their words. */
export const writeInt64s = (to: Writer, words: Int32Array, start: number, end: number): void => {
  const { bytes } = to
  let next = to.at
  for (let at = start * 2; at < end * 2; at += 2) {
    let low = words[at + lowWord]! >>> 0
    let high = words[at + highWord]! >>> 0
    while (high > 0 || low > 127) {
      bytes[next++] = low & 127 | 128
      low = (low >>> 7 | high << 25) >>> 0
      high >>>= 7
    }
    bytes[next++] = low
  }
  to.at = next
}

/** Returns the number of bytes of the varints of `values[start, end)`; protobuf uses ten for a negative number. */
export const int32sSize = (values: Int32Array, start: number, end: number): number => {
  let size = 0
  for (let at = start; at < end; at++) {
    const value = values[at]!
    size += value < 0 ? 10 : varint64Size(value, 0)
  }
  return size
}

/** Writes `values[start, end)` as varints. */
export const writeInt32s = (to: Writer, values: Int32Array, start: number, end: number): void => {
  for (let at = start; at < end; at++) {
    const value = values[at]!
    to.varint64(value, value < 0 ? -1 : 0)
  }
}

/** Writes `values[start, end)` as booleans of one byte each; every value except 0 is true. */
export const writeBools = (to: Writer, values: Uint8Array, start: number, end: number): void => {
  const { bytes } = to
  for (let at = start; at < end; at++) bytes[to.at++] = values[at] === 0 ? 0 : 1
}

/** Writes the memory of a typed array, in little-endian order. */
export const writeMemory = (
  to: Writer,
  values: Uint8Array | Int8Array | Uint16Array | Float32Array | Float64Array,
): void => {
  copyNumbers(to.bytes, to.at, values)
  to.at += values.byteLength
}

/** Returns a packed `repeated int64` field. The values are read again when the message is written. */
export const packedInt64 = (field: number, values: BigInt64Array): Fragment => {
  if (values.length === 0) return emptyFragment
  const words = wordsOf(values)
  return fragment(field, int64sSize(words, 0, values.length), (to) => writeInt64s(to, words, 0, values.length))
}

/** Returns a packed `repeated int32` field. */
export const packedInt32 = (field: number, values: Int32Array): Fragment =>
  values.length === 0
    ? emptyFragment
    : fragment(field, int32sSize(values, 0, values.length), (to) => writeInt32s(to, values, 0, values.length))

/** Returns a packed `repeated bool` field. */
export const packedBool = (field: number, values: Uint8Array): Fragment =>
  values.length === 0 ? emptyFragment : fragment(field, values.length, (to) => writeBools(to, values, 0, values.length))

/** Returns a packed `repeated float` or `repeated double` field, whose memory is copied once. */
export const packedNumbers = (field: number, values: Float32Array | Float64Array): Fragment =>
  values.length === 0 ? emptyFragment : fragment(field, values.byteLength, (to) => writeMemory(to, values))
