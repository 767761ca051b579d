/** Encodings of indexes for CreateIndex, compared with those of pymilvus, and created on a real server. */
import { assert, assertEquals } from "@std/assert"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { Connection } from "../../mod.ts"
import * as Field from "../../src/schema/Field.ts"
import * as Message from "../../src/Message.ts"
import { define } from "../../src/schema/definition.ts"
import { createParts } from "../../src/schema/encodeSchema.ts"
import * as Index from "../../src/schema/indexes.ts"
import { searchParams, type SearchParamsOf } from "../../src/schema/searchOptions.ts"
import { run } from "../support/effects.ts"
import { shared, startMilvus } from "../support/milvus.ts"
import { pythonWith } from "../support/python.ts"
import { test } from "../support/test.ts"

/** Each constructor with all of its parameters, and their encoding. */
const indexes: ReadonlyArray<readonly [Index.Index, type: string, metric: string | undefined, params: object]> = [
  [Index.flat({ metric: "L2" }), "FLAT", "L2", {}],
  [Index.ivfFlat({ metric: "IP", nlist: 16 }), "IVF_FLAT", "IP", { nlist: 16 }],
  [Index.ivfSq8({ metric: "L2", nlist: 16, refine: true, refine_type: "FP16" }), "IVF_SQ8", "L2", {
    nlist: 16,
    refine: true,
    refine_type: "FP16",
  }],
  [Index.ivfPq({ metric: "L2", nlist: 16, m: 4, nbits: 8 }), "IVF_PQ", "L2", { nlist: 16, m: 4, nbits: 8 }],
  [Index.ivfRabitq({ metric: "COSINE", nlist: 16, refine: false }), "IVF_RABITQ", "COSINE", {
    nlist: 16,
    refine: false,
  }],
  [Index.hnsw({ metric: "COSINE", M: 16, efConstruction: 200 }), "HNSW", "COSINE", { M: 16, efConstruction: 200 }],
  [Index.hnswSq({ metric: "L2", M: 8, sq_type: "SQ6" }), "HNSW_SQ", "L2", { M: 8, sq_type: "SQ6" }],
  [Index.hnswPq({ metric: "L2", m: 4, nbits: 8, refine: true }), "HNSW_PQ", "L2", { m: 4, nbits: 8, refine: true }],
  [Index.hnswPrq({ metric: "L2", m: 4, nrq: 2 }), "HNSW_PRQ", "L2", { m: 4, nrq: 2 }],
  [Index.scann({ metric: "IP", nlist: 4, with_raw_data: true }), "SCANN", "IP", { nlist: 4, with_raw_data: true }],
  [Index.diskann({ metric: "L2", max_degree: 56, search_list_size: 100 }), "DISKANN", "L2", {
    max_degree: 56,
    search_list_size: 100,
  }],
  [Index.aisaq({ metric: "L2", inline_pq: 8, rearrange: true }), "AISAQ", "L2", { inline_pq: 8, rearrange: true }],
  [Index.gpuCagra({ metric: "L2", graph_degree: 32, build_algo: "NN_DESCENT" }), "GPU_CAGRA", "L2", {
    graph_degree: 32,
    build_algo: "NN_DESCENT",
  }],
  [Index.gpuIvfFlat({ metric: "L2", nlist: 4 }), "GPU_IVF_FLAT", "L2", { nlist: 4 }],
  [Index.gpuIvfPq({ metric: "L2", m: 4 }), "GPU_IVF_PQ", "L2", { m: 4 }],
  [Index.gpuBruteForce({ metric: "IP" }), "GPU_BRUTE_FORCE", "IP", {}],
  [Index.binFlat({ metric: "JACCARD" }), "BIN_FLAT", "JACCARD", {}],
  [Index.binIvfFlat({ metric: "HAMMING", nlist: 4 }), "BIN_IVF_FLAT", "HAMMING", { nlist: 4 }],
  [Index.minhashLsh({ mh_lsh_band: 8, with_raw_data: true }), "MINHASH_LSH", "MHJACCARD", {
    mh_lsh_band: 8,
    with_raw_data: true,
  }],
  [Index.sparseInvertedIndex({ metric: "BM25", bm25_k1: 1.25, bm25_b: 0.75 }), "SPARSE_INVERTED_INDEX", "BM25", {
    bm25_k1: 1.25,
    bm25_b: 0.75,
  }],
  [Index.sparseWand({ metric: "IP", drop_ratio_build: 0.25 }), "SPARSE_WAND", "IP", { drop_ratio_build: 0.25 }],
  [Index.auto({ metric: "COSINE" }), "AUTOINDEX", "COSINE", {}],
  [Index.auto(), "AUTOINDEX", undefined, {}],
  [Index.inverted(), "INVERTED", undefined, {}],
  [Index.bitmap(), "BITMAP", undefined, {}],
  [Index.stlSort(), "STL_SORT", undefined, {}],
  [Index.trie(), "Trie", undefined, {}],
  [Index.ngram({ min_gram: 2, max_gram: 3 }), "NGRAM", undefined, { min_gram: 2, max_gram: 3 }],
  [Index.fmIndex({ fm_block_bytes: 32 }), "FMINDEX", undefined, { fm_block_bytes: 32 }],
  [Index.rtree(), "RTREE", undefined, {}],
  [
    Index.jsonPath({ type: "INVERTED", path: `m["a"]`, cast: "DOUBLE", castFunction: "STRING_TO_DOUBLE" }),
    "INVERTED",
    undefined,
    { json_path: `m["a"]`, json_cast_type: "DOUBLE", json_cast_function: "STRING_TO_DOUBLE" },
  ],
  [
    Index.jsonPath({ type: "NGRAM", path: `m["a"]`, cast: "VARCHAR", min_gram: 2, max_gram: 4 }),
    "NGRAM",
    undefined,
    { json_path: `m["a"]`, json_cast_type: "VARCHAR", min_gram: 2, max_gram: 4 },
  ],
  [Index.other("NEW", { metric: "M", params: { a: 1, b: "c" } }), "NEW", "M", { a: 1, b: "c" }],
]

