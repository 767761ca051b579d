/**
 * Retrieval for the answer of a chat: passages are stored with the vectors of their texts, those that fit a question are
 * found, and a language model answers from them; then it searches by itself, with a tool.
 *
 * `deno run -A examples/retrieval.ts [HOST:PORT]`; the address is `localhost:19530` by default.
 */
import { Collection, Connection, Field, Index } from "@effect-milvus/client"
import { Retriever, SearchTool, Texts } from "@effect-milvus/client/ai"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as LanguageModel from "effect/ai/LanguageModel"
import { dimension, quotingModel, wordEmbeddings } from "./models.ts"
import { line, title } from "./output.ts"

const Passages = Collection.define("hotel_passages", {
  id: Field.int64({ primaryKey: true, autoId: true }),
  source: Field.varChar({ maxLength: 40 }),
  text: Field.varChar({ maxLength: 1000 }),
  vector: Field.floatVector({ dimension }),
}, { indexes: { vector: Index.auto({ metric: "COSINE" }) }, consistencyLevel: "Strong" })

/** Which vector is made from which text. */
const embeds = { vector: "text" } as const

const passages = [
  { source: "arrival", text: "Rooms are ready from three in the afternoon. Early guests may leave their bags." },
  { source: "cancellation", text: "A booking may be cancelled until the day before arrival, without a fee." },
  { source: "food", text: "Breakfast is served from seven to ten. Dinner needs a reservation." },
  { source: "pets", text: "Dogs are welcome in rooms on the ground floor. Cats are not." },
  { source: "parking", text: "The garage has forty places. Electric cars are charged at no cost." },
]

/** Answers a question from the passages that the retriever finds. */
const answer = Effect.fnUntraced(function* (question: string) {
  const retriever = yield* Retriever.Retriever
  const documents = yield* retriever.retrieve(question)
  const context = documents.map(({ text }) => `- ${text}`).join("\n")
  const { text } = yield* LanguageModel.generateText({
    prompt: `Answer from these passages alone:\n${context}\n\nQuestion: ${question}`,
  })
  return { text, sources: documents.map(({ row }) => row.source) }
})

/** Runs the scenario over the connection that is provided. */
export const retrieval = Effect.gen(function* () {
  yield* title("Texts")
  yield* Collection.drop(Passages)
  yield* Collection.create(Passages)
  const texts = yield* Texts.make(Passages, embeds)
  const { count } = yield* texts.insert(passages)
  yield* line("inserted", `${count} passages, with vectors made from their texts`)

  yield* title("An answer from passages")
  const question = "What may be cancelled?"
  const { text, sources } = yield* answer(question)
  yield* line(question, text)
  yield* line("source", `${sources[0]}`)

  yield* title("A model that searches")
  const looksFor = "breakfast"
  const { toolResults } = yield* LanguageModel.generateText({ prompt: looksFor, toolkit: SearchTool.toolkit })
  yield* line("the model looks for", looksFor)
  for (const { result } of toolResults) {
    if (!Array.isArray(result)) yield* line("failed", JSON.stringify(result))
    else for (const { text, fields } of result) yield* line(`passage of ${fields.source}`, text)
  }
  yield* Collection.drop(Passages)
}).pipe(
  Effect.provide(SearchTool.layer),
  Effect.provide(Retriever.layerDense(Passages, embeds, { limit: 2, outputFields: ["source"] })),
  Effect.provide(Layer.merge(wordEmbeddings, quotingModel)),
)

if (import.meta.main) {
  const [address = "localhost:19530"] = Deno.args
  await Effect.runPromise(Effect.provide(retrieval, Connection.layer(address)))
}
