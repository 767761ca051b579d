/** Values of a write: exact, or refused. */
import { assert, assertEquals, assertMatch } from "@std/assert"
import * as Effect from "effect/Effect"
import * as Field from "../../../src/schema/Field.ts"
import * as Vectors from "../../../src/operations/Vectors.ts"
import { FakeMilvus } from "../../../src/testing/mod.ts"
import { named, onFake, throwing, untyped, writes } from "./anyValues.ts"

// ---- rule 1: values

const detached = (() => {
  const values = new Float32Array([1, 2])
  structuredClone(values.buffer, { transfer: [values.buffer] })
  return values
})()

const throwingArray = new Proxy([1, 2], {
  get: (target, key) => {
    if (key === "1") throw new TypeError("a proxy of the caller")
    return Reflect.get(target, key)
  },
})

const notText = [1, true, null, undefined, ["a"], {}, new Uint8Array(1), 5n, "\ud800", "a\udc00b"]
const notWhole = ["5", 1.5, NaN, Infinity, true, null, undefined, 1n, [1], {}]
const notVector = [
  "1,2",
  5,
  null,
  undefined,
  {},
  [1],
  [1, 2, 3],
  [],
  [1, "2"],
  [1, null],
  [1, undefined],
  Array(2),
  [
    1n,
    2n,
  ],
  new Set([1, 2]),
  new DataView(new ArrayBuffer(8)),
  new BigInt64Array(2),
  detached,
  throwingArray,
]
const notList = ["ab", 5, null, undefined, {}, new Set(["a"]), new Map(), "", (function* () {})()]

