/**
 * What a caller may write, decoded once into what the rest of the library reads.
 *
 * `make` is the only place that looks at a caller's parameters. It is pure: it opens nothing and reads no environment.
 * Whatever it is given, it answers with a config, a `NotImplemented` or a `ParamError`; the first parameter that fails
 * names the error, in the order `handler`, the parts of the address, `pool`, the rest. Secrets come out `Redacted`.
 *
 * @module
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { type Address, AddressProblem, defaultPort, makeAddress, parseAddress, parsePort } from "./config/address.ts"
import {
  BooleanParam,
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
import { NotImplemented, type ParamError } from "./errors.ts"
import { readRetry, type Retry, type RetryParams } from "./retry/options.ts"
import { readTls, type Tls, type TlsParams } from "./config/tls.ts"

export type { Retry, RetryParams, Tls, TlsParams }

/**
 * A secret: plain, `Redacted`, or an `Effect` that is asked again at each use, so that a rotated credential needs no new
 * connection. An Effect that fails counts as UNAUTHENTICATED.
 */
export type Secret =
  | string
  | Redacted.Redacted<string>
  | Effect.Effect<string | Redacted.Redacted<string>, unknown>

/**
 * HTTP/2 pings, which notice a dead peer.
 *
 * The defaults suit the server: a Milvus gets pings as they say, and a server that does not permit them, such as
 * milvus-lite, gets none. With any other value, every server gets pings as asked.
 */
export interface KeepAliveParams {
  /** Between pings. Default 10 s; never below 5 s, because a server answers faster pings with GOAWAY. */
  readonly time?: Duration.Input | undefined
  /** How long a ping may stay unanswered. Default 5 s. */
  readonly timeout?: Duration.Input | undefined
  /** Whether to ping while no call is in flight. Default `true`. */
  readonly whenIdle?: boolean | undefined
}

/**
 * What a caller may write. Every parameter may be left out; `undefined` is the same as that. An unknown one is refused.
 *
 * The server is named by one of `address`, `uri`, and `host` with `port`; by none: `localhost:19530`.
 *
 * Credentials (`token`, or `user` and `password`) without `tls` can be read by anyone on the way. If the address is not of
 * this machine, connecting logs a warning by Effect's logger, once for each address of the process; the promise form emits
 * it as a warning of the process (`process.on("warning", ...)`).
 */
export interface ConnectParams {
  /** `"host:port"`, `"[v6]:port"`, `"unix:/path"`, or anything that `uri` takes. */
  readonly address?: string | undefined
  /** `"http://..."`, `"https://..."` (implies TLS, port 443), `"tcp://..."`, with `user:password@` and `/database`. */
  readonly uri?: string | undefined
  /** A name, an IPv4 or an IPv6 address. Default `"localhost"`. */
  readonly host?: string | undefined
  /** 1 to 65535, as a number or as text. Default 19530. */
  readonly port?: number | string | undefined
  /** Exactly `"GRPC"`, the only handler; anything else is {@linkcode NotImplemented}. */
  readonly handler?: string | undefined
  /**
   * `"QueuePool"` keeps `poolSize` channels, and a call goes by the one with the fewest in flight; `"SingletonThread"`
   * (default) and `"Singleton"` share one.
   */
  readonly pool?: string | undefined
  /** Channels of a `"QueuePool"`, 1 to 1024. Default 5. */
  readonly poolSize?: number | undefined
  /**
   * How old a channel of a `"QueuePool"` gets before another takes its place, give or take a fifth, so that load spreads
   * over the proxies behind a balancer; or `"infinite"`. At least 1 s. Default 30 min.
   */
  readonly poolMaxAge?: Duration.Input | "infinite" | undefined
  /** The user of `password`; `""` is none. */
  readonly user?: string | null | undefined
  /** The password of `user`; `""` is none. */
  readonly password?: Secret | null | undefined
  /** An API key or `user:password`; wins over `user` and `password`; `""` is none. */
  readonly token?: Secret | null | undefined
  /** The database that calls go to; `""` is none. Default `"default"`, by the server's choice. */
  readonly database?: string | null | undefined
  /** `true`, or how; `https://` implies it. Default `false`. */
  readonly tls?: boolean | TlsParams | undefined
  /** Bounds connecting, all its attempts and their delays. Default 10 s. */
  readonly connectTimeout?: Duration.Input | undefined
  /** Bounds a call, all its attempts and a repeated handshake; or `"infinite"`. Default 60 s. */
  readonly callTimeout?: Duration.Input | "infinite" | undefined
  /** HTTP/2 pings. Default: those that the server permits. */
  readonly keepAlive?: KeepAliveParams | undefined
  /** The largest message to send or to receive, in bytes, or `"unlimited"`. Default `"unlimited"`. */
  readonly maxMessageSize?: number | "unlimited" | undefined
  /** `false`: the first failure is the answer. Default `true`. */
  readonly retry?: boolean | RetryParams | undefined
  /** `"healthy"`: CheckHealth has to agree (default). `"connected"`: an answer to Connect is enough. */
  readonly readiness?: "healthy" | "connected" | undefined
}

