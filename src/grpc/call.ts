/**
 * Makes one attempt of one RPC, as an Effect. Interrupting it cancels the call on the server.
 *
 * The errors of grpc-js are translated here and nowhere else. How far a failed call got is known from its stream, never
 * from the text of an error. Whatever the server sends, the attempt ends in a reply or a typed error: nothing is thrown
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

/** Metadata of a call. */
export interface CallHeaders {
  /** An API key or `user:password` in plain text; it is sent in base64, as Milvus expects. */
  readonly authorization: string | undefined
  readonly database: string
  readonly identifier: bigint | undefined
}

/** One attempt of a call, without its request. */
export interface Attempt {
  readonly name: string
  readonly method: Method
  readonly address: string
  readonly transport: Transport
  readonly headers: CallHeaders
  /** Milliseconds since the epoch; `Infinity` for none. */
  readonly deadline: number
  /** Gets the cancel function of the call when it begins, and again when it is over. */
  readonly inFlight: { readonly add: (cancel: () => void) => void; readonly remove: (cancel: () => void) => void }
}

/**
 * Makes the call once. A reply whose status is not success is its error.
 *
 * It uses the channel directly: the interceptors between it and `Client` cost a fifth of a small call, and none is used
 * here.
 */
export const attempt = (attempt: Attempt, request: object): Effect.Effect<object, RpcError | ServerError> => {
  const once: Effect.Effect<object, RpcError | ServerError> = Effect.callback((resume) => {
    const { method, transport: { channel }, deadline, inFlight } = attempt
    const record = new StreamRecord(method.maxReply ?? Infinity)
    let cancel: (() => void) | undefined
    let reply: Buffer | undefined
    let isCounted = false
    const endCall = (isAnswered?: boolean) => {
      record.end()
      if (isCounted) channel.endCall(isAnswered)
      isCounted = false
    }
    const end = (effect: Effect.Effect<object, RpcError | ServerError>) => {
      // In this order, so that a call that is repeated immediately counts as in flight throughout.
      resume(effect)
      if (cancel !== undefined) inFlight.remove(cancel)
    }
    const fail = (error: RpcError | ServerError) => end(Effect.fail(error))
    const notSent = (cause: unknown) =>
      fail(rpcError(attempt, "INTERNAL", `Request could not be sent: ${text(cause)}`, "NotSent", cause))
    const receive = (status: grpc.StatusObject) => {
      channel.streams.check(record, status)
      if (lazyMessage?.failure !== undefined) {
        endCall()
        return notSent(lazyMessage.failure)
      }
      if (lazyMessage?.isRefused(status.code, record.isAnswered || record.isUnopenable)) {
        endCall()
        return end(once)
      }
      if (status.code !== grpc.status.OK) {
        const error = translate(status, record, channel, attempt)
        endCall(status.code === grpc.status.CANCELLED ? undefined : error.progress === "Answered")
        return fail(error)
      }
      endCall(true)
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
    let lazyMessage: LazyMessage | undefined
    try {
      const message = method.serialize(request)
      lazyMessage = message instanceof LazyMessage ? message : undefined
      const metadata = metadataOf(attempt.headers, record)
      const call = channel.createCall(method.path, deadline)
      isCounted = true
      call.start(metadata, {
        onReceiveMetadata() {},
        onReceiveMessage(bytes) {
          reply = bytes
          // Reads on, to see whether more follows; nothing waits for it.
          call.startRead()
        },
        onReceiveStatus(status) {
          try {
            receive(status)
          } catch (cause) {
            endCall()
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
      endCall()
      // A request that does not fit its message, invalid metadata, a missing permission, or a closed channel.
      notSent(cause)
    }
  })
  return once
}

/** Returns the text of a thrown value. */
export const text = (cause: unknown): string => cause instanceof Error ? cause.message : String(cause)

/** Makes an error that this library found itself, in the form of one of the transport. */
export const rpcError = (
  { name, address }: Pick<Attempt, "name" | "address">,
  code: RpcCode,
  details: string,
  progress: RpcProgress,
  cause?: unknown,
  retryAfter?: Duration.Duration,
): RpcError => new RpcError({ method: name, address, code, details, progress, retryAfter, cause })

/** Returns the metadata of a call with its record. */
export const metadataOf = (
  { authorization, database, identifier }: CallHeaders,
  record: StreamRecord,
): grpc.Metadata => {
  const metadata = new grpc.Metadata(record)
  if (authorization !== undefined) metadata.set("authorization", Buffer.from(authorization).toString("base64"))
  if (database !== "default") metadata.set("dbname", database)
  if (identifier !== undefined) metadata.set("identifier", identifier.toString())
  return metadata
}

/** Translates a status of grpc-js. */
export const translate = (
  status: grpc.StatusObject,
  record: StreamRecord,
  channel: Channel,
  { name, address }: Attempt,
): RpcError => {
  // Some statuses of grpc-js have no details, though its types say otherwise.
  const details = (status.details ?? "").replace(/\s*Resolution note:\s*$/, "")
  const isUnsent = !channel.streams.isBlind && !record.mayBeApplied
  const code = codeOf(status.code, isUnsent && (record.isOpened || record.isUnopenable))
  const progress = isUnsent ? "NotSent" : progressOf(code, record)
  return rpcError({ name, address }, code, details, progress, causeOf(status, record, channel), pushback(status))
}

/** The fault of the answer if it arrived, else why the stream ended, else why no session was up. */
const causeOf = (status: grpc.StatusObject, record: StreamRecord, channel: Channel): unknown => {
  if (record.fault !== undefined) return record.fault
  if (record.isAnswered) return status
  if (record.isOpened) return new StreamLost(status.details, { cause: status })
  return channel.isClosed ? new ConnectFailure("Abandoned", status.details, status) : channel.failure ?? status
}

/** Returns the name of a code. `isRefused`: the session, or the server, did not take the stream. */
const codeOf = (code: number, isRefused: boolean): RpcCode => {
  // For a session that just ended, or that ends with an error, grpc-js has other codes.
  if (isRefused && code !== grpc.status.DEADLINE_EXCEEDED) return "UNAVAILABLE"
  // Cast: `grpc.status` maps numbers back to names; by the rules of gRPC an unknown number is UNKNOWN.
  return (grpc.status[code] ?? "UNKNOWN") as RpcCode
}

/** Reads how long the server asks to wait: milliseconds in the metadata of its status; negative means no retry. */
const pushback = ({ metadata }: Partial<grpc.StatusObject>): Duration.Duration | undefined => {
  const [given] = metadata?.get("grpc-retry-pushback-ms") ?? []
  if (given === undefined) return undefined
  const millis = /^\d{1,10}$/.test(String(given)) ? Number(given) : Infinity
  return Duration.millis(millis)
}

/** UNAVAILABLE, DEADLINE_EXCEEDED and CANCELLED may come from a proxy while the server goes on with the call. */
const progressOf = (code: RpcCode, { isAnswered }: StreamRecord): RpcProgress =>
  isAnswered && code !== "UNAVAILABLE" && code !== "DEADLINE_EXCEEDED" && code !== "CANCELLED" ? "Answered" : "Lost"
