/**
 * A minimal reader of `SearchResults`. It checks nothing, copies only what it must, and expects the usual order of
 * fields.
 */

/** Result of the reader. */
export interface Hits {
  ids?: BigInt64Array
  scores?: Float32Array
  readonly topks: Array<number>
  readonly titles: Array<string>
}

/** A position in the bytes. */
class Minimal {
  at = 0
  readonly bytes: Uint8Array
  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }
  varint(): number {
    let value = 0
    let scale = 1
    for (;;) {
      const byte = this.bytes[this.at++]!
      value += (byte & 127) * scale
      if (byte < 128) return value
      scale *= 128
    }
  }
  skip(tag: number): void {
    if ((tag & 7) === 0) this.varint()
    else {
      const size = this.varint()
      this.at += size
    }
  }
  longs(end: number): BigInt64Array {
    const { bytes } = this
    let count = 0
    for (let at = this.at; at < end; at++) if (bytes[at]! < 128) count++
    const values = new BigInt64Array(count)
    const words = new Int32Array(values.buffer)
    let at = this.at
    for (let word = 0; word < words.length; word += 2) {
      let low = 0
      let high = 0
      for (let shift = 0;; shift += 7) {
        const byte = bytes[at++]!
        if (shift < 28) low |= (byte & 127) << shift
        else if (shift === 28) {
          low |= byte << 28
          high = (byte & 127) >>> 4
        } else high |= (byte & 127) << shift - 32
        if (byte < 128) break
      }
      words[word] = low
      words[word + 1] = high
    }
    this.at = at
    return values
  }
}

const decoder = new TextDecoder()

/**
 * Reads hits. `strings` is how it reads the texts of a VarChar: not at all, one by one, or as one text that it cuts.
 */
export const readHits = (bytes: Uint8Array, strings: "no" | "each" | "all" = "no"): Hits => {
  const read = new Minimal(bytes)
  const result: Hits = { topks: [], titles: [] }
  const inside = (handle: (tag: number, end: number) => boolean): void => {
    const length = read.varint()
    const end = read.at + length
    while (read.at < end) {
      const tag = read.varint()
      if (!handle(tag, end)) read.skip(tag)
    }
  }
  const title = (): boolean => {
    const size = read.varint()
    result.titles.push(decoder.decode(bytes.subarray(read.at, read.at + size)))
    read.at += size
    return true
  }
  /** Decodes all texts as one and cuts it by their lengths: the fastest known way, for ASCII only. */
  const titles = (end: number): void => {
    const start = read.at
    const text = decoder.decode(bytes.subarray(start, end))
    while (read.at < end) {
      const size = bytes[read.at + 1]!
      const from = read.at + 2 - start
      result.titles.push(text.slice(from, from + size))
      read.at += size + 2
    }
  }
  while (read.at < bytes.length) {
    const tag = read.varint()
    if (tag !== 18) {
      read.skip(tag)
      continue
    }
    inside((tag) => {
      if (tag === 34) {
        const size = read.varint()
        const scores = new Float32Array(size / 4)
        new Uint8Array(scores.buffer).set(bytes.subarray(read.at, read.at + size))
        result.scores = scores
        read.at += size
      } else if (tag === 42) {
        inside((tag) => {
          if (tag !== 10) return false
          inside((tag) => {
            if (tag !== 10) return false
            const size = read.varint()
            result.ids = read.longs(read.at + size)
            return true
          })
          return true
        })
      } else if (tag === 50) {
        const size = read.varint()
        for (const end = read.at + size; read.at < end;) result.topks.push(read.varint())
      } else if (tag === 26 && strings !== "no") {
        inside((tag) => {
          if (tag !== 26) return false
          inside((tag) => {
            if (tag !== 50) return false
            if (strings === "each") inside((tag) => tag === 10 && title())
            else {
              const size = read.varint()
              titles(read.at + size)
            }
            return true
          })
          return true
        })
      } else return false
      return true
    })
  }
  return result
}
