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
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import type * as Connection from "../Connection.ts"
import { failParam, readDatabase } from "../config/params.ts"
import { type CallError, type CodecError, ParamError, type PartialCreate } from "../errors.ts"
import type { AnyDefinition } from "../schema/decodeSchema.ts"
import type { CollectionDefinition } from "../schema/definition.ts"
import type { CollectionProperties, FieldProperties } from "./collections/alterCollection.ts"
import { type CollectionDescription, descriptionOf } from "./collections/description.ts"
import { findCollection, isNotFound } from "./collections/findCollection.ts"
import { type LoadState, type LoadStateName, runLoadState } from "./collections/loadState.ts"
import { type CreateOptions, runCreate } from "./collections/runCreate.ts"
import { type LoadOptions, runLoad, runRefresh } from "./collections/runLoad.ts"
import { type CollectionRef, readRef } from "./shared/collectionRef.ts"
import { operate } from "./shared/operate.ts"
import { checkOptions, optionNames, readCollection, readName, readNames } from "./shared/options.ts"
import { fromServer } from "./shared/schemaCache.ts"
import { isLite } from "./shared/server.ts"
import type { WaitOptions } from "./shared/waiting.ts"
import { currentConnection, requireOptions } from "./shared/currentConnection.ts"
import { readRowCount } from "./shared/statistics.ts"

export * from "../schema/definition.ts"
export { alter, alterField, dropFieldProperties, dropProperties, truncate } from "./collections/alterCollection.ts"
export {
  addField,
  addFunction,
  type AddFunctionOptions,
  alterFunction,
  dropField,
  dropFunction,
  type DropFunctionOptions,
} from "./collections/alterSchema.ts"
import { operation, streamOperation } from "./shared/operation.ts"
export { type CollectionSummary, listDetails } from "./collections/listDetails.ts"
export { fromServer }
export type { CollectionDescription, CollectionProperties, FieldProperties, LoadState, LoadStateName }
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
  operation("Collection.create", definition, options, runCreate(definition, options))

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
  operation(
    "Collection.describe",
    collection,
    options,
    Effect.gen(function* () {
      const collection_name = yield* readRef(collection, options, callOptionNames)
      const connection = yield* currentConnection(options)
      return yield* Effect.fromResult(
        descriptionOf(yield* connection.call("DescribeCollection", { collection_name }, options)),
      )
    }),
  )

/**
 * Describes several collections with one call, in the order of their names.
 *
 * Calls `BatchDescribeCollection`. Milvus 2.6.1 and later. Fails with a `ServerError` of code 100 if one of them does
 * not exist.
 */
export const describeAll = (
  collections: ReadonlyArray<CollectionRef>,
  options?: Connection.CallOptions,
): Effect.Effect<ReadonlyArray<CollectionDescription>, CallError | CodecError | ParamError, Connection.Connection> =>
  Effect.gen(function* () {
    const { responses } = yield* operate("BatchDescribeCollection", options, () =>
      Result.gen(function* () {
        const names: Array<string> = []
        if (!Array.isArray(collections) || collections.length === 0) {
          return yield* failParam("collections", "a list of at least one collection", collections)
        }
        for (const collection of collections) names.push(yield* readCollection(collection))
        return { collection_name: names }
      }))
    return yield* Effect.forEach(responses, (reply) => Effect.fromResult(descriptionOf(reply)))
  })

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
  operation(
    "Collection.has",
    collection,
    options,
    Effect.gen(function* () {
      const name = yield* readRef(collection, options, callOptionNames)
      return (yield* findCollection(yield* currentConnection(options), name, options)) !== undefined
    }),
  )

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
  operation(
    "Collection.drop",
    collection,
    options,
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
    }),
  )

/** Options for {@linkcode rename}. */
export interface RenameOptions extends Connection.CallOptions {
  /**
   * The database that the collection moves to. Milvus 2.2.13 and later.
   *
   * @default It stays in its database.
   */
  readonly intoDatabase?: string | undefined
}

/**
 * Renames a collection, and moves it into another database if one is given.
 *
 * Calls `RenameCollection`. Milvus 2.2.4 and later. Fails with `ServerError` if the new name is taken.
 */
