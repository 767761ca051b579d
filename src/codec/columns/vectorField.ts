/** Decodes `schema.VectorField`: dense vectors, sparse vectors, or arrays of dense vectors. */
import { floats } from "../protobuf/repeated.ts"
import type { Vectors } from "./column.ts"
import { dataTypeOf, type DenseVectorType, vectorCount } from "./dataType.ts"
import { BytesBuilder } from "../protobuf/lists.ts"
import { canView, fillNumbers } from "../protobuf/endianness.ts"
import type { Reader } from "../protobuf/reader.ts"
import { readValues, refuseNulls } from "./scalarField.ts"
import { readPairs, type SparseRows } from "./sparse.ts"
import { lengthTag, varintTag } from "../protobuf/writer.ts"

/** The types of dense vectors that are sent as bytes, by field number. */
const byteVectorTypes: ReadonlyArray<DenseVectorType | undefined> = [
  undefined,
  undefined,
  undefined,
  "BinaryVector",
  "Float16Vector",
  "BFloat16Vector",
  undefined,
  "Int8Vector",
]

/** The field number of the flags of elements that are not null. */
const validDataNumber = 9

/** Collects the values of a `schema.VectorField`. If it has several kinds of data, the last one is kept. */
export class VectorFieldBuilder {
  dimension = 0
  /** The type of the dense vectors; `undefined` without dense vectors. */
  type: DenseVectorType | undefined
  array: VectorArrayBuilder | undefined
  #floats: ReturnType<typeof floats> | undefined
  #bytes: Uint8Array = new Uint8Array(0)
  #sparse: BytesBuilder | undefined
  #sparseDimension = 0

