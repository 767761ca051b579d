/**
 * Collections: as values from which the types of their rows follow, and as what is on the server.
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
import * as Connection from "../Connection.ts"
import type { CollectionRef } from "./shared/collectionRef.ts"
import { fromServer } from "./shared/schemaCache.ts"
import { type CallError, CodecError, ParamError, PartialCreate, ServerError } from "../errors.ts"
import * as Message from "../Message.ts"
import type { AnyDefinition } from "../schema/decodeSchema.ts"
import { fromDescription } from "../schema/decodeSchema.ts"
import type { CollectionDefinition } from "../schema/definition.ts"
import { differences, indexDifferences, type Unreported } from "../schema/differences.ts"
import { createParts } from "../schema/encodeSchema.ts"
import { isVector } from "../schema/typeNames.ts"
import type { Index } from "../schema/indexTypes.ts"
import { createIndexRequest, describeIndexes, findIndex } from "./shared/indexBuild.ts"
import {
  checkCount,
  checkFlag,
  checkOptions,
  optionNames,
  readCollection,
  readName,
  readNames,
} from "./shared/options.ts"
import { isLite } from "./shared/server.ts"
import { type Deadline, startDeadline, type WaitOptions, watch } from "./shared/waiting.ts"

export * from "../schema/definition.ts"
export { fromServer }
export type { AnyDefinition, CollectionRef, WaitOptions }

/** Options for {@linkcode create}. */
export interface CreateOptions extends WaitOptions {
  /**
   * Whether the collection is loaded. Default: if every vector field of the definition has an index. `true` loads it in
   * any case: the server refuses it if a vector field has no index.
   */
  readonly load?: boolean | undefined
}

/**
 * Creates a collection with its indexes, and loads it if every vector field has one.
 *
 * - A collection of that name that exists already is compared with the definition. If they are equal, what is missing
 *   (an index, the load) is completed, so to create a collection twice is safe. If they differ, the error is a
 *   `ParamError` that lists the differences, and nothing is changed. What only tunes the server is compared if both
 *   sides name it.
 * - RPCs: DescribeCollection, CreateCollection, CreateIndex for each index, LoadCollection, GetLoadingProgress;
 *   DescribeIndex for a collection that exists.
 * - If a step after CreateCollection fails, the error is {@linkcode PartialCreate}: it names the step and what exists.
 *   The collection stays, after an interruption too, and creating it again completes it.
 * - `timeout` bounds all of it, the load included.
 */
export const create = (
  definition: CollectionDefinition,
  options?: CreateOptions,
): Effect.Effect<void, CallError | CodecError | ParamError | PartialCreate, Connection.Connection> =>
  Effect.gen(function* () {
    yield* checked(options, createOptionNames)
    yield* Effect.fromResult(checkFlag("load", options?.load))
    yield* Effect.fromResult(readCollection(definition.name))
    const connection = yield* Connection.Connection
    const { name } = definition
    const parts = yield* Effect.fromResult(createParts(definition))
    const indexes = indexesOf(definition)
    const requests = yield* Effect.forEach(
      indexes,
      ({ field, index }) => Effect.fromResult(createIndexRequest(name, field, index)),
    )
    const schema = yield* Message.encode("milvus.proto.schema.CollectionSchema", parts.schema)
    const deadline = yield* startDeadline(connection, options)
    const exists = yield* findOrCreate(deadline, definition, { ...parts.request, schema })
    const there = exists ? yield* existingIndexes(deadline, definition, indexes) : []
    const indexed = indexes.filter((_, at) => there.includes(at)).map(({ field }) => field)
    const step = <A, R>(step: string, field: string | undefined, run: Effect.Effect<A, CallError, R>) =>
      Effect.mapError(
        run,
        (cause) =>
          new PartialCreate({
            collection: name,
            step,
            ...(field === undefined ? {} : { field }),
            indexed: [...indexed],
            cause,
          }),
      )
    for (const [at, request] of requests.entries()) {
      if (there.includes(at)) continue
      const make = deadline.call((options) => connection.call("CreateIndex", request, options)).pipe(
        Effect.asVoid,
        Effect.catchTag("ServerError", (error) =>
          // Another client may have been faster.
          existingIndexes(deadline, definition, indexes).pipe(
            Effect.mapError(() => error),
            Effect.flatMap((there) => there.includes(at) ? Effect.void : Effect.fail(error)),
          )),
      )
      yield* step("CreateIndex", request.field_name, make)
      indexed.push(request.field_name ?? "")
    }
    const targets = vectorTargets(definition)
    const isIndexed = targets.every((target) => indexes.some(({ field }) => field === target))
    if (options?.load ?? (isIndexed && targets.length > 0)) {
      yield* step("LoadCollection", undefined, startLoad(deadline, { collection_name: name }, 1))
      yield* step("GetLoadingProgress", undefined, Stream.runDrain(watchLoad(deadline, { collection_name: name })))
    }
  })