/** A field, a value that it takes, and those that it does not. */
const values: ReadonlyArray<readonly [field: Field.AnyField, right: unknown, wrong: ReadonlyArray<unknown>]> = [
  [Field.bool(), true, [0, 1, "false", "", null, undefined, 1n, [], {}]],
  [Field.int8(), -128, [128, -129, ...notWhole]],
  [Field.int16(), 32_767, [32_768, -32_769, ...notWhole]],
  [Field.int32(), -(2 ** 31), [2 ** 31, -(2 ** 31) - 1, ...notWhole]],
  [Field.int64(), 2n ** 63n - 1n, [2n ** 63n, -(2n ** 63n) - 1n, 2 ** 53, 2 ** 53 + 2, 1.5, NaN, "5", true, null, {}]],
  [Field.float(), 3.4028234663852886e38, [1e39, -1e39, "1", true, null, undefined, 1n, [1], {}]],
  [Field.double(), 1e300, ["1", true, null, undefined, 1n, [1], {}]],
  [Field.varChar({ maxLength: 4 }), "éé", ["ééééé", "abcde", "😀😀😀😀😀", ...notText]],
  [Field.text({ maxLength: 2 }), "ab", ["abc", ...notText]],
  [Field.geometry(), "POINT (1 2)", notText],
  [Field.timestamptz(), "2025-05-01T23:59:59Z", [new Date(0), ...notText]],
  [Field.json(), { a: 1 }, [null, undefined, NaN, () => 1, Symbol("a"), { a: NaN }, new Map([[1, 2]]), throwing]],
  [
    Field.array(Field.int8(), { maxCapacity: 2 }),
    [1, 2],
    [[1, 2, 3], [128], [1.5], ["1"], [null], Array(1), [[1]], throwingArray, ...notList],
  ],
  [Field.array(Field.bool(), { maxCapacity: 2 }), [true], [[0], [1], ["true"], [null], ...notList]],
  [Field.array(Field.int64(), { maxCapacity: 2 }), [1n], [[2 ** 53], [2n ** 63n], ["1"], [null], ...notList]],
  [Field.array(Field.float(), { maxCapacity: 2 }), [1], [[1e39], ["1"], [null], [1n], ...notList]],
  [Field.array(Field.double(), { maxCapacity: 2 }), [1], [["1"], [null], [1n], ...notList]],
  [
    Field.array(Field.varChar({ maxLength: 2 }), { maxCapacity: 2 }),
    ["é", ""],
    [["abc"], ["éab"], ["\ud800"], [1], [null], ["a", , "b"], [["a"]], ["a", "b", "c"], ...notList],
  ],
  [
    Field.structArray({ a: Field.int8(), v: Field.floatVector({ dimension: 2 }) }, { maxCapacity: 2 }),
    [{ a: 1, v: [1, 2] }],
    [
      [{ a: 1 }],
      [{ a: 1, v: [1, 2], b: 3 }],
      [{ a: 200, v: [1, 2] }],
      [{ a: 1, v: [1] }],
      [{ a: 1, v: [1, "2"] }],
      [{ a: null, v: [1, 2] }],
      [null],
      [5],
      [[1]],
      Array(1),
      Array(3).fill({ a: 1, v: [1, 2] }),
      [throwing],
      ...notList,
    ],
  ],
  [Field.floatVector({ dimension: 2 }), [1, 2], [[1, 1e39], ...notVector]],
  [Field.float16Vector({ dimension: 2 }), [1, 65_504], [[1, 65_520], [-1e6, 1], ...notVector]],
  [Field.bfloat16Vector({ dimension: 2 }), [1, 2], [[1, 3.4e38 * 1.01], ...notVector]],
  [Field.int8Vector({ dimension: 2 }), [1, -128], [[128, 1], [1.5, 1], new Uint8Array([1, 200]), ...notVector]],
  [
    Field.binaryVector({ dimension: 16 }),
    [1, 255],
    [[256, 1], [-1, 1], [1.5, 1], new Int8Array([-1, 1]), ...notVector],
  ],
  [
    Field.sparseFloatVector(),
    { 1: 0.5 },
    [
      { "-1": 1 },
      { "": 1 },
      { " 1": 1 },
      { "01": 1 },
      { "1e3": 1 },
      { [2 ** 32 - 1]: 1 },
      { 1.5: 1 },
      { 1: NaN },
      { 1: "2" },
      { 1: 1e39 },
      { 1: null },
      [[1, 1], [1, 2]],
      [[1, 2, 3]],
      [1, 2],
      [[1n, 2]],
      new Map([["1", 2]]),
      new Set([1]),
      new Float32Array(3),
      new Date(0),
      { indices: [1], values: [1, 2] },
      { indices: new Set([1]), values: new Set([2]) },
      { indices: [-1], values: [1] },
      "1:2",
      5,
      null,
      undefined,
      throwing,
    ],
  ],
]

const nameOf = (field: Field.AnyField): string => "element" in field ? `Array of ${field.element.type}` : field.type

for (const [field, right, wrong] of values) {
  onFake(
    `rule 1: what is not of its field is refused by field and row before anything is sent: ${nameOf(field)}`,
    () =>
      Effect.gen(function* () {
        const definition = named("value", field)
        for (const [index, bad] of wrong.entries()) {
          const what = `${nameOf(field)}, value ${index}`
          // In a later batch, in the only one, in the last row; as rows and as columns.
          for (const [rows, at] of [[5, 3], [1, 0], [3, 2]] as const) {
            const column = Array.from({ length: rows }, (_, row) => row === at ? bad : right)
            const ids = column.map((_, row) => row)
            const forms = [column.map((value, id) => ({ id, value })), { id: ids, value: column }]
            for (const form of forms) {
              for (const write of [Vectors.insert, Vectors.upsert]) {
                for (const options of [undefined, { batchBytes: 1 }]) {
                  const error = yield* Effect.flip(write(untyped(definition), untyped(form), options))
                  assert(error._tag === "CodecError", `${what}: ${error}`)
                  assertEquals([error.field.split(".")[0], error.row], ["value", at], `${what}: ${error.message}`)
                  assertMatch(error.message, /expected \S/)
                }
              }
            }
          }
        }
        assertEquals(yield* writes, 0)
      }),
  )

  onFake(
    `rule 1: what is of its field is sent, in batches of any size: ${nameOf(field)}`,
    () =>
      Effect.gen(function* () {
        const fake = yield* FakeMilvus.FakeMilvus
        yield* fake.handle(
          "Insert",
          ({ num_rows }) =>
            Effect.succeed({ insert_cnt: num_rows, IDs: { int_id: { data: Array(num_rows).fill(7n) } } }),
        )
        const rows = Array.from({ length: 3 }, (_, id) => ({ id, value: right }))
        for (const batchBytes of [1, 1000]) {
          const { count } = yield* Vectors.insert(untyped(named("value", field)), untyped(rows), { batchBytes })
          assertEquals(count, 3)
        }
      }),
  )
}

