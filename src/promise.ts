/**
 * The library as promises, for programs that do not use Effect, with `await using` and `AbortSignal`.
 *
 * Every method takes `{ signal }`. Aborting cancels the operation, also on the server, and rejects with the reason of
 * the signal. Every other rejection is the typed error itself, to be distinguished by its `_tag`.
 *
 * @example
 * ```ts
 * import { connect } from "@effect-milvus/client/promise"
 *
 * await using milvus = await connect(Deno.env.get("MILVUS_URI") ?? "localhost:19530")
 * const { version } = await milvus.call("GetVersion", {})
 * console.log(version)
 * ```
 *
 * @module
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { isFilePath } from "./config/address.ts"
import { readDatabase, readName } from "./config/params.ts"
import * as Connection from "./Connection.ts"
import { CurrentDatabase } from "./connection/currentDatabase.ts"
import { CurrentPrincipal } from "./connection/currentPrincipal.ts"
import type { ConnectionConfig, ConnectParams } from "./ConnectionConfig.ts"
import * as Connections from "./Connections.ts"
import type { ConnectOptions as LocalOptions } from "./Embedded.ts"
import { ParamError } from "./errors.ts"
import type * as Analyzer from "./operations/Analyzer.ts"
import type * as CollectionAlias from "./operations/CollectionAlias.ts"
import type * as FileResource from "./operations/FileResource.ts"
import type * as Maintenance from "./operations/Maintenance.ts"
import type * as Privilege from "./operations/Privilege.ts"
import type * as Role from "./operations/Role.ts"
import type * as RowPolicy from "./operations/RowPolicy.ts"
import type * as System from "./operations/System.ts"
import type * as User from "./operations/User.ts"
import type * as Namespace from "./operations/Namespace.ts"
import type * as Partition from "./operations/Partition.ts"
import type * as Prewarm from "./operations/Prewarm.ts"
import type * as Collection from "./operations/Collection.ts"
import type * as Database from "./operations/Database.ts"
import type * as ExternalCollection from "./operations/ExternalCollection.ts"
import type * as Import from "./operations/Import.ts"
import type * as Index from "./operations/Index.ts"
import type * as Replica from "./operations/Replica.ts"
import type * as Replication from "./operations/Replication.ts"
import type * as ResourceGroup from "./operations/ResourceGroup.ts"
import type * as Snapshot from "./operations/Snapshot.ts"
import { oncePer, type Services, withoutSignal } from "./promise/bridge.ts"
import { type Operations, withOperations } from "./promise/modules.ts"
import type { Promised, PromisedJob } from "./promise/promised.ts"
import { type AbortOptions, iterate, run } from "./promise/run.ts"
import type { PromisedVectors } from "./promise/vectors.ts"

export type { AbortOptions, Promised, PromisedJob, PromisedVectors }

/** Operations of the module `Collection`, which documents them. */
export type PromisedCollection = Promised<typeof Collection>

/** Operations of the module `Index`, which documents them. */
export type PromisedIndex = Promised<typeof Index>

/** Options for {@linkcode Milvus.call}. */
export interface CallOptions extends AbortOptions, Connection.CallOptions {}

/** Options for {@linkcode Milvus.stream}. */
export interface StreamOptions extends AbortOptions, Connection.StreamOptions {}

/** The requests of a streaming RPC: an iterable, or one request if only its replies are a stream. */
export type IterableRequests<M extends keyof Connection.StreamingMethods> =
  Connection.StreamingMethods[M]["requestStream"] extends true
    ? AsyncIterable<Connection.StreamingMethods[M]["request"]> | Iterable<Connection.StreamingMethods[M]["request"]>
    : Connection.StreamingMethods[M]["request"]

