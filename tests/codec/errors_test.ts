/** Values that do not fit are refused with a CodecError that names the field, the row, and the accepted values. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert"
import {
  type ColumnInput,
  encodeHybridSearch,
  encodeInsert,
  encodeQuery,
  encodeSearch,
  encodeUpsert,
  searchParams,
} from "../../src/codec/mod.ts"
import { codecError, columnBytes } from "./support.ts"
import { test } from "../support/test.ts"

const fieldName = "f"
/** Cast: values that the types refuse, but JavaScript callers may pass. */
const wrong = (value: object): ColumnInput => ({ fieldName, ...value }) as ColumnInput

const cases: ReadonlyArray<readonly [column: object, row: number | undefined, expected: string]> = [
  [{ type: "Bool", values: [true, 2] }, 1, "a boolean, got 2"],
  [{ type: "Bool", values: Uint8Array.of(0, 2) }, 1, "a boolean, got 2"],
  [{ type: "Int8", values: [0, 128] }, 1, "an integer from -128 to 127, got 128"],
  [{ type: "Int8", values: Int32Array.of(-129) }, 0, "an integer from -128 to 127, got -129"],
  [{ type: "Int16", values: [1.5] }, 0, "an integer from -32768 to 32767, got 1.5"],
  [{ type: "Int32", values: [2 ** 31] }, 0, "got 2147483648"],
  [{ type: "Int32", values: ["1"] }, 0, "got a string"],
  [{ type: "Int64", values: [1, 2 ** 53] }, 1, "a bigint of 64 bits or a safe integer, got 9007199254740992"],
  [{ type: "Int64", values: [2n ** 63n] }, 0, "a bigint of 64 bits or a safe integer"],
  [{ type: "Int64", values: [NaN] }, 0, "got NaN"],
  [{ type: "Int64", values: [1, null] }, 1, "a value (the field is not nullable)"],
  [{ type: "Int64", values: [1, undefined, 3] }, 1, "a value (the field is not nullable)"],
  [{ type: "Int64", values: [1, 2], valid: Uint8Array.of(1) }, undefined, "one `valid` flag per row (2), got 1"],
  [{ type: "Int64", values: [1, null], valid: Uint8Array.of(1, 1) }, 1, "got null"],
  [{ type: "Int64" }, undefined, "an array of values"],
  [{ type: "Float", values: [1, 1e39] }, 1, "a number in the range of 32-bit floats"],
  [{ type: "Double", values: ["x"] }, 0, "a number, got a string"],
  [{ type: "VarChar", values: ["a", 1] }, 1, "a string, got 1"],
  [{ type: "VarChar", values: ["a", "\ud800"] }, 1, "a lone surrogate"],
  [{ type: "VarChar", values: ["\udc00\ud800"] }, 0, "a lone surrogate"],
  [{ type: "JSON", values: ["{}", {}] }, 1, "bytes or text, got an object"],
  [{ type: "Array", elementType: "Int8", rows: [[1], [2, 300]] }, 1, "an integer from -128 to 127, got 300"],
  [{ type: "Array", elementType: "VarChar", rows: [["a"], ["b", "\ud800"]] }, 1, "a lone surrogate"],
  [{ type: "Array", elementType: "Int64", rows: [[1], null] }, 1, "a value (the field is not nullable)"],
  [
    { type: "Array", elementType: "Int64", offsets: Uint32Array.of(0, 3), values: BigInt64Array.of(1n) },
    0,
    "non-decreasing offsets, at most 1",
  ],
  [{ type: "FloatVector", rows: [[1, 2], [3]] }, 1, "a vector of dimension 2, got 1"],
  [{ type: "FloatVector", dimension: 3, rows: [[1, 2]] }, 0, "a vector of dimension 3, got 2"],
  [{ type: "FloatVector", rows: [[1, 2], ["3", 4]] }, 1, "numbers, got a string"],
  [{ type: "FloatVector", rows: [[1, 2], [3, undefined]] }, 1, "numbers, got undefined"],
  [{ type: "FloatVector", rows: [[1, 2], [3, -1e39]] }, 1, "numbers in the range of 32-bit floats, got -1e+39"],
  [{ type: "FloatVector", rows: [[1], "2"] }, 1, "a vector, got a string"],
  [
    { type: "FloatVector", dimension: 2, values: Float32Array.of(1, 2, 3) },
    undefined,
    "a multiple of 2 (dimension 2), got 3",
  ],
  [
    { type: "FloatVector", dimension: 1, values: Float64Array.of(1) },
    undefined,
    "an array of rows or one Float32Array",
  ],
  [{ type: "Array", elementType: "Float", offsets: Uint32Array.of(0, 1), values: ["x"] }, 0, "a number, got a string"],
  [{ type: "FloatVector", dimension: -1, values: Float32Array.of(1) }, undefined, "a dimension from 1 to"],
  [{ type: "Float16Vector", rows: [[1], [65520]] }, 1, "numbers in the range of Float16Vector, got 65520"],
  [{ type: "BinaryVector", dimension: 9, rows: [[1]] }, undefined, "a multiple of 8, got 9"],
  [{ type: "BinaryVector", rows: [[1], [256]] }, 1, "integers from 0 to 255, got 256"],
  [{ type: "Int8Vector", rows: [[1], [-129]] }, 1, "integers from -128 to 127, got -129"],
  [{ type: "SparseFloatVector", rows: [{ 1: 1 }, [[1, 2], [1, 3]]] }, 1, "unique indices"],
  [{ type: "SparseFloatVector", rows: [[[-1, 2]]] }, 0, "indices from 0 to 4294967294, got -1"],
  [{ type: "SparseFloatVector", rows: [[[2 ** 32 - 1, 2]]] }, 0, "indices from 0"],
  [{ type: "SparseFloatVector", rows: [{ 1: 2 }, { a: 2 }] }, 1, "got NaN"],
  [{ type: "SparseFloatVector", rows: [{ 1: NaN }] }, 0, "numbers as values, got NaN"],
  [{ type: "SparseFloatVector", rows: [{ indices: [1, 2], values: [1] }] }, 0, "equally many indices and values"],
  [
    {
      type: "SparseFloatVector",
      offsets: Uint32Array.of(0, 2),
      indices: Uint32Array.of(2, 1),
      values: Float32Array.of(1, 2),
    },
    0,
    "ascending indices",
  ],
  [
    { type: "ArrayOfVector", elementType: "FloatVector", dimension: 2, rows: [[[1, 2]], [[1, 2], [3]]] },
    1,
    "a vector of dimension 2, got 1",
  ],
  [{ type: "Nothing", values: [] }, undefined, "a known data type"],
  [{ type: "constructor", values: [] }, undefined, "a known data type"],
]

