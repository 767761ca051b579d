/** JSON fields, dynamic keys and JSON parameters through the operations, on every server that the tests have. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert"
import * as Effect from "effect/Effect"
import {
  CodecError,
  Collection,
  Connection,
  Field,
  filter,
  Functions,
  Index,
  Json,
  ParamError,
  Vectors,
} from "../../../mod.ts"
import { fails } from "../../support/effects.ts"
import { FakeMilvus } from "../../../src/testing/mod.ts"
import { type MilvusServer, shared, startMilvus, startMilvusLite } from "../../support/milvus.ts"
import { test } from "../../support/test.ts"

const lite = shared(startMilvusLite)
const standalone = shared(startMilvus)

type Program<A, E> = Effect.Effect<A, E, Connection.Connection>

const on = (server: () => MilvusServer) => <A, E>(program: Program<A, E>) =>
  Effect.runPromise(Effect.provide(program, Connection.layer(server().address)))

const onFake = <A, E>(program: Program<A, E>) => Effect.runPromise(Effect.provide(program, FakeMilvus.layerConnected()))

const servers = { "FakeMilvus": onFake, "milvus-lite": on(lite), "Milvus 2.3.5": on(standalone) } as const

const Rows = Collection.define("json_rows", {
  id: Field.int64({ primaryKey: true }),
  j: Field.json(),
  v: Field.floatVector({ dimension: 2 }),
}, { dynamicFields: true, indexes: { v: Index.flat({ metric: "L2" }) }, consistencyLevel: "Strong" })

const integers = [
  2n ** 53n,
  2n ** 53n + 1n,
  -(2n ** 53n) - 1n,
  450000000000000001n,
  2n ** 63n - 1n,
  -(2n ** 63n),
  2n ** 64n,
  10n ** 30n,
]

/** What may be in JSON, with what is read. */
const values: ReadonlyArray<readonly [written: unknown, read: unknown]> = [
  ...integers.map((value) => [value, value] as const),
  ...[0, -0, 1, 0.1, 1e20, 1e21, 2 ** 53, -(2 ** 60), 5e-324, 1.7e308, 2 ** 53 - 1].map((value) =>
    [value, value] as const
  ),
  ...["", "9007199254740993", '"', "\\", "\n", "日本語 🚀", "\u2028", "null"].map((value) => [value, value] as const),
  [true, true],
  [null, null],
  [7n, 7],
  [[], []],
  [{}, {}],
  [[1n << 60n, [1n << 61n, { deep: 1n << 62n }]], [1n << 60n, [1n << 61n, { deep: 1n << 62n }]]],
  [new Float32Array([0.5, 0.1]), [0.5, Math.fround(0.1)]],
  [new Float64Array([0.1]), [0.1]],
  [new Uint8Array([1, 255]), [1, 255]],
  [new BigInt64Array([1n, -(2n ** 63n)]), [1, -(2n ** 63n)]],
  [new BigUint64Array([2n ** 64n - 1n]), [2n ** 64n - 1n]],
  [new Date(0), "1970-01-01T00:00:00.000Z"],
  [{ a: undefined, b: 1 }, { b: 1 }],
]

const keys = [
  "a",
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "length",
  "0",
  "-1",
  "日本",
  'a"b',
  "a\\b",
  "\\",
  '"',
]

/** An object with keys of its own, whatever they are called. */
const record = (entries: ReadonlyArray<readonly [string, unknown]>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(entries)

const kinds = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(kinds)
  if (typeof value !== "object" || value === null) return `${typeof value} ${Object.is(value, -0) ? "-0" : value}`
  assertEquals(Object.getPrototypeOf(value), Object.prototype)
  // Milvus 2.3.5 keeps no order of columns.
  return Object.entries(value).map(([key, each]) => [key, kinds(each)]).toSorted()
}

/** Every digit of a row, whatever the order of its fields. */
const exact = (row: unknown): unknown => kinds(Json.parse(Json.stringify(row)))

