/** The primary key of a collection, and rows that are meant by theirs. */
import * as Effect from "effect/Effect"
import { CodecError } from "../errors.ts"
import { type Filter, filter as tag, type FilterPart } from "../filter.ts"
import type { AnyDefinition } from "../schema/decode.ts"
import type { CollectionDefinition, KeyInput } from "../schema/definition.ts"

/** Which rows are meant: by their primary keys, or by a filter. */
export type Selection<D extends CollectionDefinition = AnyDefinition> =
  | { readonly ids: ReadonlyArray<KeyInput<D>> }
  | { readonly filter: Filter | string }

/** The name of the primary key. */
export const keyOf = ({ fields, name }: AnyDefinition): Effect.Effect<string, CodecError> => {
  const key = Object.keys(fields).find((field) => fields[field]?.options.primaryKey === true)
  return key === undefined
    ? Effect.fail(new CodecError({ field: name, expected: "a primary key" }))
    : Effect.succeed(key)
}

/** The filter of a selection. */
export const selected = (
  definition: AnyDefinition,
  which: { readonly ids: ReadonlyArray<unknown> } | { readonly filter: Filter | string },
): Effect.Effect<Filter | string, CodecError> =>
  "filter" in which
    ? Effect.succeed(which.filter)
    // Cast: keys are numbers or texts; the filter refuses what is neither.
    : Effect.map(keyOf(definition), (key) => among(tag.field(key), which.ids as ReadonlyArray<number | bigint>))

/** Older servers read the least of all keys by itself, and in no list. */
const among = (key: FilterPart, ids: ReadonlyArray<number | bigint>): Filter => {
  const listed = ids.filter((id) => id !== least)
  if (listed.length === ids.length) return tag`${key} in ${ids}`
  const alone = tag`${key} == ${least}`
  return listed.length === 0 ? alone : tag.any([tag`${key} in ${listed}`, alone])
}

const least = -(2n ** 63n)
