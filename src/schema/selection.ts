/** The types of output fields of a read, and of the rows with these fields. */
import type { CollectionDefinition, DynamicRow, IsDynamic, KeyName, Row, Simplify, Untyped } from "./definition.ts"

/** A field that Milvus returns, `"*"` for all, or a member of an array of structs (`chunks[text]`). */
type KnownName<D extends CollectionDefinition> =
  | (keyof Row<D> & keyof D["fields"] & string)
  | "*"
  | `${keyof D["fields"] & string}[${string}]`

/** An output field of a read: any name if rows may have dynamic keys. */
export type OutputField<D extends CollectionDefinition> = Untyped<D["fields"]> extends true ? string
  : IsDynamic<D> extends true ? KnownName<D> | (string & Record<never, never>)
  : KnownName<D>

/** A row with the fields `O`, and always the primary key. */
export type Selected<D extends CollectionDefinition, O extends ReadonlyArray<string>> = Untyped<D["fields"]> extends
  true ? DynamicRow
  : "*" extends O[number] ? Row<D>
  : Simplify<
    & { readonly [K in keyof Row<D> & keyof D["fields"] as K extends O[number] | KeyName<D> ? K : never]: Row<D>[K] }
    & { readonly [K in Exclude<O[number], keyof D["fields"]>]: unknown }
  >

/** The names of the fields that groups can be formed by, or that aggregates are about. */
export type FieldName<D extends CollectionDefinition> = Untyped<D["fields"]> extends true ? string
  : IsDynamic<D> extends true ? (keyof D["fields"] & string) | (string & Record<never, never>)
  : keyof D["fields"] & string

/** A field, or a path into one: `meta["price"]`. */
export type FieldPath<D extends CollectionDefinition> = FieldName<D> | `${keyof D["fields"] & string}[${string}]`

/** An output of an aggregation: a field of `groupBy`, or an aggregate of the rows of a group. */
export type AggregateOutput<D extends CollectionDefinition> =
  | FieldName<D>
  | "count(*)"
  | `${"count" | "sum" | "avg" | "min" | "max"}(${FieldName<D>})`

/** A group of rows with the outputs `O`. */
export type Aggregated<D extends CollectionDefinition, O extends ReadonlyArray<string>> = Simplify<
  { readonly [K in O[number]]: AggregateValue<D, K> }
>

type AggregateValue<D extends CollectionDefinition, K extends string> = K extends `count(${string})` ? bigint
  : K extends `avg(${string})` ? number
  : K extends `sum(${string})` ? bigint | number
  : K extends `${"min" | "max"}(${infer F})` ? ValueOf<D, F>
  : ValueOf<D, K>

type ValueOf<D extends CollectionDefinition, F extends string> = F extends keyof Row<D> ? Row<D>[F] : unknown

/** The names of the array fields of a collection. */
export type ArrayName<D extends CollectionDefinition> = Untyped<D["fields"]> extends true ? string
  :
    & { readonly [K in keyof D["fields"]]: D["fields"][K]["type"] extends "Array" ? K : never }[keyof D["fields"]]
    & string
