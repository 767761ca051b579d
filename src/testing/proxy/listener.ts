/** Listening on a port of the loopback, on and off. */
import { createServer, type Server, type Socket } from "node:net"
import * as Effect from "effect/Effect"
import { missingNetPermission } from "../../config/permissions.ts"
import { FaultProxyError } from "./errors.ts"
import { reset } from "./socket.ts"

/** The only address of a proxy. */
export const host = "127.0.0.1"

/** A port that is listened on, or not. */
export interface Listener {
  readonly port: number
  /** Nobody listens any more: clients are refused. */
  readonly pause: Effect.Effect<void>
  /** Listens again on the same port, unless it does already. That can take some seconds, and is not to be interrupted. */
  readonly resume: Effect.Effect<void, FaultProxyError>
  /** Pauses for good. */
  readonly close: Effect.Effect<void>
}

/** Who takes a socket, which is paused. */
type Accept = (socket: Socket) => void

/** Listens on a port, or on one that is free. Whoever asks has to close it, and is not to be interrupted. */
export const make = (port: number | undefined, accept: Accept): Effect.Effect<Listener, FaultProxyError> =>
  Effect.gen(function* () {
    let current: Server | undefined = yield* port === undefined ? listenAnywhere(accept) : listen(port, accept)
    const address = current.address()
    const chosen = typeof address === "object" && address !== null ? address.port : 0
    let isClosed = false
    // What the port is given back with is done at once; the event of that waits for all connections.
    const pause = Effect.sync(() => {
      current?.close()
      current = undefined
    })
    const resume = Effect.gen(function* () {
      if (current !== undefined || isClosed) return
      current = yield* Effect.retry(listen(chosen, accept).pipe(Effect.tapError(() => aMoment)), {
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
    // Deno would throw where nobody can catch it.
    if (missingNetPermission(host, port) !== undefined) {
      return Effect.fail(new FaultProxyError({ host, port, reason: `run Deno with --allow-net=${host}` }))
    }
    return Effect.callback<Server, FaultProxyError>((resume) => {
      const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true })
      server.on("error", (cause) =>
        resume(Effect.fail(new FaultProxyError({ host, port, reason: cause.message, cause }))))
      // One may still come while the server is closing.
      server.on("connection", (socket) =>
        server.listening ? accept(socket) : reset(socket))
      server.listen({ port, host, exclusive: true }, () => resume(Effect.succeed(server)))
    })
  })

const listenAnywhere = (accept: Accept): Effect.Effect<Server, FaultProxyError> =>
  Effect.suspend(() => listen(firstPort + Math.floor(Math.random() * ports), accept)).pipe(
    Effect.retry({ times: 100, while: (error) => error.isRetryable }),
  )

/** Of real time, whatever clock a test has. */
const aMoment: Effect.Effect<void> = Effect.callback((resume) => {
  const timer = setTimeout(() => resume(Effect.void), 50)
  return Effect.sync(() => clearTimeout(timer))
})

// Below the ports that systems give to outgoing connections: while nobody listens, one of those could take the port, and a client that
// connects to it again and again could even reach itself. And between the ports of Milvus.
const firstPort = 14_000
const ports = 5_000
