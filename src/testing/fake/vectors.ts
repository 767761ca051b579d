/** Distances between vectors, in the sense of Milvus: what `scores` of a search are. */
import type { DataType } from "../../wire/messages.gen.ts"
import { refuseUnexpected, refuseUnknown } from "./status.ts"

/** How two vectors compare; a sparse one has only some numbers. */
type Dense = ArrayLike<number>
type Sparse = ReadonlyMap<number, number>
/** A vector that is read. */
export type Vector = Dense | Sparse

/** A metric of a type of vectors. */
export interface Metric {
  readonly name: string
  readonly score: (query: Vector, vector: Vector) => number
  /** Whether the greater score is the nearer one. */
  readonly isSimilarity: boolean
}

/** Reads a vector: its numbers, or its bytes as they are in a column or in a placeholder. */
export const readVector = (type: DataType, value: Uint8Array | ReadonlyArray<number>): Vector => {
  if (!(value instanceof Uint8Array)) return value
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength)
  const numbers = (width: number, read: (at: number) => number) =>
    Array.from({ length: value.length / width }, (_, index) => read(index * width))
  if (type === "FloatVector") return numbers(4, (at) => view.getFloat32(at, true))
  if (type === "Float16Vector") return numbers(2, (at) => half(view.getUint16(at, true)))
  if (type === "BFloat16Vector") return numbers(2, (at) => brain(view.getUint16(at, true)))
  if (type === "Int8Vector") return numbers(1, (at) => view.getInt8(at))
  if (type !== "SparseFloatVector") return value
  return new Map(numbers(8, (at) => at).map((at) => [view.getUint32(at, true), view.getFloat32(at + 4, true)]))
}

/** The metric of a name, or the one that is usual for the type. */
export const metricOf = (type: DataType, name: string | undefined): Metric => {
  const known = type === "BinaryVector" ? binary : type === "SparseFloatVector" ? sparse : dense
  const wanted = name ?? known[0]?.name
  const metric = known.find((it) => it.name === wanted)
  if (metric !== undefined) return metric
  if (type === "SparseFloatVector" && wanted === "BM25") return refuseUnknown("the metric BM25")
  const names = known.map((it) => it.name).join(" ")
  return refuseUnexpected(`metric type not found or not supported, supported: [${names}], got ${wanted} for ${type}`)
}

const half = (bits: number): number => {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = bits >> 10 & 0x1f
  const fraction = bits & 0x3ff
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15))
}

/** The upper half of a float of 32 bits. */
const brain = (bits: number): number => {
  const view = new DataView(new ArrayBuffer(4))
  view.setUint16(0, bits)
  return view.getFloat32(0)
}

const isSparse = (vector: Vector): vector is Sparse => vector instanceof Map

/** The sum over what both have. */
const sum = (a: Vector, b: Vector, of: (a: number, b: number) => number): number => {
  let total = 0
  if (isSparse(a) || isSparse(b)) {
    if (isSparse(a) && isSparse(b)) a.forEach((value, index) => total += of(value, b.get(index) ?? 0))
    return total
  }
  for (let index = 0; index < a.length; index++) total += of(a[index] ?? 0, b[index] ?? 0)
  return total
}

const product = (a: Vector, b: Vector): number => sum(a, b, (a, b) => a * b)

const bits = (byte: number): number => {
  let count = 0
  for (let rest = byte; rest > 0; rest >>= 1) count += rest & 1
  return count
}

const dense: ReadonlyArray<Metric> = [
  {
    name: "COSINE",
    score: (a, b) => product(a, b) / (Math.sqrt(product(a, a) * product(b, b)) || 1),
    isSimilarity: true,
  },
  { name: "IP", score: product, isSimilarity: true },
  { name: "L2", score: (a, b) => sum(a, b, (a, b) => (a - b) ** 2), isSimilarity: false },
]

const binary: ReadonlyArray<Metric> = [
  { name: "HAMMING", score: (a, b) => sum(a, b, (a, b) => bits(a ^ b)), isSimilarity: false },
  {
    name: "JACCARD",
    score: (a, b) => 1 - sum(a, b, (a, b) => bits(a & b)) / (sum(a, b, (a, b) => bits(a | b)) || 1),
    isSimilarity: false,
  },
]

const sparse: ReadonlyArray<Metric> = [{ name: "IP", score: product, isSimilarity: true }]
