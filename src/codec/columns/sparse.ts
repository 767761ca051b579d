/**
 * Encodes and decodes sparse vectors. On the wire, each is a list of pairs of a 32-bit index and a 32-bit float, with
 * ascending indices.
 *
 * @see https://milvus.io/docs/sparse_vector.md
 */
import { describeValue, throwValue } from "../errors.ts"
import { type BytesList, isList } from "../protobuf/lists.ts"
import type { Writer } from "../protobuf/writer.ts"

/**
 * Accepted forms of a sparse vector: pairs, a map, an object by index, or two arrays. The indices may be in any order.
 */
export type SparseRow =
  | ReadonlyMap<number, number>
  | ReadonlyArray<readonly [index: number, value: number]>
  | { readonly indices: ArrayLike<number>; readonly values: ArrayLike<number> }
  | { readonly [index: number]: number }

/** Sparse vectors, one after the other. Row `r` is `[offsets[r], offsets[r + 1])`, with ascending indices. */
export interface SparseRows {
  /** `[rows + 1]` */
  readonly offsets: Uint32Array
  readonly indices: Uint32Array
  readonly values: Float32Array
}

/** The greatest index that Milvus accepts. */
const maxIndex = 2 ** 32 - 2

/** Checks and sorts sparse vectors that are given as rows. `rowOf` returns the row for errors. */
export const sparseRows = (
  field: string,
  rows: ReadonlyArray<SparseRow>,
  rowOf: (at: number) => number,
): SparseRows => {
  const offsets = new Uint32Array(rows.length + 1)
  const all = rows.map((row, at) => {
    const pairs = pairsOf(field, rowOf(at), row)
    offsets[at + 1] = offsets[at]! + pairs.length / 2
    return pairs
  })
  const indices = new Uint32Array(offsets[rows.length]!)
  const values = new Float32Array(indices.length)
  for (let row = 0; row < all.length; row++) {
    const pairs = all[row]!
    const first = offsets[row]!
    for (let at = 0; at < pairs.length; at += 2) {
      indices[first + at / 2] = pairs[at]!
      values[first + at / 2] = pairs[at + 1]!
    }
    if (sort(indices, values, first, offsets[row + 1]!)) throwValue(field, rowOf(row), "unique indices")
  }
  return { offsets, indices, values }
}

/** Throws `CodecError` for rows whose indices are not ascending, or whose numbers Milvus does not accept. */
export const checkSparseRows = (field: string, { offsets, indices, values }: SparseRows): void => {
  const total = offsets.length === 0 ? 0 : offsets[offsets.length - 1]!
  if (offsets[0] !== 0 || total > indices.length || indices.length !== values.length) {
    throwValue(field, undefined, "offsets [rows + 1] starting at 0, and equally many indices and values")
  }
  for (let row = 0; row + 1 < offsets.length; row++) {
    const end = offsets[row + 1]!
    if (end < offsets[row]! || end > indices.length) throwValue(field, row, "non-decreasing offsets")
    for (let at = offsets[row]!; at < end; at++) {
      checkPair(field, row, indices[at], values[at])
      if (at > offsets[row]! && indices[at]! <= indices[at - 1]!) throwValue(field, row, "ascending indices")
    }
  }
}

const checkPair = (field: string, row: number, index: unknown, value: unknown): void => {
  if (typeof index !== "number" || !Number.isInteger(index) || index < 0 || index > maxIndex) {
    throwValue(field, row, `indices from 0 to ${maxIndex}`, describeValue(index))
  }
  if (typeof value !== "number" || Number.isNaN(value)) {
    throwValue(field, row, "numbers as values", describeValue(value))
  } else if (Number.isFinite(value) && !Number.isFinite(Math.fround(value))) {
    throwValue(field, row, "values in the range of 32-bit floats")
  }
}

