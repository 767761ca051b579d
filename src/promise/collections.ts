/** `Collection` by promises. */
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

/** What `Collection` does on the server. Each rejects with the error that its namesake fails with. */
export interface PromisedCollection {
  /** Creates a collection with its indexes, and loads it if every vector field has one; completes one that exists. */
  readonly create: (definition: CollectionDefinition, options?: CreateOptions & AbortOptions) => Promise<void>
  /** Describes a collection. */
  readonly describe: (collection: CollectionRef, options?: Options) => Promise<CollectionDescription>
  /** Its definition, as the server has it. */
  readonly fromServer: (name: string, options?: AbortOptions) => Promise<AnyDefinition>
  /** Whether a collection exists. */
  readonly has: (collection: CollectionRef, options?: Options) => Promise<boolean>
  /** Drops a collection with its rows; one that does not exist is not an error. */
  readonly drop: (collection: CollectionRef, options?: Options) => Promise<void>
  /** Gives a collection another name. */
  readonly rename: (collection: CollectionRef, name: string, options?: Options) => Promise<void>
  /** The names of all collections of the database. */
  readonly list: (options?: Options) => Promise<ReadonlyArray<string>>
  /** How many rows there are, as the server last counted. */
  readonly statistics: (collection: CollectionRef, options?: Options) => Promise<{ readonly rows: number }>
  /** Loads a collection, and waits until it can be searched. */
  readonly load: (collection: CollectionRef, options?: LoadOptions & AbortOptions) => Promise<void>
  /** Loads as `load` does, and gives how many percent are loaded at each change, up to 100. */
  readonly loading: (collection: CollectionRef, options?: LoadOptions & AbortOptions) => AsyncIterable<number>
  /** Releases a collection, or some of its partitions, from memory. */
  readonly release: (collection: CollectionRef, options?: ReleaseOptions & AbortOptions) => Promise<void>
}

/** By a connection. */
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
