/** The RPCs over rows. */
import type { FieldData } from "../../wire/messages.gen.ts"
import type { SeenCall } from "./calls.ts"
import type { Collection } from "./collection.ts"
import type { Reply } from "./contract.ts"
import { parseFilter } from "./filters.ts"
import {
  anyCollectionOf,
  collectionOf,
  databaseOf,
  type PlainHandlers,
  timeOf,
  timestampOf,
  type Tools,
} from "./plain.ts"
import { query } from "./query.ts"
import { idsOf } from "./results.ts"
import { search } from "./search.ts"
import { Code, refuse, refuseParameter, refuseUnknown } from "./status.ts"

/** RPCs that change rows. */
export const writes = ({ store }: Tools): PlainHandlers => ({
  Insert: (request, call) => {
    const collection = anyCollectionOf(store, request, call)
    return written(collection, request, call, false)
  },
  Upsert: (request, call) => {
    if (request.partial_update || request.field_ops.length > 0) refuseUnknown("partial updates")
    return written(anyCollectionOf(store, request, call), request, call, true)
  },
  Delete: (request, call) => {
    const collection = collectionOf(store, request, call)
    const { expr, expr_template_values, partition_name } = request
    // Milvus takes a blank one for a filter that every row matches.
    if (expr === "") refuseParameter("invalid expression: empty expr")
    const filter = parseFilter(expr, collection.layout, expr_template_values)
    const partitions = partition_name === "" ? [] : [partition_name]
    const keys = filter.keys ?? collection.rows(filter, partitions).map(({ key }) => key)
    collection.delete(keys, partition_name)
    // Keys that are listed count whether or not they are there, as with Milvus.
    return { delete_cnt: keys.length, timestamp: timestampOf(timeOf(call)) }
  },
})

/** RPCs that read rows. */
export const reads = ({ store, readPlaceholders }: Tools): PlainHandlers => ({
  Query: (request, call) => query(collectionOf(store, request, call), request),
  Search: (request, call) =>
    search(
      anyCollectionOf(store, request, call),
      request,
      readPlaceholders,
    ),
  GetCollectionStatistics: (request, call) => rowCount(anyCollectionOf(store, request, call).count()),
  GetPartitionStatistics: (request, call) =>
    rowCount(anyCollectionOf(store, request, call).count(request.partition_name)),
})

/** RPCs that wait until rows are stored, which they are. */
export const flushes = ({ store }: Tools): PlainHandlers => ({
  Flush: (request, call) => {
    const database = databaseOf(store, request, call)
    const names = request.collection_names.map((name) => database.collection(name).name)
    const each = <A>(value: A) => Object.fromEntries(names.map((name) => [name, value]))
    return {
      db_name: database.name,
      coll_segIDs: each({ data: [] }),
      flush_coll_segIDs: each({ data: [] }),
      coll_seal_times: each(Math.trunc(timeOf(call) / 1000)),
      coll_flush_ts: each(timestampOf(timeOf(call))),
    }
  },
  GetFlushState: () => ({ flushed: true }),
  GetFlushAllState: () => ({ flushed: true }),
  FlushAll: (_request, call) => ({ flush_all_ts: timestampOf(timeOf(call)) }),
  AllocTimestamp: (_request, call) => ({ timestamp: timestampOf(timeOf(call)) }),
})

const written = (
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
    refuse(Code.schemaMismatch, `collection schema mismatch[collection=${collection.name}]`)
  }
  const { keys } = collection.write(fields_data, num_rows, partition_name, isUpsert)
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
