/**
 * Retrieval with a real embedding model: the documents of this project are indexed, and the pages that answer questions
 * are found among them.
 */
import { assert, assertEquals, assertGreater } from "@std/assert"
import * as Effect from "effect/Effect"
import { Collection, Connection, Field, Functions, Index } from "../../mod.ts"
import { Retriever, Texts } from "../../src/ai/mod.ts"
import { miniLm, startMiniLm } from "../support/miniLm.ts"
import { shared, startMilvusLite } from "../support/milvus.ts"
import { test } from "../support/test.ts"
import { pieces } from "./documents.ts"
import { questions } from "./questions.ts"

const milvus = shared(startMilvusLite)
const model = shared(startMiniLm)

const Pages = Collection.define("pages_of_docs", {
  id: Field.int64({ primaryKey: true, autoId: true }),
  page: Field.varChar({ maxLength: 100 }),
  text: Field.varChar({ maxLength: 8000, enableAnalyzer: true }),
  vector: Field.floatVector({ dimension: miniLm.dimension }),
  terms: Field.sparseFloatVector(),
}, {
  functions: { text_terms: Functions.bm25({ input: "text", output: "terms" }) },
  indexes: { vector: Index.flat({ metric: "COSINE" }), terms: Index.sparseInvertedIndex({ metric: "BM25" }) },
  consistencyLevel: "Strong",
})

const embeds = { vector: "text" } as const

/** Returns the first three pages of documents, each once. */
const firstPages = (documents: ReadonlyArray<Retriever.Document<{ readonly page: string }>>) =>
  [...new Set(documents.map(({ row }) => row.page))].slice(0, 3)

test("the page that answers a question is among the first three for at least eighteen of twenty questions", async () => {
  const documents = pieces()
  assertGreater(documents.length, 200)
  assertEquals(questions.length, 20)
  const pages = new Set(documents.map(({ page }) => page))
  for (const [question, ...right] of questions) assert(right.every((page) => pages.has(page)), question)
  const missed = await Effect.gen(function* () {
    yield* Collection.create(Pages)
    const { insert } = yield* Texts.make(Pages, embeds)
    yield* insert(documents)
    const options = { limit: 20, outputFields: ["page"] } as const
    const dense = yield* Retriever.dense(Pages, embeds, options)
    const asked = yield* Effect.forEach(
      questions,
      ([question, ...right]) =>
        Effect.map(dense.retrieve(question), (found) => {
          const first = firstPages(found)
          return first.some((page) => right.includes(page)) ? [] : [`${question} ${first.join(", ")}`]
        }),
      { concurrency: "unbounded" },
    )
    return asked.flat()
  }).pipe(Effect.provide(model().layer), Effect.provide(Connection.layer(milvus().address)), Effect.runPromise)
  assert(missed.length <= 2, `${20 - missed.length} of 20:\n${missed.join("\n")}`)
})
