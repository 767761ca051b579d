/**
 * Rows and vectors: in, out, and found.
 *
 * Each operation takes a collection by its definition, from which rows have their types, or by its name, whose
 * definition is then read from the server once. Rows go in as objects or as columns; columns of numbers are the memory
 * of typed arrays, which is copied once. Results are columns; rows are made when they are asked for.
 *
 * @module
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import {
  type ColumnInput,
  decodeMutationResult,
  decodeQueryResults,
  decodeSearchResults,
  draftInsert,
  draftUpsert,
  encodeHybridSearch,
  encodeQuery,
  encodeSearch,
  type SearchResults,
} from "../codec/mod.ts"
import { describeValue, throwReply, throwValue } from "../codec/errors.ts"
import * as Connection from "../Connection.ts"
import { beginWrite, knowLevel } from "./rows/sessionConsistency.ts"
import { type Named, nameOf } from "./shared/collectionRef.ts"
import {
  type All,
  type ByFilter,
  type ByIds,
  deletedBy,
  everyRow,
  keyOf,
  readIds,
  type Selection,
  withKeys,
} from "./rows/primaryKey.ts"
import { checkColumns, checkKey, type Outputs, outputsOf, selectOutputs } from "./rows/outputFields.ts"
import { type QueryBatchOptions, queryPages } from "./rows/queryIterator.ts"
import {
  accepted,
  bounded,
  checkCollection,
  checkLevel,
  checkReadOptions,
  expressionOf,
  filterRequest,
  levelOf,
  readInput,
  readNamesWith,
  type ReadOptions,
  requireVersion,
  tryEncode,
} from "./rows/read.ts"
import { isAtLeast } from "./shared/server.ts"
import { type Hit, type QueryResult, queryResult, type SearchResult, searchResult } from "./rows/results.ts"
import type { Rows } from "./rows/rowView.ts"
import { describeNow, mayBeOutdated, schemaTimestamp, withDefinition } from "./shared/schemaCache.ts"
import {
  checkGroups,
  checkReranker,
  checkSearch,
  type DefaultField,
  fieldSearchNames,
  type FieldSearchOptions,
  functionScore,
  type QueryVector,
  ranking,
  type Reranker,
  type RerankFunctions,
  type SearchData,
  type SearchField,
  searchInput,
  type SearchOptions,
} from "./rows/buildSearch.ts"
import { type SearchBatchOptions, searchPages } from "./rows/searchIterator.ts"
import { type BatchOptions, inputOf, write, WriteFailure, type WriteProgress, type WriteResult } from "./rows/write.ts"
import type { CallError, CodecError, PartialWrite } from "../errors.ts"
import type { Filter } from "../filter/Filter.ts"
import * as Message from "../Message.ts"
import { checkCount, checkFlag, checkOptions, optionNames, readName } from "./shared/options.ts"
import type { AnyDefinition } from "../schema/decodeSchema.ts"
import type {
  CollectionDefinition,
  Columns,
  Insertable,
  KeyInput,
  Upsertable,
  UpsertColumns,
} from "../schema/definition.ts"
import type { SearchParamsOf } from "../schema/searchOptions.ts"
import type { OutputField, Selected } from "../schema/selection.ts"

export type {
  All,
  ByFilter,
  ByIds,
  DefaultField,
  FieldSearchOptions,
  Hit,
  OutputField,
  QueryBatchOptions,
  QueryResult,
  QueryVector,
  ReadOptions,
  Reranker,
  RerankFunctions,
  Rows,
  SearchBatchOptions,
  SearchData,
  SearchField,
  SearchOptions,
  SearchParamsOf,
  SearchResult,
  Selected,
  Selection,
  WriteProgress,
  WriteResult,
}

/** A collection by its definition, or by its name. */
export type Collection<D extends CollectionDefinition = CollectionDefinition> = D | string

/** What reading or writing can fail with. */
export type DataError = CallError | CodecError

/** What can be set for a write. */
export interface WriteOptions extends BatchOptions {
  /** The partition that the rows go to. Default: `_default`, or as the partition key says. */
  readonly partition?: string | undefined
}

