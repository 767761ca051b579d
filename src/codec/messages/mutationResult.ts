/** MutationResult in: what Insert, Upsert and Delete answer. */
import { Int32Builder } from "../protobuf/repeated.ts"
import { type Ids, IdsBuilder } from "./ids.ts"
import { Reader } from "../protobuf/reader.ts"
import { readStatus, type Status, success } from "./milvusStatus.ts"
import { lengthTag, varintTag } from "../protobuf/writer.ts"

/** What a write did. */
export interface MutationResult {
  /** Whether the write succeeded. */
  readonly status: Status
  /** The primary keys of the rows that were written. */
  readonly ids: Ids
  /** Which rows of the batch were written. */
  readonly succeeded: Uint32Array
  /** Which were not. */
  readonly failed: Uint32Array
  /** Whether the server says that it took note; Milvus leaves it false. */
  readonly acknowledged: boolean
  /** How many rows were inserted. */
  readonly insertCount: number
  /** How many rows were deleted. */
  readonly deleteCount: number
  /** How many rows were upserted. */
  readonly upsertCount: number
  /** When the write took effect, as a Milvus timestamp: what a later read may guarantee to see. */
  readonly timestamp: bigint
}

/** Reads a `milvus.MutationResult`. Throws `CodecError` where the bytes are none. */
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
