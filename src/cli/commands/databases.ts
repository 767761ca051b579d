/** Commands for databases: `list`, `describe`, `create`, `drop`. Milvus cannot rename them. */
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Connection from "../../Connection.ts"
import { confirm, yesFlag } from "../confirm.ts"
import { CommandError } from "../errors.ts"
import { printDone, printRecord } from "../output/print.ts"
import { parsePairs } from "../schemaSyntax.ts"
import { targetFlags, withConnection } from "../connectionFlags.ts"
import { argument, ifSupported, manyFlag, printAll, toDate, withOthers } from "./args.ts"

const name = argument("database", "The database")

/** Nanoseconds in a millisecond: Milvus reports the creation time of a database in nanoseconds. */
const nanoseconds = 1_000_000n

/** `list databases`. */
export const list = Command.make(
  "databases",
  { target: targetFlags },
  ({ target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { call } = yield* Connection.Connection
      const { db_names, created_timestamp } = yield* call("ListDatabases", {})
      const rows = db_names.map((name, at) => ({
        name,
        created: toDate((created_timestamp[at] ?? 0n) / nanoseconds),
      }))
      yield* printAll(["name", "created"], rows, "databases")
    })),
).pipe(Command.withDescription("List the databases of the server"))

/** `describe database`. */
export const describe = Command.make(
  "database",
  { name, target: targetFlags },
  ({ name, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { call } = yield* Connection.Connection
      const found = yield* ifSupported(call("DescribeDatabase", { db_name: name }))
      if (found !== undefined) {
        const { dbID, created_timestamp, properties } = found
        const created = toDate(created_timestamp / nanoseconds)
        const others = Object.fromEntries(properties.map(({ key, value }) => [key, value]))
        return yield* printRecord(withOthers({ name, id: dbID, created }, others))
      }
      // Milvus before 2.4 cannot describe databases, only list them.
      const { db_names, created_timestamp } = yield* call("ListDatabases", {})
      const at = db_names.indexOf(name)
      if (at < 0) {
        return yield* new CommandError({
          reason: `database "${name}" does not exist`,
          hint: "see which exist: list databases",
        })
      }
      yield* printRecord({ name, created: toDate((created_timestamp[at] ?? 0n) / nanoseconds) })
    })),
).pipe(Command.withDescription("Show the properties of a database"))

/** `create database`. */
export const create = Command.make("database", {
  name,
  properties: manyFlag("property", "KEY=VALUE", "Property, by its name in Milvus; may be repeated"),
  target: targetFlags,
}, ({ name, properties, target }) =>
  withConnection(target)(Effect.gen(function* () {
    const { call } = yield* Connection.Connection
    const given = (yield* parsePairs(properties)).map(([key, value]) => ({ key, value }))
    yield* call("CreateDatabase", { db_name: name, properties: given })
    yield* printDone(`created database ${name}`, { created: name })
  }))).pipe(Command.withDescription("Create a database"))

/** `drop database`. */
export const drop = Command.make(
  "database",
  { name, yes: yesFlag, target: targetFlags },
  ({ name, yes, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { call } = yield* Connection.Connection
      yield* confirm(yes, `Drop the database ${name}?`)
      yield* call("DropDatabase", { db_name: name })
      yield* printDone(`dropped database ${name}`, { dropped: name })
    })),
).pipe(Command.withDescription("Drop an empty database"))
