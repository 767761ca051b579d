/**
 * What is a compile error of operations, and what type a result has: from the definition of the collection to the hit. Each
 * `@ts-expect-error` fails the type check of the suite where there is no error; nothing here is run.
 */
import * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import {
  type CallError,
  type CodecError,
  Collection,
  type Connection,
  Field,
  filter,
  FunctionChain,
  Index,
  Vectors,
} from "../../mod.ts"

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false
const holds = <_T extends true>(): void => {}

const Books = Collection.define("books", {
  id: Field.int64({ primaryKey: true, autoId: true }),
  title: Field.varChar({ maxLength: 100 }),
  year: Field.int16({ nullable: true }),
  vector: Field.floatVector({ dimension: 4 }),
  bits: Field.binaryVector({ dimension: 16 }),
}, { indexes: { vector: Index.hnsw({ metric: "L2" }), bits: Index.binIvfFlat({ metric: "HAMMING", nlist: 8 }) } })

const Single = Collection.define("single", {
  id: Field.int64({ primaryKey: true }),
  v: Field.floatVector({ dimension: 2 }),
}, { indexes: { v: Index.hnsw({ metric: "L2" }) } })

const Notes = Collection.define("notes", {
  key: Field.varChar({ maxLength: 10, primaryKey: true }),
  vector: Field.floatVector({ dimension: 2 }),
}, { dynamicFields: true })

const row = { title: "", vector: [1, 2, 3, 4], bits: new Uint8Array(2) }

