/** Compares the requests of the codec, field by field, with those of pymilvus for the same data. */
import { assertEquals } from "@std/assert"
import {
  encodeHybridSearch,
  encodeInsert,
  encodeQuery,
  encodeSearch,
  encodeUpsert,
  type Queries,
  type SearchInput,
  type SearchParams,
  searchParams,
} from "../../src/codec/mod.ts"
import { generic, python } from "./support.ts"
import { test } from "../support/test.ts"

const search = (input: Omit<SearchInput, "collectionName" | "searchParams">, params: Partial<SearchParams> = {}) =>
  encodeSearch({ collectionName: "c", searchParams: searchParams({ field: "v", limit: 10, ...params }), ...input })

const floats: Queries = { type: "FloatVector", rows: [[1, 0.1], [3, -4]] }

const requests = (functionScore: Uint8Array): Readonly<Record<string, Uint8Array>> => ({
  "insert scalars": encodeInsert({
    collectionName: "c",
    partitionName: "p",
    namespace: "n",
    schemaTimestamp: 450000000000000000n,
    columns: [
      { fieldName: "id", type: "Int64", values: [2n ** 63n - 1n, -(2n ** 63n)] },
      { fieldName: "bool", type: "Bool", values: [true, false] },
      { fieldName: "int8", type: "Int8", values: [-128, 127] },
      { fieldName: "int16", type: "Int16", values: [32767, -1] },
      { fieldName: "int32", type: "Int32", values: [-(2 ** 31), 0] },
      { fieldName: "float", type: "Float", values: [1.5, -0.25] },
      { fieldName: "double", type: "Double", values: [0.1, -1e300] },
      { fieldName: "varchar", type: "VarChar", values: ["", "x".repeat(200)] },
      { fieldName: "text", type: "Text", values: ["a😀", ""] },
      { fieldName: "json", type: "JSON", values: ['{"a":[1,null]}', new TextEncoder().encode("[1]")] },
      { fieldName: "geometry", type: "Geometry", values: ["POINT (1 2)", "POINT (3 4)"] },
      { fieldName: "timestamptz", type: "Timestamptz", values: ["2026-01-02T03:04:05Z", "2026-01-02"] },
      { fieldName: "longs", type: "Array", elementType: "Int64", rows: [[1, -1, 2n ** 62n], [3]] },
      { fieldName: "ints", type: "Array", elementType: "Int8", rows: [[1, -2], [5]] },
      { fieldName: "floats", type: "Array", elementType: "Float", rows: [[0.5], [1.5, 2.5]] },
      { fieldName: "doubles", type: "Array", elementType: "Double", rows: [[0.1, 0.2], [1e-300]] },
      { fieldName: "texts", type: "Array", elementType: "VarChar", rows: [["", "é"], ["b"]] },
      { fieldName: "bools", type: "Array", elementType: "Bool", rows: [[true, false], [false]] },
      { fieldName: "null_int", type: "Int32", values: [null, 7], nullable: true },
      { fieldName: "null_text", type: "VarChar", values: ["x", "not looked at"], valid: Uint8Array.of(1, 0) },
      { fieldName: "null_json", type: "JSON", values: [undefined, "{}"], nullable: true },
      { fieldName: "null_array", type: "Array", elementType: "Int64", rows: [[1], null], nullable: true },
      { fieldName: "all_there", type: "Int64", values: [1, 2], nullable: true },
      { fieldName: "$meta", type: "JSON", values: ['{"extra":1,"more":"é"}', "{}"], isDynamic: true },
    ],
  }),
  "insert vectors": encodeInsert({
    collectionName: "c",
    columns: [
      { fieldName: "id", type: "VarChar", values: ["a", "b"] },
      { fieldName: "float", type: "FloatVector", rows: [[1, 0.1, -0], Float32Array.of(4, 5, 6)] },
      { fieldName: "binary", type: "BinaryVector", dimension: 16, values: Uint8Array.of(1, 255, 2, 3) },
      { fieldName: "float16", type: "Float16Vector", rows: [[1.5, -2], [0.1, 65504]] },
      { fieldName: "bfloat16", type: "BFloat16Vector", rows: [[1.5, -2], [0.5, 100]] },
      { fieldName: "int8", type: "Int8Vector", rows: [[-128, 127], Int8Array.of(0, 1)] },
      { fieldName: "sparse", type: "SparseFloatVector", rows: [{ 5: 0.5, 1: 0.25 }, [[2 ** 32 - 2, 3]]] },
      { fieldName: "null_float", type: "FloatVector", rows: [null, [0.5, 0.25]], nullable: true },
      {
        fieldName: "null_int8",
        type: "Int8Vector",
        dimension: 2,
        values: Int8Array.of(1, 2, 9, 9),
        valid: Uint8Array.of(1, 0),
      },
      { fieldName: "null_sparse", type: "SparseFloatVector", rows: [new Map([[7, 1]]), null], nullable: true },
    ],
  }),
  "insert structs": encodeInsert({
    collectionName: "c",
    columns: [
      { fieldName: "id", type: "Int64", values: BigInt64Array.of(1n, 2n, 3n) },
      {
        fieldName: "chunks",
        type: "ArrayOfStruct",
        fields: [
          { fieldName: "page", type: "Array", elementType: "Int32", rows: [[1, 2], [3], []] },
          { fieldName: "body", type: "Array", elementType: "VarChar", rows: [["a", "b"], ["c"], []] },
          {
            fieldName: "vector",
            type: "ArrayOfVector",
            elementType: "FloatVector",
            dimension: 2,
            rows: [[[1, 2], [3, 4]], [[5, 6]], []],
          },
        ],
      },
    ],
  }),
  "upsert": encodeUpsert({
    collectionName: "c",
    partitionName: "p",
    partialUpdate: true,
    fieldOperations: { longs: "ArrayAppend" },
    columns: [
      { fieldName: "id", type: "Int64", values: [1, 2] },
      { fieldName: "longs", type: "Array", elementType: "Int64", rows: [[1], [2, 3]] },
    ],
  }),
  "search floats": search({
    queries: { type: "FloatVector", dimension: 2, values: Float32Array.of(1, 0.1, 3, -4) },
    filter: "a > 1",
    partitionNames: ["p", "q"],
    outputFields: ["a", "*"],
    consistencyLevel: "Bounded",
    guaranteeTimestamp: 2n,
    namespace: "",
  }, {
    offset: 5,
    groupByField: "g",
    groupSize: 3,
    strictGroupSize: true,
    roundDecimal: 4,
    metricType: "COSINE",
    params: { ef: 64 },
    ignoreGrowing: true,
  }),
  "search float rows": search({ queries: floats }),
  "search float16": search({ queries: { type: "Float16Vector", rows: [[1, 0.1], Float32Array.of(3, -4)] } }),
  "search bfloat16": search({ queries: { type: "BFloat16Vector", rows: [[1, 0.5]] } }),
  "search int8": search({ queries: { type: "Int8Vector", rows: [[-128, 127]] } }),
  "search binary": search({ queries: { type: "BinaryVector", rows: [Uint8Array.of(1, 255), [0, 128]] } }),
  "search sparse": search({ queries: { type: "SparseFloatVector", rows: [{ 3: 0.5, 1: 0.25 }, [[2 ** 32 - 2, 1]]] } }),
  "search texts": search({ queries: { type: "VarChar", values: ["where?", "é😀"] } }),
  "search by integers": search({ ids: [1, -1, 2n ** 62n] }),
  "search by strings": search({ ids: ["a", ""] }),
  "search lists": search({
    queries: {
      type: "ArrayOfVector",
      elementType: "FloatVector",
      dimension: 2,
      rows: [[[1, 0.1], Float32Array.of(3, -4)]],
    },
  }),
  "search values": search({
    queries: floats,
    filter: "x in {a}",
    filterValues: {
      bool: true,
      int: 2n ** 62n,
      double: 1.5,
      whole: { double: 1 },
      text: "é",
      bools: [true, false],
      ints: [1, -1, Number.MAX_SAFE_INTEGER],
      doubles: [0.5, 1.5],
      texts: ["a", ""],
      nested: [[1, 2], [3]],
      mixed: [1, "a", true],
      empty: [],
    },
  }),
  "hybrid": encodeHybridSearch({
    collectionName: "c",
    partitionNames: ["p"],
    outputFields: ["a"],
    consistencyLevel: "Eventually",
    requests: [
      {
        collectionName: "c",
        queries: floats,
        filter: "a > 1",
        searchParams: searchParams({ field: "v", limit: 10 }),
      },
      {
        collectionName: "c",
        queries: { type: "SparseFloatVector", rows: [{ 1: 0.5 }, { 2: 1 }] },
        searchParams: searchParams({ field: "s", limit: 10 }),
      },
    ],
    rankParams: { strategy: "rrf", params: '{"k":60}', limit: "10", round_decimal: "-1", offset: "3" },
  }),
  "hybrid function": encodeHybridSearch({
    collectionName: "c",
    requests: [{ collectionName: "c", queries: floats, searchParams: searchParams({ field: "v", limit: 10 }) }],
    rankParams: [["limit", "10"], ["round_decimal", "-1"], ["offset", "0"]],
    functionScore,
  }),
  "query": encodeQuery({
    collectionName: "c",
    filter: "id in {ids}",
    filterValues: { ids: BigInt64Array.of(1n, 2n) },
    outputFields: ["a", "b"],
    partitionNames: ["p"],
    consistencyLevel: "Session",
    guaranteeTimestamp: 2n ** 63n + 1n,
    namespace: "n",
    queryParams: [["limit", "10"], ["offset", "2"], ["ignore_growing", "false"], ["reduce_stop_for_best", "false"]],
  }),
})

test("requests are the same as those of pymilvus for the same data", async () => {
  const score = (await generic("milvus.proto.schema.FunctionScore")).write({
    functions: [{
      name: "rrf",
      type: "Rerank",
      params: [{ key: "reranker", value: "rrf" }, { key: "k", value: "60" }],
    }],
  })
  const written = Object.entries(requests(score)).map(([name, bytes]) => [name, bytes.toBase64()])
  const input = new TextEncoder().encode(JSON.stringify(Object.fromEntries(written)))
  const script = await Deno.readTextFile(new URL("golden_requests.py", import.meta.url))
  const differences: Record<string, string> = JSON.parse(new TextDecoder().decode(await python(script, input)))
  assertEquals(Object.keys(differences).length, written.length)
  for (const [name, difference] of Object.entries(differences)) assertEquals(difference, "", name)
})
