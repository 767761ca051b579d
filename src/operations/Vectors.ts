/**
 * Rows and vectors: in, out, and found.
 *
 * Each operation takes a collection by its definition, from which rows have their types, or by its name, whose definition is
 * then read from the server once. Rows go in as objects or as columns; columns of numbers are the memory of typed arrays,
 * which is copied once. Results are columns; rows are made when they are asked for.
 *
 * @module
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import {
  type ColumnInput,
  decodeQueryResults,
  decodeSearchResults,
  draftInsert,
  draftUpsert,
  encodeHybridSearch,
  encodeQuery,
  encodeSearch,
} from "../codec/mod.ts"
import * as Connection from "../Connection.ts"
import { wrote } from "../data/consistency.ts"
import { definitionOf, type Named, schemaTimestamp, withDefinition } from "../data/definitions.ts"
import { keyOf, selected, type Selection } from "../data/keys.ts"
import { type QueryBatchOptions, queryPages } from "../data/pages.ts"
import { conditionFor, encoded, expressionOf, readInput, type ReadOptions } from "../data/read.ts"
import { type Hit, type QueryResult, queryResult, type SearchResult, searchResult } from "../data/results.ts"
import type { Rows } from "../data/rows.ts"
import {
  type DefaultField,
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
} from "../data/search.ts"
import { type SearchBatchOptions, searchPages } from "../data/searchPages.ts"
import { type BatchOptions, write, WriteFailure, type WriteProgress, type Written } from "../data/write.ts"
import { type CallError, CodecError, type PartialWrite } from "../errors.ts"
import type { Filter } from "../filter.ts"
import type { AnyColumns, AnyRow } from "../schema/columns.ts"
import type { AnyDefinition } from "../schema/decode.ts"
import type { CollectionDefinition, Columns, Insertable, KeyInput, Upsertable } from "../schema/definition.ts"
import type { SearchParamsOf } from "../schema/searchParams.ts"
import type { OutputField, Selected } from "../schema/selection.ts"

export type {
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
  Written,
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
 * What is larger than `batchBytes` goes in several requests, some at once. Where one of them fails after others were
 * acknowledged, the error is `PartialWrite`, which tells which rows those are. A request whose reply was lost is not made again.
 * Rows and columns are read as they are sent, and must not change before the insert ends.
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
): Effect.Effect<Written, DataError | PartialWrite, Connection.Connection> =>
  written("Insert", collection, rows, options, draftInsert)

/** Inserts rows, in place of those with the same primary keys; otherwise as {@linkcode insert}. */
export const upsert = <D extends CollectionDefinition = AnyDefinition>(
  collection: Collection<D>,
  rows: ReadonlyArray<Upsertable<NoInfer<D>>> | Columns<NoInfer<D>>,
  options?: WriteOptions,
): Effect.Effect<Written, DataError | PartialWrite, Connection.Connection> =>
  written("Upsert", collection, rows, options, draftUpsert)

const written = (
  method: "Insert" | "Upsert",
  collection: Collection,
  rows: unknown,
  options: WriteOptions | undefined,
  draft: typeof draftInsert,
): Effect.Effect<Written, DataError | PartialWrite, Connection.Connection> =>
  Effect.gen(function* () {
    const connection = yield* Connection.Connection
    const collectionName = nameOf(collection)
    const run = (definition: AnyDefinition) => {
      const request = {
        collectionName,
        partitionName: options?.partition,
        schemaTimestamp: schemaTimestamp(definition),
      }
      const withKey = method === "Upsert" || definition.options.allowInsertAutoId === true
      const draftRows = (columns: ReadonlyArray<ColumnInput>) => draft({ ...request, columns })
      // Cast: the types of rows are for who writes them; what they are is looked at by field.
      return write(method, definition, rows as ReadonlyArray<AnyRow> | AnyColumns, { withKey }, draftRows, options)
    }
    const result = yield* withDefinition(named(collection), run, ({ isOutdated }) => isOutdated).pipe(
      Effect.mapError((failure) => failure instanceof WriteFailure ? failure.error : failure),
    )
    wrote(connection, collectionName, result.timestamp)
    return result
  })

/** What can be set for {@linkcode delete}. */
export interface DeleteOptions extends Connection.CallOptions {
  /** Only from this partition. */
  readonly partition?: string | undefined
  /** How fresh what the filter sees has to be. */
  readonly consistency?: ReadOptions["consistency"]
}

/** Deletes rows by their primary keys or by a filter, and says how many, as far as the server tells. */
const delete_ = <D extends CollectionDefinition = AnyDefinition>(
  collection: Collection<D>,
  which: Selection<NoInfer<D>>,
  options?: DeleteOptions,
): Effect.Effect<number, DataError, Connection.Connection> =>
  Effect.gen(function* () {
    const connection = yield* Connection.Connection
    const { name, definition } = yield* resolved(collection)
    // As text, which every server reads.
    const expr = yield* encoded(() => expressionOf(selected(definition, which)))
    const { delete_cnt, timestamp } = yield* connection.call("Delete", {
      collection_name: name,
      expr,
      ...(options?.partition === undefined ? {} : { partition_name: options.partition }),
      ...(options?.consistency === undefined ? {} : { consistency_level: options.consistency }),
    }, options)
    wrote(connection, name, timestamp)
    return Number(delete_cnt)
  })

export { delete_ as delete }

/** What can be set for a query. */
export interface QueryOptions extends ReadOptions {
  /** The most rows that come. */
  readonly limit?: number | undefined
  /** How many rows are passed over. */
  readonly offset?: number | undefined
  /** Whether segments that still grow are passed over. Default `false`. */
  readonly ignoreGrowing?: boolean | undefined
}

