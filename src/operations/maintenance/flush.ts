/** Flushes: jobs that write what is in memory to storage. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Connection from "../../Connection.ts"
import { type Decoded, failParam } from "../../config/params.ts"
import { type CallError, CodecError, type ParamError } from "../../errors.ts"
import type { CollectionRef } from "../shared/collectionRef.ts"
import { currentConnection } from "../shared/currentConnection.ts"
import { type Job, makeJob, withoutTimeout } from "../shared/job.ts"
import { callOptionNames, operate } from "../shared/operate.ts"
import { checkOptions, readCollection } from "../shared/options.ts"
import type { WaitOptions } from "../shared/waiting.ts"

/** A part of a flush: the segments of one collection, and the time up to which they are flushed. */
export interface FlushedCollection {
  /** The collection. */
  readonly collection: string
  /** The ids of the segments. */
  readonly segments: ReadonlyArray<bigint>
  /** The time up to which rows are flushed, as a Milvus timestamp. */
  readonly timestamp: bigint
}

/** Progress of a flush. */
export interface FlushProgress {
  /** The collections that are flushed. */
  readonly flushed: ReadonlyArray<string>
  /** The collections that are not flushed yet. */
  readonly pending: ReadonlyArray<string>
}

/** A flush of collections; its id can be stored, and has all that a later wait needs. */
export type FlushJob = Job<ReadonlyArray<FlushedCollection>, FlushProgress, FlushProgress>

/**
 * Starts to flush collections: what was written before is in storage when the job is done. `timeout` bounds each wait
 * for the job, not the job. A flush is not needed to see rows in a search, and servers limit how often it may be
 * called.
 *
 * Calls `Flush`. Milvus 2.0 and later, and milvus-lite. Fails with `ServerError` if a collection does not exist, which
 * milvus-lite does not notice.
 */
export const flush = (
  collections: CollectionRef | ReadonlyArray<CollectionRef>,
  options?: WaitOptions,
): Effect.Effect<FlushJob, CallError | ParamError, Connection.Connection> =>
  Effect.gen(function* () {
    const names = yield* Effect.fromResult(readCollections(collections))
    const reply = yield* operate("Flush", withoutTimeout(options ?? {}), () =>
      Result.succeed({ collection_names: names }))
    const parts = names.map((collection): FlushedCollection => ({
      collection,
      segments: own(reply.coll_segIDs, collection)?.data ?? [],
      timestamp: own(reply.coll_flush_ts, collection) ?? 0n,
    }))
    return flushJob(yield* currentConnection(options), parts, options)
  })

const own = <A>(record: Readonly<Record<string, A>>, name: string): A | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined

const readCollections = (given: unknown): Decoded<ReadonlyArray<string>> =>
  Result.gen(function* () {
    const all: ReadonlyArray<unknown> = Array.isArray(given) ? given : [given]
    if (all.length === 0) return yield* failParam("collections", "at least one collection", given)
    const names: Array<string> = []
    for (const collection of all) names.push(yield* readCollection(collection))
    return names
  })

/**
 * Returns the job of a flush that was started earlier, to wait for it again.
 *
 * Calls nothing until it is waited for; then it polls `GetFlushState` for each collection. Milvus 2.0 and later.
 */
export const flushFromId = (
  id: ReadonlyArray<FlushedCollection>,
  options?: WaitOptions,
): Effect.Effect<FlushJob, ParamError, Connection.Connection> =>
  Effect.gen(function* () {
    yield* Effect.fromResult(checkOptions(options, callOptionNames))
    const isPart = (part: FlushedCollection) =>
      typeof part?.collection === "string" && Array.isArray(part.segments) && typeof part.timestamp === "bigint"
    if (!Array.isArray(id) || id.length === 0 || !id.every(isPart)) {
      return yield* Effect.fromResult(failParam("id", "the id of a flush", id))
    }
    return flushJob(yield* currentConnection(options), id, options)
  })

