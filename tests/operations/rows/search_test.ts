/** Searches in batches, of ranges, by groups and of several fields, on every server that the tests have. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { Collection, Connection, Field, filter, Functions, Index, Vectors } from "../../../mod.ts"
import { FakeMilvus, FaultProxy } from "../../../src/testing/mod.ts"
import { type MilvusServer, shared, startMilvus, startMilvusLite } from "../../support/milvus.ts"
import { test } from "../../support/test.ts"

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
const points = (metric: "L2" | "IP" | "COSINE", index: "flat" | "hnsw" = "flat") =>
  Collection.define(`points_${++collections}`, {
    id: Field.int64({ primaryKey: true }),
    kind: Field.varChar({ maxLength: 20 }),
    place: Field.floatVector({ dimension: 2 }),
  }, {
    indexes: { place: index === "flat" ? Index.flat({ metric }) : Index.hnsw({ metric, M: 8, efConstruction: 64 }) },
    consistencyLevel: "Strong",
  })

/** Points of a grid: most distances come many times. */
const grid = (count: number, side: number) =>
  Array.from({ length: count }, (_, id) => ({
    id,
    kind: `kind ${id % 3}`,
    place: [1 + id % side, 1 + Math.floor(id / side)],
  }))

/** Distinct places, and so distinct distances. */
const line = (count: number) =>
  Array.from({ length: count }, (_, id) => ({ id, kind: `kind ${id % 3}`, place: [(id * 7) % count + 1, 0] }))

const idsOf = (batches: Iterable<Vectors.SearchResult<unknown>>) =>
  [...batches].flatMap(({ ids }) => Array.from(ids, Number))
const scoresOf = (batches: Iterable<Vectors.SearchResult<unknown>>) => [...batches].flatMap(({ scores }) => [...scores])
const numbers = (count: number) => Array.from({ length: count }, (_, id) => id)
const ascending = (values: ReadonlyArray<number>) => values.toSorted((a, b) => a - b)

