/** The collections behind a FakeMilvus, where pymilvus and the real servers do not reach them. */
import { assert, assertEquals, assertInstanceOf, assertMatch } from "@std/assert"
import * as Effect from "effect/Effect"
import { Connection, Message, ServerError } from "../../mod.ts"
import * as FakeMilvus from "../../src/testing/FakeMilvus.ts"
import { assertNothingOpen } from "../support/leaks.ts"
import { test } from "../support/test.ts"

type Schema = Message.Messages["milvus.proto.schema.CollectionSchema"]["input"]
type FieldSchema = NonNullable<Schema["fields"]>[number]
type FieldData = NonNullable<Connection.Methods["Insert"]["request"]["fields_data"]>[number]
type Column = Message.Messages["milvus.proto.schema.FieldData"]["output"]

/** The calls that the tests below are made of. */
class Books {
  constructor(readonly fake: FakeMilvus.FakeMilvus, readonly connection: Connection.Connection) {}

  readonly call: Connection.Connection["call"] = (method, request) => this.connection.call(method, request)

  create(
    fields: ReadonlyArray<FieldSchema>,
    more: Schema = {},
    request: Connection.Methods["CreateCollection"]["request"] = {},
  ) {
    return Effect.flatMap(
      Message.encode("milvus.proto.schema.CollectionSchema", { fields, ...more }),
      (schema) => this.call("CreateCollection", { collection_name: "books", schema, ...request }),
    )
  }

  load(metrics: Readonly<Record<string, string>>) {
    return Effect.andThen(
      Effect.forEach(Object.entries(metrics), ([field_name, value]) => {
        const extra_params = [{ key: "metric_type", value }]
        return this.call("CreateIndex", { collection_name: "books", field_name, extra_params })
      }),
      this.call("LoadCollection", { collection_name: "books" }),
    )
  }

  insert(num_rows: number, fields_data: ReadonlyArray<FieldData>, partition_name = "") {
    return this.call("Insert", { collection_name: "books", num_rows, fields_data, partition_name })
  }

  query(expr: string, output_fields: ReadonlyArray<string> = ["*"], more: Connection.Methods["Query"]["request"] = {}) {
    const request = { collection_name: "books", expr, output_fields, ...more }
    return Effect.map(this.call("Query", request), ({ fields_data }) => fields_data)
  }

  count(partition_names: ReadonlyArray<string> = []) {
    const rows = this.query("", ["count(*)"], { partition_names })
    return Effect.map(rows, ([column]) => Number(column?.scalars?.long_data?.data[0]))
  }

  search(
    anns_field: string,
    type: "FloatVector" | "BinaryVector" | "SparseFloatVector",
    query: Uint8Array,
    params: Readonly<Record<string, string>> = {},
  ) {
    const group = { placeholders: [{ tag: "$0", type, values: [query] }] }
    return Effect.flatMap(
      Message.encode("milvus.proto.common.PlaceholderGroup", group),
      (placeholder_group) =>
        this.call("Search", {
          collection_name: "books",
          dsl_type: "BoolExprV1",
          placeholder_group,
          search_params: Object.entries({ anns_field, topk: "10", ...params }).map(([key, value]) => ({ key, value })),
        }),
    ).pipe(Effect.map(({ results }) => (results?.ids?.int_id?.data ?? []).map((id, at) => [id, results?.scores[at]])))
  }
}

const booksTest = (name: string, use: (books: Books) => Effect.Effect<void, unknown, Connection.Connection>) =>
  test(name, async () => {
    const program = Effect.gen(function* () {
      const fake = yield* FakeMilvus.FakeMilvus
      yield* use(new Books(fake, yield* Connection.Connection))
      return fake
    })
    await assertNothingOpen(await Effect.runPromise(Effect.provide(program, FakeMilvus.layerConnected())))
  })

const refusal = <A, E>(effect: Effect.Effect<A, E>): Effect.Effect<ServerError, A> =>
  Effect.map(Effect.flip(effect), (error) => {
    assertInstanceOf(error, ServerError)
    return error
  })

const id: FieldSchema = { name: "id", data_type: "Int64", is_primary_key: true }
const vector: FieldSchema = { name: "vector", data_type: "FloatVector", type_params: [{ key: "dim", value: "2" }] }
const title: FieldSchema = { name: "title", data_type: "VarChar", type_params: [{ key: "max_length", value: "9" }] }

