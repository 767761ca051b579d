/**
 * Decodes `schema.ScalarField`, a oneof of arrays. The wire gives the kind of the array; the data type of the field
 * gives the type of its elements.
 */
import { BoolBuilder, type Builder, doubles, floats, Int32Builder, Int64Builder } from "../protobuf/repeated.ts"
import { BytesBuilder, type BytesList, StringBuilder } from "../protobuf/lists.ts"
import type { Reader } from "../protobuf/reader.ts"
import { lengthTag, varintTag } from "../protobuf/writer.ts"

/** The values of a scalar field, by the kind of their array, not yet by data type. */
export type ScalarData =
  | { readonly kind: "bool"; readonly values: Uint8Array }
  | { readonly kind: "int"; readonly values: Int32Array }
  | { readonly kind: "long"; readonly values: BigInt64Array }
  | { readonly kind: "float"; readonly values: Float32Array }
  | { readonly kind: "double"; readonly values: Float64Array }
  | { readonly kind: "string"; readonly values: ReadonlyArray<string> }
  | { readonly kind: "bytes"; readonly values: BytesList }

/** Collects the values of a scalar field. */
export interface ScalarBuilder {
  readonly length: number
  readonly read: (reader: Reader, wireType: number) => boolean
  readonly data: () => ScalarData
}

/** The kinds of arrays by field number, without nested arrays and the types of a later Milvus. */
const arrayKinds: ReadonlyArray<ScalarData["kind"] | undefined> = (() => {
  const kinds: Array<ScalarData["kind"] | undefined> = []
  kinds[1] = "bool"
  kinds[2] = kinds[15] = "int" // int_data, date_data
  kinds[3] = kinds[11] = kinds[16] = "long" // long_data, timestamptz_data, time_data
  kinds[4] = "float"
  kinds[5] = "double"
  kinds[6] = kinds[12] = kinds[14] = "string" // string_data, geometry_wkt_data, mol_smiles_data
  kinds[7] =
    kinds[9] =
    kinds[10] =
    kinds[13] =
      "bytes" // bytes_data, json_data, geometry_data, mol_data
  return kinds
})()

/** The field number of nested arrays. */
const arrayFieldNumber = 8

/** The field number of the flags of elements that are not null. */
const validDataNumber = 17

const builderOf = (kind: ScalarData["kind"]): ScalarBuilder => {
  switch (kind) {
    case "bool":
      return wrap(new BoolBuilder(), (values) => ({ kind, values }))
    case "int":
      return wrap(new Int32Builder(), (values) => ({ kind, values }))
    case "long":
      return wrap(new Int64Builder(), (values) => ({ kind, values }))
    case "float":
      return wrap(floats(), (values) => ({ kind, values }))
    case "double":
      return wrap(doubles(), (values) => ({ kind, values }))
    case "string":
      return wrap(new StringBuilder(), (values) => ({ kind, values }))
    case "bytes":
      return wrap(new BytesBuilder(), (values) => ({ kind, values }))
  }
}

const wrap = <Values>(builder: Builder<Values>, data: (values: Values) => ScalarData): ScalarBuilder => ({
  get length() {
    return builder.length
  },
  read: (reader, wireType) => builder.read(reader, wireType),
  data: () => data(builder.finish()),
})

/** Collects the arrays of an `Array` field. */
export class NestedBuilder {
  /** The number of rows so far. */
  rows = 0
  elementType = 0
  #offsets = new Uint32Array(16)
  #builder: ScalarBuilder | undefined
  #kind: ScalarData["kind"] | undefined

  /** Reads a `schema.ArrayArray`. */
  read(reader: Reader): void {
    const outer = reader.enter()
    while (reader.at < reader.end) {
      const tag = reader.tag()
      if (tag === lengthTag(1)) this.#readRow(reader)
      else if (tag === varintTag(2)) this.elementType = reader.int32()
      else reader.skip(tag)
    }
    reader.leave(outer)
  }

