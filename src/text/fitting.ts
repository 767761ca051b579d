/** Bounds the size of a reply. */
import { Buffer } from "node:buffer"

/** Returns the size of a value as JSON, in bytes. */
export const jsonBytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value))

/** Returns the first values whose sizes add up to at most `most`, with one byte between two of them. */
export const fitting = <A>(
  values: ReadonlyArray<A>,
  most: number,
  sizeOf: (value: A) => number = jsonBytes,
): ReadonlyArray<A> => {
  let size = 1
  const end = values.findIndex((value) => (size += sizeOf(value) + 1) > most)
  return end < 0 ? values : values.slice(0, end)
}
