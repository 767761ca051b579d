/** Rows and columns of a write, its options, and what it reports. */
import { assert, assertEquals, assertMatch } from "@std/assert"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { CodecError, Connection, type PartialWrite } from "../../../mod.ts"
import * as Field from "../../../src/schema/Field.ts"
import * as Collection from "../../../src/operations/Collection.ts"
import * as Index from "../../../src/operations/Index.ts"
import * as Vectors from "../../../src/operations/Vectors.ts"
import { connect } from "../../../src/promise.ts"
import { FakeMilvus } from "../../../src/testing/mod.ts"
import { until } from "../../support/sockets.ts"
import { id, named, onFake, throwing, untyped, writes } from "./anyValues.ts"

// ---- rule 1: rows and columns

const Plain = named("value", Field.int8())
const row = { id: 1, value: 1 }

class Row {
  readonly vector = [1, 2]
  constructor(readonly id: number) {}
  get value() {
    return this.id
  }
}

const notRows: ReadonlyArray<readonly [what: string, rows: unknown, field: string, row?: number]> = [
  ["undefined", undefined, "rows"],
  ["null", null, "rows"],
  ["a number", 5, "rows"],
  ["text", "id", "rows"],
  ["empty text", "", "rows"],
  ["a function", () => [row], "rows"],
  ["a promise", Promise.resolve([row]), "rows"],
  ["a Map", new Map([[1, row]]), "rows"],
  ["an empty Map", new Map(), "rows"],
  ["a Set", new Set([row]), "rows"],
  ["a generator", [row].values(), "rows"],
  ["rows that only look like an array", { length: 1, at: () => row, *[Symbol.iterator]() {} }, "rows"],
  ["a Date", new Date(0), "rows"],
  ["a typed array", new Float32Array(2), "rows"],
  ["an empty typed array", new Float32Array(0), "rows"],
  ["an async generator", (async function* () {})(), "rows"],
  ["an empty object", {}, "rows"],
  ["columns that are undefined", { id: undefined, value: undefined }, "rows"],
  ["an iterable that fails", {
    *[Symbol.iterator]() {
      throw new Error("a fault of the caller")
    },
  }, "rows"],
  ["a row without brackets", row, "id"],
  ["columns that fail", throwing, "rows"],
  ["an instance of a class", new Row(1), "rows"],
  ["null among rows", [row, null], "rows", 1],
  ["undefined among rows", [row, undefined], "rows", 1],
  ["a hole among rows", [row, , row], "rows", 1],
  ["a number among rows", [row, 5], "rows", 1],
  ["text among rows", ["row"], "rows", 0],
  ["an array among rows", [row, [1, 2]], "rows", 1],
  ["a Map among rows", [row, new Map([["id", 1]])], "rows", 1],
  ["a promise among rows", [Promise.resolve(row)], "rows", 0],
  [
    "a row that fails",
    [row, {
      id: 1,
      get value() {
        throw new Error("a fault of the caller")
      },
    }],
    "value",
    1,
  ],
  [
    "a revoked proxy",
    [
      row,
      (() => {
        const { proxy, revoke } = Proxy.revocable({}, {})
        revoke()
        return proxy
      })(),
    ],
    "rows",
    1,
  ],
  ["an unknown field", [row, { ...row, extra: 1 }], "extra", 1],
  ["dynamic keys by name", [row, { ...row, $meta: { a: 1 } }], "$meta", 1],
  ["an unknown column", { id: [1], value: [1], extra: [1] }, "extra"],
  ["a column of dynamic keys", { id: [1], value: [1], $meta: [{}] }, "$meta"],
  ["a missing column", { id: [1] }, "value", 0],
  ["an empty column", { id: [1], value: [] }, "value"],
  ["a column that is longer", { id: [1], value: [1, 2] }, "value"],
  ["a column that is shorter", { id: [1, 2], value: [1] }, "value"],
  ["a hole in a column", { id: [1, 2, 3], value: [1, , 3] }, "value", 1],
]

