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
  encodeHybridSearch,
  encodeInsert,
  encodeQuery,
  encodeSearch,
  encodeUpsert,
  type Queries,
  type SearchInput,
  searchParams,
} from "../codec/mod.ts"
import * as Connection from "../Connection.ts"
import { definitionOf, type Named, withDefinition } from "../data/definitions.ts"
import { conditionFor, encoded, expressionOf, readInput, type ReadOptions } from "../data/read.ts"
import { type PageOptions, queryPages } from "../data/pages.ts"
import { type Hit, type QueryResult, queryResult, type SearchResult, searchResult } from "../data/results.ts"
import type { Rows } from "../data/rows.ts"
import { type BatchOptions, write, type WriteProgress, type Written } from "../data/write.ts"
import { type CallError, CodecError, type PartialWrite } from "../errors.ts"
import { type Filter, filter as tag } from "../filter.ts"
import type { AnyColumns, AnyRow } from "../schema/columns.ts"
import type { AnyDefinition } from "../schema/decode.ts"
import type {
  CollectionDefinition,
  Columns,
  Insertable,
  KeyInput,
  KeyName,
  Row,
  Upsertable,
} from "../schema/definition.ts"
import type { SearchParamsOf } from "../schema/searchParams.ts"

export type { Hit, QueryResult, ReadOptions, Rows, SearchParamsOf, SearchResult, WriteProgress, Written }

/** A collection by its definition, or by its name. */
export type Collection<D extends CollectionDefinition = CollectionDefinition> = D | string

/** What reading or writing can fail with. */
export type DataError = CallError | CodecError

/** What can be set for a write. */
export interface WriteOptions extends BatchOptions {
  /** The partition that the rows go to. Default: `_default`, or as the partition key says. */
  readonly partition?: string | undefined
}

/** The names of fields that a row may come with. */
type FieldName<D extends CollectionDefinition> = (keyof Row<D> & string) | "*" | (string & Record<never, never>)

/**
 * Inserts rows, given as objects or as columns.
 *
 * What is larger than `batchBytes` goes in several requests, some at once. Where one of them fails after others were
 * acknowledged, the error is `PartialWrite`, which tells which rows those are. A request whose reply was lost is not made again.
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
  withDefinition(named(collection), (definition) => {
    const encode = (columns: ReadonlyArray<ColumnInput>) =>
      encodeInsert({ collectionName: definition.name, partitionName: options?.partition, columns })
    const withKey = definition.options.allowInsertAutoId === true
    return write("Insert", definition, untyped(rows), { withKey }, encode, options)
  })

/** Inserts rows, in place of those with the same primary keys; otherwise as {@linkcode insert}. */
export const upsert = <D extends CollectionDefinition = AnyDefinition>(
  collection: Collection<D>,
  rows: ReadonlyArray<Upsertable<NoInfer<D>>> | Columns<NoInfer<D>>,
  options?: WriteOptions,
): Effect.Effect<Written, DataError | PartialWrite, Connection.Connection> =>
  withDefinition(named(collection), (definition) => {
    const encode = (columns: ReadonlyArray<ColumnInput>) =>
      encodeUpsert({ collectionName: definition.name, partitionName: options?.partition, columns })
    return write("Upsert", definition, untyped(rows), { withKey: true }, encode, options)
  })

/** Which rows are meant: by their primary keys, or by a filter. */
export type Selection<D extends CollectionDefinition = AnyDefinition> =
  | { readonly ids: ReadonlyArray<KeyInput<D>> }
  | { readonly filter: Filter | string }

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
  withDefinition(named(collection), (definition) =>
    Effect.gen(function* () {
      const connection = yield* Connection.Connection
      // As text, which every server reads.
      const expr = yield* expressionOf(yield* selected(definition, which))
      const { delete_cnt } = yield* connection.call("Delete", {
        collection_name: definition.name,
        expr,
        ...(options?.partition === undefined ? {} : { partition_name: options.partition }),
        ...(options?.consistency === undefined ? {} : { consistency_level: options.consistency }),
      }, options)
      return Number(delete_cnt)
    }))

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

/** What a row has of the fields that were asked for. */
export type Selected<D extends CollectionDefinition, O extends ReadonlyArray<string>> = "*" extends O[number] ? Row<D>
  : { readonly [K in keyof Row<D> as K extends O[number] | KeyName<D> ? K : never]: Row<D>[K] }

/** The rows that a filter lets through. Without a filter, a `limit` is wanted. */
export const query = <
  D extends CollectionDefinition = AnyDefinition,
  const O extends ReadonlyArray<FieldName<D>> = ["*"],
