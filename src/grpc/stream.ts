/**
 * Makes one streaming call: its replies are read one by one, and its requests are sent one by one.
 *
 * A reply is taken from the session only when it is asked for, and a request is sent only when the one before it is on
 * its way: so a slow reader slows the server, a slow server slows the requests, and little is held in memory. The
 * replies that arrived before a failure are read before it, except if the session is lost or the deadline passes.
 */
import type { Buffer } from "node:buffer"
import * as grpc from "@grpc/grpc-js"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { RpcError, ServerError } from "../errors.ts"
import { StreamRecord } from "../workarounds/grpcStreams.ts"
import { messageOf } from "../workarounds/grpcLazyMessage.ts"
import { type Attempt, rpcError, text, translate } from "./call.ts"
import { metadataOf } from "./callHeaders.ts"
import type { Channel } from "./channel.ts"
import { statusError } from "./status.ts"
import { sizeOf } from "./unaryCall.ts"

type Result = Exit.Exit<object | undefined, RpcError | ServerError>

/** A streaming call that has begun. */
export class StreamingCall {
  readonly #attempt: Attempt
  readonly #channel: Channel
  readonly #record: StreamRecord
  #call: ReturnType<Channel["createCall"]> | undefined
  /** The end of the call; `undefined` while it goes on. */
  #end: Result | undefined
  /** Takes the next result; `undefined` if nothing waits for one. */
  #take: ((result: Result) => void) | undefined
  /** A reply that arrived after the reader gave up waiting. */
  #unread: Result | undefined
  #isReading = false
  #hasReply = false
  #hasSent = false
  #isOpen = false
  #onOpen: (() => void) | undefined

  /** Begins a call. */
  constructor(attempt: Attempt) {
    this.#attempt = attempt
    this.#channel = attempt.transport.channel
    this.#record = new StreamRecord(Infinity, () => {
      this.#isOpen = true
      this.#onOpen?.()
    })
    this.#channel.beginCall()
    try {
      const metadata = metadataOf(attempt.headers, this.#record)
      const call = this.#call = this.#channel.createCall(attempt.method.path, attempt.deadline)
      attempt.inFlight.add(this.#stop)
      call.start(metadata, {
        onReceiveMetadata() {},
        onReceiveMessage: (bytes: Buffer) => this.#receive(bytes),
        onReceiveStatus: (status) => this.#receiveStatus(status),
      })
    } catch (cause) {
      // Invalid metadata, a missing permission, or a closed channel.
      this.#channel.endCall(undefined)
      this.#finish(Exit.fail(this.#error("INTERNAL", `Request could not be sent: ${text(cause)}`, "NotSent", cause)))
    }
  }

  /** Waits until the call has an HTTP/2 stream. A call that ends before never has one. */
  get opened(): Effect.Effect<void> {
    return Effect.callback((resume) => {
      if (this.#isOpen || this.#channel.streams.isBlind) return resume(Effect.void)
      this.#onOpen = () => resume(Effect.void)
    })
  }

  /** Sends a request. Completes when the next one may be sent; never if the call has ended. */
  send(request: object): Effect.Effect<void, RpcError> {
    return Effect.callback((resume) => {
      if (this.#end !== undefined || this.#call === undefined) return
      try {
        const encoded = this.#attempt.method.serialize(request)
        const message = messageOf(encoded)
        this.#attempt.transport.traffic.sent += sizeOf(encoded)
        this.#call.sendMessageWithContext({ callback: () => resume(Effect.void) }, message)
        this.#hasSent = true
      } catch (cause) {
        const progress = this.#hasSent ? "Lost" : "NotSent"
        const why = `Request could not be sent: ${text(cause)}`
        resume(Effect.fail(this.#error("INTERNAL", why, progress, cause)))
      }
    })
  }

  /** Ends the requests. */
  halfClose(): void {
    if (this.#end === undefined) this.#call?.halfClose()
  }

  /** Waits for the next reply; `undefined` after the last. A reply whose status is not success is an error. */
  get next(): Effect.Effect<object | undefined, RpcError | ServerError> {
    return Effect.callback((resume) => {
      const ready = this.#unread ?? this.#end
      this.#unread = undefined
      if (ready !== undefined) return resume(ready)
      this.#take = resume
      if (!this.#isReading) {
        this.#isReading = true
        this.#call?.startRead()
      }
      return Effect.sync(() => void (this.#take = undefined))
    })
  }

  /** Cancels the call on the server, unless it has ended. */
  cancel(): void {
    if (this.#end !== undefined) return
    this.#finish(Exit.fail(this.#error("CANCELLED", "Cancelled by the caller", "Lost")))
    this.#stop()
  }

  /** Ends the call; its status follows. */
  readonly #stop = (): void => {
    this.#record.end()
    this.#call?.cancelWithStatus(grpc.status.CANCELLED, "Cancelled by the caller")
  }

  #receive(bytes: Buffer): void {
    this.#isReading = false
    if (this.#end !== undefined) return
    this.#hasReply = true
    const { method, transport: { traffic } } = this.#attempt
    traffic.received += bytes.length
    try {
      const reply = method.deserialize(bytes)
      const error = statusError(this.#attempt, reply, method.statuses, () => undefined)
      if (error === undefined) return this.#deliver(Exit.succeed(reply))
      this.#finish(Exit.fail(error))
    } catch (cause) {
      const why = `Response message parsing error: ${text(cause)}`
      this.#finish(Exit.fail(this.#error("INTERNAL", why, "Answered", cause)))
    }
    this.#stop()
  }

  #receiveStatus(given: grpc.StatusObject): void {
    const record = this.#record
    const channel = this.#channel
    channel.streams.check(record, given)
    // The record keeps the code of the server, so that grpc-js reads all replies before it reports the end.
    const status = given.code === grpc.status.OK ? { ...given, code: record.code ?? given.code } : given
    const isOk = status.code === grpc.status.OK && record.fault === undefined
    const error = isOk ? undefined : translate(status, record, channel.streams.isBlind, channel, this.#attempt)
    const isAnswered = this.#hasReply || error === undefined || error.progress === "Answered"
    channel.endCall(status.code === grpc.status.CANCELLED ? undefined : isAnswered)
    record.end()
    this.#finish(error === undefined ? Exit.succeed(undefined) : Exit.fail(error))
  }

  #finish(end: Result): void {
    if (this.#end !== undefined) return
    this.#end = end
    this.#deliver(end)
    this.#attempt.inFlight.remove(this.#stop)
  }

  #deliver(result: Result): void {
    const take = this.#take
    this.#take = undefined
    if (take !== undefined) take(result)
    else if (this.#end === undefined) this.#unread = result
  }

  #error(...given: ErrorArguments): RpcError {
    return rpcError(this.#attempt, ...given)
  }
}

type ErrorArguments = Parameters<typeof rpcError> extends [unknown, ...infer Rest] ? Rest : never
