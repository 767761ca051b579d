/** Text as UTF-8, sized before it is written. */
import { describeValue, throwMalformed, throwValue } from "../errors.ts"

const encoder = new TextEncoder()
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

/** Up to here a loop is faster than a call of the encoder. */
const short = 48

/** How many bytes a string takes as UTF-8; -1 for one that has a lone surrogate, which UTF-8 cannot say. */
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
      // Two units, which were counted, for four bytes.
      size += 2
      index++
    }
  }
  return size
}

/**
 * The same of any value. An error names the field and the row if the value is not a string, is not well-formed, or is longer
 * than `maxLength` by every count: Milvus counts bytes, milvus-lite characters, and what one of them takes is not refused.
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

/** Whether a string has at most so many characters, each of which may take two units. */
const isWithin = (value: string, characters: number): boolean =>
  value.length <= characters || value.length <= 2 * characters && [...value].length <= characters

/** Writes a string whose {@linkcode utf8Length} is `size` at `at`. */
export const writeUtf8 = (bytes: Uint8Array, at: number, value: string, size: number): void => {
  if (size === value.length && size <= short) {
    for (let index = 0; index < size; index++) bytes[at + index] = value.charCodeAt(index)
  } else encoder.encodeInto(value, bytes.subarray(at, at + size))
}

/** The text of `bytes[start, end)`. */
export const readUtf8 = (bytes: Uint8Array, start: number, end: number, message: string): string => {
  try {
    return decoder.decode(bytes.subarray(start, end))
  } catch (cause) {
    return throwMalformed(message, start, "a string is not UTF-8", cause)
  }
}
