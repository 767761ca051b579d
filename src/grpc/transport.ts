/**
 * A channel to a server, shared by every connection with the same address, TLS and channel options.
 *
 * - It opens with its first holder and closes completely with its last one: no socket and no timer stays.
 * - It has no credentials: those belong to a call, so no holder can break it for another.
 * - A channel that is stuck in CONNECTING (a peer that accepts but never sends) is replaced after a bound. Calls queued
 *   on the old one end as not sent.
 * - A channel that has a session but does not work (calls get no answer), or is too old, is replaced once another has a
 *   session; the calls on the old one go on, and it closes after the last.
 * - After a lost session it reconnects by itself, and counts the loss: a handshake belongs to one session.
 * - Unless keepalive is configured, only a server that permits pings gets any: a Milvus, by its handshake. An address
 *   that ended a session because of pings gets none for the rest of the process.
 */
import { Buffer } from "node:buffer"
import { isIP } from "node:net"
import { checkServerIdentity, type PeerCertificate } from "node:tls"
import * as grpc from "@grpc/grpc-js"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as RcMap from "effect/RcMap"
import * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import { isLocal } from "../config/address.ts"
import { type ConnectionConfig, isDefaultKeepAlive } from "../ConnectionConfig.ts"
import { RpcError, type ServerError } from "../errors.ts"
import { RetryBudget } from "../retry/budget.ts"
import { Channel } from "./channel.ts"
import { logDebug, useLoggers } from "./grpcLog.ts"
import { openClient } from "../workarounds/grpcClosableClient.ts"
import type { Pings } from "../workarounds/grpcPings.ts"
import { maxProtobufLength } from "../workarounds/grpcReply.ts"
import { installEarly, installForSessions } from "../workarounds/install.ts"
import { SingleFlight } from "./singleFlight.ts"
import { type Sessions, type Traffic, trafficOf } from "../telemetry/traffic.ts"

// At import, since the patch has to see the first use of `AsyncLocalStorage`.
installEarly()

/** Re-exported for `FakeMilvus`, whose server has HTTP/2 sessions as well. */
export { installForSessions }

/** Maximum time that a channel is CONNECTING, in milliseconds. */
export const connectingBound = 2000

/** Maximum time for closing a channel, in milliseconds. */
const closingBound = 500

/** Number of calls in a row without an answer after which a channel is replaced. */
const unansweredBound = 3

/** Minimum time between two replacements of a channel that does not work, in milliseconds. */
const replacingPause = 5000

/** A shared channel to a server. */
export interface Transport {
  /** The current channel, for new calls. */
  readonly channel: Channel
  /** Number of sessions that were lost or replaced so far. */
  readonly lostSessions: number
  /** Number of sessions that began so far. */
  readonly sessions: number
  /** Whether a session is up. */
  readonly isReady: boolean
  /** Shares `CheckHealth` between connections that connect at the same time: health is the server's. */
  readonly health: SingleFlight<object, RpcError | ServerError>
  /** The bytes sent to the server and received from it. */
  readonly traffic: Traffic
  /** Limits the retries of all connections to the server. */
  readonly budget: RetryBudget
  /** Starts to connect, unless it already does. */
  readonly connect: () => void
  /** Sets whether the server permits pings while it is idle, which its handshake shows. */
  readonly permitPings: (isPermitted: boolean) => void
  /** Replaces the channel because it does not work, if another one gets a session. */
  readonly replace: () => void
  /** Calls the listener after each change of `isReady` or of the session. Returns a function that removes it. */
  readonly onChange: (listener: () => void) => () => void
}

/** Acquires the transport of a config, and opens it if it is not open; `turn` numbers the channels of a pool. */
export const acquire = (config: ConnectionConfig, turn: number): Effect.Effect<Transport, RpcError, Scope.Scope> =>
  Effect.flatMap(Effect.andThen(useLoggers, Effect.scope), (scope) =>
    RcMap.get(transports(), keyOf(config, turn)).pipe(
      // RcMap runs the lookup in the context of the first caller, whose tracer must not leak to the others.
      Effect.updateContext(() => Context.make(Scope.Scope, scope)),
    ))

