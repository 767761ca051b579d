/** The tool of a language model, called as Effect's `LanguageModel` calls it. */
import { assert, assertEquals } from "@std/assert"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as LanguageModel from "effect/ai/LanguageModel"
import type * as Response from "effect/ai/Response"
import * as Tool from "effect/ai/Tool"
import * as Toolkit from "effect/ai/Toolkit"
import * as Stream from "effect/Stream"
import { RpcError } from "../../mod.ts"
import { Retriever, SearchTool } from "../../src/ai/mod.ts"
import { test } from "../support/test.ts"

const usage = { inputTokens: {}, outputTokens: {} }

/** A language model that calls tools with these parameters, by name. */
const modelThatCalls = (calls: ReadonlyArray<readonly [name: string, params: unknown]>) => {
  const parts: Array<Response.PartEncoded> = [
    ...calls.map(([name, params], at) => ({ type: "tool-call" as const, id: `call ${at}`, name, params })),
    { type: "finish", reason: "tool-calls", usage },
  ]
  return Layer.effect(
    LanguageModel.LanguageModel,
    LanguageModel.make({
      generateText: () => Effect.succeed(parts),
      streamText: () => Stream.die("not used"),
    }),
  )
}

const documents: ReadonlyArray<Retriever.Document> = [
  { id: 2n ** 60n, text: "rain in the evening", score: 0.5, row: { id: 2n ** 60n, topic: "weather", page: 7 } },
  { id: "b", text: "the price of bread", score: 0.25, row: { id: "b", topic: null } },
]

/** A retriever that returns the documents above, and keeps what it was asked. */
const recorded = () => {
  const asked: Array<unknown> = []
  const retriever: Retriever.Retriever = {
    retrieve: (query, options) => {
      asked.push([query, options?.limit])
      return Effect.succeed(documents.slice(0, options?.limit))
    },
  }
  return { asked, layer: Layer.succeed(Retriever.Retriever, retriever) }
}

test("a language model searches with the retriever of the program", async () => {
  const { asked, layer } = recorded()
  const { toolResults } = await LanguageModel.generateText({ prompt: "Will it rain?", toolkit: SearchTool.toolkit })
    .pipe(
      Effect.provide(SearchTool.layer),
      Effect.provide(layer),
      Effect.provide(
        modelThatCalls([["search_documents", { query: "rain" }], ["search_documents", { query: "b", limit: 1 }]]),
      ),
      Effect.runPromise,
    )
  assertEquals(asked, [["rain", undefined], ["b", 1]])
  const found = [
    {
      id: "1152921504606846976",
      score: 0.5,
      text: "rain in the evening",
      fields: { id: "1152921504606846976", topic: "weather", page: 7 },
    },
    { id: "b", score: 0.25, text: "the price of bread", fields: { id: "b", topic: null } },
  ]
  assertEquals(toolResults.map(({ result }) => result), [found, found.slice(0, 1)])
  assertEquals(JSON.parse(JSON.stringify(toolResults.map(({ encodedResult }) => encodedResult))), [
    found,
    found.slice(0, 1),
  ])
})

test("a failed search is a result of the tool, so that the model can go on", async () => {
  const error = new RpcError({
    method: "Search",
    address: "localhost:19530",
    code: "UNAVAILABLE",
    details: "no route",
    progress: "NotSent",
  })
  const layer = Layer.succeed(Retriever.Retriever, { retrieve: () => Effect.fail(error) })
  const { toolResults } = await LanguageModel.generateText({ prompt: "Will it rain?", toolkit: SearchTool.toolkit })
    .pipe(
      Effect.provide(SearchTool.layer),
      Effect.provide(layer),
      Effect.provide(modelThatCalls([["search_documents", { query: "rain" }]])),
      Effect.runPromise,
    )
  assertEquals(toolResults.map(({ isFailure, result }) => [isFailure, result]), [
    [true, { error: error.message, isRetryable: true }],
  ])
})

test("the number of documents is bounded, and the schema of the parameters has their descriptions", async () => {
  const { asked, layer } = recorded()
  const exit = await LanguageModel.generateText({ prompt: "Will it rain?", toolkit: SearchTool.toolkit }).pipe(
    Effect.provide(SearchTool.layer),
    Effect.provide(layer),
    Effect.provide(modelThatCalls([["search_documents", { query: "rain", limit: SearchTool.maxLimit + 1 }]])),
    Effect.exit,
    Effect.runPromise,
  )
  assert(exit._tag === "Failure" || asked.length === 0)
  assertEquals(asked, [])
  const schema = JSON.stringify(Tool.getJsonSchema(SearchTool.tool))
  assert(schema.includes(`"maximum":20`) && schema.includes("What to look for"), schema)
})

test("the size of the documents is bounded, and one that is too large alone is a failure", async () => {
  const long = Array.from({ length: 20 }, (_, id): Retriever.Document => ({
    id: BigInt(id),
    text: "é".repeat(4000),
    score: 1,
    row: {},
  }))
  const find = (documents: ReadonlyArray<Retriever.Document>, maxBytes?: number) =>
    SearchTool.handler({ retrieve: () => Effect.succeed(documents) }, { maxBytes })({ query: "rain" })
  const some = await Effect.runPromise(find(long))
  assertEquals(some.length, 12)
  assert(new TextEncoder().encode(JSON.stringify(some)).length <= 100_000)
  assertEquals(await Effect.runPromise(find(documents, 10_000)), await Effect.runPromise(find(documents)))
  assertEquals(await Effect.runPromise(find([])), [])
  assertEquals(await Effect.runPromise(Effect.flip(find(long, 1000))), {
    error: "the best document has more than 1000 bytes",
    isRetryable: false,
  })
})

test("a toolkit may have several tools, each with a retriever of its own", async () => {
  const [notes, laws] = [recorded(), recorded()]
  const toolkit = Toolkit.make(
    SearchTool.make("search_notes", "Searches notes."),
    SearchTool.make("search_laws", "Searches laws."),
  )
  const handlerOf = (layer: typeof notes.layer) =>
    Effect.provide(Effect.map(Retriever.Retriever, SearchTool.handler), layer)
  const handlers = toolkit.toLayer(Effect.gen(function* () {
    return toolkit.of({
      search_notes: yield* handlerOf(notes.layer),
      search_laws: yield* handlerOf(laws.layer),
    })
  }))
  await LanguageModel.generateText({ prompt: "What about tax?", toolkit }).pipe(
    Effect.provide(handlers),
    Effect.provide(modelThatCalls([["search_laws", { query: "tax" }]])),
    Effect.runPromise,
  )
  assertEquals([notes.asked, laws.asked], [[], [["tax", undefined]]])
})
