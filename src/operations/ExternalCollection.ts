/**
 * External collections, whose rows are in files that another system writes, and which are refreshed from there.
 *
 * An operation fails with `ParamError` if an argument is invalid, before anything is sent, and else with the errors of
 * its call (`CallError`). Milvus 3.0 and later; milvus-lite has no external collections (`Unsupported`).
 *
 * @example
 * ```ts ignore
 * const job = yield* ExternalCollection.refresh("events")
 * yield* job.await
 * ```
 *
 * @module
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Connection from "../Connection.ts"
import { type Decoded, failParam, readName } from "../config/params.ts"
import type { CallError, ParamError } from "../errors.ts"
import type { CollectionRef } from "./shared/collectionRef.ts"
import { currentConnection } from "./shared/currentConnection.ts"
import { dateOf, readId, type State, stateOf } from "./shared/decode.ts"
import { failJob, type Job, makeJob, withoutTimeout } from "./shared/job.ts"
import { callOptionNames, operate } from "./shared/operate.ts"
import { checkOptions, optionNames, readCollection, readNameList } from "./shared/options.ts"
import type { WaitOptions } from "./shared/waiting.ts"

type Info = Connection.Methods["ListRefreshExternalCollectionJobs"]["response"]["jobs"][number]

/** State of a refresh; a number if this version does not know it. */
export type RefreshState = State<"Refresh", Info["state"]>

/** Progress of a refresh. */
export interface RefreshProgress {
  /** The id of the job. */
  readonly id: bigint
  /** The collection. */
  readonly collection: string
  /** The state. */
  readonly state: RefreshState
  /** Progress from 0 to 100. */
  readonly percent: number
  /** Why it failed; `undefined` unless it did. */
  readonly failure: string | undefined
  /** Where the files are. */
  readonly source: string
  /** Description of the files, as JSON text that the server defines. */
  readonly spec: string
  /** When it began. */
  readonly started: Date | undefined
  /** When it ended; `undefined` while it runs. */
  readonly ended: Date | undefined
  /** Duration; `undefined` while it runs. */
  readonly elapsed: Duration.Duration | undefined
}

/** A refresh. */
export type RefreshJob = Job<bigint, RefreshProgress, RefreshProgress>

/** Options for {@linkcode refresh}. */
export interface RefreshOptions extends WaitOptions {
  /**
   * Where the files are.
   *
   * @default Where they were at the last refresh.
   */
  readonly source?: string | undefined
  /**
   * Description of the files, as JSON text that the server defines.
   *
   * @default As at the last refresh.
   */
  readonly spec?: string | undefined
}

const refreshOptionNames = optionNames<RefreshOptions>("source", "spec")

/**
 * Starts to read the files of an external collection again. `timeout` bounds each wait for the job, not the job. Rows
 * may be found before their indexes are built.
 *
 * Calls `RefreshExternalCollection`. Milvus 3.0 and later. Fails with `ServerError` if the collection does not exist,
 * is not external, or is being refreshed.
 */
export const refresh = (
  collection: CollectionRef,
  options?: RefreshOptions,
): Effect.Effect<RefreshJob, CallError | ParamError, Connection.Connection> =>
  Effect.gen(function* () {
    const { job_id } = yield* operate("RefreshExternalCollection", withoutTimeout(options ?? {}), () =>
      Result.gen(function* () {
        const { source, spec } = options ?? {}
        return {
          collection_name: yield* readCollection(collection),
          ...(source === undefined ? {} : { external_source: yield* readName("source", source) }),
          ...(spec === undefined ? {} : { external_spec: yield* readName("spec", spec) }),
        }
      }), { options: refreshOptionNames })
    return refreshJob(yield* currentConnection(options), job_id, options)
  })

/**
 * Returns the job of a refresh that was started earlier, to wait for it again.
 *
 * Calls nothing until it is waited for; then it polls `GetRefreshExternalCollectionProgress`. Milvus 3.0 and later.
 */