for (const [server, run] of Object.entries(servers)) {
  test(`${server}: a search in batches gives each hit once, from the nearest outwards`, async () => {
    const indexes = [["IP", "hnsw"], ["L2", "flat"]] as const
    // A standalone server takes seconds for each collection.
    for (const [metric, index] of server === "Milvus 2.3.5" ? indexes.slice(0, 1) : indexes) {
      const Points = points(metric, index)
      await run(Effect.gen(function* () {
        yield* Collection.create(Points)
        yield* Vectors.insert(Points, line(230))
        const search = Vectors.searchBatches(Points, [0.9, 0], { batchSize: 50, outputFields: ["kind"] })
        const batches = yield* Stream.runCollect(search)
        const order = metric === "L2" ? 1 : -1
        const expected = line(230).toSorted((a, b) => order * (a.place[0]! - b.place[0]!))
        assertEquals(idsOf(batches), expected.map(({ id }) => id))
        assertEquals([...batches].every(({ ids }) => ids.length <= 50), true)
        assertEquals([...batches].flatMap((batch) => batch.hits().toArray()).map(({ row }) => row.kind), [
          ...expected.map(({ kind }) => kind),
        ])
        // What is named, what is limited, and what a filter lets through; the definition is read from the server.
        const some = yield* Stream.runCollect(
          Vectors.searchBatches(Points.name, [0.9, 0], {
            batchSize: 20,
            limit: 45,
            filter: filter`id > ${99}`,
          }),
        )
        assertEquals(idsOf(some), expected.filter(({ id }) => id > 99).map(({ id }) => id).slice(0, 45))
        assertEquals([...some].every(({ ids }) => ids.length <= 20), true)
        const none = yield* Stream.runCollect(Vectors.searchBatches(Points, [0.9, 0], { filter: "id < 0" }))
        assertEquals([...none], [])
      }))
    }
  })

  if (server !== "FakeMilvus") {
    test(`${server}: a search in batches loses no hit among many with the same score`, async () => {
      const Points = points("L2")
      await run(Effect.gen(function* () {
        yield* Collection.create(Points)
        yield* Vectors.insert(Points, grid(200, 20))
        for (const batchSize of server === "milvus-lite" ? [7, 40] : [40]) {
          const batches = yield* Stream.runCollect(Vectors.searchBatches(Points, [10, 5], { batchSize }))
          assertEquals(ascending(idsOf(batches)), numbers(200))
          const scores = scoresOf(batches)
          assertEquals(scores, ascending(scores))
        }
        // milvus-lite applies a range to what it finds without one.
        if (server === "milvus-lite") return
        const within = yield* Stream.runCollect(
          Vectors.searchBatches(Points, [10, 5], { batchSize: 10, params: { radius: 9.5, range_filter: 2 } }),
        )
        const near = grid(200, 20).filter(({ place: [x, y] }) => {
          const distance = (x! - 10) ** 2 + (y! - 5) ** 2
          return distance >= 2 && distance < 9.5
        })
        assertEquals(ascending(idsOf(within)), near.map(({ id }) => id))
      }))
    })
  }

  test(`${server}: a range search, one in a partition, and one at a level of consistency find what they should`, async () => {
    const Points = points("L2")
    await run(Effect.gen(function* () {
      const connection = yield* Connection.Connection
      yield* Collection.create(Points)
      yield* connection.call("CreatePartition", { collection_name: Points.name, partition_name: "far" })
      if (server === "Milvus 2.3.5") yield* Collection.load(Points)
      yield* Vectors.insert(Points, line(50))
      yield* Vectors.insert(Points, [{ id: 1000, kind: "far", place: [1000, 0] }], { partition: "far" })
      const range = yield* Vectors.search(Points, [[0, 0]], { limit: 20, params: { radius: 26, range_filter: 4 } })
      assertEquals([...range.scores], [4, 9, 16, 25])
      const far = yield* Vectors.search(Points, [[0, 0]], { limit: 5, partitions: ["far"], outputFields: ["*"] })
      assertEquals(far.hits().toArray().map(({ row }) => [row.id, row.kind, [...row.place]]), [[1000n, "far", [
        1000,
        0,
      ]]])
      assertEquals((yield* Vectors.query(Points, "id >= 0", { partitions: ["far"] })).length, 1)
      // A row has its key, whether it was asked for or not.
      const bare = yield* Vectors.search(Points, [[1000, 0]], { limit: 1 })
      assertEquals(bare.hits().at(0)?.row.id, 1000n)
      for (let id = 2000; id < 2005; id++) {
        yield* Vectors.insert(Points, [{ id, kind: "new", place: [2000, id] }])
        const found = yield* Vectors.get(Points, [id], { consistency: "Session", outputFields: ["kind"] })
        assertEquals(found.rows.toArray().map(({ kind }) => kind), ["new"])
        yield* Vectors.delete(Points, { ids: [id] })
        assertEquals((yield* Vectors.get(Points, [id], { consistency: "Session" })).length, 0)
      }
      const second = yield* Vectors.search(Points, [[1, 0]], { limit: 3, offset: 2, timeout: "20 seconds" })
      assertEquals([...second.scores], [4, 9, 16])
    }))
  })
}

const documents = () =>
  Collection.define(`documents_${++collections}`, {
    id: Field.int64({ primaryKey: true }),
    topic: Field.varChar({ maxLength: 20 }),
    age: Field.int64(),
    left: Field.floatVector({ dimension: 2 }),
    right: Field.floatVector({ dimension: 2 }),
  }, {
    indexes: { left: Index.flat({ metric: "COSINE" }), right: Index.hnsw({ metric: "IP", M: 8, efConstruction: 64 }) },
    consistencyLevel: "Strong",
  })

