/**
 * A Milvus in this process, for tests of what talks to Milvus: a real gRPC server over the whole contract, with collections in
 * memory behind it, that tests can make fail, wait, crash and come back.
 *
 * - It starts in milliseconds, needs nothing but a free port, and ends with its scope: no socket, timer or fiber stays.
 * - What it knows of Milvus it answers as Milvus does, and refuses what Milvus refuses, with its codes; what it does not know it
 *   refuses. It never makes an answer up. It knows databases, collections, partitions, aliases, indexes (each finished at
 *   once), insert, upsert, delete, query and search with filters, and search by brute force. Filters are those of Milvus 2.3.
 * - Every call is logged, without secrets, and every RPC can be given another answer, a failure or a delay.
 * - It is not a Milvus for production: it keeps all in memory, checks no credentials, and makes no promise about speed.
 *
 * It runs wherever the client runs, and any client that speaks Milvus's gRPC can talk to it.
 *
 * @module
 */
import { Buffer } from "node:buffer"
import { createPrivateKey, X509Certificate } from "node:crypto"
import { isIP } from "node:net"
import * as grpc from "@grpc/grpc-js"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as FiberSet from "effect/FiberSet"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import type { ConnectParams } from "../ConnectionConfig.ts"
import * as Connection from "../Connection.ts"
import type { ConnectError } from "../errors.ts"
import * as Descriptor from "../wire/descriptor.ts"
import { CallLog, type CallOutcome, metadataOf, type SeenCall } from "./fake/calls.ts"
import type { Failure, Method, Partially, Reply, Request, RpcFailure, StatusFailure } from "./fake/contract.ts"
import { defaultHandlers } from "./fake/defaults.ts"
import type { Health, Identity } from "./fake/handshake.ts"
import { FakeMilvusError, type FakeMilvusErrorProps } from "./fake/FakeMilvusError.ts"
import { type Handler, type Handlers, Script, type Target } from "./fake/script.ts"
import { failed, succeeded } from "./fake/status.ts"

export { FakeMilvusError }
export type {
  CallOutcome,
  Failure,
  FakeMilvusErrorProps,
  Handler,
  Handlers,
  Health,
  Method,
  Partially,
  Reply,
  Request,
  RpcFailure,
  SeenCall,
  StatusFailure,
  Target,
}

/** The TLS of a server: PEM text, not paths. */
export interface TlsOptions {
  /** The certificate chain. */
  readonly certificate: string | Uint8Array
  /** The private key of the certificate, unencrypted. */
  readonly key: string | Uint8Array | Redacted.Redacted<string>
  /** An authority: only clients with a certificate that it signed are let in. Default: any client. */
  readonly ca?: string | Uint8Array | undefined
}

/** How to start. Every option may be left out. */
export interface Options {
  /** An IP address of this machine, `"localhost"` (127.0.0.1), or `"unix:/path"`. Default `"127.0.0.1"`. */
  readonly host?: string | undefined
  /** Default: a free one. */
  readonly port?: number | undefined
  /** TLS. Default: none. */
  readonly tls?: TlsOptions | undefined
  /** The version that it reports. One before 2.4 also refuses what only later versions know. Default `"v2.6.2"`. */
  readonly version?: string | undefined
  /** Answers of one's own, which `reset` comes back to. */
  readonly handlers?: Handlers | undefined
  /** How late every call is answered. Default: not at all. */
  readonly delay?: Duration.Input | undefined
}

/** What {@linkcode layerConnected} takes of a connection: all but where the server is. */
export type ConnectionOptions = Omit<ConnectParams, "address" | "uri" | "host" | "port">