for (const [column, row, expected] of cases) {
  test(
    `columnPart refuses the column ${Deno.inspect(column, { compact: true, breakLength: 200 })}`,
    () => {
      const error = codecError(() => columnBytes(wrong(column)))
      assertEquals([error.field, error.row], ["f", row])
      assertEquals([error.kind, error.expected.includes(", got ")], ["Value", false])
      assertStringIncludes(`${error.expected}, got ${error.actual}`, expected)
      assert(!error.isRetryable)
    },
  )
}

test("encodeInsert refuses columns with different row counts", () => {
  const columns: ReadonlyArray<ColumnInput> = [
    { fieldName: "a", type: "Int64", values: [1, 2] },
    { fieldName: "b", type: "VarChar", values: ["x"] },
  ]
  const error = codecError(() => encodeInsert({ collectionName: "c", columns }))
  assertEquals([error.field, error.expected, error.actual], ["b", '2 rows, like "a"', "1"])
  const inside = codecError(() =>
    columnBytes({
      fieldName: "s",
      type: "ArrayOfStruct",
      fields: [
        { fieldName: "a", type: "Array", elementType: "Int8", rows: [[1], [2]] },
        { fieldName: "b", type: "Array", elementType: "Int8", rows: [[1], [1000]] },
      ],
    })
  )
  assertEquals([inside.field, inside.row], ["s.b", 1])
})

test("requests are refused when their input does not fit", () => {
  const params = searchParams({ limit: 1 })
  const search = (input: object) =>
    // Cast: input that the types refuse.
    codecError(() => encodeSearch({ collectionName: "c", searchParams: params, ...input } as never))
  assertStringIncludes(search({}).message, "exactly one of queries, placeholderGroup and ids")
  const rows = [[1, 2], [3]]
  assertEquals(search({ queries: { type: "FloatVector", rows } }).row, 1)
  assertEquals(search({ queries: { type: "FloatVector", rows: [null] } }).row, 0)
  assertEquals(search({ ids: [1, 1.5] }).row, 1)
  assertEquals(search({ ids: ["a", 1] }).row, 1)
  assertStringIncludes(search({ ids: ["a"], consistencyLevel: "strong" }).message, "one of Strong")
  assertEquals(search({ ids: ["a"], guaranteeTimestamp: -1n }).field, "guaranteeTimestamp")
  assertEquals(search({ ids: ["a"], guaranteeTimestamp: 2n ** 64n }).field, "guaranteeTimestamp")
  assertEquals(search({ ids: ["a"], filterValues: { x: 2n ** 63n } }).field, "x")
  assertEquals(search({ ids: ["a"], filterValues: { x: null } }).field, "x")
  assertEquals(search({ ids: ["a"], filter: "\ud800" }).field, "filter")
  assertEquals(search({ ids: ["a"], searchParams: { topk: 1 } }).field, "topk")
  assertEquals(codecError(() => searchParams({ limit: 1.5 })).field, "limit")
  assertEquals(codecError(() => searchParams({ limit: 1, params: { x: NaN } })).field, "params")
  const nested = Array.from({ length: 100 }).reduce<unknown>((inner) => [inner], 1)
  assertStringIncludes(search({ ids: ["a"], filterValues: { x: nested } }).message, "nested")
  const bad = { collectionName: "c", queries: { type: "FloatVector", rows }, searchParams: params } as const
  assertEquals(codecError(() => encodeHybridSearch({ collectionName: "c", requests: [bad], rankParams: [] })).row, 1)
  assertEquals(codecError(() => encodeQuery({ collectionName: "\ud800", filter: "" })).field, "collectionName")
  const late = { collectionName: "c", columns: [], schemaTimestamp: -1n }
  assertEquals(codecError(() => encodeInsert(late)).field, "schemaTimestamp")
  const operations = { a: "Append" as "Replace" }
  const upsert = { collectionName: "c", columns: [], fieldOperations: operations }
  assertEquals(codecError(() => encodeUpsert(upsert)).field, "a")
})
