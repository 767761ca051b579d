/** Every option of a read reaches the server, or is refused before anything is sent. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { Collection, type Connection, filter, FunctionChain, Functions, Unsupported, Vectors } from "../../../mod.ts"
import { test } from "../../support/test.ts"
import { namer, onFake, simple } from "../support.ts"

const next = namer("options")

type Options = Readonly<Record<string, unknown>>
type Read = (
  collection: Collection.AnyDefinition,
  options: Options,
) => Effect.Effect<unknown, { readonly _tag: string; readonly message: string }, Connection.Connection>

// Casts: what an untyped program may write.
const reads: Readonly<Record<string, Read>> = {
  query: (C, options) => Vectors.query(C, "id in [1]", options as never),
  get: (C, options) => Vectors.get(C, [1], options as never),
  count: (C, options) => Vectors.count(C, "id in [1]", options as never),
  search: (C, options) => Vectors.search(C, [[0, 0]], { limit: 3, ...options } as never),
  hybridSearch: (C, options) =>
    Vectors.hybridSearch(C, [{ data: [[0, 0]], limit: 3 }], { limit: 3, ...options } as never),
  queryBatches: (C, options) => Stream.runDrain(Vectors.queryBatches(C, "id in [1]", options as never)),
  searchBatches: (C, options) => Stream.runDrain(Vectors.searchBatches(C, [0, 0], options as never)),
}

const operations = Object.keys(reads)
const ofSearch = ["search", "hybridSearch"]

const whole = (least: number) => [least - 1, 1.5, NaN, Infinity, -Infinity, 2 ** 31, "1", null, 1n]
const decay = Functions.rerank({ reranker: "decay", input: ["id"], params: { function: "gauss", origin: 1, scale: 1 } })

const chain = FunctionChain.make("L2Rerank", [FunctionChain.limit(1)])

/** Each option: the operations that have it, values that must reach the server, and values that must be refused. */
const options: Readonly<
  Record<string, {
    readonly on: ReadonlyArray<string>
    readonly sent: ReadonlyArray<Options>
    readonly refused: ReadonlyArray<unknown>
  }>
