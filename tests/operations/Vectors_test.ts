/** Collections, indexes and vectors through their operations, on every server that the tests have. */
import { assert, assertEquals } from "@std/assert"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { Connection, RpcError } from "../../mod.ts"
import * as Field from "../../src/schema/Field.ts"
import { filter } from "../../src/filter/Filter.ts"
import * as Collection from "../../src/operations/Collection.ts"
import * as Index from "../../src/operations/Index.ts"
import * as Vectors from "../../src/operations/Vectors.ts"
import { FakeMilvus } from "../../src/testing/mod.ts"
import { type MilvusServer, shared, startMilvus, startMilvusLite } from "../support/milvus.ts"
import { test } from "../support/test.ts"

const lite = shared(startMilvusLite)
const standalone = shared(startMilvus)

type Program<A, E> = Effect.Effect<A, E, Connection.Connection>

const on = (server: () => MilvusServer) => <A, E>(program: Program<A, E>) =>
  Effect.runPromise(Effect.provide(program, Connection.layer(server().address)))

const servers = {
  "FakeMilvus": <A, E>(program: Program<A, E>) =>
    Effect.runPromise(Effect.provide(program, FakeMilvus.layerConnected())),
  "milvus-lite": on(lite),
  "Milvus 2.3.5": on(standalone),
} as const

let collections = 0
/** A collection of its own for each test, which share a server. */
const books = () =>
  Collection.define(`books_${++collections}`, {
    id: Field.int64({ primaryKey: true }),
    title: Field.varChar({ maxLength: 200 }),
    year: Field.int16(),
    price: Field.double(),
    inPrint: Field.bool(),
    notes: Field.json(),
    vector: Field.floatVector({ dimension: 4 }),
  }, { dynamicFields: true, indexes: { vector: Index.flat({ metric: "L2" }) }, consistencyLevel: "Strong" })

const rows = [
  {
    id: 1,
    title: "Siddhartha 🚀",
    year: 1922,
    price: 9.5,
    inPrint: true,
    notes: { a: [1, "x"] },
    vector: [1, 0, 0, 0],
  },
  { id: 2n, title: "", year: -1, price: -0, inPrint: false, notes: {}, vector: new Float32Array([0, 1, 0, 0]) },
  {
    id: 2n ** 62n,
    title: `quote " \\ \n`,
    year: 32767,
    price: 1e300,
    inPrint: true,
    notes: {},
    vector: [0, 0, 1, 0],
    publisher: "S. Fischer",
  },
] as const

