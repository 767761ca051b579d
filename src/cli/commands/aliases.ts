/** Commands for aliases of collections: `list`, `describe`, `create`, `drop`. */
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Connection from "../../Connection.ts"
import { confirm, yesFlag } from "../confirm.ts"
import { printDone, printRecord } from "../output/print.ts"
import { targetFlags, withConnection } from "../connectionFlags.ts"
import { argument, collectionArgument, optionalArgument, printAll, switchFlag } from "./args.ts"

// Not named `alias`, which is the alias of a connection.
const name = argument("collection-alias", "Alias of the collection")

/** `list aliases`. */
export const list = Command.make("aliases", {
  collection: optionalArgument("collection", "Only aliases of this collection"),
  target: targetFlags,
}, ({ collection, target }) =>
  withConnection(target)(Effect.gen(function* () {
    const { call } = yield* Connection.Connection
    const collections = collection === undefined ? (yield* call("ShowCollections", {})).collection_names : [collection]
    const found = yield* Effect.forEach(collections, (collection_name) =>
      Effect.map(
        call("DescribeCollection", { collection_name }),
        ({ aliases }) => aliases.map((alias) => ({ alias, collection: collection_name })),
      ), { concurrency: 16 })
    yield* printAll(["alias", "collection"], found.flat(), "aliases")
  }))).pipe(Command.withDescription("List aliases of collections"))

/** `describe alias`. */
export const describe = Command.make(
  "alias",
  { name, target: targetFlags },
  ({ name, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { call, config } = yield* Connection.Connection
      // Milvus 2.3 looks for the alias only in the database of the request.
      const { collection, db_name } = yield* call("DescribeAlias", { alias: name, db_name: config.database })
      yield* printRecord({ alias: name, collection, database: db_name || undefined })
    })),
).pipe(Command.withDescription("Show the collection of an alias"))

/** `create alias`. */
export const create = Command.make("alias", {
  name,
  collection: collectionArgument,
  move: switchFlag("move", "Move an existing alias to this collection"),
  target: targetFlags,
}, ({ name, collection, move, target }) =>
  withConnection(target)(Effect.gen(function* () {
    const { call } = yield* Connection.Connection
    yield* call(move ? "AlterAlias" : "CreateAlias", { alias: name, collection_name: collection })
    const what = move ? "moved" : "created"
    yield* printDone(`${what} alias ${name} of ${collection}`, { [what]: name, collection })
  }))).pipe(Command.withDescription("Give a collection an alias"))

/** `drop alias`. */
export const drop = Command.make(
  "alias",
  { name, yes: yesFlag, target: targetFlags },
  ({ name, yes, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { call } = yield* Connection.Connection
      yield* confirm(yes, `Drop the alias ${name}?`)
      yield* call("DropAlias", { alias: name })
      yield* printDone(`dropped alias ${name}`, { dropped: name })
    })),
).pipe(Command.withDescription("Drop an alias; the collection stays"))
