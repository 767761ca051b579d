/** Analyzers, namespaces, file resources, prewarming, and the requests of partitions, aliases and indexes. */
import { assert, assertEquals } from "@std/assert"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import {
  Analyzer,
  CollectionAlias,
  type Connection,
  FileResource,
  Index,
  Namespace,
  Partition,
  Prewarm,
} from "../../mod.ts"
import { test } from "../support/test.ts"
import { onFake } from "./support.ts"
import { wireTests } from "./wire.ts"

wireTests("Analyzer", [
  {
    name: "run",
    method: "RunAnalyzer",
    run: () => Analyzer.run(["a b", "ü"], { params: { type: "english" }, details: true, hash: true }),
    pymilvus: `P.run_analyzer(["a b", "ü"], analyzer_params={"type": "english"}, with_hash=True, with_detail=True)`,
    reply: {
      results: [
        { tokens: [{ token: "a", start_offset: 0, end_offset: 1, position: 0, position_length: 1, hash: 7 }] },
        { tokens: [] },
      ],
    },
    result: [[{ token: "a", start: 0, end: 1, position: 0, positionLength: 1, hash: 7 }], []],
  },
  {
    name: "run by a field",
    method: "RunAnalyzer",
    run: () => Analyzer.run(["a"], { collection: "books", field: "title", analyzerNames: "german" }),
    pymilvus: `P.run_analyzer(["a"], collection_name="books", field_name="title", analyzer_names="german")`,
    reply: { results: [{ tokens: [{ token: "a" }] }] },
    result: [[{
      token: "a",
      start: undefined,
      end: undefined,
      position: undefined,
      positionLength: undefined,
      hash: undefined,
    }]],
  },
  {
    name: "phraseMatchSlop",
    method: "ComputePhraseMatchSlop",
    run: () => Analyzer.phraseMatchSlop("a b", ["a x b", "c"], { params: { type: "english" } }),
    request: { query_text: "a b", data_texts: ["a x b", "c"], analyzer_params: `{"type":"english"}` },
    reply: { is_match: [true, false], slops: [1, 0] },
    result: [{ isMatch: true, slop: 1 }, { isMatch: false, slop: undefined }],
  },
])

const info = {
  namespace_name: "alice",
  collection_name: "books",
  state: "Ready",
  created_utc_timestamp: 1_700_000_000_000,
  stats: {
    stats: [{ key: "a", value: "b" }],
    approx_entity_count: 9,
    entity_count: 10,
    entity_count_type: "exact",
    logical_bytes: 100,
    last_write_utc_timestamp: 5,
  },
}
const statistics = {
  rows: 10,
  approximateRows: 9,
  countType: "exact",
  bytes: 100,
  lastWrite: new Date(5),
  raw: { a: "b" },
}
const described = {
  name: "alice",
  collection: "books",
  state: "Ready",
  created: new Date(1_700_000_000_000),
  statistics,
}
const target = { collection_name: "books", namespace_name: "alice" }

wireTests("Namespace", [
  { name: "create", method: "CreateNamespace", run: () => Namespace.create("books", "alice"), request: target },
  { name: "drop", method: "DropNamespace", run: () => Namespace.drop("books", "alice"), request: target },
  {
    name: "has",
    method: "HasNamespace",
    run: () => Namespace.has("books", "alice"),
    request: target,
    reply: { value: true },
    result: true,
  },
  {
    name: "describe",
    method: "DescribeNamespace",
    run: () => Namespace.describe("books", "alice"),
    request: target,
    reply: { namespace: info },
    result: described,
  },
  {
    name: "listDetails",
    method: "ListNamespaces",
    run: () => Stream.runCollect(Namespace.listDetails("books", { prefix: "a", pageSize: 10 })),
    request: { collection_name: "books", prefix: "a", page_size: 10 },
    reply: { namespaces: [info] },
    result: [described],
  },
  {
    name: "statistics",
    method: "GetNamespaceStats",
    run: () => Namespace.statistics("books", "alice", { exact: true }),
    request: { ...target, exact: true },
    reply: { stats: info.stats },
    result: statistics,
  },
])

