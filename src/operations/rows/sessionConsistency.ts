/**
 * How fresh reads are: the level of consistency and the timestamp that go with a read.
 *
 * Milvus reads at a timestamp that the client gives. For the level `Session` that is the one of the last write of the
 * connection. A read whose level is the server's choice carries it too: servers use it if the collection has that
 * level.
 *
 * Writes are remembered by collection if its name is known to be its own. Those under a name that may be an alias, and
 * those of `connection.call`, count for every collection, as does every write for a read under such a name.
 */
import * as Effect from "effect/Effect"
import * as Connection from "../../Connection.ts"
import { isLite } from "../shared/server.ts"
import type { ConsistencyLevel } from "../../codec/mod.ts"
import type { CallError, CodecError } from "../../errors.ts"
import { WriteLog } from "../../connection/footprint.ts"
import { describeOnce, remembered } from "../shared/schemaCache.ts"

/** How fresh a read has to be, as a request has it. */
export interface ReadConsistency {
  /** The level of the collection, by the server's choice, if it is absent. */
  readonly consistencyLevel: ConsistencyLevel | undefined
  /** What has to be seen, as a Milvus timestamp. */
  readonly guaranteeTimestamp: bigint | undefined
}

/** Milvus's timestamps for "whatever there is" and for "not older than the server's bound". */
const [eventually, bounded] = [1n, 2n]

/** The freshness of a read of a collection. Without a level the server chooses it. */
export const freshnessOf = (
  connection: Connection.Connection,
  collection: string,
  level: ConsistencyLevel | undefined,
  timestamp?: bigint,
): ReadConsistency => {
  if (timestamp !== undefined) return { consistencyLevel: level ?? "Customized", guaranteeTimestamp: timestamp }
  switch (level) {
    case "Session": {
      const last = lastWrite(connection, collection)
      // A write without a timestamp is seen for sure by a read that sees all.
      return last === 0n
        ? { consistencyLevel: "Strong", guaranteeTimestamp: undefined }
        : { consistencyLevel: level, guaranteeTimestamp: last ?? eventually }
    }
    case "Bounded":
      return { consistencyLevel: level, guaranteeTimestamp: bounded }
    case "Eventually":
      return { consistencyLevel: level, guaranteeTimestamp: eventually }
    case undefined: {
      const last = lastWrite(connection, collection)
      return last === 0n && remembered(connection, collection)?.consistencyLevel === "Session"
        ? { consistencyLevel: "Strong", guaranteeTimestamp: undefined }
        : { consistencyLevel: undefined, guaranteeTimestamp: last || undefined }
    }
    default:
      return { consistencyLevel: level, guaranteeTimestamp: undefined }
  }
}

/**
 * Asks for the level of a collection if that decides how a read sees a write without a timestamp, such as a delete on
 * Milvus 2.3. milvus-lite gives no timestamps, and reads all that was written.
 */
export const knowLevel = (
  connection: Connection.Connection,
  collection: string,
  level: ConsistencyLevel | undefined,
): Effect.Effect<void, CallError | CodecError> =>
  Effect.suspend(() =>
    level !== undefined || isLite(connection) || lastWrite(connection, collection) !== 0n
      ? Effect.void
      : Effect.asVoid(describeOnce(connection, collection))
  )

/** The timestamp of the last write that a read has to see; 0 if it is not known, `undefined` if nothing was written. */
export const lastWrite = (connection: Connection.Connection, collection: string): bigint | undefined => {
  const own = ownName(connection, collection)
  const seen = new WriteLog()
  seen.add(Connection.footprintOf(connection).writes)
  for (const { of, log } of writesOf(connection)) {
    // A collection keeps its id when it is renamed; one that takes its place has its name.
    if (own === undefined || of === undefined || of.id === own.id || of.name === own.name) seen.add(log)
  }
  return seen.last
}

/** A write that has begun; {@linkcode WriteMark.end} notes that it took effect. */
export interface WriteMark {
  /** Notes the time at which it took effect; 0 if the server did not report one. */
  readonly end: (timestamp: bigint) => void
}

/** Marks the beginning of a write to a collection. */
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

/** A collection by its id and by the name that is its own. */
interface OwnName {
  readonly id: bigint
  readonly name: string
}

/** A name that is known to be a collection's own, and not an alias. */
const ownName = (connection: Connection.Connection, name: string): OwnName | undefined => {
  const known = remembered(connection, name)
  return known !== undefined && known.id !== 0n && known.definition.name === name ? { id: known.id, name } : undefined
}

interface Writes {
  /** The collection; `undefined` for the writes of which it is not known. */
  readonly of: OwnName | undefined
  readonly log: WriteLog
}

/** The number of collections whose writes are told apart. */
const capacity = 256

const logs = new WeakMap<Connection.Connection, Array<Writes>>()

const writesOf = (connection: Connection.Connection): Array<Writes> => {
  const writes = logs.get(connection) ?? []
  logs.set(connection, writes)
  return writes
}

const logFor = (connection: Connection.Connection, collection: string): WriteLog => {
  const writes = writesOf(connection)
  const own = writes.length < capacity ? ownName(connection, collection) : undefined
  const known = writes.find(({ of }) => of?.id === own?.id && of?.name === own?.name)
  if (known !== undefined) return known.log
  const log = new WriteLog()
  writes.push({ of: own, log })
  return log
}
