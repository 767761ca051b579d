/** One server under comparison: bare calls, and what a reply says of success or refusal. */
import type { Buffer } from "node:buffer"
import * as grpc from "@grpc/grpc-js"
import * as Effect from "effect/Effect"
import type { Connection, Message } from "../../../mod.ts"
import * as Descriptor from "../../../src/grpc/methods.ts"

export type Methods = Connection.Methods
export type Method = keyof Methods
export type Messages = Message.Messages
export type Request<M extends Method> = Methods[M]["request"]

/** How a server ended a call: by a status of gRPC, or by a status of Milvus, whose code is 0 for success. */
export type Outcome =
  | { readonly kind: "rpc"; readonly code: number; readonly reason: string }
  | {
    readonly kind: "server"
    readonly code: number
    /** The code that clients older than 2.3 read. */
    readonly legacy: string | number
    readonly retriable: boolean
    readonly reason: string
  }

interface Status {
  readonly code: number
  readonly error_code: string | number
  readonly retriable: boolean
  readonly reason: string
}

/** A server, by calls that see each status whole. */
export class Server implements Disposable {
  readonly #client: grpc.Client
  readonly #encoders = new Map<string, Descriptor.Codec | undefined>()

  constructor(address: string, readonly service: Awaited<ReturnType<typeof loadService>>) {
    this.#client = new grpc.Client(address, grpc.credentials.createInsecure(), {
      "grpc.use_local_subchannel_pool": 1,
      "grpc.enable_http_proxy": 0,
    })
  }

  /** The reply, whatever its status; `undefined` with the error of gRPC. */
  reply<M extends Method>(
    name: M,
    request: Request<M>,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Outcome & { readonly reply?: object }> {
    const method = this.service[name]
    if (method === undefined) throw new Error(`the contract has no ${name}`)
    const metadata = new grpc.Metadata()
    for (const [key, value] of Object.entries(headers)) metadata.set(key, value)
    return new Promise((resolve) =>
      this.#client.makeUnaryRequest(
        method.path,
        // Cast: the serializer of a method of the contract takes its request.
        method.requestSerialize as (value: Request<M>) => Buffer,
        method.responseDeserialize,
        request,
        metadata,
        { deadline: Date.now() + 20_000 },
        (error, reply) => {
          if (error !== null) return resolve({ kind: "rpc", code: error.code, reason: error.details })
          // Cast: a reply has a status or is one.
          const { code, error_code, retriable, reason } = (reply as { status?: Status }).status ?? reply as Status
          resolve({ kind: "server", code, legacy: error_code, retriable, reason, reply: reply as object })
        },
      )
    )
  }

  /** A call that has to succeed. */
  async call<M extends Method>(name: M, request: Request<M>): Promise<Methods[M]["response"]> {
    const outcome = await this.reply(name, request)
    if (!isAccepted(outcome) || outcome.reply === undefined) {
      throw new Error(`${name}: ${outcome.code} ${outcome.reason}`)
    }
    return outcome.reply as Methods[M]["response"]
  }

  /** The bytes of a message within a request. */
  async encode<N extends keyof Messages>(name: N, value: Messages[N]["input"]): Promise<Uint8Array> {
    if (!this.#encoders.has(name)) this.#encoders.set(name, await Effect.runPromise(Descriptor.codec(name)))
    return this.#encoders.get(name)!.serialize(value)
  }

  [Symbol.dispose](): void {
    this.#client.close()
  }
}

export const loadService = () => Effect.runPromise(Descriptor.service)

export const isAccepted = (outcome: Outcome): boolean =>
  outcome.kind === "server" && outcome.code === 0 && (outcome.legacy === "Success" || outcome.legacy === 0)