/** The key of a transport: everything that opening one needs. */
interface Settings {
  readonly address: string
  readonly host: string
  readonly port: number
  readonly turn: number
  readonly tls?: {
    readonly ca: string | undefined
    readonly certificate: string | undefined
    readonly key: string | undefined
    readonly serverName: string | undefined
    readonly verify: boolean
  }
  readonly keepAlive: Pings & { readonly whenIdle: boolean; readonly isAdaptive: boolean }
  readonly maxMessageSize: number
  /** In milliseconds; absent for no bound. */
  readonly maxAge?: number
}

const keyOf = (config: ConnectionConfig, turn: number): string => {
  const { tls, keepAlive } = config
  const settings: Settings = {
    address: config.address,
    host: config.host,
    port: config.port,
    turn,
    ...(tls === undefined ? {} : { tls: { ...tls, key: tls.key && Redacted.value(tls.key) } }),
    keepAlive: {
      time: Duration.toMillis(keepAlive.time),
      timeout: Duration.toMillis(keepAlive.timeout),
      whenIdle: keepAlive.whenIdle,
      isAdaptive: isDefaultKeepAlive(keepAlive),
    },
    maxMessageSize: config.maxMessageSize === "unlimited" ? -1 : config.maxMessageSize,
    ...(Duration.isFinite(config.poolMaxAge) ? { maxAge: Duration.toMillis(config.poolMaxAge) } : {}),
  }
  return JSON.stringify(settings)
}

/** The number of open transports of the process. */
export const openTransports: Effect.Effect<number> = Effect.suspend(() =>
  Effect.map(RcMap.keys(transports()), (keys) => [...keys].length)
)

/** Addresses that ended a session because of pings. */
const refusingPings = new Set<string>()

let shared: RcMap.RcMap<string, Transport, RpcError> | undefined

/** The transports of the process. Made at first use; its scope never closes, that of each transport does. */
const transports = (): RcMap.RcMap<string, Transport, RpcError> =>
  shared ??= Effect.runSync(
    RcMap.make({ lookup: open }).pipe(Effect.provideService(Scope.Scope, Scope.makeUnsafe())),
  )

const open = (key: string): Effect.Effect<Transport, RpcError, Scope.Scope> => {
  // Cast: `keyOf` made the key.
  const settings = JSON.parse(key) as Settings
  return Effect.acquireRelease(
    Effect.try({
      try: () => {
        installForSessions()
        return new GrpcTransport(settings)
      },
      // Such as an environment variable for a proxy that may not be read.
      catch: (cause) => {
        const details = cause instanceof Error ? cause.message : String(cause)
        const { address } = settings
        return new RpcError({ method: "Connect", address, code: "UNAVAILABLE", details, progress: "NotSent", cause })
      },
    }),
    (transport) => transport.close,
  )
}

class GrpcTransport implements Transport {
  lostSessions = 0
  sessions = 0
  readonly health = new SingleFlight<object, RpcError | ServerError>()
  readonly budget = new RetryBudget()
  readonly traffic: Traffic
  #current: Channel
  #state: grpc.connectivityState = grpc.connectivityState.IDLE
  /** The channel that replaces the current one once it has a session. */
  #successor: Channel | undefined
  /** Replaced channels with calls in flight. */
  readonly #leaving = new Set<Channel>()
  #closed = false
  #stuckTimer: ReturnType<typeof setTimeout> | undefined
  #successorTimer: ReturnType<typeof setTimeout> | undefined
  #ageTimer: ReturnType<typeof setTimeout> | undefined
  #replacedAt = -Infinity
  readonly #listeners = new Set<() => void>()
  readonly #open: () => Channel
  readonly #maxAge: number | undefined
  readonly #address: string
  /** The pings to start; `undefined` if the options of the channel have them. */
  readonly #pings: Pings | undefined
  #permitsPings = false

