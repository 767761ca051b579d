/** Indexes, loading and releasing. */
import { call, type Case, type Lane } from "./lane.ts"
import { create, field, type FieldSchema, id, pairs, vector } from "./requests.ts"
import type { Outcome, Server } from "./server.ts"

const indexTypes = [
  "FLAT",
  "IVF_FLAT",
  "IVF_SQ8",
  "IVF_PQ",
  "HNSW",
  "SCANN",
  "DISKANN",
  "BIN_FLAT",
  "BIN_IVF_FLAT",
  "AUTOINDEX",
  "GPU_IVF_FLAT",
  "GPU_IVF_PQ",
  "GPU_CAGRA",
  "GPU_BRUTE_FORCE",
  "TRIE",
  "Trie",
  "marisa-trie",
  "STL_SORT",
  "Asceneding",
  "INVERTED",
  "BITMAP",
  "SPARSE_INVERTED_INDEX",
  "ANNOY",
  "RHNSW_FLAT",
  "NONSENSE",
  "flat",
  "",
] as const

const metrics = [
  "L2",
  "IP",
  "COSINE",
  "HAMMING",
  "JACCARD",
  "TANIMOTO",
  "SUBSTRUCTURE",
  "SUPERSTRUCTURE",
  "BM25",
  "NONSENSE",
  "l2",
  "Cosine",
  "hamming",
  "",
] as const

/** What makes an index of a type complete. */
const good = { nlist: "16", m: "2", nbits: "8", M: "8", efConstruction: "64" }

type Params = Readonly<Record<string, string>>

const indexed = (collection_name: string, field_name: string, params: Params): Case => ({
  name: `CreateIndex: ${collection_name}.${field_name} ${JSON.stringify(params)}`,
  run: (server) => server.reply("CreateIndex", { collection_name, field_name, extra_params: pairs(params) }),
  undo: (server) => server.call("DropIndex", { collection_name, index_name: "", field_name }),
})

const out = (type: string, metric_type: string, params: Params = {}) => ({
  index_type: type,
  metric_type,
  params: JSON.stringify(params),
})

const numbers = (name: string, values: ReadonlyArray<string>, base: Params) =>
  [undefined, ...values].map((value): Params => {
    const { [name]: _, ...others } = base
    return value === undefined ? others : { ...others, [name]: value }
  })