const createOptionNames = optionNames<CreateOptions>("load")

/** The indexes of a definition, in the order in which they are made. */
const indexesOf = (
  definition: CollectionDefinition,
): ReadonlyArray<{ readonly field: string; readonly index: Index }> =>
  Object.entries(definition.options.indexes ?? {}).flatMap(([field, one]) =>
    // A definition out of JavaScript may hold a field without one.
    [one ?? []].flat().map((index: Index) => ({ field, index }))
  )

/** The vectors that need an index to be searched; those of an array of structs are named as its members. */
const vectorTargets = (definition: CollectionDefinition): ReadonlyArray<string> =>
  Object.entries(definition.fields).flatMap(([name, field]) => {
    if (!("members" in field)) return isVector(field) ? [name] : []
    return Object.entries(field.members).flatMap(([member, it]) => isVector(it) ? [`${name}[${member}]`] : [])
  })

type Description = Connection.Methods["DescribeCollection"]["response"]

/** Whether the collection exists already, and is what the definition says; creates it if it does not exist. */
const findOrCreate = (
  { connection, call }: Deadline,
  definition: CollectionDefinition,
  request: Connection.Methods["CreateCollection"]["request"],
): Effect.Effect<boolean, CallError | CodecError | ParamError> =>
  Effect.gen(function* () {
    const find = call((options) => findCollection(connection, definition.name, options))
    let existing = yield* find
    if (existing === undefined) {
      const made = yield* Effect.result(call((options) => connection.call("CreateCollection", request, options)))
      if (Result.isSuccess(made)) return false
      // Another client may have been faster.
      if (made.failure._tag === "ServerError") existing = yield* find
      if (existing === undefined) return yield* Effect.fail(made.failure)
    }
    yield* checkEqual(connection, definition, existing)
    return true
  })

/** The description of a collection, or none if the server says that it does not exist. */
const findCollection = (
  connection: Connection.Connection,
  name: string,
  options: Connection.CallOptions | undefined,
): Effect.Effect<Description | undefined, CallError> =>
  Effect.catchIf(
    connection.call("DescribeCollection", { collection_name: name }, options),
    isNotFound,
    () => Effect.succeed(undefined),
  )

/** 100 is Milvus's code for a collection that does not exist. Any other error says nothing about that. */
const isNotFound = (error: CallError): boolean => error._tag === "ServerError" && error.code === 100

const checkEqual = (
  connection: Connection.Connection,
  definition: CollectionDefinition,
  existing: Description,
): Effect.Effect<void, CodecError | ParamError> =>
  Effect.gen(function* () {
    const there = yield* Effect.fromResult(fromDescription(existing))
    if (there.name !== definition.name) return yield* refuseDifferent(definition, [`it is an alias of "${there.name}"`])
    const unequal = differences(definition, there, isLite(connection) ? unreportedByLite : new Set())
    if (unequal.length > 0) return yield* refuseDifferent(definition, unequal)
  })

