/** The store of Mastra: what its interface and its filters promise, on each server of the tests. */
import { MastraVector } from "@mastra/core/vector"
import { assert, assertEquals, assertStringIncludes } from "@std/assert"
import * as Effect from "effect/Effect"
import { Collection, Field, filter, Functions, Index } from "../../mod.ts"
import { MilvusVector } from "../../src/mastra/mod.ts"
import type { AnyDefinition } from "../../src/operations/Collection.ts"
import { connect } from "../../src/promise.ts"
import { assertRefused, onEach, onLite, withFake } from "../adapters/support.ts"
import { namer } from "../operations/support.ts"
import { test } from "../support/test.ts"

const name = namer("mastra")
const dimension = 4
const near = [1, 0.1, 0, 0]

const products = [
  { name: "A", price: 10, category: "electronics", tags: ["new", "sale"], available: true },
  { name: "B", price: 25.5, category: "electronics", tags: ["featured"], available: true },
  { name: "C", price: 50, category: "home", tags: ["premium", "sale"], available: false },
  { name: "D", price: null, category: "books", tags: [], available: false, description: "a classic novel" },
]
const vectorOf = (at: number) => [1, at, 0, 0]
const rows = {
  vectors: products.map((_, at) => vectorOf(at)),
  metadata: products,
  ids: products.map(({ name }) => name),
}
/** Returns a value with lists instead of typed arrays. */
const plain = (value: unknown): unknown => {
  // Cast: the rows of these tests have views of numbers only.
  if (ArrayBuffer.isView(value)) return Array.from(value as Float32Array)
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, plain(one)]))
}
const idsOf = (found: ReadonlyArray<{ readonly id: string }>) => found.map(({ id }) => id).toSorted().join("")

onEach("an index is created, listed, described, filled, searched and deleted", async (milvus) => {
  await using store = new MilvusVector({ id: "milvus", milvus })
  const indexName = name()
  await store.createIndex({ indexName, dimension })
  await store.createIndex({ indexName, dimension, metric: "euclidean" }) // kept, with a warning
  const wider = await store.createIndex({ indexName, dimension: 8 }).then(() => "", ({ message }) => message)
  assertStringIncludes(wider, "already exists with 4 dimensions")
  assert((await store.listIndexes()).includes(indexName))
  assertEquals(await store.describeIndex({ indexName }), { dimension, count: 0, metric: "cosine" })
  assertEquals(await store.query({ indexName, queryVector: near }), [])

  assertEquals(await store.upsert({ indexName, ...rows }), ["A", "B", "C", "D"])
  const [first, second, ...rest] = await store.query({ indexName, queryVector: near, includeVector: true })
  assertEquals([first?.id, first?.metadata, first?.vector], ["A", products[0], vectorOf(0)])
  assertEquals(rest.length, 2)
  assert(first!.score > second!.score && first!.score <= 1.0001)
  const [only, ...none] = await store.query({ indexName, queryVector: near, topK: 1 })
  assertEquals([only?.id, only?.vector, none], ["A", undefined, []])

  const changed = { indexName, vectors: [vectorOf(0)], metadata: [{ name: "A2" }], ids: ["A"] }
  assertEquals(await store.upsert(changed), ["A"])
  const [made = ""] = await store.upsert({ indexName, vectors: [[0, 0, 0, 1]] })
  assertEquals((await store.describeIndex({ indexName })).count, 5)
  const [latest] = await store.query({ indexName, queryVector: [0, 0, 0, 1], topK: 1 })
  assertEquals([latest?.id, latest?.metadata], [made, {}])

  await store.deleteVector({ indexName, id: made })
  await store.deleteVectors({ indexName, ids: ["B", "none"] })
  assertEquals(idsOf(await store.query({ indexName, queryVector: near })), "ACD")
  await store.deleteVectors({ indexName, filter: { available: false } })
  assertEquals(idsOf(await store.query({ indexName, queryVector: near })), "A")
  await store.deleteIndex({ indexName })
  assert(!(await store.listIndexes()).includes(indexName))
  await assertRefused(() => store.query({ indexName, queryVector: near }), "ServerError")
  await store.deleteIndex({ indexName })
})

