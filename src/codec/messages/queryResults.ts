/** QueryResults in. */
import { Int64Builder } from "../protobuf/repeated.ts"
import type { Column } from "../columns/column.ts"
import { readFieldData } from "../columns/decodeColumn.ts"
import { StringBuilder } from "../protobuf/lists.ts"
import { Reader } from "../protobuf/reader.ts"
import { readValues } from "../columns/scalarField.ts"
import { readStatus, type Status, success } from "./milvusStatus.ts"
import { lengthTag, varintTag } from "../protobuf/writer.ts"

/** Rows of a query, by columns. */
export interface QueryResults {
  /** Whether the query succeeded. */
  readonly status: Status
  /** A column a field. They may hold views of the reply. */
  readonly fields: ReadonlyArray<Column>
  /** How many rows there are. */
  readonly length: number
  /** The collection that was queried. */
  readonly collectionName: string
  /** The fields that were asked for, as the server understood it. */
  readonly outputFields: ReadonlyArray<string>
  /** The timestamp that the query saw: what an iterator goes on with. */
  readonly sessionTs: bigint
  /** The name of the primary key's field; empty from older servers. */
  readonly primaryFieldName: string
  /** Which elements of each row's array the filter let through; empty where that was not asked for. */
  readonly elementIndices: ReadonlyArray<BigInt64Array>
}

/** Reads a `milvus.QueryResults`. Throws `CodecError` where the bytes are none. */
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
      `the field "${other.fieldName}" has ${other.length} rows, and "${known[0]?.fieldName}" ${length}`,
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
