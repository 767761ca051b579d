/**
 * One attempt of one RPC, as an Effect. Interrupting it cancels the call on the server.
 *
 * The errors of grpc-js are translated here and nowhere else. How far a failed call got is read out of `details`: no
 * other part of the error tells it.
 */
import { Buffer } from "node:buffer"
import * as grpc from "@grpc/grpc-js"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { type RpcCode, RpcError, type RpcProgress, type ServerError } from "../errors.ts"
import type { Method } from "./descriptor.ts"
import { LateMessage } from "./late.ts"
import { statusError } from "./status.ts"
import type { Transport } from "./transport.ts"

/** What goes with a call beside its request. */
export interface CallHeaders {
  /** An API key or `user:password`, as it is; Milvus wants it in base64. */
  readonly authorization: string | undefined
  readonly database: string
  readonly identifier: bigint | undefined
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
  /** Is told how to cancel the call, and when it is over. */
  readonly flights: { readonly takeOff: (cancel: () => void) => void; readonly land: (cancel: () => void) => void }
}

/**
 * Makes the call once, over the channel itself: the interceptors between it and `Client` cost a fifth of a small call, and
 * none is used here. A reply whose status is not success is its error.
 */
export const attempt = (attempt: Attempt, request: object): Effect.Effect<object, RpcError | ServerError> => {
  const once: Effect.Effect<object, RpcError | ServerError> = Effect.callback((resume) => {
    const { method, transport: { channel }, deadline, flights } = attempt
    let cancel: (() => void) | undefined
    let reply: Buffer | undefined
    let isFlying = false
    const land = (isAnswered?: boolean) => {
      if (isFlying) channel.land(isAnswered)
      isFlying = false
    }
    const end = (effect: Effect.Effect<object, RpcError | ServerError>) => {
      // In this order, so that a call that is made again at once never counts as over.
      resume(effect)
      if (cancel !== undefined) flights.land(cancel)
    }
    const fail = (error: RpcError | ServerError) => end(Effect.fail(error))
    const notSent = (cause: unknown) =>
      fail(rpcError(attempt, "INTERNAL", `Request could not be sent: ${text(cause)}`, "NotSent", cause))
    try {
      const message = method.serialize(request)
      const late = message instanceof LateMessage ? message : undefined
      const metadata = metadataOf(attempt.headers)
      const call = channel.createCall(method.path, deadline)
      isFlying = true
      call.start(metadata, {
        onReceiveMetadata() {},
        onReceiveMessage(bytes) {
          reply = bytes
        },
        onReceiveStatus(status) {
          if (late?.failure !== undefined) {
            land()
            return notSent(late.failure)
          }
          if (late?.isRefused(status.details)) {
            land()
            return end(once)
          }
          if (status.code !== grpc.status.OK) {
            const error = translate(status, attempt)
            land(status.code === grpc.status.CANCELLED ? undefined : error.progress === "Answered")
            return fail(error)
          }
          land(true)
          let response: object
          try {
            response = method.deserialize(reply!)
          } catch (cause) {
            const details = `Response message parsing error: ${text(cause)}`
            return fail(rpcError(attempt, "INTERNAL", details, "Answered", cause))
          }
          const error = statusError(attempt.name, attempt.address, response, () => pushback(status))
          if (error === undefined) end(Effect.succeed(response))
          else fail(error)
        },
      })
      call.startRead()
      call.sendMessageWithContext({}, message)
      call.halfClose()
      const stop = cancel = () => call.cancelWithStatus(grpc.status.CANCELLED, "Cancelled by the caller")
      flights.takeOff(stop)
      return Effect.sync(() => {
        flights.land(stop)
        stop()
      })
    } catch (cause) {
      land()
      // A request that does not fit, metadata that is not allowed, a permission that is not there, a closed channel.
      notSent(cause)
    }
  })
  return once
}

const text = (cause: unknown): string => cause instanceof Error ? cause.message : String(cause)

/** An error of this library's own making, as if the transport had said it. */
export const rpcError = (
  { name, address }: Pick<Attempt, "name" | "address">,
  code: RpcCode,
  details: string,
  progress: RpcProgress,
  cause?: unknown,
  retryAfter?: Duration.Duration,
): RpcError => new RpcError({ method: name, address, code, details, progress, retryAfter, cause })

const metadataOf = ({ authorization, database, identifier }: CallHeaders): grpc.Metadata => {
  const metadata = new grpc.Metadata()
  if (authorization !== undefined) metadata.set("authorization", Buffer.from(authorization).toString("base64"))
  if (database !== "default") metadata.set("dbname", database)
  if (identifier !== undefined) metadata.set("identifier", identifier.toString())
  return metadata
}

const translate = (status: grpc.StatusObject, { name, address }: Attempt): RpcError => {
  // Cast: `grpc.status` maps its numbers back to its names; a number it does not know is UNKNOWN by gRPC's own rule.
  const code = (grpc.status[status.code] ?? "UNKNOWN") as RpcCode
  const details = status.details.replace(/\s*Resolution note:\s*$/, "")
  return rpcError({ name, address }, code, details, progressOf(code, details), status, pushback(status))
}

/** What gRPC has for a server that asks for patience: milliseconds in the metadata of its status, or "no" if negative. */
const pushback = ({ metadata }: grpc.StatusObject): Duration.Duration | undefined => {
  const [given] = metadata.get("grpc-retry-pushback-ms")
  if (given === undefined) return undefined
  const millis = /^\d{1,10}$/.test(String(given)) ? Number(given) : Infinity
  return Duration.millis(millis)
}

const neverSent =
  /^(No connection established|Channel closed before call started|Name resolution failed|Stream refused by server)/
/** A deadline that found the call still in this process, before a connection was chosen for it. */
const tooLateToSend = /^Deadline exceeded after (?!.*remote_addr=)/
const lostOnTheWay = /RST_STREAM|Connection dropped|ECONNRESET|EPIPE|socket hang up/

const progressOf = (code: RpcCode, details: string): RpcProgress => {
  if (neverSent.test(details) || tooLateToSend.test(details)) return "NotSent"
  if (code === "UNAVAILABLE" || code === "DEADLINE_EXCEEDED" || code === "CANCELLED") return "Lost"
  return lostOnTheWay.test(details) ? "Lost" : "Answered"
}
