/** Flushes, compactions, segments, and the server itself: on real servers, and by the requests of pymilvus. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Logger from "effect/Logger"
import * as Stream from "effect/Stream"
import { Collection, Connection, Database, Maintenance, System, Vectors } from "../../mod.ts"
import { shared, startMilvus, startMilvusLite } from "../support/milvus.ts"
import { effectTest, test } from "../support/test.ts"
import { namer, onFake, simple } from "./support.ts"
import { wireTests } from "./wire.ts"
import { until } from "../support/sockets.ts"

const lite = shared(startMilvusLite)
const full = shared(startMilvus)
const next = namer("maintained")

const on = <A, E>(server: { readonly address: string }, effect: Effect.Effect<A, E, Connection.Connection>) =>
  Effect.provide(effect, Connection.layer(server.address))

for (const [engine, server] of [["milvus-lite", lite], ["Milvus 2.3.5", full]] as const) {
  effectTest(
    `${engine}: flushes and compactions are jobs that can be waited for again by their ids`,
    Effect.suspend(() =>
      on(
        server(),
        Effect.gen(function* () {
          const C = simple(next())
          yield* Collection.create(C)
          yield* Vectors.insert(C, Array.from({ length: 50 }, (_, id) => ({ id, v: [id, 1] })))
          const flush = yield* Maintenance.flush(C)
          assertEquals((yield* flush.await).flushed, [C.name])
          const again = yield* Maintenance.flushFromId(flush.id)
          assertEquals((yield* Stream.runCollect(again.progress)).at(-1), { flushed: [C.name], pending: [] })
          const compaction = yield* Maintenance.compact(C)
          const { state, failed } = yield* compaction.await
          assertEquals([state, failed], ["Completed", 0])
          if (compaction.id > 0n) {
            assertEquals((yield* (yield* Maintenance.compactionFromId(compaction.id)).await).state, "Completed")
          }
          if (engine === "Milvus 2.3.5") {
            assertEquals((yield* Effect.flip(Maintenance.flush("no_such_collection")))._tag, "ServerError")
          }
          yield* Collection.drop(C)
        }),
      )
    ),
  )

  effectTest(
    `${engine}: the server tells its version and its health`,
    Effect.suspend(() =>
      on(
        server(),
        Effect.gen(function* () {
          const { version } = (yield* Connection.Connection).server
          assertEquals(yield* System.version(), version)
          const health = yield* System.health()
          assertEquals([health.isHealthy, health.denied.reads, health.denied.writes], [true, false, false])
        }),
      )
    ),
  )
}

effectTest(
  "Milvus 2.3.5: segments, flush of everything, optimization, metrics, components and time are those of the server",
  Effect.suspend(() =>
    on(
      full(),
      Effect.gen(function* () {
        const C = simple(next())
        yield* Collection.create(C)
        yield* Vectors.insert(C, Array.from({ length: 2000 }, (_, id) => ({ id, v: [id, 1] })))
        yield* (yield* Maintenance.flush(C)).await
        yield* (yield* Maintenance.flushAll()).await
        const segments = yield* Maintenance.segments(C)
        assertEquals(segments.reduce((rows, segment) => rows + segment.rows, 0), 2000)
        assertEquals(
          segments.map(({ state }) => state),
          ["Flushed"],
        )
        const optimization = yield* Maintenance.optimize(C)
        const steps = yield* Stream.runCollect(optimization.progress)
        assertEquals(steps, ["indexing", "compacting", "indexing again", "refreshing"])
        const loaded = yield* Maintenance.loadedSegments(C)
        assert(loaded.length > 0 && loaded.every(({ bytes, nodes }) => bytes >= 0 && nodes.length > 0))
        const { values } = yield* System.metrics()
        assert(typeof values === "object" && values !== null && "nodes_info" in values)
        assert((yield* System.components()).length > 0)
        const { time } = yield* System.timestamp()
        assert(Math.abs((time?.getTime() ?? 0) - Date.now()) < 60_000)
        yield* Collection.drop(C)
      }),
    )
  ),
)

effectTest(
  "Milvus 2.3.5: an optimization stays in its database, and refreshes a collection only if it is loaded",
  Effect.suspend(() =>
    on(
      full(),
      Effect.gen(function* () {
        const [C, mine, other] = [simple(next()), next(), next()]
        yield* Database.create(mine)
        yield* Database.create(other)
        yield* Collection.create(C, { database: mine })
        const job = yield* Database.withDatabase(mine)(Maintenance.optimize(C))
        // A collection of that name does not exist in the other database.
        const steps = yield* Database.withDatabase(other)(Stream.runCollect(job.progress))
        assertEquals(steps.at(-1), "refreshing")
        yield* Collection.release(C, { database: mine })
        const released = yield* Maintenance.optimize(C, { database: mine })
        assertEquals((yield* Stream.runCollect(released.progress)).at(-1), "indexing again")
        yield* Collection.drop(C, { database: mine })
      }),
    )
  ),
)

effectTest(
  "milvus-lite: what it ignores is Unsupported",
  Effect.suspend(() =>
    on(
      lite(),
      Effect.gen(function* () {
        for (const option of [{ clustering: true }, { onlyDeletes: true }, { targetSize: 512 }]) {
          const error = yield* Effect.flip(Maintenance.compact("a", option))
          assert(error._tag === "Unsupported" && error.operation === "Maintenance.compact", String(error))
        }
        const error = yield* Effect.flip(Maintenance.optimize("a"))
        assert(error._tag === "Unsupported" && error.operation === "Maintenance.optimize", String(error))
      }),
    )
  ),
)

wireTests("Maintenance", [
  {
    name: "flush",
    method: "Flush",
    run: () => Effect.map(Maintenance.flush(["a", "b"]), ({ id }) => id),
    pymilvus: `P.flush_param(["a", "b"])`,
    reply: { coll_segIDs: { a: { data: [1] } }, coll_flush_ts: { a: 7, b: 8 } },
    result: [
      { collection: "a", segments: [1n], timestamp: 7n },
      { collection: "b", segments: [], timestamp: 8n },
    ],
  },
  {
    name: "flushFromId",
    method: "GetFlushState",
    run: () =>
      Effect.flatMap(
        Maintenance.flushFromId([{ collection: "a", segments: [1n, 2n], timestamp: 7n }]),
        (job) => job.await,
      ),
    pymilvus: `P.get_flush_state_request([1, 2], "a", 7)`,
    reply: { flushed: true },
    result: { flushed: ["a"], pending: [] },
  },
  {
    name: "flushAll of the newest contract",
    method: "FlushAll",
    run: () => Effect.map(Maintenance.flushAll(), ({ id }) => id),
    request: {},
    reply: {
      flush_all_msgs: { "by-dev-rootcoord-dml_0": { properties: { _tt: (460_000_000_000_000_000n).toString(36) } } },
    },
    result: { timestamp: 0n, channels: { "by-dev-rootcoord-dml_0": 460_000_000_000_000_000n } },
  },
  {
    name: "flushAllFromId",
    method: "GetFlushAllState",
    run: () =>
      Effect.flatMap(
        Maintenance.flushAllFromId({ timestamp: 5n, channels: { a: 6n } }),
        (job) => Effect.as(job.await, 1),
      ),
    request: { flush_all_ts: 5, flush_all_tss: { a: 6 } },
    reply: { flushed: true },
    result: 1,
  },
  {
    name: "compact",
    method: "ManualCompaction",
    run: () =>
      Effect.map(Maintenance.compact("a", { clustering: true, onlyDeletes: true, targetSize: 512 }), ({ id }) => id),
    pymilvus: `P.manual_compaction(collection_name="a", is_clustering=True, is_l0=True, target_size=512)`,
    reply: { compactionID: 9, compactionPlanCount: 1 },
    result: 9n,
  },
  {
    name: "optimize, which merges into segments as large as they can be",
    method: "ManualCompaction",
    run: () => Effect.flatMap(Maintenance.optimize("a"), ({ progress }) => Stream.runCollect(progress)),
    pymilvus: `P.manual_compaction("a", is_clustering=False, is_l0=False, target_size=2**63 - 1)`,
    reply: { compactionID: 9, compactionPlanCount: 1 },
    replies: {
      DescribeIndex: { index_descriptions: [{ index_name: "v", field_name: "v", state: "Finished" }] },
      GetCompactionState: { state: "Completed", completedPlanNo: 1 },
      GetLoadState: { state: "LoadStateNotLoad" },
    },
    result: ["indexing", "compacting", "indexing again"],
  },
  {
    name: "optimize with a size",
    method: "ManualCompaction",
    run: () =>
      Effect.flatMap(Maintenance.optimize("a", { targetSize: 2048 }), ({ progress }) => Stream.runCollect(progress)),
    pymilvus: `P.manual_compaction("a", is_clustering=False, is_l0=False, target_size=2048)`,
    reply: { compactionID: -1 },
    replies: {
      DescribeIndex: { index_descriptions: [{ index_name: "v", field_name: "v", state: "Finished" }] },
      GetLoadState: { state: "LoadStateLoaded" },
      LoadCollection: {},
      GetLoadingProgress: { progress: 100, refresh_progress: 100 },
    },
    result: ["indexing", "compacting", "indexing again", "refreshing"],
  },
  {
    name: "compactionPlans",
    method: "GetCompactionStateWithPlans",
    run: () => Maintenance.compactionPlans(9n),
    pymilvus: `P.get_compaction_state_with_plans(9)`,
    reply: {
      mergeInfos: [
        { sources: [1, 2], target: -1, plan_id: 3, type: "CompactionTypeMix", state: "CompactionTaskStateExecuting" },
        { sources: [4], target: 5, failure_reason: "no space" },
      ],
    },
    result: [
      {
        id: 3n,
        sources: [1n, 2n],
        targets: [],
        channel: "",
        type: "CompactionTypeMix",
        state: "CompactionTaskStateExecuting",
        failure: undefined,
      },
      {
        id: 0n,
        sources: [4n],
        targets: [5n],
        channel: "",
        type: "CompactionTypeUndefined",
        state: "CompactionTaskStateUnknown",
        failure: "no space",
      },
    ],
  },
  {
    name: "segments",
    method: "GetPersistentSegmentInfo",
    run: () => Maintenance.segments("a", { states: ["Flushed"] }),
    request: { collectionName: "a", states: ["Flushed"] },
    reply: { infos: [{ segmentID: 1, collectionID: 2, partitionID: 3, num_rows: 4, state: "Flushed", level: "L1" }] },
    result: [{
      id: 1n,
      collectionId: 2n,
      partitionId: 3n,
      rows: 4,
      state: "Flushed",
      level: "L1",
      isSorted: false,
    }],
  },
  {
    name: "indexedSegments",
    method: "ListIndexedSegment",
    run: () => Maintenance.indexedSegments("a", "v"),
    request: { collection_name: "a", index_name: "v" },
    reply: { segmentIDs: [1, 2] },
    result: [1n, 2n],
  },
  {
    name: "segmentIndexes",
    method: "DescribeSegmentIndexData",
    run: () => Maintenance.segmentIndexes("a", "v", [1n]),
    request: { collection_name: "a", index_name: "v", segmentsIDs: [1] },
    reply: {
      index_data: { 1: { segmentID: 1, index_data: "x" } },
      index_params: [{ key: "index_type", value: "HNSW" }],
    },
    result: { params: { index_type: "HNSW" }, segments: [{ segmentId: 1n, data: "x" }] },
  },
  {
    name: "loadBalance",
    method: "LoadBalance",
    run: () => Maintenance.loadBalance("a", { from: 1n, to: [2n], segments: [3n] }),
    pymilvus: `P.load_balance_request("a", 1, [2], [3])`,
  },
])

wireTests("System", [
  {
    name: "health",
    method: "CheckHealth",
    run: () => System.health(),
    request: {},
    reply: { isHealthy: false, reasons: ["no space"], quota_states: ["DenyToWrite"] },
    result: {
      isHealthy: false,
      reasons: ["no space"],
      quotas: ["DenyToWrite"],
      denied: { reads: false, writes: true, schemaChanges: false },
    },
  },
  {
    name: "metrics",
    method: "GetMetrics",
    run: () => System.metrics({ metric_type: "system_info" }),
    request: { request: `{"metric_type":"system_info"}` },
    reply: { component_name: "proxy", response: `{"id":9007199254740993}` },
    result: { component: "proxy", values: { id: 9007199254740993n }, raw: `{"id":9007199254740993}` },
  },
  {
    name: "registerLink",
    method: "RegisterLink",
    run: () => System.registerLink(),
    request: {},
    reply: { address: { ip: "10.0.0.7", port: 19530 } },
    result: "10.0.0.7:19530",
  },
  {
    name: "dummy",
    method: "Dummy",
    run: () => System.dummy("ping"),
    request: { request_type: "ping" },
    reply: { response: "pong" },
    result: "pong",
  },
])

test("a compaction whose plans fail fails with their reasons, and an interrupted wait leaves it", () =>
  onFake(({ mine }, fake) =>
    mine(Effect.gen(function* () {
      yield* fake.handle("ManualCompaction", () => Effect.succeed({ compactionID: 9n }))
      yield* fake.handle("GetCompactionState", () => Effect.succeed({ state: "Completed", failedPlanNo: 1n }))
      yield* fake.handle("GetCompactionStateWithPlans", () =>
        Effect.succeed({ mergeInfos: [{ plan_id: 3n, failure_reason: "no space" }] }))
      const job = yield* Maintenance.compact("a")
      const progress = { state: "Completed", executing: 0, completed: 0, failed: 1, timedOut: 0 } as const
      assertEquals(yield* Maintenance.compactionState(job.id), progress)
      const failed = yield* Effect.flip(job.await)
      assertStringIncludes(failed.message, "compaction 9 failed: 1 plans failed and 0 took too long; plan 3: no space")
      yield* fake.handle("GetCompactionState", () =>
        Effect.succeed({ state: "Executing" }))
      const late = yield* Effect.flip((yield* Maintenance.compactionFromId(9n, { timeout: "60 millis" })).await)
      assertMatch(
        late.message,
        /compaction 9 is Executing with 0 plans done and 0 running after .*the server continues/,
      )
    })), { version: "v3.1.0" }))

test("an optimization leaves the size of segments to a server before 2.6.8, and logs the compaction that goes on", () =>
  onFake(({ mine }, fake) =>
    mine(Effect.gen(function* () {
      const sizes: Array<bigint> = []
      yield* fake.handle("DescribeIndex", () =>
        Effect.succeed({ index_descriptions: [{ index_name: "v", field_name: "v", state: "Finished" }] }))
      yield* fake.handle("ManualCompaction", ({ target_size }) => {
        sizes.push(target_size)
        return Effect.succeed({ compactionID: 9n })
      })
      yield* fake.handle("GetCompactionState", () =>
        Effect.succeed({ state: "Executing" }))
      const lines: Array<string> = []
      const logger = Logger.layer([Logger.make(({ message }) => void lines.push(String(message)))])
      const job = yield* Maintenance.optimize("a")
      const fiber = yield* Effect.forkChild(Effect.provide(job.await, logger))
      const calls = () => Effect.runPromise(fake.calls)
      yield* until(async () => (await calls()).some(({ method }) => method === "GetCompactionState"))
      yield* Fiber.interrupt(fiber)
      assertEquals(sizes, [0n])
      assertMatch(lines.join(), /compaction 9 at .* goes on; Maintenance.compactionFromId\(9n\) waits for it again/)
      const refused = yield* Effect.flip(Maintenance.optimize("a", { targetSize: 512 }))
      assert(refused._tag === "Unsupported" && refused.option === "targetSize" && refused.needs === "2.6.8")
    })), { version: "v2.6.7" }))

test("arguments of maintenance that cannot have an effect are refused before anything is sent", () =>
  onFake(({ mine }, fake) =>
    mine(Effect.gen(function* () {
      yield* fake.clearCalls
      // Casts: what an untyped program may write.
      const refused: ReadonlyArray<readonly [Effect.Effect<unknown, unknown, Connection.Connection>, string]> = [
        [Maintenance.flush([]), "collections"],
        [Maintenance.flush(["a", " "]), "collection"],
        [Maintenance.flushFromId([]), "id"],
        [Maintenance.flushAllFromId({} as never), "id"],
        [Maintenance.compact("a", { targetSize: 0 }), "targetSize"],
        [Maintenance.compact("a", { clustering: 1 as never }), "clustering"],
        [Maintenance.compactionFromId(-1n), "id"],
        [Maintenance.compactionState(0n), "id"],
        [Maintenance.optimize("a", { targetSize: 1.5 }), "targetSize"],
        [Maintenance.segments("a", { states: [] }), "states"],
        [Maintenance.segments("a", { states: ["Gone" as never] }), "states"],
        [Maintenance.segmentIndexes("a", "v", []), "segments"],
        [Maintenance.loadBalance("a", { from: 0n }), "target.from"],
        [System.metrics(""), "request"],
        [System.metrics(7 as never), "request"],
        [System.dummy(""), "request"],
      ]
      for (const [effect, parameter] of refused) {
        const error = yield* Effect.flip(effect)
        assert(error instanceof Error && "parameter" in error, `${parameter}: ${error}`)
        assertEquals(error.parameter, parameter)
      }
      assertEquals(yield* fake.calls, [])
    })), { version: "v3.1.0" }))
