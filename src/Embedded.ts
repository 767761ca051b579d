/**
 * Runs a real Milvus on this machine as a scoped resource: milvus-lite, or the standalone server.
 *
 * - `start`, `connect` and `layer` return when the server is ready. A failure is a typed error with the command that
 *   fixes it, if known.
 * - The server stops when the scope closes, for whatever reason, and when this process dies, even by SIGKILL. Its child
 *   processes stop with it, and its temporary files are removed. One exception on systems other than Linux: the server
 *   keeps running if its supervisor, the `python` process between this process and the server, is killed.
 * - Stopping is orderly (SIGTERM), bounded (SIGKILL after 5 s), and never fails. Data in a `dataDirectory` is kept.
 * - A Python with the package of the engine is required. One is created only if `install` is set.
 *
 * Runs on Deno, Node and Bun. Deno needs `--allow-run`, `--allow-read`, `--allow-write`, `--allow-env`, `--allow-sys`
 * and `--allow-net=127.0.0.1`.
 *
 * @module
 */
import { X509Certificate } from "node:crypto"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as Exit from "effect/Exit"
import * as Hash from "effect/Hash"
import * as Layer from "effect/Layer"
import * as RcMap from "effect/RcMap"
import * as Scope from "effect/Scope"
import * as Connection from "./Connection.ts"
import * as ConnectionConfig from "./ConnectionConfig.ts"
import { EmbeddedError, type EmbeddedErrorKind, type EmbeddedErrorProps, type Engine } from "./embedded/errors.ts"
import {
  decode,
  type IdentityParams,
  serverNames,
  type ServerSettings,
  type ServerTls,
  type ServerTlsParams,
  splitOptions,
  type StartOptions,
} from "./embedded/options.ts"
import { host } from "./embedded/ports.ts"
import * as Python from "./embedded/python.ts"
import * as Server from "./embedded/server.ts"
import { type ConnectError, ParamError } from "./errors.ts"

export { EmbeddedError }
export type { EmbeddedErrorKind, EmbeddedErrorProps, Engine, IdentityParams, ServerTlsParams, StartOptions }

/** A ready local server. */
export interface Embedded {
  /** Address in the form `"127.0.0.1:port"`, for `Connection.connect` and every other client. */
  readonly address: string
  /** Host: `"127.0.0.1"`. */
  readonly host: string
  /** Port: the requested one, or a free one. */
  readonly port: number
  /** Server that runs. */
  readonly engine: Engine
  /** Version of the package. */
  readonly version: string
  /** Process ID of the server. */
  readonly pid: number
  /** Absolute path of the data. */
  readonly dataDirectory: string
  /** File with the output of the server. Removed with the server. */
  readonly log: string
}

/** Options of the connection that {@linkcode layer} and {@linkcode connect} make: all except the address and TLS. */
export type ConnectionOptions = Omit<ConnectionConfig.ConnectParams, "address" | "uri" | "host" | "port" | "tls">

/** Options for {@linkcode layer}: those of the server and those of the connection. */
export type LayerOptions = StartOptions & ConnectionOptions

/**
 * Options for {@linkcode connect}: those of the server, used if none runs for the path yet, and those of the
 * connection.
 */
export type ConnectOptions = Pick<StartOptions, "python" | "install" | "startTimeout"> & ConnectionOptions

/**
 * Starts a server, and stops it when the scope closes.
 *
 * Fails with `ParamError` if an option is invalid (before anything is started), else with `EmbeddedError`. A failed
 * start leaves nothing behind except the folder of `dataDirectory`.
 *
 * @example
 * ```ts ignore
 * import * as Effect from "effect/Effect"
 * import { Connection } from "@effect-milvus/client"
 * import * as Embedded from "@effect-milvus/client/embedded"
 *
 * const program = Effect.gen(function* () {
 *   const server = yield* Embedded.start({ dataDirectory: "./data" })
 *   const connection = yield* Connection.connect(server.address)
 *   console.log(connection.server.version)
 * })
 * await Effect.runPromise(Effect.scoped(program))
 * ```
 */
export const start = (
  options?: StartOptions,
): Effect.Effect<Embedded, EmbeddedError | ParamError, Scope.Scope> => Effect.flatMap(decode(options), startDecoded)

/**
 * Connects to a file path, like `MilvusClient("./demo.db")` in pymilvus. Calls with the same path share one
 * milvus-lite, which runs while at least one of their connections in this process is open. The data is compatible with
 * pymilvus in both directions; only one process at a time can use it.
 *
 * Fails with `ParamError` if the path or an option is invalid (before anything is started), with `EmbeddedError` if the
 * server does not start, else like `Connection.connect`.
 *
 * @example
 * ```ts ignore
 * import * as Effect from "effect/Effect"
 * import * as Embedded from "@effect-milvus/client/embedded"
 *
 * const program = Effect.gen(function* () {
 *   const connection = yield* Embedded.connect("./demo.db")
 *   console.log(connection.server.version)
 * })
 * await Effect.runPromise(Effect.scoped(program))
 * ```
 */
