/** One HTTP/2 session, with the unary calls that are made directly on it. */
import type { ClientHttp2Stream, OutgoingHttpHeaders } from "node:http2"
import type { GrpcSession, SessionCalls } from "../workarounds/grpcSession.ts"
import { requestOn } from "../workarounds/nodeRequestBind.ts"

/** A call on a session. */
export interface CallOnSession {
  /** Milliseconds since the epoch; `Infinity` for none. */
  readonly deadline: number
  /** Ends the call because its deadline passed. */
  readonly expire: () => void
  /** Ends the call because the session is lost. */
  readonly drop: () => void
}

/** The calls of a session. One timer serves the deadlines of all of them. */
export class Session implements SessionCalls {
  /** Whether further calls may be made on it. */
  isUsable = true
  /** The last stream that the server processed: streams with a higher id were refused. */
  lastStream = Infinity
  readonly #session: GrpcSession
  readonly #calls = new Set<CallOnSession>()
  #timer: ReturnType<typeof setTimeout> | undefined
  #timerAt = Infinity

  constructor(session: GrpcSession) {
    this.#session = session
    session.onLeft(() => this.isUsable = false)
    session.http2.on("goaway", (_code: number, lastStream: unknown) => {
      this.isUsable = false
      if (typeof lastStream === "number") this.lastStream = Math.min(this.lastStream, lastStream)
    })
  }

  /** Whether it is a session of grpc-js. */
  isOf({ http2 }: GrpcSession): boolean {
    return this.#session.http2 === http2
  }

  /** Opens the stream of a call. Throws if it cannot. */
  open(path: string, headers: OutgoingHttpHeaders): ClientHttp2Stream {
    const { authority, userAgent, http2 } = this.#session
    headers[":method"] = "POST"
    headers[":authority"] = authority
    headers[":path"] = path
    headers["content-type"] = "application/grpc"
    headers["te"] = "trailers"
    headers["user-agent"] = userAgent
    return requestOn(http2, headers)
  }

  /** Adds a call that has a stream. */
  add(call: CallOnSession): void {
    if (this.#calls.size === 0) this.#session.hold(this)
    this.#calls.add(call)
    this.#wakeAt(call.deadline)
  }

  /** Removes a call that is over. */
  remove(call: CallOnSession): void {
    if (!this.#calls.delete(call) || this.#calls.size > 0) return
    clearTimeout(this.#timer)
    this.#timerAt = Infinity
    this.#session.release(this)
  }

  readonly onDisconnect = (): void => {
    this.isUsable = false
    for (const call of this.#calls) call.drop()
  }

  #wakeAt(time: number): void {
    if (time >= this.#timerAt) return
    clearTimeout(this.#timer)
    this.#timerAt = time
    this.#timer = setTimeout(this.#wake, Math.min(Math.max(time - Date.now(), 0), maxTimeout))
  }

  readonly #wake = (): void => {
    this.#timerAt = Infinity
    const now = Date.now()
    let next = Infinity
    for (const call of this.#calls) {
      if (call.deadline <= now) call.expire()
      else next = Math.min(next, call.deadline)
    }
    this.#wakeAt(next)
  }
}

/** The longest time of a timer, in milliseconds. */
const maxTimeout = 2 ** 31 - 1
