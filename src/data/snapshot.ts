/** What the pages of one stream see: one collection, as the first page saw it. */
import * as Effect from "effect/Effect"
import type * as Connection from "../Connection.ts"
import type { CallError } from "../errors.ts"
import type { ReadOptions } from "./read.ts"

/** Says which collection is read, so that one of the same name that takes its place is not taken for it. */
export const identityOf = (
  connection: Connection.Connection,
  collection: string,
  options: ReadOptions | undefined,
): Effect.Effect<Readonly<Record<string, string>>, CallError> =>
  Effect.map(
    connection.call("DescribeCollection", { collection_name: collection }, options),
    ({ collectionID }) => ({ iterator: "True", collection_id: `${collectionID}` }),
  )

/** Reads at the timestamp of an earlier page; 0 where there is none, or the server did not say. */
export const at = <O extends ReadOptions>(timestamp: bigint, options: O): O =>
  timestamp === 0n ? options : { ...options, consistency: "Customized", guaranteeTimestamp: timestamp }
