/** Commands for maintenance: `flush`, `compact`, `optimize`, and compactions and segments to look at. */
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type { CallError } from "../../errors.ts"
import type * as Maintenance from "../../operations/Maintenance.ts"
import { targetFlags, withConnection } from "../connectionFlags.ts"
import { UsageError } from "../errors.ts"
import { longWait, namedJob, noWaitFlag, waitFlag, waitFor } from "../jobs.ts"
import { printDetails, printDone } from "../output/print.ts"
import {
  collectionArgument,
  countFlag,
  idArgument,
  maintenanceOperations,
  optionalArgument,
  printAll,
  switchFlag,
} from "./args.ts"

const targetSizeFlag = countFlag("target-size", "Maximum size of the new segments, in MiB")

/** `flush`. */
export const flush = Command.make("flush", {
  collection: optionalArgument("collection", "The collection"),
  all: switchFlag("all", "All collections of all databases"),
  noWait: noWaitFlag,
  target: targetFlags,
}, ({ collection, all, noWait, target }) =>
  Effect.gen(function* () {
    if ((collection === undefined) !== all) {
      return yield* new UsageError({
        reason: `expected a collection or --all, got ${all ? "both" : "none"}`,
        hint: "write flush COLLECTION, or flush --all",
      })
    }
    const what = collection === undefined ? "all collections" : `collection ${collection}`
    yield* withConnection(target)(Effect.gen(function* () {
      const Maintenance = yield* maintenanceOperations
      const progress: Stream.Stream<unknown, CallError> = collection === undefined
        ? (yield* Maintenance.flushAll(longWait)).progress
        : (yield* Maintenance.flush(collection, longWait)).progress
      const job = {
        name: `flush of ${collection ?? what}`,
        resume: collection === undefined ? "flush --all" : `flush ${collection}`,
      }
      if (!noWait) yield* waitFor(progress, job, () => ({ about: "" }))
    }))
    const [said, key] = noWait ? ["started to flush", "flushing"] : ["flushed", "flushed"]
    yield* printDone(`${said} ${what}`, { [key]: collection ?? "all" })
  })).pipe(
    Command.withDescription("Write rows from memory to storage; not needed to search them"),
    Command.withExamples([{ command: "flush books" }, { command: "flush --all" }]),
  )

/** `compact`. */
export const compact = Command.make(
  "compact",
  {
    collection: collectionArgument,
    clustering: switchFlag("clustering", "Sort rows by the clustering key as well"),
    onlyDeletes: switchFlag("only-deletes", "Apply deletes, and merge nothing"),
    targetSize: targetSizeFlag,
    noWait: noWaitFlag,
    target: targetFlags,
  },
  ({ collection, clustering, onlyDeletes, targetSize, noWait, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { compact } = yield* maintenanceOperations
      const job = yield* compact(collection, {
        clustering: clustering || undefined,
        onlyDeletes: onlyDeletes || undefined,
        targetSize,
        ...longWait,
      })
      if (job.id <= 0n) {
        return yield* printDone(`nothing to compact in ${collection}`, { compacted: collection, plans: 0 })
      }
      if (noWait) {
        return yield* printDone(`compaction ${job.id} of ${collection} has started`, {
          compacting: collection,
          id: job.id,
        })
      }
      const { completed } = yield* wait(job)
      yield* printDone(`compacted collection ${collection}: ${completed} plans`, {
        compacted: collection,
        id: job.id,
        plans: completed,
      })
    })),
).pipe(
  Command.withDescription("Merge the segments of a collection, and remove deleted rows from them"),
  Command.withExamples([{ command: "compact books" }, { command: "compact books --no-wait" }]),
)

const wait = ({ id, progress }: Maintenance.CompactionJob) =>
  waitFor(
    progress,
    namedJob("compaction", id),
    ({ executing, completed }) => ({
      part: executing + completed === 0 ? undefined : completed / (executing + completed),
      about: `${completed} plans`,
    }),
  )

/** `optimize`. */
export const optimize = Command.make(
  "optimize",
  { collection: collectionArgument, targetSize: targetSizeFlag, target: targetFlags },
  ({ collection, targetSize, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { optimize } = yield* maintenanceOperations
      const { progress } = yield* optimize(collection, { targetSize, ...longWait })
      const size = targetSize === undefined ? "" : ` --target-size ${targetSize}`
      yield* waitFor(
        progress,
        { name: `optimization of ${collection}`, resume: `optimize ${collection}${size}`, stops: true },
        (step) => ({ about: step }),
      )
      yield* printDone(`optimized collection ${collection}`, { optimized: collection })
    })),
).pipe(Command.withDescription("Make a collection fast: merge its segments, build their indexes, and load them"))

/** `describe compaction`. */
export const describeCompaction = Command.make(
  "compaction",
  { id: idArgument("Id of the compaction, which compact prints"), wait: waitFlag, target: targetFlags },
  ({ id, wait: isWaiting, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const Maintenance = yield* maintenanceOperations
      if (isWaiting) yield* wait(yield* Maintenance.compactionFromId(id, longWait))
      const { state, executing, completed, failed, timedOut } = yield* Maintenance.compactionState(id)
      const plans = yield* Maintenance.compactionPlans(id)
      yield* printDetails({ id, state, executing, completed, failed, "timed out": timedOut }, {
        plans: {
          columns: ["plan", "type", "state", "sources", "targets", "failure"],
          rows: plans.map(({ id, type, state, sources, targets, failure }) => ({
            plan: id === 0n ? undefined : id,
            type,
            state,
            sources: sources.join(" "),
            targets: targets.join(" "),
            failure,
          })),
        },
      })
    })),
).pipe(
  Command.withDescription(
    "Show the state and the plans of a compaction, or wait for it; servers forget them after a while",
  ),
)

/** `list segments`. */
export const listSegments = Command.make(
  "segments",
  {
    collection: collectionArgument,
    loaded: switchFlag("loaded", "Those in the memory of query nodes"),
    target: targetFlags,
  },
  ({ collection, loaded, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const Maintenance = yield* maintenanceOperations
      if (!loaded) {
        const rows = (yield* Maintenance.segments(collection)).map(segmentRow)
        return yield* printAll(["segment", "partition", "rows", "state", "level"], rows, "segments")
      }
      const rows = (yield* Maintenance.loadedSegments(collection)).map((segment) => ({
        ...segmentRow(segment),
        bytes: segment.bytes,
        index: segment.index || undefined,
        nodes: segment.nodes.join(" "),
      }))
      const columns = ["segment", "partition", "rows", "state", "level", "bytes", "index", "nodes"]
      yield* printAll(columns, rows, "segments in memory")
    })),
).pipe(Command.withDescription("List the segments of a collection in storage, or in memory"))

const segmentRow = ({ id, partitionId, rows, state, level }: Maintenance.Segment) => ({
  segment: id,
  partition: partitionId,
  rows,
  state,
  level,
})
