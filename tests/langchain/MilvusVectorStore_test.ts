/** The store of LangChain.js: what its base class promises, on each server of the tests. */
import { Document } from "@langchain/core/documents"
import { SemanticSimilarityExampleSelector } from "@langchain/core/example_selectors"
import { BasicTranslator, Comparison, Operation, StructuredQuery } from "@langchain/core/structured_query"
import type { VectorStore, VectorStoreInterface } from "@langchain/core/vectorstores"
import { assert, assertEquals } from "@std/assert"
import * as Effect from "effect/Effect"
import { Collection, Field, filter, Index, where } from "../../mod.ts"
import { MilvusVectorStore, type MilvusVectorStoreOptions } from "../../src/langchain/mod.ts"
import { connect } from "../../src/promise.ts"
import { namer } from "../operations/support.ts"
import { test } from "../support/test.ts"
import { assertRefused, onEach, onQuick, withFake } from "../adapters/support.ts"
import { HashingEmbeddings } from "./embeddings.ts"

const name = namer("langchain")
const embeddings = new HashingEmbeddings()

const texts = [
  ["rice", "how to cook rice in water", { lang: "en", year: 2020, tags: ["food"], loc: { page: 1 } }],
  ["pasta", "how to cook pasta in water", { lang: "en", year: 2021, tags: ["food", "italy"], draft: true }],
  ["reis", "wie man reis in wasser kocht", { lang: "de", year: 2022, tags: [] }],
  ["rome", "the streets of rome at night", { lang: "en", year: 1999.5, tags: ["italy"] }],
] as const
const documents = texts.map(([id, pageContent, metadata]) =>
  new Document({ id, pageContent, metadata: { ...metadata, tags: [...metadata.tags] } })
)
const vectorWith = (value: number) => Array.from({ length: 64 }, (_, at) => at === 1 ? value : 1)
const idsOf = (found: ReadonlyArray<{ readonly id?: string | undefined }>) => found.map(({ id }) => id ?? "none")

onEach("a store finds the documents that it was made from, with their ids, metadata and scores", async (milvus) => {
  await using store = await MilvusVectorStore.fromDocuments(documents, embeddings, { milvus, collection: name() })
  const [first, second] = await store.similaritySearchWithScore("cook rice in water", 4)
  assertEquals(first?.[0], documents[0])
  assert(first![1] > second![1] && first![1] <= 1.0001, "cosines, from the greatest")
  assertEquals(idsOf(await store.similaritySearch("streets of rome", 1)), ["rome"])
  assertEquals(idsOf(await store.similaritySearchByVector(await embeddings.embedQuery("pasta"), 1)), ["pasta"])

  assertEquals(idsOf(await store.similaritySearch("cook rice", 4, { lang: "de" })), ["reis"])
  assertEquals(idsOf(await store.similaritySearch("cook", 4, { tags: { $in: ["italy"] }, draft: { $ne: true } })), [
    "rome",
  ])
  assertEquals(idsOf(await store.similaritySearch("cook", 4, { $or: [{ year: { $lt: 2000 } }, { "loc.page": 1 }] })), [
    "rice",
    "rome",
  ])
  assertEquals(await store.similaritySearch("cook", 4, { lang: '" or 1 == 1 or "' }), [])
  assertEquals(await store.similaritySearch("cook", 4, { $or: [] }), [])
})

onEach("adding a document with the id of another one replaces it, and delete takes ids or a filter", async (milvus) => {
  await using store = new MilvusVectorStore(embeddings, { milvus, collection: name() })
  assertEquals(await store.addDocuments([]), [])
  assertEquals(await store.addDocuments(documents), ["rice", "pasta", "reis", "rome"])
  const changed = new Document({ pageContent: "the streets of paris", metadata: { lang: "fr" } })
  assertEquals(await store.addDocuments([changed], { ids: ["rome"] }), ["rome"])
  const found = await store.similaritySearch("streets", 10)
  assertEquals([found.length, found[0]?.pageContent, found[0]?.metadata], [4, "the streets of paris", { lang: "fr" }])

  const [id = ""] = await store.addDocuments([new Document({ pageContent: "the streets of london" })])
  assertEquals(idsOf(await store.similaritySearch("streets of london", 1)), [id])
  await store.delete({ ids: [id, "none"] })
  await store.delete({ ids: [] })
  await store.delete({ filter: { $or: [] } })
  assertEquals(idsOf(await store.similaritySearch("water", 10)).toSorted(), ["pasta", "reis", "rice", "rome"])
  await store.delete({ filter: { year: { $gte: 2021 } } })
  assertEquals(idsOf(await store.similaritySearch("water", 10)).toSorted(), ["rice", "rome"])
})

