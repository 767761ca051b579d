/**
 * Partitions: named parts of a collection, which can be read, loaded and dropped apart from the others.
 *
 * An operation takes a collection by its definition or by its name or alias. It fails with `ParamError` if an argument
 * is invalid, before anything is sent, and else with the errors of its calls (`CallError`). All operations work with
 * Milvus 2.0 and later and with milvus-lite, except that milvus-lite cannot load or release single partitions
 * (`Unsupported`).
 *
 * @example
 * ```ts ignore
 * yield* Partition.create("books", "novels")
 * yield* Vectors.insert(Books, rows, { partition: "novels" })
 * ```
 *
 * @module
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import type * as Connection from "../Connection.ts"
import { type Decoded, readName } from "../config/params.ts"
import type { CallError, CodecError, ParamError } from "../errors.ts"
import { type LoadState, type LoadStateName, runLoadState } from "./collections/loadState.ts"
import { type LoadOptions as CollectionLoadOptions, runLoad } from "./collections/runLoad.ts"
import type { CollectionRef } from "./shared/collectionRef.ts"
import { dateOf, timestampToDate } from "./shared/decode.ts"
import { operate } from "./shared/operate.ts"
import { checkOptions, optionNames, readCollection, readNameList } from "./shared/options.ts"
import { readRowCount } from "./shared/statistics.ts"
import { operation, streamOperation } from "./shared/operation.ts"

export type { LoadState, LoadStateName }

/** Options for {@linkcode load} and {@linkcode loading}. */
export type LoadOptions = Omit<CollectionLoadOptions, "partitions">

/** Decodes a collection and one of its partitions. */
const target = (
  collection: CollectionRef,
  partition: string,
): Decoded<{ readonly collection_name: string; readonly partition_name: string }> =>
  Result.gen(function* () {
    return {
      collection_name: yield* readCollection(collection),
      partition_name: yield* readName("partition", partition),
    }
  })

/**
 * Creates a partition.
 *
 * Calls `CreatePartition`. If it exists, Milvus succeeds, and milvus-lite fails with `ServerError`. Fails with
 * `ServerError` if the collection has a partition key.
 */
