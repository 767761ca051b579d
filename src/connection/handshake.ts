/**
 * Brings a server to ready: `Connect` with who we are, and `CheckHealth`.
 *
 * Milvus answers `Connect` before it is able to serve, so both count. They are asked in one go, which saves a round trip;
 * where both fail, it is the answer to `Connect` that tells why. A server too old for `Connect` is asked for its
 * version instead; one that does not offer `CheckHealth` to this caller is ready once `Connect` succeeded. What may pass
 * with time is tried again until `connectTimeout`; refused TLS, credentials or parameters fail at once.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Redacted from "effect/Redacted"
import type { ConnectionConfig, Retry } from "../ConnectionConfig.ts"
import type { NotReady, RpcError, ServerError } from "../errors.ts"
import {
  classifyFailure,
  type HandshakeFailure,
  incompatible,
  isTransient,
  isUnimplemented,
  toNotReady,
} from "./notReady.ts"
import { retryCall } from "../retry/retryCall.ts"
import type { Methods } from "../contract/messages.gen.ts"
import type { Transport } from "../grpc/transport.ts"

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

/** Makes one call once, until `deadline` (milliseconds since the epoch), and looks at the status in its reply. */
export type HandshakeCall = <M extends "Connect" | "GetVersion" | "CheckHealth">(
  method: M,
  request: Methods[M]["request"],
  deadline: number,
) => Effect.Effect<Methods[M]["response"], RpcError | ServerError>

/**
 * The handshake of one connection, with its retries, all within `connectTimeout`. The first attempt, which is nearly always
 * the only one, is bounded by the deadline of its calls; only what comes after it, or has to wait for a credential, pays
 * for a timer.
 */
export const handshake = (
  config: ConnectionConfig,
  ask: HandshakeCall,
  transport: Pick<Transport, "sessions" | "onChange" | "replace">,
): Effect.Effect<ServerInfo, NotReady> =>
  Effect.clockWith((clock) => {
    const { connectTimeout, retry } = config
    const start = clock.currentTimeMillisUnsafe()
    const elapsed = () => Duration.millis(clock.currentTimeMillisUnsafe() - start)
    const left = () => Duration.max(Duration.subtract(connectTimeout, elapsed()), Duration.zero)
    let attempts = 0
    const notReady = (refusal: HandshakeFailure) =>
      Effect.fail(toNotReady(config, refusal, { attempts, elapsed: elapsed() }))
    const attempt = (bound: Duration.Duration) => {
      attempts++
      return attemptHandshake(config, ask, Date.now() + Duration.toMillis(bound))
    }
    const again = (first: HandshakeFailure, retry: Retry) => {
      /** Why the last attempt that failed for a reason of its own did so. */
      let refusal = first
      /** The session that an attempt was made in. */
      let session = transport.sessions
      const next = Effect.suspend(() => {
        session = transport.sessions
        return attempt(Duration.min(attemptTimeout(left()), Duration.sum(left(), Duration.millis(100))))
      })
      return retryCall(Effect.tapError(next, (failure) => Effect.sync(() => void (refusal = failure))), first, {
        retry,
        decide: (failure) => {
          // A session in which nothing is said may be one with a peer that is gone.
          if (failure.kind === "Timeout") transport.replace()
          return isTransient(config, failure) ? { delayFactor: 1, minDelay: undefined } : undefined
        },
        remaining: () => Infinity,
        wakeUp: Effect.suspend(() => anotherSession(transport, session)),
      }).pipe(
        Effect.catch(notReady),
        // Before the deadline of the calls, so that the last refusal of another kind is the one that is told.
        Effect.timeoutOrElse({ duration: left(), orElse: () => Effect.suspend(() => notReady(refusal)) }),
      )
    }

    const first = attempt(
      retry === false ? connectTimeout : Duration.min(attemptTimeout(connectTimeout), connectTimeout),
    )
    const missing: HandshakeFailure = { kind: "Timeout", reasons: ["the credential was not there in time"] }
    return Effect.catch(
      hasPlainSecret(config)
        ? first
        : Effect.timeoutOrElse(first, { duration: connectTimeout, orElse: () => Effect.fail(missing) }),
      (failure) => retry !== false && isTransient(config, failure) ? again(failure, retry) : notReady(failure),
    )
  })

