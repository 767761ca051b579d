/**
 * Starts HTTP/2 pings on the current session of a client of grpc-js.
 *
 * What: grpc-js takes its keepalive from the options of a channel, before anything is known about the server. Milvus
 * permits a ping every 5 s at any time. Any other gRPC server, such as milvus-lite, by default permits one in 5 minutes
 * while a call is in flight, and ends a session with more of them by a GOAWAY of `too_many_pings`. So a channel opens
 * without keepalive, and pings start here once it is known that they are permitted. Without them, TCP keepalive notices
 * a machine that is gone, but not a process that hangs.
 *
 * This sets what the options would have set, on internal objects of grpc-js. If an object is not as expected, nothing
 * is done: then no pings are sent.
 *
 * Versions: grpc-js 1.14.7.
 *
 * When it can go: once grpc-js lets a channel change its keepalive. `tests/workarounds/grpcPings_test.ts` shows that
 * pings start.
 */
import type * as grpc from "@grpc/grpc-js"
import * as Predicate from "effect/Predicate"
import { subchannelsOf } from "./grpcClosableClient.ts"

/** Intervals of pings, in milliseconds. */
export interface Pings {
  /** Time between pings. */
  readonly time: number
  /** Time within which a ping has to be answered. */
  readonly timeout: number
}

/**
 * Starts pings on the sessions that have none. They end for good once `arePermitted` returns false. Calls `onRefused`
 * if the server ends a session because of pings.
 */
export const startPings = (
  client: grpc.Client,
  { time, timeout }: Pings,
  arePermitted: () => boolean,
  onRefused: () => void,
): void => {
  for (const subchannel of subchannelsOf(client)) {
    const transport: unknown = Reflect.get(subchannel, "transport")
    if (!Predicate.isObject(transport) || Reflect.get(transport, "keepaliveTimeMs") !== -1) continue
    const start: unknown = Reflect.get(transport, "maybeStartKeepalivePingTimer")
    const addListener: unknown = Reflect.get(transport, "addDisconnectListener")
    if (!Predicate.isFunction(start) || !Predicate.isFunction(addListener)) continue
    Object.assign(transport, { keepaliveTimeoutMs: timeout, keepaliveWithoutCalls: true })
    // grpc-js reads this before each ping.
    Object.defineProperty(transport, "keepaliveTimeMs", { get: () => arePermitted() ? time : -1, configurable: true })
    const onDisconnect = (isTooManyPings: unknown) => {
      if (isTooManyPings === true) onRefused()
    }
    Reflect.apply(addListener, transport, [onDisconnect])
    Reflect.apply(start, transport, [])
  }
}
