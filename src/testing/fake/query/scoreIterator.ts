/** Search iterators: each page begins after the score that the page before ended with. */
import type { KeyValuePair } from "../../../contract/messages.gen.ts"
import { valueOf } from "../state/layout.ts"
import { throwParameter } from "../fakeStatus.ts"

/** The search parameters of an iterator. */
export const iteratorParameters = [
  "iterator",
  "collection_id",
  "search_iter_v2",
  "search_iter_batch_size",
  "search_iter_id",
  "search_iter_last_bound",
]

/** A page of an iterator. */
export interface IteratorPage {
  /** Maximum number of hits. */
  readonly size: number
  /**
   * Identifies the iterator. The server keeps no state for it: each request carries everything that is needed to
   * continue.
   */
  readonly token: string
  /** The score that the page before ended with. `undefined` for the first page. */
  readonly bound: number | undefined
}

/** Returns the requested page, or `undefined` if the search is not that of an iterator. */
export const iteratorPage = (params: ReadonlyArray<KeyValuePair>, limit: number): IteratorPage | undefined => {
  if (valueOf(params, "search_iter_v2")?.toLowerCase() !== "true") return undefined
  const size = Number(valueOf(params, "search_iter_batch_size") ?? limit)
  if (!Number.isInteger(size) || size < 1) throwParameter(`batch size ${size} is invalid`)
  const bound = valueOf(params, "search_iter_last_bound")
  return {
    size,
    token: valueOf(params, "search_iter_id") || crypto.randomUUID(),
    bound: bound === undefined ? undefined : Number(bound),
  }
}
