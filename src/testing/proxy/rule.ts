/** A fault, as far as the bytes of one direction of one connection are concerned. */
import * as Duration from "effect/Duration"
import type { Direction, Ending, Fault } from "./fault.ts"

export interface Rule {
  /** How many more bytes may pass. */
  readonly quota: number
  /** What happens when they have. */
  readonly thereafter: Ending | "hold"
  /** How late the next bytes are, in milliseconds. */
  readonly delay: () => number
  readonly bytesPerSecond: number
  /** How many bytes may be held before the source has to wait. */
  readonly allowance: number
}

/** Everything passes at once. */
export const free: Rule = {
  quota: Infinity,
  thereafter: "hold",
  delay: () => 0,
  bytesPerSecond: Infinity,
  allowance: 0,
}

/** The faults that are more than a rule (`Reset`, `HalfOpen`, closing by `Refuse`) have none of their own. */
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
      return { ...free, delay: () => latency + jitter * Math.random(), allowance: onItsWay }
    }
    case "Throttle":
      return { ...free, bytesPerSecond: fault.bytesPerSecond }
    default:
      return free
  }
}

const onItsWay = 1024 * 1024