test("milvus-lite: groups hold the best of each value", async () => {
  const Documents = documents()
  await servers["milvus-lite"](Effect.gen(function* () {
    yield* Collection.create(Documents)
    yield* Vectors.insert(
      Documents,
      numbers(12).map((id) => ({ id, topic: `topic ${id % 3}`, age: id, left: [1, id], right: [id, 1] })),
    )
    const grouped = yield* Vectors.search(Documents, [[1, 0]], {
      field: "left",
      limit: 3,
      groupBy: "topic",
      groupSize: 2,
      strictGroupSize: true,
      outputFields: ["topic"],
    })
    const hits = grouped.hits().toArray().map(({ id, row }) => [Number(id), row.topic])
    assertEquals(hits.toSorted(), [[0, "topic 0"], [1, "topic 1"], [2, "topic 2"], [3, "topic 0"], [4, "topic 1"], [
      5,
      "topic 2",
    ]])
    assertEquals(grouped.reply.groupBy.map(({ type, length }) => [type, length]), [["VarChar", 6]])
  }))
})

test("milvus-lite: a hybrid search ranks the hits of several fields together, by each kind of reranker", async () => {
  const Documents = documents()
  await servers["milvus-lite"](Effect.gen(function* () {
    yield* Collection.create(Documents)
    yield* Vectors.insert(
      Documents,
      numbers(10).map((id) => ({ id, topic: `topic ${id % 2}`, age: id, left: [1, id], right: [id, 1] })),
    )
    const searches = [
      { field: "left", data: [[1, 0]], limit: 4 },
      { field: "right", data: [[1, 0]], limit: 4, params: { ef: 32 }, filter: filter`age < ${9}` },
    ] as const
    // Left: 0 1 2 3. Right: 8 7 6 5.
    const rrf = yield* Vectors.hybridSearch(Documents, searches, { limit: 3, outputFields: ["topic"] })
    assertEquals([...rrf.ids].slice(0, 2).toSorted(), [0n, 8n])
    assert(Math.abs(rrf.scores[0]! - 1 / 61) < 1e-6, `${rrf.scores[0]}`)
    assertEquals(rrf.hits().at(0)?.row.topic, "topic 0")
    const weighted = yield* Vectors.hybridSearch(Documents, searches, {
      limit: 2,
      rerank: { strategy: "weighted", weights: [0.1, 0.9] },
    })
    assertEquals(weighted.ids[0], 8n)
    const first = yield* Vectors.hybridSearch(Documents, searches, {
      limit: 1,
      rerank: { strategy: "weighted", weights: [0.9, 0.1], normalize: true },
    })
    assertEquals([...first.ids], [0n])
    const byFunction = yield* Vectors.hybridSearch(Documents, searches, {
      limit: 8,
      rerank: Functions.rerank({
        reranker: "decay",
        input: ["age"],
        params: { function: "gauss", origin: 7, scale: 1, decay: 0.01 },
      }),
    })
    assertEquals(byFunction.ids[0], 7n)
    const reranked = yield* Vectors.search(Documents, [[1, 0]], {
      field: "left",
      limit: 4,
      rerank: Functions.rerank({
        reranker: "decay",
        input: ["age"],
        params: { function: "linear", origin: 3, scale: 1, decay: 0.1 },
      }),
    })
    assertEquals(reranked.ids[0], 3n)
    const offset = yield* Vectors.hybridSearch(Documents, searches, { limit: 2, offset: 2, roundDecimal: 3 })
    assertEquals(offset.ids.length, 2)
  }))
})

