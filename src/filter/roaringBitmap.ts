/**
 * Encodes sets of integers as Roaring bitmaps, for `membership_match`: the portable 64-bit format of Roaring
 * (https://github.com/RoaringBitmap/RoaringFormatSpec) after a header of Milvus.
 *
 * A member is the unsigned integer with the same 64 bits. The set is a list of 32-bit bitmaps by the high half of the
 * members. Each of them is a list of containers by the next 16 bits. A container has the lowest 16 bits, in the
 * smallest of three forms: an array, a bitmap, or runs.
 */
import * as Result from "effect/Result"
import type { LiteralProblem } from "./literal.ts"
import { listOf, type Members, readIntegers } from "./members.ts"

/** Encodes a set of integers as a Roaring bitmap. */
export const roaringBitmap = (members: Iterable<unknown>): Members => ({
  of: "integer",
  bytes: Result.flatMap(
    listOf(members),
    (list) => Result.flatMap(readIntegers(list), (integers) => encode(sortedSet(integers))),
  ),
})

/** The different members as unsigned integers in ascending order, in two halves. */
interface SortedSet {
  readonly high: Uint32Array
  readonly low: Uint32Array
}

const sortedSet = (integers: BigInt64Array): SortedSet => {
  const sorted = new BigUint64Array(integers.buffer).sort()
  const [high, low] = [new Uint32Array(sorted.length), new Uint32Array(sorted.length)]
  let size = 0
  for (let index = 0; index < sorted.length; index++) {
    const member = sorted[index] ?? 0n
    if (index > 0 && member === sorted[index - 1]) continue
    high[size] = Number(member >> 32n)
    low[size++] = Number(member & 0xffffffffn)
  }
  return { high: high.subarray(0, size), low: low.subarray(0, size) }
}

type Form = "array" | "bitmap" | "runs"

/** The members from `from` to `to` (exclusive), which have the same upper 48 bits. */
interface Container {
  readonly from: number
  readonly to: number
  readonly runs: number
  readonly form: Form
  /** Size in bytes. */
  readonly size: number
}

/** The containers of members with the same high half. */
interface Group {
  readonly high: number
  readonly containers: ReadonlyArray<Container>
  readonly hasRuns: boolean
  /** Size in bytes, and of the part before the first container. */
  readonly size: number
  readonly headSize: number
}

const arraySize = 4096
const bitmapBytes = 8192
/** The size that other encoders compare runs with: that of a bitmap in the memory of the first one. */
const bitmapSize = bitmapBytes + 32

const containerOf = ({ low }: SortedSet, from: number, to: number): Container => {
  let runs = 1
  for (let index = from + 1; index < to; index++) if (low[index] !== (low[index - 1] ?? 0) + 1) runs++
  const count = to - from
  const [asRuns, asArray] = [2 + 4 * runs, 2 * count]
  if (asRuns < Math.min(asArray, bitmapSize)) return { from, to, runs, form: "runs", size: asRuns }
  return count <= arraySize
    ? { from, to, runs, form: "array", size: asArray }
    : { from, to, runs, form: "bitmap", size: bitmapBytes }
}

const groupsOf = (set: SortedSet): ReadonlyArray<Group> => {
  const { high, low } = set
  const groups: Array<Group> = []
  for (let from = 0; from < high.length;) {
    const upper = high[from] ?? 0
    const containers: Array<Container> = []
    while (from < high.length && high[from] === upper) {
      const key = (low[from] ?? 0) >>> 16
      let to = from + 1
      while (to < high.length && high[to] === upper && (low[to] ?? 0) >>> 16 === key) to++
      containers.push(containerOf(set, from, to))
      from = to
    }
    const count = containers.length
    const hasRuns = containers.some(({ form }) => form === "runs")
    const headSize = (hasRuns ? 4 + Math.ceil(count / 8) : 8) + 4 * count + (hasOffsets(hasRuns, count) ? 4 * count : 0)
    const size = containers.reduce((sum, container) => sum + container.size, headSize)
    groups.push({ high: upper, containers, hasRuns, size, headSize })
  }
  return groups
}

/** Small bitmaps with runs do not list where their containers begin. */
const hasOffsets = (hasRuns: boolean, containers: number): boolean => !hasRuns || containers >= 4

const headerSize = 32
/** Limits of Milvus: high halves, bytes of a set, and bytes of a set in memory. */
const [maxGroups, maxBytes, maxMemory] = [2 ** 18, 2 ** 27, 2 ** 26]

const encode = (set: SortedSet): Result.Result<Uint8Array, LiteralProblem> => {
  const groups = groupsOf(set)
  const size = groups.reduce((sum, group) => sum + 4 + group.size, 8)
  const memory = groups.reduce((sum, { containers }) => sum + 128 + 64 * containers.length, size)
  if (groups.length > maxGroups || size > maxBytes || memory > maxMemory) {
    return Result.fail({
      expected: "a set that Milvus accepts: fewer members, or closer ones",
      actual: `${size} bytes`,
    })
  }
  const bytes = new Uint8Array(headerSize + size)
  const view = new DataView(bytes.buffer)
  bytes.set([..."MRB1"].map((char) => char.charCodeAt(0)))
  view.setUint16(4, 1, true)
  view.setUint16(6, 1, true)
  view.setBigUint64(8, BigInt(set.high.length), true)
  view.setBigUint64(16, BigInt(size), true)
  view.setBigUint64(headerSize, BigInt(groups.length), true)
  let at = headerSize + 8
  for (const group of groups) {
    view.setUint32(at, group.high, true)
    writeGroup(view, at + 4, set, group)
    at += 4 + group.size
  }
  return Result.succeed(bytes)
}

const [cookie, cookieWithRuns] = [12346, 12347]

const writeGroup = (view: DataView, start: number, set: SortedSet, { containers, hasRuns, headSize }: Group): void => {
  const count = containers.length
  let at = start
  if (hasRuns) {
    view.setUint32(at, cookieWithRuns | (count - 1) << 16, true)
    at += 4
    for (const [index, { form }] of containers.entries()) {
      if (form === "runs") view.setUint8(at + (index >> 3), view.getUint8(at + (index >> 3)) | 1 << (index & 7))
    }
    at += Math.ceil(count / 8)
  } else {
    view.setUint32(at, cookie, true)
    view.setUint32(at + 4, count, true)
    at += 8
  }
  for (const { from, to } of containers) {
    view.setUint16(at, (set.low[from] ?? 0) >>> 16, true)
    view.setUint16(at + 2, to - from - 1, true)
    at += 4
  }
  let offset = headSize
  for (const container of containers) {
    if (hasOffsets(hasRuns, count)) {
      view.setUint32(at, offset, true)
      at += 4
    }
    writeContainer(view, start + offset, set, container)
    offset += container.size
  }
}

const writeContainer = (view: DataView, start: number, { low }: SortedSet, container: Container): void => {
  const { from, to, form, runs } = container
  let at = start
  if (form === "runs") {
    view.setUint16(at, runs, true)
    at += 2
  }
  for (let index = from; index < to; index++) {
    const value = (low[index] ?? 0) & 0xffff
    if (form === "bitmap") {
      const byte = start + (value >> 3)
      view.setUint8(byte, view.getUint8(byte) | 1 << (value & 7))
    } else if (form === "array") {
      view.setUint16(at, value, true)
      at += 2
    } else {
      let last = index
      while (last + 1 < to && low[last + 1] === (low[last] ?? 0) + 1) last++
      view.setUint16(at, value, true)
      view.setUint16(at + 2, last - index, true)
      at += 4
      index = last
    }
  }
}