for (const [server, run] of Object.entries(servers)) {
  test(`${server}: rows go in, are got by their keys, and come out as they were, typed`, async () => {
    const Books = books()
    await run(Effect.gen(function* () {
      yield* Collection.create(Books)
      const { count, ids } = yield* Vectors.insert(Books, rows)
      assertEquals([count, [...ids]], [3, [1n, 2n, 2n ** 62n]])
      const got = yield* Vectors.get(Books, [1, 2n, 2n ** 62n, 4])
      const byId = new Map(got.rows.toArray().map((row) => [row.id, row]))
      assertEquals(byId.size, 3)
      const first = byId.get(1n)!
      // The types are those of the definition.
      const [title, year, vector]: [string, number, Float32Array] = [first.title, first.year, first.vector]
      assertEquals([title, year, [...vector]], ["Siddhartha 🚀", 1922, [1, 0, 0, 0]])
      assertEquals(first.notes, { a: [1, "x"] })
      assert(Object.is(byId.get(2n)!.price, -0))
      const last = byId.get(2n ** 62n)!
      assertEquals([last.title, last.publisher], [`quote " \\ \n`, "S. Fischer"])
      assertEquals(got.column("year")?.length, 3)
      assertEquals((yield* Vectors.get(Books, [])).length, 0)
      assertEquals((yield* Vectors.get(Books, [77])).rows.toArray(), [])
    }))
  })

  test(`${server}: columns go in as memory, in several requests, with progress`, async () => {
    const Books = books()
    await run(Effect.gen(function* () {
      yield* Collection.create(Books)
      const count = 1000
      const numbers = Array.from({ length: count }, (_, i) => i)
      const progress: Array<number> = []
      const written = yield* Vectors.insert(Books, {
        id: BigInt64Array.from(numbers, BigInt),
        title: numbers.map((i) => `title ${i}`),
        year: Int16Array.from(numbers),
        price: Float64Array.from(numbers),
        inPrint: numbers.map((i) => i % 2 === 0),
        notes: numbers.map((i) => ({ i })),
        vector: Float32Array.from({ length: count * 4 }, (_, i) => i),
      }, {
        batchBytes: 10_000,
        onProgress: ({ written, rows }) => Effect.sync(() => void (progress.push(written), assertEquals(rows, count))),
      })
      assertEquals([written.count, written.ids.length], [count, count])
      assert(progress.length > 3, `${progress.length} requests`)
      assertEquals(progress.at(-1), count)
      assertEquals(progress, progress.toSorted((a, b) => a - b))
      assertEquals(yield* Vectors.count(Books), count)
      const row = (yield* Vectors.get(Books, [999])).rows.at(0)!
      assertEquals([row.title, row.year, row.inPrint, [...row.vector]], ["title 999", 999, false, [
        3996,
        3997,
        3998,
        3999,
      ]])
    }))
  })

  test(`${server}: a query in batches gives every row once, by growing key`, async () => {
    const Books = books()
    await run(Effect.gen(function* () {
      yield* Collection.create(Books)
      const all = Array.from({ length: 250 }, (_, i) => ({ ...rows[0], id: (i * 7919) % 100_003, year: i % 100 }))
      yield* Vectors.insert(Books, all)
      const pages = yield* Stream.runCollect(
        Vectors.queryBatches(Books, undefined, { batchSize: 60, outputFields: ["year"] }),
      )
      assertEquals([...pages].map(({ length }) => length), [60, 60, 60, 60, 10])
      const ids = [...pages].flatMap(({ rows }) => rows.toArray().map(({ id }) => Number(id)))
      assertEquals(ids, all.map(({ id }) => id).toSorted((a, b) => a - b))
      const some = yield* Stream.runCollect(Vectors.queryBatches(Books, "id > 50000", { batchSize: 20, limit: 30 }))
      assertEquals([...some].map(({ length }) => length), [20, 10])
      assert([...some].every(({ rows }) => rows.toArray().every(({ id }) => id > 50000n)))
      assertEquals([...(yield* Stream.runCollect(Vectors.queryBatches(Books, "id < 0")))], [])
    }))
  })

  test(`${server}: a search finds the nearest of each query, with the fields that were asked for`, async () => {
    const Books = books()
    await run(Effect.gen(function* () {
      yield* Collection.create(Books)
      yield* Vectors.insert(Books, rows)
      const found = yield* Vectors.search(Books, [[1, 0, 0, 0], [0, 0, 1, 0.5]], { limit: 2, outputFields: ["title"] })
      assertEquals([...found.counts], [2, 2])
      assertEquals(found.hits(0).at(0)?.id, 1n)
      assertEquals(found.hits(0).at(0)?.row.title, "Siddhartha 🚀")
      assertEquals(found.hits(1).at(0)?.id, 2n ** 62n)
      assertEquals(found.scores.length, 4)
      assertEquals(found.hits(2).length, 0)
      const flat = yield* Vectors.search(Books, {
        type: "FloatVector",
        dimension: 4,
        values: new Float32Array([0, 1, 0, 0]),
      }, {
        limit: 1,
      })
      assertEquals([...flat.ids], [2n])
      const wrong = yield* Effect.flip(Vectors.search(Books, [[1, 2, 3]], { limit: 1 }))
      assertEquals(wrong._tag, "CodecError")
    }))
  })

  test(`${server}: an upsert replaces, a delete deletes, and a wrong value is told by field and row`, async () => {
    const Books = books()
    await run(Effect.gen(function* () {
      yield* Collection.create(Books)
      yield* Vectors.insert(Books, rows)
      yield* Vectors.upsert(Books, [{ ...rows[0], title: "new" }])
      assertEquals((yield* Vectors.get(Books, [1])).rows.at(0)?.title, "new")
      assertEquals(yield* Vectors.count(Books), 3)
      yield* Vectors.delete(Books, { ids: [1, 2] })
      assertEquals(yield* Vectors.count(Books), 1)

      const cases: ReadonlyArray<readonly [row: object, field: string]> = [
        [{ ...rows[0], vector: [1, 2, 3] }, "vector"],
        [{ ...rows[0], year: 40_000 }, "year"],
        [{ ...rows[0], title: 5 }, "title"],
        [{ ...rows[0], id: 2 ** 60 }, "id"],
        [{ ...rows[0], title: undefined }, "title"],
      ]
      for (const [row, field] of cases) {
        // Cast: what an untyped program may write.
        const error = yield* Effect.flip(Vectors.insert(Books, [rows[0], row as typeof rows[0]]))
        assert(error._tag === "CodecError", `${field}: ${error.message}`)
        assertEquals([error.field, error.row], [field, 1])
      }
    }))
  })

  test(`${server}: a plain name works where a definition does`, async () => {
    const { name, ...Books } = books()
    await run(Effect.gen(function* () {
      yield* Collection.create({ name, ...Books })
      yield* Vectors.insert(name, rows)
      const row = (yield* Vectors.get(name, [1])).rows.at(0)
      assertEquals([row?.["title"], row?.["id"]], ["Siddhartha 🚀", 1n])
      assertEquals((yield* Vectors.search(name, [[1, 0, 0, 0]], { limit: 1 })).hits().at(0)?.id, 1n)
      assertEquals((yield* Vectors.delete(name, { ids: [1] })) >= 0, true)
      const definition = yield* Collection.fromServer(name)
      assertEquals(Object.keys(definition.fields).toSorted(), Object.keys(Books.fields).toSorted())
      assertEquals((yield* Effect.flip(Vectors.insert("no such collection", rows)))._tag, "ServerError")
    }))
  })

  test(`${server}: a collection is created, described, loaded, released, renamed and dropped`, async () => {
    const Books = books()
    await run(Effect.gen(function* () {
      assertEquals(yield* Collection.has(Books), false)
      yield* Collection.create(Books)
      assertEquals(yield* Collection.has(Books), true)
      assert((yield* Collection.list()).includes(Books.name))
      const { definition, id } = yield* Collection.describe(Books)
      assertEquals([definition.name, typeof id], [Books.name, "bigint"])
      const [index] = yield* Index.describe(Books)
      assertEquals([index?.field, index?.type, index?.metric], ["vector", "FLAT", "L2"])
      yield* Index.wait(Books)
      yield* Collection.release(Books)
      const progress = yield* Stream.runCollect(Collection.loading(Books))
      assertEquals([...progress].at(-1), 100)
      yield* Collection.release(Books)
      yield* Index.drop(Books, index!.name)
      assertEquals(yield* Index.describe(Books), [])
      yield* Index.create(Books, "vector", Index.flat({ metric: "IP" }))
      assertEquals((yield* Index.describe(Books, "vector"))[0]?.metric, "IP")
      yield* Collection.drop(Books)
      assertEquals(yield* Collection.has(Books), false)
      yield* Collection.drop(Books)
    }))
  })
}

