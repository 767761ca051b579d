/**
 * A connection to Milvus: a scoped resource with typed errors.
 *
 * - `connect` succeeds only after the server has answered the handshake and reported that it is healthy.
 * - A scope that closes for any reason, or an interrupted `connect`, leaves nothing open: no socket, timer or fiber.
 * - Connections with the same address, TLS and channel options share one HTTP/2 channel. Credentials, database and
 *   client identifier are sent with each call, so no connection affects another.
 * - After a lost session the channel reconnects by itself; the handshake is repeated before the next call.
 * - With several `addresses`, another server takes the place of one that is lost.
 * - Interrupting a call cancels it on the server. A call that could be applied twice is never repeated.
 *
 * @module
 */
import * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { type CallOptions, Calls, type StreamOptions } from "./connection/calls.ts"
import type { SizedMessage } from "./codec/mod.ts"
import * as ConnectionConfig from "./ConnectionConfig.ts"
import { type CallError, CodecError, type ConnectError, type ConnectionLimit, type NotReady } from "./errors.ts"
import { encodedBy, type EncodedCall } from "./connection/encodedCall.ts"
import { InFlightCalls } from "./connection/inFlight.ts"
import type { ServerInfo } from "./connection/handshake.ts"
import { fromEnvironment, withEnvironmentErrors } from "./connection/environment.ts"
import { warnOfPlainCredentials } from "./connection/plainCredentials.ts"
import { Servers } from "./connection/servers.ts"
import { stream, type StreamRequests } from "./connection/streams.ts"
import * as Descriptor from "./grpc/methods.ts"
import { Footprint, leaving } from "./connection/footprint.ts"
import { observedCall, observedReplies } from "./connection/observedCall.ts"
import type { Methods, StreamingMethods } from "./contract/messages.gen.ts"

export type { CallOptions, ServerInfo, StreamOptions, StreamRequests }

/**
 * State of a connection.
 *
 * - `Connecting`: the first handshake is not done yet.
 * - `Ready`: a session with the server is up.
 * - `Reconnecting`: the session was lost; the channel is reconnecting, or another of several servers is looked for.
 * - `Closed`: closed for good.
 */
export type ConnectionState = "Connecting" | "Ready" | "Reconnecting" | "Closed"

/** Types of the unary RPCs of MilvusService, which `call` makes, and of the streaming RPCs, which `stream` makes. */
export type { Methods, StreamingMethods }

/** A connection to a Milvus server. */
export interface Connection {
  /** The alias that it was opened for; `undefined` without one. */
  readonly alias: string | undefined
  /** The decoded parameters. Of several `addresses`, `address` is that of the current server. */
  readonly config: ConnectionConfig.ConnectionConfig
  /** Information that the current server reported at the last handshake. */
  readonly server: ServerInfo
  /**
   * Calls an RPC of MilvusService by its name.
   *
   * Fields are named as in the contract; replies have 64-bit integers as `bigint` and bytes as `Uint8Array`. The first
   * call of an RPC outside of the handshake loads the whole contract.
   *
   * Fails with `ServerError` if the status of the reply is not success, or, for a batch such as that of
   * `BatchDescribeCollection`, if the status of one of its parts is not: the reason names the first such part. Fails
   * with `RpcError` if the call failed in gRPC; for an RPC that the server is too old for, the details name the version
   * that it needs. Fails with `NotReady` if the session was lost and the handshake cannot be repeated, and with
   * `ConnectionClosed` after the connection closed. A failed call may have been applied if `progress` of its `RpcError`
   * is `"Lost"`.
   */
  readonly call: <M extends keyof Methods>(
    method: M,
    request: Methods[M]["request"],
    options?: CallOptions,
  ) => Effect.Effect<Methods[M]["response"], CallError>
  /**
   * Makes a streaming RPC of MilvusService by its name, and returns its replies as a stream.
   *
   * A request is one message for `DumpMessages`, and a `Stream` of messages for `CreateReplicateStream`, whose failure
   * is the failure of the replies. The call begins when the stream runs. It is cancelled on the server when the stream
   * is interrupted, or is not read to its end. A reply is taken from the session when it is asked for, and a request
   * from its stream when the one before it is on its way, so little is held in memory. The call counts as in flight.
   *
   * Fails as `call` does. The replies that arrived before the server failed the call come before its error. The call is
   * repeated only if it was never sent, and none of the requests was taken.
   */
  readonly stream: <M extends keyof StreamingMethods, E = never, R = never>(
    method: M,
    requests: StreamRequests<M, E, R>,
    options?: StreamOptions,
  ) => Stream.Stream<StreamingMethods[M]["response"], CallError | E, R>
  /** The current state. */
  readonly state: Effect.Effect<ConnectionState>
  /** Emits the current state, then each change. Ends after `Closed`. Keeps the process running while it runs. */
  readonly changes: Stream.Stream<ConnectionState>
  /**
   * Members that operations use besides `call`, if the connection has it. A connection that a test makes needs none.
   */
  readonly [internals]?: Internals
}

