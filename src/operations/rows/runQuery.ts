/** Query, get and count: three operations over the RPC `Query`. */
import * as Effect from "effect/Effect"
import { decodeQueryResults, draftQuery, type QueryResults } from "../../codec/mod.ts"
import { throwReply, throwValue } from "../../codec/errors.ts"
import * as Connection from "../../Connection.ts"
import { framed } from "../../grpc/framed.ts"
import type { Filter } from "../../filter/Filter.ts"
import type { AnyDefinition } from "../../schema/decodeSchema.ts"
import { type CollectionRef, nameOf } from "../shared/collectionRef.ts"
import { checkCount, checkFlag, optionNames, readNames } from "../shared/options.ts"
import { operation } from "../shared/operation.ts"
import { costOf } from "./cost.ts"
import { checkResolver, gather, gatherKey } from "./gather.ts"
import { divideRows, type GetResolver, keyBytes, mostKeys, type SelectedRows } from "./gatherGet.ts"
import { checkColumns, checkKey, type Outputs, outputsOf, selectOutputs } from "./outputFields.ts"
import { keyOf, keysFilter, readIds } from "./primaryKey.ts"
import {
  accepted,
  checkCollection,
  checkReadOptions,
  checkTimes,
  type DataError,
  ensureLevel,
  filterRequest,
  levelOf,
  type OrderBy,
  orderByText,
  paramTexts,
  readInput,
  readNamesWith,
  type ReadOptions,
  readOptionVersions,
  requireFilter,
  tryEncode,
  withSchema,
} from "./read.ts"
import { type QueryResult, queryResult } from "./results.ts"
import { currentConnection, requireMilvus, requireOptions } from "../shared/currentConnection.ts"

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
  /**
   * Fields by which the rows are ordered, the first one first. Milvus 3.0 and later.
   *
   * @default The order in which the server finds them.
   */
  readonly orderBy?: ReadonlyArray<OrderBy> | undefined
  /**
   * Time zone in which `Timestamptz` fields are returned, such as `"Europe/Berlin"`. Milvus 2.6.6 and later.
   *
   * @default That of the collection, or else of the database.
   */
  readonly timezone?: string | undefined
  /**
   * Parts of `Timestamptz` fields to return instead of the whole time, such as `["year", "month"]`. Milvus 2.6.6 and
   * later.
   *
   * @default The whole time.
   */
  readonly timeFields?: ReadonlyArray<string> | undefined
}

/** Options for `get`. */
export interface GetOptions extends ReadOptions {
  /** Gathers this call with others into one request: a resolver made by `getResolver`. Default: none. */
  readonly resolver?: GetResolver | undefined
}

/** Options for `aggregate`, without the fields. */
export interface AggregateOptions extends Omit<QueryOptions, "outputFields" | "timeFields"> {
  /**
   * Fields whose values form a group. Milvus 3.0 and later.
   *
   * @default None: all rows are one group.
   */
  readonly groupBy?: ReadonlyArray<string> | undefined
}

const queryOptionNames = readNamesWith<QueryOptions>(
  "limit",
  "offset",
  "ignoreGrowing",
  "orderBy",
  "timezone",
  "timeFields",
)
const aggregateOptionNames: ReadonlySet<string> = new Set(
  [...queryOptionNames, "groupBy"].filter((name) => name !== "timeFields"),
)
const getOptionNames = readNamesWith<GetOptions>("resolver")
const countOptionNames = optionNames<ReadOptions>("partitions", "consistency", "guaranteeTimestamp", "namespace")

/** Runs a query. `R` is the type of its rows, which follows from the definition. */
export const runQuery = <R>(
  collection: CollectionRef,
  filter: Filter | string | undefined,
  options: QueryOptions | undefined,
): Effect.Effect<QueryResult<R>, DataError, Connection.Connection> =>
  Effect.gen(function* () {
    const connection = yield* currentConnection(options)
    yield* tryEncode(() => checkQuery(collection, options, queryOptionNames))
    const { selection, length, status } = yield* queryRows(connection, collection, undefined, filter, options)
    return queryResult<R>(selection, length, status)
  })

/** Runs a query by primary keys. */
export const runGet = <R>(
  collection: CollectionRef,
  ids: unknown,
  options: GetOptions | undefined,
): Effect.Effect<QueryResult<R>, DataError, Connection.Connection> =>
  Effect.gen(function* () {
    const connection = yield* currentConnection(options)
    const keys = yield* tryEncode(() => {
      checkQuery(collection, options, getOptionNames)
      if (options?.resolver !== undefined) checkResolver(options.resolver, "Vectors.getResolver")
      return readIds(ids)
    })
    if (keys.length === 0) return queryResult<R>({ columns: [], dynamicKeys: undefined }, 0, undefined)
    if (options?.resolver !== undefined) {
      return yield* gatherGet<R>(connection, collection, keys, options, options.resolver)
    }
    return yield* withSchema(connection, "Query", collection, options, (definition) =>
      Effect.gen(function* () {
        const filter = yield* tryEncode(() => keysFilter(definition, keys))
        const { selection, length, status } = yield* queryRows(connection, collection, definition, filter, options)
        return queryResult<R>(selection, length, status)
      }))
  })

