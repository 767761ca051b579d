/**
 * Definition of a collection: its name, its fields and its options, from which the types of its rows are inferred.
 *
 * A definition is pure data. Making one never throws, so a module may hold one at its top level. Most mistakes are
 * compile errors. A mistake that only shows at run time (of a definition from JSON, for example) is a `ParamError` in
 * the error channel of the first function that uses the definition (`validate`, `createParts`).
 */
import type * as Duration from "effect/Duration"
import type { ConsistencyLevel } from "../codec/messages/searchRequest.ts"
import type { CheckFields, CheckOptions, Flagged } from "./checks.ts"
import type { AnyField, Fields, Flag, Given, Json, NoOptions } from "./fieldTypes.ts"
import type { Exact } from "./fieldOptions.ts"
import type { FunctionDefinition } from "./Functions.ts"
import type { Index } from "./indexTypes.ts"
import type { Column, Read, Written } from "./values.ts"

export type { ConsistencyLevel }

/** Options of a collection. */
export interface CollectionOptions {
  /**
   * Description of the collection.
   *
   * @default ""
   */
  readonly description?: string | undefined
  /**
   * Whether rows may have further keys in addition to the fields, stored as JSON (Milvus: dynamic field).
   *
   * @default false
   */
  readonly dynamicFields?: boolean | undefined
  /** Functions by which Milvus computes fields from other fields, by name. */
  readonly functions?: Readonly<Record<string, FunctionDefinition>> | undefined
  /**
   * Indexes by field. A JSON field may have several, one per path. A member of an array of structs is named
   * `chunks[vector]`. They are created after the collection.
   */
  readonly indexes?: Readonly<Record<string, Index | ReadonlyArray<Index>>> | undefined
  /**
   * Consistency level of reads that do not set one.
   *
   * @default "Bounded"
   */
  readonly consistencyLevel?: ConsistencyLevel | undefined
  /** Number of shards that writes are distributed over. The default of the server is 1. */
  readonly shards?: number | undefined
  /** Number of partitions that the partition key distributes rows over. The default of the server is 16. */
  readonly partitions?: number | undefined
  /** Time after which rows expire, in whole seconds. By default they never do. */
  readonly ttl?: Duration.Input | undefined
  /** Whether all data is memory-mapped from disk instead of loaded into memory. */
  readonly mmap?: boolean | undefined
  /** Whether a search reads only the partition of one key (Milvus: partition key isolation). */
  readonly partitionKeyIsolation?: boolean | undefined
  /** Whether a row may have a value for a key with `autoId`. */
  readonly allowInsertAutoId?: boolean | undefined
  /** Further properties, named as Milvus names them. */
  readonly properties?: Readonly<Record<string, string | number | boolean>> | undefined
  /** Source of an external collection. Such a collection needs no primary key. */
  readonly externalSource?: string | undefined
  /** Specification of how the external source is read, as JSON text. */
  readonly externalSpec?: string | undefined
  /** Ids of the files that analyzers use. */
  readonly fileResourceIds?: ReadonlyArray<number | bigint> | undefined
  /** Whether the collection has namespaces. */
  readonly namespaces?: boolean | undefined
}

/** Definition of a collection. */
export interface CollectionDefinition<
  out Name extends string = string,
  out F extends Fields = Fields,
  out O extends CollectionOptions = CollectionOptions,
> {
  /** Name of the collection. */
  readonly name: Name
  /** Its fields, by name. */
  readonly fields: F
  /** Its options. */
  readonly options: O
}

/**
 * Defines a collection.
 *
 * @example
 * ```ts
 * import { Collection, Field, Functions, Index } from "@effect-milvus/client"
 *
 * const Books = Collection.define("books", {
 *   id: Field.int64({ primaryKey: true, autoId: true }),
 *   title: Field.varChar({ maxLength: 200, enableAnalyzer: true }),
 *   year: Field.int16({ nullable: true }),
 *   vector: Field.floatVector({ dimension: 4 }),
 *   terms: Field.sparseFloatVector(),
 * }, {
 *   functions: { title_terms: Functions.bm25({ input: "title", output: "terms" }) },
 *   indexes: {
 *     vector: Index.hnsw({ metric: "COSINE", M: 16, efConstruction: 200 }),
 *     terms: Index.sparseInvertedIndex({ metric: "BM25" }),
 *   },
 * })
 *
 * const row: Collection.Insertable<typeof Books> = { title: "Siddhartha", vector: [0.1, 0.2, 0.3, 0.4] }
 * console.log(Books.name, row.title)
 * ```
 */
export const define = <
  const Name extends string,
  const F extends Fields,
  const O extends CollectionOptions = NoOptions,
>(
  name: Name,
  fields: F & CheckFields<F, O>,
  options?: Exact<O, CollectionOptions> & CheckOptions<F, O>,
  // Cast: without options, `O` is its default, the type of an empty object.
): CollectionDefinition<Name, F, O> => ({ name, fields, options: options ?? {} as O })

type FunctionsOf<D extends CollectionDefinition> = D["options"] extends { readonly functions: infer Fs } ? Fs[keyof Fs]
  : never

type OutputOf<Fn> = Fn extends FunctionDefinition<string, string, infer Out> ? Out : never

/** The names of the fields that are outputs of functions. */
export type Computed<D extends CollectionDefinition> = OutputOf<FunctionsOf<D>>

/** The names of the fields that Milvus does not return: the terms of full-text search. */
export type Hidden<D extends CollectionDefinition> = OutputOf<
  Extract<FunctionsOf<D>, { readonly type: "BM25" }>
