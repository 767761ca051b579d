/** Repeated strings and bytes: in, and what a list of bytes is in memory. */
import type { Builder } from "./repeated.ts"
import { throwReply } from "../errors.ts"
import { JsonSyntaxError, parseJson } from "../parseJson.ts"
import type { Reader } from "./reader.ts"
import { readUtf8 } from "./utf8.ts"

/**
 * Byte strings by their places in one memory: no object a value. From a reply, `memory` is the reply itself, which a
 * list keeps alive; what {@linkcode BytesList.get} gives is a view of it.
 */
export class BytesList {
  /** How many byte strings there are. */
  readonly length: number
  /** What all of them lie in. */
  readonly memory: Uint8Array
  /** Where each begins and, after it, where it ends: `[length * 2]`. */
  readonly places: Uint32Array
  /** Keeps both; copies nothing. */
  constructor(memory: Uint8Array, places: Uint32Array) {
    this.memory = memory
    this.places = places
    this.length = places.length >>> 1
  }
  /** One of them, as a view; empty past the end. */
  get(index: number): Uint8Array {
    return this.memory.subarray(this.places[index * 2] ?? 0, this.places[index * 2 + 1] ?? 0)
  }
  /** One as text; `CodecError` where it is not UTF-8. */
  text(index: number): string {
    return readUtf8(this.memory, this.places[index * 2] ?? 0, this.places[index * 2 + 1] ?? 0, "text")
  }
  /**
   * One as JSON, parsed now: integers beyond 2^53 are `bigint`. `undefined` where it is empty, as in the row of a null.
   * `CodecError`, in the name of `field`, where it is not JSON.
   */
  json(index: number, field = "JSON"): unknown {
    const text = this.text(index)
    if (text === "") return undefined
    try {
      return parseJson(text)
    } catch (error) {
      if (!(error instanceof JsonSyntaxError)) throw error
      return throwReply(field, index, "JSON text", `an error ${error.message}`)
    }
  }
}

/** Whether a value has elements by number: an array or a typed array. */
export const isList = (value: unknown): value is ArrayLike<unknown> =>
  Array.isArray(value) || ArrayBuffer.isView(value) && !(value instanceof DataView)

/** A `repeated bytes`: only the places are kept. */
export class BytesBuilder implements Builder<BytesList> {
  length = 0
  #memory: Uint8Array = new Uint8Array(0)
  #places = new Uint32Array(0)
  read(reader: Reader, wireType: number): boolean {
    if (wireType !== 2) return false
    const end = reader.length()
    if (this.length * 2 >= this.#places.length) {
      const grown = new Uint32Array(Math.max(16, this.#places.length * 2))
      grown.set(this.#places)
      this.#places = grown
    }
    this.#memory = reader.bytes
    this.#places[this.length * 2] = reader.at
    this.#places[this.length * 2 + 1] = end
    this.length++
    reader.at = end
    return true
  }
  finish(): BytesList {
    return new BytesList(this.#memory, this.#places.slice(0, this.length * 2))
  }
}

/** Strings are decoded together in pieces of about this many bytes: a string may keep its piece in memory, and no more. */
const pieceSize = 4096
/** Longer strings are decoded alone; the length of the others takes one byte. */
const longest = 127

/**
 * A `repeated string`. One call of the decoder costs as much as a string of hundreds of bytes, so short ones are decoded
 * many at once, with the tags between them, and cut out of the text.
 */
export class StringBuilder implements Builder<ReadonlyArray<string>> {
  length = 0
  readonly #values: Array<string> = []
  readonly #lengths: Array<number> = []
  #count = 0
  #start = 0
  #end = 0
  #reader: Reader | undefined
  read(reader: Reader, wireType: number): boolean {
    if (wireType !== 2) return false
    const from = reader.at
    const end = reader.length()
    const size = end - reader.at
    this.length++
    if (size > longest) {
      this.#flush()
      this.#values.push(readUtf8(reader.bytes, reader.at, end, reader.message))
    } else {
      // Only what follows at once, behind a tag of one byte and a length of one byte, joins a piece.
      const follows = this.#count > 0 && from === this.#end + 1 && reader.at === from + 1
      if (!follows || end - this.#start > pieceSize) {
        this.#flush()
        this.#start = reader.at
        this.#reader = reader
      }
      this.#lengths[this.#count++] = size
      this.#end = end
    }
    reader.at = end
    return true
  }
  finish(): ReadonlyArray<string> {
    this.#flush()
    return this.#values
  }
  #flush(): void {
    const count = this.#count
    const reader = this.#reader
    if (count === 0 || reader === undefined) return
    this.#count = 0
    const piece = readUtf8(reader.bytes, this.#start, this.#end, reader.message)
    const isAscii = piece.length === this.#end - this.#start
    const values = this.#values
    let unit = 0
    let byte = this.#start
    for (let index = 0; index < count; index++) {
      const size = this.#lengths[index]!
      const units = isAscii ? size : utf16Length(reader.bytes, byte, byte + size)
      values.push(count === 1 ? piece : piece.slice(unit, unit + units))
      unit += units + 2
      byte += size + 2
    }
  }
}

/** How many UTF-16 units the well-formed UTF-8 in `bytes[start, end)` is. */
const utf16Length = (bytes: Uint8Array, start: number, end: number): number => {
  let units = 0
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!
    if (byte < 0x80 || byte > 0xbf) units += byte > 0xef ? 2 : 1
  }
  return units
}
