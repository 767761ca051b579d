/** The primary key of a collection, and rows that are meant by theirs. */
import { describeValue, throwValue } from "../../codec/errors.ts"
import { type Filter, filter as tag, type FilterPart, isFilter } from "../../filter/Filter.ts"
import type { AnyDefinition } from "../../schema/decodeSchema.ts"
import type { CollectionDefinition, KeyInput } from "../../schema/definition.ts"
import { expressionOf, isBlank } from "./read.ts"

/** Rows by their primary keys: no rows for no keys. */
export interface ByIds<Key = KeyInput<AnyDefinition>> {
  /** The primary keys. */
  readonly ids: ReadonlyArray<Key>
  /** Not with `ids`. */
  readonly filter?: undefined
  /** Not with `ids`. */
  readonly all?: undefined
}

/** Rows by a filter, which must not be blank. */
export interface ByFilter {
  /** The condition. */
  readonly filter: Filter | string
  /** Not with `filter`. */
  readonly ids?: undefined
  /** Not with `filter`. */
  readonly all?: undefined
}

/** All rows. */
export interface All {
  /** Says that all rows are meant. */
  readonly all: true
  /** Not with `all`. */
  readonly ids?: undefined
  /** Not with `all`. */
  readonly filter?: undefined
}

/** Which rows are meant: by their primary keys, by a filter, or all of them. */
export type Selection<D extends CollectionDefinition = AnyDefinition> = ByIds<KeyInput<D>> | ByFilter | All

/** The name of the primary key. Throws `CodecError`. */
export const keyOf = ({ fields, name }: AnyDefinition): string =>
  Object.keys(fields).find((field) => fields[field]?.options.primaryKey === true) ??
    throwValue(name, undefined, "a primary key")

/**
 * The filter for rows with these primary keys. Throws `CodecError`, also for a number that does not say which key it
 * means.
 */
export const withKeys = (definition: AnyDefinition, ids: ReadonlyArray<unknown>): Filter => {
  const key = keyOf(definition)
  const isText = definition.fields[key]?.type === "VarChar"
  const isKey = (id: unknown) =>
    isText ? typeof id === "string" : typeof id === "bigint" && BigInt.asIntN(64, id) === id || Number.isSafeInteger(id)
  const wrong = ids.findIndex((id) => !isKey(id))
  if (wrong >= 0) {
    throwValue(
      key,
      wrong,
      `${isText ? "a text" : "a bigint of 64 bits or a safe integer"}, got ${describeValue(ids[wrong])}`,
    )
  }
  // Cast: keys are of one kind, as was looked at; text or numbers make no difference here.
  return primaryKeyIn(tag.field(key), ids as ReadonlyArray<number | bigint>)
}

/** What to delete, decoded: no rows, or those for which an expression holds. */
export type Deleted =
  | { readonly ids: ReadonlyArray<unknown> }
  | { readonly expression: string }
  | { readonly all: true }

/** Decodes which rows are meant. Throws `CodecError` for what is not one of the forms of {@linkcode Selection}. */
export const deletedBy = (which: unknown): Deleted => {
  const forms = "one of { ids: [...] }, { filter: ... } and { all: true }"
  if (typeof which === "string" || isFilter(which)) throwValue("which", undefined, `${forms}, got a filter`)
  if (typeof which !== "object" || which === null || Array.isArray(which)) {
    return throwValue("which", undefined, `${forms}, got ${describeValue(which)}`)
  }
  // Cast: any object can be looked at by names.
  const given = which as { readonly ids?: unknown; readonly filter?: unknown; readonly all?: unknown }
  const names = Object.keys(given)
  const [name, more] = names
  if (name === undefined) return throwValue("which", undefined, `${forms}, got {}`)
  if (more !== undefined) return throwValue("which", undefined, `${forms}, got { ${names.join(", ")} }`)
  switch (name) {
    case "ids":
      return { ids: readIds(given.ids) }
    case "filter": {
      // Cast: the expression refuses what is neither.
      const expression = expressionOf(given.filter as Filter | string)
      return isBlank(expression)
        ? throwValue("filter", undefined, "a condition, got blank text; { all: true } deletes all rows")
        : { expression }
    }
    case "all":
      return given.all === true ? { all: true } : throwValue("all", undefined, `true, got ${describeValue(given.all)}`)
    default:
      return throwValue("which", undefined, `${forms}, got { ${name} }`)
  }
}

/** A list of primary keys. Throws `CodecError`. */
export const readIds = (ids: unknown): ReadonlyArray<unknown> =>
  isList(ids) ? Array.from(ids) : throwValue("ids", undefined, `a list of primary keys, got ${describeValue(ids)}`)

const isList = (value: unknown): value is ArrayLike<unknown> =>
  Array.isArray(value) || value instanceof BigInt64Array || value instanceof Int32Array

/** The condition that holds for every row. Throws `CodecError`. */
export const everyRow = (definition: AnyDefinition): Filter => tag`${tag.field(keyOf(definition))} not in ${[]}`

/** Older servers read the least of all keys by itself, and in no list. */
const primaryKeyIn = (key: FilterPart, ids: ReadonlyArray<number | bigint>): Filter => {
  const listed = ids.filter((id) => id !== least)
  if (listed.length === ids.length) return tag`${key} in ${ids}`
  const alone = tag`${key} == ${least}`
  return listed.length === 0 ? alone : tag.any([tag`${key} in ${listed}`, alone])
}

const least = -(2n ** 63n)
