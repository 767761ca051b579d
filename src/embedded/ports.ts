/** Ports of this machine. */
import { createServer } from "node:net"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { EmbeddedError, type Engine } from "./errors.ts"

/** The only address of a local server. */
export const host = "127.0.0.1"

/** Ports that are free, all different: 0 is any but those to avoid. */
export const freePorts = (
  engine: Engine,
  ports: ReadonlyArray<number>,
  avoided: ReadonlyArray<number>,
): Effect.Effect<ReadonlyArray<number>, EmbeddedError> =>
  // All are held until all are chosen, and so are those that are refused: the next is another one.
  Effect.scoped(Effect.forEach(ports, (port) =>
    Effect.repeat(listen(engine, port), {
      until: (chosen) => chosen === port || !avoided.includes(chosen),
    })))

const listen = (engine: Engine, port: number): Effect.Effect<number, EmbeddedError, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.callback<ReturnType<typeof createServer>, EmbeddedError>((resume) => {
      const server = createServer()
      const failed = (cause: unknown) =>
        new EmbeddedError({ engine, kind: "PortTaken", reason: `nothing can listen on port ${port}`, cause })
      server.once("error", (cause) => resume(Effect.fail(failed(cause))))
      server.listen({ port, host, exclusive: true }, () => resume(Effect.succeed(server)))
    }),
    (server) => Effect.callback<void>((resume) => void server.close(() => resume(Effect.void))),
  ).pipe(Effect.map((server) => {
    const address = server.address()
    return typeof address === "object" && address !== null ? address.port : port
  }))