test("milvus-lite: texts find texts, by a function of the collection, also beside vectors", async () => {
  const Articles = Collection.define(`articles_${++collections}`, {
    id: Field.int64({ primaryKey: true, autoId: true }),
    text: Field.varChar({ maxLength: 1000, enableAnalyzer: true }),
    terms: Field.sparseFloatVector(),
    vector: Field.floatVector({ dimension: 2 }),
  }, {
    functions: { text_terms: Functions.bm25({ input: "text", output: "terms" }) },
    indexes: {
      terms: Index.sparseInvertedIndex({ metric: "BM25" }),
      vector: Index.flat({ metric: "L2" }),
    },
  })
  await servers["milvus-lite"](Effect.gen(function* () {
    yield* Collection.create(Articles)
    const { ids } = yield* Vectors.insert(Articles, [
      { text: "a river runs through the valley", vector: [0, 1] },
      { text: "the mountain has no river", vector: [1, 0] },
      { text: "bread and wine", vector: [1, 1] },
    ])
    const found = yield* Vectors.search(Articles, ["river in a valley"], {
      field: "terms",
      limit: 3,
      outputFields: ["*"],
    })
    assertEquals([...found.ids], [ids[0], ids[1]])
    assertEquals(found.hits().at(0)?.row.text, "a river runs through the valley")
    const both = yield* Vectors.hybridSearch(Articles, [
      { field: "terms", data: ["wine"], limit: 3 },
      { field: "vector", data: [[1, 0]], limit: 3 },
    ], { limit: 1, rerank: { strategy: "weighted", weights: [0.9, 0.1] } })
    assertEquals([...both.ids], [ids[2]])
  }))
})

test("Milvus 2.3.5: hybridSearch fails with the version that it needs", async () => {
  const Documents = documents()
  await servers["Milvus 2.3.5"](Effect.gen(function* () {
    const error = yield* Effect.flip(
      Vectors.hybridSearch(Documents, [{ field: "left", data: [[1, 0]], limit: 4 }], { limit: 3 }),
    )
    assert(error._tag === "Unsupported", error.message)
    assertEquals([error.operation, error.needs, error.cause], ["Vectors.hybridSearch", "2.4.0", undefined])
    assertStringIncludes(error.message, "Vectors.hybridSearch needs Milvus 2.4.0 or later: ")
    assertStringIncludes(error.message, " is v2.3.5")
  }))
})

test("a search in batches goes on after the server was gone, by its iterator", async () => {
  const Points = points("L2")
  const program = Effect.gen(function* () {
    const fake = yield* FakeMilvus.FakeMilvus
    yield* Collection.create(Points)
    yield* Vectors.insert(Points, line(100))
    const ids: Array<number> = []
    let batches = 0
    yield* Stream.runForEach(
      Vectors.searchBatches(Points, [0, 0], { batchSize: 9 }),
      (batch) =>
        Effect.gen(function* () {
          ids.push(...Array.from(batch.ids, Number))
          assert(batch.reply.iterator !== undefined)
          if (++batches % 3 !== 0) return
          yield* fake.crash
          yield* fake.restart
        }),
    )
    assertEquals(batches, 12)
    assertEquals(ids, line(100).toSorted((a, b) => a.place[0]! - b.place[0]!).map(({ id }) => id))
  })
  await Effect.runPromise(Effect.provide(program, FakeMilvus.layerConnected()))
})

test("milvus-lite: a search and a query in batches go on after their connection was cut, by ranges", async () => {
  const Points = points("COSINE")
  const program = Effect.scoped(Effect.gen(function* () {
    const proxy = yield* FaultProxy.make({ target: lite().address })
    const connection = yield* Connection.connect(proxy.address)
    yield* Effect.gen(function* () {
      yield* Collection.create(Points)
      yield* Vectors.insert(Points, grid(120, 12))
      const cut = (batch: number) => batch % 3 === 0 ? proxy.reset : Effect.void
      let batches = 0
      const found: Array<number> = []
      yield* Stream.runForEach(Vectors.searchBatches(Points, [1, 2], { batchSize: 13 }), (batch) => {
        found.push(...Array.from(batch.ids, Number))
        assertEquals(batch.reply.iterator, undefined)
        return cut(++batches)
      })
      assertEquals(ascending(found), numbers(120))
      const queried: Array<number> = []
      yield* Stream.runForEach(Vectors.queryBatches(Points, "", { batchSize: 13 }), (batch) => {
        queried.push(...batch.rows.toArray().map(({ id }) => Number(id)))
        return cut(++batches)
      })
      assertEquals(queried, numbers(120))
    }).pipe(Effect.provideService(Connection.Connection, connection))
  }))
  await Effect.runPromise(program)
})

