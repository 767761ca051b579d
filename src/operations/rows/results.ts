/** Results of queries and searches, as columns. Row objects and hits are made on demand. */
import type { Bucket, Column, Highlight, Ids, SearchResults } from "../../codec/mod.ts"
import type { AnyRow } from "../../schema/columns.ts"
import type { Status } from "../../codec/messages/milvusStatus.ts"
import { type Cost, costOf } from "./cost.ts"
import type { Selection } from "./outputFields.ts"
import { jsonMethods, makeRows, rowReader, type Rows } from "./rowView.ts"

/** Result of a query. Columns may be views of the reply, and are read-only. */
export interface QueryResult<R> {
  /** Number of rows. */
  readonly length: number
  /**
   * A column for each output field, and for the primary key. Keys of the dynamic field are in its column `$meta`, which
   * may have more keys than were asked for; rows have only those that were.
   */
  readonly columns: ReadonlyArray<Column>
  /** Returns the column of a field; `undefined` if it is not in the result. */
  readonly column: (name: string) => Column | undefined
  /** The rows, made on demand. A row with invalid JSON throws `CodecError` when it is made. */
  readonly rows: Rows<R>
  /** Returns the rows for `JSON.stringify`, as `Json.plain` converts them. */
  readonly toJSON: () => unknown
  /** Cost of the query, as far as the server reports it. */
  readonly cost: Cost
}

/** A hit of a search. */
export interface Hit<R> {
  /** The primary key. */
  readonly id: bigint | string
  /** Distance or similarity, by the metric of the index. */
  readonly score: number
  /** The output fields and the primary key. */
  readonly row: R
  /** Matches of the query in each text field, if the search has a highlighter. */
  readonly highlights?: Readonly<Record<string, HitHighlight>> | undefined
}

/** Matches of a query in a text field of a hit. */
export type HitHighlight = Highlight["hits"][number]

/**
 * Result of a search: the hits of all queries, one query after the other. Arrays may be views of the reply, and are
 * read-only. `[hits]` counts the hits of all queries.
 */
export interface SearchResult<R> {
  /** Primary keys; `[hits]`. */
  readonly ids: Ids
  /** Scores; `[hits]`. */
  readonly scores: Float32Array
  /** Number of hits of each query; `[queries]`. */
  readonly counts: Uint32Array
  /** A column for each output field; `[hits]`. Keys of the dynamic field are in its column, as in a query. */
  readonly columns: ReadonlyArray<Column>
  /** Returns the column of a field; `undefined` if it is not in the result. */
  readonly column: (name: string) => Column | undefined
  /**
   * Returns the hits of a query, made on demand.
   *
   * @param query Position of the query in `data`. Default 0.
   */
  readonly hits: (query?: number) => Rows<Hit<R>>
  /**
   * Returns the buckets of a query, if the search has an aggregation; else none.
   *
   * @param query Position of the query in `data`. Default 0.
   */
  readonly buckets: (query?: number) => ReadonlyArray<Bucket>
  /** Returns the hits of each query for `JSON.stringify`, as `Json.plain` converts them. */
  readonly toJSON: () => unknown
  /** Cost of the search, as far as the server reports it. */
  readonly cost: Cost
  /** The whole reply, with the values that hits were grouped by, recalls and so on. */
  readonly reply: SearchResults
}

/** Builds the result of a query from the selected part of its reply. */
export const queryResult = <R>(
  { columns, dynamicKeys }: Selection,
  length: number,
  status: Status | undefined,
): QueryResult<R> => {
  const rows = () => {
    const read = rowReader(columns, dynamicKeys)
    // Cast: the type of rows follows from the definition.
    return makeRows(length, (row) => read(row) as R)
  }
  return {
    length,
    columns,
    column: (name) => findColumn(columns, name),
    get rows() {
      return rows()
    },
    ...jsonMethods(() => rows().toArray()),
    cost: status === undefined ? costOf() : costOf(status),
  }
}

/** Builds the result of a search. Every row has the primary key, which servers send next to the fields. */
export const searchResult = <R>(
  reply: SearchResults,
  { columns, dynamicKeys }: Selection,
  key: string,
  cost: Cost = costOf(reply.status),
): SearchResult<R> => {
  const { ids, scores, topks, highlights } = reply
  let read: ((row: number) => AnyRow) | undefined
  let starts: Uint32Array | undefined
  const hits = (query = 0): Rows<Hit<R>> => {
    const start = (starts ??= startsOf(topks))[query] ?? 0
    const reader = read ??= rowReader(columns, dynamicKeys)
    return makeRows(topks[query] ?? 0, (hit) => {
      const id = ids[start + hit]!
      // Cast: the type of rows follows from the definition.
      const found = { id, score: scores[start + hit]!, row: { ...reader(start + hit), [key]: id } as R }
      return highlights.length === 0 ? found : { ...found, highlights: highlightsAt(highlights, start + hit) }
    })
  }
  return {
    ids,
    scores,
    counts: topks,
    columns,
    column: (name) => findColumn(columns, name),
    hits,
    buckets: (query = 0) => bucketsOf(reply, query),
    ...jsonMethods(() => Array.from(topks, (_, query) => hits(query).toArray())),
    cost,
    reply,
  }
}

/** Returns where the hits of each query start. */
const startsOf = (counts: Uint32Array): Uint32Array => {
  const starts = new Uint32Array(counts.length + 1)
  counts.forEach((count, query) => starts[query + 1] = starts[query]! + count)
  return starts
}

const findColumn = (columns: ReadonlyArray<Column>, name: string): Column | undefined =>
  columns.find(({ fieldName }) => fieldName === name)

const highlightsAt = (highlights: ReadonlyArray<Highlight>, hit: number): Readonly<Record<string, HitHighlight>> =>
  Object.fromEntries(highlights.map(({ fieldName, hits }) => [fieldName, hits[hit]!]))

const bucketsOf = ({ buckets, bucketCounts }: SearchResults, query: number): ReadonlyArray<Bucket> => {
  if (bucketCounts.length === 0) return query === 0 ? buckets : []
  const start = bucketCounts.subarray(0, query).reduce((sum, count) => sum + count, 0)
  return buckets.slice(start, start + (bucketCounts[query] ?? 0))
}
