/** The options of searches: what they send, compared with pymilvus and the contract. */
import { assertEquals, assertStringIncludes } from "@std/assert"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { Collection, type Connection, Field, FunctionChain, Functions, Index, Message, Vectors } from "../../../mod.ts"
import { test } from "../../support/test.ts"
import { onFake, simple } from "../support.ts"
import { pymilvusMessages } from "../wire.ts"

const Books = Collection.define("books", {
  id: Field.int64({ primaryKey: true }),
  title: Field.varChar({ maxLength: 100, enableAnalyzer: true }),
  genre: Field.varChar({ maxLength: 20 }),
  price: Field.double(),
  published: Field.int64(),
  meta: Field.json(),
  vector: Field.floatVector({ dimension: 2 }),
  terms: Field.sparseFloatVector(),
  chunks: Field.structArray({ text: Field.varChar({ maxLength: 10 }), vector: Field.floatVector({ dimension: 2 }) }, {
    maxCapacity: 8,
  }),
}, {
  functions: { text_terms: Functions.bm25({ input: "title", output: "terms" }) },
  indexes: { vector: Index.hnsw({ metric: "L2" }), terms: Index.sparseInvertedIndex({ metric: "BM25" }) },
})

type Method = "Search" | "HybridSearch"
type Search = Effect.Effect<unknown, { readonly message: string }, Connection.Connection>

const noHits = { results: { num_queries: 1n, top_k: 1n, topks: [0n], primary_field_name: "id" } }

/** Runs a search on a fake server of version 3.1 that finds nothing, and returns its request. */
const sent = (method: Method, search: Search): Promise<Readonly<Record<string, unknown>>> =>
  onFake(({ mine }, fake) =>
    mine(Effect.gen(function* () {
      yield* fake.handle(method, () => Effect.succeed(noHits))
      yield* search
      const [call] = (yield* fake.calls).filter((call) => call.method === method)
      return meaning(call!.request)
    })), { version: "v3.1.0" })

/** Returns a request with its parameters by key, so that their order and the spelling of booleans do not matter. */
const meaning = (request: object): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(request).flatMap(([key, value]) => {
      if (key === "base") return []
      if (key === "requests") return [[key, (value as ReadonlyArray<object>).map(meaning)]]
      if (key === "highlighter" && value !== null) return [[key, { ...value, params: params(value.params) }]]
      return [[key, key === "search_params" || key === "rank_params" ? params(value) : plain(value)]]
    }),
  )

/** Returns a value with bytes that are not a `Buffer`. */
const plain = (value: unknown): unknown => {
  if (value instanceof Uint8Array) return Uint8Array.from(value)
  if (Array.isArray(value)) return value.map(plain)
  return typeof value === "object" && value !== null
    ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plain(one)]))
    : value
}

const textOf = (value: string): unknown =>
  value.startsWith("[") ? JSON.parse(value) : /^(True|False)$/.test(value) ? value.toLowerCase() : value

// Cast: a list of pairs.
const params = (pairs: unknown) =>
  Object.fromEntries(
    (pairs as ReadonlyArray<{ readonly key: string; readonly value: string }>).map(({ key, value }) => [
      key,
      // pymilvus repeats the name of the analyzer here, where servers do not look for it.
      key === "params" ? { ...JSON.parse(value), analyzer_name: undefined } : textOf(value),
    ]),
  )

const one = { field: "vector", limit: 10 } as const
const data = [[1, 2]]
const python = (more: string, param = "{}", queries = "data=[[1.0, 2.0]]", field = "vector") =>
  `P.search_requests_with_expr("books", "${field}", ${param}, 10, ${queries}, ${more})`

