/**
 * Namespaces: parts of a collection for one tenant each, by the option `namespace` of reads and writes.
 *
 * A collection has namespaces if it was defined with `namespaces`. An operation fails with `ParamError` if an argument
 * is invalid, before anything is sent, and else with the errors of its call (`CallError`). Milvus 3.0.1 and later;
 * milvus-lite has none (`Unsupported`).
 *
 * @module
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import type * as Connection from "../Connection.ts"
import { type Decoded, readName } from "../config/params.ts"
import type { CallError, ParamError } from "../errors.ts"
import type { CollectionRef } from "./shared/collectionRef.ts"
import { dateOf, readCount, timestampToDate } from "./shared/decode.ts"
import { operation, streamOperation } from "./shared/operation.ts"
import { operate, operatePart } from "./shared/operate.ts"
import { checkFlag, optionNames, readCollection } from "./shared/options.ts"
import { toRecord } from "./shared/properties.ts"

type Info = NonNullable<Connection.Methods["DescribeNamespace"]["response"]["namespace"]>

/** Statistics of a namespace by the server. */
export interface NamespaceStatistics {
  /** The number of rows. */
  readonly rows: number
  /** The approximate number of rows. */
  readonly approximateRows: number
  /** Way in which the rows were counted, as the server writes it. */
  readonly countType: string
  /** The size of the data in bytes. */
  readonly bytes: number
  /** Time of the last write; `undefined` if there was none. */
  readonly lastWrite: Date | undefined
  /** Everything else that the server reports, unchanged. */
  readonly raw: Readonly<Record<string, string>>
}

/** A namespace as the server describes it. */
export interface NamespaceDescription {
  /** The name. */
  readonly name: string
  /** The collection. */
  readonly collection: string
  /** The state, as the server writes it. */
  readonly state: string
  /** Time of its creation; `undefined` if the server does not report it. */
  readonly created: Date | undefined
  /** Its statistics; `undefined` if the server does not report them here. */
  readonly statistics: NamespaceStatistics | undefined
}

const target = (
  collection: CollectionRef,
  namespace: string,
): Decoded<{ readonly collection_name: string; readonly namespace_name: string }> =>
  Result.gen(function* () {
    return {
      collection_name: yield* readCollection(collection),
      namespace_name: yield* readName("namespace", namespace),
    }
  })

/**
 * Creates a namespace in a collection.
 *
 * Calls `CreateNamespace`. Milvus 3.0.1 and later. Fails with `ServerError` if it exists.
 */
