/** Options of a local server, and their decoding. As in `ConnectionConfig`, unknown options are rejected. */
import { resolve } from "node:path"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import { parsePort } from "../config/address.ts"
import * as ConnectionConfig from "../ConnectionConfig.ts"
import * as Decode from "../config/params.ts"
import { ParamError } from "../errors.ts"
import type { Engine } from "./errors.ts"

/** Certificate and key of a TLS server or client, as PEM text, not paths. */
export interface IdentityParams {
  /** Certificate chain. */
  readonly certificate: string | Uint8Array
  /** Unencrypted private key of the certificate. */
  readonly key: string | Uint8Array | Redacted.Redacted<string>
}

/**
 * TLS options of the engine `"milvus"`. The files that the server needs are readable only by this user, and removed
 * with the server.
 */
export interface ServerTlsParams extends IdentityParams {
  /**
   * Certificate authority of both sides, as PEM text. If it is set, the server accepts only clients with a certificate
   * that this authority signed.
   */
  readonly ca?: string | Uint8Array | undefined
  /** Client certificate of `Embedded.layer`. Required there if `ca` is set. */
  readonly client?: IdentityParams | undefined
}

/**
 * Options for {@linkcode Embedded.start}. All are optional; `undefined` is the same as leaving an option out. Unknown
 * options are rejected.
 */
export interface StartOptions {
  /**
   * Server to run: `"milvus-lite"`, or `"milvus"` for the standalone server 2.3.5 (Linux and macOS).
   *
   * @default "milvus-lite"
   */
  readonly engine?: Engine | undefined
  /** Folder of the data, created if it does not exist. Defaults to a temporary folder that is removed at the end. */
  readonly dataDirectory?: string | undefined
  /** Port, 1 to 65535, as a number or a string. Defaults to a free port. */
  readonly port?: number | string | undefined
  /** Python to use, as a path or a command. By default, one is searched for. */
  readonly python?: string | undefined
  /**
   * Whether to create a private environment in the cache folder of the user if no Python has the package.
   *
   * @default false
   */
  readonly install?: boolean | undefined
  /** Longest time of the start, not counting an installation. Defaults to 60 s, and to 120 s for `"milvus"`. */
  readonly startTimeout?: Duration.Input | undefined
  /**
   * Whether calls need credentials, initially user `root` with password `Milvus`. Only for `"milvus"`.
   *
   * @default false
   */
  readonly authorization?: boolean | undefined
  /** TLS, mutual if `ca` is set. Only for `"milvus"`. Defaults to no TLS. */
  readonly tls?: ServerTlsParams | undefined
}

/** Decoded {@linkcode ServerTlsParams}. */
export interface ServerTls {
  readonly certificate: string
  readonly key: Redacted.Redacted<string>
  readonly ca: string | undefined
  readonly client: { readonly certificate: string; readonly key: Redacted.Redacted<string> } | undefined
}

/** Decoded {@linkcode StartOptions}. */
export interface ServerSettings {
  readonly engine: Engine
  /** Absolute path; `undefined` for a temporary folder. */
  readonly dataDirectory: string | undefined
  /** `undefined` for a free port. */
  readonly port: number | undefined
  readonly python: string | undefined
  readonly install: boolean
  readonly startTimeout: Duration.Duration
  readonly authorization: boolean
  readonly tls: ServerTls | undefined
}

type UnknownRecord = { readonly [name: string]: unknown }

const tlsNames: ReadonlyArray<keyof ServerTlsParams> = ["certificate", "key", "ca", "client"]
const identityNames: ReadonlyArray<keyof IdentityParams> = ["certificate", "key"]

/** Decodes options. Pure: does not access files. */
export const decode = (options: unknown): Effect.Effect<ServerSettings, ParamError> =>
  Effect.gen(function* () {
    const given = yield* readRecord("options", options === undefined ? {} : options)
    yield* failUnknownParam("", given, serverNames)
    const engine = yield* readEngine(given["engine"])
    const dataDirectory = yield* readPath("dataDirectory", given["dataDirectory"])
    const port = given["port"] === undefined ? undefined : parsePort(given["port"])
    if (given["port"] !== undefined && port === undefined) return yield* failParam("port", "a port from 1 to 65535")
    const python = yield* readPath("python", given["python"])
    const install = yield* readFlag("install", given["install"])
    const startTimeout = yield* readTimeout(given["startTimeout"], engine)
    const authorization = yield* readFlag("authorization", given["authorization"])
    if (authorization && engine !== "milvus") return yield* failParam("authorization", notLite)
    if (given["tls"] !== undefined && engine !== "milvus") {
      return yield* failParam("tls", notLite)
    }
    const tls = given["tls"] === undefined ? undefined : yield* readTls(given["tls"])
    return {
      engine,
      dataDirectory: dataDirectory === undefined ? undefined : resolve(dataDirectory),
      port,
      python,
      install,
      startTimeout,
      authorization,
      tls,
    }
  })