/** How connections are shared out over channels. */
export type Pool = "SingletonThread" | "Singleton" | "QueuePool"

/** What {@linkcode KeepAliveParams} decode to. */
export interface KeepAlive {
  /** Between pings. */
  readonly time: Duration.Duration
  /** How long a ping may stay unanswered. */
  readonly timeout: Duration.Duration
  /** Whether to ping while no call is in flight. */
  readonly whenIdle: boolean
}

/** Decoded parameters. Safe to log: secrets are `Redacted`. */
export interface ConnectionConfig {
  /** `"host:port"`, `"[v6]:port"` or `"unix:/path"`. */
  readonly address: string
  /** The host without brackets, in lower case; the path of a unix socket. */
  readonly host: string
  /** 1 to 65535; 0 for a unix socket. */
  readonly port: number
  /** Whether TLS is used. */
  readonly secure: boolean
  /** How TLS is done; `undefined` exactly where `secure` is false. */
  readonly tls: Tls | undefined
  /** The user, where one was given. */
  readonly user: string | undefined
  /** The password, or the Effect that gives it. */
  readonly password: Redacted.Redacted<Secret> | undefined
  /** The token, or the Effect that gives it; wins over user and password. */
  readonly token: Redacted.Redacted<Secret> | undefined
  /** The database that calls go to. */
  readonly database: string
  /** How connections are shared out over channels. */
  readonly pool: Pool
  /** How many channels: 1 unless `pool` is `"QueuePool"`. */
  readonly poolSize: number
  /** How old a channel gets before another takes its place; infinite unless `pool` is `"QueuePool"`. */
  readonly poolMaxAge: Duration.Duration
  /** Bounds connecting, all its attempts and their delays. */
  readonly connectTimeout: Duration.Duration
  /** Bounds a call and all its attempts; infinite where asked for. */
  readonly callTimeout: Duration.Duration
  /** HTTP/2 pings. */
  readonly keepAlive: KeepAlive
  /** The largest message in bytes, or `"unlimited"`. */
  readonly maxMessageSize: number | "unlimited"
  /** When what failed is tried again; `false` for never. */
  readonly retry: Retry | false
  /** What counts as ready. */
  readonly readiness: "healthy" | "connected"
}

/**
 * Decodes parameters; a string is read as `address`.
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

/**
 * Whether the caller left it to the server which pings it gets.
 *
 * @internal
 */
export const isDefaultKeepAlive = (keepAlive: KeepAlive): boolean => equalParts(keepAlive, defaultKeepAlive)

/** Whether two configs are the same in every part; a secret Effect is equal to itself only. */
export const equals = (self: ConnectionConfig, that: ConnectionConfig): boolean => equalParts(self, that)