/** The calls and operations of a connection, or of a view of it. */
export interface MilvusOperations {
  /** Calls an RPC of `MilvusService` by its name. Rejects with a `CallError`. */
  readonly call: <M extends keyof Connection.Methods>(
    method: M,
    request: Connection.Methods[M]["request"],
    options?: CallOptions,
  ) => Promise<Connection.Methods[M]["response"]>
  /**
   * Makes a streaming RPC of `MilvusService` by its name, and yields its replies. The call is cancelled when the loop
   * over them ends early. A request is one message for `DumpMessages`, and an iterable of messages for
   * `CreateReplicateStream`. Rejects with a `CallError`, or with what the iterable throws.
   */
  readonly stream: <M extends keyof Connection.StreamingMethods>(
    method: M,
    requests: IterableRequests<M>,
    options?: StreamOptions,
  ) => AsyncIterable<Connection.StreamingMethods[M]["response"]>
  /** Operations on collections; see the module `Collection`. */
  readonly collection: PromisedCollection
  /** Operations on databases; see the module `Database`. */
  readonly database: Promised<typeof Database>
  /** Operations on indexes; see the module `Index`. */
  readonly index: PromisedIndex
  /** Operations on external collections; see the module `ExternalCollection`. */
  readonly externalCollection: Promised<typeof ExternalCollection>
  /** Imports of files; see the module `Import`. */
  readonly import: Promised<typeof Import>
  /** Operations on replicas; see the module `Replica`. */
  readonly replica: Promised<typeof Replica>
  /** Replication between clusters; see the module `Replication`. */
  readonly replication: Promised<typeof Replication>
  /** Operations on resource groups; see the module `ResourceGroup`. */
  readonly resourceGroup: Promised<typeof ResourceGroup>
  /** Operations on snapshots; see the module `Snapshot`. */
  readonly snapshot: Promised<typeof Snapshot>
  /** Analyzers of texts; see the module `Analyzer`. */
  readonly analyzer: Promised<typeof Analyzer>
  /** Operations on aliases of collections; see the module `CollectionAlias`. */
  readonly collectionAlias: Promised<typeof CollectionAlias>
  /** Operations on file resources; see the module `FileResource`. */
  readonly fileResource: Promised<typeof FileResource>
  /** Operations on namespaces; see the module `Namespace`. */
  readonly namespace: Promised<typeof Namespace>
  /** Operations on partitions; see the module `Partition`. */
  readonly partition: Promised<typeof Partition>
  /** Prewarming; see the module `Prewarm`. */
  readonly prewarm: Promised<typeof Prewarm>
  /** Flushes, compactions and segments; see the module `Maintenance`. */
  readonly maintenance: Promised<typeof Maintenance>
  /** Privileges of roles; see the module `Privilege`. */
  readonly privilege: Promised<typeof Privilege>
  /** Roles; see the module `Role`. */
  readonly role: Promised<typeof Role>
  /** Row policies; see the module `RowPolicy`. */
  readonly rowPolicy: Promised<typeof RowPolicy>
  /** The server itself; see the module `System`. */
  readonly system: Promised<typeof System>
  /** Users; see the module `User`. */
  readonly user: Promised<typeof User>
  /** Operations on rows and vectors; see the module `Vectors`. */
  readonly vectors: PromisedVectors
  /**
   * Returns a view of this connection whose calls and operations are made in a database. The option `database` of a
   * call takes precedence. Throws a `ParamError` if the name is not printable ASCII.
   */
  readonly withDatabase: (name: string) => MilvusOperations
  /**
   * Returns a view of this connection whose operations read and write rows for a principal, in collections with row
   * policies; see `RowPolicy.withPrincipal`. Throws a `ParamError` if the name is blank.
   */
  readonly withPrincipal: (name: string) => MilvusOperations
  /**
   * Returns a view of this connection whose operations read and write rows without regard to row policies; see
   * `RowPolicy.withoutPolicies`.
   */
  readonly withoutPolicies: () => MilvusOperations
}

