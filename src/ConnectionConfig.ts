/**
 * What a caller may write, decoded once into what the rest of the library reads.
 *
 * `make` is the only place that looks at a caller's parameters. It is pure: it opens nothing and reads no environment.
 * Whatever it is given, it answers with a config, a `NotImplemented` or a `ParamError`; the first parameter that fails
 * names the error, in the order `handler`, the parts of the address, `pool`, the rest. Secrets come out `Redacted`.
 *
 * @module
 */
import { createPrivateKey, X509Certificate } from "node:crypto"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { type Address, AddressProblem, defaultPort, makeAddress, parseAddress, parsePort } from "./address.ts"
import { NotImplemented, ParamError } from "./errors.ts"

/**
 * A secret: plain, `Redacted`, or an `Effect` that is asked again at each use, so that a rotated credential needs no new
 * connection. An Effect that fails counts as UNAUTHENTICATED.
 */
export type Secret =
  | string
  | Redacted.Redacted<string>
  | Effect.Effect<string | Redacted.Redacted<string>, unknown>

/** How TLS is done where `tls: true` does not say enough. Certificates and keys are PEM text, not paths. */
export interface TlsParams {
  /** The certificates of the authorities to trust, instead of the runtime's own. */
  readonly ca?: string | Uint8Array | undefined
  /** The client's certificate chain, for mutual TLS; needs `key`. */
  readonly certificate?: string | Uint8Array | undefined
  /** The client's private key, unencrypted; needs `certificate`. */
  readonly key?: string | Uint8Array | Redacted.Redacted<string> | undefined
  /** The name that the server's certificate must carry, where it is not the host. */
  readonly serverName?: string | undefined
  /** `false` accepts any certificate: for tests. Default `true`. */
  readonly verify?: boolean | undefined
}

/** HTTP/2 pings, which notice a dead peer. */
export interface KeepAliveParams {
  /** Between pings. Default 10 s; never below 5 s, because a server answers faster pings with GOAWAY. */
  readonly time?: Duration.Input | undefined
  /** How long a ping may stay unanswered. Default 5 s. */
  readonly timeout?: Duration.Input | undefined
  /** Whether to ping while no call is in flight. Default `true`. */
  readonly whenIdle?: boolean | undefined
}

/** When and how often what failed is tried again. The delays grow from `delay` to `maxDelay` and are jittered. */
export interface RetryParams {
  /** How many times at most after the first. Default: until the time of the whole is up. */
  readonly times?: number | undefined
  /** Before the first retry. Default 50 ms. */
  readonly delay?: Duration.Input | undefined
  /** At most between two attempts. Default 1 s. */
  readonly maxDelay?: Duration.Input | undefined
}

/**
 * What a caller may write. Every parameter may be left out; `undefined` is the same as that. An unknown one is refused.
 *
 * The server is named by one of `address`, `uri`, and `host` with `port`; by none: `localhost:19530`.
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
  /** `"QueuePool"` uses `poolSize` channels in turn; `"SingletonThread"` (default) and `"Singleton"` share one. */
  readonly pool?: string | undefined
  /** Channels of a `"QueuePool"`, 1 to 1024. Default 5. */
  readonly poolSize?: number | undefined
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
  /** HTTP/2 pings. */
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

/** What {@linkcode TlsParams} decode to. */
export interface Tls {
  /** PEM text of the authorities to trust. */
  readonly ca: string | undefined
  /** PEM text of the client's certificate chain. */
  readonly certificate: string | undefined
  /** PEM text of the client's private key. */
  readonly key: Redacted.Redacted<string> | undefined
  /** The name that the server's certificate must carry. */
  readonly serverName: string | undefined
  /** Whether the server's certificate is checked. */
  readonly verify: boolean
}

/** What {@linkcode KeepAliveParams} decode to. */
export interface KeepAlive {
  /** Between pings. */
  readonly time: Duration.Duration
  /** How long a ping may stay unanswered. */
  readonly timeout: Duration.Duration
  /** Whether to ping while no call is in flight. */
  readonly whenIdle: boolean
}

