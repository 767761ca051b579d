/**
 * The handshakes of one connection over the sessions of its transports.
 *
 * Each way to the server, one or the channels of a pool, is a pooled. A handshake belongs to the session of a pooled that was
 * up when it was done. When that is lost, it is repeated before the next call on the pooled, once, however many calls wait,
 * in a fiber of its own so that an interrupted one harms nobody. A failure is not kept: the next call tries again. A call
 * takes the pooled with the fewest in flight of those that need no handshake; the others get theirs behind its back.
 */
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import type { ConnectionConfig, Secret } from "../ConnectionConfig.ts"
import { ConnectionClosed, type NotReady, type RpcError, type ServerError } from "../errors.ts"
import type { InFlightCalls } from "./inFlight.ts"
import { handshake, type HandshakeCall, hasPlainSecret, permitsPings, type ServerInfo } from "./handshake.ts"
import * as Call from "../grpc/call.ts"
import * as Descriptor from "../grpc/methods.ts"
import type { Transport } from "../grpc/transport.ts"

/** One way to the server, with the handshake that was done on it. */
export class PooledTransport {
  /** How the server tells this connection from others. */
  identifier: bigint | undefined
  /** The count of lost sessions that the handshake is good for. */
  sessionAtHandshake = -1
  renewal: Deferred.Deferred<void, NotReady | ConnectionClosed> | undefined
  /** When it may be tried again where others do; milliseconds since the epoch. */
  cooldownUntil = 0

  constructor(readonly transport: Transport) {}

  /** Whether the handshake is still good. */
  get hasValidHandshake(): boolean {
    return this.sessionAtHandshake === this.transport.lostSessions
  }
}

/** The sessions of one connection. */
export class TransportPool {
  /** What the server said at the last handshake; `undefined` before the first. */
  server: ServerInfo | undefined
  readonly #config: ConnectionConfig
  readonly #transports: Array<PooledTransport> = []
  readonly #scope: Scope.Scope
  readonly #inFlight: InFlightCalls
  #isClosed = false
  #turn = 0

  constructor(config: ConnectionConfig, scope: Scope.Scope, inFlight: InFlightCalls) {
    this.#config = config
    this.#scope = scope
    this.#inFlight = inFlight
  }

  /** Adds a way to the server. */
  add(transport: Transport): void {
    this.#transports.push(new PooledTransport(transport))
  }

  /** Whether one of the transports has a session. */
  get isReady(): boolean {
    return this.#transports.some(({ transport }) => transport.isReady)
  }

