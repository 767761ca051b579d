/**
 * Nulls in replies. `valid_data` has a flag a row; the values are either those of valid rows alone (the form that servers
 * want in requests, and that they send vectors in) or one for every row, with anything in the place of a null. The number
 * of values tells which.
 */

/** How many rows have a value. */
export const countValid = (valid: Uint8Array): number => {
  let count = 0
  for (let row = 0; row < valid.length; row++) if (valid[row] !== 0) count++
  return count
}

/** How the values of a column are on the wire. */
export type NullLayout = "every row" | "valid rows" | "neither"

/** Which of the two it is, by the number of values. */
export const layoutOf = (count: number, valid: Uint8Array | undefined): NullLayout => {
  if (valid === undefined || count === valid.length) return "every row"
  return count === countValid(valid) ? "valid rows" : "neither"
}

/** A typed array, as far as copying needs one. */
interface Run<Self> {
  readonly length: number
  readonly subarray: (start: number, end: number) => Self
  readonly set: (from: Self, at: number) => void
}

/** Calls with each run of valid rows, `[start, end)`, and how many valid ones there are before it. */
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

/** Values of valid rows, put where their rows are in `to`, by memory: the bits of a NaN stay what they are. */
export const expandNulls = <A extends Run<A>>(values: A, valid: Uint8Array, to: A): A => {
  eachRun(valid, (start, end, before) => to.set(values.subarray(before, before + end - start), start))
  return to
}

/** The values of valid rows out of those of all rows, `width` a row, by memory. `to` has room for exactly them. */
export const dropNulls = <A extends Run<A>>(values: A, valid: Uint8Array, width: number, to: A): A => {
  eachRun(valid, (start, end, before) => to.set(values.subarray(start * width, end * width), before * width))
  return to
}

/** Offsets of valid rows as offsets of all rows: a null is an empty range. */
export const spreadOffsets = (offsets: Uint32Array, valid: Uint8Array): Uint32Array => {
  const all = new Uint32Array(valid.length + 1)
  let from = 0
  for (let row = 0; row < valid.length; row++) {
    if (valid[row] !== 0) from++
    all[row + 1] = offsets[from]!
  }
  return all
}

/**
 * Where the vector of each row is in a column of dense vectors, `[valid.length]`: -1 for a null. Make it once, and use it
 * for all rows.
 */
export const vectorIndex = (valid: Uint8Array): Int32Array => {
  const index = new Int32Array(valid.length)
  let next = 0
  for (let row = 0; row < valid.length; row++) index[row] = valid[row] === 0 ? -1 : next++
  return index
}
