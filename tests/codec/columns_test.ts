/** Encodes and decodes every type of column: bit by bit, with nulls, at any alignment. */
import * as Arbitrary from "effect/Arbitrary"
import { assert, assertEquals } from "@std/assert"
import {
  type ColumnInput,
  decodeQueryResults,
  type ElementType,
  float32ToBfloat16,
  float32ToFloat16,
  type SparseRow,
  valuesOf,
} from "../../src/codec/mod.ts"
import {
  assertSameBits,
  bool,
  bytes,
  double,
  doubleBits,
  doublesOf,
  float,
  floatBits,
  floatsOf,
  holds,
  int16,
  int32,
  int64,
  int8,
  integer,
  list,
  nullable,
  oneOf,
  pick,
  roundTrip,
  text,
} from "./support.ts"
import { test } from "../support/test.ts"

const fieldName = "f"

test("a column of floats keeps every bit", () =>
  holds(list(floatBits, 40), (bits) => {
    const values = floatsOf(bits)
    const read = roundTrip({ fieldName, type: "Float", values })
    assert(read.type === "Float")
    assertSameBits(read.values, values)
    assertEquals([read.fieldName, read.length, read.isDynamic], [fieldName, values.length, false])
  }))

test("a column of doubles keeps every bit", () =>
  holds(list(doubleBits, 40), (bits) => {
    const values = doublesOf(bits)
    const read = roundTrip({ fieldName, type: "Double", values })
    assert(read.type === "Double")
    assertSameBits(read.values, values)
  }))

test("a column of 64-bit integers keeps every bit", () =>
  holds(list(int64, 60), (ints) => {
    const values = BigInt64Array.from(ints)
    const read = roundTrip({ fieldName, type: "Int64", values })
    assert(read.type === "Int64")
    assertSameBits(read.values, values)
    const mixed = ints.map((int) => Number.isSafeInteger(Number(int)) ? Number(int) : int)
    const again = roundTrip({ fieldName, type: "Int64", values: mixed })
    assert(again.type === "Int64")
    assertSameBits(again.values, values)
  }))

const scalars: ReadonlyArray<readonly [type: ElementType, Arbitrary.Arbitrary<unknown>]> = [
  ["Bool", bool],
  ["Int8", int8],
  ["Int16", int16],
  ["Int32", int32],
  ["Int64", int64],
  ["Float", float],
  ["Double", double],
  ["VarChar", text],
  ["Text", text],
  ["String", text],
]

/** Cast: the compiler cannot see that the type and the values belong together. */
const column = (value: object): ColumnInput => ({ fieldName, ...value }) as ColumnInput

const rowsOf = (column: ColumnInput): ReadonlyArray<unknown> => {
  const read = roundTrip(column)
  const value = valuesOf(read)
  return Array.from({ length: read.length }, (_, row) => value(row))
}

for (const [type, value] of scalars) {
  test(`a column of ${type} decodes to the encoded values and nulls`, async () => {
    await holds(list(value, 30), (values) => assertEquals(rowsOf(column({ type, values })), values))
    await holds(list(nullable(value), 30), (values) => {
      assertEquals(rowsOf(column({ type, values, nullable: true })), values)
      const valid = Uint8Array.from(values, (value) => value === null ? 0 : 1)
      if (values.length > 0) assertEquals(rowsOf(column({ type, values, valid })), values)
    })
  })

  test(`a column of arrays of ${type} decodes to the encoded values and nulls`, async () => {
    const plain = (rows: ReadonlyArray<unknown>) =>
      rows.map((row) => row === null ? null : Array.isArray(row) ? row : Array.from(row as Iterable<unknown>))
    await holds(list(list(value, 6)), (rows) => {
      assertEquals(plain(rowsOf(column({ type: "Array", elementType: type, rows }))), rows)
    })
    await holds(list(nullable(list(value, 6))), (rows) => {
      assertEquals(plain(rowsOf(column({ type: "Array", elementType: type, rows, nullable: true }))), rows)
    })
  })
}