/**
 * Splits options into those of the server, whose names are given, and those of the connection, which are decoded
 * elsewhere and must not contain an address.
 */
export const splitOptions = (
  options: unknown,
  serverOptions: ReadonlyArray<keyof StartOptions>,
): Effect.Effect<{ readonly server: UnknownRecord; readonly connection: ConnectionConfig.ConnectParams }, ParamError> =>
  Effect.gen(function* () {
    const given = yield* readRecord("options", options === undefined ? {} : options)
    const isServerOption = ([name]: [string, unknown]) => serverOptions.some((known) => known === name)
    const entries = Object.entries(given)
    const connection = Object.fromEntries(entries.filter((entry) => !isServerOption(entry)))
    const found = ["address", "uri", "host", "port", "tls"].find((name) => connection[name] !== undefined)
    if (found !== undefined) return yield* failParam(found, "to be omitted; it comes from the started server")
    return { server: Object.fromEntries(entries.filter(isServerOption)), connection }
  })

/** Names of all options of the server. */
export const serverNames: ReadonlyArray<keyof StartOptions> = [
  "engine",
  "dataDirectory",
  "port",
  "python",
  "install",
  "startTimeout",
  "authorization",
  "tls",
]

const notLite = '`engine: "milvus"` (milvus-lite has no authorization and no TLS)'

const failParam = (parameter: string, expected: string): Effect.Effect<never, ParamError> =>
  Effect.fail(new ParamError({ parameter, expected }))

const readRecord = (parameter: string, value: unknown): Effect.Effect<UnknownRecord, ParamError> =>
  Effect.fromResult(Decode.readRecord(parameter, value, "a plain object"))

const failUnknownParam = (
  prefix: string,
  given: UnknownRecord,
  known: ReadonlyArray<string>,
): Effect.Effect<void, ParamError> => Effect.fromResult(Decode.failUnknownParam(prefix, given, new Set(known)))

const readEngine = (value: unknown): Effect.Effect<Engine, ParamError> => {
  if (value === undefined || value === "milvus-lite") return Effect.succeed("milvus-lite")
  return value === "milvus" ? Effect.succeed(value) : failParam("engine", '"milvus-lite" or "milvus"')
}

const readPath = (parameter: string, value: unknown): Effect.Effect<string | undefined, ParamError> => {
  if (value === undefined) return Effect.succeed(undefined)
  // The system would cut a path at "\0".
  return typeof value === "string" && value !== "" && !value.includes("\0")
    ? Effect.succeed(value)
    : failParam(parameter, "a path as a string")
}

const readFlag = (parameter: string, value: unknown): Effect.Effect<boolean, ParamError> =>
  Effect.fromResult(Decode.read(parameter, Decode.BooleanParam, value, false))

const readTimeout = (value: unknown, engine: Engine): Effect.Effect<Duration.Duration, ParamError> =>
  Effect.fromResult(Decode.readDuration("startTimeout", value, Duration.minutes(engine === "milvus" ? 2 : 1)))

const readTls = (value: unknown): Effect.Effect<ServerTls, ParamError> =>
  Effect.gen(function* () {
    const given = yield* readRecord("tls", value)
    yield* failUnknownParam("tls.", given, tlsNames)
    const { ca, certificate, key } = yield* readIdentity("tls.", {
      certificate: given["certificate"],
      key: given["key"],
      ca: given["ca"],
    })
    if (given["client"] === undefined) return { certificate, key, ca, client: undefined }
    if (ca === undefined) return yield* failParam("tls.ca", "to be set when `tls.client` is set")
    const client = yield* readRecord("tls.client", given["client"])
    yield* failUnknownParam("tls.client.", client, identityNames)
    const identity = yield* readIdentity("tls.client.", client)
    return { certificate, key, ca, client: { certificate: identity.certificate, key: identity.key } }
  })

/** Reads certificate and key with the decoder of `ConnectionConfig`, because their format is the same. */
const readIdentity = (prefix: string, given: UnknownRecord) =>
  Effect.gen(function* () {
    // Cast: the values are checked there.
    const { tls } = yield* ConnectionConfig.make({ tls: given as ConnectionConfig.TlsParams })
    const { ca, certificate, key } = tls ?? {}
    if (certificate === undefined) return yield* failParam("tls.certificate", "a certificate as PEM text, not a path")
    if (key === undefined) return yield* failParam("tls.key", "an unencrypted private key as PEM text")
    return { ca, certificate, key }
  }).pipe(
    Effect.mapError((error) =>
      new ParamError({
        parameter: error._tag === "ParamError" ? error.parameter.replace(/^tls\./, prefix) : "tls",
        expected: error._tag === "ParamError" ? error.expected : "PEM text",
      })
    ),
  )
