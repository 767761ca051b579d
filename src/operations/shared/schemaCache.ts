/**
 * Cache of the collections that a connection uses by name: one entry for each name or alias, read from the server once.
 *
 * - Calls of this connection that change a schema, a name or an alias empty the cache, `connection.call` included.
 * - A change by another client shows as an error of an operation with an outdated entry. The entry is then read again,
 *   once; if it differs, the operation is repeated, and if not, the caller gets the first error.
 * - Callers that miss the same entry at the same time share one request, which one of them cannot interrupt for the
 *   others. Failures are not cached.
 */
import * as Effect from "effect/Effect"
import * as Connection from "../../Connection.ts"
import type { ConsistencyLevel } from "../../codec/mod.ts"
import type { CallError, CodecError } from "../../errors.ts"
import { type AnyDefinition, fromDescription } from "../../schema/decodeSchema.ts"
import { SingleFlight } from "../../grpc/singleFlight.ts"
import { type CollectionRef, nameOf } from "./collectionRef.ts"
import { currentConnection } from "./currentConnection.ts"
import { operation } from "./operation.ts"

/** Entry of the cache: a collection as the server describes it. */
export interface CachedCollection {
  /** Definition of the collection, with its own name, not an alias. */
  readonly definition: AnyDefinition
  /** Id on the server; 0 if the server has none. */
  readonly id: bigint
  /** Consistency level of the collection. */
  readonly consistencyLevel: ConsistencyLevel | undefined
  /** Text that is equal if and only if the collection and its schema are. */
  readonly version: string
}

/** Maximum number of entries for a connection. */
const capacity = 1024

class SchemaCache {
  readonly #connection: Connection.Connection
  readonly #entries = new Map<string, CachedCollection>()
  readonly #requests = new SingleFlight<CachedCollection, CallError | CodecError>()
  /** Number of schema changes at which the entries were read. */
  #changes = 0

  constructor(connection: Connection.Connection) {
    this.#connection = connection
  }

  /** Returns the entry of a name. */
  find(name: string): CachedCollection | undefined {
    const { schemaChanges } = Connection.footprintOf(this.#connection)
    if (schemaChanges !== this.#changes) this.#entries.clear()
    this.#changes = schemaChanges
    return this.#entries.get(name)
  }

  /** Reads a collection from the server, and caches it. */
  describe(name: string): Effect.Effect<CachedCollection, CallError | CodecError> {
    const footprint = Connection.footprintOf(this.#connection)
    return Effect.suspend(() => {
      const before = footprint.schemaChanges
      const described = this.#connection.call("DescribeCollection", { collection_name: name })
      const read = Effect.flatMap(described, (reply) =>
        Effect.fromResult(fromDescription(reply)).pipe(
          Effect.map((definition): CachedCollection => {
            schemaTimestamps.set(definition, reply.update_timestamp)
            const { consistency_level: level, collectionID: id } = reply
            return {
              definition,
              id,
              consistencyLevel: typeof level === "number" ? undefined : level,
              version: JSON.stringify([definition, id, reply.update_timestamp], bigintToText),
            }
          }),
        ))
      // A request from before a schema change is not shared with callers after it: the count is in the key.
      return Effect.tap(this.#requests.run(`${before} ${name}`, read), (found) =>
        Effect.sync(() => {
          if (footprint.schemaChanges === before && this.find(name) !== found) this.#add(name, found)
        }))
    }).pipe(Effect.tapError(() => Effect.sync(() => this.#entries.delete(name))))
  }

  #add(name: string, entry: CachedCollection): void {
    this.#entries.delete(name)
    this.#entries.set(name, entry)
    const [oldest] = this.#entries.keys()
    if (this.#entries.size > capacity && oldest !== undefined) this.#entries.delete(oldest)
  }
}

const bigintToText = (_: string, value: unknown): unknown => typeof value === "bigint" ? `${value}n` : value

const caches = new WeakMap<Connection.Connection, SchemaCache>()

const cacheOf = (connection: Connection.Connection): SchemaCache => {
  const known = caches.get(connection) ?? new SchemaCache(connection)
  caches.set(connection, known)
  return known
}

/** Schema version (timestamp of the last update) of each definition that was read from a server. */
const schemaTimestamps = new WeakMap<AnyDefinition, bigint>()

/**
 * Returns the schema version of a definition, which servers compare; `undefined` if it was not read from a server.
 */
export const schemaTimestamp = (definition: AnyDefinition): bigint | undefined => schemaTimestamps.get(definition)

/** Returns the cached entry of a name, without a call. */
export const findCached = (connection: Connection.Connection, name: string): CachedCollection | undefined =>
  cacheOf(connection).find(name)

/** Reads a collection from the server, even if it is cached. */
export const describeUncached = (
  connection: Connection.Connection,
  name: string,
): Effect.Effect<CachedCollection, CallError | CodecError> => cacheOf(connection).describe(name)

/** Returns the cached entry of a collection, or else reads it from the server. */
export const describeCached = (
  connection: Connection.Connection,
  name: string,
): Effect.Effect<CachedCollection, CallError | CodecError> =>
  Effect.suspend(() => {
    const known = findCached(connection, name)
    return known === undefined ? describeUncached(connection, name) : Effect.succeed(known)
  })

/**
 * Reads the definition of a collection from the server. The types of its rows are not known at compile time.
 *
 * Calls `DescribeCollection`. Fails with a `ServerError` of code 100 if the collection does not exist, and with
 * `CodecError` if its schema cannot be read.
 */
export const fromServer = (
  name: string,
): Effect.Effect<AnyDefinition, CallError | CodecError, Connection.Connection> =>
  operation(
    "Collection.fromServer",
    name,
    undefined,
    Effect.flatMap(
      currentConnection(),
      (connection) => Effect.map(describeUncached(connection, name), ({ definition }) => definition),
    ),
  )

/**
 * Runs with the definition of a collection. A definition of the caller is used unchanged. If an error suggests that a
 * cached one is outdated, it is read again, and `run` is repeated once if the definition differs.
 */
export const withDefinition = <A, E, R>(
  connection: Connection.Connection,
  collection: CollectionRef,
  run: (definition: AnyDefinition) => Effect.Effect<A, E, R>,
  suggestsChange: (error: E) => boolean,
): Effect.Effect<A, E | CallError | CodecError, R> =>
  typeof collection !== "string" ? run(collection) : Effect.suspend(() => {
    const known = findCached(connection, collection)
    if (known === undefined) {
      return Effect.flatMap(describeUncached(connection, collection), ({ definition }) => run(definition))
    }
    return Effect.catchIf(
      run(known.definition),
      suggestsChange,
      (error) =>
        Effect.matchEffect(describeUncached(connection, nameOf(collection)), {
          onFailure: () => Effect.fail(error),
          onSuccess: (now) => now.version === known.version ? Effect.fail(error) : run(now.definition),
        }),
    )
  })

/**
 * Whether a failed read may succeed with a newer definition. Not if the server did not answer, or is temporarily unable
 * to serve.
 */
export const mayBeOutdated = (error: CallError | CodecError): boolean =>
  error._tag === "CodecError" ||
  error._tag === "ServerError" && !error.isRetryable ||
  error._tag === "RpcError" && error.progress === "Answered" && rejectionCodes.has(error.code)

/** gRPC codes by which servers reject a request that they do not understand. */
const rejectionCodes: ReadonlySet<string> = new Set(["INVALID_ARGUMENT", "NOT_FOUND", "UNKNOWN", "INTERNAL"])
