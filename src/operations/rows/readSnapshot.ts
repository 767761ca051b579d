/**
 * Reads the batches of a stream from one collection, and with one consistency.
 *
 * - All batches come from the collection that had the name when the stream began. Servers from Milvus 2.5 on compare
 *   its id for each batch; for older ones the collection is described again before the last of several batches.
 * - If the server reports when the first batch was read (Milvus 2.4 and later), the others are read as of that time. On
 *   older servers they include later writes whose position is ahead of the stream.
 * - A level for which a server waits, such as `Strong`, is waited for once.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { ConsistencyLevel } from "../../codec/mod.ts"
import { throwValue } from "../../codec/errors.ts"
import type * as Connection from "../../Connection.ts"
import type { CallError, CodecError } from "../../errors.ts"
import type { AnyDefinition } from "../../schema/decodeSchema.ts"
import { lastWrite, type ReadConsistency, readConsistency } from "./sessionConsistency.ts"
import { type CollectionRef, nameOf } from "../shared/collectionRef.ts"
import { keyOf } from "./primaryKey.ts"
import { bounded, levelOf, type ReadOptions, tryEncode } from "./read.ts"
import { isAtLeast } from "../shared/server.ts"
import { type CachedCollection, describeUncached, findCached, mayBeOutdated } from "../shared/schemaCache.ts"

/** Properties that all batches of a stream share. */
export interface Snapshot {
  /** Definition of the collection. Its name is that of the collection, not an alias. */
  readonly definition: AnyDefinition
  /** Whether the caller gave the definition. */
  readonly isGiven: boolean
  /** Name of the primary key. */
  readonly key: string
  /** Parameters of an iterator, with the id of the collection for servers that compare it. */
  readonly iteratorParams: Readonly<Record<string, string>>
  /** Returns the consistency of a batch. */
  readonly consistency: (position: StreamPosition) => ReadConsistency
  /** Returns the collection name for the request of a batch. */
  readonly nameFor: (position: StreamPosition) => string
}

/** Position of a stream. */
export interface StreamPosition {
  /** Number of batches so far. */
  readonly batches: number
  /** Milvus timestamp at which the first batch was read; 0 if the server does not report it. */
  readonly seen: bigint
}

/** Position of a stream at its beginning. */
export const streamStart: StreamPosition = { batches: 0, seen: 0n }

/** A batch (empty or one element), and the position of the next one, if any. */
export type Batch<A, P> = readonly [batch: ReadonlyArray<A>, next: P | undefined]

/** Returns the stream of the batches that `read` reads. */
export const streamBatches = <A, P extends StreamPosition>(
  connection: Connection.Connection,
  collection: CollectionRef,
  options: ReadOptions | undefined,
  first: P,
  read: (snapshot: Snapshot) => (position: P) => Effect.Effect<Batch<A, P>, CallError | CodecError>,
): Stream.Stream<A, CallError | CodecError> => {
  const name = nameOf(collection)
  const isCompared = isAtLeast(connection, 2, 5, false)
  const begin = Effect.gen(function* () {
    const known = isCompared ? findCached(connection, name) : undefined
    const start = (described: CachedCollection) =>
      Effect.gen(function* () {
        const snapshot = yield* snapshotOf(connection, collection, described, options)
        return { described, next: read(snapshot), batch: yield* read(snapshot)(first) }
      })
    if (known === undefined) return yield* Effect.flatMap(describeUncached(connection, name), start)
    return yield* Effect.catchIf(
      start(known),
      mayBeOutdated,
      (error) =>
        Effect.matchEffect(describeUncached(connection, name), {
          onFailure: () => Effect.fail(error),
          onSuccess: (now) => now.version === known.version ? Effect.fail(error) : start(now),
        }),
    )
  })
  const bound = bounded(connection, "DescribeCollection", options, begin)
  return Stream.unwrap(Effect.map(bound, ({ described, next, batch: [batch, position] }) => {
    const verify = ([batch, position]: Batch<A, P>) =>
      Effect.as(
        position === undefined && !isCompared ? checkUnchanged(connection, described) : Effect.void,
        [batch, Option.fromUndefinedOr(position)] as const,
      )
    const rest = position === undefined
      ? Stream.empty
      : Stream.paginate<P, A, CallError | CodecError, never>(position, (position) =>
        Effect.flatMap(next(position), verify))
    return Stream.concat(Stream.fromIterable(batch), rest)
  }))
}

const snapshotOf = (
  connection: Connection.Connection,
  collection: CollectionRef,
  { definition: described, id, consistencyLevel }: CachedCollection,
  options: ReadOptions | undefined,
): Effect.Effect<Snapshot, CodecError> =>
  Effect.gen(function* () {
    const definition = typeof collection === "string" ? described : { ...collection, name: described.name }
    const key = yield* tryEncode(() => {
      const [key, actual] = [keyOf(definition), keyOf(described)]
      return key === actual ? key : throwValue(
        key,
        undefined,
        `the primary key of "${nameOf(collection)}"`,
        `the primary key "${actual}" on the server`,
      )
    })
    const level = options?.consistency ?? levelOf(collection) ?? consistencyLevel
    const given = options?.guaranteeTimestamp
    const fresh = given === undefined
      ? yield* streamConsistency(connection, described.name, level === "Customized" ? undefined : level)
      : readConsistency(connection, described.name, level, given)
    return {
      definition,
      key,
      isGiven: typeof collection !== "string",
      iteratorParams: { iterator: "True", collection_id: `${id}` },
      consistency: ({ seen }) => seen === 0n ? fresh : { consistencyLevel: "Customized", guaranteeTimestamp: seen },
      // The server resolves an alias and compares the id for the first batch. Afterwards the alias may be switched.
      nameFor: ({ batches }) =>
        batches === 0 && isAtLeast(connection, 2, 5, false) ? nameOf(collection) : described.name,
    }
  })

const streamConsistency = (
  connection: Connection.Connection,
  collection: string,
  level: ConsistencyLevel | undefined,
): Effect.Effect<ReadConsistency> => {
  if (isAtLeast(connection, 2, 4, false)) {
    // With a timestamp all batches would be read as of that time, without later writes.
    const isOwn = level === "Session" && lastWrite(connection, collection) !== undefined
    return Effect.succeed({ consistencyLevel: isOwn ? "Strong" : level, guaranteeTimestamp: undefined })
  }
  const fresh = readConsistency(connection, collection, level)
  if (fresh.consistencyLevel !== "Strong") return Effect.succeed(fresh)
  // Older servers wait at every strong read. With a timestamp of now they wait once, and all batches include at least
  // the writes so far. If a server allocates no timestamp, each read stays strong.
  return Effect.match(connection.call("AllocTimestamp", {}), {
    onFailure: () => fresh,
    onSuccess: ({ timestamp }) => ({ consistencyLevel: "Customized", guaranteeTimestamp: timestamp }),
  })
}

/** Checks that the collection is still the one that the stream began with. */
const checkUnchanged = (
  connection: Connection.Connection,
  { definition, id }: CachedCollection,
): Effect.Effect<void, CallError | CodecError> =>
  Effect.flatMap(describeUncached(connection, definition.name), (now) =>
    tryEncode(() => {
      const isSame = now.id === id && (id !== 0n || fieldsOf(now.definition) === fieldsOf(definition))
      if (!isSame) {
        throwValue(definition.name, undefined, "the collection of the first batch", "another collection with its name")
      }
    }))

const fieldsOf = ({ fields }: AnyDefinition): string =>
  JSON.stringify(fields, (_, value) => typeof value === "bigint" ? `${value}` : value)