/**
 * Inserts rows, given as objects or as columns.
 *
 * Rows are an array of objects (`rows.toArray()` of a query, `[...rows]` of any other iterable). A field is a property
 * of that name; `undefined` is the same as no property. Columns are an object with an array, or a typed array, for
 * each field.
 *
 * Nothing is dropped or altered. All rows are looked at before the first is sent, and `CodecError` names the field, and
 * the row, of what does not fit: a key that is not a field, a value of another type or out of range, text or an array
 * that is too long, columns of unequal length. Numbers are rounded to the nearest that a field of floats has; those
 * that would become infinite are refused. NaN and infinity go to the server as they are: it may refuse them. Where the
 * server makes the keys but takes given ones (`allowInsertAutoId`), either all rows have a key or none.
 *
 * What is larger than `batchBytes` goes in several requests, some at once. If one of them fails after others were
 * acknowledged, the error is `PartialWrite`, which has the rows that were. If the effect is interrupted, `onInterrupt`
 * is given the same. A request whose reply was lost is not made again. A reply that does not acknowledge each row is a
 * `CodecError`. Rows and columns must not change before the insert ends: vectors are read as they are sent.
 *
 * @example
 * ```ts ignore
 * yield* Vectors.insert(Books, [{ title: "Siddhartha", vector: [0.1, 0.2, 0.3, 0.4] }])
 * yield* Vectors.insert(Books, { title: titles, vector: new Float32Array(titles.length * 4) })
 * ```
 */
export const insert = <D extends CollectionDefinition = AnyDefinition>(
  collection: Collection<D>,
  rows: ReadonlyArray<Insertable<NoInfer<D>>> | Columns<NoInfer<D>>,
  options?: WriteOptions,
): Effect.Effect<WriteResult, DataError | PartialWrite, Connection.Connection> =>
  written("Insert", collection, rows, options, draftInsert)

/**
 * Inserts rows, in place of those with the same primary keys; otherwise as {@linkcode insert}. A row is replaced as a
 * whole: a nullable field that is left out becomes `null`, one with a default becomes that, and dynamic keys that are
 * left out are gone. (milvus-lite 3.2.2 keeps dynamic keys that are left out.)
 */
export const upsert = <D extends CollectionDefinition = AnyDefinition>(
  collection: Collection<D>,
  rows: ReadonlyArray<Upsertable<NoInfer<D>>> | UpsertColumns<NoInfer<D>>,
  options?: WriteOptions,
): Effect.Effect<WriteResult, DataError | PartialWrite, Connection.Connection> =>
  written("Upsert", collection, rows, options, draftUpsert)

const written = (
  method: "Insert" | "Upsert",
  collection: Collection,
  rows: unknown,
  options: WriteOptions | undefined,
  draft: typeof draftInsert,
): Effect.Effect<WriteResult, DataError | PartialWrite, Connection.Connection> => {
  return Effect.gen(function* () {
    const connection = yield* Connection.Connection
    const given = yield* tryEncode(() => {
      checkCollection(collection)
      accepted(checkOptions(options, writeOptionNames))
      accepted(checkCount("batchBytes", options?.batchBytes))
      accepted(checkCount("concurrency", options?.concurrency))
      if (options?.partition !== undefined) accepted(readName("partition", options.partition))
      return inputOf(rows)
    })
    const collectionName = nameOf(named(collection))
    const mark = beginWrite(connection, collectionName)
    const run = (definition: AnyDefinition) => {
      const request = {
        collectionName,
        partitionName: options?.partition,
        schemaTimestamp: schemaTimestamp(definition),
      }
      const draftRows = (columns: ReadonlyArray<ColumnInput>) => draft({ ...request, columns })
      return write(method, definition, given, draftRows, mark.end, options)
    }
    const suggestsChange = (failure: unknown) => failure instanceof WriteFailure && failure.isOutdated
    return yield* withDefinition(connection, named(collection), run, suggestsChange).pipe(
      Effect.mapError((failure) => failure instanceof WriteFailure ? failure.error : failure),
    )
  })
}

const writeOptionNames = optionNames<WriteOptions>(
  "partition",
  "batchBytes",
  "concurrency",
  "onProgress",
  "onInterrupt",
)

/** What can be set for a delete. */
export interface DeleteOptions extends Connection.CallOptions {
  /** Only from this partition. */
  readonly partition?: string | undefined
  /** How fresh what the filter sees has to be. */
  readonly consistency?: ReadOptions["consistency"]
}

