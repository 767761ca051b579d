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
import * as Stream from "effect/Stream"
import * as Connection from "../Connection.ts"
import { type Named, nameOf } from "../data/definitions.ts"
import { fromServer } from "../data/schemaCache.ts"
import { createIndex, polling } from "../data/indexing.ts"
import type { CallError, CodecError, ParamError } from "../errors.ts"
import * as Message from "../Message.ts"
import type { AnyDefinition } from "../schema/decode.ts"
import { fromDescription } from "../schema/decode.ts"
import { createParts } from "../schema/encode.ts"
import type { CollectionDefinition } from "../schema/definition.ts"
import { isVector } from "../schema/fieldTypes.ts"

export * from "../schema/definition.ts"
export { fromServer }
export type { AnyDefinition, Named }

/** What can be set for {@linkcode create}. */
export interface CreateOptions extends Connection.CallOptions {
  /** Whether it is loaded once it is there, where its definition has indexes. Default `true`. */
  readonly load?: boolean | undefined
}

/** Creates a collection with its indexes, and loads it where every vector field has one. */
export const create = (
  definition: CollectionDefinition,
  options?: CreateOptions,
): Effect.Effect<void, CallError | CodecError | ParamError, Connection.Connection> =>
  Effect.gen(function* () {
    const connection = yield* Connection.Connection
    const parts = yield* Effect.fromResult(createParts(definition))
    const schema = yield* Message.encode("milvus.proto.schema.CollectionSchema", parts.schema)
    yield* connection.call("CreateCollection", { ...parts.request, schema }, options)
    const indexes = Object.entries(definition.options.indexes ?? {}).flatMap(([field, one]) =>
      isMany(one) ? one.map((index) => [field, index] as const) : [[field, one] as const]
    )
    for (const [field, index] of indexes) yield* createIndex(definition.name, field, index, options)
    const vectors = Object.entries(definition.fields).filter(([, field]) => isVector(field))
    const isIndexed = vectors.every(([name]) => indexes.some(([field]) => field === name))
    if (options?.load !== false && isIndexed && vectors.length > 0) yield* load(definition, options)
  })

const isMany = <A>(one: A | ReadonlyArray<A>): one is ReadonlyArray<A> => Array.isArray(one)

/** What a server says of a collection. */
export interface CollectionDescription {
  /** How it can be defined; its rows have no types. */
  readonly definition: AnyDefinition
  /** How the server tells it from others. */
  readonly id: bigint
  /** Other names that it goes by. */
  readonly aliases: ReadonlyArray<string>
  /** When it was created. */
  readonly created: Date
}

/** What the server says of a collection. */
export const describe = (
  collection: Named,
  options?: Connection.CallOptions,
): Effect.Effect<CollectionDescription, CallError | CodecError, Connection.Connection> =>
  Effect.gen(function* () {
    const connection = yield* Connection.Connection
    const described = yield* connection.call("DescribeCollection", { collection_name: nameOf(collection) }, options)
    return {
      definition: yield* Effect.fromResult(fromDescription(described)),
      id: described.collectionID,
      aliases: described.aliases,
      created: new Date(Number(described.created_utc_timestamp)),
    }
  })

/** Whether there is such a collection. */
export const has = (
  collection: Named,
  options?: Connection.CallOptions,
): Effect.Effect<boolean, CallError, Connection.Connection> =>
  Effect.flatMap(
    Connection.Connection,
    (connection) =>
      connection.call("DescribeCollection", { collection_name: nameOf(collection) }, options).pipe(
        Effect.as(true),
        Effect.catchIf(isNotFound, () => Effect.succeed(false)),
      ),
  )

/** 100, and 4 of older servers, or what they say in words. */
const isNotFound = (error: CallError): boolean =>
  error._tag === "ServerError" &&
  (error.code === 100 || error.code === 4 || /can't find collection|collection not found/i.test(error.reason))

/** Drops a collection; one that is not there is no error. */
export const drop = (
  collection: Named,
  options?: Connection.CallOptions,
): Effect.Effect<void, CallError, Connection.Connection> =>
  Effect.gen(function* () {
    const connection = yield* Connection.Connection
    yield* connection.call("DropCollection", { collection_name: nameOf(collection) }, options)
  })

/** Gives a collection another name. */
export const rename = (
  collection: Named,
  name: string,
  options?: Connection.CallOptions,
): Effect.Effect<void, CallError, Connection.Connection> =>
  Effect.gen(function* () {
    const connection = yield* Connection.Connection
    yield* connection.call("RenameCollection", { oldName: nameOf(collection), newName: name }, options)
  })

/** The names of all collections of the database. */
export const list = (
  options?: Connection.CallOptions,
): Effect.Effect<ReadonlyArray<string>, CallError, Connection.Connection> =>
  Effect.flatMap(
    Connection.Connection,
    (connection) =>
      Effect.map(connection.call("ShowCollections", {}, options), ({ collection_names }) => collection_names),
  )

/** How many rows there are, as the server last counted; `Vectors.count` counts anew. */
export const statistics = (
  collection: Named,
  options?: Connection.CallOptions,
): Effect.Effect<{ readonly rows: number }, CallError, Connection.Connection> =>
  Effect.flatMap(Connection.Connection, (connection) =>
    Effect.map(
      connection.call("GetCollectionStatistics", { collection_name: nameOf(collection) }, options),
      ({ stats }) => ({ rows: Number(stats.find(({ key }) => key === "row_count")?.value ?? 0) }),
    ))

/** What can be set for a load. */
export interface LoadOptions extends Connection.CallOptions {
  /** How many copies are loaded. Default 1. */
  readonly replicas?: number | undefined
  /** Only these partitions. */
  readonly partitions?: ReadonlyArray<string> | undefined
}

/** Loads a collection, and waits until it can be searched. */
export const load = (
  collection: Named,
  options?: LoadOptions,
): Effect.Effect<void, CallError, Connection.Connection> => Stream.runDrain(loading(collection, options))

/** Loads a collection; tells how many percent are loaded, up to 100. */
export const loading = (
  collection: Named,
  options?: LoadOptions,
): Stream.Stream<number, CallError, Connection.Connection> =>
  Stream.unwrap(Effect.gen(function* () {
    const connection = yield* Connection.Connection
    const partition_names = [...options?.partitions ?? []]
    const request = { collection_name: nameOf(collection), partition_names }
    const replica_number = options?.replicas ?? 1
    if (partition_names.length === 0) {
      yield* connection.call("LoadCollection", { collection_name: request.collection_name, replica_number }, options)
    } else yield* connection.call("LoadPartitions", { ...request, replica_number }, options)
    return Stream.fromEffectSchedule(connection.call("GetLoadingProgress", request, options), polling).pipe(
      Stream.map(({ progress }) => Number(progress)),
      Stream.takeUntil((progress) => progress >= 100),
      Stream.changes,
    )
  }))

/** Releases a collection, or some of its partitions, from memory. */
export const release = (
  collection: Named,
  options?: Omit<LoadOptions, "replicas">,
): Effect.Effect<void, CallError, Connection.Connection> =>
  Effect.flatMap(Connection.Connection, (connection) => {
    const collection_name = nameOf(collection)
    const partition_names = [...options?.partitions ?? []]
    return Effect.asVoid(
      partition_names.length === 0
        ? connection.call("ReleaseCollection", { collection_name }, options)
        : connection.call("ReleasePartitions", { collection_name, partition_names }, options),
    )
  })