onEach("a store uses a collection of other fields, with keys that Milvus makes", async (address) => {
  await using milvus = await connect(address)
  const Articles = Collection.define(name(), {
    key: Field.int64({ primaryKey: true, autoId: true }),
    year: Field.int32(),
    body: Field.varChar({ maxLength: 1000 }),
    dense: Field.floatVector({ dimension: 64 }),
  }, {
    dynamicFields: true,
    consistencyLevel: "Strong",
    indexes: { dense: Index.hnsw({ metric: "L2", M: 8, efConstruction: 32 }) },
  })
  const options = { milvus, collection: Articles.name, textField: "body" }
  await assertRefused(() => MilvusVectorStore.fromExistingCollection(embeddings, options), "ServerError")
  await milvus.collection.create(Articles, { load: false })
  const store = await MilvusVectorStore.fromExistingCollection(embeddings, options)
  const added = await store.addDocuments([
    new Document({ pageContent: "cook rice", metadata: { year: 2020, lang: "en" } }),
    new Document({ pageContent: "cook pasta", metadata: { year: 2021, "a label": "x" } }),
  ])
  assert(added.every((id) => /^\d+$/.test(id)))
  const [[rice, near], [, far]] = await store.similaritySearchWithScore("cook rice", 2) as [
    [Document, number],
    [Document, number],
  ]
  assertEquals([rice.pageContent, rice.metadata, rice.id], ["cook rice", { year: 2020, lang: "en" }, added[0]])
  assert(near < far, "distances, from the smallest")
  assertEquals(idsOf(await store.similaritySearch("cook", 2, { "a label": "x" })), [added[1]!])
  assertEquals(idsOf(await store.similaritySearch("cook", 2, where(Articles).year.lt(2021))), [added[0]!])
  await store.delete({ ids: [added[0]!] })
  assertEquals(idsOf(await store.similaritySearch("cook", 2)), [added[1]!])
  for (const id of ["x", "01", "-0", "1.0", " 1", ""]) { // each key has one id
    await assertRefused(() => store.delete({ ids: [id] }), "CodecError", "the digits of a 64-bit integer")
  }
  await assertRefused(
    () => store.addDocuments([new Document({ pageContent: "a", metadata: { year: 1, dense: 1 } })]),
    "CodecError",
    'field "dense", row 0: expected metadata without the name of this field',
  )
  await store.close()
  assertEquals(await milvus.collection.has(Articles), true)
})

onQuick("a retriever finds documents that are near, or that also differ from one another", async (milvus) => {
  const same = ["a", "b", "c"].map((id) => new Document({ id, pageContent: "cook rice in water", metadata: { id } }))
  const other = new Document({ id: "d", pageContent: "cook pasta in oil", metadata: { id: "d" } })
  await using store = await MilvusVectorStore.fromDocuments([...same, other], embeddings, {
    milvus,
    collection: name(),
  })
  const near = await store.asRetriever(2, { id: { $ne: "a" } }).invoke("cook rice in water")
  assertEquals(idsOf(near).toSorted(), ["b", "c"])
  const mmr = store.asRetriever({ k: 2, searchType: "mmr", searchKwargs: { fetchK: 4, lambda: 0.2 } })
  const diverse = idsOf(await mmr.invoke("cook rice in water"))
  assertEquals([diverse.length, diverse[1]], [2, "d"])
  const only = { k: 2, lambda: 1, filter: filter`metadata["id"] != ${"c"}` }
  assertEquals(idsOf(await store.maxMarginalRelevanceSearch("cook rice in water", only)).toSorted(), ["a", "b"])
  assertEquals([mmr._vectorstoreType(), near[0]?.metadata["vector"]], ["milvus", undefined])
})

