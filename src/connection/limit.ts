/**
 * How many connections are open to each server address, over the whole process.
 *
 * 65,536 is the most that one Milvus proxy takes, by Milvus's own documentation of its limits. A connection is counted
 * from before its first byte until it is released, whatever becomes of it in between.
 */
import * as Effect from "effect/Effect"
import { ConnectionLimit } from "../errors.ts"

/** The most connections to one server address. */
export const maxConnections = 65_536

const openByAddress = new Map<string, number>()

/** How many connections to an address are open or being opened. */
export const openConnections = (address: string): number => openByAddress.get(address) ?? 0

/** Takes one of the places of an address, where there is one. Who takes it has to give it back. */
export const acquireSlot = (address: string): Effect.Effect<void, ConnectionLimit> =>
  Effect.suspend(() => {
    const open = openConnections(address)
    if (open >= maxConnections) return Effect.fail(new ConnectionLimit({ limit: maxConnections, open, address }))
    openByAddress.set(address, open + 1)
    return Effect.void
  })

/** Gives a place back. */
export const releaseSlot = (address: string): void => {
  const open = openConnections(address) - 1
  if (open > 0) openByAddress.set(address, open)
  else openByAddress.delete(address)
}
