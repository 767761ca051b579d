/**
 * `schema.ScalarField` in: one of many arrays. What array it is says the wire; what it is the values of, the data type of
 * the field does.
 */
import { BoolBuilder, type Builder, doubles, floats, Int32Builder, Int64Builder } from "../protobuf/repeated.ts"
import { BytesBuilder, type BytesList, StringBuilder } from "../protobuf/lists.ts"
import type { Reader } from "../protobuf/reader.ts"
import { lengthTag, varintTag } from "../protobuf/writer.ts"

/** What a scalar field has: its values by the kind of array, not yet by data type. */
export type ScalarData =
  | { readonly kind: "bool"; readonly values: Uint8Array }
  | { readonly kind: "int"; readonly values: Int32Array }
  | { readonly kind: "long"; readonly values: BigInt64Array }
  | { readonly kind: "float"; readonly values: Float32Array }
  | { readonly kind: "double"; readonly values: Float64Array }
  | { readonly kind: "string"; readonly values: ReadonlyArray<string> }
  | { readonly kind: "bytes"; readonly values: BytesList }

/** A scalar field that is being read. */
export interface ScalarBuilder {
  readonly length: number
  readonly read: (reader: Reader, wireType: number) => boolean
  readonly data: () => ScalarData
}

/** The kinds of arrays by the number of their field; those of nested arrays and of later types are not here. */
const slots: ReadonlyArray<ScalarData["kind"] | undefined> = (() => {
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

/** The number of the field of nested arrays. */
const arraySlot = 8

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

/** The arrays of an `Array` field, that are being read. */
export class NestedBuilder {
  /** How many rows there are. */
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

  /** Where the arrays begin, `[rows + 1]`. */
  offsets(): Uint32Array {
    return this.#offsets.slice(0, this.rows + 1)
  }

  /** All values; `undefined` where every array is empty. */
  data(): ScalarData | undefined {
    return this.#builder?.data()
  }

  #readRow(reader: Reader): void {
    const outer = reader.enter()
    const before = this.#builder?.length ?? 0
    while (reader.at < reader.end) {
      const tag = reader.tag()
      const kind = (tag & 7) === 2 ? slots[tag >>> 3] : undefined
      if (tag === lengthTag(arraySlot)) return reader.fail("arrays of arrays are not known")
      else if (kind === undefined) reader.skip(tag)
      else {
        if (
          kind !== this.#kind && this.#kind !== undefined && this.#builder !== undefined && this.#builder.length > 0
        ) {
          // Only an empty array may be of another kind than the others.
          if (!isEmpty(reader)) return reader.fail("the arrays of a field are of several types")
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
    if (after < before) return reader.fail("an array lost values")
    this.rows++
    if (this.rows >= this.#offsets.length) {
      const grown = new Uint32Array(this.#offsets.length * 2)
      grown.set(this.#offsets)
      this.#offsets = grown
    }
    this.#offsets[this.rows] = after
  }
}

/** Whether the message that comes next has a length of 0. */
const isEmpty = (reader: Reader): boolean => reader.at < reader.end && reader.bytes[reader.at] === 0

/** Reads a message whose field 1 is repeated: `BoolArray`, `LongArray`, `StringArray`, ... */
export const readValues = (reader: Reader, builder: Pick<ScalarBuilder, "read">): void => {
  const outer = reader.enter()
  while (reader.at < reader.end) {
    const tag = reader.tag()
    if (tag >>> 3 !== 1 || !builder.read(reader, tag & 7)) reader.skip(tag)
  }
  reader.leave(outer)
}

/** A `schema.ScalarField` that is being read; the last kind of array that comes is the one that counts. */
export class ScalarFieldBuilder {
  /** The number of the array's field: it tells text from well-known text. 0 where there is none. */
  slot = 0
  nested: NestedBuilder | undefined
  #builder: ScalarBuilder | undefined

  read(reader: Reader): void {
    const outer = reader.enter()
    while (reader.at < reader.end) {
      const tag = reader.tag()
      const slot = tag >>> 3
      const kind = (tag & 7) === 2 ? slots[slot] : undefined
      if (tag === lengthTag(arraySlot)) {
        if (this.slot !== slot || this.nested === undefined) this.nested = new NestedBuilder()
        this.#builder = undefined
        this.slot = slot
        this.nested.read(reader)
      } else if (kind === undefined) reader.skip(tag)
      else {
        if (this.slot !== slot || this.#builder === undefined) this.#builder = builderOf(kind)
        this.nested = undefined
        this.slot = slot
        readValues(reader, this.#builder)
      }
    }
    reader.leave(outer)
  }

  /** The values; `undefined` where there is no array of scalars. */
  data(): ScalarData | undefined {
    return this.#builder?.data()
  }
}
