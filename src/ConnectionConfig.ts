/**
 * Decodes the parameters of a connection once, into the config that the rest of the library reads.
 *
 * `make` is the only function that reads a caller's parameters. It is pure: it opens nothing and reads no environment.
 * For any input it gives a config, a `NotImplemented` or a `ParamError`. The error names the first parameter that
 * fails, in the order `handler`, the parts of the address, `pool`, the rest. Secrets in the config are `Redacted`.
 *
 * @module
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { readAddress } from "./config/readAddress.ts"
import { type GlobalCluster, type GlobalClusterParams, readGlobalCluster } from "./config/globalCluster.ts"
import { type KeepAlive, type KeepAliveParams, readKeepAlive } from "./config/keepAlive.ts"
import {
  DatabaseName,
  type Decoded,
  failParam,
  failUnknownParam,
  isInfinite,
  type Params,
  read,
  readDuration,
  readRecord,
  show,
  tryOrUndefined,
  unwrapRedacted,
  withExpectation,
} from "./config/params.ts"
import { type Pool, readPool, readPoolMaxAge, readPoolSize } from "./config/poolOptions.ts"
import { NotImplemented, type ParamError } from "./errors.ts"
import { readRetry, type Retry, type RetryParams } from "./retry/options.ts"
import { readTls, type Tls, type TlsParams } from "./config/tls.ts"

export type { GlobalCluster, GlobalClusterParams, KeepAlive, KeepAliveParams, Pool, Retry, RetryParams, Tls, TlsParams }
export { defaultKeepAlive, isDefaultKeepAlive } from "./config/keepAlive.ts"

/**
 * A secret: plain, `Redacted`, or an `Effect` that is run again at each use, so that a rotated credential needs no new
 * connection. An Effect that fails counts as UNAUTHENTICATED.
 */
export type Secret =
  | string
  | Redacted.Redacted<string>
  | Effect.Effect<string | Redacted.Redacted<string>, unknown>

/**
 * Parameters of a connection. All are optional, and `undefined` is the same as an omitted one. An unknown parameter is
 * a `ParamError`.
 *
 * The server is given by one of `address`, `addresses`, `uri`, and `host` with `port`. Without any of them it is
 * `localhost:19530`.
 *
 * Without `tls`, credentials (`token`, or `user` and `password`) can be read by anyone on the network path. If the
 * address is not on this machine, connecting logs a warning with Effect's logger, once per address and process. The
 * promise API emits it as a warning of the process (`process.on("warning", ...)`).
 */
export interface ConnectParams {
  /** `"host:port"`, `"[v6]:port"`, `"unix:/path"`, or any form of `uri`. */
  readonly address?: string | undefined
  /**
   * Several servers of one Milvus, such as its proxies, or replicas that are kept equal: at least one, each as
   * `address`. Scheme, user, password and database have to be the same in all.
   *
   * `connect` uses the first that is ready, in this order: the next one is tried after an attempt failed, or after
   * 250 ms. When the current server is lost, and is not back at once, another takes its place, which `config.address`
   * of the connection shows. All of it takes at most `connectTimeout`. A call that may have been applied is not
   * repeated.
   */
  readonly addresses?: ReadonlyArray<string> | undefined
  /** `"http://..."`, `"https://..."` (implies TLS, port 443), `"tcp://..."`, with `user:password@` and `/database`. */
  readonly uri?: string | undefined
  /**
   * A host name, an IPv4 or an IPv6 address.
   *
   * @default "localhost"
   */
  readonly host?: string | undefined
  /**
   * A port from 1 to 65535, as a number or a string.
   *
   * @default 19530
   */
  readonly port?: number | string | undefined
  /**
   * Whether the address is the endpoint of a global cluster, which reports its clusters, or the options for it.
   *
   * The connection uses the primary: the cluster that takes writes. The topology is requested by HTTP, with the same
   * credential and `tls`: to connect, in an interval, after the session was lost, and after a call was refused because
   * its cluster is not the primary any more. When another cluster is the primary, it takes the place of the current
   * one, which `config.address` of the connection shows, and the calls on the old one go on. A call is repeated on the
   * new primary as after a lost session: never if it may have been applied, unless it is idempotent.
   *
   * @default Whether the host of a single address contains `"global-cluster"`.
   */
  readonly globalCluster?: boolean | GlobalClusterParams | undefined
  /** Exactly `"GRPC"`, the only handler. Anything else is {@linkcode NotImplemented}. */
  readonly handler?: string | undefined
  /**
   * `"QueuePool"` keeps `poolSize` channels, and a call uses the one with the fewest calls in flight.
   * `"SingletonThread"` and `"Singleton"` share one channel.
   *
   * @default "SingletonThread"
   */
  readonly pool?: string | undefined
  /**
   * Number of channels of a `"QueuePool"`, 1 to 1024.
   *
   * @default 5
   */
  readonly poolSize?: number | undefined
  /**
   * Age at which a channel of a `"QueuePool"` is replaced by another, so that load spreads over the proxies behind a
   * load balancer; or `"infinite"`. Varied by up to a fifth in both directions. At least 1 s.
   *
   * @default 30 minutes
   */
  readonly poolMaxAge?: Duration.Input | "infinite" | undefined
  /** User that `password` belongs to. `""` is the same as omitted. */
  readonly user?: string | null | undefined
  /** Password of `user`. `""` is the same as omitted. */
  readonly password?: Secret | null | undefined
  /** An API key or `user:password`. Takes precedence over `user` and `password`. `""` is the same as omitted. */
  readonly token?: Secret | null | undefined
  /**
   * Database of all calls. `""` is the same as omitted.
   *
   * @default "default"
   */
  readonly database?: string | null | undefined
  /**
   * `true`, or options of TLS. Implied by `https://`.
   *
   * @default false
   */
  readonly tls?: boolean | TlsParams | undefined
  /**
   * Time limit of connecting, with all attempts and the delays between them.
   *
   * @default 10 seconds
   */
  readonly connectTimeout?: Duration.Input | undefined
  /**
   * Time limit of a call, with all attempts and a repeated handshake; or `"infinite"`.
   *
   * @default 60 seconds
   */
  readonly callTimeout?: Duration.Input | "infinite" | undefined
  /** HTTP/2 pings. By default, those that the server permits. */
  readonly keepAlive?: KeepAliveParams | undefined
  /**
   * Size of the largest message that is sent or received, in bytes, or `"unlimited"`.
   *
   * @default "unlimited"
   */
  readonly maxMessageSize?: number | "unlimited" | undefined
  /**
   * Whether failed calls are retried, or the options for it. With `false`, the first failure is final.
   *
   * @default true
   */
  readonly retry?: boolean | RetryParams | undefined
  /**
   * When the server counts as ready. `"healthy"`: CheckHealth must succeed. `"connected"`: a reply to Connect is
   * enough.
   *
   * @default "healthy"
   */
  readonly readiness?: "healthy" | "connected" | undefined
}

