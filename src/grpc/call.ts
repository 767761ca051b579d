/**
 * One attempt of one RPC, as an Effect. Interrupting it cancels the call on the server.
 *
 * The errors of grpc-js are translated here and nowhere else. How far a failed call got is known from its stream, never
 * from the words of an error. Whatever the server sends, the attempt ends in a reply or a typed error: nothing is thrown
 * into grpc-js.
 */
import { Buffer } from "node:buffer"
import * as grpc from "@grpc/grpc-js"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { CodecError, type RpcCode, RpcError, type RpcProgress, type ServerError } from "../errors.ts"
import type { Channel } from "./channel.ts"
import type { Method } from "./methods.ts"
import { LazyMessage } from "../workarounds/grpcLazyMessage.ts"
import { ConnectFailure } from "../workarounds/connectFailure.ts"
import { ReplyFault, StreamLost } from "../workarounds/grpcReply.ts"
import { statusError } from "./status.ts"
import { StreamRecord } from "../workarounds/grpcStreams.ts"
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
  readonly inFlight: { readonly add: (cancel: () => void) => void; readonly remove: (cancel: () => void) => void }
}

/**
 * Makes the call once, over the channel itself: the interceptors between it and `Client` cost a fifth of a small call, and
 * none is used here. A reply whose status is not success is its error.
 */
export const attempt = (attempt: Attempt, request: object): Effect.Effect<object, RpcError | ServerError> => {
  const once: Effect.Effect<object, RpcError | ServerError> = Effect.callback((resume) => {
    const { method, transport: { channel }, deadline, inFlight } = attempt
    const record = new StreamRecord(method.maxReply ?? Infinity)
    let cancel: (() => void) | undefined
    let reply: Buffer | undefined
    let isFlying = false
    const land = (isAnswered?: boolean) => {
      record.end()
      if (isFlying) channel.endCall(isAnswered)
      isFlying = false
    }
    const end = (effect: Effect.Effect<object, RpcError | ServerError>) => {
      // In this order, so that a call that is made again at once never counts as over.
      resume(effect)
      if (cancel !== undefined) inFlight.remove(cancel)
    }
    const fail = (error: RpcError | ServerError) => end(Effect.fail(error))
    const notSent = (cause: unknown) =>
      fail(rpcError(attempt, "INTERNAL", `Request could not be sent: ${text(cause)}`, "NotSent", cause))
    const receive = (status: grpc.StatusObject) => {
      channel.streams.check(record, status)
      if (late?.failure !== undefined) {
        land()
        return notSent(late.failure)
      }
      if (late?.isRefused(status.code, record.isAnswered || record.isUnopenable)) {
        land()
        return end(once)
      }
      if (status.code !== grpc.status.OK) {
        const error = translate(status, record, channel, attempt)
        land(status.code === grpc.status.CANCELLED ? undefined : error.progress === "Answered")
        return fail(error)
      }
      land(true)
      const invalid = (why: string, cause: Error) => fail(rpcError(attempt, "INTERNAL", why, "Answered", cause))
      if (record.fault !== undefined) return invalid(record.fault.message, record.fault)
      if (reply === undefined) {
        const fault = new ReplyFault("the reply has no message")
        return invalid(fault.message, fault)
      }
      let response: object
      try {
        response = method.deserialize(reply)
      } catch (cause) {
        const why = `Response message parsing error: ${text(cause)}`
        return invalid(
          why,
          cause instanceof CodecError || cause instanceof ReplyFault ? cause : new ReplyFault(why, { cause }),
        )
      }
      const error = statusError(attempt.name, attempt.address, response, method.statuses, () => pushback(status))
      if (error === undefined) end(Effect.succeed(response))
      else fail(error)
    }
    let late: LazyMessage | undefined
    try {
      const message = method.serialize(request)
      late = message instanceof LazyMessage ? message : undefined
      const metadata = metadataOf(attempt.headers, record)
      const call = channel.createCall(method.path, deadline)
      isFlying = true
      call.start(metadata, {
        onReceiveMetadata() {},
        onReceiveMessage(bytes) {
          reply = bytes
          // What may come after it is to be seen, and not to be waited for.
          call.startRead()
        },
        onReceiveStatus(status) {
          try {
            receive(status)
          } catch (cause) {
            land()
            fail(rpcError(attempt, "INTERNAL", `Reply could not be taken: ${text(cause)}`, "Lost", cause))
          }
        },
      })
      call.startRead()
      call.sendMessageWithContext({}, message)
      call.halfClose()
      const stop = cancel = () => {
        record.end()
        call.cancelWithStatus(grpc.status.CANCELLED, "Cancelled by the caller")
      }
      inFlight.add(stop)
      return Effect.sync(() => {
        inFlight.remove(stop)
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

const metadataOf = ({ authorization, database, identifier }: CallHeaders, record: StreamRecord): grpc.Metadata => {
  const metadata = new grpc.Metadata(record)
  if (authorization !== undefined) metadata.set("authorization", Buffer.from(authorization).toString("base64"))
  if (database !== "default") metadata.set("dbname", database)
  if (identifier !== undefined) metadata.set("identifier", identifier.toString())
  return metadata
}

const translate = (
  status: grpc.StatusObject,
  record: StreamRecord,
  channel: Channel,
  { name, address }: Attempt,
): RpcError => {
  // grpc-js has statuses without details, whatever its types say.
  const details = (status.details ?? "").replace(/\s*Resolution note:\s*$/, "")
  const isUnsent = !channel.streams.isBlind && !record.mayBeApplied
  const code = codeOf(status.code, isUnsent && (record.isOpened || record.isUnopenable))
  const progress = isUnsent ? "NotSent" : progressOf(code, record)
  return rpcError({ name, address }, code, details, progress, causeOf(status, record, channel), pushback(status))
}

/** What is wrong with the answer, if there is one; why the stream ended; or why there was no session for one. */
const causeOf = (status: grpc.StatusObject, record: StreamRecord, channel: Channel): unknown => {
  if (record.fault !== undefined) return record.fault
  if (record.isAnswered) return status
  if (record.isOpened) return new StreamLost(status.details, { cause: status })
  return channel.isClosed ? new ConnectFailure("Abandoned", status.details, status) : channel.failure ?? status
}

/** The name of a code; `isRefused` if the session, or the server, did not take the stream. */
const codeOf = (code: number, isRefused: boolean): RpcCode => {
  // grpc-js has other codes for a session that ended a moment ago, or that ends with an error.
  if (isRefused && code !== grpc.status.DEADLINE_EXCEEDED) return "UNAVAILABLE"
  // Cast: `grpc.status` maps its numbers back to its names; a number it does not know is UNKNOWN by gRPC's own rule.
  return (grpc.status[code] ?? "UNKNOWN") as RpcCode
}

/** What gRPC has for a server that asks for patience: milliseconds in the metadata of its status, or "no" if negative. */
const pushback = ({ metadata }: Partial<grpc.StatusObject>): Duration.Duration | undefined => {
  const [given] = metadata?.get("grpc-retry-pushback-ms") ?? []
  if (given === undefined) return undefined
  const millis = /^\d{1,10}$/.test(String(given)) ? Number(given) : Infinity
  return Duration.millis(millis)
}

/** UNAVAILABLE, DEADLINE_EXCEEDED and CANCELLED may be the answer of a proxy, behind which the call went on. */
const progressOf = (code: RpcCode, { isAnswered }: StreamRecord): RpcProgress =>
  isAnswered && code !== "UNAVAILABLE" && code !== "DEADLINE_EXCEEDED" && code !== "CANCELLED" ? "Answered" : "Lost"
