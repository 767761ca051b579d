/** Resource groups, replicas, imports, external collections and replication: requests, replies, jobs and refusals. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { Connection, ExternalCollection, Import, Replica, Replication, ResourceGroup, Snapshot } from "../../mod.ts"
import { shared, startMilvus } from "../support/milvus.ts"
import { effectTest, test } from "../support/test.ts"
import { onFake } from "./support.ts"
import { wireTests } from "./wire.ts"

const limit = (count: number) => ({ node_num: count })

wireTests("ResourceGroup", [
  {
    name: "create without a configuration",
    method: "CreateResourceGroup",
    run: () => ResourceGroup.create("batch"),
    pymilvus: `P.create_resource_group("batch")`,
  },
  {
    name: "create",
    method: "CreateResourceGroup",
    run: () =>
      ResourceGroup.create("batch", {
        requests: 1,
        limits: 2,
        transferFrom: ["a"],
        transferTo: ["b"],
        nodeLabels: { zone: "x" },
      }),
    pymilvus:
      `P.create_resource_group("batch", config=rg.ResourceGroupConfig(requests={"node_num": 1}, limits={"node_num": 2},
      transfer_from=[{"resource_group": "a"}], transfer_to=[{"resource_group": "b"}],
      node_filter={"node_labels": [{"key": "zone", "value": "x"}]}))`,
  },
  {
    name: "update",
    method: "UpdateResourceGroups",
    run: () => ResourceGroup.update({ a: { requests: 1, limits: 1 }, b: {} }),
    pymilvus: `P.update_resource_groups({"a": rg.ResourceGroupConfig(requests={"node_num": 1}, limits={"node_num": 1}),
      "b": rg.ResourceGroupConfig()})`,
  },
  {
    name: "drop",
    method: "DropResourceGroup",
    run: () => ResourceGroup.drop("batch"),
    pymilvus: `P.drop_resource_group("batch")`,
  },
  {
    name: "list",
    method: "ListResourceGroups",
    run: () => ResourceGroup.list(),
    pymilvus: `P.list_resource_groups()`,
    reply: { resource_groups: ["__default_resource_group", "batch"] },
    result: ["__default_resource_group", "batch"],
  },
  {
    name: "describe",
    method: "DescribeResourceGroup",
    run: () => ResourceGroup.describe("batch"),
    pymilvus: `P.describe_resource_group("batch")`,
    reply: {
      resource_group: {
        name: "batch",
        capacity: 2,
        num_available_node: 1,
        num_loaded_replica: { books: 1 },
        num_outgoing_node: { a: 1 },
        num_incoming_node: { b: 2 },
        config: { requests: limit(2), limits: limit(3), transfer_from: [{ resource_group: "a" }] },
        nodes: [{ node_id: 7, address: "10.0.0.7:21123", hostname: "seven" }],
      },
    },
    result: {
      name: "batch",
      capacity: 2,
      availableNodes: 1,
      loadedReplicas: { books: 1 },
      outgoingNodes: { a: 1 },
      incomingNodes: { b: 2 },
      config: { requests: 2, limits: 3, transferFrom: ["a"], transferTo: [], nodeLabels: {} },
      nodes: [{ id: 7n, address: "10.0.0.7:21123", host: "seven" }],
    },
  },
  {
    name: "transferNodes",
    method: "TransferNode",
    run: () => ResourceGroup.transferNodes({ from: "a", to: "b", nodes: 2 }),
    pymilvus: `P.transfer_node("a", "b", 2)`,
  },
])

wireTests("Replica", [
  {
    name: "transfer",
    method: "TransferReplica",
    run: () => Replica.transfer("books", { from: "a", to: "b", replicas: 1 }),
    pymilvus: `P.transfer_replica("a", "b", "books", 1)`,
  },
  {
    name: "describe",
    method: "GetReplicas",
    run: () => Replica.describe("books"),
    request: { collection_name: "books", with_shard_nodes: true },
    reply: {
      replicas: [{
        replicaID: 3,
        collectionID: 4,
        partition_ids: [5],
        node_ids: [7],
        resource_group_name: "batch",
        num_outbound_node: { a: 1 },
        shard_replicas: [{ leaderID: 7, leader_addr: "h:1", dm_channel_name: "c", node_ids: [7] }],
      }],
    },
    result: [{
      id: 3n,
      collectionId: 4n,
      partitionIds: [5n],
      resourceGroup: "batch",
      nodes: [7n],
      outboundNodes: { a: 1 },
      shards: [{ channel: "c", leader: 7n, leaderAddress: "h:1", nodes: [7n] }],
    }],
  },
])

wireTests("Import", [
  {
    name: "start",
    method: "Import",
    run: () => Effect.map(Import.start("books", ["a.csv"], { partition: "p", settings: { sep: ";" } }), ({ id }) => id),
    pymilvus: `P.do_bulk_insert("books", "p", ["a.csv"], sep=";")`,
    reply: { tasks: [42] },
    result: [42n],
  },
  {
    name: "describe",
    method: "GetImportState",
    run: () => Import.describe(42n),
    pymilvus: `P.get_bulk_insert_state(42)`,
    reply: {
      id: 42,
      state: "ImportFailed",
      row_count: 5,
      id_list: [10, 20, 30, 31],
      create_ts: 1_700_000_000,
      infos: [
        { key: "failed_reason", value: "no such file" },
        { key: "progress_percent", value: "60" },
        { key: "files", value: "a.csv,b.csv" },
        { key: "collection", value: "books" },
        { key: "partition", value: "p" },
      ],
    },
    result: {
      id: 42n,
      state: "Failed",
      percent: 60,
      rows: 5,
      failure: "no such file",
      files: ["a.csv", "b.csv"],
      collection: "books",
      ids: [[10n, 20n], [30n, 31n]],
      created: new Date(1_700_000_000_000),
      raw: { partition: "p" },
    },
  },
  {
    name: "list",
    method: "ListImportTasks",
    run: () => Effect.map(Import.list({ collection: "books", limit: 3 }), (tasks) => tasks.map(({ state }) => state)),
    pymilvus: `P.list_bulk_insert_tasks(3, "books")`,
    reply: { tasks: [{ id: 1, state: "ImportCompleted" }, { id: 2, state: 99 }] },
    result: ["Completed", 99],
  },
])

wireTests("ExternalCollection", [
  {
    name: "refresh",
    method: "RefreshExternalCollection",
    run: () => Effect.map(ExternalCollection.refresh("events", { source: "s3://a", spec: "{}" }), ({ id }) => id),
    pymilvus: `P.refresh_external_collection_request("events", external_source="s3://a", external_spec="{}")`,
    reply: { job_id: 8 },
    result: 8n,
  },
  {
    name: "listRefreshes",
    method: "ListRefreshExternalCollectionJobs",
    run: () => ExternalCollection.listRefreshes("events"),
    pymilvus: `P.list_refresh_external_collection_jobs_request(collection_name="events")`,
    reply: {
      jobs: [{
        job_id: 8,
        collection_name: "events",
        state: "RefreshInProgress",
        progress: 40,
        external_source: "s3://a",
        start_time: 1_700_000_000_000,
      }],
    },
    result: [{
      id: 8n,
      collection: "events",
      state: "InProgress",
      percent: 40,
      failure: undefined,
      source: "s3://a",
      spec: "",
      started: new Date(1_700_000_000_000),
      ended: undefined,
      elapsed: undefined,
    }],
  },
  {
    name: "updateManifests",
    method: "BatchUpdateManifest",
    run: () => ExternalCollection.updateManifests("events", ["vector"], [{ segmentId: 1n, version: 2n }]),
    request: {
      collection_name: "events",
      field_names: ["vector"],
      items: [{ segment_id: 1, manifest_version: 2 }],
    },
  },
])

const clusters = {
  clusters: [
    { id: "a", uri: "http://a:19530", token: Redacted.make("root:Milvus"), channels: ["a-0"] },
    { id: "b", uri: "http://b:19530", token: "", channels: ["b-0"] },
  ],
  topology: [{ source: "a", target: "b" }],
}

wireTests("Replication", [
  {
    name: "configure",
    method: "UpdateReplicateConfiguration",
    run: () => Replication.configure(clusters),
    pymilvus: `P.update_replicate_configuration_request(clusters=[
      {"cluster_id": "a", "connection_param": {"uri": "http://a:19530", "token": "root:Milvus"}, "pchannels": ["a-0"]},
      {"cluster_id": "b", "connection_param": {"uri": "http://b:19530", "token": ""}, "pchannels": ["b-0"]}],
      cross_cluster_topology=[{"source_cluster_id": "a", "target_cluster_id": "b"}])`,
  },
  {
    name: "config",
    method: "GetReplicateConfiguration",
    run: () =>
      Effect.map(Replication.config(), ({ clusters: [one], topology }) => [
        one?.id,
        String(one?.token),
        Redacted.isRedacted(one?.token) && Redacted.value(one.token),
        topology,
      ]),
    request: {},
    reply: {
      configuration: {
        clusters: [{ cluster_id: "a", connection_param: { uri: "u", token: "secret" }, pchannels: ["c"] }],
        cross_cluster_topology: [{ source_cluster_id: "a", target_cluster_id: "b" }],
      },
    },
    result: ["a", "<redacted>", "secret", [{ source: "a", target: "b" }]],
  },
  {
    name: "progress",
    method: "GetReplicateInfo",
    run: () => Replication.progress("a", "a-0"),
    pymilvus: `P.get_replicate_info_request("a", "a-0")`,
    reply: {
      checkpoint: { cluster_id: "a", pchannel: "a-0", message_id: { id: "x" }, time_tick: 1_700_000_000_000n << 18n },
    },
    result: {
      checkpoint: {
        cluster: "a",
        channel: "a-0",
        messageId: "x",
        timestamp: 1_700_000_000_000n << 18n,
        time: new Date(1_700_000_000_000),
      },
      salvageCheckpoint: undefined,
    },
  },
  {
    name: "replicateMessages",
    method: "ReplicateMessage",
    run: () => Replication.replicateMessages({ channel_name: "c", Msgs: [Uint8Array.of(1)] }),
    request: { channel_name: "c", Msgs: [Uint8Array.of(1)] },
    reply: { position: "p" },
    result: "p",
  },
])
test("a job emits its states, ends with its result, and fails with the reason of the server", () =>
  onFake(({ mine }, fake) =>
    mine(Effect.gen(function* () {
      const states = (all: ReadonlyArray<object>) => {
        let turn = 0
        return () => Effect.succeed(all[Math.min(turn++, all.length - 1)]!)
      }
      const percent = (value: number) => [{ key: "progress_percent", value: `${value}` }]
      yield* fake.handle("Import", () => Effect.succeed({ tasks: [1] }))
      yield* fake.handle(
        "GetImportState",
        states([
          { id: 1, state: "ImportPending" },
          { id: 1, state: "ImportStarted", infos: percent(50) },
          { id: 1, state: "ImportStarted", infos: percent(50) },
          { id: 1, state: "ImportCompleted", row_count: 9 },
        ]),
      )
      const job = yield* Import.start("books", ["a.parquet"])
      const seen = yield* Stream.runCollect(job.progress)
      assertEquals(seen.map(({ percent, tasks }) => [tasks[0]?.state, percent]), [
        ["Pending", 0],
        ["Started", 50],
        ["Completed", 100],
      ])
      assertEquals((yield* (yield* Import.fromId(1n)).await).rows, 9)
      const reason = { key: "failed_reason", value: "the file has no primary key" }
      yield* fake.handle("GetImportState", states([{ id: 1, state: "ImportFailed", infos: [reason] }]))
      const failed = yield* Effect.flip((yield* Import.fromId([1n])).await)
      assert(failed._tag === "ServerError")
      assertEquals(failed.reason, "import 1 failed: the file has no primary key")
      yield* fake.handle(
        "GetRestoreSnapshotState",
        states([{ info: { job_id: 9, state: "RestoreSnapshotFailed", reason: "exists" } }]),
      )
      const restore = yield* Effect.flip((yield* Snapshot.fromId(9n)).await)
      assertStringIncludes(restore.message, "restore 9 failed: exists")
      yield* fake.handle(
        "GetRefreshExternalCollectionProgress",
        states([{ job_info: { job_id: 8, state: "RefreshInProgress", progress: 20 } }]),
      )
      const late = yield* Effect.flip((yield* ExternalCollection.fromId(8n, { timeout: "120 millis" })).await)
      assert(late._tag === "RpcError")
      assertStringIncludes(late.details, "refresh 8 is InProgress at 20%")
    })), { version: "v3.1.0" }))

test("arguments that cannot have an effect are refused before anything is sent", () =>
  onFake(({ mine }, fake) =>
    mine(Effect.gen(function* () {
      yield* fake.clearCalls
      // Casts: what an untyped program may write.
      const refused: ReadonlyArray<readonly [Effect.Effect<unknown, unknown, Connection.Connection>, string]> = [
        [ResourceGroup.create(""), "name"],
        [ResourceGroup.create("a", { requests: 2 }), "limits"],
        [ResourceGroup.create("a", { requests: -1 }), "requests"],
        [ResourceGroup.create("a", { limits: 1.5 }), "limits"],
        [ResourceGroup.create("a", { request: 1 } as never), "request"],
        [ResourceGroup.update({}), "configs"],
        [ResourceGroup.update({ a: { request: 1 } as never }), "configs.a.request"],
        [ResourceGroup.update({ a: { transferFrom: [""] } }), "configs.a.transferFrom[0]"],
        [ResourceGroup.transferNodes({ from: "a", to: "b", nodes: 0 }), "nodes"],
        [Replica.transfer("c", { from: "a", to: " ", replicas: 1 }), "to"],
        [Replica.transfer("c", { from: "a", to: "b", replicas: NaN }), "replicas"],
        [Import.start("c", []), "files"],
        [Import.start("c", "a.csv" as never), "files"],
        [Import.start("c", ["a"], { settings: {} }), "settings"],
        [Import.start("c", ["a"], { timeout: -1 }), "timeout"],
        [Import.fromId([]), "id"],
        [Import.fromId(0n), "id"],
        [Import.describe(2n ** 63n), "id"],
        [Import.list({ limit: 0 }), "limit"],
        [ExternalCollection.updateManifests("c", ["f"], []), "updates"],
        [ExternalCollection.refresh("c", { source: "" }), "source"],
        [Snapshot.create("c", "s", { compactionProtection: "500 millis" }), "compactionProtection"],
        [Snapshot.create("c", "s", { skipIndexes: 1 as never }), "skipIndexes"],
        [Snapshot.restore("c", "s", {} as never), "into"],
        [Snapshot.pin("c", "s", { timeToLive: 0 }), "timeToLive"],
        [Snapshot.exportTo("c", "s", ""), "path"],
        [Replication.configure({ ...clusters, topology: [{ source: "a", target: "c" }] }), "config.topology"],
        [Replication.configure({ clusters: [], topology: [] }, { forcePromote: 1 as never }), "forcePromote"],
      ]
      for (const [effect, parameter] of refused) {
        const error = yield* Effect.flip(effect)
        assert(error instanceof Error && "parameter" in error, `${parameter}: ${error}`)
        assertEquals(error.parameter, parameter)
      }
      assertEquals(yield* fake.calls, [])
    })), { version: "v3.1.0" }))

const full = shared(startMilvus)

effectTest(
  "Milvus 2.3.5: resource groups and replicas are what the server has, and what came later is Unsupported",
  Effect.suspend(() => {
    const program = Effect.gen(function* () {
      yield* ResourceGroup.create("batch")
      assertEquals((yield* ResourceGroup.list()).includes("batch"), true)
      const described = yield* ResourceGroup.describe("batch")
      assertEquals([described.name, described.availableNodes, described.config], ["batch", 0, undefined])
      yield* ResourceGroup.drop("batch")
      assertEquals((yield* ResourceGroup.list()).includes("batch"), false)
      assertEquals((yield* Effect.flip(Replica.describe("no_such_collection")))._tag, "ServerError")
      const later = [
        [ResourceGroup.create("batch", { limits: 1 }), "ResourceGroup.create", "limits", "2.4.0"],
        [ResourceGroup.update({ a: {} }), "ResourceGroup.update", undefined, "2.4.0"],
        [Snapshot.list("c"), "Snapshot.list", undefined, "3.0.0"],
        [ExternalCollection.listRefreshes(), "ExternalCollection.listRefreshes", undefined, "3.0.0"],
        [Replication.config(), "Replication.config", undefined, "2.6.12"],
      ] as const
      for (const [effect, operation, option, needs] of later) {
        const error = yield* Effect.flip<unknown, Effect.Error<typeof effect>, Connection.Connection>(effect)
        assert(error._tag === "Unsupported", error.message)
        assertEquals([error.operation, error.option, error.needs], [operation, option, needs])
      }
    })
    return Effect.provide(program, Connection.layer(full().address))
  }),
)