wireTests("FileResource", [
  {
    name: "add",
    method: "AddFileResource",
    run: () => FileResource.add("stop words", "dict/stop.txt"),
    pymilvus: `P.add_file_resource("stop words", "dict/stop.txt")`,
  },
  {
    name: "remove",
    method: "RemoveFileResource",
    run: () => FileResource.remove("stop words"),
    pymilvus: `P.remove_file_resource("stop words")`,
  },
  {
    name: "list",
    method: "ListFileResources",
    run: () => FileResource.list(),
    pymilvus: `P.list_file_resources()`,
    reply: { resources: [{ id: 3, name: "stop words", path: "dict/stop.txt" }] },
    result: ["stop words"],
  },
  {
    name: "listDetails",
    method: "ListFileResources",
    run: () => FileResource.listDetails(),
    request: {},
    reply: { resources: [{ id: 3, name: "stop words", path: "dict/stop.txt" }] },
    result: [{ id: 3n, name: "stop words", path: "dict/stop.txt" }],
  },
])

wireTests("Prewarm", [
  {
    name: "start",
    method: "Prewarm",
    run: () =>
      Effect.map(
        Prewarm.start("books", {
          namespace: "alice",
          replicas: 2,
          resourceGroups: ["a"],
          fields: ["id"],
          skipDynamicField: true,
          priority: "low",
        }),
        ({ id }) => id,
      ),
    request: {
      collection_name: "books",
      namespace: "alice",
      replica_number: 2,
      resource_groups: ["a"],
      load_fields: ["id"],
      skip_load_dynamic_field: true,
      priority: "low",
    },
    reply: { taskID: "t1" },
    result: "t1",
  },
  {
    name: "fromId",
    method: "DescribePrewarmTask",
    run: () => Effect.flatMap(Prewarm.fromId("t1"), (job) => job.await),
    request: { taskID: "t1" },
    reply: { taskID: "t1", state: "PrewarmTaskStateCompleted", progress: 100 },
    result: { id: "t1", state: "Completed", percent: 100, failure: undefined },
  },
])

wireTests("Partition, CollectionAlias and Index", [
  {
    name: "Partition.create",
    method: "CreatePartition",
    run: () => Partition.create("books", "novels"),
    pymilvus: `P.create_partition_request("books", "novels")`,
  },
  {
    name: "Partition.drop",
    method: "DropPartition",
    run: () => Partition.drop("books", "novels"),
    pymilvus: `P.drop_partition_request("books", "novels")`,
  },
  {
    name: "CollectionAlias.create",
    method: "CreateAlias",
    run: () => CollectionAlias.create("b", "books"),
    pymilvus: `P.create_alias_request("books", "b")`,
  },
  {
    name: "CollectionAlias.alter",
    method: "AlterAlias",
    run: () => CollectionAlias.alter("b", "books"),
    pymilvus: `P.alter_alias_request("books", "b")`,
  },
  {
    name: "CollectionAlias.drop",
    method: "DropAlias",
    run: () => CollectionAlias.drop("b"),
    pymilvus: `P.drop_alias_request("b")`,
  },
  {
    name: "Index.alter",
    method: "AlterIndex",
    run: () => Index.alter("books", "v", { "mmap.enabled": true }),
    // pymilvus writes `True`, which is not a word of Milvus's.
    request: { collection_name: "books", index_name: "v", extra_params: [{ key: "mmap.enabled", value: "true" }] },
  },
  {
    name: "Index.state",
    method: "GetIndexState",
    run: () => Index.state("books", "v"),
    pymilvus: `P.get_index_state_request("books", "v")`,
    reply: { state: "Failed", fail_reason: "no memory" },
    result: { state: "Failed", failure: "no memory" },
  },
  {
    name: "Index.buildProgress",
    method: "GetIndexBuildProgress",
    run: () => Index.buildProgress("books", "v"),
    pymilvus: `P.get_index_build_progress("books", "v")`,
    reply: { indexed_rows: 3, total_rows: 4 },
    result: { indexed: 3, rows: 4 },
  },
  {
    name: "Index.dropProperties",
    method: "AlterIndex",
    run: () => Index.dropProperties("books", "v", ["mmap.enabled"]),
    pymilvus: `P.drop_index_properties_request("books", "v", ["mmap.enabled"])`,
  },
])

