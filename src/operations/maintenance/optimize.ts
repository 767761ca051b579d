/** Optimizations: the jobs of a server that make a collection fast, one after the other. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Connection from "../../Connection.ts"
import { CurrentDatabase } from "../../connection/currentDatabase.ts"
import { isOlder } from "../../contract/rpcs.ts"
import type { CallError, ParamError } from "../../errors.ts"
import { runLoadState } from "../collections/loadState.ts"
import { runRefresh } from "../collections/runLoad.ts"
import type { CollectionRef } from "../shared/collectionRef.ts"
import { currentConnection, requireMilvus, requireOptions } from "../shared/currentConnection.ts"
import { readCount } from "../shared/decode.ts"
import { describeIndexes, watchIndexes } from "../shared/indexBuild.ts"
import type { Job } from "../shared/job.ts"
import { checkOptions, optionNames, readCollection } from "../shared/options.ts"
import { type Deadline, startDeadline, type WaitOptions } from "../shared/waiting.ts"
import { startCompaction } from "./compaction.ts"

/** A step of an optimization. */
export type OptimizeStep = "indexing" | "compacting" | "indexing again" | "refreshing"

/** An optimization: its id is the name of the collection, and its progress is the step that it is at. */
export type OptimizeJob = Job<string, OptimizeStep, void>

/** Options for `optimize`. */
export interface OptimizeOptions extends WaitOptions {
  /**
   * The maximum size of the new segments, in MiB: not less than the server is configured for. Milvus 2.6.8 and later.
   *
   * @default As large as its nodes can have them; before Milvus 2.6.8 as the server is configured.
   */
  readonly targetSize?: number | undefined
}

const optimizeOptionNames = optionNames<OptimizeOptions>("targetSize")
const optimizeSince = { targetSize: "2.6.8" }

/** The size of segments by which servers choose the largest that their nodes can have. */
const largest = 2n ** 63n - 1n

/**
 * Makes a collection as fast as it can be: waits for its indexes, merges its segments, waits for the indexes of the new
 * segments, and loads them if the collection is loaded. The work is done while the job is waited for, under one
 * `timeout`; after an interruption a compaction that began goes on, and another `optimize` continues.
 *
 * Calls `DescribeIndex`, `ManualCompaction`, `GetCompactionState` and `GetLoadState`, and for a collection that is
 * loaded `LoadCollection` and `GetLoadingProgress`, when the job is waited for. The collection has to have an index.
 * Milvus 2.2.3 and later.
 */
export const optimize = (
  collection: CollectionRef,
  options?: OptimizeOptions,
): Effect.Effect<OptimizeJob, CallError | ParamError, Connection.Connection> =>
  Effect.gen(function* () {
    yield* Effect.fromResult(checkOptions(options, optimizeOptionNames))
    const name = yield* Effect.fromResult(readCollection(collection))
    const { targetSize, ...wait } = options ?? {}
    if (targetSize !== undefined) yield* Effect.fromResult(readCount("targetSize", targetSize, 1))
    const connection = yield* currentConnection(options)
    const [method, operation] = ["ManualCompaction", "Maintenance.optimize"] as const
    yield* requireMilvus(connection, method, undefined, "2.2.3", operation)
    yield* requireOptions(connection, method, options, optimizeSince, operation)
    const canChoose = !isOlder(connection.server.version, optimizeSince.targetSize)
    const request = { target_size: targetSize ?? (canChoose ? largest : 0) }
    const steps = Stream.unwrap(
      Effect.map(startDeadline(connection, wait), (deadline) => stepsOf(name, request, wait, deadline)),
    )
    const progress = steps.pipe(
      Stream.provideService(Connection.Connection, connection),
      // The job may be waited for where another database is the current one.
      Stream.provideService(CurrentDatabase, connection.config.database),
      // The arguments were checked above.
      Stream.catchTag("ParamError", (error) => Stream.die(error)),
    )
    return { id: name, progress, await: Stream.runDrain(progress) }
  })

/** Emits each step when it begins. */
const stepsOf = (
  name: string,
  request: { readonly target_size: number | bigint },
  wait: WaitOptions,
  deadline: Deadline,
): Stream.Stream<OptimizeStep, CallError | ParamError, Connection.Connection> => {
  const left = Effect.map(deadline.time, ({ left }): WaitOptions => ({
    ...wait,
    timeout: left === Infinity ? "infinite" : Math.max(1, left),
  }))
  const step = (step: OptimizeStep) => Stream.succeed(step)
  const indexing = Stream.drain(watchIndexes(name, undefined, deadline))
  // Its `await` reports the id of the compaction if it is interrupted.
  const compacting = Stream.drain(Stream.fromEffect(Effect.gen(function* () {
    const job = yield* startCompaction(name, request, yield* left)
    yield* job.await
  })))
  const refreshing = Stream.unwrap(Effect.gen(function* () {
    const { state } = yield* deadline.poll((call) => runLoadState(name, undefined, call))
    if (state !== "Loaded") return Stream.empty
    return Stream.concat(step("refreshing"), Stream.drain(runRefresh(name, yield* left)))
  }))
  // Unlike a poll, it fails at once if the server cannot be reached.
  const check = deadline.call((call) => describeIndexes(name, undefined, call))
  return Stream.unwrap(Effect.as(check, step("indexing"))).pipe(
    Stream.concat(indexing),
    Stream.concat(step("compacting")),
    Stream.concat(compacting),
    Stream.concat(step("indexing again")),
    Stream.concat(indexing),
    Stream.concat(refreshing),
  )
}
