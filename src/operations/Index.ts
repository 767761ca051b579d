/**
 * Indexes: their constructors, one for each type of Milvus, and what is done with them on the server.
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
import * as Connection from "../Connection.ts"
import type { CollectionRef } from "./shared/collectionRef.ts"
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
import { checkOptions, optionNames, readCollection, readName } from "./shared/options.ts"
import { startDeadline, type WaitOptions } from "./shared/waiting.ts"

export * from "../schema/indexes.ts"
export type { CreateIndexOptions, IndexProgress, WaitOptions }

/**
 * Creates an index of a field, which has one at most; for the same index again, Milvus succeeds and milvus-lite fails
 * with code 35. If there are rows already, {@linkcode wait} ends when they are in it. RPC: CreateIndex.
 */
export const create = (
  collection: CollectionRef,
  field: string,
  index: Index,
  options?: CreateIndexOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> =>
  Effect.gen(function* () {
    const name = yield* checkedName(collection, options, createOptionNames)
    const target = yield* Effect.fromResult(readName("field", field))
    if (options?.name !== undefined) yield* Effect.fromResult(readName("name", options.name))
    const request = yield* Effect.fromResult(createIndexRequest(name, target, index, options?.name))
    const connection = yield* Connection.Connection
    yield* connection.call("CreateIndex", request, options)
  })

const createOptionNames = optionNames<CreateIndexOptions>("name")

/**
 * Ends when the indexes of a field, or all of a collection, are finished. RPC: DescribeIndex.
 *
 * It fails with a `ServerError` if one of them failed, with the server's reason, and if there is no index (code 700).
 * When `timeout` is up, it fails with an `RpcError` of code `DEADLINE_EXCEEDED` that says how far they were; the server
 * goes on.
 */
export const wait = (
  collection: CollectionRef,
  field?: string,
  options?: WaitOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> =>
  Stream.runDrain(building(collection, field, options))

/** Waits as {@linkcode wait} does, and emits how far the indexes are at each change. */
export const building = (
  collection: CollectionRef,
  field?: string,
  options?: WaitOptions,
): Stream.Stream<ReadonlyArray<IndexProgress>, CallError | ParamError, Connection.Connection> =>
  Stream.unwrap(Effect.gen(function* () {
    const name = yield* checkedName(collection, options, callOptionNames)
    const target = yield* checkedField(field)
    return watchIndexes(name, target, yield* startDeadline(yield* Connection.Connection, options))
  }))

/** What a server reports of an index. */
export interface IndexDescription extends IndexProgress {
  /** The field that it is of. */
  readonly field: string
  /** Its type, such as `"HNSW"`. */
  readonly type: string | undefined
  /** Its metric; absent for an index of scalars. */
  readonly metric: string | undefined
  /** All that it was made with, as the server has it. */
  readonly params: Readonly<Record<string, string>>
  /** Why it failed. */
  readonly failure: string | undefined
}

/**
 * Describes the indexes of a collection, or of one of its fields; none if the server says that there is none. A
 * collection that does not exist is an error. RPC: DescribeIndex.
 */
export const describe = (
  collection: CollectionRef,
  field?: string,
  options?: Connection.CallOptions,
): Effect.Effect<ReadonlyArray<IndexDescription>, CallError | ParamError, Connection.Connection> =>
  Effect.gen(function* () {
    const name = yield* checkedName(collection, options, callOptionNames)
    const target = yield* checkedField(field)
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
  })

/**
 * Drops an index by its name, which is that of the field if it was given none. The server decides whether one that does
 * not exist is an error; Milvus and milvus-lite succeed. A loaded collection has to be released first. RPC: DropIndex.
 */
export const drop = (
  collection: CollectionRef,
  name: string,
  options?: Connection.CallOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> =>
  Effect.gen(function* () {
    const collection_name = yield* checkedName(collection, options, callOptionNames)
    // To Milvus a blank name means all indexes.
    const index_name = yield* Effect.fromResult(readName("name", name))
    const connection = yield* Connection.Connection
    yield* connection.call("DropIndex", { collection_name, index_name }, options)
  })

const callOptionNames = optionNames<Connection.CallOptions>()

/** The name of a collection, once the options of the operation are checked. */
const checkedName = (
  collection: CollectionRef,
  options: object | undefined,
  names: ReadonlySet<string>,
): Effect.Effect<string, ParamError> =>
  Effect.fromResult(Result.flatMap(checkOptions(options, names), () => readCollection(collection)))

/** A blank field would mean all of them. */
const checkedField = (field: string | undefined): Effect.Effect<string | undefined, ParamError> =>
  field === undefined ? Effect.succeed(undefined) : Effect.fromResult(readName("field", field))
