/** Some rows of a column as a column of their own: the same values, for every type, with and without nulls. */
import { assert, assertEquals, assertThrows } from "@std/assert"
import { BytesList, CodecError, type Column, selectRows, valuesOf } from "../../src/codec/mod.ts"
import { test } from "../support/test.ts"

const bytes = new TextEncoder().encode('{"a":1}[2]null"x"')
const json = new BytesList(bytes, Uint32Array.of(0, 7, 7, 10, 10, 14, 14, 17))
const offsets = Uint32Array.of(0, 2, 2, 3, 6)
const valid = Uint8Array.of(1, 0, 1, 1)
const texts = ["a", "b", "c", "d", "e", "f"]
const base = { fieldName: "f", fieldId: 7, length: 4, isDynamic: false } as const
const dense = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8)
const list = { type: "FloatVector", dimension: 2, values: new Float32Array(12).map((_, at) => at) } as const
const arrays = { ...base, type: "Array", elementType: "VarChar", offsets, values: texts } as const

const columns: Readonly<Record<string, Column>> = {
  Bool: { ...base, type: "Bool", values: Uint8Array.of(1, 0, 1, 1) },
  Int32: { ...base, type: "Int32", values: Int32Array.of(1, 2, 3, 4) },
  Int64: { ...base, type: "Int64", values: BigInt64Array.of(1n, -(2n ** 63n), 2n ** 60n, 4n) },
  "Int64, with nulls": { ...base, type: "Int64", valid, values: BigInt64Array.of(1n, 0n, 3n, 4n) },
  Float: { ...base, type: "Float", values: Float32Array.of(1.5, NaN, -0, 4) },
  Double: { ...base, type: "Double", values: Float64Array.of(0.1, 0.2, 0.3, 0.4) },
  VarChar: { ...base, type: "VarChar", values: ["a", "é", "", "d"] },
  "VarChar, with nulls": { ...base, type: "VarChar", valid, values: ["a", "", "c", "d"] },
  JSON: { ...base, type: "JSON", values: json },
  "the dynamic field": { ...base, fieldName: "$meta", isDynamic: true, type: "JSON", values: json },
  Geometry: { ...base, type: "Geometry", encoding: "wkb", values: json },
  Timestamptz: { ...base, type: "Timestamptz", encoding: "number", values: BigInt64Array.of(1n, 2n, 3n, 4n) },
  "Array of texts": arrays,
  "Array of numbers": { ...base, type: "Array", elementType: "Int64", offsets, values: new BigInt64Array(6).fill(3n) },
  "Array of nothing": { ...base, type: "Array", elementType: "None", offsets: new Uint32Array(5), values: [] },
  FloatVector: { ...base, type: "FloatVector", dimension: 2, values: dense },
  "FloatVector, with nulls": { ...base, type: "FloatVector", dimension: 2, valid, values: dense.subarray(0, 6) },
  BinaryVector: { ...base, type: "BinaryVector", dimension: 16, values: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8) },
  Float16Vector: { ...base, type: "Float16Vector", dimension: 1, values: Uint16Array.of(1, 2, 3, 4) },
  Int8Vector: { ...base, type: "Int8Vector", dimension: 1, values: Int8Array.of(1, -2, 3, 4) },
  SparseFloatVector: {
    ...base,
    type: "SparseFloatVector",
    dimension: 9,
    offsets,
    indices: Uint32Array.of(1, 2, 3, 4, 5, 6),
    values: new Float32Array(6).map((_, at) => at / 2),
  },
  ArrayOfVector: { ...base, type: "ArrayOfVector", elementType: "FloatVector", offsets, vectors: list },
  ArrayOfStruct: {
    ...base,
    type: "ArrayOfStruct",
    fields: [
      { ...arrays, fieldName: "f[text]" },
      { ...base, fieldName: "f[v]", type: "ArrayOfVector", elementType: "FloatVector", offsets, vectors: list },
    ],
  },
}

test("some rows of a column have the values that they have in it", () => {
  for (const [name, column] of Object.entries(columns)) {
    for (const rows of [[0, 2], [3, 1, 0], [], [0, 1, 2, 3]]) {
      const selected = selectRows(column, rows)
      assertEquals([selected.length, selected.type, selected.fieldName], [rows.length, column.type, column.fieldName])
      const [of, from] = [valuesOf(selected), valuesOf(column)]
      assertEquals(rows.map((_, row) => of(row)), rows.map(from), `${name}: ${rows}`)
      assertEquals(selected.valid?.length, column.valid === undefined ? undefined : rows.length)
    }
  }
})

test("rows of a column of an unknown type are refused", () => {
  const column: Column = { ...base, length: 0, type: "Unknown", dataType: 99, fieldData: new Uint8Array(3) }
  const error = assertThrows(() => selectRows(column, [0]))
  assert(error instanceof CodecError)
  assertEquals(error.message, 'field "f": expected a type whose rows are known, got type 99')
})
