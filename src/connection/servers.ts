/**
 * The servers of one connection: the current one, which gets the calls, and those that may take its place.
 *
 * - With one address, there is one server for good.
 * - With several, a search begins with the current server, or with the first address. The next server is tried after an
 *   attempt at the one before it failed, or after a head start, and both go on. The first that is ready becomes the
 *   current one, and everything that was opened to the others is closed.
 * - A search begins when the current server has no session any more, and is repeated by the next call that finds none.
 *   All calls share it, and it takes at most `connectTimeout`.
 * - Of a global cluster, the current server is the primary: see `primary.ts`.
 * - The calls on a server that was replaced go on. Its transports are released after the last of them.
 */
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import type { ConnectionConfig } from "../ConnectionConfig.ts"
import {
  type CallError,
  ConnectionClosed,
  type ConnectionLimit,
  NotReady,
  type RpcError,
  type ServerError,
} from "../errors.ts"
import * as Transport from "../grpc/transport.ts"
import { registerTraffic } from "../telemetry/traffic.ts"
import { InFlightCalls } from "./inFlight.ts"
import { acquireSlot, releaseSlot } from "./limit.ts"
import { classifyFailure, joinFailures, toNotReady } from "./notReady.ts"
import { warnOfPlainCredentials } from "./plainCredentials.ts"
import { type PooledTransport, type StreamOpening, TransportPool } from "./pool.ts"
import { isDemotion, PrimaryFinder, type Search } from "./primary.ts"
import { withAddress } from "./topology.ts"

/** The servers of one connection. */
export class Servers {
  /** Called after another server became the current one. */
  onSwitch: (() => void) | undefined
  /** The config of each server, in the order of the first search. */
  readonly configs: ReadonlyArray<ConnectionConfig>
  /** Finds the primary of a global cluster; `undefined` if the servers are those of `configs`. */
  readonly #primary: PrimaryFinder | undefined
  readonly #scope: Scope.Scope
  readonly #inFlight: InFlightCalls
  /** The current server; `undefined` before the first is ready. */
  #current: TransportPool | undefined
  /** The search that is being made. */
  #search: Fiber.Fiber<void, NotReady | ConnectionLimit> | undefined
  /** Servers that were replaced, until their last call ends. */
  #leaving: Set<Fiber.Fiber<void>> | undefined
  #listeners: Set<() => void> | undefined
  #endWatch: (() => void) | undefined
  #isClosed = false

  constructor(config: ConnectionConfig, scope: Scope.Scope, inFlight: InFlightCalls) {
    this.configs = configsOf(config)
    const { globalCluster } = config
    this.#primary = globalCluster === false ? undefined : new PrimaryFinder(
      config,
      globalCluster,
      scope,
      () => this.#current?.config,
      (config, timeout, search) =>
        Effect.andThen(warnOfPlainCredentials(config), this.#try(config, timeout, search, () => {})),
    )
    this.#scope = scope
    this.#inFlight = inFlight
  }

  /** The config with the address of the current server. */
  get config(): ConnectionConfig {
    return this.#current?.config ?? this.configs[0]!
  }

  /** Information of the current server at its last handshake; `undefined` before the first. */
  get server(): TransportPool["server"] {
    return this.#current?.server
  }

  /** Whether the current server has a session. */
  get isReady(): boolean {
    return this.#current?.isReady === true
  }

  /** Whether the current server has a valid handshake. */
  get hasValidHandshake(): boolean {
    return this.#current?.hasValidHandshake === true
  }

  /** The transport on which a call can be sent immediately; `undefined` if it has to wait for something. */
  get pickReady(): PooledTransport | undefined {
    return this.#current?.pickReady
  }

  /** The retry budget of the current server. */
  get budget(): TransportPool["budget"] {
    return this.#ready.budget
  }

