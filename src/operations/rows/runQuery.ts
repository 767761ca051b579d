/** Query, get and count: three operations over the RPC `Query`. */
import * as Effect from "effect/Effect"
import { decodeQueryResults, encodeQuery, type QueryResults } from "../../codec/mod.ts"
import { throwReply } from "../../codec/errors.ts"
import * as Connection from "../../Connection.ts"
import type { Filter } from "../../filter/Filter.ts"
import type { AnyDefinition } from "../../schema/decodeSchema.ts"
import { type CollectionRef, nameOf } from "../shared/collectionRef.ts"
import { checkCount, checkFlag, optionNames } from "../shared/options.ts"
import { checkColumns, checkKey, type Outputs, outputsOf, selectOutputs } from "./outputFields.ts"
import { keyOf, keysFilter, readIds } from "./primaryKey.ts"
import {
  accepted,
  checkCollection,
  checkReadOptions,
  type DataError,
  ensureLevel,
  filterRequest,
  levelOf,
  paramTexts,
  readInput,
  readNamesWith,
  type ReadOptions,
  tryEncode,
  withSchema,
} from "./read.ts"
import { type QueryResult, queryResult } from "./results.ts"
import { currentConnection } from "../shared/currentConnection.ts"

/** Options for `query`. */
export interface QueryOptions extends ReadOptions {
  /** Maximum number of rows, at least 1. Milvus accepts at most 16,384, `offset` included. */
  readonly limit?: number | undefined
  /**
   * Number of rows to skip.
   *
   * @default 0
   */
  readonly offset?: number | undefined
  /**
   * Whether rows in growing segments are left out.
   *
   * @default false
   */
  readonly ignoreGrowing?: boolean | undefined
}

const queryOptionNames = readNamesWith<QueryOptions>("limit", "offset", "ignoreGrowing")
const getOptionNames = readNamesWith<ReadOptions>()
const countOptionNames = optionNames<ReadOptions>("partitions", "consistency", "guaranteeTimestamp")

/** Runs a query. `R` is the type of its rows, which follows from the definition. */
export const runQuery = <R>(
  collection: CollectionRef,
  filter: Filter | string | undefined,
  options: QueryOptions | undefined,
): Effect.Effect<QueryResult<R>, DataError, Connection.Connection> =>
  Effect.gen(function* () {
    const connection = yield* currentConnection(options)
    yield* tryEncode(() => checkQuery(collection, options, queryOptionNames))
    return yield* queryRows<R>(connection, collection, undefined, filter, options)
  })

/** Runs a query by primary keys. */
export const runGet = <R>(
  collection: CollectionRef,
  ids: unknown,
  options: ReadOptions | undefined,
): Effect.Effect<QueryResult<R>, DataError, Connection.Connection> =>
  Effect.gen(function* () {
    const connection = yield* currentConnection(options)
    const keys = yield* tryEncode(() => {
      checkQuery(collection, options, getOptionNames)
      return readIds(ids)
    })
    if (keys.length === 0) return queryResult<R>({ columns: [], dynamicKeys: undefined }, 0)
    return yield* withSchema(connection, "Query", collection, options, (definition) =>
      Effect.gen(function* () {
        const filter = yield* tryEncode(() => keysFilter(definition, keys))
        return yield* queryRows<R>(connection, collection, definition, filter, options)
      }))
  })

/** Runs a query for the number of rows. */
export const runCount = (
  collection: CollectionRef,
  filter: Filter | string | undefined,
  options: Omit<ReadOptions, "outputFields"> | undefined,
): Effect.Effect<number, DataError, Connection.Connection> =>
  Effect.gen(function* () {
    const connection = yield* currentConnection(options)
    yield* tryEncode(() => checkQuery(collection, options, countOptionNames))
    const outputs = outputsOf(connection, undefined, ["count(*)"])
    const { fields: [column] } = yield* callQuery(connection, collection, outputs, filter, options)
    return yield* tryEncode(() => {
      const rows = column?.type === "Int64" && column.length === 1 ? column.values[0] : undefined
      return rows === undefined ? throwReply("count(*)", undefined, "a count(*) row in the reply") : Number(rows)
    })
  })

/** Checks the arguments of a query. Throws `CodecError`. */
const checkQuery = (collection: CollectionRef, options: QueryOptions | undefined, names: ReadonlySet<string>): void => {
  checkCollection(collection)
  checkReadOptions(options, names)
  const { limit, offset, ignoreGrowing } = options ?? {}
  accepted(checkCount("limit", limit))
  accepted(checkCount("offset", offset, 0))
  accepted(checkFlag("ignoreGrowing", ignoreGrowing))
}

/** Queries and selects the output fields, by the definition of the caller, or else by `known`, if it is given. */
const queryRows = <R>(
  connection: Connection.Connection,
  collection: CollectionRef,
  known: AnyDefinition | undefined,
  filter: Filter | string | undefined,
  options: QueryOptions | undefined,
): Effect.Effect<QueryResult<R>, DataError> =>
  Effect.gen(function* () {
    const name = nameOf(collection)
    const given = typeof collection === "string" ? undefined : collection
    const definition = given ?? known
    const outputs = outputsOf(connection, definition, options?.outputFields ?? ["*"])
    const reply = yield* callQuery(connection, collection, outputs, filter, options)
    const { fields, length, primaryFieldName } = reply
    return yield* tryEncode(() => {
      if (definition !== undefined) checkKey(definition, keyOf(definition), reply, true)
      if (given !== undefined) checkColumns(given, outputs, fields)
      // Servers send the primary key with every row. Those that do not report its name send no fields that were not
      // asked for, except the key.
      const keys = primaryFieldName === "" ? fields.map(({ fieldName }) => fieldName) : [primaryFieldName]
      return queryResult<R>(selectOutputs(outputs, fields, length, name, new Set(keys)), length)
    })
  })

const callQuery = (
  connection: Connection.Connection,
  collection: CollectionRef,
  outputs: Outputs,
  filter: Filter | string | undefined,
  options: QueryOptions | undefined,
): Effect.Effect<QueryResults, DataError> =>
  Effect.gen(function* () {
    const { limit, offset, ignoreGrowing } = options ?? {}
    const read = { ...options, outputFields: outputs.requested }
    yield* ensureLevel(connection, collection, options)
    const bytes = yield* tryEncode(() =>
      encodeQuery({
        ...readInput(connection, nameOf(collection), read, levelOf(collection)),
        ...filterRequest(connection, filter),
        queryParams: paramTexts({ limit, offset, ignore_growing: ignoreGrowing }),
      })
    )
    return yield* Connection.callEncoded(connection, "Query", bytes, decodeQueryResults, options)
  })
