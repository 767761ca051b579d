/** Insert, upsert, delete, query and search. */
import { untilLoaded } from "./indexes.ts"
import { call, type Case, type Lane } from "./lane.ts"
import {
  bits,
  create,
  field,
  type FieldData,
  floats,
  id,
  ints,
  json,
  longs,
  pairs,
  search,
  type SearchInput,
  texts,
  title,
  vector,
  vectors,
} from "./requests.ts"
import type { Request, Server } from "./server.ts"

const books = "rows_books"

const insert = (name: string, num_rows: number, fields_data: ReadonlyArray<FieldData>, more: Request<"Insert"> = {}) =>
  call(name, "Insert", { collection_name: books, num_rows, fields_data, ...more })
const upsert = (name: string, num_rows: number, fields_data: ReadonlyArray<FieldData>, more: Request<"Upsert"> = {}) =>
  call(name, "Upsert", { collection_name: books, num_rows, fields_data, ...more })

const row: ReadonlyArray<FieldData> = [
  longs("id", 1),
  vectors([1, 0, 0, 0]),
  texts("title", "a"),
  ints("n", "Int8", 1),
  json("j", false, "{}"),
  json("", true, "{}"),
]
const without = (name: string) => row.filter((column) => column.field_name !== name)
const instead = (column: FieldData) => [...without(column.field_name ?? ""), column]

/** The indexes that Milvus builds: a collection that is loaded before that is searched without them. */
const built: Readonly<Record<string, string>> = { IVF_FLAT: '{"nlist":16}', HNSW: '{"M":8,"efConstruction":64}' }

const untilIndexed = async (server: Server, collection_name: string) => {
  for (let attempts = 0; attempts < 600; attempts++) {
    const { index_descriptions } = await server.call("DescribeIndex", { collection_name, field_name: "vector" })
    if (index_descriptions.every(({ indexed_rows }) => Number(indexed_rows) === count)) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`No index of ${collection_name} after a minute`)
}

/** A collection with an index, loaded. */
const ready = async (server: Server, collection_name: string, metric_type: string, index_type = "FLAT") => {
  const params = built[index_type] ?? "{}"
  const extra_params = pairs({ metric_type, index_type, params })
  await server.call("CreateIndex", { collection_name, field_name: "vector", extra_params })
  if (index_type in built) await untilIndexed(server, collection_name)
  await server.call("LoadCollection", { collection_name, replica_number: 1 })
  await untilLoaded(server, collection_name)
}

/** As many rows as Milvus needs to make an index of. */
const count = 1_100
const some = <A>(of: (at: number) => A) => Array.from({ length: count }, (_, at) => of(at))
const many = (vector: FieldData): ReadonlyArray<FieldData> => [
  longs("id", ...some((at) => at)),
  vector,
  texts("title", ...some((at) => `t${at % 7}`)),
  ints("n", "Int8", ...some((at) => at % 5)),
  json("j", false, ...some((at) => `{"a":${at % 3}}`)),
  json("", true, ...some((at) => `{"color":${at % 2}}`)),
]
const fill = (server: Server, collection_name: string, fields_data: ReadonlyArray<FieldData>) =>
  server.call("Insert", { collection_name, num_rows: count, fields_data })