const cases: ReadonlyArray<readonly [name: string, method: Method, search: Search, pymilvus: string]> = [
  ["a plain search", "Search", Vectors.search(Books, data, one), python("")],
  [
    "orderBy",
    "Search",
    Vectors.search(Books, data, { ...one, orderBy: ["price", { field: 'meta["a"]', order: "desc" }] }),
    python(`order_by_fields=[{"field": "price"}, {"field": 'meta["a"]', "order": "desc"}]`),
  ],
  [
    "several fields of groupBy",
    "Search",
    Vectors.search(Books, data, { ...one, groupBy: ["genre", "published"], groupSize: 3, strictGroupSize: true }),
    python(`group_by_fields=["genre", "published"], group_size=3, strict_group_size=True`),
  ],
  [
    "groupBy with a path of a JSON field",
    "Search",
    Vectors.search(Books, data, {
      ...one,
      groupBy: { field: "meta", jsonPath: 'meta["genre"]', jsonType: "Int64", strictCast: true },
    }),
    python(`group_by_field="meta", json_path='meta["genre"]', json_type=py.DataType.INT64, strict_cast=True`),
  ],
  [
    "namespace, timezone and timeFields",
    "Search",
    Vectors.search(Books, data, { ...one, namespace: "alice", timezone: "UTC", timeFields: ["year", "day"] }),
    python(`namespace="alice", timezone="UTC", time_fields="year,day"`),
  ],
  [
    "analyzerName",
    "Search",
    Vectors.search(Books, ["fluß"], { field: "terms", limit: 10, analyzerName: "german" }),
    python("", `{"analyzer_name": "german"}`, `data=["fluß"]`, "terms"),
  ],
  [
    "pageRetainOrder",
    "Search",
    Vectors.search(Books, data, { ...one, params: { radius: 5.5, ef: 8 }, pageRetainOrder: true, offset: 4 }),
    python(`offset=4, page_retain_order=True`, `{"params": {"radius": 5.5, "ef": 8}}`),
  ],
  ["ids", "Search", Vectors.search(Books, { ids: [1n, 2n] }, one), python("", "{}", "ids=[1, 2]")],
  [
    "embedding lists",
    "Search",
    Vectors.search(Books, [[[1, 2], [3, 4]], [[5, 6]]], { field: "chunks[vector]", limit: 10, metric: "MAX_SIM" }),
    python(
      `is_embedding_list=True`,
      `{"metric_type": "MAX_SIM", "params": {"metric_type": "MAX_SIM"}}`,
      `data=[np.array([1, 2, 3, 4], dtype=np.float32), np.array([5, 6], dtype=np.float32)]`,
      "chunks[vector]",
    ),
  ],
  [
    "vectors for the vector of a struct",
    "Search",
    Vectors.search(Books, [[1, 2], [3, 4]], { field: "chunks[vector]", limit: 10 }),
    python("", "{}", "data=[[1.0, 2.0], [3.0, 4.0]]", "chunks[vector]"),
  ],
  [
    "a lexical highlighter",
    "Search",
    Vectors.search(Books, ["river"], {
      field: "terms",
      limit: 10,
      highlighter: {
        type: "lexical",
        searchText: true,
        preTags: ["<b>", "<i>"],
        postTags: ["</b>", "</i>"],
        fragmentOffset: 2,
        fragmentSize: 30,
        fragments: 1,
        queries: [{ field: "title", text: "die Flüsse" }],
      },
    }),
    python(
      `highlighter=py.LexicalHighlighter(pre_tags=["<b>", "<i>"], post_tags=["</b>", "</i>"], fragment_offset=2,
        fragment_size=30, num_of_fragments=1, highlight_search_text=True,
        highlight_query=[{"type": "TextMatch", "field": "title", "text": "die Flüsse"}])`,
      "{}",
      `data=["river"]`,
      "terms",
    ),
  ],
  [
    "a semantic highlighter",
    "Search",
    Vectors.search(Books, data, {
      ...one,
      highlighter: {
        type: "semantic",
        queries: ["a", "b"],
        fields: ["title"],
        threshold: 0.5,
        highlightOnly: true,
        modelDeploymentId: "m",
        maxClientBatchSize: 4,
        preTags: ["<"],
      },
    }),
    python(`highlighter=py.SemanticHighlighter(["a", "b"], ["title"], threshold=0.5, highlight_only=True,
      model_deployment_id="m", max_client_batch_size=4, pre_tags=["<"])`),
  ],
  [
    "an aggregation",
    "Search",
    Vectors.search(Books, data, {
      ...one,
      aggregation: {
        fields: ["genre", "published"],
        size: 5,
        metrics: { mean: "avg(price)", number: "count(*)" },
        order: [{ by: "mean" }, { by: "_count", order: "asc" }],
        topHits: { size: 2, sort: [{ field: "_score", order: "desc" }, { field: "price" }] },
        subAggregation: { fields: ["title"], size: 2, order: [{ by: "_key", order: "asc" }] },
      },
    }),
    python(`search_aggregation=py.SearchAggregation(["genre", "published"], 5,
      metrics={"mean": {"avg": "price"}, "number": {"count": "*"}}, order=[{"mean": "desc"}, {"_count": "asc"}],
      top_hits=py.TopHits(2, sort=[{"_score": "desc"}, {"price": "asc"}]),
      sub_aggregation=py.SearchAggregation(["title"], 2, order=[{"_key": "asc"}]))`),
  ],
  [
    "function chains",
    "Search",
    Vectors.search(Books, data, {
      ...one,
      functionChains: [
        FunctionChain.make("L2Rerank", [
          FunctionChain.map(
            "fresh",
            FunctionChain.decay("published", { function: "exp", origin: 1_700_000_000, scale: 0.5, offset: 7 }),
          ),
          FunctionChain.map("sum", FunctionChain.numCombine(["fresh", "price"])),
          FunctionChain.map(
            "$score",
            FunctionChain.numCombine(["$score", "sum"], { mode: "weighted", weights: [2, 0.25] }),
          ),
          FunctionChain.map("$score", FunctionChain.roundDecimal("$score", 4)),
          FunctionChain.map(
            "model",
            FunctionChain.rerankModel("title", {
              queries: ["a"],
              params: { provider: "voyageai", top: 3, truncate: true, nested: { list: ["x", 1.5], big: 2n ** 62n } },
            }),
          ),
          FunctionChain.sort("$score", { tieBreak: "$id" }),
          FunctionChain.sort("price", { descending: false }),
          FunctionChain.limit(10, { offset: 2 }),
        ], { name: "fresh" }),
        FunctionChain.make("L0Rerank", [
          FunctionChain.map(
            "$score",
            FunctionChain.xgboost(["price", "published"], { modelResource: "model", output: "raw" }),
          ),
          FunctionChain.map(
            "other",
            FunctionChain.otherFunction("f", [{ column: "price" }, { literal: "x" }], { b: new Uint8Array([1]) }),
          ),
        ]),
      ],
    }),
    python(`function_chains=[
      chains.FunctionChain(chains.FunctionChainStage.L2_RERANK, name="fresh")
        .map("fresh", chains.fn.decay(chains.col("published"), function="exp", origin=1700000000, scale=0.5, offset=7))
        .map("sum", chains.fn.num_combine(chains.col("fresh"), chains.col("price")))
        .map("$score", chains.fn.num_combine(chains.col("$score"), chains.col("sum"), mode="weighted", weights=[2, 0.25]))
        .map("$score", chains.fn.round_decimal(chains.col("$score"), decimal=4))
        .map("model", chains.fn.rerank_model(chains.col("title"), queries=["a"], provider="voyageai", top=3,
          truncate=True, nested={"list": ["x", 1.5], "big": 2**62}))
        .sort(chains.col("$score"), tie_break_col=chains.col("$id"))
        .sort("price", desc=False)
        .limit(10, offset=2),
      chains.FunctionChain(chains.FunctionChainStage.L0_RERANK)
        .map("$score", chains.fn.xgboost(chains.col("price"), chains.col("published"), model_resource="model", output="raw"))
        .map("other", chains.FunctionChainExpr("f", args=(chains.col("price"), "x"), params={"b": b"\\x01"}))]`),
  ],
  [
    "a hybrid search",
    "HybridSearch",
    Vectors.hybridSearch(Books, [{ ...one, data }, {
      field: "terms",
      data: ["fluß"],
      limit: 10,
      analyzerName: "german",
    }], {
      limit: 10,
      offset: 0,
      namespace: "alice",
      groupBy: "genre",
      groupSize: 2,
      strictGroupSize: true,
      groupScorer: "sum",
      outputFields: ["title"],
    }),
    `P.hybrid_search_request_with_ranker("books", [${python(`namespace="alice"`)}, ${
      python(`namespace="alice"`, `{"analyzer_name": "german"}`, `data=["fluß"]`, "terms")
    }], py.RRFRanker(60), 10, output_fields=["title"], namespace="alice", group_by_field="genre", group_size=2,
      strict_group_size=True, rank_group_scorer="sum")`,
  ],
]