onQuick("metadata of any keys and JSON values comes back, and scores are those of the metric", async (milvus) => {
  const flat = { $meta: "m", constructor: true, "a\"b'[0]": [1, { c: null }], "": 2n ** 60n, not: -0.5 }
  const metadata = Object.fromEntries([["__proto__", 1], ...Object.entries(flat)])
  const given = { ...metadata, at: new Date(0), left: undefined, in: { deep: { er: "x" } } }
  const expected = { ...metadata, at: "1970-01-01T00:00:00.000Z", in: { deep: { er: "x" } } }
  const scores = { COSINE: [1, 0.6], IP: [25, 15], L2: [0, 20] } as const
  for (const metric of ["COSINE", "IP", "L2"] as const) {
    const index = Index.flat({ metric })
    await using store = new MilvusVectorStore(embeddings, { milvus, collection: name(), index, vectorField: "dense" })
    const same = new Document({ id: "same", pageContent: "", metadata: given })
    // Concurrent first uses create one collection.
    await Promise.all([
      store.addVectors([[5, 0]], [same]),
      store.addVectors([[3, 4]], [new Document({ id: "far", pageContent: "" })]),
    ])
    const query = [5, 0]
    const found = await store.similaritySearchVectorWithScore(query, 2)
    assertEquals(found.map(([{ id }, score]) => [id, Math.round(score * 1e5) / 1e5]), [
      ["same", scores[metric][0]],
      ["far", scores[metric][1]],
    ])
    assertEquals(found[0]?.[0].metadata, expected)
    for (const [key, value] of [["__proto__", 1], ["constructor", true], ["not", -0.5]] as const) {
      const filter = Object.fromEntries([[key, value]])
      assertEquals(idsOf(await store.similaritySearchByVector(query, 2, filter)), ["same"], key)
    }
  }
})

test("texts with metadata make a store, and structured queries of LangChain are filters of it", () =>
  withFake(async ({ address }) => {
    const options = { milvus: address, collection: name() }
    const all = texts.map(([, text]) => text)
    await using store = await MilvusVectorStore.fromTexts(
      all,
      texts.map(([, , metadata]) => metadata),
      embeddings,
      options,
    )
    const query = new StructuredQuery(
      "cook",
      new Operation("and", [new Comparison("gte", "year", 2020), new Comparison("eq", "lang", "en")]),
    )
    const { filter } = new BasicTranslator<MilvusVectorStore>().visitStructuredQuery(query)
    assertEquals((await store.similaritySearch("cook", 4, filter)).map(({ metadata }) => metadata["year"]), [
      2020,
      2021,
    ])

    await using same = await MilvusVectorStore.fromTexts(all, { from: "x" }, embeddings, {
      ...options,
      collection: name(),
    })
    assertEquals((await same.similaritySearch("cook", 1))[0]?.metadata, { from: "x" })
    await assertRefused(
      () => MilvusVectorStore.fromTexts(all, [{}], embeddings, options),
      "ParamError",
      "one object for each text",
    )
  }))

test("an example selector of LangChain.js makes a store of its examples", () =>
  withFake(async ({ address }) => {
    await using milvus = await connect(address)
    const examples = [{ input: "cook rice", output: "reis kochen" }, { input: "night in rome", output: "nacht in rom" }]
    const options = { milvus, collection: name(), k: 1, inputKeys: ["input"] }
    const selector = await SemanticSimilarityExampleSelector.fromExamples(
      examples,
      embeddings,
      MilvusVectorStore,
      options,
    )
    assertEquals(await selector.selectExamples({ input: "streets of rome" }), [examples[1]!])
    await selector.addExample({ input: "streets of rome", output: "strassen" })
    assertEquals((await selector.selectExamples({ input: "streets of rome" }))[0]?.["output"], "strassen")
  }))