/** milvus-lite has one answer for them, whatever it was asked for. */
const unreportedByLite: Unreported = new Set(["consistencyLevel", "shards", "partitions"])

const refuseDifferent = ({ name }: CollectionDefinition, unequal: ReadonlyArray<string>) =>
  Effect.fail(
    new ParamError({
      parameter: name,
      expected: "the definition of the collection that exists",
      actual: `one that differs: ${unequal.slice(0, 5).join("; ")}${unequal.length > 5 ? "; ..." : ""}`,
    }),
  )

/** Which indexes of the definition exist, by their place; fails if one exists and is another. */
const existingIndexes = (
  deadline: Deadline,
  definition: CollectionDefinition,
  indexes: ReadonlyArray<{ readonly field: string; readonly index: Index }>,
): Effect.Effect<ReadonlyArray<number>, CallError | ParamError, Connection.Connection> =>
  Effect.gen(function* () {
    const all = yield* deadline.call((options) => describeIndexes(definition.name, undefined, options))
    const there = indexes.map(({ field, index }) => findIndex(all, field, index))
    const unequal = indexes.flatMap(({ field, index }, at) => {
      const found = there[at]
      // milvus-lite names each index as its field.
      const wanted = isLite(deadline.connection) ? { ...index, name: undefined } : index
      return found === undefined ? [] : indexDifferences(field, wanted, found)
    })
    if (unequal.length > 0) return yield* refuseDifferent(definition, unequal)
    return there.flatMap((found, at) => found === undefined ? [] : [at])
  })

/** What a server reports of a collection. */
export interface CollectionDescription {
  /** Its definition; its rows have no types. */
  readonly definition: AnyDefinition
  /** The number by which the server knows it; 0 if the server reports none (milvus-lite). */
  readonly id: bigint
  /** Its aliases, as far as the server reports them with a collection (milvus-lite does not). */
  readonly aliases: ReadonlyArray<string>
  /** When it was created; `undefined` if the server does not report it (milvus-lite). */
  readonly created: Date | undefined
}

/** Describes a collection. A collection that does not exist is a `ServerError` of code 100. RPC: DescribeCollection. */
export const describe = (
  collection: CollectionRef,
  options?: Connection.CallOptions,
): Effect.Effect<CollectionDescription, CallError | CodecError | ParamError, Connection.Connection> =>
  Effect.gen(function* () {
    const collection_name = yield* checkedName(collection, options, callOptionNames)
    const connection = yield* Connection.Connection
    const described = yield* connection.call("DescribeCollection", { collection_name }, options)
    return {
      definition: yield* Effect.fromResult(fromDescription(described)),
      id: described.collectionID,
      aliases: described.aliases,
      created: createdAt(described),
    }
  })

/** In UTC as newer servers report it, or the time in the timestamp of Milvus, whose lowest 18 bits count within it. */
const createdAt = ({ created_utc_timestamp, created_timestamp }: Description): Date | undefined => {
  const milliseconds = Number(created_utc_timestamp || created_timestamp >> 18n)
  const date = new Date(milliseconds)
  return milliseconds > 0 && !Number.isNaN(date.getTime()) ? date : undefined
}

/**
 * Whether a collection exists; the name may be an alias. `false` only if the server says that it does not exist; a
 * server that is busy, starting, or does not permit it, is an error. RPC: DescribeCollection.
 */
export const has = (
  collection: CollectionRef,
  options?: Connection.CallOptions,
): Effect.Effect<boolean, CallError | ParamError, Connection.Connection> =>
  Effect.gen(function* () {
    const name = yield* checkedName(collection, options, callOptionNames)
    return (yield* findCollection(yield* Connection.Connection, name, options)) !== undefined
  })

/**
 * Drops a collection with its rows. One that does not exist is not an error. An alias is refused: Milvus refuses it
 * itself, and milvus-lite would drop the collection behind it. RPCs: DescribeCollection, DropCollection.
 */
