/** The store of LangChain.js: what its base class promises, on each server of the tests. */
import { Document } from "@langchain/core/documents"
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
  await assertRefused(() => store.delete({ ids: ["x"] }), "CodecError", "the digits of a 64-bit integer")
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
        'parameter "selection.deleteAll": expected one of ids, filter',
      ],
      [() => store.delete({ filter: {} }), 'parameter "filter": expected at least one condition'],
      [() => store.addDocuments([...one, ...one], { ids: ["x", "x"] }), 'parameter "ids": expected ids that differ'],
      [() => store.addDocuments(one, { ids: [] }), 'parameter "ids": expected one id for each document, got 0'],
      [() => store.addDocuments(one, { id: "x" } as never), 'parameter "options.id": expected one of ids, signal'],
      [() => store.addVectors([], one), 'parameter "vectors": expected one vector for each document, got 0'],
      [() => store.addVectors([[1, 2]], one), 'field "vector", row 0: expected'],
      [
        () => store.addDocuments([new Document({ pageContent: "a", metadata: { at: () => 1 } })]),
        'field "metadata", row 0: expected a JSON value',
      ],
    ]
    for (const [run, message] of refused) {
      await assertRefused(run, message.startsWith("field") ? "CodecError" : "ParamError", message)
    }
    assertEquals((await store.similaritySearch("cook", 10)).length, 4)
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
