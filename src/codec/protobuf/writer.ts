/**
 * Protobuf messages out, in one pass over one buffer.
 *
 * A message is a tree of {@linkcode Fragment}s. Each knows its size when it is made, so that {@linkcode encode} allocates
 * exactly once (a {@linkcode SizedMessage} not at all), and each value is written once, at its final place. There is a part a field,
 * or a column of a million values: never one a value.
 */
import { throwValue } from "../errors.ts"
import { checkedUtf8Length, writeUtf8 } from "./utf8.ts"

/** What one field adds to a message, tag included. */
export interface Fragment {
  /** How many bytes {@linkcode Fragment.write} writes. */
  readonly size: number
  readonly write: (to: Writer) => void
}

/** The most that protobuf allows a message to have. */
export const maxMessageSize: number = 2 ** 31 - 1

/** A place in a buffer that is large enough. */
export class Writer {
  readonly bytes: Uint8Array
  /** Where the next byte goes. */
  at = 0
  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }
  /** An integer from 0 to 2^53 - 1. */
  varint(value: number): void {
    const { bytes } = this
    let rest = value
    while (rest > 127) {
      bytes[this.at++] = rest % 128 | 128
      rest = Math.floor(rest / 128)
    }
    bytes[this.at++] = rest
  }
  /** A 64-bit integer as two words, the low one first. */
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
  /** A string whose UTF-8 has `size` bytes. */
  text(value: string, size: number): void {
    writeUtf8(this.bytes, this.at, value, size)
    this.at += size
  }
  set(bytes: Uint8Array): void {
    this.bytes.set(bytes, this.at)
    this.at += bytes.length
  }
}

/** Nothing: a field at its default, which proto3 does not send. */
export const emptyFragment: Fragment = { size: 0, write: () => {} }

/** The tag of a field whose value is a varint. */
export const varintTag = (field: number): number => field * 8
/** The tag of a field whose value has a length. */
export const lengthTag = (field: number): number => field * 8 + 2

/** How many bytes an integer from 0 to 2^53 - 1 takes. */
export const varintSize = (value: number): number => {
  if (value < 0x80) return 1
  let size = 1
  for (let rest = value; rest > 127; rest = Math.floor(rest / 128)) size++
  return size
}

/** How many bytes a 64-bit integer takes, given as two words. */
export const varint64Size = (low: number, high: number): number => {
  const bits = high !== 0 ? 64 - Math.clz32(high) : 32 - Math.clz32(low | 1)
  return (bits * 9 + 64) >>> 6
}

const sum = (parts: ReadonlyArray<Fragment>): number => {
  let size = 0
  for (const part of parts) size += part.size
  return size
}

/** A message inside a message; sent even when it is empty, as the members of a oneof must be. */
export const message = (field: number, parts: ReadonlyArray<Fragment>): Fragment =>
  fragment(field, sum(parts), (to) => {
    for (const part of parts) part.write(to)
  })

/** A field with a length whose content somebody writes: exactly `size` bytes. */
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

/** A non-negative integer, an enum or (as 1) a boolean; 0 is not sent. */
export const uint = (field: number, value: number): Fragment => value === 0 ? emptyFragment : presentUint(field, value)

/** The same where 0 is sent: in a oneof. */
export const presentUint = (field: number, value: number): Fragment => {
  const tag = varintTag(field)
  return {
    size: varintSize(tag) + varintSize(value),
    write: (to) => {
      to.varint(tag)
      to.varint(value)
    },
  }
}

/** A boolean; `false` is not sent. */
export const bool = (field: number, value: boolean): Fragment => uint(field, value ? 1 : 0)

/** A 64-bit integer of either sign; 0 is not sent. The caller has checked its range. */
export const int64 = (field: number, value: bigint): Fragment =>
  value === 0n ? emptyFragment : presentInt64(field, value)

/** The same where 0 is sent: in a oneof. */
export const presentInt64 = (field: number, value: bigint): Fragment => {
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

/** A string; the empty one is not sent. `name` is what an error calls it. */
export const text = (field: number, value: string, name: string): Fragment =>
  value === "" ? emptyFragment : presentText(field, value, name)

/** The same where an empty string is sent: in a `repeated`, a oneof, or an `optional`. */
export const presentText = (field: number, value: string, name: string): Fragment => {
  const size = checkedUtf8Length(value, name, undefined)
  return fragment(field, size, (to) => to.text(value, size))
}

/** A `repeated string`. */
export const texts = (field: number, values: ReadonlyArray<string>, name: string): Fragment =>
  concat(values.map((value) => presentText(field, value, name)))

/** Bytes that are there already, sent even when they are empty. They are copied when the message is written. */
export const bytes = (field: number, value: Uint8Array): Fragment =>
  fragment(field, value.length, (to) => to.set(value))

/** Several fields as one part. */
export const concat = (parts: ReadonlyArray<Fragment>): Fragment => ({
  size: sum(parts),
  write: (to) => {
    for (const part of parts) part.write(to)
  },
})

/** A message that knows its size, and is written where somebody has room for it: no earlier, and as often as that is wanted. */
export interface SizedMessage {
  readonly size: number
  /** Writes `size` bytes, from `at` on. Throws `CodecError` where a value does not fit its field. */
  readonly write: (to: Uint8Array, at: number) => void
}

/** The message that consists of `parts`. */
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
      // Only if something changed under our hands: the same array, read twice, was not the same.
      if (to.at !== size) throwValue(name, undefined, "values that do not change while they are encoded")
    },
  }
}

/**
 * A draft, written to a buffer of its own. For grpc-js, which wants a node `Buffer`:
 * `Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)` is one over the same memory.
 */
export const toBytes = ({ size, write }: SizedMessage): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array(size)
  write(bytes, 0)
  return bytes
}

/** The message that consists of `parts`, as by {@linkcode toBytes}. */
export const encode = (name: string, parts: ReadonlyArray<Fragment>): Uint8Array<ArrayBuffer> =>
  toBytes(sizedMessage(name, parts))
