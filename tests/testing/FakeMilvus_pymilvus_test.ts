/** pymilvus's own client against a FakeMilvus: what it writes is read as it should be, and what it gets it understands. */
import { assertEquals } from "@std/assert"
import * as Effect from "effect/Effect"
import * as FakeMilvus from "../../src/testing/FakeMilvus.ts"
import { run } from "../support/effects.ts"
import { assertNothingOpen } from "../support/leaks.ts"
import { pythonWith } from "../support/python.ts"
import { test } from "../support/test.ts"

/** Connects as `client`, runs, and gives the lines that were printed as JSON. */
const python = async (address: string, script: string): Promise<ReadonlyArray<unknown>> => {
  const prelude = `
import grpc, json, sys
import numpy as np
from pymilvus import DataType, MilvusClient, MilvusException
client = MilvusClient(uri="http://" + sys.argv[1], token="root:Milvus")
def show(value):
    print(json.dumps(value, default=lambda it: it.decode("latin1") if isinstance(it, bytes) else it.tolist() if hasattr(it, "tolist") else list(it)))
def refused(run):
    try:
        show(["not refused", run()])
    except MilvusException as error:
        show([error.code, error.message.split("[")[0]])
`
  const child = new Deno.Command(await pythonWith("milvus-lite"), {
    args: ["-c", `${prelude}\n${script}\nclient.close()`, address],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn()
  const impatience = setTimeout(() => child.kill("SIGKILL"), 60_000)
  const { code, stdout, stderr } = await child.output().finally(() => clearTimeout(impatience))
  const [printed, errors] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes))
  assertEquals(code, 0, errors)
  return printed!.trim().split("\n").map((line) => JSON.parse(line))
}

const pymilvusTest = (
  name: string,
  script: string,
  expected: ReadonlyArray<unknown>,
  options?: FakeMilvus.Options,
) =>
  test(name, async () => {
    const fake = await run(Effect.gen(function* () {
      const fake = yield* FakeMilvus.make(options)
      assertEquals(yield* Effect.promise(() => python(fake.address, script)), expected)
      return fake
    }))
    await assertNothingOpen(fake)
  })

pymilvusTest(
  "pymilvus: the quick setup, rows, search and query",
  `
client.create_collection("books", dimension=2)
show(client.list_collections())
show(client.has_collection("books"))
show(client.has_collection("films"))
show(client.insert("books", [
    {"id": 1, "vector": [1, 0], "title": "Emma", "year": 1815},
    {"id": 2, "vector": [0, 1], "title": "Ulysses"},
    {"id": 3, "vector": [0.6, 0.8], "year": 1925},
]))
show(client.search("books", data=[[1, 0], [0, 2]], limit=2, output_fields=["title"]))
show(client.search("books", data=[[1, 0]], limit=1, offset=1, filter="id > 1", output_fields=["*"]))
show(client.query("books", filter="id in [3, 1]", output_fields=["title", "year"]))
show(client.query("books", ids=[2]))
show(client.query("books", filter="id > {least}", filter_params={"least": 1}, output_fields=["id"]))
show(client.query("books", filter="", limit=1, offset=1, output_fields=["id"]))
show(client.query("books", output_fields=["count(*)"]))
show(client.get("books", ids=[1, 77], output_fields=["vector"]))
show(client.upsert("books", [{"id": 1, "vector": [0, 1], "title": "Emma, again"}, {"id": 4, "vector": [1, 1]}]))
show(client.query("books", ids=[1, 4], output_fields=["title"]))
show(client.delete("books", ids=[2, 3]))
show(client.delete("books", filter="id > 3"))
show(client.get_collection_stats("books"))
client.flush("books")
client.rename_collection("books", "novels")
show(client.list_collections())
client.drop_collection("novels")
show(client.has_collection("novels"))
`,
  [
    ["books"],
    true,
    false,
    { insert_count: 3, ids: [1, 2, 3], cost: 0 },
    [
      [{ id: 1, distance: 1, entity: { title: "Emma" } }, { id: 3, distance: 0.6000000238418579, entity: {} }],
      [{ id: 2, distance: 1, entity: { title: "Ulysses" } }, { id: 3, distance: 0.800000011920929, entity: {} }],
    ],
    [[{ id: 2, distance: 0, entity: { id: 2, vector: [0, 1], title: "Ulysses" } }]],
    [{ id: 1, title: "Emma", year: 1815 }, { id: 3, year: 1925 }],
    [{ id: 2, vector: [0, 1], title: "Ulysses" }],
    [{ id: 2 }, { id: 3 }],
    [{ id: 2 }],
    [{ "count(*)": 3 }],
    [{ id: 1, vector: [1, 0] }],
    { upsert_count: 2, ids: [1, 4], cost: 0 },
    [{ id: 1, title: "Emma, again" }, { id: 4 }],
    { delete_count: 2, cost: 0 },
    { delete_count: 1, cost: 0 },
    { row_count: 1 },
    ["novels"],
    false,
  ],
)