  /** Returns the offsets of the arrays, `[rows + 1]`. */
  offsets(): Uint32Array {
    return this.#offsets.slice(0, this.rows + 1)
  }

  /** Returns the values of all arrays; `undefined` if every array is empty. */
  data(): ScalarData | undefined {
    return this.#builder?.data()
  }

  #readRow(reader: Reader): void {
    const outer = reader.enter()
    const before = this.#builder?.length ?? 0
    while (reader.at < reader.end) {
      const tag = reader.tag()
      const kind = (tag & 7) === 2 ? arrayKinds[tag >>> 3] : undefined
      if (tag === lengthTag(arrayFieldNumber)) return reader.fail("nested arrays are not supported")
      else if (tag >>> 3 === validDataNumber) refuseNulls(reader, tag)
      else if (kind === undefined) reader.skip(tag)
      else {
        if (
          kind !== this.#kind && this.#kind !== undefined && this.#builder !== undefined && this.#builder.length > 0
        ) {
          // Only an empty array may be of a different kind.
          if (!isEmpty(reader)) return reader.fail("the arrays of a field have mixed element types")
          reader.skip(tag)
          continue
        }
        if (kind !== this.#kind || this.#builder === undefined) {
          this.#kind = kind
          this.#builder = builderOf(kind)
        }
        readValues(reader, this.#builder)
      }
    }
    reader.leave(outer)
    const after = this.#builder?.length ?? 0
    if (after < before) return reader.fail("an array is shorter than before (two conflicting copies)")
    this.rows++
    if (this.rows >= this.#offsets.length) {
      const grown = new Uint32Array(this.#offsets.length * 2)
      grown.set(this.#offsets)
      this.#offsets = grown
    }
    this.#offsets[this.rows] = after
  }
}

/** Refuses nulls among the elements of an array: their places have other values, which would be taken for theirs. */
export const refuseNulls = (reader: Reader, tag: number): void => {
  const valid = new BoolBuilder()
  if (!valid.read(reader, tag & 7)) return reader.skip(tag)
  if (valid.finish().includes(0)) return reader.fail("nulls inside of arrays are not supported")
}

/** Whether the next message is empty. */
const isEmpty = (reader: Reader): boolean => reader.at < reader.end && reader.bytes[reader.at] === 0

/** Reads a message whose field 1 is repeated, such as `BoolArray`, `LongArray` or `StringArray`. */
export const readValues = (reader: Reader, builder: Pick<ScalarBuilder, "read">): void => {
  const outer = reader.enter()
  while (reader.at < reader.end) {
    const tag = reader.tag()
    if (tag >>> 3 !== 1 || !builder.read(reader, tag & 7)) reader.skip(tag)
  }
  reader.leave(outer)
}

/** Collects the values of a `schema.ScalarField`. If it has several kinds of arrays, the last one is kept. */
export class ScalarFieldBuilder {
  /** The field number of the array, which distinguishes text from well-known text; 0 without an array. */
  fieldNumber = 0
  nested: NestedBuilder | undefined
  #builder: ScalarBuilder | undefined

  read(reader: Reader): void {
    const outer = reader.enter()
    while (reader.at < reader.end) {
      const tag = reader.tag()
      const fieldNumber = tag >>> 3
      const kind = (tag & 7) === 2 ? arrayKinds[fieldNumber] : undefined
      if (tag === lengthTag(arrayFieldNumber)) {
        if (this.fieldNumber !== fieldNumber || this.nested === undefined) this.nested = new NestedBuilder()
        this.#builder = undefined
        this.fieldNumber = fieldNumber
        this.nested.read(reader)
      } else if (kind === undefined) reader.skip(tag)
      else {
        if (this.fieldNumber !== fieldNumber || this.#builder === undefined) this.#builder = builderOf(kind)
        this.nested = undefined
        this.fieldNumber = fieldNumber
        readValues(reader, this.#builder)
      }
    }
    reader.leave(outer)
  }

  /** Returns the values; `undefined` without an array of scalars. */
  data(): ScalarData | undefined {
    return this.#builder?.data()
  }
}
