/** Commands for partitions: `list`, `describe`, `create`, `drop`, `load`, `release`. Milvus cannot rename them. */
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import { confirm, yesFlag } from "../confirm.ts"
import { printDone, printRecord } from "../output/print.ts"
import { targetFlags, withConnection } from "../connectionFlags.ts"
import { loading } from "./collections.ts"
import { argument, collectionArgument, ifSupported, partitionOperations, printAll } from "./args.ts"

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
      const { listDetails } = yield* partitionOperations
      const rows = (yield* listDetails(collection)).map(({ name, created }) => ({ name, created }))
      yield* printAll(["name", "created"], rows, "partitions")
    })),
).pipe(Command.withDescription("List the partitions of a collection"))

/** `describe partition`. */
export const describe = Command.make(
  "partition",
  partitionParams,
  ({ collection, partition, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { loadState, statistics } = yield* partitionOperations
      const { rows } = yield* statistics(collection, partition)
      const load = yield* ifSupported(loadState(collection, [partition]))
      yield* printRecord({ name: partition, collection, rows, load: load?.state })
    })),
).pipe(Command.withDescription("Show rows and state of a partition"))

/** `create partition`. */
export const create = Command.make(
  "partition",
  partitionParams,
  ({ collection, partition, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { create } = yield* partitionOperations
      yield* create(collection, partition)
      yield* printDone(`created partition ${partition} of ${collection}`, { created: partition, collection })
    })),
).pipe(Command.withDescription("Create a partition"))

/** `drop partition`. */
export const drop = Command.make(
  "partition",
  { ...partitionParams, yes: yesFlag },
  ({ collection, partition, yes, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { drop, statistics } = yield* partitionOperations
      // Fails if the partition does not exist, unlike the drop of the server.
      const { rows } = yield* statistics(collection, partition)
      yield* confirm(yes, `Drop the partition ${partition} of ${collection} with ${rows.toLocaleString("en")} rows?`)
      yield* drop(collection, partition)
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
      const { release } = yield* partitionOperations
      yield* release(collection, [partition])
      yield* printDone(`released partition ${partition} of ${collection}`, { released: partition, collection })
    })),
).pipe(Command.withDescription("Release a partition from memory"))