/** What the rows below have in common. */
const book = {
  tiny: -8,
  small: 300,
  int: -70000,
  long: 2 ** 60,
  float: 0.5,
  double: 0.1,
  json: { a: [1] },
  tags: ["x", "y"],
}

pymilvusTest(
  "pymilvus: a schema of many types, with nulls and defaults",
  `
schema = MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
schema.add_field("isbn", DataType.VARCHAR, is_primary=True, max_length=20)
schema.add_field("vector", DataType.FLOAT_VECTOR, dim=2)
schema.add_field("flag", DataType.BOOL)
schema.add_field("tiny", DataType.INT8)
schema.add_field("small", DataType.INT16)
schema.add_field("int", DataType.INT32)
schema.add_field("long", DataType.INT64)
schema.add_field("float", DataType.FLOAT)
schema.add_field("double", DataType.DOUBLE)
schema.add_field("json", DataType.JSON)
schema.add_field("tags", DataType.ARRAY, element_type=DataType.VARCHAR, max_capacity=2, max_length=10)
schema.add_field("note", DataType.VARCHAR, max_length=10, nullable=True)
schema.add_field("stars", DataType.INT64, default_value=3)
index = client.prepare_index_params()
index.add_index("vector", index_type="HNSW", metric_type="L2", params={"M": 8, "efConstruction": 64})
client.create_collection("books", schema=schema, index_params=index)
row = {
    "isbn": 'a"b', "vector": [1, 0], "flag": True, "tiny": -8, "small": 300, "int": -70000, "long": 2**60,
    "float": 0.5, "double": 0.1, "json": {"a": [1]}, "tags": ["x", "y"], "note": None, "stars": 5,
}
other = dict(row, isbn="c", flag=False, note="n", vector=[3, 4])
del other["stars"]
show(client.insert("books", [row])["ids"])
show(client.insert("books", [other, dict(other, isbn="d")])["insert_count"])
show(client.query("books", ids=['a"b', "c"]))
show(client.search("books", data=[[0, 0]], limit=3, output_fields=["note", "stars", "tags", "json"]))
show(client.query("books", filter="isbn >= 'c'", output_fields=["isbn"]))
show(client.delete("books", ids=["c"]))
show(client.query("books", filter="isbn != 'x'", output_fields=["isbn"]))
show([[f["name"], f["type"].name, f["field_id"]] for f in client.describe_collection("books")["fields"][:3]])
show(client.list_indexes("books"))
show({k: v for k, v in client.describe_index("books", "vector").items() if k != "index_id"})
refused(lambda: client.insert("books", [dict(row, tags=["1", "2", "3"])]))
refused(lambda: client.insert("books", [dict(row, isbn="x" * 21)]))
refused(lambda: client.insert("books", [dict(row, tiny=300)]))
refused(lambda: client.insert("books", [{k: v for k, v in row.items() if k != "long"}]))
refused(lambda: client.insert("books", [dict(row, vector=[1, 2, 3])]))
refused(lambda: client.search("books", data=[[1, 2, 3]], limit=1))
refused(lambda: client.query("books", filter="long > 'a'"))
refused(lambda: client.query("films", filter="long > 'a'"))
`,
  [
    ['a"b'],
    2,
    [{ ...book, isbn: 'a"b', vector: [1, 0], flag: true, note: null, stars: 5 }, {
      ...book,
      isbn: "c",
      vector: [3, 4],
      flag: false,
      note: "n",
      stars: 3,
    }],
    [[
      { isbn: 'a"b', distance: 1, entity: { note: null, stars: 5, tags: ["x", "y"], json: { a: [1] } } },
      { isbn: "c", distance: 25, entity: { note: "n", stars: 3, tags: ["x", "y"], json: { a: [1] } } },
      { isbn: "d", distance: 25, entity: { note: "n", stars: 3, tags: ["x", "y"], json: { a: [1] } } },
    ]],
    [{ isbn: "c" }, { isbn: "d" }],
    { delete_count: 1, cost: 0 },
    [{ isbn: 'a"b' }, { isbn: "d" }],
    [["isbn", "VARCHAR", 100], ["vector", "FLOAT_VECTOR", 101], ["flag", "BOOL", 102]],
    ["vector"],
    {
      M: "8",
      efConstruction: "64",
      metric_type: "L2",
      index_type: "HNSW",
      field_name: "vector",
      index_name: "vector",
      total_rows: 2,
      indexed_rows: 2,
      pending_index_rows: 0,
      state: "Finished",
    },
    [1100, "the length (3) of 0th array exceeds max capacity (2): invalid parameter"],
    [1100, "the length (21) of 0th string exceeds max length (20): invalid parameter"],
    [1100, "the 0th element (300) of field tiny out of range: "],
    // By pymilvus itself.
    [1, "Insert missed an field `long` to collection without set nullable==true or set default_value"],
    [65535, "the dim (3) of field data(vector) is not equal to schema dim (2)"],
    [65535, "vector dimension mismatch, expected vector size(byte) 8, actual 12"],
    [65535, "cannot parse expression: long > 'a', error: cannot cast value to Int64"],
    [100, "collection not found"],
  ],
)