const deleteOptionNames = optionNames<DeleteOptions>("partition", "consistency")

/**
 * Deletes rows by their primary keys or by a filter, and returns how many, as far as the server reports it.
 *
 * `{ ids: [] }` deletes nothing. A blank filter is refused: to delete all rows, say `{ all: true }`.
 *
 * @example
 * ```ts ignore
 * yield* Vectors.delete(Books, { ids: [1, 2] })
 * yield* Vectors.delete(Books, { filter: filter`year < ${1900}` })
 * yield* Vectors.delete(Books, { all: true })
 * ```
 */
const delete_ = <D extends CollectionDefinition = AnyDefinition>(
  collection: Collection<D>,
  which: ByIds<KeyInput<NoInfer<D>>> | ByFilter | All,
  options?: DeleteOptions,
): Effect.Effect<number, DataError, Connection.Connection> =>
  Effect.gen(function* () {
    const connection = yield* Connection.Connection
    const deleted = yield* tryEncode(() => {
      checkCollection(collection)
      accepted(checkOptions(options, deleteOptionNames))
      if (options?.partition !== undefined) accepted(readName("partition", options.partition))
      checkLevel(options?.consistency)
      return deletedBy(which)
    })
    if ("expression" in deleted) return yield* deleteBy(connection, collection, deleted.expression, options)
    if ("ids" in deleted && deleted.ids.length === 0) return 0
    return yield* withSchema(connection, "Delete", collection, options, (definition) =>
      Effect.gen(function* () {
        const filter = yield* tryEncode(() =>
          "ids" in deleted ? withKeys(definition, deleted.ids) : everyRow(definition)
        )
        // As text, which every server reads.
        const expression = yield* tryEncode(() => expressionOf(filter))
        const count = yield* deleteBy(connection, collection, expression, options)
        // Servers count keys that are listed, whether they exist or not, if the name is that of the primary key.
        const isOdd = "ids" in deleted ? count !== deleted.ids.length : count === 0
        if (isOdd) yield* checkDeletedBy(connection, collection, definition)
        return count
      }))
  })

export { delete_ as delete }

const deleteBy = (
  connection: Connection.Connection,
  collection: Collection,
  expr: string,
  options: DeleteOptions | undefined,
): Effect.Effect<number, DataError> =>
  Effect.gen(function* () {
    const mark = beginWrite(connection, nameOf(named(collection)))
    const request = yield* Message.encode("milvus.proto.milvus.DeleteRequest", {
      collection_name: nameOf(named(collection)),
      expr,
      ...(options?.partition === undefined ? {} : { partition_name: options.partition }),
      ...(options?.consistency === undefined ? {} : { consistency_level: options.consistency }),
    })
    const reply = yield* Connection.callEncoded(connection, "Delete", request, decodeMutationResult, options)
    mark.end(reply.timestamp)
    return reply.deleteCount
  })

/** Refuses a delete by a key that is not the primary key of the collection. */
const checkDeletedBy = (
  connection: Connection.Connection,
  collection: Collection,
  definition: AnyDefinition,
): Effect.Effect<void, DataError> =>
  Effect.flatMap(describeNow(connection, nameOf(named(collection))), (described) =>
    tryEncode(() => {
      const primaryFieldName = keyOf(described.definition)
      checkKey(definition, keyOf(definition), { primaryFieldName, fields: [] }, false)
    }))

/** What can be set for a query. */
export interface QueryOptions extends ReadOptions {
  /** The most rows that come, from 1. Milvus takes 16,384 at most, `offset` included. */
  readonly limit?: number | undefined
  /** How many rows are passed over. Default 0. */
  readonly offset?: number | undefined
  /** Whether segments that still grow are passed over. Default `false`. */
  readonly ignoreGrowing?: boolean | undefined
}

const queryOptionNames = readNamesWith<QueryOptions>("limit", "offset", "ignoreGrowing")

/**
 * The rows that a filter lets through. Without a filter, which one that is `undefined` or blank is, it needs a `limit`.
 */
export const query = <
  D extends CollectionDefinition = AnyDefinition,
  const O extends ReadonlyArray<OutputField<D>> = ["*"],
