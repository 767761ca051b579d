/**
 * Imports of files that are already in the object storage of the server: JSON, Parquet, CSV or NumPy, which the server
 * reads by itself.
 *
 * An operation fails with `ParamError` if an argument is invalid, before anything is sent, and else with the errors of
 * its call (`CallError`). milvus-lite cannot import (`Unsupported`).
 *
 * @example
 * ```ts ignore
 * const job = yield* Import.start("books", ["uploads/books.parquet"])
 * yield* Stream.runForEach(job.progress, ({ percent }) => Effect.log(`${percent}%`))
 * const { rows } = yield* job.await
 * ```
 *
 * @module
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Connection from "../Connection.ts"
import { type Decoded, failParam, readName } from "../config/params.ts"
import type { CallError, ParamError } from "../errors.ts"
import type { CollectionRef } from "./shared/collectionRef.ts"
import { currentConnection } from "./shared/currentConnection.ts"
import { dateOf, readId, type State, stateOf } from "./shared/decode.ts"
import { failJob, type Job, makeJob, withoutTimeout } from "./shared/job.ts"
import { callOptionNames, operate } from "./shared/operate.ts"
import { checkOptions, optionNames, readCollection } from "./shared/options.ts"
import { encodeProperties, type PropertyValue, toRecord } from "./shared/properties.ts"
import type { WaitOptions } from "./shared/waiting.ts"

/** State of an import; a number if this version does not know it. */
export type ImportState = State<"Import", Connection.Methods["GetImportState"]["response"]["state"]>

/** Description of a task of an import by the server. */
export interface ImportTask {
  /** The id of the task. */
  readonly id: bigint
  /** The state. */
  readonly state: ImportState
  /** Progress from 0 to 100; 0 if the server does not report it. */
  readonly percent: number
  /** The number of rows: those that were parsed so far, or all of them if it is done. */
  readonly rows: number
  /** Why it failed; `undefined` unless it did. */
  readonly failure: string | undefined
  /** The files. */
  readonly files: ReadonlyArray<string>
  /** The collection; `undefined` if the server does not report it. */
  readonly collection: string | undefined
  /** Ranges `[from, to)` of the keys that Milvus generated. */
  readonly ids: ReadonlyArray<readonly [from: bigint, to: bigint]>
  /** Time of its creation; `undefined` if the server does not report it. */
  readonly created: Date | undefined
  /** Everything else that the server reports, unchanged. */
  readonly raw: Readonly<Record<string, string>>
}

/** Progress of an import. */
export interface ImportProgress {
  /** Progress of all tasks together, from 0 to 100. */
  readonly percent: number
  /** The number of rows of all tasks. */
  readonly rows: number
  /** The tasks. */
  readonly tasks: ReadonlyArray<ImportTask>
}

/**
 * An import. Its id has the ids of all its tasks: one, or on Milvus before 2.4 one for each file. The result of its
 * wait is the last progress.
 */
export type ImportJob = Job<ReadonlyArray<bigint>, ImportProgress, ImportProgress>

/** Options for {@linkcode start}. */
export interface StartOptions extends WaitOptions {
  /**
   * The partition that the rows go to.
   *
   * @default `_default`, or the one that the partition key gives.
   */
  readonly partition?: string | undefined
  /**
   * Settings of the import, by their names in Milvus, such as `{ sep: ";", nullkey: "" }` for CSV.
   *
   * @default None.
   */
  readonly settings?: Readonly<Record<string, PropertyValue | undefined>> | undefined
}

const startOptionNames = optionNames<StartOptions>("partition", "settings")

/**
 * Starts to import files into a collection. `timeout` bounds each wait for the job, not the job.
 *
 * Calls `Import`. Milvus 2.2.1 and later. Paths are relative to the bucket of the server. Fails with `ServerError` if
 * the collection does not exist or a file cannot be read. Not safe to repeat: a second import adds the rows again.
 */
export const start = (
  collection: CollectionRef,
  files: ReadonlyArray<string>,
  options?: StartOptions,
): Effect.Effect<ImportJob, CallError | ParamError, Connection.Connection> =>
  Effect.gen(function* () {
    yield* Effect.fromResult(checkOptions(options, startOptionNames))
    const { tasks } = yield* operate("Import", withoutTimeout(options ?? {}), () =>
      Result.gen(function* () {
        const { partition, settings } = options ?? {}
        return {
          collection_name: yield* readCollection(collection),
          files: yield* readFiles(files),
          ...(partition === undefined ? {} : { partition_name: yield* readName("partition", partition) }),
          ...(settings === undefined ? {} : { options: yield* encodeProperties("settings", settings) }),
        }
      }), { options: startOptionNames })
    return jobOf(yield* currentConnection(options), tasks, options)
  })

const readFiles = (files: unknown): Decoded<ReadonlyArray<string>> =>
  Array.isArray(files) && files.length > 0 && files.every((file) => typeof file === "string" && file.trim() !== "")
    ? Result.succeed(files)
    : failParam("files", "a list of at least one path in the storage of the server", files)