/** Runs a query by primary keys together with others. */
const gatherGet = <R>(
  connection: Connection.Connection,
  collection: CollectionRef,
  keys: ReadonlyArray<unknown>,
  options: GetOptions,
  resolver: GetResolver,
): Effect.Effect<QueryResult<R>, DataError> =>
  Effect.gen(function* () {
    const check = (definition: AnyDefinition) => tryEncode(() => keysFilter(definition, keys))
    yield* withSchema(connection, "Query", collection, options, check)
    const run = (inputs: ReadonlyArray<ReadonlyArray<unknown>>) =>
      operation(
        "Vectors.getResolver",
        collection,
        options,
        withSchema(connection, "Query", collection, options, (definition) =>
          Effect.gen(function* () {
            const filter = yield* tryEncode(() => keysFilter(definition, [...new Set(inputs.flat())]))
            const rows = yield* queryRows(connection, collection, definition, filter, options)
            return yield* tryEncode(() => divideRows(rows, keyOf(definition), inputs))
          })),
        ([first]) => first?.status === undefined ? {} : { costUnits: costOf(first.status).units },
      )
    const key = yield* gatherKey("get", connection, collection, options)
    const read = { input: keys, size: keys.length, bytes: keyBytes(keys), key, most: mostKeys, run }
    const { selection, length } = yield* gather(resolver, read)
    return queryResult<R>(selection, length, undefined)
  })

/** Runs a query for groups of rows. */
export const runAggregate = <R>(
  collection: CollectionRef,
  filter: Filter | string | undefined,
  options: AggregateOptions & { readonly outputFields: unknown },
): Effect.Effect<QueryResult<R>, DataError, Connection.Connection> =>
  Effect.gen(function* () {
    const connection = yield* currentConnection(options)
    const requested = yield* tryEncode(() => {
      checkQuery(collection, options as QueryOptions, aggregateOptionNames)
      return accepted(readNames("outputFields", options.outputFields)) ??
        throwValue("outputFields", undefined, "a list of fields and aggregates")
    })
    const groupBy = yield* tryEncode(() => accepted(readNames("groupBy", options.groupBy)))
    yield* requireMilvus(connection, "Query", undefined, "3.0.0", "Vectors.aggregate")
    const outputs = { requested, names: new Set(requested) }
    const reply = yield* callQuery(connection, collection, outputs, filter, options, groupBy)
    const { fields, length, status } = reply
    const selection = yield* tryEncode(() => selectOutputs(outputs, fields, length, nameOf(collection), new Set()))
    return queryResult<R>(selection, length, status)
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
  orderByText(options?.orderBy)
  checkTimes(options)
}

/** Queries and selects the output fields, by the definition of the caller, or else by `known`, if it is given. */
const queryRows = (
  connection: Connection.Connection,
  collection: CollectionRef,
  known: AnyDefinition | undefined,
  filter: Filter | string | undefined,
  options: QueryOptions | undefined,
): Effect.Effect<SelectedRows, DataError> =>
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
      return { selection: selectOutputs(outputs, fields, length, name, new Set(keys)), length, status: reply.status }
    })
  })

const callQuery = (
  connection: Connection.Connection,
  collection: CollectionRef,
  outputs: Outputs,
  filter: Filter | string | undefined,
  options: Omit<QueryOptions, "outputFields"> | undefined,
  groupBy?: ReadonlyArray<string>,
): Effect.Effect<QueryResults, DataError> =>
  Effect.gen(function* () {
    const { limit, offset, ignoreGrowing, orderBy, timezone, timeFields } = options ?? {}
    yield* requireOptions(connection, "Query", options, readOptionVersions)
    yield* requireFilter(connection, "Query", filter)
    const read = { ...options, outputFields: outputs.requested }
    yield* ensureLevel(connection, collection, options)
    const message = yield* tryEncode(() =>
      framed(draftQuery({
        ...readInput(connection, nameOf(collection), read, levelOf(collection)),
        ...filterRequest(connection, filter),
        queryParams: paramTexts({
          limit,
          offset,
          ignore_growing: ignoreGrowing,
          timezone,
          time_fields: timeFields?.join(","),
          order_by_fields: orderByText(orderBy),
          group_by_fields: groupBy?.join(","),
        }),
      }))
    )
    return yield* Connection.callEncoded(connection, "Query", message, decodeQueryResults, options)
  })
