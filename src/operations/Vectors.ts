/**
 * Rows and vectors of collections: insert, upsert, delete, query and search.
 *
 * Each operation takes a collection by its definition, from which the types of rows follow, or by its name or alias.
 * The definition of a name is read from the server (`DescribeCollection`) once, and cached for the connection. Rows are
 * objects or columns; a typed array of a column is copied once, into the request. Results are columns; row objects are
 * made on demand.
 *
 * All arguments are checked before the request is sent. An operation fails with {@linkcode DataError}: a `CodecError`
 * if an argument or a reply does not fit the definition, and else a `CallError`.
 *
 * @module
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type * as Connection from "../Connection.ts"
import type { PartialWrite } from "../errors.ts"
import type { Filter } from "../filter/Filter.ts"
import type { AnyDefinition } from "../schema/decodeSchema.ts"
import type {
  CollectionDefinition,
  Columns,
  Insertable,
  KeyInput,
  PartialColumns,
  PartialRow,
  Upsertable,
  UpsertColumns,
} from "../schema/definition.ts"
import type { Aggregated, AggregateOutput, ArrayName, FieldName, OutputField, Selected } from "../schema/selection.ts"
import type { DefaultField, SearchField, SearchOptions } from "./rows/buildSearch.ts"
import type { QueryVector, SearchData } from "./rows/searchQueries.ts"
import type { All, ByFilter, ByIds } from "./rows/primaryKey.ts"
import { type QueryBatchOptions, queryPages } from "./rows/queryIterator.ts"
import type { DataError, ReadOptions } from "./rows/read.ts"
import type { QueryResult, SearchResult } from "./rows/results.ts"
import { type DeleteOptions, runDelete } from "./rows/runDelete.ts"
import type { AggregateOptions, GetOptions, QueryOptions } from "./rows/runQuery.ts"
import { runAggregate, runCount, runGet, runQuery } from "./rows/runQuery.ts"
import { type HybridOptions, runHybridSearch, runSearch, type SearchPart } from "./rows/runSearch.ts"
import { type PartialUpsertOptions, runWrite, type WriteOptions } from "./rows/runWrite.ts"
import { type SearchBatchOptions, searchPages } from "./rows/searchIterator.ts"
import type { WriteResult } from "./rows/write.ts"
import { currentConnection } from "./shared/currentConnection.ts"
import type { CollectionRef } from "./shared/collectionRef.ts"
import { operation, streamOperation } from "./shared/operation.ts"
import { deleted, found, returned, written } from "./shared/amounts.ts"

export type * from "./rows/publicTypes.ts"
export { calcDistance, type DistanceVectors } from "./rows/calcDistance.ts"
export { getResolver } from "./rows/gatherGet.ts"
export { searchResolver } from "./rows/gatherSearch.ts"

/** A collection, by its definition or by its name, which may be an alias. */
export type Collection<D extends CollectionDefinition = CollectionDefinition> = D | string