onEach("every operator of its filters finds the rows that it describes, or is refused", async (milvus, server) => {
  const milvusIsOld = server === "Milvus 2.3.5"
  await using store = new MilvusVector({ id: "milvus", milvus })
  const indexName = name()
  await store.createIndex({ indexName, dimension })
  await store.upsert({ indexName, ...rows })
  const find = async (filter: Parameters<MilvusVector["query"]>[0]["filter"]) =>
    idsOf(await store.query({ indexName, queryVector: near, filter }))
  const cases: ReadonlyArray<readonly [filter: Parameters<typeof find>[0], ids: string]> = [
    [undefined, "ABCD"],
    [null, "ABCD"],
    [{}, "ABCD"],
    [{ category: "home" }, "C"],
    [{ category: { $ne: "electronics" } }, "CD"],
    [{ price: { $gt: 10, $lte: 50 } }, "BC"],
    [{ price: { $not: { $gt: 20 } } }, "AD"],
    [{ category: { $in: ["home", "books"] } }, "CD"],
    [{ tags: { $in: ["sale", "featured"] } }, "ABC"],
    [{ tags: { $nin: ["sale"] } }, "BD"],
    [{ tags: { $all: ["premium", "sale"] } }, "C"],
    [{ tags: { $contains: ["sale"] } }, "AC"],
    [{ description: { $exists: true } }, "D"],
    [{ description: { $exists: false } }, "ABC"],
    [{ description: { $not: { $exists: true } } }, "ABC"],
    [{ $and: [{ category: "electronics" }, { price: { $lt: 20 } }] }, "A"],
    [{ $or: [{ category: "home" }, { price: { $lt: 20 } }] }, "AC"],
    [{ $nor: [{ category: "electronics" }, { category: "books" }] }, "C"],
    [{ $not: { $or: [{ category: "electronics" }, { available: false }] } }, ""],
    [{ $nor: [] }, "ABCD"],
    [{ $or: [] }, ""],
    [filter`metadata["name"] == ${"B"}`, "B"],
  ]
  for (const [given, ids] of cases) assertEquals(await find(given), ids, JSON.stringify(given))
  const unranked = await store.query({ indexName, filter: { category: "home" }, includeVector: true })
  assertEquals(unranked, [{ id: "C", score: 0, metadata: products[2]!, vector: vectorOf(2) }])
  assertEquals((await store.query({ indexName, filter: {}, topK: 3 })).length, 3)
  const newer: typeof cases = [
    [{ price: { $eq: null } }, "D"],
    [{ price: { $ne: null } }, "ABC"],
    [{ tags: { $contains: "sale" } }, "AC"],
    [{ description: { $contains: "novel" } }, "D"],
  ]
  for (const [given, ids] of newer) {
    if (milvusIsOld) await assertRefused(() => find(given), "Unsupported")
    else assertEquals(await find(given), ids, JSON.stringify(given))
  }
  for (const given of [{ name: { $regex: "^A" } }, { tags: { $elemMatch: { $eq: "a" } } }, { $where: "1" }]) {
    // Cast: programs that are not typed may give any value.
    await assertRefused(() => find(given as never), "CodecError")
  }
})

