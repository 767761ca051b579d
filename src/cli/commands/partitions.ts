/** Commands for partitions: `list`, `describe`, `create`, `drop`, `load`, `release`. Milvus cannot rename them. */
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Connection from "../../Connection.ts"
import type { CallError } from "../../errors.ts"
import { confirm, yesFlag } from "../confirm.ts"
import { printDone, printRecord } from "../output/print.ts"
import { targetFlags, withConnection } from "../connectionFlags.ts"
import { loading } from "./collections.ts"
import { argument, collectionArgument, collectionOperations, ifSupported, printAll, toDate } from "./args.ts"

const partitionParams = {
  collection: collectionArgument,
  partition: argument("partition", "Partition"),
  target: targetFlags,
} as const

/** `list partitions`. */
export const list = Command.make(
  "partitions",
  { collection: collectionArgument, target: targetFlags },
  ({ collection, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { call } = yield* Connection.Connection
      const { partition_names, created_utc_timestamps } = yield* call("ShowPartitions", { collection_name: collection })
      const rows = partition_names.map((name, at) => ({ name, created: toDate(created_utc_timestamps[at]) }))
      yield* printAll(["name", "created"], rows, "partitions")
    })),
).pipe(Command.withDescription("List the partitions of a collection"))

/** Returns the number of rows; `undefined` if the server does not report it. */
const rowsIn = (
  collection: string,
  partition: string,
): Effect.Effect<number | undefined, CallError, Connection.Connection> =>
  Connection.Connection.use(({ call }) =>
    Effect.map(
      call("GetPartitionStatistics", { collection_name: collection, partition_name: partition }),
      ({ stats }) => {
        const count = stats.find(({ key }) => key === "row_count")?.value
        return count !== undefined && /^\d+$/.test(count) ? Number(count) : undefined
      },
    )
  )

/** `describe partition`. */
export const describe = Command.make(
  "partition",
  partitionParams,
  ({ collection, partition, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { call } = yield* Connection.Connection
      const rows = yield* rowsIn(collection, partition)
      const load = yield* ifSupported(
        call("GetLoadState", { collection_name: collection, partition_names: [partition] }),
      )
      yield* printRecord({
        name: partition,
        collection,
        rows,
        load: load === undefined ? undefined : String(load.state).replace(/^LoadState/, ""),
      })
    })),
).pipe(Command.withDescription("Show rows and state of a partition"))

/** `create partition`. */
export const create = Command.make(
  "partition",
  partitionParams,
  ({ collection, partition, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { call } = yield* Connection.Connection
      yield* call("CreatePartition", { collection_name: collection, partition_name: partition })
      yield* printDone(`created partition ${partition} of ${collection}`, { created: partition, collection })
    })),
).pipe(Command.withDescription("Create a partition"))

/** `drop partition`. */
export const drop = Command.make(
  "partition",
  { ...partitionParams, yes: yesFlag },
  ({ collection, partition, yes, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { call } = yield* Connection.Connection
      const rows = yield* rowsIn(collection, partition)
      yield* confirm(
        yes,
        `Drop the partition ${partition} of ${collection} with ${
          rows?.toLocaleString("en") ?? "an unknown number of"
        } rows?`,
      )
      yield* call("DropPartition", { collection_name: collection, partition_name: partition })
      yield* printDone(`dropped partition ${partition} of ${collection}`, { dropped: partition, collection })
    })),
).pipe(Command.withDescription("Drop a partition with its rows; release it first"))

/** `load partition`. */
export const load = Command.make(
  "partition",
  partitionParams,
  ({ collection, partition, target }) =>
    withConnection(target)(
      Effect.andThen(
        loading(collection, { partitions: [partition] }),
        printDone(`loaded partition ${partition} of ${collection}`, { loaded: partition, collection }),
      ),
    ),
).pipe(Command.withDescription("Load a partition into memory, and wait until it is loaded"))

/** `release partition`. */
export const release = Command.make(
  "partition",
  partitionParams,
  ({ collection, partition, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { release } = yield* collectionOperations
      yield* release(collection, { partitions: [partition] })
      yield* printDone(`released partition ${partition} of ${collection}`, { released: partition, collection })
    })),
).pipe(Command.withDescription("Release a partition from memory"))