/**
 * Returns the job of an import that was started earlier, by its id or those of its tasks, to wait for it again.
 *
 * Calls nothing until it is waited for; then it polls `GetImportState`. Milvus 2.2.1 and later.
 */
export const fromId = (
  id: bigint | ReadonlyArray<bigint>,
  options?: WaitOptions,
): Effect.Effect<ImportJob, ParamError, Connection.Connection> =>
  Effect.gen(function* () {
    yield* Effect.fromResult(checkOptions(options, callOptionNames))
    const given: ReadonlyArray<unknown> = Array.isArray(id) ? id : [id]
    if (given.length === 0) return yield* Effect.fromResult(failParam("id", "at least one id", id))
    const ids = yield* Effect.forEach(given, (one) => Effect.fromResult(readId("id", one)))
    return jobOf(yield* currentConnection(options), ids, options)
  })

const jobOf = (
  connection: Connection.Connection,
  ids: ReadonlyArray<bigint>,
  options: WaitOptions | undefined,
): ImportJob => {
  const list = ids.join(", ")
  const name = `import ${list}`
  return makeJob({
    connection,
    options,
    id: ids,
    method: "GetImportState",
    name,
    resume: `Import.fromId([${ids.map((id) => `${id}n`).join(", ")}])`,
    poll: (call) =>
      Effect.flatMap(
        Effect.forEach(ids, (task) => Effect.map(connection.call("GetImportState", { task }, call), taskOf)),
        (tasks) => {
          const failed = tasks.find(({ state }) => state === "Failed" || state === "FailedAndCleaned")
          return failed === undefined
            ? Effect.succeed(progressOf(tasks))
            : failJob(connection, "GetImportState", `import ${failed.id}`, failed.failure ?? "")
        },
      ),
    isDone: ({ tasks }) => tasks.every(({ state }) => state === "Completed"),
    show: ({ percent, tasks }) => `is at ${percent}% (${tasks.map(({ state }) => state).join(", ")})`,
    result: (progress) => progress,
  })
}

const progressOf = (tasks: ReadonlyArray<ImportTask>): ImportProgress => ({
  percent: Math.floor(sum(tasks.map(({ percent }) => percent)) / Math.max(1, tasks.length)),
  rows: sum(tasks.map(({ rows }) => rows)),
  tasks,
})

const sum = (values: ReadonlyArray<number>): number => values.reduce((total, value) => total + value, 0)

const taskOf = (reply: Connection.Methods["GetImportState"]["response"]): ImportTask => {
  const { failed_reason, progress_percent, files, collection, ...raw } = toRecord(reply.infos)
  const state: ImportState = stateOf("Import", reply.state)
  const percent = Number(progress_percent)
  return {
    id: reply.id,
    state,
    percent: state === "Completed" ? 100 : Number.isFinite(percent) ? percent : 0,
    rows: Number(reply.row_count),
    failure: failed_reason || undefined,
    files: files?.split(",").filter((file) => file !== "") ?? [],
    collection: collection || undefined,
    ids: Array.from(
      { length: Math.floor(reply.id_list.length / 2) },
      (_, at) => [reply.id_list[2 * at]!, reply.id_list[2 * at + 1]!] as const,
    ),
    // In seconds.
    created: dateOf(reply.create_ts * 1000n),
    raw,
  }
}

/**
 * Describes a task of an import.
 *
 * Calls `GetImportState`. Milvus 2.2.1 and later. Fails with `ServerError` if the server does not know the task (any
 * more).
 */
export const describe = (
  id: bigint,
  options?: Connection.CallOptions,
): Effect.Effect<ImportTask, CallError | ParamError, Connection.Connection> =>
  Effect.map(operate("GetImportState", options, () => Result.map(readId("id", id), (task) => ({ task }))), taskOf)

/** Options for {@linkcode list}. */
export interface ListOptions extends Connection.CallOptions {
  /**
   * Only imports into this collection.
   *
   * @default All collections of the database.
   */
  readonly collection?: CollectionRef | undefined
  /**
   * The maximum number of tasks, at least 1; the newest first.
   *
   * @default All that the server knows.
   */
  readonly limit?: number | undefined
}

const listOptionNames = optionNames<ListOptions>("collection", "limit")

/**
 * Returns the tasks of imports that the server knows.
 *
 * Calls `ListImportTasks`. Milvus 2.2.1 and later.
 */
export const list = (
  options?: ListOptions,
): Effect.Effect<ReadonlyArray<ImportTask>, CallError | ParamError, Connection.Connection> =>
  Effect.map(
    operate("ListImportTasks", options, () =>
      Result.gen(function* () {
        const { collection, limit } = options ?? {}
        if (limit !== undefined && !(Number.isInteger(limit) && limit > 0)) {
          return yield* failParam("limit", "a positive integer", limit)
        }
        return {
          ...(collection === undefined ? {} : { collection_name: yield* readCollection(collection) }),
          ...(limit === undefined ? {} : { limit }),
        }
      }), { options: listOptionNames }),
    ({ tasks }) => tasks.map(taskOf),
  )