/**
 * Inserts rows, given as objects or as columns.
 *
 * - Rows are an array of objects (`rows.toArray()` of a query, `[...rows]` of any other iterable). Each field is a
 *   property of its name; `undefined` counts as absent. Columns are an object with an array or a typed array for each
 *   field; vectors in a typed array have the shape `[rows, dimension]`.
 * - All rows are checked before the first request. `CodecError` names the field and the row of the first value that
 *   does not fit: a key that is not a field, a value of another type or out of range, a text or an array that is too
 *   long, columns of unequal length. Nothing is dropped or changed, except that numbers are rounded to the nearest
 *   value of a float field; those that would become infinite are refused. NaN and infinity are sent unchanged; the
 *   server may refuse them. With `allowInsertAutoId`, either all rows have a key or none.
 * - Rows that exceed `batchBytes` are sent in several requests, `concurrency` of them at a time. Rows and columns must
 *   not change before the insert ends, since vectors are read when they are sent.
 *
 * Calls `Insert` for each batch. A request is repeated only if it was not sent, or was refused before anything was
 * done; never if its reply was lost. Milvus 2.3 and later.
 *
 * Not atomic over several batches. If a batch fails after others were acknowledged, the insert fails with
 * `PartialWrite`, which has the acknowledged rows; these stay on the server. If the effect is interrupted,
 * `onInterrupt` receives the same. A reply that does not acknowledge every row is a `CodecError`.
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
  operation("Vectors.insert", collection, options, runWrite("Insert", refOf(collection), rows, options), written)

/**
 * Inserts rows and replaces those with the same primary keys. Takes rows, and fails, as {@linkcode insert} does.
 *
 * A row is replaced as a whole: a nullable field that is left out becomes `null`, a field with a default gets its
 * default, and dynamic keys that are left out are removed. (milvus-lite 3.2.2 keeps dynamic keys that are left out.)
 *
 * Calls `Upsert` for each batch. Milvus 2.3 and later. Not atomic over several batches: after `PartialWrite` the
 * acknowledged rows are replaced. To upsert the same rows with given keys again is safe.
 */
export const upsert = <D extends CollectionDefinition = AnyDefinition>(
  collection: Collection<D>,
  rows: ReadonlyArray<Upsertable<NoInfer<D>>> | UpsertColumns<NoInfer<D>>,
  options?: WriteOptions,
): Effect.Effect<WriteResult, DataError | PartialWrite, Connection.Connection> =>
  operation("Vectors.upsert", collection, options, runWrite("Upsert", refOf(collection), rows, options), written)

/**
 * Writes some fields of rows: those with the same primary keys keep the values of their other fields, and rows with new
 * keys are inserted, if the fields that are left out are nullable or have a default.
 *
 * All rows have values for the same fields, those of the first row; `null` is a value. Dynamic keys are added to those
 * of the row. Otherwise it takes rows, and fails, as {@linkcode insert} does.
 *
 * Calls `Upsert` for each batch. Milvus 2.6.1 and later; not milvus-lite, which would replace the rows (`Unsupported`).
 * Not atomic over several batches. To append or remove elements again is not safe if a reply was lost.
 *
 * @example
 * ```ts ignore
 * yield* Vectors.partialUpsert(Books, [{ id: 7, title: "Emma" }])
 * yield* Vectors.partialUpsert(Books, [{ id: 7, tags: ["novel"] }], { fieldOperations: { tags: "ArrayAppend" } })
 * ```
 */
export const partialUpsert = <D extends CollectionDefinition = AnyDefinition>(
  collection: Collection<D>,
  rows: ReadonlyArray<PartialRow<NoInfer<D>>> | PartialColumns<NoInfer<D>>,
  options?: PartialUpsertOptions<ArrayName<NoInfer<D>>>,
): Effect.Effect<WriteResult, DataError | PartialWrite, Connection.Connection> =>
  operation(
    "Vectors.partialUpsert",
    collection,
    options,
    runWrite("PartialUpsert", refOf(collection), rows, options),
    written,
  )

/**
 * Deletes rows by their primary keys or by a filter, and returns their number, as far as the server reports it.
 *
 * `{ ids: [] }` deletes nothing and calls nothing. A blank filter is refused; `{ all: true }` deletes all rows.
 *
 * Calls `Delete` once; for `ids` and `all` it needs the definition of the collection. Milvus 2.3 and later. Fails with
 * `CodecError` if the primary key of the definition is not that of the collection on the server.
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
  operation("Vectors.delete", collection, options, runDelete(refOf(collection), which, options), deleted)

export { delete_ as delete }

/**
 * Returns the rows that match a filter. Without a filter, which includes one that is `undefined` or blank, it needs a
 * `limit`.
 *
 * Calls `Query`. Milvus 2.3 and later. Milvus returns at most 16,384 rows, `offset` included; use
 * {@linkcode queryBatches} for more. Fails with `CodecError` if the fields in the reply are not those of the
 * definition.
 */
