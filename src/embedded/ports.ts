/** Finds free ports of this machine. */
import { createServer } from "node:net"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { EmbeddedError, type Engine } from "./errors.ts"

/** Address of local servers. */
export const host = "127.0.0.1"

/** Returns free ports, all different. A requested port of 0 stands for any port except those in `avoided`. */
export const freePorts = (
  engine: Engine,
  ports: ReadonlyArray<number>,
  avoided: ReadonlyArray<number>,
): Effect.Effect<ReadonlyArray<number>, EmbeddedError> =>
  // All ports stay bound until all are chosen, also the avoided ones, so that each attempt yields another port.
  Effect.scoped(Effect.forEach(ports, (port) =>
    Effect.repeat(listen(engine, port), {
      until: (chosen) => chosen === port || !avoided.includes(chosen),
    })))

const listen = (engine: Engine, port: number): Effect.Effect<number, EmbeddedError, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.callback<ReturnType<typeof createServer>, EmbeddedError>((resume) => {
      const server = createServer()
      const failed = (cause: unknown) =>
        new EmbeddedError({ engine, kind: "PortTaken", reason: `cannot listen on port ${port}`, cause })
      server.once("error", (cause) => resume(Effect.fail(failed(cause))))
      server.listen({ port, host, exclusive: true }, () => resume(Effect.succeed(server)))
    }),
    (server) => Effect.callback<void>((resume) => void server.close(() => resume(Effect.void))),
  ).pipe(Effect.map((server) => {
    const address = server.address()
    return typeof address === "object" && address !== null ? address.port : port
  }))
