/**
 * Fields of a collection that a read asks for, and what its rows then are.
 *
 * @module
 */
import type { CollectionDefinition, DynamicRow, IsDynamic, KeyName, Row, Simplify, Untyped } from "./definition.ts"

/** A field that is there for the reader, `"*"` for all, or a member of an array of structs (`chunks[text]`). */
type KnownName<D extends CollectionDefinition> =
  | (keyof Row<D> & keyof D["fields"] & string)
  | "*"
  | `${keyof D["fields"] & string}[${string}]`

/** What a row may be asked for: any name, where rows may have keys beside the fields. */
export type OutputField<D extends CollectionDefinition> = Untyped<D["fields"]> extends true ? string
  : IsDynamic<D> extends true ? KnownName<D> | (string & Record<never, never>)
  : KnownName<D>

/** Rows with the fields `O`, the primary key among them in any case. */
export type Selected<D extends CollectionDefinition, O extends ReadonlyArray<string>> = Untyped<D["fields"]> extends
  true ? DynamicRow
  : "*" extends O[number] ? Row<D>
  : Simplify<
    & { readonly [K in keyof Row<D> & keyof D["fields"] as K extends O[number] | KeyName<D> ? K : never]: Row<D>[K] }
    & { readonly [K in Exclude<O[number], keyof D["fields"]>]: unknown }
  >
