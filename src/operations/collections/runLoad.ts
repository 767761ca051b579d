/** Loads a collection or some of its partitions, and waits until they can be searched. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import type * as Connection from "../../Connection.ts"
import { type Decoded, failParam } from "../../config/params.ts"
import { type CallError, type ParamError, ServerError } from "../../errors.ts"
import { type CollectionRef, readRef } from "../shared/collectionRef.ts"
import { checkCount, checkFlag, optionNames, readNames } from "../shared/options.ts"
import { type Deadline, startDeadline, type WaitOptions, watch } from "../shared/waiting.ts"
import { currentConnection, requireMilvus, requireOptions } from "../shared/currentConnection.ts"

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
  /**
   * Resource groups to load into. Milvus 2.2.3 and later.
   *
   * @default The one of the collection, or else of the database, or else the default group.
   */
  readonly resourceGroups?: ReadonlyArray<string> | undefined
  /**
   * Fields to load, among them the primary key and a vector. Milvus 2.4.10 and later.
   *
   * @default All.
   */
  readonly fields?: ReadonlyArray<string> | undefined
  /**
   * Whether the dynamic field is left out. Milvus 2.4.10 and later.
   *
   * @default false
   */
  readonly skipDynamicField?: boolean | undefined
  /**
   * Priority of the load. Milvus 2.5.12 and later.
   *
   * @default "high"
   */
  readonly priority?: "high" | "low" | undefined
}

const loadOptionNames = optionNames<LoadOptions>(
  "replicas",
  "partitions",
  "resourceGroups",
  "fields",
  "skipDynamicField",
  "priority",
)
/** The first versions of Milvus that have the options which came later than the RPC. milvus-lite ignores them. */
const loadOptionVersions = {
  resourceGroups: "2.2.3",
  fields: "2.4.10",
  skipDynamicField: "2.4.10",
  priority: "2.5.12",
}

/** Starts a load, and emits its progress in percent. */
export const runLoad = (
  collection: CollectionRef,
  options: LoadOptions | undefined,
): Stream.Stream<number, CallError | ParamError, Connection.Connection> =>
  Stream.unwrap(Effect.gen(function* () {
    const collection_name = yield* readRef(collection, options, loadOptionNames)
    yield* Effect.fromResult(checkCount("replicas", options?.replicas))
    const partition_names = yield* Effect.fromResult(readNames("partitions", options?.partitions))
    const loaded = yield* Effect.fromResult(encodeLoadOptions(options))
    const connection = yield* currentConnection(options)
    yield* requireOptions(connection, "LoadCollection", options, loadOptionVersions)
    const deadline = yield* startDeadline(connection, options)
    const target = { collection_name, ...(partition_names === undefined ? {} : { partition_names }) }
    yield* startLoad(deadline, target, { replica_number: options?.replicas ?? 1, ...loaded })
    return watchLoad(deadline, target)
  }))

/** Encodes the options of a load, other than those that every server has. */
const encodeLoadOptions = (options: LoadOptions | undefined): Decoded<LoadRequest> =>
  Result.gen(function* () {
    const { resourceGroups, fields, skipDynamicField, priority } = options ?? {}
    const groups = yield* readNames("resourceGroups", resourceGroups)
    const names = yield* readNames("fields", fields)
    yield* checkFlag("skipDynamicField", skipDynamicField)
    if (priority !== undefined && priority !== "high" && priority !== "low") {
      return yield* failParam("priority", '"high" or "low"', priority)
    }
    return {
      ...(groups === undefined ? {} : { resource_groups: groups }),
      ...(names === undefined ? {} : { load_fields: names }),
      ...(skipDynamicField === undefined ? {} : { skip_load_dynamic_field: skipDynamicField }),
      ...(priority === undefined ? {} : { load_params: { load_priority: priority } }),
    }
  })

type LoadRequest = Omit<Connection.Methods["LoadCollection"]["request"], "base" | "db_name" | "collection_name">

/** Loads what was written by imports into a collection that is loaded, and emits the progress in percent. */
export const runRefresh = (
  collection: CollectionRef,
  options: WaitOptions | undefined,
): Stream.Stream<number, CallError | ParamError, Connection.Connection> =>
  Stream.unwrap(Effect.gen(function* () {
    const collection_name = yield* readRef(collection, options, optionNames<WaitOptions>())
    const connection = yield* currentConnection(options)
    yield* requireMilvus(connection, "LoadCollection", undefined, "2.2.3", "Collection.refreshLoad")
    const deadline = yield* startDeadline(connection, options)
    const target = { collection_name }
    yield* startLoad(deadline, target, { refresh: true })
    return watchLoad(deadline, target, "refresh_progress")
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
  given: LoadRequest,
): Effect.Effect<unknown, CallError> =>
  call((options) =>
    partition_names === undefined
      ? connection.call("LoadCollection", { collection_name, ...given }, options)
      : connection.call("LoadPartitions", { collection_name, partition_names, ...given }, options)
  )

/** Emits the progress of a load in percent at each change, and ends at 100. */
export const watchLoad = (
  deadline: Deadline,
  target: LoadTarget,
  progressOf: "progress" | "refresh_progress" = "progress",
): Stream.Stream<number, CallError> => {
  const { connection } = deadline
  const { collection_name: name, partition_names: partitions } = target
  const subject = partitions === undefined ? `collection "${name}"` : `partitions ${partitions} of collection "${name}"`
  return watch({
    method: "GetLoadingProgress",
    poll: (options, last) =>
      Effect.gen(function* () {
        const progress = Number((yield* connection.call("GetLoadingProgress", target, options))[progressOf])
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
