/**
 * A TCP proxy in front of any server, which causes network faults on request.
 *
 * - `set` changes the fault at once, for open connections and new ones.
 * - Without a fault the proxy is transparent: bytes keep their order, a half-close is passed on as a half-close, and an
 *   RST as an RST. Two exceptions: Node reports an RST that follows unread bytes as a normal end, and a server that
 *   refuses connections shows as an RST.
 * - Backpressure is kept: if one side does not read, the proxy stops reading from the other. It holds about 256 KiB in
 *   each direction, buffers included, and up to 1 MiB more under a delay.
 * - It counts bytes, not messages, and does not interpret them.
 * - When its scope closes, its port, sockets and timers are released. That never fails, and takes at most 2 s.
 *
 * It listens on 127.0.0.1 and runs on Deno, Node and Bun. Deno needs `--allow-net` for 127.0.0.1 and for the address of
 * the server. Delays and rates use real time, also under a `TestClock`; `restart` and `misbehave` use Effect's clock.
 *
 * @module
 */
import { connect, Socket } from "node:net"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Random from "effect/Random"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import type { ParamError } from "../errors.ts"
import { type Direction, type Fault, none } from "./proxy/fault.ts"
import { Links } from "./proxy/links.ts"
import * as Listener from "./proxy/listener.ts"
import { FaultProxyError } from "./proxy/errors.ts"
import { decode, type Settings } from "./proxy/options.ts"

export { blackhole, cutAfter, deaf, delay, halfOpen, none, refuse, reset, stall, throttle } from "./proxy/fault.ts"
export type { Direction, DirectionOption, Ending, Fault } from "./proxy/fault.ts"
export type { FaultProxyErrorProps } from "./proxy/errors.ts"
export { FaultProxyError }

/** Options for {@linkcode make}. An unknown option is refused. */
export interface Options {
  /**
   * The server: a text such as `"localhost:19530"`, or any object with a host and a port. It does not need to run yet.
   */
  readonly target: string | { readonly host: string; readonly port: number | string }
  /**
   * The port that clients connect to, from 1 to 65535.
   *
   * @default a free port
   */
  readonly port?: number | string | undefined
  /**
   * The initial fault.
   *
   * @default none
   */
  readonly fault?: Fault | undefined
}

/** A running proxy. */
export interface FaultProxy {
  /** The address that clients connect to: `"127.0.0.1:port"`. It never changes. */
  readonly address: string
  /** The host that clients connect to: `"127.0.0.1"`. */
  readonly host: string
  /** The port that clients connect to. It stays the same, also while the proxy does not listen on it. */
  readonly port: number
  /**
   * Replaces the fault. Bytes that the former fault held are forwarded if the new one lets them through, and numbers of
   * bytes count from now on. Dies with a {@linkcode FaultProxyError} if another process took the port while the proxy
   * did not listen, and kept it for 5 s.
   */
  readonly set: (fault: Fault) => Effect.Effect<void>
  /** Sets {@linkcode none}. Held bytes are forwarded; connections that were cut stay cut. */
  readonly heal: Effect.Effect<void>
  /** The current fault. */
  readonly fault: Effect.Effect<Fault>
  /**
   * Behaves like a server that restarts: ends every connection by FIN, refuses new ones for a while (100 ms by
   * default), and then listens again, under the current fault. If it is interrupted, the proxy listens again at once.
   * `set` waits until it has ended.
   */
  readonly restart: (downFor?: Duration.Input) => Effect.Effect<void>
  /** Resets both sides of every open connection by RST, now. New connections are not affected. */
  readonly reset: Effect.Effect<void>
  /** Number of client connections that are open and not cut. */
  readonly connections: Effect.Effect<number>
  /** Number of connections accepted so far. */
  readonly accepted: Effect.Effect<number>
  /** Number of bytes forwarded so far in each direction. Bytes that a fault held or dropped do not count. */
  readonly bytes: Effect.Effect<Readonly<Record<Direction, number>>>
}

/** The service tag of a proxy. */
export const FaultProxy: Context.Service<FaultProxy, FaultProxy> = Context.Service<FaultProxy>(
  "@effect-milvus/client/testing/FaultProxy",
)

/**
 * Starts a proxy that ends with the scope. Fails with a `ParamError` if an option is not valid, and with a
 * {@linkcode FaultProxyError} if it cannot listen.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Connection } from "@effect-milvus/client"
 * import { FaultProxy } from "@effect-milvus/client/testing"
 *
 * const program = Effect.gen(function* () {
 *   const proxy = yield* FaultProxy.make({ target: "localhost:19530", fault: FaultProxy.refuse() })
 *   const params = { address: proxy.address, retry: false }
 *   const error = yield* Effect.flip(Effect.scoped(Connection.connect(params)))
 *   console.log(error._tag) // NotReady
 *   yield* proxy.set(FaultProxy.delay({ latency: "50 millis", jitter: "20 millis" }))
 * })
 * await Effect.runPromise(Effect.scoped(program))
 * ```
 */
export const make = (options: Options): Effect.Effect<FaultProxy, FaultProxyError | ParamError, Scope.Scope> =>
  Effect.flatMap(Effect.fromResult(decode(options)), start)

