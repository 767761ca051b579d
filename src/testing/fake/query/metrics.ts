/** The metrics of Milvus, which give the `scores` of a search. */
import type { DataType } from "../../../contract/messages.gen.ts"
import { throwUnexpected, throwUnsupported } from "../fakeStatus.ts"

/** The numbers of a dense vector, or the bytes of a binary one. */
type Dense = ArrayLike<number>
/** The numbers of a sparse vector by their index. */
type Sparse = ReadonlyMap<number, number>
/** A decoded vector. */
export type Vector = Dense | Sparse

/** A metric of a vector type. */
export interface Metric {
  readonly name: string
  readonly score: (query: Vector, vector: Vector) => number
  /** Whether a greater score means nearer. */
  readonly isSimilarity: boolean
}

/** Decodes a vector from its numbers, or from its bytes in a column or placeholder. */
export const readVector = (type: DataType, value: Uint8Array | ReadonlyArray<number>): Vector => {
  if (!(value instanceof Uint8Array)) return value
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength)
  const numbers = (width: number, read: (at: number) => number) =>
    Array.from({ length: value.length / width }, (_, index) => read(index * width))
  if (type === "FloatVector") return numbers(4, (at) => view.getFloat32(at, true))
  if (type === "Float16Vector") return numbers(2, (at) => decodeFloat16(view.getUint16(at, true)))
  if (type === "BFloat16Vector") return numbers(2, (at) => decodeBFloat16(view.getUint16(at, true)))
  if (type === "Int8Vector") return numbers(1, (at) => view.getInt8(at))
  if (type !== "SparseFloatVector") return value
  return new Map(numbers(8, (at) => at).map((at) => [view.getUint32(at, true), view.getFloat32(at + 4, true)]))
}

/** Returns the metric with a name, or the default metric of the type. Refuses a metric that the type does not have. */
export const metricOf = (type: DataType, name: string | undefined): Metric => {
  const known = type === "BinaryVector" ? binary : type === "SparseFloatVector" ? sparse : dense
  const metricName = name ?? known[0]?.name
  const metric = known.find((it) => it.name === metricName)
  if (metric !== undefined) return metric
  if (type === "SparseFloatVector" && metricName === "BM25") return throwUnsupported("the metric BM25")
  const names = known.map((it) => it.name).join(" ")
  return throwUnexpected(`metric type not found or not supported, supported: [${names}], got ${metricName} for ${type}`)
}

/** Decodes a 16-bit float of IEEE 754. */
const decodeFloat16 = (bits: number): number => {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = bits >> 10 & 0x1f
  const fraction = bits & 0x3ff
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15))
}

/** Decodes a bfloat16: the upper half of a 32-bit float. */
const decodeBFloat16 = (bits: number): number => {
  const view = new DataView(new ArrayBuffer(4))
  view.setUint16(0, bits)
  return view.getFloat32(0)
}

const isSparse = (vector: Vector): vector is Sparse => vector instanceof Map

/** Sums a function over the elements of both vectors; of sparse vectors, over the indexes of the first. */
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

const popCount = (byte: number): number => {
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
  { name: "HAMMING", score: (a, b) => sum(a, b, (a, b) => popCount(a ^ b)), isSimilarity: false },
  {
    name: "JACCARD",
    score: (a, b) => 1 - sum(a, b, (a, b) => popCount(a & b)) / (sum(a, b, (a, b) => popCount(a | b)) || 1),
    isSimilarity: false,
  },
]

const sparse: ReadonlyArray<Metric> = [{ name: "IP", score: product, isSimilarity: true }]
