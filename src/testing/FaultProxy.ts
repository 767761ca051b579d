/**
 * A TCP proxy in front of any server, that misbehaves when it is told to.
 *
 * - Faults are switched while connections are open: `set` applies to those and to new ones, at once.
 * - Without a fault it is not to be noticed: bytes keep their order, a half-close arrives as one, and RST as RST. (Node reports an RST that
 *   comes right behind unread bytes as an end; a server that refuses can only be passed on as an RST.)
 * - Who does not read is not read for: in each direction it holds what was read at once, some 256 KiB at most with all buffers, and
 *   1 MiB more under a delay.
 * - It counts bytes, not messages, and knows nothing of what they mean.
 * - When its scope closes, its port, sockets and timers are gone. That never fails, and takes 2 s at most.
 *
 * It listens on 127.0.0.1 and runs on Deno, Node and Bun. Deno needs `--allow-net=127.0.0.1` and the address of the server. Delays and rates
 * are of real time, also under a `TestClock`; `restart` and `misbehave` follow the clock.
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

/** How to make a proxy. An unknown option is refused. */
export interface Options {
  /** The server, as text such as `"localhost:19530"`, or as anything that has a host and a port. It need not run yet. */
  readonly target: string | { readonly host: string; readonly port: number | string }
  /** Where clients connect: 1 to 65535. Default: a free one. */
  readonly port?: number | string | undefined
  /** The fault from the start on. Default: {@linkcode none}. */
  readonly fault?: Fault | undefined
}

/** A proxy that runs. */
export interface FaultProxy {
  /** `"127.0.0.1:port"`, where clients connect. It never changes. */
  readonly address: string
  /** `"127.0.0.1"`. */
  readonly host: string
  /** The port, which stays the same also while nobody listens on it. */
  readonly port: number
  /**
   * Misbehaves in this way from now on, whatever it did before. What was held is forwarded if the new fault lets it through; numbers of bytes
   * count from now on. A defect with a {@linkcode FaultProxyError} if another process took the port while nobody listened, and kept it for 5 s.
   */
  readonly set: (fault: Fault) => Effect.Effect<void>
  /** The same as setting {@linkcode none}. What was held flows; what was cut stays cut. */
  readonly heal: Effect.Effect<void>
  /** The fault of the moment. */
  readonly fault: Effect.Effect<Fault>
  /**
   * Ends every connection as a server does that stops (by FIN), refuses new ones for a while (100 ms by default), and listens again, under the
   * fault that is set. Interrupted, it listens again at once. Setting a fault waits for its end.
   */
  readonly restart: (downFor?: Duration.Input) => Effect.Effect<void>
  /** RST to both sides of every open connection, now. New ones are not affected. */
  readonly reset: Effect.Effect<void>
  /** How many connections of clients are open, and not cut. */
  readonly connections: Effect.Effect<number>
  /** How many connections it has accepted so far. */
  readonly accepted: Effect.Effect<number>
  /** How many bytes it has forwarded so far, each way. What a fault held or swallowed does not count. */
  readonly bytes: Effect.Effect<Readonly<Record<Direction, number>>>
}

/** The service of a proxy. */
export const FaultProxy: Context.Service<FaultProxy, FaultProxy> = Context.Service<FaultProxy>(
  "@effect-milvus/client/testing/FaultProxy",
)

/**
 * Starts a proxy, which ends with the scope.
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
 * A proxy as a layer.
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

/** How to misbehave at random. */
export interface MisbehaveOptions {
  /** What to choose from, each as likely as another. */
  readonly faults: readonly [Fault, ...ReadonlyArray<Fault>]
  /** How long a fault lasts, and how long it is well in between: from half to one and a half of this. Default: 1 s. */
  readonly every?: Duration.Input | undefined
  /** The same seed gives the same faults for the same times. Default: another one each time. */
  readonly seed?: string | number | undefined
}

/**
 * Sets one fault after another, chosen at random, and heals in between, until it is interrupted; it heals then, too.
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
  const aWhile = Effect.flatMap(
    Random.nextBetween(0.5, 1.5),
    (part) => Effect.sleep(Duration.times(Duration.fromInputUnsafe(every), part)),
  )
  const once = Effect.gen(function* () {
    const fault = yield* Random.choice(faults)
    yield* Effect.logDebug("FaultProxy misbehaves", fault)
    yield* proxy.set(fault)
    yield* aWhile
    yield* proxy.heal
    yield* aWhile
  })
  const forever = Effect.ensuring(Effect.forever(once), proxy.heal)
  return seed === undefined ? forever : Random.withSeed(forever, seed)
}

const start = ({ target, port, fault }: Settings): Effect.Effect<FaultProxy, FaultProxyError, Scope.Scope> =>
  Effect.gen(function* () {
    const links = new Links(() => connectTo(target), fault)
    const closing = yield* Deferred.make<void>()
    // Faults are set one after another: each waits until the port is as it has to be.
    const { withPermit: oneByOne } = yield* Semaphore.make(1)
    const listener = yield* Effect.acquireRelease(
      Listener.make(port, (client) => links.accept(client)),
      ({ close }) =>
        close.pipe(
          Effect.andThen(Deferred.succeed(closing, undefined)),
          Effect.andThen(destroyed(links)),
          Effect.andThen(oneByOne(Effect.void)),
        ),
    )
    // That the port is lost while nobody listens is no failure that a caller could do something about.
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

/** Waits until the sockets are gone, which takes no time to speak of. */
const destroyed = (links: Links): Effect.Effect<void> =>
  Effect.callback((resume) => {
    const impatience = setTimeout(() => resume(Effect.void), 2_000)
    links.destroy(() => {
      clearTimeout(impatience)
      resume(Effect.void)
    })
  })

/** A failure to connect is an error of the socket, whatever it is. */
const connectTo = ({ host, port }: Settings["target"]): Socket => {
  const options = { allowHalfOpen: true, noDelay: true }
  return Result.getOrElse(
    // Without a port, the host is the path of a unix socket.
    Result.try(() => connect(port === 0 ? { ...options, path: host } : { ...options, host, port })),
    // Deno throws where it is not allowed to.
    (cause) => new Socket().destroy(new Error("cannot connect", { cause })),
  )
}