test("a plain name is written by the new schema where the server says that the old one is outdated", async () => {
  const program = Effect.scoped(Effect.gen(function* () {
    const fake = yield* FakeMilvus.FakeMilvus
    const Old = points("L2")
    yield* Collection.create(Old)
    yield* Vectors.insert(Old.name, line(3))
    // Another program makes it anew, with a field more.
    const other = yield* Connection.connect(fake.address)
    const New = Collection.define(Old.name, { ...Old.fields, age: Field.int32() }, Old.options)
    yield* Effect.provideService(
      Effect.andThen(Collection.drop(Old), Collection.create(New)),
      Connection.Connection,
      other,
    )
    const rows = line(3).map((row) => ({ ...row, age: row.id }))
    const written = yield* Vectors.insert(Old.name, rows)
    assertEquals(written.count, 3)
    assertEquals((yield* Vectors.get(Old.name, [2], { outputFields: ["age"] })).rows.at(0)?.["age"], 2)
    // And anew once more, so that the rows fit the old definition, and the server alone can tell.
    const Newer = Collection.define(Old.name, { ...New.fields, note: Field.json({ nullable: true }) }, Old.options)
    yield* Effect.provideService(
      Effect.andThen(Collection.drop(New), Collection.create(Newer)),
      Connection.Connection,
      other,
    )
    yield* Vectors.insert(Old.name, rows)
    const seen = (yield* fake.calls).filter(({ method }) => method === "Insert" || method === "DescribeCollection")
    assertEquals(seen.slice(-3).map(({ method }) => method), ["Insert", "DescribeCollection", "Insert"])
    assertEquals((yield* Vectors.get(Old.name, [2])).rows.at(0)?.["note"], null)
    // By a definition nothing is read anew: it is the caller's.
    const error = yield* Effect.flip(Vectors.insert(Old, line(3)))
    assertStringIncludes(error.message, "age")
  }))
  await Effect.runPromise(Effect.provide(program, FakeMilvus.layerConnected()))
})

test("an insert by a plain name is retried only for an outdated schema", async () => {
  const program = Effect.gen(function* () {
    const fake = yield* FakeMilvus.FakeMilvus
    const Points = points("L2")
    yield* Collection.create(Points)
    yield* Vectors.insert(Points.name, line(3))
    // The definition is outdated, but this insert may have been applied.
    const other = yield* Connection.connect(fake.address)
    const recreate = Effect.andThen(Collection.drop(Points.name), Collection.create(Points))
    yield* Effect.provideService(recreate, Connection.Connection, other)
    yield* fake.fail("Insert", { code: "UNAVAILABLE", details: "gone" }, { times: 1 })
    const error = yield* Effect.flip(Vectors.insert(Points.name, line(3), { retry: false }))
    assert(error._tag === "RpcError", error.message)
    const wrong = yield* Effect.flip(Vectors.insert(Points.name, [{ id: "one" }]))
    assertEquals(wrong._tag, "CodecError")
    const calls = (method: string) =>
      Effect.map(fake.calls, (all) => all.filter((call) => call.method === method).length)
    // A value that is found to be wrong when it is encoded is not sent either, and is tried with the current definition.
    const described = yield* calls("DescribeCollection")
    const late = yield* Effect.flip(Vectors.insert(Points.name, [{ id: 1, kind: "", place: ["one", 2] }]))
    assertEquals(late._tag, "CodecError")
    assertEquals((yield* calls("DescribeCollection")) - described, 1)
    assertEquals(yield* calls("Insert"), 2)
  })
  await Effect.runPromise(Effect.scoped(Effect.provide(program, FakeMilvus.layerConnected())))
})
