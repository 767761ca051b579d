/** Collections and indexes: options, and odd names. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { Collection, type Connection, Field, Index } from "../../mod.ts"
import { connect } from "../../src/promise.ts"
import { extraParams } from "../../src/schema/indexes.ts"
import type { FakeMilvus } from "../../src/testing/mod.ts"
import { lite, standalone } from "../live/engines.ts"
import { onAll, onFake } from "./eachServer.ts"

const flat = Index.flat({ metric: "L2" })
const fields = { id: Field.int64({ primaryKey: true }), vector: Field.floatVector({ dimension: 2 }) }
let names = 0
const books = () => Collection.define(`books_${++names}`, fields, { indexes: { vector: flat } })

// ---- Rule 9

/** Every operation that takes options, over a collection that has what it needs. */
const operations: Readonly<
  Record<string, {
    readonly method: FakeMilvus.Method
    readonly run: (
      collection: string,
      options?: Connection.CallOptions,
    ) => Effect.Effect<unknown, unknown, Connection.Connection>
  }>
> = {
  create: {
    method: "CreateCollection",
    run: (name, options) => Collection.create({ ...books(), name: `${name}_${++names}` }, options),
  },
  has: { method: "DescribeCollection", run: Collection.has },
  describe: { method: "DescribeCollection", run: Collection.describe },
  drop: { method: "DropCollection", run: Collection.drop },
  rename: {
    method: "RenameCollection",
    run: (name, options) => Collection.rename(name, `${name}_${++names}`, options),
  },
  list: { method: "ShowCollections", run: (_, options) => Collection.list(options) },
  statistics: { method: "GetCollectionStatistics", run: Collection.statistics },
  load: { method: "LoadCollection", run: Collection.load },
  loading: { method: "LoadCollection", run: (name, options) => Stream.runDrain(Collection.loading(name, options)) },
  release: { method: "ReleaseCollection", run: Collection.release },
  "Index.create": {
    method: "CreateIndex",
    run: (name, options) => Index.create(name, "vector", flat, options),
  },
  "Index.describe": { method: "DescribeIndex", run: (name, options) => Index.describe(name, "vector", options) },
  "Index.wait": { method: "DescribeIndex", run: (name, options) => Index.wait(name, undefined, options) },
  "Index.building": {
    method: "DescribeIndex",
    run: (name, options) => Stream.runDrain(Index.building(name, undefined, options)),
  },
  "Index.drop": { method: "DropIndex", run: (name, options) => Index.drop(name, "vector", options) },
}

const tagOf = (result: { readonly _tag: "Success" | "Failure"; readonly failure?: unknown }): string =>
  // Cast: every error of the library has a tag.
  result._tag === "Success" ? "ok" : (result.failure as { readonly _tag: string })._tag

for (const [name, { method, run }] of Object.entries(operations)) {
  onFake(
    `rule 9: every option of ${name} has an effect, or is refused before anything is sent`,
    (fake) =>
      Effect.gen(function* () {
        /** Runs over a collection of its own, after a failure if there is one. */
        const attempt = (options: object | undefined, failure?: FakeMilvus.Failure) =>
          Effect.gen(function* () {
            const Books = books()
            yield* Collection.create(Books, { load: false })
            yield* fake.clearCalls
            if (failure !== undefined) yield* fake.fail(method, failure, { times: 1 })
            // Cast: JavaScript may give anything.
            const result = yield* Effect.result(run(Books.name, options as Connection.CallOptions))
            yield* fake.reset()
            return tagOf(result)
          })
        const unavailable = { code: "UNAVAILABLE", details: "try again" } as const
        assertEquals(yield* attempt(undefined), "ok")
        assertEquals(yield* attempt({ timeout: undefined, retry: undefined, idempotent: undefined }), "ok")
        assertEquals(yield* attempt({ idempotent: true }, unavailable), "ok", "made again")
        assertEquals(yield* attempt({ idempotent: true, retry: false }, unavailable), "RpcError", "not made again")
        yield* fake.delay(method, "1 hour")
        const late = yield* Effect.result(run("late", { timeout: "100 millis", retry: false }))
        assertEquals(tagOf(late), "RpcError", "ends in time")
        yield* fake.reset()
        for (
          const options of [
            { timeOut: "1 second" },
            { Timeout: 5 },
            { constructor: 1 },
            { timeout: NaN },
            { timeout: -1 },
            { timeout: 0 },
            { timeout: "soon" },
            { timeout: null },
            { retry: "often" },
            { retry: { times: -1 } },
            { retry: { time: 1 } },
            { idempotent: "yes" },
            null,
            "1 second",
            5,
          ] as ReadonlyArray<unknown> as ReadonlyArray<object>
        ) {
          assertEquals([options, yield* attempt(options)], [options, "ParamError"])
          assertEquals(yield* fake.calls, [])
        }
      }),
  )
}

