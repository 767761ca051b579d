/**
 * Connections by alias, as in pymilvus.
 *
 * A registry remembers parameters by alias and holds at most one connection for each. Operations on an alias run one
 * after the other, so that concurrent `connect` calls open one connection. A failed `connect` leaves the registry
 * unchanged. Closing the registry's scope disconnects all.
 *
 * | alias is | `connect` without parameters | `connect` with parameters |
 * |---|---|---|
 * | unknown, `"default"` | uses the environment's, or `localhost:19530` | remembers them once connected |
 * | unknown, another | fails with `AliasError` NotConfigured | remembers them once connected |
 * | remembered, not connected | uses the remembered ones | replaces the remembered ones |
 * | connected | returns the connection | equal: returns it; different: fails with `AliasError` Conflict |
 *
 * @module
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import * as Connection from "./Connection.ts"
import * as ConnectionConfig from "./ConnectionConfig.ts"
import { type Decoded, failUnknownParam, type Params, read, readRecord, withExpectation } from "./config/params.ts"
import { fromEnvironment, withEnvironmentErrors } from "./connection/environment.ts"
import { AliasError, type ConnectError, ConnectionLimit, type NotImplemented, ParamError } from "./errors.ts"
import * as limits from "./connection/limit.ts"

/** The maximum number of connections to one server address in the whole process: Milvus's limit for one proxy. */
export const maxConnections: number = limits.maxConnections

/** Parameters of {@linkcode connect}: those of a connection, and its alias. */
export interface AliasParams extends ConnectionConfig.ConnectParams {
  /**
   * The alias. May be `""`.
   *
   * @default `"default"`
   */
  readonly alias?: string | undefined
}

/** One remembered alias. */
export interface ListedConnection {
  /** The alias. */
  readonly alias: string
  /** The address that it connects to. */
  readonly address: string
  /** Whether it is connected. */
  readonly isConnected: boolean
}

/** A registry of connections. The functions of this module are its methods over the service of the same name. */
export interface Connections {
  /** Connects an alias, or returns its connection. */
  readonly connect: (params?: string | AliasParams) => Effect.Effect<Connection.Connection, ConnectError | AliasError>
  /** Disconnects an alias and keeps its parameters. Does nothing if it is not connected. */
  readonly disconnect: (alias?: string) => Effect.Effect<void>
  /** Returns the connection of an alias. */
  readonly get: (alias?: string) => Effect.Effect<Connection.Connection, AliasError>
  /** Returns whether an alias is connected. */
  readonly has: (alias?: string) => Effect.Effect<boolean>
  /** Remembers the parameters of an alias without connecting. */
  readonly add: (
    alias: string,
    params: string | ConnectionConfig.ConnectParams,
  ) => Effect.Effect<void, ParamError | NotImplemented | AliasError>
  /** Disconnects an alias and forgets its parameters. */
  readonly remove: (alias: string) => Effect.Effect<void>
  /** Returns the decoded parameters of an alias, such as its current `address`; none if it is unknown. */
  readonly address: (alias?: string) => Effect.Effect<Option.Option<ConnectionConfig.ConnectionConfig>>
  /** Every remembered alias. */
  readonly list: Effect.Effect<ReadonlyArray<ListedConnection>>
}

/** The service of the registry. */
export const Connections: Context.Service<Connections, Connections> = Context.Service<Connections>(
  "@effect-milvus/client/Connections",
)

/** Options for {@linkcode make}. */
export interface RegistryOptions {
  /**
   * Maximum number of aliases that are connected at the same time, from 0 to 65,536.
   *
   * @default The limit of the server, 65,536.
   */
  readonly limit?: number | undefined
  /** Parameters by alias, remembered from the start. */
  readonly connections?: Readonly<Record<string, string | ConnectionConfig.ConnectParams>> | undefined
}