test("namespaces are listed page by page, and the end is the page without a token", () =>
  onFake(({ mine }, fake) =>
    mine(Effect.gen(function* () {
      const pages: Readonly<Record<string, readonly [name: string, next: string]>> = {
        "": ["a", "t1"],
        t1: ["b", "t2"],
        t2: ["c", ""],
      }
      yield* fake.handle("ListNamespaces", ({ page_token }) => {
        const [name, next] = pages[page_token]!
        return Effect.succeed({ namespaces: [{ namespace_name: name }], next_page_token: next })
      })
      assertEquals(yield* Namespace.list("books"), ["a", "b", "c"])
      yield* fake.clearCalls
      yield* Stream.runDrain(Stream.take(Namespace.listDetails("books"), 2))
      assertEquals((yield* fake.calls).length, 2)
    })), { version: "v3.1.0" }))

test("a prewarming that fails has the reason of the server", () =>
  onFake(({ mine }, fake) =>
    mine(Effect.gen(function* () {
      yield* fake.handle("DescribePrewarmTask", () =>
        Effect.succeed({ state: "PrewarmTaskStateFailed", error_message: "no memory" }))
      const job = yield* Prewarm.fromId("t1")
      const error = yield* Effect.flip(job.await)
      assert(error._tag === "ServerError" && error.reason.includes("no memory"), error.message)
    })), { version: "v3.1.0" }))

test("arguments that cannot have an effect are refused before anything is sent", () =>
  onFake(({ mine }, fake) =>
    mine(Effect.gen(function* () {
      yield* fake.clearCalls
      // Casts: what an untyped program may write.
      const refused: ReadonlyArray<readonly [Effect.Effect<unknown, unknown, Connection.Connection>, string]> = [
        [Analyzer.run([]), "texts"],
        [Analyzer.run(["\ud800"]), "texts"],
        [Analyzer.run(["a"], { field: "f" }), "collection"],
        [Analyzer.run(["a"], { collection: "c" }), "field"],
        [Analyzer.run(["a"], { collection: "c", field: "f", params: {} }), "params"],
        [Analyzer.run(["a"], { params: { x: Symbol() } }), "params"],
        [Analyzer.run(["a"], { params: { x: NaN } }), "params"],
        [Analyzer.run(["a"], { params: { type: "english" }, analyzerNames: "x" }), "analyzerNames"],
        [Analyzer.run(["a", "b", "c"], { collection: "c", field: "f", analyzerNames: ["x", "y"] }), "analyzerNames"],
        [Analyzer.run(["a"], { hash: 1 as never }), "hash"],
        [Analyzer.phraseMatchSlop("", ["a"]), "phrase"],
        [Namespace.create("c", " "), "namespace"],
        [Namespace.list("c", { pageSize: 0 }), "pageSize"],
        [Namespace.statistics("c", "n", { exact: "yes" as never }), "exact"],
        [FileResource.add("a", ""), "path"],
        [Prewarm.start("c", { replicas: 0 }), "replicas"],
        [Prewarm.start("c", { priority: "high" as never }), "priority"],
        [Prewarm.start("c", { fields: [] }), "fields"],
        [Prewarm.fromId(""), "id"],
      ]
      for (const [effect, parameter] of refused) {
        const error = yield* Effect.flip(effect)
        assert(error instanceof Error && "parameter" in error, `${parameter}: ${error}`)
        assertEquals(error.parameter, parameter)
      }
      assertEquals(yield* fake.calls, [])
    })), { version: "v3.1.0" }))
