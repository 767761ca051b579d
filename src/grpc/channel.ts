/** One channel of grpc-js, with the calls on it. */
import type * as grpc from "@grpc/grpc-js"
import type { ConnectFailure } from "../workarounds/connectFailure.ts"
import type { ClosableClient } from "../workarounds/grpcClosableClient.ts"
import { type Pings, startPings } from "../workarounds/grpcPings.ts"
import type { StreamWatch } from "../workarounds/grpcStreams.ts"

import { sessionOf, sessions } from "../workarounds/grpcSession.ts"
import { callOnChannel } from "./channelCall.ts"
import { Session } from "./session.ts"
import { callOnSession } from "./sessionCall.ts"
import { type CallEnd, type CallOnWire, sizeOf, type UnaryCall } from "./unaryCall.ts"

type GrpcChannel = ReturnType<grpc.Client["getChannel"]>

/** Options of a channel. */
export interface ChannelOptions {
  /** Maximum length of a request and of a reply, in bytes. */
  readonly maxMessageSize: number
  /** Called when a call ended without an answer. */
  readonly onUnanswered: (channel: Channel) => void
  /** Called once if the sessions of grpc-js are not as expected: all calls go through grpc-js then. */
  readonly onNoSession: () => void
}

/** A channel that counts its calls, and those in a row that got no answer. */
export class Channel {
  inFlight = 0
  /** Number of calls in a row that ended without an answer of the server. */
  consecutiveTimeouts = 0
  /** Whether `close` was called. */
  isClosed = false
  #onIdle: (() => void) | undefined
  /** The last session on which calls were made. */
  #session: Session | undefined
  #usesSessions = sessions.areUsed
  readonly #client: ClosableClient
  readonly #options: ChannelOptions

  constructor(client: ClosableClient, options: ChannelOptions) {
    this.#client = client
    this.#options = options
  }

  /** Counts a call. {@linkcode endCall} has to follow once it is over. */
  beginCall(): void {
    this.inFlight++
  }

  /**
   * Makes a unary call: directly on the session if one is up, else through grpc-js. Calls `onEnd` once, later. Throws
   * if the request cannot be encoded or sent.
   */
  call(call: UnaryCall, onEnd: (end: CallEnd) => void): CallOnWire {
    const { maxMessageSize } = this.#options
    const session = sizeOf(call.message) <= maxMessageSize ? this.#usableSession : undefined
    return session && callOnSession(session, call, maxMessageSize, onEnd) || callOnChannel(this, call, onEnd)
  }

  get #usableSession(): Session | undefined {
    const last = this.#session
    if (last?.isUsable || !this.#usesSessions || this.isClosed) return last
    const found = sessionOf(this.#client.client)
    if (found === "Unknown") {
      this.#usesSessions = false
      this.#options.onNoSession()
    }
    return this.#session = typeof found !== "object" || last?.isOf(found) ? undefined : new Session(found)
  }

  /** Creates a call of grpc-js. */
  createCall(path: string, deadline: number): ReturnType<GrpcChannel["createCall"]> {
    return this.#channel.createCall(path, deadline, null, null, null)
  }

  /** Ends a call. `isAnswered` is `undefined` if it was cancelled before that could be known. */
  endCall(isAnswered: boolean | undefined): void {
    if (isAnswered === true) this.consecutiveTimeouts = 0
    else if (isAnswered === false) {
      this.consecutiveTimeouts++
      this.#options.onUnanswered(this)
    }
    if (--this.inFlight === 0) this.#onIdle?.()
  }

  /** The records of the streams of its calls. */
  get streams(): StreamWatch {
    return this.#client.streams
  }

  /** The failure of the last connection attempt since the last session; `undefined` if none failed. */
  get failure(): ConnectFailure | undefined {
    return this.#client.failure()
  }

  /** Calls back once no call is on it. Only for a channel that gets no new calls. */
  whenIdle(callback: () => void): void {
    if (this.inFlight === 0) callback()
    else this.#onIdle = callback
  }

  /** Starts to connect, unless it already does. */
  connect(): void {
    this.#channel.getConnectivityState(true)
  }

  /** Starts pings on its session, if it has none; see `startPings` of `workarounds/grpcPings.ts`. */
  startPings(pings: Pings, arePermitted: () => boolean, onRefused: () => void): void {
    startPings(this.#client.client, pings, arePermitted, onRefused)
  }

  /** Calls back once, when the state differs from `known`. */
  onState(known: grpc.connectivityState, callback: (state: grpc.connectivityState) => void): void {
    const channel = this.#channel
    // `Infinity` sets no timer.
    channel.watchConnectivityState(known, Infinity, () => callback(channel.getConnectivityState(false)))
  }

  /** Closes it, with the calls on it. Calls back once no socket is left. */
  close(onClosed: () => void): void {
    this.isClosed = true
    this.#client.close(onClosed)
  }

  get #channel(): GrpcChannel {
    return this.#client.client.getChannel()
  }
}
