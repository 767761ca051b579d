/** Rows whose vectors are made from their texts: what is embedded, written and found, and what remains after a failure. */
import { assert, assertEquals, assertInstanceOf } from "@std/assert"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as AiError from "effect/ai/AiError"
import { Collection, Connection, Field, Functions, Index, PartialWrite, Vectors } from "../../mod.ts"
import { EmbeddingError, Texts } from "../../src/ai/mod.ts"
import { FakeMilvus } from "../../src/testing/mod.ts"
import { hashingModel, type Model, modelOf, overloaded } from "../support/embeddings.ts"
import { shared, startMilvusLite } from "../support/milvus.ts"
import { test } from "../support/test.ts"

const lite = shared(startMilvusLite)

const Notes = Collection.define("notes", {
  id: Field.int64({ primaryKey: true }),
  text: Field.varChar({ maxLength: 200 }),
  topic: Field.varChar({ maxLength: 20, default: "none" }),
  vector: Field.floatVector({ dimension: 32 }),
}, { indexes: { vector: Index.flat({ metric: "COSINE" }) }, consistencyLevel: "Strong" })

const weather = [
  { id: 1, text: "rain in the evening" },
  { id: 2, text: "the price of bread" },
  { id: 3, text: "rain in the evening", topic: "weather" },
  { id: 4, text: "snow on the mountains" },
  { id: 5, text: "a train to the sea" },
]

type Program<A, E> = Effect.Effect<A, E, Connection.Connection | FakeMilvus.FakeMilvus | Model>

/** Runs with a new server of the process, in which the collection exists. */
const onFake = <A, E>(program: Program<A, E>, model = hashingModel().layer) =>
  Effect.gen(function* () {
    yield* Collection.create(Notes)
    return yield* program
  }).pipe(Effect.provide(model), Effect.provide(FakeMilvus.layerConnected()), Effect.runPromise)

const makeNotes = Texts.make(Notes, { vector: "text" })
const numbersOf = (result: Vectors.SearchResult<unknown>) => Array.from(result.ids, Number)
const storedIds = Effect.map(
  Vectors.query(Notes, "id >= 0", { outputFields: ["id"] }),
  ({ rows }) => rows.toArray().map(({ id }) => Number(id)).toSorted((a, b) => a - b),
)

const servers = {
  "FakeMilvus": <A, E>(program: Effect.Effect<A, E, Connection.Connection>) =>
    Effect.runPromise(Effect.provide(program, FakeMilvus.layerConnected())),
  "milvus-lite": <A, E>(program: Effect.Effect<A, E, Connection.Connection>) =>
    Effect.runPromise(Effect.provide(program, Connection.layer(lite().address))),
} as const

for (const [server, run] of Object.entries(servers)) {
  test(`${server}: rows are written without vectors and found by texts, and each distinct text is embedded once`, async () => {
    const model = hashingModel()
    await run(
      Effect.gen(function* () {
        yield* Collection.drop(Notes)
        yield* Collection.create(Notes)
        const notes = yield* makeNotes
        const written = yield* notes.insert(weather, { batchRows: 3, concurrency: 1 })
        assertEquals([written.count, ...Array.from(written.ids, Number)], [5, 1, 2, 3, 4, 5])
        assertEquals(model.requests, [
          ["rain in the evening", "the price of bread"],
          ["snow on the mountains", "a train to the sea"],
        ])
        const found = yield* notes.search(["price of bread", "snow mountains"], { limit: 1, outputFields: ["text"] })
        assertEquals(numbersOf(found), [2, 4])
        assertEquals(found.hits(1).at(0)?.row.text, "snow on the mountains")
        yield* notes.upsert([{ id: 2, text: "fog over the lake", topic: "weather" }])
        const again = yield* notes.search(["fog lake"], { limit: 1, filter: `topic == "weather"` })
        assertEquals(numbersOf(again), [2])
      }).pipe(Effect.provide(model.layer)),
    )
  })
}