/** A Milvus in this process. */
export interface FakeMilvus {
  /** `"host:port"`, `"[v6]:port"` or `"unix:/path"`, for `Connection.connect` and every other client. */
  readonly address: string
  /** The host of the options. */
  readonly host: string
  /** The port that was asked for, or a free one; the same after a restart. 0 for a unix socket. */
  readonly port: number
  /** Every call so far, in the order in which they came, as far as it is now. */
  readonly calls: Effect.Effect<ReadonlyArray<SeenCall>>
  /** Forgets the calls so far. */
  readonly clearCalls: Effect.Effect<void>
  /** Answers an RPC from now on; also one that it does not know by itself. */
  readonly handle: <M extends Method>(method: M, handler: Handler<M>) => Effect.Effect<void>
  /**
   * Fails the next `times` calls of an RPC, or all of them until `reset`. Failures of one RPC are used in the order in which
   * they were told, and before those of `"all"`.
   */
  readonly fail: (
    target: Target,
    failure: Failure,
    options?: { readonly times?: number | undefined },
  ) => Effect.Effect<void>
  /** Answers later, by Effect's clock. The delay of an RPC goes before that of `"all"`. */
  readonly delay: (target: Target, duration: Duration.Input) => Effect.Effect<void>
  /** Does by default again what an RPC does: no failures, no delay, the handler of the options or its own. Default `"all"`. */
  readonly reset: (target?: Target) => Effect.Effect<void>
  /** What CheckHealth answers from now on. */
  readonly setHealth: (health: Health) => Effect.Effect<void>
  /** The version that Connect and GetVersion tell from now on. */
  readonly setVersion: (version: string) => Effect.Effect<void>
  /** Cuts every session and listens no more, until `restart`. Data and log stay. */
  readonly crash: Effect.Effect<void>
  /** Listens again on the same port, after a crash if it still runs. */
  readonly restart: Effect.Effect<void, FakeMilvusError>
  /** Stops as an operator would: takes no new call, tells clients by GOAWAY, and ends once the calls in flight have ended. */
  readonly shutdown: Effect.Effect<void>
}

/** The service through which tests find their server. */
export const FakeMilvus: Context.Service<FakeMilvus, FakeMilvus> = Context.Service<FakeMilvus>(
  "@effect-milvus/client/testing/FakeMilvus",
)

/**
 * Starts a server, which ends with the scope.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Connection } from "@effect-milvus/client"
 * import { FakeMilvus } from "@effect-milvus/client/testing"
 *
 * const program = Effect.gen(function* () {
 *   const fake = yield* FakeMilvus.make()
 *   const connection = yield* Connection.connect(fake.address)
 *   yield* fake.fail("ShowCollections", { code: "UNAVAILABLE" }, { times: 1 })
 *   const { collection_names } = yield* connection.call("ShowCollections", {})
 *   const calls = yield* fake.calls
 *   console.log(collection_names, calls.map(({ method, outcome }) => `${method} ${outcome}`))
 * })
 * await Effect.runPromise(Effect.scoped(program))
 * ```
 */
export const make = (options: Options = {}): Effect.Effect<FakeMilvus, FakeMilvusError, Scope.Scope> =>
  Effect.gen(function* () {
    const { host = "127.0.0.1", version = "v2.6.2" } = options
    const identity: Identity = { version, health: { isHealthy: true } }
    const script = new Script(options, yield* defaultHandlers(identity))
    const log = new CallLog()
    const fork = yield* FiberSet.makeRuntime()
    const service = yield* Descriptor.service
    const servers = new Set<grpc.Server>()
    let isOver = false
    const crash = Effect.suspend(() =>
      Effect.forEach([...servers], (server) => {
        servers.delete(server)
        return cut(server)
      }, { concurrency: "unbounded", discard: true })
    )
    const shutdown = Effect.suspend(() =>
      Effect.forEach([...servers], (server) =>
        Effect.callback<void>((resume) =>
          server.tryShutdown(() => {
            servers.delete(server)
            resume(Effect.void)
          })
        ), { concurrency: "unbounded", discard: true })
    )
    const start = (port: number): Effect.Effect<number, FakeMilvusError> =>
      Effect.tap(
        listen(host, port, options.tls, (server) => {
          for (const [name, method] of Object.entries(service)) {
            if (method.requestStream || method.responseStream) continue
            const empty = method.responseDeserialize(Buffer.alloc(0))
            // Cast: these are the methods of the contract that `Methods` was made of.
            const respond = answering(name as Method, empty, script, log, fork)
            server.register(method.path, respond, method.responseSerialize, method.requestDeserialize, "unary")
          }
        }),
        // The scope may have closed meanwhile.
        ({ server }) => isOver ? cut(server) : Effect.sync(() => void servers.add(server)),
      ).pipe(Effect.map(({ port }) => port), Effect.uninterruptible)

    yield* Effect.addFinalizer(() => Effect.andThen(Effect.sync(() => isOver = true), crash))
    const port = yield* start(options.port ?? 0)
    return {
      address: addressOf(host, port),
      host,
      port,
      calls: Effect.sync(() => log.all),
      clearCalls: Effect.sync(() => log.clear()),
      handle: (method, handler) => Effect.sync(() => script.handle(method, handler)),
      fail: (target, failure, { times = Infinity } = {}) => Effect.sync(() => script.fail(target, failure, times)),
      delay: (target, duration) => Effect.sync(() => script.delay(target, duration)),
      reset: (target = "all") => Effect.sync(() => script.reset(target)),
      setHealth: (health) => Effect.sync(() => void (identity.health = health)),
      setVersion: (version) => Effect.sync(() => void (identity.version = version)),
      crash,
      restart: Effect.suspend(() => {
        // Nothing would end it.
        const reason = "the scope that it was made in is closed"
        if (isOver) return Effect.fail(new FakeMilvusError({ address: addressOf(host, port), reason }))
        return Effect.asVoid(Effect.andThen(crash, start(port)))
      }),
      shutdown,
    }
  })

