/**
 * A collection as a value: its name, its fields, and what else it is created with, from which the types of its rows follow.
 *
 * A definition is pure data. Making one never throws, so a module may hold it at its top level without a surprise at
 * import; most mistakes are compile errors, and what only shows at run time (a definition out of JSON, say) is a
 * `ParamError` from whatever uses the definition first (`validate`, `createParts`), as a value in the error channel.
 *
 * @module
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

/** What a collection is created with, beside its name and its fields. */
export interface CollectionOptions {
  /** Text for people. Default `""`. */
  readonly description?: string | undefined
  /** Whether rows may have keys beside the fields, kept as JSON (Milvus: dynamic field). Default `false`. */
  readonly dynamicFields?: boolean | undefined
  /** What Milvus computes from a row itself, by the names of the functions. */
  readonly functions?: Readonly<Record<string, FunctionDefinition>> | undefined
  /**
   * Indexes by field; several for a JSON field with several paths. A member of an array of structs is named
   * `chunks[vector]`. They are made after the collection.
   */
  readonly indexes?: Readonly<Record<string, Index | ReadonlyArray<Index>>> | undefined
  /** How fresh reads are where they do not say so. Default `"Bounded"`. */
  readonly consistencyLevel?: ConsistencyLevel | undefined
  /** How many channels writes go through. Default: the server's, 1. */
  readonly shards?: number | undefined
  /** How many partitions the partition key spreads rows over. Default: the server's, 16. */
  readonly partitions?: number | undefined
  /** How long rows live after they were written, in whole seconds. Default: for ever. */
  readonly ttl?: Duration.Input | undefined
  /** Whether all data is mapped from disk rather than loaded. */
  readonly mmap?: boolean | undefined
  /** Whether searches look at the partition of one key alone (Milvus: partition key isolation). */
  readonly partitionKeyIsolation?: boolean | undefined
  /** Whether values of an `autoId` key may be written. */
  readonly allowInsertAutoId?: boolean | undefined
  /** Further properties, named as Milvus names them. */
  readonly properties?: Readonly<Record<string, string | number | boolean>> | undefined
  /** Where an external collection reads from; it needs no primary key. */
  readonly externalSource?: string | undefined
  /** How it is read, as JSON text. */
  readonly externalSpec?: string | undefined
  /** Files that analyzers use, by their ids. */
  readonly fileResourceIds?: ReadonlyArray<number | bigint> | undefined
  /** Whether the collection has namespaces. */
  readonly namespaces?: boolean | undefined
}

/** A collection as a value. */
export interface CollectionDefinition<
  out Name extends string = string,
  out F extends Fields = Fields,
  out O extends CollectionOptions = CollectionOptions,
> {
  /** Its name. */
  readonly name: Name
  /** Its fields, by name. */
  readonly fields: F
  /** What else it is created with. */
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
  // Cast: where no options were given, `O` is its default, the type of an empty object.
): CollectionDefinition<Name, F, O> => ({ name, fields, options: options ?? {} as O })

type FunctionsOf<D extends CollectionDefinition> = D["options"] extends { readonly functions: infer Fs } ? Fs[keyof Fs]
  : never

type OutputOf<Fn> = Fn extends FunctionDefinition<string, string, infer Out> ? Out : never

/** The names of the fields that functions give. */
export type Computed<D extends CollectionDefinition> = OutputOf<FunctionsOf<D>>

/** The names of the fields that Milvus keeps to itself: the terms of full text search. */
export type Hidden<D extends CollectionDefinition> = OutputOf<
  Extract<FunctionsOf<D>, { readonly type: "BM25" }>
>

/** `true` where only the shape of the fields is known. */
export type Untyped<F extends Fields> = string extends keyof F ? true : false
/** `true` where rows may have keys beside the fields. */
export type IsDynamic<D extends CollectionDefinition> = D["options"] extends { readonly dynamicFields: true } ? true
  : false

/** Keys beside the fields. Their values are what JSON can say. */
export type DynamicRow = { readonly [key: string]: unknown }

type WithDynamic<D extends CollectionDefinition, Known> = IsDynamic<D> extends true ? Known & DynamicRow : Known

/** An intersection as one type. */
export type Simplify<T> = { readonly [K in keyof T]: T[K] }

/** A row as it comes out of a query that asks for all fields, and the dynamic ones where there are any. */
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

/** A row as it may be inserted: without what Milvus makes itself; what is nullable or has a default may be left out. */
export type Insertable<D extends CollectionDefinition> = Rows<D, AutoKey<D>>

/** A row as it may be upserted: as {@linkcode Insertable}, with the primary key in any case. */
export type Upsertable<D extends CollectionDefinition> = Rows<D, never>

/** Many rows by column. All columns have the same number of rows; dynamic keys go into `$meta`, an object for each row. */
export type Columns<D extends CollectionDefinition> = Untyped<D["fields"]> extends true
  ? { readonly [name: string]: ReadonlyArray<unknown> | ArrayBufferView }
  : Simplify<
    & { readonly [K in Exclude<Names<D, AutoKey<D>>, OptionalNames<D, AutoKey<D>>>]: Column<D["fields"][K]> }
    & { readonly [K in OptionalNames<D, AutoKey<D>> | OptionalKey<D>]?: Column<D["fields"][K]> | undefined }
    & (IsDynamic<D> extends true
      ? { readonly $meta?: ReadonlyArray<{ readonly [key: string]: Json | undefined }> | undefined }
      : unknown)
  >

/** Many rows by column, as they may be upserted: as {@linkcode Columns}, with the primary key in any case. */
export type UpsertColumns<D extends CollectionDefinition> = Untyped<D["fields"]> extends true ? Columns<D>
  : Columns<D> & { readonly [K in AutoKey<D>]: Column<D["fields"][K]> }

/** The name of the primary key. */
export type KeyName<D extends CollectionDefinition> = Untyped<D["fields"]> extends true ? string
  : Flagged<D["fields"], "primaryKey">

/** The value of a primary key as it is read. */
export type Key<D extends CollectionDefinition> = Untyped<D["fields"]> extends true ? bigint | string
  : Read<D["fields"][Flagged<D["fields"], "primaryKey">]>

/** The value of a primary key as it may be given. */
export type KeyInput<D extends CollectionDefinition> = Untyped<D["fields"]> extends true ? number | bigint | string
  : Written<D["fields"][Flagged<D["fields"], "primaryKey">]>