const decode = (params: unknown): Result.Result<ConnectionConfig, NotImplemented | ParamError> =>
  Result.gen(function* () {
    const given = yield* readParams(params)
    if (given["handler"] !== undefined && given["handler"] !== "GRPC") {
      const handler = given["handler"]
      return yield* Result.fail(new NotImplemented({ handler: typeof handler === "string" ? handler : show(handler) }))
    }
    const address = yield* readAddress(given)
    const pool = yield* read("pool", PoolName, given["pool"], "SingletonThread")
    yield* failUnknownParam("", given, parameterNames)
    const poolSize = yield* readPoolSize(given["poolSize"], pool)
    const poolMaxAge = yield* readPoolMaxAge(given["poolMaxAge"], pool)
    const user = yield* readUser(absentIfEmpty(given["user"]) ?? address.user)
    const password = yield* readSecret("password", absentIfEmpty(given["password"]) ?? address.password)
    const token = yield* readSecret("token", absentIfEmpty(given["token"]))
    if (password !== undefined && user === undefined && token === undefined) {
      return yield* failParam("user", "a user beside the password")
    }
    const database = yield* read("database", Database, absentIfEmpty(given["database"]) ?? address.database, "default")
    const tls = yield* readTls(given["tls"], address.secure)
    return {
      address: address.target,
      host: address.host,
      port: address.port,
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
/**
 * Pings of Milvus; a server that does not permit them gets none.
 *
 * @internal
 */
export const defaultKeepAlive: KeepAlive = {
  time: Duration.seconds(10),
  timeout: Duration.seconds(5),
  whenIdle: true,
}
const fastestKeepAlive = Duration.seconds(5)
const defaultPoolSize = 5
const defaultPoolMaxAge = Duration.minutes(30)
const leastPoolMaxAge = Duration.seconds(1)
const localhost: Address = { target: `localhost:${defaultPort}`, host: "localhost", port: defaultPort }

const parameterNames: ReadonlySet<string> = new Set<keyof ConnectParams>([
  "address",
  "uri",
  "host",
  "port",
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
const keepAliveNames: ReadonlySet<string> = new Set<keyof KeepAliveParams>(["time", "timeout", "whenIdle"])

const PoolName = withExpectation(
  Schema.Literals(["SingletonThread", "Singleton", "QueuePool"]),
  'a supported pool: "SingletonThread", "Singleton" or "QueuePool"',
)
const PoolSize = withExpectation(
  Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1024 })),
  "1 to 1024 channels",
)
const Database = withExpectation(
  Schema.String.check(Schema.makeFilter((name: string) => /^[\x21-\x7e]+$/.test(name))),
  "the name of a database in printable ASCII",
)
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

interface ReadAddress extends Address {
  readonly secure: boolean | undefined
  readonly user?: string | undefined
  readonly password?: string | undefined
  readonly database?: string | undefined
}

const readAddress = (given: Params): Decoded<ReadAddress> => {
  const [name, second] = ["address", "uri", "host", "port"].filter((name) => given[name] !== undefined)
  if (name === undefined) return Result.succeed({ ...localhost, secure: undefined })
  if (second !== undefined && !(name === "host" && second === "port")) {
    return failParam(second, `only one of address, uri and host with port; there is "${name}" too`)
  }
  const value = given[name]
  if (name === "address" || name === "uri") {
    if (typeof value !== "string" || value === "") return failParam(name, "an address as text", value)
    const address = parseAddress(value)
    // A URI may hold a password: what is shown of it is nothing.
    return address instanceof AddressProblem
      ? failParam(name, address.expected, /[@/]/.test(value) ? undefined : value)
      : Result.succeed(address)
  }
  const host = given["host"] ?? (given["host"] === undefined ? localhost.host : null)
  if (typeof host !== "string") return failParam("host", "a host as text", host)
  const port = given["port"] === undefined ? defaultPort : parsePort(given["port"])
  const address = makeAddress(host, port ?? defaultPort)
  if (address instanceof AddressProblem) {
    return failParam("host", address.expected, host.includes("@") ? undefined : host)
  }
  if (port === undefined) return failParam("port", "a port from 1 to 65535", given["port"])
  return Result.succeed({ ...address, secure: undefined })
}

const readPoolSize = (value: unknown, pool: Pool): Decoded<number> => {
  if (pool === "QueuePool") return read("poolSize", PoolSize, value, defaultPoolSize)
  return value === undefined || value === 1
    ? Result.succeed(1)
    : failParam("poolSize", 'the pool "QueuePool" beside it', value)
}

const readPoolMaxAge = (value: unknown, pool: Pool): Decoded<Duration.Duration> => {
  if (pool === "QueuePool" && !isInfinite(value)) {
    return readDuration("poolMaxAge", value, defaultPoolMaxAge, leastPoolMaxAge)
  }
  return value === undefined || isInfinite(value)
    ? Result.succeed(Duration.infinity)
    : failParam("poolMaxAge", 'the pool "QueuePool" beside it', value)
}

// What has a colon may be `user:password`: it is not shown.
const readUser = (value: unknown): Decoded<string | undefined> =>
  value === undefined || typeof value === "string" && !value.includes(":")
    ? Result.succeed(value)
    : failParam("user", "a user name without a colon", typeof value === "string" ? undefined : value)

const readSecret = (parameter: string, value: unknown): Decoded<Redacted.Redacted<Secret> | undefined> => {
  if (value === undefined) return Result.succeed(undefined)
  // Cast: what an Effect gives is looked at when it is asked.
  if (tryOrUndefined(() => Effect.isEffect(value))) {
    return Result.succeed(Redacted.make(value as Exclude<Secret, string>))
  }
  const text = unwrapRedacted(value)
  return typeof text === "string"
    ? Result.succeed(Redacted.make<Secret>(text))
    : failParam(parameter, "text, a Redacted text, or an Effect of one of them")
}

const readKeepAlive = (value: unknown): Decoded<KeepAlive> =>
  Result.gen(function* () {
    if (value === undefined) return defaultKeepAlive
    const given = yield* readRecord("keepAlive", value, "{ time, timeout, whenIdle }")
    yield* failUnknownParam("keepAlive.", given, keepAliveNames)
    return {
      time: yield* readDuration("keepAlive.time", given["time"], defaultKeepAlive.time, fastestKeepAlive),
      timeout: yield* readDuration("keepAlive.timeout", given["timeout"], defaultKeepAlive.timeout),
      whenIdle: yield* read("keepAlive.whenIdle", BooleanParam, given["whenIdle"], defaultKeepAlive.whenIdle),
    }
  })

const absentIfEmpty = (value: unknown): unknown => value === null || unwrapRedacted(value) === "" ? undefined : value

const equalParts = (self: unknown, that: unknown): boolean => {
  if (Object.is(self, that)) return true
  if (Redacted.isRedacted(self) && Redacted.isRedacted(that)) return Redacted.value(self) === Redacted.value(that)
  if (Duration.isDuration(self) && Duration.isDuration(that)) return Duration.equals(self, that)
  if (!isParts(self) || !isParts(that)) return false
  return Object.keys(self).every((name) => equalParts(self[name], that[name]))
}

/** The plain objects of a config, all of whose keys are always there. */
const isParts = (value: unknown): value is Params => Predicate.isObject(value) && !Redacted.isRedacted(value)
