/**
 * Makes one attempt of one RPC, as an Effect. Interrupting it cancels the call on the server.
 *
 * The errors of grpc-js are translated here and nowhere else. How far a failed call got is known from its stream, never
 * from the text of an error. Whatever the server sends, the attempt ends in a reply or a typed error: nothing is thrown
 * into grpc-js.
 */
import * as grpc from "@grpc/grpc-js"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { CodecError, type RpcCode, RpcError, type RpcProgress, type ServerError } from "../errors.ts"
import { ConnectFailure } from "../workarounds/connectFailure.ts"
import { ReplyFault, StreamLost } from "../workarounds/grpcReply.ts"
import type { CallHeaders } from "./callHeaders.ts"
import type { Channel } from "./channel.ts"
import type { Method } from "./methods.ts"
import { statusError } from "./status.ts"
import type { Transport } from "./transport.ts"
import { type CallEnd, type CallProgress, type EndStatus, sizeOf } from "./unaryCall.ts"

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

/** Makes the call once. A reply whose status is not success is its error. */
export const attempt = (attempt: Attempt, request: object): Effect.Effect<object, RpcError | ServerError> =>
  Effect.callback((resume) => {
    const { method, headers, deadline, transport: { channel, traffic }, inFlight } = attempt
    let cancel: (() => void) | undefined
    const receive = (end: CallEnd) => {
      traffic.received += end.reply?.length ?? 0
      const { result, isAnswered } = outcomeOf(end, channel, attempt)
      channel.endCall(isAnswered)
      // In this order, so that a call that is repeated immediately counts as in flight throughout.
      resume(result)
      if (cancel !== undefined) inFlight.remove(cancel)
    }
    channel.beginCall()
    try {
      const { path, maxReply = Infinity } = method
      const message = method.serialize(request)
      traffic.sent += sizeOf(message)
      const stop = cancel = channel.call({ path, headers, message, deadline, maxReply }, receive).cancel
      inFlight.add(stop)
      return Effect.sync(() => {
        inFlight.remove(stop)
        stop()
      })
    } catch (cause) {
      channel.endCall(undefined)
      // A request that does not fit its message, invalid metadata, a missing permission, or a closed channel.
      resume(Effect.fail(notSent(attempt, cause)))
    }
  })

/** The decoded reply of a call, or its error. */
interface Outcome {
  readonly result: Exit.Exit<object, RpcError | ServerError>
  /** Whether the server answered; `undefined` if the call ended before that could be known. */
  readonly isAnswered: boolean | undefined
}

const outcomeOf = (end: CallEnd, channel: Channel, attempt: Attempt): Outcome => {
  const { status, progress, isBlind, failure } = end
  if (failure !== undefined) return { result: Exit.fail(notSent(attempt, failure)), isAnswered: undefined }
  if (status.code === grpc.status.OK) return { result: resultOf(end, attempt), isAnswered: true }
  const error = translate(status, progress, isBlind, channel, attempt)
  const isAnswered = status.code === grpc.status.CANCELLED ? undefined : error.progress === "Answered"
  return { result: Exit.fail(error), isAnswered }
}

/** Decodes the reply of a call that succeeded by its status of gRPC. */
const resultOf = ({ status, progress: { fault }, reply }: CallEnd, attempt: Attempt): Outcome["result"] => {
  const { method } = attempt
  const invalid = (why: string, cause: Error) => Exit.fail(rpcError(attempt, "INTERNAL", why, "Answered", cause))
  if (fault !== undefined) return invalid(fault.message, fault)
  if (reply === undefined) {
    const missing = new ReplyFault("the reply has no message")
    return invalid(missing.message, missing)
  }
  let response: object
  try {
    response = method.deserialize(reply)
  } catch (cause) {
    const why = `Response message parsing error: ${text(cause)}`
    const isFault = cause instanceof CodecError || cause instanceof ReplyFault
    return invalid(why, isFault ? cause : new ReplyFault(why, { cause }))
  }
  try {
    const error = statusError(attempt, response, method.statuses, () => pushback(status))
    return error === undefined ? Exit.succeed(response) : Exit.fail(error)
  } catch (cause) {
    return Exit.fail(rpcError(attempt, "INTERNAL", `Reply could not be taken: ${text(cause)}`, "Lost", cause))
  }
}

const notSent = (attempt: Attempt, cause: unknown): RpcError =>
  rpcError(attempt, "INTERNAL", `Request could not be sent: ${text(cause)}`, "NotSent", cause)

/** Returns the text of a thrown value. */
export const text = (cause: unknown): string => cause instanceof Error ? cause.message : String(cause)

/** Makes an error that this library found itself, in the form of one of the transport. */
export const rpcError = (
  { name, address, headers }: Pick<Attempt, "name" | "address"> & { readonly headers?: Pick<CallHeaders, "trace"> },
  code: RpcCode,
  details: string,
  progress: RpcProgress,
  cause?: unknown,
  retryAfter?: Duration.Duration,
): RpcError => {
  const requestId = headers?.trace?.requestId
  return new RpcError({ method: name, address, code, details, progress, retryAfter, cause, requestId })
}

/** Translates a status that is not success. `isBlind` is whether a stream may have been opened unnoticed. */
export const translate = (
  status: EndStatus,
  progress: CallProgress,
  isBlind: boolean,
  channel: Channel,
  attempt: Attempt,
): RpcError => {
  // Some statuses of grpc-js have no details, though its types say otherwise.
  const details = (status.details ?? "").replace(/\s*Resolution note:\s*$/, "")
  const isUnsent = !isBlind && !progress.mayBeApplied
  const code = codeOf(status.code, isUnsent && (progress.isOpened || progress.isUnopenable))
  const how = isUnsent ? "NotSent" : progressOf(code, progress)
  return rpcError(attempt, code, details, how, causeOf(status, progress, channel), pushback(status))
}

/** The fault of the answer if it arrived, else why the stream ended, else why no session was up. */
const causeOf = (status: EndStatus, progress: CallProgress, channel: Channel): unknown => {
  if (progress.fault !== undefined) return progress.fault
  if (progress.isAnswered) return status
  if (progress.isOpened) return new StreamLost(status.details, { cause: status })
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
const pushback = ({ metadata }: EndStatus): Duration.Duration | undefined => {
  const [given] = metadata?.get("grpc-retry-pushback-ms") ?? []
  if (given === undefined) return undefined
  const millis = /^\d{1,10}$/.test(String(given)) ? Number(given) : Infinity
  return Duration.millis(millis)
}

/** UNAVAILABLE, DEADLINE_EXCEEDED and CANCELLED may come from a proxy while the server goes on with the call. */
const progressOf = (code: RpcCode, { isAnswered }: CallProgress): RpcProgress =>
  isAnswered && code !== "UNAVAILABLE" && code !== "DEADLINE_EXCEEDED" && code !== "CANCELLED" ? "Answered" : "Lost"