  read(reader: Reader, depth: number): void {
    const outer = reader.enter()
    while (reader.at < reader.end) {
      const tag = reader.tag()
      const bytes = (tag & 7) === 2 ? byteVectorTypes[tag >>> 3] : undefined
      if (tag === varintTag(1)) this.dimension = reader.count()
      else if (tag === lengthTag(2)) {
        if (this.type !== "FloatVector") this.#become("FloatVector")
        readValues(reader, this.#floats ??= floats())
      } else if (bytes !== undefined) {
        this.#become(bytes)
        this.#bytes = reader.subarray()
      } else if (tag === lengthTag(6)) {
        if (this.#sparse === undefined) this.#become(undefined)
        this.#readSparse(reader, this.#sparse ??= new BytesBuilder())
      } else if (tag === lengthTag(8)) {
        if (depth > 0) return reader.fail("nested arrays of vectors are not supported")
        if (this.array === undefined) this.#become(undefined)
        this.array ??= new VectorArrayBuilder()
        this.array.read(reader)
      } else if (depth > 0 && tag >>> 3 === validDataNumber) refuseNulls(reader, tag)
      else reader.skip(tag)
    }
    reader.leave(outer)
  }

  /** Returns the vectors as vectors of a type; `undefined` if the field has vectors of another type. */
  vectors(type: DenseVectorType): Vectors | undefined {
    if (this.type !== undefined && this.type !== type) return undefined
    const { dimension } = this
    switch (type) {
      case "FloatVector":
        return { type, dimension, values: this.#floats?.finish() ?? new Float32Array(0) }
      case "BinaryVector":
        return { type, dimension, values: this.#bytes }
      case "Int8Vector":
        return {
          type,
          dimension,
          values: new Int8Array(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.length),
        }
      default:
        return this.#bytes.length % 2 === 0 ? { type, dimension, values: halves(this.#bytes) } : undefined
    }
  }

  /** Returns the sparse vectors; none if the field is empty. */
  sparse(): SparseRows & { readonly wrong: number; readonly dimension: number } {
    return { ...readPairs((this.#sparse ?? new BytesBuilder()).finish()), dimension: this.#sparseDimension }
  }

  #become(type: DenseVectorType | undefined): void {
    this.type = type
    this.array = undefined
    this.#floats = undefined
    this.#bytes = new Uint8Array(0)
    this.#sparse = undefined
    this.#sparseDimension = 0
  }

  #readSparse(reader: Reader, contents: BytesBuilder): void {
    const outer = reader.enter()
    while (reader.at < reader.end) {
      const tag = reader.tag()
      if (tag === lengthTag(1)) contents.read(reader, 2)
      else if (tag === varintTag(2)) this.#sparseDimension = reader.count()
      else reader.skip(tag)
    }
    reader.leave(outer)
  }
}

/** Returns numbers of 16 bits: a view if they are aligned, otherwise a copy. */
const halves = (bytes: Uint8Array): Uint16Array => {
  if (canView(bytes, 0, 2)) return new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2)
  const values = new Uint16Array(bytes.length / 2)
  fillNumbers(values, 0, bytes, 0, bytes.length)
  return values
}

/** Collects the rows of a `schema.VectorArray`, each of which is a `VectorField`. */
export class VectorArrayBuilder {
  rows = 0
  dimension = 0
  elementType = 0
  #offsets: Array<number> = [0]
  #rows: Array<Vectors> = []

  read(reader: Reader): void {
    const outer = reader.enter()
    while (reader.at < reader.end) {
      const tag = reader.tag()
      if (tag === varintTag(1)) this.dimension = reader.count()
      else if (tag === lengthTag(2)) this.#readRow(reader)
      else if (tag === varintTag(3)) this.elementType = reader.int32()
      else reader.skip(tag)
    }
    reader.leave(outer)
  }

  /** Returns the vectors of all rows and the offsets of the rows; `undefined` if types or dimensions differ. */
  finish(): { readonly offsets: Uint32Array; readonly vectors: Vectors } | undefined {
    const named = dataTypeOf(this.elementType)
    const type = this.#rows[0]?.type ?? (isDense(named) ? named : "FloatVector")
    const dimension = this.#rows[0]?.dimension ?? this.dimension
    if (this.elementType !== 0 && type !== named) return undefined
    if (this.#rows.some((row) => row.type !== type || row.dimension !== dimension)) return undefined
    return { offsets: Uint32Array.from(this.#offsets), vectors: join(type, dimension, this.#rows) }
  }

  #readRow(reader: Reader): void {
    const row = new VectorFieldBuilder()
    row.read(reader, 1)
    const vectors = row.vectors(row.type ?? "FloatVector")
    const dimension = row.dimension === 0 ? this.dimension : row.dimension
    const count = vectors === undefined ? -1 : vectorCount(vectors.type, dimension, vectors.values.length)
    if (vectors === undefined || count < 0) {
      return reader.fail("the length of an array of vectors is not a multiple of their dimension")
    }
    if (count > 0) this.#rows.push({ ...vectors, dimension })
    this.rows++
    this.#offsets.push(this.#offsets[this.#offsets.length - 1]! + count)
  }
}

const isDense = (type: string | undefined): type is DenseVectorType => type !== undefined && byType.has(type)

const byType: ReadonlySet<string> = new Set([
  "FloatVector",
  "BinaryVector",
  "Float16Vector",
  "BFloat16Vector",
  "Int8Vector",
])

const join = (type: DenseVectorType, dimension: number, rows: ReadonlyArray<Vectors>): Vectors => {
  const total = rows.reduce((sum, row) => sum + row.values.length, 0)
  switch (type) {
    case "FloatVector":
      return { type, dimension, values: fill(new Float32Array(total), rows) }
    case "Int8Vector":
      return { type, dimension, values: fill(new Int8Array(total), rows) }
    case "BinaryVector":
      return { type, dimension, values: fill(new Uint8Array(total), rows) }
    default:
      return { type, dimension, values: fill(new Uint16Array(total), rows) }
  }
}

const fill = <A extends Vectors["values"]>(to: A, rows: ReadonlyArray<Vectors>): A => {
  let at = 0
  for (const { values } of rows) {
    to.set(values, at)
    at += values.length
  }
  return to
}