onEach("an update replaces the vector or the metadata of a row, or of those that match a filter", async (milvus) => {
  await using store = new MilvusVector({ id: "milvus", milvus })
  const indexName = name()
  await store.createIndex({ indexName, dimension, metric: "dotproduct" })
  await store.upsert({ indexName, ...rows })
  await store.updateVector({ indexName, id: "A", update: { vector: [0, 0, 9, 0] } })
  await store.updateVector({ indexName, filter: { category: "electronics" }, update: { metadata: { seen: true } } })
  await store.updateVector({ indexName, filter: { name: "none" }, update: { metadata: { seen: true } } })
  const found = await store.query({ indexName, queryVector: [0, 0, 1, 0], filter: { seen: true }, includeVector: true })
  assertEquals(found.map(({ id, metadata, vector }) => [id, metadata, vector]), [
    ["A", { seen: true }, [0, 0, 9, 0]],
    ["B", { seen: true }, vectorOf(1)],
  ])
  await assertRefused(
    () => store.updateVector({ indexName, id: "Z", update: { metadata: {} } }),
    "ParamError",
    "the id of a vector that exists",
  )
  const source = { vectors: [[5, 0, 0, 0]], metadata: [{ source: "a", part: 2 }] }
  await store.upsert({ indexName, vectors: [[4, 0, 0, 0]], metadata: [{ source: "a", part: 1 }] })
  const deleteFilter = { source: "a" }
  await assertRefused(() => store.upsert({ indexName, vectors: [[1]], deleteFilter }), "CodecError")
  assertEquals((await store.query({ indexName, filter: deleteFilter })).length, 1) // nothing is lost
  await store.upsert({ indexName, ...source, deleteFilter })
  await store.upsert({ indexName, ...source, ids: ["given"], deleteFilter })
  const parts = await store.query({ indexName, queryVector: [1, 0, 0, 0], filter: { source: "a" } })
  assertEquals(parts.map(({ score, metadata }) => [score, metadata?.["part"]]), [[5, 2]])
})

test("a greater score is nearer for distances, too, and the index is that of the program", () =>
  withFake(async ({ address }) => {
    await using milvus = await connect(address)
    const index = (metric: "COSINE" | "IP" | "L2") => Index.hnsw({ metric, M: 8, efConstruction: 32 })
    const store = new MilvusVector({ id: "milvus", milvus, index })
    await store.createIndex({ indexName: "far", dimension: 2, metric: "euclidean" })
    await store.upsert({ indexName: "far", vectors: [[0, 0], [0, 3]], ids: ["near", "far"] })
    const found = await store.query({ indexName: "far", queryVector: [0, 0] })
    assertEquals(found.map(({ id, score }) => [id, score]), [["near", 1], ["far", 0.25]])
    assertEquals((await milvus.index.describe("far", "vector")).map(({ type }) => type), ["HNSW"])
    await store.close()
    assertEquals(await milvus.collection.has("far"), true)
  }))

test("a store refuses wrong options when it is made", async () => {
  const wrong: ReadonlyArray<readonly [options: unknown, message: string]> = [
    [undefined, 'parameter "options": expected {'],
    [{ id: "milvus", url: "x" }, '"options.url": expected a known parameter (id, milvus, index, consistency)'],
    [{ id: "milvus", milvus: "localhost", disableInit: true }, '"options.disableInit": expected a known parameter'],
    [{ id: "milvus" }, '"options.milvus": expected a connection'],
    [{ milvus: "localhost" }, '"options.id": expected a name that is not blank'],
    [{ id: " ", milvus: "localhost" }, '"options.id": expected a name that is not blank'],
    [{ id: "milvus", milvus: { adress: "x" } }, 'parameter "adress": expected a known parameter'],
    [
      { id: "milvus", milvus: "localhost", index: Index.auto({ metric: "L2" }) },
      '"options.index": expected a function',
    ],
    [{ id: "milvus", milvus: "localhost", consistency: "strong" }, '"options.consistency": expected one of Strong,'],
  ]
  for (const [options, message] of wrong) {
    // Cast: programs that are not typed may give any value.
    await assertRefused(() => new MilvusVector(options as never), "ParamError", message)
  }
})

