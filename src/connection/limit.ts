/**
 * Counts the connections to each server address in the whole process, and limits them.
 *
 * 65,536 is the documented limit of one Milvus proxy. A connection counts from before its first byte until it is
 * released, also if it fails in between.
 */
import * as Effect from "effect/Effect"
import { ConnectionLimit } from "../errors.ts"

/** The maximum number of connections to one server address. */
export const maxConnections = 65_536

const openByAddress = new Map<string, number>()

/** Returns how many connections to an address are open or being opened. */
export const openConnections = (address: string): number => openByAddress.get(address) ?? 0

/** Takes a slot of an address, or fails with `ConnectionLimit`. The caller has to release it. */
export const acquireSlot = (address: string): Effect.Effect<void, ConnectionLimit> =>
  Effect.suspend(() => {
    const open = openConnections(address)
    if (open >= maxConnections) return Effect.fail(new ConnectionLimit({ limit: maxConnections, open, address }))
    openByAddress.set(address, open + 1)
    return Effect.void
  })

/** Releases a slot. */
export const releaseSlot = (address: string): void => {
  const open = openConnections(address) - 1
  if (open > 0) openByAddress.set(address, open)
  else openByAddress.delete(address)
}