>(
  collection: Collection<D>,
  filter: Filter | string | undefined,
  options?: QueryOptions & { readonly outputFields?: O | undefined },
): Effect.Effect<QueryResult<Selected<D, O>>, DataError, Connection.Connection> =>
  Effect.gen(function* () {
    const connection = yield* Connection.Connection
    const condition = yield* conditionFor(connection, filter)
    const { limit, offset, ignoreGrowing } = options ?? {}
    const bytes = yield* encoded(() =>
      encodeQuery({
        ...readInput(named(collection, "name"), { outputFields: ["*"], ...options }),
        ...condition,
        queryParams: [
          ...(limit === undefined ? [] : [["limit", `${limit}`] as const]),
          ...(offset === undefined ? [] : [["offset", `${offset}`] as const]),
          ...(ignoreGrowing === undefined ? [] : [["ignore_growing", `${ignoreGrowing}`] as const]),
        ],
      })
    )
    const { fields, length } = yield* Connection.exchange(connection, "Query", bytes, decodeQueryResults, options)
    return queryResult<Selected<D, O>>(fields, length)
  })

/** What can be set for {@linkcode queryBatches}. */
export type QueryBatchOptions = PageOptions

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
  const O extends ReadonlyArray<FieldName<D>> = ["*"],
>(
  collection: Collection<D>,
  filter?: Filter | string,
  options?: QueryBatchOptions & { readonly outputFields?: O | undefined },
): Stream.Stream<QueryResult<Selected<D, O>>, DataError, Connection.Connection> =>
  Stream.unwrap(Effect.gen(function* () {
    const connection = yield* Connection.Connection
    const definition = yield* definitionOf(named(collection))
    const key = yield* keyOf(definition)
    return queryPages<Selected<D, O>>(connection, definition, key, filter, options)
  }))

/** Rows by their primary keys, in whatever order; keys that are not there give none. */
export const get = <
  D extends CollectionDefinition = AnyDefinition,
  const O extends ReadonlyArray<FieldName<D>> = ["*"],
>(
  collection: Collection<D>,
  ids: ReadonlyArray<KeyInput<NoInfer<D>>>,
  options?: ReadOptions & { readonly outputFields?: O | undefined },
): Effect.Effect<QueryResult<Selected<D, O>>, DataError, Connection.Connection> =>
  ids.length === 0
    ? Effect.succeed(queryResult<Selected<D, O>>([], 0))
    : Effect.flatMap(definitionOf(named(collection)), (definition) =>
      Effect.flatMap(selected(definition, { ids }), (filter) =>
        query<D, O>(collection, filter, options)))

/** How many rows there are, or how many a filter lets through. */
export const count = (
  collection: Collection,
  filter?: Filter | string,
  options?: Omit<ReadOptions, "outputFields">,
): Effect.Effect<number, DataError, Connection.Connection> =>
  Effect.flatMap(
    query(collection, filter, { ...options, outputFields: ["count(*)"] }),
    ({ columns: [column] }) =>
      column?.type === "Int64"
        ? Effect.succeed(Number(column.values[0] ?? 0n))
        : Effect.fail(new CodecError({ field: "count(*)", expected: "a number in the reply" })),
  )

/** Vectors to search for: some of them, or texts for full text search. */
export type SearchData =
  | ReadonlyArray<ReadonlyArray<number> | Float32Array | Float64Array | Uint8Array | Int8Array>
  | ReadonlyArray<string>
  | Queries

/** What can be set for a search. */
export interface SearchOptions extends ReadOptions {
  /** The vector field that is searched; needed where there are several. */
  readonly field?: string | undefined
  /** How many hits each query gets. */
  readonly limit: number
  /** How many hits are passed over. */
  readonly offset?: number | undefined
  /** Only rows that it lets through. */
  readonly filter?: Filter | string | undefined
  /** Parameters of the index, such as `{ ef: 64 }`; `radius` and `range_filter` make it a search of a range. */
  readonly params?: Readonly<Record<string, unknown>> | undefined
  /** The metric; that of the index where it is left out. */
  readonly metric?: string | undefined
  /** Gives the best hits of each value of this field. */
  readonly groupBy?: string | undefined
  /** How many hits a group has. Default 1. */
  readonly groupSize?: number | undefined
  /** Whether each group has to be full. */
  readonly strictGroupSize?: boolean | undefined
  /** To how many decimals scores are rounded. */
  readonly roundDecimal?: number | undefined
  /** Whether segments that still grow are passed over. Default `false`. */
  readonly ignoreGrowing?: boolean | undefined
}

/** Searches for the nearest rows of each query. */
export const search = <
  D extends CollectionDefinition = AnyDefinition,
  const O extends ReadonlyArray<FieldName<D>> = [],
>(
  collection: Collection<D>,
  data: SearchData,
  options: SearchOptions & { readonly outputFields?: O | undefined },
): Effect.Effect<SearchResult<Selected<D, O>>, DataError, Connection.Connection> =>
  Effect.gen(function* () {
    const connection = yield* Connection.Connection
    const request = yield* searchInput(connection, collection, data, options)
    const bytes = yield* encoded(() => encodeSearch(request))
    const results = yield* Connection.exchange(connection, "Search", bytes, decodeSearchResults, options)
    return searchResult<Selected<D, O>>(results)
  })

/** How hits of several searches are ranked together. */
export type Reranker =
  | { readonly strategy: "rrf"; readonly k?: number | undefined }
  | { readonly strategy: "weighted"; readonly weights: ReadonlyArray<number>; readonly normalize?: boolean | undefined }

