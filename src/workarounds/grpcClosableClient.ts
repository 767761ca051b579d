/**
 * A client of grpc-js whose `close` really ends everything, also while it is not READY, and calls back when it has.
 *
 * What: when a channel closes, grpc-js 1.14.7 leaves behind
 *
 * - of a channel that is still connecting: the TCP socket, until the peer ends it, which a peer that accepts but never
 *   sends does not do; the timers of the backoff and of the change to the next address; and a connection that starts
 *   after the close, from what was queued for the next turn of the event loop;
 * - of a READY channel: the socket and its keepalive timer, until the peer answers, though there is nothing to wait
 *   for.
 *
 * All of it belongs to internal objects, so every step checks an object before it uses it, and does nothing if the
 * object is not as expected.
 *
 * Versions: grpc-js 1.14.
 *
 * When it can go: once closing a channel of the oldest supported grpc-js ends its connection attempts and timers.
 * `tests/workarounds/grpcClosableClient_test.ts` shows what is left without it.
 */
import type { Socket } from "node:net"
import process from "node:process"
import * as grpc from "@grpc/grpc-js"
import * as Predicate from "effect/Predicate"
import { ConnectAttempts, type ConnectFailure } from "./connectFailure.ts"
import { get, READY } from "./grpcInternals.ts"
import { StreamWatch } from "./grpcStreams.ts"

/** A client that can be closed completely. */
export interface ClosableClient {
  readonly client: grpc.Client
  /** The records of the streams of its calls. */
  readonly streams: StreamWatch
  /** Returns the failure of the last connection attempt since the last session; `undefined` if none failed. */
  readonly failure: () => ConnectFailure | undefined
  /** Closes the client. Calls back once no socket is left. */
  readonly close: (onClosed: () => void) => void
}

/** Opens a client. Requires `grpc.use_local_subchannel_pool`, so that it closes only its own subchannels. */
export const openClient = (
  address: string,
  credentials: grpc.ChannelCredentials,
  options: grpc.ChannelOptions,
): ClosableClient => {
  const connecting = new PendingConnects()
  const attempts = new ConnectAttempts()
  const streams = new StreamWatch(options["grpc.max_receive_message_length"])
  const watched = new WeakSet<object>()
  const sockets = new Set<Socket>()
  const isSecure = credentials._isSecure()
  const client = new grpc.Client(
    address,
    withHooks(credentials, {
      beforeConnecting(connector) {
        connecting.throwIfAborted()
        const subchannel = subchannelsOf(client).find((subchannel) => get(subchannel, "secureConnector") === connector)
        // The address becomes the options of `net.connect`, which takes a signal.
        const address = get(subchannel, "subchannelAddress")
        if (Predicate.isObject(address)) Reflect.set(address, "signal", connecting.begin(address))
        attempts.begin(connector)
        if (subchannel !== undefined && watched.has(subchannel)) return
        if (subchannel !== undefined) watched.add(subchannel)
        streams.watch(subchannel)
        onState(subchannel, (state, details) => {
          if (state === READY) attempts.succeed()
          else if (state === TRANSIENT_FAILURE) attempts.fail(connector, details)
        })
      },
      onSocket(connector, socket) {
        sockets.add(socket)
        socket.once("close", () => sockets.delete(socket))
        // TCP keepalive works even if the server forbids pings: a machine that is gone is noticed while nothing is
        // sent.
        socket.setKeepAlive(true, 10_000)
        attempts.reach(connector, isSecure ? "Tls" : "Http2")
        socket.on("error", (error) => attempts.note(connector, error))
      },
      onSecured(connector, { socket }) {
        attempts.reach(connector, "Http2")
        socket.on("error", (error) => attempts.note(connector, error))
      },
      onRefused(connector, error) {
        attempts.note(connector, error)
      },
      onUnknown() {
        streams.isBlind = true
      },
    }),
    options,
  )
  return {
    client,
    streams,
    failure: () => attempts.failure,
    close(onClosed) {
      close(client, connecting)
      if (sockets.size === 0) return onClosed()
      for (const socket of sockets) {
        socket.once("close", () => sockets.size === 0 && onClosed())
        // After grpc-js, which sends GOAWAY in the next tick, and after pending writes.
        process.nextTick(() => socket.destroySoon())
      }
    },
  }
}

/** The pending connection attempts of one client: one at a time for each address of the server. */
class PendingConnects {
  readonly #attempts = new Map<string, AbortController>()
  #reason: Error | undefined

  /** Returns the signal of the next attempt. Each attempt has its own: on a shared one, listeners would accumulate. */
  begin(address: object): AbortSignal {
    const attempt = new AbortController()
    this.#attempts.set(JSON.stringify({ ...address, signal: undefined }), attempt)
    return attempt.signal
  }

