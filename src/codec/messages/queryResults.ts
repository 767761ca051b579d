/** Decodes `milvus.QueryResults`. */
import { Int64Builder } from "../protobuf/repeated.ts"
import type { Column } from "../columns/column.ts"
import { readFieldData } from "../columns/decodeColumn.ts"
import { StringBuilder } from "../protobuf/lists.ts"
import { Reader } from "../protobuf/reader.ts"
import { readValues } from "../columns/scalarField.ts"
import { readStatus, type Status, success } from "./milvusStatus.ts"
import { lengthTag, varintTag } from "../protobuf/writer.ts"

/** Rows of a query, as columns. */
export interface QueryResults {
  /** Whether the query succeeded. */
  readonly status: Status
  /** A column for each field. Columns may hold views of the reply. */
  readonly fields: ReadonlyArray<Column>
  /** The number of rows. */
  readonly length: number
  /** The collection that was queried. */
  readonly collectionName: string
  /** The names of the requested fields, as resolved by the server. */
  readonly outputFields: ReadonlyArray<string>
  /** The timestamp at which the query read, which an iterator passes to its next query. */
  readonly sessionTs: bigint
  /** The name of the primary key's field; empty from older servers. */
  readonly primaryFieldName: string
  /** The indices of the matching elements in the array of each row; empty if they were not requested. */
  readonly elementIndices: ReadonlyArray<BigInt64Array>
}

/** Decodes a `milvus.QueryResults`. Throws `CodecError` if the bytes are malformed. */
export const decodeQueryResults = (bytes: Uint8Array): QueryResults => {
  const reader = new Reader("QueryResults", bytes)
  const fields: Array<Column> = []
  const outputFields = new StringBuilder()
  const elementIndices: Array<BigInt64Array> = []
  let status = success
  let collectionName = ""
  let sessionTs = 0n
  let primaryFieldName = ""
  while (reader.at < reader.end) {
    const tag = reader.tag()
    if (tag === lengthTag(1)) status = readStatus(reader, status)
    else if (tag === lengthTag(2)) fields.push(readFieldData(reader))
    else if (tag === lengthTag(3)) collectionName = reader.string()
    else if (tag === lengthTag(4)) outputFields.read(reader, 2)
    else if (tag === varintTag(5)) sessionTs = reader.uint64()
    else if (tag === lengthTag(6)) primaryFieldName = reader.string()
    else if (tag === lengthTag(7)) elementIndices.push(readElementIndices(reader))
    else reader.skip(tag)
  }
  const known = fields.filter((field) => field.type !== "Unknown")
  const length = known[0]?.length ?? 0
  const other = known.find((field) => field.length !== length)
  if (other !== undefined) {
    return reader.fail(
      `field "${other.fieldName}" has ${other.length} rows, but "${known[0]?.fieldName}" has ${length}`,
    )
  }
  return {
    status,
    fields,
    length,
    collectionName,
    outputFields: outputFields.finish(),
    sessionTs,
    primaryFieldName,
    elementIndices,
  }
}

const readElementIndices = (reader: Reader): BigInt64Array => {
  const indices = new Int64Builder()
  const outer = reader.enter()
  while (reader.at < reader.end) {
    const tag = reader.tag()
    if (tag === lengthTag(1)) readValues(reader, indices)
    else reader.skip(tag)
  }
  reader.leave(outer)
  return indices.finish()
}
