/**
 * Databases, which separate the collections, aliases and users' rights of a server. A connection uses one database,
 * `"default"` unless its parameters name another; {@linkcode withDatabase} uses another one for one effect.
 *
 * An operation fails with `ParamError` if an argument is invalid, before anything is sent, and else with the errors of
 * its call (`CallError`), among them `Unsupported` for a server that is too old.
 *
 * @example
 * ```ts ignore
 * yield* Database.create("library")
 * yield* Database.withDatabase("library")(Collection.create(Books))
 * ```
 *
 * @module
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Connection from "../Connection.ts"
import { readDatabase, readName } from "../config/params.ts"
import { CurrentDatabase } from "../connection/currentDatabase.ts"
import type { CallError, ParamError } from "../errors.ts"
import { operate } from "./shared/operate.ts"
import { optionNames, readNameList } from "./shared/options.ts"
import {
  decodeProperties,
  encodeProperties,
  type PropertyTypes,
  type PropertyValue,
  toRecord,
} from "./shared/properties.ts"

export { CurrentDatabase }

/** Properties of a database, by their names in Milvus: those that this version knows, and any other. */
export interface DatabaseProperties {
  /** Number of replicas with which collections of the database are loaded. */
  readonly "database.replica.number"?: number | undefined
  /** Names of the resource groups into which collections of the database are loaded, separated by commas. */
  readonly "database.resource_groups"?: string | undefined
  /** Maximum size of the data in the database, in MiB. */
  readonly "database.diskQuota.mb"?: number | undefined
  /** Maximum number of collections in the database. */
  readonly "database.max.collections"?: number | undefined
  /** Whether the server denies all reads. */
  readonly "database.force.deny.reading"?: boolean | undefined
  /** Whether the server denies all writes. */
  readonly "database.force.deny.writing"?: boolean | undefined
  /** Time zone of times without one, such as `"Europe/Berlin"`. */
  readonly timezone?: string | undefined
  /** Any other property. */
  readonly [name: string]: PropertyValue | undefined
}

const types: PropertyTypes = {
  "database.replica.number": "number",
  "database.diskQuota.mb": "number",
  "database.max.collections": "number",
  "database.force.deny.reading": "boolean",
  "database.force.deny.writing": "boolean",
}

/** Options for {@linkcode create}. */
export interface CreateOptions extends Connection.CallOptions {
  /**
   * Properties of the database. Milvus 2.4.6 and later.
   *
   * @default None.
   */
  readonly properties?: DatabaseProperties | undefined
}

/**
 * Creates a database.
 *
 * Calls `CreateDatabase`. Milvus 2.2.7 and later, and milvus-lite. Fails with `ServerError` if it exists, or if the
 * server has its maximum number of databases.
 */
