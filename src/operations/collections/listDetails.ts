/** Lists the collections of a database with what the server reports about all of them at once. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Connection from "../../Connection.ts"
import type { CallError, ParamError } from "../../errors.ts"
import { dateOf } from "../shared/decode.ts"
import { operatePart } from "../shared/operate.ts"
import { operation } from "../shared/operation.ts"

/** A collection in a list. */
export interface CollectionSummary {
  /** Name of the collection. */
  readonly name: string
  /** Id of the collection on the server; 0 if the server reports none (milvus-lite). */
  readonly id: bigint
  /** Time of its creation; `undefined` if the server does not report it (milvus-lite). */
  readonly created: Date | undefined
  /** How much of it is in memory, from 0 to 100; 0 unless it is loaded or being loaded. */
  readonly percent: number
}

/**
 * Returns all collections of the database, with their ids and times of creation, and how much of each is loaded.
 *
 * Calls `ShowCollections` for all collections, and again for those in memory.
 */
export const listDetails = (
  options?: Connection.CallOptions,
): Effect.Effect<ReadonlyArray<CollectionSummary>, CallError | ParamError, Connection.Connection> =>
  operation(
    "Collection.listDetails",
    undefined,
    options,
    Effect.gen(function* () {
      const all = yield* operatePart("ShowCollections", options, () => Result.succeed({}))
      const inMemory = yield* operatePart(
        "ShowCollections",
        options,
        () => Result.succeed({ type: "InMemory" as const }),
      )
      const percents = new Map(
        inMemory.collection_names.map((name, at) => [name, Number(inMemory.inMemory_percentages[at] ?? 100n)]),
      )
      return all.collection_names.map((name, at): CollectionSummary => ({
        name,
        id: all.collection_ids[at] ?? 0n,
        created: dateOf(all.created_utc_timestamps[at] ?? 0n),
        percent: percents.get(name) ?? 0,
      }))
    }),
  )
