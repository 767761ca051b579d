/**
 * Prewarming: loads a collection, or a namespace of one, before it is read for the first time.
 *
 * An operation fails with `ParamError` if an argument is invalid, before anything is sent, and else with the errors of
 * its call (`CallError`). Milvus 3.0.1 and later; milvus-lite cannot prewarm (`Unsupported`).
 *
 * @example
 * ```ts ignore
 * const job = yield* Prewarm.start("books", { namespace: "alice" })
 * yield* job.await
 * ```
 *
 * @module
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Connection from "../Connection.ts"
import { failParam, readName } from "../config/params.ts"
import type { CallError, ParamError } from "../errors.ts"
import type { CollectionRef } from "./shared/collectionRef.ts"
import { currentConnection } from "./shared/currentConnection.ts"
import { readCount, type State, stateOf } from "./shared/decode.ts"
import { failJob, type Job, makeJob, withoutTimeout } from "./shared/job.ts"
import { callOptionNames, operate } from "./shared/operate.ts"
import { checkFlag, checkOptions, optionNames, readCollection, readNames } from "./shared/options.ts"
import type { WaitOptions } from "./shared/waiting.ts"

/** State of a prewarming; a number if this version does not know it. */
export type PrewarmState = State<"PrewarmTaskState", Connection.Methods["DescribePrewarmTask"]["response"]["state"]>

/** Progress of a prewarming. */
export interface PrewarmProgress {
  /** The id of the task. */
  readonly id: string
  /** The state. */
  readonly state: PrewarmState
  /** Progress from 0 to 100. */
  readonly percent: number
  /** Why it failed; `undefined` unless it did. */
  readonly failure: string | undefined
}

/** A prewarming. */
export type PrewarmJob = Job<string, PrewarmProgress, PrewarmProgress>

/** Options for {@linkcode start}. */
export interface StartOptions extends WaitOptions {
  /**
   * The namespace to load.
   *
   * @default The whole collection.
   */
  readonly namespace?: string | undefined
  /**
   * The number of replicas, if it is not loaded yet.
   *
   * @default 1
   */
  readonly replicas?: number | undefined
  /**
   * The resource groups to load into, if it is not loaded yet.
   *
   * @default The default group.
   */
  readonly resourceGroups?: ReadonlyArray<string> | undefined
  /**
   * The fields to load, if it is not loaded yet.
   *
   * @default All.
   */
  readonly fields?: ReadonlyArray<string> | undefined
  /**
   * Whether the dynamic field is left out.
   *
   * @default false
   */
  readonly skipDynamicField?: boolean | undefined
  /**
   * The priority: `"low"`, the only one that servers know.
   *
   * @default The usual one.
   */
  readonly priority?: "low" | undefined
}

const startOptionNames = optionNames<StartOptions>(
  "namespace",
  "replicas",
  "resourceGroups",
  "fields",
  "skipDynamicField",
  "priority",
)

/**
 * Starts to prewarm a collection or a namespace. `timeout` bounds each wait for the job, not the job.
 *
 * Calls `Prewarm`. Milvus 3.0.1 and later.
 */
export const start = (
  collection: CollectionRef,
  options?: StartOptions,
): Effect.Effect<PrewarmJob, CallError | ParamError, Connection.Connection> =>
  Effect.gen(function* () {
    const { taskID } = yield* operate("Prewarm", withoutTimeout(options ?? {}), () =>
      Result.gen(function* () {
        const { namespace, replicas, resourceGroups, fields, skipDynamicField, priority } = options ?? {}
        yield* checkFlag("skipDynamicField", skipDynamicField)
        if (priority !== undefined && priority !== "low") return yield* failParam("priority", '"low"', priority)
        const groups = yield* readNames("resourceGroups", resourceGroups)
        const names = yield* readNames("fields", fields)
        return {
          collection_name: yield* readCollection(collection),
          ...(namespace === undefined ? {} : { namespace: yield* readName("namespace", namespace) }),
          ...(replicas === undefined ? {} : { replica_number: yield* readCount("replicas", replicas, 1) }),
          ...(groups === undefined ? {} : { resource_groups: groups }),
          ...(names === undefined ? {} : { load_fields: names }),
          ...(skipDynamicField === undefined ? {} : { skip_load_dynamic_field: skipDynamicField }),
          ...(priority === undefined ? {} : { priority }),
        }
      }), { options: startOptionNames })
    return jobOf(yield* currentConnection(options), taskID, options)
  })

/**
 * Returns the job of a prewarming that was started earlier, to wait for it again.
 *
 * Calls nothing until it is waited for; then it polls `DescribePrewarmTask`. Milvus 3.0.1 and later.
 */
export const fromId = (
  id: string,
  options?: WaitOptions,
): Effect.Effect<PrewarmJob, ParamError, Connection.Connection> =>
  Effect.gen(function* () {
    yield* Effect.fromResult(checkOptions(options, callOptionNames))
    const task = yield* Effect.fromResult(readName("id", id))
    return jobOf(yield* currentConnection(options), task, options)
  })

const jobOf = (connection: Connection.Connection, id: string, options: WaitOptions | undefined): PrewarmJob => {
  const method = "DescribePrewarmTask"
  const name = `prewarming ${id}`
  return makeJob({
    connection,
    options,
    id,
    method,
    name,
    resume: `Prewarm.fromId(${JSON.stringify(id)})`,
    poll: (call) =>
      Effect.flatMap(connection.call(method, { taskID: id }, call), (reply) => {
        const state: PrewarmState = stateOf("PrewarmTaskState", reply.state)
        return state === "Failed"
          ? failJob(connection, method, name, reply.error_message)
          : Effect.succeed({ id, state, percent: reply.progress, failure: reply.error_message || undefined })
      }),
    isDone: ({ state }) => state === "Completed",
    show: ({ state, percent }) => `is ${state} at ${percent}%`,
    result: (progress) => progress,
  })
}