for (const [server, run] of Object.entries(servers)) {
  test(`rule 2: JSON and dynamic keys are read as they were written, and written as they were read, on ${server}`, () =>
    run(Effect.gen(function* () {
      yield* Collection.drop(Rows.name)
      yield* Collection.create(Rows)
      const all = [
        ...values.map(([value]) => [["value", value]] as const),
        ...keys.map((key) => [[key, 1n << 60n]] as const),
      ].map(record)
      const expected = [
        ...values.map(([, value]) => [["value", value]] as const),
        ...keys.map((key) => [[key, 1n << 60n]] as const),
      ].map(record)
      const rows = all.map((extra, id) => ({ ...extra, id, j: { list: [extra], ...extra }, v: [0, 1] }))
      yield* Vectors.insert(Rows, rows)
      const read = Effect.map(
        Vectors.query(Rows, filter`id >= ${0}`, { outputFields: ["*"] }),
        ({ rows }) => rows.toArray().toSorted((a, b) => Number(a.id - b.id)),
      )
      const found = yield* read
      const wanted = expected.map((extra, id) => ({
        ...extra,
        id: BigInt(id),
        j: { list: [extra], ...extra },
        v: new Float32Array([0, 1]),
      }))
      assertEquals(found.map((row) => kinds({ ...row, v: 0 })), wanted.map((row) => kinds({ ...row, v: 0 })))
      yield* Vectors.upsert(Rows, found)
      const again = yield* read
      assertEquals(again.map(exact), found.map(exact))
      // By columns.
      const columns = {
        id: found.map(({ id }) => id),
        j: found.map(({ j }) => j),
        v: found.map(({ v }) => v),
        $meta: all,
      }
      // Cast: typed arrays are what the types of columns do not say.
      yield* Vectors.upsert(Rows, columns as never)
      assertEquals((yield* read).map(exact), found.map(exact))
    })))

  test(`rule 1: what JSON cannot carry is refused by field and row, and nothing is sent, on ${server}`, () =>
    run(Effect.gen(function* () {
      yield* Collection.drop(Rows.name)
      yield* Collection.create(Rows)
      class Point {
        x = 1
      }
      const wrong: ReadonlyArray<unknown> = [
        new Set(["a"]),
        new Map([["a", 1]]),
        new Point(),
        NaN,
        -Infinity,
        () => 1,
        Symbol("s"),
        [undefined],
        [, 1],
        "\ud800",
        { "\ud800": 1 },
        new Date(NaN),
        new Float32Array([NaN]),
        new ArrayBuffer(2),
        /a/,
        Object.create({ a: 1 }),
      ]
      const good = { id: 0, j: {}, v: [0, 0] }
      for (const value of wrong) {
        const writes = [
          ["j", Vectors.insert(Rows, [good, { id: 1, j: { tags: [value] }, v: [0, 0] }])],
          ["j", Vectors.upsert(Rows, { id: [0, 1], j: [{}, { tags: [value] }], v: [[0, 0], [0, 0]] })],
          ["$meta", Vectors.insert(Rows, [good, { id: 1, j: {}, v: [0, 0], extra: value }])],
        ] as const
        for (const [field, write] of writes) {
          const error = yield* Effect.flip(write)
          assert(error instanceof CodecError, String(error))
          assertEquals([error.field, error.row], [field, 1], error.message)
          assertStringIncludes(error.message, field === "j" ? 'j["tags"][0]' : '$meta["extra"]')
        }
      }
      const withMethod = yield* Effect.flip(Vectors.insert(Rows, [{ ...good, toJSON: () => ({ other: 1 }) }]))
      assertEquals(withMethod.message, 'field "toJSON", row 0: expected a JSON value, got a function')
      assertEquals(yield* Vectors.count(Rows), 0)
    })))
}

for (const [server, run] of [["milvus-lite", on(lite)], ["Milvus 2.3.5", on(standalone)]] as const) {
  test(`rule 2: a filter compares JSON with all digits of an integer, on ${server}`, () =>
    run(Effect.gen(function* () {
      yield* Collection.drop(Rows.name)
      yield* Collection.create(Rows)
      const signed = integers.filter((value) => BigInt.asIntN(64, value) === value)
      yield* Vectors.insert(Rows, signed.map((n, id) => ({ id, j: { n }, v: [0, 0], n })))
      for (const [id, n] of signed.entries()) {
        for (const condition of [filter`j["n"] == ${n}`, filter`n == ${n}`]) {
          const { rows } = yield* Vectors.query(Rows, condition, { outputFields: ["id"] })
          assertEquals(rows.toArray(), [{ id: BigInt(id) }], `${n}`)
        }
      }
    })))
}

