/** Rules for the bytes of one direction of a connection, which follow from a fault. */
import * as Duration from "effect/Duration"
import type { Direction, Ending, Fault } from "./fault.ts"

/** A rule for the bytes of one direction. */
export interface Rule {
  /** Number of bytes that may still pass. */
  readonly quota: number
  /** Effect of reaching the quota: the connection ends, or further bytes are held. */
  readonly thereafter: Ending | "hold"
  /** Returns the delay of the next bytes, in milliseconds. */
  readonly delay: () => number
  readonly bytesPerSecond: number
  /** Number of bytes that may be held before the source is paused. */
  readonly allowance: number
}

/** No restriction: everything passes at once. */
export const free: Rule = {
  quota: Infinity,
  thereafter: "hold",
  delay: () => 0,
  bytesPerSecond: Infinity,
  allowance: 0,
}

/** Returns the rule of a fault. `Reset`, `HalfOpen` and `Refuse` restrict no bytes; a link handles them. */
export const ruleOf = (fault: Fault, direction: Direction): Rule => {
  if ("direction" in fault && fault.direction !== "both" && fault.direction !== direction) return free
  switch (fault._tag) {
    case "Blackhole":
      return { ...free, quota: 0 }
    case "Stall":
      return { ...free, quota: fault.afterBytes }
    case "CutAfter":
      return { ...free, quota: fault.bytes, thereafter: fault.by }
    case "Delay": {
      const [latency, jitter] = [Duration.toMillis(fault.latency), Duration.toMillis(fault.jitter)]
      return { ...free, delay: () => latency + jitter * Math.random(), allowance: maxInTransit }
    }
    case "Throttle":
      return { ...free, bytesPerSecond: fault.bytesPerSecond }
    default:
      return free
  }
}

/** Bytes that may be in transit under a delay. */
const maxInTransit = 1024 * 1024
