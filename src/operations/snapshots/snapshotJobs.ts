/** Jobs on snapshots: restores and exports. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Connection from "../../Connection.ts"
import type { CallError } from "../../errors.ts"
import { dateOf, type State, stateOf } from "../shared/decode.ts"
import { failJob, type Job, makeJob } from "../shared/job.ts"
import type { WaitOptions } from "../shared/waiting.ts"

type Info = Connection.Methods["ListRestoreSnapshotJobs"]["response"]["jobs"][number]
type ExportInfo = NonNullable<Connection.Methods["GetExportSnapshotState"]["response"]["info"]>

/** State of a job on a snapshot; a number if this version does not know it. */
export type SnapshotJobState = State<"RestoreSnapshot", Info["state"]>

/** Progress of a job on a snapshot. */
export interface SnapshotProgress {
  /** The id of the job. */
  readonly id: bigint
  /** The snapshot. */
  readonly snapshot: string
  /** The database. */
  readonly database: string
  /** The collection: the one that is made, or the one that is exported. */
  readonly collection: string
  /** The state. */
  readonly state: SnapshotJobState
  /** Progress from 0 to 100. */
  readonly percent: number
  /** Why it failed; `undefined` unless it did. */
  readonly failure: string | undefined
  /** When it began. */
  readonly started: Date | undefined
  /** Duration so far. */
  readonly elapsed: Duration.Duration
}

/** Progress of an export. */
export interface ExportProgress extends SnapshotProgress {
  /** The number of files to copy. */
  readonly files: number
  /** The number of files that are copied. */
  readonly copiedFiles: number
  /** The size of all files in bytes. */
  readonly bytes: number
  /** The URI of the metadata, which `restoreExternal` needs; empty until the export is done. */
  readonly metadataUri: string
}

/** A job that restores a snapshot. */
export type RestoreJob = Job<bigint, SnapshotProgress, SnapshotProgress>
/** A job that exports a snapshot. */
export type ExportJob = Job<bigint, ExportProgress, ExportProgress>

/** Decodes the progress of a job. */
export const progressOf = (
  prefix: "RestoreSnapshot" | "ExportSnapshot",
  info: Info | ExportInfo,
): SnapshotProgress => ({
  id: info.job_id,
  snapshot: info.snapshot_name,
  database: info.db_name,
  collection: info.collection_name,
  // Cast: the states of both kinds of jobs have the same names behind their prefixes.
  state: stateOf(prefix, info.state) as SnapshotJobState,
  percent: info.progress,
  failure: info.reason || undefined,
  started: dateOf(info.start_time),
  elapsed: Duration.millis(Number(info.time_cost)),
})

const exportProgress = (info: ExportInfo): ExportProgress => ({
  ...progressOf("ExportSnapshot", info),
  files: Number(info.total_files),
  copiedFiles: Number(info.copied_files),
  bytes: Number(info.total_bytes),
  metadataUri: info.snapshot_metadata_uri,
})

/** Makes the job of a restore. */
export const restoreJob = (
  connection: Connection.Connection,
  id: bigint,
  options: WaitOptions | undefined,
): RestoreJob =>
  snapshotJob(
    connection,
    id,
    options,
    "GetRestoreSnapshotState",
    `restore ${id}`,
    `Snapshot.fromId(${id}n)`,
    (call) =>
      Effect.map(
        connection.call("GetRestoreSnapshotState", { job_id: id }, call),
        ({ info }) => info === null ? undefined : progressOf("RestoreSnapshot", info),
      ),
  )

/** Makes the job of an export. */
export const exportJob = (connection: Connection.Connection, id: bigint, options: WaitOptions | undefined): ExportJob =>
  snapshotJob(
    connection,
    id,
    options,
    "GetExportSnapshotState",
    `export ${id}`,
    `Snapshot.exportFromId(${id}n)`,
    (call) =>
      Effect.map(
        connection.call("GetExportSnapshotState", { job_id: id }, call),
        ({ info }) => info === null ? undefined : exportProgress(info),
      ),
  )

const snapshotJob = <P extends SnapshotProgress>(
  connection: Connection.Connection,
  id: bigint,
  options: WaitOptions | undefined,
  method: "GetRestoreSnapshotState" | "GetExportSnapshotState",
  name: string,
  resume: string,
  read: (call: Connection.CallOptions) => Effect.Effect<P | undefined, CallError>,
): Job<bigint, P, P> =>
  makeJob({
    connection,
    options,
    id,
    method,
    name,
    resume,
    poll: (call) =>
      Effect.flatMap(read(call), (progress) => {
        if (progress === undefined) return failJob(connection, method, name, "the server reports nothing about it")
        return progress.state === "Failed"
          ? failJob(connection, method, name, progress.failure ?? "")
          : Effect.succeed(progress)
      }),
    isDone: ({ state }) => state === "Completed",
    show: ({ state, percent }) => `is ${state} at ${percent}%`,
    result: (progress) => progress,
  })
