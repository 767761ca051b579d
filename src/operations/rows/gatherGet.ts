/** Gathers `get`s that run concurrently into one query, and gives each the rows of its keys. */
import { Buffer } from "node:buffer"
import { selectRows, type Status, valuesOf } from "../../codec/mod.ts"
import { throwReply } from "../../codec/errors.ts"
import { type GatheringResolver, gatheringResolver, readMost } from "./gather.ts"
import type { Selection } from "./outputFields.ts"

/** Rows of a query, with the fields that were asked for. */
export interface SelectedRows {
  readonly selection: Selection
  readonly length: number
  readonly status: Status | undefined
}

/** Gathers `get`s, by their option `resolver`. Effect's functions on resolvers apply, such as `setDelay`. */
export type GetResolver = GatheringResolver<ReadonlyArray<unknown>, SelectedRows>

/** Options for `getResolver`. */
export interface GetResolverOptions {
  /**
   * Maximum number of primary keys in a request, at least 1. A `get` with more is sent alone. Milvus returns at most
   * 16,384 rows.
   *
   * @default 16384
   */
  readonly maxKeys?: number | undefined
}

/** The number of rows that Milvus returns at most, for all keys of a query. */
export const mostKeys = 16384

/** Returns about the size of keys in a filter, in bytes. */
export const keyBytes = (keys: ReadonlyArray<unknown>): number =>
  keys.reduce<number>((sum, key) => sum + Buffer.byteLength(`${key}`) + 3, 0)

/**
 * Makes a resolver, by which calls of `get` that run concurrently are gathered into one request each time. It is passed
 * to them as the option `resolver`, and may be used by any number of collections and connections.
 *
 * - Gathered are calls with the same connection, database, principal, collection and options. Collections are compared
 *   by their name or by the identity of their definition, filters and lists by their content, and functions, rankings
 *   and highlighters by their identity.
 * - Each caller gets its own rows. A call that is refused before it is sent fails alone; an error of the server is that
 *   of all calls in the request.
 * - Interrupting a caller leaves the others as they are. If all callers are interrupted, so is the request.
 * - Calls are gathered that start before the runtime yields. `RequestResolver.setDelay(resolver, "5 millis")` gathers
 *   those of a longer time, and delays each by it.
 * - `cost` of a result is unknown, since the server reports that of the whole request. Metrics and traces have it, with
 *   the duration of the request, as the operation `Vectors.getResolver` or `Vectors.searchResolver`.
 *
 * Throws `CodecError` if the options are wrong.
 *
 * @example
 * ```ts ignore
 * const resolver = Vectors.getResolver()
 * const titleOf = (id: number) => Vectors.get(Books, [id], { outputFields: ["title"], resolver })
 * const titles = yield* Effect.forEach(ids, titleOf, { concurrency: "unbounded" }) // one request
 * ```
 */
export const getResolver = (options: GetResolverOptions = {}): GetResolver =>
  gatheringResolver(readMost("maxKeys", options))

/** Divides the rows of a query among the reads that were gathered, by their keys. Throws `CodecError`. */
export const divideRows = (
  { selection, length, status }: SelectedRows,
  key: string,
  inputs: ReadonlyArray<ReadonlyArray<unknown>>,
): ReadonlyArray<SelectedRows> => {
  const { columns, dynamicKeys } = selection
  if (length === 0) return inputs.map(() => ({ selection, length, status }))
  const keys = columns.find(({ fieldName, isDynamic }) => fieldName === key && !isDynamic)
  if (keys === undefined) return throwReply(key, undefined, "the primary key in the reply")
  const keyAt = valuesOf(keys)
  const rowsByKey = new Map(Array.from({ length }, (_, row) => [String(keyAt(row)), row]))
  return inputs.map((ids) => {
    const found = new Set(ids.flatMap((id) => rowsByKey.get(String(id)) ?? []))
    const rows = [...found].sort((a, b) => a - b)
    const selected = columns.map((column) => selectRows(column, rows))
    return { selection: { columns: selected, dynamicKeys }, length: rows.length, status }
  })
}
