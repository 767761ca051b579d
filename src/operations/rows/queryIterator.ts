/**
 * A query in batches, in the order of the primary key.
 *
 * Each batch begins after the greatest key of the one before. So no row comes twice and none is left out, whatever
 * becomes of the connection between two batches. Only an empty batch is the end; one without its key column is an
 * error.
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { type Column, decodeQueryResults, encodeQuery } from "../../codec/mod.ts"
import { throwReply } from "../../codec/errors.ts"
import * as Connection from "../../Connection.ts"
import type { CallError, CodecError } from "../../errors.ts"
import { type Filter, filter as tag } from "../../filter/Filter.ts"
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
  tryEncode,
} from "./read.ts"
import { type QueryResult, queryResult } from "./results.ts"
import { batchesOf, type Begun, begun } from "./readSnapshot.ts"

/** How a query is divided. */
export interface QueryBatchOptions extends ReadOptions {
  /** How many rows a batch has at most, from 1. Default 1000. */
  readonly batchSize?: number | undefined
  /** The most rows of all batches, from 1. Default: all there are. */
  readonly limit?: number | undefined
}

const optionNames = readNamesWith<QueryBatchOptions>("batchSize", "limit")

interface Position extends Begun {
  /** The greatest key so far. */
  readonly after: bigint | string | undefined
  readonly left: number
}

const defaultBatchSize = 1000

/** The batches of a query. */
export const queryPages = <R>(
  connection: Connection.Connection,
  collection: CollectionRef,
  filter: Filter | string | undefined,
  options: QueryBatchOptions | undefined,
): Stream.Stream<QueryResult<R>, CallError | CodecError> =>
  Stream.unwrap(tryEncode(() => {
    checkCollection(collection)
    checkReadOptions(options, optionNames)
    const { batchSize = defaultBatchSize, limit, partitions, outputFields = ["*"] } = options ?? {}
    accepted(checkCount("batchSize", batchSize))
    accepted(checkCount("limit", limit))
    const first: Position = { ...begun, after: undefined, left: limit ?? Infinity }
    return batchesOf<QueryResult<R>, Position>(connection, collection, options, first, (snapshot) => (position) =>
      Effect.gen(function* () {
        const { definition, key, isGiven, identity, nameFor, freshness } = snapshot
        const { after, left, batches, seen } = position
        const outputs = outputsOf(connection, definition, outputFields, key)
        const bytes = yield* tryEncode(() =>
          encodeQuery({
            collectionName: nameFor(position),
            partitionNames: partitions,
            outputFields: outputs.requested,
            ...freshness(position),
            ...filterRequest(
              connection,
              after === undefined ? filter : andFilter(filter, tag`${tag.field(key)} > ${after}`),
            ),
            queryParams: { limit: `${Math.min(batchSize, left)}`, reduce_stop_for_best: "True", ...identity },
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
          const last = greatest(
            definition.name,
            key,
            fields.find(({ fieldName }) =>
              fieldName === key
            ),
            length,
          )
          if (last === after) {
            throwReply(key, undefined, "a key greater than those of the batches so far")
          }
          const selection = selectOutputs(outputs, fields, length, definition.name, new Set([key]))
          const next: Position = { batches: batches + 1, seen: seen || sessionTs, after: last, left: left - length }
          return [[queryResult<R>(selection, length)], next.left > 0 ? next : undefined] as const
        })
      }))
  }))

/** Servers give batches in the order of the key, which for texts is that of their UTF-8, and not that of JavaScript. */
const greatest = (collection: string, key: string, column: Column | undefined, length: number): bigint | string => {
  const last = column?.type === "Int64" || column?.type === "VarChar" ? column.values[length - 1] : undefined
  return last ?? throwReply(key, undefined, `the primary key of "${collection}" in each batch`)
}
