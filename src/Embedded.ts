/**
 * A real Milvus on this machine as a scoped resource: milvus-lite, or the standalone server.
 *
 * - What `start`, `connect` and `layer` give is ready. A failure is a typed error that says what to run.
 * - The server ends when the scope closes, however that comes about, and when this process dies, of SIGKILL even; so do its
 *   children, and its temporary files go. On systems other than Linux one thing leaves the server running: killing
 *   its supervisor, the `python` between this process and the server.
 * - Stopping is orderly (SIGTERM), bounded (SIGKILL after 5 s), and never fails. Data in a `dataDirectory` stays.
 * - It needs a Python that has the engine's package, and makes one only when `install` asks for it.
 *
 * It runs on Deno, Node and Bun. Deno needs `--allow-run`, `--allow-read`, `--allow-write`, `--allow-env`, `--allow-sys` and
 * `--allow-net=127.0.0.1`.
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

/** A local server that is ready. */
export interface Embedded {
  /** `"127.0.0.1:port"`, for `Connection.connect` and every other client. */
  readonly address: string
  /** `"127.0.0.1"`. */
  readonly host: string
  /** The port that was asked for, or a free one. */
  readonly port: number
  /** Which server it is. */
  readonly engine: Engine
  /** The version of the package. */
  readonly version: string
  /** The process of the server. */
  readonly pid: number
  /** Where the data is: absolute. */
  readonly dataDirectory: string
  /** The file with what the server prints. It goes with the server. */
  readonly log: string
}

/** What {@linkcode layer} takes of a connection: all but where the server is. */
export type ConnectionOptions = Omit<ConnectionConfig.ConnectParams, "address" | "uri" | "host" | "port" | "tls">

/** The options of the server and those of the connection. Without credentials of its own, an authorized one is of `root`. */
export type LayerOptions = StartOptions & ConnectionOptions

/** What {@linkcode connect} takes: how the server starts, where this path has none yet, and how to connect to it. */
export type ConnectOptions = Pick<StartOptions, "python" | "install" | "startTimeout"> & ConnectionOptions

/**
 * Starts a server, which ends with the scope.
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
 * Connects to a file path, as pymilvus's `MilvusClient("./demo.db")` does: milvus-lite serves that directory as long as anyone in this
 * process is connected to it. It reads what pymilvus wrote, and pymilvus reads what it wrote, one process at a time.
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
    // Untrusted at run time: an address here is a slip that would make a folder of that name.
    if (typeof path !== "string" || path === "" || path.includes("://")) {
      return yield* new ParamError({ parameter: "path", expected: 'the path of a directory, such as "./demo.db"' })
    }
    const { server, connection } = yield* splitOptions(options, ["python", "install", "startTimeout"])
    const settings = yield* decode({ ...server, dataDirectory: path })
    // Refused before anything is started.
    yield* ConnectionConfig.make(connection)
    const { address } = yield* sharedServer(settings)
    return yield* Connection.connect({ ...connection, address })
  }))

/**
 * A server and a ready connection to it, as a layer. With `authorization` it connects as `root` with the password `Milvus`, unless
 * other credentials are given; with `tls.ca`, as `tls.client`.
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

/** In a scope of its own, so that a failure gives everything back at once, and a retry in the same scope begins anew. */
const closeOnFailure = <A, E>(effect: Effect.Effect<A, E, Scope.Scope>): Effect.Effect<A, E, Scope.Scope> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.gen(function* () {
      const scope = yield* Scope.fork(yield* Effect.scope)
      return yield* restore(Scope.provide(effect, scope)).pipe(
        Effect.onExit((exit) => Exit.isFailure(exit) ? Scope.close(scope, exit) : Effect.void),
      )
    })
  )

/** The server of a data directory, shared by all that ask for it while it runs. */
const sharedServer = (settings: ServerSettings): Effect.Effect<Embedded, EmbeddedError, Scope.Scope> =>
  Effect.flatMap(Effect.scope, (scope) =>
    RcMap.get(servers(), new ServerKey(settings)).pipe(
      // RcMap runs the lookup in the context of whoever asks first: that one's tracer must not leak to the others.
      Effect.updateContext(() => Context.make(Scope.Scope, scope)),
    ))

/** Equal to another of the same data directory; the server starts as the first of them says. */
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

/** Made at its first use: a module that is imported does nothing. */
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
  // Without an authority there is none to trust; but the server is our own child, on the loopback.
  if (ca === undefined) return Effect.succeed({ verify: false })
  if (client === undefined) {
    return Effect.fail(
      new ParamError({ parameter: "tls.client", expected: "a client's certificate and key beside the ca" }),
    )
  }
  const isForHost = new X509Certificate(certificate).checkIP(host) !== undefined
  return Effect.succeed({ ca, ...client, serverName: isForHost ? undefined : "localhost" })
}