onLite("an update keeps every other value of a row", async (address) => {
  await using milvus = await connect(address)
  await using store = new MilvusVector({ id: "milvus", milvus })
  const fields = {
    id: Field.int64({ primaryKey: true }),
    text: Field.varChar({ maxLength: 20, nullable: true }),
    year: Field.int32({ default: 7 }),
    tags: Field.array(Field.varChar({ maxLength: 5 }), { maxCapacity: 3, nullable: true }),
    vector: Field.floatVector({ dimension: 2 }),
    terms: Field.sparseFloatVector(),
    body: Field.varChar({ maxLength: 20, enableAnalyzer: true }),
    computed: Field.sparseFloatVector(),
  }
  const options = {
    dynamicFields: true,
    consistencyLevel: "Strong",
    indexes: {
      vector: Index.flat({ metric: "IP" }),
      terms: Index.sparseInvertedIndex({ metric: "IP" }),
      computed: Index.sparseInvertedIndex({ metric: "BM25" }),
    },
    functions: { bm25: Functions.bm25({ input: "body", output: "computed" }) },
  } as const
  const row = {
    id: 2n ** 60n,
    text: "a text",
    year: 1,
    tags: ["x"],
    vector: [1, 0],
    terms: { indices: [3], values: [0.5] },
    body: "a body",
    other: { deep: 1 },
  }
  const InJson = Collection.define(name(), { ...fields, metadata: Field.json({ nullable: true }) }, options)
  await milvus.collection.create(InJson)
  const empty = { ...row, id: 2n, text: null, tags: null, metadata: null }
  await milvus.vectors.insert(InJson, [{ ...row, metadata: { a: 1 } }, empty])
  const readOf = async (id: bigint, Definition: AnyDefinition) => {
    const [found] = (await milvus.vectors.get(Definition, [id])).rows.toArray()
    const { computed: _, ...rest } = found ?? {}
    return plain(rest)
  }
  const id = String(row.id)
  await store.updateVector({ indexName: InJson.name, id, update: { metadata: { b: 2n ** 60n } } })
  assertEquals(await readOf(row.id, InJson), { ...row, metadata: { b: 2n ** 60n } })
  await store.updateVector({ indexName: InJson.name, filter: { b: { $exists: true } }, update: { vector: [0, 1] } })
  assertEquals(await readOf(row.id, InJson), { ...row, vector: [0, 1], metadata: { b: 2n ** 60n } })
  await store.updateVector({ indexName: InJson.name, id: "2", update: { vector: [0, 1] } })
  assertEquals(await readOf(2n, InJson), { ...empty, vector: [0, 1] })

  const InFields = Collection.define(name(), fields, options)
  await milvus.collection.create(InFields)
  await milvus.vectors.insert(InFields, [row])
  await store.updateVector({ indexName: InFields.name, id, update: { vector: [0, 1] } })
  assertEquals(await readOf(row.id, InFields), { ...row, vector: [0, 1] })
})

test("metadata whose keys are fields is replaced as a whole, and other fields are kept", () =>
  withFake(async ({ address }) => {
    await using milvus = await connect(address)
    await using store = new MilvusVector({ id: "milvus", milvus })
    const Rows = Collection.define(name(), {
      id: Field.varChar({ primaryKey: true, maxLength: 9 }),
      text: Field.varChar({ maxLength: 20, nullable: true }),
      year: Field.int32({ default: 7 }),
      vector: Field.floatVector({ dimension: 2, nullable: true }),
      binary: Field.binaryVector({ dimension: 8 }),
    }, {
      dynamicFields: true,
      consistencyLevel: "Strong",
      indexes: { vector: Index.flat({ metric: "IP" }), binary: Index.binFlat({ metric: "HAMMING" }) },
    })
    await milvus.collection.create(Rows)
    const indexName = Rows.name
    const row = { id: "a", text: "a text", year: 1, binary: [5], other: true }
    await milvus.vectors.insert(Rows, [{ ...row, vector: [1, 0] }, { ...row, id: "b", vector: null }])
    const rowsOf = async () => (await milvus.vectors.get(Rows, ["a", "b"])).rows.toArray().map(plain)
    await store.updateVector({ indexName, filter: { other: true }, update: { metadata: { text: "b", more: 1 } } })
    const after = { text: "b", year: 7, binary: [5], more: 1 }
    assertEquals(await rowsOf(), [{ ...after, id: "a", vector: [1, 0] }, { ...after, id: "b", vector: null }])
    const found = await store.query({ indexName, filter: { more: 1 }, includeVector: true })
    assertEquals(found.map(({ id, vector }) => [id, vector]), [["a", [1, 0]], ["b", undefined]])
    const taken = () => store.updateVector({ indexName, id: "a", update: { metadata: { vector: [1, 1] } } })
    await assertRefused(taken, "CodecError", 'field "vector", row 0: expected metadata without the name of this field')
  }))

