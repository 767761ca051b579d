/**
 * Types that the compiler infers from definitions, and mistakes that it rejects. `deno check` and `deno test` check
 * both: each `@ts-expect-error` is itself an error if the next line has none.
 */
import { assertEquals } from "@std/assert"
import * as Field from "../../src/schema/Field.ts"
import {
  type Columns,
  define,
  type Insertable,
  type Key,
  type KeyInput,
  type KeyName,
  type Row,
  type Upsertable,
} from "../../src/schema/definition.ts"
import * as Functions from "../../src/schema/Functions.ts"
import * as Index from "../../src/schema/indexes.ts"
import type { Halves, Numbers, SparseInput, SparseVector } from "../../src/schema/values.ts"
import { test } from "../support/test.ts"

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false
const sure = <_T extends true>() => {}
/** Only checked by the compiler, never run. */
const never = (_: () => unknown) => {}

const Books = define("books", {
  id: Field.int64({ primaryKey: true, autoId: true }),
  title: Field.varChar({ maxLength: 200, enableAnalyzer: true }),
  shelf: Field.int64({ partitionKey: true }),
  year: Field.int16({ nullable: true }),
  rating: Field.float({ default: 2.5 }),
  price: Field.double({ clusteringKey: true }),
  meta: Field.json({ nullable: true }),
  tags: Field.array(Field.varChar({ maxLength: 40 }), { maxCapacity: 20 }),
  ids: Field.array(Field.int64(), { maxCapacity: 5 }),
  place: Field.geometry(),
  at: Field.timestamptz(),
  sold: Field.bool(),
  vector: Field.floatVector({ dimension: 4 }),
  half: Field.float16Vector({ dimension: 4 }),
  bits: Field.binaryVector({ dimension: 16 }),
  bytes: Field.int8Vector({ dimension: 4, nullable: true }),
  words: Field.sparseFloatVector(),
  terms: Field.sparseFloatVector(),
  embedded: Field.floatVector({ dimension: 1536 }),
  chunks: Field.structArray({
    text: Field.varChar({ maxLength: 100 }),
    page: Field.int64(),
    vector: Field.floatVector({ dimension: 4 }),
  }, { maxCapacity: 10, nullable: true }),
}, {
  description: "all of them",
  functions: {
    terms: Functions.bm25({ input: "title", output: "terms" }),
    embedding: Functions.textEmbedding({ input: "title", output: "embedded", provider: "openai" }),
  },
  indexes: {
    vector: Index.hnsw({ metric: "COSINE", M: 16 }),
    half: Index.ivfRabitq({ metric: "L2", nlist: 64, refine: true }),
    bits: Index.binIvfFlat({ metric: "HAMMING" }),
    bytes: Index.hnswSq({ metric: "IP", sq_type: "SQ8" }),
    words: Index.sparseInvertedIndex({ metric: "IP" }),
    terms: Index.sparseInvertedIndex({ metric: "BM25", bm25_k1: 1.5 }),
    embedded: Index.auto({ metric: "IP" }),
    title: Index.inverted(),
    year: Index.stlSort(),
    sold: Index.bitmap(),
    place: Index.rtree(),
    tags: Index.inverted(),
    meta: [
      Index.jsonPath({ type: "INVERTED", path: `meta["a"]`, cast: "DOUBLE", castFunction: "STRING_TO_DOUBLE" }),
      Index.jsonPath({ type: "BITMAP", path: `meta["b"]`, cast: "BOOL" }),
    ],
    "chunks[vector]": Index.hnsw({ metric: "MAX_SIM_COSINE" }),
    "chunks[text]": Index.inverted(),
  },
})
type Books = typeof Books

sure<
  Equal<Row<Books>, {
    readonly id: bigint
    readonly title: string
    readonly shelf: bigint
    readonly year: number | null
    readonly rating: number
    readonly price: number
    readonly meta: Field.Json
    readonly tags: ReadonlyArray<string>
    readonly ids: ReadonlyArray<bigint>
    readonly place: string
    readonly at: string
    readonly sold: boolean
    readonly vector: Float32Array
    readonly half: Float32Array
    readonly bits: Uint8Array
    readonly bytes: Int8Array | null
    readonly words: SparseVector
    readonly embedded: Float32Array
    readonly chunks:
      | ReadonlyArray<{ readonly text: string; readonly page: bigint; readonly vector: Float32Array }>
      | null
  }>