> = {
  outputFields: {
    on: operations.filter((name) => name !== "count"),
    sent: [{ outputFields: ["v"] }],
    refused: ["v", [1], [""], {}],
  },
  partitions: { on: operations, sent: [{ partitions: ["_default"] }], refused: ["a", [], [""], [1], {}] },
  consistency: {
    on: operations,
    sent: ["Session", "Bounded", "Eventually", "Strong"].map((consistency) => ({ consistency })),
    refused: ["strong", "", 1, {}],
  },
  namespace: {
    on: operations,
    sent: [{ namespace: "alice" }],
    refused: ["", " ", 1, null],
  },
  orderBy: {
    on: ["query", "search"],
    sent: [{ orderBy: ["v"] }, { orderBy: [{ field: "id", order: "desc" }, 'meta["price"]'] }],
    refused: ["id", [], [""], [1], ["id:desc"], ["a,b"], [{ field: "id", order: "down" }], [{ fields: "id" }], null],
  },
  timezone: { on: ["query", "search", "searchBatches"], sent: [{ timezone: "Europe/Berlin" }], refused: ["", 1, null] },
  timeFields: {
    on: ["query", "search", "searchBatches"],
    sent: [{ timeFields: ["year", "month"] }],
    refused: ["year", [], [""], [1]],
  },
  analyzerName: { on: ["search", "searchBatches"], sent: [{ analyzerName: "german" }], refused: ["", 1, null] },
  pageRetainOrder: {
    on: ["search"],
    sent: [{ params: { radius: 5 }, pageRetainOrder: true }, { params: { radius: 5 }, pageRetainOrder: false }],
    refused: [true, false, "true", 1],
  },
  groupScorer: { on: ["hybridSearch"], sent: [{ groupBy: "id", groupScorer: "sum" }], refused: ["max", "mean", 1] },
  functionChains: {
    on: ofSearch,
    sent: [{ functionChains: chain }, { functionChains: [chain] }],
    refused: ["l2", [], {}, [1]],
  },
  highlighter: {
    on: ["search"],
    sent: [
      { highlighter: { type: "lexical", searchText: true } },
      { highlighter: { type: "semantic", queries: ["a"], fields: ["v"] } },
    ],
    refused: ["lexical", {}, { type: "lexical" }, { type: "lexical", searchText: false }],
  },
  aggregation: {
    on: ["search"],
    sent: [{ aggregation: { fields: ["id"], size: 2 } }],
    refused: [
      "id",
      [],
      {},
      { fields: [], size: 1 },
      { fields: ["id"] },
      { fields: ["id"], size: 0 },
      { fields: ['meta["a"]'], size: 1 },
      { fields: ["id"], size: 1, metrics: { a: "avg(*)" } },
      { fields: ["id"], size: 1, metrics: { a: "median(id)" } },
      { fields: ["id"], size: 1, metrics: { " ": "max(id)" } },
      { fields: ["id"], size: 1, order: [{ by: "a" }] },
      { fields: ["id"], size: 1, order: [{ by: "_key", order: "up" }] },
      { fields: ["id"], size: 1, topHits: { size: 0 } },
      { fields: ["id"], size: 1, topHits: { size: 1, sort: [{ field: "" }] } },
      { fields: ["id"], size: 1, subAggregation: { fields: ["id"], size: -1 } },
    ],
  },
  guaranteeTimestamp: {
    on: operations,
    sent: [{ guaranteeTimestamp: 7n, consistency: "Customized" }, { guaranteeTimestamp: 7n, consistency: "Session" }],
    refused: [7n, 0n, 7, "7"],
  },
  limit: {
    on: ["query", "search", "hybridSearch", "queryBatches", "searchBatches"],
    sent: [{ limit: 2 }],
    refused: whole(1),
  },
  offset: { on: ["query", "search", "hybridSearch"], sent: [{ offset: 1, limit: 1 }], refused: whole(0) },
  batchSize: { on: ["queryBatches", "searchBatches"], sent: [{ batchSize: 2 }], refused: whole(1) },
  ignoreGrowing: {
    on: ["query", "search", "searchBatches"],
    sent: [{ ignoreGrowing: true }],
    refused: ["true", 1, null],
  },
  filter: { on: ["search", "searchBatches"], sent: [{ filter: filter`id in ${[2]}` }], refused: [1, {}, null, []] },
  field: { on: ["search", "searchBatches"], sent: [{ field: "v" }], refused: ["", " ", 1] },
  metric: { on: ["search", "searchBatches"], sent: [{ metric: "L2" }], refused: ["", 1] },
  params: { on: ["search", "searchBatches"], sent: [{ params: { radius: 5 } }], refused: ["{}", 1, []] },
  groupBy: { on: ofSearch, sent: [{ groupBy: "id" }], refused: ["", 1, null] },
  groupSize: { on: ofSearch, sent: [{ groupBy: "id", groupSize: 2 }], refused: [...whole(1), 2] },
  strictGroupSize: { on: ofSearch, sent: [{ groupBy: "id", strictGroupSize: true }], refused: ["true", true] },
  roundDecimal: { on: ofSearch, sent: [{ roundDecimal: 2 }], refused: [-2, 7, 1.5, NaN, Infinity, "2"] },
  rerank: { on: ofSearch, sent: [{ rerank: decay }], refused: [] },
}

/** Requests without what differs in each: nothing here depends on the time. */
const text = (value: unknown) =>
  JSON.stringify(value, (_, it) => typeof it === "bigint" ? `${it}n` : it instanceof Uint8Array ? [...it] : it)

test("rule 9: each option alone changes the request, on every read that has it", () =>
  onFake(({ mine }, fake) =>
    mine(Effect.gen(function* () {
      const C = simple(next(), { level: "Bounded" })
      const { options: { consistencyLevel: _, ...rest }, ...definition } = C
      const Open = { ...definition, options: rest }
      yield* Collection.create(C)
      yield* Vectors.insert(C, [1, 2, 3].map((id) => ({ id, v: [id, 0] })))
      const sent = (operation: string, given: Options) =>
        Effect.gen(function* () {
          yield* fake.clearCalls
          yield* Effect.exit(reads[operation]!(Open, given))
          const requests = (yield* fake.calls).filter(({ method }) => /^(Query|Search|HybridSearch)$/.test(method))
          assert(requests.length > 0, `${operation} with ${text(given)} is not sent`)
          return requests.map(({ request }) => text(request)).join()
        })
      for (const [name, { on, sent: values }] of Object.entries(options)) {
        for (const operation of on) {
          for (const value of values) {
            const { [name]: _, ...others } = value
            // A level is compared with another one: batches name that of the server, which is the same where it is.
            const level = value["consistency"] === "Bounded" ? "Strong" : "Bounded"
            const without = name === "consistency"
              ? { consistency: level }
              : name === "guaranteeTimestamp"
              ? {}
              : others
            assert(
              (yield* sent(operation, value)) !== (yield* sent(operation, without)),
              `${operation}: ${text(value)}`,
            )
          }
        }
      }
    })), { version: "v3.1.0" }))