/** A server as a layer: starts when the layer is built, ends when its scope closes. */
export const layer = (options?: Options): Layer.Layer<FakeMilvus, FakeMilvusError> =>
  Layer.effect(FakeMilvus, make(options))

/**
 * A server and a ready connection to it, for tests of what needs a `Connection`. With `tls` and without parameters for it, the
 * connection takes any certificate.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Connection } from "@effect-milvus/client"
 * import { FakeMilvus } from "@effect-milvus/client/testing"
 *
 * const countCollections = Effect.gen(function* () {
 *   const connection = yield* Connection.Connection
 *   return (yield* connection.call("ShowCollections", {})).collection_names.length
 * })
 * const test = Effect.gen(function* () {
 *   const fake = yield* FakeMilvus.FakeMilvus
 *   yield* fake.handle("ShowCollections", () => Effect.succeed({ collection_names: ["books", "films"] }))
 *   console.log(yield* countCollections) // 2
 * })
 * await Effect.runPromise(Effect.provide(test, FakeMilvus.layerConnected()))
 * ```
 */
export const layerConnected = (
  options: Options = {},
  params: ConnectionOptions = {},
): Layer.Layer<FakeMilvus | Connection.Connection, FakeMilvusError | ConnectError> => {
  const tls = params.tls ?? (options.tls === undefined ? undefined : { verify: false })
  const connection = Layer.effect(
    Connection.Connection,
    FakeMilvus.use(({ address }) => Connection.connect({ ...params, tls, address })),
  )
  return Layer.provideMerge(connection, layer(options))
}

/** Answers the calls of one RPC. `empty` is a reply with nothing in it. */
const answering = (
  method: Method,
  empty: object,
  script: Script,
  log: CallLog,
  fork: (effect: Effect.Effect<unknown, unknown>) => Fiber.Fiber<unknown, unknown>,
): grpc.handleUnaryCall<object, object> =>
(call, callback) => {
  const answer = Effect.gen(function* () {
    const seen = {
      method,
      request: call.request,
      ...metadataOf(pairsOf(call.metadata)),
      peer: call.getPeer(),
      time: yield* DateTime.now,
      outcome: "running",
      // Cast: the codec of the method gave the request of the method.
    } as SeenCall
    const tell = log.add(seen)
    yield* Effect.onExit(script.answer(seen), (exit) =>
      Effect.sync(() => {
        tell(call.cancelled ? "cancelled" : Exit.isSuccess(exit) ? "answered" : "failed")
        const { error = null, reply } = wireOf(method, empty, exit)
        callback(error, reply)
      }))
  })
  const fiber = fork(answer)
  const cancel = () => fiber.interruptUnsafe()
  call.on("cancelled", cancel)
  // Cancelled before it got here, it is not told again.
  if (call.cancelled) cancel()
}

/** A reply, or what grpc-js takes for one of gRPC's own failures. */
interface Wire {
  readonly error?: Partial<grpc.StatusObject>
  readonly reply?: object
}

