/**
 * What is known of the HTTP/2 stream of each call, and what a peer may send on it.
 *
 * What: whether a call was sent can be told by its stream alone: none was opened; the server refused it (REFUSED_STREAM, or a
 * GOAWAY with a lower id); or it was there, and then the call may have been applied. grpc-js 1.14 keeps that to itself, and
 * the words of its errors may as well be those of a server. So the subchannels of a client are patched, each before it
 * connects: a call that opens a stream is recorded. On the stream
 *
 * - the reply is read by {@link ReplyReader}: grpc-js inflates compressed replies without a bound, waits for the end of
 *   a second message, and ends the process when it does not know the encoding. None is asked for;
 * - a status that is not a decimal number is UNKNOWN: grpc-js takes an empty one for success;
 * - a call that is over opens no stream: grpc-js sends one whose deadline passed in the turn in which it began.
 *
 * Every step looks before it touches. If something is not as expected, the client counts as blind, and no call on it
 * counts as never sent. A reply on a stream that was not recorded shows that as well.
 *
 * Versions: grpc-js 1.14.
 *
 * When it can go: once grpc-js reports the progress of a call, and takes replies by the rules above.
 */
import process from "node:process"
import * as grpc from "@grpc/grpc-js"
import * as Predicate from "effect/Predicate"
import { maxProtobufLength, ReplyFault, ReplyReader } from "./grpcReply.ts"

/** RST_STREAM with this code: the server did nothing with the stream. */
const refusedStream = 7

/**
 * What is known of the streams of one call. It travels with the call as the options of its metadata, which grpc-js hands
 * from one layer to the next as they are.
 */
export class StreamRecord implements grpc.MetadataOptions {
  readonly waitForReady = false
  /** What is wrong with what the server sent, found on this side. */
  fault: ReplyFault | undefined
  /** Whether a stream could not be opened on a session that seemed to be up. */
  isUnopenable = false
  /** Whether a status, or an HTTP status in its place, came from the server. */
  isAnswered = false
  readonly #maxReply: number
  readonly #streams: Array<Stream> = []
  #isOver = false

  /** `maxReply` bounds the bytes of the reply, in addition to the bound of the channel. */
  constructor(maxReply: number) {
    this.#maxReply = maxReply
  }

  /** Whether a stream was opened. */
  get isOpened(): boolean {
    return this.#streams.length > 0
  }

  /** Whether the server may have done something with the call. */
  get mayBeApplied(): boolean {
    return this.#streams.some((stream) => !isRefused(stream))
  }

  /** The call is over: no stream is opened any more, and nothing is kept of the reply. */
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
    return call
  }

  #readReply(call: object, limit: number): ReplyReader | undefined {
    const cancel = get(call, "cancelWithStatus")
    if (!Predicate.isFunction(cancel) || !Predicate.isFunction(get(get(call, "decoder"), "write"))) return undefined
    const reader = new ReplyReader(Math.min(limit, this.#maxReply), (isTooLong, fault) => {
      this.fault = fault
      this.isAnswered = true
      const refuse = () => {
        // Of an error page, the HTTP status says more.
        const http = get(call, "httpStatusCode")
        const isPage = typeof http === "number" && http !== 200
        const code = isPage ? codeOfHttp(http) : isTooLong ? grpc.status.RESOURCE_EXHAUSTED : grpc.status.INTERNAL
        const details = isPage ? `the reply has the HTTP status ${http}` : fault.message
        Reflect.apply(cancel, call, [code, details])
      }
      // Deno may bring the first bytes of a reply before its headers.
      if (get(call, "httpStatusCode") === undefined) process.nextTick(refuse)
      else refuse()
    })
    Reflect.set(call, "decoder", reader)
    return reader
  }

  #readTrailers(call: object): void {
    const handle = get(call, "handleTrailers")
    if (!Predicate.isFunction(handle)) return
    Reflect.set(call, "handleTrailers", (trailers: object) => {
      this.isAnswered = true
      const status: unknown = Reflect.get(trailers, "grpc-status")
      if (status === undefined) this.fault ??= new ReplyFault("the reply has no gRPC status")
      if (status === undefined || typeof status === "string" && /^\d{1,9}$/.test(status)) {
        return Reflect.apply(handle, call, [trailers])
      }
      this.fault ??= new ReplyFault("the gRPC status of the reply is not a number")
      const { fault } = this
      const unknown = { "grpc-status": `${grpc.status.UNKNOWN}`, "grpc-message": fault.message }
      return Reflect.apply(handle, call, [{ ...trailers, ...unknown }])
    })
  }
}

/** The status of gRPC that stands for one of HTTP, by gRPC's own table. */
const codeOfHttp = (http: number): grpc.status => {
  if (http === 400) return grpc.status.INTERNAL
  if (http === 401) return grpc.status.UNAUTHENTICATED
  if (http === 403) return grpc.status.PERMISSION_DENIED
  if (http === 404) return grpc.status.UNIMPLEMENTED
  return [429, 502, 503, 504].includes(http) ? grpc.status.UNAVAILABLE : grpc.status.UNKNOWN
}

interface Stream {
  /** grpc-js's call, which has the stream. */
  readonly call: object
  readonly goaway: Goaway
  readonly reader: ReplyReader | undefined
}

/** The streams that the server did not look at: those with a higher id than this. */
interface Goaway {
  lastStream: number
}

const isRefused = ({ call, goaway }: Stream): boolean => {
  const stream = get(call, "http2Stream")
  const id = get(stream, "id")
  if (typeof id === "number" && id > goaway.lastStream) return true
  // A server that began to answer has looked at it, whatever it says later.
  return get(call, "httpStatusCode") === undefined && get(stream, "rstCode") === refusedStream
}

const goaways = new WeakMap<object, Goaway>()

/** Of the session that a call is on. grpc-js's transport stands for it: nothing may hold on to a session itself. */
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

  /** Looks at a call that is over: one that was answered had a stream. */
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

const get = (value: unknown, name: string): unknown => Predicate.isObject(value) ? Reflect.get(value, name) : undefined