/** Never run. */
export const program: Effect.Effect<void, unknown, Connection.Connection> = Effect.gen(function* () {
  yield* Vectors.insert(Books, [row, { ...row, year: null }])
  // @ts-expect-error: Milvus makes the key
  yield* Vectors.insert(Books, [{ ...row, id: 1 }])
  // @ts-expect-error: a field is missing
  yield* Vectors.insert(Books, [{ title: "" }])
  // @ts-expect-error: no such field
  yield* Vectors.insert(Books, [{ ...row, tilte: "" }])
  // @ts-expect-error: not a vector
  yield* Vectors.insert(Books, { title: [""], vector: "1234", bits: new Uint8Array(2) })
  yield* Vectors.upsert(Books, [{ ...row, id: 1 }])
  // @ts-expect-error: an upsert wants the key
  yield* Vectors.upsert(Books, [row])
  yield* Vectors.insert(Notes, [{ key: "", vector: [1, 2], anything: 1 }])

  yield* Vectors.delete(Books, { ids: [1, 2n] })
  // @ts-expect-error: keys are integers
  yield* Vectors.delete(Books, { ids: ["1"] })
  // @ts-expect-error: keys are texts
  yield* Vectors.get(Notes, [1])

  const all = yield* Vectors.get(Books, [1])
  holds<
    Equal<
      typeof all,
      Vectors.QueryResult<{
        readonly id: bigint
        readonly title: string
        readonly year: number | null
        readonly vector: Float32Array
        readonly bits: Uint8Array
      }>
    >
  >()
  const some = yield* Vectors.query(Books, filter`year > ${1900}`, { outputFields: ["year"], limit: 2 })
  holds<Equal<typeof some, Vectors.QueryResult<{ readonly id: bigint; readonly year: number | null }>>>()
  // @ts-expect-error: no such field
  yield* Vectors.query(Books, "", { outputFields: ["yaer"] })
  const notes = yield* Vectors.query(Notes, "", { outputFields: ["anything"] })
  holds<Equal<typeof notes, Vectors.QueryResult<{ readonly key: string; readonly anything: unknown }>>>()

  const found = yield* Vectors.search(Books, [[1, 2, 3, 4]], {
    field: "vector",
    limit: 10,
    params: { ef: 64, radius: 2 },
    outputFields: ["title"],
  })
  holds<Equal<typeof found, Vectors.SearchResult<{ readonly id: bigint; readonly title: string }>>>()
  // @ts-expect-error: nprobe is not of HNSW
  yield* Vectors.search(Books, [[1, 2, 3, 4]], { field: "vector", limit: 10, params: { nprobe: 8 } })
  yield* Vectors.search(Books, [new Uint8Array(2)], { field: "bits", limit: 10, params: { nprobe: 8 } })
  // Where no field is named, the parameters are those of the vector fields that the definition has.
  yield* Vectors.search(Single, [[1, 2]], { limit: 1, params: { ef: 64, radius: 1 } })
  // @ts-expect-error: rule 20: nprobe is not of HNSW
  yield* Vectors.search(Single, [[1, 2]], { limit: 1, params: { nprobe: 8 } })
  // @ts-expect-error: rule 20: not a number
  yield* Vectors.search(Single, [[1, 2]], { limit: 1, params: { ef: "a" } })
  // @ts-expect-error: rule 20: in batches as well
  Vectors.searchBatches(Single, [1, 2], { params: { nprobe: 8 } })
  // @ts-expect-error: rule 20: not of any index of the definition
  yield* Vectors.search(Books, [[1, 2, 3, 4]], { limit: 1, params: { search_list: 8 } })
  holds<Equal<Vectors.DefaultField<typeof Books>, "vector" | "bits">>()
  holds<Equal<Vectors.DefaultField<typeof Single>, "v">>()
  holds<Equal<Vectors.DefaultField<Collection.AnyDefinition>, string>>()
  const decay = { function: "gauss", origin: 1900, scale: 10 } as const
  const recent = FunctionChain.make("L2Rerank", [
    FunctionChain.map("recent", FunctionChain.decay("year", decay)),
    FunctionChain.map("$score", FunctionChain.numCombine(["recent", "$score"])),
    FunctionChain.sort("$score", { tieBreak: "$id" }),
    FunctionChain.limit(3),
  ])
  holds<Equal<typeof recent, FunctionChain.FunctionChain<"year">>>()
  const byVector = { field: "vector", limit: 1 } as const
  const query = [[1, 2, 3, 4]] as const
  yield* Vectors.search(Books, query, {
    ...byVector,
    functionChains: [recent, FunctionChain.make("L0Rerank", [FunctionChain.sort("year")])],
    orderBy: ["title", { field: "year", order: "desc" }],
    highlighter: { type: "lexical", queries: [{ field: "title", text: "river" }] },
    aggregation: { fields: ["year"], size: 2, metrics: { n: "count(*)", longest: "max(title)" } },
  })
  yield* Vectors.search(Books, query, {
    ...byVector,
    // @ts-expect-error: the chain reads a field that does not exist
    functionChains: FunctionChain.make("L2Rerank", [FunctionChain.sort("yaer")]),
  })
  // @ts-expect-error: no such field
  yield* Vectors.search(Books, query, { ...byVector, orderBy: ["yaer"] })
  // @ts-expect-error: no such field
  yield* Vectors.search(Books, query, { ...byVector, groupBy: ["year", "genre"] })
  // @ts-expect-error: no such field
  yield* Vectors.search(Books, query, { ...byVector, groupBy: { field: "meta", jsonPath: "meta['a']" } })
  // @ts-expect-error: no such field
  yield* Vectors.search(Books, query, { ...byVector, aggregation: { fields: ["genre"], size: 1 } })
  yield* Vectors.search(Books, query, {
    ...byVector,
    // @ts-expect-error: no such field
    aggregation: { fields: ["year"], size: 1, metrics: { a: "max(x)" } },
  })
  yield* Vectors.search(Books, query, {
    ...byVector,
    // @ts-expect-error: no such field
    highlighter: { type: "semantic", queries: ["a"], fields: ["text"] },
  })
  // @ts-expect-error: batches have no order of their own
  Vectors.searchBatches(Books, [1, 2, 3, 4], { field: "vector", orderBy: ["year"] })
  // @ts-expect-error: no such field
  yield* Vectors.hybridSearch(Books, [{ field: "vector", data: query, limit: 1 }], { limit: 1, groupBy: "genre" })
  // Lists of vectors are queries for an array of structs.
  yield* Vectors.search("chunks", [[[1, 2], [3, 4]]], { field: "chunks[vector]", limit: 1 })
  // @ts-expect-error: a search has a limit
  yield* Vectors.search(Books, [[1, 2, 3, 4]], {})
  const keys = yield* Vectors.search(Books, [[1, 2, 3, 4]], { limit: 1 })
  holds<Equal<typeof keys, Vectors.SearchResult<{ readonly id: bigint }>>>()
  const hybrid = yield* Vectors.hybridSearch(Books, [{ field: "vector", data: [[1, 2, 3, 4]], limit: 1 }], {
    limit: 1,
    outputFields: ["*"],
  })
  holds<Equal<typeof hybrid, Vectors.SearchResult<Collection.Row<typeof Books>>>>()

  const named = yield* Vectors.search("books", [[1, 2, 3, 4]], { limit: 1, outputFields: ["whatever"] })
  holds<Equal<typeof named, Vectors.SearchResult<Collection.DynamicRow>>>()

  const batches = Vectors.searchBatches(Books, [1, 2, 3, 4], {
    field: "vector",
    params: { ef: 8 },
    outputFields: ["title"],
  })
  holds<
    Equal<
      typeof batches,
      Stream.Stream<
        Vectors.SearchResult<{ readonly id: bigint; readonly title: string }>,
        CallError | CodecError,
        Connection.Connection
      >
    >
  >()
  // @ts-expect-error: batches are counted from the nearest on
  Vectors.searchBatches(Books, [1, 2, 3, 4], { offset: 3 })
})
