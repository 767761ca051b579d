/** The operations of `Vectors` as promises. */
import * as Effect from "effect/Effect"
import type * as Connection from "../Connection.ts"
import { PartialWrite } from "../errors.ts"
import type { Filter } from "../filter/Filter.ts"
import type {
  AnyDefinition,
  CollectionDefinition,
  Columns,
  Insertable,
  KeyInput,
  PartialColumns,
  PartialRow,
  Upsertable,
  UpsertColumns,
} from "../operations/Collection.ts"
import type * as Vectors from "../operations/Vectors.ts"
import { bridge, loadOnce, oncePer, type Services } from "./bridge.ts"
import type { AbortOptions } from "./run.ts"

/**
 * Options for `insert` and `upsert`. If the signal aborts after some rows were acknowledged, the write rejects with
 * `PartialWrite`, whose cause is the reason of the signal.
 */
export interface PromisedWriteOptions extends Omit<Vectors.WriteOptions, "onProgress" | "onInterrupt">, AbortOptions {
  /** Called after each acknowledged batch. If it throws, the write rejects with that error. */
  readonly onProgress?: ((progress: Vectors.WriteProgress) => void) | undefined
}

type Outputs<D extends CollectionDefinition> = ReadonlyArray<Vectors.OutputField<D>>
type Given<O> = { readonly outputFields?: O | undefined } & AbortOptions

/**
 * Operations of the module `Vectors`, which documents their RPCs, versions and errors. Each rejects with the error that
 * the operation of the same name fails with.
 */
export interface PromisedVectors {
  /** Inserts rows, given as objects or as columns. */
  readonly insert: <D extends CollectionDefinition = AnyDefinition>(
    collection: Vectors.Collection<D>,
    rows: ReadonlyArray<Insertable<NoInfer<D>>> | Columns<NoInfer<D>>,
    options?: PromisedWriteOptions,
  ) => Promise<Vectors.WriteResult>
  /** Inserts rows and replaces those with the same primary keys. */
  readonly upsert: <D extends CollectionDefinition = AnyDefinition>(
    collection: Vectors.Collection<D>,
    rows: ReadonlyArray<Upsertable<NoInfer<D>>> | UpsertColumns<NoInfer<D>>,
    options?: PromisedWriteOptions,
  ) => Promise<Vectors.WriteResult>
  /** Writes some fields of rows; the others keep their values. */
  readonly partialUpsert: <D extends CollectionDefinition = AnyDefinition>(
    collection: Vectors.Collection<D>,
    rows: ReadonlyArray<PartialRow<NoInfer<D>>> | PartialColumns<NoInfer<D>>,
    options?:
      & PromisedWriteOptions
      & Pick<Vectors.PartialUpsertOptions<Vectors.ArrayName<NoInfer<D>>>, "fieldOperations">,
  ) => Promise<Vectors.WriteResult>
  /**
   * Deletes rows by their primary keys, by a filter, or all of them. Returns their number, as far as the server reports
   * it.
   */
  readonly delete: <D extends CollectionDefinition = AnyDefinition>(
    collection: Vectors.Collection<D>,
    which: Vectors.ByIds<KeyInput<NoInfer<D>>> | Vectors.ByFilter | Vectors.All,
    options?: Vectors.DeleteOptions & AbortOptions,
  ) => Promise<number>
  /** Returns the rows that match a filter. Without a filter, it needs a `limit`. */
  readonly query: <D extends CollectionDefinition = AnyDefinition, const O extends Outputs<D> = ["*"]>(
    collection: Vectors.Collection<D>,
    filter: Filter | string | undefined,
    options?: Vectors.QueryOptions & Given<O>,
  ) => Promise<Vectors.QueryResult<Vectors.Selected<D, O>>>
  /** Returns aggregates of groups of rows. */
  readonly aggregate: <D extends CollectionDefinition, const O extends ReadonlyArray<Vectors.AggregateOutput<D>>>(
    collection: Vectors.Collection<D>,
    filter: Filter | string | undefined,
    options: Vectors.AggregateOptions & {
      readonly groupBy?: ReadonlyArray<Vectors.FieldName<NoInfer<D>>> | undefined
      readonly outputFields: O
    } & AbortOptions,
  ) => Promise<Vectors.QueryResult<Vectors.Aggregated<D, O>>>
  /** Yields the rows that match a filter in batches, ordered by primary key. */
  readonly queryBatches: <D extends CollectionDefinition = AnyDefinition, const O extends Outputs<D> = ["*"]>(
    collection: Vectors.Collection<D>,
    filter?: Filter | string,
    options?: Vectors.QueryBatchOptions & Given<O>,
  ) => AsyncIterable<Vectors.QueryResult<Vectors.Selected<D, O>>>
  /** Returns rows by their primary keys, in any order. Keys that do not exist have no row. */
  readonly get: <D extends CollectionDefinition = AnyDefinition, const O extends Outputs<D> = ["*"]>(
    collection: Vectors.Collection<D>,
    ids: ReadonlyArray<KeyInput<NoInfer<D>>>,
    options?: Vectors.GetOptions & Given<O>,
  ) => Promise<Vectors.QueryResult<Vectors.Selected<D, O>>>
  /** Returns the number of rows, or of those that match a filter. */
  readonly count: (
    collection: Vectors.Collection,
    filter?: Filter | string,
    options?: Omit<Vectors.ReadOptions, "outputFields"> & AbortOptions,
  ) => Promise<number>
  /** Searches for the nearest rows of each query. */
  readonly search: <
    D extends CollectionDefinition = AnyDefinition,
    const O extends Outputs<D> = [],
    const F extends Vectors.SearchField<D> = Vectors.DefaultField<D>,
  >(
    collection: Vectors.Collection<D>,
    data: Vectors.SearchData,
    options: Vectors.SearchOptions<D, F> & Given<O>,
  ) => Promise<Vectors.SearchResult<Vectors.Selected<D, O>>>
  /** Yields the nearest rows of one query in batches, from the nearest outwards. */
  readonly searchBatches: <
    D extends CollectionDefinition = AnyDefinition,
    const O extends Outputs<D> = [],
    const F extends Vectors.SearchField<D> = Vectors.DefaultField<D>,
  >(
    collection: Vectors.Collection<D>,
    query: Vectors.QueryVector | string,
    options?: Vectors.SearchBatchOptions<D, F> & Given<O>,
  ) => AsyncIterable<Vectors.SearchResult<Vectors.Selected<D, O>>>
  /** Runs several searches, and ranks their hits together. */
  readonly hybridSearch: <D extends CollectionDefinition = AnyDefinition, const O extends Outputs<D> = []>(
    collection: Vectors.Collection<D>,
    searches: ReadonlyArray<Vectors.SearchPart<NoInfer<D>, Vectors.SearchField<NoInfer<D>>>>,
    options: Vectors.HybridOptions<NoInfer<D>> & Given<O>,
  ) => Promise<Vectors.SearchResult<Vectors.Selected<D, O>>>
  /**
   * Returns the distances between vectors, which servers before Milvus 2.3 calculate.
   *
   * @deprecated Milvus 2.3 and later cannot calculate distances. Search instead.
   */
  readonly calcDistance: (
    left: Vectors.DistanceVectors,
    right: Vectors.DistanceVectors,
    metric: string,
    options?: Connection.CallOptions & AbortOptions,
  ) => Promise<ReadonlyArray<number>>
}

