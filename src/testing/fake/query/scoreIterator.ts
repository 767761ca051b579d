/** Search iterators: each page begins behind the score that the one before ended with. */
import type { KeyValuePair } from "../../../contract/messages.gen.ts"
import { valueOf } from "../state/layout.ts"
import { throwParameter } from "../fakeStatus.ts"

/** The parameters of a search that are an iterator's. */
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
  /** How many hits it has. */
  readonly size: number
  /** Names the iterator. Nothing is kept for it: all that it takes to go on comes with each request. */
  readonly token: string
  /** Where the page before ended; absent for the first. */
  readonly bound: number | undefined
}

/** The page that is asked for; `undefined` where a search is no iterator's. */
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