onFake(
  "rule 1: what is neither rows nor columns of the definition is refused before anything is sent",
  () =>
    Effect.gen(function* () {
      for (const [what, rows, field, at] of notRows) {
        for (const write of [Vectors.insert, Vectors.upsert]) {
          const error = yield* Effect.flip(write(untyped(Plain), untyped(rows), { batchBytes: 1 }))
          assert(error._tag === "CodecError", `${what}: ${error}`)
          assertEquals([error.field, error.row], [field, at], `${what}: ${error.message}`)
        }
      }
      assertEquals(yield* writes, 0)
    }),
)

const Dynamic = named("value", Field.int8(), { dynamicFields: true })

onFake(
  "rule 1: a dynamic key that would hide behind a field, or is not in an object, is refused",
  () =>
    Effect.gen(function* () {
      const cases: ReadonlyArray<readonly [unknown, row: number]> = [
        [{ id: [1, 2], value: [1, 2], $meta: [{}, { value: 3 }] }, 1],
        [{ id: [1, 2], value: [1, 2], $meta: [{}, [1]] }, 1],
        [{ id: [1, 2], value: [1, 2], $meta: ["a", {}] }, 0],
        [{ id: [1, 2], value: [1, 2], $meta: [{}, { $meta: {} }] }, 1],
        [[{ id: 1, value: 1 }, { id: 2, value: 2, $meta: {} }], 1],
      ]
      for (const [rows, at] of cases) {
        const error = yield* Effect.flip(Vectors.insert(untyped(Dynamic), untyped(rows)))
        assert(error._tag === "CodecError", error.message)
        assertEquals([error.field, error.row], ["$meta", at])
      }
      assertEquals(yield* writes, 0)
    }),
)

onFake(
  "rule 1: rows are an array of objects, of whatever kind; the rows of a query can be written as an array",
  () =>
    Effect.gen(function* () {
      const Rows = Collection.define("rows", { id, value: Field.int8(), vector: Field.floatVector({ dimension: 2 }) }, {
        indexes: { vector: Index.flat({ metric: "L2" }) },
      })
      yield* Collection.create(Rows)
      const rows = [new Row(1), new Row(2)].map(({ id, value, vector }) => ({ id, value, vector }))
      const forms: Readonly<Record<string, ReadonlyArray<Collection.Insertable<typeof Rows>>>> = {
        array: rows,
        "frozen array": Object.freeze([...rows]),
        "instances with getters": [new Row(1), new Row(2)],
        "objects without a prototype": rows.map((row) => Object.assign(Object.create(null), row)),
      }
      for (const [what, form] of Object.entries(forms)) {
        const write = Vectors.upsert(Rows, form)
        // Twice: a write that is run again writes the same rows.
        for (let time = 0; time < 2; time++) assertEquals((yield* write).count, 2, what)
        const found = yield* Vectors.query(Rows, "id > 0")
        assertEquals(found.rows.toArray().map(({ value }) => value).toSorted(), [1, 2], what)
        assertEquals(
          (yield* Vectors.upsert(Rows, untyped(found.rows.toArray()))).count,
          2,
          `rows of a query after ${what}`,
        )
      }
      assertEquals((yield* Vectors.insert(Rows, [])).count, 0)
    }),
)

