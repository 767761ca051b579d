/**
 * Waits until a server is ready: calls `Connect`, which introduces this client, and `CheckHealth`.
 *
 * Milvus answers `Connect` before it can serve, so both have to succeed. They are called concurrently, which saves a
 * round trip; if both fail, the failure of `Connect` is reported. If a server is too old for `Connect`, `GetVersion`
 * takes its place; if it does not offer `CheckHealth` to this user, it is ready once `Connect` succeeded. Transient
 * failures are retried until `connectTimeout`; refused TLS, credentials or parameters fail at once.
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

/** Information that a server reports about itself. */
export interface ServerInfo {
  /** Its version, such as `"v2.6.2"` or `"milvus_lite-3.2.2"`; `""` if it does not report one. */
  readonly version: string
  /** The server's identifier of this connection; absent if the server has none. */
  readonly identifier?: bigint
  /** The tag that it was built from. */
  readonly buildTags?: string
  /** The deployment mode, such as `"STANDALONE"`, `"DISTRIBUTED"` or `"embedded"`. */
  readonly deployMode?: string
}

/**
 * Makes one attempt of a call until `deadline` (milliseconds since the epoch); fails if the reply has a failed status.
 */
export type HandshakeCall = <M extends "Connect" | "GetVersion" | "CheckHealth">(
  method: M,
  request: Methods[M]["request"],
  deadline: number,
) => Effect.Effect<Methods[M]["response"], RpcError | ServerError>

/**
 * Makes the handshake of one connection, with its retries, all within `connectTimeout`. The first attempt, which is
 * nearly always the only one, is bounded by the deadline of its calls; only later ones, or one that waits for a
 * credential, need a timer. `onFailedAttempt` is called after each attempt that another one follows.
 */
export const handshake = (
  config: ConnectionConfig,
  call: HandshakeCall,
  transport: Pick<Transport, "sessions" | "onChange" | "replace">,
  onFailedAttempt?: () => void,
): Effect.Effect<ServerInfo, NotReady> =>
  Effect.clockWith((clock) => {
    const { connectTimeout, retry } = config
    const start = clock.currentTimeMillisUnsafe()
    const elapsed = () => Duration.millis(clock.currentTimeMillisUnsafe() - start)
    const remaining = () => Duration.max(Duration.subtract(connectTimeout, elapsed()), Duration.zero)
    let attempts = 0
    const failNotReady = (failure: HandshakeFailure) =>
      Effect.fail(toNotReady(config, failure, { attempts, elapsed: elapsed() }))
    const attempt = (timeout: Duration.Duration) => {
      attempts++
      return attemptHandshake(config, call, Date.now() + Duration.toMillis(timeout))
    }
    const retryAttempt = (first: HandshakeFailure, retry: Retry) => {
      let lastFailure = first
      /** The session that the last attempt was made in. */
      let session = transport.sessions
      const nextAttempt = Effect.suspend(() => {
        session = transport.sessions
        return attempt(Duration.min(attemptTimeout(remaining()), Duration.sum(remaining(), Duration.millis(100))))
      })
      const recorded = Effect.tapError(nextAttempt, (failure) => Effect.sync(() => void (lastFailure = failure)))
      return retryCall(recorded, first, {
        retry,
        decide: (failure) => {
          onFailedAttempt?.()
          // The peer of a silent session may be gone.
          if (failure.kind === "Timeout") transport.replace()
          return isTransient(config, failure) ? { delayFactor: 1, minDelay: undefined } : undefined
        },
        remaining: () => Infinity,
        wakeUp: Effect.suspend(() => anotherSession(transport, session)),
      }).pipe(
        Effect.catch(failNotReady),
        // Ends before the call deadline so that the last handshake failure, not a deadline error, is reported.
        Effect.timeoutOrElse({ duration: remaining(), orElse: () => Effect.suspend(() => failNotReady(lastFailure)) }),
      )
    }

    const first = attempt(
      retry === false ? connectTimeout : Duration.min(attemptTimeout(connectTimeout), connectTimeout),
    )
    const noCredential: HandshakeFailure = { kind: "Timeout", reasons: ["the credential was not there in time"] }
    return Effect.catch(
      hasPlainSecret(config)
        ? first
        : Effect.timeoutOrElse(first, { duration: connectTimeout, orElse: () => Effect.fail(noCredential) }),
      (failure) =>
        retry !== false && isTransient(config, failure) ? retryAttempt(failure, retry) : failNotReady(failure),
    )
  })

