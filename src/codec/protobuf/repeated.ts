/**
 * Decodes repeated numbers and booleans. Each field has one builder, which accepts its values packed in one or several
 * pieces, or one by one. A field in a single packed piece, which is the usual case, takes a single allocation.
 */
import { countVarints, readInt64s } from "./int64.ts"
import { canView, fillNumbers } from "./endianness.ts"
import type { Reader } from "./reader.ts"

/** Collects the values of a repeated field. */
export interface Builder<Values> {
  /** The number of values so far. */
  length: number
  /** Reads the value of a field. Returns false, and reads nothing, if the field cannot have that wire type. */
  readonly read: (reader: Reader, wireType: number) => boolean
  /** Returns the values. The builder must not be used afterwards. */
  readonly finish: () => Values
}

const noInt64s = new BigInt64Array(0)
const noInt32s = new Int32Array(0)
const noBools = new Uint8Array(0)

/** Returns the new capacity for `wanted` values: exactly that for the first piece, at least doubled for later ones. */
const capacity = (has: number, wanted: number): number => has === 0 ? wanted : Math.max(wanted, has * 2)

/** Reads the length of a packed piece and returns its end. Fails if its last varint is cut off. */
const packedEnd = (reader: Reader): number => {
  const end = reader.length()
  return end > reader.at && reader.bytes[end - 1]! > 127 ? reader.fail("a varint is cut off") : end
}

