/**
 * A FakeMilvus for tests without Effect and without collections: each RPC is answered by a handler of the test.
 *
 * Without handlers, it answers the handshake as a healthy Milvus does, and every other RPC with UNIMPLEMENTED.
 */
import * as grpc from "@grpc/grpc-js"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import * as FakeMilvus from "../../src/testing/FakeMilvus.ts"
import * as Descriptor from "../../src/grpc/methods.ts"
import type { Methods } from "../../src/contract/messages.gen.ts"
import { eventually, openSockets } from "./sockets.ts"

/** One call as the server saw it. */
export interface SeenCall {
  readonly method: string
  readonly request: object
  readonly metadata: grpc.Metadata
  /** The client's address and port, which differ for each of its connections. */
  readonly peer: string
  cancelled: boolean
  ended: boolean
}

type Reply = object | { readonly code: grpc.status; readonly details?: string }
/** Answers a call. The reply {@linkcode never} leaves it unanswered; a {@linkcode failure} fails it. */
export type Handler<Request = object> = (request: Request, call: SeenCall) => Reply | Promise<Reply> | typeof never

/** The reply of a handler that never answers. */
export const never = Symbol("never")

export type Handlers = { -readonly [M in keyof Methods]?: Handler<Methods[M]["request"]> }

export interface FakeServer extends AsyncDisposable {
  readonly address: string
  readonly port: number
  /** Every call so far. */
  readonly calls: Array<SeenCall>
  /** The handlers, which may be changed at any time. */
  readonly handlers: Handlers
  /** Returns the number of calls of a method so far. */
  count(method: keyof Methods): number
  /** Stops as in a crash: cuts every session. */
  crash(): Promise<void>
  /** Listens again on the same port after a crash. */
  restart(): Promise<void>
  /** Stops gracefully: sends GOAWAY. */
  shutdown(): Promise<void>
}

export const success = { error_code: "Success", code: 0, reason: "", retriable: false }
/** A failure of gRPC as the reply of a handler. */
export const failure = (code: grpc.status, details = "told to fail") => ({ code, details, isFailure: true })

export const startServer = async (options: {
  readonly handlers?: Handlers
  readonly tls?: FakeMilvus.TlsOptions
  readonly host?: string
  readonly port?: number
} = {}): Promise<FakeServer> => {
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
  const answer = (request: object, call: FakeMilvus.SeenCall): Effect.Effect<object, FakeMilvus.Failure> => {
    const { method, peer } = call
    const seen: SeenCall = { method, request, metadata: metadataOf(call), peer, cancelled: false, ended: false }
    calls.push(seen)
    const handler = handlers[method] as Handler | undefined
    if (handler === undefined) return Effect.fail({ code: "UNIMPLEMENTED", details: `unknown method ${method}` })
    return Effect.tryPromise({
      // The handler is called at once, not a task later.
      try: () => Promise.resolve(handler(request, seen)),
      catch: (error): FakeMilvus.Failure => ({ code: "UNKNOWN", details: String(error) }),
    }).pipe(
      Effect.flatMap((reply) => {
        if (reply === never) return Effect.never
        seen.ended = true
        return "isFailure" in reply ? Effect.fail(failureOf(reply as Failed)) : Effect.succeed(reply)
      }),
      Effect.onInterrupt(() => Effect.sync(() => seen.cancelled = true)),
    )
  }
  const methods = Object.keys(await Effect.runPromise(Descriptor.service))
  const scope = Scope.makeUnsafe()
  const fake = await Effect.runPromise(
    FakeMilvus.make({ ...options, handlers: Object.fromEntries(methods.map((method) => [method, answer])) }).pipe(
      Scope.provide(scope),
    ),
  )
  return {
    address: fake.address,
    port: fake.port,
    calls,
    handlers,
    count: (method) => calls.filter((call) => call.method === method).length,
    crash: () => Effect.runPromise(fake.crash),
    restart: () => Effect.runPromise(fake.restart),
    shutdown: () => Effect.runPromise(fake.shutdown),
    [Symbol.asyncDispose]: async () => {
      await Effect.runPromise(Scope.close(scope, Exit.void))
      // The sanitizers check right after this. The clients' ends of the sockets are in this process and close a moment
      // later.
      if (fake.port > 0) await eventually(() => openSockets(fake.port) === 0)
    },
  }
}

type Failed = ReturnType<typeof failure> & { readonly metadata?: grpc.Metadata }

const failureOf = ({ code, details, metadata }: Failed): FakeMilvus.RpcFailure => ({
  code: grpc.status[code] as FakeMilvus.RpcFailure["code"],
  details,
  metadata: Object.fromEntries(Object.entries(metadata?.getMap() ?? {}).map(([key, value]) => [key, String(value)])),
})

const metadataOf = ({ metadata, authorization }: FakeMilvus.SeenCall): grpc.Metadata => {
  const all = new grpc.Metadata()
  for (const [key, value] of Object.entries(metadata)) all.set(key, value)
  if (authorization !== undefined) all.set("authorization", Redacted.value(authorization))
  return all
}