test("extraParams returns the same pairs as pymilvus for the same index", async () => {
  const script = `
import json, sys
from pymilvus.client.prepare import Prepare
from pymilvus.grpc_gen import milvus_pb2
for params in json.load(sys.stdin):
    request = Prepare.create_index_request("c", "f", params)
    print(json.dumps([{"key": it.key, "value": it.value} for it in request.extra_params]))
`
  const input = indexes.map(([, index_type, metric_type, params]) => ({
    index_type,
    ...(metric_type === undefined ? {} : { metric_type }),
    ...(Object.keys(params).length === 0 ? {} : { params }),
  }))
  const child = new Deno.Command(await pythonWith("pymilvus"), {
    args: ["-c", script],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn()
  const writer = child.stdin.getWriter()
  await writer.write(new TextEncoder().encode(JSON.stringify(input)))
  await writer.close()
  const { success, stdout, stderr } = await child.output()
  assert(success, new TextDecoder().decode(stderr))
  const theirs = new TextDecoder().decode(stdout).trim().split("\n").map((line) => JSON.parse(line))
  assertEquals(indexes.map(([index]) => Index.extraParams(index)), theirs)
})

test("extraParams omits undefined parameters, and has mmap and warmup", () => {
  const index = Index.hnsw({ metric: "L2", M: undefined, mmap: true, warmup: "sync", name: "near" })
  assertEquals<unknown>(index, { type: "HNSW", metric: "L2", name: "near", mmap: true, warmup: "sync", params: {} })
  assertEquals(Index.extraParams(index), [
    { key: "index_type", value: "HNSW" },
    { key: "metric_type", value: "L2" },
    { key: "mmap.enabled", value: "true" },
    { key: "warmup", value: "sync" },
  ])
})

const Vectors = define("vectors", {
  id: Field.int64({ primaryKey: true }),
  title: Field.varChar({ maxLength: 10 }),
  price: Field.double(),
  vector: Field.floatVector({ dimension: 8 }),
  bits: Field.binaryVector({ dimension: 8 }),
}, { indexes: { vector: Index.hnsw({ metric: "L2" }), bits: Index.binIvfFlat({ metric: "HAMMING" }) } })

test("searchParams accepts only parameters of the index", () => {
  const params: SearchParamsOf<typeof Vectors, "vector"> = { ef: 64, radius: 1.5, range_filter: 0.5 }
  assertEquals(searchParams("HNSW", params), `{"ef":64,"radius":1.5,"range_filter":0.5}`)
  assertEquals(searchParams("IVF_RABITQ", { nprobe: 8, rbq_query_bits: undefined }), `{"nprobe":8}`)
  const others: SearchParamsOf<typeof Vectors, "title"> = { anything: 1 }
  // @ts-expect-error: a parameter of another index
  const nprobe: SearchParamsOf<typeof Vectors, "vector"> = { nprobe: 8 }
  // @ts-expect-error: a parameter of another index
  const ef: SearchParamsOf<typeof Vectors, "bits"> = { ef: 8 }
  // @ts-expect-error: a parameter of another index
  searchParams("FLAT", { ef: 8 })
  assertEquals([others, nprobe, ef].length, 3)
})

const milvus = shared(() => startMilvus())

test("Milvus 2.3.5 builds indexes with their parameters", () =>
  run(Effect.gen(function* () {
    const connection = yield* Connection.connect(milvus().address)
    // Milvus 2.3.5 allows at most one vector field per collection.
    const { bits: _, ...numbers } = Vectors.fields
    for (
      const [name, fields] of [["numbers", numbers], ["bits", { id: numbers.id, bits: Vectors.fields.bits }]] as const
    ) {
      const { schema, request } = yield* Effect.fromResult(createParts({ name, fields, options: {} }))
      const bytes = yield* Message.encode("milvus.proto.schema.CollectionSchema", schema)
      yield* connection.call("CreateCollection", { ...request, schema: bytes })
    }
    const known: ReadonlyArray<readonly [keyof typeof Vectors.fields, Index.Index]> = [
      ["vector", Index.flat({ metric: "COSINE" })],
      ["vector", Index.ivfFlat({ metric: "L2", nlist: 7 })],
      ["vector", Index.ivfSq8({ metric: "IP", nlist: 7 })],
      ["vector", Index.ivfPq({ metric: "L2", nlist: 7, m: 4, nbits: 8 })],
      ["vector", Index.hnsw({ metric: "COSINE", M: 5, efConstruction: 9 })],
      ["vector", Index.scann({ metric: "L2", nlist: 7, with_raw_data: false })],
      ["bits", Index.binFlat({ metric: "JACCARD" })],
      ["bits", Index.binIvfFlat({ metric: "HAMMING", nlist: 7 })],
      ["title", Index.trie()],
      ["price", Index.stlSort()],
    ]
    for (const [field_name, index] of known) {
      const collection_name = field_name === "bits" ? "bits" : "numbers"
      const index_name = `${field_name}_${index.type}`
      yield* connection.call("CreateIndex", {
        collection_name,
        field_name,
        index_name,
        extra_params: Index.extraParams(index),
      })
      const { index_descriptions } = yield* connection.call("DescribeIndex", { collection_name, index_name })
      const params = new Map(index_descriptions[0]?.params.map(({ key, value }) => [key, value]))
      assertEquals(params.get("index_type"), index.type)
      assertEquals(params.get("metric_type"), index.metric)
      for (const [name, value] of Object.entries(index.params)) {
        const within: unknown = JSON.parse(params.get("params") ?? "{}")[name]
        assertEquals(params.get(name) ?? String(within), String(value), `${index.type}.${name}`)
      }
      yield* connection.call("DropIndex", { collection_name, index_name })
    }
    // Milvus rejects an index that a definition would not accept.
    const wrong = Index.extraParams(Index.other("HNSW", { metric: "HAMMING" }))
    const refused = yield* Effect.result(
      connection.call("CreateIndex", { collection_name: "numbers", field_name: "vector", extra_params: wrong }),
    )
    assert(Result.isFailure(refused))
  })))