/**
 * Key of what operations use of a connection besides its public members.
 *
 * @internal
 */
export const internals: unique symbol = Symbol.for("@effect-milvus/client/Connection/internals")

/**
 * Members that operations use of a connection besides its public members.
 *
 * @internal
 */
export interface Internals {
  /** Makes a call whose request is encoded already, or is written when it is sent. */
  readonly callEncoded: EncodedCall
  /** Recorded changes of the calls. */
  readonly footprint: Footprint
  /** Disconnects gracefully. */
  readonly drain: Effect.Effect<void>
}

/** The service that gives operations their connection. */
export const Connection: Context.Service<Connection, Connection> = Context.Service<Connection>(
  "@effect-milvus/client/Connection",
)

/**
 * Connects to a server, and disconnects when the scope closes. A string is an address; without parameters it is
 * `localhost:19530`.
 *
 * Calls `Connect` and `CheckHealth`; on servers before Milvus 2.2.9, `GetVersion` instead of `Connect`. Transient
 * failures are retried until `connectTimeout`. After a failure or an interruption nothing stays open.
 *
 * Fails with `ParamError` or `NotImplemented` if the parameters are not valid (before anything is sent), `NotReady` if
 * the server does not become ready in time, and `ConnectionLimit` if the address has 65,536 connections already.
 *
 * @example
 * ```ts ignore
 * import * as Effect from "effect/Effect"
 * import { Connection } from "@effect-milvus/client"
 *
 * const program = Effect.gen(function* () {
 *   const connection = yield* Connection.connect({ host: "localhost", port: 19530 })
 *   const { version } = yield* connection.call("GetVersion", {})
 *   console.log(version)
 * })
 * await Effect.runPromise(Effect.scoped(program))
 * ```
 */
export const connect = (
  params?: string | ConnectionConfig.ConnectParams,
): Effect.Effect<Connection, ConnectError, Scope.Scope> =>
  Effect.flatMap(ConnectionConfig.make(params), (config) => fromConfig(config))

/** Connects with decoded parameters, as {@linkcode connect} does. */
export const fromConfig = (
  config: ConnectionConfig.ConnectionConfig,
): Effect.Effect<Connection, NotReady | ConnectionLimit, Scope.Scope> =>
  Effect.uninterruptibleMask((restore) =>
    // In its own scope, so that a failed connect releases everything at once.
    Effect.flatMap(
      Effect.flatMap(Effect.scope, Scope.fork),
      (scope) => openScoped(scope, config, undefined, restore),
    )
  )

/**
 * Connects in a scope that belongs to the connection and closes if connecting fails. Only `restore` is interruptible.
 *
 * A process may have tens of thousands of connections, so each holds little: one finalizer, not one for each resource.
 *
 * @internal
 */