test("keys that Milvus generates are not given, and rows that have them are not updated", () =>
  withFake(async ({ address }) => {
    await using milvus = await connect(address)
    await using store = new MilvusVector({ id: "milvus", milvus })
    const Rows = Collection.define(name(), {
      id: Field.int64({ primaryKey: true, autoId: true }),
      metadata: Field.json(),
      vector: Field.floatVector({ dimension: 2 }),
    }, { indexes: { vector: Index.flat({ metric: "L2" }) }, consistencyLevel: "Strong" })
    await milvus.collection.create(Rows)
    const indexName = Rows.name
    const [id = ""] = await store.upsert({ indexName, vectors: [[1, 0]], metadata: [{ a: 1 }] })
    assertEquals((await store.query({ indexName, queryVector: [1, 0] })).map(({ id }) => id), [id])
    const message = `expected no ids: Milvus generates those of "${indexName}"`
    await assertRefused(() => store.upsert({ indexName, vectors: [[1, 0]], ids: ["5"] }), "ParamError", message)
    await assertRefused(() => store.updateVector({ indexName, id, update: { metadata: {} } }), "ParamError", message)
    assertEquals((await store.query({ indexName, filter: { a: 1 } })).map(({ id }) => id), [id])
  }))

test("an index that another client drops or replaces is looked up again", () =>
  withFake(async ({ address }) => {
    await using store = new MilvusVector({ id: "milvus", milvus: address })
    await using other = new MilvusVector({ id: "other", milvus: address })
    const indexName = name()
    // Mastra's memory names the keys of its filters.
    const params = { indexName, dimension, metadataIndexes: ["thread_id"] }
    await Promise.all([store.createIndex(params), store.createIndex(params)])
    await store.upsert({ indexName, ...rows })
    await other.deleteIndex({ indexName })
    await other.createIndex({ indexName, dimension: 2, metric: "euclidean" })
    const error = await store.createIndex({ indexName, dimension }).then(() => "", ({ message }) => message)
    assertStringIncludes(error, "already exists with 2 dimensions")
    assertEquals(await store.describeIndex({ indexName }), { dimension: 2, count: 0, metric: "euclidean" })
    await store.upsert({ indexName, vectors: [[0, 3]], ids: ["far"] })
    assertEquals((await store.query({ indexName, queryVector: [0, 0] })).map(({ score }) => score), [0.25])
    await other.deleteIndex({ indexName })
    await other.createIndex({ indexName, dimension: 3 })
    await assertRefused(() => store.query({ indexName, queryVector: [1, 0, 0] }), "CodecError")
    assertEquals(await store.query({ indexName, queryVector: [1, 0, 0] }), [])
  }))