onFake(
  "rule 9: replicas, partitions, load and names reach the server, or are refused before anything is sent",
  (fake) =>
    Effect.gen(function* () {
      const Books = books()
      yield* Collection.create(Books, { load: false })
      for (const method of ["LoadPartitions", "ReleasePartitions"] as const) {
        yield* fake.handle(method, () => Effect.succeed({}))
      }
      yield* fake.handle("GetLoadingProgress", () => Effect.succeed({ progress: 100 }))
      const sent = <E>(run: Effect.Effect<unknown, E, Connection.Connection>) =>
        Effect.gen(function* () {
          yield* fake.clearCalls
          yield* run
          const [call] = yield* fake.calls
          return JSON.stringify(
            [call?.method, call?.request],
            (_, value: unknown) => typeof value === "bigint" ? `${value}` : value,
          )
        })
      const load = yield* sent(Collection.load(Books))
      assertStringIncludes(load, `"LoadCollection"`)
      assertStringIncludes(load, `"replica_number":1`)
      // A server does not change the replicas of what is loaded.
      yield* Collection.release(Books)
      assertStringIncludes(yield* sent(Collection.load(Books, { replicas: 3 })), `"replica_number":3`)
      const part = yield* sent(Collection.load(Books, { partitions: ["a", "b"], replicas: 2 }))
      for (const text of [`"LoadPartitions"`, `["a","b"]`, `"replica_number":2`]) {
        assertStringIncludes(part, text)
      }
      assertStringIncludes(yield* sent(Collection.release(Books)), `"ReleaseCollection"`)
      const released = yield* sent(Collection.release(Books, { partitions: ["a"] }))
      for (const text of [`"ReleasePartitions"`, `["a"]`]) assertStringIncludes(released, text)
      assertStringIncludes(yield* sent(Index.create(Books, "vector", flat)), `"index_name":""`)
      const named = Index.flat({ metric: "L2", name: "mine" })
      yield* Index.drop(Books, "vector")
      assertStringIncludes(yield* sent(Index.create(Books, "vector", named)), `"index_name":"mine"`)
      yield* Index.drop(Books, "mine")
      assertStringIncludes(yield* sent(Index.create(Books, "vector", flat, { name: "ours" })), `"index_name":"ours"`)
      yield* Index.drop(Books, "ours")
      yield* sent(Index.create(Books, "vector", named, { name: "mine" }))
      yield* fake.clearCalls
      // Cast: JavaScript may give anything.
      const wrong = (value: unknown) => value as never
      const refused = [
        Index.create(Books, "vector", named, { name: "other" }),
        ...[0, -1, 1.5, NaN, Infinity, "2", null, 2 ** 31].map((replicas) =>
          Collection.load(Books, { replicas: wrong(replicas) })
        ),
        ...["a", [1], { 0: "a" }, new Set(["a"])].map((partitions) =>
          Collection.release(Books, { partitions: wrong(partitions) })
        ),
        ...["yes", 1, null].map((load) => Collection.create(Books, { load: wrong(load) })),
        Collection.release(Books, wrong({ replicas: 1 })),
        Collection.has(Books, wrong({ load: true })),
      ]
      for (const [at, use] of refused.entries()) {
        const error = yield* Effect.flip<void | boolean, { readonly _tag: string }, Connection.Connection>(use)
        assertEquals([at, error._tag], [at, "ParamError"])
      }
      assertEquals(yield* fake.calls, [])
      yield* Effect.promise(async () => {
        await using milvus = await connect(fake.address)
        const refusal = await milvus.collection.load(Books, wrong({ replica: 2 })).then(() => "ok", ({ _tag }) => _tag)
        assertEquals(refusal, "ParamError")
        await milvus.collection.load(Books, { replicas: 2, signal: new AbortController().signal })
      })
    }),
  { queryNodes: 3 },
)

