/** Encodes columns of scalars: `schema.ScalarField`. */
import type { BytesInput, EncodedInput, ScalarInput } from "./columnInput.ts"
import { describeValue, throwValue } from "../errors.ts"
import { BytesList } from "../protobuf/lists.ts"
import { packedBool, packedInt32, packedInt64, packedNumbers } from "../protobuf/packed.ts"
import {
  checkedBools,
  checkedDoubles,
  checkedFloats,
  checkedInt64s,
  checkedInts,
  textList,
  type Valid,
} from "./scalars.ts"
import { checkedUtf8Length } from "../protobuf/utf8.ts"
import { type Fragment, lengthTag, message, varintSize } from "../protobuf/writer.ts"

/** The number of bits of the integer types that are sent as `int32`. */
export const intBits: Readonly<Record<"Int8" | "Int16" | "Int32", number>> = { Int8: 8, Int16: 16, Int32: 32 }

/** Returns the values of a column as the member of `schema.ScalarField` for its type. */
export const scalarArray = (column: ScalarInput | EncodedInput, name: string, valid: Valid): Fragment => {
  switch (column.type) {
    case "Bool":
      return message(1, [packedBool(1, checkedBools(column.values, name, valid))])
    case "Int8":
    case "Int16":
    case "Int32":
      return message(2, [packedInt32(1, checkedInts(column.values, intBits[column.type], name, valid))])
    case "Int64":
      return message(3, [packedInt64(1, checkedInt64s(column.values, name, valid))])
    case "Float":
      return message(4, [packedNumbers(1, checkedFloats(column.values, name, valid))])
    case "Double":
      return message(5, [packedNumbers(1, checkedDoubles(column.values, name, valid))])
    case "VarChar":
    case "Text":
    case "String":
      return message(6, [textList(1, column.values, name, valid, column.maxLength)])
    case "JSON":
      return message(9, [bytesList(1, column.values, name, valid)])
    case "Geometry":
      return column.encoding === "wkb"
        ? message(10, [bytesList(1, column.values, name, valid)])
        : message(12, [textList(1, column.values, name, valid)])
    case "Timestamptz":
    case "Time":
      return column.encoding === "number"
        ? message(column.type === "Time" ? 16 : 11, [packedInt64(1, checkedInt64s(column.values, name, valid))])
        : message(6, [textList(1, column.values, name, valid)])
    case "Date":
      return column.encoding === "number"
        ? message(15, [packedInt32(1, checkedInts(column.values, 32, name, valid))])
        : message(6, [textList(1, column.values, name, valid)])
    case "Mol":
      return column.encoding === "binary"
        ? message(13, [bytesList(1, column.values, name, valid)])
        : message(14, [textList(1, column.values, name, valid)])
  }
}

/** Returns a `repeated bytes` field: all values are sized first, then written one after the other. */
export const bytesList = (field: number, values: BytesInput, name: string, valid?: Valid): Fragment => {
  const tag = lengthTag(field)
  const sizes = new Uint32Array(values.length)
  let total = 0
  for (let row = 0; row < values.length; row++) {
    if (valid !== undefined && valid[row] === 0) continue
    const value = at(values, row)
    const size = value instanceof Uint8Array
      ? value.length
      : typeof value === "string"
      ? checkedUtf8Length(value, name, row)
      : throwValue(name, row, "bytes or text", describeValue(value))
    sizes[row] = size
    total += varintSize(tag) + varintSize(size) + size
  }
  return {
    size: total,
    write: (to) => {
      for (let row = 0; row < values.length; row++) {
        const value = at(values, row)
        if (valid !== undefined && valid[row] === 0 || value === null || value === undefined) continue
        to.varint(tag)
        to.varint(sizes[row]!)
        if (typeof value === "string") to.text(value, sizes[row]!)
        else to.set(value)
      }
    },
  }
}

const at = (values: BytesInput, row: number): Uint8Array | string | null | undefined =>
  values instanceof BytesList ? values.get(row) : values[row]