export const connect = (
  path: string,
  options?: ConnectOptions,
): Effect.Effect<Connection.Connection, ConnectError | EmbeddedError, Scope.Scope> =>
  closeOnFailure(Effect.gen(function* () {
    // Checked at run time: an address that is passed by mistake would create a folder of that name.
    if (typeof path !== "string" || path === "" || path.includes("://")) {
      return yield* new ParamError({ parameter: "path", expected: 'the path of a directory, such as "./demo.db"' })
    }
    const { server, connection } = yield* splitOptions(options, ["python", "install", "startTimeout"])
    const settings = yield* decode({ ...server, dataDirectory: path })
    // Rejects invalid options before anything is started.
    yield* ConnectionConfig.make(connection)
    const { address } = yield* sharedServer(settings)
    return yield* Connection.connect({ ...connection, address })
  }))

/**
 * Starts a server, and provides a ready connection to it as a layer. With `authorization` it connects as user `root`
 * with the password `Milvus`, unless other credentials are given; with `tls.ca`, it uses the certificate of
 * `tls.client`.
 *
 * Fails with `ParamError` if an option is invalid (before anything is started), with `EmbeddedError` if the server does
 * not start, else like `Connection.connect`.
 *
 * @example
 * ```ts ignore
 * import * as Effect from "effect/Effect"
 * import { Connection } from "@effect-milvus/client"
 * import * as Embedded from "@effect-milvus/client/embedded"
 *
 * const program = Effect.gen(function* () {
 *   const connection = yield* Connection.Connection
 *   console.log(connection.server.version)
 * })
 * await Effect.runPromise(Effect.provide(program, Embedded.layer()))
 * ```
 */
export const layer = (options?: LayerOptions): Layer.Layer<Connection.Connection, ConnectError | EmbeddedError> =>
  Layer.effect(
    Connection.Connection,
    Effect.gen(function* () {
      const { server, connection } = yield* splitOptions(options, serverNames)
      const settings = yield* decode(server)
      const params = { ...credentials(settings, connection), ...connection, tls: yield* clientTls(settings.tls) }
      yield* ConnectionConfig.make(params)
      const { address } = yield* startDecoded(settings)
      return yield* Connection.connect({ ...params, address })
    }),
  )

const startDecoded = (settings: ServerSettings): Effect.Effect<Embedded, EmbeddedError, Scope.Scope> =>
  closeOnFailure(Effect.gen(function* () {
    const { engine } = settings
    const python = yield* Python.find(settings)
    const server = yield* Server.start(settings, python)
    return { ...server, address: `${host}:${server.port}`, host, engine, version: python.version }
  }))

/** Runs an effect in a scope of its own, so that a failure releases everything immediately and can be retried. */
const closeOnFailure = <A, E>(effect: Effect.Effect<A, E, Scope.Scope>): Effect.Effect<A, E, Scope.Scope> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.gen(function* () {
      const scope = yield* Scope.fork(yield* Effect.scope)
      return yield* restore(Scope.provide(effect, scope)).pipe(
        Effect.onExit((exit) => Exit.isFailure(exit) ? Scope.close(scope, exit) : Effect.void),
      )
    })
  )

/** Returns the server of a data directory, shared by all callers while it runs. */
const sharedServer = (settings: ServerSettings): Effect.Effect<Embedded, EmbeddedError, Scope.Scope> =>
  Effect.flatMap(Effect.scope, (scope) =>
    RcMap.get(servers(), new ServerKey(settings)).pipe(
      // RcMap runs the lookup in the context of the first caller, whose tracer must not leak to the others.
      Effect.updateContext(() => Context.make(Scope.Scope, scope)),
    ))

/**
 * Key of a shared server. Keys of the same data directory are equal; the server starts with the settings of the first.
 */
class ServerKey implements Equal.Equal {
  constructor(readonly settings: ServerSettings) {}
  [Equal.symbol](that: Equal.Equal): boolean {
    return that instanceof ServerKey && that.settings.dataDirectory === this.settings.dataDirectory
  }
  [Hash.symbol](): number {
    return Hash.string(this.settings.dataDirectory ?? "")
  }
}

let serversByDirectory: RcMap.RcMap<ServerKey, Embedded, EmbeddedError> | undefined

/** Returns the map of shared servers. Created at the first use, so that importing this module has no effect. */
const servers = (): RcMap.RcMap<ServerKey, Embedded, EmbeddedError> =>
  serversByDirectory ??= Effect.runSync(
    RcMap.make({ lookup: ({ settings }: ServerKey) => startDecoded(settings) }).pipe(
      Effect.provideService(Scope.Scope, Scope.makeUnsafe()),
    ),
  )

const credentials = ({ authorization }: ServerSettings, { user, token }: ConnectionOptions): ConnectionOptions =>
  authorization && !user && !token ? { user: "root", password: "Milvus" } : {}

const clientTls = (tls: ServerTls | undefined): Effect.Effect<ConnectionConfig.TlsParams | undefined, ParamError> => {
  if (tls === undefined) return Effect.succeed(undefined)
  const { certificate, ca, client } = tls
  // Without an authority the certificate cannot be verified, but the server is a child process on the loopback address.
  if (ca === undefined) return Effect.succeed({ verify: false })
  if (client === undefined) {
    return Effect.fail(
      new ParamError({
        parameter: "tls.client",
        expected: "a client certificate and key to be set when `tls.ca` is set",
      }),
    )
  }
  const isForHost = new X509Certificate(certificate).checkIP(host) !== undefined
  return Effect.succeed({ ca, ...client, serverName: isForHost ? undefined : "localhost" })
}
