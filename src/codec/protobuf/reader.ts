/**
 * Decodes protobuf messages: a cursor that never leaves its bytes.
 *
 * Every read is checked against the end of the current message: a wrong length, a varint without an end or a message
 * that is cut off throws a `CodecError`. A message is read with this loop:
 *
 * ```ts ignore
 * const outer = reader.enter()
 * while (reader.at < reader.end) {
 *   const tag = reader.tag()
 *   if (tag === varintTag(1)) ...
 *   else reader.skip(tag)
 * }
 * reader.leave(outer)
 * ```
 *
 * A known field with an unexpected wire type is skipped like an unknown field.
 */
import { throwMalformed } from "../errors.ts"
import { readUtf8 } from "./utf8.ts"

const maxGroupDepth = 64

/** A cursor over the bytes of a message. */
export class Reader {
  /** The name of the message in errors. */
  readonly message: string
  readonly bytes: Uint8Array
  /** A view of the same bytes. */
  readonly view: DataView
  /** The offset of the next byte to read. */
  at = 0
  /** The end of the current message. */
  end: number
  /** The words of the last varint, as signed 32-bit integers. */
  low = 0
  high = 0

  constructor(message: string, bytes: Uint8Array) {
    this.message = message
    // A Node Buffer is not kept, because its `slice` shares memory although callers expect a copy.
    this.bytes = bytes.constructor === Uint8Array
      ? bytes
      : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.end = bytes.length
  }

  /** Throws a `CodecError` for the current position. */
  fail(problem: string, cause?: unknown): never {
    return throwMalformed(this.message, this.at, problem, cause)
  }

  /** Reads a varint of up to ten bytes into {@linkcode low} and {@linkcode high}. */
  varint(): void {
    const { bytes } = this
    let low = 0
    let high = 0
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.at >= this.end) return this.fail("a varint is cut off")
      const byte = bytes[this.at++]! // Within the bytes: the line above.
      const bits = byte & 127
      if (shift < 28) low |= bits << shift
      else if (shift === 28) {
        low |= bits << 28
        high = bits >>> 4
      } else high |= bits << shift - 32
      if (byte < 128) {
        this.low = low
        this.high = high
        return
      }
    }
    return this.fail("a varint has more than ten bytes")
  }

  /** Reads the tag of the next field: its number times 8, plus its wire type. */
  tag(): number {
    const byte = this.at < this.end ? this.bytes[this.at]! : 128
    if (byte < 128) {
      this.at++
      return byte < 8 ? this.fail("invalid field number 0") : byte
    }
    this.varint()
    const tag = this.low >>> 0
    return this.high !== 0 || tag < 8 ? this.fail("invalid field number") : tag
  }

  /** Reads a length and returns the offset at which the value of that length ends. */
  length(): number {
    const byte = this.at < this.end ? this.bytes[this.at]! : 128
    let length = byte
    if (byte < 128) this.at++
    else {
      this.varint()
      length = this.low >>> 0
      if (this.high !== 0) return this.fail("a length exceeds the message")
    }
    return length > this.end - this.at ? this.fail("a length exceeds the message") : this.at + length
  }

  /** Reads the length of a nested message and begins it. Returns the argument for {@linkcode leave}. */
  enter(): number {
    const outer = this.end
    this.end = this.length()
    return outer
  }

  /** Ends a nested message, and returns to the outer one. */
  leave(outer: number): void {
    this.at = this.end
    this.end = outer
  }

  /** Reads an `int32` or an enum. */
  int32(): number {
    this.varint()
    return this.low
  }

  bool(): boolean {
    this.varint()
    return (this.low | this.high) !== 0
  }

  int64(): bigint {
    this.varint()
    return BigInt(this.high) << 32n | BigInt(this.low >>> 0)
  }

  uint64(): bigint {
    return BigInt.asUintN(64, this.int64())
  }

  /** Reads an `int64` that is a count: from 0 to 2^53 - 1. */
  count(): number {
    this.varint()
    if (this.high < 0 || this.high > 0x1fffff) return this.fail("a count is negative or above 2^53 - 1")
    return this.high * 2 ** 32 + (this.low >>> 0)
  }

  float(): number {
    const at = this.#take(4)
    return this.view.getFloat32(at, true)
  }

  double(): number {
    const at = this.#take(8)
    return this.view.getFloat64(at, true)
  }

  string(): string {
    const end = this.length()
    const value = readUtf8(this.bytes, this.at, end, this.message)
    this.at = end
    return value
  }

  /** Reads bytes as a view of the message. */
  subarray(): Uint8Array {
    const end = this.length()
    const value = this.bytes.subarray(this.at, end)
    this.at = end
    return value
  }

  /** Skips the value of a field. */
  skip(tag: number): void {
    switch (tag & 7) {
      case 0:
        return this.varint()
      case 1:
        return void this.#take(8)
      case 2:
        this.at = this.length()
        return
      case 3:
        return this.#skipGroup(tag)
      case 5:
        return void this.#take(4)
      default:
        return this.fail("unknown wire type")
    }
  }

  /** Skips a group. proto3 has no groups, but a decoder still has to find their end. */
  #skipGroup(first: number): void {
    const open = [first]
    while (open.length > 0) {
      if (this.at >= this.end) return this.fail("a group is cut off")
      const tag = this.tag()
      const type = tag & 7
      if (type === 3) {
        if (open.length >= maxGroupDepth) return this.fail("groups nested too deep")
        open.push(tag)
      } else if (type === 4) {
        if (open.pop() !== tag - 1) return this.fail("unexpected end-group tag")
      } else this.skip(tag)
    }
  }

  /** Advances by `size` bytes and returns the offset of the first. */
  #take(size: number): number {
    const { at } = this
    if (this.end - at < size) return this.fail("a number is cut off")
    this.at = at + size
    return at
  }
}
