/**
 * Commands for snapshots and their jobs: `list`, `describe`, `create`, `drop`, `pin`, `unpin`, `restore`,
 * `export-snapshot`.
 */
import * as Command from "effect/cli/Command"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Connection from "../../Connection.ts"
import type { CallError } from "../../errors.ts"
import type { Job } from "../../operations/shared/job.ts"
import type * as Snapshot from "../../operations/Snapshot.ts"
import { confirm, yesFlag } from "../confirm.ts"
import { targetFlags, withConnection } from "../connectionFlags.ts"
import { longWait, namedJob, noWaitFlag, oneCall, stateOf, waitFlag } from "../jobs.ts"
import { printDone, printRecord } from "../output/print.ts"
import type { Row } from "../output/writer.ts"
import type { Terminal } from "../screen.ts"
import {
  anyTextFlag,
  argument,
  collectionArgument,
  idArgument,
  optionalArgument,
  printAll,
  secondsFlag,
  snapshotOperations,
  switchFlag,
  textFlag,
} from "./args.ts"

const snapshotParams = {
  collection: collectionArgument,
  name: argument("snapshot", "Snapshot of the collection"),
  target: targetFlags,
} as const

const skipIndexesFlag = switchFlag("skip-indexes", "Leave the indexes out")
const specFlag = textFlag("external-spec", "JSON", "Access to the storage (default: the storage of the server)")
const newCollection = argument("new-collection", "Collection to make, which must not exist")

/** `list snapshots`. */
export const list = Command.make(
  "snapshots",
  { collection: collectionArgument, target: targetFlags },
  ({ collection, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { list } = yield* snapshotOperations
      yield* printAll(["name"], (yield* list(collection)).map((name) => ({ name })), "snapshots")
    })),
).pipe(Command.withDescription("List the snapshots of a collection"))

/** `describe snapshot`. */
export const describe = Command.make(
  "snapshot",
  snapshotParams,
  ({ collection, name, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { describe } = yield* snapshotOperations
      const { description, hasIndexes, ...snapshot } = yield* describe(collection, name)
      yield* printRecord({ ...snapshot, description: description || undefined, "has indexes": hasIndexes })
    })),
).pipe(Command.withDescription("Show partitions, time and location of a snapshot"))

/** `create snapshot`. */
export const create = Command.make(
  "snapshot",
  {
    ...snapshotParams,
    description: anyTextFlag("description", "TEXT", "Description of the snapshot"),
    skipIndexes: skipIndexesFlag,
    compactionProtection: secondsFlag("compaction-protection", "Time in which compaction keeps its files: 12h, 7d"),
  },
  ({ collection, name, description, skipIndexes, compactionProtection, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { create } = yield* snapshotOperations
      yield* create(collection, name, { description, skipIndexes: skipIndexes || undefined, compactionProtection })
      yield* printDone(`created snapshot ${name} of ${collection}`, { created: name, collection })
    })),
).pipe(Command.withDescription("Keep the rows of a collection that are flushed, as they are now"))

/** `drop snapshot`. */
export const drop = Command.make(
  "snapshot",
  { ...snapshotParams, yes: yesFlag },
  ({ collection, name, yes, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { describe, drop } = yield* snapshotOperations
      yield* describe(collection, name)
      yield* confirm(yes, `Drop the snapshot ${name} of ${collection}?`)
      yield* drop(collection, name)
      yield* printDone(`dropped snapshot ${name} of ${collection}`, { dropped: name, collection })
    })),
).pipe(Command.withDescription("Drop a snapshot; the collection stays"))

/** `pin snapshot`. */
export const pin = Command.make(
  "snapshot",
  {
    ...snapshotParams,
    timeToLive: secondsFlag("ttl", "Time until the pin ends by itself: 12h, 7d (default: that of the server)"),
  },
  ({ collection, name, timeToLive, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { pin } = yield* snapshotOperations
      const id = yield* pin(collection, name, { timeToLive })
      yield* printDone(`pinned snapshot ${name} of ${collection}; end it with: unpin snapshot ${id}`, {
        pinned: name,
        collection,
        id,
      })
    })),
).pipe(
  Command.withDescription("Keep the data of a snapshot from being removed, for example while it is copied"),
  Command.withExamples([{ command: "pin snapshot books monday --ttl 12h" }]),
)

/** `unpin snapshot`. */
export const unpin = Command.make(
  "snapshot",
  { id: idArgument("Id of the pin, which pin snapshot prints"), target: targetFlags },
  ({ id, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { unpin } = yield* snapshotOperations
      yield* unpin(id)
      yield* printDone(`ended pin ${id}`, { unpinned: id })
    })),
).pipe(Command.withDescription("End a pin, so that the snapshot can be dropped"))

/** Returns the state of a job, at the end or now; its kind is also the noun of the command that waits for it again. */
const snapshotState = <State extends Snapshot.SnapshotProgress>(
  kind: "restore" | "export",
  isWaiting: boolean,
  { id, progress }: Job<bigint, State, State>,
): Effect.Effect<State, CallError, Connection.Connection | Terminal> =>
  stateOf(
    isWaiting,
    progress,
    namedJob(kind, id),
    ({ snapshot, percent }) => ({ part: percent / 100, about: `of ${snapshot}` }),
  )