test("an upsert without a text takes the vector of the row away", async () => {
  const Optional = Collection.define("optional", {
    id: Field.int64({ primaryKey: true }),
    text: Field.varChar({ maxLength: 200, nullable: true }),
    vector: Field.floatVector({ dimension: 32, nullable: true }),
  }, { indexes: { vector: Index.flat({ metric: "COSINE" }) }, consistencyLevel: "Strong" })
  await onFake(Effect.gen(function* () {
    yield* Collection.create(Optional)
    const notes = yield* Texts.make(Optional, { vector: "text" })
    yield* notes.insert([{ id: 1, text: "rain" }])
    assert((yield* Vectors.get(Optional, [1])).rows.at(0)?.vector !== null)
    yield* notes.upsert([{ id: 1 }])
    assertEquals((yield* Vectors.get(Optional, [1])).rows.at(0), { id: 1n, text: null, vector: null })
  }))
})

// ---- the definition and the model

const fieldsOf = (dimension: number) => ({
  id: Field.int64({ primaryKey: true }),
  text: Field.varChar({ maxLength: 200, enableAnalyzer: true }),
  vector: Field.floatVector({ dimension }),
  other: Field.floatVector({ dimension: 32 }),
  bits: Field.binaryVector({ dimension: 32 }),
})

test("the dimension of the model, and the fields, are checked when the layer is built", async () => {
  const Wide = Collection.define("wide", fieldsOf(64))
  const Computed = Collection.define("computed", fieldsOf(32), {
    functions: { embed: Functions.textEmbedding({ input: "text", output: "vector", provider: "openai" }) },
  })
  // Cast: what JavaScript may pass.
  const make = (collection: Collection.CollectionDefinition, embeds: object) =>
    Effect.flip(Texts.make(collection as never, embeds as never))
  const messages = await onFake(Effect.gen(function* () {
    const refused = [
      yield* make(Wide, { vector: "text" }),
      yield* make(Wide, { bits: "text" }),
      yield* make(Wide, { other: "id" }),
      yield* make(Wide, { other: "none" }),
      yield* make(Wide, { constructor: "text" }),
      yield* make(Computed, { vector: "text" }),
      yield* make(Wide, {}),
    ]
    yield* Texts.make(Wide, { other: "text" })
    const fake = yield* FakeMilvus.FakeMilvus
    assertEquals((yield* fake.calls).filter(({ method }) => method === "Insert"), [])
    return refused.map(({ _tag, message }) => `${_tag}: ${message}`)
  }))
  assertEquals(messages, [
    'ParamError: parameter "embeds.vector": expected a field of dimension 32, as the embedding model has, got 64',
    'ParamError: parameter "embeds.bits": expected a field of "wide" for vectors of numbers, which no function computes',
    'ParamError: parameter "embeds.other": expected the name of a text field of "wide", got a string',
    'ParamError: parameter "embeds.other": expected the name of a text field of "wide", got a string',
    'ParamError: parameter "embeds.constructor": expected a field of "wide" for vectors of numbers, which no function computes',
    'ParamError: parameter "embeds.vector": expected a field of "computed" for vectors of numbers, which no function computes',
    'ParamError: parameter "embeds": expected at least one vector field with its text field',
  ])
})

test("a mistake is a compile error", () => {
  const Wide = Collection.define("wide", fieldsOf(32))
  // @ts-expect-error: a field that is not a text
  Texts.make(Wide, { vector: "id" })
  // @ts-expect-error: a field that holds bits
  Texts.make(Wide, { bits: "text" })
  // @ts-expect-error: a field that does not exist
  Texts.make(Wide, { vector: "text", none: "text" })
  type Row = Parameters<Texts.Texts<typeof Notes, { readonly vector: "text" }>["insert"]>[0][number]
  const row: Row = { id: 1, text: "a" }
  // @ts-expect-error: the vector is made from the text
  const given: Row = { id: 1, text: "a", vector: [1] }
  // @ts-expect-error: the text is required
  const bare: Row = { id: 1 }
  assertEquals([row, given, bare].length, 3)
})

