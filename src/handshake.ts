/**
 * Brings a server to ready: `Connect` with who we are, and `CheckHealth`.
 *
 * Milvus answers `Connect` before it is able to serve, so both count. They are asked in one go, which saves a round trip;
 * where both fail, it is the answer to `Connect` that tells why. A server too old for `Connect` is asked for its
 * version instead; one that does not offer `CheckHealth` to this caller is ready once `Connect` succeeded. What may pass
 * with time is tried again until `connectTimeout`; refused TLS, credentials or parameters fail at once.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { ConnectionConfig } from "./ConnectionConfig.ts"
import type { NotReady, RpcError, ServerError } from "./errors.ts"
import { incompatible, isUnimplemented, mayPass, notReadyOf, type Refusal, refusalOf } from "./refusal.ts"
import type { Methods } from "./wire/messages.gen.ts"
import * as Retry from "./wire/retry.ts"

/** What a server says of itself. */
export interface ServerInfo {
  /** Its version, such as `"v2.6.2"` or `"milvus_lite-3.2.2"`; `""` where it does not tell. */
  readonly version: string
  /** How the server tells this connection from others; absent where it does not. */
  readonly identifier?: bigint
  /** The tag that it was built from. */
  readonly buildTags?: string
  /** Such as `"STANDALONE"`, `"DISTRIBUTED"` or `"embedded"`. */
  readonly deployMode?: string
}

/** Makes one call once, bounded by `timeout`, and looks at the status in its reply. */
export type Ask = <M extends "Connect" | "GetVersion" | "CheckHealth">(
  method: M,
  request: Methods[M]["request"],
  timeout: Duration.Duration,
) => Effect.Effect<Methods[M]["response"], RpcError | ServerError>

/** The handshake of one connection, with its retries, all within `connectTimeout`. */
export const handshake = (config: ConnectionConfig, ask: Ask): Effect.Effect<ServerInfo, NotReady> =>
  Effect.gen(function* () {
    const notReady = (refusal: Refusal) =>
      Effect.flatMap(elapsed, (elapsed) => Effect.fail(notReadyOf(config, refusal, { attempts, elapsed })))
    const start = yield* Clock.currentTimeMillis
    const elapsed = Effect.map(Clock.currentTimeMillis, (now) => Duration.millis(now - start))
    let attempts = 0
    /** Why the last attempt that failed for a reason of its own did so. */
    let refusal: Refusal | undefined

    const attempt = Effect.gen(function* () {
      attempts++
      const left = Duration.subtract(config.connectTimeout, yield* elapsed)
      return yield* once(config, ask, attemptBound(left))
    }).pipe(Effect.tapError((failure) => Effect.sync(() => void (refusal = failure))))

    const { retry } = config
    return yield* (retry === false ? attempt : Effect.retry(attempt, {
      schedule: Retry.schedule(retry),
      while: (refusal) => mayPass(config, refusal),
    })).pipe(
      Effect.catch(notReady),
      Effect.timeoutOrElse({
        duration: config.connectTimeout,
        orElse: () => Effect.suspend(() => notReady(refusal ?? { kind: "Timeout", reasons: ["no answer in time"] })),
      }),
    )
  })

/** A slow server is given time, and a silent one leaves time for another attempt: half of what is left, 2 s at least. */
const attemptBound = (left: Duration.Duration): Duration.Duration =>
  Duration.max(Duration.seconds(2), Duration.divideUnsafe(left, 2))

const once = (config: ConnectionConfig, ask: Ask, bound: Duration.Duration): Effect.Effect<ServerInfo, Refusal> =>
  Effect.gen(function* () {
    const health = config.readiness === "healthy" ? checkHealth(ask, bound) : Effect.void
    const [server, healthy] = yield* Effect.all([introduce(config, ask, bound), Effect.result(health)], {
      concurrency: 2,
    })
    yield* Effect.fromResult(healthy)
    // Milvus tags its builds with their version; where the tag is none, the version is asked for.
    if (isVersion(server.version)) return server
    const version = yield* Effect.option(askVersion(ask, bound))
    return version._tag === "Some" ? { ...server, version: version.value } : server
  })

const isVersion = (tag: string): boolean => /^v?\d+\.\d+/.test(tag)

const introduce = (config: ConnectionConfig, ask: Ask, bound: Duration.Duration): Effect.Effect<ServerInfo, Refusal> =>
  ask("Connect", { client_info: clientInfo(config) }, bound).pipe(
    Effect.map(({ identifier, server_info }): ServerInfo => ({
      version: server_info?.build_tags ?? "",
      ...(identifier === 0n ? {} : { identifier }),
      ...(server_info?.build_tags ? { buildTags: server_info.build_tags } : {}),
      ...(server_info?.deploy_mode ? { deployMode: server_info.deploy_mode } : {}),
    })),
    Effect.catch((error) =>
      isUnimplemented(error)
        ? Effect.map(askVersion(ask, bound), (version): ServerInfo => ({ version }))
        : Effect.fail(refusalOf(error))
    ),
  )

const askVersion = (ask: Ask, bound: Duration.Duration): Effect.Effect<string, Refusal> =>
  ask("GetVersion", {}, bound).pipe(
    Effect.map(({ version }) => version),
    Effect.mapError((error): Refusal => isUnimplemented(error) ? incompatible(error) : refusalOf(error)),
  )

const checkHealth = (ask: Ask, bound: Duration.Duration): Effect.Effect<void, Refusal> =>
  ask("CheckHealth", {}, bound).pipe(
    Effect.matchEffect({
      onSuccess: ({ isHealthy, reasons }) =>
        isHealthy ? Effect.void : Effect.fail<Refusal>({ kind: "Unhealthy", reasons }),
      onFailure: (error): Effect.Effect<void, Refusal> => {
        if (error._tag === "ServerError") return Effect.fail({ ...refusalOf(error), kind: "Unhealthy" })
        const isNotOffered = error.code === "UNIMPLEMENTED" || error.code === "PERMISSION_DENIED"
        return isNotOffered ? Effect.void : Effect.fail(refusalOf(error))
      },
    }),
  )

const clientInfo = (config: ConnectionConfig): NonNullable<Methods["Connect"]["request"]["client_info"]> => ({
  sdk_type: "effect-milvus",
  sdk_version: sdkVersion,
  local_time: new Date().toISOString(),
  user: config.user ?? "",
  host: "",
})

/** As in deno.json; a test holds the two together. */
export const sdkVersion = "0.1.0"
