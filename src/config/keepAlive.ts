/** Decodes the keep-alive options of a connection. */
import * as Duration from "effect/Duration"
import * as Result from "effect/Result"
import { BooleanParam, type Decoded, failUnknownParam, read, readDuration, readRecord } from "./params.ts"

/**
 * HTTP/2 pings, which detect a dead peer.
 *
 * With the defaults, Milvus is pinged as described below, and a server that does not permit pings, such as milvus-lite,
 * is not pinged. With any other value, every server is pinged as configured.
 */
export interface KeepAliveParams {
  /**
   * Time between two pings. At least 5 s, because a server answers faster pings with GOAWAY.
   *
   * @default 10 seconds
   */
  readonly time?: Duration.Input | undefined
  /**
   * Time after which an unanswered ping counts as a dead peer.
   *
   * @default 5 seconds
   */
  readonly timeout?: Duration.Input | undefined
  /**
   * Whether to ping while no call is in flight.
   *
   * @default true
   */
  readonly whenIdle?: boolean | undefined
}

/** Decoded {@linkcode KeepAliveParams}. */
export interface KeepAlive {
  /** Time between two pings. */
  readonly time: Duration.Duration
  /** Time after which an unanswered ping counts as a dead peer. */
  readonly timeout: Duration.Duration
  /** Whether to ping while no call is in flight. */
  readonly whenIdle: boolean
}

/**
 * Pings of Milvus. A server that does not permit them is not pinged.
 *
 * @internal
 */
export const defaultKeepAlive: KeepAlive = {
  time: Duration.seconds(10),
  timeout: Duration.seconds(5),
  whenIdle: true,
}

/**
 * Whether the keep-alive options are the defaults, so that the server decides whether it is pinged.
 *
 * @internal
 */
export const isDefaultKeepAlive = (keepAlive: KeepAlive): boolean =>
  Duration.equals(keepAlive.time, defaultKeepAlive.time) &&
  Duration.equals(keepAlive.timeout, defaultKeepAlive.timeout) && keepAlive.whenIdle === defaultKeepAlive.whenIdle

/** Decodes the parameter `keepAlive`. */
export const readKeepAlive = (value: unknown): Decoded<KeepAlive> =>
  Result.gen(function* () {
    if (value === undefined) return defaultKeepAlive
    const given = yield* readRecord("keepAlive", value, "{ time, timeout, whenIdle }")
    yield* failUnknownParam("keepAlive.", given, keepAliveNames)
    return {
      time: yield* readDuration("keepAlive.time", given["time"], defaultKeepAlive.time, minKeepAliveTime),
      timeout: yield* readDuration("keepAlive.timeout", given["timeout"], defaultKeepAlive.timeout),
      whenIdle: yield* read("keepAlive.whenIdle", BooleanParam, given["whenIdle"], defaultKeepAlive.whenIdle),
    }
  })

const minKeepAliveTime = Duration.seconds(5)
const keepAliveNames: ReadonlySet<string> = new Set<keyof KeepAliveParams>(["time", "timeout", "whenIdle"])
