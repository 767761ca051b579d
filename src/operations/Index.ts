/**
 * Indexes: a constructor for each index type of Milvus, and operations on the server.
 *
 * An operation takes a collection by its definition or by its name or alias. It fails with `ParamError` if an argument
 * is invalid, before anything is sent, and else with the errors of its calls (`CallError`). {@linkcode create},
 * {@linkcode wait}, {@linkcode describe} and {@linkcode drop} work with Milvus 2.3 and later, and with milvus-lite; the
 * others need Milvus (`Unsupported`).
 *
 * @example
 * ```ts ignore
 * yield* Index.create("books", "vector", Index.hnsw({ metric: "COSINE", M: 16, efConstruction: 200 }))
 * yield* Index.wait("books")
 * ```
 *
 * @module
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import type * as Connection from "../Connection.ts"
import { type CollectionRef, readRef } from "./shared/collectionRef.ts"
import type { CallError, ParamError } from "../errors.ts"
import type { Index } from "../schema/indexes.ts"
import {
  type CreateIndexOptions,
  createIndexRequest,
  describeIndexes,
  type IndexProgress,
  progressOf,
  watchIndexes,
} from "./shared/indexBuild.ts"
import { operate } from "./shared/operate.ts"
import { optionNames, readCollection, readName, readNameList } from "./shared/options.ts"
import { encodeProperties, type PropertyValue } from "./shared/properties.ts"
import { startDeadline, type WaitOptions } from "./shared/waiting.ts"
import { currentConnection } from "./shared/currentConnection.ts"
import { operation, streamOperation } from "./shared/operation.ts"

export * from "../schema/indexes.ts"
export type { CreateIndexOptions, IndexProgress, WaitOptions }

/**
 * Creates an index of a field, which can have at most one. It does not wait until existing rows are indexed: use
 * {@linkcode wait}.
 *
 * Calls `CreateIndex`. If the same index exists, Milvus succeeds, and milvus-lite fails with code 35.
 */
