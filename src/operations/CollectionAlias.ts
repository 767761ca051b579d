/**
 * Aliases of collections: other names, which can be switched from one collection to another in one step.
 *
 * An operation fails with `ParamError` if an argument is invalid, before anything is sent, and else with the errors of
 * its call (`CallError`).
 *
 * @example
 * ```ts ignore
 * yield* CollectionAlias.create("books", "books_2026_11")
 * yield* CollectionAlias.alter("books", "books_2026_12")
 * ```
 *
 * @module
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Connection from "../Connection.ts"
import { type Decoded, readName } from "../config/params.ts"
import type { CallError, ParamError } from "../errors.ts"
import type { CollectionRef } from "./shared/collectionRef.ts"
import { operate } from "./shared/operate.ts"
import { readCollection } from "./shared/options.ts"

const target = (
  alias: string,
  collection: CollectionRef,
): Decoded<{ readonly alias: string; readonly collection_name: string }> =>
  Result.gen(function* () {
    return { alias: yield* readName("alias", alias), collection_name: yield* readCollection(collection) }
  })

/**
 * Creates an alias of a collection.
 *
 * Calls `CreateAlias`. Milvus 2.0 and later, and milvus-lite. Fails with `ServerError` if it is the name of a
 * collection, or the alias of another one. If it is an alias of this collection already, Milvus succeeds, and
 * milvus-lite fails with `ServerError`.
 */
export const create = (
  alias: string,
  collection: CollectionRef,
  options?: Connection.CallOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> =>
  Effect.asVoid(operate("CreateAlias", options, () => target(alias, collection)))

/**
 * Switches an alias to another collection.
 *
 * Calls `AlterAlias`. Milvus 2.0 and later, and milvus-lite. Fails with `ServerError` if the alias does not exist.
 */
export const alter = (
  alias: string,
  collection: CollectionRef,
  options?: Connection.CallOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> =>
  Effect.asVoid(operate("AlterAlias", options, () => target(alias, collection)))

/**
 * Drops an alias; its collection stays. Succeeds if it does not exist.
 *
 * Calls `DropAlias`. Milvus 2.0 and later, and milvus-lite.
 */
export const drop = (
  alias: string,
  options?: Connection.CallOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> =>
  Effect.asVoid(operate("DropAlias", options, () => Result.map(readName("alias", alias), (alias) => ({ alias }))))

/** Description of an alias by the server. */
export interface AliasDescription {
  /** The alias. */
  readonly alias: string
  /** The collection that it leads to. */
  readonly collection: string
  /** The database; `undefined` if the server does not report it. */
  readonly database: string | undefined
}

/**
 * Describes an alias: which collection it leads to.
 *
 * Calls `DescribeAlias`. Milvus 2.3.0 and later, and milvus-lite. Fails with `ServerError` if it does not exist.
 */
export const describe = (
  alias: string,
  options?: Connection.CallOptions,
): Effect.Effect<AliasDescription, CallError | ParamError, Connection.Connection> =>
  Effect.map(
    operate("DescribeAlias", options, () => Result.map(readName("alias", alias), (alias) => ({ alias }))),
    ({ alias, collection, db_name }) => ({ alias, collection, database: db_name || undefined }),
  )

/**
 * Returns the aliases of a collection, or of all collections of the database. The collection is given by its own name.
 *
 * Calls `ListAliases`. Milvus 2.3.0 and later, and milvus-lite. If the collection does not exist, Milvus fails with
 * `ServerError`, and milvus-lite returns none.
 */
export const list = (
  collection?: CollectionRef,
  options?: Connection.CallOptions,
): Effect.Effect<ReadonlyArray<string>, CallError | ParamError, Connection.Connection> =>
  Effect.map(
    operate("ListAliases", options, () =>
      collection === undefined
        ? Result.succeed({})
        : Result.map(readCollection(collection), (collection_name) => ({ collection_name }))),
    ({ aliases }) =>
      aliases,
  )
