/**
 * One unary call directly on an HTTP/2 session, by the rules of gRPC over HTTP/2.
 *
 * Its stream shows how far it got, and all that the peer sends is checked, as `workarounds/grpcStreams.ts` does for
 * calls through grpc-js. The codes of a stream that ended without a status are those of grpc-js.
 */
import type { Buffer } from "node:buffer"
import type { ClientHttp2Stream, IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http2"
import process from "node:process"
import { clearImmediate, setImmediate } from "node:timers"
import * as grpc from "@grpc/grpc-js"
import { chunkBytes, installChunkedWrites } from "../workarounds/denoChunkedWrites.ts"
import { headLength, ReplyFault, ReplyReader } from "../workarounds/grpcReply.ts"
import { codeOfHttp, isRefused, readStatus, refusedStream, refuseReply } from "../workarounds/replyRules.ts"
import { headersOf, timeoutOf } from "./callHeaders.ts"
import { Framed, frameOf } from "./framed.ts"
import { reuseMemory } from "./frameMemory.ts"
import type { CallOnSession, Session } from "./session.ts"
import type { CallEnd, CallOnWire, CallProgress, EndStatus, UnaryCall } from "./unaryCall.ts"

/**
 * Makes a call. Calls `onEnd` once, later. Returns `undefined` if the deadline has passed, or the session takes no
 * further calls. Throws if the request cannot be encoded.
 */
export const callOnSession = (
  session: Session,
  { path, headers, message, deadline, maxReply }: UnaryCall,
  maxMessageSize: number,
  onEnd: (end: CallEnd) => void,
): CallOnWire | undefined => {
  // grpc-js ends it, without a stream.
  if (deadline <= Date.now()) return undefined
  const isOwn = !(message instanceof Framed)
  const frame = isOwn ? frameOf(message) : message.frame
  const sent: OutgoingHttpHeaders = headersOf(headers)
  if (deadline !== Infinity) sent["grpc-timeout"] = timeoutOf(deadline)
  let stream: ClientHttp2Stream
  try {
    stream = session.open(path, sent)
  } catch {
    return undefined
  }
  const call = new SessionCall(session, stream, deadline, Math.min(maxReply, maxMessageSize), onEnd)
  if (isOwn) call.frame = frame
  if (frame.length <= chunkBytes) stream.end(frame)
  else {
    installChunkedWrites()
    stream.write(frame)
    stream.end()
  }
  return call
}

/** A call on a session. */
class SessionCall implements CallOnSession, CallOnWire, CallProgress {
  readonly deadline: number
  fault: ReplyFault | undefined
  /** The frame of the request, if nothing but this call uses it. */
  frame: Buffer | undefined
  isAnswered = false
  readonly isOpened = true
  readonly isUnopenable = false
  readonly #session: Session
  readonly #stream: ClientHttp2Stream
  readonly #reader: ReplyReader
  readonly #onEnd: (end: CallEnd) => void
  #reply: Buffer | undefined
  #httpStatus: number | undefined
  /** Ends the call after its session. */
  #dropping: ReturnType<typeof setImmediate> | undefined
  #isOver = false
  #error: (Error & { readonly code?: unknown }) | undefined

  constructor(
    session: Session,
    stream: ClientHttp2Stream,
    deadline: number,
    maxReply: number,
    onEnd: (end: CallEnd) => void,
  ) {
    this.deadline = deadline
    this.#session = session
    this.#stream = stream
    this.#onEnd = onEnd
    this.#reader = new ReplyReader(maxReply, this.#refuse)
    stream.on("response", this.#onResponse)
    stream.on("data", this.#onData)
    stream.on("trailers", this.#onTrailers)
    stream.on("error", this.#onError)
    stream.on("close", this.#onClose)
    session.add(this)
  }

  /** Whether the server may have applied the call. */
  get mayBeApplied(): boolean {
    const { id, rstCode } = this.#stream
    const { lastStream } = this.#session
    return !isRefused({ id, rstCode, lastStream, isAnswering: this.#httpStatus !== undefined })
  }

  /** Cancels the call on the server, unless it is over. */
  readonly cancel = (): void => this.#end(grpc.status.CANCELLED, "Cancelled by the caller")

  expire(): void {
    this.#end(grpc.status.DEADLINE_EXCEEDED, "Deadline exceeded")
  }

  drop(): void {
    if (this.#dropping !== undefined) return
    // What arrived before the session ended is read first.
    this.#dropping = setImmediate(() => this.#end(grpc.status.UNAVAILABLE, "Connection dropped"))
  }

  readonly #onResponse = (headers: IncomingHttpHeaders, flags: number): void => {
    if (this.#isOver) return
    const status = this.#httpStatus = Number(headers[":status"])
    if ((flags & endStream) !== 0) return this.#onTrailers(headers)
    const type = headers["content-type"] ?? ""
    if (type.startsWith("application/grpc")) return
    if (status !== 200) return this.#endByHttp(status)
    this.#refuse(false, new ReplyFault(`the reply has the content type ${JSON.stringify(type)}`))
  }

  readonly #onData = (data: Buffer): void => {
    if (this.#isOver) return
    const [message] = this.#reader.write(data)
    if (message !== undefined) this.#reply = message.subarray(headLength)
  }

  readonly #onTrailers = (trailers: IncomingHttpHeaders): void => {
    if (this.#isOver) return
    this.isAnswered = true
    const given: unknown = trailers["grpc-status"]
    const code = readStatus(given)
    if (typeof code === "number") {
      if (code !== grpc.status.OK) return this.#end(code, decodeText(trailers["grpc-message"]), trailers)
      // What is left to read comes before the end.
      if (this.#stream.readableLength > 0) this.#stream.once("end", () => this.#end(code, "", trailers))
      else this.#end(code, "", trailers)
      return
    }
    const http = this.#httpStatus
    if (given === undefined && http !== undefined && http !== 200) return this.#endByHttp(http)
    const { message } = this.fault ??= code
    this.#end(grpc.status.UNKNOWN, message, trailers)
  }

  readonly #onError = (error: Error & { readonly code?: unknown }): void => {
    if (error.code !== "ERR_HTTP2_STREAM_ERROR") this.#error = error
  }

  readonly #onClose = (): void => {
    // After an error that is emitted at the same time.
    if (!this.#isOver) process.nextTick(this.#endByReset)
  }

  /** Ends a call whose stream ended without a status. */
  readonly #endByReset = (): void => {
    if (this.#isOver) return
    const { rstCode } = this.#stream
    if (rstCode === 0 && this.#httpStatus !== undefined && this.#httpStatus !== 200) {
      return this.#endByHttp(this.#httpStatus)
    }
    const { code, details } = endOfReset(rstCode ?? 0, this.#dropping !== undefined, this.#error)
    this.#end(code, details)
  }

  #endByHttp(status: number): void {
    this.isAnswered = true
    this.#end(codeOfHttp(status), `Received HTTP status code ${status}`)
  }

  readonly #refuse = (isTooLong: boolean, fault: ReplyFault): void => {
    this.fault = fault
    this.isAnswered = true
    refuseReply(isTooLong, fault, () => this.#httpStatus, (code, details) => this.#end(code, details))
  }

  #end(code: number, details: string, trailers?: IncomingHttpHeaders): void {
    if (this.#isOver) return
    this.#isOver = true
    if (this.#dropping !== undefined) clearImmediate(this.#dropping)
    this.#reader.release()
    const stream = this.#stream
    const isSent = stream.writableFinished
    const isComplete = trailers !== undefined && isSent
    if (isSent && this.frame !== undefined) reuseMemory(this.frame)
    this.#session.remove(this)
    try {
      // Before its stream is reset, which would change what is known of it.
      this.#onEnd({ status: new Status(code, details, trailers), progress: this, isBlind: false, reply: this.#reply })
    } finally {
      if (!isComplete) stream.close(code === grpc.status.OK ? noError : cancel)
    }
  }
}

/** The status of a call, whose metadata is decoded only when it is asked for. */
class Status implements EndStatus {
  readonly code: number
  readonly details: string
  readonly #trailers: IncomingHttpHeaders | undefined

  constructor(code: number, details: string, trailers: IncomingHttpHeaders | undefined) {
    this.code = code
    this.details = details
    this.#trailers = trailers
  }

  get metadata(): grpc.Metadata {
    try {
      return grpc.Metadata.fromHttp2Headers(this.#trailers ?? {})
    } catch {
      return new grpc.Metadata()
    }
  }
}

const endStream = 1
const noError = 0
const cancel = 8

/** Decodes the text of a status, which is percent-encoded. Text that is not is kept as it is. */
const decodeText = (value: string | ReadonlyArray<string> | undefined): string => {
  const text = typeof value === "string" ? value : value?.join(", ") ?? ""
  if (!text.includes("%")) return text
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** The status of a stream that ended with a code of HTTP/2 and without a status of gRPC. */
const endOfReset = (
  rstCode: number,
  isDropped: boolean,
  error: (Error & { readonly code?: unknown }) | undefined,
): { readonly code: grpc.status; readonly details: string } => {
  const { status } = grpc
  const reset = `Received RST_STREAM with code ${rstCode}`
  switch (rstCode) {
    case noError:
      return { code: status.INTERNAL, details: `${reset} (Call ended without gRPC status)` }
    case refusedStream:
      return { code: status.UNAVAILABLE, details: "Stream refused by server" }
    case cancel:
      return isDropped
        ? { code: status.UNAVAILABLE, details: "Connection dropped" }
        : { code: status.CANCELLED, details: "Call cancelled" }
    case 11: // ENHANCE_YOUR_CALM
      return { code: status.RESOURCE_EXHAUSTED, details: "Bandwidth exhausted or memory limit exceeded" }
    case 12: // INADEQUATE_SECURITY
      return { code: status.PERMISSION_DENIED, details: "Protocol not secure enough" }
    case 2: // INTERNAL_ERROR
      if (error === undefined) return { code: status.INTERNAL, details: `${reset} (Internal server error)` }
      return error.code === "ECONNRESET" || error.code === "ETIMEDOUT"
        ? { code: status.UNAVAILABLE, details: error.message }
        : { code: status.INTERNAL, details: `${reset} triggered by internal client error: ${error.message}` }
    default:
      return { code: status.INTERNAL, details: reset }
  }
}