const packed: ReadonlyArray<readonly [what: string, field: Field.AnyField, wrong: unknown, row?: number]> = [
  ["Float16Vector", Field.float16Vector({ dimension: 2 }), new Float32Array([1, 2, 3, 1e6, 1, 1]), 1],
  ["BFloat16Vector", Field.bfloat16Vector({ dimension: 2 }), new Float32Array([1, 2, 3, 4, 5, 3.4028235e38]), 2],
  ["FloatVector of 64 bits", Field.floatVector({ dimension: 2 }), new Float64Array(6)],
  ["FloatVector not whole", Field.floatVector({ dimension: 2 }), new Float32Array(5)],
  ["FloatVector too short", Field.floatVector({ dimension: 2 }), new Float32Array(4)],
  ["FloatVector too long", Field.floatVector({ dimension: 2 }), new Float32Array(8)],
  ["FloatVector empty", Field.floatVector({ dimension: 2 }), new Float32Array(0)],
  ["FloatVector transferred", Field.floatVector({ dimension: 2 }), detached],
  ["FloatVector as DataView", Field.floatVector({ dimension: 2 }), new DataView(new ArrayBuffer(24))],
  ["BinaryVector of floats", Field.binaryVector({ dimension: 16 }), new Float32Array(6)],
  ["Int8Vector of unsigned", Field.int8Vector({ dimension: 2 }), new Uint8Array(6)],
  ["Int8", Field.int8(), new Int16Array([1, 2, 200]), 2],
  ["Int32 of floats", Field.int32(), new Float64Array([1, 2.5, 3]), 1],
  ["Float", Field.float(), new Float64Array([1, 1e39, 3]), 1],
  ["Bool", Field.bool(), new Uint8Array([0, 1, 2]), 2],
  ["VarChar", Field.varChar({ maxLength: 3 }), new Uint8Array(3), 0],
  ["JSON", Field.json(), new Float32Array(3)],
  ["Array", Field.array(Field.int8(), { maxCapacity: 3 }), new Int8Array(3)],
  ["SparseFloatVector", Field.sparseFloatVector(), new Float32Array(3)],
  ["text", Field.varChar({ maxLength: 3 }), "abc"],
  ["a Set", Field.int8(), new Set([1, 2, 3])],
  ["an iterator", Field.int8(), [1, 2, 3].values()],
  ["a number", Field.int8(), 3],
  ["null", Field.int8(), null],
]

onFake(
  "rule 1: a packed column that does not fit is refused by its field, and by the row if a value is wrong",
  () =>
    Effect.gen(function* () {
      for (const [what, field, wrong, row] of packed) {
        for (const options of [undefined, { batchBytes: 1 }]) {
          const columns = { id: new BigInt64Array(3), value: wrong }
          const error = yield* Effect.flip(Vectors.insert(untyped(named("value", field)), untyped(columns), options))
          assert(error._tag === "CodecError", `${what}: ${error}`)
          assertEquals([error.field, error.row], ["value", row], `${what}: ${error.message}`)
        }
      }
      assertEquals(yield* writes, 0)
    }),
)