export const create = (
  collection: CollectionRef,
  namespace: string,
  options?: Connection.CallOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> =>
  Effect.asVoid(operate("CreateNamespace", options, () => target(collection, namespace)))

/**
 * Drops a namespace with its rows.
 *
 * Calls `DropNamespace`. Milvus 3.0.1 and later.
 */
export const drop = (
  collection: CollectionRef,
  namespace: string,
  options?: Connection.CallOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> =>
  Effect.asVoid(operate("DropNamespace", options, () => target(collection, namespace)))

/**
 * Returns whether a namespace exists.
 *
 * Calls `HasNamespace`. Milvus 3.0.1 and later.
 */
export const has = (
  collection: CollectionRef,
  namespace: string,
  options?: Connection.CallOptions,
): Effect.Effect<boolean, CallError | ParamError, Connection.Connection> =>
  Effect.map(operate("HasNamespace", options, () => target(collection, namespace)), ({ value }) => value)

/**
 * Describes a namespace; `undefined` if the server describes none.
 *
 * Calls `DescribeNamespace`. Milvus 3.0.1 and later. Fails with `ServerError` if it does not exist.
 */
export const describe = (
  collection: CollectionRef,
  namespace: string,
  options?: Connection.CallOptions,
): Effect.Effect<NamespaceDescription | undefined, CallError | ParamError, Connection.Connection> =>
  Effect.map(
    operate("DescribeNamespace", options, () => target(collection, namespace)),
    ({ namespace }) => namespace === null ? undefined : descriptionOf(namespace),
  )

/** Options for {@linkcode list} and {@linkcode listDetails}. `timeout` bounds the call of each page. */
export interface ListOptions extends Connection.CallOptions {
  /**
   * Only namespaces whose names begin with this.
   *
   * @default All.
   */
  readonly prefix?: string | undefined
  /**
   * The number of namespaces in each reply, at least 1.
   *
   * @default As many as the server likes.
   */
  readonly pageSize?: number | undefined
}

const listOptionNames = optionNames<ListOptions>("prefix", "pageSize")

/**
 * Returns the names of the namespaces of a collection.
 *
 * Calls `ListNamespaces` for each page. Milvus 3.0.1 and later.
 */
export const list = (
  collection: CollectionRef,
  options?: ListOptions,
): Effect.Effect<ReadonlyArray<string>, CallError | ParamError, Connection.Connection> =>
  operation(
    "Namespace.list",
    collection,
    options,
    Stream.runCollect(Stream.map(pages(collection, options), ({ name }) => name)),
  )

/**
 * Emits the namespaces of a collection with what {@linkcode describe} returns, page by page.
 *
 * Calls `ListNamespaces` for each page. Milvus 3.0.1 and later.
 */
export const listDetails = (
  collection: CollectionRef,
  options?: ListOptions,
): Stream.Stream<NamespaceDescription, CallError | ParamError, Connection.Connection> =>
  streamOperation("Namespace.listDetails", collection, options, pages(collection, options))

const pages = (
  collection: CollectionRef,
  options: ListOptions | undefined,
): Stream.Stream<NamespaceDescription, CallError | ParamError, Connection.Connection> =>
  Stream.paginate("", (page_token: string) =>
    Effect.map(
      operatePart("ListNamespaces", options, () =>
        Result.gen(function* () {
          const { prefix, pageSize } = options ?? {}
          return {
            collection_name: yield* readCollection(collection),
            page_token,
            ...(prefix === undefined ? {} : { prefix: yield* readName("prefix", prefix) }),
            ...(pageSize === undefined ? {} : { page_size: yield* readCount("pageSize", pageSize, 1) }),
          }
        }), { options: listOptionNames }),
      ({ namespaces, next_page_token: next }) =>
        [namespaces.map(descriptionOf), next === "" ? Option.none() : Option.some(next)] as const,
    ))

/** Options for {@linkcode statistics}. */
export interface StatisticsOptions extends Connection.CallOptions {
  /**
   * Whether rows are counted exactly, which takes longer.
   *
   * @default false
   */
  readonly exact?: boolean | undefined
}

const statisticsOptionNames = optionNames<StatisticsOptions>("exact")

/**
 * Returns the statistics of a namespace; `undefined` if the server has none.
 *
 * Calls `GetNamespaceStats`. Milvus 3.0.1 and later.
 */
export const statistics = (
  collection: CollectionRef,
  namespace: string,
  options?: StatisticsOptions,
): Effect.Effect<NamespaceStatistics | undefined, CallError | ParamError, Connection.Connection> =>
  Effect.map(
    operate("GetNamespaceStats", options, () =>
      Result.gen(function* () {
        yield* checkFlag("exact", options?.exact)
        return { ...yield* target(collection, namespace), exact: options?.exact ?? false }
      }), { options: statisticsOptionNames }),
    ({ stats }) => stats === null ? undefined : statisticsOf(stats),
  )

const descriptionOf = (info: Info): NamespaceDescription => ({
  name: info.namespace_name,
  collection: info.collection_name,
  state: info.state,
  created: dateOf(info.created_utc_timestamp) ?? timestampToDate(info.created_timestamp),
  statistics: info.stats === null ? undefined : statisticsOf(info.stats),
})

const statisticsOf = (stats: NonNullable<Info["stats"]>): NamespaceStatistics => ({
  rows: Number(stats.entity_count),
  approximateRows: Number(stats.approx_entity_count),
  countType: stats.entity_count_type,
  bytes: Number(stats.logical_bytes),
  lastWrite: dateOf(stats.last_write_utc_timestamp) ?? timestampToDate(stats.last_write_timestamp),
  raw: toRecord(stats.stats),
})