/** Returns index, value, index, value, ... in the given order. */
const pairsOf = (field: string, row: number, given: SparseRow): ReadonlyArray<number> => {
  if (typeof given !== "object" || given === null) {
    return throwValue(field, row, "a sparse vector", describeValue(given))
  }
  const pairs: Array<number> = []
  const add = (index: number, value: number): void => {
    checkPair(field, row, index, value)
    pairs.push(index, value)
  }
  if (given instanceof Map) { for (const [index, value] of given) add(index, value) }
  else if (isPairs(given)) {
    for (const pair of given) {
      if (!Array.isArray(pair) || pair.length !== 2) throwValue(field, row, "[index, value] pairs")
      add(pair[0], pair[1])
    }
  } else if (isArrays(given)) {
    const { indices, values } = given
    if (indices.length !== values.length) throwValue(field, row, "equally many indices and values")
    for (let at = 0; at < indices.length; at++) add(indices[at]!, values[at]!)
  } else if (isPlain(given)) {
    for (const [key, value] of Object.entries(given)) {
      const index = Number(key)
      // `Number` also accepts "", " 1", "01" and "1e3".
      if (String(index) !== key && !Number.isNaN(index)) {
        throwValue(field, row, `indices from 0 to ${maxIndex} as plain integers`, describeValue(key))
      }
      add(index, value)
    }
  } else throwValue(field, row, "a sparse vector: pairs, a Map, or an object by index", describeValue(given))
  return pairs
}

/** Whether an object is a plain object. */
const isPlain = (given: object): given is { readonly [index: number]: number } => {
  const prototype = Object.getPrototypeOf(given)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

const isPairs = (given: SparseRow): given is ReadonlyArray<readonly [number, number]> => Array.isArray(given)

const isArrays = (
  given: SparseRow,
): given is { readonly indices: ArrayLike<number>; readonly values: ArrayLike<number> } =>
  "indices" in given && "values" in given && isList(given.indices) && isList(given.values)

/** Sorts `[start, end)` of both arrays by index, unless it is sorted. Returns whether an index occurs twice. */
export const sort = (indices: Uint32Array, values: Float32Array, start: number, end: number): boolean => {
  let sorted = true
  for (let at = start + 1; at < end && sorted; at++) sorted = indices[at]! > indices[at - 1]!
  if (sorted) return false
  const order = Array.from({ length: end - start }, (_, at) => start + at).sort((a, b) => indices[a]! - indices[b]!)
  const sortedIndices = order.map((at) => indices[at]!)
  const sortedValues = Float32Array.from(order, (at) => values[at]!)
  indices.set(sortedIndices, start)
  values.set(sortedValues, start)
  return sortedIndices.some((index, at) => at > 0 && index === sortedIndices[at - 1])
}

/** Writes the pairs `[start, end)`, of eight bytes each. */
export const writePairs = (to: Writer, view: DataView, rows: SparseRows, start: number, end: number): void => {
  for (let at = start; at < end; at++) {
    view.setUint32(to.at, rows.indices[at]!, true)
    view.setFloat32(to.at + 4, rows.values[at]!, true)
    to.at += 8
  }
}

/** Decodes and sorts rows. `wrong` is the first row that is not a sparse vector; -1 if all are. */
export const readPairs = (contents: BytesList): SparseRows & { readonly wrong: number } => {
  const { memory, places, length } = contents
  const view = new DataView(memory.buffer, memory.byteOffset, memory.byteLength)
  const offsets = new Uint32Array(length + 1)
  let wrong = -1
  for (let row = 0; row < length; row++) {
    const size = places[row * 2 + 1]! - places[row * 2]!
    if (size % 8 !== 0 && wrong < 0) wrong = row
    offsets[row + 1] = offsets[row]! + (size >>> 3)
  }
  const indices = new Uint32Array(offsets[length]!)
  const values = new Float32Array(indices.length)
  const bits = new Uint32Array(values.buffer)
  for (let row = 0; row < length; row++) {
    let from = places[row * 2]!
    const end = offsets[row + 1]!
    for (let at = offsets[row]!; at < end; at++, from += 8) {
      indices[at] = view.getUint32(from, true)
      bits[at] = view.getUint32(from + 4, true)
    }
    if (sort(indices, values, offsets[row]!, end) && wrong < 0) wrong = row
  }
  return { offsets, indices, values, wrong }
}
