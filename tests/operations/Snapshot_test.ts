/** Snapshots: requests and replies. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { Snapshot } from "../../mod.ts"
import { wireTests } from "./wire.ts"
const info = { job_id: 9, snapshot_name: "monday", db_name: "d", collection_name: "c", start_time: 5, time_cost: 1500 }
const progress = {
  id: 9n,
  snapshot: "monday",
  database: "d",
  collection: "c",
  started: new Date(5),
  elapsed: Duration.millis(1500),
  failure: undefined,
}

wireTests("Snapshot", [
  {
    name: "create",
    method: "CreateSnapshot",
    run: () => Snapshot.create("books", "monday", { description: "x", compactionProtection: "1 minute" }),
    pymilvus: `P.create_snapshot_req("monday", "books", description="x", compaction_protection_seconds=60)`,
  },
  {
    name: "create without indexes",
    method: "CreateSnapshot",
    run: () => Snapshot.create("books", "monday", { skipIndexes: true }),
    request: { name: "monday", collection_name: "books", skip_index: true },
  },
  {
    name: "drop",
    method: "DropSnapshot",
    run: () => Snapshot.drop("books", "monday"),
    pymilvus: `P.drop_snapshot_req("monday", "books")`,
  },
  {
    name: "list",
    method: "ListSnapshots",
    run: () => Snapshot.list("books"),
    pymilvus: `P.list_snapshots_req("books")`,
    reply: { snapshots: ["monday"] },
    result: ["monday"],
  },
  {
    name: "describe",
    method: "DescribeSnapshot",
    run: () => Snapshot.describe("books", "monday"),
    pymilvus: `P.describe_snapshot_req("monday", "books")`,
    reply: {
      name: "monday",
      description: "x",
      collection_name: "books",
      partition_names: ["_default"],
      create_ts: 1_700_000_000_000,
      s3_location: "s3://b/m",
    },
    result: {
      name: "monday",
      description: "x",
      collection: "books",
      partitions: ["_default"],
      created: new Date(1_700_000_000_000),
      location: "s3://b/m",
      hasIndexes: true,
    },
  },
  {
    name: "restore",
    method: "RestoreSnapshot",
    run: () => Effect.map(Snapshot.restore("books", "monday", { into: "copy", intoDatabase: "d" }), ({ id }) => id),
    pymilvus: `P.restore_snapshot_req("monday", "books", "copy", target_db_name="d")`,
    reply: { job_id: 9 },
    result: 9n,
  },
  {
    name: "restoreExternal",
    method: "RestoreExternalSnapshot",
    run: () => Effect.map(Snapshot.restoreExternal("s3://m", { into: "copy", externalSpec: "{}" }), ({ id }) => id),
    request: { snapshot_metadata_uri: "s3://m", target_collection_name: "copy", external_spec: "{}" },
    reply: { job_id: 9 },
    result: 9n,
  },
  {
    name: "listRestores",
    method: "ListRestoreSnapshotJobs",
    run: () => Snapshot.listRestores("books"),
    pymilvus: `P.list_restore_snapshot_jobs_req("books")`,
    reply: { jobs: [{ ...info, state: "RestoreSnapshotExecuting", progress: 30 }] },
    result: [{ ...progress, state: "Executing", percent: 30 }],
  },
  {
    name: "exportTo",
    method: "ExportSnapshot",
    run: () => Effect.map(Snapshot.exportTo("books", "monday", "s3://to"), ({ id }) => id),
    request: { name: "monday", collection_name: "books", target_s3_path: "s3://to" },
    reply: { job_id: 9 },
    result: 9n,
  },
  {
    name: "exportFromId",
    method: "GetExportSnapshotState",
    run: () => Effect.flatMap(Snapshot.exportFromId(9n), (job) => job.await),
    request: { job_id: 9 },
    reply: {
      info: {
        ...info,
        state: "ExportSnapshotCompleted",
        progress: 100,
        total_files: 3,
        copied_files: 3,
        total_bytes: 2n ** 40n,
        snapshot_metadata_uri: "s3://to/m",
      },
    },
    result: {
      ...progress,
      state: "Completed",
      percent: 100,
      files: 3,
      copiedFiles: 3,
      bytes: 2 ** 40,
      metadataUri: "s3://to/m",
    },
  },
  {
    name: "pin",
    method: "PinSnapshotData",
    run: () => Snapshot.pin("books", "monday", { timeToLive: Duration.minutes(2) }),
    pymilvus: `P.pin_snapshot_data_req("monday", "books", ttl_seconds=120)`,
    reply: { pin_id: 77 },
    result: 77n,
  },
  {
    name: "unpin",
    method: "UnpinSnapshotData",
    run: () => Snapshot.unpin(77n),
    pymilvus: `P.unpin_snapshot_data_req(77)`,
  },
])