/** Waits for a restore unless told not to, and prints its outcome. */
const restored = (job: Snapshot.RestoreJob, source: string, collection: string, noWait: boolean) =>
  Effect.gen(function* () {
    if (noWait) {
      return yield* printDone(`restore ${job.id} of ${source} into ${collection} has started`, {
        restoring: collection,
        id: job.id,
      })
    }
    yield* snapshotState("restore", true, job)
    yield* printDone(`restored ${source} into ${collection}`, { restored: collection, id: job.id })
  })

/** `restore snapshot`. */
export const restore = Command.make(
  "snapshot",
  {
    ...snapshotParams,
    into: newCollection,
    intoDatabase: textFlag("into-database", "NAME", "Make the collection in this database"),
    rewriteData: switchFlag("rewrite-data", "Copy the data instead of referring to it"),
    skipIndexes: skipIndexesFlag,
    noWait: noWaitFlag,
  },
  ({ collection, name, into, intoDatabase, rewriteData, skipIndexes, noWait, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { restore } = yield* snapshotOperations
      const job = yield* restore(collection, name, {
        into,
        intoDatabase,
        rewriteData,
        skipIndexes: skipIndexes || undefined,
        ...longWait,
      })
      yield* restored(job, `snapshot ${name} of ${collection}`, into, noWait)
    })),
).pipe(
  Command.withDescription("Restore a snapshot into a new collection"),
  Command.withExamples([{ command: "restore snapshot books monday books_monday" }]),
)

/** `restore exported-snapshot`. */
export const restoreExported = Command.make(
  "exported-snapshot",
  {
    uri: argument("uri", "URI of the metadata, which export-snapshot prints"),
    into: newCollection,
    externalSpec: specFlag,
    skipIndexes: skipIndexesFlag,
    noWait: noWaitFlag,
    target: targetFlags,
  },
  ({ uri: metadata, into, externalSpec, skipIndexes, noWait, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { restoreExternal } = yield* snapshotOperations
      const options = { into, externalSpec, skipIndexes: skipIndexes || undefined, ...longWait }
      yield* restored(yield* restoreExternal(metadata, options), metadata, into, noWait)
    })),
).pipe(Command.withDescription("Restore a snapshot that was exported, perhaps by another server"))

/** `export-snapshot`. */
export const exportSnapshot = Command.make(
  "export-snapshot",
  {
    ...snapshotParams,
    path: argument("path", "Path in object storage to export to"),
    externalSpec: specFlag,
    noWait: noWaitFlag,
  },
  ({ collection, name, path, externalSpec, noWait, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { exportTo } = yield* snapshotOperations
      const job = yield* exportTo(collection, name, path, { externalSpec, ...longWait })
      const what = `snapshot ${name} of ${collection}`
      if (noWait) {
        return yield* printDone(`export ${job.id} of ${what} has started`, { exporting: name, collection, id: job.id })
      }
      const { metadataUri, files, bytes } = yield* snapshotState("export", true, job)
      yield* printDone(`exported ${what}; its metadata is ${metadataUri}`, {
        exported: name,
        collection,
        id: job.id,
        metadata: metadataUri,
        files,
        bytes,
      })
    })),
).pipe(
  Command.withDescription("Export a snapshot to object storage; `restore exported-snapshot` brings it back"),
  Command.withExamples([{ command: "export-snapshot books monday backups/monday" }]),
)

const rowOf = ({ elapsed, ...job }: Snapshot.SnapshotProgress): Row => ({
  ...job,
  seconds: Duration.toMillis(elapsed) / 1000,
})

/** `list restores`. */
export const listRestores = Command.make(
  "restores",
  { collection: optionalArgument("collection", "Only restores of snapshots of this collection"), target: targetFlags },
  ({ collection, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { listRestores } = yield* snapshotOperations
      const columns = ["id", "snapshot", "database", "collection", "state", "percent", "started", "seconds", "failure"]
      yield* printAll(columns, (yield* listRestores(collection)).map(rowOf), "restores")
    })),
).pipe(Command.withDescription("List the restores of snapshots"))

/** `describe restore`. */
export const describeRestore = Command.make(
  "restore",
  { id: idArgument("Id of the restore, which restore snapshot prints"), wait: waitFlag, target: targetFlags },
  ({ id, wait: isWaiting, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { fromId } = yield* snapshotOperations
      yield* printRecord(
        rowOf(yield* snapshotState("restore", isWaiting, yield* fromId(id, isWaiting ? longWait : oneCall))),
      )
    })),
).pipe(Command.withDescription("Show the state of a restore, or wait for it; fails if the restore failed"))

/** `describe export`. */
export const describeExport = Command.make(
  "export",
  { id: idArgument("Id of the export, which export-snapshot prints"), wait: waitFlag, target: targetFlags },
  ({ id, wait: isWaiting, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { exportFromId } = yield* snapshotOperations
      const { copiedFiles, metadataUri, ...job } = yield* snapshotState(
        "export",
        isWaiting,
        yield* exportFromId(id, isWaiting ? longWait : oneCall),
      )
      yield* printRecord({ ...rowOf(job), "copied files": copiedFiles, metadata: metadataUri || undefined })
    })),
).pipe(Command.withDescription("Show the state of an export of a snapshot, or wait for it; fails if the export failed"))