/** A connection to Milvus. Close it with `close()` or `await using`. */
export interface Milvus extends MilvusOperations, AsyncDisposable {
  /** Alias of the connection; `undefined` without one. */
  readonly alias: string | undefined
  /** The decoded parameters. */
  readonly config: ConnectionConfig
  /** Version and identity of the server, from the handshake. */
  readonly server: Connection.ServerInfo
  /** Returns the state of the connection. */
  readonly state: (options?: AbortOptions) => Promise<Connection.ConnectionState>
  /** Yields the current state, then each change, until `"Closed"`. */
  readonly changes: (options?: AbortOptions) => AsyncIterable<Connection.ConnectionState>
  /**
   * Closes the connection. Calls in flight have 5 s to end. Rejects only if the signal aborts, which ends the wait but
   * not the closing. Closing again does nothing.
   */
  readonly close: (options?: AbortOptions) => Promise<void>
}

/** Options for {@linkcode connect}. Those other than `signal` are for the path of a local database. */
export interface ConnectOptions extends AbortOptions, LocalOptions {}

/**
 * Connects to a server. A string is an address, or the path of a local database, such as `"./demo.db"`; a path starts a
 * local Milvus, which stops when the connection is closed.
 *
 * Calls `Connect` and `CheckHealth`. Rejects with a `ConnectError`, or for a path with an `EmbeddedError`. Options
 * other than `signal`, such as `install`, are for a path; with an address they are a `ParamError`.
 */
export const connect = async (params?: string | ConnectParams, options: ConnectOptions = {}): Promise<Milvus> => {
  const scope = Scope.makeUnsafe()
  const { signal, ...local } = options
  const connecting = typeof params === "string" && isFilePath(params)
    // Imported only here, since most programs do not start a server.
    ? (await import("./Embedded.ts")).connect(params, local)
    : Effect.andThen(checkNoLocal(local), Connection.connect(params))
  const connection = await run(
    Effect.uninterruptibleMask((restore) =>
      Effect.onExit(
        restore(Scope.provide(connecting, scope)),
        (exit) => Exit.isFailure(exit) ? Scope.close(scope, exit) : Effect.void,
      )
    ),
    { signal },
  )
  return makeMilvus(connection, Effect.andThen(Connection.drain(connection), Scope.close(scope, Exit.void)))
}

/** Fails if an option for a path is given with an address. */
const checkNoLocal = (local: LocalOptions): Effect.Effect<void, ParamError> => {
  const given = Object.entries(local).find(([, value]) => value !== undefined)
  return given === undefined ? Effect.void : Effect.fail(
    new ParamError({ parameter: given[0], expected: 'the path of a local database, such as "./demo.db"' }),
  )
}

/** Connections by alias, in one registry for the process; see the module `Connections`. */
export interface AliasedConnections {
  /** Connects an alias, or returns its connection. */
  readonly connect: (params?: string | Connections.AliasParams, options?: AbortOptions) => Promise<Milvus>
  /** Disconnects an alias; its parameters are kept. */
  readonly disconnect: (alias?: string, options?: AbortOptions) => Promise<void>
  /** Returns the connection of an alias; rejects with an `AliasError` if it is not connected. */
  readonly get: (alias?: string, options?: AbortOptions) => Promise<Milvus>
  /** Returns whether an alias is connected. */
  readonly has: (alias?: string, options?: AbortOptions) => Promise<boolean>
  /** Stores the parameters of an alias without connecting. */
  readonly add: (alias: string, params: string | ConnectParams, options?: AbortOptions) => Promise<void>
  /** Disconnects an alias and forgets its parameters. */
  readonly remove: (alias: string, options?: AbortOptions) => Promise<void>
  /** Returns the decoded parameters of an alias; `undefined` if it is unknown. */
  readonly address: (alias?: string, options?: AbortOptions) => Promise<ConnectionConfig | undefined>
  /** Returns every alias with stored parameters. */
  readonly list: (options?: AbortOptions) => Promise<ReadonlyArray<Connections.ListedConnection>>
}

let registry: Connections.Connections | undefined

/** Uses the registry of the process, which exists until the process ends. Without options, making it cannot fail. */
const inRegistry = <A, E>(use: (registry: Connections.Connections) => Effect.Effect<A, E>): Effect.Effect<A, E> =>
  Effect.suspend(() =>
    use(
      registry ??= Effect.runSync(
        Effect.orDie(Effect.provideService(Connections.make(), Scope.Scope, Scope.makeUnsafe())),
      ),
    )
  )

