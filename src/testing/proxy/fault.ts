/**
 * What can be wrong with a connection, told by what a client sees of it.
 *
 * @module
 */
import * as Duration from "effect/Duration"

/** Which way bytes go. */
export type Direction = "toServer" | "toClient"

/** Where a fault applies: one way, or both. */
export interface DirectionOption {
  /** Default: `"both"`. */
  readonly direction?: Direction | "both" | undefined
}

/** How a connection ends: by FIN, as when a process closes it, or by RST, as when it aborts it. */
export type Ending = "close" | "reset"

/** What the proxy does wrong: one thing at a time. Each is made, and explained, by the function or the constant of its name. */
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
 * The port is closed: a client that connects sees ECONNREFUSED. Open connections end by FIN, like those of a process that was killed;
 * with `connections: "reset"` they end by RST, and with `"keep"` they go on unharmed.
 */
export const refuse = (options?: { readonly connections?: Ending | "keep" | undefined }): Fault => ({
  _tag: "Refuse",
  connections: options?.connections ?? "close",
})

/**
 * The port accepts connections, but nothing is read and nothing is answered, on open connections either. A client sees a connection that
 * opens and stays silent, and its writes succeed until the buffers of the system are full. The end of either side goes unnoticed. When
 * healed, everything that the client wrote is forwarded.
 */
export const blackhole: Fault = { _tag: "Blackhole" }

/**
 * The former name of {@linkcode blackhole}.
 *
 * @deprecated Use {@linkcode blackhole}.
 */
export const deaf: Fault = blackhole

/**
 * Each connection ends after exactly so many more bytes in the direction, counted from when the fault is set or the connection opens, and
 * wherever in a message that is. Both sides see FIN, or RST with `by: "reset"`. With `"both"`, which is the default, either direction may
 * be the first.
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
 * Open connections are reset, and each new one as soon as it is accepted, or, with `at: "firstBytes"`, when the client has sent something.
 * A client sees ECONNRESET, or EPIPE where it was writing.
 */
export const reset = (options?: { readonly at?: "accept" | "firstBytes" | undefined }): Fault => ({
  _tag: "Reset",
  at: options?.at ?? "accept",
})

/**
 * The server is gone, and nobody tells the client: what it writes vanishes, nothing comes, not even an end. Its connection stays open as
 * long as it likes. When healed, a connection that lost its server or its bytes cannot go on: it is reset at the client's next
 * bytes, as by a host that started anew.
 */
export const halfOpen: Fault = { _tag: "HalfOpen" }

/**
 * Bytes arrive later by the latency and by a random part of the jitter, each way, in their order. It is latency, not a limit: up to 1 MiB
 * is on its way in each direction.
 */
export const delay = (
  options: DirectionOption & { readonly latency: Duration.Input; readonly jitter?: Duration.Input | undefined },
): Fault => ({
  _tag: "Delay",
  latency: Duration.fromInputUnsafe(options.latency),
  jitter: Duration.fromInputUnsafe(options.jitter ?? 0),
  direction: options.direction ?? "both",
})

/** Each connection carries at most so many bytes a second in each direction, in pieces of a twentieth of that. */
export const throttle = (options: DirectionOption & { readonly bytesPerSecond: number }): Fault => {
  const { bytesPerSecond, direction = "both" } = options
  if (!(bytesPerSecond > 0)) throw new RangeError(`bytesPerSecond: expected more than 0, got ${bytesPerSecond}`)
  return { _tag: "Throttle", bytesPerSecond, direction }
}

/**
 * Exactly so many more bytes are forwarded in the direction, counted from when the fault is set or the connection opens; the rest is held,
 * be it in the middle of a message, and flows when healed. The sender sees its writes succeed until the buffers are full.
 */
export const stall = (options?: DirectionOption & { readonly afterBytes?: number | undefined }): Fault => ({
  _tag: "Stall",
  afterBytes: count("afterBytes", options?.afterBytes ?? 0),
  direction: options?.direction ?? "both",
})

/** A slip here would make a fault that never strikes, and a test that proves nothing. */
const count = (name: string, value: number): number => {
  if (Number.isSafeInteger(value) && value >= 0) return value
  throw new RangeError(`${name}: expected a whole number from 0, got ${value}`)
}
