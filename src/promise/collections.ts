/** The operations of `Collection` as promises. */
import type * as Connection from "../Connection.ts"
import type {
  AnyDefinition,
  CollectionDefinition,
  CollectionDescription,
  CollectionRef,
  CreateOptions,
  LoadOptions,
  ReleaseOptions,
} from "../operations/Collection.ts"
import { bridge } from "./bridge.ts"
import type { AbortOptions } from "./run.ts"

type Options = Connection.CallOptions & AbortOptions

/**
 * Operations of the module `Collection`, which documents their RPCs, versions and errors. Each rejects with the error
 * that the operation of the same name fails with.
 */
export interface PromisedCollection {
  /**
   * Creates a collection with its indexes, and loads it if every vector field has one; completes one that exists. Not
   * atomic: rejects with `PartialCreate` if a step after the first fails.
   */
  readonly create: (definition: CollectionDefinition, options?: CreateOptions & AbortOptions) => Promise<void>
  /** Describes a collection. */
  readonly describe: (collection: CollectionRef, options?: Options) => Promise<CollectionDescription>
  /** Reads the definition of a collection from the server. */
  readonly fromServer: (name: string, options?: AbortOptions) => Promise<AnyDefinition>
  /** Returns whether a collection exists. */
  readonly has: (collection: CollectionRef, options?: Options) => Promise<boolean>
  /** Drops a collection with its rows. Succeeds if it does not exist. */
  readonly drop: (collection: CollectionRef, options?: Options) => Promise<void>
  /** Renames a collection. */
  readonly rename: (collection: CollectionRef, name: string, options?: Options) => Promise<void>
  /** Returns the names of all collections of the database. */
  readonly list: (options?: Options) => Promise<ReadonlyArray<string>>
  /** Returns the number of rows at the last count of the server. */
  readonly statistics: (collection: CollectionRef, options?: Options) => Promise<{ readonly rows: number }>
  /** Loads a collection, and waits until it can be searched. */
  readonly load: (collection: CollectionRef, options?: LoadOptions & AbortOptions) => Promise<void>
  /** Loads as `load` does, and yields the progress in percent at each change, up to 100. */
  readonly loading: (collection: CollectionRef, options?: LoadOptions & AbortOptions) => AsyncIterable<number>
  /** Releases a collection, or some of its partitions, from memory. */
  readonly release: (collection: CollectionRef, options?: ReleaseOptions & AbortOptions) => Promise<void>
}

/** Makes the operations of `Collection` for a connection. */
export const promisedCollection = (connection: Connection.Connection): PromisedCollection => {
  const { by, each } = bridge(connection, () => import("../operations/Collection.ts"))
  return {
    create: (definition, options) => by(({ create }) => create(definition, options), options),
    describe: (collection, options) => by(({ describe }) => describe(collection, options), options),
    fromServer: (name, options) => by(({ fromServer }) => fromServer(name), options),
    has: (collection, options) => by(({ has }) => has(collection, options), options),
    drop: (collection, options) => by(({ drop }) => drop(collection, options), options),
    rename: (collection, name, options) => by(({ rename }) => rename(collection, name, options), options),
    list: (options) => by(({ list }) => list(options), options),
    statistics: (collection, options) => by(({ statistics }) => statistics(collection, options), options),
    load: (collection, options) => by(({ load }) => load(collection, options), options),
    loading: (collection, options) => each(({ loading }) => loading(collection, options), options),
    release: (collection, options) => by(({ release }) => release(collection, options), options),
  }
}
