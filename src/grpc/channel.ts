/** One channel of grpc-js, with the calls that are on it. */
import type * as grpc from "@grpc/grpc-js"
import type { ConnectFailure } from "../workarounds/connectFailure.ts"
import type { ClosableClient } from "../workarounds/grpcClosableClient.ts"
import { type Pings, startPings } from "../workarounds/grpcPings.ts"
import type { StreamWatch } from "../workarounds/grpcStreams.ts"

type GrpcChannel = ReturnType<grpc.Client["getChannel"]>

/** A channel, which knows how many calls are on it and how many of the last got no answer. */
export class Channel {
  inFlight = 0
  /** How many calls in a row ended without a word from the server. */
  consecutiveTimeouts = 0
  /** Whether it was closed here. */
  isClosed = false
  #onIdle: (() => void) | undefined
  readonly #client: ClosableClient
  readonly #onUnanswered: (channel: Channel) => void

  constructor(client: ClosableClient, onUnanswered: (channel: Channel) => void) {
    this.#client = client
    this.#onUnanswered = onUnanswered
  }

  /** Begins a call. Each one that begins has to `land`. */
  createCall(path: string, deadline: number): ReturnType<GrpcChannel["createCall"]> {
    const call = this.#channel.createCall(path, deadline, null, null, null)
    this.inFlight++
    return call
  }

  /** A call is over; `isAnswered` is absent where it was cancelled before that could be known. */
  endCall(isAnswered: boolean | undefined): void {
    if (isAnswered === true) this.consecutiveTimeouts = 0
    else if (isAnswered === false) {
      this.consecutiveTimeouts++
      this.#onUnanswered(this)
    }
    if (--this.inFlight === 0) this.#onIdle?.()
  }

  /** What records the streams of its calls. */
  get streams(): StreamWatch {
    return this.#client.streams
  }

  /** How the last attempt to connect failed, since there last was a session; `undefined` if none did. */
  get failure(): ConnectFailure | undefined {
    return this.#client.failure()
  }

  /** Calls back once, when no call is on it; not used for one that gets new ones. */
  whenIdle(callback: () => void): void {
    if (this.inFlight === 0) callback()
    else this.#onIdle = callback
  }

  /** Starts to connect, where it does not yet. */
  connect(): void {
    this.#channel.getConnectivityState(true)
  }

  /** Starts pings on its session, if it has none; see the function. */
  startPings(pings: Pings, arePermitted: () => boolean, onRefused: () => void): void {
    startPings(this.#client.client, pings, arePermitted, onRefused)
  }

  /** Calls back once, when the state is another. */
  onState(known: grpc.connectivityState, callback: (state: grpc.connectivityState) => void): void {
    const channel = this.#channel
    // Without a timer.
    channel.watchConnectivityState(known, Infinity, () => callback(channel.getConnectivityState(false)))
  }

  /** Ends it with the calls on it; calls back once, when no socket is left. */
  close(onClosed: () => void): void {
    this.isClosed = true
    this.#client.close(onClosed)
  }

  get #channel(): GrpcChannel {
    return this.#client.client.getChannel()
  }
}