test("all rows are checked before the model is called", async () => {
  const model = hashingModel()
  const first = { id: 1, text: "rain" }
  // Cast: what JavaScript may pass.
  const messages = await onFake(
    Effect.gen(function* () {
      const notes = yield* makeNotes
      const refusal = (rows: unknown, options?: Texts.TextWriteOptions) =>
        Effect.map(Effect.flip(notes.insert(rows as never, options)), ({ message }) => message)
      return [
        yield* refusal([first, { id: 2, text: " \n" }], { batchRows: 1 }),
        yield* refusal([first, { id: 2 }]),
        yield* refusal([first, { id: 2, text: 7 }]),
        yield* refusal([first, { id: 2, text: "snow", vector: [1] }]),
        yield* refusal([first, { id: "x", text: "snow" }], { batchRows: 1 }),
        yield* refusal([first, { id: 2, text: "snow", topic: "a topic that is longer than it may be" }]),
        yield* refusal([first, { id: 2, text: "snow", colour: "white" }]),
        yield* refusal([first, "snow"]),
        yield* refusal({ id: [1], text: ["rain"] }),
        yield* refusal([first], { batchRows: 0 }),
        yield* refusal([first], { batch: 1 } as never),
        yield* refusal([first], { concurrency: 0 }),
        yield* refusal([first], { partition: " " }),
        yield* refusal([first, {
          id: 2,
          text: "snow",
          get topic() {
            throw new Error("no topic")
          },
        }]),
        yield* Effect.map(Effect.flip(notes.search([" "], { limit: 1 })), ({ message }) => message),
        yield* Effect.map(Effect.flip(notes.search("rain" as never, { limit: 1 })), ({ message }) => message),
        yield* Effect.map(
          Effect.flip(notes.search(["rain"], { limit: 1, field: "text" as never })),
          ({ message }) => message,
        ),
      ]
    }),
    model.layer,
  )
  assertEquals(messages, [
    'field "text", row 1: expected a text to embed, got a blank string',
    'field "text", row 1: expected a text to embed, got undefined',
    'field "text", row 1: expected a text to embed, got 7',
    'field "vector", row 1: expected no value, since it is made from "text"',
    'field "id", row 1: expected a bigint of 64 bits or a safe integer, got a string',
    'field "topic", row 1: expected text of at most 20 bytes of UTF-8, got 37',
    'field "colour", row 1: expected a field of "notes" (dynamic fields are off)',
    'field "rows", row 1: expected an object with one value per field, got a string',
    'field "rows": expected an array of rows, got an object',
    'field "batchRows": expected a whole number from 1, got 0',
    'field "batch": expected a known parameter (batchRows, partition, namespace, batchBytes, concurrency, onProgress, ' +
    "onInterrupt, timeout, retry, idempotent, database)",
    'field "concurrency": expected a whole number from 1, got 0',
    'field "partition": expected a name that is not blank, got " "',
    'field "rows", row 1: expected a value that can be read',
    'field "queries", row 0: expected a text to embed, got a blank string',
    'field "queries": expected a list of texts, got a string',
    'field "field": expected one of vector, got a string',
  ])
  assertEquals(model.requests, [])
})

// ---- failures

/** Returns a model that is overloaded when a text contains a word. */
const failingAt = (word: string) =>
  hashingModel(32, (inputs) => inputs.some((text) => text.includes(word)) ? Effect.fail(overloaded) : Effect.void)

test("a failure of the model in the first batch writes nothing, and names its rows", async () => {
  await onFake(
    Effect.gen(function* () {
      const notes = yield* makeNotes
      const error = yield* Effect.flip(notes.insert(weather, { batchRows: 2, concurrency: 1 }))
      assertInstanceOf(error, EmbeddingError)
      assertEquals([error.rows, error.isRetryable, error.cause.reason._tag], [[0, 2], true, "RateLimitError"])
      assertEquals(error.message, 'rows 0 to 1 of "notes" could not be embedded: Test.embedMany: Rate limit exceeded')
      assertEquals(yield* storedIds, [])
    }),
    failingAt("bread").layer,
  )
})

