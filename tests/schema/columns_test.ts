/** Conversion of rows and columns to the columns of a request. */
import { assert, assertEquals } from "@std/assert"
import { type ColumnInput, encodeInsert, encodeUpsert, valuesOf } from "../../src/codec/mod.ts"
import * as Collection from "../../src/operations/Collection.ts"
import * as Field from "../../src/schema/Field.ts"
import { type AnyColumns, normalizeColumns, rowsToColumns } from "../../src/schema/columns.ts"
import { bfloat16ToFloat32, float16ToFloat32 } from "../../src/codec/columns/float16.ts"
import { codecError, holds, roundTrip } from "../codec/support.ts"
import { type Generated, generated, kinds } from "./generated.ts"
import { test } from "../support/test.ts"

const Books = Collection.define("books", {
  id: Field.int64({ primaryKey: true }),
  stars: Field.int32({ default: 3 }),
  note: Field.varChar({ maxLength: 10, nullable: true }),
})

/**
 * Milvus 2.3.5 crashes if the column is missing, and fills in the default if it is sent without values, as by pymilvus.
 */
const stars = { fieldName: "stars", nullable: true, type: "Int32", values: [undefined, undefined] }
const note = { fieldName: "note", nullable: true, type: "VarChar", maxLength: 10, values: [undefined, undefined] }

test("rowsToColumns has a column for a default that no row sets, and no column of nulls", () => {
  const columns = rowsToColumns(Books, [{ id: 1n }, { id: 2n }], { withKey: true })
  assertEquals<unknown>(columns, [{ fieldName: "id", type: "Int64", values: [1n, 2n] }, stars])
})

test("normalizeColumns has a column for a default that is not set, and no column of nulls", () => {
  const columns = normalizeColumns(Books, { id: BigInt64Array.of(1n, 2n) }, { withKey: true })
  assertEquals<unknown>(columns, [{ fieldName: "id", type: "Int64", values: BigInt64Array.of(1n, 2n) }, stars])
})

const upsert = { withKey: true, replaces: true }

test("rule 5: rows that replace others have a column of nulls for an omitted field", () => {
  const columns = rowsToColumns(Books, [{ id: 1n }, { id: 2n }], upsert)
  assertEquals<unknown>(columns, [{ fieldName: "id", type: "Int64", values: [1n, 2n] }, stars, note])
  assertEquals<unknown>(normalizeColumns(Books, { id: [1n, 2n] }, upsert), columns)
})

// ---- generated definitions

const columnsOf = ({ definition, fields, extras }: Generated): AnyColumns =>
  Object.fromEntries([
    ...fields.flatMap(({ name, values }) => values.every((value) => value === undefined) ? [] : [[name, values]]),
    ...definition.options.dynamicFields === true ? [["$meta", extras]] : [],
  ])

const bytesOf = (method: "Insert" | "Upsert", columns: ReadonlyArray<ColumnInput>) =>
  (method === "Insert" ? encodeInsert : encodeUpsert)({ collectionName: "c", columns })

for (const method of ["Insert", "Upsert"] as const) {
  test(
    `rule 9: rows and the same data as columns encode to the same bytes of an ${method}`,
    () =>
      holds(generated, (one) => {
        const mode = { withKey: true, replaces: method === "Upsert" }
        const rows = bytesOf(method, rowsToColumns(one.definition, one.rows, mode))
        assertEquals(rows, bytesOf(method, normalizeColumns(one.definition, columnsOf(one), mode)))
      }),
  )
}

/** Converts a value to the value of a row that is read. */
const read = (type: string, value: unknown): unknown => {
  if (!(value instanceof Uint16Array)) return value
  return type === "Float16Vector" ? float16ToFloat32(value) : bfloat16ToFloat32(value)
}

test(
  "rule 1: accepted values of any type, under any name, are read back equal",
  () =>
    holds(generated, ({ definition, rows, fields, extras }) => {
      const columns = rowsToColumns(definition, rows, upsert)
      assertEquals(columns.length, fields.length + (definition.options.dynamicFields === true ? 1 : 0))
      for (const { name, field, values } of fields) {
        const valueAt = valuesOf(roundTrip(columns.find(({ fieldName }) => fieldName === name)!))
        values.forEach((value, row) => assertEquals(read(field.type, valueAt(row)), value ?? null))
      }
      if (definition.options.dynamicFields !== true) return
      const valueAt = valuesOf(roundTrip(columns.at(-1)!))
      extras.forEach((extra, row) => assertEquals(valueAt(row), { ...extra }))
    }),
)