>(
  collection: Collection<D>,
  filter: Filter | string | undefined,
  options?: QueryOptions & { readonly outputFields?: O | undefined },
): Effect.Effect<QueryResult<Selected<D, O>>, DataError, Connection.Connection> =>
  Effect.gen(function* () {
    const connection = yield* Connection.Connection
    yield* tryEncode(() => checkQuery(collection, options, queryOptionNames))
    return yield* queried<Selected<D, O>>(connection, collection, undefined, filter, options)
  })

/** Refuses what a query cannot have. Throws `CodecError`. */
const checkQuery = (collection: Collection, options: QueryOptions | undefined, names: ReadonlySet<string>): void => {
  checkCollection(collection)
  checkReadOptions(options, names)
  const { limit, offset, ignoreGrowing } = options ?? {}
  accepted(checkCount("limit", limit))
  accepted(checkCount("offset", offset, 0))
  accepted(checkFlag("ignoreGrowing", ignoreGrowing))
}

/** Queries, by a definition that the caller gave or that is `known`, if there is one. */
const queried = <R>(
  connection: Connection.Connection,
  collection: Collection,
  known: AnyDefinition | undefined,
  filter: Filter | string | undefined,
  options: QueryOptions | undefined,
): Effect.Effect<QueryResult<R>, DataError> =>
  Effect.gen(function* () {
    const name = nameOf(named(collection))
    const definition = isDefinition(collection) ? collection : known
    const outputs = outputsOf(connection, definition, options?.outputFields ?? ["*"])
    const reply = yield* queryReply(connection, collection, outputs, filter, options)
    const { fields, length, primaryFieldName } = reply
    return yield* tryEncode(() => {
      if (definition !== undefined) checkKey(definition, keyOf(definition), reply, true)
      if (isDefinition(collection)) checkColumns(collection, outputs, fields)
      // Servers send the primary key with every row. Those that do not say which field it is send no other one.
      const keys = primaryFieldName === "" ? fields.map(({ fieldName }) => fieldName) : [primaryFieldName]
      return queryResult<R>(selectOutputs(outputs, fields, length, name, new Set(keys)), length)
    })
  })

const queryReply = (
  connection: Connection.Connection,
  collection: Collection,
  outputs: Outputs,
  filter: Filter | string | undefined,
  options: QueryOptions | undefined,
) =>
  Effect.gen(function* () {
    const { limit, offset, ignoreGrowing } = options ?? {}
    const read = { ...options, outputFields: outputs.requested }
    yield* knowFreshness(connection, collection, options)
    const bytes = yield* tryEncode(() =>
      encodeQuery({
        ...readInput(connection, nameOf(named(collection)), read, levelOf(named(collection))),
        ...filterRequest(connection, filter),
        queryParams: texts({ limit, offset, ignore_growing: ignoreGrowing }),
      })
    )
    return yield* Connection.callEncoded(connection, "Query", bytes, decodeQueryResults, options)
  })

/**
 * The rows that a filter lets through, in batches, by growing primary key: for more rows than one reply holds. No row
 * is left out or comes twice, also if the connection is lost between two batches.
 *
 * If the server reports when the first batch was read (Milvus 2.4 and later), the others are read as of that time. On
 * other servers, rows that are written meanwhile come too if their keys are ahead. A collection that is dropped or
 * replaced by another one meanwhile is an error; the switch of an alias changes nothing for a stream that has begun.
 *
 * @example
 * ```ts ignore
 * const titles = Vectors.queryBatches(Books, filter`year > ${1900}`, { outputFields: ["title"] }).pipe(
 *   Stream.flatMap(({ rows }) => Stream.fromIterable(rows)),
 *   Stream.map(({ title }) => title),
 * )
 * ```
 */
export const queryBatches = <
  D extends CollectionDefinition = AnyDefinition,
  const O extends ReadonlyArray<OutputField<D>> = ["*"],
>(
  collection: Collection<D>,
  filter?: Filter | string,
  options?: QueryBatchOptions & { readonly outputFields?: O | undefined },
): Stream.Stream<QueryResult<Selected<D, O>>, DataError, Connection.Connection> =>
  Stream.unwrap(
    Effect.map(Connection.Connection, (connection) => queryPages(connection, named(collection), filter, options)),
  )

