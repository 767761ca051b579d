/**
 * Protobuf messages in: a cursor that never leaves its bytes.
 *
 * Every read is held to the end of the message it is in, so that a length that lies, a varint that does not end or a
 * message that is cut off gives {@linkcode CodecError}. A message is read as
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
 * A known field in a wire type that it does not have is skipped like an unknown one.
 */
import { throwMalformed } from "../errors.ts"
import { readUtf8 } from "./utf8.ts"

const maxGroupDepth = 64

/** A cursor over the bytes of a message. */
export class Reader {
  /** What errors call the message. */
  readonly message: string
  readonly bytes: Uint8Array
  /** The same bytes. */
  readonly view: DataView
  /** The next byte to read. */
  at = 0
  /** Where the message that is being read ends. */
  end: number
  /** The words of the last varint, as signed 32-bit integers. */
  low = 0
  high = 0

  constructor(message: string, bytes: Uint8Array) {
    this.message = message
    // A node Buffer is not kept: what is cut out of one shares memory even where a copy is expected.
    this.bytes = bytes.constructor === Uint8Array
      ? bytes
      : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.end = bytes.length
  }

  /** Throws. */
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

  /** The tag of the next field: its number times 8, plus its wire type. */
  tag(): number {
    const byte = this.at < this.end ? this.bytes[this.at]! : 128
    if (byte < 128) {
      this.at++
      return byte < 8 ? this.fail("a field has the number 0") : byte
    }
    this.varint()
    const tag = this.low >>> 0
    return this.high !== 0 || tag < 8 ? this.fail("a field has a number that none can have") : tag
  }

  /** Reads a length; where what has it ends. */
  length(): number {
    const byte = this.at < this.end ? this.bytes[this.at]! : 128
    let length = byte
    if (byte < 128) this.at++
    else {
      this.varint()
      length = this.low >>> 0
      if (this.high !== 0) return this.fail("a length goes past the end")
    }
    return length > this.end - this.at ? this.fail("a length goes past the end") : this.at + length
  }

  /** Begins the message whose length comes next; what {@linkcode leave} wants. */
  enter(): number {
    const outer = this.end
    this.end = this.length()
    return outer
  }

  /** Ends a message that was read to its end. */
  leave(outer: number): void {
    this.at = this.end
    this.end = outer
  }

  /** An `int32` or an enum. */
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

  /** An `int64` that counts something: not negative, and no more than 2^53 - 1. */
  count(): number {
    this.varint()
    if (this.high < 0 || this.high > 0x1fffff) return this.fail("a count is negative or above 2^53 - 1")
    return this.high * 2 ** 32 + (this.low >>> 0)
  }

  float(): number {
    const at = this.#take(4)
    return this.view.getFloat32(at, true)
  }

  string(): string {
    const end = this.length()
    const value = readUtf8(this.bytes, this.at, end, this.message)
    this.at = end
    return value
  }

  /** A view of the bytes that are read. */
  subarray(): Uint8Array {
    const end = this.length()
    const value = this.bytes.subarray(this.at, end)
    this.at = end
    return value
  }

  /** Passes over the value of a field. */
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
        return this.fail("a field has a wire type that there is not")
    }
  }

  /** Groups are gone from proto3; a reader still has to find their end. */
  #skipGroup(first: number): void {
    const open = [first]
    while (open.length > 0) {
      if (this.at >= this.end) return this.fail("a group is cut off")
      const tag = this.tag()
      const type = tag & 7
      if (type === 3) {
        if (open.length >= maxGroupDepth) return this.fail("groups are nested too deep")
        open.push(tag)
      } else if (type === 4) {
        if (open.pop() !== tag - 1) return this.fail("a group ends that did not begin")
      } else this.skip(tag)
    }
  }

  /** Moves over `size` bytes; where they begin. */
  #take(size: number): number {
    const { at } = this
    if (this.end - at < size) return this.fail("a number is cut off")
    this.at = at + size
    return at
  }
}
