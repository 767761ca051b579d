/**
 * A query page by page, in the order of the primary key.
 *
 * Each page begins after the greatest key of the one before, and all see the collection as the first did. So no row comes
 * twice and none is left out, whatever becomes of the connection between two pages.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { type Column, decodeQueryResults, encodeQuery } from "../codec/mod.ts"
import * as Connection from "../Connection.ts"
import type { CallError, CodecError } from "../errors.ts"
import { type Filter, filter as tag } from "../filter.ts"
import type { AnyDefinition } from "../schema/decode.ts"
import { both, conditionFor, encoded, readInput, type ReadOptions } from "./read.ts"
import { type QueryResult, queryResult } from "./results.ts"
import { at, identityOf } from "./snapshot.ts"

/** How a query is divided. */
export interface QueryBatchOptions extends ReadOptions {
  /** How many rows a page has. Default 1000. */
  readonly batchSize?: number | undefined
  /** The most rows of all pages. Default: all there are. */
  readonly limit?: number | undefined
}

interface Position {
  /** The greatest key so far. */
  readonly after: bigint | string | undefined
  readonly left: number
  /** What the first page saw, as a Milvus timestamp; 0 where the server does not say. */
  readonly seen: bigint
}

const defaultBatchSize = 1000

/** The pages of a query. */
export const queryPages = <R>(
  connection: Connection.Connection,
  definition: AnyDefinition,
  key: string,
  filter: Filter | string | undefined,
  options: QueryBatchOptions | undefined,
): Stream.Stream<QueryResult<R>, CallError | CodecError> => {
  const { batchSize = defaultBatchSize, limit = Infinity } = options ?? {}
  if (limit <= 0) return Stream.empty
  const outputFields = withKey(options?.outputFields ?? ["*"], key)
  const page = (identity: Readonly<Record<string, string>>) => ({ after, left, seen }: Position) =>
    Effect.gen(function* () {
      const bytes = yield* encoded(() =>
        encodeQuery({
          ...readInput(connection, definition.name, at(seen, { ...options, outputFields })),
          ...conditionFor(
            connection,
            after === undefined ? filter : both(filter, tag`${tag.field(key)} > ${after}`),
          ),
          queryParams: { limit: `${Math.min(batchSize, left)}`, reduce_stop_for_best: "True", ...identity },
        })
      )
      const { fields, length, sessionTs } = yield* Connection.exchange(
        connection,
        "Query",
        bytes,
        decodeQueryResults,
        options,
      )
      const last = greatest(fields.find(({ fieldName }) => fieldName === key), length)
      const position: Position = { after: last, left: left - length, seen: seen || sessionTs }
      // A page may have less than was asked for, and others come after it: only an empty one is the last.
      const isLast = length === 0 || last === undefined || position.left <= 0
      const pages = length === 0 ? [] : [queryResult<R>(fields, length)]
      return [pages, isLast ? Option.none<Position>() : Option.some(position)] as const
    })
  const first: Position = { after: undefined, left: limit, seen: 0n }
  return Stream.unwrap(Effect.map(
    identityOf(connection, definition.name, options),
    (identity) => Stream.paginate<Position, QueryResult<R>, CallError | CodecError, never>(first, page(identity)),
  ))
}

const withKey = (fields: ReadonlyArray<string>, key: string): ReadonlyArray<string> =>
  fields.includes("*") || fields.includes(key) ? fields : [...fields, key]

/** Servers give pages in the order of the key, which for texts is that of their UTF-8, and not that of JavaScript. */
const greatest = (column: Column | undefined, length: number): bigint | string | undefined =>
  column?.type === "Int64" || column?.type === "VarChar" ? column.values[length - 1] : undefined