const flushJob = (
  connection: Connection.Connection,
  parts: ReadonlyArray<FlushedCollection>,
  options: WaitOptions | undefined,
): FlushJob => {
  const names = parts.map(({ collection }) => collection).join(", ")
  return makeJob({
    connection,
    options,
    id: parts,
    method: "GetFlushState",
    name: `flush of ${names}`,
    resume: "Maintenance.flushFromId(id)",
    poll: (call, last) =>
      Effect.map(
        Effect.forEach(parts, ({ collection, segments, timestamp }) =>
          last?.flushed.includes(collection) === true ? Effect.succeed(true) : Effect.map(
            connection.call("GetFlushState", {
              segmentIDs: segments,
              flush_ts: timestamp,
              collection_name: collection,
            }, call),
            ({ flushed }) =>
              flushed,
          )),
        (states): FlushProgress => ({
          flushed: parts.flatMap(({ collection }, at) =>
            states[at] === true ? [collection] : []
          ),
          pending: parts.flatMap(({ collection }, at) => states[at] === true ? [] : [collection]),
        }),
      ),
    isDone: ({ pending }) => pending.length === 0,
    show: ({ pending }) => `has not flushed ${pending.join(", ")}`,
    result: (progress) => progress,
  })
}

/**
 * The id of a flush of everything: the time up to which rows are flushed, as one Milvus timestamp or one for each
 * channel.
 */
export interface FlushAllId {
  /** The timestamp; 0 if the server reports one for each channel only. */
  readonly timestamp: bigint
  /** The timestamps by channel; empty from older servers. */
  readonly channels: Readonly<Record<string, bigint>>
}

/** A flush of all collections of all databases. */
export type FlushAllJob = Job<FlushAllId, boolean, void>

/**
 * Starts to flush all collections of all databases. `timeout` bounds each wait for the job, not the job.
 *
 * Calls `FlushAll`. Milvus 2.2.5 and later; milvus-lite cannot (`Unsupported`). Fails with `CodecError` if the reply
 * does not say up to when it flushes; the flush goes on.
 */
export const flushAll = (
  options?: WaitOptions,
): Effect.Effect<FlushAllJob, CallError | CodecError | ParamError, Connection.Connection> =>
  Effect.gen(function* () {
    const reply = yield* operate("FlushAll", withoutTimeout(options ?? {}), () => Result.succeed({}))
    const channels = Object.entries(reply.flush_all_msgs).flatMap(([channel, { properties }]) => {
      const time = timeTick(own(properties, "_tt"))
      return time === undefined ? [] : [[channel, time] as const]
    })
    const id = { timestamp: reply.flush_all_ts, channels: Object.fromEntries(channels) }
    if (id.timestamp === 0n && channels.length === 0) {
      return yield* new CodecError({ kind: "Message", field: "flush_all_ts", expected: "a timestamp in the reply" })
    }
    return flushAllJob(yield* currentConnection(options), id, options)
  })

/** Decodes the time of a message of the log, which its properties have in base 36; `undefined` for anything else. */
const timeTick = (text: string | undefined): bigint | undefined => {
  if (text === undefined || !/^[0-9a-z]{1,13}$/.test(text)) return undefined
  let value = 0n
  for (const digit of text) value = value * 36n + BigInt(Number.parseInt(digit, 36))
  // Between 2020 and 2100, in the milliseconds of a Milvus timestamp.
  return value >> 18n > 1_577_836_800_000n && value >> 18n < 4_102_444_800_000n ? value : undefined
}

/**
 * Returns the job of a flush of everything that was started earlier, to wait for it again.
 *
 * Calls nothing until it is waited for; then it polls `GetFlushAllState`. Milvus 2.2.5 and later.
 */
export const flushAllFromId = (
  id: FlushAllId,
  options?: WaitOptions,
): Effect.Effect<FlushAllJob, ParamError, Connection.Connection> =>
  Effect.gen(function* () {
    yield* Effect.fromResult(checkOptions(options, callOptionNames))
    if (typeof id?.timestamp !== "bigint" || typeof id.channels !== "object") {
      return yield* Effect.fromResult(failParam("id", "the id of a flush of everything", id))
    }
    return flushAllJob(yield* currentConnection(options), id, options)
  })

const flushAllJob = (
  connection: Connection.Connection,
  id: FlushAllId,
  options: WaitOptions | undefined,
): FlushAllJob =>
  makeJob({
    connection,
    options,
    id,
    method: "GetFlushAllState",
    name: "flush of all collections",
    resume: "Maintenance.flushAllFromId(id)",
    poll: (call) =>
      Effect.map(
        connection.call("GetFlushAllState", { flush_all_ts: id.timestamp, flush_all_tss: id.channels }, call),
        ({ flushed }) => flushed,
      ),
    isDone: (flushed) => flushed,
    show: () => "is not done",
    result: () => undefined,
  })
