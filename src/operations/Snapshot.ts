/**
 * Snapshots: the state of a collection at a moment, which is kept, restored into a new collection, or exported.
 *
 * A snapshot has the rows that were flushed. Names of snapshots belong to a collection. An operation fails with
 * `ParamError` if an argument is invalid, before anything is sent, and else with the errors of its call (`CallError`).
 * Milvus 3.0 and later; milvus-lite has no snapshots (`Unsupported`).
 *
 * @example
 * ```ts ignore
 * yield* Snapshot.create("books", "monday")
 * const job = yield* Snapshot.restore("books", "monday", { into: "books_monday" })
 * yield* job.await
 * ```
 *
 * @module
 */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Connection from "../Connection.ts"
import { type Decoded, readName } from "../config/params.ts"
import type { CallError, ParamError } from "../errors.ts"
import type { CollectionRef } from "./shared/collectionRef.ts"
import { currentConnection } from "./shared/currentConnection.ts"
import { dateOf, readId, readSeconds, readText } from "./shared/decode.ts"
import { withoutTimeout } from "./shared/job.ts"
import { callOptionNames, operate } from "./shared/operate.ts"
import { checkFlag, checkOptions, optionNames, readCollection } from "./shared/options.ts"
import type { WaitOptions } from "./shared/waiting.ts"
import {
  type ExportJob,
  exportJob,
  type ExportProgress,
  progressOf,
  type RestoreJob,
  restoreJob,
  type SnapshotJobState,
  type SnapshotProgress,
} from "./snapshots/snapshotJobs.ts"

export type { ExportJob, ExportProgress, RestoreJob, SnapshotJobState, SnapshotProgress }

/** Options for {@linkcode create}. */
export interface CreateOptions extends Connection.CallOptions {
  /**
   * A description. None by default.
   */
  readonly description?: string | undefined
  /**
   * Time for which compaction leaves the files of the snapshot alone; whole seconds.
   *
   * @default Not at all.
   */
  readonly compactionProtection?: Duration.Input | undefined
  /**
   * Whether the indexes are left out, which makes the snapshot smaller. Milvus 3.0.1 and later.
   *
   * @default false
   */
  readonly skipIndexes?: boolean | undefined
}

const createOptionNames = optionNames<CreateOptions>("description", "compactionProtection", "skipIndexes")
const skipIndexesSince = { skipIndexes: "3.0.1" }

/** Encodes whether indexes are left out. */
const skipIndex = (skipIndexes: unknown): Decoded<{ readonly skip_index?: boolean }> =>
  Result.map(
    checkFlag("skipIndexes", skipIndexes),
    () => typeof skipIndexes === "boolean" ? { skip_index: skipIndexes } : {},
  )

/**
 * Creates a snapshot of a collection.
 *
 * Calls `CreateSnapshot`. Milvus 3.0 and later. Fails with `ServerError` if the collection has one of that name.
 */
