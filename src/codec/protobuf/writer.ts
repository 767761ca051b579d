/**
 * Encodes protobuf messages in one pass over one buffer.
 *
 * A message is a tree of {@linkcode Fragment}s. The size of each is known when it is created, so {@linkcode encode}
 * allocates exactly once (a {@linkcode SizedMessage} does not allocate), and each value is written once, at its final
 * position. A fragment is a field or a whole column, even of a million values, and never a single value of a column.
 */
import { throwValue } from "../errors.ts"
import { checkedUtf8Length, writeUtf8 } from "./utf8.ts"

/** A field of a message, tag included. */
export interface Fragment {
  /** The number of bytes that {@linkcode Fragment.write} writes. */
  readonly size: number
  write(to: Writer): void
}

/** The maximum size of a protobuf message, in bytes. */
export const maxMessageSize: number = 2 ** 31 - 1

/** A position in a buffer, which must be large enough. */
export class Writer {
  readonly bytes: Uint8Array
  /** The offset of the next byte to write. */
  at = 0
  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }
  /** Writes an integer from 0 to 2^53 - 1. */
  varint(value: number): void {
    const { bytes } = this
    let rest = value
    while (rest > 127) {
      bytes[this.at++] = rest % 128 | 128
      rest = Math.floor(rest / 128)
    }
    bytes[this.at++] = rest
  }
  /** Writes a 64-bit integer, given as its two words. */
  varint64(low: number, high: number): void {
    const { bytes } = this
    let lo = low >>> 0
    let hi = high >>> 0
    while (hi > 0 || lo > 127) {
      bytes[this.at++] = lo & 127 | 128
      lo = (lo >>> 7 | hi << 25) >>> 0
      hi >>>= 7
    }
    bytes[this.at++] = lo
  }
  /** Writes a string that takes `size` bytes in UTF-8. */
  text(value: string, size: number): void {
    writeUtf8(this.bytes, this.at, value, size)
    this.at += size
  }
  set(bytes: Uint8Array): void {
    this.bytes.set(bytes, this.at)
    this.at += bytes.length
  }
}

/** A field with its default value, which proto3 does not send. */
export const emptyFragment: Fragment = { size: 0, write: () => {} }

/** Returns the tag of a field whose value is a varint. */
export const varintTag = (field: number): number => field * 8
/** Returns the tag of a field whose value has a length prefix. */
export const lengthTag = (field: number): number => field * 8 + 2

/** Returns the number of bytes of an integer from 0 to 2^53 - 1 as a varint. */
export const varintSize = (value: number): number => {
  if (value < 0x80) return 1
  let size = 1
  for (let rest = value; rest > 127; rest = Math.floor(rest / 128)) size++
  return size
}

/** Returns the number of bytes of a 64-bit integer, given as its two words, as a varint. */
export const varint64Size = (low: number, high: number): number => {
  const bits = high !== 0 ? 64 - Math.clz32(high) : 32 - Math.clz32(low | 1)
  return (bits * 9 + 64) >>> 6
}

const sum = (parts: ReadonlyArray<Fragment>): number => {
  let size = 0
  for (const part of parts) size += part.size
  return size
}

/** Returns a nested message. It is sent even if it is empty, as a member of a oneof must be. */
export const message = (field: number, parts: ReadonlyArray<Fragment>): Fragment => new Nested(field, parts)

/** Returns a field with a length prefix, whose content `write` writes. It must write exactly `size` bytes. */
export const fragment = (field: number, size: number, write: (to: Writer) => void): Fragment => {
  const tag = lengthTag(field)
  return {
    size: varintSize(tag) + varintSize(size) + size,
    write: (to) => {
      to.varint(tag)
      to.varint(size)
      write(to)
    },
  }
}

// Classes, because a small message has a dozen of these: an object with a function of its own takes twice as long.

class Nested implements Fragment {
  readonly size: number
  readonly #tag: number
  readonly #content: number
  readonly #parts: ReadonlyArray<Fragment>

