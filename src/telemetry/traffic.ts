/**
 * Metrics of the HTTP/2 sessions to a server, and of the calls on them. What changes with each call is a plain number,
 * which a metric registry reads when it is exported.
 */
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import { buckets, counter, serverAttributes, toText } from "./target.ts"

/** The sessions of a transport at the moment. */
export interface Sessions {
  /** Sessions that are up and have no call in flight. */
  readonly idle: number
  /** Sessions that are up and have calls in flight. */
  readonly used: number
}

/** The traffic of the process with one server. */
export class Traffic {
  /** Bytes of requests that were sent, and of replies that arrived: the messages, without headers and frames. */
  sent = 0
  received = 0
  /** The open transports. */
  readonly transports = new Set<{ readonly observedSessions: Sessions }>()
  readonly retries = new Map<string, Metric.Metric<number, unknown>>()
  readonly created: Metric.Metric<number, unknown>
  readonly timeouts: Metric.Metric<number, unknown>
  readonly #address: string
  readonly #registries = new WeakSet<Metric.MetricRegistry>()

  constructor(address: string) {
    this.#address = address
    const pool = { "db.client.connection.pool.name": address }
    this.created = Metric.histogram("db.client.connection.create_time", {
      description: "Time from the begin of a connection to the end of its handshake",
      attributes: { ...pool, unit: "s" },
      boundaries: buckets,
    })
    this.timeouts = counter(
      "db.client.connection.timeouts",
      "Calls whose time ended before a connection was ready for them",
      pool,
      "{timeout}",
    )
  }

  /** Adds the metrics that are read when they are exported to the registry of a context, unless it has them. */
  register(context: Context.Context<never>, registry: Metric.MetricRegistry): void {
    if (this.#registries.has(registry)) return
    this.#registries.add(registry)
    const server = toText({ "db.system.name": "milvus", ...serverAttributes(this.#address) })
    const add = (
      metric: Metric.Metric<number, Metric.CounterState<number>>,
      incremental: boolean,
      read: () => number,
    ) =>
      Metric.registerUnsafe(metric, context, {
        get: () => ({ count: read(), incremental }),
        update() {},
        modify() {},
      })
    add(counter("milvus.client.sent_bytes", "Bytes of requests", server, "By"), true, () => this.sent)
    add(counter("milvus.client.received_bytes", "Bytes of replies", server, "By"), true, () => this.received)
    for (const state of ["idle", "used"] as const) {
      const count = Metric.counter("db.client.connection.count", {
        description: "HTTP/2 sessions that are up",
        attributes: {
          "db.client.connection.pool.name": this.#address,
          "db.client.connection.state": state,
          unit: "{connection}",
        },
      })
      add(count, false, () => {
        let sessions = 0
        for (const { observedSessions } of this.transports) sessions += observedSessions[state]
        return sessions
      })
    }
  }
}

/** Returns the traffic with a server. */
export const trafficOf = (address: string): Traffic => {
  const found = traffics.get(address)
  if (found !== undefined) return found
  if (traffics.size >= capacity) {
    for (const [address, { transports }] of traffics) if (transports.size === 0) traffics.delete(address)
  }
  const traffic = new Traffic(address)
  traffics.set(address, traffic)
  return traffic
}

const traffics = new Map<string, Traffic>()

/** Number of servers after which those without a connection are forgotten. */
const capacity = 1024

/** Makes the metrics of the connections to a server known to the registry of the current fiber. */
export const registerTraffic = (address: string): Effect.Effect<void> =>
  Effect.withFiberSucceed((fiber) => trafficOf(address).register(fiber.context, fiber.getRef(Metric.MetricRegistry)))

/** Counts a retry of an RPC. */
export const countRetry = (address: string, method: string): Effect.Effect<void> =>
  Effect.withFiberSucceed(({ context }) => {
    const { retries } = trafficOf(address)
    let series = retries.get(method)
    if (series === undefined) {
      const attributes = toText({ "db.system.name": "milvus", ...serverAttributes(address), "rpc.method": method })
      retries.set(method, series = counter("milvus.client.retries", "Attempts after the first", attributes, "{retry}"))
    }
    series.updateUnsafe(1, context)
  })

/** Counts a call whose time ended before a connection was ready for it. */
export const countTimeout = (address: string): Effect.Effect<void> =>
  Effect.withFiberSucceed(({ context }) => trafficOf(address).timeouts.updateUnsafe(1, context))

/** Measures the time in which a connection is made. */
export const timeCreation = <A, E, R>(address: string, create: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.clockWith((clock) => {
    const start = clock.currentTimeNanosUnsafe()
    return Effect.tap(create, () =>
      Effect.withFiberSucceed(({ context }) => {
        trafficOf(address).created.updateUnsafe(Number(clock.currentTimeNanosUnsafe() - start) / 1e9, context)
      }))
  })