pymilvusTest(
  "pymilvus: keys that Milvus gives, partitions, aliases, databases, loading",
  `
client.create_collection("books", dimension=2, auto_id=True, metric_type="IP")
ids = client.insert("books", [{"vector": [1, 0]}, {"vector": [0, 1]}])["ids"]
show([ids[1] - ids[0], ids[0] > 2**58])
show([row["id"] == ids[1] for row in client.get("books", ids=ids[1])])
client.create_partition("books", "old")
show(client.list_partitions("books"))
show(client.insert("books", [{"vector": [2, 0], "n": 1}], partition_name="old")["insert_count"])
show([[hit["distance"], hit["entity"]] for hit in client.search("books", data=[[1, 0]], limit=5, partition_names=["old"], output_fields=["n"])[0]])
show(client.query("books", partition_names=["_default"], output_fields=["count(*)"]))
show(client.get_partition_stats("books", "old"))
refused(lambda: client.drop_partition("books", "old"))
client.release_partitions("books", ["old"])
client.drop_partition("books", "old")
show(client.has_partition("books", "old"))
show(client.query("books", output_fields=["count(*)"]))
client.create_alias("books", "current")
show([client.describe_alias("current")["collection_name"], client.list_aliases("books")["aliases"]])
show(client.query("current", output_fields=["count(*)"]))
show(client.describe_collection("current")["collection_name"])
client.drop_alias("current")
refused(lambda: client.describe_alias("current"))
show(client.get_load_state("books")["state"].name)
client.release_collection("books")
show(client.get_load_state("books")["state"].name)
refused(lambda: client.query("books", filter="id > 0"))
client.drop_index("books", "vector")
refused(lambda: client.load_collection("books"))
client.create_database("library")
show(client.list_databases())
client.use_database("library")
show(client.list_collections())
client.create_collection("films", dimension=2)
show(client.list_collections())
client.use_database("default")
refused(lambda: client.drop_database("library"))
refused(lambda: client.use_database("nowhere") or client.list_collections())
`,
  [
    [1, true],
    [true],
    ["_default", "old"],
    1,
    [[2, { "n": 1 }]],
    [{ "count(*)": 2 }],
    { "row_count": 1 },
    [65535, "partition cannot be dropped, partition is loaded, please release it first"],
    false,
    [{ "count(*)": 2 }],
    ["books", ["current"]],
    [{ "count(*)": 2 }],
    "books",
    [1600, "alias not found"],
    "Loaded",
    "NotLoad",
    [101, "collection not loaded"],
    [700, "index not found"],
    ["default", "library"],
    [],
    ["films"],
    [65535, "database:library not empty, must drop all collections before drop database"],
    [800, "database not found"],
  ],
)