test("columns with two encodings decode to the encoded values and nulls in both", async () => {
  const forms: ReadonlyArray<readonly [object, Arbitrary.Arbitrary<unknown>]> = [
    [{ type: "Geometry" }, text],
    [{ type: "Geometry", encoding: "wkt" }, text],
    [{ type: "Geometry", encoding: "wkb" }, bytes],
    [{ type: "Timestamptz" }, text],
    [{ type: "Timestamptz", encoding: "number" }, int64],
    [{ type: "Time", encoding: "number" }, int64],
    [{ type: "Date", encoding: "text" }, text],
    [{ type: "Date", encoding: "number" }, int32],
    [{ type: "Mol" }, text],
    [{ type: "Mol", encoding: "binary" }, bytes],
  ]
  for (const [form, value] of forms) {
    await holds(list(nullable(value)), (values) => {
      assertEquals(rowsOf(column({ ...form, values, nullable: true })), values)
    }, 100)
  }
})

test("a column of JSON parses values on demand, and has nulls", async () => {
  const json = oneOf<unknown>(int32, text, pick<unknown>({}, [], { a: { b: [1, "é"] } }, true, "null"))
  await holds(list(nullable(json)), (rows) => {
    const texts = rows.map((row) => row === null ? null : JSON.stringify(row))
    assertEquals(rowsOf({ fieldName, type: "JSON", values: texts, nullable: true }), rows)
    const encoded = texts.map((text) => text === null ? null : new TextEncoder().encode(text))
    assertEquals(rowsOf({ fieldName: "$meta", isDynamic: true, type: "JSON", values: encoded, nullable: true }), rows)
  })
})

test("a flat column of float vectors keeps every bit, and has nulls", async () => {
  await holds(Arbitrary.all([integer(1, 9), integer(0, 5), list(floatBits, 45)]), ([dimension, rows, bits]) => {
    const values = floatsOf(Array.from({ length: dimension * rows }, (_, at) => bits[at % bits.length] ?? at))
    const read = roundTrip({ fieldName, type: "FloatVector", dimension, values })
    assert(read.type === "FloatVector")
    assertSameBits(read.values, values)
    // Without vectors, a dimension does not determine a number of rows.
    assertEquals([read.dimension, read.length], [dimension, rows])
    const valid = Uint8Array.from({ length: rows }, (_, row) => bits[row % bits.length] ?? 0).map((bit) => bit & 1)
    if (rows === 0) return
    const nulls = roundTrip({ fieldName, type: "FloatVector", dimension, values, valid })
    assert(nulls.type === "FloatVector")
    assertEquals([nulls.length, nulls.valid], [rows, valid])
    const bitsOf = new Uint32Array(values.buffer)
    const kept = bitsOf.filter((_, at) => valid[Math.floor(at / dimension)] === 1)
    assertSameBits(nulls.values, new Float32Array(kept.buffer))
  })
})

const number = pick(0, 1, -1, 0.5, -0.25, 3.140625, 100)
const vectors: ReadonlyArray<
  readonly [type: string, element: Arbitrary.Arbitrary<number>, read: (v: Array<number>) => object]
> = [
  ["FloatVector", oneOf(number, float), (vector) => Float32Array.from(vector)],
  ["BinaryVector", integer(0, 255), (vector) => Uint8Array.from(vector)],
  ["Float16Vector", number, (vector) => float32ToFloat16(vector)],
  ["BFloat16Vector", number, (vector) => float32ToBfloat16(vector)],
  ["Int8Vector", int8, (vector) => Int8Array.from(vector)],
]