/** Waits for another session than the known one. */
const anotherSession = (transport: Pick<Transport, "sessions" | "onChange">, known: number): Effect.Effect<void> =>
  Effect.callback((resume) => {
    if (transport.sessions !== known) return resume(Effect.void)
    const end = transport.onChange(() => {
      if (transport.sessions !== known) resume(Effect.void)
    })
    return Effect.sync(end)
  })

/** Whether the credential is a plain string, or absent, and not an Effect. */
export const hasPlainSecret = ({ token, password }: ConnectionConfig): boolean => {
  const secret = token ?? password
  return secret === undefined || typeof Redacted.value(secret) === "string"
}

/** Half of the remaining time, at least 2 s: enough for a slow server, and leaves time for another attempt. */
const attemptTimeout = (remaining: Duration.Duration): Duration.Duration =>
  Duration.max(Duration.seconds(2), Duration.divideUnsafe(remaining, 2))

const attemptHandshake = (
  config: ConnectionConfig,
  call: HandshakeCall,
  deadline: number,
): Effect.Effect<ServerInfo, HandshakeFailure> =>
  Effect.gen(function* () {
    // Starts in the next turn, so that `Connect` is sent first.
    const health = config.readiness === "healthy"
      ? yield* Effect.forkChild(Effect.result(checkHealth(config, call, deadline)))
      : undefined
    const stop = health === undefined ? Effect.void : Fiber.interrupt(health)
    const server = yield* Effect.onError(callConnect(config, call, deadline), () => stop)
    if (health !== undefined) yield* Effect.fromResult(yield* Fiber.join(health))
    // The build tag of Milvus is its version; other servers have other tags.
    if (isVersion(server.version)) return server
    const version = yield* Effect.option(getVersion(config, call, deadline))
    return version._tag === "Some" ? { ...server, version: version.value } : server
  })

const isVersion = (tag: string): boolean => /^v?\d+\.\d+/.test(tag)

/** Whether a server permits pings while it is idle: Milvus does, milvus-lite and other servers do not. */
export const permitsPings = ({ version, deployMode }: ServerInfo): boolean =>
  isVersion(version) && deployMode !== "embedded"

const callConnect = (
  config: ConnectionConfig,
  call: HandshakeCall,
  deadline: number,
): Effect.Effect<ServerInfo, HandshakeFailure> =>
  call("Connect", { client_info: clientInfo(config) }, deadline).pipe(
    Effect.map(({ identifier, server_info }): ServerInfo => ({
      version: server_info?.build_tags ?? "",
      ...(identifier === 0n ? {} : { identifier }),
      ...(server_info?.build_tags ? { buildTags: server_info.build_tags } : {}),
      ...(server_info?.deploy_mode ? { deployMode: server_info.deploy_mode } : {}),
    })),
    Effect.catch((error) =>
      isUnimplemented(error)
        ? Effect.map(getVersion(config, call, deadline), (version): ServerInfo => ({ version }))
        : Effect.fail(classifyFailure(config, error))
    ),
  )

const getVersion = (
  config: ConnectionConfig,
  call: HandshakeCall,
  deadline: number,
): Effect.Effect<string, HandshakeFailure> =>
  call("GetVersion", {}, deadline).pipe(
    Effect.map(({ version }) => version),
    Effect.mapError((error): HandshakeFailure =>
      isUnimplemented(error) ? incompatible(error) : classifyFailure(config, error)
    ),
  )

const checkHealth = (
  config: ConnectionConfig,
  call: HandshakeCall,
  deadline: number,
): Effect.Effect<void, HandshakeFailure> =>
  call("CheckHealth", {}, deadline).pipe(
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

/** The version in deno.json; a test compares the two. */
export const sdkVersion = "0.1.0"
