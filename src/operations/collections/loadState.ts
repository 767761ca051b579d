/** Reads whether a collection or some of its partitions are loaded. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Connection from "../../Connection.ts"
import type { CallError, ParamError } from "../../errors.ts"
import type { CollectionRef } from "../shared/collectionRef.ts"
import { currentConnection } from "../shared/currentConnection.ts"
import { type State, stateOf } from "../shared/decode.ts"
import { operatePart } from "../shared/operate.ts"
import { readCollection, readNames } from "../shared/options.ts"

/** State of a collection or of partitions in memory; a number if this version does not know it. */
export type LoadStateName = State<"LoadState", Connection.Methods["GetLoadState"]["response"]["state"]>

/** State of a collection or of partitions in memory. */
export interface LoadState {
  /** The state. `"NotExist"` means that the collection does not exist. */
  readonly state: LoadStateName
  /** Progress from 0 to 100: 100 if loaded, 0 unless it is being loaded. */
  readonly percent: number
}

/** Reads the state, and for a load that is running also its progress. */
export const runLoadState = (
  collection: CollectionRef,
  partitions: ReadonlyArray<string> | undefined,
  options: Connection.CallOptions | undefined,
): Effect.Effect<LoadState, CallError | ParamError, Connection.Connection> =>
  Effect.gen(function* () {
    const target = Result.gen(function* () {
      const collection_name = yield* readCollection(collection)
      const partition_names = yield* readNames("partitions", partitions)
      return partition_names === undefined ? { collection_name } : { collection_name, partition_names }
    })
    const state = stateOf("LoadState", (yield* operatePart("GetLoadState", options, () => target)).state)
    if (state !== "Loading") return { state, percent: state === "Loaded" ? 100 : 0 }
    const connection = yield* currentConnection(options)
    const request = yield* Effect.fromResult(target)
    const { progress } = yield* connection.call("GetLoadingProgress", request, options)
    return { state, percent: Number(progress) }
  })