/** Ends when there is a session that is not the known one. */
const anotherSession = (transport: Pick<Transport, "sessions" | "onChange">, known: number): Effect.Effect<void> =>
  Effect.callback((resume) => {
    if (transport.sessions !== known) return resume(Effect.void)
    const end = transport.onChange(() => {
      if (transport.sessions !== known) resume(Effect.void)
    })
    return Effect.sync(end)
  })

/** Whether the credential is there at once, and not to be asked for. */
export const hasPlainSecret = ({ token, password }: ConnectionConfig): boolean => {
  const secret = token ?? password
  return secret === undefined || typeof Redacted.value(secret) === "string"
}

/** A slow server is given time, and a silent one leaves time for another attempt: half of what is left, 2 s at least. */
const attemptTimeout = (left: Duration.Duration): Duration.Duration =>
  Duration.max(Duration.seconds(2), Duration.divideUnsafe(left, 2))

const attemptHandshake = (
  config: ConnectionConfig,
  ask: HandshakeCall,
  deadline: number,
): Effect.Effect<ServerInfo, HandshakeFailure> =>
  Effect.gen(function* () {
    // Starts in the next turn, so that the introduction comes first.
    const health = config.readiness === "healthy"
      ? yield* Effect.forkChild(Effect.result(checkHealth(config, ask, deadline)))
      : undefined
    const stop = health === undefined ? Effect.void : Fiber.interrupt(health)
    const server = yield* Effect.onError(callConnect(config, ask, deadline), () => stop)
    if (health !== undefined) yield* Effect.fromResult(yield* Fiber.join(health))
    // Milvus tags its builds with their version; where the tag is none, the version is asked for.
    if (isVersion(server.version)) return server
    const version = yield* Effect.option(getVersion(config, ask, deadline))
    return version._tag === "Some" ? { ...server, version: version.value } : server
  })

const isVersion = (tag: string): boolean => /^v?\d+\.\d+/.test(tag)

/** Whether a server permits pings while it is idle, as Milvus does; milvus-lite, and a server that is neither, do not. */
export const permitsPings = ({ version, deployMode }: ServerInfo): boolean =>
  isVersion(version) && deployMode !== "embedded"

const callConnect = (
  config: ConnectionConfig,
  ask: HandshakeCall,
  deadline: number,
): Effect.Effect<ServerInfo, HandshakeFailure> =>
  ask("Connect", { client_info: clientInfo(config) }, deadline).pipe(
    Effect.map(({ identifier, server_info }): ServerInfo => ({
      version: server_info?.build_tags ?? "",
      ...(identifier === 0n ? {} : { identifier }),
      ...(server_info?.build_tags ? { buildTags: server_info.build_tags } : {}),
      ...(server_info?.deploy_mode ? { deployMode: server_info.deploy_mode } : {}),
    })),
    Effect.catch((error) =>
      isUnimplemented(error)
        ? Effect.map(getVersion(config, ask, deadline), (version): ServerInfo => ({ version }))
        : Effect.fail(classifyFailure(config, error))
    ),
  )

const getVersion = (
  config: ConnectionConfig,
  ask: HandshakeCall,
  deadline: number,
): Effect.Effect<string, HandshakeFailure> =>
  ask("GetVersion", {}, deadline).pipe(
    Effect.map(({ version }) => version),
    Effect.mapError((error): HandshakeFailure =>
      isUnimplemented(error) ? incompatible(error) : classifyFailure(config, error)
    ),
  )

const checkHealth = (
  config: ConnectionConfig,
  ask: HandshakeCall,
  deadline: number,
): Effect.Effect<void, HandshakeFailure> =>
  ask("CheckHealth", {}, deadline).pipe(
    Effect.matchEffect({
      onSuccess: ({ isHealthy, reasons }) =>
        isHealthy ? Effect.void : Effect.fail<HandshakeFailure>({ kind: "Unhealthy", reasons }),
      onFailure: (error): Effect.Effect<void, HandshakeFailure> => {
        if (error._tag === "ServerError") return Effect.fail({ ...classifyFailure(config, error), kind: "Unhealthy" })
        const isNotOffered = error.code === "UNIMPLEMENTED" || error.code === "PERMISSION_DENIED"
        return isNotOffered ? Effect.void : Effect.fail(classifyFailure(config, error))
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