/** One of the searches of a hybrid search. */
export interface SearchPart extends Omit<SearchOptions, keyof ReadOptions> {
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
  /** To how many decimals scores are rounded. */
  readonly roundDecimal?: number | undefined
}

/** Searches several fields, and ranks the hits together. */
export const hybridSearch = <
  D extends CollectionDefinition = AnyDefinition,
  const O extends ReadonlyArray<FieldName<D>> = [],
>(
  collection: Collection<D>,
  searches: ReadonlyArray<SearchPart>,
  options: HybridOptions & { readonly outputFields?: O | undefined },
): Effect.Effect<SearchResult<Selected<D, O>>, DataError, Connection.Connection> =>
  Effect.gen(function* () {
    const connection = yield* Connection.Connection
    const requests = yield* Effect.forEach(
      searches,
      ({ data, ...part }) => searchInput(connection, collection, data, { ...part, partitions: options.partitions }),
    )
    const { limit, offset, roundDecimal = -1, rerank = { strategy: "rrf" } } = options
    const { strategy, ...params } = rerank.strategy === "rrf"
      ? { strategy: "rrf", k: rerank.k ?? 60 }
      : { strategy: "weighted", weights: rerank.weights, norm_score: rerank.normalize ?? true }
    const bytes = yield* encoded(() =>
      encodeHybridSearch({
        ...readInput(named(collection, "name"), options),
        requests,
        rankParams: [
          ["strategy", strategy],
          ["params", JSON.stringify(params)],
          ["limit", `${limit}`],
          ["round_decimal", `${roundDecimal}`],
          ...(offset === undefined ? [] : [["offset", `${offset}`] as const]),
        ],
      })
    )
    const results = yield* Connection.exchange(connection, "HybridSearch", bytes, decodeSearchResults, options)
    return searchResult<Selected<D, O>>(results)
  })

const searchInput = (
  connection: Connection.Connection,
  collection: Collection,
  data: SearchData,
  options: SearchOptions,
): Effect.Effect<SearchInput, DataError, Connection.Connection> =>
  Effect.gen(function* () {
    const queries = yield* queriesOf(collection, data, options.field)
    const condition = yield* conditionFor(connection, options.filter)
    const { field, limit, offset, params, metric, roundDecimal, ignoreGrowing } = options
    const { groupBy, groupSize, strictGroupSize } = options
    return {
      ...readInput(named(collection, "name"), options),
      ...condition,
      queries,
      searchParams: yield* encoded(() =>
        searchParams({
          field,
          limit,
          offset,
          params,
          metricType: metric,
          roundDecimal,
          ignoreGrowing,
          groupByField: groupBy,
          groupSize,
          strictGroupSize,
        })
      ),
    }
  })

/** Vectors take the type of the field that is searched. */
const queriesOf = (
  collection: Collection,
  data: SearchData,
  field: string | undefined,
): Effect.Effect<Queries, DataError, Connection.Connection> => {
  if (!isList(data)) return Effect.succeed(data)
  // Cast: a list of texts, by its first.
  if (typeof data[0] === "string") return Effect.succeed({ type: "VarChar", values: data as ReadonlyArray<string> })
  return Effect.flatMap(definitionOf(named(collection)), ({ fields, name }) => {
    const vectors = Object.entries(fields).filter(([, { type }]) => type.endsWith("Vector"))
    const found = field === undefined ? vectors[0] : vectors.find(([name]) => name === field)
    if (found === undefined) {
      return Effect.fail(new CodecError({ field: field ?? name, expected: `a vector field of "${name}"` }))
    }
    const [, { type, options }] = found
    // Cast: each vector is looked at where it is encoded.
    return Effect.succeed({ type, dimension: options.dimension, rows: data } as Queries)
  })
}

const isList = (data: SearchData): data is Exclude<SearchData, Queries> => Array.isArray(data)

/** The filter of a selection. */
const selected = (
  definition: AnyDefinition,
  which: { readonly ids: ReadonlyArray<unknown> } | { readonly filter: Filter | string },
): Effect.Effect<Filter | string, CodecError> =>
  "filter" in which
    ? Effect.succeed(which.filter)
    // Cast: keys are numbers or texts; the filter refuses what is neither.
    : Effect.map(keyOf(definition), (key) => tag`${tag.field(key)} in ${which.ids as ReadonlyArray<number>}`)

/** The name of the primary key. */
const keyOf = ({ fields, name }: AnyDefinition): Effect.Effect<string, CodecError> => {
  const key = Object.keys(fields).find((field) => fields[field]?.options.primaryKey === true)
  return key === undefined
    ? Effect.fail(new CodecError({ field: name, expected: "a primary key" }))
    : Effect.succeed(key)
}

function named(collection: Collection): Named
function named(collection: Collection, what: "name"): string
function named(collection: Collection, what?: "name"): Named | string {
  if (what === "name") return typeof collection === "string" ? collection : collection.name
  // Cast: what is looked at is the same for every definition.
  return collection as Named
}

/** Cast: the types of rows are for who writes them; what they are is looked at by field. */
const untyped = (rows: unknown): ReadonlyArray<AnyRow> | AnyColumns => rows as ReadonlyArray<AnyRow> | AnyColumns
