/** `prewarm` loads a collection before it is read for the first time; `describe prewarm` shows it, or waits for it. */
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import type * as Prewarm from "../../operations/Prewarm.ts"
import { targetFlags, withConnection } from "../connectionFlags.ts"
import { longWait, namedJob, noWaitFlag, oneCall, stateOf, waitFlag } from "../jobs.ts"
import { printDone, printRecord } from "../output/print.ts"
import { argument, collectionArgument, countFlag, namesFlag, prewarmOperations, switchFlag, textFlag } from "./args.ts"

const prewarmState = (isWaiting: boolean, { id, progress }: Prewarm.PrewarmJob) =>
  stateOf(
    isWaiting,
    progress,
    { ...namedJob("prewarm", id), name: `prewarming ${id}` },
    ({ percent }) => ({ part: percent / 100, about: "" }),
  )

/** `prewarm`. */
export const prewarm = Command.make(
  "prewarm",
  {
    collection: collectionArgument,
    namespace: textFlag("namespace", "NAME", "Only this namespace of the collection"),
    replicas: countFlag("replicas", "Number of replicas, if it is not loaded (default: 1)"),
    resourceGroups: namesFlag("resource-groups", "A,B", "Resource groups to load into, if it is not loaded"),
    fields: namesFlag("fields", "A,B", "Fields to load, if it is not loaded (default: all)"),
    skipDynamicField: switchFlag("skip-dynamic-field", "Leave the dynamic field out"),
    lowPriority: switchFlag("low-priority", "Let other loads go first"),
    noWait: noWaitFlag,
    target: targetFlags,
  },
  ({ collection, skipDynamicField, lowPriority, noWait, target, ...options }) =>
    withConnection(target)(Effect.gen(function* () {
      const { start } = yield* prewarmOperations
      const job = yield* start(collection, {
        ...options,
        skipDynamicField: skipDynamicField || undefined,
        priority: lowPriority ? "low" : undefined,
        ...longWait,
      })
      if (noWait) {
        return yield* printDone(`prewarming ${job.id} of ${collection} has started`, {
          prewarming: collection,
          id: job.id,
        })
      }
      yield* prewarmState(true, job)
      yield* printDone(`prewarmed ${collection}`, { prewarmed: collection, id: job.id })
    })),
).pipe(
  Command.withDescription("Load a collection, or one of its namespaces, before it is read for the first time"),
  Command.withExamples([{ command: "prewarm books --namespace ann" }]),
)

/** `describe prewarm`. */
export const describe = Command.make(
  "prewarm",
  { id: argument("id", "Id of the prewarming, which prewarm prints"), wait: waitFlag, target: targetFlags },
  ({ id, wait, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { fromId } = yield* prewarmOperations
      yield* printRecord({ ...yield* prewarmState(wait, yield* fromId(id, wait ? longWait : oneCall)) })
    })),
).pipe(Command.withDescription("Show the state of a prewarming, or wait for it; fails if it failed"))