export const drop = (
  collection: CollectionRef,
  options?: Connection.CallOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> =>
  Effect.gen(function* () {
    const name = yield* checkedName(collection, options, callOptionNames)
    const connection = yield* Connection.Connection
    if (isLite(connection)) {
      const behind = (yield* findCollection(connection, name, options))?.collection_name ?? name
      if (behind !== name) {
        const expected = `the name of a collection, which is ${JSON.stringify(behind)}`
        return yield* new ParamError({ parameter: "collection", expected, actual: "an alias of it" })
      }
    }
    yield* Effect.catchIf(
      connection.call("DropCollection", { collection_name: name }, options),
      isNotFound,
      () => Effect.void,
    )
  })

/** Gives a collection another name. The other name must be free. RPC: RenameCollection. */
export const rename = (
  collection: CollectionRef,
  name: string,
  options?: Connection.CallOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> =>
  Effect.gen(function* () {
    const oldName = yield* checkedName(collection, options, callOptionNames)
    const newName = yield* Effect.fromResult(readName("name", name))
    const connection = yield* Connection.Connection
    yield* connection.call("RenameCollection", { oldName, newName }, options)
  })

/** The names of all collections of the database. RPC: ShowCollections. */
export const list = (
  options?: Connection.CallOptions,
): Effect.Effect<ReadonlyArray<string>, CallError | ParamError, Connection.Connection> =>
  Effect.gen(function* () {
    yield* checked(options, callOptionNames)
    const connection = yield* Connection.Connection
    return (yield* connection.call("ShowCollections", {}, options)).collection_names
  })

/**
 * How many rows a collection has, as the server last counted them: rows that were written or deleted since may be
 * missing. `Vectors.count` counts exactly. RPC: GetCollectionStatistics.
 */
export const statistics = (
  collection: CollectionRef,
  options?: Connection.CallOptions,
): Effect.Effect<{ readonly rows: number }, CallError | CodecError | ParamError, Connection.Connection> =>
  Effect.gen(function* () {
    const collection_name = yield* checkedName(collection, options, callOptionNames)
    const connection = yield* Connection.Connection
    const { stats } = yield* connection.call("GetCollectionStatistics", { collection_name }, options)
    const count = stats.find(({ key }) => key === "row_count")?.value
    if (count !== undefined && /^\d+$/.test(count)) return { rows: Number(count) }
    const expected = "a number of rows in the reply of GetCollectionStatistics"
    return yield* new CodecError({ kind: "Message", field: "row_count", expected })
  })

/** Options for {@linkcode load} and {@linkcode loading}. */
export interface LoadOptions extends WaitOptions {
  /** How many copies are loaded. Default 1. */
  readonly replicas?: number | undefined
  /** Only these partitions, at least one. Default: the whole collection. */
  readonly partitions?: ReadonlyArray<string> | undefined
}

/**
 * Loads a collection, and waits until it can be searched. RPCs: LoadCollection or LoadPartitions, GetLoadingProgress
 * and GetLoadState.
 *
 * A load that the server gives up, and a collection that is released or dropped meanwhile, end it with a `ServerError`.
 * When `timeout` is up, it fails with an `RpcError` of code `DEADLINE_EXCEEDED` that says how far it was. After a
 * timeout and an interruption the server goes on loading; to load again waits on.
 */
export const load = (
  collection: CollectionRef,
  options?: LoadOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> => Stream.runDrain(loading(collection, options))

/** Loads a collection as {@linkcode load} does, and emits how many percent are loaded at each change, up to 100. */
export const loading = (
  collection: CollectionRef,
  options?: LoadOptions,
): Stream.Stream<number, CallError | ParamError, Connection.Connection> =>
  Stream.unwrap(Effect.gen(function* () {
    const collection_name = yield* checkedName(collection, options, loadOptionNames)
    yield* Effect.fromResult(checkCount("replicas", options?.replicas))
    const partition_names = yield* Effect.fromResult(readNames("partitions", options?.partitions))
    const deadline = yield* startDeadline(yield* Connection.Connection, options)
    const target = { collection_name, ...(partition_names === undefined ? {} : { partition_names }) }
    yield* startLoad(deadline, target, options?.replicas ?? 1)
    return watchLoad(deadline, target)
  }))

const loadOptionNames = optionNames<LoadOptions>("replicas", "partitions")

/** What is loaded: a collection, or some of its partitions. */
interface LoadTarget {
  readonly collection_name: string
  readonly partition_names?: ReadonlyArray<string>
}

const startLoad = (
  { connection, call }: Deadline,
  { collection_name, partition_names }: LoadTarget,
  replica_number: number,
): Effect.Effect<unknown, CallError> =>
  call((options) =>
    partition_names === undefined
      ? connection.call("LoadCollection", { collection_name, replica_number }, options)
      : connection.call("LoadPartitions", { collection_name, partition_names, replica_number }, options)
  )

/** How many percent are loaded; ends at 100. */
const watchLoad = (deadline: Deadline, target: LoadTarget): Stream.Stream<number, CallError> => {
  const { connection } = deadline
  const { collection_name: name, partition_names: partitions } = target
  const what = partitions === undefined ? `collection "${name}"` : `partitions ${partitions} of collection "${name}"`
  return watch({
    method: "GetLoadingProgress",
    poll: (options, last) =>
      Effect.gen(function* () {
        const progress = Number((yield* connection.call("GetLoadingProgress", target, options)).progress)
        // A load that goes on does not fall back: it may have been released.
        if (last !== undefined && progress < 100 && (progress === 0 || progress < last)) {
          yield* refuseReleased(connection, target, what, options)
        }
        return progress
      }),
    isDone: (progress) => progress >= 100,
    show: (progress = 0) => `${what} is loaded to ${progress}%`,
  }, deadline)
}

/** Fails if nothing is being loaded any more. */
const refuseReleased = (
  connection: Connection.Connection,
  target: LoadTarget,
  what: string,
  options: Connection.CallOptions,
): Effect.Effect<void, CallError> =>
  Effect.gen(function* () {
    const method = "GetLoadState"
    const { state } = yield* connection.call(method, target, options)
    const fail = (code: number, reason: string) =>
      new ServerError({ method, address: connection.config.address, code, reason, retriable: false })
    // The codes are those of Milvus for a collection that does not exist, or is not loaded.
    if (state === "LoadStateNotExist") return yield* fail(100, `${what} was dropped while it was being loaded`)
    if (state === "LoadStateNotLoad") return yield* fail(101, `${what} was released while it was being loaded`)
  })

/** Options for {@linkcode release}. */
export type ReleaseOptions = Omit<LoadOptions, "replicas" | "timeout"> & Connection.CallOptions

/**
 * Releases a collection, or some of its partitions, from memory. It does not wait until the memory is free. RPC:
 * ReleaseCollection or ReleasePartitions.
 */
export const release = (
  collection: CollectionRef,
  options?: ReleaseOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> =>
  Effect.gen(function* () {
    const collection_name = yield* checkedName(collection, options, releaseOptionNames)
    const partition_names = yield* Effect.fromResult(readNames("partitions", options?.partitions))
    const connection = yield* Connection.Connection
    if (partition_names === undefined) yield* connection.call("ReleaseCollection", { collection_name }, options)
    else yield* connection.call("ReleasePartitions", { collection_name, partition_names }, options)
  })

const releaseOptionNames = optionNames<ReleaseOptions>("partitions")
const callOptionNames = optionNames<Connection.CallOptions>()

const checked = (options: object | undefined, names: ReadonlySet<string>): Effect.Effect<void, ParamError> =>
  Effect.fromResult(checkOptions(options, names))

/** The name of a collection, once the options of the operation are checked. */
const checkedName = (
  collection: CollectionRef,
  options: object | undefined,
  names: ReadonlySet<string>,
): Effect.Effect<string, ParamError> =>
  Effect.fromResult(Result.flatMap(checkOptions(options, names), () => readCollection(collection)))
