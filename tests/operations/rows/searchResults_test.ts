/** What searches return for the options that change their results, and what milvus-lite has of these options. */
import { assert, assertEquals } from "@std/assert"
import * as Effect from "effect/Effect"
import { Collection, Connection, Field, FunctionChain, Index, Unsupported, Vectors } from "../../../mod.ts"
import { shared, startMilvusLite } from "../../support/milvus.ts"
import { test } from "../../support/test.ts"
import { namer, onFake } from "../support.ts"

const next = namer("results")
const lite = shared(startMilvusLite)

const Books = Collection.define("books", {
  id: Field.int64({ primaryKey: true }),
  title: Field.varChar({ maxLength: 100 }),
  genre: Field.varChar({ maxLength: 20 }),
  price: Field.double(),
  vector: Field.floatVector({ dimension: 2 }),
}, { indexes: { vector: Index.hnsw({ metric: "L2" }) } })

/** Runs a search on a fake server that answers with these results. */
const answered = <A>(
  results: Connection.Methods["Search"]["response"]["results"] | object,
  search: Effect.Effect<A, unknown, Connection.Connection>,
): Promise<A> =>
  onFake(({ mine }, fake) =>
    mine(Effect.gen(function* () {
      yield* fake.handle("Search", () => Effect.succeed({ results } as never))
      return yield* search
    })), { version: "v3.1.0" })

const options = { field: "vector", limit: 2 } as const

test("hits have what the query matched in each text field, of their own query", async () => {
  const part = (text: string, ...scores: ReadonlyArray<number>) => ({ fragments: [text], scores: [...scores] })
  const found = await answered(
    {
      num_queries: 2n,
      top_k: 2n,
      topks: [2n, 1n],
      ids: { int_id: { data: [1n, 2n, 3n] } },
      scores: [0.5, 0.25, 0.125],
      primary_field_name: "id",
      highlight_results: [
        { field_name: "title", datas: [part("<em>a</em>", 0.5), part("<em>b</em>"), part("<em>c</em>", 1)] },
        { field_name: "genre", datas: [part(""), { fragments: [] }, part("g")] },
      ],
    },
    Vectors.search(Books, [[1, 2], [3, 4]], { ...options, highlighter: { type: "lexical", searchText: true } }),
  )
  const none = Float32Array.of()
  assertEquals(found.hits(0).toArray().map(({ id, highlights }) => [id, highlights]), [
    [1n, {
      title: { fragments: ["<em>a</em>"], scores: Float32Array.of(0.5) },
      genre: { fragments: [""], scores: none },
    }],
    [2n, { title: { fragments: ["<em>b</em>"], scores: none }, genre: { fragments: [], scores: none } }],
  ])
  assertEquals(found.hits(1).at(0)?.highlights?.["title"], { fragments: ["<em>c</em>"], scores: Float32Array.of(1) })
  assertEquals(JSON.parse(JSON.stringify(found))[1][0].highlights.genre.fragments, ["g"])
})

test("a hit of a search without a highlighter has no highlights", async () => {
  const reply = { num_queries: 1n, top_k: 1n, topks: [1n], ids: { int_id: { data: [1n] } }, scores: [0.5] }
  const found = await answered({ ...reply, primary_field_name: "id" }, Vectors.search(Books, [[1, 2]], options))
  assertEquals(found.hits().toArray(), [{ id: 1n, score: 0.5, row: { id: 1n } }])
  assertEquals(found.buckets(), [])
})

test("a search has the buckets of each query, with keys, metrics, hits and the buckets of the next level", async () => {
  const bucket = (genre: string, count: bigint, more: object = {}) => ({
    key: [{ field_id: 102n, field_name: "genre", string_val: genre }],
    count,
    ...more,
  })
  const found = await answered(
    {
      num_queries: 2n,
      top_k: 10n,
      topks: [0n, 0n],
      primary_field_name: "id",
      agg_topks: [2n, 1n],
      agg_buckets: [
        bucket("novel", 3n, {
          metrics: { mean: { double_val: 9.5 }, number: { int_val: 3n } },
          hits: [{
            int_pk: 7n,
            score: 0.5,
            fields: [{ field_id: 101n, field_name: "title", string_val: "Emma" }, { field_id: 103n, double_val: 8 }],
          }],
          sub_groups: [bucket("romance", 2n)],
        }),
        bucket("essay", 1n),
        bucket("poem", 2n),
      ],
    },
    Vectors.search(Books, [[1, 2], [3, 4]], {
      ...options,
      aggregation: { fields: ["genre"], size: 2, metrics: { mean: "avg(price)", number: "count(*)" } },
    }),
  )
  const plain = { metrics: {}, hits: [], buckets: [] }
  assertEquals(found.buckets(), [
    {
      key: { genre: "novel" },
      count: 3,
      metrics: { mean: 9.5, number: 3n },
      hits: [{ id: 7n, score: 0.5, fields: { title: "Emma", 103: 8 } }],
      buckets: [{ ...plain, key: { genre: "romance" }, count: 2 }],
    },
    { ...plain, key: { genre: "essay" }, count: 1 },
  ])
  assertEquals(found.buckets(1), [{ ...plain, key: { genre: "poem" }, count: 2 }])
  assertEquals(found.buckets(2), [])
  assertEquals(found.hits().toArray(), [])
})