/** A value for each build parameter, by the constructors that take it. */
const built: ReadonlyArray<Index.Index> = [
  Index.ivfFlat({ metric: "L2", nlist: 3 }),
  Index.ivfSq8({ metric: "L2", nlist: 3, refine: true, refine_type: "FP16" }),
  Index.ivfPq({ metric: "L2", nlist: 3, m: 2, nbits: 7 }),
  Index.ivfRabitq({ metric: "L2", nlist: 3, refine: false }),
  Index.hnsw({ metric: "L2", M: 3, efConstruction: 4 }),
  Index.hnswSq({ metric: "L2", M: 3, efConstruction: 4, sq_type: "SQ8", refine: true, refine_type: "FP32" }),
  Index.hnswPq({ metric: "L2", M: 3, m: 2, nbits: 7, refine: true }),
  Index.hnswPrq({ metric: "L2", M: 3, m: 2, nbits: 7, nrq: 3 }),
  Index.scann({ metric: "L2", nlist: 3, with_raw_data: false }),
  Index.diskann({
    metric: "L2",
    max_degree: 3,
    search_list_size: 4,
    pq_code_budget_gb_ratio: 0.25,
    search_cache_budget_gb_ratio: 0.5,
  }),
  Index.aisaq({
    metric: "L2",
    max_degree: 3,
    search_list_size: 4,
    pq_code_budget_gb_ratio: 0.25,
    pq_cache_size: 0,
    inline_pq: 2,
    rearrange: true,
  }),
  Index.gpuCagra({
    metric: "L2",
    intermediate_graph_degree: 3,
    graph_degree: 2,
    build_algo: "NN_DESCENT",
    cache_dataset_on_device: true,
    adapt_for_cpu: false,
  }),
  Index.gpuIvfFlat({ metric: "L2", nlist: 3 }),
  Index.gpuIvfPq({ metric: "L2", nlist: 3, m: 2, nbits: 7 }),
  Index.binIvfFlat({ metric: "HAMMING", nlist: 3 }),
  Index.minhashLsh({
    mh_element_bit_width: 16,
    mh_lsh_band: 3,
    mh_lsh_code_in_mem: true,
    with_raw_data: false,
    mh_lsh_bloom_false_positive_prob: 0.01,
  }),
  Index.sparseInvertedIndex({
    metric: "BM25",
    inverted_index_algo: "DAAT_WAND",
    drop_ratio_build: 0.25,
    bm25_k1: 1.5,
    bm25_b: 0,
  }),
  Index.sparseWand({ metric: "IP", drop_ratio_build: 0 }),
  Index.ngram({ min_gram: 2, max_gram: 3 }),
  Index.fmIndex({ fm_sa_sample_rate: 8, fm_block_bytes: 64 }),
  Index.jsonPath({ type: "INVERTED", path: 'j["a"]', cast: "DOUBLE", castFunction: "STRING_TO_DOUBLE" }),
  Index.jsonPath({ type: "NGRAM", path: 'j["a"]', cast: "VARCHAR", min_gram: 2, max_gram: 3 }),
  Index.other("SOMETHING", { metric: "NEW", params: { depth: 3, mode: "fast", exact: true } }),
]