/** Builder for a `repeated int64`. */
export class Int64Builder implements Builder<BigInt64Array> {
  length = 0
  #values = noInt64s
  read(reader: Reader, wireType: number): boolean {
    if (wireType === 2) {
      const end = packedEnd(reader)
      const count = countVarints(reader.bytes, reader.view, reader.at, end)
      this.#reserve(count)
      readInt64s(reader, this.#values, this.length, count, end)
      this.length += count
    } else if (wireType === 0) {
      this.#reserve(1)
      this.#values[this.length++] = reader.int64()
    } else return false
    return true
  }
  finish(): BigInt64Array {
    return this.length === this.#values.length ? this.#values : this.#values.slice(0, this.length)
  }
  #reserve(count: number): void {
    const wanted = this.length + count
    if (wanted <= this.#values.length) return
    const grown = new BigInt64Array(capacity(this.#values.length, wanted))
    if (this.length > 0) grown.set(this.#values)
    this.#values = grown
  }
}

/** Builder for a `repeated int32`, `uint32` or enum: keeps the low words of the varints. */
export class Int32Builder implements Builder<Int32Array> {
  length = 0
  #values = noInt32s
  read(reader: Reader, wireType: number): boolean {
    if (wireType === 2) {
      const end = packedEnd(reader)
      const count = countVarints(reader.bytes, reader.view, reader.at, end)
      this.#reserve(count)
      this.#fill(reader, count)
    } else if (wireType === 0) {
      this.#reserve(1)
      this.#values[this.length++] = reader.int32()
    } else return false
    return true
  }
  finish(): Int32Array {
    return this.length === this.#values.length ? this.#values : this.#values.slice(0, this.length)
  }
  #fill(reader: Reader, count: number): void {
    const { bytes } = reader
    const values = this.#values
    const stop = this.length + count
    for (let index = this.length; index < stop; index++) {
      const byte = bytes[reader.at]!
      if (byte < 128) {
        values[index] = byte
        reader.at++
      } else values[index] = reader.int32()
    }
    this.length = stop
  }
  #reserve(count: number): void {
    const wanted = this.length + count
    if (wanted <= this.#values.length) return
    const grown = new Int32Array(capacity(this.#values.length, wanted))
    if (this.length > 0) grown.set(this.#values)
    this.#values = grown
  }
}

/** Builder for a `repeated bool`, as 0 and 1. */
export class BoolBuilder implements Builder<Uint8Array> {
  length = 0
  #values = noBools
  read(reader: Reader, wireType: number): boolean {
    if (wireType === 2) {
      const end = packedEnd(reader)
      const count = countVarints(reader.bytes, reader.view, reader.at, end)
      this.#reserve(count)
      for (let left = count; left > 0; left--) {
        const byte = reader.bytes[reader.at]!
        // Every known encoder writes one byte for each value, but a longer varint is allowed.
        if (byte < 128) {
          reader.at++
          this.#values[this.length++] = byte === 0 ? 0 : 1
        } else this.#values[this.length++] = reader.bool() ? 1 : 0
      }
    } else if (wireType === 0) {
      this.#reserve(1)
      this.#values[this.length++] = reader.bool() ? 1 : 0
    } else return false
    return true
  }
  finish(): Uint8Array {
    return this.length === this.#values.length ? this.#values : this.#values.slice(0, this.length)
  }
  #reserve(count: number): void {
    const wanted = this.length + count
    if (wanted <= this.#values.length) return
    const grown = new Uint8Array(capacity(this.#values.length, wanted))
    if (this.length > 0) grown.set(this.#values)
    this.#values = grown
  }
}

/**
 * Builder for a `repeated float` or `repeated double`. A single packed piece that is aligned, and is most of the
 * message, is not copied: the values are a view of the message, and keep it in memory. A smaller piece is copied, so
 * that it does not.
 */
export class NumberBuilder<Values extends Float32Array | Float64Array> implements Builder<Values> {
  length = 0
  readonly #kind: NumberKind<Values>
  #values: Values
  /** Whether the values are a view of the message, which must not be written to. */
  #borrowed = false
  constructor(kind: NumberKind<Values>) {
    this.#kind = kind
    this.#values = kind.none
  }
  read(reader: Reader, wireType: number): boolean {
    const { width } = this.#kind
    if (wireType === 2) {
      const end = reader.length()
      const size = end - reader.at
      if (size % width !== 0) return reader.fail(`a packed field of numbers of ${width} bytes has ${size} bytes`)
      this.#take(reader, end)
    } else if (wireType === (width === 4 ? 5 : 1)) {
      if (reader.end - reader.at < width) return reader.fail("a number is cut off")
      this.#take(reader, reader.at + width)
    } else return false
    return true
  }
  finish(): Values {
    if (this.length === this.#values.length) return this.#values
    const exact = this.#kind.make(this.length)
    exact.set(this.#values.subarray(0, this.length))
    return exact
  }
  #take(reader: Reader, end: number): void {
    const { bytes, at } = reader
    const count = (end - at) / this.#kind.width
    reader.at = end
    const isMost = (end - at) * 2 > bytes.length
    if (this.length === 0 && isMost && canView(bytes, at, this.#kind.width)) {
      this.#values = this.#kind.view(bytes.buffer, bytes.byteOffset + at, count)
      this.#borrowed = true
    } else {
      this.#reserve(count)
      fillNumbers(this.#values, this.length, bytes, at, end)
    }
    this.length += count
  }
  #reserve(count: number): void {
    const wanted = this.length + count
    if (!this.#borrowed && wanted <= this.#values.length) return
    const grown = this.#kind.make(
      this.#borrowed ? Math.max(wanted, this.length * 2) : capacity(this.#values.length, wanted),
    )
    if (this.length > 0) grown.set(this.#values.subarray(0, this.length))
    this.#values = grown
    this.#borrowed = false
  }
}

/** Returns a builder for a `repeated float`. */
export const floats = (): NumberBuilder<Float32Array> => new NumberBuilder(float32)

/** Returns a builder for a `repeated double`. */
export const doubles = (): NumberBuilder<Float64Array> => new NumberBuilder(float64)

/** The differences between floats and doubles. */
interface NumberKind<Values> {
  readonly width: number
  readonly none: Values
  readonly make: (length: number) => Values
  readonly view: (buffer: ArrayBufferLike, offset: number, length: number) => Values
}

const float32: NumberKind<Float32Array> = {
  width: 4,
  none: new Float32Array(0),
  make: (length) => new Float32Array(length),
  view: (buffer, offset, length) => new Float32Array(buffer, offset, length),
}

const float64: NumberKind<Float64Array> = {
  width: 8,
  none: new Float64Array(0),
  make: (length) => new Float64Array(length),
  view: (buffer, offset, length) => new Float64Array(buffer, offset, length),
}
