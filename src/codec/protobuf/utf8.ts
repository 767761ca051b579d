/** Encodes and decodes text as UTF-8; its size is computed before it is written. */
import { describeValue, throwMalformed, throwValue } from "../errors.ts"

const encoder = new TextEncoder()
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

/** Up to this length, a loop is faster than a call of the encoder. */
const short = 48

/** Returns the number of bytes of a string in UTF-8; -1 if it has a lone surrogate, which UTF-8 cannot represent. */
export const utf8Length = (value: string): number => {
  const { length } = value
  let size = length
  for (let index = 0; index < length; index++) {
    const unit = value.charCodeAt(index)
    if (unit < 0x80) continue
    if (unit < 0x800) size++
    else if (unit < 0xd800 || unit > 0xdfff) size += 2
    else {
      const next = index + 1 < length ? value.charCodeAt(index + 1) : 0
      if (unit > 0xdbff || next < 0xdc00 || next > 0xdfff) return -1
      // A pair takes four bytes; its two units were counted as two.
      size += 2
      index++
    }
  }
  return size
}

/**
 * Returns the number of bytes of a value in UTF-8. Throws `CodecError` with the field and the row if the value is not a
 * string, is not well-formed, or is too long. It is too long only if both its bytes, which Milvus counts, and its
 * characters, which milvus-lite counts, exceed `maxLength`.
 */
export const checkedUtf8Length = (
  value: unknown,
  field: string,
  row: number | undefined,
  maxLength = Infinity,
): number => {
  if (typeof value !== "string") return throwValue(field, row, "a string", describeValue(value))
  const size = utf8Length(value)
  if (size < 0) return throwValue(field, row, "well-formed text", "a string with a lone surrogate")
  return size <= maxLength || isWithin(value, maxLength)
    ? size
    : throwValue(field, row, `text of at most ${maxLength} bytes of UTF-8`, `${size}`)
}

/** Whether a string has at most `characters` characters, each of which may take two UTF-16 units. */
const isWithin = (value: string, characters: number): boolean =>
  value.length <= characters || value.length <= 2 * characters && [...value].length <= characters

/** Writes a string at `at`. `size` is its {@linkcode utf8Length}. */
export const writeUtf8 = (bytes: Uint8Array, at: number, value: string, size: number): void => {
  if (size === value.length && size <= short) {
    for (let index = 0; index < size; index++) bytes[at + index] = value.charCodeAt(index)
  } else encoder.encodeInto(value, bytes.subarray(at, at + size))
}

/** Returns the text of `bytes[start, end)`. Throws `CodecError` if they are not UTF-8. */
export const readUtf8 = (bytes: Uint8Array, start: number, end: number, message: string): string => {
  if (end - start <= short) {
    const text = readAscii(bytes, start, end)
    if (text !== undefined) return text
  }
  try {
    return decoder.decode(bytes.subarray(start, end))
  } catch (cause) {
    return throwMalformed(message, start, "a string is not UTF-8", cause)
  }
}

/** Returns the text of `bytes[start, end)` if they are ASCII. */
const readAscii = (bytes: Uint8Array, start: number, end: number): string | undefined => {
  let text = ""
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!
    if (byte > 127) return undefined
    text += String.fromCharCode(byte)
  }
  return text
}
