/**
 * The handshake of one connection over the sessions of its transports.
 *
 * A handshake belongs to the sessions that were up when it was done. When one of them is lost, the handshake is repeated
 * before the next call, once, however many calls wait, in a fiber of its own so that an interrupted one harms nobody. A
 * failure is not kept: the next call tries again.
 */
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import type { ConnectionConfig, Secret } from "./ConnectionConfig.ts"
import { ConnectionClosed, type NotReady, type RpcError, type ServerError } from "./errors.ts"
import type { Flights } from "./flights.ts"
import { type Ask, handshake, hasPlainSecret, type ServerInfo } from "./handshake.ts"
import * as Call from "./wire/call.ts"
import * as Descriptor from "./wire/descriptor.ts"
import type { Transport } from "./wire/transport.ts"

/** The sessions of one connection. */
export class Session {
  /** What the server said at the last handshake; `undefined` before the first. */
  server: ServerInfo | undefined
  readonly #config: ConnectionConfig
  readonly #transports: ReadonlyArray<Transport>
  readonly #scope: Scope.Scope
  readonly #flights: Flights
  #isClosed = false
  #turn = 0
  /** The count of lost sessions that the last handshake is good for. */
  #lostAtHandshake = -1
  #renewal: Deferred.Deferred<void, NotReady | ConnectionClosed> | undefined

  constructor(
    config: ConnectionConfig,
    transports: ReadonlyArray<Transport>,
    scope: Scope.Scope,
    flights: Flights,
  ) {
    this.#config = config
    this.#transports = transports
    this.#scope = scope
    this.#flights = flights
  }

  /** Whether one of the channels has a session. */
  get isReady(): boolean {
    return this.#transports.some((transport) => transport.isReady)
  }

  /** Whether the last handshake is still good. */
  get isCurrent(): boolean {
    return this.#lostAtHandshake === this.#lostSessions
  }

