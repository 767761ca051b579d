/**
 * Insert and upsert: checks the arguments, finds the definition, and writes the rows in batches.
 *
 * If nothing was written because a cached definition is outdated, the write is made once more with the definition that
 * the server has now.
 */
import * as Effect from "effect/Effect"
import { type ColumnInput, draftInsert, draftUpsert } from "../../codec/mod.ts"
import type * as Connection from "../../Connection.ts"
import type { PartialWrite } from "../../errors.ts"
import type { AnyDefinition } from "../../schema/decodeSchema.ts"
import { type CollectionRef, nameOf } from "../shared/collectionRef.ts"
import { checkCount, checkOptions, optionNames, readName } from "../shared/options.ts"
import { schemaTimestamp, withDefinition } from "../shared/schemaCache.ts"
import { accepted, checkCollection, type DataError, tryEncode } from "./read.ts"
import { beginWrite } from "./sessionConsistency.ts"
import { type BatchOptions, inputOf, writeBatches, type WriteResult } from "./write.ts"
import { currentConnection } from "../shared/currentConnection.ts"

/** Options for `insert` and `upsert`. */
export interface WriteOptions extends BatchOptions {
  /** The partition that the rows go to. Default: `_default`, or the one that the partition key gives. */
  readonly partition?: string | undefined
}

const writeOptionNames = optionNames<WriteOptions>(
  "partition",
  "batchBytes",
  "concurrency",
  "onProgress",
  "onInterrupt",
)

/** Runs an insert or an upsert. `rows` is checked at run time. */
export const runWrite = (
  method: "Insert" | "Upsert",
  collection: CollectionRef,
  rows: unknown,
  options: WriteOptions | undefined,
): Effect.Effect<WriteResult, DataError | PartialWrite, Connection.Connection> =>
  Effect.gen(function* () {
    const connection = yield* currentConnection(options)
    const input = yield* tryEncode(() => {
      checkCollection(collection)
      accepted(checkOptions(options, writeOptionNames))
      accepted(checkCount("batchBytes", options?.batchBytes))
      accepted(checkCount("concurrency", options?.concurrency))
      if (options?.partition !== undefined) accepted(readName("partition", options.partition))
      return inputOf(rows)
    })
    const collectionName = nameOf(collection)
    const mark = beginWrite(connection, collectionName)
    const draft = method === "Insert" ? draftInsert : draftUpsert
    const run = (definition: AnyDefinition) => {
      const request = {
        collectionName,
        partitionName: options?.partition,
        schemaTimestamp: schemaTimestamp(definition),
      }
      const draftRows = (columns: ReadonlyArray<ColumnInput>) => draft({ ...request, columns })
      return writeBatches(method, definition, input, draftRows, mark.end, options)
    }
    return yield* withDefinition(connection, collection, run, ({ isOutdated }) => isOutdated).pipe(
      Effect.catchTag("WriteFailure", ({ error }) => Effect.fail(error)),
    )
  })
