/**
 * A client of grpc-js whose `close` really ends everything, also while it is not READY.
 *
 * What grpc-js 1.14.7 leaves behind when a channel closes that is still connecting:
 *
 * - the TCP socket, until the peer ends it, which a peer that accepts and never speaks does not;
 * - the timers of the backoff and of the turn to the next address;
 * - a connection that starts after the close, by what was queued for the next turn of the event loop.
 *
 * All of it hangs on internal objects, so every step looks before it touches, and does nothing where an object is not as
 * expected. A session that is READY is left to grpc-js, which ends it properly.
 *
 * When it can go: once closing a channel of the oldest supported grpc-js ends its connection attempts and timers.
 * `tests/wire/leftovers_test.ts` shows what is left without it.
 */
import * as grpc from "@grpc/grpc-js"
import * as Predicate from "effect/Predicate"

/** A client, and how to end it with all that it was doing. */
export interface ClosableClient {
  readonly client: grpc.Client
  readonly close: () => void
}

/** Opens a client. It needs `grpc.use_local_subchannel_pool`, so that what it closes is its own. */
export const openClient = (
  address: string,
  credentials: grpc.ChannelCredentials,
  options: grpc.ChannelOptions,
): ClosableClient => {
  const connecting = new AbortController()
  const client = new grpc.Client(
    address,
    beforeEachConnection(credentials, (connector) => {
      connecting.signal.throwIfAborted()
      const subchannel = subchannelsOf(client).find((subchannel) => get(subchannel, "secureConnector") === connector)
      // The address becomes the options of `net.connect`, which takes a signal.
      const address = get(subchannel, "subchannelAddress")
      if (Predicate.isObject(address)) Reflect.set(address, "signal", connecting.signal)
    }),
    options,
  )
  return { client, close: () => close(client, connecting) }
}

/** A state of a subchannel. */
const READY = 2

const close = (client: grpc.Client, connecting: AbortController): void => {
  const balancer = get(get(client.getChannel(), "internalChannel"), "resolvingLoadBalancer")
  const policies = ["currentChild", "pendingChild"].map((name) => get(get(balancer, "childLoadBalancer"), name))
  const resolver = get(balancer, "innerResolver")
  const subchannels = subchannelsOf(client)
  const isReady = subchannels.some((subchannel) => get(subchannel, "connectivityState") === READY)
  client.close()
  // An address that is being looked up would start to connect when it is found.
  if (Predicate.isFunction(get(resolver, "listener"))) Reflect.set(Object(resolver), "listener", () => true)
  for (const policy of policies) clearTimeout(get(policy, "connectionDelayTimeout") as undefined)
  for (const subchannel of subchannels) {
    if (get(subchannel, "connectivityState") === READY) continue
    const backoff = get(subchannel, "backoffTimeout")
    const stop = get(backoff, "stop")
    if (Predicate.isFunction(stop)) Reflect.apply(stop, backoff, [])
  }
  // The signal also destroys a socket that is READY, which is to be closed in peace.
  if (!isReady) connecting.abort(new Error("Channel closed while connecting"))
}

/** What grpc-js makes of credentials for each address of a server, and asks before each connection to it. */
interface SecureConnector {
  waitForReady(): Promise<void>
}

/** The same credentials, with a hook that runs before a TCP connection is made, and may throw to prevent it. */
const beforeEachConnection = (
  credentials: grpc.ChannelCredentials,
  hook: (connector: SecureConnector) => void,
): grpc.ChannelCredentials => {
  const make: unknown = Reflect.get(credentials, "_createSecureConnector")
  if (!Predicate.isFunction(make)) return credentials
  const hooked = (...args: ReadonlyArray<unknown>) => {
    const connector: SecureConnector = Reflect.apply(make, credentials, args)
    const waitForReady = connector.waitForReady
    connector.waitForReady = async () => {
      await Reflect.apply(waitForReady, connector, [])
      hook(connector)
    }
    return connector
  }
  return Object.create(credentials, { _createSecureConnector: { value: hooked } })
}

/** The subchannels of the client's own pool, which grpc-js keeps per target. */
const subchannelsOf = (client: grpc.Client): ReadonlyArray<object> => {
  const pools = get(get(get(client.getChannel(), "internalChannel"), "subchannelPool"), "pool")
  if (!Predicate.isObject(pools)) return []
  return Object.values(pools)
    .flatMap((entries: unknown) => Array.isArray(entries) ? entries : [])
    .map((entry: unknown) => get(entry, "subchannel"))
    .filter(Predicate.isObject)
}

const get = (value: unknown, name: string): unknown => Predicate.isObject(value) ? Reflect.get(value, name) : undefined
