/**
 * Collections: their definitions, from which the types of rows follow, and operations on the server.
 *
 * An operation takes a collection by its definition or by its name or alias. It fails with `ParamError` if an argument
 * is invalid, before anything is sent, and else with the errors of its calls (`CallError`). All operations work with
 * Milvus 2.3 and later, and with milvus-lite, except that milvus-lite cannot load or release single partitions
 * (`UNIMPLEMENTED`).
 *
 * @example
 * ```ts ignore
 * const Books = Collection.define("books", {
 *   id: Field.int64({ primaryKey: true, autoId: true }),
 *   title: Field.varChar({ maxLength: 200 }),
 *   vector: Field.floatVector({ dimension: 768 }),
 * }, { indexes: { vector: Index.hnsw({ metric: "COSINE" }) } })
 *
 * yield* Collection.create(Books) // with its index, and loaded
 * ```
 *
 * @module
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type * as Connection from "../Connection.ts"
import { type CallError, CodecError, ParamError, type PartialCreate } from "../errors.ts"
import type { AnyDefinition } from "../schema/decodeSchema.ts"
import { fromDescription } from "../schema/decodeSchema.ts"
import type { CollectionDefinition } from "../schema/definition.ts"
import { type Description, findCollection, isNotFound } from "./collections/findCollection.ts"
import { type CreateOptions, runCreate } from "./collections/runCreate.ts"
import { type LoadOptions, runLoad } from "./collections/runLoad.ts"
import { type CollectionRef, readRef } from "./shared/collectionRef.ts"
import { checkOptions, optionNames, readName, readNames } from "./shared/options.ts"
import { fromServer } from "./shared/schemaCache.ts"
import { isLite } from "./shared/server.ts"
import type { WaitOptions } from "./shared/waiting.ts"
import { currentConnection } from "./shared/currentConnection.ts"

export * from "../schema/definition.ts"
export { fromServer }
export type { AnyDefinition, CollectionRef, CreateOptions, LoadOptions, WaitOptions }

/**
 * Creates a collection with its indexes, and loads it if every vector field has one.
 *
 * A collection of that name that exists already is compared with the definition. If they are equal, missing parts (an
 * index, the load) are completed, so it is safe to create a collection twice. If they differ, it fails with a
 * `ParamError` that lists the differences, and changes nothing. Parameters that only tune the server are compared if
 * both sides have them.
 *
 * Calls `DescribeCollection`, `CreateCollection`, `CreateIndex` for each index, `LoadCollection` and
 * `GetLoadingProgress`; for a collection that exists also `DescribeIndex`. `timeout` bounds all of it, the load
 * included.
 *
 * Not atomic. If a step after `CreateCollection` fails, the error is {@linkcode PartialCreate}, which has the step and
 * the indexes that exist. The collection stays on the server, also after an interruption; calling `create` again
 * completes it. Fails with `ParamError` if the definition is invalid, before any call.
 */
export const create = (
  definition: CollectionDefinition,
  options?: CreateOptions,
): Effect.Effect<void, CallError | CodecError | ParamError | PartialCreate, Connection.Connection> =>
  runCreate(definition, options)

/** Description of a collection by the server. */
export interface CollectionDescription {
  /** The definition of the collection. The types of its rows are not known at compile time. */
  readonly definition: AnyDefinition
  /** The id of the collection on the server; 0 if the server reports none (milvus-lite). */
  readonly id: bigint
  /** The aliases of the collection; empty if the server does not report them (milvus-lite). */
  readonly aliases: ReadonlyArray<string>
  /** Time of its creation; `undefined` if the server does not report it (milvus-lite). */
  readonly created: Date | undefined
}

/**
 * Describes a collection.
 *
 * Calls `DescribeCollection`. Fails with a `ServerError` of code 100 if the collection does not exist, and with
 * `CodecError` if its schema cannot be read.
 */
export const describe = (
  collection: CollectionRef,
  options?: Connection.CallOptions,
): Effect.Effect<CollectionDescription, CallError | CodecError | ParamError, Connection.Connection> =>
  Effect.gen(function* () {
    const collection_name = yield* readRef(collection, options, callOptionNames)
    const connection = yield* currentConnection(options)
    const described = yield* connection.call("DescribeCollection", { collection_name }, options)
    return {
      definition: yield* Effect.fromResult(fromDescription(described)),
      id: described.collectionID,
      aliases: described.aliases,
      created: createdAt(described),
    }
  })

/** Newer servers report UTC milliseconds; others a Milvus timestamp, whose lowest 18 bits are a counter. */
const createdAt = ({ created_utc_timestamp, created_timestamp }: Description): Date | undefined => {
  const milliseconds = Number(created_utc_timestamp || created_timestamp >> 18n)
  const date = new Date(milliseconds)
  return milliseconds > 0 && !Number.isNaN(date.getTime()) ? date : undefined
}

/**
 * Returns whether a collection exists; the name may be an alias.
 *
 * Calls `DescribeCollection`. Returns `false` only if the server reports that the collection does not exist. If the
 * server is busy, is starting, or denies permission, it fails.
 */
