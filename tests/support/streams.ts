/**
 * A Milvus server for tests of streaming RPCs. It answers the handshake as a healthy Milvus does; each streaming RPC is
 * answered by a handler of the test, which gets the call of grpc-js.
 */
import * as grpc from "@grpc/grpc-js"
import * as Effect from "effect/Effect"
import type { Methods, StreamingMethods } from "../../src/contract/messages.gen.ts"
import * as Descriptor from "../../src/grpc/methods.ts"
import { installForSessions } from "../../src/grpc/transport.ts"
import { success } from "./server.ts"
import { eventually, openSockets } from "./sockets.ts"

/** The call of a handler: requests are read from it, and replies are written to it. */
export type ServerCall = grpc.ServerDuplexStream<object, object>

/** A streaming call as the server saw it. */
export interface SeenStream {
  readonly method: keyof StreamingMethods
  /** The one request of an RPC that streams only its replies. */
  readonly request: object | undefined
  readonly metadata: grpc.Metadata
  readonly call: ServerCall
  readonly isCancelled: boolean
}

export interface StreamServer extends AsyncDisposable {
  readonly address: string
  /** Every streaming call so far. */
  readonly streams: ReadonlyArray<SeenStream>
  /** The number of unary calls so far, by RPC. */
  readonly unary: ReadonlyMap<string, number>
  /** Cuts every session, and listens on. */
  readonly cut: () => void
}

export const startStreams = async (
  handlers: { readonly [M in keyof StreamingMethods]?: (call: ServerCall, request: object) => void },
  version = "v3.0.1",
): Promise<StreamServer> => {
  installForSessions()
  const service = await Effect.runPromise(Descriptor.service)
  const streams: Array<SeenStream & { isCancelled: boolean }> = []
  const unary = new Map<string, number>()
  const server = new grpc.Server({ "grpc.max_receive_message_length": -1 })
  const answers: Partial<Record<keyof Methods, object>> = {
    Connect: { status: success, identifier: 1, server_info: { build_tags: version } },
    CheckHealth: { status: success, isHealthy: true },
    GetVersion: { status: success, version },
    ListDatabases: { status: success, db_names: ["default"] },
  }
  for (const [method, reply] of Object.entries(answers)) {
    const answer: grpc.handleUnaryCall<object, object> = (_call, callback) => {
      unary.set(method, (unary.get(method) ?? 0) + 1)
      callback(null, reply)
    }
    const { path, responseSerialize, requestDeserialize } = service[method]!
    server.register(path, answer, responseSerialize, requestDeserialize, "unary")
  }
  for (const [name, handler] of Object.entries(handlers)) {
    const { path, responseSerialize, requestDeserialize, requestStream } = service[name]!
    const answer = (call: ServerCall) => {
      const request: object | undefined = Reflect.get(call, "request")
      // Cast: the names of the handlers.
      const method = name as keyof StreamingMethods
      const seen = { method, request, metadata: call.metadata, call, isCancelled: false }
      streams.push(seen)
      call.on("cancelled", () => seen.isCancelled = true)
      call.on("error", () => {})
      handler(call, request ?? {})
    }
    // Cast: one type for the handlers of both kinds of RPCs.
    const register = server.register.bind(server) as (...args: ReadonlyArray<unknown>) => boolean
    register(path, answer, responseSerialize, requestDeserialize, requestStream ? "bidi" : "serverStream")
  }
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync(
      "127.0.0.1:0",
      grpc.ServerCredentials.createInsecure(),
      (error, bound) => error === null ? resolve(bound) : reject(error),
    )
  )
  const address = `127.0.0.1:${port}`
  return {
    address,
    streams,
    unary,
    cut: () => server.drain(address, 0),
    [Symbol.asyncDispose]: async () => {
      server.forceShutdown()
      await eventually(() => openSockets(port) === 0)
    },
  }
}

/** Writes replies as long as the client takes them. `onWrite` is called after each. */
export const writeAll = async (
  call: ServerCall,
  replies: Iterable<object>,
  onWrite: (count: number) => void = () => {},
): Promise<void> => {
  let count = 0
  for (const reply of replies) {
    if (call.cancelled || call.destroyed) return
    const hasRoom = call.write(reply)
    onWrite(++count)
    if (hasRoom) continue
    await new Promise<void>((resolve) => {
      const events = ["drain", "close", "cancelled"]
      const go = () => {
        for (const event of events) call.off(event, go)
        resolve()
      }
      for (const event of events) call.once(event, go)
    })
  }
}
