/**
 * Indexes: their constructors, one for each type of Milvus, and what is done with them on the server.
 *
 * @example
 * ```ts ignore
 * yield* Index.create("books", "vector", Index.hnsw({ metric: "COSINE", M: 16, efConstruction: 200 }))
 * yield* Index.wait("books")
 * ```
 *
 * @module
 */
import * as Effect from "effect/Effect"
import * as Connection from "../Connection.ts"
import { type Named, nameOf } from "../data/definitions.ts"
import { createIndex, type CreateIndexOptions, type IndexProgress, waitForIndex } from "../data/indexing.ts"
import type { CallError, CodecError } from "../errors.ts"
import type { Index } from "../schema/indexes.ts"

export * from "../schema/indexes.ts"
export type { CreateIndexOptions, IndexProgress }

/** Makes an index of a field. Where there are rows already, {@linkcode wait} tells when it is finished. */
export const create = (
  collection: Named,
  field: string,
  index: Index,
  options?: CreateIndexOptions,
): Effect.Effect<void, CallError | CodecError, Connection.Connection> =>
  createIndex(nameOf(collection), field, index, options)

/** Ends when the indexes of a field, or all of a collection, are finished; fails where one of them did. */
export const wait = (
  collection: Named,
  field?: string,
  options?: Connection.CallOptions,
): Effect.Effect<void, CallError, Connection.Connection> => waitForIndex(nameOf(collection), field, options)

/** What a server says of an index. */
export interface IndexDescription extends IndexProgress {
  /** Its name. */
  readonly name: string
  /** The field that it is of. */
  readonly field: string
  /** Its type, such as `"HNSW"`. */
  readonly type: string | undefined
  /** Its metric; absent for an index of scalars. */
  readonly metric: string | undefined
  /** All that it was made with, as the server has it. */
  readonly params: Readonly<Record<string, string>>
  /** Why it failed. */
  readonly failure: string | undefined
}

/** The indexes of a collection, or of one of its fields. */
export const describe = (
  collection: Named,
  field?: string,
  options?: Connection.CallOptions,
): Effect.Effect<ReadonlyArray<IndexDescription>, CallError, Connection.Connection> =>
  Effect.flatMap(Connection.Connection, (connection) =>
    connection.call("DescribeIndex", {
      collection_name: nameOf(collection),
      ...(field === undefined ? {} : { field_name: field }),
    }, options).pipe(
      Effect.map(({ index_descriptions }) =>
        index_descriptions.map((it): IndexDescription => {
          const params = Object.fromEntries(it.params.map(({ key, value }) => [key, value]))
          return {
            name: it.index_name,
            field: it.field_name,
            type: params["index_type"],
            metric: params["metric_type"],
            params,
            indexed: Number(it.indexed_rows),
            rows: Number(it.total_rows),
            state: it.state,
            failure: it.index_state_fail_reason || undefined,
          }
        })
      ),
      // So says Milvus of a collection without any.
      Effect.catchIf(isIndexNotFound, () => Effect.succeed([])),
    ))

const isIndexNotFound = (error: CallError): boolean => error._tag === "ServerError" && error.code === 700

/** Drops an index by its name, which is that of the field where none was given. */
export const drop = (
  collection: Named,
  name: string,
  options?: Connection.CallOptions,
): Effect.Effect<void, CallError, Connection.Connection> =>
  Effect.flatMap(
    Connection.Connection,
    (connection) =>
      Effect.asVoid(connection.call("DropIndex", { collection_name: nameOf(collection), index_name: name }, options)),
  )