/**
 * Provides a proxy that starts when the layer is built and ends when its scope closes.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { FaultProxy } from "@effect-milvus/client/testing"
 *
 * const program = Effect.gen(function* () {
 *   const proxy = yield* FaultProxy.FaultProxy
 *   yield* proxy.set(FaultProxy.stall({ direction: "toClient", afterBytes: 100 }))
 *   yield* proxy.heal
 *   console.log(yield* proxy.bytes) // { toServer: 0, toClient: 0 }
 * })
 * await Effect.runPromise(Effect.provide(program, FaultProxy.layer({ target: "localhost:19530" })))
 * ```
 */
export const layer = (options: Options): Layer.Layer<FaultProxy, FaultProxyError | ParamError> =>
  Layer.effect(FaultProxy, make(options))

/** Options for {@linkcode misbehave}. */
export interface MisbehaveOptions {
  /** The faults to choose from, each with the same probability. */
  readonly faults: readonly [Fault, ...ReadonlyArray<Fault>]
  /**
   * Duration of each fault, and of each pause without a fault. The actual duration is from 0.5 to 1.5 times this.
   *
   * @default "1 second"
   */
  readonly every?: Duration.Input | undefined
  /**
   * Seed of the random choices. The same seed gives the same faults with the same durations.
   *
   * @default a new seed each time
   */
  readonly seed?: string | number | undefined
}

/**
 * Sets one random fault after another, and heals between them, until it is interrupted. It also heals on interruption.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { FaultProxy } from "@effect-milvus/client/testing"
 *
 * const program = Effect.gen(function* () {
 *   const proxy = yield* FaultProxy.make({ target: "localhost:19530" })
 *   const faults = [FaultProxy.refuse(), FaultProxy.reset(), FaultProxy.stall({ afterBytes: 1_000 })] as const
 *   yield* Effect.forkScoped(FaultProxy.misbehave(proxy, { faults, every: "20 millis", seed: "soak 1" }))
 *   yield* Effect.sleep("100 millis") // the work that has to survive this
 * })
 * await Effect.runPromise(Effect.scoped(program))
 * ```
 */
export const misbehave = (proxy: FaultProxy, options: MisbehaveOptions): Effect.Effect<never> => {
  const { faults, every = "1 second", seed } = options
  const pause = Effect.flatMap(
    Random.nextBetween(0.5, 1.5),
    (part) => Effect.sleep(Duration.times(Duration.fromInputUnsafe(every), part)),
  )
  const cycle = Effect.gen(function* () {
    const fault = yield* Random.choice(faults)
    yield* Effect.logDebug("FaultProxy misbehaves", fault)
    yield* proxy.set(fault)
    yield* pause
    yield* proxy.heal
    yield* pause
  })
  const forever = Effect.ensuring(Effect.forever(cycle), proxy.heal)
  return seed === undefined ? forever : Random.withSeed(forever, seed)
}

const start = ({ target, port, fault }: Settings): Effect.Effect<FaultProxy, FaultProxyError, Scope.Scope> =>
  Effect.gen(function* () {
    const links = new Links(() => connectTo(target), fault)
    const closing = yield* Deferred.make<void>()
    // Faults are set one after another: each waits until the port is opened or closed as the fault requires.
    const { withPermit: oneByOne } = yield* Semaphore.make(1)
    const listener = yield* Effect.acquireRelease(
      Listener.make(port, (client) => links.accept(client)),
      ({ close }) =>
        close.pipe(
          Effect.andThen(Deferred.succeed(closing, undefined)),
          Effect.andThen(destroyLinks(links)),
          Effect.andThen(oneByOne(Effect.void)),
        ),
    )
    // A defect, because a caller cannot recover a port that was lost while the proxy did not listen.
    const settle = Effect.suspend(() => links.fault._tag === "Refuse" ? listener.pause : Effect.orDie(listener.resume))
    yield* settle
    const set = (fault: Fault) =>
      oneByOne(Effect.uninterruptible(Effect.andThen(Effect.sync(() => links.apply(fault)), settle)))
    const restart = (downFor: Duration.Input = "100 millis") =>
      oneByOne(Effect.acquireUseRelease(
        Effect.andThen(listener.pause, Effect.sync(() => links.cut("close"))),
        () => Effect.raceFirst(Effect.sleep(downFor), Deferred.await(closing)),
        () => settle,
      ))
    return {
      address: `${Listener.host}:${listener.port}`,
      host: Listener.host,
      port: listener.port,
      set,
      heal: set(none),
      fault: Effect.sync(() => links.fault),
      restart,
      reset: Effect.sync(() => links.reset()),
      connections: Effect.sync(() => links.open),
      accepted: Effect.sync(() => links.accepted),
      bytes: Effect.sync(() => links.bytes),
    }
  })

/** Destroys all sockets and waits until they are closed: normally at once, and for at most 2 s. */
const destroyLinks = (links: Links): Effect.Effect<void> =>
  Effect.callback((resume) => {
    const timeout = setTimeout(() => resume(Effect.void), 2_000)
    links.destroy(() => {
      clearTimeout(timeout)
      resume(Effect.void)
    })
  })

/** Connects to the server. Every failure to connect becomes an error of the socket. */
const connectTo = ({ host, port }: Settings["target"]): Socket => {
  const options = { allowHalfOpen: true, noDelay: true }
  return Result.getOrElse(
    // Without a port, the host is the path of a unix socket.
    Result.try(() => connect(port === 0 ? { ...options, path: host } : { ...options, host, port })),
    // Deno throws if the permission is missing.
    (cause) => new Socket().destroy(new Error("cannot connect", { cause })),
  )
}
