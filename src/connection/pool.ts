/**
 * Keeps the handshake of one connection with one server valid over its transports: one, or those of a pool.
 *
 * A handshake belongs to one HTTP/2 session of one transport. After that session is lost, the next call on the
 * transport repeats the handshake once, shared by all waiting calls, in its own fiber so that interrupting a caller
 * does not cancel it. Failures are not cached: the next call tries again. A call uses the transport with the fewest
 * calls in flight among those that need no handshake; the others are re-handshaken in the background.
 */
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import type { ConnectionConfig } from "../ConnectionConfig.ts"
import { ConnectionClosed, type NotReady, type RpcError, type ServerError } from "../errors.ts"
import { authorizationOf, isRefusedCredential } from "./credentials.ts"
import type { InFlightCalls } from "./inFlight.ts"
import { withDatabase } from "./requestDatabase.ts"
import { handshake, type HandshakeCall, hasPlainSecret, permitsPings, type ServerInfo } from "./handshake.ts"
import * as Call from "../grpc/call.ts"
import * as Descriptor from "../grpc/methods.ts"
import type { Transport } from "../grpc/transport.ts"
import { withAttempt, withHandshake } from "../telemetry/attempt.ts"
import { timeCreation } from "../telemetry/traffic.ts"

/** The begin of a streaming call. */
export interface StreamOpening<A> {
  /** Begins the call. */
  readonly begin: (call: Call.Attempt) => Effect.Effect<A, RpcError | ServerError>
  /** Whether the call may begin again: none of its requests was taken. */
  readonly mayRepeat: () => boolean
}

/** A transport of the pool with the state of its handshake. */
export class PooledTransport {
  /** The server's identifier of this connection, from the last handshake. */
  identifier: bigint | undefined
  /** `lostSessions` of the transport when the handshake was made; -1 before the first. */
  sessionAtHandshake = -1
  /** Completes when the handshake that is being made ends; `undefined` if none is. */
  renewal: Deferred.Deferred<void, NotReady | ConnectionClosed> | undefined
  /** Until when no handshake is made while other transports have one, in milliseconds since the epoch. */
  cooldownUntil = 0

  constructor(readonly transport: Transport, readonly pool: TransportPool) {}

  /** Whether the session of the handshake is not lost. */
  get hasValidHandshake(): boolean {
    return this.sessionAtHandshake === this.transport.lostSessions
  }
}

/** The transports of one connection to one server, and the attempts of calls on them. */
export class TransportPool {
  /** Information of the server at the last handshake; `undefined` before the first. */
  server: ServerInfo | undefined
  /** Called after each failed attempt of a handshake that another one follows. */
  onFailedAttempt: (() => void) | undefined
  readonly config: ConnectionConfig
  /** Closes with the transports, and ends the handshakes that are being made. */
  readonly scope: Scope.Closeable
  readonly #transports: Array<PooledTransport> = []
  readonly #inFlight: InFlightCalls
  #isClosed = false
  #turn = 0

  constructor(config: ConnectionConfig, scope: Scope.Closeable, inFlight: InFlightCalls) {
    this.config = config
    this.scope = scope
    this.#inFlight = inFlight
  }

  /** Adds a transport. */
  add(transport: Transport): void {
    this.#transports.push(new PooledTransport(transport, this))
  }

  /** Whether one of the transports has a session. */
  get isReady(): boolean {
    return this.#transports.some(({ transport }) => transport.isReady)
  }

  /** The transport on which a call can be sent immediately; `undefined` if it has to wait for something. */
  get pickReady(): PooledTransport | undefined {
    const picked = this.#pick
    return picked.hasValidHandshake && hasPlainSecret(this.config) ? picked : undefined
  }

  /** The retry budget of the server. */
  get budget(): Transport["budget"] {
    return this.#transports[0]!.transport.budget
  }

  /** Whether a transport has a valid handshake. */
  get hasValidHandshake(): boolean {
    return this.#transports.some((pooled) => pooled.hasValidHandshake)
  }

  /** Calls the listener when a transport gets or loses its session. Returns a function that removes it. */
  onChange(listener: () => void): () => void {
    const ends = this.#transports.map(({ transport }) => transport.onChange(listener))
    return () => ends.forEach((end) => end())
  }