onFake(
  "rule 9: every build parameter of an index reaches the server, and what is no value of it is refused",
  (fake) =>
    Effect.gen(function* () {
      yield* fake.handle("CreateIndex", () => Effect.succeed({}))
      const create = (index: Index.Index) => Index.create("books", "field", index)
      for (const index of built) {
        yield* fake.clearCalls
        yield* create({ ...index, mmap: true, warmup: "sync" })
        const [call] = yield* fake.calls
        assert(call?.method === "CreateIndex")
        const sent = new Map(call.request.extra_params.map(({ key, value }) => [key, value]))
        assertEquals(JSON.parse(sent.get("params") ?? ""), { ...index.params })
        assertEquals([sent.get("index_type"), sent.get("metric_type")], [index.type, index.metric])
        assertEquals([sent.get("mmap.enabled"), sent.get("warmup")], ["true", "sync"])
        assertEquals(extraParams(index).length, index.metric === undefined ? 2 : 3)
        for (const [name, value] of Object.entries(index.params)) {
          const isOther = "other" in index
          const wrongs: ReadonlyArray<unknown> = [
            ...[NaN, Infinity, null, {}, [1], 5n, () => 1],
            ...(typeof value === "number" && !isOther ? ["8", true] : []),
            ...(typeof value === "number" && Number.isInteger(value) && !/ratio|prob|bm25/.test(name) && !isOther
              ? [1.5, -1]
              : []),
            ...(typeof value === "boolean" && !isOther ? ["true", 1] : []),
            ...(typeof value === "string" && !isOther ? [1, true, " "] : []),
          ]
          for (const wrong of wrongs) {
            // Cast: JavaScript may give anything.
            const params = { ...index.params, [name]: wrong } as Index.Index["params"]
            yield* fake.clearCalls
            const error = yield* Effect.flip(create({ ...index, params }))
            assertEquals([index.type, name, wrong, error._tag], [index.type, name, wrong, "ParamError"])
            assertStringIncludes(error.message, name)
            assertEquals(yield* fake.calls, [])
          }
        }
        if ("other" in index) continue
        const typo = yield* Effect.flip(create({ ...index, params: { ...index.params, efconstruction: 8 } }))
        assertEquals(typo._tag, "ParamError")
      }
    }),
)

// ---- Rules 11 and 18

onAll("rule 11: created is there only if the server reports it", (engine) =>
  Effect.gen(function* () {
    const Books = books()
    const before = Date.now()
    yield* Collection.create(Books, { load: false })
    const { created } = yield* Collection.describe(Books)
    if (engine === lite) assertEquals(created, undefined)
    else {
      // The clock of a server may be a little off.
      assert(created !== undefined && Math.abs(created.getTime() - before) < 60_000, `${created}`)
    }
    yield* Collection.drop(Books)
  }))

onFake(
  "rule 11: created is read out of the timestamp of a server that reports no other",
  (fake) =>
    Effect.gen(function* () {
      const time = Date.UTC(2026, 1, 3)
      const described = (created_timestamp: bigint, created_utc_timestamp: bigint) =>
        fake.handle(
          "DescribeCollection",
          () => Effect.succeed({ schema: { name: "books", fields: [] }, created_timestamp, created_utc_timestamp }),
        )
      for (
        const [timestamp, utc, expected] of [
          [BigInt(time) << 18n, 0n, time],
          [BigInt(time + 5) << 18n, BigInt(time), time],
          [0n, 0n, undefined],
          [0n, 2n ** 63n, undefined],
        ] as const
      ) {
        yield* described(timestamp, utc)
        assertEquals((yield* Collection.describe("books")).created?.getTime(), expected)
      }
    }),
)

onAll(
  "rule 18: a collection, its fields and its indexes may be named as properties of objects",
  (engine) =>
    Effect.gen(function* () {
      for (const name of ["constructor", "toString", "__proto__", "hasOwnProperty"]) {
        const definition: Collection.AnyDefinition = {
          name,
          fields: Object.fromEntries([...Object.entries(fields), [name, Field.floatVector({ dimension: 2 })]]),
          options: { indexes: Object.fromEntries([["vector", flat], [name, Index.flat({ metric: "IP" })]]) },
        }
        const one: Collection.AnyDefinition = {
          name,
          fields: Object.fromEntries([["id", fields.id], [name, fields.vector]]),
          options: { indexes: Object.fromEntries([[name, flat]]) },
        }
        // Milvus 2.3 has one vector in a collection.
        const wanted = engine === standalone ? one : definition
        assertEquals(yield* Collection.has(name), false)
        yield* Collection.create(wanted)
        yield* Collection.create(wanted)
        assertEquals((yield* Index.describe(name, name)).map(({ field }) => field), [name])
        assertEquals((yield* Collection.list()).includes(name), true)
        yield* Collection.drop(name)
      }
    }),
)