const floatIndexes: Lane = {
  name: "indexes of float vectors",
  prepare: (server) => create(server, "float", [id, vector]),
  cases: [
    ...indexTypes.map((type) => indexed("float", "vector", out(type, "L2", good))),
    ...indexTypes.map((type) => indexed("float", "vector", out(type, "L2"))),
    ...["FLAT", "HNSW", "AUTOINDEX"].flatMap((type) =>
      metrics.map((metric) => indexed("float", "vector", out(type, metric, good)))
    ),
    ...numbers("nlist", ["0", "1", "65536", "65537", "-1", "1.5", "x", ""], good)
      .map((params) => indexed("float", "vector", out("IVF_FLAT", "L2", params))),
    ...numbers("m", ["0", "1", "3", "4", "5", "-1", "x"], good)
      .map((params) => indexed("float", "vector", out("IVF_PQ", "L2", params))),
    ...numbers("nbits", ["0", "1", "16", "17", "x"], good)
      .map((params) => indexed("float", "vector", out("IVF_PQ", "L2", params))),
    ...numbers("M", ["0", "1", "2", "2048", "2049", "x", "-1"], good)
      .map((params) => indexed("float", "vector", out("HNSW", "L2", params))),
    ...numbers("efConstruction", ["0", "1", "2147483647", "2147483648", "x"], good)
      .map((params) => indexed("float", "vector", out("HNSW", "L2", params))),
    ...["IVF_SQ8", "SCANN"].flatMap((type) =>
      numbers("nlist", ["0", "65537", "x"], good).map((params) => indexed("float", "vector", out(type, "L2", params)))
    ),
    indexed("float", "vector", {}),
    indexed("float", "vector", { metric_type: "L2" }),
    indexed("float", "vector", { metric_type: "NONSENSE" }),
    indexed("float", "vector", { index_type: "FLAT" }),
    indexed("float", "vector", { index_type: "HNSW", metric_type: "L2", M: "8", efConstruction: "64" }),
    indexed("float", "vector", { index_type: "HNSW", metric_type: "L2", params: "{" }),
    indexed("float", "vector", { index_type: "HNSW", metric_type: "L2", params: "[]" }),
    indexed("float", "vector", { index_type: "FLAT", metric_type: "L2", params: "" }),
    indexed("float", "vector", { index_type: "IVF_FLAT", metric_type: "L2", params: '{"nlist":16}' }),
    indexed("float", "vector", { index_type: "IVF_FLAT", metric_type: "L2", params: '{"nlist":16.5}' }),
    indexed("float", "vector", { index_type: "FLAT", metric_type: "L2", nonsense: "1" }),
    indexed("float", "vector", { index_type: "FLAT", metric_type: "L2", params: '{"nonsense":1}' }),
    indexed("float", "nowhere", out("FLAT", "L2")),
    indexed("float", "constructor", out("FLAT", "L2")),
    indexed("float", "__proto__", out("FLAT", "L2")),
    indexed("float", "", out("FLAT", "L2")),
    indexed("nowhere", "vector", out("FLAT", "L2")),
    ...["", "a b", "1a", "a-b", "ä", "a".repeat(255), "a".repeat(256), "constructor", "__proto__", "_default"].map((
      index_name,
    ): Case => ({
      name: `CreateIndex: the name "${index_name.slice(0, 12)}" of ${index_name.length}`,
      run: (server) =>
        server.reply("CreateIndex", {
          collection_name: "float",
          field_name: "vector",
          index_name,
          extra_params: pairs(out("FLAT", "L2")),
        }),
      undo: (server) => server.call("DropIndex", { collection_name: "float", index_name }),
    })),
    call("which is not there", "DropIndex", { collection_name: "float", index_name: "nowhere" }),
    call("without a name, none there", "DropIndex", { collection_name: "float" }),
    call("none there", "DescribeIndex", { collection_name: "float" }),
    call("unknown", "DescribeIndex", { collection_name: "float", index_name: "nowhere" }),
    call("without an index", "LoadCollection", { collection_name: "float" }),
    call("without an index", "GetIndexState", { collection_name: "float" }),
    call("without an index", "GetIndexBuildProgress", { collection_name: "float" }),
    call("without an index", "GetIndexStatistics", { collection_name: "float" }),
    call("not loaded", "ReleaseCollection", { collection_name: "float" }),
    call("not loaded", "GetLoadingProgress", { collection_name: "float" }),
    call("the first", "CreateIndex", {
      collection_name: "float",
      field_name: "vector",
      index_name: "one",
      extra_params: pairs(out("FLAT", "L2")),
    }),
    call("the same again", "CreateIndex", {
      collection_name: "float",
      field_name: "vector",
      index_name: "one",
      extra_params: pairs(out("FLAT", "L2")),
    }),
    call("the same with another name", "CreateIndex", {
      collection_name: "float",
      field_name: "vector",
      index_name: "two",
      extra_params: pairs(out("FLAT", "L2")),
    }),
    call("another type", "CreateIndex", {
      collection_name: "float",
      field_name: "vector",
      index_name: "one",
      extra_params: pairs(out("IVF_FLAT", "L2", good)),
    }),
    call("another metric", "CreateIndex", {
      collection_name: "float",
      field_name: "vector",
      index_name: "one",
      extra_params: pairs(out("FLAT", "IP")),
    }),
    call("the name is taken by another field", "CreateIndex", {
      collection_name: "float",
      field_name: "id",
      index_name: "one",
    }),
    call("another name", "DescribeIndex", { collection_name: "float", index_name: "two" }),
    call("a field of no index", "DescribeIndex", { collection_name: "float", field_name: "id" }),
    call("loading", "LoadCollection", { collection_name: "float", replica_number: 0 }),
    {
      name: "LoadCollection: is loaded",
      run: async (server) => await untilLoaded(server, "float"),
    },
    call("again", "LoadCollection", { collection_name: "float", replica_number: 1 }),
    call("again, with other replicas", "LoadCollection", { collection_name: "float", replica_number: 2 }),
    call("negative replicas", "LoadCollection", { collection_name: "float", replica_number: -1 }),
    call("an unknown resource group", "LoadCollection", { collection_name: "float", resource_groups: ["nowhere"] }),
    call("of a loaded one", "LoadPartitions", { collection_name: "float", partition_names: ["_default"] }),
    call("loaded", "DropIndex", { collection_name: "float", index_name: "one" }),
    call("loaded, by no name", "DropIndex", { collection_name: "float" }),
    call("loaded, unknown", "DropIndex", { collection_name: "float", index_name: "nowhere" }),
    call("loaded", "DropPartition", { collection_name: "float", partition_name: "_default" }),
    call("made while loaded", "CreatePartition", { collection_name: "float", partition_name: "late" }),
    call("loaded", "ReleaseCollection", { collection_name: "float" }),
  ],
}