/** The rows that a filter lets through. Without a filter, a `limit` is wanted. */
export const query = <
  D extends CollectionDefinition = AnyDefinition,
  const O extends ReadonlyArray<OutputField<D>> = ["*"],
>(
  collection: Collection<D>,
  filter: Filter | string | undefined,
  options?: QueryOptions & { readonly outputFields?: O | undefined },
): Effect.Effect<QueryResult<Selected<D, O>>, DataError, Connection.Connection> =>
  Effect.map(queried(nameOf(collection), filter, options), ({ fields, length }) => queryResult(fields, length))

const queried = (collection: string, filter: Filter | string | undefined, options: QueryOptions | undefined) =>
  Effect.gen(function* () {
    const connection = yield* Connection.Connection
    const { limit, offset, ignoreGrowing } = options ?? {}
    const bytes = yield* encoded(() =>
      encodeQuery({
        ...readInput(connection, collection, { outputFields: ["*"], ...options }),
        ...conditionFor(connection, filter),
        queryParams: texts({ limit, offset, ignore_growing: ignoreGrowing }),
      })
    )
    return yield* Connection.exchange(connection, "Query", bytes, decodeQueryResults, options)
  })

/**
 * The rows that a filter lets through, in batches, by growing primary key: for more rows than one reply holds. All batches see the
 * collection as the first did. No row is left out or comes twice, also where the connection is lost between two batches.
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
  Stream.unwrap(Effect.gen(function* () {
    const connection = yield* Connection.Connection
    const { definition } = yield* resolved(collection)
    return queryPages(connection, definition, yield* encoded(() => keyOf(definition)), filter, options)
  }))

/** Rows by their primary keys, in whatever order; keys that are not there give none. */
export const get = <
  D extends CollectionDefinition = AnyDefinition,
  const O extends ReadonlyArray<OutputField<D>> = ["*"],
>(
  collection: Collection<D>,
  ids: ReadonlyArray<KeyInput<NoInfer<D>>>,
  options?: ReadOptions & { readonly outputFields?: O | undefined },
): Effect.Effect<QueryResult<Selected<D, O>>, DataError, Connection.Connection> =>
  ids.length === 0 ? Effect.succeed(queryResult([], 0)) : Effect.gen(function* () {
    const { definition } = yield* resolved(collection)
    return yield* query<D, O>(collection, yield* encoded(() => selected(definition, { ids })), options)
  })

/** How many rows there are, or how many a filter lets through. */
export const count = (
  collection: Collection,
  filter?: Filter | string,
  options?: Omit<ReadOptions, "outputFields">,
): Effect.Effect<number, DataError, Connection.Connection> =>
  Effect.flatMap(
    queried(nameOf(collection), filter, { ...options, outputFields: ["count(*)"] }),
    ({ fields: [column] }) =>
      column?.type === "Int64"
        ? Effect.succeed(Number(column.values[0] ?? 0n))
        : Effect.fail(new CodecError({ field: "count(*)", expected: "a number in the reply" })),
  )

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
    const { definition } = yield* resolved(collection)
    const score = options.rerank === undefined ? undefined : yield* functionScore(options.rerank)
    const [bytes, key] = yield* encoded(() => {
      const request = searchInput(connection, definition, data, untyped(options))
      return [encodeSearch({ ...request, functionScore: score }), keyOf(definition)] as const
    })
    const results = yield* Connection.exchange(connection, "Search", bytes, decodeSearchResults, options)
    return searchResult(results, key)
  })

/**
 * The nearest rows of one query in batches, from the nearest outwards: for more hits than one reply holds. All batches see the
 * collection as the first did, as far as the server says when that was. No hit is left out or comes twice, also where the
 * connection is lost between two batches.
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
  Stream.unwrap(Effect.gen(function* () {
    const connection = yield* Connection.Connection
    const { definition } = yield* resolved(collection)
    const key = yield* encoded(() => keyOf(definition))
    return searchPages(connection, definition, key, query, untyped(options ?? {}))
  }))

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
    const { definition } = yield* resolved(collection)
    const { limit, offset, roundDecimal = -1, groupBy, groupSize, strictGroupSize, partitions } = options
    const { strategy, functionScore } = yield* ranking(options.rerank ?? { strategy: "rrf" })
    const key = yield* encoded(() => keyOf(definition))
    const bytes = yield* encoded(() =>
      encodeHybridSearch({
        ...readInput(connection, definition.name, options),
        requests: searches.map(({ data, ...part }) =>
          searchInput(connection, definition, data, untyped({ ...part, partitions }))
        ),
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
    )
    const results = yield* Connection.exchange(connection, "HybridSearch", bytes, decodeSearchResults, options)
    return searchResult(results, key)
  })

/** Parameters as text; what is `undefined` is left out. */
const texts = (values: Readonly<Record<string, string | number | boolean | undefined>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(values).flatMap(([key, value]) => value === undefined ? [] : [[key, `${value}`]]),
  )

const nameOf = (collection: Collection): string => typeof collection === "string" ? collection : collection.name

// Cast: what is looked at is the same for every definition.
const named = (collection: Collection): Named => collection as Named

/** The definition, under the name that it was asked for by, which may be an alias. */
const resolved = (collection: Collection) =>
  Effect.map(definitionOf(named(collection)), (definition) => {
    const name = nameOf(collection)
    return { name, definition: definition.name === name ? definition : { ...definition, name } }
  })

/** Cast: the types of parameters are for who writes them. */
const untyped = <O extends object>(
  options: O,
): O & { readonly params?: Readonly<Record<string, unknown>> | undefined } => options