pymilvusTest(
  "pymilvus: vectors of every kind",
  `
schema = MilvusClient.create_schema()
schema.add_field("id", DataType.INT64, is_primary=True)
schema.add_field("bits", DataType.BINARY_VECTOR, dim=16)
schema.add_field("half", DataType.FLOAT16_VECTOR, dim=2)
schema.add_field("brain", DataType.BFLOAT16_VECTOR, dim=2)
schema.add_field("sparse", DataType.SPARSE_FLOAT_VECTOR)
schema.add_field("bytes", DataType.INT8_VECTOR, dim=2)
index = client.prepare_index_params()
index.add_index("bits", index_type="BIN_FLAT", metric_type="HAMMING")
index.add_index("half", index_type="FLAT", metric_type="L2")
index.add_index("brain", index_type="FLAT", metric_type="IP")
index.add_index("sparse", index_type="SPARSE_INVERTED_INDEX", metric_type="IP")
index.add_index("bytes", index_type="HNSW", metric_type="COSINE")
client.create_collection("books", schema=schema, index_params=index)
def brain(values):
    return (np.array(values, dtype=np.float32).view(np.uint32) >> 16).astype(np.uint16).tobytes()
client.insert("books", [
    {"id": 1, "bits": bytes([0b11110000, 1]), "half": np.array([1, 0.5], dtype=np.float16), "brain": brain([1, 2]), "sparse": {1: 0.5, 9: 2.0}, "bytes": np.array([1, -1], dtype=np.int8)},
    {"id": 2, "bits": bytes([0, 1]), "half": np.array([-2, 0], dtype=np.float16), "brain": brain([-1, 0.5]), "sparse": {1: 3.0}, "bytes": np.array([0, 100], dtype=np.int8)},
])
def search(field, query):
    hits = client.search("books", data=[query], anns_field=field, limit=2, output_fields=[field] if field == "sparse" else [])
    show([[hit["id"], hit["distance"], hit["entity"]] for hit in hits[0]])
search("bits", bytes([0b11000000, 1]))
search("half", np.array([1, 0], dtype=np.float16))
search("brain", brain([2, 2]))
search("sparse", {9: 1.0, 4: 7.0})
search("bytes", np.array([0, 1], dtype=np.int8))
[row] = client.get("books", ids=[2])
show([row["sparse"]] + [row[name][0].hex() for name in ["bits", "half", "brain", "bytes"]])
`,
  [
    [[1, 2, {}], [2, 2, {}]],
    [[1, 0.25, {}], [2, 9, {}]],
    [[1, 6, {}], [2, -1, {}]],
    [[1, 2, { "sparse": { "1": 0.5, "9": 2 } }]],
    [[2, 1, {}], [1, -0.7071067690849304, {}]],
    [{ "1": 3 }, "0001", "00c00000", "80bf003f", "0064"],
  ],
)

pymilvusTest(
  "pymilvus: iterators, ranges, and what FakeMilvus does not support",
  `
client.create_collection("books", dimension=2, metric_type="L2")
client.insert("books", [{"id": n, "vector": [n, 0]} for n in range(5)])
iterator = client.query_iterator("books", batch_size=2, output_fields=["id"])
pages = []
while page := iterator.next():
    pages.append([row["id"] for row in page])
iterator.close()
show(pages)
hits = client.search("books", data=[[0, 0]], limit=5, search_params={"params": {"radius": 10, "range_filter": 1}})
show([[hit["id"], hit["distance"]] for hit in hits[0]])
iterator = client.search_iterator("books", data=[[0, 0]], batch_size=2, limit=5)
pages = []
while page := iterator.next():
    pages.append([[hit["id"], hit["distance"]] for hit in page])
iterator.close()
show(pages)
refused(lambda: client.search("books", data=[[0, 0]], group_by_field="id"))
refused(lambda: client.search("books", data=[[0, 0]], search_params={"metric_type": "IP"}))
refused(lambda: client.upsert("books", [{"id": 1, "vector": [1, 1]}], partial_update=True))
`,
  [
    [[0, 1], [2, 3], [4]],
    [[1, 1], [2, 4], [3, 9]],
    [[[0, 0], [1, 1]], [[2, 4], [3, 9]], [[4, 16]]],
    [
      1100,
      'FakeMilvus does not support the search parameter "group_by_field": give the RPC a handler, or use a real Milvus',
    ],
    [65535, "metric type not match: expected=L2, actual=IP"],
    [1100, "FakeMilvus does not support partial updates: give the RPC a handler, or use a real Milvus"],
  ],
)

