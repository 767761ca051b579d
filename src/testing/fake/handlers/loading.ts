/** Handlers of the RPCs for partitions, indexes and loading. Builds and loads complete immediately. */
import type { KeyValuePair } from "../../../contract/messages.gen.ts"
import type { Collection } from "../state/collection.ts"
import { checkCollectionName } from "../state/names.ts"
import type { Placement } from "../state/replicas.ts"
import type { Request } from "../contract.ts"
import {
  anyCollectionOf,
  collectionOf,
  databaseOf,
  type HandlerContext,
  type SyncHandlers,
  timeOf,
  timestampOf,
} from "./handler.ts"
import { Code, RefusedByRpc, throwParameter, throwRefusal } from "../fakeStatus.ts"

/** Handlers of the RPCs for partitions. */
export const partitions = ({ store, groups }: HandlerContext): SyncHandlers => ({
  CreatePartition: (request, call) => {
    collectionOf(store, request, call).createPartition(request.partition_name, timeOf(call))
    return {}
  },
  DropPartition: (request, call) => {
    collectionOf(store, request, call).dropPartition(request.partition_name)
    return {}
  },
  HasPartition: (request, call) => ({
    value: collectionOf(store, request, call).hasPartition(request.partition_name),
  }),
  ShowPartitions: (request, call) => {
    const collection = collectionOf(store, request, call)
    const { partition_names } = request
    const found = collection.partitions.filter(({ name }) =>
      partition_names.length === 0 || partition_names.includes(name)
    )
    return {
      partition_names: found.map(({ name }) => name),
      partitionIDs: found.map(({ id }) => id),
      created_timestamps: found.map(({ created }) => timestampOf(created)),
      created_utc_timestamps: found.map(({ created }) => created),
      inMemory_percentages: found.map(({ name }) => collection.isLoaded([name]) ? 100 : 0),
    }
  },
  LoadPartitions: (request, call) => {
    collectionOf(store, request, call).load(request.partition_names, placementOf(request), groups)
    return {}
  },
  ReleasePartitions: (request, call) => {
    collectionOf(store, request, call).release(request.partition_names)
    return {}
  },
})

/** Handlers of the RPCs for indexes. */
export const indexes = ({ store, isOld }: HandlerContext): SyncHandlers => ({
  CreateIndex: (request, call) => {
    const { field_name, index_name, extra_params } = request
    anyCollectionOf(store, request, call).createIndex(field_name, index_name, extra_params, isOld())
    return {}
  },
  AlterIndex: (request, call) => {
    if (isOld()) {
      // Milvus 2.3.5 has the RPC, but no answer to it.
      const details = "grpc: error while marshaling: proto: Marshal called with nil"
      throw new RefusedByRpc({ code: "INTERNAL", details })
    }
    const collection = anyCollectionOf(store, request, call)
    const { index_name, extra_params, delete_keys } = request
    if (extra_params.length > 0 && delete_keys.length > 0) {
      throwParameter("cannot provide both DeleteKeys and ExtraParams")
    }
    checkAlterable(extra_params, delete_keys)
    if (collection.isLoaded()) {
      throwRefusal(Code.collectionLoaded, "can't alter index on loaded collection, please release the collection first")
    }
    if (index_name === "") throwParameter("index name is empty")
    collection.alterIndex(index_name, extra_params, delete_keys)
    return {}
  },
  DropIndex: (request, call) => {
    collectionOf(store, request, call).dropIndex(request.index_name, request.field_name)
    return {}
  },
  DescribeIndex: (request, call) => ({
    index_descriptions: describeIndexes(collectionOf(store, request, call), request),
  }),
  GetIndexStatistics: (request, call) => ({
    index_descriptions: describeIndexes(collectionOf(store, request, call), request),
  }),
  GetIndexState: (request, call) => ({
    state: collectionOf(store, request, call).indexes.length > 0 ? "Finished" : "IndexStateNone",
  }),
  GetIndexBuildProgress: (request, call) => {
    const collection = collectionOf(store, request, call)
    indexesOf(collection, request)
    const rows = collection.count()
    return { indexed_rows: rows, total_rows: rows }
  },
})

/** Handlers of the RPCs for loading and releasing. */
export const loading = ({ store, groups }: HandlerContext): SyncHandlers => ({
  LoadCollection: (request, call) => {
    collectionOf(store, request, call).load(undefined, placementOf(request), groups)
    return {}
  },
  ReleaseCollection: (request, call) => {
    collectionOf(store, request, call).release()
    return {}
  },
  GetLoadState: (request, call) => {
    checkCollectionName(request.collection_name)
    const collection = databaseOf(store, request, call).find(request.collection_name)
    if (collection === undefined) return { state: "LoadStateNotExist" }
    collection.checkPartitions(request.partition_names)
    return { state: collection.isLoaded(request.partition_names) ? "LoadStateLoaded" : "LoadStateNotLoad" }
  },
  GetLoadingProgress: (request, call) => {
    const collection = collectionOf(store, request, call)
    if (!collection.isLoaded(request.partition_names)) {
      throwRefusal(Code.collectionNotLoaded, `collection not loaded[collection=${collection.name}]`)
    }
    return { progress: 100, refresh_progress: 100 }
  },
})

const placementOf = (
  { replica_number, resource_groups }: Pick<Request<"LoadCollection">, "replica_number" | "resource_groups">,
): Placement => ({ count: Math.max(1, replica_number), groups: resource_groups })

/** Refuses parameters of an index that cannot be changed, and values that they do not have. */
const checkAlterable = (params: ReadonlyArray<KeyValuePair>, removed: ReadonlyArray<string>): void => {
  const other = [...params.map(({ key }) => key), ...removed].find((key) => key !== "mmap.enabled")
  if (other !== undefined) throwParameter(`${other} is not a configable index property`)
  const value = params.find(({ value }) => !/^(1|t|T|TRUE|true|True|0|f|F|FALSE|false|False)$/.test(value))?.value
  if (value !== undefined) throwParameter(`invalid mmap.enabled value: ${value}, expected: true, false`)
}

/** A request for the indexes with a name, those of a field, or all indexes. */
interface IndexRequest {
  readonly index_name: string
  readonly field_name?: string
}

const indexesOf = (collection: Collection, { index_name, field_name = "" }: IndexRequest) => {
  const found = collection.indexes.filter((index) =>
    (index_name === "" || index.index_name === index_name) && (field_name === "" || index.field_name === field_name)
  )
  const target = index_name === "" ? `collection=${collection.name}` : `indexName=${index_name}`
  return found.length > 0 ? found : throwRefusal(Code.indexNotFound, `index not found[${target}]`)
}

const describeIndexes = (collection: Collection, request: IndexRequest) => {
  const rows = collection.count()
  return indexesOf(collection, request).map((index) => ({
    ...index,
    state: "Finished" as const,
    indexed_rows: rows,
    total_rows: rows,
  }))
}
