/** Commands for aliases of collections: `list`, `describe`, `create`, `drop`. */
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import { confirm, yesFlag } from "../confirm.ts"
import { printDone, printRecord } from "../output/print.ts"
import { targetFlags, withConnection } from "../connectionFlags.ts"
import {
  aliasOperations,
  argument,
  collectionArgument,
  collectionOperations,
  optionalArgument,
  printAll,
  switchFlag,
} from "./args.ts"

// Not named `alias`, which is the alias of a connection.
const name = argument("collection-alias", "Alias of the collection")

/** `list aliases`. */
export const list = Command.make("aliases", {
  collection: optionalArgument("collection", "Only aliases of this collection"),
  target: targetFlags,
}, ({ collection, target }) =>
  withConnection(target)(Effect.gen(function* () {
    const { describe, list } = yield* collectionOperations
    // The description of a collection has its aliases; the list of aliases does not have their collections.
    const found = yield* Effect.forEach(collection === undefined ? yield* list() : [collection], (collection) =>
      Effect.map(describe(collection), ({ aliases, definition }) =>
        aliases.map((alias) => ({ alias, collection: definition.name }))), {
      concurrency: 16,
    })
    yield* printAll(["alias", "collection"], found.flat(), "aliases")
  }))).pipe(Command.withDescription("List aliases of collections"))

/** `describe alias`. */
export const describe = Command.make(
  "alias",
  { name, target: targetFlags },
  ({ name, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { describe } = yield* aliasOperations
      yield* printRecord({ ...yield* describe(name) })
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
    const { alter, create } = yield* aliasOperations
    yield* (move ? alter : create)(name, collection)
    const what = move ? "moved" : "created"
    yield* printDone(`${what} alias ${name} of ${collection}`, { [what]: name, collection })
  }))).pipe(Command.withDescription("Give a collection an alias"))

/** `drop alias`. */
export const drop = Command.make(
  "alias",
  { name, yes: yesFlag, target: targetFlags },
  ({ name, yes, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { describe, drop } = yield* aliasOperations
      // Fails if the alias does not exist, unlike the drop of the server.
      const { collection } = yield* describe(name)
      yield* confirm(yes, `Drop the alias ${name} of ${collection}?`)
      yield* drop(name)
      yield* printDone(`dropped alias ${name}`, { dropped: name })
    })),
).pipe(Command.withDescription("Drop an alias; the collection stays"))
