/** Encodes `milvus.InsertRequest` and `milvus.UpsertRequest`. */
import type { ColumnInput } from "../columns/columnInput.ts"
import { columnParts } from "../columns/encodeColumn.ts"
import { throwValue } from "../errors.ts"
import {
  bool,
  emitText,
  emptyFragment,
  type Fragment,
  int64,
  message,
  type SizedMessage,
  sizedMessage,
  text,
  toBytes,
  uint,
} from "../protobuf/writer.ts"

/** Columns to insert. */
export interface InsertInput {
  /** The collection to write to. */
  readonly collectionName: string
  /** The database. Default, also for an empty name: the default database. */
  readonly databaseName?: string | undefined
  /** The partition to write to. Default, also for an empty name: the default partition. */
  readonly partitionName?: string | undefined
  /** The columns, with equal numbers of rows. */
  readonly columns: ReadonlyArray<ColumnInput>
  /**
   * The `update_timestamp` of the schema that the columns were made for. If it is set, Milvus refuses an outdated one.
   */
  readonly schemaTimestamp?: bigint | undefined
  /** The namespace of the rows, for a collection with namespaces. */
  readonly namespace?: string | undefined
}

/**
 * Effect of a partial update on an array field.
 *
 * - `Replace`: the new array replaces the old one.
 * - `ArrayAppend`: the elements are appended to the old array.
 * - `ArrayRemove`: the elements are removed from the old array.
 */
export type PartialUpdate = "Replace" | "ArrayAppend" | "ArrayRemove"

/** Columns to upsert. */
export interface UpsertInput extends InsertInput {
  /** Whether fields without a column keep their values. Default: false. */
  readonly partialUpdate?: boolean | undefined
  /** The operation on each array field, by field name. Default: `Replace`. */
  readonly fieldOperations?: Readonly<Record<string, PartialUpdate>> | undefined
}

const partialUpdates: Readonly<Record<PartialUpdate, number>> = { Replace: 0, ArrayAppend: 1, ArrayRemove: 2 }

/**
 * Returns a `milvus.InsertRequest` of known size. Its columns are read again when it is written. Throws `CodecError` if
 * a value does not fit its field, here or when the message is written.
 */
export const draftInsert = (input: InsertInput): SizedMessage =>
  sizedMessage("InsertRequest", [...rowsOf(input), namespace(9, input.namespace)])

/** Encodes a `milvus.InsertRequest`. Throws `CodecError` if a value does not fit its field. */
export const encodeInsert = (input: InsertInput): Uint8Array<ArrayBuffer> => toBytes(draftInsert(input))

/** Returns a `milvus.UpsertRequest` of known size, as {@linkcode draftInsert} does. */
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

/** Encodes a `milvus.UpsertRequest`. Throws `CodecError` if a value does not fit its field. */
export const encodeUpsert = (input: UpsertInput): Uint8Array<ArrayBuffer> => toBytes(draftUpsert(input))

const rowsOf = (input: InsertInput): ReadonlyArray<Fragment> => {
  const { rows, parts } = columnParts(5, input.columns)
  const timestamp = input.schemaTimestamp ?? 0n
  if (BigInt.asUintN(64, timestamp) !== timestamp) {
    throwValue("schemaTimestamp", undefined, "an unsigned 64-bit timestamp")
  }
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
  value === undefined ? emptyFragment : emitText(field, value, "namespace")
