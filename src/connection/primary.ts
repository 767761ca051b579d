/**
 * Keeps a connection with the primary of a global cluster.
 *
 * - A search asks for the topology, tries its primary, and goes on asking until the primary that it has is ready, or
 *   another is. If the topology cannot be had, it tries the primary that was known last.
 * - A refresh asks for the topology next to calls: in an interval, and when a call shows that the primary may be
 *   another one. The other primary is used once it is ready. A topology that is older than the known one is ignored.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import { setInterval } from "node:timers"
import type { ConnectionConfig, GlobalCluster } from "../ConnectionConfig.ts"
import type { CallError, ConnectionLimit, NotReady } from "../errors.ts"
import { logDebug } from "../grpc/grpcLog.ts"
import { isTransient, joinFailures, toNotReady } from "./notReady.ts"
import { type Primary, requestPrimary, withAddress } from "./topology.ts"

/** One search for a server. */
export interface Search {
  /** Whether a server was found. */
  isOver: boolean
}

/** Waits until a server is ready, and makes it the current one, unless the search is over. */
export type UseServer = (
  config: ConnectionConfig,
  timeout: Duration.Duration,
  search: Search,
) => Effect.Effect<void, NotReady | ConnectionLimit>

/** The way to the primary of a global cluster. */
export class PrimaryFinder {
  /** The config of the endpoint that reports the topology. */
  readonly #endpoint: ConnectionConfig
  readonly #interval: Duration.Duration
  readonly #scope: Scope.Scope
  readonly #current: () => ConnectionConfig | undefined
  readonly #use: UseServer
  /** The version of the topology that the current primary is from. */
  #version = -Infinity
  #refreshing: Fiber.Fiber<void> | undefined
  #refreshedAt = -Infinity
  #timer: ReturnType<typeof setInterval> | undefined
  #isClosed = false

  constructor(
    config: ConnectionConfig,
    cluster: GlobalCluster,
    scope: Scope.Scope,
    current: () => ConnectionConfig | undefined,
    use: UseServer,
  ) {
    this.#endpoint = { ...withAddress(config, cluster.address), secure: cluster.secure }
    this.#interval = cluster.refreshInterval
    this.#scope = scope
    this.#current = current
    this.#use = use
  }