  /** The pooled by which a call can go out at once; `undefined` where it has to wait for something. */
  get pickReady(): PooledTransport | undefined {
    const picked = this.#pick
    return picked.hasValidHandshake && hasPlainSecret(this.#config) ? picked : undefined
  }

  /** The budget for retries. */
  get budget(): Transport["budget"] {
    return this.#transports[0]!.transport.budget
  }

  /** Whether there is a session with a good handshake. */
  get hasValidHandshake(): boolean {
    return this.#transports.some((pooled) => pooled.hasValidHandshake)
  }

  /** Calls the listener when a pooled gets or loses its session; the result ends that. */
  onChange(listener: () => void): () => void {
    const ends = this.#transports.map(({ transport }) => transport.onChange(listener))
    return () => ends.forEach((end) => end())
  }

  /** The first handshake. Ends by interruption when the connection closes. */
  get open(): Effect.Effect<void, NotReady> {
    return Effect.suspend(() => {
      for (const { transport } of this.#transports.slice(1)) transport.connect()
      return this.#runHandshake(this.#transports[0]!)
    })
  }

  /** The pooled for a call, with a good handshake. */
  get acquire(): Effect.Effect<PooledTransport, NotReady | ConnectionClosed> {
    return Effect.suspend(() => {
      const pooled = this.#pick
      if (pooled.hasValidHandshake) return Effect.succeed(pooled)
      // One that began before this call may fail for what is over by now: then another is due.
      const isOlder = pooled.renewal !== undefined
      const renewed = this.#rehandshake(pooled)
      return Effect.matchEffect(
        isOlder ? Effect.catchTag(renewed, "NotReady", () => this.#rehandshake(pooled)) : renewed,
        {
          onSuccess: () => this.acquire,
          onFailure: (error) => this.hasValidHandshake ? this.acquire : Effect.fail(error),
        },
      )
    })
  }

  /** No handshake is begun any more. */
  close(): void {
    this.#isClosed = true
  }

  /** Makes a call once, by the contract or by a codec of its own. A reply whose status is not success is its error. */
  attempt(
    pooled: PooledTransport,
    name: string,
    method: Descriptor.Method | undefined,
    request: object,
    deadline: number,
  ): Effect.Effect<object, RpcError | ServerError> {
    return this.#attempt(pooled, name, method, request, deadline, this.#authorization(name), this.#inFlight)
  }

  /** The pooled for a call as of now. */
  get #pick(): PooledTransport {
    const transports = this.#transports
    const [only] = transports
    if (transports.length === 1) return only!
    let best = only!
    let least = Infinity
    const turn = this.#turn++
    for (let i = 0; i < transports.length; i++) {
      const pooled = transports[(turn + i) % transports.length]!
      const { channel, isReady } = pooled.transport
      // A good handshake before one whose last call got no answer, before an open session, before none.
      const rank = pooled.hasValidHandshake ? (channel.consecutiveTimeouts === 0 ? 0 : 1) : isReady ? 2 : 3
      const load = rank * 1e6 + channel.inFlight
      if (load < least) [best, least] = [pooled, load]
    }
    if (best.hasValidHandshake) this.#maintainOthers()
    return best
  }

  /** So that a channel of the pool that is up again takes its part, and one that is of no use gives way to another. */
  #maintainOthers(): void {
    const now = Date.now()
    for (const pooled of this.#transports) {
      if (pooled.transport.channel.consecutiveTimeouts > 0) pooled.transport.replace()
      if (
        pooled.hasValidHandshake || !pooled.transport.isReady || pooled.renewal !== undefined ||
        pooled.cooldownUntil > now
      ) {
        continue
      }
      // One whose peer gives no handshake while others do may find another peer behind the balancer.
      const giveRest = Effect.sync(() => {
        pooled.cooldownUntil = Date.now() + failureCooldown
        pooled.transport.replace()
      })
      Effect.runFork(Effect.catch(this.#rehandshake(pooled), () => giveRest))
    }
  }

  /** Does the handshake on a pooled, again where its session was lost under it. */
  #runHandshake(pooled: PooledTransport): Effect.Effect<void, NotReady> {
    // Cast: the codec of the method gives the response of the method.
    const ask = ((method, request, deadline) => this.#handshakeCall(pooled, method, request, deadline)) as HandshakeCall
    const shakeHands = Effect.gen({ self: this }, function* () {
      let lost: number
      do {
        lost = pooled.transport.lostSessions
        this.server = yield* handshake(this.#config, ask, pooled.transport)
      } while (lost !== pooled.transport.lostSessions)
      pooled.transport.permitPings(permitsPings(this.server))
      pooled.identifier = this.server.identifier
      pooled.sessionAtHandshake = lost
    })
    // A credential that is asked for may take its time: in a fiber of the scope's own, closing ends it at once.
    return hasPlainSecret(this.#config)
      ? shakeHands
      : Effect.flatMap(Effect.forkIn(shakeHands, this.#scope), Fiber.join)
  }

  /** Repeats the handshake of a pooled where it is not good any more. */
  #rehandshake(pooled: PooledTransport): Effect.Effect<void, NotReady | ConnectionClosed> {
    return Effect.uninterruptibleMask((restore) => {
      if (pooled.hasValidHandshake) return Effect.void
      if (pooled.renewal !== undefined) return restore(Deferred.await(pooled.renewal))
      const renewal = pooled.renewal = Deferred.makeUnsafe<void, NotReady | ConnectionClosed>()
      const done = (exit: Exit.Exit<void, NotReady>) => {
        pooled.renewal = undefined
        const closed = new ConnectionClosed({ address: this.#config.address })
        Deferred.doneUnsafe(renewal, Exit.hasInterrupts(exit) ? Exit.fail(closed) : exit)
      }
      return Effect.flatMap(Effect.forkIn(this.#runHandshake(pooled), this.#scope), (fiber) => {
        fiber.addObserver(done)
        return restore(Deferred.await(renewal))
      })
    })
  }

  #handshakeCall(
    pooled: PooledTransport,
    method: string,
    request: object,
    deadline: number,
  ): Effect.Effect<object, RpcError | ServerError> {
    return Effect.suspend(() => {
      if (this.#isClosed) return Effect.interrupt
      const authorization = this.#authorization(method)
      const isShared = method === "CheckHealth" && !Effect.isEffect(authorization)
      const inFlight = isShared ? untracked : this.#inFlight
      const attempt = this.#attempt(
        pooled,
        method,
        Descriptor.method(method),
        request,
        deadline,
        authorization,
        inFlight,
      )
      // The same answer only for those that would get the same, by credential and database, and that wait as long.
      const { database, connectTimeout } = this.#config
      const key = () => JSON.stringify([authorization, database, Duration.toMillis(connectTimeout)])
      const asked = isShared ? pooled.transport.health.run(key(), attempt) : attempt
      return Effect.catch(asked, (error) => this.#isClosed ? Effect.interrupt : Effect.fail(error))
    })
  }

  #attempt(
    pooled: PooledTransport,
    name: string,
    method: Descriptor.Method | undefined,
    request: object,
    deadline: number,
    authorization: string | undefined | Effect.Effect<string, RpcError>,
    inFlight: Call.Attempt["inFlight"],
  ): Effect.Effect<object, RpcError | ServerError> {
    const { address, database } = this.#config
    if (method === undefined) {
      return Effect.fail(Call.rpcError({ name, address }, "UNIMPLEMENTED", "the contract has no such RPC", "NotSent"))
    }
    const { transport } = pooled
    // A handshake is what gives the identifier: it goes without.
    const identifier = pooled.hasValidHandshake ? pooled.identifier : undefined
    const attempt = (authorization: string | undefined) => {
      const headers = { authorization, database, identifier }
      return Call.attempt({ name, method, address, transport, headers, deadline, inFlight }, request)
    }
    if (!Effect.isEffect(authorization)) return attempt(authorization)
    const asked = Effect.flatMap(authorization, attempt)
    // It may have expired between the asking and the answer. Milvus looks at it before it does anything.
    return Effect.catch(asked, (error) => isRefusedCredential(error) ? asked : Effect.fail(error))
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
}

/** By the server, and not by the Effect that gives it. */
const isRefusedCredential = (error: RpcError | ServerError): boolean =>
  error._tag === "RpcError" && error.code === "UNAUTHENTICATED" && error.progress === "Answered"

/** Milliseconds. */
const failureCooldown = 1000

/** For a call that several connections wait for: the end of one does not cancel it. */
const untracked: Call.Attempt["inFlight"] = { add() {}, remove() {} }

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
