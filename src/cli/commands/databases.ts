/** Commands for databases: `list`, `describe`, `create`, `alter`, `drop`. Milvus cannot rename them. */
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import { alterProperties, propertyFlags } from "../alterProperties.ts"
import { confirm, yesFlag } from "../confirm.ts"
import { CommandError } from "../errors.ts"
import { printDone, printRecord } from "../output/print.ts"
import { parsePairs } from "../schemaSyntax.ts"
import { targetFlags, withConnection } from "../connectionFlags.ts"
import { argument, databaseOperations, ifSupported, manyFlag, printAll, withOthers } from "./args.ts"

const name = argument("database", "The database")

/** `list databases`. */
export const list = Command.make(
  "databases",
  { target: targetFlags },
  ({ target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { listDetails } = yield* databaseOperations
      const rows = (yield* listDetails()).map(({ name, created }) => ({ name, created }))
      yield* printAll(["name", "created"], rows, "databases")
    })),
).pipe(Command.withDescription("List the databases of the server"))

/** `describe database`. */
export const describe = Command.make(
  "database",
  { name, target: targetFlags },
  ({ name, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const Database = yield* databaseOperations
      const found = yield* ifSupported(Database.describe(name))
      if (found !== undefined) {
        const { id, created, raw } = found
        return yield* printRecord(withOthers({ name, id, created }, raw))
      }
      // Milvus before 2.4 cannot describe databases, only list them.
      const listed = (yield* Database.listDetails()).find((each) => each.name === name)
      if (listed === undefined) {
        return yield* new CommandError({
          reason: `database "${name}" does not exist`,
          hint: "see which exist: list databases",
        })
      }
      yield* printRecord({ name, created: listed.created })
    })),
).pipe(Command.withDescription("Show the properties of a database"))

/** `create database`. */
export const create = Command.make("database", {
  name,
  properties: manyFlag("property", "KEY=VALUE", "Property, by its name in Milvus; may be repeated"),
  target: targetFlags,
}, ({ name, properties: pairs, target }) =>
  Effect.gen(function* () {
    const properties = pairs.length === 0 ? undefined : Object.fromEntries(yield* parsePairs(pairs))
    yield* withConnection(target)(Effect.flatMap(databaseOperations, ({ create }) => create(name, { properties })))
    yield* printDone(`created database ${name}`, { created: name })
  })).pipe(Command.withDescription("Create a database"))

/** `alter database`. */
export const alter = Command.make(
  "database",
  { name, ...propertyFlags, target: targetFlags },
  ({ name, target, ...flags }) =>
    alterProperties(flags, (change) =>
      withConnection(target)(Effect.gen(function* () {
        const { alter, dropProperties } = yield* databaseOperations
        if ("set" in change) yield* alter(name, change.set)
        else yield* dropProperties(name, change.drop)
        yield* printDone(`altered database ${name}`, { altered: name })
      }))),
).pipe(
  Command.withDescription("Set or drop properties of a database"),
  Command.withExamples([{ command: "alter database sales --property database.max.collections=100" }]),
)

/** `drop database`. */
export const drop = Command.make(
  "database",
  { name, yes: yesFlag, target: targetFlags },
  ({ name, yes, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { drop } = yield* databaseOperations
      yield* confirm(yes, `Drop the database ${name}?`)
      yield* drop(name)
      yield* printDone(`dropped database ${name}`, { dropped: name })
    })),
).pipe(Command.withDescription("Drop an empty database"))