const getOptionNames = readNamesWith<ReadOptions>()

/** Rows by their primary keys, in whatever order; keys that are not there give none. */
export const get = <
  D extends CollectionDefinition = AnyDefinition,
  const O extends ReadonlyArray<OutputField<D>> = ["*"],
>(
  collection: Collection<D>,
  ids: ReadonlyArray<KeyInput<NoInfer<D>>>,
  options?: ReadOptions & { readonly outputFields?: O | undefined },
): Effect.Effect<QueryResult<Selected<D, O>>, DataError, Connection.Connection> =>
  Effect.gen(function* () {
    const connection = yield* Connection.Connection
    const keys = yield* tryEncode(() => {
      checkQuery(collection, options, getOptionNames)
      return readIds(ids)
    })
    if (keys.length === 0) return queryResult<Selected<D, O>>({ columns: [], dynamicKeys: undefined }, 0)
    return yield* withSchema(connection, "Query", collection, options, (definition) =>
      Effect.gen(function* () {
        const filter = yield* tryEncode(() => withKeys(definition, keys))
        return yield* queried<Selected<D, O>>(connection, collection, definition, filter, options)
      }))
  })

const countOptionNames = optionNames<ReadOptions>("partitions", "consistency", "guaranteeTimestamp")

/** How many rows there are, or how many a filter lets through; one that is `undefined` or blank lets all through. */
export const count = (
  collection: Collection,
  filter?: Filter | string,
  options?: Omit<ReadOptions, "outputFields">,
): Effect.Effect<number, DataError, Connection.Connection> =>
  Effect.gen(function* () {
    const connection = yield* Connection.Connection
    yield* tryEncode(() => checkQuery(collection, options, countOptionNames))
    const { fields: [column] } = yield* queryReply(
      connection,
      collection,
      outputsOf(connection, undefined, ["count(*)"]),
      filter,
      options,
    )
    return yield* tryEncode(() => {
      const rows = column?.type === "Int64" && column.length === 1 ? column.values[0] : undefined
      return rows === undefined ? throwReply("count(*)", undefined, "one number in the reply") : Number(rows)
    })
  })

const searchOptionNames = readNamesWith<SearchOptions>(...fieldSearchNames, "rerank")

/**
 * Searches for the nearest rows of each query.
 *
 * @example
 * ```ts ignore
 * const found = yield* Vectors.search(Books, [[0.1, 0.2, 0.3, 0.4]], {
 *   limit: 10,
 *   filter: filter`year > ${1900}`,
 *   outputFields: ["title"],
 * })
 * for (const { score, row } of found.hits()) console.log(score, row.title)
 * ```
 */
export const search = <
  D extends CollectionDefinition = AnyDefinition,
  const O extends ReadonlyArray<OutputField<D>> = [],
  const F extends SearchField<D> = DefaultField<D>,
>(
  collection: Collection<D>,
  data: SearchData,
  options: SearchOptions<D, F> & { readonly outputFields?: O | undefined },
): Effect.Effect<SearchResult<Selected<D, O>>, DataError, Connection.Connection> =>
  Effect.gen(function* () {
    const connection = yield* Connection.Connection
    yield* tryEncode(() => {
      checkCollection(collection)
      checkReadOptions(options ?? {}, searchOptionNames)
      checkSearch(connection, untyped(options ?? {}))
      requireVersion(connection, "rerank", options.rerank, 2, 6)
    })
    const score = options.rerank === undefined ? undefined : yield* functionScore(options.rerank)
    return yield* withSchema(connection, "Search", collection, options, (definition) =>
      Effect.gen(function* () {
        yield* knowFreshness(connection, collection, options)
        const { outputs, key, bytes } = yield* tryEncode(() => {
          const { outputs, key } = searchOutputs(connection, definition, options.outputFields)
          const read = { ...options, outputFields: outputs.requested }
          const input = readInput(connection, nameOf(named(collection)), read, levelOf(named(collection)))
          const request = searchInput(connection, definition, data, untyped(options), input)
          return { outputs, key, bytes: encodeSearch({ ...request, functionScore: score }) }
        })
        const results = yield* Connection.callEncoded(connection, "Search", bytes, decodeSearchResults, options)
        return yield* tryEncode(() => found<Selected<D, O>>(collection, definition, key, outputs, results))
      }))
  })

