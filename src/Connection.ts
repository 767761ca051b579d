/**
 * A connection to Milvus: a scoped resource with typed errors.
 *
 * - It is there once the server answered the handshake and said that it is healthy, and not before.
 * - A scope that closes for any reason, or an interrupted `connect`, leaves nothing open: no socket, timer or fiber.
 * - Connections with the same address, TLS and channel options share one HTTP/2 channel. Credentials, database and client
 *   identifier go with each call, so no connection affects another.
 * - After a lost session the channel connects again by itself; the handshake is done again before the next call.
 * - Interrupting a call cancels it on the server. Nothing is repeated that could be applied twice.
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
import { isLocal } from "./config/address.ts"
import { type CallOptions, Calls } from "./connection/calls.ts"
import type { SizedMessage } from "./codec/mod.ts"
import * as ConnectionConfig from "./ConnectionConfig.ts"
import {
  type CallError,
  CodecError,
  type ConnectError,
  type ConnectionLimit,
  type NotReady,
  type RpcError,
} from "./errors.ts"
import { InFlightCalls } from "./connection/inFlight.ts"
import type { ServerInfo } from "./connection/handshake.ts"
import { fromEnvironment, withEnvironmentErrors } from "./connection/environment.ts"
import { acquireSlot, releaseSlot } from "./connection/limit.ts"
import { classifyFailure, toNotReady } from "./connection/notReady.ts"
import { TransportPool } from "./connection/pool.ts"
import * as Descriptor from "./grpc/methods.ts"
import { Footprint, leaving } from "./connection/footprint.ts"
import type { Methods, StreamingMethods } from "./contract/messages.gen.ts"
import { withTelemetry } from "./grpc/telemetry.ts"
import * as Transport from "./grpc/transport.ts"

export type { CallOptions, ServerInfo }

/**
 * Where a connection is in its life.
 *
 * - `Connecting`: its first handshake is not done yet.
 * - `Ready`: a session with the server is up.
 * - `Reconnecting`: the session was lost; the channel is connecting again.
 * - `Closed`: for good.
 */
export type ConnectionState = "Connecting" | "Ready" | "Reconnecting" | "Closed"

/** Every unary RPC of MilvusService, which `call` makes, and the two that stream, which it does not: their types. */
export type { Methods, StreamingMethods }

/** A connection to a Milvus server. */
export interface Connection {
  /** The alias that it was made for; absent without one. */
  readonly alias: string | undefined
  /** The decoded parameters. */
  readonly config: ConnectionConfig.ConnectionConfig
  /** What the server said of itself at the last handshake. */
  readonly server: ServerInfo
  /**
   * Calls an RPC of MilvusService by its name. Fields are named as in the contract; 64-bit integers come out as `bigint`,
   * bytes as `Uint8Array`. A reply whose status is not success is a `ServerError`; so is a batch, such as that of
   * `BatchDescribeCollection`, if the status of one of its parts is not, and the reason names the first such part.
   */
  readonly call: <M extends keyof Methods>(
    method: M,
    request: Methods[M]["request"],
    options?: CallOptions,
  ) => Effect.Effect<Methods[M]["response"], CallError>
  /** Where it is in its life. */
  readonly state: Effect.Effect<ConnectionState>
  /** The state as of now, then each change. Ends after `Closed`. Keeps the process running as long as it is listened to. */
  readonly changes: Stream.Stream<ConnectionState>
}

/** The service through which operations find their connection. */
export const Connection: Context.Service<Connection, Connection> = Context.Service<Connection>(
  "@effect-milvus/client/Connection",
)

/**
 * Connects, and disconnects when the scope closes. A string is an address; without parameters it is `localhost:19530`.
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

/** Connects with parameters that are decoded already. */
export const fromConfig = (
  config: ConnectionConfig.ConnectionConfig,
): Effect.Effect<Connection, NotReady | ConnectionLimit, Scope.Scope> =>
  Effect.uninterruptibleMask((restore) =>
    // A scope of its own, so that a connect that fails gives everything back at once.
    Effect.flatMap(
      Effect.flatMap(Effect.scope, Scope.fork),
      (scope) => openScoped(scope, config, undefined, restore),
    )
  )

/**
 * Connects in a scope that is the connection's own, and that closes where it fails. Runs uninterruptibly but for `restore`.
 *
 * Tens of thousands of connections fit in one process, so what one holds is kept small: one finalizer, not one for each
 * thing that is held.
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
    yield* warnOfPlainCredentials(config)
    yield* acquireSlot(config.address)
    const channels = Scope.makeUnsafe()
    const inFlight = new InFlightCalls()
    const session = new TransportPool(config, scope, inFlight)
    const connection = new GrpcConnection(config, alias, session, new Calls(config, session, inFlight))
    yield* Scope.addFinalizer(scope, release(connection, channels))
    const open = Effect.gen(function* () {
      for (let turn = 0; turn < config.poolSize; turn++) session.add(yield* Transport.acquire(config, turn))
    }).pipe(Effect.catch((error) => Effect.fail(notOpened(config, error))), Scope.provide(channels))
    yield* Effect.onExit(
      restore(Effect.andThen(open, session.open)),
      (exit) => Exit.isFailure(exit) ? Scope.close(scope, exit) : Effect.void,
    )
    return connection
  })

/** Addresses that were warned of. */
const warned = new Set<string>()

