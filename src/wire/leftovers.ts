/**
 * Ends what grpc-js leaves behind when a channel closes that is not READY.
 *
 * grpc-js 1.14.7 never ends a connection that it is still making: the TCP socket of a channel closed while CONNECTING
 * stays open until the peer ends it, which a peer that accepts and never speaks does not. Nor does it clear the timer of
 * its backoff. Both hang on internal objects, so every step here looks before it touches, and does nothing where an
 * object is not as expected.
 *
 * When it can go: once `Subchannel.unref` of the oldest supported grpc-js ends its connection attempt and clears its
 * backoff timer. `tests/wire/leftovers_test.ts` shows what is left without it.
 */
import type { ChannelCredentials, Client } from "@grpc/grpc-js"
import type { Socket } from "node:net"
import * as Predicate from "effect/Predicate"

/** What grpc-js makes of credentials for each address of a server, and asks for each connection to it. */
interface SecureConnector {
  connect(socket: Socket): Promise<unknown>
  waitForReady(): Promise<void>
  getCallCredentials(): unknown
  destroy(): void
}

interface Attempt {
  closed: boolean
  readonly sockets: Set<Socket>
}

/** By connector, the sockets that it was handed. Weak, so that nothing outlives grpc-js's own objects. */
const attempts = new WeakMap<object, Attempt>()

/** The same credentials, whose sockets {@linkcode closeClient} can find. */
export const trackSockets = (credentials: ChannelCredentials): ChannelCredentials => {
  const make: unknown = Reflect.get(credentials, "_createSecureConnector")
  if (!Predicate.isFunction(make)) return credentials
  return Object.create(credentials, {
    _createSecureConnector: {
      value: (...args: ReadonlyArray<unknown>) => trackConnector(Reflect.apply(make, credentials, args)),
    },
  })
}

const trackConnector = (connector: SecureConnector): SecureConnector => {
  const attempt: Attempt = { closed: false, sockets: new Set() }
  const tracked: SecureConnector = {
    connect(socket) {
      // grpc-js destroys the socket of a connector that refuses it.
      if (attempt.closed) return Promise.reject(new Error("Channel closed while connecting"))
      attempt.sockets.add(socket)
      socket.once("close", () => attempt.sockets.delete(socket))
      return connector.connect(socket)
    },
    waitForReady: () => connector.waitForReady(),
    getCallCredentials: () => connector.getCallCredentials(),
    destroy: () => connector.destroy(),
  }
  attempts.set(tracked, attempt)
  return tracked
}

const CONNECTING = 1

/** Closes a client, with all that it was doing. A session that is READY is left to grpc-js, which ends it properly. */
export const closeClient = (client: Client): void => {
  const subchannels = subchannelsOf(client)
  const connecting = subchannels.filter((subchannel) => Reflect.get(subchannel, "connectivityState") === CONNECTING)
  client.close()
  for (const subchannel of subchannels) stopBackoff(subchannel)
  for (const subchannel of connecting) {
    const connector: unknown = Reflect.get(subchannel, "secureConnector")
    const attempt = Predicate.isObject(connector) ? attempts.get(connector) : undefined
    if (attempt === undefined) continue
    attempt.closed = true
    for (const socket of attempt.sockets) socket.destroy()
  }
}

/** The subchannels of the client's own pool (`grpc.use_local_subchannel_pool`), which grpc-js keeps per target. */
const subchannelsOf = (client: Client): ReadonlyArray<object> => {
  const pools: unknown = get(get(get(client.getChannel(), "internalChannel"), "subchannelPool"), "pool")
  if (!Predicate.isObject(pools)) return []
  return Object.values(pools)
    .flatMap((entries: unknown) => Array.isArray(entries) ? entries : [])
    .map((entry: unknown) => get(entry, "subchannel"))
    .filter(Predicate.isObject)
}

const stopBackoff = (subchannel: object): void => {
  const timer = get(subchannel, "backoffTimeout")
  const stop = get(timer, "stop")
  if (Predicate.isFunction(stop)) Reflect.apply(stop, timer, [])
}

const get = (value: unknown, name: string): unknown => Predicate.isObject(value) ? Reflect.get(value, name) : undefined
