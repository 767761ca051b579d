/** Definitions with every type of field and every option. `pymilvus_schemas.py` builds the same ones. */
import * as Duration from "effect/Duration"
import * as Field from "../../src/schema/Field.ts"
import { type CollectionDefinition, define } from "../../src/schema/definition.ts"
import * as Functions from "../../src/schema/Functions.ts"

const id = Field.int64({ primaryKey: true })
const vector = Field.floatVector({ dimension: 4 })

/** The definitions by the name of the collection. */
export const cases: Readonly<Record<string, CollectionDefinition>> = Object.fromEntries(
  [
    define("scalars", {
      id: Field.int64({ primaryKey: true, autoId: true, description: "the key" }),
      bool: Field.bool({ nullable: true, default: true }),
      int8: Field.int8({ default: -128 }),
      int16: Field.int16({ default: 32_767, clusteringKey: true }),
      int32: Field.int32({ nullable: true, default: 0 }),
      int64: Field.int64({ partitionKey: true, default: 9_007_199_254_740_993n }),
      float: Field.float({ default: 0.5, mmap: true }),
      double: Field.double({ default: -0.1, nullable: true }),
      varchar: Field.varChar({ maxLength: 65_535, default: "", warmup: "sync" }),
      text: Field.text({ enableAnalyzer: true }),
      json: Field.json({ nullable: true, mmap: false }),
      geometry: Field.geometry({ nullable: true, default: "POINT (1 2)" }),
      timestamptz: Field.timestamptz({ default: "2025-05-01T23:59:59+08:00" }),
      vector,
    }, { description: "ünïcode “text”" }),
    define("vectors", {
      key: Field.varChar({ maxLength: 36, primaryKey: true }),
      float: Field.floatVector({ dimension: 32_768, clusteringKey: true, description: "d", mmap: true }),
      binary: Field.binaryVector({ dimension: 128, nullable: true }),
      half: Field.float16Vector({ dimension: 3 }),
      brain: Field.bfloat16Vector({ dimension: 1 }),
      bytes: Field.int8Vector({ dimension: 7, warmup: "disable" }),
      sparse: Field.sparseFloatVector({ nullable: true }),
    }, { dynamicFields: true }),
    define("arrays", {
      key: Field.varChar({ maxLength: 36, primaryKey: true, autoId: true }),
      bool: Field.array(Field.bool(), { maxCapacity: 4_096 }),
      int8: Field.array(Field.int8(), { maxCapacity: 1, nullable: true }),
      int16: Field.array(Field.int16(), { maxCapacity: 2 }),
      int32: Field.array(Field.int32(), { maxCapacity: 3 }),
      int64: Field.array(Field.int64(), { maxCapacity: 4, mmap: true }),
      float: Field.array(Field.float(), { maxCapacity: 5 }),
      double: Field.array(Field.double(), { maxCapacity: 6, description: "numbers" }),
      varchar: Field.array(Field.varChar({ maxLength: 100 }), { maxCapacity: 7 }),
      vector,
    }),
    define("structs", {
      id,
      vector,
      chunks: Field.structArray({
        bool: Field.bool(),
        int8: Field.int8(),
        int16: Field.int16(),
        int32: Field.int32(),
        int64: Field.int64({ description: "a page" }),
        float: Field.float(),
        double: Field.double(),
        varchar: Field.varChar({ maxLength: 100 }),
        vector: Field.floatVector({ dimension: 4, mmap: true }),
        binary: Field.binaryVector({ dimension: 16 }),
        half: Field.float16Vector({ dimension: 4 }),
        brain: Field.bfloat16Vector({ dimension: 4 }),
        bytes: Field.int8Vector({ dimension: 4 }),
      }, { maxCapacity: 100, nullable: true, description: "parts", mmap: true, warmup: "async" }),
      more: Field.structArray({ text: Field.varChar({ maxLength: 10 }) }, { maxCapacity: 1 }),
    }),
    define("functions", {
      id,
      title: Field.varChar({
        maxLength: 200,
        enableAnalyzer: true,
        enableMatch: true,
        analyzerParams: { type: "english", stop_words: ["_english_", "é"] },
      }),
      body: Field.varChar({
        maxLength: 200,
        enableAnalyzer: true,
        multiAnalyzerParams: { by_field: "title", analyzers: { default: { tokenizer: "icu" } } },
      }),
      terms: Field.sparseFloatVector(),
      dense: Field.floatVector({ dimension: 8 }),
      hashes: Field.binaryVector({ dimension: 1_024 }),
    }, {
      functions: {
        terms: Functions.bm25({ input: "title", output: "terms", description: "full text" }),
        dense: Functions.textEmbedding({
          input: "body",
          output: "dense",
          provider: "openai",
          model: "text-embedding-3-small",
          params: { dim: 8 },
        }),
        hashes: Functions.minHash({ input: "title", output: "hashes", params: { num_hashes: 32, shingle_size: 3 } }),
      },
    }),
    define("requested", { id, shelf: Field.varChar({ maxLength: 10, partitionKey: true }), vector }, {
      consistencyLevel: "Strong",
      shards: 3,
      partitions: 64,
      ttl: Duration.hours(1),
      mmap: true,
      partitionKeyIsolation: true,
      allowInsertAutoId: false,
      properties: { "collection.replica.number": "2", "custom": "x" },
      namespaces: true,
    }),
    define("external", {
      vector: Field.floatVector({ dimension: 4, externalField: "v" }),
      title: Field.varChar({ maxLength: 10, externalField: "t" }),
    }, { externalSource: "s3://bucket/table", externalSpec: `{"format":"parquet"}` }),
  ].map((definition: CollectionDefinition) => [definition.name, definition]),
)
