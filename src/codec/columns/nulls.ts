/**
 * Nulls of columns. `valid_data` has a flag for each row. The values of a reply are either only those of valid rows
 * (the form that servers require in requests, and in which they send vectors), or one for every row, with an arbitrary
 * value in the place of a null. The number of values shows which form it is.
 */

/** Returns the number of rows that have a value. */
export const countValid = (valid: Uint8Array): number => {
  let count = 0
  for (let row = 0; row < valid.length; row++) if (valid[row] !== 0) count++
  return count
}

/** The rows that the values of a decoded column belong to. */
export type NullLayout = "every row" | "valid rows" | "neither"

/** Returns the layout of a column with `count` values. */
export const layoutOf = (count: number, valid: Uint8Array | undefined): NullLayout => {
  if (valid === undefined || count === valid.length) return "every row"
  return count === countValid(valid) ? "valid rows" : "neither"
}

/** The part of a typed array that copying needs. */
interface Run<Self> {
  readonly length: number
  readonly subarray: (start: number, end: number) => Self
  readonly set: (from: Self, at: number) => void
}

/** Calls `run` for each run of valid rows `[start, end)`, with the number of valid rows before it. */
const eachRun = (valid: Uint8Array, run: (start: number, end: number, before: number) => void): void => {
  let before = 0
  for (let row = 0; row < valid.length; row++) {
    if (valid[row] === 0) continue
    const start = row
    while (row < valid.length && valid[row] !== 0) row++
    run(start, row, before)
    before += row - start
  }
}

/**
 * Copies the values of valid rows to the places of their rows in `to`. Copies memory, so the bits of a NaN are kept.
 */
export const expandNulls = <A extends Run<A>>(values: A, valid: Uint8Array, to: A): A => {
  eachRun(valid, (start, end, before) => to.set(values.subarray(before, before + end - start), start))
  return to
}

/**
 * Copies the values of valid rows, `width` elements each, out of those of all rows to `to`, which they fill exactly.
 */
export const dropNulls = <A extends Run<A>>(values: A, valid: Uint8Array, width: number, to: A): A => {
  eachRun(valid, (start, end, before) => to.set(values.subarray(start * width, end * width), before * width))
  return to
}

/** Converts offsets of valid rows to offsets of all rows: a null gets an empty range. */
export const expandOffsets = (offsets: Uint32Array, valid: Uint8Array): Uint32Array => {
  const all = new Uint32Array(valid.length + 1)
  let from = 0
  for (let row = 0; row < valid.length; row++) {
    if (valid[row] !== 0) from++
    all[row + 1] = offsets[from]!
  }
  return all
}

/**
 * Returns the position of the vector of each row in a column of dense vectors, `[valid.length]`; -1 for a null. Create
 * it once for all rows.
 */
export const vectorIndex = (valid: Uint8Array): Int32Array => {
  const index = new Int32Array(valid.length)
  let next = 0
  for (let row = 0; row < valid.length; row++) index[row] = valid[row] === 0 ? -1 : next++
  return index
}
