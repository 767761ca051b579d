/**
 * Maintenance of collections: flushes, compactions, and their segments.
 *
 * An operation fails with `ParamError` if an argument is invalid, before anything is sent, and else with the errors of
 * its calls (`CallError`).
 *
 * @example
 * ```ts ignore
 * const job = yield* Maintenance.compact("books")
 * const { completed } = yield* job.await
 * ```
 *
 * @module
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Connection from "../Connection.ts"
import { type Decoded, failParam, readName } from "../config/params.ts"
import type { CallError, ParamError } from "../errors.ts"
import type { CollectionRef } from "./shared/collectionRef.ts"
import { readId } from "./shared/decode.ts"
import { operate } from "./shared/operate.ts"
import { optionNames, readCollection } from "./shared/options.ts"
import { toRecord } from "./shared/properties.ts"

export {
  flush,
  flushAll,
  flushAllFromId,
  type FlushAllId,
  type FlushAllJob,
  type FlushedCollection,
  flushFromId,
  type FlushJob,
  type FlushProgress,
} from "./maintenance/flush.ts"
export {
  compact,
  compactionFromId,
  type CompactionJob,
  type CompactionPlan,
  compactionPlans,
  type CompactionProgress,
  type CompactionState,
  compactionState,
  type CompactOptions,
} from "./maintenance/compaction.ts"
export { optimize, type OptimizeJob, type OptimizeOptions, type OptimizeStep } from "./maintenance/optimize.ts"

type Persistent = Connection.Methods["GetPersistentSegmentInfo"]["response"]["infos"][number]
type Loaded = Connection.Methods["GetQuerySegmentInfo"]["response"]["infos"][number]

/** State of a segment; a number if this version does not know it. */
export type SegmentState = Persistent["state"]
/** Level of a segment: `"L0"` has deletes; a number if this version does not know it. */
export type SegmentLevel = Persistent["level"]

/** A segment in storage. */
export interface Segment {
  /** The id. */
  readonly id: bigint
  /** The id of its collection. */
  readonly collectionId: bigint
  /** The id of its partition. */
  readonly partitionId: bigint
  /** The number of rows, deleted ones among them. */
  readonly rows: number
  /** The state. */
  readonly state: SegmentState
  /** The level. */
  readonly level: SegmentLevel
  /** Whether it is sorted by the primary key. */
  readonly isSorted: boolean
}

const segmentOf = (info: Persistent | Loaded): Segment => ({
  id: info.segmentID,
  collectionId: info.collectionID,
  partitionId: info.partitionID,
  rows: Number(info.num_rows),
  state: info.state,
  level: info.level,
  isSorted: info.is_sorted,
})

/** Options for {@linkcode segments}. */
export interface SegmentOptions extends Connection.CallOptions {
  /**
   * Only segments in one of these states. Milvus 3.0.1 and later.
   *
   * @default Those that the server shows, which are not dropped.
   */
  readonly states?: ReadonlyArray<Exclude<SegmentState, number>> | undefined
}

const segmentOptionNames = optionNames<SegmentOptions>("states")
const stateNames: ReadonlyArray<string> = Object.keys(
  {
    SegmentStateNone: 0,
    NotExist: 0,
    Growing: 0,
    Sealed: 0,
    Flushed: 0,
    Flushing: 0,
    Dropped: 0,
    Importing: 0,
  } satisfies Record<Exclude<SegmentState, number>, 0>,
)

/**
 * Returns the segments of a collection in storage.
 *
 * Calls `GetPersistentSegmentInfo`. Milvus 2.0 and later.
 */
export const segments = (
  collection: CollectionRef,
  options?: SegmentOptions,
): Effect.Effect<ReadonlyArray<Segment>, CallError | ParamError, Connection.Connection> =>
  Effect.map(
    operate("GetPersistentSegmentInfo", options, () =>
      Result.gen(function* () {
        const states = options?.states
        const collectionName = yield* readCollection(collection)
        if (states === undefined) return { collectionName }
        if (!Array.isArray(states) || states.length === 0 || !states.every((state) => stateNames.includes(state))) {
          return yield* failParam("states", `a list of ${stateNames.join(", ")}`, states)
        }
        return { collectionName, states }
      }), { options: segmentOptionNames, since: { states: "3.0.1" } }),
    ({ infos }) => infos.map(segmentOf),
  )

/** A segment in memory. */
export interface LoadedSegment extends Segment {
  /** Its size in memory, in bytes. */
  readonly bytes: number
  /** The name of its index; empty without one. */
  readonly index: string
  /** The ids of the query nodes that have it. */
  readonly nodes: ReadonlyArray<bigint>
}

