/**
 * Checks the bytes of a reply before the generic codec reads them. That codec accepts nearly anything: a field of
 * another wire type, text that is not UTF-8, and a few bytes that become very many objects.
 */
import { isUtf8 } from "node:buffer"
import { ReplyFault } from "../workarounds/grpcReply.ts"
import type { FieldShape, Shape } from "../contract/shapes.ts"

/** Maximum depth of nested messages, as in the protobuf libraries. */
const maxDepth = 100

/** Memory that any reply may take, and how much more for each of its bytes. In bytes. */
const freeMemory = 64 * 2 ** 20
const memoryPerByte = 16

/** Approximate memory of an object, of each of its fields, and of a `bigint` with its place in a list. In bytes. */
const objectSize = 32
const fieldSize = 8
const longSize = 32

/**
 * Throws a {@link ReplyFault} if the bytes are not a message of the shape, or would take far more memory than bytes.
 */
export const checkMessage = (bytes: Uint8Array, shape: Shape): void => new Check(bytes).message(shape, bytes.length, 0)

class Check {
  #at = 0
  #memory: number
  readonly #bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#memory = freeMemory + memoryPerByte * bytes.length
  }

  message({ fields }: Shape, end: number, depth: number): void {
    if (depth > maxDepth) throw new ReplyFault("messages of the reply nest too deeply")
    this.#take(objectSize + fieldSize * fields.size)
    while (this.#at < end) {
      const tag = this.#varint(end)
      const wireType = tag % 8
      const number = Math.floor(tag / 8)
      if (number === 0) throw new ReplyFault(`the reply has no field at byte ${this.#at}`)
      const field = fields.get(number)
      if (field === undefined) this.#skip(wireType, end)
      else if (wireType === field.wireType) this.#value(field, end, depth)
      else if (wireType === 2 && field.isRepeated) this.#packed(field, this.#length(end))
      else throw new ReplyFault(`the field "${field.name}" of the reply has the wire type ${wireType}`)
    }
  }

  #value({ name, type, wireType, isLong, message }: FieldShape, end: number, depth: number): void {
    if (isLong) this.#take(longSize)
    if (wireType !== 2) return this.#skip(wireType, end)
    const start = this.#at
    const inner = this.#length(end)
    if (message !== undefined) return this.message(message, inner, depth + 1)
    this.#take(fieldSize)
    if (type === "string" && !isUtf8(this.#bytes.subarray(this.#at, inner))) {
      throw new ReplyFault(`the field "${name}" of the reply is not UTF-8 at byte ${start}`)
    }
    this.#at = inner
  }

  #packed({ wireType, isLong }: FieldShape, end: number): void {
    while (this.#at < end) {
      if (isLong) this.#take(longSize)
      this.#skip(wireType, end)
    }
  }

  #take(memory: number): void {
    this.#memory -= memory
    if (this.#memory < 0) throw new ReplyFault("the reply would take much more memory than it has bytes")
  }

  #skip(wireType: number, end: number): void {
    if (wireType === 0) this.#varint(end)
    else if (wireType === 2) this.#at = this.#length(end)
    else if (wireType === 1) this.#at = this.#within(this.#at + 8, end)
    else if (wireType === 5) this.#at = this.#within(this.#at + 4, end)
    else throw new ReplyFault(`the reply has the wire type ${wireType} at byte ${this.#at}`)
  }

  /** Reads a length. Returns the offset at which that many bytes end. */
  #length(end: number): number {
    const length = this.#varint(end)
    return this.#within(this.#at + length, end)
  }

  #within(at: number, end: number): number {
    if (at > end) throw new ReplyFault(`the reply ends in the middle of a field, at byte ${this.#at}`)
    return at
  }

  /** Reads a varint, exact up to 53 bits: more than a tag or a length can have. */
  #varint(end: number): number {
    let value = 0
    let factor = 1
    for (let length = 0; length < 10; length++, factor *= 128) {
      if (this.#at >= end) throw new ReplyFault(`the reply ends in the middle of a field, at byte ${this.#at}`)
      const byte = this.#bytes[this.#at++]!
      value += (byte % 128) * factor
      if (byte < 128) return value
    }
    throw new ReplyFault(`the reply has a number of more than 10 bytes at byte ${this.#at}`)
  }
}
