/**
 * Filters, with the results of Milvus 2.3.5: comparisons, `in`, `like`, `and`, `or`, `not`, ranges, arithmetic with one
 * field, comparisons of two fields, paths into JSON, dynamic keys, and the functions for JSON and Arrays. Of later
 * versions: all patterns of `like`, `is null` and `is not null`, which a server of an old version refuses. Everything
 * that Milvus refuses, and everything else that differs between versions, is refused.
 *
 * `filterSyntax.ts` parses the text to a tree, and `compileFilter.ts` compiles the tree to a test of rows.
 */
import { compileFilter } from "./compileFilter.ts"
import type { Cells, Key, Templates } from "./filterOperands.ts"
import { parseSyntax } from "./filterSyntax.ts"
import type { Layout } from "../state/layout.ts"

export type { Key, Templates }

/** A filter of rows. */
export interface Filter {
  /** Whether a row matches. */
  readonly matches: (cells: Cells) => boolean
  /** The primary keys, if the filter is only a list of them. */
  readonly keys?: ReadonlyArray<Key> | undefined
}

/** Parses a filter. An empty filter matches every row. */
export const parseFilter = (text: string, layout: Layout, templates: Templates): Filter => {
  if (text.trim() === "") return { matches: () => true }
  const { test, keys } = compileFilter(text, parseSyntax(text, layout.isOld), layout, templates)
  // The test is `undefined` if a null decides it. The row does not match then.
  return { matches: (cells) => test(cells) === true, keys }
}