/** Waits for a real server, which takes a moment. */
export const untilLoaded = async (server: Server, collection_name: string): Promise<Outcome> => {
  for (let attempts = 0;; attempts++) {
    const outcome = await server.reply("GetLoadState", { collection_name })
    const { state } = { state: "", ...outcome.reply }
    if (state === "LoadStateLoaded" || attempts > 400) return outcome
    // The server offers nothing to wait for.
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

const binaryIndexes: Lane = {
  name: "indexes of binary vectors",
  prepare: (server) => create(server, "binary", [id, field("vector", "BinaryVector", { dim: "16" })]),
  cases: [
    ...indexTypes.map((type) => indexed("binary", "vector", out(type, "HAMMING", good))),
    ...["BIN_FLAT", "BIN_IVF_FLAT", "AUTOINDEX"].flatMap((type) =>
      metrics.map((metric) => indexed("binary", "vector", out(type, metric, good)))
    ),
    ...numbers("nlist", ["0", "65537", "x"], good)
      .map((params) => indexed("binary", "vector", out("BIN_IVF_FLAT", "HAMMING", params))),
    indexed("binary", "vector", {}),
  ],
}

const scalars: ReadonlyArray<FieldSchema> = [
  field("bool", "Bool"),
  field("int8", "Int8"),
  field("int64", "Int64"),
  field("float", "Float"),
  field("text", "VarChar", { max_length: "10" }),
  field("json", "JSON"),
  { ...field("array", "Array", { max_capacity: "4" }), element_type: "Int8" },
]

const scalarIndexes: Lane = {
  name: "indexes of scalars",
  prepare: (server) => create(server, "scalar", [id, vector, ...scalars], { enable_dynamic_field: true }),
  cases: [
    ...[...scalars, id].flatMap(({ name = "" }) => [
      ...indexTypes.filter((type) => !/GPU|IVF|DISK|ANNOY|RHNSW/.test(type))
        .map((index_type) => indexed("scalar", name, { index_type })),
      indexed("scalar", name, {}),
      indexed("scalar", name, { nonsense: "1" }),
      indexed("scalar", name, { metric_type: "L2" }),
    ]),
    indexed("scalar", "$meta", {}),
    indexed("scalar", "$meta", { index_type: "INVERTED" }),
  ],
}

export const indexes: ReadonlyArray<Lane> = [floatIndexes, binaryIndexes, scalarIndexes]
