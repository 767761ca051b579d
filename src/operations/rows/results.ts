/** What was found, by columns; rows and hits are objects that are made when somebody asks for them. */
import type { Column, Ids, SearchResults } from "../../codec/mod.ts"
import type { AnyRow } from "../../schema/columns.ts"
import type { Selection } from "./outputFields.ts"
import { inJson, makeRows, rowReader, type Rows } from "./rowView.ts"

/** Rows of a query. Columns may be views of the reply, and are read-only. */
export interface QueryResult<R> {
  /** How many rows there are. */
  readonly length: number
  /**
   * A column for each field that was asked for, and the primary key. Keys of the dynamic field are in its column,
   * `$meta`, for which servers may send more keys than were asked for; rows have only those that were.
   */
  readonly columns: ReadonlyArray<Column>
  /** A column by its field. */
  readonly column: (name: string) => Column | undefined
  /** The rows, made one by one. One with JSON that is none throws `CodecError` when it is made. */
  readonly rows: Rows<R>
  /** For `JSON.stringify`: the rows as `Json.plain` makes them. */
  readonly toJSON: () => unknown
}

/** A hit: its row, and what it is worth. */
export interface Hit<R> {
  /** The primary key. */
  readonly id: bigint | string
  /** How near it is, in the metric of the index. */
  readonly score: number
  /** The fields that were asked for. */
  readonly row: R
}

/** Hits of all queries, one after the other. Arrays may be views of the reply, and are read-only. */
export interface SearchResult<R> {
  /** The primary keys of all hits; `[hits]`. */
  readonly ids: Ids
  /** The scores of all hits; `[hits]`. */
  readonly scores: Float32Array
  /** How many hits each query has; `[queries]`. */
  readonly counts: Uint32Array
  /**
   * A column for each field that was asked for; `[hits]`. Keys of the dynamic field are in its column, as in a query.
   */
  readonly columns: ReadonlyArray<Column>
  /** A column by its field. */
  readonly column: (name: string) => Column | undefined
  /** The hits of a query (0 by default), made one by one, as rows of a query are. */
  readonly hits: (query?: number) => Rows<Hit<R>>
  /** For `JSON.stringify`: the hits of each query as `Json.plain` makes them. */
  readonly toJSON: () => unknown
  /** All that the server said: the values that hits were grouped by, highlights, recalls and so on. */
  readonly reply: SearchResults
}

/** The result of a query out of the part of its reply that was asked for. */
export const queryResult = <R>({ columns, dynamicKeys }: Selection, length: number): QueryResult<R> => {
  const rows = () => {
    const read = rowReader(columns, dynamicKeys)
    // Cast: the definition says what its rows are.
    return makeRows(length, (row) => read(row) as R)
  }
  return {
    length,
    columns,
    column: (name) => columnNamed(columns, name),
    get rows() {
      return rows()
    },
    ...inJson(() => rows().toArray()),
  }
}

/** The result of a search. Every row has the primary key, which servers send next to the fields. */
export const searchResult = <R>(
  reply: SearchResults,
  { columns, dynamicKeys }: Selection,
  key: string,
): SearchResult<R> => {
  const { ids, scores, topks } = reply
  let read: ((row: number) => AnyRow) | undefined
  const starts = new Uint32Array(topks.length + 1)
  topks.forEach((count, query) => starts[query + 1] = starts[query]! + count)
  const hits = (query = 0): Rows<Hit<R>> => {
    const start = starts[query] ?? 0
    const reader = read ??= rowReader(columns, dynamicKeys)
    return makeRows(topks[query] ?? 0, (hit) => {
      const id = ids[start + hit]!
      // Cast: the definition says what its rows are.
      return { id, score: scores[start + hit]!, row: { ...reader(start + hit), [key]: id } as R }
    })
  }
  return {
    ids,
    scores,
    counts: topks,
    columns,
    column: (name) => columnNamed(columns, name),
    hits,
    ...inJson(() => Array.from(topks, (_, query) => hits(query).toArray())),
    reply,
  }
}

const columnNamed = (columns: ReadonlyArray<Column>, name: string): Column | undefined =>
  columns.find(({ fieldName }) => fieldName === name)
