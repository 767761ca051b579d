/** Retrievers: dense, by words and by both; documents that differ, and documents in the order of a reranker. */
import { assert, assertEquals, assertInstanceOf } from "@std/assert"
import * as Effect from "effect/Effect"
import { Collection, Connection, Field, Functions, Index, ParamError } from "../../mod.ts"
import { EmbeddingError, Retriever, Texts } from "../../src/ai/mod.ts"
import { FakeMilvus } from "../../src/testing/mod.ts"
import { hashingModel, type Model, overloaded } from "../support/embeddings.ts"
import { shared, startMilvusLite } from "../support/milvus.ts"
import { test } from "../support/test.ts"

const lite = shared(startMilvusLite)

const Notes = Collection.define("retriever_notes", {
  id: Field.int64({ primaryKey: true }),
  text: Field.varChar({ maxLength: 200 }),
  topic: Field.varChar({ maxLength: 20 }),
  vector: Field.floatVector({ dimension: 64 }),
}, { indexes: { vector: Index.flat({ metric: "COSINE" }) }, consistencyLevel: "Strong" })

const Articles = Collection.define("retriever_articles", {
  id: Field.varChar({ maxLength: 20, primaryKey: true }),
  body: Field.varChar({ maxLength: 200, enableAnalyzer: true }),
  vector: Field.floatVector({ dimension: 64 }),
  terms: Field.sparseFloatVector(),
}, {
  functions: { body_terms: Functions.bm25({ input: "body", output: "terms" }) },
  indexes: { vector: Index.flat({ metric: "COSINE" }), terms: Index.sparseInvertedIndex({ metric: "BM25" }) },
  consistencyLevel: "Strong",
})

const notes = [
  { id: 1, text: "rain in the evening", topic: "weather" },
  { id: 2, text: "rain in the evening too", topic: "weather" },
  { id: 3, text: "evening trains to the sea", topic: "travel" },
  { id: 4, text: "the price of bread", topic: "food" },
]

const articles = [
  { id: "a", body: "rain in the evening" },
  { id: "b", body: "evening trains to the sea" },
  { id: "c", body: "the price of bread" },
]

type Services = Connection.Connection | Model

const onFake = <A, E>(program: Effect.Effect<A, E, Services>, model = hashingModel(64).layer) =>
  Effect.gen(function* () {
    yield* Collection.create(Notes)
    yield* Effect.flatMap(Texts.make(Notes, { vector: "text" }), ({ insert }) => insert(notes))
    return yield* program
  }).pipe(Effect.provide(model), Effect.provide(FakeMilvus.layerConnected()), Effect.runPromise)

const onLite = <A, E>(program: Effect.Effect<A, E, Services>) =>
  Effect.gen(function* () {
    yield* Collection.drop(Articles)
    yield* Collection.create(Articles)
    yield* Effect.flatMap(Texts.make(Articles, { vector: "body" }), ({ insert }) => insert(articles))
    return yield* program
  }).pipe(Effect.provide(hashingModel(64).layer), Effect.provide(Connection.layer(lite().address)), Effect.runPromise)

const idsOf = (documents: ReadonlyArray<Retriever.Document<unknown>>) => documents.map(({ id }) => `${id}`)

test("a dense retriever returns texts, scores and the fields that were asked for", async () => {
  const documents = await onFake(Effect.gen(function* () {
    const retriever = yield* Retriever.dense(Notes, { vector: "text" }, { limit: 2, outputFields: ["topic"] })
    return yield* retriever.retrieve("evening trains")
  }))
  const [first, second] = documents
  assertEquals([first?.id, first?.text, first?.row], [3n, "evening trains to the sea", { id: 3n, topic: "travel" }])
  assert(first !== undefined && second !== undefined && first.score > second.score)
  assertEquals(documents.length, 2)
  const topic: string = first.row.topic
  assertEquals(topic, "travel")
})

test("a question has a limit and a filter of its own, or those of the retriever", async () => {
  await onFake(Effect.gen(function* () {
    const retriever = yield* Retriever.dense(Notes, { vector: "text" }, { filter: `topic == "weather"` })
    const find = (options?: Retriever.RetrieveOptions) => Effect.map(retriever.retrieve("rain", options), idsOf)
    assertEquals((yield* find()).toSorted(), ["1", "2"])
    assertEquals((yield* find({ limit: 1 })).length, 1)
    assertEquals(yield* find({ filter: `topic == "food"` }), ["4"])
  }))
})

