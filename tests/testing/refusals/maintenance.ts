/** Segments, compactions, imports, and the server itself. */
import { untilLoaded } from "./indexes.ts"
import { call, type Case, type Lane } from "./lane.ts"
import { create, field, id, longs, pairs, vector, vectors } from "./requests.ts"
import type { Request } from "./server.ts"

const balance = (name: string, request: Request<"LoadBalance">): Case =>
  call(name, "LoadBalance", { collectionName: "kept", ...request })

/** Segments of a collection that is loaded, with one segment in storage and one that grows. */
const segments: Lane = {
  name: "segments",
  prepare: async (server) => {
    await create(server, "kept", [id, vector])
    const extra_params = pairs({ index_type: "FLAT", metric_type: "L2", params: "{}" })
    await server.call("CreateIndex", { collection_name: "kept", field_name: "vector", extra_params })
    const fields_data = [longs("id", 1, 2), vectors([1, 0, 0, 0], [0, 1, 0, 0])]
    await server.call("Insert", { collection_name: "kept", num_rows: 2, fields_data })
    await server.call("Flush", { collection_names: ["kept"] })
    await server.call("LoadCollection", { collection_name: "kept", replica_number: 1 })
    await untilLoaded(server, "kept")
  },
  cases: [
    ...["", "1x", "kept_nowhere", "kept"].flatMap((collectionName) => [
      call(`"${collectionName}"`, "GetPersistentSegmentInfo", { collectionName }),
      call(`"${collectionName}"`, "GetQuerySegmentInfo", { collectionName }),
      call(`"${collectionName}", of an unknown database`, "GetQuerySegmentInfo", {
        collectionName,
        dbName: "kept_nowhere",
      }),
    ]),
    ...["", "1x", "kept_nowhere"].map((collectionName) => balance(`"${collectionName}"`, { collectionName })),
    balance("of no node", {}),
    balance("of a node", { src_nodeID: 1 }),
    balance("to the same node", { src_nodeID: 1, dst_nodeIDs: [1] }),
    balance("to an unknown node", { src_nodeID: 1, dst_nodeIDs: [1, 77] }),
    balance("of an unknown node", { src_nodeID: 77, dst_nodeIDs: [1] }),
    balance("of an unknown segment", { src_nodeID: 1, sealed_segmentIDs: [77] }),
    call("nothing", "ListIndexedSegment", {}),
    call("an index", "ListIndexedSegment", { collection_name: "kept", index_name: "vector" }),
    call("an index", "DescribeSegmentIndexData", { collection_name: "kept", index_name: "vector" }),
    ...[{}, { collection_name: "kept_nowhere" }, { collection_name: "kept" }, { collectionID: 5 }, { collectionID: -1 }]
      .map((request) => call(JSON.stringify(request), "ManualCompaction", request)),
    call("major", "ManualCompaction", { collectionID: 5, majorCompaction: true }),
    ...[0, 5, -1].flatMap((compactionID) => [
      call(`${compactionID}`, "GetCompactionState", { compactionID }),
      call(`${compactionID}`, "GetCompactionStateWithPlans", { compactionID }),
    ]),
    call("unknown", "Flush", { collection_names: ["kept", "kept_nowhere"] }),
    call("nothing", "Flush", {}),
    call("an unknown segment", "GetFlushState", { segmentIDs: [5] }),
    call("an unknown collection", "GetFlushState", { collection_name: "kept_nowhere", segmentIDs: [5] }),
    call("an unknown database", "FlushAll", { db_name: "kept_nowhere" }),
    call("an unknown database", "GetFlushAllState", { db_name: "kept_nowhere", flush_all_ts: 5 }),
  ],
}

const imported = (name: string, request: Request<"Import">): Case =>
  call(name, "Import", { collection_name: "imported", files: ["a.json"], ...request })

const imports: Lane = {
  name: "imports",
  prepare: async (server) => {
    await create(server, "imported", [id, vector])
    await create(server, "imported_keyed", [id, vector, { ...field("p", "Int64"), is_partition_key: true }], {}, {
      num_partitions: 2,
    })
  },
  cases: [
    imported("an unknown collection", { collection_name: "kept_nowhere" }),
    imported("no files", { files: [] }),
    imported("no partition key is needed", { collection_name: "imported_keyed" }),
    imported("a partition of a partition key", { collection_name: "imported_keyed", partition_name: "_default_0" }),
    imported("a partition", { partition_name: "_default" }),
    imported("an unknown partition", { partition_name: "kept_nowhere" }),
    imported("a bad name of a partition", { partition_name: "1x" }),
    imported("two files of rows", { files: ["a.json", "b.json"] }),
    imported("rows and columns", { files: ["a.json", "b.npy"] }),
    imported("columns and rows", { files: ["b.npy", "a.json"] }),
    imported("columns", { files: ["id.npy", "vector.npy"] }),
    ...["a", "", "a.txt", "a.csv", "a.parquet", "a.json"].map((file) => imported(`"${file}"`, { files: [file] })),
    imported("an unknown option", { options: pairs({ nonsense: "1" }) }),
    imported("a backup without a partition", { options: pairs({ backup: "true" }) }),
    imported("a bad time", { options: pairs({ start_ts: "x" }) }),
    imported("a negative time", { options: pairs({ end_ts: "-1" }) }),
    ...[0, 7, -1].map((task) => call(`${task}`, "GetImportState", { task })),
    ...[{}, { limit: 2 }, { limit: -1 }, { collection_name: "imported" }, { collection_name: "kept_nowhere" }, {
      db_name: "kept_nowhere",
    }].map((request) => call(JSON.stringify(request), "ListImportTasks", request)),
  ],
}

/** `{"metric_type":1}` is missing, and `null` for Dummy, since Milvus 2.3.5 ends when it gets them. */
const metrics = ["", "x", "{}", "[]", "1", "null", '"text"', ...["system_info", "nonsense", ""].map(metric)]

function metric(metric_type: string): string {
  return JSON.stringify({ metric_type })
}

const server: Lane = {
  name: "the server",
  prepare: (server) => create(server, "altered", [id, vector]),
  cases: [
    ...metrics.map((request) => call(request, "GetMetrics", { request })),
    call("all", "GetComponentStates", {}),
    call("nothing", "RegisterLink", {}),
    ...["", "x", "{}", "[]", '{"request_type":"query"}'].map((request_type) =>
      call(`"${request_type}"`, "Dummy", { request_type })
    ),
    call("nothing", "ReplicateMessage", {}),
    call("a channel", "ReplicateMessage", { channel_name: "a", BeginTs: 1, EndTs: 2 }),
    call("nothing", "CalcDistance", {}),
    call("vectors", "CalcDistance", {
      op_left: { data_array: { dim: 2, float_vector: { data: [1, 0] } } },
      op_right: { data_array: { dim: 2, float_vector: { data: [1, 0] } } },
      params: pairs({ metric: "L2" }),
    }),
    call("nothing", "AlterIndex", {}),
    call("an index", "AlterIndex", {
      collection_name: "altered",
      index_name: "vector",
      extra_params: pairs({ "mmap.enabled": "true" }),
    }),
    call("nothing", "HybridSearch", {}),
  ],
}

export const maintenance: ReadonlyArray<Lane> = [segments, imports, server]