for (const [type, element, expected] of vectors) {
  const rows = Arbitrary.flatMap(
    integer(1, 8),
    (width) => list(nullable(Arbitrary.array(element, { minLength: width, maxLength: width })), 6),
  )
  const want = (row: Array<number> | null) => row === null ? null : expected(row)

  test(
    `a column of ${type} given as rows decodes to the encoded values and nulls`,
    () =>
      holds(rows, (rows) => {
        if (rows.every((row) => row === null)) return
        assertEquals(rowsOf(column({ type, rows, nullable: true })), rows.map(want))
        const some = rows.filter((row) => row !== null)
        const typed = some.map(expected)
        assertEquals(rowsOf(column({ type, rows: some })), typed)
        assertEquals(rowsOf(column({ type, rows: typed })), typed)
      }),
  )

  test(
    `a column of arrays of ${type} decodes to the encoded values and nulls`,
    () =>
      holds(list(nullable(rows), 5), (all) => {
        const arrays = all.map((rows) => rows === null ? null : rows.filter((row) => row !== null))
        const widths = new Set(arrays.flat().map((row) => row?.length))
        widths.delete(undefined)
        if (widths.size > 1) return
        const dimension = (widths.values().next().value ?? 1) * (type === "BinaryVector" ? 8 : 1)
        const given = column({ type: "ArrayOfVector", elementType: type, dimension, rows: arrays, nullable: true })
        assertEquals(rowsOf(given), arrays.map((rows) => rows === null ? null : rows.map(expected)))
      }),
  )
}

test(
  "a column of sparse vectors decodes to sorted vectors in every accepted form, and has nulls",
  async () => {
    const index = oneOf(pick(0, 1, 2 ** 32 - 2), integer(0, 2 ** 32 - 2))
    const value = pick(0.5, -1, 0, 1e-45, 3.4028234663852886e38, Infinity)
    const row = Arbitrary.map(list(Arbitrary.all([index, value]), 8), (pairs) => [...new Map(pairs)])
    await holds(list(nullable(row)), (rows) => {
      const sorted = rows.map((row) => {
        if (row === null) return null
        const pairs = row.toSorted(([a], [b]) => a - b)
        return {
          indices: Uint32Array.from(pairs, ([index]) => index),
          values: Float32Array.from(pairs, ([, value]) => value),
        }
      })
      const forms: ReadonlyArray<(row: Array<[number, number]>) => SparseRow> = [
        (row) => row,
        (row) => new Map(row),
        (row) => Object.fromEntries(row),
        (row) => ({ indices: row.map(([index]) => index), values: row.map(([, value]) => value) }),
      ]
      for (const form of forms) {
        const given = rows.map((row) => row === null ? null : form(row))
        assertEquals(rowsOf({ fieldName, type: "SparseFloatVector", rows: given, nullable: true }), sorted)
      }
    })
  },
)

test("a column of structs decodes to the encoded values and nulls", async () => {
  const struct = Arbitrary.map(
    Arbitrary.all([int64, text, float]),
    ([a, b, c]) => ({ a, b, c: [c, -c] }),
  )
  await holds(list(nullable(list(struct, 4)), 6), (rows) => {
    const of = <A>(get: (struct: { a: bigint; b: string; c: Array<number> }) => A) =>
      rows.map((row) => row === null ? null : row.map(get))
    const given: ColumnInput = {
      fieldName,
      type: "ArrayOfStruct",
      fields: [
        { fieldName: "a", type: "Array", elementType: "Int64", rows: of(({ a }) => a), nullable: true },
        { fieldName: "b", type: "Array", elementType: "VarChar", rows: of(({ b }) => b), nullable: true },
        {
          fieldName: "s[c]",
          type: "ArrayOfVector",
          elementType: "FloatVector",
          dimension: 2,
          rows: of(({ c }) => c),
          nullable: true,
        },
      ],
    }
    const expected = rows.map((row) =>
      row === null ? null : row.map(({ a, b, c }) => ({ a, b, c: Float32Array.from(c) }))
    )
    assertEquals(rowsOf(given), expected)
  })
})

test("a write to a copy of a column does not change the reply", () => {
  const reply = new Uint8Array([18, 20, 8, 10, 26, 16, 34, 14, 10, 12, 0, 0, 128, 63, 0, 0, 0, 64, 0, 0, 64, 64])
  const views = [0, 1, 2, 3].filter((shift) => {
    const moved = new Uint8Array(reply.length + shift).subarray(shift)
    moved.set(reply)
    const [field] = decodeQueryResults(moved).fields
    assert(field?.type === "Float")
    assertEquals(Array.from(field.values), [1, 2, 3])
    return field.values.buffer === moved.buffer
  })
  assertEquals(views, [2])
})