const knowFreshness = (connection: Connection.Connection, collection: Collection, options: ReadOptions | undefined) =>
  knowLevel(connection, nameOf(named(collection)), options?.consistency ?? levelOf(named(collection)))

/** What a search asks for. Servers that do not report the name of the primary key are asked for its values. */
const searchOutputs = (
  connection: Connection.Connection,
  definition: AnyDefinition,
  outputFields: ReadonlyArray<string> = [],
): { readonly outputs: Outputs; readonly key: string } => {
  const key = keyOf(definition)
  const sent = isAtLeast(connection, 2, 6, true) ? undefined : key
  return { key, outputs: outputsOf(connection, definition, outputFields, sent) }
}

/** The hits of a reply, with the fields that were asked for. Throws `CodecError`. */
const found = <R>(
  collection: Collection,
  definition: AnyDefinition,
  key: string,
  outputs: Outputs,
  results: SearchResults,
): SearchResult<R> => {
  const { fields } = results
  checkKey(definition, key, results, outputs.requested.includes(key))
  if (isDefinition(collection)) checkColumns(collection, outputs, fields)
  const selection = selectOutputs(outputs, fields, results.ids.length, nameOf(named(collection)), new Set())
  return searchResult<R>(results, selection, key)
}

/**
 * The nearest rows of one query in batches, from the nearest outwards: for more hits than one reply holds. No hit is
 * left out or comes twice, also if the connection is lost between two batches.
 *
 * What the batches see of later writes, and of a collection that is replaced, is as {@linkcode queryBatches} says.
 *
 * @example
 * ```ts ignore
 * const firstFromFrance = Vectors.searchBatches(Books, [0.1, 0.2, 0.3, 0.4], { outputFields: ["publisher"] }).pipe(
 *   Stream.flatMap((batch) => Stream.fromIterable(batch.hits())),
 *   Stream.filter(({ row }) => isFrench(row.publisher)),
 *   Stream.take(10),
 * )
 * ```
 */
export const searchBatches = <
  D extends CollectionDefinition = AnyDefinition,
  const O extends ReadonlyArray<OutputField<D>> = [],
  const F extends SearchField<D> = DefaultField<D>,
>(
  collection: Collection<D>,
  query: QueryVector | string,
  options?: SearchBatchOptions<D, F> & { readonly outputFields?: O | undefined },
): Stream.Stream<SearchResult<Selected<D, O>>, DataError, Connection.Connection> =>
  Stream.unwrap(
    Effect.map(
      Connection.Connection,
      (connection) => searchPages(connection, named(collection), query, untyped(options ?? {})),
    ),
  )

/** One of the searches of a hybrid search. */
export interface SearchPart<D extends CollectionDefinition = AnyDefinition, F extends string = string>
  extends FieldSearchOptions<D, F> {
  /** What is searched for: one query. */
  readonly data: SearchData
}

/** What can be set for a hybrid search. */
export interface HybridOptions extends ReadOptions {
  /** How many hits come in the end. */
  readonly limit: number
  /** How many hits are passed over. */
  readonly offset?: number | undefined
  /** How they are ranked. Default: reciprocal rank fusion (`"rrf"`) with `k` 60. */
  readonly rerank?: Reranker | undefined
  /** To how many decimals scores are rounded. Default: not at all. */
  readonly roundDecimal?: number | undefined
  /** Gives the best hits of each value of this field. */
  readonly groupBy?: string | undefined
  /** How many hits a group has. Default 1. */
  readonly groupSize?: number | undefined
  /** Whether each group has to be full. */
  readonly strictGroupSize?: boolean | undefined
}

/**
 * Searches several fields, and ranks the hits together.
 *
 * @example
 * ```ts ignore
 * const found = yield* Vectors.hybridSearch(Books, [
 *   { field: "vector", data: [[0.1, 0.2, 0.3, 0.4]], limit: 50 },
 *   { field: "terms", data: ["rivers in india"], limit: 50 },
 * ], { limit: 10, rerank: { strategy: "weighted", weights: [0.7, 0.3] } })
 * ```
 */
export const hybridSearch = <
  D extends CollectionDefinition = AnyDefinition,
  const O extends ReadonlyArray<OutputField<D>> = [],
