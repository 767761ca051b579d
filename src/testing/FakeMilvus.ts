/**
 * A Milvus server in this process, for tests of Milvus clients. It is a real gRPC server with the whole contract, and
 * keeps collections in memory. Tests can make it fail, delay, crash and restart.
 *
 * - It starts in milliseconds, needs only a free port, and ends with its scope. No socket, timer or fiber remains.
 * - It knows every RPC of Milvus 2.3.5 and milvus-lite: databases, collections, partitions, aliases, indexes (built
 *   immediately), insert, upsert, delete, query, search by brute force and hybrid search, segments, compactions, and
 *   imports of JSON and NumPy. Compactions and imports take 100 ms by Effect's clock. Filters are those of Milvus 2.3,
 *   with all patterns of `like`, and `is null`.
 * - It supports users, roles, privileges, resource groups and replicas as Milvus 2.3 does. With the option
 *   `authorization`, every call needs the credentials of a user. Privileges are recorded, and not enforced. With the
 *   option `queryNodes`, there are several nodes for resource groups and replicas.
 * - What it supports, it answers as Milvus does. It refuses what Milvus refuses, with the same codes. It also refuses
 *   everything that it does not support, and never makes up an answer.
 * - Every call is logged, without secrets. Every RPC can be given another handler, a failure or a delay.
 * - It is not for production: it keeps all data and passwords in memory, does not check what a user may do, and makes
 *   no promise about speed.
 *
 * It runs wherever the client runs. Any client that speaks the gRPC API of Milvus can connect to it.
 *
 * @module
 */
import { Buffer } from "node:buffer"
import { createPrivateKey, X509Certificate } from "node:crypto"
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
import * as Descriptor from "../grpc/methods.ts"
import { installForSessions } from "../grpc/transport.ts"
import { addressOf, bindAddressOf } from "./fake/bindAddress.ts"
import { CallLog, type CallOutcome, metadataOf, type SeenCall } from "./fake/control/callLog.ts"
import type { DeepPartial, Failure, Method, Reply, Request, RpcFailure, StatusFailure } from "./fake/contract.ts"
import { authenticationFailure } from "./fake/handlers/accessControl.ts"
import { defaultHandlers } from "./fake/handlers/defaults.ts"
import type { Health, Identity } from "./fake/handlers/describeServer.ts"
import { FakeMilvusError, type FakeMilvusErrorProps } from "./fake/errors.ts"
import { type Handler, type Handlers, Overrides, type Target } from "./fake/control/overrides.ts"
import type { Options, TlsOptions } from "./fake/options.ts"
import { failed, succeeded } from "./fake/fakeStatus.ts"
import { AccessControl } from "./fake/state/rbac.ts"

export { FakeMilvusError }
export type {
  CallOutcome,
  DeepPartial,
  Failure,
  FakeMilvusErrorProps,
  Handler,
  Handlers,
  Health,
  Method,
  Options,
  Reply,
  Request,
  RpcFailure,
  SeenCall,
  StatusFailure,
  Target,
  TlsOptions,
}

/** Parameters of the connection of {@linkcode layerConnected}: all except the address of the server. */
export type ConnectionOptions = Omit<ConnectParams, "address" | "uri" | "host" | "port">

