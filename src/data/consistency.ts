/**
 * What a connection has written last to each collection, for reads that have to see it.
 *
 * Milvus reads at a timestamp that the client gives. For the level `Session` that is the one of its own last write.
 */
import type * as Connection from "../Connection.ts"
import type { ConsistencyLevel } from "../codec/mod.ts"

const lastWrites = new WeakMap<Connection.Connection, Map<string, bigint>>()

/** Instead of a timestamp that a server does not tell: all that was written. */
const all = 0n

/** Remembers when a write to a collection took effect; servers may leave that open. */
export const wrote = (connection: Connection.Connection, collection: string, timestamp: bigint): void => {
  const known = lastWrites.get(connection) ?? new Map<string, bigint>()
  lastWrites.set(connection, known)
  const last = known.get(collection) ?? timestamp
  known.set(collection, timestamp === all || timestamp > last ? timestamp : last)
}

/** What Milvus takes for whatever is there. */
const whatever = 1n

/** How fresh a read has to be. */
export interface Freshness {
  /** That of the collection where it is absent. */
  readonly consistencyLevel: ConsistencyLevel | undefined
  /** What has to be seen, as a Milvus timestamp. */
  readonly guaranteeTimestamp: bigint | undefined
}

/** The level `Session` by what this connection wrote last. */
export const sessionOf = (connection: Connection.Connection, collection: string): Freshness => {
  const last = lastWrites.get(connection)?.get(collection) ?? whatever
  return last === all
    ? { consistencyLevel: "Strong", guaranteeTimestamp: undefined }
    : { consistencyLevel: "Session", guaranteeTimestamp: last }
}