test("a store looks up its collection once, and neither flushes nor loads with each call", () =>
  withFake(async (fake) => {
    const methods = async (run: () => Promise<unknown>): Promise<ReadonlyArray<string>> => {
      await Effect.runPromise(fake.clearCalls)
      await run()
      return (await Effect.runPromise(fake.calls)).map(({ method }) => method)
    }
    await using store = new MilvusVectorStore(embeddings, { milvus: fake.address, collection: name() })
    const first = await methods(() => Promise.all([store.addDocuments(documents), store.addDocuments(documents)]))
    assertEquals(first.filter((method) => method === "CreateCollection").length, 1)
    assertEquals(await methods(() => store.addDocuments(documents)), ["Upsert"])
    assertEquals(await methods(() => store.similaritySearch("cook")), ["Search"])
    assertEquals(await methods(() => store.delete({ ids: ["rice"] })), ["Delete"])
    assertEquals(first.includes("Flush"), false)
  }))

test("a store refuses what would be silently wrong", () =>
  withFake(async ({ address }) => {
    await using store = await MilvusVectorStore.fromDocuments(documents, embeddings, {
      milvus: address,
      collection: name(),
    })
    const one = [new Document({ pageContent: "a" })]
    // Casts: programs that are not typed may give any value.
    const refused: ReadonlyArray<readonly [run: () => Promise<unknown>, message: string]> = [
      [() => store.similaritySearch("a", 1, 'lang == "en"' as never), 'parameter "filter": expected an object'],
      [() => store.delete(), 'parameter "selection": expected ids or a filter'],
      [() => store.delete({} as never), "expected either ids or a filter"],
      [
        () => store.delete({ deleteAll: true } as never),
        'parameter "selection.deleteAll": expected a known parameter (ids, filter, signal)',
      ],
      [() => store.delete({ filter: {} }), 'parameter "filter": expected at least one condition'],
      [() => store.addDocuments([...one, ...one], { ids: ["x", "x"] }), 'parameter "ids": expected ids that differ'],
      [() => store.addDocuments(one, { ids: [] }), 'parameter "ids": expected one id for each document, got 0'],
      [
        () => store.addDocuments(one, { id: "x" } as never),
        'parameter "options.id": expected a known parameter (ids, signal)',
      ],
      [() => store.addDocuments([], { id: "x" } as never), 'parameter "options.id": expected a known parameter'],
      [() => store.addDocuments(one, null as never), 'parameter "options": expected { ids, signal }'],
      [() => store.addDocuments("a" as never), 'parameter "documents": expected a list of documents, got "a"'],
      [() => store.addDocuments([null as never]), 'parameter "documents[0]": expected an object'],
      [() => store.addDocuments([{ metadata: {} } as never]), 'parameter "documents[0].pageContent": expected text'],
      [
        () => store.addDocuments([...one, { pageContent: "a" } as never]),
        'parameter "documents[1].metadata": expected',
      ],
      [() => store.addDocuments([{ pageContent: "a", metadata: [1] }]), 'parameter "documents[0].metadata": expected'],
      [() => store.addDocuments(one, { ids: [1 as never] }), 'parameter "ids[0]": expected an id that is text, got 1'],
      [() => store.addDocuments(one, { ids: [undefined as never] }), 'parameter "ids[0]": expected an id that is text'],
      [() => store.addDocuments(one, { ids: "x" as never }), 'parameter "ids": expected one id for each document'],
      [() => store.addVectors("x" as never, one), 'parameter "vectors": expected one vector for each document'],
      [() => store.addVectors([null as never], one), 'parameter "vectors[0]": expected a list of finite numbers'],
      [() => store.addVectors([vectorWith(NaN)], one), 'parameter "vectors[0]": expected a list of finite numbers'],
      [() => store.addVectors([vectorWith(1e39)], one), 'parameter "vectors[0]": expected a list of finite numbers'],
      [() => store.similaritySearchByVector(vectorWith(NaN)), 'parameter "query": expected a list of finite numbers'],
      [
        () => store.similaritySearchByVector([1, 2]),
        'field "queries", row 0: expected a vector of dimension 64, got 2',
      ],
      [() => store.delete(null as never), 'parameter "selection": expected { ids, filter, signal }, got null'],
      [() => store.delete(["rice"] as never), 'parameter "selection": expected { ids, filter, signal }'],
      [() => store.delete({ ids: "rice" } as never), 'parameter "selection.ids": expected a list of ids, got "rice"'],
      [() => store.delete({ ids: [1 as never] }), 'field "id", row 0: expected an id that is text, got 1'],
      [() => store.similaritySearch("a", 1, { 'a"b': 1 }), 'field "filter.a"b": expected names without quotes'],
      [() => store.addVectors([], one), 'parameter "vectors": expected one vector for each document, got 0'],
      [() => store.addVectors([[1, 2]], one), 'field "vector", row 0: expected'],
      [
        () => store.addDocuments([new Document({ pageContent: "a", metadata: { at: () => 1 } })]),
        'field "metadata", row 0: expected a JSON value',
      ],
    ]
    for (const k of [0, -1, 1.5, NaN, Infinity, null as never, "3" as never]) {
      const message = '": expected a whole number from '
      await assertRefused(() => store.similaritySearch("a", k), "ParamError", `parameter "k${message}1`)
      await assertRefused(() => store.asRetriever({ k }).invoke("a"), "ParamError", message)
      await assertRefused(() => store.maxMarginalRelevanceSearch("a", { k }), "ParamError", `"options.k${message}1`)
      await assertRefused(
        () => store.maxMarginalRelevanceSearch("a", { k: 3, fetchK: k }),
        "ParamError",
        `"options.fetchK${message}3`,
      )
    }
    await assertRefused(() => store.similaritySearch("a", 16_385), "ServerError", "16384")
    for (const lambda of [-0.1, 1.1, NaN, "x" as never]) {
      const message = 'parameter "options.lambda": expected a number from 0 to 1'
      await assertRefused(() => store.maxMarginalRelevanceSearch("a", { k: 2, lambda }), "ParamError", message)
    }
    for (const [run, message] of refused) {
      await assertRefused(run, message.startsWith("field") ? "CodecError" : "ParamError", message)
    }
    assertEquals((await store.similaritySearch("cook", 10)).length, 4)
  }))