/** Decoded parameters. Safe to log: secrets are `Redacted`. */
export interface ConnectionConfig {
  /** `"host:port"`, `"[v6]:port"` or `"unix:/path"`. */
  readonly address: string
  /** The addresses that were given, one or several. */
  readonly addresses: ReadonlyArray<string>
  /** The host in lower case and without brackets, or the path of a unix socket. */
  readonly host: string
  /** 1 to 65535; 0 for a unix socket. */
  readonly port: number
  /** The endpoint of the global cluster, whose primary `address` is once it is known; `false` for none. */
  readonly globalCluster: GlobalCluster | false
  /** Whether TLS is used. */
  readonly secure: boolean
  /** Options of TLS. `undefined` exactly if `secure` is `false`. */
  readonly tls: Tls | undefined
  /** The user, if one was given. */
  readonly user: string | undefined
  /** The password, or the Effect that gives it. */
  readonly password: Redacted.Redacted<Secret> | undefined
  /** The token, or the Effect that gives it. Takes precedence over user and password. */
  readonly token: Redacted.Redacted<Secret> | undefined
  /** Database of all calls. */
  readonly database: string
  /** Distribution of calls over channels. */
  readonly pool: Pool
  /** Number of channels. 1 unless `pool` is `"QueuePool"`. */
  readonly poolSize: number
  /** Age at which a channel is replaced by another. Infinite unless `pool` is `"QueuePool"`. */
  readonly poolMaxAge: Duration.Duration
  /** Time limit of connecting, with all attempts and the delays between them. */
  readonly connectTimeout: Duration.Duration
  /** Time limit of a call, with all attempts. May be infinite. */
  readonly callTimeout: Duration.Duration
  /** HTTP/2 pings. */
  readonly keepAlive: KeepAlive
  /** Size of the largest message in bytes, or `"unlimited"`. */
  readonly maxMessageSize: number | "unlimited"
  /** Options of retries, or `false` for none. */
  readonly retry: Retry | false
  /** When the server counts as ready. */
  readonly readiness: "healthy" | "connected"
}

/**
 * Decodes the parameters of a connection. A string is read as `address`.
 *
 * Makes no RPC. Fails with `NotImplemented` if `handler` is not `"GRPC"`, and with `ParamError` for any other parameter
 * that does not decode.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { ConnectionConfig } from "@effect-milvus/client"
 *
 * const config = Effect.runSync(ConnectionConfig.make({ host: "localhost", port: "19530" }))
 * console.log(config.address) // "localhost:19530"
 * ```
 */
export const make = (params?: string | ConnectParams): Effect.Effect<ConnectionConfig, NotImplemented | ParamError> =>
  Effect.suspend(() => Effect.fromResult(decode(params)))

/** Whether all parts of two configs are equal. A secret that is an Effect is equal only to itself. */
export const equals = (self: ConnectionConfig, that: ConnectionConfig): boolean => equalParts(self, that)