const ids = (...data: Array<number | bigint>): FieldData => ({
  field_name: "id",
  type: "Int64",
  scalars: { long_data: { data } },
})
const vectors = (...rows: Array<Array<number>>): FieldData => ({
  field_name: "vector",
  type: "FloatVector",
  vectors: { dim: 2, float_vector: { data: rows.flat() } },
})
const titles = (...data: Array<string>): FieldData => ({
  field_name: "title",
  type: "VarChar",
  scalars: { string_data: { data } },
})
const floats = (...numbers: Array<number>) => new Uint8Array(new Float32Array(numbers).buffer)
const longs = (column: Column | undefined) => column?.scalars?.long_data?.data

booksTest(
  "nulls may be left out of a column or stand in it, and no search finds a null vector",
  (books) =>
    Effect.gen(function* () {
      yield* books.create([id, { ...vector, nullable: true }, { ...title, nullable: true }])
      yield* books.load({ vector: "L2" })
      yield* books.insert(3, [
        ids(1, 2, 3),
        { ...vectors([1, 0], [0, 1]), valid_data: [true, false, true] },
        { ...titles("a", "", "c"), valid_data: [true, false, true] },
      ])
      yield* books.insert(1, [ids(4)])
      const [, vectorColumn, titleColumn] = yield* books.query("id > 0")
      assertEquals(vectorColumn?.valid_data, [true, false, true, false])
      assertEquals(vectorColumn?.vectors?.float_vector?.data, [1, 0, 0, 1])
      assertEquals(titleColumn?.valid_data, [true, false, true, false])
      assertEquals(titleColumn?.scalars?.string_data?.data, ["a", "", "c", ""])
      assertEquals(yield* books.search("vector", "FloatVector", floats(1, 0)), [[1n, 0], [3n, 2]])
      const error = yield* refusal(books.insert(1, [{ ...ids(5), valid_data: [false] }, vectors([1, 1])]))
      assertEquals(error.code, 1100)
    }),
)

booksTest("a default value stands where no value came", (books) =>
  Effect.gen(function* () {
    yield* books.create([id, vector, { ...title, default_value: { string_data: "untitled" } }])
    yield* books.load({ vector: "L2" })
    yield* books.insert(1, [ids(1), vectors([1, 0])])
    yield* books.insert(2, [ids(2, 3), vectors([1, 0], [1, 0]), { ...titles("c"), valid_data: [false, true] }])
    const [column] = yield* books.query("id > 0", ["title"])
    assertEquals(column?.scalars?.string_data?.data, ["untitled", "untitled", "c"])
  }))

booksTest(
  "keys that Milvus gives are unique however many insert, and an upsert gives new ones",
  (books) =>
    Effect.gen(function* () {
      yield* books.create([{ ...id, autoID: true }, vector])
      yield* books.load({ vector: "L2" })
      const rows = Array.from({ length: 50 }, () => books.insert(2, [vectors([1, 0], [0, 1])]))
      const replies = yield* Effect.all(rows, { concurrency: "unbounded" })
      const given = replies.flatMap(({ IDs }) => IDs?.int_id?.data ?? [])
      assertEquals(new Set(given).size, 100)
      assert(given.every((key) => key > BigInt(Number.MAX_SAFE_INTEGER)))
      assertEquals((yield* refusal(books.insert(1, [ids(1), vectors([1, 0])]))).code, 1100)
      const [old] = given
      const request = { collection_name: "books", num_rows: 1, fields_data: [ids(old!), vectors([5, 5])] }
      const [fresh] = (yield* books.call("Upsert", request)).IDs?.int_id?.data ?? []
      assert(fresh !== undefined && fresh !== old)
      assertEquals(longs((yield* books.query(`id in [${old}, ${fresh}]`, ["id"]))[0]), [fresh])
      assertEquals(yield* books.count(), 100)
    }),
)

booksTest("a row with a key that is there takes the place of that row", (books) =>
  Effect.gen(function* () {
    yield* books.create([id, vector])
    yield* books.load({ vector: "L2" })
    yield* books.insert(2, [ids(1, 2), vectors([1, 0], [0, 1])])
    yield* books.insert(1, [ids(1), vectors([9, 9])])
    assertEquals(yield* books.count(), 2)
    assertEquals((yield* books.query("id == 1", ["vector"]))[0]?.vectors?.float_vector?.data, [9, 9])
  }))