  constructor(settings: Settings) {
    const credentials = credentialsOf(settings)
    const options = channelOptions(settings)
    // A host may be named "dns" or "unix", which grpc-js would take for a scheme.
    const target = settings.address.startsWith("unix:/") ? settings.address : `dns:${settings.address}`
    const onUnanswered = (channel: Channel) => {
      if (channel === this.#current && channel.consecutiveTimeouts >= unansweredBound) this.replace()
    }
    const onNoSession = () =>
      logDebug(`${settings.address}: calls go through grpc-js, whose sessions are not as expected`)
    const maxMessageSize = settings.maxMessageSize < 0 ? maxProtobufLength : settings.maxMessageSize
    this.#open = () =>
      new Channel(openClient(target, credentials, options), { maxMessageSize, onUnanswered, onNoSession })
    this.#maxAge = settings.maxAge
    this.#address = settings.address
    this.traffic = trafficOf(settings.address)
    this.traffic.transports.add(this)
    this.#pings = settings.keepAlive.isAdaptive ? settings.keepAlive : undefined
    this.#current = this.#open()
    this.#watch(this.#current)
    this.#startAgeTimer()
  }

  get channel(): Channel {
    return this.#current
  }

  get isReady(): boolean {
    return this.#state === grpc.connectivityState.READY
  }

  get observedSessions(): Sessions {
    const used = this.#leaving.size + (this.isReady && this.#current.inFlight > 0 ? 1 : 0)
    return { idle: this.isReady && this.#current.inFlight === 0 ? 1 : 0, used }
  }

  readonly onChange = (listener: () => void): () => void => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  readonly connect = (): void => this.#current.connect()

  readonly permitPings = (isPermitted: boolean): void => {
    this.#permitsPings = isPermitted
    this.#startPings()
  }

  readonly replace = (): void => {
    // A channel without a session is connecting already.
    if (this.#closed || !this.isReady || Date.now() - this.#replacedAt < replacingPause) return
    this.#replacedAt = Date.now()
    this.#openSuccessor()
  }

  /** Closes all channels, and waits until no socket is left: less than a millisecond, but bounded. */
  get close(): Effect.Effect<void> {
    return Effect.callback<void>((resume) => {
      // Before closing the client, which runs its watchers synchronously: watching a closed channel throws.
      this.#closed = true
      this.traffic.transports.delete(this)
      for (const timer of [this.#stuckTimer, this.#successorTimer, this.#ageTimer]) clearTimeout(timer)
      const channels = [this.#current, ...this.#successor === undefined ? [] : [this.#successor], ...this.#leaving]
      let open = channels.length
      for (const channel of channels) channel.close(() => --open === 0 && resume(Effect.void))
    }).pipe(Effect.timeoutOption(closingBound), Effect.asVoid)
  }

  #watch(channel: Channel): void {
    channel.onState(this.#state, (state) => {
      if (this.#closed || channel !== this.#current) return
      this.#enter(state)
      if (channel === this.#current) this.#watch(channel)
    })
  }

  #enter(state: grpc.connectivityState): void {
    const wasReady = this.isReady
    this.#state = state
    clearTimeout(this.#stuckTimer)
    if (state === grpc.connectivityState.CONNECTING) {
      this.#stuckTimer = setTimeout(() => this.#replaceStuck(), connectingBound)
    }
    if (wasReady === this.isReady) return
    if (wasReady) {
      this.lostSessions++
      this.connect()
    } else {
      this.sessions++
      this.#startPings()
    }
    this.#notify()
  }

  get #arePingsPermitted(): boolean {
    return this.#permitsPings && !refusingPings.has(this.#address)
  }

  #startPings(): void {
    if (this.#pings === undefined || !this.#arePingsPermitted) return
    this.#current.startPings(this.#pings, () => this.#arePingsPermitted, () => {
      refusingPings.add(this.#address)
      logDebug(`${this.#address} ended a session because of pings: it gets none from now on`)
    })
  }

  #notify(): void {
    for (const listener of [...this.#listeners]) listener()
  }

  /** Replaces the current channel, which is stuck in CONNECTING. */
  #replaceStuck(): void {
    const stuck = this.#current
    this.#current = this.#open()
    this.#state = grpc.connectivityState.IDLE
    this.#watch(this.#current)
    if (this.lostSessions > 0) this.connect()
    stuck.close(() => {})
  }

  /** Opens another channel, which replaces the current one if it gets a session in time. */
  #openSuccessor(): void {
    if (this.#successor !== undefined) return
    const successor = this.#successor = this.#open()
    const giveUp = () => {
      this.#successor = undefined
      successor.close(() => {})
    }
    this.#successorTimer = setTimeout(giveUp, connectingBound)
    const watch = (state: grpc.connectivityState) =>
      successor.onState(state, (state) => {
        if (this.#closed || successor !== this.#successor) return
        if (state !== grpc.connectivityState.READY) return watch(state)
        clearTimeout(this.#successorTimer)
        this.#successor = undefined
        this.#switchTo(successor)
      })
    watch(grpc.connectivityState.IDLE)
    successor.connect()
  }

  #switchTo(successor: Channel): void {
    const old = this.#current
    // A session that was lost meanwhile is counted already.
    if (this.isReady) this.lostSessions++
    clearTimeout(this.#stuckTimer)
    this.#current = successor
    this.#state = grpc.connectivityState.READY
    this.sessions++
    this.#startPings()
    this.#watch(successor)
    this.#leaving.add(old)
    old.whenIdle(() => old.close(() => this.#leaving.delete(old)))
    this.#startAgeTimer()
    this.#notify()
  }

  #startAgeTimer(): void {
    if (this.#maxAge === undefined) return
    clearTimeout(this.#ageTimer)
    // With jitter, so that the channels of a pool, and the clients of a server, are not all replaced at once.
    this.#ageTimer = setTimeout(() => {
      this.#openSuccessor()
      this.#startAgeTimer()
    }, this.#maxAge * (0.8 + 0.4 * Math.random()))
  }
}

const channelOptions = (settings: Settings): grpc.ChannelOptions => ({
  "grpc.primary_user_agent": "effect-milvus",
  "grpc.max_send_message_length": settings.maxMessageSize,
  "grpc.max_receive_message_length": settings.maxMessageSize,
  "grpc.keepalive_time_ms": settings.keepAlive.isAdaptive ? -1 : settings.keepAlive.time,
  "grpc.keepalive_timeout_ms": settings.keepAlive.timeout,
  "grpc.keepalive_permit_without_calls": settings.keepAlive.whenIdle ? 1 : 0,
  // Sharing is done here: the global pool of grpc-js would give a replacement the same stuck connection.
  "grpc.use_local_subchannel_pool": 1,
  // Retries are done by `retry/`, which knows what may be repeated.
  "grpc.enable_retries": 0,
  "grpc.enable_channelz": 0,
  "grpc.service_config_disable_resolution": 1,
  "grpc.initial_reconnect_backoff_ms": 50,
  "grpc.max_reconnect_backoff_ms": 1000,
  // An idle channel would be closed, which counts as a lost session, and opened again. Pings keep it up instead.
  "grpc.client_idle_timeout_ms": 2 ** 31 - 1,
  // The default of 64 KiB stalls large replies; this doubles their rate.
  "grpc-node.flow_control_window": 16 * 1024 * 1024,
  // A proxy in the environment is used as in gRPC, but never for loopback.
  "grpc.enable_http_proxy": isLocal(settings) ? 0 : 1,
  ...(settings.tls === undefined ? {} : { "grpc.ssl_target_name_override": tlsName(settings) }),
})

/**
 * The server name of the TLS handshake. Deno refuses an IP address, which is not allowed as a server name anyway: an
 * invalid name replaces it, and `credentialsOf` checks the certificate against the real address.
 */
const tlsName = ({ host, tls, address }: Settings): string =>
  tls?.serverName ?? (isIP(host) !== 0 || address.startsWith("unix:") ? "ip-address.invalid" : host)

const credentialsOf = (settings: Settings): grpc.ChannelCredentials => {
  const { tls, host } = settings
  if (tls === undefined) return grpc.credentials.createInsecure()
  const expected = tls.serverName ?? host
  return grpc.credentials.createSsl(pem(tls.ca), pem(tls.key), pem(tls.certificate), {
    checkServerIdentity: (_name: string, certificate: PeerCertificate) => checkServerIdentity(expected, certificate),
    rejectUnauthorized: tls.verify,
  })
}

/** grpc-js expects a Buffer, or null for none. */
const pem = (text: string | undefined): Buffer | null => text === undefined ? null : Buffer.from(text)