const load = loadOnce(() => import("../operations/Vectors.ts"))

/** Makes the operations of `Vectors` for a connection. */
export const vectors: (services: Services) => PromisedVectors = oncePer((services) => {
  const { by, each } = bridge(services, load)
  return {
    insert: (collection, rows, given) =>
      write((given) => by((it, options) => it.insert(collection, rows, options), given), given),
    upsert: (collection, rows, given) =>
      write((given) => by((it, options) => it.upsert(collection, rows, options), given), given),
    partialUpsert: (collection, rows, given) =>
      write((given) => by((it, options) => it.partialUpsert(collection, rows, options), given), given),
    delete: (collection, which, given) => by((it, options) => it.delete(collection, which, options), given),
    query: (collection, filter, given) => by((it, options) => it.query(collection, filter, options), given),
    aggregate: (collection, filter, given) => by((it, options) => it.aggregate(collection, filter, options), given),
    queryBatches: (collection, filter, given) =>
      each((it, options) => it.queryBatches(collection, filter, options), given),
    get: (collection, ids, given) => by((it, options) => it.get(collection, ids, options), given),
    count: (collection, filter, given) => by((it, options) => it.count(collection, filter, options), given),
    search: (collection, data, given) => by((it, options) => it.search(collection, data, options), given),
    searchBatches: (collection, query, given) =>
      each((it, options) => it.searchBatches(collection, query, options), given),
    calcDistance: (left, right, metric, given) =>
      by((it, options) => it.calcDistance(left, right, metric, options), given),
    hybridSearch: (collection, searches, given) =>
      by((it, options) => it.hybridSearch(collection, searches, options), given),
  }
})

/** Runs a write. After an abort it rejects with the rows that were acknowledged before. */
const write = async <A>(
  run: (options: Vectors.PartialUpsertOptions & AbortOptions) => Promise<A>,
  { onProgress, ...options }: PromisedWriteOptions & Pick<Vectors.PartialUpsertOptions, "fieldOperations"> = {},
): Promise<A> => {
  let partial: PartialWrite | undefined
  try {
    return await run({
      ...options,
      ...(onProgress === undefined ? {} : { onProgress: (progress) => Effect.sync(() => onProgress(progress)) }),
      onInterrupt: (written) => Effect.sync(() => void (partial = written)),
    })
  } catch (cause) {
    if (partial === undefined) throw cause
    const { collection, rows, written, acknowledged, ids } = partial
    throw new PartialWrite({ collection, rows, written, acknowledged, ids, cause })
  }
}