/**
 * Connects an alias, or returns its connection if it is connected with equal parameters. A string is an address; the
 * default alias is `"default"`.
 *
 * Calls the RPCs of `Connection.connect`. Fails with `AliasError` NotConfigured if the alias is unknown and has no
 * parameters, `AliasError` Conflict if it is connected with other parameters, `ConnectionLimit` if the registry or the
 * address has its maximum of connections, and otherwise with the errors of `Connection.connect`. A failure leaves the
 * registry unchanged.
 *
 * @example
 * ```ts ignore
 * import * as Effect from "effect/Effect"
 * import { Connections } from "@effect-milvus/client"
 *
 * const program = Effect.gen(function* () {
 *   yield* Connections.connect({ alias: "default", host: "localhost", port: "19530" })
 *   yield* Connections.disconnect("default")
 * })
 * await Effect.runPromise(Effect.provide(program, Connections.layer()))
 * ```
 */
export const connect = (
  params?: string | AliasParams,
): Effect.Effect<Connection.Connection, ConnectError | AliasError, Connections> =>
  Connections.use((registry) => registry.connect(params))

/**
 * Disconnects an alias and keeps its parameters: refuses new calls, waits at most 5 s until calls in flight end, and
 * then cancels them. Does nothing if the alias is not connected.
 */
export const disconnect = (alias?: string): Effect.Effect<void, never, Connections> =>
  Connections.use((registry) => registry.disconnect(alias))

/** Returns the connection of an alias. Fails with `AliasError` NotFound if it is not connected. */
export const get = (alias?: string): Effect.Effect<Connection.Connection, AliasError, Connections> =>
  Connections.use((registry) => registry.get(alias))

/** Returns whether an alias is connected. */
export const has = (alias?: string): Effect.Effect<boolean, never, Connections> =>
  Connections.use((registry) => registry.has(alias))

/**
 * Remembers the parameters of an alias without connecting. For a connected alias it does nothing if they are equal, and
 * fails with `AliasError` Conflict otherwise.
 */
export const add = (
  alias: string,
  params: string | ConnectionConfig.ConnectParams,
): Effect.Effect<void, ParamError | NotImplemented | AliasError, Connections> =>
  Connections.use((registry) => registry.add(alias, params))

/** Disconnects an alias as {@linkcode disconnect} does, and forgets its parameters. Does nothing if it is unknown. */
export const remove = (alias: string): Effect.Effect<void, never, Connections> =>
  Connections.use((registry) => registry.remove(alias))

/**
 * Returns the decoded parameters of an alias, such as its `address`; none if it is unknown. If it is connected to one
 * of several `addresses`, `address` is the current one.
 */
export const address = (
  alias?: string,
): Effect.Effect<Option.Option<ConnectionConfig.ConnectionConfig>, never, Connections> =>
  Connections.use((registry) => registry.address(alias))

/** Returns every remembered alias, in the order in which they were added. */
export const list: Effect.Effect<ReadonlyArray<ListedConnection>, never, Connections> = Connections.use((registry) =>
  registry.list
)

/** Makes a registry. Its connections are closed when the scope closes. */
export const make = (
  options?: RegistryOptions,
): Effect.Effect<Connections, ParamError | NotImplemented, Scope.Scope> =>
  Effect.gen(function* () {
    const { limit, connections } = yield* Effect.fromResult(readOptions(options))
    const registry = new Registry(yield* Effect.scope, limit)
    for (const [alias, params] of Object.entries(connections)) {
      // Cast: `ConnectionConfig.make` checks the value.
      registry.remember(alias, yield* ConnectionConfig.make(params as string | ConnectionConfig.ConnectParams))
    }
    return registry
  })

const optionNames: ReadonlySet<string> = new Set<keyof RegistryOptions>(["limit", "connections"])

const Limit = withExpectation(
  Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: maxConnections })),
  `a whole number from 0 to ${maxConnections}`,
)