test("a layer provides the retriever of a program, and checks the dimension when it is built", async () => {
  const program = Effect.gen(function* () {
    const retriever = yield* Retriever.Retriever
    return yield* retriever.retrieve("the price of bread", { limit: 1 })
  })
  const layer = Retriever.layerDense(Notes, { vector: "text" }, { outputFields: ["topic"] })
  const documents = await onFake(Effect.provide(program, layer))
  assertEquals([idsOf(documents), documents[0]?.row], [["4"], { id: 4n, topic: "food" }])
  const error = await onFake(
    Effect.flip(Effect.provide(Effect.provide(program, layer), hashingModel(32).layer)),
  )
  assertInstanceOf(error, ParamError)
})

test("a question that is blank or is not embedded fails, and so does a limit that is none", async () => {
  await onFake(Effect.gen(function* () {
    const retriever = yield* Retriever.dense(Notes, { vector: "text" })
    const refusal = (query: string, options?: Retriever.RetrieveOptions) =>
      Effect.map(Effect.flip(retriever.retrieve(query, options)), ({ message }) => message)
    assertEquals(yield* refusal(" "), 'field "query": expected a question, got a blank string')
    assertEquals(yield* refusal("rain", { limit: 0 }), 'field "limit": expected a whole number from 1, got 0')
    assertEquals(yield* refusal("rain", { limit: NaN }), 'field "limit": expected a whole number from 1, got NaN')
    assertEquals(
      yield* refusal("rain", { top: 1 } as never),
      'field "options.top": expected a known parameter (limit, filter)',
    )
  }))
  const model = hashingModel(64, (inputs) => inputs.includes("snow") ? Effect.fail(overloaded) : Effect.void)
  const error = await onFake(
    Effect.gen(function* () {
      const retriever = yield* Retriever.dense(Notes, { vector: "text" })
      return yield* Effect.flip(retriever.retrieve("snow"))
    }),
    model.layer,
  )
  assertInstanceOf(error, EmbeddingError)
})

test("each retriever refuses options that are unknown or out of range when it is made", async () => {
  const embeds = { vector: "text" } as const
  const ofArticles = { vector: "body" } as const
  // Cast: what JavaScript may pass.
  const wrong = { topK: 3 } as never
  await onFake(Effect.gen(function* () {
    const makes: ReadonlyArray<readonly [Effect.Effect<unknown, ParamError, Services>, string]> = [
      [Retriever.dense(Notes, embeds, wrong), "options.topK"],
      [Retriever.dense(Notes, embeds, { terms: "terms" } as never), "options.terms"],
      [Retriever.fullText(Articles, wrong), "options.topK"],
      [Retriever.fullText(Articles, { diversity: {} } as never), "options.diversity"],
      [Retriever.hybrid(Articles, ofArticles, wrong), "options.topK"],
      [Retriever.dense(Notes, embeds, { limit: 0 }), "limit"],
      [Retriever.fullText(Articles, { limit: NaN }), "limit"],
      [Retriever.dense(Notes, embeds, { diversity: { lambda: 2 } }), "diversity.lambda"],
      [Retriever.hybrid(Articles, ofArticles, { diversity: { lambda: NaN } }), "diversity.lambda"],
      [Retriever.dense(Notes, embeds, { diversity: { candidates: 0 } }), "diversity.candidates"],
      [Retriever.dense(Notes, embeds, { diversity: { candidate: 5 } as never }), "diversity.candidate"],
      [Retriever.dense(Notes, undefined as never), "embeds"],
      [Effect.provide(Effect.void, Retriever.layerDense(Notes, embeds, wrong)), "options.topK"],
      [Effect.provide(Effect.void, Retriever.layerFullText(Articles, wrong)), "options.topK"],
      [Effect.provide(Effect.void, Retriever.layerHybrid(Articles, ofArticles, wrong)), "options.topK"],
    ]
    for (const [make, parameter] of makes) assertEquals((yield* Effect.flip(make)).parameter, parameter)
    const retriever = yield* Retriever.dense(Notes, embeds)
    const reranked = Retriever.rerank(retriever, { score: () => Effect.succeed([]), topK: 3 } as never)
    assertEquals(
      (yield* Effect.flip(reranked.retrieve("rain"))).message,
      'field "options.topK": expected a known parameter (score, limit, candidates)',
    )
  }))
})

