/** `Index` by promises. */
import type * as Connection from "../Connection.ts"
import type { CollectionRef } from "../operations/shared/collectionRef.ts"
import type { CreateIndexOptions, Index, IndexDescription, IndexProgress, WaitOptions } from "../operations/Index.ts"
import { bridge } from "./bridge.ts"
import type { AbortOptions } from "./run.ts"

type Options = Connection.CallOptions & AbortOptions

/** What `Index` does on the server. Each rejects with the error that its namesake fails with. */
export interface PromisedIndex {
  /** Creates an index of a field. If there are rows already, `wait` ends when they are in it. */
  readonly create: (
    collection: CollectionRef,
    field: string,
    index: Index,
    options?: CreateIndexOptions & AbortOptions,
  ) => Promise<void>
  /**
   * Ends when the indexes of a field, or all of a collection, are finished; rejects if one of them failed, if there is
   * none, and when `timeout` is up.
   */
  readonly wait: (collection: CollectionRef, field?: string, options?: WaitOptions & AbortOptions) => Promise<void>
  /** Waits as `wait` does, and gives how far the indexes are at each change. */
  readonly building: (
    collection: CollectionRef,
    field?: string,
    options?: WaitOptions & AbortOptions,
  ) => AsyncIterable<ReadonlyArray<IndexProgress>>
  /** Describes the indexes of a collection, or of one of its fields. */
  readonly describe: (
    collection: CollectionRef,
    field?: string,
    options?: Options,
  ) => Promise<ReadonlyArray<IndexDescription>>
  /** Drops an index by its name, which is that of the field where none was given. */
  readonly drop: (collection: CollectionRef, name: string, options?: Options) => Promise<void>
}

/** By a connection. */
export const promisedIndex = (connection: Connection.Connection): PromisedIndex => {
  const { by, each } = bridge(connection, () => import("../operations/Index.ts"))
  return {
    create: (collection, field, index, options) =>
      by(({ create }) => create(collection, field, index, options), options),
    wait: (collection, field, options) => by(({ wait }) => wait(collection, field, options), options),
    building: (collection, field, options) => each(({ building }) => building(collection, field, options), options),
    describe: (collection, field, options) => by(({ describe }) => describe(collection, field, options), options),
    drop: (collection, name, options) => by(({ drop }) => drop(collection, name, options), options),
  }
}
