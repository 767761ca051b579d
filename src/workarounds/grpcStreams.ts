/**
 * Records the HTTP/2 stream of each call, and checks what a peer sends on it.
 *
 * What: only its stream shows whether a call was sent: no stream was opened; the server refused it (REFUSED_STREAM, or
 * a GOAWAY with a lower id); or it was open, and then the call may have been applied. grpc-js does not expose that, and
 * the text of its errors may come from a server. So the subchannels of a client are patched, each before it connects,
 * and a call that opens a stream is recorded. On the stream
 *
 * - the reply is read by {@link ReplyReader}: grpc-js inflates compressed replies without a bound, waits for the end of
 *   a second message, and ends the process if it does not know the encoding. No encoding is offered;
 * - a status that is not a decimal number is UNKNOWN: grpc-js takes an empty one for success;
 * - the status of a streaming call comes after its replies: grpc-js drops those that were not read if the call failed.
 *   Nothing is sent after the status, which grpc-js would report in its place;
 * - a call that is over opens no stream: grpc-js opens one if the deadline passed in the turn in which the call began.
 *
 * Every step checks an object before it uses it. If something is not as expected, the client counts as blind, and its
 * calls do not count as never sent. A reply on a stream that was not recorded has the same effect.
 *
 * Versions: grpc-js 1.14.
 *
 * When it can go: once grpc-js reports the progress of a call, and accepts replies by the rules above.
 */
import * as grpc from "@grpc/grpc-js"
import * as Predicate from "effect/Predicate"
import { get } from "./grpcInternals.ts"
import { maxProtobufLength, type ReplyFault, ReplyReader } from "./grpcReply.ts"
import { isRefused, readStatus, refuseReply, type StreamEnd } from "./replyRules.ts"

/**
 * The streams of one call. It travels with the call as the options of its metadata, which grpc-js passes unchanged from
 * one layer to the next.
 */
export class StreamRecord implements grpc.MetadataOptions {
  readonly waitForReady = false
  /** The fault of what the server sent, found by this library. */
  fault: ReplyFault | undefined
  /** Whether a stream could not be opened on a session that seemed to be up. */
  isUnopenable = false
  /** Whether the server sent a status, or an HTTP status in its place. */
  isAnswered = false
  /** The code that the server sent for a streaming call. The code that grpc-js reports is then not used. */
  code: number | undefined
  readonly #maxReply: number
  readonly #onOpen: (() => void) | undefined
  readonly #streams: Array<Stream> = []
  #isOver = false

  /**
   * `maxReply` bounds the bytes of a reply, in addition to the bound of the channel. `onOpen` makes it the record of a
   * streaming call, and is called when a stream is open.
   */
  constructor(maxReply: number, onOpen?: () => void) {
    this.#maxReply = maxReply
    this.#onOpen = onOpen
  }

  /** Whether a stream was opened. */
  get isOpened(): boolean {
    return this.#streams.length > 0
  }

  /** Whether the server may have applied the call. */
  get mayBeApplied(): boolean {
    return this.#streams.some((stream) => !isRefused(endOf(stream)))
  }

