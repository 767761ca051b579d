/** Handlers of the RPCs for segments, and for compactions, which merge them. */
import type { Request } from "../contract.ts"
import type { SeenCall } from "../control/callLog.ts"
import type { Collection } from "../state/collection.ts"
import type { Plan, Segment } from "../state/segmentStore.ts"
import { anyCollectionOf, type HandlerContext, type SyncHandlers, timeOf } from "./handler.ts"
import { Code, throwRefusal, throwUnavailable, throwUnexpected, throwUnsupported } from "../fakeStatus.ts"
import { vectorTypes } from "../state/layout.ts"
import type { Store } from "../state/store.ts"

/** Handlers of the RPCs for segments. */
export const segments = ({ store }: HandlerContext): SyncHandlers => ({
  GetPersistentSegmentInfo: (request, call) => {
    const collection = namedIn(store, request.dbName, request.collectionName, call)
    const states: ReadonlyArray<string | number> = request.states.length > 0 ? request.states : ["Flushed"]
    return {
      infos: collection.segments.all
        .map((segment) => ({ ...describe(collection, segment), state: stateOf(segment) }))
        .filter(({ state }) => states.includes(state)),
    }
  },
  GetQuerySegmentInfo: (request, call) => {
    const collection = namedIn(store, request.dbName, request.collectionName, call)
    const index = collection.indexes.find(({ field_name }) =>
      collection.layout.fields.some(({ name, type }) => name === field_name && vectorTypes.has(type))
    )
    return {
      infos: loadedSegments(collection).map((segment) => ({
        ...describe(collection, segment),
        state: "Sealed",
        index_name: index?.index_name,
        indexID: index?.indexID,
        nodeIds: collection.replicas.flatMap((replica) => segment.nodeIn(replica) ?? []),
      })),
    }
  },
  LoadBalance: (request, call) => {
    const collection = namedIn(store, request.db_name, request.collectionName, call)
    if (!collection.isLoaded()) {
      throwRefusal(Code.collectionNotFullyLoaded, `collection not fully loaded[collection=${collection.id}]`)
    }
    balance(collection, request)
    return {}
  },
  // No version of Milvus answers these.
  ListIndexedSegment: () => throwUnavailable("ListIndexedSegment unimplemented"),
  DescribeSegmentIndexData: () => throwUnavailable("DescribeSegmentIndexData unimplemented"),
})

/** Duration of a compaction, in milliseconds. */
const compactionTime = 100

/** A compaction that was started. */
interface Compaction {
  readonly collection: Collection
  readonly plans: ReadonlyArray<Plan>
  /** Time of its end, in milliseconds since 1970. */
  readonly end: number
}

/** Handlers of the RPCs for compactions. A compaction takes {@linkcode compactionTime} by Effect's clock. */
export const compactions = ({ store, isOld }: HandlerContext): SyncHandlers => {
  const started = new Map<bigint, Compaction>()
  const stateOf = (id: bigint, call: SeenCall) => {
    const compaction = started.get(id)
    compaction?.collection.settle(timeOf(call))
    // Like Milvus, reports a compaction as completed that it does not know.
    const isDone = compaction === undefined || compaction.end <= timeOf(call)
    return { plans: compaction?.plans ?? [], isDone, state: isDone ? "Completed" as const : "Executing" as const }
  }
  return {
    ManualCompaction: (request, call) => {
      const { partition_id, segment_ids } = request
      if (request.channel !== "") throwUnsupported("the compaction of a channel")
      if (request.majorCompaction && !isOld()) throwUnsupported("clustering compactions")
      const collection = compacted(store, request, call, isOld())
      const partition = collection?.partitions.find(({ id }) => id === partition_id)?.name
      const accepts = (segment: Segment): boolean =>
        // No segment is of the level that has deletes only.
        !request.l0Compaction &&
        (partition_id === 0n || segment.partition === partition) &&
        (segment_ids.length === 0 || segment_ids.includes(segment.id))
      const plans = collection?.segments.plan(accepts) ?? []
      const compactionID = store.nextId()
      if (collection !== undefined && plans.length > 0) {
        const end = timeOf(call) + compactionTime
        started.set(compactionID, { collection, plans, end })
        collection.schedule(end, () => plans.forEach((plan) => collection.segments.merge(plan)))
      }
      return { compactionID, compactionPlanCount: isOld() ? 0 : plans.length }
    },
    GetCompactionState: ({ compactionID }, call) => {
      const { plans: { length }, isDone, state } = stateOf(compactionID, call)
      return { state, executingPlanNo: isDone ? 0 : length, completedPlanNo: isDone ? length : 0 }
    },
    GetCompactionStateWithPlans: ({ compactionID }, call) => {
      const { plans, state } = stateOf(compactionID, call)
      const mergeInfos = plans.map(({ sources, target }) => ({
        sources: sources.map(({ id }) => id),
        target: target?.id ?? -1n,
      }))
      return { state, mergeInfos }
    },
  }
}