test("a failure of the model in a later batch is a PartialWrite with exactly the rows that are on the server", async () => {
  const model = failingAt("train")
  await onFake(
    Effect.gen(function* () {
      const notes = yield* makeNotes
      const progress: Array<number> = []
      const error = yield* Effect.flip(notes.insert(weather, {
        batchRows: 2,
        concurrency: 1,
        onProgress: ({ written, rows }) => Effect.sync(() => void progress.push(written, rows)),
      }))
      assertInstanceOf(error, PartialWrite)
      assertInstanceOf(error.cause, EmbeddingError)
      assertEquals(error.cause.rows, [4, 5])
      assertEquals([error.rows, error.written, error.acknowledged], [5, 4, [[0, 2], [2, 4]]])
      assertEquals(Array.from(error.ids, Number), [1, 2, 3, 4])
      assertEquals(yield* storedIds, [1, 2, 3, 4])
      assertEquals(progress, [2, 5, 4, 5])
    }),
    model.layer,
  )
  assertEquals(model.requests.length, 3)
})

test("a failure of the server in a later batch keeps the error of the server as its cause", async () => {
  await onFake(Effect.gen(function* () {
    const notes = yield* makeNotes
    const fake = yield* FakeMilvus.FakeMilvus
    const failAfterFirst = () => fake.fail("Insert", { code: 1100, reason: "no more" })
    const error = yield* Effect.flip(
      notes.insert(weather, { batchRows: 2, concurrency: 1, retry: false, onProgress: failAfterFirst }),
    )
    assertInstanceOf(error, PartialWrite)
    assert(error.cause instanceof Error && "code" in error.cause)
    assertEquals([error.cause.code, error.acknowledged], [1100, [[0, 2]]])
    assertEquals(yield* storedIds, [1, 2])
  }))
})

test("an interrupted insert reports the acknowledged rows", async () => {
  const reached = Effect.runSync(Deferred.make<void>())
  const model = hashingModel(
    32,
    (inputs) =>
      inputs[0] === "a train to the sea"
        ? Effect.andThen(Deferred.succeed(reached, undefined), Effect.never)
        : Effect.void,
  )
  await onFake(
    Effect.gen(function* () {
      const notes = yield* makeNotes
      const parts: Array<PartialWrite> = []
      const fiber = yield* Effect.forkChild(notes.insert(weather, {
        batchRows: 2,
        concurrency: 1,
        onInterrupt: (part) => Effect.sync(() => void parts.push(part)),
      }))
      yield* Deferred.await(reached)
      yield* Fiber.interrupt(fiber)
      assertEquals(parts.map(({ acknowledged, written }) => [acknowledged, written]), [[[[0, 2], [2, 4]], 4]])
      assertEquals(yield* storedIds, [1, 2, 3, 4])
    }),
    model.layer,
  )
})

test("vectors that do not fit are a failure of the model", async () => {
  const wrong = {
    "expected vectors of 32 numbers, got one of 3": modelOf(
      32,
      (inputs) => Effect.succeed(inputs.map(() => [1, 2, 3])),
    ),
    "Schema validation failed": modelOf(
      32,
      (inputs) => Effect.succeed(inputs.map(() => new Array(32).fill(NaN))),
    ),
    "expected vectors of finite numbers, got one with 1e+39": modelOf(
      32,
      (inputs) => Effect.succeed(inputs.map(() => new Array(32).fill(1e39))),
    ),
    "Provider returned 1 embeddings but expected 4": modelOf(32, () => Effect.succeed([new Array(32).fill(1)])),
  }
  for (const [problem, model] of Object.entries(wrong)) {
    await onFake(
      Effect.gen(function* () {
        const notes = yield* makeNotes
        const error = yield* Effect.flip(notes.insert(weather))
        assertInstanceOf(error, EmbeddingError)
        assert(error.message.includes(problem), error.message)
        assertEquals([error.isRetryable, error.cause.reason._tag], [true, "InvalidOutputError"])
        assertEquals(yield* storedIds, [])
      }),
      model,
    )
  }
})