  /** Whether a call can go out without waiting for anything. */
  get isImmediate(): boolean {
    return this.isCurrent && hasPlainSecret(this.#config)
  }

  /** Calls the listener when a channel gets or loses its session; the result ends that. */
  onChange(listener: () => void): () => void {
    const ends = this.#transports.map((transport) => transport.onChange(listener))
    return () => ends.forEach((end) => end())
  }

  /** Does the handshake, again where a session was lost under it. Ends by interruption when the connection closes. */
  get shakeHands(): Effect.Effect<void, NotReady> {
    // Cast: the codec of the method gives the response of the method.
    const ask = ((method, request, deadline) => this.#ask(method, request, deadline)) as Ask
    const shakeHands = Effect.gen({ self: this }, function* () {
      let lost: number
      do {
        lost = this.#lostSessions
        this.server = yield* handshake(this.#config, ask)
      } while (lost !== this.#lostSessions)
      this.#lostAtHandshake = lost
    })
    // A credential that is asked for may take its time: in a fiber of the scope's own, closing ends it at once.
    return hasPlainSecret(this.#config)
      ? shakeHands
      : Effect.flatMap(Effect.forkIn(shakeHands, this.#scope), Fiber.join)
  }

  /** Repeats the handshake where it is not good any more. */
  get renew(): Effect.Effect<void, NotReady | ConnectionClosed> {
    return Effect.uninterruptibleMask((restore) => {
      if (this.isCurrent) return Effect.void
      if (this.#renewal !== undefined) return restore(Deferred.await(this.#renewal))
      const renewal = this.#renewal = Deferred.makeUnsafe<void, NotReady | ConnectionClosed>()
      const done = (exit: Exit.Exit<void, NotReady>) => {
        this.#renewal = undefined
        const closed = new ConnectionClosed({ address: this.#config.address })
        Deferred.doneUnsafe(renewal, Exit.hasInterrupts(exit) ? Exit.fail(closed) : exit)
      }
      return Effect.flatMap(Effect.forkIn(this.shakeHands, this.#scope), (fiber) => {
        fiber.addObserver(done)
        return restore(Deferred.await(renewal))
      })
    })
  }

  /** No handshake is begun any more. */
  close(): void {
    this.#isClosed = true
  }

  #ask(method: string, request: object, deadline: number): Effect.Effect<object, RpcError | ServerError> {
    return Effect.suspend(() => {
      if (this.#isClosed) return Effect.interrupt
      const authorization = this.#authorization(method)
      const isShared = method === "CheckHealth" && !Effect.isEffect(authorization)
      const { health } = this.#transport
      const flights = isShared ? ofNobody : this.#flights
      const attempt = this.#attempt(method, request, deadline, undefined, authorization, flights)
      // The same answer only for those that would get the same, by credential and database, and that wait as long.
      const { database, connectTimeout } = this.#config
      const key = () => JSON.stringify([authorization, database, Duration.toMillis(connectTimeout)])
      const asked = isShared ? health.ask(key(), attempt) : attempt
      return Effect.catch(asked, (error) => this.#isClosed ? Effect.interrupt : Effect.fail(error))
    })
  }

  /** Makes a call once on the channel whose turn it is. A reply whose status is not success is its error. */
  attempt(name: string, request: object, deadline: number): Effect.Effect<object, RpcError | ServerError> {
    return this.#attempt(name, request, deadline, this.server?.identifier, this.#authorization(name), this.#flights)
  }

  #attempt(
    name: string,
    request: object,
    deadline: number,
    identifier: bigint | undefined,
    authorization: string | undefined | Effect.Effect<string, RpcError>,
    flights: Call.Attempt["flights"],
  ): Effect.Effect<object, RpcError | ServerError> {
    const { address, database } = this.#config
    const method = Descriptor.method(name)
    if (method === undefined) {
      return Effect.fail(Call.rpcError({ name, address }, "UNIMPLEMENTED", "the contract has no such RPC", "NotSent"))
    }
    const attempt = (authorization: string | undefined) => {
      const transport = this.#transport
      this.#turn++
      const headers = { authorization, database, identifier }
      return Call.attempt({ name, method, address, transport, headers, deadline, flights }, request)
    }
    return Effect.isEffect(authorization) ? Effect.flatMap(authorization, attempt) : attempt(authorization)
  }

  /** The channel whose turn it is. */
  get #transport(): Transport {
    return this.#transports[this.#turn % this.#transports.length]!
  }

  /** What goes with a call as its credential; an Effect where that has to be asked. */
  #authorization(name: string): string | undefined | Effect.Effect<string, RpcError> {
    const { token, user, password, address } = this.#config
    if (token !== undefined) return reveal(token, { name, address })
    if (password === undefined) return undefined
    const secret = reveal(password, { name, address })
    const join = (password: string) => `${user}:${password}`
    return Effect.isEffect(secret) ? Effect.map(secret, join) : join(secret)
  }

  get #lostSessions(): number {
    let lost = 0
    for (const transport of this.#transports) lost += transport.lostSessions
    return lost
  }
}

/** For a call that several connections wait for: the end of one does not cancel it. */
const ofNobody: Call.Attempt["flights"] = { takeOff() {}, land() {} }

/** A secret in plain text. An Effect is asked each time; one that fails counts as refused credentials. */
const reveal = (
  secret: Redacted.Redacted<Secret>,
  call: { readonly name: string; readonly address: string },
): string | Effect.Effect<string, RpcError> => {
  const value = Redacted.value(secret)
  if (typeof value === "string") return value
  const refused = (cause: unknown) =>
    Call.rpcError(call, "UNAUTHENTICATED", "the Effect that gives the credential failed", "NotSent", cause)
  // Cast: a Redacted is taken apart when the config is decoded, so what is left is an Effect.
  return (value as Exclude<Secret, string | Redacted.Redacted<string>>).pipe(
    Effect.map((text) => Redacted.isRedacted(text) ? Redacted.value(text) : text),
    Effect.filterOrFail((text) => typeof text === "string" && text !== "", () => new Error("no text")),
    Effect.mapError(refused),
  )
}