/** Credentials that anyone on the way can read are worth a warning, once for each address of the process. */
const warnOfPlainCredentials = (config: ConnectionConfig.ConnectionConfig): Effect.Effect<void> => {
  const { address, token, password, secure } = config
  const isSafe = token === undefined && password === undefined || secure || isLocal(config)
  if (isSafe || warned.has(address)) return Effect.void
  warned.add(address)
  return Effect.logWarning(
    `credentials go to ${address} without TLS, and can be read on the way: use the parameter "tls"`,
  )
}

/** Outside of `openIn`, so that it keeps nothing else alive. */
const release = (connection: GrpcConnection, channels: Scope.Closeable): Effect.Effect<void> =>
  Effect.suspend(() => {
    connection.close()
    releaseSlot(connection.config.address)
    return Scope.close(channels, Exit.void)
  })

/** The transport could not even be opened, such as for want of a permission. */
const notOpened = (config: ConnectionConfig.ConnectionConfig, error: RpcError): NotReady =>
  toNotReady(config, classifyFailure(config, error), { attempts: 0, elapsed: Duration.zero })

/** A ready connection as a layer: connects when the layer is built, disconnects when its scope closes. */
export const layer = (
  params?: string | ConnectionConfig.ConnectParams,
): Layer.Layer<Connection, ConnectError> => Layer.effect(Connection, connect(params))

/**
 * As {@linkcode layer}, from Effect's `Config`. Without an argument it reads `MILVUS_URI`, `MILVUS_TOKEN`, `MILVUS_USER`,
 * `MILVUS_PASSWORD` and `MILVUS_DATABASE`, each of which may be missing.
 */
export const layerConfig = (
  config: Config.Wrap<ConnectionConfig.ConnectParams> = fromEnvironment,
): Layer.Layer<Connection, ConnectError | Config.ConfigError> =>
  Layer.effect(Connection, Effect.flatMap(withEnvironmentErrors(Config.unwrap(config)), connect))

/** What a timer can hold, in milliseconds. */
const longestInterval = 2 ** 31 - 1

/** How long {@linkcode drain} waits for calls in flight. */
const drainBound = Duration.seconds(5)

/**
 * Disconnects gracefully: refuses new calls at once, lets calls in flight end for 5 s at most, then cancels them with
 * `ConnectionClosed`. What the connection holds is given back when its scope closes.
 */
export const drain = (connection: Connection): Effect.Effect<void> =>
  connection instanceof GrpcConnection ? connection.drain : Effect.void

/**
 * Makes a call whose request is encoded already, or is written when it is sent, and whose reply is read by a function of its
 * own: for messages with much in them. A reply that cannot be read is the `CodecError` that the function throws.
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
  connection instanceof GrpcConnection
    ? connection.exchange(method, request, decode, options)
    : Effect.die(new Error("a connection that this library did not open makes no encoded calls"))

/**
 * What the calls of a connection left behind on the server.
 *
 * @internal
 */
export const footprintOf = (connection: Connection): Footprint =>
  connection instanceof GrpcConnection ? connection.footprint : new Footprint()

class GrpcConnection implements Connection {
  readonly alias: string | undefined
  readonly config: ConnectionConfig.ConnectionConfig
  #footprint: Footprint | undefined
  readonly #session: TransportPool
  readonly #calls: Calls
  #onClose: Set<() => void> | undefined

  constructor(
    config: ConnectionConfig.ConnectionConfig,
    alias: string | undefined,
    session: TransportPool,
    calls: Calls,
  ) {
    this.alias = alias
    this.config = config
    this.#session = session
    this.#calls = calls
  }

  get server(): ServerInfo {
    return this.#session.server ?? { version: "" }
  }

  get footprint(): Footprint {
    return this.#footprint ??= new Footprint()
  }

  readonly call: Connection["call"] = (method, request, options) =>
    // Cast: the codec of the method gives the response of the method.
    withTelemetry(
      method,
      this.config.address,
      leaving(this, method, this.#calls.make(method, request, options)),
    ) as Effect.Effect<never, CallError>

  exchange<A extends object>(
    method: keyof Methods,
    request: Uint8Array | SizedMessage,
    decode: (bytes: Uint8Array) => A,
    options: CallOptions | undefined,
  ): Effect.Effect<A, CallError | CodecError> {
    const call = this.#calls.make(method, request, options, Descriptor.encoded(method, decode))
    // Cast: what comes back is what `decode` gave.
    return Effect.mapError(
      withTelemetry(method, this.config.address, call) as Effect.Effect<A, CallError>,
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
    this.#session.close()
    this.#calls.close()
    for (const listener of [...this.#onClose ?? []]) listener()
  }

  get #state(): ConnectionState {
    if (this.#calls.isClosed) return "Closed"
    if (this.#session.server === undefined) return "Connecting"
    return this.#session.isReady ? "Ready" : "Reconnecting"
  }

  #watch(listener: (state: ConnectionState) => void): () => void {
    const tell = () => listener(this.#state)
    const end = this.#session.onChange(tell)
    const onClose = this.#onClose ??= new Set()
    onClose.add(tell)
    // A session without calls does not keep Node running, which would end in the middle of the wait.
    const hold = setInterval(() => {}, longestInterval)
    tell()
    return () => {
      clearInterval(hold)
      end()
      onClose.delete(tell)
    }
  }
}
