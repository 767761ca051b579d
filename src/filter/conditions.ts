/** The types of conditions on fields, by the types of the fields. `src/filter/where.ts` makes them. */
import type { CollectionDefinition, IsDynamic, Untyped } from "../schema/definition.ts"
import type { AnyField, ArrayField, Field, Flag, StructArrayField } from "../schema/fieldTypes.ts"
import type { BloomFilter, Filter, FilterMixed, FilterPart, FilterScalar, RoaringBitmap } from "./Filter.ts"

/** Conditions on a value that is equal to another one or not. */
export interface Equatable<V> {
  /** Equal to a value. */
  readonly eq: (value: V) => Filter
  /** Not equal to a value. */
  readonly ne: (value: V) => Filter
}

/** Conditions on a value that has an order. */
export interface Ordered<V> extends Equatable<V> {
  /** Less than a value. */
  readonly lt: (value: V) => Filter
  /** At most a value. */
  readonly le: (value: V) => Filter
  /** Greater than a value. */
  readonly gt: (value: V) => Filter
  /** At least a value. */
  readonly ge: (value: V) => Filter
  /** From one value to another, both included. */
  readonly between: (from: V, to: V) => Filter
}

/** Conditions on a number, a text or a JSON value. `Set` is the type of the sets that it may be compared with. */
export interface Comparable<V, Set = never> extends Ordered<V> {
  /** One of some values, of which there must be at least one; or a member of a set. */
  readonly in: (values: ReadonlyArray<V> | Set) => Filter
  /** None of some values, of which there must be at least one; or not a member of a set. */
  readonly notIn: (values: ReadonlyArray<V> | Set) => Filter
}

/** Conditions on a field that is nullable, or on a JSON value: whether it has a value. Milvus 2.5 and later. */
export interface Presence {
  /** The field has no value. */
  readonly isNull: () => Filter
  /** The field has a value. */
  readonly isNotNull: () => Filter
}

/** Conditions on the characters of a text. */
export interface Patterns {
  /** The text begins with another one, in which `%`, `_` and `\` have no special meaning. */
  readonly startsWith: (text: string) => Filter
  /**
   * The text ends with another one, in which `%`, `_` and `\` have no special meaning. Milvus 2.4 and later.
   * milvus-lite is refused if the other text has one of these.
   */
  readonly endsWith: (text: string) => Filter
  /**
   * The text contains another one, in which `%`, `_` and `\` have no special meaning. Milvus 2.4 and later.
   * milvus-lite is refused if the other text has one of these.
   */
  readonly includes: (text: string) => Filter
  /**
   * The text fits a pattern of `like`: `%` stands for any text, `_` for any character, `\` escapes both. Milvus before
   * 2.4 knows only patterns that end in their only `%`. milvus-lite is refused if the pattern has a `\`.
   */
  readonly like: (pattern: string) => Filter
}

/** Conditions on a text. */
export interface TextConditions extends Comparable<string, BloomFilter<"text">>, Patterns {}

/** Conditions on the terms of a text. The field needs `enableMatch: true`. */
export interface TextMatch {
  /** The text has at least one of the terms of another one. Milvus 2.5 and later. */
  readonly matches: (text: string) => Filter
  /**
   * The text has the terms of a phrase in their order, at most `slop` positions apart. Milvus 2.5.17 and later.
   *
   * @param slop Number of positions, 0 by default.
   */
  readonly matchesPhrase: (phrase: string, slop?: number) => Filter
}

/** Conditions on an array. */
export interface ArrayConditions<E extends Field> {
  /** The array has an element. */
  readonly contains: (value: Scalar<E>) => Filter
  /** The array has all of some elements. */
  readonly containsAll: (values: ReadonlyArray<Scalar<E>>) => Filter
  /** The array has one of some elements. */
  readonly containsAny: (values: ReadonlyArray<Scalar<E>>) => Filter
  /** Conditions on the number of elements. */
  readonly length: Comparable<number> & FilterPart
  /** Conditions on an element, counted from 0. Rows that do not have it do not fit. */
  readonly at: (index: number) => ElementConditions<E>
}

/** Conditions on a JSON value, or on a key of the dynamic field. */
export interface JsonConditions extends Comparable<FilterScalar, BloomFilter>, Presence, Patterns, FilterPart {
  /** A value inside, by its keys and indices. */
  readonly path: (...path: readonly [string | number, ...ReadonlyArray<string | number>]) => JsonConditions
  /** The value exists. */
  readonly exists: () => Filter
  /** The list has an element. */
  readonly contains: (value: FilterScalar | FilterMixed) => Filter
  /** The list has all of some elements. */
  readonly containsAll: (values: FilterMixed) => Filter
  /** The list has one of some elements. */
  readonly containsAny: (values: FilterMixed) => Filter
}