  /** Searches for a primary that is ready, within `connectTimeout`. */
  get find(): Effect.Effect<void, NotReady | ConnectionLimit> {
    return Effect.clockWith((clock) => {
      const known = this.#current()
      const { connectTimeout, retry } = this.#endpoint
      const start = clock.currentTimeMillisUnsafe()
      const elapsed = () => Duration.millis(clock.currentTimeMillisUnsafe() - start)
      const remaining = () => Duration.max(Duration.subtract(connectTimeout, elapsed()), Duration.millis(1))
      const search: Search = { isOver: false }
      let attempts = 0
      let noTopology: NotReady | undefined
      let notReady: NotReady | ConnectionLimit | undefined

      const ask = Effect.suspend(() => requestPrimary(this.#endpoint, requestTimeout(remaining(), known))).pipe(
        Effect.mapError((failure) => {
          noTopology = toNotReady(this.#endpoint, failure, { attempts: ++attempts, elapsed: elapsed() })
          return { error: noTopology, isFinal: retry === false || !isTransient(this.#endpoint, failure) }
        }),
      )
      const first: Effect.Effect<Primary, NotReady> = Effect.catch(ask, ({ error, isFinal }) => {
        if (known !== undefined) return Effect.succeed({ config: known, version: this.#version })
        return isFinal ? Effect.fail(error) : Effect.andThen(Effect.sleep(pause), first)
      })
      /** Waits for another primary than the one that is tried. */
      const next = (tried: string): Effect.Effect<Primary> =>
        Effect.flatMap(
          Effect.andThen(Effect.sleep(pause), Effect.option(ask)),
          (primary) =>
            primary._tag === "Some" && primary.value.config.address !== tried
              ? Effect.succeed(primary.value)
              : next(tried),
        )
      const attempt = ({ config, version }: Primary): Effect.Effect<void, NotReady | ConnectionLimit> => {
        const used = Effect.catch(this.#useOf(config, version, remaining(), search), (failure) => {
          notReady = failure
          return retry === false || !failure.isRetryable ? Effect.fail(failure) : Effect.never
        })
        return retry === false ? used : Effect.raceFirst(used, Effect.flatMap(next(config.address), attempt))
      }
      const failures = () => [notReady, noTopology].filter((failure) => failure !== undefined)
      return Effect.timeoutOrElse(Effect.flatMap(first, attempt), {
        // A little longer than a handshake, so that its failure is reported.
        duration: Duration.sum(connectTimeout, Duration.millis(50)),
        orElse: () => Effect.suspend(() => Effect.fail(joinFailures(failures()))),
      })
    })
  }

  /** Begins to ask for the topology in the interval. The timer does not keep the process running. */
  start(): void {
    if (!this.#isClosed) this.#timer ??= setInterval(() => this.refresh(), Duration.toMillis(this.#interval)).unref()
  }

  /** Asks for the topology, unless that happens already, or did within the last second. */
  refresh(): void {
    const now = Date.now()
    if (this.#isClosed || this.#refreshing !== undefined || now - this.#refreshedAt < minRefreshPause) return
    this.#refreshedAt = now
    const { connectTimeout } = this.#endpoint
    const refresh = Effect.flatMap(
      requestPrimary(this.#endpoint, connectTimeout),
      ({ config, version }) => {
        const isKnown = version < this.#version || config.address === this.#current()?.address
        return isKnown ? Effect.void : this.#useOf(config, version, connectTimeout, { isOver: false })
      },
    )
    const logged = Effect.catch(
      refresh,
      (failure) =>
        Effect.sync(() =>
          logDebug(`${this.#endpoint.address}: ${"reasons" in failure ? failure.reasons.join("; ") : failure.message}`)
        ),
    )
    const fiber = this.#refreshing = Effect.runSync(Effect.forkIn(logged, this.#scope))
    fiber.addObserver(() => this.#refreshing = undefined)
  }

  /** Asks for the topology if the error of a call shows that the primary may be another one. */
  noteFailure(error: CallError): void {
    if (isDemotion(error) || error._tag === "RpcError" && error.code === "UNAVAILABLE") this.refresh()
  }

  /** Ends the interval and a refresh. */
  close(): void {
    this.#isClosed = true
    clearInterval(this.#timer)
    this.#refreshing?.interruptUnsafe()
  }

  #useOf(
    config: ConnectionConfig,
    version: number,
    timeout: Duration.Duration,
    search: Search,
  ): Effect.Effect<void, NotReady | ConnectionLimit> {
    return Effect.map(this.#use(config, timeout, search), () => {
      this.#version = Math.max(version, this.#version)
    })
  }
}

/**
 * Whether a cluster refused a write because it is not the primary any more. Milvus has no code of its own for it. While
 * the primary changes, other shards of the same collection may have taken their part of the write.
 */
export const isDemotion = (error: CallError): boolean =>
  error._tag === "ServerError" && error.reason.includes("STREAMING_CODE_REPLICATE_VIOLATION")

/** Leaves time for another request, or for the primary that is known. */
const requestTimeout = (remaining: Duration.Duration, known: ConnectionConfig | undefined): Duration.Duration =>
  known === undefined
    ? Duration.min(remaining, Duration.max(Duration.seconds(2), Duration.divideUnsafe(remaining, 2)))
    : Duration.min(Duration.seconds(1), Duration.divideUnsafe(remaining, 2))

/** Time between two requests of a search. */
const pause = Duration.millis(200)

/** Minimum time between two requests of refreshes, in milliseconds. */
const minRefreshPause = 1000
