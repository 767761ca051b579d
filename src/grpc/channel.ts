/** One channel of grpc-js, with the calls on it. */
import type * as grpc from "@grpc/grpc-js"
import type { ConnectFailure } from "../workarounds/connectFailure.ts"
import type { ClosableClient } from "../workarounds/grpcClosableClient.ts"
import { type Pings, startPings } from "../workarounds/grpcPings.ts"
import type { StreamWatch } from "../workarounds/grpcStreams.ts"

type GrpcChannel = ReturnType<grpc.Client["getChannel"]>

/** A channel that counts its calls, and those in a row that got no answer. */
export class Channel {
  inFlight = 0
  /** Number of calls in a row that ended without an answer of the server. */
  consecutiveTimeouts = 0
  /** Whether `close` was called. */
  isClosed = false
  #onIdle: (() => void) | undefined
  readonly #client: ClosableClient
  readonly #onUnanswered: (channel: Channel) => void

  constructor(client: ClosableClient, onUnanswered: (channel: Channel) => void) {
    this.#client = client
    this.#onUnanswered = onUnanswered
  }

  /** Begins a call. {@linkcode endCall} has to follow once it is over. */
  createCall(path: string, deadline: number): ReturnType<GrpcChannel["createCall"]> {
    const call = this.#channel.createCall(path, deadline, null, null, null)
    this.inFlight++
    return call
  }

  /** Ends a call. `isAnswered` is `undefined` if it was cancelled before that could be known. */
  endCall(isAnswered: boolean | undefined): void {
    if (isAnswered === true) this.consecutiveTimeouts = 0
    else if (isAnswered === false) {
      this.consecutiveTimeouts++
      this.#onUnanswered(this)
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