export const create = (
  collection: CollectionRef,
  partition: string,
  options?: Connection.CallOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> =>
  Effect.asVoid(operate("CreatePartition", options, () => target(collection, partition)))

/**
 * Drops a partition with its rows. A loaded one has to be released first.
 *
 * Calls `DropPartition`. If it does not exist, Milvus succeeds, and milvus-lite fails with `ServerError`.
 */
export const drop = (
  collection: CollectionRef,
  partition: string,
  options?: Connection.CallOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> =>
  Effect.asVoid(operate("DropPartition", options, () => target(collection, partition)))

/**
 * Returns whether a partition exists.
 *
 * Calls `HasPartition`. Fails with `ServerError` if the collection does not exist.
 */
export const has = (
  collection: CollectionRef,
  partition: string,
  options?: Connection.CallOptions,
): Effect.Effect<boolean, CallError | ParamError, Connection.Connection> =>
  Effect.map(operate("HasPartition", options, () => target(collection, partition)), ({ value }) => value)

/** A partition in the list of the server. */
export interface ListedPartition {
  /** The name. */
  readonly name: string
  /** The id on the server; `undefined` if the server reports none (milvus-lite). */
  readonly id: bigint | undefined
  /** Time of its creation; `undefined` if the server does not report it (milvus-lite). */
  readonly created: Date | undefined
}

const show = (operation: string, collection: CollectionRef, options: Connection.CallOptions | undefined) =>
  operate(
    "ShowPartitions",
    options,
    () => Result.map(readCollection(collection), (collection_name) => ({ collection_name })),
    { operation },
  )

/**
 * Returns the names of the partitions of a collection, among them `"_default"`.
 *
 * Calls `ShowPartitions`.
 */
export const list = (
  collection: CollectionRef,
  options?: Connection.CallOptions,
): Effect.Effect<ReadonlyArray<string>, CallError | ParamError, Connection.Connection> =>
  Effect.map(show("Partition.list", collection, options), ({ partition_names }) => partition_names)

/**
 * Returns the partitions of a collection with their ids and times of creation.
 *
 * Calls `ShowPartitions`.
 */
export const listDetails = (
  collection: CollectionRef,
  options?: Connection.CallOptions,
): Effect.Effect<ReadonlyArray<ListedPartition>, CallError | ParamError, Connection.Connection> =>
  Effect.map(show("Partition.listDetails", collection, options), (reply) =>
    reply.partition_names.map((name, at) => ({
      name,
      id: reply.partitionIDs[at] || undefined,
      // Newer servers report UTC milliseconds as well.
      created: dateOf(reply.created_utc_timestamps[at] ?? 0n) ?? timestampToDate(reply.created_timestamps[at] ?? 0n),
    })))

/**
 * Returns the number of rows of a partition at the server's last count, which may not include recent writes and
 * deletes. `Vectors.count` with `partitions` counts exactly.
 *
 * Calls `GetPartitionStatistics`. Fails with `CodecError` if the reply has no valid `row_count`.
 */
export const statistics = (
  collection: CollectionRef,
  partition: string,
  options?: Connection.CallOptions,
): Effect.Effect<{ readonly rows: number }, CallError | CodecError | ParamError, Connection.Connection> =>
  Effect.gen(function* () {
    const { stats } = yield* operate("GetPartitionStatistics", options, () => target(collection, partition))
    return { rows: yield* Effect.fromResult(readRowCount("GetPartitionStatistics", stats)) }
  })

/**
 * Loads partitions, and waits until they can be searched, as `Collection.load` does.
 *
 * Calls `LoadPartitions`, then polls `GetLoadingProgress`, and `GetLoadState` if the progress falls.
 */
export const load = (
  collection: CollectionRef,
  partitions: ReadonlyArray<string>,
  options?: LoadOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> =>
  operation("Partition.load", collection, options, Stream.runDrain(runLoading(collection, partitions, options)))

/** Loads partitions as {@linkcode load} does, and emits the progress in percent at each change, up to 100. */
export const loading = (
  collection: CollectionRef,
  partitions: ReadonlyArray<string>,
  options?: LoadOptions,
): Stream.Stream<number, CallError | ParamError, Connection.Connection> =>
  streamOperation("Partition.loading", collection, options, runLoading(collection, partitions, options))

const runLoading = (
  collection: CollectionRef,
  partitions: ReadonlyArray<string>,
  options: LoadOptions | undefined,
): Stream.Stream<number, CallError | ParamError, Connection.Connection> =>
  Stream.unwrap(Effect.gen(function* () {
    yield* Effect.fromResult(checkOptions(options, loadOptionNames))
    const names = yield* Effect.fromResult(readNameList("partitions", partitions))
    return runLoad(collection, { ...options, partitions: names })
  }))

const loadOptionNames = optionNames<LoadOptions>(
  "replicas",
  "resourceGroups",
  "fields",
  "skipDynamicField",
  "priority",
)

/**
 * Releases partitions from memory. It does not wait until the memory is free.
 *
 * Calls `ReleasePartitions`.
 */
export const release = (
  collection: CollectionRef,
  partitions: ReadonlyArray<string>,
  options?: Connection.CallOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> =>
  Effect.asVoid(operate("ReleasePartitions", options, () =>
    Result.gen(function* () {
      return {
        collection_name: yield* readCollection(collection),
        partition_names: yield* readNameList("partitions", partitions),
      }
    })))

/**
 * Returns whether partitions are loaded: the state of the one that is least so. milvus-lite, which loads only whole
 * collections, reports the state of the collection.
 *
 * Calls `GetLoadState`, and `GetLoadingProgress` while they are being loaded. Milvus 2.2.1 and later, and milvus-lite.
 */
export const loadState = (
  collection: CollectionRef,
  partitions: ReadonlyArray<string>,
  options?: Connection.CallOptions,
): Effect.Effect<LoadState, CallError | ParamError, Connection.Connection> =>
  operation(
    "Partition.loadState",
    collection,
    options,
    Effect.flatMap(
      Effect.fromResult(readNameList("partitions", partitions)),
      (names) => runLoadState(collection, names, options),
    ),
  )
