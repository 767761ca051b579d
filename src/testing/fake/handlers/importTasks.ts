/** Handlers of the RPCs for imports of files. */
import type { KeyValuePair } from "../../../contract/messages.gen.ts"
import type { Reply, Request } from "../contract.ts"
import { type Collection, defaultPartition } from "../state/collection.ts"
import { checkImportable, type ImportedRows, readArrays, readJsonFile } from "../state/importFile.ts"
import { valueOf } from "../state/layout.ts"
import { anyCollectionOf, databaseOf, type HandlerContext, type SyncHandlers, timeOf } from "./handler.ts"
import { Code, Refused, throwParameter, throwRefusal, throwUnexpected, throwUnsupported } from "../fakeStatus.ts"

/** The files in the storage of the server, by their paths. */
export type Files = Readonly<Record<string, string | Uint8Array>>

/** Duration of an import, in milliseconds. */
const importTime = 100

interface Task {
  readonly id: bigint
  readonly collection: Collection
  readonly files: ReadonlyArray<string>
  readonly partition: string
  readonly options: ReadonlyArray<KeyValuePair>
  /** Times in milliseconds since 1970. */
  readonly start: number
  readonly end: number
  /** The result; `undefined` while it runs. */
  outcome: Outcome | undefined
}

type Outcome =
  | { readonly failure: string }
  | { readonly rows: number; readonly ids: ReadonlyArray<bigint>; readonly segments: ReadonlyArray<bigint> }

/** Handlers of the RPCs for imports, which take {@linkcode importTime} by Effect's clock. */
export const imports = ({ store, isOld }: HandlerContext, files: Files): SyncHandlers => {
  const tasks = new Map<bigint, Task>()
  return {
    Import: (request, call) => {
      const collection = importedInto(() => anyCollectionOf(store, request, call), isOld())
      const partition = checkTarget(collection, request)
      const format = formatOf(request.files, isOld())
      const start = timeOf(call)
      const task: Task = {
        id: store.nextId(),
        collection,
        files: request.files,
        partition,
        options: request.options,
        start,
        end: start + importTime,
        outcome: failureOf(request.files, format, files, isOld()),
      }
      if (task.outcome === undefined) {
        if (format !== "json" && format !== "npy") throwUnsupported(`imports of ${format} files`)
        checkImportable(collection.layout)
        const isThere = () => store.databases.some(({ collections }) => collections.includes(collection))
        collection.schedule(task.end, () => {
          task.outcome = isThere() ? run(task, files) : failed(`collection ${collection.id} dropped`)
        })
      }
      tasks.set(task.id, task)
      return { tasks: [task.id] }
    },
    GetImportState: ({ task: id }, call) => {
      const task = tasks.get(id)
      if (task !== undefined) return stateOf(task, timeOf(call))
      return isOld()
        ? throwRefusal(Code.keyNotFound, `key not found[key=by-dev/meta/importtask/${id}]`)
        : throwRefusal(Code.importFailed, `import job does not exist, jobID=${id}: importing data failed`)
    },
    ListImportTasks: (request, call) => {
      const isNamed = request.collection_name !== ""
      const collection = isNamed ? anyCollectionOf(store, request, call) : undefined
      const database = collection === undefined && !isOld() ? databaseOf(store, request, call) : undefined
      const found = [...tasks.values()].filter((task) =>
        (collection === undefined || task.collection === collection) &&
        (database === undefined || database.collections.includes(task.collection))
      )
      const limit = Number(request.limit)
      const newest = limit > 0 ? found.slice(-limit) : found
      return { tasks: newest.map((task) => ({ status: {}, ...stateOf(task, timeOf(call)) })) }
    },
  }
}

/** Before 2.4, Milvus reported a collection that does not exist with the general error code. */
const importedInto = (find: () => Collection, isOld: boolean): Collection => {
  try {
    return find()
  } catch (error) {
    return isOld && error instanceof Refused ? throwUnexpected(error.message) : throwError(error)
  }
}

const throwError = (error: unknown): never => {
  throw error
}

/** Refuses what cannot be imported. Returns the partition, or an empty name if the partition key gives it. */
const checkTarget = (collection: Collection, request: Request<"Import">): string => {
  const { files, partition_name, options } = request
  const hasKey = collection.layout.partitionKey !== undefined
  if (files.length === 0) throwParameter("import request is empty")
  if (hasKey && partition_name !== "") {
    throwParameter("not allow to set partition name for collection with partition key")
  }
  if (partition_name !== "") collection.checkPartitions([partition_name])
  if (valueOf(options, "backup") === "true") {
    if (partition_name === "") throwParameter("partition not specified")
    throwUnsupported("imports of backups")
  }
  for (const key of ["start_ts", "end_ts"]) {
    const text = valueOf(options, key) ?? "0"
    if (!/^\d+$/.test(text)) throwUnexpected(`strconv.ParseUint: parsing "${text}": invalid syntax`)
  }
  return hasKey ? "" : partition_name || defaultPartition
}