const decode = (params: unknown): Result.Result<ConnectionConfig, NotImplemented | ParamError> =>
  Result.gen(function* () {
    const given = yield* readParams(params)
    if (given["handler"] !== undefined && given["handler"] !== "GRPC") {
      const handler = given["handler"]
      return yield* Result.fail(new NotImplemented({ handler: typeof handler === "string" ? handler : show(handler) }))
    }
    const address = yield* readAddress(given)
    const pool = yield* readPool(given["pool"])
    yield* failUnknownParam("", given, parameterNames)
    const poolSize = yield* readPoolSize(given["poolSize"], pool)
    const poolMaxAge = yield* readPoolMaxAge(given["poolMaxAge"], pool)
    const user = yield* readUser(absentIfEmpty(given["user"]) ?? address.user)
    const password = yield* readSecret("password", absentIfEmpty(given["password"]) ?? address.password)
    const token = yield* readSecret("token", absentIfEmpty(given["token"]))
    if (password !== undefined && user === undefined && token === undefined) {
      return yield* failParam("user", "`user` to be set when `password` is set")
    }
    const database = yield* read(
      "database",
      DatabaseName,
      absentIfEmpty(given["database"]) ?? address.database,
      "default",
    )
    const tls = yield* readTls(given["tls"], address.secure)
    return {
      address: address.target,
      addresses: address.all ?? [address.target],
      host: address.host,
      port: address.port,
      globalCluster: yield* readGlobalCluster(given["globalCluster"], address, {
        secure: tls !== undefined,
        isSingle: address.all === undefined || address.all.length === 1,
      }),
      secure: tls !== undefined,
      tls,
      user,
      password,
      token,
      database,
      pool,
      poolSize,
      poolMaxAge,
      connectTimeout: yield* readDuration("connectTimeout", given["connectTimeout"], defaultConnectTimeout),
      callTimeout: isInfinite(given["callTimeout"])
        ? Duration.infinity
        : yield* readDuration("callTimeout", given["callTimeout"], defaultCallTimeout),
      keepAlive: yield* readKeepAlive(given["keepAlive"]),
      maxMessageSize: yield* read("maxMessageSize", MessageSize, given["maxMessageSize"], "unlimited"),
      retry: yield* readRetry(given["retry"]),
      readiness: yield* read("readiness", Readiness, given["readiness"], "healthy"),
    }
  })

const defaultConnectTimeout = Duration.seconds(10)
const defaultCallTimeout = Duration.seconds(60)

const parameterNames: ReadonlySet<string> = new Set<keyof ConnectParams>([
  "address",
  "addresses",
  "uri",
  "host",
  "port",
  "globalCluster",
  "handler",
  "pool",
  "poolSize",
  "poolMaxAge",
  "user",
  "password",
  "token",
  "database",
  "tls",
  "connectTimeout",
  "callTimeout",
  "keepAlive",
  "maxMessageSize",
  "retry",
  "readiness",
])

const MessageSize = withExpectation(
  Schema.Union([
    Schema.Literal("unlimited"),
    Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 2 ** 31 - 1 })),
  ]),
  'a number of bytes from 1 to 2147483647, or "unlimited"',
)
const Readiness = withExpectation(Schema.Literals(["healthy", "connected"]), '"healthy" or "connected"')
const readParams = (params: unknown): Decoded<Params> => {
  if (params === undefined) return Result.succeed({})
  if (typeof params === "string") return Result.succeed({ address: params })
  return readRecord("params", params, 'an address, or an object such as { host: "localhost", port: 19530 }')
}

// A text with a colon is not shown: it may be `user:password`.
const readUser = (value: unknown): Decoded<string | undefined> =>
  value === undefined || typeof value === "string" && !value.includes(":")
    ? Result.succeed(value)
    : failParam("user", "a user name without a colon", typeof value === "string" ? undefined : value)

const readSecret = (parameter: string, value: unknown): Decoded<Redacted.Redacted<Secret> | undefined> => {
  if (value === undefined) return Result.succeed(undefined)
  // Cast: the result of an Effect is checked when it has run.
  if (tryOrUndefined(() => Effect.isEffect(value))) {
    return Result.succeed(Redacted.make(value as Exclude<Secret, string>))
  }
  const text = unwrapRedacted(value)
  return typeof text === "string"
    ? Result.succeed(Redacted.make<Secret>(text))
    : failParam(parameter, "a string, Redacted<string>, or an Effect of either")
}

const absentIfEmpty = (value: unknown): unknown => value === null || unwrapRedacted(value) === "" ? undefined : value

const equalParts = (self: unknown, that: unknown): boolean => {
  if (Object.is(self, that)) return true
  if (Redacted.isRedacted(self) && Redacted.isRedacted(that)) return Redacted.value(self) === Redacted.value(that)
  if (Duration.isDuration(self) && Duration.isDuration(that)) return Duration.equals(self, that)
  if (Array.isArray(self) && Array.isArray(that)) {
    return self.length === that.length && self.every((value, at) => equalParts(value, that[at]))
  }
  if (!isParts(self) || !isParts(that)) return false
  return Object.keys(self).every((name) => equalParts(self[name], that[name]))
}

/** Whether a value is one of the plain objects of a config. All their keys are always present. */
const isParts = (value: unknown): value is Params => Predicate.isObject(value) && !Redacted.isRedacted(value)
