/**
 * Definitions by the name of a collection: read from the server once, and remembered for the connection until the server says
 * that the schema changed.
 */
import * as Effect from "effect/Effect"
import * as Connection from "../Connection.ts"
import type { CallError, CodecError } from "../errors.ts"
import { type AnyDefinition, fromDescription } from "../schema/decode.ts"

/** A collection by its definition or by its name. */
export type Named = string | AnyDefinition

/** The name of a collection. */
export const nameOf = (collection: Named): string => typeof collection === "string" ? collection : collection.name

const remembered = new WeakMap<Connection.Connection, Map<string, AnyDefinition>>()

/** Since when the schemas that were read are as they are. */
const timestamps = new WeakMap<AnyDefinition, bigint>()

/** Since when the schema of a definition is as it is, for the server to compare; unknown unless it was read from there. */
export const schemaTimestamp = (definition: AnyDefinition): bigint | undefined => timestamps.get(definition)

/** Reads a definition from the server. */
export const fromServer = (
  name: string,
): Effect.Effect<AnyDefinition, CallError | CodecError, Connection.Connection> =>
  Effect.gen(function* () {
    const connection = yield* Connection.Connection
    const described = yield* connection.call("DescribeCollection", { collection_name: name })
    const definition = yield* Effect.fromResult(fromDescription(described))
    timestamps.set(definition, described.update_timestamp)
    const known = remembered.get(connection) ?? new Map<string, AnyDefinition>()
    remembered.set(connection, known.set(name, definition))
    return definition
  })

/** The definition of a collection: as it is given, as it is remembered, or as the server has it. */
export const definitionOf = (
  collection: Named,
): Effect.Effect<AnyDefinition, CallError | CodecError, Connection.Connection> =>
  typeof collection !== "string" ? Effect.succeed(collection) : Effect.flatMap(Connection.Connection, (connection) => {
    const known = remembered.get(connection)?.get(collection)
    return known === undefined ? fromServer(collection) : Effect.succeed(known)
  })

/** Forgets what is remembered of a collection. */
export const forget = (collection: string): Effect.Effect<void, never, Connection.Connection> =>
  Effect.map(Connection.Connection, (connection) => void remembered.get(connection)?.delete(collection))

/** Runs with the definition of a collection; once more, with a new one, where a remembered one turns out to be outdated. */
export const withDefinition = <A, E, R>(
  collection: Named,
  run: (definition: AnyDefinition) => Effect.Effect<A, E, R>,
  isOutdated: (error: E) => boolean,
): Effect.Effect<A, E | CallError | CodecError, R | Connection.Connection> =>
  Effect.gen(function* () {
    const connection = yield* Connection.Connection
    const known = typeof collection === "string" ? remembered.get(connection)?.get(collection) : undefined
    if (known === undefined || typeof collection !== "string") {
      return yield* Effect.flatMap(definitionOf(collection), run)
    }
    return yield* Effect.catchIf(run(known), isOutdated, () => Effect.flatMap(fromServer(collection), run))
  })