const aliased = (connection: Connection.Connection): Milvus =>
  makeMilvus(connection, inRegistry((registry) => registry.disconnect(connection.alias)))

/** Connections by alias, as in pymilvus. */
export const connections: AliasedConnections = {
  connect: async (params, options) => aliased(await run(inRegistry((registry) => registry.connect(params)), options)),
  disconnect: (alias, options) => run(inRegistry((registry) => registry.disconnect(alias)), options),
  get: async (alias, options) => aliased(await run(inRegistry((registry) => registry.get(alias)), options)),
  has: (alias, options) => run(inRegistry((registry) => registry.has(alias)), options),
  add: (alias, params, options) => run(inRegistry((registry) => registry.add(alias, params)), options),
  remove: (alias, options) => run(inRegistry((registry) => registry.remove(alias)), options),
  address: async (alias, options) =>
    Option.getOrUndefined(await run(inRegistry((registry) => registry.address(alias)), options)),
  list: (options) => run(inRegistry((registry) => registry.list), options),
}

const makeMilvus = (connection: Connection.Connection, disconnect: Effect.Effect<void>): Milvus => {
  let closing: Promise<void> | undefined
  // A signal does not cancel the closing; it only ends the wait for it.
  const close = (options?: AbortOptions) => untilAborted(closing ??= Effect.runPromise(disconnect), options?.signal)
  return inServices<Omit<Milvus, keyof MilvusOperations>>(connection, servicesOf(connection), {
    alias: connection.alias,
    get config() {
      return connection.config
    },
    get server() {
      return connection.server
    },
    state: (options) => run(connection.state, options),
    changes: (options) => iterate(connection.changes, options),
    close,
    [Symbol.asyncDispose]: () => close(),
  })
}

/** The services of a connection itself. */
const servicesOf = oncePer((connection: Connection.Connection): Services =>
  Context.make(Connection.Connection, connection)
)

/** Gives an object the calls and operations of a connection with some services. */
const inServices = <A extends object>(
  connection: Connection.Connection,
  services: Services,
  milvus: A,
): A & MilvusOperations => {
  const view = <S>(service: Context.Key<unknown, S>, value: S) =>
    inServices(connection, Context.add(services, service, value), {})
  const calls: Omit<MilvusOperations, keyof Operations> = {
    call: (method, request, options) =>
      run(Effect.provideContext(connection.call(method, request, options), services), options),
    stream: (method, requests, options) => {
      const replies = connection.stream(method, streamOf<typeof method>(requests), withoutSignal(options))
      return iterate(Stream.provideContext(replies, services), options)
    },
    withDatabase: (name) => view(CurrentDatabase, Result.getOrThrow(readDatabase("database", name))),
    withPrincipal: (name) => view(CurrentPrincipal, { name: Result.getOrThrow(readName("principal", name)) }),
    withoutPolicies: () => view(CurrentPrincipal, { skipsPolicies: true }),
  }
  return withOperations(Object.assign(milvus, calls), services)
}

/** Returns iterable requests as a stream, and one request as it is. */
const streamOf = <M extends keyof Connection.StreamingMethods>(
  requests: IterableRequests<M>,
): Connection.StreamRequests<M, unknown> => {
  // Casts: the types of requests correspond, and what can be iterated are requests.
  const stream = Predicate.hasProperty(requests, Symbol.asyncIterator)
    ? Stream.fromAsyncIterable(requests as AsyncIterable<object>, (error) => error)
    // One at a time: an iterable may have more than fit into memory.
    : Predicate.hasProperty(requests, Symbol.iterator)
    ? Stream.fromIterable(requests as Iterable<object>, { chunkSize: 1 })
    : requests
  return stream as Connection.StreamRequests<M, unknown>
}

const untilAborted = (promise: Promise<void>, signal: AbortSignal | undefined): Promise<void> => {
  if (signal === undefined) return promise
  signal.throwIfAborted()
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    signal.addEventListener("abort", abort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort))
  })
}
