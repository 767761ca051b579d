/** Compactions: jobs that merge segments. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Connection from "../../Connection.ts"
import { isOlder } from "../../contract/rpcs.ts"
import type { CallError, ParamError } from "../../errors.ts"
import type { CollectionRef } from "../shared/collectionRef.ts"
import { currentConnection, requireOptions } from "../shared/currentConnection.ts"
import { readCount, readId } from "../shared/decode.ts"
import { failJob, type Job, type JobSpec, makeJob, withoutTimeout } from "../shared/job.ts"
import { callOptionNames, operate } from "../shared/operate.ts"
import { checkFlag, checkOptions, optionNames, readCollection } from "../shared/options.ts"
import type { WaitOptions } from "../shared/waiting.ts"
import { operation } from "../shared/operation.ts"

/** State of a compaction; a number if this version does not know it. */
export type CompactionState = Connection.Methods["GetCompactionState"]["response"]["state"]

/** Progress of a compaction, in plans: each merges some segments. */
export interface CompactionProgress {
  /** The state. A compaction is `Completed` when all plans have ended. */
  readonly state: CompactionState
  /** Number of plans that run. */
  readonly executing: number
  /** Number of plans that succeeded. */
  readonly completed: number
  /** Number of plans that failed. */
  readonly failed: number
  /** Number of plans that took too long. */
  readonly timedOut: number
}

/** A compaction. An id that is not above 0 means that there was nothing to do. */
export type CompactionJob = Job<bigint, CompactionProgress, CompactionProgress>

/** Options for `compact`. */
export interface CompactOptions extends WaitOptions {
  /**
   * Whether rows are also sorted by the clustering key. Milvus 2.4.7 and later; not milvus-lite.
   *
   * @default false
   */
  readonly clustering?: boolean | undefined
  /**
   * Whether only deletes are applied (segments of level 0). Milvus 2.6.3 and later; not milvus-lite.
   *
   * @default false
   */
  readonly onlyDeletes?: boolean | undefined
  /**
   * The maximum size of the new segments, in MiB: not less than the server is configured for, and less if its nodes
   * have too little memory. Milvus 2.6.8 and later; not milvus-lite.
   *
   * @default As the server is configured.
   */
  readonly targetSize?: number | undefined
}

const compactOptionNames = optionNames<CompactOptions>("clustering", "onlyDeletes", "targetSize")
const compactSince = { clustering: "2.4.7", onlyDeletes: "2.6.3", targetSize: "2.6.8" }

const done: CompactionProgress = { state: "Completed", executing: 0, completed: 0, failed: 0, timedOut: 0 }

/**
 * Starts to merge the segments of a collection. `timeout` bounds each wait for the job, not the job. The wait fails if
 * a plan fails.
 *
 * Calls `ManualCompaction`, and before Milvus 2.4.18 `DescribeCollection` for the id of the collection. Milvus 2.0 and
 * later, and milvus-lite. Fails with `ServerError` if the collection does not exist.
 */
export const compact = (
  collection: CollectionRef,
  options?: CompactOptions,
): Effect.Effect<CompactionJob, CallError | ParamError, Connection.Connection> =>
  operation(
    "Maintenance.compact",
    collection,
    options,
    Effect.gen(function* () {
      yield* Effect.fromResult(checkOptions(options, compactOptionNames))
      const { clustering, onlyDeletes, targetSize, ...wait } = options ?? {}
      yield* Effect.fromResult(checkFlag("clustering", clustering))
      yield* Effect.fromResult(checkFlag("onlyDeletes", onlyDeletes))
      if (targetSize !== undefined) yield* Effect.fromResult(readCount("targetSize", targetSize, 1))
      yield* requireOptions(yield* currentConnection(options), "ManualCompaction", options, compactSince)
      return yield* startCompaction(collection, {
        majorCompaction: clustering ?? false,
        l0Compaction: onlyDeletes ?? false,
        ...(targetSize === undefined ? {} : { target_size: targetSize }),
      }, wait)
    }),
  )

/** Starts a compaction with the parts of a request that are not its collection. */
export const startCompaction = (
  collection: CollectionRef,
  request: Connection.Methods["ManualCompaction"]["request"],
  options: WaitOptions,
): Effect.Effect<CompactionJob, CallError | ParamError, Connection.Connection> =>
  Effect.gen(function* () {
    const collection_name = yield* Effect.fromResult(readCollection(collection))
    const connection = yield* currentConnection(options)
    const call = withoutTimeout(options)
    // Servers before 2.4.18 know collections by id only here.
    const target = isOlder(connection.server.version, "2.4.18")
      ? yield* Effect.map(
        connection.call("DescribeCollection", { collection_name }, call),
        ({ collectionID }) => ({ collection_name, collectionID }),
      )
      : { collection_name }
    const { compactionID } = yield* connection.call("ManualCompaction", { ...request, ...target }, call)
    return makeJob(compactionSpec(connection, compactionID, options))
  })