/** A running Milvus server in this process. */
export interface FakeMilvus {
  /** The address for `Connection.connect` and other clients: `"host:port"`, `"[v6]:port"` or `"unix:/path"`. */
  readonly address: string
  /** The host from the options. */
  readonly host: string
  /**
   * The port from the options, or the free one that was chosen. It stays the same after a restart. 0 for a unix socket.
   */
  readonly port: number
  /** All calls so far in order of arrival, each with its current outcome. */
  readonly calls: Effect.Effect<ReadonlyArray<SeenCall>>
  /** Empties the log of calls. */
  readonly clearCalls: Effect.Effect<void>
  /** Sets the handler of an RPC from now on. The RPC may be one that has no default handler. */
  readonly handle: <M extends Method>(method: M, handler: Handler<M>) => Effect.Effect<void>
  /**
   * Fails the next `times` calls of an RPC; without `times`, all of them until `reset`. Failures of an RPC are used in
   * the order in which they were added, and before those of `"all"`.
   */
  readonly fail: (
    target: Target,
    failure: Failure,
    options?: { readonly times?: number | undefined },
  ) => Effect.Effect<void>
  /** Delays the answers to an RPC, by Effect's clock. The delay of an RPC takes precedence over that of `"all"`. */
  readonly delay: (target: Target, duration: Duration.Input) => Effect.Effect<void>
  /**
   * Restores the initial behavior of an RPC, or of `"all"` (the default): no failures, the delay from the options, and
   * the handler from the options or the default one.
   */
  readonly reset: (target?: Target) => Effect.Effect<void>
  /** Sets the answer of CheckHealth from now on. */
  readonly setHealth: (health: Health) => Effect.Effect<void>
  /** Sets the version that Connect and GetVersion report from now on. */
  readonly setVersion: (version: string) => Effect.Effect<void>
  /** Cuts every session and stops listening until `restart`. Data and log remain. */
  readonly crash: Effect.Effect<void>
  /** Listens again on the same port. A server that still runs is crashed first. */
  readonly restart: Effect.Effect<void, FakeMilvusError>
  /**
   * Shuts down gracefully: sends GOAWAY to clients, accepts no new calls, and completes when the calls in flight have
   * ended.
   */
  readonly shutdown: Effect.Effect<void>
}

/** The service tag of a server. */
export const FakeMilvus: Context.Service<FakeMilvus, FakeMilvus> = Context.Service<FakeMilvus>(
  "@effect-milvus/client/testing/FakeMilvus",
)

/**
 * Starts a server that ends with the scope. Fails with a {@linkcode FakeMilvusError} if it cannot listen.
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
    const { host = "127.0.0.1", version = "v2.6.2", authorization = false, queryNodes = 1, files = {} } = options
    const identity: Identity = { version, health: { isHealthy: true } }
    const access = new AccessControl()
    const overrides = new Overrides(options, yield* defaultHandlers(identity, access, queryNodes, files))
    const answer = (seen: SeenCall): Effect.Effect<object, Failure> =>
      Effect.suspend(() => {
        const failure = authorization ? authenticationFailure(access, seen) : undefined
        return failure === undefined ? overrides.answer(seen) : Effect.fail(failure)
      })
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
            const respond = handleCall(name as Method, empty, answer, log, fork)
            server.register(method.path, respond, method.responseSerialize, method.requestDeserialize, "unary")
          }
        }),
        // The scope may have closed in the meantime.
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
      handle: (method, handler) => Effect.sync(() => overrides.handle(method, handler)),
      fail: (target, failure, { times = Infinity } = {}) => Effect.sync(() => overrides.fail(target, failure, times)),
      delay: (target, duration) => Effect.sync(() => overrides.delay(target, duration)),
      reset: (target = "all") => Effect.sync(() => overrides.reset(target)),
      setHealth: (health) => Effect.sync(() => void (identity.health = health)),
      setVersion: (version) => Effect.sync(() => void (identity.version = version)),
      crash,
      restart: Effect.suspend(() => {
        // No finalizer would end a server that starts now.
        const reason = "the scope that it was made in is closed"
        if (isOver) return Effect.fail(new FakeMilvusError({ address: addressOf(host, port), reason }))
        return Effect.asVoid(Effect.andThen(crash, start(port)))
      }),
      shutdown,
    }
  })

/** Provides a server that starts when the layer is built and ends when its scope closes. */
export const layer = (options?: Options): Layer.Layer<FakeMilvus, FakeMilvusError> =>
  Layer.effect(FakeMilvus, make(options))