test("rule 2: rows and results are JSON by Json.stringify, and by JSON.stringify as Json.plain has them", () =>
  onFake(Effect.gen(function* () {
    yield* Collection.create(Rows)
    const id = 2n ** 60n
    yield* Vectors.insert(Rows, [{ id: 1, j: { n: id }, v: [0, 1] }, { id, j: [0.5], v: [1, 1], key: "text" }])
    const first = '{"id":1,"j":{"n":1152921504606846976},"v":[0,1]}'
    const second = '{"id":1152921504606846976,"j":[0.5],"v":[1,1],"key":"text"}'
    const quoted = (text: string) => text.replaceAll(/\d{16,}/g, '"$&"')
    const found = yield* Vectors.query(Rows, filter`id > ${0}`, { outputFields: ["*"] })
    for (const result of [found, found.rows, found.rows.toArray()]) {
      assertEquals(Json.stringify(result), `[${first},${second}]`)
      assertEquals(JSON.stringify(Json.plain(result)), quoted(`[${first},${second}]`))
    }
    assertEquals(
      JSON.stringify({ found, rows: found.rows }),
      quoted(`{"found":[${first},${second}],"rows":[${first},${second}]}`),
    )
    assertEquals(Json.stringify(found.rows.at(0)), first)
    const hits = yield* Vectors.search(Rows, [[0, 1], [1, 1]], { limit: 1, outputFields: ["*"] })
    const hit = { id: 1n, score: 0, row: found.rows.at(0) }
    assertEquals(Json.parse(Json.stringify(hits.hits())), Json.parse(Json.stringify([hit])))
    assertEquals(JSON.parse(JSON.stringify(hits)).length, 2)
    assertEquals(Json.parse(Json.stringify(hits)), [
      Json.parse(Json.stringify([hit])),
      Json.parse(Json.stringify([{ id, score: 0, row: found.rows.at(1) }])),
    ])
  })))

// ---- Parameters

const text = Field.varChar({ maxLength: 9, enableAnalyzer: true })
const vector = Field.floatVector({ dimension: 2 })
const key = Field.int64({ primaryKey: true })
const indexed = { v: Index.flat({ metric: "L2" }) }

/** As JavaScript may write it. */
// deno-lint-ignore no-explicit-any -- what types refuse
const loose = (value: unknown): any => value

test("rule 1: parameters that JSON cannot carry are refused before anything is sent", async () => {
  for (const value of [NaN, Infinity, new Set([1]), [undefined], "\ud800", () => 1]) {
    const definitions = {
      analyzerParams: Collection.define("a", {
        id: key,
        t: { ...text, options: { ...text.options, analyzerParams: loose({ value }) } },
        v: vector,
      }),
      multiAnalyzerParams: Collection.define("a", {
        id: key,
        t: { ...text, options: { ...text.options, multiAnalyzerParams: loose({ value }) } },
        v: vector,
      }),
      functions: Collection.define("a", { id: key, v: vector, t: text, s: Field.sparseFloatVector() }, {
        functions: { f: { ...Functions.bm25({ input: "t", output: "s" }), params: loose({ value: [value] }) } },
      }),
      indexes: Collection.define("a", { id: key, v: vector }, {
        indexes: { v: Index.other("HNSW", { params: loose({ value }) }) },
      }),
    }
    for (const [name, definition] of Object.entries(definitions)) {
      const error = await fails(Effect.provide(Collection.create(definition), FakeMilvus.layerConnected()))
      assert(error instanceof ParamError, `${name}: ${error}`)
    }
    const searches = {
      params: { limit: 1, params: loose({ ef: [value] }) },
      rerank: {
        limit: 1,
        rerank: { ...Functions.rerank({ reranker: "boost", params: {} } as never), params: loose({ value: [value] }) },
      },
    }
    for (const [name, options] of Object.entries(searches)) {
      const error = await fails(Effect.provide(
        Vectors.search(Collection.define("a", { id: key, v: vector }, { indexes: indexed }), [[0, 0]], loose(options)),
        FakeMilvus.layerConnected(),
      ))
      assert(error instanceof CodecError, `${name}: ${error}`)
    }
    for (const params of [{ value }, { "\ud800": 1 }]) {
      const created = await fails(Effect.provide(
        Index.create("a", "v", Index.other("HNSW", { params: loose(params) })),
        FakeMilvus.layerConnected(),
      ))
      assert(created instanceof ParamError, String(created))
    }
  }
})
