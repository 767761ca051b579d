/** Decodes `milvus.MutationResult`, the reply of `Insert`, `Upsert` and `Delete`. */
import { Int32Builder } from "../protobuf/repeated.ts"
import { type Ids, IdsBuilder } from "./ids.ts"
import { Reader } from "../protobuf/reader.ts"
import { readStatus, type Status, success } from "./milvusStatus.ts"
import { lengthTag, varintTag } from "../protobuf/writer.ts"

/** Result of a write. */
export interface MutationResult {
  /** Whether the write succeeded. */
  readonly status: Status
  /** The primary keys of the rows that were written. */
  readonly ids: Ids
  /** The indices of the rows that were written. */
  readonly succeeded: Uint32Array
  /** The indices of the rows that were not written. */
  readonly failed: Uint32Array
  /** Whether the server acknowledged the write. Milvus always sends false. */
  readonly acknowledged: boolean
  /** The number of inserted rows. */
  readonly insertCount: number
  /** The number of deleted rows. */
  readonly deleteCount: number
  /** The number of upserted rows. */
  readonly upsertCount: number
  /** The Milvus timestamp of the write, which a later read can pass as `guaranteeTimestamp` to see it. */
  readonly timestamp: bigint
}

/** Decodes a `milvus.MutationResult`. Throws `CodecError` if the bytes are malformed. */
export const decodeMutationResult = (bytes: Uint8Array): MutationResult => {
  const reader = new Reader("MutationResult", bytes)
  const ids = new IdsBuilder()
  const succeeded = new Int32Builder()
  const failed = new Int32Builder()
  let status = success
  let acknowledged = false
  let insertCount = 0
  let deleteCount = 0
  let upsertCount = 0
  let timestamp = 0n
  while (reader.at < reader.end) {
    const tag = reader.tag()
    if (tag === lengthTag(1)) status = readStatus(reader, status)
    else if (tag === lengthTag(2)) ids.read(reader)
    else if (tag >>> 3 === 3 && succeeded.read(reader, tag & 7)) continue
    else if (tag >>> 3 === 4 && failed.read(reader, tag & 7)) continue
    else if (tag === varintTag(5)) acknowledged = reader.bool()
    else if (tag === varintTag(6)) insertCount = reader.count()
    else if (tag === varintTag(7)) deleteCount = reader.count()
    else if (tag === varintTag(8)) upsertCount = reader.count()
    else if (tag === varintTag(9)) timestamp = reader.uint64()
    else reader.skip(tag)
  }
  return {
    status,
    ids: ids.finish(),
    succeeded: unsigned(succeeded),
    failed: unsigned(failed),
    acknowledged,
    insertCount,
    deleteCount,
    upsertCount,
    timestamp,
  }
}

const unsigned = (builder: Int32Builder): Uint32Array => {
  const values = builder.finish()
  return new Uint32Array(values.buffer, values.byteOffset, values.length)
}
