/** Decodes packed `repeated int64` fields into a `BigInt64Array`, without a `bigint` or an object for each value. */
import { highWord, lowWord, wordsOf } from "./packed.ts"
import type { Reader } from "./reader.ts"

/** Returns the number of varints that end in `bytes[start, end)`: the bytes whose high bit is 0. */
export const countVarints = (bytes: Uint8Array, view: DataView, start: number, end: number): number => {
  let count = 0
  let at = start
  for (const last = end - 4; at <= last; at += 4) {
    const ends = ~view.getUint32(at, true) & 0x80808080
    count += Math.imul(ends >>> 7, 0x01010101) >>> 24
  }
  for (; at < end; at++) if (bytes[at]! < 128) count++
  return count
}

/**
 * Reads `count` varints from `reader.at` into `values[at, at + count)`. `count` must be the number of varints that end
 * before `end` ({@linkcode countVarints}), and the last byte before `end` must end one, so that no byte after it is
 * read.
 *
 * Loads two words of four bytes instead of eight bytes, because the ids that Milvus generates take nine bytes each.
 */
export const readInt64s = (reader: Reader, values: BigInt64Array, at: number, count: number, end: number): void => {
  const { bytes, view } = reader
  const words = wordsOf(values)
  let next = reader.at
  const stop = (at + count) * 2
  const wide = end - 9
  for (let word = at * 2; word < stop; word += 2) {
    let low = bytes[next]!
    let high = 0
    if (low < 128) next++
    else if (next <= wide) {
      const a = view.getUint32(next, true)
      const endsA = ~a & 0x80808080
      if (endsA !== 0) {
        // Two to four bytes: the bytes after the first one with a high bit of 0 are masked out.
        const length = (31 - Math.clz32(endsA & -endsA)) >>> 3
        low = squeeze(a & (0xffffffff >>> (24 - length * 8)))
        next += length + 1
      } else {
        const b = view.getUint32(next + 4, true)
        const endsB = ~b & 0x80808080
        low = squeeze(a)
        if (endsB !== 0) {
          const length = (31 - Math.clz32(endsB & -endsB)) >>> 3
          const bits = squeeze(b & (0xffffffff >>> (24 - length * 8)))
          low |= bits << 28
          high = bits >>> 4
          next += length + 5
        } else {
          const bits = squeeze(b)
          const ninth = bytes[next + 8]!
          low |= bits << 28
          high = bits >>> 4 | (ninth & 127) << 24
          next += 9
          if (ninth > 127) {
            const tenth = bytes[next++]!
            high |= tenth << 31
            if (tenth > 127) return overlong(reader, next)
          }
        }
      }
    } else {
      reader.at = next
      reader.varint()
      next = reader.at
      low = reader.low
      high = reader.high
    }
    words[word + lowWord] = low
    words[word + highWord] = high
  }
  reader.at = next
}

/** Returns the lower seven bits of each of four bytes as one number of 28 bits. */
const squeeze = (bytes: number): number => {
  const pairs = bytes & 0x007f007f | (bytes & 0x7f007f00) >>> 1
  return pairs & 0x3fff | (pairs & 0x3fff0000) >>> 2
}

const overlong = (reader: Reader, at: number): never => {
  reader.at = at
  return reader.fail("a varint has more than ten bytes")
}