export const query = <
  D extends CollectionDefinition = AnyDefinition,
  const O extends ReadonlyArray<OutputField<D>> = ["*"],
>(
  collection: Collection<D>,
  filter: Filter | string | undefined,
  options?: QueryOptions & { readonly outputFields?: O | undefined },
): Effect.Effect<QueryResult<Selected<D, O>>, DataError, Connection.Connection> =>
  operation("Vectors.query", collection, options, runQuery(refOf(collection), filter, options), returned)

/**
 * Returns aggregates of groups of rows: `count` (a `bigint`), `sum`, `avg`, `min` and `max`.
 *
 * Calls `Query`. Milvus 3.0 and later; older servers and milvus-lite are not called (`Unsupported`). Fails with
 * `CodecError` if an output is not in the reply.
 *
 * @example
 * ```ts ignore
 * const { rows } = yield* Vectors.aggregate(Books, undefined, {
 *   groupBy: ["genre"],
 *   outputFields: ["genre", "count(*)", "max(year)"],
 * })
 * ```
 */
export const aggregate = <
  D extends CollectionDefinition,
  const O extends ReadonlyArray<AggregateOutput<D>>,
>(
  collection: Collection<D>,
  filter: Filter | string | undefined,
  options: AggregateOptions & {
    readonly groupBy?: ReadonlyArray<FieldName<NoInfer<D>>> | undefined
    /** Fields of `groupBy` and aggregates, at least one. */
    readonly outputFields: O
  },
): Effect.Effect<QueryResult<Aggregated<D, O>>, DataError, Connection.Connection> =>
  operation("Vectors.aggregate", collection, options, runAggregate(refOf(collection), filter, options), returned)

/**
 * Emits the rows that match a filter in batches, ordered by primary key, for more rows than one reply holds. No row is
 * left out or returned twice, even if the connection is lost between two batches.
 *
 * If the server reports when the first batch was read (Milvus 2.4 and later), the others are read as of that time. On
 * other servers, rows that are written meanwhile are included if their keys are ahead. The stream fails with
 * `CodecError` if the collection is dropped or replaced by another one meanwhile; switching an alias does not affect a
 * stream that has begun.
 *
 * Calls `Query` for each batch, and `DescribeCollection` unless the definition is cached; before Milvus 2.5
 * `DescribeCollection` in any case, and before 2.4 `AllocTimestamp` if the level is `Strong`. Milvus 2.3 and later.
 * `timeout` applies to each batch.
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
  streamOperation(
    "Vectors.queryBatches",
    collection,
    options,
    Stream.unwrap(
      Effect.map(
        currentConnection(options),
        (connection) => queryPages(connection, refOf(collection), filter, options),
      ),
    ),
    returned,
  )

/**
 * Returns rows by their primary keys, in any order. Keys that do not exist have no row; no keys call nothing.
 *
 * Calls `Query`, and needs the definition of the collection. Milvus 2.3 and later. Fails with `CodecError` if a key is
 * not of the type of the primary key.
 */
export const get = <
  D extends CollectionDefinition = AnyDefinition,
  const O extends ReadonlyArray<OutputField<D>> = ["*"],
>(
  collection: Collection<D>,
  ids: ReadonlyArray<KeyInput<NoInfer<D>>>,
  options?: GetOptions & { readonly outputFields?: O | undefined },
): Effect.Effect<QueryResult<Selected<D, O>>, DataError, Connection.Connection> =>
  operation("Vectors.get", collection, options, runGet(refOf(collection), ids, options), returned)

/**
 * Returns the number of rows, or of those that match a filter. A filter that is `undefined` or blank matches all rows.
 *
 * Calls `Query` for `count(*)`. Milvus 2.3 and later.
 */
