/**
 * A MilvusService in this process, over the real contract, that answers what a test tells it to.
 *
 * Without being told, it answers the handshake as a healthy Milvus does, and UNIMPLEMENTED to everything else.
 */
import * as grpc from "@grpc/grpc-js"
import * as protoLoader from "@grpc/proto-loader"
import descriptor from "../../src/wire/descriptor.json" with { type: "json" }
import type { Methods } from "../../src/wire/messages.gen.ts"
import { eventually, openSockets } from "./sockets.ts"

/** One call as the server saw it. */
export interface SeenCall {
  readonly method: string
  readonly request: object
  readonly metadata: grpc.Metadata
  /** The client's address and port, which tell its connections apart. */
  readonly peer: string
  cancelled: boolean
  ended: boolean
}

type Reply = object | { readonly code: grpc.status; readonly details?: string }
/** Answers a call; `never` leaves it unanswered. A reply with a gRPC `code` and `details` is a failure. */
export type Handler<Request = object> = (request: Request, call: SeenCall) => Reply | Promise<Reply> | typeof never

/** The reply of a handler that never answers. */
export const never = Symbol("never")

export type Handlers = { -readonly [M in keyof Methods]?: Handler<Methods[M]["request"]> }

export interface FakeServer extends AsyncDisposable {
  readonly address: string
  readonly port: number
  /** Every call so far. */
  readonly calls: Array<SeenCall>
  /** What it answers; may be changed at any time. */
  readonly handlers: Handlers
  /** How many calls of a method it saw. */
  count(method: keyof Methods): number
  /** Stops as after a crash: every session is cut. */
  crash(): Promise<void>
  /** Listens again on the same port after a crash. */
  restart(): Promise<void>
  /** Stops gracefully: sends GOAWAY. */
  shutdown(): Promise<void>
}

export const success = { error_code: "Success", code: 0, reason: "", retriable: false }
/** A failure of gRPC as the reply of a handler. */
export const failure = (code: grpc.status, details = "told to fail") => ({ code, details, isFailure: true })

const definition = protoLoader.fromJSON(descriptor as unknown as Parameters<typeof protoLoader.fromJSON>[0], {
  longs: BigInt as unknown as typeof Number,
  enums: String,
  defaults: true,
  oneofs: true,
})
const service = definition["milvus.proto.milvus.MilvusService"] as protoLoader.ServiceDefinition

export const startServer = async (options: {
  readonly handlers?: Handlers
  readonly credentials?: grpc.ServerCredentials
  readonly host?: string
  readonly port?: number
  readonly channelOptions?: grpc.ServerOptions
} = {}): Promise<FakeServer> => {
  const host = options.host ?? "127.0.0.1"
  let identifiers = 0n
  const calls: Array<SeenCall> = []
  const handlers: Handlers = {
    Connect: () => ({
      status: success,
      identifier: ++identifiers,
      server_info: { build_tags: "v2.6.2", deploy_mode: "STANDALONE" },
    }),
    GetVersion: () => ({ status: success, version: "v2.6.2" }),
    CheckHealth: () => ({ status: success, isHealthy: true, reasons: [] }),
    ...options.handlers,
  }
  const answer = (method: string): grpc.handleUnaryCall<object, object> => async (call, callback) => {
    const { request, metadata } = call
    const seen: SeenCall = { method, request, metadata, peer: call.getPeer(), cancelled: false, ended: false }
    calls.push(seen)
    // Cancelled before it got here, it is not told again.
    seen.cancelled = call.cancelled
    call.on("cancelled", () => seen.cancelled = true)
    const handler = handlers[method as keyof Methods] as Handler | undefined
    try {
      const reply = handler === undefined
        ? failure(grpc.status.UNIMPLEMENTED, `unknown method ${method}`)
        : await handler(call.request, seen)
      if (reply === never) return
      seen.ended = true
      if ("isFailure" in reply) callback(reply as unknown as grpc.ServiceError)
      else callback(null, reply)
    } catch (error) {
      callback({ code: grpc.status.UNKNOWN, details: String(error) })
    }
  }
  const start = async (port: number): Promise<{ server: grpc.Server; port: number }> => {
    const server = new grpc.Server({
      "grpc.max_receive_message_length": -1,
      "grpc.max_send_message_length": -1,
      ...options.channelOptions,
    })
    for (const [name, method] of Object.entries(service)) {
      if (method.requestStream || method.responseStream) continue
      server.register(method.path, answer(name), method.responseSerialize, method.requestDeserialize, "unary")
    }
    const bound = await new Promise<number>((resolve, reject) =>
      server.bindAsync(
        host.startsWith("unix:") ? host : `${host.includes(":") ? `[${host}]` : host}:${port}`,
        options.credentials ?? grpc.ServerCredentials.createInsecure(),
        (error, port) => error === null ? resolve(port) : reject(error),
      )
    )
    return { server, port: bound }
  }
  let { server, port } = await start(options.port ?? 0)
  const crash = () => {
    server.forceShutdown()
    return Promise.resolve()
  }
  const shutdown = () =>
    new Promise<void>((resolve) =>
      server.tryShutdown(() => {
        server.forceShutdown()
        resolve()
      })
    )
  return {
    get address() {
      return host.startsWith("unix:") ? host : `${host.includes(":") ? `[${host}]` : host}:${port}`
    },
    get port() {
      return port
    },
    calls,
    handlers,
    count: (method) => calls.filter((call) => call.method === method).length,
    crash,
    restart: async () => {
      ;({ server, port } = await start(port))
    },
    shutdown,
    [Symbol.asyncDispose]: async () => {
      await crash()
      // The sanitizers look right after this: the other ends of the sockets, in this process too, need a moment.
      if (!host.startsWith("unix:")) await eventually(() => openSockets(port) === 0)
    },
  }
}