/**
 * Returns the job of a compaction that was started earlier, to wait for it again.
 *
 * Calls nothing until it is waited for; then it polls `GetCompactionState`. Milvus 2.0 and later, and milvus-lite. To
 * an id that a server does not know or has forgotten it answers `Completed`, without plans.
 */
export const compactionFromId = (
  id: bigint,
  options?: WaitOptions,
): Effect.Effect<CompactionJob, ParamError, Connection.Connection> =>
  Effect.gen(function* () {
    yield* Effect.fromResult(checkOptions(options, callOptionNames))
    const compaction = yield* Effect.fromResult(readId("id", id))
    return makeJob(compactionSpec(yield* currentConnection(options), compaction, options))
  })

const compactionSpec = (
  connection: Connection.Connection,
  id: bigint,
  options: WaitOptions | undefined,
): JobSpec<bigint, CompactionProgress, CompactionProgress> => {
  const method = "GetCompactionState"
  const name = `compaction ${id}`
  return {
    connection,
    options,
    id,
    method,
    name,
    resume: `Maintenance.compactionFromId(${id}n)`,
    poll: (call) =>
      id <= 0n ? Effect.succeed(done) : Effect.gen(function* () {
        const progress = progressOf(yield* connection.call(method, { compactionID: id }, call))
        if (progress.state !== "Completed" || progress.failed + progress.timedOut === 0) return progress
        // The state does not tell success from failure; the plans have the reasons.
        const { mergeInfos } = yield* connection.call("GetCompactionStateWithPlans", { compactionID: id }, call)
        const reasons = mergeInfos.flatMap(({ plan_id, failure_reason }) =>
          failure_reason === "" ? [] : [`plan ${plan_id}: ${failure_reason}`]
        )
        const counts = `${progress.failed} plans failed and ${progress.timedOut} took too long`
        return yield* failJob(connection, method, name, [counts, ...reasons].join("; "))
      }),
    isDone: ({ state }) => state === "Completed",
    show: ({ state, executing, completed }) => `is ${state} with ${completed} plans done and ${executing} running`,
    result: (progress) => progress,
  }
}

const progressOf = (reply: Connection.Methods["GetCompactionState"]["response"]): CompactionProgress => ({
  state: reply.state,
  executing: Number(reply.executingPlanNo),
  completed: Number(reply.completedPlanNo),
  failed: Number(reply.failedPlanNo),
  timedOut: Number(reply.timeoutPlanNo),
})

/**
 * Returns the state of a compaction, without waiting for it. It does not fail if a plan failed.
 *
 * Calls `GetCompactionState`. Milvus 2.0 and later, and milvus-lite. A server that does not know an id, or has
 * forgotten it, answers `Completed` without plans.
 */
export const compactionState = (
  id: bigint,
  options?: Connection.CallOptions,
): Effect.Effect<CompactionProgress, CallError | ParamError, Connection.Connection> =>
  Effect.map(
    operate("GetCompactionState", options, () => Result.map(readId("id", id), (compactionID) => ({ compactionID }))),
    progressOf,
  )

/** A plan of a compaction. Servers before 3.0.1 report its segments only. */
export interface CompactionPlan {
  /** The id of the plan; 0 if the server does not report it. */
  readonly id: bigint
  /** The ids of the segments that are merged. */
  readonly sources: ReadonlyArray<bigint>
  /** The ids of the segments that come of it; empty while it runs. */
  readonly targets: ReadonlyArray<bigint>
  /** The channel; empty if the server does not report it. */
  readonly channel: string
  /** The kind of compaction; a number if this version does not know it. */
  readonly type: PlanMessage["type"]
  /** The state of the plan; a number if this version does not know it. */
  readonly state: PlanMessage["state"]
  /** Why it failed; `undefined` unless it did. */
  readonly failure: string | undefined
}

type PlanMessage = Connection.Methods["GetCompactionStateWithPlans"]["response"]["mergeInfos"][number]

/**
 * Returns the plans of a compaction. The server forgets them after a while.
 *
 * Calls `GetCompactionStateWithPlans`. Milvus 2.0 and later.
 */
export const compactionPlans = (
  id: bigint,
  options?: Connection.CallOptions,
): Effect.Effect<ReadonlyArray<CompactionPlan>, CallError | ParamError, Connection.Connection> =>
  Effect.map(
    operate("GetCompactionStateWithPlans", options, () =>
      Result.map(readId("id", id), (compactionID) => ({ compactionID }))),
    ({ mergeInfos }) =>
      mergeInfos.map((plan) => ({
        id: plan.plan_id,
        sources: plan.sources,
        // The target is -1 while the plan runs.
        targets: plan.targets.length > 0 ? plan.targets : plan.target > 0n ? [plan.target] : [],
        channel: plan.channel,
        type: plan.type,
        state: plan.state,
        failure: plan.failure_reason || undefined,
      })),
  )