export const count = (
  collection: Collection,
  filter?: Filter | string,
  options?: Omit<ReadOptions, "outputFields">,
): Effect.Effect<number, DataError, Connection.Connection> =>
  operation("Vectors.count", collection, options, runCount(refOf(collection), filter, options))

/**
 * Searches for the nearest rows of each query.
 *
 * `data` has one entry for each query: vectors of shape `[dimension]`, texts (for a field that a function computes,
 * Milvus 2.5 and later), lists of vectors (for a vector of an array of structs, Milvus 2.6.4 and later), columns of the
 * codec, or primary keys (Milvus 2.6.9 and later). Hits of all queries are in one result, one query after the other.
 *
 * Calls `Search`, and needs the definition of the collection. Milvus 2.3 and later; a server that is too old for an
 * option is not called (`Unsupported`). The collection has to be loaded. Fails with `CodecError` if the data or the
 * options do not fit the definition.
 *
 * @example
 * ```ts ignore
 * const found = yield* Vectors.search(Books, [[0.1, 0.2, 0.3, 0.4]], {
 *   limit: 10,
 *   filter: filter`year > ${1900}`,
 *   outputFields: ["title"],
 * })
 * for (const { score, row } of found.hits()) console.log(score, row.title)
 *
 * // A question of two vectors, compared with all vectors of each row by MAX_SIM.
 * yield* Vectors.search(Articles, [[[0.1, 0.2], [0.3, 0.4]]], { field: "chunks[vector]", limit: 10 })
 *
 * // The best books of each genre, with the average of their prices.
 * const sorted = yield* Vectors.search(Books, [[0.1, 0.2, 0.3, 0.4]], {
 *   limit: 100,
 *   aggregation: { fields: ["genre"], size: 5, metrics: { price: "avg(price)" }, topHits: { size: 3 } },
 * })
 * for (const { key, count, metrics, hits } of sorted.buckets()) console.log(key.genre, count, metrics.price, hits)
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
  operation("Vectors.search", collection, options, runSearch(refOf(collection), data, widen(options ?? {})), found)

/**
 * Emits the nearest rows of one query in batches, from the nearest outwards, for more hits than one reply holds. No hit
 * is left out or returned twice, even if the connection is lost between two batches.
 *
 * Later writes, and a collection that is replaced, affect the stream as {@linkcode queryBatches} describes.
 *
 * Calls `Search` for each batch, the RPCs of {@linkcode queryBatches} for the definition, and `DescribeIndex` if
 * neither `metric` nor the scores show whether smaller scores are nearer. Uses the iterators of Milvus 2.5 and later;
 * on older servers each batch is a range search. Milvus 2.3 and later. `timeout` applies to each batch.
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
  streamOperation(
    "Vectors.searchBatches",
    collection,
    options,
    Stream.unwrap(
      Effect.map(
        currentConnection(options),
        (connection) => searchPages(connection, refOf(collection), query, widen(options ?? {})),
      ),
    ),
    found,
  )

/**
 * Runs several searches, each of one query, and ranks their hits together.
 *
 * Calls `HybridSearch`, and needs the definition of the collection. Milvus 2.4 and later; a server that is too old for
 * it, or for an option, is not called (`Unsupported`). Fails with `CodecError` if a search or the options do not fit
 * the definition.
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
  options: HybridOptions<NoInfer<D>> & { readonly outputFields?: O | undefined },
): Effect.Effect<SearchResult<Selected<D, O>>, DataError, Connection.Connection> =>
  operation(
    "Vectors.hybridSearch",
    collection,
    options,
    runHybridSearch(refOf(collection), searches, widen(options)),
    found,
  )

/** Cast: operations handle every definition alike; only the caller needs the types of its fields. */
const refOf = (collection: Collection): CollectionRef => collection as CollectionRef

/** Widens the type of `params`, whose names depend on the definition only for the caller. */
const widen = <O extends object>(
  options: O,
): O & { readonly params?: Readonly<Record<string, unknown>> | undefined } => options