test("rule 7: numbers and other values that an option cannot have are refused by its name, and nothing is sent", () =>
  onFake(({ mine }, fake) =>
    mine(Effect.gen(function* () {
      const C = simple(next())
      yield* Collection.create(C)
      yield* fake.clearCalls
      for (const [name, { on, refused }] of Object.entries(options)) {
        for (const operation of on) {
          for (const value of refused) {
            const exit = yield* Effect.exit(Effect.flip(reads[operation]!(C, { [name]: value })))
            assert(exit._tag === "Success", `${operation}: ${name} ${String(value)} is accepted`)
            assertEquals(exit.value._tag, "CodecError", exit.value.message)
            assertStringIncludes(exit.value.message.toLowerCase(), name.toLowerCase())
          }
        }
      }
      const rerankers = [
        "rrf",
        { strategy: "rff" },
        { strategy: "rrf", k: 0 },
        { strategy: "rrf", k: NaN },
        { strategy: "rrf", weights: [1, 1] },
        { strategy: "rrf", weights: [1.5] },
        { strategy: "rrf", weights: [NaN] },
        { strategy: "weighted" },
        { strategy: "weighted", weights: [1, 2] },
        { strategy: "weighted", weights: [NaN] },
        { strategy: "weighted", weights: [1], normalize: 1 },
      ]
      for (const rerank of rerankers) {
        assertEquals((yield* Effect.flip(reads["hybridSearch"]!(C, { rerank })))._tag, "CodecError", text(rerank))
      }
      for (const consistency of ["strong", "", 1]) {
        const error = yield* Effect.flip(Vectors.delete(C, { ids: [1] }, { consistency: consistency as never }))
        assertStringIncludes(error.message, `"consistency"`)
      }
      assertEquals((yield* fake.calls).filter(({ method }) => method !== "DescribeCollection"), [])
    }))
  ))

test("rule 20: an option that an operation does not have is refused by its name, and nothing is sent", () =>
  onFake(({ mine }, fake) =>
    mine(Effect.gen(function* () {
      const C = simple(next())
      yield* Collection.create(C)
      yield* fake.clearCalls
      const others = [
        "topk",
        "filters",
        "Filter",
        "output_fields",
        "constructor",
        "toString",
        "signal",
        "signals",
        "expr",
      ]
      for (const [operation, read] of Object.entries(reads)) {
        const foreign = Object.keys(options).filter((name) =>
          !options[name]!.on.includes(name) && !options[name]!.on.includes(operation)
        )
        for (const name of [...others, ...foreign]) {
          const exit = yield* Effect.exit(Effect.flip(read(C, { [name]: 1 })))
          assert(exit._tag === "Success", `${operation}: ${name} is accepted`)
          assertStringIncludes(exit.value.message, `"${name}"`)
        }
        // What is undefined is not given.
        assertEquals((yield* Effect.exit(read(C, { topk: undefined })))._tag, "Success", operation)
        for (const given of [1, "limit", [1]]) {
          if (operation === "search" || operation === "hybridSearch") continue
          assertEquals((yield* Effect.flip(read(C, given as never)))._tag, "CodecError")
        }
      }
      // A part of a hybrid search is looked at too.
      const part = { data: [[0, 0]], limit: 1, topk: 1 } as Vectors.SearchPart
      assertStringIncludes((yield* Effect.flip(Vectors.hybridSearch(C, [part], { limit: 1 }))).message, `"topk"`)
    }))
  ))