>

/** `true` if the names of the fields are not known at compile time. */
export type Untyped<F extends Fields> = string extends keyof F ? true : false
/** `true` if rows may have dynamic keys. */
export type IsDynamic<D extends CollectionDefinition> = D["options"] extends { readonly dynamicFields: true } ? true
  : false

/** Dynamic keys of a row. Their values are JSON values. */
export type DynamicRow = { readonly [key: string]: unknown }

type WithDynamic<D extends CollectionDefinition, Known> = IsDynamic<D> extends true ? Known & DynamicRow : Known

/** An intersection as one type. */
export type Simplify<T> = { readonly [K in keyof T]: T[K] }

/** A row of a query for all fields, and for the dynamic keys if the collection has them. */
export type Row<D extends CollectionDefinition> = Untyped<D["fields"]> extends true ? DynamicRow
  : WithDynamic<D, { readonly [K in Exclude<keyof D["fields"], Hidden<D>>]: Read<D["fields"][K]> }>

type Optional<F extends AnyField> = Flag<F["options"], "nullable"> extends true ? true : Given<F["options"], "default">

type Names<D extends CollectionDefinition, Key extends string> = Exclude<
  keyof D["fields"],
  Computed<D> | Key
>

type OptionalNames<D extends CollectionDefinition, Key extends string> = {
  readonly [K in Names<D, Key>]: Optional<D["fields"][K]> extends true ? K : never
}[Names<D, Key>]

type AutoKey<D extends CollectionDefinition> = Flagged<D["fields"], "autoId">
type OptionalKey<D extends CollectionDefinition> = D["options"] extends { readonly allowInsertAutoId: true }
  ? AutoKey<D>
  : never

type Rows<D extends CollectionDefinition, Key extends string> = Untyped<D["fields"]> extends true ? DynamicRow
  : WithDynamic<
    D,
    Simplify<
      & { readonly [K in Exclude<Names<D, Key>, OptionalNames<D, Key>>]: Written<D["fields"][K]> }
      & { readonly [K in OptionalNames<D, Key>]?: Written<D["fields"][K]> | undefined }
      & { readonly [K in Extract<Key, OptionalKey<D>>]?: Written<D["fields"][K]> | undefined }
    >
  >

/** A row to insert: without the fields that Milvus generates. A field that is nullable or has a default is optional. */
export type Insertable<D extends CollectionDefinition> = Rows<D, AutoKey<D>>

/** A row to upsert: like {@linkcode Insertable}, but always with the primary key. */
export type Upsertable<D extends CollectionDefinition> = Rows<D, never>

/**
 * Rows to insert, by column. All columns have the same number of rows. A column is an array with one value per row, or
 * a typed array: `[rows]` numbers, or `[rows, dimension]` components of vectors. Dynamic keys go into `$meta`, with one
 * object per row.
 */
export type Columns<D extends CollectionDefinition> = Untyped<D["fields"]> extends true
  ? { readonly [name: string]: ReadonlyArray<unknown> | ArrayBufferView }
  : Simplify<
    & { readonly [K in Exclude<Names<D, AutoKey<D>>, OptionalNames<D, AutoKey<D>>>]: Column<D["fields"][K]> }
    & { readonly [K in OptionalNames<D, AutoKey<D>> | OptionalKey<D>]?: Column<D["fields"][K]> | undefined }
    & (IsDynamic<D> extends true
      ? { readonly $meta?: ReadonlyArray<{ readonly [key: string]: Json | undefined }> | undefined }
      : unknown)
  >

/** Rows to upsert, by column: like {@linkcode Columns}, but always with the primary key. */
export type UpsertColumns<D extends CollectionDefinition> = Untyped<D["fields"]> extends true ? Columns<D>
  : Columns<D> & { readonly [K in AutoKey<D>]: Column<D["fields"][K]> }

/** A row of a partial upsert: the primary key, and the fields to write. */
export type PartialRow<D extends CollectionDefinition> = Untyped<D["fields"]> extends true ? DynamicRow
  : WithDynamic<
    D,
    Simplify<
      & { readonly [K in KeyName<D>]: Written<D["fields"][K]> }
      & { readonly [K in Exclude<Names<D, never>, KeyName<D>>]?: Written<D["fields"][K]> | undefined }
    >
  >

/** Rows of a partial upsert, by column: like {@linkcode Columns}, with the primary key and the fields to write. */
export type PartialColumns<D extends CollectionDefinition> = Untyped<D["fields"]> extends true ? Columns<D>
  :
    & { readonly [K in KeyName<D>]: Column<D["fields"][K]> }
    & { readonly [K in Exclude<Names<D, never>, KeyName<D>>]?: Column<D["fields"][K]> | undefined }
    & (IsDynamic<D> extends true
      ? { readonly $meta?: ReadonlyArray<{ readonly [key: string]: Json | undefined }> | undefined }
      : unknown)

/** The name of the primary key. */
export type KeyName<D extends CollectionDefinition> = Untyped<D["fields"]> extends true ? string
  : Flagged<D["fields"], "primaryKey">

/** The value of a primary key when read. */
export type Key<D extends CollectionDefinition> = Untyped<D["fields"]> extends true ? bigint | string
  : Read<D["fields"][Flagged<D["fields"], "primaryKey">]>

/** The value of a primary key as an argument. */
export type KeyInput<D extends CollectionDefinition> = Untyped<D["fields"]> extends true ? number | bigint | string
  : Written<D["fields"][Flagged<D["fields"], "primaryKey">]>