/**
 * Provides a server and a connection to it, for tests of code that needs a `Connection`. If `options` has `tls` and
 * `params` does not, the connection accepts any certificate.
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

/** Returns the grpc-js handler of one RPC. `empty` is a reply without any values. */
const handleCall = (
  method: Method,
  empty: object,
  answer: (call: SeenCall) => Effect.Effect<object, Failure>,
  log: CallLog,
  fork: (effect: Effect.Effect<unknown, unknown>) => Fiber.Fiber<unknown, unknown>,
): grpc.handleUnaryCall<object, object> =>
(call, callback) => {
  const respond = Effect.gen(function* () {
    const seen = {
      method,
      request: call.request,
      ...metadataOf(pairsOf(call.metadata)),
      peer: call.getPeer(),
      time: yield* DateTime.now,
      outcome: "running",
      // Cast: the request was decoded by the codec of the method.
    } as SeenCall
    const setOutcome = log.add(seen)
    yield* Effect.onExit(answer(seen), (exit) =>
      Effect.sync(() => {
        setOutcome(call.cancelled ? "cancelled" : Exit.isSuccess(exit) ? "answered" : "failed")
        const { error = null, reply } = resultOf(method, empty, exit)
        callback(error, reply)
      }))
  })
  const fiber = fork(respond)
  const cancel = () => fiber.interruptUnsafe()
  call.on("cancelled", cancel)
  // A call that is cancelled already emits no further event.
  if (call.cancelled) cancel()
}

/** Arguments of the callback of grpc-js: a reply, or a failure with a gRPC status. */
interface UnaryResult {
  readonly error?: Partial<grpc.StatusObject>
  readonly reply?: object
}

const resultOf = (method: Method, empty: object, exit: Exit.Exit<object, Failure>): UnaryResult => {
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

const errorOf = ({ code, details = "told to fail", metadata = {} }: RpcFailure): UnaryResult => {
  const trailers = new grpc.Metadata()
  for (const [key, value] of Object.entries(metadata)) trailers.set(key, value)
  return { error: { code: grpc.status[code], details, metadata: trailers } }
}

/** Converts metadata to texts. The bytes of keys that end in `-bin` become base64. */
const pairsOf = (metadata: grpc.Metadata): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.keys(metadata.getMap()).map((key) => [
      key,
      metadata.get(key).map((value) => typeof value === "string" ? value : value.toString("base64")).join(", "),
    ]),
  )

const listen = (
  host: string,
  port: number,
  tls: TlsOptions | undefined,
  register: (server: grpc.Server) => void,
): Effect.Effect<{ readonly server: grpc.Server; readonly port: number }, FakeMilvusError> =>
  Effect.tryPromise({
    try: () =>
      new Promise<{ server: grpc.Server; port: number }>((resolve, reject) => {
        installForSessions()
        const server = new grpc.Server({
          "grpc.max_receive_message_length": -1,
          "grpc.max_send_message_length": -1,
        })
        register(server)
        server.bindAsync(
          bindAddressOf(host, port),
          credentialsOf(tls),
          // A unix socket has no port, but grpc-js reports 1.
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
  // A server under Deno would accept any key, and then fail each handshake.
  if (!new X509Certificate(tls.certificate).checkPrivateKey(createPrivateKey(Buffer.from(key)))) {
    throw new Error("the private key is not that of the certificate")
  }
  return grpc.ServerCredentials.createSsl(
    // Without an authority, a server under Deno would not use TLS at all. It has no effect if client certificates are
    // not checked.
    Buffer.from(tls.ca ?? tls.certificate),
    [{ private_key: Buffer.from(key), cert_chain: Buffer.from(tls.certificate) }],
    tls.ca !== undefined,
  )
}

/**
 * Stops a server at once, and completes when all its sockets are closed. That takes about a millisecond, and is
 * bounded.
 */
const cut = (server: grpc.Server): Effect.Effect<void> =>
  Effect.callback<void>((resume) => {
    server.tryShutdown(() => resume(Effect.void))
    server.forceShutdown()
  }).pipe(Effect.timeoutOption("500 millis"), Effect.asVoid)
