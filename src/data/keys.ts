/** The primary key of a collection, and rows that are meant by theirs. */
import { refuse } from "../codec/errors.ts"
import { type Filter, filter as tag, type FilterPart } from "../filter.ts"
import type { AnyDefinition } from "../schema/decode.ts"
import type { CollectionDefinition, KeyInput } from "../schema/definition.ts"

/** Which rows are meant: by their primary keys, or by a filter. */
export type Selection<D extends CollectionDefinition = AnyDefinition> =
  | { readonly ids: ReadonlyArray<KeyInput<D>> }
  | { readonly filter: Filter | string }

/** The name of the primary key. Throws `CodecError`. */
export const keyOf = ({ fields, name }: AnyDefinition): string =>
  Object.keys(fields).find((field) => fields[field]?.options.primaryKey === true) ??
    refuse(name, undefined, "a primary key")

/** The filter of a selection. Throws `CodecError`. */
export const selected = (
  definition: AnyDefinition,
  which: { readonly ids: ReadonlyArray<unknown> } | { readonly filter: Filter | string },
): Filter | string =>
  "filter" in which
    ? which.filter
    // Cast: keys are numbers or texts; the filter refuses what is neither.
    : among(tag.field(keyOf(definition)), which.ids as ReadonlyArray<number | bigint>)

/** Older servers read the least of all keys by itself, and in no list. */
const among = (key: FilterPart, ids: ReadonlyArray<number | bigint>): Filter => {
  const listed = ids.filter((id) => id !== least)
  if (listed.length === ids.length) return tag`${key} in ${ids}`
  const alone = tag`${key} == ${least}`
  return listed.length === 0 ? alone : tag.any([tag`${key} in ${listed}`, alone])
}

const least = -(2n ** 63n)