booksTest(
  "rows with the same partition key are in one partition, which nobody else names",
  (books) =>
    Effect.gen(function* () {
      yield* books.create([id, vector, { ...title, is_partition_key: true }], {}, { num_partitions: 4 })
      yield* books.load({ vector: "L2" })
      const names = Array.from({ length: 12 }, (_, at) => `t${at % 3}`)
      yield* books.insert(12, [ids(...names.keys()), vectors(...names.map(() => [1, 0])), titles(...names)])
      const { partition_names } = yield* books.call("ShowPartitions", { collection_name: "books" })
      assertEquals(partition_names, ["_default_0", "_default_1", "_default_2", "_default_3"])
      const counts = yield* Effect.forEach(partition_names, (name) => books.count([name]))
      assertEquals([counts.reduce((a, b) => a + b), counts.every((count) => count % 4 === 0)], [12, true])
      const row = [ids(99), vectors([1, 0]), titles("t")]
      assertEquals((yield* refusal(books.insert(1, row, "_default_0"))).code, 65535)
      yield* refusal(books.call("CreatePartition", { collection_name: "books", partition_name: "mine" }))
    }),
)

booksTest("only what is loaded is found", (books) =>
  Effect.gen(function* () {
    yield* books.create([id, vector])
    for (const partition_name of ["old", "new"]) {
      yield* books.call("CreatePartition", { collection_name: "books", partition_name })
    }
    yield* books.insert(1, [ids(1), vectors([1, 0])], "old")
    yield* books.insert(2, [ids(2, 3), vectors([1, 0], [0, 1])], "new")
    assertEquals((yield* refusal(books.count())).code, 101)
    assertEquals((yield* refusal(books.call("LoadCollection", { collection_name: "books" }))).code, 700)
    yield* books.call("CreateIndex", { collection_name: "books", field_name: "vector" })
    yield* books.call("LoadPartitions", { collection_name: "books", partition_names: ["old"] })
    assertEquals([yield* books.count(), yield* books.count(["old"])], [1, 1])
    assertEquals((yield* refusal(books.count(["new"]))).code, 201)
    assertEquals((yield* refusal(books.count(["none"]))).code, 65535)
    const state = (partition_names: ReadonlyArray<string>) =>
      Effect.map(books.call("GetLoadState", { collection_name: "books", partition_names }), ({ state }) => state)
    assertEquals([yield* state(["old"]), yield* state(["new"])], ["LoadStateLoaded", "LoadStateNotLoad"])
    yield* books.call("LoadCollection", { collection_name: "books" })
    yield* books.call("CreatePartition", { collection_name: "books", partition_name: "later" })
    yield* books.insert(1, [ids(4), vectors([1, 0])], "later")
    assertEquals(yield* books.count(), 4)
    const deleted = yield* books.call("Delete", { collection_name: "books", expr: "id > 0", partition_name: "new" })
    assertEquals([deleted.delete_cnt, yield* books.count()], [2n, 2])
    yield* books.call("TruncateCollection", { collection_name: "books" })
    assertEquals(yield* books.count(), 0)
  }))

booksTest("scores are rounded and ranges are kept as they are asked for", (books) =>
  Effect.gen(function* () {
    const bits: FieldSchema = { name: "bits", data_type: "BinaryVector", type_params: [{ key: "dim", value: "8" }] }
    const sparse: FieldSchema = { name: "sparse", data_type: "SparseFloatVector" }
    yield* books.create([id, vector, bits, sparse])
    yield* books.load({ vector: "COSINE", bits: "JACCARD", sparse: "IP" })
    const pair = (index: number, value: number) => {
      const view = new DataView(new ArrayBuffer(8))
      view.setUint32(0, index, true)
      view.setFloat32(4, value, true)
      return new Uint8Array(view.buffer)
    }
    yield* books.insert(3, [
      ids(1, 2, 3),
      vectors([1, 0], [1, 1], [0, 1]),
      {
        field_name: "bits",
        type: "BinaryVector",
        vectors: { dim: 8, binary_vector: new Uint8Array([0b11, 0b01, 0b1100]) },
      },
      {
        field_name: "sparse",
        type: "SparseFloatVector",
        vectors: { sparse_float_vector: { contents: [pair(1, 2), pair(7, 1), pair(70_000, 1)] } },
      },
    ])
    const near = (params: Readonly<Record<string, string>>) =>
      books.search("vector", "FloatVector", floats(1, 0), params)
    assertEquals(yield* near({ round_decimal: "2" }), [[1n, 1], [2n, 0.7099999785423279], [3n, 0]])
    assertEquals((yield* near({ params: '{"radius": 0.5}' })).map(([key]) => key), [1n, 2n])
    assertEquals((yield* near({ params: '{"radius": 0.5, "range_filter": 0.9}' })).map(([key]) => key), [2n])
    assertEquals((yield* near({ topk: "1", offset: "1" })).map(([key]) => key), [2n])
    const jaccard = yield* books.search("bits", "BinaryVector", new Uint8Array([0b11]))
    assertEquals(jaccard, [[1n, 0], [2n, 0.5], [3n, 1]])
    assertEquals(yield* books.search("sparse", "SparseFloatVector", pair(1, 3)), [[1n, 6]])
    const [column] = yield* books.query("id == 3", ["sparse"])
    assertEquals([column?.vectors?.dim, column?.vectors?.sparse_float_vector?.contents.length], [70_001n, 1])
    const refused: ReadonlyArray<Effect.Effect<unknown, unknown>> = [
      near({ group_by_field: "id" }),
      near({ params: '{"radius": ' }),
      near({ params: "[1]" }),
      near({ metric_type: "L2" }),
      near({ topk: "many" }),
      near({ anns_field: "" }),
      books.search("bits", "FloatVector", floats(1)),
      books.search("id", "FloatVector", floats(1)),
    ]
    for (const search of refused) yield* refusal(search)
  }))

