/**
 * The connection that an operation uses: the service `Connection`, in the current database, with errors that name the
 * operation. Every operation gets its connection here, so this is the place for what all of them have in common.
 *
 * Each database has a connection object of its own, which caches such as that of schemas are kept for.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Connection from "../../Connection.ts"
import { CurrentDatabase } from "../../connection/currentDatabase.ts"
import { CurrentPrincipal } from "../../connection/currentPrincipal.ts"
import { isOlder, missingVersion, operationOf } from "../../contract/rpcs.ts"
import { type CallError, Unsupported } from "../../errors.ts"
import { forPrincipal, hasPrincipal } from "./principal.ts"
import { isLite } from "./server.ts"
import { partOptions } from "../../telemetry/observe.ts"

/** Returns the connection for an operation with these options. */
export const currentConnection = (
  options?: Pick<Connection.CallOptions, "database">,
): Effect.Effect<Connection.Connection, never, Connection.Connection> =>
  Effect.withFiberSucceed((fiber) =>
    inDatabase(
      Context.getUnsafe(fiber.context, Connection.Connection),
      options?.database ?? fiber.getRef(CurrentDatabase),
    )
  )

/**
 * Fails with `Unsupported` if the server is known to be older than the version of Milvus that introduced an option, or
 * an operation if no option is given. `method` is the RPC of the operation.
 */
export const requireVersion = (
  connection: Connection.Connection,
  method: keyof Connection.Methods,
  option: string | undefined,
  since: string,
  operation: string = operationOf(method),
): Effect.Effect<void, Unsupported> => {
  const { server: { version }, config: { address } } = connection
  return isOlder(version, since)
    ? Effect.fail(new Unsupported({ operation, option, address, version, needs: since }))
    : Effect.void
}

/**
 * Fails with `Unsupported` as {@linkcode requireVersion} does, and also if the server is milvus-lite: for options that
 * it ignores.
 */
export const requireMilvus = (
  connection: Connection.Connection,
  method: keyof Connection.Methods,
  option: string | undefined,
  since: string,
  operation: string = operationOf(method),
): Effect.Effect<void, Unsupported> => {
  const { server: { version }, config: { address } } = connection
  return isLite(connection) || isOlder(version, since)
    ? Effect.fail(new Unsupported({ operation, option, address, version, needs: since }))
    : Effect.void
}

/** Fails as {@linkcode requireMilvus} does for each given option that is in the table with its version. */
export const requireOptions = (
  connection: Connection.Connection,
  method: keyof Connection.Methods,
  options: object | undefined,
  since: Readonly<Record<string, string>>,
  operation?: string,
): Effect.Effect<void, Unsupported> => {
  // Cast: an object can be read by the names of its properties.
  const given = (options ?? {}) as Readonly<Record<string, unknown>>
  const wanted = Object.keys(since).filter((name) => given[name] !== undefined)
  return Effect.forEach(
    wanted,
    (name) => requireMilvus(connection, method, name, since[name] ?? "", operation),
    { discard: true },
  )
}

/** Maximum number of databases for which the connections of one connection are kept. */
const capacity = 64

const connections = new WeakMap<Connection.Connection, Map<string, OperationConnection>>()

const inDatabase = (connection: Connection.Connection, name: string | undefined): Connection.Connection => {
  if (connection instanceof OperationConnection) {
    if (name === undefined || name === connection.database) return connection
    return inDatabase(connection.base, name)
  }
  const database = name ?? connection.config.database
  const known = connections.get(connection) ?? new Map<string, OperationConnection>()
  connections.set(connection, known)
  const found = known.get(database) ?? new OperationConnection(connection, database)
  known.set(database, found)
  const [oldest] = known.keys()
  if (known.size > capacity && oldest !== undefined) known.delete(oldest)
  return found
}

class OperationConnection implements Connection.Connection {
  readonly base: Connection.Connection
  readonly database: string
  readonly config: Connection.Connection["config"]
  readonly [Connection.internals]: Connection.Internals

  constructor(base: Connection.Connection, database: string) {
    this.base = base
    this.database = database
    this.config = { ...base.config, database }
    this[Connection.internals] = {
      callEncoded: (method, request, decode, options) =>
        Effect.withFiber((fiber) => {
          const principal = hasPrincipal(method) ? fiber.getRef(CurrentPrincipal) : undefined
          const call = (given: typeof request) =>
            this.#explain(
              method,
              Connection.callEncoded(base, method, given, decode, {
                ...options,
                ...partOptions,
                database: this.database,
              }),
            )
          return principal === undefined ? call(request) : Effect.andThen(
            requireMilvus(this, method, "principal", "3.0.1"),
            call(forPrincipal(method, request, principal)),
          )
        }),
      footprint: Connection.footprintOf(base),
      drain: Connection.drain(base),
    }
  }

  get alias(): string | undefined {
    return this.base.alias
  }

  get server(): Connection.ServerInfo {
    return this.base.server
  }

  get state(): Effect.Effect<Connection.ConnectionState> {
    return this.base.state
  }

  get changes(): Stream.Stream<Connection.ConnectionState> {
    return this.base.changes
  }

  readonly call: Connection.Connection["call"] = (method, request, options) =>
    Effect.suspend(() =>
      this.#explain(method, this.base.call(method, request, { ...options, ...partOptions, database: this.database }))
    )

  readonly stream: Connection.Connection["stream"] = (method, requests, options) =>
    Stream.suspend(() => {
      const needs = missingVersion(method, this.server.version)
      if (needs !== undefined) return Stream.fail(this.#unsupported(method, needs))
      return Stream.mapError(
        this.base.stream(method, requests, { ...options, ...partOptions, database: this.database }),
        (error) => isUnimplemented(error) ? this.#unsupported(method, needs, error) : error,
      )
    })

  /** Fails with `Unsupported` if the server is known not to have an RPC, or answers that it does not. */
  #explain<A, E>(method: string, call: Effect.Effect<A, E | CallError>): Effect.Effect<A, E | CallError> {
    const needs = missingVersion(method, this.server.version)
    if (needs !== undefined) return Effect.fail(this.#unsupported(method, needs))
    return Effect.mapError(call, (error) => isUnimplemented(error) ? this.#unsupported(method, needs, error) : error)
  }

  /** Returns the error for a server that does not have an RPC. */
  #unsupported(method: string, needs: string | undefined, cause?: unknown): Unsupported {
    const { server: { version }, config: { address } } = this
    return new Unsupported({ operation: operationOf(method), address, version, needs, cause })
  }
}

/** Whether a server answered that it does not have the RPC. */
const isUnimplemented = (error: unknown): boolean =>
  typeof error === "object" && error !== null && "_tag" in error && error._tag === "RpcError" &&
  "code" in error && error.code === "UNIMPLEMENTED" && "progress" in error && error.progress === "Answered"