test("a store refuses what would be silently wrong, and looks up an index once", () =>
  withFake(async (fake) => {
    await using store = new MilvusVector({ id: "milvus", milvus: fake.address })
    assert(store instanceof MastraVector)
    const indexName = name()
    await store.createIndex({ indexName, dimension })
    await store.upsert({ indexName, ...rows })
    const update = { metadata: {} }
    // Casts: programs that are not typed may give any value.
    const refused: ReadonlyArray<readonly [run: () => Promise<unknown>, message: string]> = [
      [
        () => store.createIndex({ indexName: "x", dimension: 2, metric: "l2" as never }),
        'parameter "metric": expected one of',
      ],
      [() => store.upsert({ indexName, vectors: [] }), 'parameter "vectors": expected at least one vector'],
      [() => store.upsert({ indexName, vectors: [near], metadata: [{}, {}] }), "one object for each vector, got 2"],
      [
        () => store.upsert({ indexName, vectors: [near], ids: [] }),
        'parameter "ids": expected one id for each vector, got 0',
      ],
      [() => store.upsert({ indexName, vectors: [near, near], ids: ["x", "x"] }), "ids that differ from one another"],
      [() => store.upsert({ indexName, vectors: [[1, Number.NaN, 0, 0]] }), "a list of finite numbers"],
      [
        () => store.upsert({ indexName, vectors: [near], sparseVectors: [{ indices: [1], values: [1] }] }),
        "sparse vectors",
      ],
      [
        () => store.query({ indexName, queryVector: near, sparseVector: { indices: [1], values: [1] } }),
        "sparse vector",
      ],
      [
        () => store.createIndex({ indexName: "x", dimension: 2, indexConfig: { type: "flat" } } as never),
        "indexConfig",
      ],
      [() => store.createIndex({ indexName: "x", dimension: NaN }), 'parameter "dimension": expected a whole number'],
      [() => store.createIndex({ dimension: 2 } as never), 'parameter "indexName": expected a name'],
      [() => store.describeIndex("x" as never), 'parameter "params": expected { indexName }'],
      [() => store.deleteIndex({ index: "x" } as never), 'parameter "params.index": expected a known parameter'],
      [() => store.upsert({ indexName, vectors: [near], documents: ["a"] } as never), "params.documents"],
      [() => store.upsert({ indexName, vectors: near as never }), 'parameter "vectors[0]": expected a list of finite'],
      [() => store.upsert({ indexName, vectors: [[1e39, 0, 0, 0]] }), 'parameter "vectors[0]": expected a list'],
      [
        () => store.upsert({ indexName, vectors: [near], metadata: [null as never] }),
        'parameter "metadata[0]": expected',
      ],
      [() => store.upsert({ indexName, vectors: [near], metadata: null as never }), 'parameter "metadata": expected'],
      [() => store.upsert({ indexName, vectors: [near], ids: [1 as never] }), 'parameter "ids[0]": expected an id'],
      [() => store.query({ indexName, queryVector: near, minScore: 1 } as never), "params.minScore"],
      [() => store.query({ indexName, queryVector: near, includeVector: 1 as never }), "includeVector"],
      [() => store.query({ indexName, queryVector: [NaN, 0, 0, 0] }), 'parameter "queryVector": expected a list'],
      [() => store.updateVector({ indexName, id: "A", update: { text: "a" } as never }), "update.text"],
      [() => store.updateVector({ indexName, id: "A", update: { metadata: [] as never } }), "update.metadata"],
      [() => store.updateVector({ indexName, id: "A", update: { vector: [NaN] } }), "update.vector"],
      [() => store.deleteVector({ indexName, ids: ["A"] } as never), "params.ids"],
      [() => store.deleteVectors({ indexName, ids: "A" as never }), 'parameter "ids": expected at least one id'],
      [() => store.query({ indexName }), 'parameter "queryVector": expected a vector, or a filter without one'],
      [() => store.deleteVectors({ indexName }), "Either filter or ids must be provided"],
      [() => store.deleteVectors({ indexName, ids: [] }), "an empty ids array"],
      [() => store.deleteVectors({ indexName, filter: {} }), "an empty filter"],
      [() => store.deleteVectors({ indexName, ids: ["A"], filter: { name: "A" } }), "mutually exclusive"],
      [() => store.updateVector({ indexName, update } as never), "Either id or filter must be provided"],
      [() => store.updateVector({ indexName, id: "A", filter: { name: "A" }, update } as never), "mutually exclusive"],
      [() => store.updateVector({ indexName, filter: {}, update }), "an empty filter"],
      [
        () => store.updateVector({ indexName, id: "A", update: {} }),
        'parameter "update": expected a vector or metadata',
      ],
    ]
    for (const [run, message] of refused) await assertRefused(async () => await run(), "ParamError", message)
    for (const queryVector of [[1, 2], []]) {
      await assertRefused(() => store.query({ indexName, queryVector }), "CodecError")
    }
    await assertRefused(() => store.upsert({ indexName, vectors: [[1, 2]] }), "CodecError")
    for (const topK of [0, -5, 5.5, NaN, null as never]) {
      const message = 'parameter "topK": expected a whole number from 1'
      await assertRefused(() => store.query({ indexName, queryVector: near, topK }), "ParamError", message)
    }
    await assertRefused(() => store.query({ indexName, queryVector: near, topK: 16_385 }), "ServerError", "16384")

    assertEquals(idsOf(await store.query({ indexName, queryVector: near })), "ABCD")
    await Effect.runPromise(fake.clearCalls)
    assertEquals(idsOf(await store.query({ indexName, queryVector: near })), "ABCD")
    assertEquals((await Effect.runPromise(fake.calls)).map(({ method }) => method), ["Search"])
    await store.close()
    await assertRefused(() => store.query({ indexName, queryVector: near }), "ConnectionClosed")
  }))
