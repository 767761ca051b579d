/** Handlers of the RPCs for rows. */
import type { FieldData } from "../../../contract/messages.gen.ts"
import type { SeenCall } from "../control/callLog.ts"
import type { Collection } from "../state/collection.ts"
import type { Reply } from "../contract.ts"
import { parseFilter } from "../query/filterParser.ts"
import {
  anyCollectionOf,
  collectionOf,
  databaseOf,
  type HandlerContext,
  type SyncHandlers,
  timeOf,
  timestampOf,
} from "./handler.ts"
import { query } from "../query/queryRows.ts"
import { idsOf } from "../query/output.ts"
import { hybridSearch } from "../query/hybridRows.ts"
import { search } from "../query/searchRows.ts"
import { Code, RefusedByRpc, throwParameter, throwRefusal, throwUnsupported } from "../fakeStatus.ts"

/** Handlers of the RPCs that change rows. */
export const writes = ({ store }: HandlerContext): SyncHandlers => ({
  Insert: (request, call) => write(anyCollectionOf(store, request, call), request, call, false),
  Upsert: (request, call) => {
    if (request.partial_update || request.field_ops.length > 0) throwUnsupported("partial updates")
    return write(anyCollectionOf(store, request, call), request, call, true)
  },
  Delete: (request, call) => {
    const collection = collectionOf(store, request, call)
    const { expr, expr_template_values, partition_name } = request
    // Only the empty filter is refused: Milvus takes one of spaces as matching every row.
    if (expr === "") throwParameter("invalid expression: empty expr")
    const filter = parseFilter(expr, collection.layout, expr_template_values)
    const partitions = partition_name === "" ? [] : [partition_name]
    const keys = filter.keys ?? collection.rows(filter, partitions).map(({ key }) => key)
    collection.delete(keys, partition_name)
    // Like Milvus, counts listed keys even if no row has them.
    return { delete_cnt: keys.length, timestamp: timestampOf(timeOf(call)) }
  },
})

/** Handlers of the RPCs that read rows. */
export const reads = ({ store, readPlaceholders, isOld }: HandlerContext): SyncHandlers => ({
  Query: (request, call) => query(collectionOf(store, request, call), request),
  HybridSearch: (request, call) => {
    if (isOld()) {
      const details = "unknown method HybridSearch for service milvus.proto.milvus.MilvusService"
      throw new RefusedByRpc({ code: "UNIMPLEMENTED", details })
    }
    return hybridSearch(anyCollectionOf(store, request, call), request, readPlaceholders)
  },
  Search: (request, call) => search(anyCollectionOf(store, request, call), request, readPlaceholders),
  GetCollectionStatistics: (request, call) => rowCount(anyCollectionOf(store, request, call).count()),
  GetPartitionStatistics: (request, call) =>
    rowCount(anyCollectionOf(store, request, call).count(request.partition_name)),
})

/** Handlers of the RPCs that store rows. They do so at once: what was flushed is stored. */
export const flushes = ({ store }: HandlerContext): SyncHandlers => ({
  Flush: (request, call) => {
    const database = databaseOf(store, request, call)
    const flushed = request.collection_names.map((name) => {
      const { name: collection, segments } = database.collection(name)
      const stored = segments.all.filter(({ isStored }) => isStored)
      return { collection, sealed: segments.flush(), stored }
    })
    const each = <A>(of: (one: typeof flushed[number]) => A) =>
      Object.fromEntries(flushed.map((one) => [one.collection, of(one)]))
    return {
      db_name: database.name,
      coll_segIDs: each(({ sealed }) => ({ data: sealed.map(({ id }) => id) })),
      flush_coll_segIDs: each(({ stored }) => ({ data: stored.map(({ id }) => id) })),
      coll_seal_times: each(() => Math.trunc(timeOf(call) / 1000)),
      coll_flush_ts: each(() => timestampOf(timeOf(call))),
    }
  },
  GetFlushState: (request, call) => {
    const { collection_name, segmentIDs } = request
    if (collection_name !== "") anyCollectionOf(store, request, call)
    const growing = store.databases.flatMap(({ collections }) => collections)
      .flatMap(({ segments }) => segments.all).filter(({ isStored }) => !isStored)
    return { flushed: !growing.some(({ id }) => segmentIDs.includes(id)) }
  },
  FlushAll: (request, call) => {
    for (const { segments } of databaseOf(store, request, call).collections) segments.flush()
    return { flush_all_ts: timestampOf(timeOf(call)) }
  },
  GetFlushAllState: (request, call) => {
    databaseOf(store, request, call)
    return { flushed: request.flush_all_ts <= timestampOf(timeOf(call) + 1) }
  },
  AllocTimestamp: (_request, call) => ({ timestamp: timestampOf(timeOf(call)) }),
})

const write = (
  collection: Collection,
  request: {
    readonly fields_data: ReadonlyArray<FieldData>
    readonly num_rows: number
    readonly partition_name: string
    readonly schema_timestamp: bigint
  },
  call: SeenCall,
  isUpsert: boolean,
): Reply<"Insert"> => {
  const { fields_data, num_rows, partition_name, schema_timestamp } = request
  if (schema_timestamp !== 0n && schema_timestamp < timestampOf(collection.created)) {
    throwRefusal(Code.schemaMismatch, `collection schema mismatch[collection=${collection.name}]`)
  }
  const keys = collection.write(fields_data, num_rows, partition_name, isUpsert)
  const count = keys.length
  return {
    IDs: idsOf(collection.layout.primary, keys),
    succ_index: keys.map((_, row) => row),
    insert_cnt: count,
    ...(isUpsert ? { delete_cnt: count, upsert_cnt: count } : {}),
    timestamp: timestampOf(timeOf(call)),
  }
}

const rowCount = (rows: number) => ({ stats: [{ key: "row_count", value: `${rows}` }] })
