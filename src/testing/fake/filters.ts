/**
 * Filters: comparisons, `in`, `like` (of a beginning), `and`, `or`, `not`, ranges, arithmetic with one field, columns
 * against columns, paths into JSON and dynamic keys, and the functions over JSON and Arrays, as Milvus 2.3.5 evaluates
 * them. What that refuses, and what differs between versions, is refused.
 */
import { compileFilter } from "./filterRules.ts"
import type { Cells, Key, Templates, Test } from "./filterOperands.ts"
import { readSyntax } from "./filterSyntax.ts"
import type { Layout } from "./layout.ts"

export type { Key, Templates }

/** What a filter says. */
export interface Filter {
  readonly matches: (cells: Cells) => boolean
  /** The keys, where the filter is nothing but a list of them. */
  readonly keys?: ReadonlyArray<Key> | undefined
}

/** Matches every row. */
export const everything: Filter = { matches: () => true }

/** Reads a filter; an empty one matches every row. */
export const parseFilter = (text: string, layout: Layout, templates: Templates): Filter => {
  if (text.trim() === "") return everything
  const { test, keys } = compileFilter(text, readSyntax(text, layout.isOld), layout, templates)
  return { matches: matching(test), keys }
}

/** A row of which it is not known, since a value is null, does not match. */
const matching = (test: Test) => (cells: Cells): boolean => test(cells) === true