export const openScoped = (
  scope: Scope.Closeable,
  config: ConnectionConfig.ConnectionConfig,
  alias: string | undefined,
  restore: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>,
): Effect.Effect<Connection, NotReady | ConnectionLimit> =>
  Effect.gen(function* () {
    const inFlight = new InFlightCalls()
    const servers = new Servers(config, scope, inFlight)
    for (const config of servers.configs) yield* warnOfPlainCredentials(config)
    const connection = new GrpcConnection(alias, servers, new Calls(config, servers, inFlight))
    yield* Scope.addFinalizer(scope, release(connection, servers))
    yield* Effect.onExit(
      restore(servers.open),
      (exit) => Exit.isFailure(exit) ? Scope.close(scope, exit) : Effect.void,
    )
    return connection
  })

/** Releases what a connection holds. Outside of `openScoped`, so that it keeps nothing else alive. */
const release = (connection: GrpcConnection, servers: Servers): Effect.Effect<void> =>
  Effect.suspend(() => {
    connection.close()
    return servers.release
  })

/** Provides a ready connection: connects when the layer is built, disconnects when its scope closes. */
export const layer = (
  params?: string | ConnectionConfig.ConnectParams,
): Layer.Layer<Connection, ConnectError> => Layer.effect(Connection, connect(params))

/**
 * Provides a connection as {@linkcode layer} does, with parameters from Effect's `Config`.
 *
 * @default `MILVUS_URI`, `MILVUS_TOKEN`, `MILVUS_USER`, `MILVUS_PASSWORD` and `MILVUS_DATABASE`, all optional.
 */
export const layerConfig = (
  config: Config.Wrap<ConnectionConfig.ConnectParams> = fromEnvironment,
): Layer.Layer<Connection, ConnectError | Config.ConfigError> =>
  Layer.effect(Connection, Effect.flatMap(withEnvironmentErrors(Config.unwrap(config)), connect))

/** Maximum delay of a timer, in milliseconds. */
const longestInterval = 2 ** 31 - 1

/** Time that {@linkcode drain} waits for calls in flight. */
const drainBound = Duration.seconds(5)

/**
 * Disconnects gracefully: refuses new calls at once, waits at most 5 s until calls in flight end, then cancels them
 * with `ConnectionClosed`. The connection releases its resources when its scope closes.
 */
export const drain = (connection: Connection): Effect.Effect<void> => connection[internals]?.drain ?? Effect.void

/**
 * Returns a connection that makes its calls by `call`, those of all operations included, and is `connection` otherwise.
 * For tests and for logging: `call` can use `connection.call`, or answer by itself.
 *
 * Large requests and replies go through the contract, which is slower than the codecs of operations.
 *
 * @example
 * ```ts ignore
 * const logged = Connection.wrap(connection, (method, request, options) =>
 *   Effect.tap(connection.call(method, request, options), () => Effect.log(method)))
 * ```
 */
export const wrap = (connection: Connection, call: Connection["call"]): Connection => ({
  alias: connection.alias,
  config: connection.config,
  get server() {
    return connection.server
  },
  call,
  stream: connection.stream,
  state: connection.state,
  changes: connection.changes,
  [internals]: {
    callEncoded: encodedBy(plain(call)),
    footprint: footprintOf(connection),
    drain: drain(connection),
  },
})

/**
 * Makes a call whose request is encoded already, or is written when it is sent, and whose reply is read by `decode`:
 * for large messages. Fails with the `CodecError` that `decode` throws.
 *
 * @internal
 */
export const callEncoded = <A extends object>(
  connection: Connection,
  method: keyof Methods,
  request: Uint8Array | SizedMessage,
  decode: (bytes: Uint8Array) => A,
  options?: CallOptions,
): Effect.Effect<A, CallError | CodecError> =>
  connection[internals] === undefined
    ? encodedBy(plain(connection.call))(method, request, decode, options)
    : connection[internals].callEncoded(method, request, decode, options)

/**
 * Returns the recorded changes of a connection's calls.
 *
 * @internal
 */