export const create = (
  collection: CollectionRef,
  name: string,
  options?: CreateOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> =>
  Effect.asVoid(operate("CreateSnapshot", options, () =>
    Result.gen(function* () {
      const { description, compactionProtection, skipIndexes } = options ?? {}
      return {
        ...yield* named(collection, name),
        ...yield* skipIndex(skipIndexes),
        ...(description === undefined ? {} : { description: yield* readText("description", description) }),
        ...(compactionProtection === undefined
          ? {}
          : { compaction_protection_seconds: yield* readSeconds("compactionProtection", compactionProtection) }),
      }
    }), { options: createOptionNames, since: skipIndexesSince }))

/** Decodes the collection and the name of a snapshot. */
const named = (
  collection: CollectionRef,
  name: string,
): Decoded<{ readonly collection_name: string; readonly name: string }> =>
  Result.gen(function* () {
    return { collection_name: yield* readCollection(collection), name: yield* readName("name", name) }
  })

/**
 * Drops a snapshot, and the files that only it needs.
 *
 * Calls `DropSnapshot`. Milvus 3.0 and later. Fails with `ServerError` if it is pinned.
 */
export const drop = (
  collection: CollectionRef,
  name: string,
  options?: Connection.CallOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> =>
  Effect.asVoid(operate("DropSnapshot", options, () => named(collection, name)))

/**
 * Returns the names of the snapshots of a collection.
 *
 * Calls `ListSnapshots`. Milvus 3.0 and later.
 */
export const list = (
  collection: CollectionRef,
  options?: Connection.CallOptions,
): Effect.Effect<ReadonlyArray<string>, CallError | ParamError, Connection.Connection> =>
  Effect.map(
    operate(
      "ListSnapshots",
      options,
      () => Result.map(readCollection(collection), (collection_name) => ({ collection_name })),
    ),
    ({ snapshots }) => snapshots,
  )

/** Description of a snapshot by the server. */
export interface SnapshotDescription {
  /** The name. */
  readonly name: string
  /** The description; empty without one. */
  readonly description: string
  /** The collection. */
  readonly collection: string
  /** The partitions. */
  readonly partitions: ReadonlyArray<string>
  /** Time of its creation. */
  readonly created: Date | undefined
  /** Where its metadata is, in the storage of the server. */
  readonly location: string
  /** Whether it has the indexes of the collection. */
  readonly hasIndexes: boolean
}

/**
 * Describes a snapshot.
 *
 * Calls `DescribeSnapshot`. Milvus 3.0 and later. Fails with `ServerError` if it does not exist.
 */
export const describe = (
  collection: CollectionRef,
  name: string,
  options?: Connection.CallOptions,
): Effect.Effect<SnapshotDescription, CallError | ParamError, Connection.Connection> =>
  Effect.map(operate("DescribeSnapshot", options, () => named(collection, name)), (reply) => ({
    name: reply.name,
    description: reply.description,
    collection: reply.collection_name,
    partitions: reply.partition_names,
    created: dateOf(reply.create_ts),
    location: reply.s3_location,
    hasIndexes: !reply.skip_index,
  }))

/** Options for {@linkcode restore}. */
export interface RestoreOptions extends WaitOptions {
  /** The name of the collection to make, which must not exist. */
  readonly into: string
  /**
   * The database in which it is made.
   *
   * @default That of the snapshot.
   */
  readonly intoDatabase?: string | undefined
  /**
   * Whether the data is written anew, and not only referred to.
   *
   * @default false
   */
  readonly rewriteData?: boolean | undefined
  /**
   * Whether the indexes of the snapshot are left out, and built anew. Milvus 3.0.1 and later.
   *
   * @default false
   */
  readonly skipIndexes?: boolean | undefined
}

const restoreOptionNames = optionNames<RestoreOptions>("into", "intoDatabase", "rewriteData", "skipIndexes")

/**
 * Starts to restore a snapshot into a new collection. `timeout` bounds each wait for the job, not the job.
 *
 * Calls `RestoreSnapshot`. Milvus 3.0 and later. If the collection exists, the job fails, not the call.
 */
export const restore = (
  collection: CollectionRef,
  name: string,
  options: RestoreOptions,
): Effect.Effect<RestoreJob, CallError | ParamError, Connection.Connection> =>
  Effect.gen(function* () {
    const { job_id } = yield* operate("RestoreSnapshot", withoutTimeout(options), () =>
      Result.gen(function* () {
        const { into, intoDatabase, rewriteData } = options
        yield* checkFlag("rewriteData", rewriteData)
        return {
          ...yield* named(collection, name),
          target_collection_name: yield* readName("into", into),
          ...(intoDatabase === undefined ? {} : { target_db_name: yield* readName("intoDatabase", intoDatabase) }),
          rewrite_data: rewriteData ?? false,
          ...yield* skipIndex(options.skipIndexes),
        }
      }), { options: restoreOptionNames, since: skipIndexesSince })
    return restoreJob(yield* currentConnection(options), job_id, options)
  })

/** Options for {@linkcode restoreExternal}. */
export interface RestoreExternalOptions extends WaitOptions {
  /** The name of the collection to make, which must not exist. */
  readonly into: string
  /**
   * Access to the storage, as JSON text that the server defines.
   *
   * @default The storage of the server.
   */
  readonly externalSpec?: string | undefined
  /**
   * Whether the indexes of the snapshot are left out, and built anew. Milvus 3.0.1 and later.
   *
   * @default false
   */
  readonly skipIndexes?: boolean | undefined
}

const restoreExternalNames = optionNames<RestoreExternalOptions>("into", "externalSpec", "skipIndexes")

/**
 * Starts to restore a snapshot that was exported, perhaps by another server, from the URI of its metadata.
 *
 * Calls `RestoreExternalSnapshot`. Milvus 3.0 and later. If the collection exists, the job fails, not the call.
 */
export const restoreExternal = (
  metadataUri: string,
  options: RestoreExternalOptions,
): Effect.Effect<RestoreJob, CallError | ParamError, Connection.Connection> =>
  Effect.gen(function* () {
    const { job_id } = yield* operate("RestoreExternalSnapshot", withoutTimeout(options), () =>
      Result.gen(function* () {
        const { into, externalSpec } = options
        return {
          snapshot_metadata_uri: yield* readName("metadataUri", metadataUri),
          target_collection_name: yield* readName("into", into),
          ...(externalSpec === undefined ? {} : { external_spec: yield* readName("externalSpec", externalSpec) }),
          ...yield* skipIndex(options.skipIndexes),
        }
      }), { options: restoreExternalNames, since: skipIndexesSince })
    return restoreJob(yield* currentConnection(options), job_id, options)
  })

/**
 * Returns the job of a restore that was started earlier, to wait for it again.
 *
 * Calls nothing until it is waited for; then it polls `GetRestoreSnapshotState`. Milvus 3.0 and later.
 */
export const fromId = (
  id: bigint,
  options?: WaitOptions,
): Effect.Effect<RestoreJob, ParamError, Connection.Connection> =>
  Effect.gen(function* () {
    yield* Effect.fromResult(checkOptions(options, callOptionNames))
    const job = yield* Effect.fromResult(readId("id", id))
    return restoreJob(yield* currentConnection(options), job, options)
  })

/**
 * Returns the restores of a collection's snapshots that the server knows, or of all collections.
 *
 * Calls `ListRestoreSnapshotJobs`. Milvus 3.0 and later.
 */
export const listRestores = (
  collection?: CollectionRef,
  options?: Connection.CallOptions,
): Effect.Effect<ReadonlyArray<SnapshotProgress>, CallError | ParamError, Connection.Connection> =>
  Effect.map(
    operate("ListRestoreSnapshotJobs", options, () =>
      collection === undefined
        ? Result.succeed({})
        : Result.map(readCollection(collection), (collection_name) => ({ collection_name }))),
    ({ jobs }) =>
      jobs.map((info) =>
        progressOf("RestoreSnapshot", info)
      ),
  )

/** Options for {@linkcode exportTo}. */
export interface ExportOptions extends WaitOptions {
  /**
   * Access to the storage, as JSON text that the server defines.
   *
   * @default The storage of the server.
   */
  readonly externalSpec?: string | undefined
}

const exportOptionNames = optionNames<ExportOptions>("externalSpec")

/**
 * Starts to export a snapshot to a path in object storage. `timeout` bounds each wait for the job, not the job.
 *
 * Calls `ExportSnapshot`. Milvus 3.0 and later; to wait for the job needs `GetExportSnapshotState`, of Milvus 3.0.1 and
 * later.
 */
export const exportTo = (
  collection: CollectionRef,
  name: string,
  path: string,
  options?: ExportOptions,
): Effect.Effect<ExportJob, CallError | ParamError, Connection.Connection> =>
  Effect.gen(function* () {
    const { job_id } = yield* operate("ExportSnapshot", withoutTimeout(options ?? {}), () =>
      Result.gen(function* () {
        const externalSpec = options?.externalSpec
        return {
          ...yield* named(collection, name),
          target_s3_path: yield* readName("path", path),
          ...(externalSpec === undefined ? {} : { external_spec: yield* readName("externalSpec", externalSpec) }),
        }
      }), { options: exportOptionNames })
    return exportJob(yield* currentConnection(options), job_id, options)
  })

/**
 * Returns the job of an export that was started earlier, to wait for it again.
 *
 * Calls nothing until it is waited for; then it polls `GetExportSnapshotState`. Milvus 3.0.1 and later.
 */
export const exportFromId = (
  id: bigint,
  options?: WaitOptions,
): Effect.Effect<ExportJob, ParamError, Connection.Connection> =>
  Effect.gen(function* () {
    yield* Effect.fromResult(checkOptions(options, callOptionNames))
    const job = yield* Effect.fromResult(readId("id", id))
    return exportJob(yield* currentConnection(options), job, options)
  })

/** Options for {@linkcode pin}. */
export interface PinOptions extends Connection.CallOptions {
  /**
   * Time for which the data is kept; whole seconds.
   *
   * @default As the server is configured.
   */
  readonly timeToLive?: Duration.Input | undefined
}

const pinOptionNames = optionNames<PinOptions>("timeToLive")

/**
 * Keeps the data of a snapshot from being removed, for example while another program copies it. Returns the id for
 * {@linkcode unpin}.
 *
 * Calls `PinSnapshotData`. Milvus 3.0 and later.
 */
export const pin = (
  collection: CollectionRef,
  name: string,
  options?: PinOptions,
): Effect.Effect<bigint, CallError | ParamError, Connection.Connection> =>
  Effect.map(
    operate("PinSnapshotData", options, () =>
      Result.gen(function* () {
        const timeToLive = options?.timeToLive
        return {
          ...yield* named(collection, name),
          ...(timeToLive === undefined ? {} : { ttl_seconds: yield* readSeconds("timeToLive", timeToLive) }),
        }
      }), { options: pinOptionNames }),
    ({ pin_id }) => pin_id,
  )

/**
 * Ends what {@linkcode pin} began.
 *
 * Calls `UnpinSnapshotData`. Milvus 3.0 and later.
 */
export const unpin = (
  id: bigint,
  options?: Connection.CallOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> =>
  Effect.asVoid(operate("UnpinSnapshotData", options, () => Result.map(readId("id", id), (pin_id) => ({ pin_id }))))