test("each option of a search makes the request that pymilvus makes", async () => {
  const made = await pymilvusMessages(cases.map(([, , , pymilvus]) => pymilvus))
  for (const [at, [name, method, search]] of cases.entries()) {
    const expected = await Effect.runPromise(Message.decode(`milvus.proto.milvus.${method}Request`, made[at]!))
    assertEquals(await sent(method, search), meaning(expected), name)
  }
})

test("weighted reciprocal rank fusion, and function chains of a hybrid search and of its parts", async () => {
  const parts = [{ ...one, data }, { field: "terms", data: ["a"], limit: 3 }] as const
  const weighted = await sent(
    "HybridSearch",
    Vectors.hybridSearch(Books, parts, { limit: 3, rerank: { strategy: "rrf", weights: [0.7, 0.3] } }),
  )
  assertEquals(weighted["rank_params"], {
    strategy: "rrf",
    params: { k: 60, weights: [0.7, 0.3], analyzer_name: undefined },
    limit: "3",
    round_decimal: "-1",
  })
  const chain = (stage: FunctionChain.Stage) => FunctionChain.make(stage, [FunctionChain.sort("price")])
  const chained = await sent(
    "HybridSearch",
    Vectors.hybridSearch(Books, [{ ...parts[0], functionChains: chain("L0Rerank") }, parts[1]], {
      limit: 3,
      functionChains: [chain("L1Rerank"), chain("L2Rerank")],
    }),
  )
  // Casts: the parts of the request that are compared.
  const stages = (request: unknown) =>
    (request as Connection.Methods["HybridSearch"]["request"]).function_chains?.map(({ stage }) => stage)
  assertEquals(stages(chained), ["FunctionChainStageL1Rerank", "FunctionChainStageL2Rerank"])
  assertEquals((chained["requests"] as ReadonlyArray<unknown>).map(stages), [["FunctionChainStageL0Rerank"], []])
  // The chains rank, and no strategy does.
  assertEquals(chained["rank_params"], { limit: "3", round_decimal: "-1" })
})

