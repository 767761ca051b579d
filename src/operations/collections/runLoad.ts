/** Loads a collection or some of its partitions, and waits until they can be searched. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type * as Connection from "../../Connection.ts"
import { type CallError, type ParamError, ServerError } from "../../errors.ts"
import { type CollectionRef, readRef } from "../shared/collectionRef.ts"
import { checkCount, optionNames, readNames } from "../shared/options.ts"
import { type Deadline, startDeadline, type WaitOptions, watch } from "../shared/waiting.ts"
import { currentConnection } from "../shared/currentConnection.ts"

/** Options for `load` and `loading`. */
export interface LoadOptions extends WaitOptions {
  /**
   * Number of replicas in memory.
   *
   * @default 1
   */
  readonly replicas?: number | undefined
  /** Partitions to load, at least one. Default: the whole collection. */
  readonly partitions?: ReadonlyArray<string> | undefined
}

const loadOptionNames = optionNames<LoadOptions>("replicas", "partitions")

/** Starts a load, and emits its progress in percent. */
export const runLoad = (
  collection: CollectionRef,
  options: LoadOptions | undefined,
): Stream.Stream<number, CallError | ParamError, Connection.Connection> =>
  Stream.unwrap(Effect.gen(function* () {
    const collection_name = yield* readRef(collection, options, loadOptionNames)
    yield* Effect.fromResult(checkCount("replicas", options?.replicas))
    const partition_names = yield* Effect.fromResult(readNames("partitions", options?.partitions))
    const deadline = yield* startDeadline(yield* currentConnection(options), options)
    const target = { collection_name, ...(partition_names === undefined ? {} : { partition_names }) }
    yield* startLoad(deadline, target, options?.replicas ?? 1)
    return watchLoad(deadline, target)
  }))

/** A collection, or some of its partitions. */
export interface LoadTarget {
  readonly collection_name: string
  readonly partition_names?: ReadonlyArray<string>
}

/** Starts a load. */
export const startLoad = (
  { connection, call }: Deadline,
  { collection_name, partition_names }: LoadTarget,
  replica_number: number,
): Effect.Effect<unknown, CallError> =>
  call((options) =>
    partition_names === undefined
      ? connection.call("LoadCollection", { collection_name, replica_number }, options)
      : connection.call("LoadPartitions", { collection_name, partition_names, replica_number }, options)
  )

/** Emits the progress of a load in percent at each change, and ends at 100. */
export const watchLoad = (deadline: Deadline, target: LoadTarget): Stream.Stream<number, CallError> => {
  const { connection } = deadline
  const { collection_name: name, partition_names: partitions } = target
  const subject = partitions === undefined ? `collection "${name}"` : `partitions ${partitions} of collection "${name}"`
  return watch({
    method: "GetLoadingProgress",
    poll: (options, last) =>
      Effect.gen(function* () {
        const progress = Number((yield* connection.call("GetLoadingProgress", target, options)).progress)
        // The progress of a running load does not fall. If it does, the collection may have been released.
        if (last !== undefined && progress < 100 && (progress === 0 || progress < last)) {
          yield* checkLoading(connection, target, subject, options)
        }
        return progress
      }),
    isDone: (progress) => progress >= 100,
    show: (progress = 0) => `${subject} is loaded to ${progress}%`,
  }, deadline)
}

/** Fails if the target was released or dropped. */
const checkLoading = (
  connection: Connection.Connection,
  target: LoadTarget,
  subject: string,
  options: Connection.CallOptions,
): Effect.Effect<void, CallError> =>
  Effect.gen(function* () {
    const method = "GetLoadState"
    const { state } = yield* connection.call(method, target, options)
    const fail = (code: number, reason: string) =>
      new ServerError({ method, address: connection.config.address, code, reason, retriable: false })
    // Milvus's codes for a collection that does not exist, and for one that is not loaded.
    if (state === "LoadStateNotExist") return yield* fail(100, `${subject} was dropped while it was being loaded`)
    if (state === "LoadStateNotLoad") return yield* fail(101, `${subject} was released while it was being loaded`)
  })