test("at least as many candidates are found as documents are asked for", async () => {
  await onFake(Effect.gen(function* () {
    const embeds = { vector: "text" } as const
    const diverse = yield* Retriever.dense(Notes, embeds, { limit: 3, diversity: { candidates: 1 } })
    assertEquals((yield* diverse.retrieve("rain")).length, 3)
    const retriever = yield* Retriever.dense(Notes, embeds)
    const score = (_: string, found: ReadonlyArray<unknown>) => Effect.succeed(found.map(() => 1))
    const reranked = Retriever.rerank(retriever, { score, limit: 3, candidates: 1 })
    assertEquals(idsOf(yield* reranked.retrieve("rain")), idsOf(yield* retriever.retrieve("rain", { limit: 3 })))
  }))
})

test("with diversity, a text that repeats another one comes after one that differs", async () => {
  await onFake(Effect.gen(function* () {
    const nearest = yield* Retriever.dense(Notes, { vector: "text" }, { limit: 2 })
    assertEquals(idsOf(yield* nearest.retrieve("rain in the evening")), ["1", "2"])
    const diversity = { candidates: 4, lambda: 0.3 }
    const diverse = yield* Retriever.dense(Notes, { vector: "text" }, { limit: 2, diversity, outputFields: ["topic"] })
    const documents = yield* diverse.retrieve("rain in the evening")
    assertEquals(documents[0]?.id, 1n)
    assert(documents[1]?.id !== 2n)
    assertEquals(Object.keys(documents[0]?.row ?? {}).toSorted(), ["id", "topic"])
  }))
})

test("milvus-lite: a full-text retriever finds words, and a hybrid one both words and meaning", async () => {
  await onLite(Effect.gen(function* () {
    const words = yield* Retriever.fullText(Articles, { limit: 2 })
    const found = yield* words.retrieve("bread")
    assertEquals([idsOf(found), found[0]?.text, found[0]?.row], [["c"], "the price of bread", { id: "c" }])
    const both = yield* Retriever.hybrid(Articles, { vector: "body" }, { limit: 2 })
    const [first] = yield* both.retrieve("trains to the sea")
    assertEquals([first?.id, first?.text], ["b", "evening trains to the sea"])
    assertEquals(idsOf(yield* both.retrieve("trains", { filter: `id == "a"` })), ["a"])
    const diverse = yield* Retriever.hybrid(Articles, { vector: "body" }, { limit: 1, diversity: {} })
    assertEquals(idsOf(yield* diverse.retrieve("the price of bread")), ["c"])
  }))
})

test("a collection without a BM25 function, or with several, needs a field of terms", async () => {
  const messages = await onFake(Effect.gen(function* () {
    const refusal = <A>(make: Effect.Effect<A, ParamError, Services>) =>
      Effect.map(Effect.flip(make), ({ message }) => message)
    return [
      yield* refusal(Retriever.fullText(Notes)),
      yield* refusal(Retriever.fullText(Articles, { terms: "none" })),
      yield* refusal(Retriever.hybrid(Notes, { vector: "text" })),
    ]
  }))
  const expected = (name: string) =>
    `parameter "terms": expected a field that a BM25 function of "${name}" computes, got `
  assertEquals(messages, [
    `${expected("retriever_notes")}none, and 0 of these functions`,
    `${expected("retriever_articles")}a string`,
    `${expected("retriever_notes")}none, and 0 of these functions`,
  ])
})

test("a reranker orders the documents of a retriever, and answers for each of them", async () => {
  await onFake(Effect.gen(function* () {
    const retriever = yield* Retriever.dense(Notes, { vector: "text" }, { outputFields: ["topic"] })
    const seen: Array<number> = []
    const byTopic = Retriever.rerank(retriever, {
      limit: 2,
      candidates: 4,
      score: (_, documents) => {
        seen.push(documents.length)
        return Effect.succeed(documents.map(({ row }) => row.topic === "food" ? 2 : row.topic === "travel" ? 1 : 0))
      },
    })
    const documents = yield* byTopic.retrieve("rain in the evening")
    assertEquals([idsOf(documents), documents.map(({ score }) => score), seen], [["4", "3"], [2, 1], [4]])
    for (const scores of [[1], [1, 2, 3, NaN]]) {
      const wrong = Retriever.rerank(retriever, { candidates: 4, score: () => Effect.succeed(scores) })
      const error = yield* Effect.flip(wrong.retrieve("rain"))
      assert(error._tag === "AiError" && error.reason._tag === "InvalidOutputError", error.message)
    }
    const failing = Retriever.rerank(retriever, { score: () => Effect.fail(overloaded) })
    assertEquals(yield* Effect.flip(failing.retrieve("rain")), overloaded)
  }))
})