test("a query in batches goes on after the connection was lost, without losing or repeating a row", async () => {
  const Books = books()
  const program = Effect.gen(function* () {
    const fake = yield* FakeMilvus.FakeMilvus
    yield* Collection.create(Books)
    yield* Vectors.insert(Books, Array.from({ length: 100 }, (_, id) => ({ ...rows[0], id })))
    const ids: Array<bigint> = []
    let batches = 0
    yield* Stream.runForEach(
      Vectors.queryBatches(Books, undefined, { batchSize: 10 }),
      ({ rows }) =>
        Effect.gen(function* () {
          ids.push(...rows.toArray().map(({ id }) => id))
          if (++batches % 3 !== 0) return
          yield* fake.crash
          yield* fake.restart
        }),
    )
    assertEquals(ids, Array.from({ length: 100 }, (_, id) => BigInt(id)))
  })
  await Effect.runPromise(Effect.provide(program, FakeMilvus.layerConnected()))
})

test("what was acknowledged is told when a later request of an insert fails", async () => {
  const Books = books()
  const program = Effect.gen(function* () {
    const fake = yield* FakeMilvus.FakeMilvus
    yield* Collection.create(Books)
    const many = Array.from({ length: 100 }, (_, id) => ({ ...rows[0], id }))
    const options = { batchBytes: 2000, concurrency: 1, retry: false } as const
    let requests = 0
    yield* fake.handle(
      "Insert",
      (request) =>
        ++requests === 3 ? Effect.fail({ code: "UNAVAILABLE", details: "gone" }) : Effect.succeed({
          insert_cnt: request.num_rows,
          IDs: { int_id: { data: Array(request.num_rows).fill(7n) } },
        }),
    )
    const error = yield* Effect.flip(Vectors.insert(Books, many, options))
    assert(error._tag === "PartialWrite", error.message)
    const size = error.acknowledged[0]![1]
    assertEquals(error.acknowledged, [[0, size], [size, 2 * size]])
    assertEquals([error.rows, error.written, error.ids.length], [100, 2 * size, 2 * size])
    assert(error.cause instanceof RpcError && error.cause.progress === "Lost")
    assertEquals(requests, 3)
    // The first that fails has nothing to tell but itself.
    requests = 2
    const first = yield* Effect.flip(Vectors.insert(Books, many, options))
    assertEquals(first._tag, "RpcError")
  })
  await Effect.runPromise(Effect.provide(program, FakeMilvus.layerConnected()))
})