  /** Waits for a transport with a valid handshake, if necessary of another server. */
  get acquire(): Effect.Effect<PooledTransport, NotReady | ConnectionClosed> {
    return Effect.suspend(() => {
      if (!this.#hasOthers || this.hasValidHandshake) return this.#ready.acquire
      // A search that began before this call may fail for a reason that is over by now: then it is repeated.
      const isShared = this.#search !== undefined
      return Effect.matchEffect(
        isShared ? Effect.catchTag(this.#failOver, "NotReady", () => this.#failOver) : this.#failOver,
        {
          onSuccess: () => this.acquire,
          onFailure: (error) => this.hasValidHandshake ? this.acquire : Effect.fail(error),
        },
      )
    })
  }

  /** Makes one attempt of a call. */
  attempt(pooled: PooledTransport, ...call: AttemptArguments): ReturnType<TransportPool["attempt"]> {
    return pooled.pool.attempt(pooled, ...call)
  }

  /** Looks at the failure of a call. Returns whether its server refused it because it is not the primary any more. */
  noteFailure(error: CallError): boolean {
    this.#primary?.noteFailure(error)
    return this.#primary !== undefined && isDemotion(error)
  }

  /** Begins one attempt of a streaming call. */
  beginStream<A>(
    pooled: PooledTransport,
    name: string,
    deadline: number,
    database: string | undefined,
    opening: StreamOpening<A>,
  ): Effect.Effect<A, RpcError | ServerError> {
    return pooled.pool.beginStream(pooled, name, deadline, database, opening)
  }

  /**
   * Calls the listener when the current server gets or loses a session, or changes. Returns a function to remove it.
   */
  onChange(listener: () => void): () => void {
    if (!this.#hasOthers) return this.#ready.onChange(listener)
    const listeners = this.#listeners ??= new Set()
    listeners.add(listener)
    return () => listeners.delete(listener)
  }

  /** Connects to the first server that is ready. */
  get open(): Effect.Effect<void, NotReady | ConnectionLimit> {
    return this.#hasOthers
      ? Effect.flatMap(this.#find, (exit) => exit)
      : Effect.uninterruptibleMask((restore) =>
        Effect.flatMap(this.#begin(this.config), (pool) => {
          this.#current = pool
          return restore(Effect.andThen(acquireTransports(pool), pool.open()))
        })
      )
  }

  /** Makes handshakes end by interruption, and ends a search. */
  close(): void {
    this.#isClosed = true
    this.#endWatch?.()
    this.#current?.close()
    this.#search?.interruptUnsafe()
    this.#primary?.close()
  }

  /** Releases all transports. Called after {@linkcode close}. */
  get release(): Effect.Effect<void> {
    return Effect.suspend(() => {
      const left = this.#leaving === undefined ? Effect.void : Fiber.interruptAll(this.#leaving)
      return this.#current === undefined ? left : Effect.andThen(left, release(this.#current))
    })
  }

  get #hasOthers(): boolean {
    return this.configs.length > 1 || this.#primary !== undefined
  }

  /** The current server. Only for a connection that is open. */
  get #ready(): TransportPool {
    return this.#current!
  }

  get #failOver(): Effect.Effect<void, NotReady | ConnectionClosed> {
    const found = Effect.flatMap(
      this.#find,
      (exit): Effect.Effect<void, NotReady | ConnectionLimit | ConnectionClosed> =>
        Exit.hasInterrupts(exit) ? Effect.fail(new ConnectionClosed({ address: this.config.address })) : exit,
    )
    return Effect.catchTag(found, "ConnectionLimit", (error) => {
      const { message, address = "" } = error
      const effort = { attempts: 0, elapsed: Duration.zero }
      return Effect.fail(new NotReady({ address, kind: "Rejected", reasons: [message], cause: error, ...effort }))
    })
  }