export const footprintOf = (connection: Connection): Footprint => {
  const known = connection[internals]?.footprint ?? footprints.get(connection) ?? new Footprint()
  if (connection[internals] === undefined) footprints.set(connection, known)
  return known
}

/** Cast: encoded calls have a request of their method, which its type does not show. */
const plain = (call: Connection["call"]): Parameters<typeof encodedBy>[0] => call as Parameters<typeof encodedBy>[0]

/** Footprints of connections that another module made. */
const footprints = new WeakMap<Connection, Footprint>()

class GrpcConnection implements Connection, Internals {
  readonly alias: string | undefined
  #footprint: Footprint | undefined
  readonly #servers: Servers
  readonly #calls: Calls
  #onClose: Set<() => void> | undefined

  constructor(alias: string | undefined, servers: Servers, calls: Calls) {
    this.alias = alias
    this.#servers = servers
    this.#calls = calls
    servers.onSwitch = () => this.#footprint?.forget()
  }

  get config(): ConnectionConfig.ConnectionConfig {
    return this.#servers.config
  }

  get [internals](): Internals {
    return this
  }

  get server(): ServerInfo {
    return this.#servers.server ?? { version: "" }
  }

  get footprint(): Footprint {
    return this.#footprint ??= new Footprint()
  }

  readonly call: Connection["call"] = (method, request, options) => {
    // Cast: the codec of a method returns the response type of that method.
    const call = leaving(this, method, this.#calls.make(method, request, options)) as Effect.Effect<never, CallError>
    return observedCall(() => this.config, method, request, options, call)
  }

  readonly stream: Connection["stream"] = (method, requests, options) => {
    // Cast: the codec of a method returns the response type of that method.
    const replies = stream(this.#calls, method, requests, options) as Stream.Stream<never, never, never>
    return observedReplies(() => this.config, method, options, replies)
  }

  callEncoded<A extends object>(
    method: keyof Methods,
    request: Uint8Array | SizedMessage,
    decode: (bytes: Uint8Array) => A,
    options: CallOptions | undefined,
  ): Effect.Effect<A, CallError | CodecError> {
    const call = this.#calls.make(method, request, options, Descriptor.encoded(method, decode))
    // Cast: the reply is the result of `decode`.
    return Effect.mapError(
      call as Effect.Effect<A, CallError>,
      (error) => error._tag === "RpcError" && error.cause instanceof CodecError ? error.cause : error,
    )
  }

  get state(): Effect.Effect<ConnectionState> {
    return Effect.sync(() => this.#state)
  }

  get changes(): Stream.Stream<ConnectionState> {
    return Stream.callback<ConnectionState>((queue) =>
      Effect.acquireRelease(
        Effect.sync(() =>
          this.#watch((state) => {
            Queue.offerUnsafe(queue, state)
            if (state === "Closed") Queue.endUnsafe(queue)
          })
        ),
        (end) => Effect.sync(end),
      )
    ).pipe(Stream.changes)
  }

  get drain(): Effect.Effect<void> {
    return Effect.ensuring(this.#calls.drain(drainBound), Effect.sync(() => this.close()))
  }

  close(): void {
    this.#servers.close()
    this.#calls.close()
    for (const listener of [...this.#onClose ?? []]) listener()
  }

  get #state(): ConnectionState {
    if (this.#calls.isClosed) return "Closed"
    if (this.#servers.server === undefined) return "Connecting"
    return this.#servers.isReady ? "Ready" : "Reconnecting"
  }

  #watch(listener: (state: ConnectionState) => void): () => void {
    const notify = () => listener(this.#state)
    const end = this.#servers.onChange(notify)
    const onClose = this.#onClose ??= new Set()
    onClose.add(notify)
    // A session without calls does not keep Node running: it would exit while the stream waits.
    const hold = setInterval(() => {}, longestInterval)
    notify()
    return () => {
      clearInterval(hold)
      end()
      onClose.delete(notify)
    }
  }
}