booksTest("what a schema asks for and a FakeMilvus cannot do is refused", (books) =>
  Effect.gen(function* () {
    const unknown: ReadonlyArray<[ReadonlyArray<FieldSchema>, Schema]> = [
      [[id, vector, { name: "place", data_type: "Geometry" }], {}],
      [[id, vector], { functions: [{ name: "bm25", type: "BM25" }] }],
      [[id, vector], { struct_array_fields: [{ name: "chapters" }] }],
    ]
    for (const [fields, more] of unknown) {
      const error = yield* refusal(books.create(fields, more))
      assertEquals(error.code, 1100)
      assertMatch(error.reason, /^FakeMilvus does not support .*: give the RPC a handler, or use a real Milvus$/)
    }
    const error = yield* refusal(
      books.call("CreateCollection", { collection_name: "books", schema: new Uint8Array([7, 7, 7]) }),
    )
    assertMatch(error.reason, /^proto: cannot parse/)
    assertEquals((yield* books.call("ShowCollections", {})).collection_names, [])
  }))

booksTest(
  "each database has its own collections, and a connection goes to its own",
  (books) =>
    Effect.gen(function* () {
      yield* books.create([id, vector])
      yield* books.call("CreateDatabase", { db_name: "library", properties: [{ key: "a", value: "1" }] })
      const { address } = books.fake
      yield* Effect.scoped(Effect.gen(function* () {
        const library = yield* Connection.connect({ address, database: "library" })
        assertEquals((yield* library.call("ShowCollections", {})).collection_names, [])
        yield* books.call("RenameCollection", { oldName: "books", newName: "novels", newDBName: "library" })
        assertEquals((yield* library.call("ShowCollections", {})).collection_names, ["novels"])
        assertEquals((yield* books.call("ShowCollections", {})).collection_names, [])
        assertEquals((yield* library.call("DescribeCollection", { collection_name: "novels" })).db_name, "library")
      }))
      const request = { db_name: "library", properties: [{ key: "b", value: "2" }], delete_keys: ["a"] }
      yield* books.call("AlterDatabase", request)
      const { properties } = yield* books.call("DescribeDatabase", { db_name: "library" })
      assertEquals(properties, [{ key: "b", value: "2" }])
      const error = yield* Effect.flip(Effect.scoped(Connection.connect({ address, database: "nowhere" })))
      assert(error._tag === "NotReady")
      assertEquals(error.kind, "Rejected")
    }),
)

booksTest("data stays through a crash, and another server knows nothing of it", (books) =>
  Effect.gen(function* () {
    yield* books.create([id, vector])
    yield* books.load({ vector: "L2" })
    yield* books.insert(1, [ids(1), vectors([1, 0])])
    yield* books.fake.restart
    assertEquals(yield* books.count(), 1)
    yield* Effect.scoped(Effect.gen(function* () {
      const other = yield* Connection.connect((yield* FakeMilvus.make()).address)
      assertEquals((yield* other.call("HasCollection", { collection_name: "books" })).value, false)
    }))
  }))