>()

sure<
  Equal<Insertable<Books>, {
    readonly title: string
    readonly shelf: number | bigint
    readonly year?: number | null | undefined
    readonly rating?: number | undefined
    readonly price: number
    readonly meta?: unknown
    readonly tags: ReadonlyArray<string>
    readonly ids: ReadonlyArray<number | bigint> | BigInt64Array
    readonly place: string
    readonly at: string
    readonly sold: boolean
    readonly vector: Numbers
    readonly half: Halves
    readonly bits: Uint8Array | ReadonlyArray<number>
    readonly bytes?: Int8Array | ReadonlyArray<number> | null | undefined
    readonly words: SparseInput
    readonly chunks?:
      | ReadonlyArray<{ readonly text: string; readonly page: number | bigint; readonly vector: Numbers }>
      | null
      | undefined
  }>
>()

sure<Equal<Upsertable<Books>["id"], number | bigint>>()
sure<Equal<Key<Books>, bigint>>()
sure<Equal<KeyInput<Books>, number | bigint>>()
sure<Equal<KeyName<Books>, "id">>()
sure<Equal<Columns<Books>["vector"], ReadonlyArray<Numbers> | Float32Array>>()
sure<Equal<Columns<Books>["shelf"], ReadonlyArray<number | bigint> | BigInt64Array>>()
sure<Equal<Columns<Books>["year"], ReadonlyArray<number | null> | Int8Array | Int16Array | Int32Array | undefined>>()
sure<Equal<Columns<Books>["title"], ReadonlyArray<string>>>()
sure<Equal<"id" | "terms" | "embedded" extends keyof Columns<Books> ? true : false, false>>()
sure<Equal<Extract<keyof Columns<Books>, "id" | "terms" | "embedded" | "$meta">, never>>()

const Notes = define("notes", {
  key: Field.varChar({ maxLength: 36, primaryKey: true }),
  vector: Field.floatVector({ dimension: 2 }),
}, { dynamicFields: true })
type Notes = typeof Notes

sure<Equal<Row<Notes>["key"], string>>()
sure<Equal<Row<Notes>["anything"], unknown>>()
sure<Equal<Key<Notes>, string>>()

const External = define("external", { vector: Field.floatVector({ dimension: 2, externalField: "v" }) }, {
  externalSource: "s3://bucket/table",
})
const Loose = define("loose", { id: Field.int64({ primaryKey: true, autoId: true }), v: Field.sparseFloatVector() }, {
  allowInsertAutoId: true,
})
sure<Equal<Insertable<typeof Loose>, { readonly v: SparseInput; readonly id?: number | bigint | undefined }>>()

/** A definition from a server has rows with unknown fields. */
declare const described: ReturnType<typeof define<string, Field.Fields, object>>
type Described = typeof described
sure<Equal<Row<Described>, { readonly [key: string]: unknown }>>()

never(() => {
  const vector = new Float32Array(4)
  const note: Insertable<Notes> = { key: "a", vector, color: "red", tags: [1, "two", { three: 3 }] }
  // @ts-expect-error: a known field keeps its type next to dynamic keys
  const wrong: Insertable<Notes> = { key: 1, vector, color: "red" }
  // @ts-expect-error: and cannot be omitted
  const missing: Insertable<Notes> = { vector, color: "red" }
  const columns: Columns<Notes> = { key: ["a", "b"], vector: new Float32Array(4), $meta: [{ color: "red" }, {}] }
  return [note, wrong, missing, columns]
})