  /** Ends the record: no further stream opens, and the bytes of the reply are dropped. */
  end(): void {
    this.#isOver = true
    for (const { reader } of this.#streams) reader?.release()
  }

  /** Records the stream that `open` opens; throws what it throws. */
  open(open: () => object, limit: number): object {
    if (this.#isOver) throw new Error("the call is over")
    let call: object
    try {
      call = open()
    } catch (error) {
      this.isUnopenable = true
      throw error
    }
    this.#streams.push({ call, goaway: goawayOf(call), reader: this.#readReply(call, limit) })
    this.#readTrailers(call)
    if (this.#onOpen !== undefined) {
      this.#endWrites(call)
      this.#onOpen()
    }
    return call
  }

  #readReply(call: object, limit: number): ReplyReader | undefined {
    const cancel = get(call, "cancelWithStatus")
    if (!Predicate.isFunction(cancel) || !Predicate.isFunction(get(get(call, "decoder"), "write"))) return undefined
    const reader = new ReplyReader(Math.min(limit, this.#maxReply), (isTooLong, fault) => {
      this.fault = fault
      this.isAnswered = true
      const end = (code: grpc.status, details: string) => void Reflect.apply(cancel, call, [code, details])
      refuseReply(isTooLong, fault, () => get(call, "httpStatusCode"), end)
    }, this.#onOpen !== undefined)
    Reflect.set(call, "decoder", reader)
    return reader
  }

  #readTrailers(call: object): void {
    const handle = get(call, "handleTrailers")
    if (!Predicate.isFunction(handle)) return
    Reflect.set(call, "handleTrailers", (trailers: object) => {
      this.isAnswered = true
      const given: unknown = get(trailers, "grpc-status")
      const status = readStatus(given)
      if (typeof status === "number") {
        if (this.#onOpen === undefined) return Reflect.apply(handle, call, [trailers])
        this.code = status
        return Reflect.apply(handle, call, [{ ...trailers, "grpc-status": `${grpc.status.OK}` }])
      }
      const { message } = this.fault ??= status
      // Without one, grpc-js goes by the HTTP status.
      if (given === undefined) return Reflect.apply(handle, call, [trailers])
      const unknown = { "grpc-status": `${grpc.status.UNKNOWN}`, "grpc-message": message }
      return Reflect.apply(handle, call, [{ ...trailers, ...unknown }])
    })
  }

  /** After the status of the server, drops what is to be sent, and failures to send. */
  #endWrites(call: object): void {
    const send = get(call, "sendMessageWithContext")
    if (Predicate.isFunction(send)) {
      Reflect.set(call, "sendMessageWithContext", (...message: ReadonlyArray<unknown>) => {
        if (!this.isAnswered) Reflect.apply(send, call, message)
      })
    }
    const end = get(call, "endCall")
    if (Predicate.isFunction(end)) {
      Reflect.set(call, "endCall", (status: unknown) => {
        const isWrite = /^Write (error:|failed )/.test(String(get(status, "details")))
        if (!this.isAnswered || !isWrite) Reflect.apply(end, call, [status])
      })
    }
  }
}

interface Stream {
  /** The call object of grpc-js, which has the stream. */
  readonly call: object
  readonly goaway: Goaway
  readonly reader: ReplyReader | undefined
}

/** The last stream that the server processed: streams with a higher id were refused. */
interface Goaway {
  lastStream: number
}

/** Reads what is known of a stream. */
const endOf = ({ call, goaway: { lastStream } }: Stream): StreamEnd => {
  const stream = get(call, "http2Stream")
  const isAnswering = get(call, "httpStatusCode") !== undefined
  return { id: get(stream, "id"), rstCode: get(stream, "rstCode"), lastStream, isAnswering }
}

const goaways = new WeakMap<object, Goaway>()

/** Returns the GOAWAY of a call's session. Keyed by the transport of grpc-js: nothing may keep a session alive. */
const goawayOf = (call: object): Goaway => {
  const transport = get(call, "transport")
  const known = Predicate.isObject(transport) ? goaways.get(transport) : undefined
  if (known !== undefined) return known
  const goaway: Goaway = { lastStream: Infinity }
  const session = get(transport, "session")
  const on = get(session, "on")
  if (!Predicate.isObject(transport) || !Predicate.isFunction(on)) return goaway
  goaways.set(transport, goaway)
  Reflect.apply(on, session, ["goaway", (_code: unknown, lastStream: unknown) => {
    if (typeof lastStream === "number") goaway.lastStream = Math.min(goaway.lastStream, lastStream)
  }])
  return goaway
}

/** Records the streams of one client. */
export class StreamWatch {
  /** Whether a stream may have been opened that was not recorded. */
  isBlind = false
  readonly #limit: number
  readonly #watched = new WeakSet<object>()

  /** `limit` is the bound of grpc-js for a reply, -1 for none. */
  constructor(limit: number | undefined) {
    this.#limit = limit === undefined || limit < 0 ? maxProtobufLength : limit
  }

  /** Checks a call that is over: an answered one must have a recorded stream. */
  check(record: StreamRecord, { code, metadata }: Partial<grpc.StatusObject>): void {
    const hasReply = code === grpc.status.OK || (metadata?.get("content-type").length ?? 0) > 0
    if (hasReply && !record.isOpened) this.isBlind = true
  }

  /** Records the streams of a subchannel of grpc-js. */
  watch(subchannel: unknown): void {
    const createCall = get(subchannel, "createCall")
    if (!Predicate.isObject(subchannel) || !Predicate.isFunction(createCall)) {
      this.isBlind = true
      return
    }
    if (this.#watched.has(subchannel)) return
    this.#watched.add(subchannel)
    const limit = this.#limit
    Reflect.set(subchannel, "createCall", (metadata: unknown, ...more: ReadonlyArray<unknown>) => {
      const record = metadata instanceof grpc.Metadata ? metadata.getOptions() : undefined
      const open = () => Reflect.apply(createCall, subchannel, [metadata, ...more])
      if (!(metadata instanceof grpc.Metadata && record instanceof StreamRecord)) return open()
      metadata.remove("grpc-accept-encoding")
      return record.open(open, limit)
    })
  }
}
