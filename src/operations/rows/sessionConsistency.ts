/**
 * Consistency level and guarantee timestamp of reads.
 *
 * - Milvus reads as of a timestamp that the client sends. For the level `Session` it is that of the last write of the
 *   connection. A read without a level sends it too: servers use it if `Session` is the level of the collection.
 * - Writes are recorded by collection if its name is known to be its own. Writes under a name that may be an alias, and
 *   those of `connection.call`, count for every collection; a read under such a name takes every write into account.
 */
import * as Effect from "effect/Effect"
import * as Connection from "../../Connection.ts"
import { isLite } from "../shared/server.ts"
import type { ConsistencyLevel } from "../../codec/mod.ts"
import type { CallError, CodecError } from "../../errors.ts"
import { WriteLog } from "../../connection/footprint.ts"
import { describeCached, findCached } from "../shared/schemaCache.ts"

/** Consistency of a read, as a request has it. */
export interface ReadConsistency {
  /** Consistency level; `undefined` for that of the collection, which the server knows. */
  readonly consistencyLevel: ConsistencyLevel | undefined
  /** Milvus timestamp that the read has to include. */
  readonly guaranteeTimestamp: bigint | undefined
}

/** Milvus's special timestamps for `Eventually` and for `Bounded`. */
const [eventuallyTimestamp, boundedTimestamp] = [1n, 2n]

/** Returns the consistency of a read of a collection. Without a level, that of the collection applies. */
export const readConsistency = (
  connection: Connection.Connection,
  collection: string,
  level: ConsistencyLevel | undefined,
  timestamp?: bigint,
): ReadConsistency => {
  if (timestamp !== undefined) return { consistencyLevel: level ?? "Customized", guaranteeTimestamp: timestamp }
  switch (level) {
    case "Session": {
      const last = lastWrite(connection, collection)
      // A write whose timestamp is not known is included only by a strong read.
      return last === 0n
        ? { consistencyLevel: "Strong", guaranteeTimestamp: undefined }
        : { consistencyLevel: level, guaranteeTimestamp: last ?? eventuallyTimestamp }
    }
    case "Bounded":
      return { consistencyLevel: level, guaranteeTimestamp: boundedTimestamp }
    case "Eventually":
      return { consistencyLevel: level, guaranteeTimestamp: eventuallyTimestamp }
    case undefined: {
      const last = lastWrite(connection, collection)
      return last === 0n && findCached(connection, collection)?.consistencyLevel === "Session"
        ? { consistencyLevel: "Strong", guaranteeTimestamp: undefined }
        : { consistencyLevel: undefined, guaranteeTimestamp: last || undefined }
    }
    default:
      return { consistencyLevel: level, guaranteeTimestamp: undefined }
  }
}

/**
 * Reads the level of a collection from the server if it decides whether a read includes a write without a timestamp,
 * such as a delete on Milvus 2.3. Not needed for milvus-lite, which has no timestamps and whose reads include every
 * write.
 */
export const ensureLevelKnown = (
  connection: Connection.Connection,
  collection: string,
  level: ConsistencyLevel | undefined,
): Effect.Effect<void, CallError | CodecError> =>
  level !== undefined || isLite(connection) || lastWrite(connection, collection) !== 0n
    ? Effect.void
    : Effect.asVoid(describeCached(connection, collection))

/** Returns the timestamp of the last write to a collection; 0 if it is not known, `undefined` without a write. */
export const lastWrite = (connection: Connection.Connection, collection: string): bigint | undefined => {
  const own = findOwnName(connection, collection)
  const seen = new WriteLog()
  seen.add(Connection.footprintOf(connection).writes)
  for (const { of, log } of writesOf(connection)) {
    // A renamed collection keeps its id; a collection that replaces another has its name.
    if (own === undefined || of === undefined || of.id === own.id || of.name === own.name) seen.add(log)
  }
  return seen.last
}

/** A write that has begun. */
export interface WriteMark {
  /** Records that the write took effect, at a Milvus timestamp; 0 if the server did not report one. */
  readonly end: (timestamp: bigint) => void
}

/** Records the beginning of a write to a collection. */
export const beginWrite = (connection: Connection.Connection, collection: string): WriteMark => {
  const before = logFor(connection, collection)
  const mark = before.begin()
  return {
    end: (timestamp) => {
      const log = logFor(connection, collection)
      log.end(log === before ? mark : 0, timestamp)
    },
  }
}

/** Id and own name of a collection. */
interface OwnName {
  readonly id: bigint
  readonly name: string
}

/** Returns the id and the name of a collection if the name is known to be its own, not an alias. */
const findOwnName = (connection: Connection.Connection, name: string): OwnName | undefined => {
  const known = findCached(connection, name)
  return known !== undefined && known.id !== 0n && known.definition.name === name ? { id: known.id, name } : undefined
}

interface Writes {
  /** The collection; `undefined` for writes whose collection is not known. */
  readonly of: OwnName | undefined
  readonly log: WriteLog
}

/** Number of collections whose writes are recorded separately. */
const capacity = 256

/** The recorded writes of a connection, and the number of the server that has their timestamps. */
interface Log {
  readonly writes: Array<Writes>
  server: number
}

const logs = new WeakMap<Connection.Connection, Log>()

const writesOf = (connection: Connection.Connection): Array<Writes> => {
  const { servers } = Connection.footprintOf(connection)
  const log = logs.get(connection) ?? { writes: [], server: servers }
  logs.set(connection, log)
  if (log.server !== servers) {
    for (const { log: writes } of log.writes) writes.forget()
    log.server = servers
  }
  return log.writes
}

const logFor = (connection: Connection.Connection, collection: string): WriteLog => {
  const writes = writesOf(connection)
  const own = writes.length < capacity ? findOwnName(connection, collection) : undefined
  const known = writes.find(({ of }) => of?.id === own?.id && of?.name === own?.name)
  if (known !== undefined) return known.log
  const log = new WriteLog()
  writes.push({ of: own, log })
  return log
}