>(
  collection: Collection<D>,
  searches: ReadonlyArray<SearchPart<NoInfer<D>, SearchField<NoInfer<D>>>>,
  options: HybridOptions & { readonly outputFields?: O | undefined },
): Effect.Effect<SearchResult<Selected<D, O>>, DataError, Connection.Connection> =>
  Effect.gen(function* () {
    const connection = yield* Connection.Connection
    yield* tryEncode(() => checkHybrid(connection, collection, searches, options))
    const { limit, offset, roundDecimal = -1, groupBy, groupSize, strictGroupSize, partitions } = options
    const { strategy, functionScore } = yield* ranking(options.rerank ?? { strategy: "rrf" })
    return yield* withSchema(connection, "HybridSearch", collection, options, (definition) =>
      Effect.gen(function* () {
        yield* knowFreshness(connection, collection, options)
        const { outputs, key, bytes } = yield* tryEncode(() => {
          const { outputs, key } = searchOutputs(connection, definition, options.outputFields)
          const { requested: outputFields } = outputs
          const name = nameOf(named(collection))
          const input = readInput(connection, name, { ...options, outputFields }, levelOf(named(collection)))
          const part = { ...input, outputFields: undefined, partitionNames: partitions }
          const bytes = encodeHybridSearch({
            ...input,
            requests: searches.map(({ data, ...one }) => searchInput(connection, definition, data, untyped(one), part)),
            functionScore,
            rankParams: {
              ...strategy,
              ...texts({
                limit,
                offset,
                round_decimal: roundDecimal,
                group_by_field: groupBy,
                group_size: groupSize,
                strict_group_size: strictGroupSize,
              }),
            },
          })
          return { outputs, key, bytes }
        })
        const results = yield* Connection.callEncoded(connection, "HybridSearch", bytes, decodeSearchResults, options)
        return yield* tryEncode(() => found<Selected<D, O>>(collection, definition, key, outputs, results))
      }))
  })

const hybridOptionNames = readNamesWith<HybridOptions>(
  "limit",
  "offset",
  "rerank",
  "roundDecimal",
  "groupBy",
  "groupSize",
  "strictGroupSize",
)

const partNames: ReadonlySet<string> = new Set(["data", ...fieldSearchNames])

/** Refuses what a hybrid search cannot have. Throws `CodecError`. */
const checkHybrid = (
  connection: Connection.Connection,
  collection: Collection,
  searches: unknown,
  options: HybridOptions,
): void => {
  checkCollection(collection)
  checkReadOptions(options ?? {}, hybridOptionNames)
  checkSearch(connection, { limit: options?.limit, offset: options?.offset })
  checkGroups(connection, options)
  if (!Array.isArray(searches) || searches.length === 0) {
    return throwValue("searches", undefined, "a list of at least one search")
  }
  checkReranker(options.rerank, searches.length)
  for (const one of searches) {
    if (typeof one !== "object" || one === null) {
      throwValue("searches", undefined, `objects with data, got ${describeValue(one)}`)
    }
    accepted(checkOptions(one, partNames))
    checkSearch(connection, one)
  }
}

/**
 * Runs with the definition of a collection, again with a newer one if it is outdated, within the timeout of the
 * operation.
 */
const withSchema = <A, R>(
  connection: Connection.Connection,
  method: string,
  collection: Collection,
  options: Connection.CallOptions | undefined,
  run: (definition: AnyDefinition) => Effect.Effect<A, DataError, R>,
): Effect.Effect<A, DataError, R> =>
  bounded(connection, method, options, withDefinition(connection, named(collection), run, mayBeOutdated))

/** Parameters as text; what is `undefined` is left out. */
const texts = (values: Readonly<Record<string, string | number | boolean | undefined>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(values).flatMap(([key, value]) => value === undefined ? [] : [[key, `${value}`]]),
  )

const isDefinition = (collection: Collection): collection is AnyDefinition => typeof collection !== "string"

// Cast: what is looked at is the same for every definition.
const named = (collection: Collection): Named => collection as Named

/** Cast: the types of parameters are for who writes them. */
const untyped = <O extends object>(
  options: O,
): O & { readonly params?: Readonly<Record<string, unknown>> | undefined } => options
