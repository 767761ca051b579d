/**
 * Finds the HTTP/2 session of a channel of grpc-js, so that unary calls can be made directly on it.
 *
 * What: grpc-js resolves, connects, does TLS, sends pings and reconnects. Its calls cost more than twice what a call on
 * the session costs, since each goes through seven layers of objects. The session is an internal object of grpc-js.
 *
 * Everything is checked before it is used. If something is not as expected, no session is returned, and calls go
 * through grpc-js.
 *
 * Versions: grpc-js 1.14.
 *
 * When it can go: once the calls of grpc-js cost about what a call on `node:http2` costs. Then calls go through grpc-js
 * again, by `grpc/channelCall.ts`.
 */
import type { ClientHttp2Session } from "node:http2"
import type * as grpc from "@grpc/grpc-js"
import * as Predicate from "effect/Predicate"
import { subchannelsOf } from "./grpcClosableClient.ts"
import { get, READY } from "./grpcInternals.ts"

/** Gets told by grpc-js that the session is lost, while it has calls. */
export interface SessionCalls {
  readonly onDisconnect: () => void
}

/** An HTTP/2 session that grpc-js keeps. */
export interface GrpcSession {
  readonly http2: Pick<ClientHttp2Session, "on" | "request">
  /** The value of the header `:authority`. */
  readonly authority: string
  readonly userAgent: string
  /** Makes grpc-js keep the process alive, and send the pings that it sends while there are calls. */
  readonly hold: (calls: SessionCalls) => void
  /** Ends what `hold` began. */
  readonly release: (calls: SessionCalls) => void
  /** Calls back when grpc-js makes no further calls on the session. */
  readonly onLeft: (callback: () => void) => void
}

/** Whether sessions are used. Tests unset it, so that all calls go through grpc-js. */
export const sessions: { areUsed: boolean } = { areUsed: true }

/** Returns the session of a client; `undefined` if none is up, and `"Unknown"` if grpc-js is not as expected. */
export const sessionOf = (client: grpc.Client): GrpcSession | "Unknown" | undefined => {
  const channel = get(client.getChannel(), "internalChannel")
  const authority = get(channel, "defaultAuthority")
  const ready = subchannelsOf(client).find((subchannel) => get(subchannel, "connectivityState") === READY)
  if (ready === undefined) return undefined
  const transport = get(ready, "transport")
  const http2 = get(transport, "session")
  const userAgent = get(transport, "userAgent")
  const methods = ["addActiveCall", "removeActiveCall", "addDisconnectListener"].map((name) => get(transport, name))
  const [add, remove, listen] = methods
  if (
    !Predicate.isString(authority) || !Predicate.isString(userAgent) || !Predicate.isObject(transport) ||
    !Predicate.isFunction(add) || !Predicate.isFunction(remove) || !Predicate.isFunction(listen) || !isSession(http2)
  ) return "Unknown"
  return {
    http2,
    authority,
    userAgent,
    hold: (calls) => Reflect.apply(add, transport, [calls]),
    release: (calls) => Reflect.apply(remove, transport, [calls]),
    onLeft: (callback) => Reflect.apply(listen, transport, [callback]),
  }
}

const isSession = (value: unknown): value is GrpcSession["http2"] =>
  Predicate.isFunction(get(value, "request")) && Predicate.isFunction(get(value, "on"))