  /** Waits until no call is in flight. */
  get idle(): Effect.Effect<void> {
    return this.#inFlight.idle
  }

  /** Makes the first handshake, within `timeout`. Interrupted when the connection closes. */
  open(timeout: Duration.Duration = this.config.connectTimeout): Effect.Effect<void, NotReady> {
    return Effect.suspend(() => {
      for (const { transport } of this.#transports.slice(1)) transport.connect()
      return this.#runHandshake(this.#transports[0]!, timeout)
    })
  }

  /** Waits for a transport with a valid handshake. */
  get acquire(): Effect.Effect<PooledTransport, NotReady | ConnectionClosed> {
    return Effect.suspend(() => {
      const pooled = this.#pick
      if (pooled.hasValidHandshake) return Effect.succeed(pooled)
      // A handshake that began before this call may fail for a reason that is over by now: then it is repeated.
      const isShared = pooled.renewal !== undefined
      const rehandshake = this.#rehandshake(pooled)
      return Effect.matchEffect(
        isShared ? Effect.catchTag(rehandshake, "NotReady", () => this.#rehandshake(pooled)) : rehandshake,
        {
          onSuccess: () => this.acquire,
          onFailure: (error) => this.hasValidHandshake ? this.acquire : Effect.fail(error),
        },
      )
    })
  }

  /** Makes later handshakes end by interruption. */
  close(): void {
    this.#isClosed = true
  }

  /**
   * Makes one attempt of a call, in the database of the connection or another. A reply whose status is not success is
   * its error.
   */
  attempt(
    pooled: PooledTransport,
    name: string,
    method: Descriptor.Method | undefined,
    request: object,
    deadline: number,
    database?: string,
  ): Effect.Effect<object, RpcError | ServerError> {
    const inDatabase = withDatabase(name, method, request, database ?? this.config.database)
    const make = (call: Call.Attempt) => Call.attempt(call, inDatabase)
    return this.#attempt(
      pooled,
      name,
      method,
      make,
      deadline,
      authorizationOf(this.config, name),
      this.#inFlight,
      database,
    )
  }

  /** Begins one attempt of a streaming call with `make`, as {@linkcode attempt} makes one of a unary call. */
  beginStream<A>(
    pooled: PooledTransport,
    name: string,
    deadline: number,
    database: string | undefined,
    { begin, mayRepeat }: StreamOpening<A>,
  ): Effect.Effect<A, RpcError | ServerError> {
    const method = Descriptor.streamingMethod(name)
    const authorization = authorizationOf(this.config, name)
    return this.#attempt(pooled, name, method, begin, deadline, authorization, this.#inFlight, database, mayRepeat)
  }

  /** The best transport for a call now. */
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
      // In this order: valid handshake, valid handshake whose last call timed out, session only, no session.
      const rank = pooled.hasValidHandshake ? (channel.consecutiveTimeouts === 0 ? 0 : 1) : isReady ? 2 : 3
      const load = rank * 1e6 + channel.inFlight
      if (load < least) [best, least] = [pooled, load]
    }
    if (best.hasValidHandshake) this.#maintainOthers()
    return best
  }

  /** Handshakes transports that are up again, in the background, and replaces channels whose calls get no answer. */
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
      // Another channel may reach another peer behind the balancer, one that answers the handshake.
      const coolDown = Effect.sync(() => {
        pooled.cooldownUntil = Date.now() + failureCooldown
        pooled.transport.replace()
      })
      Effect.runFork(Effect.catch(this.#rehandshake(pooled), () => coolDown))
    }
  }

  /** Makes the handshake on a transport, again if its session was lost meanwhile. */
  #runHandshake(pooled: PooledTransport, timeout = this.config.connectTimeout): Effect.Effect<void, NotReady> {
    // Cast: the codec of a method returns the response type of that method.
    const call =
      ((method, request, deadline) => this.#handshakeCall(pooled, method, request, deadline, timeout)) as HandshakeCall
    const config = timeout === this.config.connectTimeout ? this.config : { ...this.config, connectTimeout: timeout }
    const { address } = this.config
    const steps = Effect.gen({ self: this }, function* () {
      let lost: number
      do {
        lost = pooled.transport.lostSessions
        this.server = yield* handshake(config, call, pooled.transport, () => this.onFailedAttempt?.())
      } while (lost !== pooled.transport.lostSessions)
      pooled.transport.permitPings(permitsPings(this.server))
      pooled.identifier = this.server.identifier
      pooled.sessionAtHandshake = lost
    })
    // A session that other connections use already is not a new one.
    const isNew = !pooled.transport.isReady
    const runHandshake = withHandshake(address, isNew ? timeCreation(address, steps) : steps)
    // An Effect that gives the credential may take long: in a fiber of the scope, closing ends it at once.
    return hasPlainSecret(this.config)
      ? runHandshake
      : Effect.flatMap(Effect.forkIn(runHandshake, this.scope), Fiber.join)
  }

  /** Repeats the handshake of a transport if it is not valid any more. Concurrent callers share one. */
  #rehandshake(pooled: PooledTransport): Effect.Effect<void, NotReady | ConnectionClosed> {
    return Effect.uninterruptibleMask((restore) => {
      if (pooled.hasValidHandshake) return Effect.void
      if (pooled.renewal !== undefined) return restore(Deferred.await(pooled.renewal))
      const renewal = pooled.renewal = Deferred.makeUnsafe<void, NotReady | ConnectionClosed>()
      const done = (exit: Exit.Exit<void, NotReady>) => {
        pooled.renewal = undefined
        const closed = new ConnectionClosed({ address: this.config.address })
        Deferred.doneUnsafe(renewal, Exit.hasInterrupts(exit) ? Exit.fail(closed) : exit)
      }
      return Effect.flatMap(Effect.forkIn(this.#runHandshake(pooled), this.scope), (fiber) => {
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
    timeout: Duration.Duration,
  ): Effect.Effect<object, RpcError | ServerError> {
    return Effect.suspend(() => {
      if (this.#isClosed) return Effect.interrupt
      const authorization = authorizationOf(this.config, method)
      const isShared = method === "CheckHealth" && !Effect.isEffect(authorization)
      const inFlight = isShared ? untracked : this.#inFlight
      const attempt = this.#attempt(
        pooled,
        method,
        Descriptor.method(method),
        (call) => Call.attempt(call, request),
        deadline,
        authorization,
        inFlight,
      )
      // Shared only between connections that would get the same answer (credential, database) and wait as long.
      const key = () => JSON.stringify([authorization, this.config.database, Duration.toMillis(timeout)])
      const reply = isShared ? pooled.transport.health.run(key(), attempt) : attempt
      return Effect.catch(reply, (error) => this.#isClosed ? Effect.interrupt : Effect.fail(error))
    })
  }

  #attempt<A>(
    pooled: PooledTransport,
    name: string,
    method: Descriptor.Method | undefined,
    make: (call: Call.Attempt) => Effect.Effect<A, RpcError | ServerError>,
    deadline: number,
    authorization: string | undefined | Effect.Effect<string, RpcError>,
    inFlight: Call.Attempt["inFlight"],
    database: string = this.config.database,
    mayRepeat: () => boolean = () => true,
  ): Effect.Effect<A, RpcError | ServerError> {
    const { address } = this.config
    if (method === undefined) {
      return Effect.fail(Call.rpcError({ name, address }, "UNIMPLEMENTED", "the contract has no such RPC", "NotSent"))
    }
    const { transport } = pooled
    // The calls of a handshake have no identifier: the handshake returns it.
    const identifier = pooled.hasValidHandshake ? pooled.identifier : undefined
    const attempt = (authorization: string | undefined) => {
      return withAttempt(name, address, (trace) => {
        const headers = { authorization, database, identifier, trace }
        return make({ name, method, address, transport, headers, deadline, inFlight })
      })
    }
    if (!Effect.isEffect(authorization)) return attempt(authorization)
    const authorized = Effect.flatMap(authorization, attempt)
    // The credential may have expired meanwhile. Milvus checks it before it does anything, so the call can be repeated.
    const isExpired = (error: RpcError | ServerError) => isRefusedCredential(error) && mayRepeat()
    return Effect.catch(authorized, (error) => isExpired(error) ? authorized : Effect.fail(error))
  }
}

/** Cooldown of a transport after a failed handshake, in milliseconds. */
const failureCooldown = 1000

/** For a call that several connections wait for: closing one of them does not cancel it. */
const untracked: Call.Attempt["inFlight"] = { add() {}, remove() {} }
