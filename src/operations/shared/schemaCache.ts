/**
 * What a connection knows of the collections that it uses by name: one entry for each name or alias, read from the
 * server once.
 *
 * - Calls of this connection that change a schema, a name or an alias empty the cache, `connection.call` included.
 * - What other clients change is found out by the reply that an outdated entry leads to. The server is then asked once,
 *   and the operation is made again if the answer differs. If it does not, the caller gets the first error.
 * - Callers that miss the same entry at once share one request, which no single one of them can interrupt. Nothing that
 *   failed is kept.
 */
import * as Effect from "effect/Effect"
import * as Connection from "../../Connection.ts"
import type { ConsistencyLevel } from "../../codec/mod.ts"
import type { CallError, CodecError } from "../../errors.ts"
import { type AnyDefinition, fromDescription } from "../../schema/decodeSchema.ts"
import { SingleFlight } from "../../grpc/singleFlight.ts"
import { type CollectionRef, nameOf } from "./collectionRef.ts"

/** A collection as a server describes it. */
export interface Described {
  /** Its definition. The name in it is the collection's own, and not an alias. */
  readonly definition: AnyDefinition
  /** The id that the server gives it; 0 if the server has none. */
  readonly id: bigint
  /** The level that it was created with. */
  readonly consistencyLevel: ConsistencyLevel | undefined
  /** The same text for the same collection with the same schema. */
  readonly version: string
}

/** The greatest number of names that are remembered for a connection. */
const capacity = 1024

class SchemaCache {
  readonly #connection: Connection.Connection
  readonly #entries = new Map<string, Described>()
  readonly #requests = new SingleFlight<Described, CallError | CodecError>()
  /** The count of schema changes that the entries are good for. */
  #changes = 0

  constructor(connection: Connection.Connection) {
    this.#connection = connection
  }

  /** What is remembered under a name. */
  find(name: string): Described | undefined {
    const { schemaChanges } = Connection.footprintOf(this.#connection)
    if (schemaChanges !== this.#changes) this.#entries.clear()
    this.#changes = schemaChanges
    return this.#entries.get(name)
  }

  /** Asks the server, and remembers the answer. */
  describe(name: string): Effect.Effect<Described, CallError | CodecError> {
    const footprint = Connection.footprintOf(this.#connection)
    return Effect.suspend(() => {
      const before = footprint.schemaChanges
      const described = this.#connection.call("DescribeCollection", { collection_name: name })
      const read = Effect.flatMap(described, (reply) =>
        Effect.fromResult(fromDescription(reply)).pipe(
          Effect.map((definition): Described => {
            schemaTimestamps.set(definition, reply.update_timestamp)
            const { consistency_level: level, collectionID: id } = reply
            return {
              definition,
              id,
              consistencyLevel: typeof level === "number" ? undefined : level,
              version: JSON.stringify([definition, id, reply.update_timestamp], digits),
            }
          }),
        ))
      // A description that was asked for before a change is not shared with those who ask after it.
      return Effect.tap(this.#requests.run(`${before} ${name}`, read), (found) =>
        Effect.sync(() => {
          if (footprint.schemaChanges === before && this.find(name) !== found) this.#remember(name, found)
        }))
    }).pipe(Effect.tapError(() => Effect.sync(() => this.#entries.delete(name))))
  }

  #remember(name: string, entry: Described): void {
    this.#entries.delete(name)
    this.#entries.set(name, entry)
    const [oldest] = this.#entries.keys()
    if (this.#entries.size > capacity && oldest !== undefined) this.#entries.delete(oldest)
  }
}

const digits = (_: string, value: unknown): unknown => typeof value === "bigint" ? `${value}n` : value

const caches = new WeakMap<Connection.Connection, SchemaCache>()

const cacheOf = (connection: Connection.Connection): SchemaCache => {
  const known = caches.get(connection) ?? new SchemaCache(connection)
  caches.set(connection, known)
  return known
}

/** The update timestamps of definitions that came from a server. */
const schemaTimestamps = new WeakMap<AnyDefinition, bigint>()

/**
 * The time of the last change of a definition's schema, which servers compare; unknown unless it came from a server.
 */
export const schemaTimestamp = (definition: AnyDefinition): bigint | undefined => schemaTimestamps.get(definition)

/** What is remembered of a name, without a call. */
export const remembered = (connection: Connection.Connection, name: string): Described | undefined =>
  cacheOf(connection).find(name)

/** Asks the server for a collection, whatever is remembered. */
export const describeNow = (
  connection: Connection.Connection,
  name: string,
): Effect.Effect<Described, CallError | CodecError> => cacheOf(connection).describe(name)

/** A collection as it is remembered, or else as the server describes it. */
export const describeOnce = (
  connection: Connection.Connection,
  name: string,
): Effect.Effect<Described, CallError | CodecError> =>
  Effect.suspend(() => {
    const known = remembered(connection, name)
    return known === undefined ? describeNow(connection, name) : Effect.succeed(known)
  })

/** Reads a definition from the server. */
export const fromServer = (
  name: string,
): Effect.Effect<AnyDefinition, CallError | CodecError, Connection.Connection> =>
  Effect.flatMap(
    Connection.Connection,
    (connection) => Effect.map(describeNow(connection, name), ({ definition }) => definition),
  )

/**
 * Runs with the definition of a collection. A definition that was given is used as it is; one that is remembered is
 * read anew, once, if an error suggests that it is outdated and the server confirms that.
 */
export const withDefinition = <A, E, R>(
  connection: Connection.Connection,
  collection: CollectionRef,
  run: (definition: AnyDefinition) => Effect.Effect<A, E, R>,
  suggestsChange: (error: E) => boolean,
): Effect.Effect<A, E | CallError | CodecError, R> =>
  Effect.suspend(() => {
    if (typeof collection !== "string") return run(collection)
    const known = remembered(connection, collection)
    if (known === undefined) {
      return Effect.flatMap(describeNow(connection, collection), ({ definition }) => run(definition))
    }
    return Effect.catchIf(run(known.definition), suggestsChange, (error) =>
      Effect.matchEffect(describeNow(connection, nameOf(collection)), {
        onFailure: () =>
          Effect.fail(error),
        onSuccess: (now) =>
          now.version === known.version ? Effect.fail(error) : run(now.definition),
      }))
  })

/**
 * Whether a read that failed may do better with a newer definition: not if no answer came, or the server asks for
 * patience.
 */
export const mayBeOutdated = (error: CallError | CodecError): boolean =>
  error._tag === "CodecError" ||
  error._tag === "ServerError" && !error.isRetryable ||
  error._tag === "RpcError" && error.progress === "Answered" && refusals.has(error.code)

/** With what servers answer a request that they do not understand. */
const refusals: ReadonlySet<string> = new Set(["INVALID_ARGUMENT", "NOT_FOUND", "UNKNOWN", "INTERNAL"])
