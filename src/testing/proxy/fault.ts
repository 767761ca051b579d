/** Faults of a network, described by what a client sees of them. */
import * as Duration from "effect/Duration"

/** The direction in which bytes flow. */
export type Direction = "toServer" | "toClient"

/** The direction that a fault applies to. */
export interface DirectionOption {
  /**
   * One direction, or both.
   *
   * @default "both"
   */
  readonly direction?: Direction | "both" | undefined
}

/**
 * The end of a connection: `"close"` by FIN, as when a process closes it, or `"reset"` by RST, as when a process aborts
 * it.
 */
export type Ending = "close" | "reset"

/** The current fault of a proxy. Each is made and documented by the function or constant of the same name. */
export type Fault =
  | { readonly _tag: "None" }
  | { readonly _tag: "Refuse"; readonly connections: Ending | "keep" }
  | { readonly _tag: "Blackhole" }
  | { readonly _tag: "CutAfter"; readonly bytes: number; readonly direction: Direction | "both"; readonly by: Ending }
  | { readonly _tag: "Reset"; readonly at: "accept" | "firstBytes" }
  | { readonly _tag: "HalfOpen" }
  | {
    readonly _tag: "Delay"
    readonly latency: Duration.Duration
    readonly jitter: Duration.Duration
    readonly direction: Direction | "both"
  }
  | { readonly _tag: "Throttle"; readonly bytesPerSecond: number; readonly direction: Direction | "both" }
  | { readonly _tag: "Stall"; readonly afterBytes: number; readonly direction: Direction | "both" }

/** No fault: everything is forwarded at once. */
export const none: Fault = { _tag: "None" }

/**
 * The port is closed: a client that connects sees ECONNREFUSED. Open connections end by FIN, like those of a process
 * that was killed; with `connections: "reset"` they end by RST, and with `"keep"` they go on unharmed.
 */
export const refuse = (options?: { readonly connections?: Ending | "keep" | undefined }): Fault => ({
  _tag: "Refuse",
  connections: options?.connections ?? "close",
})

/**
 * The port accepts connections, but nothing is read and nothing is answered, on open connections either. A client sees
 * a connection that opens and stays silent, and its writes succeed until the buffers of the system are full. The end of
 * either side goes unnoticed. When healed, everything that the client wrote is forwarded.
 */
export const blackhole: Fault = { _tag: "Blackhole" }

/**
 * The former name of {@linkcode blackhole}.
 *
 * @deprecated Use {@linkcode blackhole}.
 */
export const deaf: Fault = blackhole

/**
 * Ends each connection after exactly `bytes` more bytes in the direction, counted from when the fault is set or the
 * connection opens, even in the middle of a message. Both sides see FIN, or RST with `by: "reset"`. With the direction
 * `"both"`, the default, the direction that reaches the number first counts.
 */
export const cutAfter = (
  options: DirectionOption & { readonly bytes: number; readonly by?: Ending | undefined },
): Fault => ({
  _tag: "CutAfter",
  bytes: count("bytes", options.bytes),
  direction: options.direction ?? "both",
  by: options.by ?? "close",
})

/**
 * Resets open connections, and each new one as soon as it is accepted; with `at: "firstBytes"`, when the client has
 * sent something. A client sees ECONNRESET, or EPIPE if it was writing.
 */
export const reset = (options?: { readonly at?: "accept" | "firstBytes" | undefined }): Fault => ({
  _tag: "Reset",
  at: options?.at ?? "accept",
})

/**
 * The server is gone, and the client does not notice: what it writes is lost, and it receives nothing, not even an end.
 * Its connection stays open as long as the client wants. When healed, a connection that lost its server or any bytes
 * cannot continue: it is reset when the client next sends something, as by a host that has rebooted.
 */
export const halfOpen: Fault = { _tag: "HalfOpen" }

/**
 * Delays bytes by the latency and a random part of the jitter, in each direction, and keeps their order. It does not
 * limit the throughput otherwise: up to 1 MiB is in transit in each direction.
 */
export const delay = (
  options: DirectionOption & { readonly latency: Duration.Input; readonly jitter?: Duration.Input | undefined },
): Fault => ({
  _tag: "Delay",
  latency: Duration.fromInputUnsafe(options.latency),
  jitter: Duration.fromInputUnsafe(options.jitter ?? 0),
  direction: options.direction ?? "both",
})

/** Limits each connection to `bytesPerSecond` in each direction, forwarded in pieces of a twentieth of that. */
export const throttle = (options: DirectionOption & { readonly bytesPerSecond: number }): Fault => {
  const { bytesPerSecond, direction = "both" } = options
  if (!(bytesPerSecond > 0)) throw new RangeError(`bytesPerSecond: expected more than 0, got ${bytesPerSecond}`)
  return { _tag: "Throttle", bytesPerSecond, direction }
}

/**
 * Forwards exactly `afterBytes` more bytes in the direction (default: 0), counted from when the fault is set or the
 * connection opens, and holds the rest, even from the middle of a message, until it is healed. The writes of the sender
 * succeed until the buffers are full.
 */
export const stall = (options?: DirectionOption & { readonly afterBytes?: number | undefined }): Fault => ({
  _tag: "Stall",
  afterBytes: count("afterBytes", options?.afterBytes ?? 0),
  direction: options?.direction ?? "both",
})

/** Checks a number of bytes. With a wrong one the fault would never occur, and the test would prove nothing. */
const count = (name: string, value: number): number => {
  if (Number.isSafeInteger(value) && value >= 0) return value
  throw new RangeError(`${name}: expected a whole number from 0, got ${value}`)
}
