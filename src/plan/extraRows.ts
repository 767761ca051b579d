/** Rows that only the new collection has. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type * as Connection from "../Connection.ts"
import type { PartialWrite } from "../errors.ts"
import * as Vectors from "../operations/Vectors.ts"
import type { CollectionDefinition } from "../schema/definition.ts"
import type { ReadError } from "./collectionSteps.ts"
import { rowsMissingIn } from "./copyRows.ts"

/** Number of keys that an error has at most. */
const maxKeys = 10

/** Returns the first keys of rows that only the new collection has, as texts. Deletes all of these rows if asked to. */
export const findExtra = (
  from: CollectionDefinition,
  to: CollectionDefinition,
  key: string,
  deletes: boolean,
): Effect.Effect<ReadonlyArray<string>, ReadError | PartialWrite, Connection.Connection> =>
  Effect.gen(function* () {
    const keys: Array<string> = []
    const batches = Vectors.queryBatches(to, undefined, { outputFields: [key], consistency: "Strong" })
    yield* Stream.runForEach(batches, ({ rows }) =>
      Effect.gen(function* () {
        const extra = yield* rowsMissingIn(from, key, rows.toArray())
        if (extra.length === 0) return
        keys.push(...extra.slice(0, maxKeys - keys.length).map(String))
        if (deletes) yield* Vectors.delete(to, { ids: extra })
      }))
    return keys
  })