test("a retriever has an effect of each of its fields, or refuses it", () =>
  withFake(async ({ address }) => {
    await using store = await MilvusVectorStore.fromDocuments(documents, embeddings, {
      milvus: address,
      collection: name(),
    })
    const german = { lang: "de" }
    assertEquals(idsOf(await store.asRetriever(undefined, german).invoke("cook")), ["reis"])
    assertEquals((await store.asRetriever().invoke("cook")).length, 4)
    assertEquals((await store.asRetriever({ k: 2, tags: ["a"] }).invoke("cook")).length, 2)
    assertEquals(store.asRetriever(2, german, undefined, ["a"]).tags, ["a", "milvus"])
    // Casts: programs that are not typed may give any value.
    const refused: ReadonlyArray<readonly [run: () => unknown, message: string]> = [
      [() => store.asRetriever({ topK: 1 } as never), 'parameter "fields.topK": expected a known parameter (k, filter'],
      [() => store.asRetriever({ k: 1 }, german), 'parameter "filter": expected no argument beside the fields'],
      [() => store.asRetriever({ k: 1 }, undefined, undefined, ["a"]), 'parameter "tags": expected no argument beside'],
      [() => store.asRetriever({ searchType: "threshold" as never }), 'parameter "fields.searchType": expected'],
      [() => store.asRetriever({ searchKwargs: { lambda: 1 } } as never), 'parameter "fields.searchKwargs": expected'],
      [
        () => store.asRetriever({ searchType: "mmr", searchKwargs: { fetch_k: 1 } as never }),
        'parameter "fields.searchKwargs.fetch_k": expected a known parameter (fetchK, lambda)',
      ],
      [() => store.asRetriever(null as never), 'parameter "fields": expected {'],
      [() => store.maxMarginalRelevanceSearch("a", { k: 1, alpha: 1 } as never), 'parameter "options.alpha": expected'],
    ]
    for (const [run, message] of refused) await assertRefused(async () => await run(), "ParamError", message)
  }))

