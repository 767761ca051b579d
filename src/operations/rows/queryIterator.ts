/**
 * Emits the rows of a query in batches, ordered by primary key.
 *
 * Each batch begins after the greatest key of the one before, so no row is returned twice or left out if the connection
 * is lost between two batches. Only an empty batch is the end; a batch without its key column is an error.
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { type Column, decodeQueryResults, encodeQuery } from "../../codec/mod.ts"
import { throwReply } from "../../codec/errors.ts"
import * as Connection from "../../Connection.ts"
import type { CallError, CodecError } from "../../errors.ts"
import { type Filter, filter as tag } from "../../filter/Filter.ts"
import { requireOptions } from "../shared/currentConnection.ts"
import { checkCount } from "../shared/options.ts"
import type { CollectionRef } from "../shared/collectionRef.ts"
import { checkColumns, checkKey, outputsOf, selectOutputs } from "./outputFields.ts"
import {
  accepted,
  andFilter,
  checkCollection,
  checkReadOptions,
  filterRequest,
  readNamesWith,
  type ReadOptions,
  readOptionVersions,
  requireFilter,
  tryEncode,
} from "./read.ts"
import { type QueryResult, queryResult } from "./results.ts"
import { streamBatches, type StreamPosition, streamStart } from "./readSnapshot.ts"

/** Options for `queryBatches`. */
export interface QueryBatchOptions extends ReadOptions {
  /**
   * Maximum number of rows in a batch, at least 1.
   *
   * @default 1000
   */
  readonly batchSize?: number | undefined
  /** Maximum number of rows in all batches, at least 1. Default: unlimited. */
  readonly limit?: number | undefined
}

const optionNames = readNamesWith<QueryBatchOptions>("batchSize", "limit")

interface Position extends StreamPosition {
  /** Greatest key so far. */
  readonly after: bigint | string | undefined
  /** Number of rows that are left of `limit`. */
  readonly left: number
}

const defaultBatchSize = 1000

/** Returns the batches of a query. */
export const queryPages = <R>(
  connection: Connection.Connection,
  collection: CollectionRef,
  filter: Filter | string | undefined,
  options: QueryBatchOptions | undefined,
): Stream.Stream<QueryResult<R>, CallError | CodecError> =>
  Stream.unwrap(tryEncode(() => {
    checkCollection(collection)
    checkReadOptions(options, optionNames)
    const { batchSize = defaultBatchSize, limit, partitions, namespace, outputFields = ["*"] } = options ?? {}
    accepted(checkCount("batchSize", batchSize))
    accepted(checkCount("limit", limit))
    const first: Position = { ...streamStart, after: undefined, left: limit ?? Infinity }
    return streamBatches<QueryResult<R>, Position>(connection, collection, options, first, (snapshot) => (position) =>
      Effect.gen(function* () {
        yield* requireOptions(connection, "Query", options, readOptionVersions)
        yield* requireFilter(connection, "Query", filter, "Vectors.queryBatches")
        const { definition, key, isGiven, iteratorParams, nameFor, consistency } = snapshot
        const { after, left, batches, seen } = position
        const outputs = outputsOf(connection, definition, outputFields, key)
        const bytes = yield* tryEncode(() =>
          encodeQuery({
            collectionName: nameFor(position),
            partitionNames: partitions,
            namespace,
            outputFields: outputs.requested,
            ...consistency(position),
            ...filterRequest(
              connection,
              after === undefined ? filter : andFilter(filter, tag`${tag.field(key)} > ${after}`),
            ),
            queryParams: { limit: `${Math.min(batchSize, left)}`, reduce_stop_for_best: "True", ...iteratorParams },
          })
        )
        const reply = yield* Connection.callEncoded(connection, "Query", bytes, decodeQueryResults, options)
        const { fields, length, sessionTs } = reply
        return yield* tryEncode(() => {
          checkKey(definition, key, reply, true)
          if (isGiven) {
            checkColumns(definition, outputs, fields)
          }
          if (length === 0) {
            return [[], undefined] as const
          }
          const last = greatestKey(
            definition.name,
            key,
            fields.find(({ fieldName }) =>
              fieldName === key
            ),
            length,
          )
          if (last === after) {
            throwReply(key, undefined, "a key greater than those of the earlier batches")
          }
          const selection = selectOutputs(outputs, fields, length, definition.name, new Set([key]))
          const next: Position = { batches: batches + 1, seen: seen || sessionTs, after: last, left: left - length }
          return [[queryResult<R>(selection, length, reply.status)], next.left > 0 ? next : undefined] as const
        })
      }))
  }))

/** Returns the last key of a batch. Servers order texts by their UTF-8 bytes, which is not the order of JavaScript. */
const greatestKey = (collection: string, key: string, column: Column | undefined, length: number): bigint | string => {
  const last = column?.type === "Int64" || column?.type === "VarChar" ? column.values[length - 1] : undefined
  return last ?? throwReply(key, undefined, `the primary key of "${collection}" in each batch`)
}
