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

/** Reads a definition from the server. */
export const fromServer = (
  name: string,
): Effect.Effect<AnyDefinition, CallError | CodecError, Connection.Connection> =>
  Effect.gen(function* () {
    const connection = yield* Connection.Connection
    const described = yield* connection.call("DescribeCollection", { collection_name: name })
    const definition = yield* Effect.fromResult(fromDescription(described))
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

/** SchemaMismatch of Milvus. */
const schemaMismatch = 62

/** Runs with the definition of a collection; once more with a new one where that of a plain name is outdated. */
export const withDefinition = <A, E, R>(
  collection: Named,
  run: (definition: AnyDefinition) => Effect.Effect<A, E | CallError | CodecError, R>,
): Effect.Effect<A, E | CallError | CodecError, R | Connection.Connection> => {
  const once = Effect.flatMap(definitionOf(collection), run)
  if (typeof collection !== "string") return once
  const isOutdated = (error: unknown) => isServerError(error) && error.code === schemaMismatch
  return Effect.catch(
    once,
    (error) => isOutdated(error) ? Effect.andThen(forget(collection), once) : Effect.fail(error),
  )
}

const isServerError = (error: unknown): error is Extract<CallError, { readonly _tag: "ServerError" }> =>
  typeof error === "object" && error !== null && "_tag" in error && error._tag === "ServerError"
