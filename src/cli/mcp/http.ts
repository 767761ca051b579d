/** Serves an `HttpRouter` over `node:http`, on this machine only. */
import { Buffer } from "node:buffer"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { Readable } from "node:stream"
import { pipeline } from "node:stream/promises"
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import type * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { CommandError } from "../errors.ts"
import { note, type Terminal } from "../screen.ts"

const host = "127.0.0.1"

type Handler = (request: Request) => Promise<Response>

/** Serves a layer of routes until it is interrupted. */
export const serveHttp = <A, E>(
  routes: Layer.Layer<A, E, HttpRouter.HttpRouter>,
  port: number,
  path: string,
): Effect.Effect<never, CommandError, Terminal | Scope.Scope> =>
  Effect.gen(function* () {
    const { handler, dispose } = HttpRouter.toWebHandler(routes, { disableLogger: true })
    yield* Effect.addFinalizer(() => Effect.promise(dispose))
    yield* listen(handler, port)
    yield* note(`Serving MCP on http://${host}:${port}${path}, until Ctrl-C.`)
    return yield* Effect.never
  })

const listen = (handler: Handler, port: number) =>
  Effect.acquireRelease(
    Effect.callback<ReturnType<typeof createServer>, CommandError>((resume) => {
      const server = createServer((request, response) => void answer(handler, request, response))
      server.once("error", (cause) => {
        resume(Effect.fail(new CommandError({ reason: `cannot listen on ${host}:${port}: ${cause.message}`, cause })))
      })
      server.listen(port, host, () => resume(Effect.succeed(server)))
    }),
    (server) =>
      Effect.callback<void>((resume) => {
        server.close(() => resume(Effect.void))
        server.closeAllConnections()
      }),
  )

const answer = async (handler: Handler, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
  const gone = new AbortController()
  outgoing.once("close", () => gone.abort())
  try {
    if (!isLocal(incoming.headers.host)) return void outgoing.writeHead(403).end()
    const { status, headers, body } = await handler(await requestOf(incoming, gone.signal))
    outgoing.writeHead(status, Object.fromEntries(headers))
    if (body === null) return void outgoing.end()
    // Cast: Node's type of web streams is another than that of the runtime.
    await pipeline(Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0]), outgoing)
  } catch {
    // The client is gone, or the reply broke off.
    outgoing.destroy()
  }
}

/** Whether a request was made to this machine by its own name, and not to a name of a page that resolves to it. */
const isLocal = (host = ""): boolean => /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i.test(host)

/** Greatest size of a request, in bytes. */
const maxRequest = 16 * 1024 * 1024

const requestOf = async (incoming: IncomingMessage, signal: AbortSignal): Promise<Request> => {
  const chunks: Array<Uint8Array> = []
  let size = 0
  for await (const chunk of incoming) {
    size += chunk.length
    if (size > maxRequest) throw new Error("the request is too large")
    chunks.push(chunk)
  }
  const { method = "GET", url = "/", headers } = incoming
  const pairs = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, Array.isArray(value) ? value.join(", ") : value] as [string, string]]
  )
  const body = method === "GET" || method === "HEAD" ? null : Buffer.concat(chunks)
  return new Request(`http://${host}${url}`, { method, headers: pairs, body, signal })
}