/**
 * Returns the segments of a collection in the memory of query nodes.
 *
 * Calls `GetQuerySegmentInfo`. Milvus 2.0 and later.
 */
export const loadedSegments = (
  collection: CollectionRef,
  options?: Connection.CallOptions,
): Effect.Effect<ReadonlyArray<LoadedSegment>, CallError | ParamError, Connection.Connection> =>
  Effect.map(
    operate("GetQuerySegmentInfo", options, () =>
      Result.map(readCollection(collection), (collectionName) => ({ collectionName }))),
    ({ infos }) =>
      infos.map((info) => ({
        ...segmentOf(info),
        bytes: Number(info.mem_size),
        index: info.index_name,
        nodes: info.nodeIds.length > 0 ? info.nodeIds : info.nodeID > 0n ? [info.nodeID] : [],
      })),
  )

/**
 * Returns the ids of the segments that have an index, by its name.
 *
 * Calls `ListIndexedSegment`, which is part of the contract since Milvus 2.3.0. Milvus 2.3.5 answers that it is not
 * implemented (`ServerError`).
 */
export const indexedSegments = (
  collection: CollectionRef,
  index: string,
  options?: Connection.CallOptions,
): Effect.Effect<ReadonlyArray<bigint>, CallError | ParamError, Connection.Connection> =>
  Effect.map(
    operate("ListIndexedSegment", options, () =>
      Result.gen(function* () {
        return { collection_name: yield* readCollection(collection), index_name: yield* readName("index", index) }
      })),
    ({ segmentIDs }) => segmentIDs,
  )

/** The data of an index in segments. */
export interface SegmentIndexes {
  /** The parameters of the index. */
  readonly params: Readonly<Record<string, string>>
  /** The data by segment, as the server writes it. */
  readonly segments: ReadonlyArray<{ readonly segmentId: bigint; readonly data: string }>
}

/**
 * Describes the data of an index in segments.
 *
 * Calls `DescribeSegmentIndexData`, which is part of the contract since Milvus 2.3.0. Milvus 2.3.5 answers that it is
 * not implemented (`ServerError`).
 */
export const segmentIndexes = (
  collection: CollectionRef,
  index: string,
  segments: ReadonlyArray<bigint>,
  options?: Connection.CallOptions,
): Effect.Effect<SegmentIndexes, CallError | ParamError, Connection.Connection> =>
  Effect.map(
    operate("DescribeSegmentIndexData", options, () =>
      Result.gen(function* () {
        return {
          collection_name: yield* readCollection(collection),
          index_name: yield* readName("index", index),
          segmentsIDs: yield* readIds("segments", segments),
        }
      })),
    ({ index_data, index_params }) => ({
      params: toRecord(index_params),
      segments: Object.values(index_data).map(({ segmentID, index_data }) => ({
        segmentId: segmentID,
        data: index_data,
      })),
    }),
  )

const readIds = (parameter: string, ids: unknown): Decoded<ReadonlyArray<bigint>> =>
  Result.gen(function* () {
    if (!Array.isArray(ids) || ids.length === 0) return yield* failParam(parameter, "a list of at least one id", ids)
    const read: Array<bigint> = []
    for (const [index, id] of ids.entries()) read.push(yield* readId(`${parameter}[${index}]`, id))
    return read
  })

/** Which segments go from where to where. */
export interface BalanceTarget {
  /** The id of the query node that gives segments. */
  readonly from: bigint
  /**
   * The ids of the query nodes that get them.
   *
   * @default Chosen by the server.
   */
  readonly to?: ReadonlyArray<bigint> | undefined
  /**
   * The ids of the segments.
   *
   * @default All of the node.
   */
  readonly segments?: ReadonlyArray<bigint> | undefined
}

/**
 * Moves segments of a collection from one query node to others.
 *
 * Calls `LoadBalance`. Milvus 2.0 and later. Fails with `ServerError` if the collection is not loaded, or a node does
 * not exist.
 */
export const loadBalance = (
  collection: CollectionRef,
  target: BalanceTarget,
  options?: Connection.CallOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> =>
  Effect.asVoid(operate("LoadBalance", options, () =>
    Result.gen(function* () {
      const { from, to, segments } = target ?? {}
      return {
        collectionName: yield* readCollection(collection),
        src_nodeID: yield* readId("target.from", from),
        ...(to === undefined ? {} : { dst_nodeIDs: yield* readIds("target.to", to) }),
        ...(segments === undefined ? {} : { sealed_segmentIDs: yield* readIds("target.segments", segments) }),
      }
    })))