const readOptions = (options: unknown): Decoded<{ readonly limit: number; readonly connections: Params }> =>
  Result.gen(function* () {
    const given = yield* readRecord("options", options === undefined ? {} : options, "{ limit, connections }")
    yield* failUnknownParam("", given, optionNames)
    const { limit, connections = {} } = given
    return {
      limit: yield* read("limit", Limit, limit, Infinity),
      connections: yield* readRecord("connections", connections, "parameters by alias"),
    }
  })

/** Provides a registry. */
export const layer = (options?: RegistryOptions): Layer.Layer<Connections, ParamError | NotImplemented> =>
  Layer.effect(Connections, make(options))

interface Entry {
  readonly config: ConnectionConfig.ConnectionConfig
  /** Set while the alias is connected, as is `scope`. */
  connection: Connection.Connection | undefined
  scope: Scope.Closeable | undefined
}

const defaultAlias = "default"

class Registry implements Connections {
  readonly #scope: Scope.Scope
  readonly #limit: number
  readonly #entries = new Map<string, Entry>()
  /** Locks of the aliases with a running operation; `users` counts it and those that wait. */
  readonly #locks = new Map<string, { readonly semaphore: Semaphore.Semaphore; users: number }>()
  /** Number of aliases that are connected or being connected. */
  #openCount = 0

  constructor(scope: Scope.Scope, limit: number) {
    this.#scope = scope
    this.#limit = limit
  }

  remember(alias: string, config: ConnectionConfig.ConnectionConfig): void {
    this.#entries.set(alias, { config, connection: undefined, scope: undefined })
  }

  readonly connect: Connections["connect"] = (params) =>
    Effect.gen({ self: this }, function* () {
      const { alias, given } = yield* splitAlias(params)
      const config = given === undefined ? undefined : yield* ConnectionConfig.make(given)
      return yield* this.#locked(alias, this.#connect(alias, config))
    })

  readonly disconnect: Connections["disconnect"] = (alias = defaultAlias) =>
    this.#locked(alias, this.#disconnect(alias))

  readonly get: Connections["get"] = (alias = defaultAlias) =>
    Effect.suspend(() => {
      const connection = this.#entries.get(alias)?.connection
      return connection === undefined
        ? Effect.fail(new AliasError({ alias: String(alias), kind: "NotFound" }))
        : Effect.succeed(connection)
    })

  readonly has: Connections["has"] = (alias = defaultAlias) =>
    Effect.sync(() => this.#entries.get(alias)?.connection !== undefined)

  readonly add: Connections["add"] = (alias, params) =>
    Effect.gen({ self: this }, function* () {
      yield* checkAlias(alias)
      const config = yield* ConnectionConfig.make(params)
      yield* this.#locked(
        alias,
        Effect.suspend(() => {
          const entry = this.#entries.get(alias)
          if (entry?.connection === undefined) return Effect.sync(() => this.remember(alias, config))
          return ConnectionConfig.equals(entry.config, config)
            ? Effect.void
            : Effect.fail(new AliasError({ alias, kind: "Conflict" }))
        }),
      )
    })

  readonly remove: Connections["remove"] = (alias) =>
    this.#locked(alias, Effect.ensuring(this.#disconnect(alias), Effect.sync(() => this.#entries.delete(alias))))

  readonly address: Connections["address"] = (alias = defaultAlias) =>
    Effect.sync(() => {
      const entry = this.#entries.get(alias)
      return Option.fromUndefinedOr(entry?.connection?.config ?? entry?.config)
    })