test("highlights and buckets that could belong to other hits or queries are refused", async () => {
  const base = { num_queries: 2n, top_k: 1n, topks: [1n, 0n], primary_field_name: "id" }
  const hits = { ids: { int_id: { data: [1n] } }, scores: [1] }
  for (
    const [more, message] of [
      [{ highlight_results: [{ field_name: "title", datas: [] }] }, `0 highlights of field "title" for 1 hits`],
      [{ agg_buckets: [{ count: 1n }] }, "1 buckets, but the counts of the queries add up to 0"],
      [{ agg_buckets: [{ count: 1n }], agg_topks: [1n, 1n] }, "1 buckets, but the counts of the queries add up to 2"],
    ] as const
  ) {
    const error = await answered(
      { ...base, ...hits, ...more },
      Effect.flip(Vectors.search(Books, [[1, 2], [3, 4]], options)),
    )
    assert(error.message.includes(message), error.message)
  }
})

test("milvus-lite: parts of times are returned instead of whole times", async () => {
  const Events = Collection.define(next(), {
    id: Field.int64({ primaryKey: true }),
    at: Field.timestamptz(),
    vector: Field.floatVector({ dimension: 2 }),
  }, { indexes: { vector: Index.flat({ metric: "L2" }) }, consistencyLevel: "Strong" })
  const program = Effect.gen(function* () {
    yield* Collection.create(Events)
    yield* Vectors.insert(Events, [{ id: 1, at: "2025-01-02T12:00:00Z", vector: [0, 0] }])
    const found = yield* Vectors.search(Events, [[0, 0]], {
      limit: 1,
      outputFields: ["at"],
      timeFields: ["year", "hour"],
    })
    assertEquals(JSON.parse(JSON.stringify(found))[0][0].row.at, [2025, 12])
  })
  await Effect.runPromise(Effect.provide(program, Connection.layer(lite().address)))
})

test("milvus-lite: function chains rank, and options that it ignores are refused before they are sent", async () => {
  const Shelf = Collection.define(next(), Books.fields, {
    indexes: { vector: Index.flat({ metric: "L2" }) },
    consistencyLevel: "Strong",
  })
  const program = Effect.gen(function* () {
    yield* Collection.create(Shelf)
    const books = [4, 9, 1, 7].map((price, id) => ({ id, title: `t${id}`, genre: "novel", price, vector: [id, 0] }))
    yield* Vectors.insert(Shelf, books)
    const search = (functionChains?: Vectors.FunctionChains<"price">) =>
      Vectors.search(Shelf, [[0, 0]], { limit: 4, functionChains, outputFields: ["price"] })
    assertEquals([...(yield* search()).ids], [0n, 1n, 2n, 3n])
    const byPrice = FunctionChain.make("L2Rerank", [
      FunctionChain.map(
        "$score",
        FunctionChain.decay("price", { function: "linear", origin: 9, scale: 10 }),
      ),
      FunctionChain.sort("$score", { tieBreak: "$id" }),
      FunctionChain.limit(3),
    ])
    const ranked = yield* search(byPrice)
    assertEquals(ranked.hits().toArray().map(({ id, row }) => [id, row.price]), [[1n, 9], [3n, 7], [0n, 4]])
    assertEquals(ranked.scores[0], 1)

    const refused: Readonly<Record<string, Partial<Vectors.SearchOptions>>> = {
      namespace: { namespace: "alice" },
      orderBy: { orderBy: ["price"] },
      groupBy: { groupBy: ["genre", "title"] },
      analyzerName: { analyzerName: "german" },
      highlighter: { highlighter: { type: "lexical", searchText: true } },
      aggregation: { aggregation: { fields: ["genre"], size: 1 } },
      timezone: { timezone: "Asia/Shanghai" },
      pageRetainOrder: { params: { radius: 5 }, pageRetainOrder: true },
    }
    for (const [option, given] of Object.entries(refused)) {
      const error = yield* Effect.flip(Vectors.search(Shelf.name, [[0, 0]], { limit: 1, ...given }))
      assert(error instanceof Unsupported && error.option === option, error.message)
    }
    const byIds = yield* Effect.flip(Vectors.search(Shelf, { ids: [1] }, { limit: 1 }))
    assert(byIds instanceof Unsupported && byIds.option === "ids", byIds.message)
    const parts = [{ data: [[0, 0]], limit: 3 }, { data: [[3, 0]], limit: 3 }]
    const weighted = yield* Effect.flip(
      Vectors.hybridSearch(Shelf, parts, { limit: 3, rerank: { strategy: "rrf", weights: [1, 0] } }),
    )
    assert(weighted instanceof Unsupported && weighted.option === "rerank.weights", weighted.message)
  })
  await Effect.runPromise(Effect.provide(program, Connection.layer(lite().address)))
})