/** What {@linkcode RetryParams} decode to. */
export interface Retry {
  /** How many times at most after the first; `Infinity` for no bound but time. */
  readonly times: number
  /** Before the first retry. */
  readonly delay: Duration.Duration
  /** At most between two attempts. */
  readonly maxDelay: Duration.Duration
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

/** Whether two configs are the same in every part; a secret Effect is equal to itself only. */
export const equals = (self: ConnectionConfig, that: ConnectionConfig): boolean => equalParts(self, that)

type Decoded<A> = Result.Result<A, ParamError>
type Params = { readonly [name: string]: unknown }

const decode = (params: unknown): Result.Result<ConnectionConfig, NotImplemented | ParamError> =>
  Result.gen(function* () {
    const given = yield* readParams(params)
    if (given["handler"] !== undefined && given["handler"] !== "GRPC") {
      const handler = given["handler"]
      return yield* Result.fail(new NotImplemented({ handler: typeof handler === "string" ? handler : show(handler) }))
    }
    const address = yield* readAddress(given)
    const pool = yield* read("pool", PoolName, given["pool"], "SingletonThread")
    yield* refuseUnknown("", given, parameterNames)
    const poolSize = yield* readPoolSize(given["poolSize"], pool)
    const user = yield* readUser(absentIfEmpty(given["user"]) ?? address.user)
    const password = yield* readSecret("password", absentIfEmpty(given["password"]) ?? address.password)
    const token = yield* readSecret("token", absentIfEmpty(given["token"]))
    if (password !== undefined && user === undefined && token === undefined) {
      return yield* refuse("user", "a user beside the password")
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
const defaultKeepAlive: KeepAlive = { time: Duration.seconds(10), timeout: Duration.seconds(5), whenIdle: true }
const fastestKeepAlive = Duration.seconds(5)
const defaultRetry: Retry = { times: Infinity, delay: Duration.millis(50), maxDelay: Duration.seconds(1) }
const defaultTls: Tls = { ca: undefined, certificate: undefined, key: undefined, serverName: undefined, verify: true }
const defaultPoolSize = 5
const localhost: Address = { target: `localhost:${defaultPort}`, host: "localhost", port: defaultPort }

const parameterNames: ReadonlySet<string> = new Set<keyof ConnectParams>([
  "address",
  "uri",
  "host",
  "port",
  "handler",
  "pool",
  "poolSize",
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
const tlsNames: ReadonlySet<string> = new Set<keyof TlsParams>(["ca", "certificate", "key", "serverName", "verify"])
const keepAliveNames: ReadonlySet<string> = new Set<keyof KeepAliveParams>(["time", "timeout", "whenIdle"])
const retryNames: ReadonlySet<string> = new Set<keyof RetryParams>(["times", "delay", "maxDelay"])

/** A schema with what to tell the caller where a value does not decode. */
const described = <S extends Schema.Constraint>(schema: S, expected: string) => ({ schema, expected })

const PoolName = described(
  Schema.Literals(["SingletonThread", "Singleton", "QueuePool"]),
  'a supported pool: "SingletonThread", "Singleton" or "QueuePool"',
)
const PoolSize = described(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1024 })), "1 to 1024 channels")
const Database = described(
  Schema.String.check(Schema.makeFilter((name: string) => /^[\x21-\x7e]+$/.test(name))),
  "the name of a database in printable ASCII",
)
const MessageSize = described(
  Schema.Union([
    Schema.Literal("unlimited"),
    Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 2 ** 31 - 1 })),
  ]),
  'a number of bytes from 1 to 2147483647, or "unlimited"',
)
const Readiness = described(Schema.Literals(["healthy", "connected"]), '"healthy" or "connected"')
const Flag = described(Schema.Boolean, "true or false")
const Times = described(
  Schema.Number.check(
    Schema.makeFilter((times: number) => times === Infinity || Number.isSafeInteger(times) && times >= 0),
  ),
  "a whole number of retries, or Infinity",
)