export const fromId = (
  id: bigint,
  options?: WaitOptions,
): Effect.Effect<RefreshJob, ParamError, Connection.Connection> =>
  Effect.gen(function* () {
    yield* Effect.fromResult(checkOptions(options, callOptionNames))
    const job = yield* Effect.fromResult(readId("id", id))
    return refreshJob(yield* currentConnection(options), job, options)
  })

/**
 * Returns the refreshes that the server knows, of a collection or of all.
 *
 * Calls `ListRefreshExternalCollectionJobs`. Milvus 3.0 and later.
 */
export const listRefreshes = (
  collection?: CollectionRef,
  options?: Connection.CallOptions,
): Effect.Effect<ReadonlyArray<RefreshProgress>, CallError | ParamError, Connection.Connection> =>
  Effect.map(
    operate("ListRefreshExternalCollectionJobs", options, () =>
      collection === undefined
        ? Result.succeed({})
        : Result.map(readCollection(collection), (collection_name) => ({ collection_name }))),
    ({ jobs }) =>
      jobs.map(progressOf),
  )

/** A segment whose manifest is replaced. */
export interface ManifestUpdate {
  /** The id of the segment. */
  readonly segmentId: bigint
  /** The version of its new manifest. */
  readonly version: bigint
}

/**
 * Replaces the manifests of segments, for programs that write the files of a collection by themselves.
 *
 * Calls `BatchUpdateManifest`. Milvus 3.0 and later.
 */
export const updateManifests = (
  collection: CollectionRef,
  fields: ReadonlyArray<string>,
  updates: ReadonlyArray<ManifestUpdate>,
  options?: Connection.CallOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> =>
  Effect.asVoid(operate("BatchUpdateManifest", options, () =>
    Result.gen(function* () {
      return {
        collection_name: yield* readCollection(collection),
        field_names: yield* readNameList("fields", fields),
        items: yield* encodeUpdates(updates),
      }
    })))

const encodeUpdates = (
  updates: unknown,
): Decoded<ReadonlyArray<{ readonly segment_id: bigint; readonly manifest_version: bigint }>> =>
  Result.gen(function* () {
    if (!Array.isArray(updates) || updates.length === 0) {
      return yield* failParam("updates", "a list of at least one update", updates)
    }
    const items = []
    for (const [index, update] of updates.entries()) {
      items.push({
        segment_id: yield* readId(`updates[${index}].segmentId`, update?.segmentId),
        manifest_version: yield* readId(`updates[${index}].version`, update?.version),
      })
    }
    return items
  })

const progressOf = (info: Info): RefreshProgress => {
  const [started, ended] = [dateOf(info.start_time), dateOf(info.end_time)]
  return {
    id: info.job_id,
    collection: info.collection_name,
    state: stateOf("Refresh", info.state),
    percent: Number(info.progress),
    failure: info.reason || undefined,
    source: info.external_source,
    spec: info.external_spec,
    started,
    ended,
    elapsed: started === undefined || ended === undefined
      ? undefined
      : Duration.millis(ended.getTime() - started.getTime()),
  }
}

const refreshJob = (
  connection: Connection.Connection,
  id: bigint,
  options: WaitOptions | undefined,
): RefreshJob => {
  const method = "GetRefreshExternalCollectionProgress"
  const name = `refresh ${id}`
  return makeJob({
    connection,
    options,
    id,
    method,
    name,
    resume: `ExternalCollection.fromId(${id}n)`,
    poll: (call) =>
      Effect.flatMap(connection.call(method, { job_id: id }, call), ({ job_info: info }) => {
        if (info === null) return failJob(connection, method, name, "the server reports nothing about it")
        const progress = progressOf(info)
        return progress.state === "Failed"
          ? failJob(connection, method, name, progress.failure ?? "")
          : Effect.succeed(progress)
      }),
    isDone: ({ state }) => state === "Completed",
    show: ({ state, percent }) => `is ${state} at ${percent}%`,
    result: (progress) => progress,
  })
}