/** Seals what was written, so that searches go by the index. */
const flush = async (server: Server, collection_names: ReadonlyArray<string>) => {
  const { coll_segIDs, coll_flush_ts } = await server.call("Flush", { collection_names })
  for (const collection_name of collection_names) {
    for (let attempts = 0; attempts < 200; attempts++) {
      const { flushed } = await server.call("GetFlushState", {
        collection_name,
        segmentIDs: coll_segIDs[collection_name]?.data ?? [],
        flush_ts: coll_flush_ts[collection_name] ?? 0n,
      })
      if (flushed) break
      // The server offers nothing to wait for.
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}

const fields = [id, vector, title, field("n", "Int8"), field("j", "JSON")]

const writes: Lane = {
  name: "writes",
  prepare: async (server) => {
    await create(server, books, fields, { enable_dynamic_field: true })
    await create(server, "rows_strict", [id, vector])
    await create(server, "rows_auto", [{ ...id, autoID: true }, vector])
    await create(server, "rows_keyed", [id, vector, { ...field("p", "Int64"), is_partition_key: true }], {}, {
      num_partitions: 2,
    })
    await create(server, "rows_binary", [id, field("vector", "BinaryVector", { dim: "16" })])
    await create(server, "rows_array", [id, vector, {
      ...field("a", "Array", { max_capacity: "2", max_length: "3" }),
      element_type: "VarChar",
    }])
  },
  cases: [
    ...[insert, upsert].flatMap((write) => [
      write("a row", 1, row),
      write("no rows", 0, row),
      write("no columns", 1, []),
      write("nothing", 0, []),
      ...["id", "vector", "title", "n", "j", ""].map((name) => write(`without "${name}"`, 1, without(name))),
      write("one column more", 1, [...row, ints("nowhere", "Int8", 1)]),
      write("a column called constructor", 1, [...row, ints("constructor", "Int8", 1)]),
      write("a column twice", 1, [...row, ints("n", "Int8", 1)]),
      write("num_rows is too great", 2, row),
      write(
        "num_rows is too small",
        1,
        row.map((column) => column.field_name === "title" ? texts("title", "a", "b") : column),
      ),
      write("a shorter column", 2, [
        longs("id", 1, 2),
        vectors([1, 0, 0, 0], [0, 1, 0, 0]),
        texts("title", "a"),
        ints("n", "Int8", 1, 2),
        json("j", false, "{}", "{}"),
      ]),
      write("an empty column", 1, instead(texts("title"))),
      write("more vectors", 1, instead(vectors([1, 0, 0, 0], [1, 0, 0, 0]))),
      write("another dimension", 1, instead(vectors([1, 0, 0]))),
      write("a greater dimension", 1, instead(vectors([1, 0, 0, 0, 0]))),
      write(
        "a dimension that lies",
        1,
        instead({ ...vectors([1, 0, 0]), vectors: { dim: 4, float_vector: { data: [1, 0, 0] } } }),
      ),
      write("NaN", 1, instead(vectors([1, NaN, 0, 0]))),
      write("Infinity", 1, instead(vectors([1, Infinity, 0, 0]))),
      write("binary for float", 1, instead(bits(16, 1, 2))),
      write("text of 10 bytes", 1, instead(texts("title", "1234567890"))),
      write("text of 11 bytes", 1, instead(texts("title", "12345678901"))),
      write("text of 12 bytes, 6 characters", 1, instead(texts("title", "üüüüüü"))),
      write("text for a number", 1, instead(texts("n", "a"))),
      write("a number for text", 1, instead(longs("title", 1))),
      write("Int64 for Int8", 1, instead(longs("n", 1))),
      write("Int32 for Int8", 1, instead(ints("n", "Int32", 1))),
      write("type says Int8, data is long", 1, instead({ ...longs("n", 1), type: "Int8" })),
      write("128 for Int8", 1, instead(ints("n", "Int8", 128))),
      write("-129 for Int8", 1, instead(ints("n", "Int8", -129))),
      write("text for the key", 1, instead(texts("id", "a"))),
      write("JSON that is none", 1, instead(json("j", false, "{"))),
      write("JSON of a list", 1, instead(json("j", false, "[]"))),
      write("JSON of nothing", 1, instead(json("j", false, ""))),
      write("dynamic that is no JSON", 1, instead(json("", true, "{"))),
      write("dynamic that is a list", 1, instead(json("", true, "[]"))),
      write("dynamic with the name of a field", 1, instead(json("", true, '{"title":"x"}'))),
      write("dynamic with $meta", 1, instead(json("", true, '{"$meta":1}'))),
      write("dynamic with __proto__", 1, instead(json("", true, '{"__proto__":1,"constructor":2}'))),
      write("a partition that is none", 1, row, { partition_name: "nowhere" }),
      write("a partition called constructor", 1, row, { partition_name: "constructor" }),
      write("a partition with an odd name", 1, row, { partition_name: "a b" }),
      write("without vector data", 1, instead({ field_name: "vector", type: "FloatVector" })),
      write("without scalar data", 1, instead({ field_name: "title", type: "VarChar" })),
      write("no name", 1, [...without("title"), { ...texts("title", "a"), field_name: "" }]),
    ]),
    insert("dynamic where there is none", 1, [longs("id", 1), vectors([1, 0, 0, 0]), json("", true, "{}")], {
      collection_name: "rows_strict",
    }),
    insert("a field that is none, not dynamic", 1, [longs("id", 1), vectors([1, 0, 0, 0]), ints("x", "Int8", 1)], {
      collection_name: "rows_strict",
    }),
    insert("automatic", 1, [vectors([1, 0, 0, 0])], { collection_name: "rows_auto" }),
    insert("automatic, given", 1, [longs("id", 1), vectors([1, 0, 0, 0])], { collection_name: "rows_auto" }),
    upsert("automatic", 1, [vectors([1, 0, 0, 0])], { collection_name: "rows_auto" }),
    upsert("automatic, given", 1, [longs("id", 1), vectors([1, 0, 0, 0])], { collection_name: "rows_auto" }),
    insert("by partition key", 1, [longs("id", 1), longs("p", 1), vectors([1, 0, 0, 0])], {
      collection_name: "rows_keyed",
    }),
    insert("a partition beside a key", 1, [longs("id", 1), longs("p", 1), vectors([1, 0, 0, 0])], {
      collection_name: "rows_keyed",
      partition_name: "_default_0",
    }),
    insert("no partition key", 1, [longs("id", 1), vectors([1, 0, 0, 0])], { collection_name: "rows_keyed" }),
    insert("binary", 1, [longs("id", 1), bits(16, 1, 2)], { collection_name: "rows_binary" }),
    insert("binary of 8", 1, [longs("id", 1), bits(8, 1)], { collection_name: "rows_binary" }),
    insert("binary that lies", 1, [longs("id", 1), bits(16, 1)], { collection_name: "rows_binary" }),
    ...[["a"], ["a", "b"], ["a", "b", "c"], ["long"], []].map((data) =>
      insert(`an array of ${data}`, 1, [longs("id", 1), vectors([1, 0, 0, 0]), {
        field_name: "a",
        type: "Array",
        scalars: { array_data: { element_type: "VarChar", data: [{ string_data: { data } }] } },
      }], { collection_name: "rows_array" })
    ),
    insert("an array of numbers for text", 1, [longs("id", 1), vectors([1, 0, 0, 0]), {
      field_name: "a",
      type: "Array",
      scalars: { array_data: { element_type: "Int64", data: [{ long_data: { data: [1] } }] } },
    }], { collection_name: "rows_array" }),
    // Not loaded.
    call("not loaded, keys", "Delete", { collection_name: "rows_strict", expr: "id in [1]" }),
    call("not loaded, condition", "Delete", { collection_name: "rows_strict", expr: "id > 1" }),
    call("not loaded", "Query", { collection_name: "rows_strict", expr: "id > 1" }),
    { name: "Search: not loaded", run: (server) => search(server, { collection_name: "rows_strict" }) },
    {
      name: "Search: not loaded, an unknown field",
      run: (server) => search(server, { collection_name: "rows_strict", params: { anns_field: "nowhere" } }),
    },
  ],
}

const exprs = [
  "id",
  "id ==",
  "id = 1",
  "id == 'a'",
  "id == 1.5",
  "id in ['a']",
  "id in [1, 'a']",
  "id in [1, 2.5]",
  "id in 1",
  "id in",
  "(id == 1",
  "id == 1)",
  "id == 1 id == 2",
  "nowhere2 == 1 and",
  "title == 1",
  "title == 'a",
  'title == "a',
  "title > 1",
  "title in [1]",
  "title like 1",
  "n like 'a%'",
  "n == 'a'",
  "n > 1.5",
  "n == true",
  "true",
  "1",
  "'a'",
  "1 < 2",
  "1 + 1 == 2",
  "not n == 1",
  "not (n == 1)",
  "!n",
  "n + 1",
  "n + 1 > 2",
  "n + n == 2",
  "title + 1 == 2",
  "1 < n < 3",
  "1 < n > 3",
  "3 > n > 1",
  "vector == 1",
  "vector in [1]",
  "j == 1",
  "j['a'] == 1",
  "j['a'] > 'b'",
  "j[a] == 1",
  "j['a'",
  "json_contains(j['a'], 1)",
  "json_contains(n, 1)",
  "json_contains(j['a'])",
  "array_contains(n, 1)",
  "array_length(n) == 1",
  "array_length(j['a']) == 1",
  "exists j['a']",
  "exists n",
  "exists j",
  "color == 'red'",
  "color == 1",
  "color",
  "$meta['color'] == 'red'",
  "$meta == 1",
  "nonsense(n)",
  "n === 1",
  "n <> 1",
  "n is null",
  "n == null",
  "n == {x}",
  "id in {x}",
  "n;",
  "; drop",
  "n == 1 -- x",
  "n == 1 /* x */",
  "title == 'a' || title == \"b\" && n == 1",
  "n ** 2 == 4",
  "~n == 1",
  "n & 1 == 1",
  "n << 1 == 2",
  "n == 99999999999999999999",
  "id == 9223372036854775808",
  "n == 300",
  "n in [300]",
  "n not in [1]",
  "n NOT IN [1]",
  "n IN [1]",
  "n == 1 AND n == 2",
  "n == 1 OR n == 2",
  "NOT (n == 1)",
  "title LIKE 'a%'",
  "title like '%a'",
  "title like '%a%'",
  "title like 'a_b'",
  "title like 'a'",
  "title like ''",
  "title like '%'",
  "text_match(title, 'a')",
  "random_sample(0.1)",
  "`n` == 1",
  "constructor == 1",
  "__proto__ == 1",
  "toString == 1",
  `${"(".repeat(40)}n == 1${")".repeat(40)}`,
  `${"not (".repeat(20)}n == 1${")".repeat(20)}`,
]

const queries: Lane = {
  name: "queries and searches",
  prepare: async (server) => {
    await create(server, "found", fields, { enable_dynamic_field: true })
    await create(server, "found_strict", [id, vector, title])
    await Promise.all([ready(server, "found", "L2"), ready(server, "found_strict", "L2")])
    await server.call("Insert", { collection_name: "found", num_rows: 1, fields_data: row })
    // Until the row is visible: Milvus evaluates conditions without fields, and refuses them, only if there are rows.
    await server.call("Query", { collection_name: "found", expr: "id > 0", consistency_level: "Strong" })
  },
  cases: [
    ...exprs.flatMap((expr) => [
      call(`filter ${expr.slice(0, 60)}`, "Query", {
        collection_name: "found",
        expr,
        consistency_level: "Eventually",
        output_fields: ["id"],
      }),
    ]),
    ...["nowhere == 1", "$meta['a'] == 1", "title == 'a'", "constructor == 1"].map((expr) =>
      call(`strict filter ${expr}`, "Query", { collection_name: "found_strict", expr })
    ),
    ...[
      "",
      " ",
      "id",
      "id ==",
      "id > 1",
      "id in []",
      "id in [1]",
      "id == 1",
      "title == 'a'",
      "nowhere == ",
      "true",
      "id in ['a']",
      "id not in [1]",
      "n > 1",
      "j['a'] == 1",
      "color == 1",
    ].flatMap(
      (expr) => [
        call(`"${expr}"`, "Delete", { collection_name: "found", expr }),
      ],
    ),
    call("unknown partition", "Delete", { collection_name: "found", expr: "id in [1]", partition_name: "nowhere" }),
    call("unknown field", "Delete", { collection_name: "found_strict", expr: "nowhere == 1" }),
    ...([
      ["no filter", {}],
      ["no filter, blank", { expr: "  " }],
      ["no filter, limit", { query_params: pairs({ limit: "1" }) }],
      ["no filter, count", { output_fields: ["count(*)"] }],
      ["no filter, count in capitals", { output_fields: ["COUNT(*)"] }],
      ["count and a field", { output_fields: ["count(*)", "id"], expr: "id > 0" }],
      ["count with limit", { output_fields: ["count(*)"], expr: "id > 0", query_params: pairs({ limit: "1" }) }],
      ["count with offset", { output_fields: ["count(*)"], expr: "id > 0", query_params: pairs({ offset: "1" }) }],
      ["an unknown field", { output_fields: ["nowhere"], expr: "id > 0" }],
      ["every field", { output_fields: ["*"], expr: "id > 0" }],
      ["a field and all", { output_fields: ["*", "title"], expr: "id > 0" }],
      ["the vector", { output_fields: ["vector"], expr: "id > 0" }],
      ["a field twice", { output_fields: ["title", "title"], expr: "id > 0" }],
      ["a nameless field", { output_fields: [""], expr: "id > 0" }],
      ["$meta", { output_fields: ["$meta"], expr: "id > 0" }],
      ["%", { output_fields: ["%"], expr: "id > 0" }],
      ["constructor", { output_fields: ["constructor"], expr: "id > 0" }],
      ["a partition that is none", { expr: "id > 0", partition_names: ["nowhere"] }],
      ["a partition called constructor", { expr: "id > 0", partition_names: ["constructor"] }],
      ["a partition with an odd name", { expr: "id > 0", partition_names: ["a b"] }],
      ["a partition without a name", { expr: "id > 0", partition_names: [""] }],
      ["a partition twice", { expr: "id > 0", partition_names: ["_default", "_default"] }],
      ["an unknown parameter", { expr: "id > 0", query_params: pairs({ nonsense: "1" }) }],
      ["consistency 7", { expr: "id > 0", consistency_level: 7 as unknown as "Strong" }],
      ["offset without limit", { expr: "id > 0", query_params: pairs({ offset: "1" }) }],
    ] as ReadonlyArray<readonly [string, Request<"Query">]>).flatMap(([name, request]) =>
      ["found", "found_strict"].map((collection_name) =>
        call(`${collection_name}: ${name}`, "Query", { collection_name, consistency_level: "Eventually", ...request })
      )
    ),
    ...["-1", "0", "1", "16384", "16385", "x", "", "1.5", "99999999999"].flatMap((limit) => [
      call(`limit "${limit}"`, "Query", {
        collection_name: "found",
        expr: "id > 0",
        consistency_level: "Eventually",
        query_params: pairs({ limit }),
      }),
      call(`offset "${limit}", limit 1`, "Query", {
        collection_name: "found",
        expr: "id > 0",
        consistency_level: "Eventually",
        query_params: pairs({ limit: "1", offset: limit }),
      }),
    ]),
  ],
}

const searched = (name: string, input: Omit<SearchInput, "collection_name">, collection_name = "near"): Case => ({
  name: `Search: ${collection_name}: ${name}`,
  run: (server) => search(server, { collection_name, ...input }),
})

/** Parameters of a search in an index. */
const within = (params: object) => ({ params: { params: JSON.stringify(params) } })

const searches: Lane = {
  name: "searches",
  prepare: async (server) => {
    for (const name of ["near", "near_ip", "near_cosine", "near_hnsw", "near_ivf"]) {
      await create(server, name, fields, { enable_dynamic_field: true })
      await fill(server, name, many(vectors(...some((at) => [at / count, 1, 0, 0]))))
    }
    await create(server, "near_strict", [id, vector])
    await fill(server, "near_strict", [
      longs("id", ...some((at) => at)),
      vectors(...some((at) => [at / count, 1, 0, 0])),
    ])
    await create(server, "near_empty", [id, vector])
    await create(server, "near_binary", [id, field("vector", "BinaryVector", { dim: "16" })])
    await fill(server, "near_binary", [
      longs("id", ...some((at) => at)),
      bits(16, ...some((at) => [at & 255, at >> 8]).flat()),
    ])
    await flush(server, ["near", "near_ip", "near_cosine", "near_hnsw", "near_ivf", "near_strict", "near_binary"])
    await Promise.all([
      ready(server, "near", "L2"),
      ready(server, "near_strict", "L2"),
      ready(server, "near_empty", "L2"),
      ready(server, "near_ip", "IP"),
      ready(server, "near_cosine", "COSINE"),
      ready(server, "near_ivf", "L2", "IVF_FLAT"),
      ready(server, "near_binary", "HAMMING", "BIN_FLAT"),
      ready(server, "near_hnsw", "L2", "HNSW"),
    ])
  },
  cases: [
    searched("plain", {}),
    ...["-1", "0", "1", "16384", "16385", "x", "", "1.5", "99999999999"].flatMap((topk) => [
      searched(`topk "${topk}"`, { params: { topk } }),
      searched(`offset "${topk}"`, { params: { offset: topk } }),
    ]),
    searched("offset 1, topk 16384", { params: { offset: "1", topk: "16384" } }),
    searched("offset 1, topk 16383", { params: { offset: "1", topk: "16383" } }),
    ...["L2", "IP", "COSINE", "HAMMING", "NONSENSE", "l2", ""].flatMap((metric_type) =>
      ["near", "near_ip", "near_cosine"].map((collection) =>
        searched(`metric "${metric_type}"`, { params: { metric_type } }, collection)
      )
    ),
    ...["HAMMING", "JACCARD", "L2", "hamming"].map((metric_type) =>
      searched(
        `metric ${metric_type}`,
        { params: { metric_type }, type: "BinaryVector", values: [new Uint8Array(2)] },
        "near_binary",
      )
    ),
    ...["nowhere", "id", "title", "j", "$meta", "", "constructor", "__proto__"].map((anns_field) =>
      searched(`field "${anns_field}"`, { params: { anns_field } })
    ),
    ...["nowhere", "*", "vector", "", "$meta", "count(*)", "%", "constructor", "__proto__"].flatMap((name) => [
      searched(`output "${name}"`, { request: { output_fields: [name] } }),
      searched(`output "${name}"`, { request: { output_fields: [name] } }, "near_strict"),
    ]),
    ...["-1", "0", "6", "7", "-2", "x", "1.5", ""].map((round_decimal) =>
      searched(`round "${round_decimal}"`, { params: { round_decimal } })
    ),
    searched("no vector", { values: [] }),
    searched("another dimension", { values: [floats(1, 0, 0)] }),
    searched("a greater dimension", { values: [floats(1, 0, 0, 0, 0)] }),
    searched("no bytes", { values: [new Uint8Array()] }),
    searched("3 bytes", { values: [new Uint8Array(3)] }),
    searched("NaN", { values: [floats(1, NaN, 0, 0)] }),
    searched("Infinity", { values: [floats(1, Infinity, 0, 0)] }),
    searched("two dimensions", { values: [floats(1, 0, 0, 0), floats(1, 0, 0)] }),
    searched(
      "16384 queries",
      { values: new Array(16_384).fill(floats(1, 0, 0, 0)), params: { topk: "1" } },
      "near_empty",
    ),
    searched(
      "16385 queries",
      { values: new Array(16_385).fill(floats(1, 0, 0, 0)), params: { topk: "1" } },
      "near_empty",
    ),
    searched("nq is less", { values: [floats(1, 0, 0, 0), floats(1, 0, 0, 0)], request: { nq: 1 } }),
    searched("nq is 0", { request: { nq: 0 } }),
    searched("nq is 2", { request: { nq: 2 } }),
    searched("binary in float", { type: "BinaryVector", values: [new Uint8Array(2)] }),
    searched("float in binary", {}, "near_binary"),
    searched("sparse in float", { type: "SparseFloatVector", values: [new Uint8Array(8)] }),
    searched("binary of 8", { type: "BinaryVector", values: [new Uint8Array(1)] }, "near_binary"),
    searched("params: none", { params: { params: "" } }),
    searched("params: no JSON", { params: { params: "{" } }),
    searched("params: a list", { params: { params: "[]" } }),
    searched("params: null", { params: { params: "null" } }),
    searched("params: a number", { params: { params: "1" } }),
    searched("params: unknown", within({ nonsense: 1 })),
    searched("an unknown parameter", { params: { nonsense: "1" } }),
    ...[undefined, 0, 1, 16, 65536, 65537, -1, 1.5, "x", "8", null].map((nprobe) =>
      searched(`nprobe ${JSON.stringify(nprobe)}`, within({ nprobe }), "near_ivf")
    ),
    ...[undefined, 0, 1, 2, 3, 64, 32768, 32769, -1, 1.5, "x", "64", null].map((ef) =>
      searched(`ef ${JSON.stringify(ef)}`, within({ ef }), "near_hnsw")
    ),
    searched("ef 3, topk 5", { params: { topk: "5", params: '{"ef":3}' } }, "near_hnsw"),
    searched("ef 5, offset 3", { params: { topk: "3", offset: "3", params: '{"ef":5}' } }, "near_hnsw"),
    ...["near", "near_ip", "near_cosine", "near_hnsw", "near_ivf"].flatMap((collection) => [
      searched("radius 0, range_filter 1", within({ radius: 0, range_filter: 1, ef: 16 }), collection),
      searched("radius 1, range_filter 0", within({ radius: 1, range_filter: 0, ef: 16 }), collection),
      searched("radius 1, range_filter 1", within({ radius: 1, range_filter: 1, ef: 16 }), collection),
      searched("radius -1, range_filter -2", within({ radius: -1, range_filter: -2, ef: 16 }), collection),
      searched("radius -2, range_filter -1", within({ radius: -2, range_filter: -1, ef: 16 }), collection),
      searched("radius 1", within({ radius: 1, ef: 16 }), collection),
      searched("range_filter 1", within({ range_filter: 1, ef: 16 }), collection),
      searched('radius "x"', within({ radius: "x", ef: 16 }), collection),
      searched('radius "1"', within({ radius: "1", ef: 16 }), collection),
      searched("radius null", within({ radius: null, ef: 16 }), collection),
      searched('range_filter "x"', within({ radius: 1, range_filter: "x", ef: 16 }), collection),
    ]),
    searched("radius 1, range_filter 2", {
      ...within({ radius: 1, range_filter: 2 }),
      type: "BinaryVector",
      values: [new Uint8Array(2)],
    }, "near_binary"),
    searched("radius 2, range_filter 1", {
      ...within({ radius: 2, range_filter: 1 }),
      type: "BinaryVector",
      values: [new Uint8Array(2)],
    }, "near_binary"),
    ...["nowhere", "a b", "", "constructor"].map((partition) =>
      searched(`partition "${partition}"`, { request: { partition_names: [partition] } })
    ),
    ...["id >", "nowhere == 1", "title == 1", "vector == 1", "n", "title == 'a"].flatMap((dsl) => [
      searched(`filter ${dsl}`, { request: { dsl } }, "near"),
      searched(`filter ${dsl}`, { request: { dsl } }, "near_strict"),
    ]),
    searched("consistency 7", { request: { consistency_level: 7 as unknown as "Strong" } }),
    searched("an unknown collection", {}, "nowhere"),
    ...["nowhere", "title", "n", "vector", "j", "id", "color", ""].map((group_by_field) =>
      searched(`group by "${group_by_field}"`, { params: { group_by_field } })
    ),
    {
      name: "Search: near: not a placeholder group",
      run: (server) =>
        search(server, { collection_name: "near", request: { placeholder_group: new Uint8Array([255, 255]) } }),
    },
    {
      name: "Search: near: no placeholders",
      run: (server) => search(server, { collection_name: "near", request: { placeholder_group: new Uint8Array() } }),
    },
    ...["topk", "params", "anns_field", "metric_type"].map((missing): Case => ({
      name: `Search: near: without ${missing}`,
      run: (server) => {
        const given = { anns_field: "vector", topk: "3", params: "{}", metric_type: "L2" }
        return search(server, {
          collection_name: "near",
          request: { search_params: pairs(given).filter(({ key }) => key !== missing) },
        })
      },
    })),
  ],
}

export const rows: ReadonlyArray<Lane> = [writes, queries, searches]