never(() => {
  type Row = Insertable<typeof Small>
  const Small = define("small", {
    id: Field.int64({ primaryKey: true }),
    title: Field.varChar({ maxLength: 10 }),
    vector: Field.floatVector({ dimension: 2 }),
  })
  const good: ReadonlyArray<Row> = [
    { id: 1, title: "a", vector: [1, 2] },
    { id: 1n, title: "a", vector: new Float32Array(2) },
  ]
  // @ts-expect-error: no such field
  const unknown: Row = { id: 1, title: "a", vector: [1, 2], titel: "b" }
  // @ts-expect-error: a field is missing
  const missing: Row = { id: 1, vector: [1, 2] }
  // @ts-expect-error: a wrong type
  const type: Row = { id: "1", title: "a", vector: [1, 2] }
  // @ts-expect-error: not nullable
  const nothing: Row = { id: 1, title: null, vector: [1, 2] }
  // @ts-expect-error: a vector holds numbers
  const texts: Row = { id: 1, title: "a", vector: ["1", "2"] }
  // @ts-expect-error: columns of other numbers
  const column: Columns<typeof Small> = { id: new Float64Array(2), title: ["a", "b"], vector: new Float32Array(4) }
  // @ts-expect-error: no dynamic fields
  const dynamic: Columns<typeof Small> = { id: [1], title: ["a"], vector: [[1, 2]], $meta: [{}] }
  return [good, unknown, missing, type, nothing, texts, column, dynamic]
})

never(() => {
  // Options that the type does not have.
  // @ts-expect-error: a scalar has no dimension
  Field.int64({ primaryKey: true, dimension: 4 })
  // @ts-expect-error: a misspelt option
  Field.int64({ nulable: true })
  // @ts-expect-error: a vector cannot be a key
  Field.floatVector({ dimension: 4, primaryKey: true })
  // @ts-expect-error: nor is a number with a fraction
  Field.double({ primaryKey: true })
  // @ts-expect-error: nor a partition key
  Field.bool({ partitionKey: true })
  // @ts-expect-error: only a primary key has generated values
  Field.int64({ autoId: true })
  // @ts-expect-error: a primary key is never null
  Field.int64({ primaryKey: true, nullable: true })
  // @ts-expect-error: and has no default
  Field.varChar({ maxLength: 4, primaryKey: true, default: "a" })
  // @ts-expect-error: the partition key is another field
  Field.int64({ primaryKey: true, partitionKey: true })
  // @ts-expect-error: a partition key is never null
  Field.int64({ partitionKey: true, nullable: true })
  // @ts-expect-error: a default of another type
  Field.int32({ default: "1" })
  // @ts-expect-error: JSON has no default
  Field.json({ default: {} })
  // @ts-expect-error: numbers are not analyzed
  Field.int64({ enableAnalyzer: true })
  // @ts-expect-error: text has a length
  Field.varChar({})
  // @ts-expect-error: a whole one
  Field.varChar({ maxLength: 1.5 })
  // @ts-expect-error: above zero
  Field.array(Field.int8(), { maxCapacity: 0 })
  // @ts-expect-error: a vector has a dimension
  Field.floatVector({})
  // @ts-expect-error: not negative
  Field.floatVector({ dimension: -4 })
  // @ts-expect-error: not zero
  Field.int8Vector({ dimension: 0 })
  // @ts-expect-error: whole bytes
  Field.binaryVector({ dimension: 12 })
  // @ts-expect-error: whole bytes
  Field.binaryVector({ dimension: 1028 })
  // @ts-expect-error: a sparse vector has none
  Field.sparseFloatVector({ dimension: 4 })
  // @ts-expect-error: no arrays of arrays
  Field.array(Field.array(Field.int8(), { maxCapacity: 2 }), { maxCapacity: 2 })
  // @ts-expect-error: no arrays of vectors outside of structs
  Field.array(Field.floatVector({ dimension: 2 }), { maxCapacity: 2 })
  // @ts-expect-error: elements are not null
  Field.array(Field.int8({ nullable: true }), { maxCapacity: 2 })
  // @ts-expect-error: an option of the array
  Field.array(Field.int8({ description: "text" }), { maxCapacity: 2 })
  // @ts-expect-error: a member cannot be a key
  Field.structArray({ id: Field.int64({ primaryKey: true }) }, { maxCapacity: 2 })
  // @ts-expect-error: no structs in structs
  Field.structArray({ a: Field.structArray({ b: Field.int8() }, { maxCapacity: 2 }) }, { maxCapacity: 2 })
  // Whole bytes, and numbers that are not literals.
  const dimension: number = Number("12")
  type Fitting = 8 | 16 | 96 | 104 | 112 | 128 | 1000 | 1024 | 1040 | 1536 | 4096 | 262144
  sure<Equal<Field.WholeBytes<Fitting>, Fitting>>()
  return Field.binaryVector({ dimension })
})

