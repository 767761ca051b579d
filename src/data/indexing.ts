/** Indexes on the server: making one, and waiting until it is finished. */
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import * as Connection from "../Connection.ts"
import { type CallError, type CodecError, ServerError } from "../errors.ts"
import { extraParams, type Index } from "../schema/indexes.ts"
import { encoded } from "./read.ts"

/** What can be set for the making of an index. */
export interface CreateIndexOptions extends Connection.CallOptions {
  /** Its name. Default: that of the field, by the server's choice. */
  readonly name?: string | undefined
}

/** Makes an index. It is not finished when this ends, where there are rows already. */
export const createIndex = (
  collection: string,
  field: string,
  index: Index,
  options?: CreateIndexOptions,
): Effect.Effect<void, CallError | CodecError, Connection.Connection> =>
  Effect.gen(function* () {
    const connection = yield* Connection.Connection
    const params = yield* encoded(() => extraParams(index))
    yield* connection.call("CreateIndex", {
      collection_name: collection,
      field_name: field,
      extra_params: [...params],
      ...(options?.name === undefined ? {} : { index_name: options.name }),
    }, options)
  })

/** How far an index is. */
export interface IndexProgress {
  /** Rows that are in it. */
  readonly indexed: number
  /** Rows of the collection. */
  readonly rows: number
  /** Where it is in its life. */
  readonly state: "Unissued" | "InProgress" | "Finished" | "Failed" | "Retry" | "IndexStateNone" | number
}

/** Ends when the indexes of a field, or all of a collection, are finished; fails where one of them did. */
export const waitForIndex = (
  collection: string,
  field?: string,
  options?: Connection.CallOptions,
): Effect.Effect<void, CallError, Connection.Connection> =>
  Effect.flatMap(Connection.Connection, (connection) =>
    connection.call("DescribeIndex", {
      collection_name: collection,
      ...(field === undefined ? {} : { field_name: field }),
    }, options).pipe(
      Effect.flatMap(({ index_descriptions: all }) => {
        const failed = all.find(({ state }) => state === "Failed")
        if (failed === undefined) return Effect.succeed(all.every(({ state }) => state === "Finished"))
        const { index_name, index_state_fail_reason: why } = failed
        const reason = `the index ${index_name} failed: ${why}`
        const { address } = connection.config
        return Effect.fail(new ServerError({ method: "DescribeIndex", address, code: 1, reason, retriable: false }))
      }),
      Effect.repeat({ until: (isDone) => isDone, schedule: polling }),
      Effect.asVoid,
    ))

/** How often it is asked how far something is: soon at first, for what takes no time. */
export const polling: Schedule.Schedule<unknown> = Schedule.min([
  Schedule.exponential("20 millis"),
  Schedule.spaced("500 millis"),
])