test("an insert whose size was guessed too small is divided, and stays below what the server takes", async () => {
  const Texts = Collection.define("texts", {
    id: Field.int64({ primaryKey: true }),
    text: Field.varChar({ maxLength: 65_535 }),
    vector: Field.floatVector({ dimension: 2 }),
  })
  const program = Effect.gen(function* () {
    const fake = yield* FakeMilvus.FakeMilvus
    yield* Collection.create(Texts)
    const sizes: Array<number> = []
    yield* fake.handle("Insert", ({ num_rows, fields_data }) => {
      sizes.push(num_rows)
      const first = fields_data.find(({ field_name }) => field_name === "id")?.scalars?.long_data?.data ?? []
      return Effect.succeed({ insert_cnt: num_rows, IDs: { int_id: { data: first } } })
    })
    // Long texts where no sample is taken.
    const long = "x".repeat(60_000)
    const many = Array.from({ length: 1200 }, (_, id) => ({ id, text: id % 37 === 0 ? "" : long, vector: [1, 2] }))
    const { count, ids } = yield* Vectors.insert(Texts, many, { concurrency: 1 })
    assertEquals([count, sizes], [1200, [600, 600]])
    assertEquals([...ids], many.map(({ id }) => BigInt(id)))
  })
  await Effect.runPromise(Effect.provide(program, FakeMilvus.layerConnected()))
})

for (const server of ["milvus-lite", "Milvus 2.3.5"] as const) {
  const run = servers[server]
  test(`${server}: a filter's values never become syntax`, async () => {
    const Books = books()
    await run(Effect.gen(function* () {
      yield* Collection.create(Books)
      yield* Vectors.insert(Books, rows)
      const hostile = [`" or id > 0 or title == "`, `x' or 1 == 1`, `\\" or id > 0`, "{v0}", `quote " \\ \n`]
      for (const text of hostile) {
        const { rows } = yield* Vectors.query(Books, filter`title == ${text}`, { outputFields: ["title"] })
        assertEquals(rows.toArray().map(({ title }) => title), text === `quote " \\ \n` ? [text] : [])
      }
      const years = yield* Vectors.query(Books, filter`year in ${[1922, 32767]} and price > ${0}`, {
        outputFields: ["year"],
      })
      assertEquals(years.rows.toArray().map(({ year }) => year).toSorted(), [1922, 32767])
      assertEquals(yield* Vectors.count(Books, filter`year > ${0}`), 2)
    }))
  })
}
