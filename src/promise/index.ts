/** `Index` by promises. */
import type * as Connection from "../Connection.ts"
import type { Named } from "../data/definitions.ts"
import type { CreateIndexOptions, Index, IndexDescription } from "../operations/Index.ts"
import { bridge } from "./bridge.ts"
import type { AbortOptions } from "./run.ts"

type Options = Connection.CallOptions & AbortOptions

/** What `Index` does on the server. Each rejects with the error that its namesake fails with. */
export interface PromisedIndex {
  /** Makes an index of a field. Where there are rows already, `wait` tells when it is finished. */
  readonly create: (
    collection: Named,
    field: string,
    index: Index,
    options?: CreateIndexOptions & AbortOptions,
  ) => Promise<void>
  /** Ends when the indexes of a field, or all of a collection, are finished; rejects where one of them failed. */
  readonly wait: (collection: Named, field?: string, options?: Options) => Promise<void>
  /** The indexes of a collection, or of one of its fields. */
  readonly describe: (
    collection: Named,
    field?: string,
    options?: Options,
  ) => Promise<ReadonlyArray<IndexDescription>>
  /** Drops an index by its name, which is that of the field where none was given. */
  readonly drop: (collection: Named, name: string, options?: Options) => Promise<void>
}

/** By a connection. */
export const promisedIndex = (connection: Connection.Connection): PromisedIndex => {
  const { by } = bridge(connection, () => import("../operations/Index.ts"))
  return {
    create: (collection, field, index, options) =>
      by(({ create }) => create(collection, field, index, options), options),
    wait: (collection, field, options) => by(({ wait }) => wait(collection, field, options), options),
    describe: (collection, field, options) => by(({ describe }) => describe(collection, field, options), options),
    drop: (collection, name, options) => by(({ drop }) => drop(collection, name, options), options),
  }
}