onFake(
  "rule 9: automatic keys that may be given are given by every row or by none, whatever the batches are",
  () =>
    Effect.gen(function* () {
      const fake = yield* FakeMilvus.FakeMilvus
      const Keys = {
        name: "keys",
        fields: { id: Field.int64({ primaryKey: true, autoId: true }), value: Field.int8() },
        options: { allowInsertAutoId: true },
      }
      const sent: Array<ReadonlyArray<string>> = []
      yield* fake.handle("Insert", ({ num_rows, fields_data }) => {
        sent.push(fields_data.map(({ field_name }) => field_name).toSorted())
        return Effect.succeed({ insert_cnt: num_rows, IDs: { int_id: { data: Array(num_rows).fill(7n) } } })
      })
      const insert = (rows: unknown) => Vectors.insert(untyped(Keys), untyped(rows), { batchBytes: 1 })
      for (const rows of [[{ value: 1 }, { value: 2 }], { value: [1, 2] }]) yield* insert(rows)
      assertEquals(sent.splice(0), Array(4).fill(["value"]))
      for (const rows of [[{ id: 1, value: 1 }, { id: 2, value: 2 }], { id: [1, 2], value: [1, 2] }]) {
        yield* insert(rows)
      }
      assertEquals(sent.splice(0), Array(4).fill(["id", "value"]))
      for (const rows of [[{ id: 1, value: 1 }, { value: 2 }], { id: [1, undefined], value: [1, 2] }]) {
        const error = yield* Effect.flip(insert(rows))
        assert(error._tag === "CodecError")
        assertEquals([error.field, error.row], ["id", 1])
      }
      for (const wrong of [null, 5, throwing]) {
        const error = yield* Effect.flip(insert([{ value: 1 }, wrong]))
        assert(error._tag === "CodecError")
        assertEquals(error.row, 1)
      }
      const strict = { ...Keys, options: {} }
      for (const rows of [[{ value: 1 }, { id: 1, value: 1 }], { id: [1, 2], value: [1, 2] }]) {
        const error = yield* Effect.flip(Vectors.insert(untyped(strict), untyped(rows)))
        assertMatch(error.message, /"id".*generated by Milvus/)
      }
      const unkeyed = yield* Effect.flip(Vectors.upsert(untyped(Keys), untyped([{ value: 1 }])))
      assertMatch(unkeyed.message, /field "id", row 0/)
      assertEquals(sent, [])
    }),
)

onFake(
  "rule 1: null for a field with a default is refused, since the default would take its place",
  () =>
    Effect.gen(function* () {
      for (const options of [{ default: 3 }, { default: 3, nullable: true }]) {
        const definition = named("value", Field.int8(untyped(options)))
        for (const rows of [[row, { id: 2, value: null }], { id: [1, 2], value: [1, null] }]) {
          const error = yield* Effect.flip(Vectors.insert(untyped(definition), untyped(rows)))
          assert(error._tag === "CodecError")
          assertEquals([error.field, error.row], ["value", 1])
        }
      }
      assertEquals(yield* writes, 0)
    }),
)

// ---- rule 7

for (const option of ["batchBytes", "concurrency"]) {
  onFake(`rule 7: ${option} of a write is a whole number above zero`, () =>
    Effect.gen(function* () {
      for (const value of [0, -1, 1.5, NaN, Infinity, "10", null, 2 ** 31]) {
        for (const write of [Vectors.insert, Vectors.upsert]) {
          const error = yield* Effect.flip(write(untyped(Plain), untyped([row]), untyped({ [option]: value })))
          assert(error._tag === "CodecError", `${value}`)
          assertEquals(error.field, option)
        }
      }
      const unknown = yield* Effect.flip(Vectors.insert(untyped(Plain), untyped([row]), untyped({ batchbytes: 1 })))
      assertMatch(unknown.message, /batchbytes/)
      assertEquals(yield* writes, 0)
    }))
}

// ---- what is reported

const Many = Collection.define("many", { id, value: Field.int8() })
const many = Array.from({ length: 10 }, (_, id) => ({ id, value: id }))
const one = { batchBytes: 1, concurrency: 1, retry: false } as const

const acknowledged = (ids: ReadonlyArray<bigint>, more: object = {}) =>
  Effect.succeed({ insert_cnt: ids.length, upsert_cnt: ids.length, IDs: { int_id: { data: ids } }, ...more })

