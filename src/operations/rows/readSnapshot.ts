/**
 * What the batches of one stream have in common: one collection, and how fresh they are.
 *
 * - All batches come from the collection that had the name when the stream began. Servers from Milvus 2.5 on compare
 *   its id for each batch; on others it is looked at once more before the last of several batches.
 * - Where the server reports when the first batch was read (Milvus 2.4), the others are read at that time. Others see
 *   what was written meanwhile, as far as it is ahead of them.
 * - A level that has to be waited for is waited for once.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { ConsistencyLevel } from "../../codec/mod.ts"
import { throwValue } from "../../codec/errors.ts"
import type * as Connection from "../../Connection.ts"
import type { CallError, CodecError } from "../../errors.ts"
import type { AnyDefinition } from "../../schema/decodeSchema.ts"
import { freshnessOf, lastWrite, type ReadConsistency } from "./sessionConsistency.ts"
import { type CollectionRef, nameOf } from "../shared/collectionRef.ts"
import { keyOf } from "./primaryKey.ts"
import { bounded, levelOf, type ReadOptions, tryEncode } from "./read.ts"
import { isAtLeast } from "../shared/server.ts"
import { type Described, describeNow, mayBeOutdated, remembered } from "../shared/schemaCache.ts"

/** What the batches of a stream see. */
export interface Snapshot {
  /** The definition of the collection, by which rows are read. */
  readonly definition: AnyDefinition
  /** Whether the definition is the caller's. */
  readonly isGiven: boolean
  /** The name of the primary key. */
  readonly key: string
  /** The collection by the name of a request, and its id for servers that compare it. */
  readonly identity: Readonly<Record<string, string>>
  /** The freshness of a batch. */
  readonly freshness: (position: Begun) => ReadConsistency
  /** The name for the request of a batch. */
  readonly nameFor: (position: Begun) => string
}

/** Where a stream is. */
export interface Begun {
  /** The number of batches so far. */
  readonly batches: number
  /** What the first batch saw, as a Milvus timestamp; 0 if the server does not report it. */
  readonly seen: bigint
}

/** The beginning of every stream. */
export const begun: Begun = { batches: 0, seen: 0n }

/** A batch, if it is not empty, and where the next one begins. */
export type Batch<A, P> = readonly [batch: ReadonlyArray<A>, next: P | undefined]

/** A stream of batches of a collection, each made by `read`. */
export const batchesOf = <A, P extends Begun>(
  connection: Connection.Connection,
  collection: CollectionRef,
  options: ReadOptions | undefined,
  first: P,
  read: (snapshot: Snapshot) => (position: P) => Effect.Effect<Batch<A, P>, CallError | CodecError>,
): Stream.Stream<A, CallError | CodecError> => {
  const name = nameOf(collection)
  const isCompared = isAtLeast(connection, 2, 5, false)
  const begin = Effect.gen(function* () {
    const known = isCompared ? remembered(connection, name) : undefined
    const start = (described: Described) =>
      Effect.gen(function* () {
        const snapshot = yield* snapshotOf(connection, collection, described, options)
        return { described, next: read(snapshot), batch: yield* read(snapshot)(first) }
      })
    if (known === undefined) return yield* Effect.flatMap(describeNow(connection, name), start)
    return yield* Effect.catchIf(
      start(known),
      mayBeOutdated,
      (error) =>
        Effect.matchEffect(describeNow(connection, name), {
          onFailure: () => Effect.fail(error),
          onSuccess: (now) => now.version === known.version ? Effect.fail(error) : start(now),
        }),
    )
  })
  const bound = bounded(connection, "DescribeCollection", options, begin)
  return Stream.unwrap(Effect.map(bound, ({ described, next, batch: [batch, position] }) => {
    const verified = ([batch, position]: Batch<A, P>) =>
      Effect.as(
        position === undefined && !isCompared ? checkUnchanged(connection, described) : Effect.void,
        [batch, Option.fromUndefinedOr(position)] as const,
      )
    const rest = position === undefined
      ? Stream.empty
      : Stream.paginate<P, A, CallError | CodecError, never>(position, (readAtTimestamp) =>
        Effect.flatMap(next(readAtTimestamp), verified))
    return Stream.concat(Stream.fromIterable(batch), rest)
  }))
}

const snapshotOf = (
  connection: Connection.Connection,
  collection: CollectionRef,
  { definition: described, id, consistencyLevel }: Described,
  options: ReadOptions | undefined,
): Effect.Effect<Snapshot, CodecError> =>
  Effect.gen(function* () {
    const definition = typeof collection === "string" ? described : { ...collection, name: described.name }
    const key = yield* tryEncode(() => {
      const [key, actual] = [keyOf(definition), keyOf(described)]
      return key === actual
        ? key
        : throwValue(key, undefined, `the primary key of "${nameOf(collection)}", which is "${actual}" on the server`)
    })
    const level = options?.consistency ?? levelOf(collection) ?? consistencyLevel
    const given = options?.guaranteeTimestamp
    const fresh = given === undefined
      ? yield* freshnessOfStream(connection, described.name, level === "Customized" ? undefined : level)
      : freshnessOf(connection, described.name, level, given)
    return {
      definition,
      key,
      isGiven: typeof collection !== "string",
      identity: { iterator: "True", collection_id: `${id}` },
      freshness: ({ seen }) => seen === 0n ? fresh : { consistencyLevel: "Customized", guaranteeTimestamp: seen },
      // The server finds the collection of an alias, and compares its id; then an alias may be switched.
      nameFor: ({ batches }) =>
        batches === 0 && isAtLeast(connection, 2, 5, false) ? nameOf(collection) : described.name,
    }
  })

const freshnessOfStream = (
  connection: Connection.Connection,
  collection: string,
  level: ConsistencyLevel | undefined,
): Effect.Effect<ReadConsistency> => {
  if (isAtLeast(connection, 2, 4, false)) {
    // A timestamp would be the time at which all batches are read, and so hide what came after it.
    const isOwn = level === "Session" && lastWrite(connection, collection) !== undefined
    return Effect.succeed({ consistencyLevel: isOwn ? "Strong" : level, guaranteeTimestamp: undefined })
  }
  const fresh = freshnessOf(connection, collection, level)
  if (fresh.consistencyLevel !== "Strong") return Effect.succeed(fresh)
  // Older servers wait for every read that is strong: all batches see at least what there is now. Servers that give no
  // timestamp do not wait.
  return Effect.match(connection.call("AllocTimestamp", {}), {
    onFailure: () => fresh,
    onSuccess: ({ timestamp }) => ({ consistencyLevel: "Customized", guaranteeTimestamp: timestamp }),
  })
}

/** Refuses a stream over a collection that is not the one that it began with. */
const checkUnchanged = (
  connection: Connection.Connection,
  { definition, id }: Described,
): Effect.Effect<void, CallError | CodecError> =>
  Effect.flatMap(describeNow(connection, definition.name), (now) =>
    tryEncode(() => {
      const isSame = now.id === id && (id !== 0n || fieldsOf(now.definition) === fieldsOf(definition))
      if (!isSame) {
        throwValue(definition.name, undefined, "the collection of the first batch; another one has its name now")
      }
    }))

const fieldsOf = ({ fields }: AnyDefinition): string =>
  JSON.stringify(fields, (_, value) => typeof value === "bigint" ? `${value}` : value)