/** The formats of files. Milvus reads CSV since 2.4. */
const isFormat = (name: string, isOld: boolean): boolean =>
  /^(json|npy|parquet)$/.test(name) || !isOld && name === "csv"

/** Returns the format of the files. Refuses files that are not of one format. */
const formatOf = (files: ReadonlyArray<string>, isOld: boolean): string => {
  const names = files.map((file) => /\.([^./]*)$/.exec(file)?.[1] ?? "")
  const [format = ""] = names
  const hasRows = names.some((name) => name === "json" || name === "parquet")
  const throwFailed = (reason: string): never =>
    isOld ? throwUnexpected(reason) : throwRefusal(Code.importFailed, `${reason}: importing data failed`)
  if (!isOld && !names.every((name) => isFormat(name, isOld))) {
    throwFailed(`unexpected file type, files=[${files.join()}]`)
  }
  if (hasRows && files.length > 1) throwFailed("each task only accepts one file of rows")
  return format
}

/** Returns why an import fails at once: a file does not exist, is empty, or is of another type. */
const failureOf = (
  paths: ReadonlyArray<string>,
  format: string,
  files: Files,
  isOld: boolean,
): Outcome | undefined => {
  for (const path of paths) {
    const size = Object.hasOwn(files, path) ? files[path]?.length : undefined
    if (!isFormat(format, isOld)) return failed(`unsupported file type: '${path}'`)
    if (size === undefined) return failed(`failed to get file size of '${path}', error:stat ${path}: no such file`)
    if (size === 0) return failed(`the file '${path}' size is zero`)
  }
  return undefined
}

const failed = (reason: string): Outcome => ({ failure: `${reason}: importing data failed` })

/** Adds the rows of the files, or none of them. */
const run = ({ collection, files: paths, partition }: Task, files: Files): Outcome => {
  try {
    const { cells, count } = readRows(paths, files, collection)
    const { keys, segments } = collection.importRows(cells, count, partition)
    const ids = keys.filter((key) => typeof key === "bigint")
    const [first] = ids
    const last = ids.at(-1)
    const isAutomatic = collection.layout.primary.schema.autoID && first !== undefined && last !== undefined
    // A range of keys, without its end.
    return { rows: count, ids: isAutomatic ? [first, last + 1n] : [], segments }
  } catch (error) {
    return error instanceof Refused ? failed(error.message) : throwError(error)
  }
}

const readRows = (paths: ReadonlyArray<string>, files: Files, { layout }: Collection): ImportedRows => {
  const contents = new Map(paths.map((path) => [path, files[path] ?? ""]))
  const [path = ""] = paths
  if (path.endsWith(".json")) {
    const content = contents.get(path) ?? ""
    return readJsonFile(typeof content === "string" ? content : new TextDecoder().decode(content), layout)
  }
  const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1).replace(/\.npy$/, "")
  const arrays = Array.from(
    contents,
    ([path, content]) =>
      [nameOf(path), typeof content === "string" ? new TextEncoder().encode(content) : content] as const,
  )
  return readArrays(new Map(arrays), layout)
}

const stateOf = (task: Task, now: number): Reply<"GetImportState"> => {
  task.collection.settle(now)
  const { id, collection, files, partition, options, start, end, outcome } = task
  const isStarted = outcome === undefined && now >= (start + end) / 2
  const failure = outcome !== undefined && "failure" in outcome ? outcome.failure : ""
  const percent = outcome === undefined ? isStarted ? "50" : undefined : failure === "" ? "100" : "0"
  const infos = [
    { key: "files", value: files.join() },
    { key: "collection", value: collection.name },
    { key: "partition", value: partition },
    { key: "failed_reason", value: failure },
    ...options,
    ...percent === undefined ? [] : [{ key: "progress_percent", value: percent }],
  ]
  const head = { id, collection_id: collection.id, create_ts: Math.trunc(start / 1000), infos }
  if (outcome === undefined) return { ...head, state: isStarted ? "ImportStarted" : "ImportPending" }
  if ("failure" in outcome) return { ...head, state: "ImportFailed" }
  const { rows, ids, segments } = outcome
  return { ...head, state: "ImportCompleted", row_count: rows, id_list: ids, segment_ids: segments }
}
