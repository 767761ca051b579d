/** InsertRequest and UpsertRequest out. */
import type { ColumnInput } from "../columns/columnInput.ts"
import { columnParts } from "../columns/encodeColumn.ts"
import { throwValue } from "../errors.ts"
import {
  bool,
  emptyFragment,
  type Fragment,
  int64,
  message,
  presentText,
  type SizedMessage,
  sizedMessage,
  text,
  toBytes,
  uint,
} from "../protobuf/writer.ts"

/** A batch to be inserted, by columns. */
export interface InsertInput {
  /** The collection that the rows go to. */
  readonly collectionName: string
  /** The default database where it is empty or absent. */
  readonly databaseName?: string | undefined
  /** The default partition where it is empty or absent. */
  readonly partitionName?: string | undefined
  /** All with as many rows as each other. */
  readonly columns: ReadonlyArray<ColumnInput>
  /** The `update_timestamp` of the schema that the columns were made for: Milvus then refuses an outdated one. */
  readonly schemaTimestamp?: bigint | undefined
  /** The namespace of the rows, where the collection has namespaces. */
  readonly namespace?: string | undefined
}

/** What a partial update does with an array: it takes the place of the old one, is appended, or is taken out of it. */
export type PartialUpdate = "Replace" | "ArrayAppend" | "ArrayRemove"

/** A batch to be upserted, by columns. */
export interface UpsertInput extends InsertInput {
  /** Whether fields that have no column keep their values. */
  readonly partialUpdate?: boolean | undefined
  /** What is done with a field, by its name, where it is not replaced. */
  readonly fieldOperations?: Readonly<Record<string, PartialUpdate>> | undefined
}

const partialUpdates: Readonly<Record<PartialUpdate, number>> = { Replace: 0, ArrayAppend: 1, ArrayRemove: 2 }

/**
 * A `milvus.InsertRequest` that is to be written. Its columns are read when it is. Throws `CodecError` where a value does not
 * fit its field: now, or when it is written.
 */
export const draftInsert = (input: InsertInput): SizedMessage =>
  sizedMessage("InsertRequest", [...rowsOf(input), namespace(9, input.namespace)])

/** A `milvus.InsertRequest`. Throws `CodecError` where a value does not fit its field. */
export const encodeInsert = (input: InsertInput): Uint8Array<ArrayBuffer> => toBytes(draftInsert(input))

/** A `milvus.UpsertRequest` that is to be written, as by {@linkcode draftInsert}. */
export const draftUpsert = (input: UpsertInput): SizedMessage =>
  sizedMessage("UpsertRequest", [
    ...rowsOf(input),
    bool(9, input.partialUpdate ?? false),
    namespace(10, input.namespace),
    ...Object.entries(input.fieldOperations ?? {}).map(([name, operation]) => {
      if (!Object.hasOwn(partialUpdates, operation)) {
        throwValue(name, undefined, `one of ${Object.keys(partialUpdates).join(", ")}`)
      }
      return message(11, [text(1, name, "fieldOperations"), uint(2, partialUpdates[operation])])
    }),
  ])

/** A `milvus.UpsertRequest`. Throws `CodecError` where a value does not fit its field. */
export const encodeUpsert = (input: UpsertInput): Uint8Array<ArrayBuffer> => toBytes(draftUpsert(input))

const rowsOf = (input: InsertInput): ReadonlyArray<Fragment> => {
  const { rows, parts } = columnParts(5, input.columns)
  const timestamp = input.schemaTimestamp ?? 0n
  if (BigInt.asUintN(64, timestamp) !== timestamp) throwValue("schemaTimestamp", undefined, "a timestamp of 64 bits")
  if (rows >= 2 ** 32) throwValue("columns", undefined, "fewer than 2^32 rows")
  return [
    text(2, input.databaseName ?? "", "databaseName"),
    text(3, input.collectionName, "collectionName"),
    text(4, input.partitionName ?? "", "partitionName"),
    ...parts,
    uint(7, rows),
    int64(8, timestamp),
  ]
}

const namespace = (field: number, value: string | undefined): Fragment =>
  value === undefined ? emptyFragment : presentText(field, value, "namespace")
