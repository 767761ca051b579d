/**
 * What a caller may write to start a local server, decoded once. As in `ConnectionConfig`, what is unknown is refused.
 *
 * @module
 */
import { resolve } from "node:path"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import { parsePort } from "../config/address.ts"
import * as ConnectionConfig from "../ConnectionConfig.ts"
import * as Decode from "../config/params.ts"
import { ParamError } from "../errors.ts"
import type { Engine } from "./errors.ts"

/** Who a TLS server or client is: PEM text, not paths. */
export interface IdentityParams {
  /** The certificate chain. */
  readonly certificate: string | Uint8Array
  /** The private key of the certificate, unencrypted. */
  readonly key: string | Uint8Array | Redacted.Redacted<string>
}

/** TLS of the engine `"milvus"`. The files that the server needs are readable by this user alone, and removed with it. */
export interface ServerTlsParams extends IdentityParams {
  /** The authority of both sides, as PEM text: with it, only clients with a certificate that it signed are let in. */
  readonly ca?: string | Uint8Array | undefined
  /** Who `Embedded.layer` is, where `ca` is given. */
  readonly client?: IdentityParams | undefined
}

/** How to start a local server. Every option may be left out; `undefined` is the same as that. An unknown one is refused. */
export interface StartOptions {
  /** `"milvus-lite"` (default), or `"milvus"`: the standalone server 2.3.5, for Linux and macOS. */
  readonly engine?: Engine | undefined
  /** Where the data is kept, made if it is not there. Default: a temporary folder that is removed at the end. */
  readonly dataDirectory?: string | undefined
  /** 1 to 65535, as a number or as text. Default: a free one. */
  readonly port?: number | string | undefined
  /** The Python to use, as a path or a command, instead of those that are found. */
  readonly python?: string | undefined
  /** Whether to make a private environment in the user's cache folder where no Python has the package. Default `false`. */
  readonly install?: boolean | undefined
  /** Bounds the start, without an installation. Default 60 s, and 120 s for `"milvus"`. */
  readonly startTimeout?: Duration.Input | undefined
  /** Whether calls need credentials, at first those of `root` with `Milvus`. For `"milvus"` only. Default `false`. */
  readonly authorization?: boolean | undefined
  /** TLS, one-way or, with `ca`, mutual. For `"milvus"` only. Default: none. */
  readonly tls?: ServerTlsParams | undefined
}

/** What {@linkcode ServerTlsParams} decode to. */
export interface ServerTls {
  readonly certificate: string
  readonly key: Redacted.Redacted<string>
  readonly ca: string | undefined
  readonly client: { readonly certificate: string; readonly key: Redacted.Redacted<string> } | undefined
}