/** Conditions on a geometry. Others are given as well-known text (WKT). Milvus 2.6.4 and later. */
export interface GeometryConditions {
  /** It has the same points as another geometry. */
  readonly equals: (wkt: string) => Filter
  /** It has a common border with another geometry, but no common interior. */
  readonly touches: (wkt: string) => Filter
  /** It has a part in common with another geometry of the same dimension, and neither has all of the other. */
  readonly overlaps: (wkt: string) => Filter
  /** It has some of its interior in common with another geometry, but not all. */
  readonly crosses: (wkt: string) => Filter
  /** It has all points of another geometry. */
  readonly contains: (wkt: string) => Filter
  /** It has a point in common with another geometry. */
  readonly intersects: (wkt: string) => Filter
  /** All its points are of another geometry. */
  readonly within: (wkt: string) => Filter
  /** It is at most as far from another geometry as a distance, which Milvus reads in meters. */
  readonly dwithin: (wkt: string, distance: number) => Filter
  /** It is a valid geometry. */
  readonly isValid: () => Filter
}

/** Conditions on an array of structs, by a condition on one of them. Milvus 3.0 and later. */
export interface StructConditions<M extends Readonly<Record<string, Field>>> {
  /** A struct fits. A search for the structs themselves returns only those that do. */
  readonly elementFilter: (fits: (element: ElementWhere<M>) => Filter) => Filter
  /** At least one struct fits. */
  readonly matchAny: (fits: (element: ElementWhere<M>) => Filter) => Filter
  /** All structs fit. */
  readonly matchAll: (fits: (element: ElementWhere<M>) => Filter) => Filter
  /** At least `count` structs fit. */
  readonly matchLeast: (count: number, fits: (element: ElementWhere<M>) => Filter) => Filter
  /** At most `count` structs fit. */
  readonly matchMost: (count: number, fits: (element: ElementWhere<M>) => Filter) => Filter
  /** Exactly `count` structs fit. */
  readonly matchExact: (count: number, fits: (element: ElementWhere<M>) => Filter) => Filter
}

/** The values that a field is compared with. */
export type Scalar<F extends Field> = F["type"] extends "Bool" ? boolean
  : F["type"] extends "Int64" ? number | bigint
  : F["type"] extends "VarChar" | "Text" ? string
  : F["type"] extends "Int8" | "Int16" | "Int32" | "Float" | "Double" ? number
  : FilterScalar

/** Conditions on an element of an array, or on a member of a struct: those of a field, but for sets and terms. */
export type ElementConditions<F extends Field> =
  & FilterPart
  & (F["type"] extends "Bool" ? Equatable<boolean>
    : F["type"] extends "VarChar" ? Comparable<string> & Patterns
    : F["type"] extends "Int8" | "Int16" | "Int32" | "Int64" | "Float" | "Double" ? Comparable<Scalar<F>>
    : unknown)

/** Conditions on the members of a struct. */
export type ElementWhere<M extends Readonly<Record<string, Field>>> = {
  readonly [K in keyof M]: ElementConditions<M[K]>
}

type ConditionsByType<F extends AnyField> = F extends ArrayField<infer E> ? ArrayConditions<E>
  : F extends StructArrayField<infer M> ? StructConditions<M>
  : F["type"] extends "Bool" ? Equatable<boolean>
  : F["type"] extends "VarChar" | "Text"
    ? TextConditions & (Flag<F["options"], "enableMatch"> extends true ? TextMatch : unknown)
  : F["type"] extends "Int8" | "Int16" | "Int32" | "Int64"
    ? Comparable<Scalar<F>, BloomFilter<"integer"> | RoaringBitmap>
  : F["type"] extends "Float" | "Double" ? Comparable<number>
  : F["type"] extends "JSON" ? JsonConditions
  : F["type"] extends "Geometry" ? GeometryConditions
  : F["type"] extends "Timestamptz" ? Ordered<string | Date>
  : unknown

/**
 * Conditions on a field of the type. As a value of the tag `filter`, it is the name of the field:
 * `` filter`${book.year} % ${4} == ${0}` ``.
 */
export type FieldConditions<F extends AnyField> =
  & FilterPart
  & ConditionsByType<F>
  & (Flag<F["options"], "nullable"> extends true ? Presence : unknown)

/**
 * Conditions on a field of a definition whose fields are not known at compile time. One that the field does not have
 * makes a filter that fails when it is used.
 */
export interface AnyConditions
  extends
    FilterPart,
    Omit<JsonConditions, "in" | "notIn" | "eq" | "ne" | "lt" | "le" | "gt" | "ge" | "between">,
    Comparable<FilterScalar | Date, BloomFilter | RoaringBitmap>,
    TextMatch,
    Omit<GeometryConditions, "contains"> {
  /** Conditions on the number of elements. */
  readonly length: Comparable<number> & FilterPart
  /** Conditions on an element, counted from 0. */
  readonly at: (index: number) => AnyConditions
}

/** Conditions on the fields of a definition, and on its dynamic keys. */
export type Where<D extends CollectionDefinition> =
  & (Untyped<D["fields"]> extends true ? { readonly [name: string]: AnyConditions }
    : { readonly [K in keyof D["fields"]]: FieldConditions<D["fields"][K]> })
  & (IsDynamic<D> extends true ? {
      /** Conditions on a key of the dynamic field. */
      readonly $key: (name: string) => JsonConditions
    }
    : unknown)
