/**
 * Insert and upsert: checks the arguments, finds the definition, and writes the rows in batches.
 *
 * If nothing was written because a cached definition is outdated, the write is made once more with the definition that
 * the server has now.
 */
import * as Effect from "effect/Effect"
import { type ColumnInput, draftInsert, draftUpsert, type PartialUpdate } from "../../codec/mod.ts"
import { describeValue, throwValue } from "../../codec/errors.ts"
import type * as Connection from "../../Connection.ts"
import type { PartialWrite } from "../../errors.ts"
import type { AnyDefinition } from "../../schema/decodeSchema.ts"
import { type CollectionRef, nameOf } from "../shared/collectionRef.ts"
import { checkCount, checkOptions, optionNames, readName } from "../shared/options.ts"
import { schemaTimestamp, withDefinition } from "../shared/schemaCache.ts"
import { accepted, checkCollection, type DataError, tryEncode } from "./read.ts"
import { beginWrite } from "./sessionConsistency.ts"
import { type BatchOptions, inputOf, writeBatches, type WriteKind, type WriteResult } from "./write.ts"
import { own } from "../../schema/own.ts"
import { currentConnection, requireMilvus } from "../shared/currentConnection.ts"

/** Options for `insert` and `upsert`. */
export interface WriteOptions extends BatchOptions {
  /** The partition that the rows go to. Default: `_default`, or the one that the partition key gives. */
  readonly partition?: string | undefined
  /** The namespace of the rows, in a collection with namespaces. Milvus 2.6.3 and later. Default: none. */
  readonly namespace?: string | undefined
}

/** Options for `partialUpsert`. `F` is the names of the array fields. */
export interface PartialUpsertOptions<F extends string = string> extends WriteOptions {
  /**
   * Operation of a partial upsert on an array field: `"Replace"`, `"ArrayAppend"`, or `"ArrayRemove"`, which removes
   * the elements that are equal to a given one. Milvus 2.6.16 and later.
   *
   * @default "Replace" for each field
   */
  readonly fieldOperations?: { readonly [K in F]?: PartialUpdate | undefined } | undefined
}

/** Names of {@linkcode WriteOptions}. */
export const writeOptionNames: ReadonlySet<string> = optionNames<WriteOptions>(
  "partition",
  "namespace",
  "batchBytes",
  "concurrency",
  "onProgress",
  "onInterrupt",
)
const partialOptionNames: ReadonlySet<string> = new Set([...writeOptionNames, "fieldOperations"])

/** Runs a write. `rows` is checked at run time. */
export const runWrite = (
  kind: WriteKind,
  collection: CollectionRef,
  rows: unknown,
  options: PartialUpsertOptions | undefined,
): Effect.Effect<WriteResult, DataError | PartialWrite, Connection.Connection> =>
  Effect.gen(function* () {
    const connection = yield* currentConnection(options)
    const isPartial = kind === "PartialUpsert"
    const input = yield* tryEncode(() => {
      checkCollection(collection)
      accepted(checkOptions(options, isPartial ? partialOptionNames : writeOptionNames))
      accepted(checkCount("batchBytes", options?.batchBytes))
      accepted(checkCount("concurrency", options?.concurrency))
      if (options?.partition !== undefined) accepted(readName("partition", options.partition))
      if (options?.namespace !== undefined) accepted(readName("namespace", options.namespace))
      return inputOf(rows)
    })
    const method = kind === "Insert" ? "Insert" : "Upsert"
    const requireSince = (option: string | undefined, since: string) =>
      requireMilvus(connection, method, option, since, isPartial ? "Vectors.partialUpsert" : undefined)
    if (isPartial) yield* requireSince(undefined, "2.6.1")
    if (options?.fieldOperations !== undefined) yield* requireSince("fieldOperations", "2.6.16")
    if (options?.namespace !== undefined) yield* requireSince("namespace", "2.6.3")
    const collectionName = nameOf(collection)
    const mark = beginWrite(connection, collectionName)
    const run = (definition: AnyDefinition) => {
      const request = {
        collectionName,
        partitionName: options?.partition,
        namespace: options?.namespace,
        schemaTimestamp: schemaTimestamp(definition),
      }
      const draftRows = (columns: ReadonlyArray<ColumnInput>) => {
        if (kind === "Insert") return draftInsert({ ...request, columns })
        const fieldOperations = fieldOperationsOf(definition, columns, options?.fieldOperations)
        return draftUpsert({ ...request, columns, partialUpdate: isPartial, fieldOperations })
      }
      return writeBatches(kind, definition, input, draftRows, mark.end, options)
    }
    return yield* withDefinition(connection, collection, run, ({ isOutdated }) => isOutdated).pipe(
      Effect.catchTag("WriteFailure", ({ error }) => Effect.fail(error)),
    )
  })

/** Checks that each operation is for an array field that is written. Throws `CodecError`. */
const fieldOperationsOf = (
  { fields }: AnyDefinition,
  columns: ReadonlyArray<ColumnInput>,
  given: PartialUpsertOptions["fieldOperations"],
): Readonly<Record<string, PartialUpdate>> | undefined => {
  if (given === undefined) return undefined
  if (typeof given !== "object" || given === null) {
    return throwValue("fieldOperations", undefined, "an object with operations by field", describeValue(given))
  }
  const operations: Array<readonly [name: string, operation: PartialUpdate]> = []
  for (const [name, operation] of Object.entries(given)) {
    if (operation === undefined) continue
    const path = `fieldOperations.${name}`
    if (!updates.includes(operation)) {
      throwValue(path, undefined, `one of ${updates.join(", ")}`, describeValue(operation))
    }
    if (own(fields, name)?.type !== "Array") throwValue(path, undefined, "the name of an array field")
    if (!columns.some(({ fieldName }) => fieldName === name)) throwValue(path, undefined, "a field that rows have")
    operations.push([name, operation])
  }
  return Object.fromEntries(operations)
}

const updates: ReadonlyArray<string> = Object.keys(
  { Replace: 0, ArrayAppend: 0, ArrayRemove: 0 } satisfies Record<PartialUpdate, 0>,
)