  readonly list: Connections["list"] = Effect.sync(() =>
    Array.from(this.#entries, ([alias, { config, connection }]) => ({
      alias,
      address: (connection?.config ?? config).address,
      isConnected: connection !== undefined,
    }))
  )

  readonly #connect = Effect.fnUntraced(
    function* (this: Registry, alias: string, given: ConnectionConfig.ConnectionConfig | undefined) {
      const entry = this.#entries.get(alias)
      // The caller drained it: it makes no more calls.
      if (entry?.connection !== undefined && (yield* entry.connection.state) === "Closed") {
        yield* this.#disconnect(alias)
      }
      if (entry?.connection !== undefined) {
        if (given === undefined || ConnectionConfig.equals(entry.config, given)) return entry.connection
        return yield* new AliasError({ alias, kind: "Conflict" })
      }
      const config = given ?? entry?.config ?? (yield* configOfUnknown(alias))
      if (this.#openCount >= this.#limit) {
        return yield* new ConnectionLimit({ limit: this.#limit, open: this.#openCount })
      }
      return yield* Effect.uninterruptibleMask((restore) => this.#open(alias, config, restore))
    },
  )

  /** Opens a connection. Uninterruptible except in `restore`, so that the count and the entries stay consistent. */
  readonly #open = Effect.fnUntraced(
    function* (
      this: Registry,
      alias: string,
      config: ConnectionConfig.ConnectionConfig,
      restore: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>,
    ) {
      this.#openCount++
      // Closed by `disconnect`, by the end of the registry, or because connecting failed.
      const scope = yield* Scope.fork(this.#scope)
      const connection = yield* Effect.onError(
        Connection.openScoped(scope, config, alias, restore),
        () => Effect.sync(() => this.#openCount--),
      )
      this.#entries.set(alias, { config, connection, scope })
      return connection
    },
  )

  #disconnect(alias: string): Effect.Effect<void> {
    return Effect.uninterruptible(Effect.suspend(() => {
      const entry = this.#entries.get(alias)
      if (entry?.connection === undefined || entry.scope === undefined) return Effect.void
      const { connection, scope } = entry
      // Not visible any more, while the calls in flight end.
      entry.connection = entry.scope = undefined
      return Connection.drain(connection).pipe(
        Effect.andThen(Scope.close(scope, Exit.void)),
        Effect.ensuring(Effect.sync(() => this.#openCount--)),
      )
    }))
  }

  #locked<A, E>(alias: string, effect: Effect.Effect<A, E>): Effect.Effect<A, E> {
    return Effect.suspend(() => {
      const lock = this.#locks.get(alias) ?? { semaphore: Semaphore.makeUnsafe(1), users: 0 }
      this.#locks.set(alias, lock)
      lock.users++
      const leave = Effect.sync(() => {
        if (--lock.users === 0) this.#locks.delete(alias)
      })
      return Effect.ensuring(lock.semaphore.withPermits(1)(effect), leave)
    })
  }
}

const splitAlias = (
  params: string | AliasParams | undefined,
): Effect.Effect<{ alias: string; given: string | ConnectionConfig.ConnectParams | undefined }, ParamError> =>
  Effect.suspend(() => {
    if (typeof params !== "object" || params === null || !("alias" in params)) {
      return Effect.succeed({ alias: defaultAlias, given: isEmpty(params) ? undefined : params })
    }
    const { alias = defaultAlias, ...given } = params
    return Effect.as(checkAlias(alias), { alias, given: isEmpty(given) ? undefined : given })
  })

/** Whether there are no parameters other than the alias. */
const isEmpty = (params: unknown): boolean =>
  params === undefined ||
  Predicate.isObject(params) && Object.getPrototypeOf(params) === Object.prototype &&
    Object.values(params).every((value) => value === undefined)

const checkAlias = (alias: unknown): Effect.Effect<void, ParamError> =>
  typeof alias === "string"
    ? Effect.void
    : Effect.fail(new ParamError({ parameter: "alias", expected: "a string", actual: typeof alias }))

/** The default alias needs no parameters: it uses those of the environment, as far as that may be read. */
const configOfUnknown = (
  alias: string,
): Effect.Effect<ConnectionConfig.ConnectionConfig, AliasError | ParamError | NotImplemented> =>
  alias !== defaultAlias ? Effect.fail(new AliasError({ alias, kind: "NotConfigured" })) : Effect.flatMap(
    Effect.orElseSucceed(withEnvironmentErrors(fromEnvironment), (): ConnectionConfig.ConnectParams => ({})),
    (params) => ConnectionConfig.make(params),
  )