  /** Waits for the search that is being made, or for one that it begins. Callers share it; closing interrupts it. */
  get #find(): Effect.Effect<Exit.Exit<void, NotReady | ConnectionLimit>> {
    return Effect.uninterruptibleMask((restore) => {
      const search = this.#primary === undefined ? this.#findReady : this.#primary.find
      const begin = Effect.tap(Effect.forkIn(search, this.#scope), (fiber) =>
        Effect.sync(() => {
          this.#search = fiber
          fiber.addObserver(() => this.#search = undefined)
        }))
      return Effect.flatMap(
        this.#search === undefined ? begin : Effect.succeed(this.#search),
        (fiber) => restore(Fiber.await(fiber)),
      )
    })
  }

  /** Makes the first server that is ready the current one. */
  get #findReady(): Effect.Effect<void, NotReady | ConnectionLimit> {
    return Effect.clockWith((clock) => {
      const start = clock.currentTimeMillisUnsafe()
      const configs = this.#order
      const { connectTimeout } = this.config
      const headStart = Duration.min(longestHeadStart, Duration.divideUnsafe(connectTimeout, configs.length))
      const search: Search = { isOver: false }
      const failures: Array<NotReady | ConnectionLimit> = []
      let failed = 0
      const from = (place: number): Effect.Effect<void, NotReady | ConnectionLimit> => {
        const firstFailure = Deferred.makeUnsafe<void>()
        const startNext = () => Deferred.doneUnsafe(firstFailure, Exit.void)
        const elapsed = Duration.millis(clock.currentTimeMillisUnsafe() - start)
        const timeout = Duration.max(Duration.subtract(connectTimeout, elapsed), Duration.millis(1))
        const attempt = Effect.catch(this.#try(configs[place]!, timeout, search, startNext), (failure) => {
          failures[place] = failure
          startNext()
          return ++failed === configs.length ? Effect.fail(joinFailures(failures)) : Effect.never
        })
        if (place === configs.length - 1) return attempt
        const head = Effect.raceFirst(Deferred.await(firstFailure), Effect.sleep(headStart))
        return Effect.raceFirst(attempt, Effect.andThen(head, Effect.suspend(() => from(place + 1))))
      }
      return from(0)
    })
  }

  /** The current server and those after it, then those before it. */
  get #order(): ReadonlyArray<ConnectionConfig> {
    const configs = this.configs
    const at = Math.max(configs.findIndex(({ address }) => address === this.config.address), 0)
    return [...configs.slice(at), ...configs.slice(0, at)]
  }

  /** Waits until a server is ready, and makes it the current one unless another was faster. */
  #try(
    config: ConnectionConfig,
    timeout: Duration.Duration,
    search: Search,
    onFailedAttempt: () => void,
  ): Effect.Effect<void, NotReady | ConnectionLimit> {
    const current = this.#current
    if (config.address === current?.config.address) {
      current.onFailedAttempt = onFailedAttempt
      const ready = Effect.map(current.acquire, () => void (search.isOver = true))
      return Effect.catchTag(ready, "ConnectionClosed", () => Effect.interrupt)
    }
    return Effect.uninterruptibleMask((restore) =>
      Effect.flatMap(this.#begin(config), (pool) => {
        pool.onFailedAttempt = onFailedAttempt
        return Effect.onExit(
          restore(Effect.andThen(acquireTransports(pool), pool.open(timeout))),
          (exit) => Exit.isSuccess(exit) && this.#take(pool, search) ? Effect.void : release(pool),
        )
      })
    )
  }

  /** Begins to use a server, which the caller has to release. */
  #begin(config: ConnectionConfig): Effect.Effect<TransportPool, ConnectionLimit> {
    return Effect.map(acquireSlot(config.address), () => {
      const inFlight = this.#hasOthers ? new InFlightCalls(this.#inFlight) : this.#inFlight
      return new TransportPool(config, Scope.makeUnsafe(), inFlight)
    })
  }

  /** Makes a server that is ready the current one. Returns `false` if it came too late. */
  #take(pool: TransportPool, search: Search): boolean {
    const hasTwin = pool.config.address === this.#current?.config.address && this.#current.hasValidHandshake
    if (search.isOver || this.#isClosed || hasTwin) return false
    search.isOver = true
    const old = this.#current
    this.#current = pool
    this.#endWatch?.()
    this.#endWatch = pool.onChange(() => {
      if (!pool.isReady) Effect.runFork(Effect.ignore(this.#failOver))
      this.#notify()
    })
    this.#primary?.start()
    if (old === undefined) return true
    this.#leave(old)
    this.onSwitch?.()
    this.#notify()
    return true
  }

  /** Releases a server that was replaced, once no call is on it. */
  #leave(pool: TransportPool): void {
    const leaving = this.#leaving ??= new Set()
    const fiber = Effect.runFork(
      Effect.uninterruptibleMask((restore) => Effect.ensuring(restore(pool.idle), release(pool))),
    )
    leaving.add(fiber)
    fiber.addObserver(() => leaving.delete(fiber))
  }

  #notify(): void {
    for (const listener of [...this.#listeners ?? []]) listener()
  }
}

type AttemptArguments = Parameters<TransportPool["attempt"]> extends [PooledTransport, ...infer Call] ? Call : never

/** Maximum time that one server has before the next is tried as well. */
const longestHeadStart = Duration.millis(250)

/** Returns the config of each server, beginning with that of `config.address`. */
const configsOf = (config: ConnectionConfig): ReadonlyArray<ConnectionConfig> => {
  if (config.addresses.length === 1) return [config]
  const at = Math.max(config.addresses.indexOf(config.address), 0)
  return [...config.addresses.slice(at), ...config.addresses.slice(0, at)].map((address) =>
    withAddress(config, address)
  )
}

const acquireTransports = (pool: TransportPool): Effect.Effect<void, NotReady> =>
  Effect.gen(function* () {
    const { config } = pool
    yield* registerTraffic(config.address)
    for (let turn = 0; turn < config.poolSize; turn++) pool.add(yield* Transport.acquire(config, turn))
  }).pipe(Effect.catch((error) => Effect.fail(notOpened(pool.config, error))), Scope.provide(pool.scope))

/** The error if the transport could not be opened, for example without a permission. */
const notOpened = (config: ConnectionConfig, error: RpcError): NotReady =>
  toNotReady(config, classifyFailure(config, error), { attempts: 0, elapsed: Duration.zero })

const release = (pool: TransportPool): Effect.Effect<void> =>
  Effect.suspend(() => {
    pool.close()
    releaseSlot(pool.config.address)
    return Scope.close(pool.scope, Exit.void)
  })
