/** Serves an `HttpRouter` over `node:http`. */
import { Buffer } from "node:buffer"
import { createHash, timingSafeEqual } from "node:crypto"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { Readable } from "node:stream"
import { pipeline } from "node:stream/promises"
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import type * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import { CommandError } from "../errors.ts"
import { note, type Terminal } from "../screen.ts"

/** Where a server listens. */
export interface Endpoint {
  readonly host: string
  readonly port: number
  /** The bearer token that each request must have; `undefined` if it needs none. */
  readonly token: Redacted.Redacted<string> | undefined
}

type Handler = (request: Request) => Promise<Response>

/** Serves a layer of routes until it is interrupted. */
export const serveHttp = <A, E>(
  routes: Layer.Layer<A, E, HttpRouter.HttpRouter>,
  endpoint: Endpoint,
  path: string,
): Effect.Effect<never, CommandError, Terminal | Scope.Scope> =>
  Effect.gen(function* () {
    const { handler, dispose } = HttpRouter.toWebHandler(routes, { disableLogger: true })
    yield* Effect.addFinalizer(() => Effect.promise(dispose))
    yield* listen(handler, endpoint)
    yield* note(`Serving MCP on http://${addressOf(endpoint)}${path}, until Ctrl-C.`)
    return yield* Effect.never
  })

const addressOf = ({ host, port }: Endpoint): string => `${host.includes(":") ? `[${host}]` : host}:${port}`

const listen = (handler: Handler, endpoint: Endpoint) =>
  Effect.acquireRelease(
    Effect.callback<ReturnType<typeof createServer>, CommandError>((resume) => {
      const server = createServer((request, response) => void answer(handler, endpoint, request, response))
      server.once("error", (cause) => {
        const reason = `cannot listen on ${addressOf(endpoint)}: ${cause.message}`
        resume(Effect.fail(new CommandError({ reason, cause })))
      })
      server.listen(endpoint.port, endpoint.host, () => resume(Effect.succeed(server)))
    }),
    (server) =>
      Effect.callback<void>((resume) => {
        server.close(() => resume(Effect.void))
        server.closeAllConnections()
      }),
  )

const answer = async (
  handler: Handler,
  endpoint: Endpoint,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> => {
  const gone = new AbortController()
  outgoing.once("close", () => gone.abort())
  try {
    const refused = refusalOf(endpoint, incoming)
    if (refused !== undefined) return void outgoing.writeHead(refused, { connection: "close" }).end()
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

/** Returns the status of a request that is refused before it is read. */
const refusalOf = ({ token }: Endpoint, { headers }: IncomingMessage): number | undefined => {
  // A page that a browser shows has an origin, and does not know the token.
  if (headers.origin !== undefined || token === undefined && !isLocal(headers.host)) return 403
  if (token !== undefined && !isBearer(headers.authorization, Redacted.value(token))) return 401
  return Number(headers["content-length"] ?? 0) > maxRequest ? 413 : undefined
}

/** Whether a request was made to this machine by its own name, and not to a name of a page that resolves to it. */
const isLocal = (host = ""): boolean => /^(127(\.\d{1,3}){3}|localhost|\[::1\])(:\d+)?$/i.test(host)

/** Whether a request has the token. Takes as long for any other one. */
const isBearer = (authorization = "", token: string): boolean =>
  timingSafeEqual(digest(authorization.replace(/^bearer +/i, "Bearer ")), digest(`Bearer ${token}`))

const digest = (text: string): Uint8Array => createHash("sha256").update(text).digest()

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
  return new Request(`http://localhost${url}`, { method, headers: pairs, body, signal })
}
