/** The operations of `Index` as promises. */
import type * as Connection from "../Connection.ts"
import type { CollectionRef } from "../operations/shared/collectionRef.ts"
import type { CreateIndexOptions, Index, IndexDescription, IndexProgress, WaitOptions } from "../operations/Index.ts"
import { bridge } from "./bridge.ts"
import type { AbortOptions } from "./run.ts"

type Options = Connection.CallOptions & AbortOptions

/**
 * Operations of the module `Index`, which documents their RPCs, versions and errors. Each rejects with the error that
 * the operation of the same name fails with.
 */
export interface PromisedIndex {
  /** Creates an index of a field. Use `wait` to wait until existing rows are indexed. */
  readonly create: (
    collection: CollectionRef,
    field: string,
    index: Index,
    options?: CreateIndexOptions & AbortOptions,
  ) => Promise<void>
  /**
   * Waits until the indexes of a field, or all indexes of a collection, are finished. Rejects if one of them failed, if
   * no index exists, and after `timeout`.
   */
  readonly wait: (collection: CollectionRef, field?: string, options?: WaitOptions & AbortOptions) => Promise<void>
  /** Waits as `wait` does, and yields the progress of the indexes at each change. */
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
  /** Drops an index by its name, which is that of the field if the index was created without one. */
  readonly drop: (collection: CollectionRef, name: string, options?: Options) => Promise<void>
}

/** Makes the operations of `Index` for a connection. */
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