export const create = (
  name: string,
  options?: CreateOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> =>
  Effect.asVoid(operate("CreateDatabase", options, () =>
    Result.gen(function* () {
      const db_name = yield* readName("name", name)
      const { properties } = options ?? {}
      return properties === undefined
        ? { db_name }
        : { db_name, properties: yield* encodeProperties("properties", properties) }
    }), { options: createOptionNames, since: { properties: "2.4.6" } }))

const createOptionNames = optionNames<CreateOptions>("properties")

/**
 * Drops a database, which must be empty.
 *
 * Calls `DropDatabase`. Milvus 2.2.7 and later, and milvus-lite. Fails with `ServerError` if it does not exist or has
 * collections.
 */
export const drop = (
  name: string,
  options?: Connection.CallOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> =>
  Effect.asVoid(operate("DropDatabase", options, () => Result.map(readName("name", name), (db_name) => ({ db_name }))))

/** A database in the list of the server. */
export interface ListedDatabase {
  /** The name. */
  readonly name: string
  /** The id on the server; `undefined` if the server does not report it (Milvus before 2.4). */
  readonly id: bigint | undefined
  /** Time of its creation; `undefined` if the server does not report it. */
  readonly created: Date | undefined
}

/**
 * Returns the names of all databases that the user may see.
 *
 * Calls `ListDatabases`. Milvus 2.2.7 and later, and milvus-lite.
 */
export const list = (
  options?: Connection.CallOptions,
): Effect.Effect<ReadonlyArray<string>, CallError | ParamError, Connection.Connection> =>
  Effect.map(operate("ListDatabases", options, noRequest), ({ db_names }) => db_names)

/**
 * Returns all databases that the user may see, with their ids and times of creation.
 *
 * Calls `ListDatabases`. Milvus 2.2.7 and later, and milvus-lite.
 */
export const listDetails = (
  options?: Connection.CallOptions,
): Effect.Effect<ReadonlyArray<ListedDatabase>, CallError | ParamError, Connection.Connection> =>
  Effect.map(
    operate("ListDatabases", options, noRequest, { operation: "Database.listDetails" }),
    ({ db_names, db_ids, created_timestamp }) =>
      db_names.map((name, at) => ({
        name,
        id: db_ids[at] || undefined,
        created: fromNanoseconds(created_timestamp[at]),
      })),
  )

const noRequest = () => Result.succeed({})

/** Converts nanoseconds since 1970, in which Milvus reports the creation of databases, to a date. */
const fromNanoseconds = (time: bigint | undefined): Date | undefined =>
  time === undefined || time <= 0n ? undefined : new Date(Number(time / 1_000_000n))

/** Description of a database by the server. */
export interface DatabaseDescription extends ListedDatabase {
  /** The properties; known ones are decoded. */
  readonly properties: DatabaseProperties
  /** All properties as the server has them. */
  readonly raw: Readonly<Record<string, string>>
}

/**
 * Describes a database.
 *
 * Calls `DescribeDatabase`. Milvus 2.4.3 and later, and milvus-lite. Fails with `ServerError` if it does not exist.
 */
export const describe = (
  name: string,
  options?: Connection.CallOptions,
): Effect.Effect<DatabaseDescription, CallError | ParamError, Connection.Connection> =>
  Effect.map(
    operate("DescribeDatabase", options, () => Result.map(readName("name", name), (db_name) => ({ db_name }))),
    ({ db_name, dbID, created_timestamp, properties }) => ({
      name: db_name,
      id: dbID || undefined,
      created: fromNanoseconds(created_timestamp),
      properties: decodeProperties<DatabaseProperties>(properties, types),
      raw: toRecord(properties),
    }),
  )

/**
 * Sets properties of a database. Those that are not named stay as they are.
 *
 * Calls `AlterDatabase`. Milvus 2.4.1 and later, and milvus-lite. Fails with `ServerError` if the database does not
 * exist.
 */
export const alter = (
  name: string,
  properties: DatabaseProperties,
  options?: Connection.CallOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> =>
  Effect.asVoid(operate("AlterDatabase", options, () =>
    Result.gen(function* () {
      const db_name = yield* readName("name", name)
      return { db_name, properties: yield* encodeProperties("properties", properties) }
    })))

/**
 * Removes properties of a database, so that the server's defaults apply.
 *
 * Calls `AlterDatabase`. Milvus 2.4.18 and later, and milvus-lite. Fails with `ServerError` if the database does not
 * exist.
 */
export const dropProperties = (
  name: string,
  properties: ReadonlyArray<keyof DatabaseProperties & string>,
  options?: Connection.CallOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> =>
  Effect.asVoid(operate("AlterDatabase", options, () =>
    Result.gen(function* () {
      const db_name = yield* readName("name", name)
      return { db_name, delete_keys: yield* readNameList("properties", properties) }
    }), { requires: ["Database.dropProperties", "2.4.18"] }))

/**
 * Makes all calls of an effect in a database, and none of others: neither those of other fibers on the same connection,
 * nor later ones. The option `database` of a call takes precedence. For a stream, provide {@linkcode CurrentDatabase}
 * with `Stream.provideService`.
 *
 * Whether the database exists is up to the server, at the first call. Fails with `ParamError` if the name is not
 * printable ASCII.
 *
 * @example
 * ```ts ignore
 * const names = yield* Database.withDatabase("library")(Collection.list())
 * ```
 */
export const withDatabase =
  (name: string): <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E | ParamError, R> => (effect) =>
    Effect.flatMap(
      Effect.fromResult(readDatabase("database", name)),
      (database) => Effect.provideService(effect, CurrentDatabase, database),
    )
