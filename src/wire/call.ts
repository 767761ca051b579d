/**
 * One attempt of one RPC, as an Effect. Interrupting it cancels the call on the server.
 *
 * The errors of grpc-js are translated here and nowhere else. How far a failed call got is read out of `details`: no
 * other part of the error tells it.
 */
import { Buffer } from "node:buffer"
import * as grpc from "@grpc/grpc-js"
import * as Effect from "effect/Effect"
import { type RpcCode, RpcError, type RpcProgress } from "../errors.ts"
import type { Method } from "./descriptor.ts"
import type { Transport } from "./transport.ts"

/** What goes with a call beside its request. */
export interface CallHeaders {
  /** An API key or `user:password`, as it is; Milvus wants it in base64. */
  readonly authorization?: string | undefined
  readonly database?: string | undefined
  readonly identifier?: bigint | undefined
}

/** Where and how to call. */
export interface Attempt {
  readonly name: string
  readonly method: Method
  readonly address: string
  readonly transport: Transport
  readonly headers: CallHeaders
  /** Milliseconds since the epoch; `Infinity` for none. */
  readonly deadline: number
  /** Is told how to cancel the call while it is in flight, and `undefined` when it no longer is. */
  readonly onFlight?: ((cancel: () => void) => () => void) | undefined
}

/** Makes the call once. */
export const attempt = (attempt: Attempt, request: object): Effect.Effect<object, RpcError> =>
  Effect.callback((resume) => {
    const { method, transport } = attempt
    const landed = (error: grpc.ServiceError | null, response?: object) => {
      onGround?.()
      resume(error === null ? Effect.succeed(response!) : Effect.fail(translate(error, attempt)))
    }
    let onGround: (() => void) | undefined
    try {
      const call = transport.client.makeUnaryRequest(
        method.path,
        method.serialize,
        method.deserialize,
        request,
        metadataOf(attempt.headers),
        attempt.deadline === Infinity ? {} : { deadline: attempt.deadline },
        landed,
      )
      onGround = attempt.onFlight?.(() => call.cancel())
      return Effect.sync(() => {
        onGround?.()
        call.cancel()
      })
    } catch (cause) {
      // What grpc-js throws instead of failing the call: metadata that is not allowed, a permission that is not there.
      const details = cause instanceof Error ? cause.message : String(cause)
      resume(Effect.fail(rpcError(attempt, "INTERNAL", details, "NotSent", cause)))
    }
  })

/** An error of this library's own making, as if the transport had said it. */
export const rpcError = (
  { name, address }: Pick<Attempt, "name" | "address">,
  code: RpcCode,
  details: string,
  progress: RpcProgress,
  cause?: unknown,
): RpcError => new RpcError({ method: name, address, code, details, progress, cause })

const metadataOf = ({ authorization, database, identifier }: CallHeaders): grpc.Metadata => {
  const metadata = new grpc.Metadata()
  if (authorization !== undefined) metadata.set("authorization", Buffer.from(authorization).toString("base64"))
  if (database !== undefined) metadata.set("dbname", database)
  if (identifier !== undefined) metadata.set("identifier", identifier.toString())
  return metadata
}

const translate = (error: grpc.ServiceError, { name, address }: Attempt): RpcError => {
  // Cast: `grpc.status` maps its numbers back to its names; a number it does not know is UNKNOWN by gRPC's own rule.
  const code = (grpc.status[error.code] ?? "UNKNOWN") as RpcCode
  const details = error.details.replace(/\s*Resolution note:\s*$/, "")
  return rpcError({ name, address }, code, details, progressOf(code, details), error)
}

const neverSent =
  /^(No connection established|Channel closed before call started|Name resolution failed|Stream refused by server|Request message serialization failure)/
const lostOnTheWay = /RST_STREAM|Connection dropped|ECONNRESET|EPIPE|socket hang up/

const progressOf = (code: RpcCode, details: string): RpcProgress => {
  if (neverSent.test(details)) return "NotSent"
  if (code === "UNAVAILABLE" || code === "DEADLINE_EXCEEDED" || code === "CANCELLED") return "Lost"
  return lostOnTheWay.test(details) ? "Lost" : "Answered"
}
