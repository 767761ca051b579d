/** The primary key of a collection, and the selection of rows by primary keys, by a filter, or of all rows. */
import { describeValue, throwValue } from "../../codec/errors.ts"
import { type Filter, filter as tag, type FilterPart, isFilter } from "../../filter/Filter.ts"
import type { AnyDefinition } from "../../schema/decodeSchema.ts"
import type { CollectionDefinition, KeyInput } from "../../schema/definition.ts"
import { isBlank } from "./read.ts"

/** Selects rows by their primary keys; an empty list selects no rows. */
export interface ByIds<Key = KeyInput<AnyDefinition>> {
  /** The primary keys. */
  readonly ids: ReadonlyArray<Key>
  /** Not with `ids`. */
  readonly filter?: undefined
  /** Not with `ids`. */
  readonly all?: undefined
}

/** Selects rows by a filter, which must not be blank. */
export interface ByFilter {
  /** The filter. */
  readonly filter: Filter | string
  /** Not with `filter`. */
  readonly ids?: undefined
  /** Not with `filter`. */
  readonly all?: undefined
}

/** Selects all rows. */
export interface All {
  /** Always `true`. */
  readonly all: true
  /** Not with `all`. */
  readonly ids?: undefined
  /** Not with `all`. */
  readonly filter?: undefined
}

/** Selects rows by their primary keys, by a filter, or all of them. */
export type Selection<D extends CollectionDefinition = AnyDefinition> = ByIds<KeyInput<D>> | ByFilter | All

/** Returns the name of the primary key. Throws `CodecError` if the definition has none. */
export const keyOf = ({ fields, name }: AnyDefinition): string =>
  Object.keys(fields).find((field) => fields[field]?.options.primaryKey === true) ??
    throwValue(name, undefined, "a field with `primaryKey: true`")

/**
 * Returns the filter for rows with these primary keys. Throws `CodecError` if a key is not of the type of the primary
 * key, or is a number beyond 2^53, which may stand for several keys.
 */
export const keysFilter = (definition: AnyDefinition, ids: ReadonlyArray<unknown>): Filter => {
  const key = keyOf(definition)
  const isText = definition.fields[key]?.type === "VarChar"
  const isKey = (id: unknown) =>
    isText ? typeof id === "string" : typeof id === "bigint" && BigInt.asIntN(64, id) === id || Number.isSafeInteger(id)
  const wrong = ids.findIndex((id) => !isKey(id))
  if (wrong >= 0) {
    throwValue(key, wrong, isText ? "a string" : "a 64-bit bigint or a safe integer", describeValue(ids[wrong]))
  }
  // Cast: all keys were checked to be of one type, and strings are handled like numbers here.
  return primaryKeyIn(tag.field(key), ids as ReadonlyArray<number | bigint>)
}

/** Decoded selection of the rows to delete. */
export type DecodedSelection =
  | { readonly ids: ReadonlyArray<unknown> }
  | { readonly filter: Filter | string }
  | { readonly all: true }

/** Decodes a {@linkcode Selection}. Throws `CodecError` if `which` has another form. */
export const decodeSelection = (which: unknown): DecodedSelection => {
  const forms = "one of { ids: [...] }, { filter: ... } and { all: true }"
  if (typeof which === "string" || isFilter(which)) throwValue("which", undefined, forms, "a filter")
  if (typeof which !== "object" || which === null || Array.isArray(which)) {
    return throwValue("which", undefined, forms, describeValue(which))
  }
  // Cast: any object can be read by property names.
  const given = which as { readonly ids?: unknown; readonly filter?: unknown; readonly all?: unknown }
  const names = Object.keys(given)
  const [name, more] = names
  if (name === undefined) return throwValue("which", undefined, forms, "{}")
  if (more !== undefined) return throwValue("which", undefined, forms, `{ ${names.join(", ")} }`)
  switch (name) {
    case "ids":
      return { ids: readIds(given.ids) }
    case "filter": {
      const { filter } = given
      if (typeof filter !== "string" && !isFilter(filter)) {
        return throwValue("filter", undefined, "a string, or a filter made by the tag `filter`", describeValue(filter))
      }
      return typeof filter === "string" && isBlank(filter)
        ? throwValue("filter", undefined, "a condition; { all: true } deletes all rows", "a blank string")
        : { filter }
    }
    case "all":
      return given.all === true ? { all: true } : throwValue("all", undefined, "true", describeValue(given.all))
    default:
      return throwValue("which", undefined, forms, `{ ${name} }`)
  }
}

/** Decodes a list of primary keys. Throws `CodecError`. */
export const readIds = (ids: unknown): ReadonlyArray<unknown> =>
  isList(ids) ? Array.from(ids) : throwValue("ids", undefined, "a list of primary keys", describeValue(ids))

const isList = (value: unknown): value is ArrayLike<unknown> =>
  Array.isArray(value) || value instanceof BigInt64Array || value instanceof Int32Array

/** Returns a filter that matches every row. Throws `CodecError`. */
export const allRowsFilter = (definition: AnyDefinition): Filter => tag`${tag.field(keyOf(definition))} not in ${[]}`

/** Older servers read the least 64-bit integer after `==`, but not in a list. */
const primaryKeyIn = (key: FilterPart, ids: ReadonlyArray<number | bigint>): Filter => {
  const listed = ids.filter((id) => id !== least)
  if (listed.length === ids.length) return tag`${key} in ${ids}`
  const alone = tag`${key} == ${least}`
  return listed.length === 0 ? alone : tag.any([tag`${key} in ${listed}`, alone])
}

const least = -(2n ** 63n)