const readParams = (params: unknown): Decoded<Params> => {
  if (params === undefined) return Result.succeed({})
  if (typeof params === "string") return Result.succeed({ address: params })
  return readRecord("params", params, 'an address, or an object such as { host: "localhost", port: 19530 }')
}

/** A shallow copy of a plain object. Copying runs the caller's getters, once and here, where they may throw. */
const readRecord = (parameter: string, value: unknown, expected: string): Decoded<Params> =>
  Result.try({
    try: () => {
      const prototype = Predicate.isObject(value) ? Object.getPrototypeOf(value) : undefined
      return prototype === null || prototype === Object.prototype ? { ...(value as Params) } : undefined
    },
    // Without the cause where that is a thing that cannot even be carried.
    catch: (cause) =>
      attempt(() => new ParamError({ parameter, expected, cause })) ?? new ParamError({ parameter, expected }),
  }).pipe(
    Result.flatMap((record) => record === undefined ? refuse(parameter, expected, value) : Result.succeed(record)),
  )

const refuseUnknown = (prefix: string, given: Params, names: ReadonlySet<string>): Decoded<void> => {
  const unknown = Object.keys(given).find((name) => !names.has(name) && given[name] !== undefined)
  return unknown === undefined
    ? Result.succeed(undefined)
    : refuse(`${prefix}${quote(unknown).slice(1, -1)}`, `one of the parameters ${[...names].join(", ")}`)
}

const read = <S extends Schema.ConstraintDecoder<unknown>, const D>(
  parameter: string,
  { schema, expected }: { readonly schema: S; readonly expected: string },
  value: unknown,
  whenAbsent: D,
): Decoded<S["Type"] | D> => {
  if (value === undefined) return Result.succeed(whenAbsent)
  const decoded = attempt(() => Schema.decodeUnknownSync(schema)(value))
  return decoded === undefined ? refuse(parameter, expected, value) : Result.succeed(decoded)
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
    return refuse(second, `only one of address, uri and host with port; there is "${name}" too`)
  }
  const value = given[name]
  if (name === "address" || name === "uri") {
    if (typeof value !== "string" || value === "") return refuse(name, "an address as text", value)
    const address = parseAddress(value)
    // A URI may hold a password: what is shown of it is nothing.
    return address instanceof AddressProblem
      ? refuse(name, address.expected, /[@/]/.test(value) ? undefined : value)
      : Result.succeed(address)
  }
  const host = given["host"] ?? (given["host"] === undefined ? localhost.host : null)
  if (typeof host !== "string") return refuse("host", "a host as text", host)
  const port = given["port"] === undefined ? defaultPort : parsePort(given["port"])
  const address = makeAddress(host, port ?? defaultPort)
  if (address instanceof AddressProblem) return refuse("host", address.expected, host.includes("@") ? undefined : host)
  if (port === undefined) return refuse("port", "a port from 1 to 65535", given["port"])
  return Result.succeed({ ...address, secure: undefined })
}

const readPoolSize = (value: unknown, pool: Pool): Decoded<number> => {
  if (pool === "QueuePool") return read("poolSize", PoolSize, value, defaultPoolSize)
  return value === undefined || value === 1
    ? Result.succeed(1)
    : refuse("poolSize", 'the pool "QueuePool" beside it', value)
}

// What has a colon may be `user:password`: it is not shown.
const readUser = (value: unknown): Decoded<string | undefined> =>
  value === undefined || typeof value === "string" && !value.includes(":")
    ? Result.succeed(value)
    : refuse("user", "a user name without a colon", typeof value === "string" ? undefined : value)

const readSecret = (parameter: string, value: unknown): Decoded<Redacted.Redacted<Secret> | undefined> => {
  if (value === undefined) return Result.succeed(undefined)
  // Cast: what an Effect gives is looked at when it is asked.
  if (attempt(() => Effect.isEffect(value))) return Result.succeed(Redacted.make(value as Exclude<Secret, string>))
  const text = reveal(value)
  return typeof text === "string"
    ? Result.succeed(Redacted.make<Secret>(text))
    : refuse(parameter, "text, a Redacted text, or an Effect of one of them")
}