/**
 * Returns the collection of a compaction. Before 2.4, Milvus knew it only by its id, and had nothing to do for one that
 * does not exist.
 */
const compacted = (
  store: Store,
  request: { readonly collectionID: bigint; readonly collection_name: string; readonly db_name: string },
  call: SeenCall,
  isOld: boolean,
): Collection | undefined => {
  if (!isOld && request.collectionID === 0n) return anyCollectionOf(store, request, call)
  const collection = store.databases.flatMap(({ collections }) => collections)
    .find(({ id }) => id === request.collectionID)
  collection?.settle(timeOf(call))
  return collection
}

const namedIn = (store: Store, db_name: string, collection_name: string, call: SeenCall): Collection =>
  anyCollectionOf(store, { db_name, collection_name }, call)

const stateOf = ({ isStored }: Segment) => isStored ? "Flushed" as const : "Growing" as const

const describe = (collection: Collection, { id, partition, rows }: Segment) => ({
  segmentID: id,
  collectionID: collection.id,
  partitionID: collection.partitions.find(({ name }) => name === partition)?.id,
  num_rows: rows,
})

/** Like Milvus, leaves growing segments out. */
const loadedSegments = (collection: Collection): ReadonlyArray<Segment> =>
  collection.segments.all.filter(({ isStored, partition }) => isStored && collection.isLoaded([partition]))

/** Moves segments from a node of a replica to given ones, or to the other nodes of the replica. */
const balance = (
  collection: Collection,
  { src_nodeID, dst_nodeIDs, sealed_segmentIDs }: Request<"LoadBalance">,
): void => {
  const throwUnknown = (node: bigint, reason: string): never =>
    throwRefusal(Code.nodeNotFound, `${reason}: node not found[node=${node}]`)
  const replica = collection.replicas.find(({ nodes }) => nodes.includes(src_nodeID)) ??
    throwUnknown(src_nodeID, `source node not found in any replica of collection ${collection.id}`)
  const unknown = dst_nodeIDs.find((node) => !replica.nodes.includes(node))
  if (unknown !== undefined) throwUnknown(unknown, "destination node not found in the same replica")
  const own = loadedSegments(collection).filter((segment) => segment.nodeIn(replica) === src_nodeID)
  const missing = sealed_segmentIDs.find((id) => !own.some((segment) => segment.id === id))
  if (missing !== undefined) {
    throwUnexpected(`failed to balance segments: segment ${missing} not found in source node ${src_nodeID}`)
  }
  const targets = dst_nodeIDs.length > 0 ? dst_nodeIDs : replica.nodes.filter((node) => node !== src_nodeID)
  own.filter(({ id }) => sealed_segmentIDs.length === 0 || sealed_segmentIDs.includes(id)).forEach((segment, at) => {
    const target = targets[at % targets.length]
    if (target !== undefined) segment.move(replica, target)
  })
}