  /** Ends pending attempts, and prevents later ones. */
  abort(reason: Error): void {
    this.#reason = reason
    for (const attempt of this.#attempts.values()) attempt.abort(reason)
  }

  throwIfAborted(): void {
    if (this.#reason !== undefined) throw this.#reason
  }
}

/** State of a subchannel whose connection attempt failed. */
const TRANSIENT_FAILURE = 3

/** Calls back after each change of the state of a subchannel, with the details of a failure. */
const onState = (subchannel: unknown, callback: (state: unknown, details: string) => void): void => {
  const add = get(subchannel, "addConnectivityStateListener")
  if (!Predicate.isFunction(add)) return
  Reflect.apply(add, subchannel, [(_subchannel: unknown, _from: unknown, to: unknown, _time: unknown, why: unknown) => {
    callback(to, typeof why === "string" ? why : "")
  }])
}

const close = (client: grpc.Client, connecting: PendingConnects): void => {
  const balancer = get(get(client.getChannel(), "internalChannel"), "resolvingLoadBalancer")
  const policies = ["currentChild", "pendingChild"].map((name) => get(get(balancer, "childLoadBalancer"), name))
  const resolver = get(balancer, "innerResolver")
  const subchannels = subchannelsOf(client)
  const isReady = subchannels.some((subchannel) => get(subchannel, "connectivityState") === READY)
  client.close()
  // A pending address lookup would start to connect when it succeeds.
  if (Predicate.isFunction(get(resolver, "listener"))) Reflect.set(Object(resolver), "listener", () => true)
  for (const policy of policies) clearTimeout(get(policy, "connectionDelayTimeout") as undefined)
  for (const subchannel of subchannels) {
    const backoff = get(subchannel, "backoffTimeout")
    if (!Predicate.isObject(backoff)) continue
    // An attempt that was queued for the next turn would start another.
    Reflect.set(backoff, "runOnce", () => {})
    if (get(subchannel, "connectivityState") === READY) continue
    const stop = get(backoff, "stop")
    if (Predicate.isFunction(stop)) Reflect.apply(stop, backoff, [])
  }
  // The signal would also destroy a READY socket, which may have pending writes.
  if (!isReady) connecting.abort(new Error("Channel closed while connecting"))
}

/**
 * Made by grpc-js from credentials for each address of a server: called before each connection, then with its socket.
 */
interface SecureConnector {
  waitForReady(): Promise<void>
  connect(socket: Socket): Promise<Secured>
}

/** A connection, after TLS if it is used. */
interface Secured {
  readonly socket: Socket
}

interface Hooks {
  /** Called before a TCP connection is made; throws to prevent it. */
  readonly beforeConnecting: (connector: SecureConnector) => void
  /** Called with each TCP connection. */
  readonly onSocket: (connector: SecureConnector, socket: Socket) => void
  /** Called with each connection once TLS, if it is used, is up. */
  readonly onSecured: (connector: SecureConnector, secured: Secured) => void
  /** Called if the TLS handshake failed. */
  readonly onRefused: (connector: SecureConnector, error: unknown) => void
  /** Called if the credentials are not as expected, and get no hooks. */
  readonly onUnknown: () => void
}

/** Returns the credentials with hooks. */
const withHooks = (
  credentials: grpc.ChannelCredentials,
  { beforeConnecting, onSocket, onSecured, onRefused, onUnknown }: Hooks,
): grpc.ChannelCredentials => {
  const make: unknown = Reflect.get(credentials, "_createSecureConnector")
  if (!Predicate.isFunction(make)) {
    onUnknown()
    return credentials
  }
  const hooked = (...args: ReadonlyArray<unknown>) => {
    const connector: SecureConnector = Reflect.apply(make, credentials, args)
    const { waitForReady, connect } = connector
    if (typeof waitForReady !== "function" || typeof connect !== "function") {
      onUnknown()
      return connector
    }
    connector.waitForReady = async () => {
      await Reflect.apply(waitForReady, connector, [])
      beforeConnecting(connector)
    }
    connector.connect = async (socket) => {
      onSocket(connector, socket)
      try {
        const secured: Secured = await Reflect.apply(connect, connector, [socket])
        onSecured(connector, secured)
        return secured
      } catch (error) {
        onRefused(connector, error)
        throw error
      }
    }
    return connector
  }
  return Object.create(credentials, { _createSecureConnector: { value: hooked } })
}

/** Returns the subchannels of the client's local pool, which grpc-js keeps per target. */
export const subchannelsOf = (client: grpc.Client): ReadonlyArray<object> => {
  const pools = get(get(get(client.getChannel(), "internalChannel"), "subchannelPool"), "pool")
  if (!Predicate.isObject(pools)) return []
  return Object.values(pools)
    .flatMap((entries: unknown) => Array.isArray(entries) ? entries : [])
    .map((entry: unknown) => get(entry, "subchannel"))
    .filter(Predicate.isObject)
}
