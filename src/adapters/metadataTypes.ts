/** The types of filters on metadata, in the form of MongoDB that frameworks use. */
import type { Filter } from "../filter/Filter.ts"

/** A value that metadata is compared with. A `Date` is compared as ISO 8601 text, the form that JSON has. */
export type MetadataValue = string | number | bigint | boolean | Date

/**
 * Conditions on the value of a key. All of them must hold. One that is `undefined` is refused: without it, the filter
 * would match more than is meant.
 */
export interface MetadataConditions {
  /** Equal to a value; `null` stands for no value. */
  readonly $eq?: MetadataValue | null
  /** Not equal to a value, which includes no value; `null` stands for no value. */
  readonly $ne?: MetadataValue | null
  /** Greater than a number, a text or a time. */
  readonly $gt?: Exclude<MetadataValue, boolean>
  /** At least a number, a text or a time. */
  readonly $gte?: Exclude<MetadataValue, boolean>
  /** Less than a number, a text or a time. */
  readonly $lt?: Exclude<MetadataValue, boolean>
  /** At most a number, a text or a time. */
  readonly $lte?: Exclude<MetadataValue, boolean>
  /** One of some values, or a list with one of them. */
  readonly $in?: ReadonlyArray<MetadataValue | null>
  /** None of some values, and not a list with one of them. */
  readonly $nin?: ReadonlyArray<MetadataValue | null>
  /** A list with all of some values. */
  readonly $all?: ReadonlyArray<MetadataValue>
  /** A text that contains a text; a list that has a value, or all of some values. */
  readonly $contains?: MetadataValue | ReadonlyArray<MetadataValue>
  /** A text that fits a pattern of `like`: `%` stands for any text, `_` for any character. */
  readonly $like?: string
  /** A list of a number of elements. */
  readonly $size?: number
  /** Whether there is a value. */
  readonly $exists?: boolean
  /** The conditions do not hold. */
  readonly $not?: MetadataConditions
}

/** A condition on a key: a value that it is equal to, a list of which it is one, conditions, or conditions on keys. */
export type MetadataCondition =
  | MetadataValue
  | null
  | ReadonlyArray<MetadataValue | null>
  | MetadataConditions
  | MetadataFilter

/**
 * A filter on metadata. All its keys must hold. A dot in a key separates the keys of objects in one another:
 * `{ "loc.pageNumber": 3 }`.
 */
export interface MetadataFilter {
  /** All of some filters hold. */
  readonly $and?: ReadonlyArray<MetadataFilter | Filter>
  /** At least one of some filters holds. */
  readonly $or?: ReadonlyArray<MetadataFilter | Filter>
  /** None of some filters holds. */
  readonly $nor?: ReadonlyArray<MetadataFilter | Filter>
  /** The filter does not hold. */
  readonly $not?: MetadataFilter | Filter
  /** A condition on the value of a key. */
  readonly [key: string]: MetadataCondition | ReadonlyArray<MetadataFilter | Filter> | Filter
}
