/** A listener on a port of the loopback address that can be paused and resumed. */
import { createServer, type Server, type Socket } from "node:net"
import * as Effect from "effect/Effect"
import { missingNetPermission } from "../../config/permissions.ts"
import { FaultProxyError } from "./errors.ts"
import { reset } from "./socket.ts"

/** The address that every proxy listens on. */
export const host = "127.0.0.1"

/** A port with a server that can be paused. */
export interface Listener {
  readonly port: number
  /** Stops listening, so that clients are refused. */
  readonly pause: Effect.Effect<void>
  /** Listens again on the same port, if it does not already. May take some seconds. Must not be interrupted. */
  readonly resume: Effect.Effect<void, FaultProxyError>
  /** Pauses permanently. */
  readonly close: Effect.Effect<void>
}

/** Takes over a socket, which is paused. */
type Accept = (socket: Socket) => void

/** Listens on a port, or on a free one. The caller has to close the listener. Must not be interrupted. */
export const make = (port: number | undefined, accept: Accept): Effect.Effect<Listener, FaultProxyError> =>
  Effect.gen(function* () {
    let current: Server | undefined = yield* port === undefined ? listenAnywhere(accept) : listen(port, accept)
    const address = current.address()
    const chosen = typeof address === "object" && address !== null ? address.port : 0
    let isClosed = false
    // `close` releases the port synchronously. Its event is not awaited, since it waits for all connections.
    const pause = Effect.sync(() => {
      current?.close()
      current = undefined
    })
    const resume = Effect.gen(function* () {
      if (current !== undefined || isClosed) return
      current = yield* Effect.retry(listen(chosen, accept).pipe(Effect.tapError(() => shortPause)), {
        times: 100,
        while: (error) => error.isRetryable && !isClosed,
      })
      if (isClosed) yield* pause
    })
    const close = Effect.andThen(Effect.sync(() => isClosed = true), pause)
    return { port: chosen, pause, resume, close }
  })

const listen = (port: number, accept: Accept): Effect.Effect<Server, FaultProxyError> =>
  Effect.suspend(() => {
    // Without the check, Deno would throw outside of any handler.
    if (missingNetPermission(host, port) !== undefined) {
      return Effect.fail(new FaultProxyError({ host, port, reason: `run Deno with --allow-net=${host}` }))
    }
    return Effect.callback<Server, FaultProxyError>((resume) => {
      const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true })
      server.on("error", (cause) =>
        resume(Effect.fail(new FaultProxyError({ host, port, reason: cause.message, cause }))))
      // A connection may still arrive while the server is closing.
      server.on("connection", (socket) =>
        server.listening ? accept(socket) : reset(socket))
      server.listen({ port, host, exclusive: true }, () => resume(Effect.succeed(server)))
    })
  })

const listenAnywhere = (accept: Accept): Effect.Effect<Server, FaultProxyError> =>
  Effect.suspend(() => listen(firstPort + Math.floor(Math.random() * ports), accept)).pipe(
    Effect.retry({ times: 100, while: (error) => error.isRetryable }),
  )

/** 50 ms of real time, independent of the clock of a test. */
const shortPause: Effect.Effect<void> = Effect.callback((resume) => {
  const timer = setTimeout(() => resume(Effect.void), 50)
  return Effect.sync(() => clearTimeout(timer))
})

// These ports are below those that systems use for outgoing connections. While a listener is paused, an outgoing
// connection could take its port, and a client that keeps connecting could even reach itself. They also avoid the ports
// of Milvus.
const firstPort = 14_000
const ports = 5_000