export const has = (
  collection: CollectionRef,
  options?: Connection.CallOptions,
): Effect.Effect<boolean, CallError | ParamError, Connection.Connection> =>
  Effect.gen(function* () {
    const name = yield* readRef(collection, options, callOptionNames)
    return (yield* findCollection(yield* currentConnection(options), name, options)) !== undefined
  })

/**
 * Drops a collection with its rows. Succeeds if it does not exist.
 *
 * Calls `DropCollection`; on milvus-lite `DescribeCollection` before it. An alias is refused: by Milvus itself, and
 * here for milvus-lite (`ParamError`), which would drop the collection behind it.
 */
export const drop = (
  collection: CollectionRef,
  options?: Connection.CallOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> =>
  Effect.gen(function* () {
    const name = yield* readRef(collection, options, callOptionNames)
    const connection = yield* currentConnection(options)
    if (isLite(connection)) {
      const target = (yield* findCollection(connection, name, options))?.collection_name ?? name
      if (target !== name) {
        const expected = `the name of a collection, which is ${JSON.stringify(target)}`
        return yield* new ParamError({ parameter: "collection", expected, actual: "an alias of it" })
      }
    }
    yield* Effect.catchIf(
      connection.call("DropCollection", { collection_name: name }, options),
      isNotFound,
      () => Effect.void,
    )
  })

/**
 * Renames a collection.
 *
 * Calls `RenameCollection`. Fails with `ServerError` if the new name is taken.
 */
export const rename = (
  collection: CollectionRef,
  name: string,
  options?: Connection.CallOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> =>
  Effect.gen(function* () {
    const oldName = yield* readRef(collection, options, callOptionNames)
    const newName = yield* Effect.fromResult(readName("name", name))
    const connection = yield* currentConnection(options)
    yield* connection.call("RenameCollection", { oldName, newName }, options)
  })

/**
 * Returns the names of all collections of the database.
 *
 * Calls `ShowCollections`.
 */
export const list = (
  options?: Connection.CallOptions,
): Effect.Effect<ReadonlyArray<string>, CallError | ParamError, Connection.Connection> =>
  Effect.gen(function* () {
    yield* Effect.fromResult(checkOptions(options, callOptionNames))
    const connection = yield* currentConnection(options)
    return (yield* connection.call("ShowCollections", {}, options)).collection_names
  })

/**
 * Returns the number of rows of a collection at the server's last count, which may not include recent writes and
 * deletes. `Vectors.count` counts exactly.
 *
 * Calls `GetCollectionStatistics`. Fails with `CodecError` if the reply has no valid `row_count`.
 */
export const statistics = (
  collection: CollectionRef,
  options?: Connection.CallOptions,
): Effect.Effect<{ readonly rows: number }, CallError | CodecError | ParamError, Connection.Connection> =>
  Effect.gen(function* () {
    const collection_name = yield* readRef(collection, options, callOptionNames)
    const connection = yield* currentConnection(options)
    const { stats } = yield* connection.call("GetCollectionStatistics", { collection_name }, options)
    const count = stats.find(({ key }) => key === "row_count")?.value
    if (count !== undefined && /^\d+$/.test(count)) return { rows: Number(count) }
    const expected = "a number of rows in the reply of GetCollectionStatistics"
    return yield* new CodecError({ kind: "Message", field: "row_count", expected })
  })

/**
 * Loads a collection, or some of its partitions, and waits until it can be searched.
 *
 * Calls `LoadCollection` or `LoadPartitions`, then polls `GetLoadingProgress`, and `GetLoadState` if the progress
 * falls.
 *
 * Fails with a `ServerError` if the server gives up the load, or if the collection is released (code 101) or dropped
 * (code 100) meanwhile. After `timeout` it fails with an `RpcError` of code `DEADLINE_EXCEEDED` that has the progress.
 * After a timeout or an interruption the server continues to load; calling `load` again continues the wait.
 */
export const load = (
  collection: CollectionRef,
  options?: LoadOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> => Stream.runDrain(loading(collection, options))

/** Loads a collection as {@linkcode load} does, and emits the progress in percent at each change, up to 100. */
export const loading = (
  collection: CollectionRef,
  options?: LoadOptions,
): Stream.Stream<number, CallError | ParamError, Connection.Connection> => runLoad(collection, options)

/** Options for {@linkcode release}. */
export type ReleaseOptions = Omit<LoadOptions, "replicas" | "timeout"> & Connection.CallOptions

/**
 * Releases a collection, or some of its partitions, from memory. It does not wait until the memory is free.
 *
 * Calls `ReleaseCollection` or `ReleasePartitions`.
 */
export const release = (
  collection: CollectionRef,
  options?: ReleaseOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> =>
  Effect.gen(function* () {
    const collection_name = yield* readRef(collection, options, releaseOptionNames)
    const partition_names = yield* Effect.fromResult(readNames("partitions", options?.partitions))
    const connection = yield* currentConnection(options)
    if (partition_names === undefined) yield* connection.call("ReleaseCollection", { collection_name }, options)
    else yield* connection.call("ReleasePartitions", { collection_name, partition_names }, options)
  })

const releaseOptionNames = optionNames<ReleaseOptions>("partitions")
const callOptionNames = optionNames<Connection.CallOptions>()