/** What a Redacted holds; any other value itself. */
const reveal = (value: unknown): unknown => attempt(() => Redacted.isRedacted(value) ? Redacted.value(value) : value)

/** `undefined` where looking at a value throws, as it may for a proxy or an object that only looks like another. */
const attempt = <A>(look: () => A): A | undefined => Result.getOrUndefined(Result.try(look))

const readTls = (value: unknown, secureByScheme: boolean | undefined): Decoded<Tls | undefined> =>
  Result.gen(function* () {
    if (value === undefined) return secureByScheme === true ? defaultTls : undefined
    if (value === true) return defaultTls
    if (value === false) {
      return secureByScheme === true ? yield* refuse("tls", 'true beside an "https://" address', value) : undefined
    }
    const expected = "true, false, or { ca, certificate, key, serverName, verify }"
    // Not shown: it may be a key.
    if (typeof value === "string") return yield* refuse("tls", expected)
    const given = yield* readRecord("tls", value, expected)
    yield* refuseUnknown("tls.", given, tlsNames)
    const ca = yield* readPem("tls.ca", given["ca"], isCertificate, "certificates as PEM text, not a path")
    const certificate = yield* readPem(
      "tls.certificate",
      given["certificate"],
      isCertificate,
      "a certificate as PEM text, not a path",
    )
    const key = yield* readPem("tls.key", given["key"], isPrivateKey, "an unencrypted private key as PEM text")
    if ((certificate === undefined) !== (key === undefined)) {
      return yield* key === undefined
        ? refuse("tls.key", "a key beside the certificate")
        : refuse("tls.certificate", "a certificate beside the key")
    }
    if (certificate !== undefined && key !== undefined && !belongTogether(certificate, key)) {
      return yield* refuse("tls.key", "the private key of the certificate")
    }
    const serverName = given["serverName"] === undefined ? undefined : yield* readServerName(given["serverName"])
    const verify = yield* read("tls.verify", Flag, given["verify"], true)
    return { ca, certificate, key: key === undefined ? undefined : Redacted.make(key), serverName, verify }
  })

const readServerName = (value: unknown): Decoded<string> => {
  const address = typeof value === "string" ? makeAddress(value, defaultPort) : new AddressProblem("")
  return address instanceof AddressProblem
    ? refuse("tls.serverName", "a host name", value)
    : Result.succeed(address.host)
}

const readPem = (
  parameter: string,
  value: unknown,
  isValid: (pem: string) => boolean,
  expected: string,
): Decoded<string | undefined> => {
  if (value === undefined) return Result.succeed(undefined)
  const pem = attempt(() => value instanceof Uint8Array ? new TextDecoder().decode(value) : reveal(value))
  return typeof pem === "string" && attempt(() => isValid(pem)) === true
    ? Result.succeed(pem)
    : refuse(parameter, expected)
}

// Parsed here because the transport takes any text and fails much later, as if the server were at fault.
const isCertificate = (pem: string): boolean => {
  const begin = "-----BEGIN CERTIFICATE-----"
  return pem.split(begin).slice(1).map((rest) => new X509Certificate(begin + rest)).length > 0
}
const isPrivateKey = (pem: string): boolean => {
  createPrivateKey(pem)
  return true
}

/** Whether the key is that of the first certificate, which is the client's own. */
const belongTogether = (certificate: string, key: string): boolean =>
  attempt(() => new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key))) !== false

const readDuration = (
  parameter: string,
  value: unknown,
  whenAbsent: Duration.Duration,
  atLeast: Duration.Duration = Duration.zero,
): Decoded<Duration.Duration> => {
  if (value === undefined) return Result.succeed(whenAbsent)
  const duration = durationOf(value)
  const fits = Duration.isFinite(duration) && Duration.toMillis(duration) > 0 &&
    Duration.isGreaterThanOrEqualTo(duration, atLeast) && Duration.toMillis(duration) <= longestDuration
  const range = Duration.isZero(atLeast) ? "a positive duration up" : `a duration from ${Duration.format(atLeast)}`
  return fits ? Result.succeed(duration) : refuse(parameter, `${range} to 24 days, such as "10 seconds"`, value)
}