/** What {@linkcode StartOptions} decode to. */
export interface ServerSettings {
  readonly engine: Engine
  /** Absolute; `undefined` for a temporary one. */
  readonly dataDirectory: string | undefined
  /** `undefined` for a free one. */
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

/** Decodes options. Pure: looks at no file. */
export const decode = (options: unknown): Effect.Effect<ServerSettings, ParamError> =>
  Effect.gen(function* () {
    const given = yield* readRecord("options", options === undefined ? {} : options)
    yield* failOnUnknown("", given, serverNames)
    const engine = yield* readEngine(given["engine"])
    const dataDirectory = yield* readPath("dataDirectory", given["dataDirectory"])
    const port = given["port"] === undefined ? undefined : parsePort(given["port"])
    if (given["port"] !== undefined && port === undefined) return yield* failParam("port", "a port from 1 to 65535")
    const python = yield* readPath("python", given["python"])
    const install = yield* readFlag("install", given["install"])
    const startTimeout = yield* readTimeout(given["startTimeout"], engine)
    const authorization = yield* readFlag("authorization", given["authorization"])
    if (authorization && engine !== "milvus") return yield* failParam("authorization", 'the engine "milvus" beside it')
    if (given["tls"] !== undefined && engine !== "milvus") {
      return yield* failParam("tls", 'the engine "milvus" beside it')
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
 * Parts options into those of the server, whose names are given, and those of the connection, which are decoded elsewhere
 * but may not say where the server is.
 */
export const splitOptions = (
  options: unknown,
  serverOptions: ReadonlyArray<keyof StartOptions>,
): Effect.Effect<{ readonly server: UnknownRecord; readonly connection: ConnectionConfig.ConnectParams }, ParamError> =>
  Effect.gen(function* () {
    const given = yield* readRecord("options", options === undefined ? {} : options)
    const isOfServer = ([name]: [string, unknown]) => serverOptions.some((known) => known === name)
    const entries = Object.entries(given)
    const connection = Object.fromEntries(entries.filter((entry) => !isOfServer(entry)))
    const place = ["address", "uri", "host", "port", "tls"].find((name) => connection[name] !== undefined)
    if (place !== undefined) return yield* failParam(place, "to be left out: the server that is started says it")
    return { server: Object.fromEntries(entries.filter(isOfServer)), connection }
  })

/** Every option of the server. */
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

const failParam = (parameter: string, expected: string): Effect.Effect<never, ParamError> =>
  Effect.fail(new ParamError({ parameter, expected }))

const readRecord = (parameter: string, value: unknown): Effect.Effect<UnknownRecord, ParamError> =>
  Effect.fromResult(Decode.readRecord(parameter, value, "a plain object"))

const failOnUnknown = (
  prefix: string,
  given: UnknownRecord,
  known: ReadonlyArray<string>,
): Effect.Effect<void, ParamError> => Effect.fromResult(Decode.refuseUnknown(prefix, given, new Set(known)))

const readEngine = (value: unknown): Effect.Effect<Engine, ParamError> => {
  if (value === undefined || value === "milvus-lite") return Effect.succeed("milvus-lite")
  return value === "milvus" ? Effect.succeed(value) : failParam("engine", '"milvus-lite" or "milvus"')
}

const readPath = (parameter: string, value: unknown): Effect.Effect<string | undefined, ParamError> => {
  if (value === undefined) return Effect.succeed(undefined)
  // "\0" ends a path for the system, but not for us.
  return typeof value === "string" && value !== "" && !value.includes("\0")
    ? Effect.succeed(value)
    : failParam(parameter, "a path as text")
}

const readFlag = (parameter: string, value: unknown): Effect.Effect<boolean, ParamError> =>
  Effect.fromResult(Decode.read(parameter, Decode.BooleanParam, value, false))

const readTimeout = (value: unknown, engine: Engine): Effect.Effect<Duration.Duration, ParamError> =>
  Effect.fromResult(Decode.readDuration("startTimeout", value, Duration.minutes(engine === "milvus" ? 2 : 1)))

const readTls = (value: unknown): Effect.Effect<ServerTls, ParamError> =>
  Effect.gen(function* () {
    const given = yield* readRecord("tls", value)
    yield* failOnUnknown("tls.", given, tlsNames)
    const { ca, certificate, key } = yield* readIdentity("tls.", {
      certificate: given["certificate"],
      key: given["key"],
      ca: given["ca"],
    })
    if (given["client"] === undefined) return { certificate, key, ca, client: undefined }
    if (ca === undefined) return yield* failParam("tls.ca", "an authority beside the client")
    const client = yield* readRecord("tls.client", given["client"])
    yield* failOnUnknown("tls.client.", client, identityNames)
    const identity = yield* readIdentity("tls.client.", client)
    return { certificate, key, ca, client: { certificate: identity.certificate, key: identity.key } }
  })

/** PEM is read where a connection's is, for it is the same. */
const readIdentity = (prefix: string, given: UnknownRecord) =>
  Effect.gen(function* () {
    // Cast: what was given is looked at there.
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