const wireOf = (method: Method, empty: object, exit: Exit.Exit<object, Failure>): Wire => {
  if (Exit.isSuccess(exit)) return { reply: succeeded(empty, exit.value) }
  const failure = Option.getOrUndefined(Cause.findErrorOption(exit.cause))
  if (failure === undefined) {
    return Cause.hasInterruptsOnly(exit.cause)
      ? errorOf({ code: "CANCELLED", details: `the handler of ${method} was interrupted` })
      : errorOf({ code: "UNKNOWN", details: `the handler of ${method} died: ${Cause.squash(exit.cause)}` })
  }
  if (typeof failure.code === "string") return errorOf(failure)
  const reply = failed(empty, failure)
  return reply === undefined ? errorOf({ code: "UNKNOWN", details: failure.reason }) : { reply }
}

const errorOf = ({ code, details = "told to fail", metadata = {} }: RpcFailure): Wire => {
  const trailers = new grpc.Metadata()
  for (const [key, value] of Object.entries(metadata)) trailers.set(key, value)
  return { error: { code: grpc.status[code], details, metadata: trailers } }
}

/** Bytes, which keys that end in `-bin` have, as base64. */
const pairsOf = (metadata: grpc.Metadata): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.keys(metadata.getMap()).map((key) => [
      key,
      metadata.get(key).map((value) => typeof value === "string" ? value : value.toString("base64")).join(", "),
    ]),
  )

const addressOf = (host: string, port: number): string => {
  if (host.startsWith("unix:")) return host
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`
}

/** What grpc-js listens on. A name it would resolve on a timer that nothing ends. */
const boundAddressOf = (host: string, port: number): string => {
  if (host.startsWith("unix:") || isIP(host) !== 0) return addressOf(host, port)
  if (host === "localhost") return addressOf("127.0.0.1", port)
  throw new Error('expected an IP address of this machine, "localhost" or "unix:/path"')
}

const listen = (
  host: string,
  port: number,
  tls: TlsOptions | undefined,
  register: (server: grpc.Server) => void,
): Effect.Effect<{ readonly server: grpc.Server; readonly port: number }, FakeMilvusError> =>
  Effect.tryPromise({
    try: () =>
      new Promise<{ server: grpc.Server; port: number }>((resolve, reject) => {
        const server = new grpc.Server({
          "grpc.max_receive_message_length": -1,
          "grpc.max_send_message_length": -1,
        })
        register(server)
        server.bindAsync(
          boundAddressOf(host, port),
          credentialsOf(tls),
          // A unix socket has no port; grpc-js says 1.
          (error, bound) =>
            error === null ? resolve({ server, port: host.startsWith("unix:") ? 0 : bound }) : reject(error),
        )
      }),
    catch: (cause) => {
      const reason = cause instanceof Error ? cause.message : String(cause)
      return new FakeMilvusError({ address: addressOf(host, port), reason, cause })
    },
  })

const credentialsOf = (tls: TlsOptions | undefined): grpc.ServerCredentials => {
  if (tls === undefined) return grpc.ServerCredentials.createInsecure()
  const key = Redacted.isRedacted(tls.key) ? Redacted.value(tls.key) : tls.key
  // Deno's server takes anything, and then fails each handshake.
  if (!new X509Certificate(tls.certificate).checkPrivateKey(createPrivateKey(Buffer.from(key)))) {
    throw new Error("the private key is not that of the certificate")
  }
  return grpc.ServerCredentials.createSsl(
    // Without any, a server under Deno would not speak TLS at all. Of no consequence where clients show no certificate.
    Buffer.from(tls.ca ?? tls.certificate),
    [{ private_key: Buffer.from(key), cert_chain: Buffer.from(tls.certificate) }],
    tls.ca !== undefined,
  )
}

/** Ends when every socket that it accepted is closed, which takes a millisecond; bounded all the same. */
const cut = (server: grpc.Server): Effect.Effect<void> =>
  Effect.callback<void>((resume) => {
    server.tryShutdown(() => resume(Effect.void))
    server.forceShutdown()
  }).pipe(Effect.timeoutOption("500 millis"), Effect.asVoid)