export const rename = (
  collection: CollectionRef,
  name: string,
  options?: RenameOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> =>
  operation(
    "Collection.rename",
    collection,
    options,
    Effect.gen(function* () {
      const oldName = yield* readRef(collection, options, renameOptionNames)
      const newName = yield* Effect.fromResult(readName("name", name))
      const connection = yield* currentConnection(options)
      if (options?.intoDatabase === undefined) {
        yield* connection.call("RenameCollection", { oldName, newName }, options)
        return
      }
      const newDBName = yield* Effect.fromResult(readDatabase("intoDatabase", options.intoDatabase))
      yield* requireOptions(connection, "RenameCollection", options, { intoDatabase: "2.2.13" })
      yield* connection.call("RenameCollection", { oldName, newName, newDBName }, options)
    }),
  )

const renameOptionNames = optionNames<RenameOptions>("intoDatabase")

/**
 * Returns the names of all collections of the database.
 *
 * Calls `ShowCollections`.
 */
export const list = (
  options?: Connection.CallOptions,
): Effect.Effect<ReadonlyArray<string>, CallError | ParamError, Connection.Connection> =>
  operation(
    "Collection.list",
    undefined,
    options,
    Effect.gen(function* () {
      yield* Effect.fromResult(checkOptions(options, callOptionNames))
      const connection = yield* currentConnection(options)
      return (yield* connection.call("ShowCollections", {}, options)).collection_names
    }),
  )

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
  operation(
    "Collection.statistics",
    collection,
    options,
    Effect.gen(function* () {
      const collection_name = yield* readRef(collection, options, callOptionNames)
      const connection = yield* currentConnection(options)
      const { stats } = yield* connection.call("GetCollectionStatistics", { collection_name }, options)
      return { rows: yield* Effect.fromResult(readRowCount("GetCollectionStatistics", stats)) }
    }),
  )

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
): Effect.Effect<void, CallError | ParamError, Connection.Connection> =>
  operation("Collection.load", collection, options, Stream.runDrain(runLoad(collection, options)))

/** Loads a collection as {@linkcode load} does, and emits the progress in percent at each change, up to 100. */
export const loading = (
  collection: CollectionRef,
  options?: LoadOptions,
): Stream.Stream<number, CallError | ParamError, Connection.Connection> =>
  streamOperation("Collection.loading", collection, options, runLoad(collection, options))

/**
 * Loads what was imported into a collection since it was loaded, and waits until it can be searched. Rows that were
 * inserted need no refresh.
 *
 * Calls `LoadCollection`, then polls `GetLoadingProgress`. Milvus 2.2.3 and later. Fails as {@linkcode load} does.
 */
export const refreshLoad = (
  collection: CollectionRef,
  options?: WaitOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> =>
  operation("Collection.refreshLoad", collection, options, Stream.runDrain(runRefresh(collection, options)))

/** Refreshes a load as {@linkcode refreshLoad} does, and emits the progress in percent at each change, up to 100. */
export const refreshingLoad = (
  collection: CollectionRef,
  options?: WaitOptions,
): Stream.Stream<number, CallError | ParamError, Connection.Connection> =>
  streamOperation("Collection.refreshingLoad", collection, options, runRefresh(collection, options))

/**
 * Returns whether a collection is loaded. For one that does not exist the state is `"NotExist"`.
 *
 * Calls `GetLoadState`, and `GetLoadingProgress` while it is being loaded. Milvus 2.2.1 and later, and milvus-lite.
 */
export const loadState = (
  collection: CollectionRef,
  options?: Connection.CallOptions,
): Effect.Effect<LoadState, CallError | ParamError, Connection.Connection> =>
  operation("Collection.loadState", collection, options, runLoadState(collection, undefined, options))

/** Options for {@linkcode release}. */
export interface ReleaseOptions extends Connection.CallOptions {
  /** Partitions to release, at least one. Default: the whole collection. */
  readonly partitions?: ReadonlyArray<string> | undefined
}

/**
 * Releases a collection, or some of its partitions, from memory. It does not wait until the memory is free.
 *
 * Calls `ReleaseCollection` or `ReleasePartitions`.
 */
export const release = (
  collection: CollectionRef,
  options?: ReleaseOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> =>
  operation(
    "Collection.release",
    collection,
    options,
    Effect.gen(function* () {
      const collection_name = yield* readRef(collection, options, releaseOptionNames)
      const partition_names = yield* Effect.fromResult(readNames("partitions", options?.partitions))
      const connection = yield* currentConnection(options)
      if (partition_names === undefined) yield* connection.call("ReleaseCollection", { collection_name }, options)
      else yield* connection.call("ReleasePartitions", { collection_name, partition_names }, options)
    }),
  )

const releaseOptionNames = optionNames<ReleaseOptions>("partitions")
const callOptionNames = optionNames<Connection.CallOptions>()
