/** Commands for external collections, whose files another system writes: `refresh`, and refreshes to look at. */
import * as Command from "effect/cli/Command"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as ExternalCollection from "../../operations/ExternalCollection.ts"
import { targetFlags, withConnection } from "../connectionFlags.ts"
import { longWait, namedJob, noWaitFlag, oneCall, stateOf, waitFlag } from "../jobs.ts"
import { printDone, printRecord } from "../output/print.ts"
import type { Row } from "../output/writer.ts"
import { collectionArgument, externalOperations, idArgument, optionalArgument, printAll, textFlag } from "./args.ts"

const refreshState = (isWaiting: boolean, { id, progress }: ExternalCollection.RefreshJob) =>
  stateOf(
    isWaiting,
    progress,
    namedJob("refresh", id),
    ({ collection, percent }) => ({ part: percent / 100, about: `of ${collection}` }),
  )

/** `refresh`. */
export const refresh = Command.make(
  "refresh",
  {
    collection: collectionArgument,
    source: textFlag("source", "URI", "Where the files are (default: as at the last refresh)"),
    spec: textFlag("spec", "JSON", "Description of the files (default: as at the last refresh)"),
    noWait: noWaitFlag,
    target: targetFlags,
  },
  ({ collection, source, spec, noWait, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { refresh } = yield* externalOperations
      const job = yield* refresh(collection, { source, spec, ...longWait })
      if (noWait) {
        return yield* printDone(`refresh ${job.id} of ${collection} has started`, {
          refreshing: collection,
          id: job.id,
        })
      }
      yield* refreshState(true, job)
      yield* printDone(`refreshed ${collection}`, { refreshed: collection, id: job.id })
    })),
).pipe(
  Command.withDescription("Read the files of an external collection again"),
  Command.withExamples([{ command: "refresh events" }, { command: "refresh events --source s3://lake/events" }]),
)

const columns = ["id", "collection", "state", "percent", "source", "started", "seconds", "failure"]

const rowOf = ({ elapsed, spec, source, ...refresh }: ExternalCollection.RefreshProgress): Row => ({
  ...refresh,
  source: source || undefined,
  spec: spec || undefined,
  seconds: elapsed === undefined ? undefined : Duration.toMillis(elapsed) / 1000,
})

/** `list refreshes`. */
export const list = Command.make(
  "refreshes",
  { collection: optionalArgument("collection", "Only refreshes of this collection"), target: targetFlags },
  ({ collection, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { listRefreshes } = yield* externalOperations
      yield* printAll(columns, (yield* listRefreshes(collection)).map(rowOf), "refreshes")
    })),
).pipe(Command.withDescription("List the refreshes of external collections"))

/** `describe refresh`. */
export const describe = Command.make(
  "refresh",
  { id: idArgument("Id of the refresh, which refresh prints"), wait: waitFlag, target: targetFlags },
  ({ id, wait, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { fromId } = yield* externalOperations
      yield* printRecord(rowOf(yield* refreshState(wait, yield* fromId(id, wait ? longWait : oneCall))))
    })),
).pipe(Command.withDescription("Show the state of a refresh, or wait for it; fails if it failed"))
