/** Decodes repeated strings and bytes, and defines the list of byte strings that a column holds. */
import type { Builder } from "./repeated.ts"
import { throwReply } from "../errors.ts"
import { JsonSyntaxError, parseJson } from "../parseJson.ts"
import type { Reader } from "./reader.ts"
import { readUtf8 } from "./utf8.ts"

/**
 * A list of byte strings, stored as their positions in one array instead of one object for each. In a reply, `memory`
 * is the reply itself, which the list keeps in memory; {@linkcode BytesList.get} returns views of it.
 */
export class BytesList {
  /** The number of byte strings. */
  readonly length: number
  /** The array that contains all byte strings. */
  readonly memory: Uint8Array
  /** The start and the end of each byte string in `memory`, alternating; `[length * 2]`. */
  readonly places: Uint32Array
  /** Creates a list over the given arrays, without copying them. */
  constructor(memory: Uint8Array, places: Uint32Array) {
    this.memory = memory
    this.places = places
    this.length = places.length >>> 1
  }
  /** Returns one byte string as a view; an empty one if the index is out of range. */
  get(index: number): Uint8Array {
    return this.memory.subarray(this.places[index * 2] ?? 0, this.places[index * 2 + 1] ?? 0)
  }
  /** Returns one byte string as text. Throws `CodecError` if it is not UTF-8. */
  text(index: number): string {
    return readUtf8(this.memory, this.places[index * 2] ?? 0, this.places[index * 2 + 1] ?? 0, "text")
  }
  /**
   * Parses one byte string as JSON; integers beyond 2^53 are `bigint`. Returns `undefined` if it is empty, as in the
   * row of a null. Throws `CodecError`, with `field` and the index as its row, if it is not JSON.
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

/** Whether a value is an array or a typed array. */
export const isList = (value: unknown): value is ArrayLike<unknown> =>
  Array.isArray(value) || ArrayBuffer.isView(value) && !(value instanceof DataView)

/** Builder for a `repeated bytes`: keeps only the positions. */
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

/**
 * Short strings are decoded together in pieces of about this size, in bytes: a string keeps its whole piece in memory.
 */
const pieceSize = 4096
/** Longer strings are decoded one by one; up to this length, the length prefix takes one byte. */
const longest = 127

/**
 * Builder for a `repeated string`. One call of the decoder costs as much as decoding hundreds of bytes, so many short
 * strings are decoded at once, with the tags between them, and cut out of the resulting text.
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
      // A string joins a piece only if it follows directly, with a tag of one byte and a length of one byte.
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

/** Returns the number of UTF-16 units of the well-formed UTF-8 in `bytes[start, end)`. */
const utf16Length = (bytes: Uint8Array, start: number, end: number): number => {
  let units = 0
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!
    if (byte < 0x80 || byte > 0xbf) units += byte > 0xef ? 2 : 1
  }
  return units
}