test(
  "rule 5: the encoding of a field does not depend on the other rows",
  () =>
    holds(generated, ({ definition, rows }) => {
      const together = rowsToColumns(definition, rows, upsert).map((column) => valuesOf(roundTrip(column)))
      rows.forEach((row, at) => {
        const alone = rowsToColumns(definition, [row], upsert)
        assertEquals(alone.map((column) => valuesOf(roundTrip(column))(0)), together.map((value) => value(at)))
      })
    }),
)

test("generated rows have every type of field", async () => {
  const seen = new Set<string>()
  await holds(generated, ({ fields }) => fields.forEach(({ field }) => void seen.add(field.type)), 500)
  assertEquals([...seen].toSorted(), Object.keys(kinds).toSorted())
})

// ---- names

for (const name of ["constructor", "toString", "__proto__", "hasOwnProperty", "valueOf"]) {
  test(`rule 18: a field "${name}" is not found in rows, columns or structs without it`, () => {
    const definition = (options: object) => ({
      name: "odd",
      fields: Object.fromEntries<Field.AnyField>([
        ["id", Field.int64({ primaryKey: true })],
        [name, Field.varChar({ maxLength: 9, ...options })],
      ]),
      options: {},
    })
    const required = definition({})
    for (
      const given of [
        () => rowsToColumns(required, [{ id: 1n }], upsert),
        () => normalizeColumns(required, { id: [1n] }, upsert),
      ]
    ) {
      const error = codecError(given)
      assertEquals([error.field, error.row], [name, 0])
    }
    const [, column] = rowsToColumns(definition({ nullable: true }), [{ id: 1n }], upsert)
    assertEquals(valuesOf(roundTrip(column!))(0), null)
    const [, given] = rowsToColumns(required, [Object.fromEntries([["id", 1n], [name, "x"]])], upsert)
    assertEquals(valuesOf(roundTrip(given!))(0), "x")

    const structs = {
      name: "odd",
      fields: {
        id: Field.int64({ primaryKey: true }),
        parts: Field.structArray(Object.fromEntries([[name, Field.int8()]]), { maxCapacity: 2 }),
      },
      options: {},
    }
    assertEquals(codecError(() => rowsToColumns(structs, [{ id: 1n, parts: [{}] }], upsert)).field, `parts.${name}`)

    const unknown = { name: "plain", fields: { id: Field.int64({ primaryKey: true }) }, options: {} }
    const odd = Object.fromEntries([["id", 1n], [name, 5]])
    assertEquals(codecError(() => rowsToColumns(unknown, [odd], upsert)).field, name)
    const dynamic = { ...unknown, options: { dynamicFields: true } }
    const [, meta] = rowsToColumns(dynamic, [odd], upsert)
    // Cast: the values of a JSON column are text.
    const [json] = (meta as { readonly values: ReadonlyArray<string> }).values
    assertEquals(json, `{"${name}":5}`)
  })
}

test("rule 9: an array of structs may be null or omitted, in rows and in columns", () => {
  const definition = {
    name: "parts",
    fields: {
      id: Field.int64({ primaryKey: true }),
      parts: Field.structArray({ a: Field.int8(), v: Field.floatVector({ dimension: 2 }) }, {
        maxCapacity: 2,
        nullable: true,
      }),
    },
    options: {},
  }
  const parts = [[{ a: 1, v: Float32Array.of(1, 2) }], null, undefined, []]
  const rows = parts.map((parts, id) => ({ id, ...(parts === undefined ? {} : { parts }) }))
  for (
    const columns of [
      rowsToColumns(definition, rows, upsert),
      normalizeColumns(definition, { id: [0, 1, 2, 3], parts }, upsert),
    ]
  ) {
    const valueAt = valuesOf(roundTrip(columns[1]!))
    assertEquals(parts.map((_, row) => valueAt(row)), [parts[0], null, null, []])
  }
  assert(rowsToColumns(definition, [{ id: 1 }], { withKey: true }).length === 2)
})