test("a store refuses wrong options when it is made, also those of other stores", async () => {
  const Texts = Collection.define("texts", {
    id: Field.varChar({ primaryKey: true, maxLength: 10 }),
    text: Field.varChar({ maxLength: 10 }),
    vector: Field.floatVector({ dimension: 2 }),
  }, { indexes: { vector: Index.flat({ metric: "L2" }) } })
  const known = "expected a known parameter (milvus, collection, textField,"
  const wrong: ReadonlyArray<readonly [options: unknown, message: string]> = [
    [{ url: "https://example.com", collectionName: "x" }, `"options.url": ${known}`],
    [{ collectionName: "x", primaryField: "id" }, `"options.collectionName": ${known}`],
    [undefined, 'parameter "options": expected {'],
    [{ collection: "x" }, '"options.milvus": expected a connection'],
    [{ milvus: 3, collection: "x" }, '"options.milvus": expected a connection'],
    [{ milvus: { url: "x" }, collection: "x" }, 'parameter "url": expected a known parameter'],
    [{ milvus: "localhost:port", collection: "x" }, "parameter "],
    [{ milvus: "localhost" }, '"options.collection": expected a name'],
    [{ milvus: "localhost", collection: " " }, '"options.collection": expected a name that is not blank'],
    [{ milvus: "localhost", collection: 3 }, '"options.collection": expected a name that is not blank, got 3'],
    [{ milvus: "localhost", collection: { name: "x" } }, '"options.collection.fields": expected an object'],
    [{ milvus: "localhost", collection: Texts, index: Index.auto({ metric: "L2" }) }, '"options.index": expected no'],
    [{ milvus: "localhost", collection: "x", index: "HNSW" }, '"indexes.vector": expected an index'],
    [{ milvus: "localhost", collection: "x", textField: 3 }, '"options.textField": expected a name that is not blank'],
    [{ milvus: "localhost", collection: "x", vectorField: "" }, '"options.vectorField": expected a name'],
    [{ milvus: "localhost", collection: "x", metadataField: {} }, '"options.metadataField": expected a name'],
    [{ milvus: "localhost", collection: "x", consistency: "strong" }, '"options.consistency": expected one of Strong,'],
    [{ milvus: "localhost", collection: "x", consistency: "Customized" }, '"options.consistency": expected one of'],
    [{ milvus: "localhost", collection: "x", searchParams: [] }, '"options.searchParams": expected an object'],
  ]
  for (const [options, message] of wrong) {
    // Cast: programs that are not typed may give any value.
    await assertRefused(() => new MilvusVectorStore(embeddings, options as never), "ParamError", message)
    const make = () => MilvusVectorStore.fromTexts(["a"], {}, embeddings, options as never)
    await assertRefused(make, "ParamError", message)
  }
  const options = { milvus: "localhost", collection: "x" }
  for (const wrong of [undefined as never, {} as never, options as never]) {
    await assertRefused(() => new MilvusVectorStore(wrong, options), "ParamError", 'parameter "embeddings"')
  }
  for (const metadatas of ["ab" as never, null as never, [1 as never], [null as never]]) {
    const make = () => MilvusVectorStore.fromTexts(["a"], metadatas, embeddings, options)
    await assertRefused(make, "ParamError", 'parameter "metadatas')
  }
})