export const create = (
  collection: CollectionRef,
  field: string,
  index: Index,
  options?: CreateIndexOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> =>
  operation(
    "Index.create",
    collection,
    options,
    Effect.gen(function* () {
      const name = yield* readRef(collection, options, createOptionNames)
      const target = yield* Effect.fromResult(readName("field", field))
      if (options?.name !== undefined) yield* Effect.fromResult(readName("name", options.name))
      const request = yield* Effect.fromResult(createIndexRequest(name, target, index, options?.name))
      const connection = yield* currentConnection(options)
      yield* connection.call("CreateIndex", request, options)
    }),
  )

const createOptionNames = optionNames<CreateIndexOptions>("name")

/**
 * Waits until the indexes of a field, or all indexes of a collection, are finished, and have as many rows as were
 * flushed when the wait began.
 *
 * Polls `DescribeIndex`. Fails with a `ServerError` if an index failed, with the server's reason, or if no index exists
 * (code 700). After `timeout` it fails with an `RpcError` of code `DEADLINE_EXCEEDED` that has the progress. After a
 * timeout or an interruption the server continues to build; calling `wait` again continues the wait.
 */
export const wait = (
  collection: CollectionRef,
  field?: string,
  options?: WaitOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> =>
  operation("Index.wait", collection, options, Stream.runDrain(watchBuilding(collection, field, options)))

/** Waits as {@linkcode wait} does, and emits the progress of the indexes at each change. */
export const building = (
  collection: CollectionRef,
  field?: string,
  options?: WaitOptions,
): Stream.Stream<ReadonlyArray<IndexProgress>, CallError | ParamError, Connection.Connection> =>
  streamOperation("Index.building", collection, options, watchBuilding(collection, field, options))

/** Description of an index by the server. */
export interface IndexDescription extends IndexProgress {
  /** The field of the index. */
  readonly field: string
  /** Index type, such as `"HNSW"`. */
  readonly type: string | undefined
  /** Metric of the index; `undefined` for an index of scalars. */
  readonly metric: string | undefined
  /** All parameters of the index on the server. */
  readonly params: Readonly<Record<string, string>>
  /** The server's reason, if the index failed. */
  readonly failure: string | undefined
}

/**
 * Describes the indexes of a collection, or of one of its fields.
 *
 * Calls `DescribeIndex`. Returns an empty array only if the server reports that no index exists (code 700); fails with
 * `ServerError` if the collection does not exist.
 */
export const describe = (
  collection: CollectionRef,
  field?: string,
  options?: Connection.CallOptions,
): Effect.Effect<ReadonlyArray<IndexDescription>, CallError | ParamError, Connection.Connection> =>
  operation(
    "Index.describe",
    collection,
    options,
    Effect.gen(function* () {
      const name = yield* readRef(collection, options, callOptionNames)
      const target = yield* readField(field)
      return (yield* describeIndexes(name, target, options)).map((it): IndexDescription => {
        const params = new Map(it.params.map(({ key, value }) => [key, value]))
        return {
          ...progressOf(it),
          field: it.field_name,
          type: params.get("index_type"),
          metric: params.get("metric_type"),
          params: Object.fromEntries(params),
          failure: it.index_state_fail_reason || undefined,
        }
      })
    }),
  )

/**
 * Drops an index by its name, which is the name of the field if the index was created without one.
 *
 * Calls `DropIndex`. Milvus and milvus-lite succeed if the index does not exist. A loaded collection has to be released
 * first.
 */
export const drop = (
  collection: CollectionRef,
  name: string,
  options?: Connection.CallOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> =>
  operation(
    "Index.drop",
    collection,
    options,
    Effect.gen(function* () {
      const collection_name = yield* readRef(collection, options, callOptionNames)
      // Milvus takes a blank name for all indexes.
      const index_name = yield* Effect.fromResult(readName("name", name))
      const connection = yield* currentConnection(options)
      yield* connection.call("DropIndex", { collection_name, index_name }, options)
    }),
  )

/** Properties of an index that can be changed, by their names in Milvus. */
export interface IndexProperties {
  /** Whether the index is mapped into memory from files. */
  readonly "mmap.enabled"?: boolean | undefined
  /** Any other property. */
  readonly [name: string]: PropertyValue | undefined
}

/**
 * Sets properties of an index, such as `mmap.enabled`. Those that are not named stay as they are.
 *
 * Calls `AlterIndex`. Milvus 2.3.4 and later. A loaded collection has to be released first. `name` is that of the
 * index, as for {@linkcode drop}.
 */
export const alter = (
  collection: CollectionRef,
  name: string,
  properties: IndexProperties,
  options?: Connection.CallOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> =>
  Effect.asVoid(operate("AlterIndex", options, () =>
    Result.gen(function* () {
      return {
        collection_name: yield* readCollection(collection),
        index_name: yield* readName("name", name),
        extra_params: yield* encodeProperties("properties", properties),
      }
    })))

/**
 * Removes properties of an index, so that the server's defaults apply.
 *
 * Calls `AlterIndex`. Milvus 2.4.18 and later.
 */
export const dropProperties = (
  collection: CollectionRef,
  name: string,
  properties: ReadonlyArray<keyof IndexProperties & string>,
  options?: Connection.CallOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> =>
  Effect.asVoid(operate("AlterIndex", options, () =>
    Result.gen(function* () {
      return {
        collection_name: yield* readCollection(collection),
        index_name: yield* readName("name", name),
        delete_keys: yield* readNameList("properties", properties),
      }
    }), { requires: ["Index.dropProperties", "2.4.18"] }))

/**
 * Returns the progress of all indexes of a collection, or of one by its name, without their parameters.
 *
 * Calls `GetIndexStatistics`. Milvus 2.2.9 and later. Fails with `ServerError` if the collection has no index.
 */
export const statistics = (
  collection: CollectionRef,
  name?: string,
  options?: Connection.CallOptions,
): Effect.Effect<ReadonlyArray<IndexProgress>, CallError | ParamError, Connection.Connection> =>
  Effect.map(
    operate("GetIndexStatistics", options, () =>
      Result.gen(function* () {
        return {
          collection_name: yield* readCollection(collection),
          ...(name === undefined ? {} : { index_name: yield* readName("name", name) }),
        }
      })),
    ({ index_descriptions }) => index_descriptions.map(progressOf),
  )

/** Decodes a collection and an index, for the older RPCs: servers find the index by its name, not by its field. */
const indexTarget = (collection: CollectionRef, name: string) =>
  Result.gen(function* () {
    return { collection_name: yield* readCollection(collection), index_name: yield* readName("name", name) }
  })

/**
 * Returns the state of an index: `"IndexStateNone"` if it does not exist. `name` is that of the index, as for
 * {@linkcode drop}.
 *
 * Calls `GetIndexState`. Milvus 2.0 and later.
 *
 * @deprecated `describe` has the state, and works with every server.
 */
export const state = (
  collection: CollectionRef,
  name: string,
  options?: Connection.CallOptions,
): Effect.Effect<
  { readonly state: IndexProgress["state"]; readonly failure: string | undefined },
  CallError | ParamError,
  Connection.Connection
> =>
  Effect.map(operate("GetIndexState", options, () => indexTarget(collection, name)), ({ state, fail_reason }) => ({
    state,
    failure: fail_reason || undefined,
  }))

/**
 * Returns how many rows an index has, and how many the collection. `name` is that of the index, as for
 * {@linkcode drop}.
 *
 * Calls `GetIndexBuildProgress`. Milvus 2.0 and later. Fails with `ServerError` if the index does not exist.
 *
 * @deprecated `describe` has the numbers, and works with every server.
 */
export const buildProgress = (
  collection: CollectionRef,
  name: string,
  options?: Connection.CallOptions,
): Effect.Effect<
  { readonly indexed: number; readonly rows: number },
  CallError | ParamError,
  Connection.Connection
> =>
  Effect.map(operate("GetIndexBuildProgress", options, () => indexTarget(collection, name)), (reply) => ({
    indexed: Number(reply.indexed_rows),
    rows: Number(reply.total_rows),
  }))

const watchBuilding = (
  collection: CollectionRef,
  field: string | undefined,
  options: WaitOptions | undefined,
): Stream.Stream<ReadonlyArray<IndexProgress>, CallError | ParamError, Connection.Connection> =>
  Stream.unwrap(Effect.gen(function* () {
    const name = yield* readRef(collection, options, callOptionNames)
    const target = yield* readField(field)
    return watchIndexes(name, target, yield* startDeadline(yield* currentConnection(options), options))
  }))

const callOptionNames = optionNames<Connection.CallOptions>()

/** Checks the name of a field. A blank one is refused, since servers take it for all fields. */
const readField = (field: string | undefined): Effect.Effect<string | undefined, ParamError> =>
  field === undefined ? Effect.succeed(undefined) : Effect.fromResult(readName("field", field))
