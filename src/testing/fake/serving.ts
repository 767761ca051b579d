/** The RPCs that make collections ready to search: partitions, indexes, loading. All is done as soon as it is asked for. */
import type { Collection } from "./collection.ts"
import { checkCollectionName } from "./names.ts"
import {
  anyCollectionOf,
  collectionOf,
  databaseOf,
  type PlainHandlers,
  timeOf,
  timestampOf,
  type Tools,
} from "./plain.ts"
import { Code, refuse, refuseParameter } from "./status.ts"

/** RPCs over partitions. */
export const partitions = ({ store }: Tools): PlainHandlers => ({
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
    collectionOf(store, request, call).load(request.partition_names)
    return {}
  },
  ReleasePartitions: (request, call) => {
    collectionOf(store, request, call).release(request.partition_names)
    return {}
  },
})

/** RPCs over indexes. */
export const indexes = ({ store, isOld }: Tools): PlainHandlers => ({
  CreateIndex: (request, call) => {
    const { field_name, index_name, extra_params } = request
    anyCollectionOf(store, request, call).createIndex(field_name, index_name, extra_params, isOld())
    return {}
  },
  DropIndex: (request, call) => {
    collectionOf(store, request, call).dropIndex(request.index_name, request.field_name)
    return {}
  },
  DescribeIndex: (request, call) => {
    const collection = collectionOf(store, request, call)
    return {
      index_descriptions: indexesOf(collection, request).map((index) => ({ ...index, ...finished(collection) })),
    }
  },
  GetIndexStatistics: (request, call) => {
    const collection = collectionOf(store, request, call)
    return {
      index_descriptions: indexesOf(collection, request).map((index) => ({ ...index, ...finished(collection) })),
    }
  },
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

/** RPCs over loading. */
export const loading = ({ store }: Tools): PlainHandlers => ({
  LoadCollection: (request, call) => {
    const { replica_number, resource_groups } = request
    const collection = collectionOf(store, request, call)
    const group = resource_groups.find((name) => name !== "__default_resource_group")
    if (group !== undefined) refuseParameter(`given resource group not found: ${group}`)
    collection.load(undefined, Math.max(1, replica_number))
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
      refuse(Code.collectionNotLoaded, `collection not loaded[collection=${collection.name}]`)
    }
    return { progress: 100, refresh_progress: 100 }
  },
})

const indexesOf = (
  collection: Collection,
  { index_name, field_name = "" }: { readonly index_name: string; readonly field_name?: string },
) => {
  const found = collection.indexes.filter((index) =>
    (index_name === "" || index.index_name === index_name) && (field_name === "" || index.field_name === field_name)
  )
  const which = index_name === "" ? `collection=${collection.name}` : `indexName=${index_name}`
  return found.length > 0 ? found : refuse(Code.indexNotFound, `index not found[${which}]`)
}

const finished = (collection: Collection) =>
  ({ state: "Finished", indexed_rows: collection.count(), total_rows: collection.count() }) as const