test("rule 9: an option that the server is too old for is refused with the version that it needs", () =>
  onFake(({ mine }, fake) =>
    mine(Effect.gen(function* () {
      const C = simple(next())
      yield* Collection.create(C)
      yield* fake.clearCalls
      const page = { params: { radius: 5 }, pageRetainOrder: true }
      const highlighter = { type: "lexical", searchText: true }
      const needs: ReadonlyArray<readonly [operation: string, options: Options, option: string, version: string]> = [
        ["search", { groupBy: "id" }, "groupBy", "2.4.0"],
        ["search", { groupSize: 2, groupBy: "id" }, "groupSize", "2.5.0"],
        ["search", { groupBy: ["id", "v"] }, "groupBy", "3.0.0"],
        ["search", { groupBy: { field: "meta", jsonPath: 'meta["a"]' } }, "groupBy", "2.6.2"],
        ["search", { rerank: decay }, "rerank", "2.6.0"],
        ["search", { functionChains: chain }, "functionChains", "3.0.0"],
        ["search", { namespace: "alice" }, "namespace", "2.6.3"],
        ["search", { orderBy: ["id"] }, "orderBy", "3.0.0"],
        ["search", { analyzerName: "german" }, "analyzerName", "2.5.11"],
        ["search", page, "pageRetainOrder", "2.4.10"],
        ["search", { highlighter }, "highlighter", "2.6.8"],
        ["search", { aggregation: { fields: ["id"], size: 2 } }, "aggregation", "3.0.0"],
        ["search", { timezone: "UTC" }, "timezone", "2.6.6"],
        ["searchBatches", { timeFields: ["year"] }, "timeFields", "2.6.6"],
        ["searchBatches", { namespace: "alice" }, "namespace", "2.6.3"],
        ["hybridSearch", { functionChains: chain }, "functionChains", "3.0.3"],
        ["hybridSearch", { groupScorer: "sum", groupBy: "id" }, "groupScorer", "2.5.0"],
        ["hybridSearch", { rerank: { strategy: "rrf", weights: [1] } }, "rerank.weights", "3.0.1"],
      ]
      for (const [operation, given, option, version] of needs) {
        const error = yield* Effect.flip(reads[operation]!(C, given))
        assert(error instanceof Unsupported, error.message)
        assertEquals([error.operation, error.option, error.needs], [`Vectors.${operation}`, option, version])
      }
      const byIds = yield* Effect.flip(Vectors.search(C, { ids: [1] }, { limit: 1 }))
      assertStringIncludes(byIds.message, `option "ids" of Vectors.search needs Milvus 2.6.9 or later`)
      const lists = yield* Effect.flip(Vectors.search(C, [[[1, 2]]], { limit: 1, field: "chunks[v]" }))
      assertStringIncludes(lists.message, `option "data" of Vectors.search needs Milvus 2.6.4 or later`)
      const part = { data: [[0, 0]], limit: 1, functionChains: chain }
      const inPart = yield* Effect.flip(Vectors.hybridSearch(C, [part], { limit: 1 }))
      assertStringIncludes(
        inPart.message,
        `option "functionChains" of Vectors.hybridSearch needs Milvus 3.0.3 or later`,
      )
      assertEquals(yield* fake.calls, [])
    })), { version: "v2.3.5" }))

test("rule 12: what is searched for is refused in terms of `data`", () =>
  onFake(({ mine }, fake) =>
    mine(Effect.gen(function* () {
      const C = simple(next())
      yield* Collection.create(C)
      yield* fake.clearCalls
      const cases: ReadonlyArray<readonly [data: unknown, message: string]> = [
        [[0, 0], "got one vector; write [vector]"],
        [new Float32Array(2), "got one vector"],
        [[], "at least one"],
        ["text", "got a string"],
        [undefined, "got undefined"],
        [null, "got null"],
        [5, "got 5"],
        [{}, "a list of vectors"],
      ]
      for (const [data, message] of cases) {
        const error = yield* Effect.flip(Vectors.search(C, data as Vectors.SearchData, { limit: 1 }))
        assertEquals(error._tag, "CodecError")
        assertStringIncludes(error.message, `field "data": expected `)
        assertStringIncludes(error.message, message)
      }
      const noLimit = yield* Effect.flip(Vectors.search(C, [[0, 0]], {} as never))
      assertStringIncludes(noLimit.message, `"limit"`)
      const noOptions = yield* Effect.flip(Vectors.search(C, [[0, 0]], undefined as never))
      assertStringIncludes(noOptions.message, `"limit"`)
      for (const collection of ["", " ", undefined, null, 5, {}, { name: "x" }]) {
        const error = yield* Effect.flip(Vectors.search(collection as string, [[0, 0]], { limit: 1 }))
        assertStringIncludes(error.message, `field "collection": expected the definition of a collection, or its name`)
      }
      assertEquals(yield* fake.calls, [])
    }))
  ))

test("rule 12: a defect stays a defect, and a CodecError has something that was expected", () =>
  onFake(({ mine }) =>
    mine(Effect.gen(function* () {
      const C = simple(next())
      yield* Collection.create(C)
      const bomb = new Error("mine")
      const options = {
        limit: 1,
        get filter(): string {
          throw bomb
        },
      }
      const exit = yield* Effect.exit(Vectors.search(C, [[0, 0]], options))
      assert(exit._tag === "Failure")
      assertEquals(exit.cause.reasons.map((reason) => reason._tag === "Die" && reason.defect === bomb), [true])
    }))
  ))

test("rule 7: a timeout bounds the whole of a read or a delete, the description of the collection included", () =>
  onFake(({ mine }, fake) =>
    mine(Effect.gen(function* () {
      const C = simple(next())
      yield* Collection.create(C)
      yield* fake.delay("DescribeCollection", "10 minutes")
      const { query: _, count: __, ...named } = reads
      const deleting: Read = (C, options) => Vectors.delete(C, { ids: [1] }, options)
      for (const [operation, use] of Object.entries({ ...named, delete: deleting })) {
        // Cast: a name where a definition may be.
        const late = Effect.flip(use(C.name as never, { timeout: "150 millis" }))
        const error = yield* Effect.timeout(late, "20 seconds")
        assertEquals([error._tag, "code" in error && error.code], ["RpcError", "DEADLINE_EXCEEDED"], operation)
      }
    }))
  ))