test("a row that changes while its text is embedded is written as it was", async () => {
  const rows = weather.map((row) => ({ ...row }))
  const model = hashingModel(32, () => Effect.sync(() => rows.forEach((row) => row.text = "changed")))
  await onFake(
    Effect.gen(function* () {
      const notes = yield* makeNotes
      yield* notes.insert(rows, { batchRows: 2, concurrency: 1 })
      const stored = yield* Vectors.query(Notes, "id >= 0", { outputFields: ["text"] })
      assertEquals(stored.rows.toArray().map(({ text }) => text).toSorted(), weather.map(({ text }) => text).toSorted())
    }),
    model.layer,
  )
})

test("a query that is not embedded fails with the error of the model", async () => {
  const error = await onFake(
    Effect.gen(function* () {
      const notes = yield* makeNotes
      return yield* Effect.flip(notes.search(["bread"], { limit: 1 }))
    }),
    failingAt("bread").layer,
  )
  assertInstanceOf(error, EmbeddingError)
  assertEquals(error.message, 'a query of "notes" could not be embedded: Test.embedMany: Rate limit exceeded')
})

// ---- requests of the model

test("queries of concurrent searches are one request of the model", async () => {
  const model = hashingModel()
  await onFake(
    Effect.gen(function* () {
      const notes = yield* makeNotes
      yield* notes.insert(weather)
      const searches = ["bread", "snow", "sea"].map((query) => notes.search([query, "rain"], { limit: 1 }))
      const found = yield* Effect.all(searches, { concurrency: "unbounded" })
      assertEquals(found.map(({ ids }) => Number(ids[0])), [2, 4, 5])
    }),
    model.layer,
  )
  assertEquals(model.requests.length, 2)
  assertEquals(model.requests[1]?.toSorted(), ["bread", "rain", "rain", "rain", "sea", "snow"])
})

test("a text that a row omits is embedded as its default, and several vectors may be made from texts", async () => {
  const Pages = Collection.define("pages", {
    id: Field.int64({ primaryKey: true }),
    title: Field.varChar({ maxLength: 40, default: "untitled" }),
    body: Field.varChar({ maxLength: 200 }),
    titleVector: Field.floatVector({ dimension: 32 }),
    bodyVector: Field.floatVector({ dimension: 32 }),
  }, { indexes: { titleVector: Index.flat({ metric: "COSINE" }), bodyVector: Index.flat({ metric: "COSINE" }) } })
  const model = hashingModel()
  await onFake(
    Effect.gen(function* () {
      yield* Collection.create(Pages)
      const pages = yield* Texts.make(Pages, { titleVector: "title", bodyVector: "body" })
      yield* pages.insert([{ id: 1, body: "bread" }, { id: 2, title: "bread", body: "snow" }])
      assertEquals(model.requests, [["untitled", "bread", "snow"]])
      const nearest = (field: "titleVector" | "bodyVector", query: string) =>
        Effect.map(pages.search([query], { field, limit: 1, consistency: "Strong" }), numbersOf)
      assertEquals(yield* nearest("titleVector", "untitled"), [1])
      assertEquals(yield* nearest("titleVector", "bread"), [2])
      assertEquals(yield* nearest("bodyVector", "bread"), [1])
      const { message } = yield* Effect.flip(pages.search(["bread"], { limit: 1 }))
      assertEquals(message, 'field "field": expected one of titleVector, bodyVector, got undefined')
    }),
    model.layer,
  )
})

test("the cause of an error is an error of the model, in types too", () => {
  const cause: AiError.AiError = new EmbeddingError({ collection: "notes", cause: overloaded }).cause
  assertEquals(cause.reason._tag, "RateLimitError")
})