never(() => {
  const id = Field.int64({ primaryKey: true })
  const title = Field.varChar({ maxLength: 10 })
  const vector = Field.floatVector({ dimension: 2 })
  const terms = Field.sparseFloatVector()
  const s = Field.structArray({ v: vector }, { maxCapacity: 2 })
  // @ts-expect-error: no primary key
  define("a", { title, vector })
  // @ts-expect-error: two of them
  define("a", { id, other: Field.varChar({ maxLength: 10, primaryKey: true }), vector })
  // @ts-expect-error: two partition keys
  define("a", { id, b: Field.int64({ partitionKey: true }), c: Field.int64({ partitionKey: true }) })
  // @ts-expect-error: two clustering keys
  define("a", { id, b: Field.int8({ clusteringKey: true }), c: Field.int8({ clusteringKey: true }) })
  // @ts-expect-error: no such option
  define("a", { id, vector }, { dynamicField: true })
  // @ts-expect-error: no such level
  define("a", { id, vector }, { consistencyLevel: "strong" })
  // @ts-expect-error: a function of an unknown field
  define("a", { id, title, terms }, { functions: { f: Functions.bm25({ input: "titel", output: "terms" }) } })
  // @ts-expect-error: with an unknown output field
  define("a", { id, title, terms }, { functions: { f: Functions.bm25({ input: "title", output: "term" }) } })
  // @ts-expect-error: with a number as input
  define("a", { id, title, terms }, { functions: { f: Functions.bm25({ input: "id", output: "terms" }) } })
  // @ts-expect-error: with a dense vector as output
  define("a", { id, title, vector }, { functions: { f: Functions.bm25({ input: "title", output: "vector" }) } })
  // @ts-expect-error: an index of an unknown field
  define("a", { id, vector }, { indexes: { vectr: Index.flat({ metric: "L2" }) } })
  // @ts-expect-error: of a vector on a scalar
  define("a", { id, vector }, { indexes: { id: Index.flat({ metric: "L2" }) } })
  // @ts-expect-error: of a scalar on a vector
  define("a", { id, vector }, { indexes: { vector: Index.inverted() } })
  // @ts-expect-error: of bits on numbers
  define("a", { id, vector }, { indexes: { vector: Index.binFlat({ metric: "HAMMING" }) } })
  // @ts-expect-error: with a metric of lists
  define("a", { id, vector }, { indexes: { vector: Index.hnsw({ metric: "MAX_SIM" }) } })
  // @ts-expect-error: a bitmap of the primary key
  define("a", { id, vector }, { indexes: { id: Index.bitmap() } })
  // @ts-expect-error: an unknown member
  define("a", { id, s }, { indexes: { "s[w]": Index.hnsw({ metric: "MAX_SIM" }) } })
  // @ts-expect-error: a metric of bits
  Index.hnsw({ metric: "HAMMING" })
  // @ts-expect-error: a metric of numbers
  Index.sparseInvertedIndex({ metric: "L2" })
  // @ts-expect-error: a parameter of another index
  Index.hnsw({ metric: "L2", nlist: 4 })
  // @ts-expect-error: a string for a number
  Index.hnsw({ metric: "L2", M: "16" })
  // @ts-expect-error: an index of vectors has a metric
  Index.ivfFlat({ nlist: 4 })
  // @ts-expect-error: sorted values are numbers or text
  Index.jsonPath({ type: "STL_SORT", path: "a", cast: "BOOL" })
  // @ts-expect-error: only strings are converted to numbers
  Index.jsonPath({ type: "INVERTED", path: "a", cast: "BOOL", castFunction: "STRING_TO_DOUBLE" })
  return define("a", { id, vector }, {
    dynamicFields: true,
    indexes: {
      color: Index.jsonPath({ type: "INVERTED", path: "color", cast: "VARCHAR" }),
      vector: Index.other("NEW"),
    },
  })
})

test("define returns a plain value with the name, fields and options", () => {
  assertEquals(External.fields, {
    vector: { type: "FloatVector", options: { dimension: 2, externalField: "v" } },
  })
  assertEquals<unknown>(Books.fields.tags.element, { type: "VarChar", options: { maxLength: 40 } })
  assertEquals(Object.keys(Notes), ["name", "fields", "options"])
})