test("a search in batches sends its namespace, time zone and analyzer with each batch", () =>
  onFake(({ mine }, fake) =>
    mine(Effect.gen(function* () {
      const Points = simple("points")
      yield* Collection.create(Points)
      yield* fake.handle("Search", () => Effect.succeed(noHits))
      yield* Stream.runDrain(
        Vectors.searchBatches(Points, [1, 2], { namespace: "a", timezone: "UTC", analyzerName: "de" }),
      )
      const requests = (yield* fake.calls).flatMap((call) => call.method === "Search" ? [call.request] : [])
      assertEquals(requests.map(({ namespace }) => namespace), ["a"])
      const { timezone, analyzer_name } = params(requests[0]?.search_params)
      assertEquals([timezone, analyzer_name], ["UTC", "de"])
    })), { version: "v3.1.0" }))

test("a function chain that no server could run is refused by the name of its part, and nothing is sent", () =>
  onFake(({ mine }, fake) =>
    mine(Effect.gen(function* () {
      const { map, numCombine, decay, roundDecimal, xgboost, rerankModel, limit, otherFunction } = FunctionChain
      const score = (expression: FunctionChain.Expression<never>) => [map("$score", expression)]
      const shape = { function: "gauss", origin: 0, scale: 1 } as const
      const refused: ReadonlyArray<readonly [operations: ReadonlyArray<FunctionChain.Operation>, field: string]> = [
        [[], "functionChains"],
        [[limit(0)], "functionChains.limit"],
        [[limit(1, { offset: -1 })], "functionChains.limit.offset"],
        [score(numCombine(["$score"] as never)), "functionChains.numCombine"],
        [score(numCombine(["$a", "$b"] as never, { mode: "median" as never })), "functionChains.numCombine.mode"],
        [
          score(numCombine(["$a", "$b"] as never, { mode: "weighted", weights: [1] })),
          "functionChains.numCombine.weights",
        ],
        [score(decay("$a" as never, { ...shape, function: "step" as never })), "functionChains.decay.function"],
        [score(decay("$a" as never, { ...shape, scale: 0 })), "functionChains.decay.scale"],
        [score(decay("$a" as never, { ...shape, origin: NaN })), "functionChains.decay.origin"],
        [score(decay("$a" as never, { ...shape, decay: 2 })), "functionChains.decay.decay"],
        [score(roundDecimal("$a" as never, 7)), "functionChains.roundDecimal"],
        [score(xgboost([], { modelResource: "m" })), "functionChains.xgboost"],
        [score(xgboost(["$a"] as never, { modelResource: " " })), "functionChains.xgboost.modelResource"],
        [score(rerankModel("$a" as never, { queries: [] })), "functionChains.rerankModel.queries"],
        [score(otherFunction("f", [], { x: NaN })), "functionChains.f.x"],
        [score(otherFunction("f", [], { x: 2n ** 63n })), "functionChains.f.x"],
        [score(otherFunction("f", [{ literal: null as never }])), "functionChains.f"],
        [score(otherFunction(" ", [])), "functionChains.function"],
      ]
      for (const [operations, field] of refused) {
        const functionChains = FunctionChain.make("L2Rerank", operations)
        // Cast: the names of the fields are not known to the types here.
        const error = yield* Effect.flip(
          Vectors.search(Books, data, { ...one, functionChains: functionChains as never }),
        )
        assertStringIncludes(error.message, `field "${field}": expected `)
      }
      const unknown = FunctionChain.make("L2Rerank", [FunctionChain.sort("pages")])
      const error = yield* Effect.flip(Vectors.search(Books, data, { ...one, functionChains: unknown as never }))
      assertStringIncludes(error.message, `field "pages": expected a field of "books"`)
      assertEquals((yield* fake.calls).filter(({ method }) => method === "Search"), [])
    })), { version: "v3.1.0" }))