onFake("rule 8: a reply that does not acknowledge each row is not a success", () =>
  Effect.gen(function* () {
    const fake = yield* FakeMilvus.FakeMilvus
    const replies = [
      {},
      { insert_cnt: 2, upsert_cnt: 2 },
      { IDs: { int_id: { data: [1n, 2n] } } },
      { insert_cnt: 1, upsert_cnt: 1, IDs: { int_id: { data: [1n] } } },
      { insert_cnt: 2, upsert_cnt: 2, IDs: { int_id: { data: [1n] } } },
      { insert_cnt: 3, upsert_cnt: 3, IDs: { int_id: { data: [1n, 2n, 3n] } } },
      { insert_cnt: 2, upsert_cnt: 2, IDs: { int_id: { data: [1n, 2n] } }, succ_index: [0], err_index: [1] },
    ]
    for (const [method, write] of [["Insert", Vectors.insert], ["Upsert", Vectors.upsert]] as const) {
      for (const [index, reply] of replies.entries()) {
        yield* fake.handle(method, () => Effect.succeed(reply))
        const error = yield* Effect.flip(write(untyped(Many), many.slice(0, 2)))
        assert(error._tag === "CodecError", `reply ${index}: ${error}`)
        assertMatch(error.message, /2 rows acknowledged, got/)
      }
      // After others, it is the cause of a partial write.
      let calls = 0
      yield* fake.handle(method, () => ++calls < 3 ? acknowledged([5n]) : Effect.succeed({}))
      const error = yield* Effect.flip(write(untyped(Many), many, one))
      assert(error._tag === "PartialWrite", error.message)
      assertEquals([error.rows, error.written, error.acknowledged, error.ids], [
        10,
        2,
        [[0, 1], [1, 2]],
        BigInt64Array.of(5n, 5n),
      ])
      assert(error.cause instanceof CodecError)
    }
    // Of rows with the same key, a server may keep one.
    yield* fake.handle("Upsert", () => acknowledged([1n]))
    assertEquals((yield* Vectors.upsert(Many, [{ id: 1, value: 1 }, { id: 1n, value: 2 }])).count, 2)
  }))

/** Acknowledges a number of inserts, and answers none after them. Returns a function that counts the inserts. */
const stallAfter = (count: number) =>
  Effect.gen(function* () {
    const fake = yield* FakeMilvus.FakeMilvus
    let calls = 0
    yield* fake.handle("Insert", ({ fields_data }) => {
      if (++calls > count) return Effect.never
      return acknowledged(fields_data.find(({ field_name }) => field_name === "id")?.scalars?.long_data?.data ?? [])
    })
    return () => calls
  })

onFake("rule 20: an interrupted write gives what was acknowledged to onInterrupt", () =>
  Effect.gen(function* () {
    const inserts = yield* stallAfter(3)
    const partial: Array<PartialWrite> = []
    let written = 0
    const fiber = yield* Effect.forkChild(Vectors.insert(Many, many, {
      ...one,
      onProgress: (progress) => Effect.sync(() => void (written = progress.written)),
      onInterrupt: (error) => Effect.sync(() => void partial.push(error)),
    }))
    yield* until(() => written === 3 && inserts() === 4)
    yield* Fiber.interrupt(fiber)
    const [error, ...others] = partial
    assertEquals([error?.written, error?.acknowledged, error?.ids, others.length], [
      3,
      [[0, 1], [1, 2], [2, 3]],
      BigInt64Array.of(0n, 1n, 2n),
      0,
    ])
    // Nothing was acknowledged, so there is nothing to report.
    const none = yield* Effect.forkChild(Vectors.insert(Many, many, {
      ...one,
      onInterrupt: (error) => Effect.sync(() => void partial.push(error)),
    }))
    yield* until(() => inserts() === 5)
    yield* Fiber.interrupt(none)
    assertEquals(partial.length, 1)
  }))

onFake(
  "rule 20: an insert that a signal aborts rejects with what was acknowledged, or with the signal's reason",
  () =>
    Effect.gen(function* () {
      yield* stallAfter(3)
      const { config: { address } } = yield* Connection.Connection
      yield* Effect.promise(async () => {
        await using milvus = await connect(address)
        const reason = new Error("enough")
        const abort = new AbortController()
        const error = await milvus.vectors.insert(Many, many, {
          ...one,
          signal: abort.signal,
          onProgress: ({ written }) => void (written === 3 && abort.abort(reason)),
        }).catch((error) => error)
        assertEquals([error._tag, error.written, error.acknowledged], ["PartialWrite", 3, [[0, 1], [1, 2], [2, 3]]])
        assertEquals(error.cause, reason)
        assertMatch(error.message, /3 of 10 rows were written to "many", then: enough/)
        const soon = new AbortController()
        const nothing = milvus.vectors.insert(Many, many, { ...one, signal: soon.signal }).catch((error) => error)
        soon.abort(reason)
        assertEquals(await nothing, reason)
      })
    }),
)