pymilvusTest(
  "pymilvus: credentials, users, roles and privileges",
  `
def connects(user, password):
    try:
        other = MilvusClient(uri="http://" + sys.argv[1], user=user, password=password, timeout=5)
        other.list_users()
        other.close()
        show("connected")
    except grpc.RpcError as error:
        show(error.code().name)
client.create_user("ann", "first one")
refused(lambda: client.create_user("ann", "another one"))
connects("ann", "first one")
client.update_password("ann", "first one", "second one")
connects("ann", "first one")
connects("ann", "second one")
client.create_role("reader")
client.grant_role("ann", "reader")
client.grant_privilege("reader", "Collection", "Query", "books")
show(client.list_users())
show(client.list_roles())
show(client.describe_user("ann"))
show(client.describe_role("reader"))
refused(lambda: client.drop_role("reader"))
client.drop_role("reader", force_drop=True)
show(client.describe_user("ann")["roles"])
client.drop_user("ann")
connects("ann", "second one")
refused(lambda: client.drop_user("root"))
`,
  [
    [65535, "user already exists: ann"],
    "connected",
    "UNAUTHENTICATED",
    "connected",
    ["ann", "root"],
    ["admin", "public", "reader"],
    { user_name: "ann", roles: ["reader"], description: "" },
    {
      role: "reader",
      privileges: [{
        db_name: "default",
        grantor_name: "root",
        object_name: "books",
        object_type: "Collection",
        privilege: "Query",
        role_name: "reader",
      }],
      description: "",
    },
    [65535, "fail to drop the role that it has privileges. Use REVOKE API to revoke privileges"],
    [],
    "UNAUTHENTICATED",
    [1401, "root user cannot be deleted: privilege not permitted"],
  ],
  { authorization: true },
)

pymilvusTest(
  "pymilvus: resource groups and replicas",
  `
client.create_collection("books", dimension=2)
client.release_collection("books")
client.create_resource_group("batch")
show(client.list_resource_groups())
refused(lambda: client.load_collection("books", replica_number=3))
client.load_collection("books", replica_number=2)
refused(lambda: client.transfer_replica("__default_resource_group", "batch", "books", 1))
show([(it.resource_group, it.group_nodes) for it in client.describe_replica("books")])
group = client.describe_resource_group("__default_resource_group")
show([group.name, group.capacity, group.num_available_node, dict(group.num_loaded_replica)])
refused(lambda: client.describe_resource_group("nowhere"))
client.drop_resource_group("batch")
show(client.list_resource_groups())
`,
  [
    ["__default_resource_group", "batch"],
    [65535, "nodes not enough"],
    [65535, "nodes not enough"],
    [["__default_resource_group", [1]], ["__default_resource_group", [2]]],
    ["__default_resource_group", 1_000_000, 2, { books: 2 }],
    [300, "resource group not found"],
    ["__default_resource_group"],
  ],
  { queryNodes: 2 },
)

pymilvusTest(
  "pymilvus: segments, compaction, hybrid search, and parameters of an index",
  `
from pymilvus import AnnSearchRequest, RRFRanker, WeightedRanker
client.create_collection("books", dimension=2, metric_type="COSINE")
client.insert("books", [{"id": id, "vector": [1, id]} for id in range(5)])
client.flush("books")
show([(it.num_rows, str(it.state)) for it in client.list_persistent_segments("books")])
client.delete("books", ids=[3])
job = client.compact("books")
import time
while (client.get_compaction_state(job) != "Completed"): time.sleep(0.05)
show(client.get_compaction_state(job))
show([it.num_rows for it in client.list_loaded_segments("books")])
requests = [AnnSearchRequest([query], "vector", {}, limit=3) for query in ([1, 0], [1, 4])]
hits = client.hybrid_search("books", requests, RRFRanker(60), limit=2)[0]
show([(hit["id"], round(hit["distance"], 5)) for hit in hits])
hits = client.hybrid_search("books", requests, WeightedRanker(0.25, 0.5), limit=2)[0]
show([(hit["id"], round(hit["distance"], 5)) for hit in hits])
refused(lambda: client.hybrid_search("books", requests, WeightedRanker(0.5), limit=2))
refused(lambda: client.alter_index_properties("books", "vector", {"mmap.enabled": True}))
client.release_collection("books")
client.alter_index_properties("books", "vector", {"mmap.enabled": True})
show(client.describe_index("books", "vector")["mmap.enabled"])
`,
  [
    [[5, "Flushed"]],
    "Completed",
    [4],
    // Of equal scores, the lesser key is first.
    [[1, 0.032], [2, 0.032]],
    // The cosines are 0.70711 and 0.85749, and 0.44721 and 0.97619, brought into the range from 0 to 1.
    [[1, 0.67776], [2, 0.67495]],
    [1100, "the length of weights param mismatch with ann search requests: 1 and 2: invalid parameter"],
    [104, "can't alter index on loaded collection, please release the collection first"],
    "True",
  ],
)