test("a collection that another client drops or replaces is looked up again after the call that fails", () =>
  withFake(async ({ address }) => {
    await using milvus = await connect(address)
    const collection = name()
    await using store = await MilvusVectorStore.fromDocuments(documents, embeddings, { milvus, collection })
    await milvus.collection.release(collection)
    await assertRefused(() => store.similaritySearch("cook"), "ServerError")
    assertEquals((await store.similaritySearch("cook")).length, 4)
    await milvus.collection.drop(collection)
    await assertRefused(() => store.similaritySearch("cook"), "ServerError")
    await store.addDocuments(documents)
    assertEquals((await store.similaritySearch("cook")).length, 4)

    await milvus.collection.drop(collection)
    const Other = Collection.define(collection, {
      key: Field.int64({ primaryKey: true, autoId: true }),
      text: Field.varChar({ maxLength: 100 }),
      dense: Field.floatVector({ dimension: 64 }),
    }, { dynamicFields: true, indexes: { dense: Index.flat({ metric: "L2" }) }, consistencyLevel: "Strong" })
    await milvus.collection.create(Other)
    const one = new Document({ pageContent: "cook", metadata: { a: 1 } })
    await assertRefused(() => store.addDocuments([one]), "ServerError")
    const [id] = await store.addDocuments([one])
    const found = await store.similaritySearch("cook")
    assertEquals(found.map(({ id, metadata }) => [id, metadata]), [[id, { a: 1 }]])
    // Milvus would give the row a new id, and the one of the caller would find nothing.
    const message = `expected no ids: Milvus generates those of "${collection}"`
    await assertRefused(() => store.addDocuments([one], { ids: ["5"] }), "ParamError", message)
    await assertRefused(() => store.addDocuments(found), "ParamError", message)
    assertEquals(idsOf(await store.similaritySearch("cook")), [id!])
  }))

test("a store refuses a collection without the fields that it needs, and closes its connection", () =>
  withFake(async ({ address }) => {
    await using milvus = await connect(address)
    const Two = Collection.define(name(), {
      id: Field.int64({ primaryKey: true }),
      text: Field.varChar({ maxLength: 10 }),
      left: Field.floatVector({ dimension: 2 }),
      right: Field.floatVector({ dimension: 2 }),
    }, { indexes: { left: Index.flat({ metric: "L2" }), right: Index.flat({ metric: "L2" }) } })
    await milvus.collection.create(Two)
    const options: MilvusVectorStoreOptions = { milvus: address, collection: Two.name }
    const wrong: ReadonlyArray<readonly [more: Partial<MilvusVectorStoreOptions>, message: string]> = [
      [{}, 'parameter "vectorField": expected one of left, right'],
      [{ textField: "body" }, `parameter "textField": expected the name of a text field of "${Two.name}", got "body"`],
      [{ vectorField: "text" }, 'parameter "vectorField": expected the name of a field of'],
      [{ vectorField: "left", metadataField: "text" }, 'parameter "metadataField": expected the name of a JSON field'],
    ]
    for (const [more, message] of wrong) {
      const open = () => MilvusVectorStore.fromExistingCollection(embeddings, { ...options, ...more })
      await assertRefused(open, "ParamError", message)
    }
  }))

test("a store connects at its first use, tries again after a failure, and stays closed", async () => {
  const params = { address: "127.0.0.1:1", retry: false, token: "secret-token" } as const
  const store = new MilvusVectorStore(embeddings, { milvus: params, collection: name() })
  await assertRefused(() => store.similaritySearch("a"), "NotReady")
  await assertRefused(() => store.similaritySearch("a"), "NotReady")
  assert(!`${JSON.stringify(store)}${Deno.inspect(store, { depth: 10, showHidden: true })}`.includes("secret-token"))
  await store.close()
  await store.close()
  await assertRefused(() => store.similaritySearch("a"), "ConnectionClosed")
  await withFake(async ({ address }) => {
    const used = await MilvusVectorStore.fromDocuments(documents, embeddings, { milvus: address, collection: name() })
    await used.close()
    await assertRefused(() => used.similaritySearch("a"), "ConnectionClosed")
  })
})

test("the store has the types of LangChain.js", () => {
  const stores = (store: MilvusVectorStore): ReadonlyArray<VectorStoreInterface | VectorStore> => {
    // @ts-expect-error: text is not a filter
    void (() => store.similaritySearch("a", 1, "year > 1"))
    // @ts-expect-error: ids or a filter
    void (() => store.delete({}))
    void (() => store.asRetriever({ k: 1, filter: { year: { $gt: 1 } } }))
    return [store]
  }
  assertEquals(stores(new MilvusVectorStore(embeddings, { milvus: "localhost", collection: "a" })).length, 1)
})