  constructor(field: number, parts: ReadonlyArray<Fragment>) {
    this.#tag = lengthTag(field)
    this.#content = sum(parts)
    this.#parts = parts
    this.size = varintSize(this.#tag) + varintSize(this.#content) + this.#content
  }

  write(to: Writer): void {
    to.varint(this.#tag)
    to.varint(this.#content)
    for (const part of this.#parts) part.write(to)
  }
}

class Text implements Fragment {
  readonly size: number
  readonly #tag: number
  readonly #content: number
  readonly #value: string

  constructor(field: number, value: string, content: number) {
    this.#tag = lengthTag(field)
    this.#content = content
    this.#value = value
    this.size = varintSize(this.#tag) + varintSize(content) + content
  }

  write(to: Writer): void {
    to.varint(this.#tag)
    to.varint(this.#content)
    to.text(this.#value, this.#content)
  }
}

class Uint implements Fragment {
  readonly size: number
  readonly #tag: number
  readonly #value: number

  constructor(field: number, value: number) {
    this.#tag = varintTag(field)
    this.#value = value
    this.size = varintSize(this.#tag) + varintSize(value)
  }

  write(to: Writer): void {
    to.varint(this.#tag)
    to.varint(this.#value)
  }
}

/** Returns a field for a non-negative integer, an enum, or a boolean as 0 or 1. 0 is not sent. */
export const uint = (field: number, value: number): Fragment => value === 0 ? emptyFragment : emitUint(field, value)

/** Like {@linkcode uint}, but sends 0: for a member of a oneof. */
export const emitUint = (field: number, value: number): Fragment => new Uint(field, value)

/** Returns a field for a boolean. `false` is not sent. */
export const bool = (field: number, value: boolean): Fragment => uint(field, value ? 1 : 0)

/** Returns a field for a signed 64-bit integer. 0 is not sent. The caller must check the range. */
export const int64 = (field: number, value: bigint): Fragment => value === 0n ? emptyFragment : emitInt64(field, value)

/** Like {@linkcode int64}, but sends 0: for a member of a oneof. */
export const emitInt64 = (field: number, value: bigint): Fragment => {
  const tag = varintTag(field)
  const bits = BigInt.asUintN(64, value)
  const low = Number(bits & 0xffffffffn)
  const high = Number(bits >> 32n)
  return {
    size: varintSize(tag) + varint64Size(low, high),
    write: (to) => {
      to.varint(tag)
      to.varint64(low, high)
    },
  }
}

/** Returns a field for a string. An empty string is not sent. `name` is the field's name in errors. */
export const text = (field: number, value: string, name: string): Fragment =>
  value === "" ? emptyFragment : emitText(field, value, name)

/** Like {@linkcode text}, but sends an empty string: for a `repeated` field, a oneof or an `optional` field. */
export const emitText = (field: number, value: string, name: string): Fragment =>
  new Text(field, value, checkedUtf8Length(value, name, undefined))

/** Returns the fields of a `repeated string`. */
export const texts = (field: number, values: ReadonlyArray<string>, name: string): Fragment =>
  concat(values.map((value) => emitText(field, value, name)))

/** Returns a field for bytes. They are sent even if they are empty, and copied when the message is written. */
export const bytes = (field: number, value: Uint8Array): Fragment =>
  fragment(field, value.length, (to) => to.set(value))

/** Returns several fields as one fragment. */
export const concat = (parts: ReadonlyArray<Fragment>): Fragment => {
  const [first = emptyFragment] = parts
  return parts.length <= 1 ? first : {
    size: sum(parts),
    write: (to) => {
      for (const part of parts) part.write(to)
    },
  }
}

/** A message whose size is known, and which is encoded only when it is written to a buffer, each time anew. */
export interface SizedMessage {
  /** The size of the message, in bytes. */
  readonly size: number
  /** Writes `size` bytes to `to`, from `at` on. Throws `CodecError` if a value does not fit its field. */
  readonly write: (to: Uint8Array, at: number) => void
}

/** Returns the message that consists of `parts`. `name` is its name in errors. */
export const sizedMessage = (name: string, parts: ReadonlyArray<Fragment>): SizedMessage => {
  const size = sum(parts)
  if (size > maxMessageSize) {
    return throwValue(name, undefined, `at most ${maxMessageSize} bytes`, `${size}`)
  }
  return {
    size,
    write: (bytes, at) => {
      const to = new Writer(new Uint8Array(bytes.buffer, bytes.byteOffset + at, size))
      for (const part of parts) part.write(to)
      // Happens only if the caller changed an array between sizing and writing.
      if (to.at !== size) throwValue(name, undefined, "values that do not change while they are encoded")
    },
  }
}

/**
 * Encodes a message into a new buffer. grpc-js needs a Node `Buffer`:
 * `Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)` creates one over the same memory.
 */
export const toBytes = ({ size, write }: SizedMessage): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array(size)
  write(bytes, 0)
  return bytes
}

/** Encodes the message that consists of `parts` into a new buffer, as {@linkcode toBytes} does. */
export const encode = (name: string, parts: ReadonlyArray<Fragment>): Uint8Array<ArrayBuffer> =>
  toBytes(sizedMessage(name, parts))