/** What a timer can hold: 2^31 - 1 ms, 24 days. */
const longestDuration = 2 ** 31 - 1

const isInfinite = (value: unknown): boolean =>
  value === "infinite" || value !== undefined && Duration.equals(durationOf(value), Duration.infinity)

/** Zero for what is no duration. Built anew, because `fromInputUnsafe` trusts what only looks like one. */
const durationOf = (value: unknown): Duration.Duration =>
  attempt(() =>
    // Cast: it takes anything at run time.
    Duration.match(Duration.fromInputUnsafe(value as Duration.Input), {
      onMillis: (millis) => Duration.millis(Number(millis)),
      onNanos: (nanos) => Duration.nanos(BigInt(nanos)),
      onInfinity: () => Duration.infinity,
      onNegativeInfinity: () => Duration.negativeInfinity,
    })
  ) ?? Duration.zero

const readKeepAlive = (value: unknown): Decoded<KeepAlive> =>
  Result.gen(function* () {
    if (value === undefined) return defaultKeepAlive
    const given = yield* readRecord("keepAlive", value, "{ time, timeout, whenIdle }")
    yield* refuseUnknown("keepAlive.", given, keepAliveNames)
    return {
      time: yield* readDuration("keepAlive.time", given["time"], defaultKeepAlive.time, fastestKeepAlive),
      timeout: yield* readDuration("keepAlive.timeout", given["timeout"], defaultKeepAlive.timeout),
      whenIdle: yield* read("keepAlive.whenIdle", Flag, given["whenIdle"], defaultKeepAlive.whenIdle),
    }
  })

const readRetry = (value: unknown): Decoded<Retry | false> =>
  Result.gen(function* () {
    if (value === undefined || value === true) return defaultRetry
    if (value === false) return false
    const given = yield* readRecord("retry", value, "true, false, or { times, delay, maxDelay }")
    yield* refuseUnknown("retry.", given, retryNames)
    const delay = yield* readDuration("retry.delay", given["delay"], defaultRetry.delay)
    return {
      times: yield* read("retry.times", Times, given["times"], defaultRetry.times),
      delay,
      maxDelay: yield* readDuration(
        "retry.maxDelay",
        given["maxDelay"],
        Duration.max(delay, defaultRetry.maxDelay),
        delay,
      ),
    }
  })

const absentIfEmpty = (value: unknown): unknown => value === null || reveal(value) === "" ? undefined : value

const problem = (parameter: string, expected: string, actual?: unknown): ParamError =>
  new ParamError({ parameter, expected, actual: actual === undefined ? undefined : show(actual) })

const refuse = (parameter: string, expected: string, actual?: unknown): Result.Result<never, ParamError> =>
  Result.fail(problem(parameter, expected, actual))

/** A value as short text. Objects are not looked into: they may hold secrets, and their methods may throw. */
const show = (value: unknown): string => {
  if (typeof value === "string") return quote(value)
  if (typeof value === "function" || typeof value === "symbol") return `a ${typeof value}`
  if (attempt(() => Array.isArray(value))) return "an array"
  return typeof value === "object" && value !== null ? "an object" : shorten(String(value))
}

/** Text in quotes, on one line. */
const quote = (text: string): string =>
  JSON.stringify(shorten(text)).replace(
    /[\u007f-\u009f\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  )

const shorten = (text: string): string => text.length > 60 ? `${text.slice(0, 59)}…` : text

const equalParts = (self: unknown, that: unknown): boolean => {
  if (Object.is(self, that)) return true
  if (Redacted.isRedacted(self) && Redacted.isRedacted(that)) return Redacted.value(self) === Redacted.value(that)
  if (Duration.isDuration(self) && Duration.isDuration(that)) return Duration.equals(self, that)
  if (!isParts(self) || !isParts(that)) return false
  return Object.keys(self).every((name) => equalParts(self[name], that[name]))
}

/** The plain objects of a config, all of whose keys are always there. */
const isParts = (value: unknown): value is Params => Predicate.isObject(value) && !Redacted.isRedacted(value)
