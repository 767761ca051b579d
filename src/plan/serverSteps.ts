/** Compares databases, with their collections and aliases, and returns what makes them as defined. */
import * as Effect from "effect/Effect"
import type * as Connection from "../Connection.ts"
import { currentConnection } from "../operations/shared/currentConnection.ts"
import * as Collection from "../operations/Collection.ts"
import * as CollectionAlias from "../operations/CollectionAlias.ts"
import * as Database from "../operations/Database.ts"
import { collectionDifference, creation, type ReadError } from "./collectionSteps.ts"
import type { DatabaseScope, Decodings } from "./definitions.ts"
import { type Conflict, type Difference, joined, placeOf, quoted, type Step, stepOf } from "./steps.ts"

/** Number of collections that are read at a time. */
const concurrency = 8

/** Returns what the databases of definitions need. */
export const databasesDifference = (
  { databases, hasDatabases }: Decodings,
): Effect.Effect<Difference, ReadError, Connection.Connection> =>
  Effect.gen(function* () {
    const home = (yield* currentConnection()).config.database
    const existing = hasDatabases ? yield* Database.list() : [home]
    const defined = new Set(databases.map(({ name }) => name))
    const others = existing.filter((name) => !defined.has(name) && name !== home && name !== "default")
    const parts = yield* Effect.forEach(
      databases,
      (scope) => scopeDifference(home, scope, existing.includes(scope.name)),
    )
    const dropped = yield* Effect.forEach(hasDatabases ? others : [], (name) => dropOf(home, name))
    return joined([...dropped, ...parts])
  })

/** Returns the steps that drop a database with all that it has. */
const dropOf = (home: string, name: string): Effect.Effect<Difference, ReadError, Connection.Connection> =>
  Effect.gen(function* () {
    const empty = { name, isNamed: true, loads: false, properties: {}, collections: [], aliases: new Map() }
    const content = yield* scopeDifference(home, empty, true)
    const drop = stepOf(home, { kind: "DropDatabase", database: name }, "it is only on the server", true)
    return { ...content, drops: [...content.drops, drop] }
  })

const scopeDifference = (
  home: string,
  scope: DatabaseScope,
  exists: boolean,
): Effect.Effect<Difference, ReadError, Connection.Connection> =>
  Effect.gen(function* () {
    const { name: database, loads, collections = [], aliases } = scope
    const place = { database, home, loads }
    const own = yield* databaseSteps(home, scope, exists)
    if (!exists) {
      const created = collections.map((definition) => creation(place, definition))
      const names = new Set(collections.map(({ name }) => name))
      return joined([own, ...created, aliasSteps(place, aliases, new Map(), new Set(), names)])
    }
    const names = yield* Collection.list({ database })
    const parts = yield* Effect.forEach(collections, (one) => collectionDifference(place, one), { concurrency })
    const defined = new Set(collections.map(({ name }) => name))
    const others = scope.collections === undefined ? [] : names.filter((name) => !defined.has(name))
    const drops = yield* Effect.forEach(
      others,
      (collection) =>
        Effect.map(Collection.describe(collection, { database }), ({ id, definition: from }) =>
          stepOf(
            home,
            { kind: "DropCollection", database, collection, id: String(id), from },
            "it is only on the server",
            true,
          )),
      { concurrency },
    )
    const found = aliases === undefined ? new Map<string, string>() : yield* readAliases(database)
    // A collection that is only on the server is one that the plan drops.
    const present = scope.collections === undefined ? new Set(names) : defined
    return joined([
      own,
      ...parts,
      { steps: [], drops, conflicts: [] },
      aliasSteps(place, aliases, found, new Set(names), present),
    ])
  })

const databaseSteps = (
  home: string,
  { name: database, isNamed, properties }: DatabaseScope,
  exists: boolean,
): Effect.Effect<Difference, ReadError, Connection.Connection> =>
  Effect.gen(function* () {
    const steps: Array<Step> = []
    const wanted = Object.entries(properties)
    if (!exists && isNamed) {
      steps.push(stepOf(home, { kind: "CreateDatabase", database, properties }, "it is not on the server"))
    } else if (wanted.length > 0) {
      const { raw } = yield* Database.describe(database)
      const altered = wanted.filter(([key, value]) => raw[key] !== value)
      if (altered.length > 0) {
        const from = Object.fromEntries(altered.map(([key]) => [key, raw[key] ?? ""]))
        const why = altered.map(([key]) => `${key} is ${raw[key] ?? "not set"} on the server`).join(", ")
        const change = { kind: "AlterDatabase", database, properties: Object.fromEntries(altered), from } as const
        steps.push(stepOf(home, change, why))
      }
    }
    return { steps, drops: [], conflicts: [] }
  })

const readAliases = (
  database: string,
): Effect.Effect<ReadonlyMap<string, string>, ReadError, Connection.Connection> =>
  Effect.gen(function* () {
    const aliases = yield* CollectionAlias.list(undefined, { database })
    const found = yield* Effect.forEach(
      aliases,
      (alias) =>
        Effect.map(CollectionAlias.describe(alias, { database }), ({ collection }) => [alias, collection] as const),
      { concurrency },
    )
    return new Map(found)
  })

/** Returns what aliases need. `found` are those of the server, `present` the collections that will exist. */
const aliasSteps = (
  { database, home }: { readonly database: string; readonly home: string },
  wanted: ReadonlyMap<string, string> | undefined,
  found: ReadonlyMap<string, string>,
  collections: ReadonlySet<string>,
  present: ReadonlySet<string>,
): Difference => {
  const steps: Array<Step> = []
  const conflicts: Array<Conflict> = []
  for (const [alias, collection] of wanted ?? []) {
    const what = `alias ${quoted(alias)}${placeOf(home, database)}`
    const from = found.get(alias)
    if (collections.has(alias)) conflicts.push({ what, why: "a collection has this name" })
    else if (!present.has(collection)) {
      const name = quoted(collection)
      const why = collections.has(collection)
        ? `\`collections\` does not have ${name}`
        : `no collection is named ${name}`
      conflicts.push({ what, why })
    } else if (from === collection) continue
    else if (from === undefined) {
      steps.push(stepOf(home, { kind: "CreateAlias", database, alias, collection }, "it is not on the server"))
    } else {
      const why = `it leads to ${quoted(from)} on the server`
      steps.push(stepOf(home, { kind: "SwitchAlias", database, alias, collection, from }, why))
    }
  }
  const others = wanted === undefined ? [] : [...found].filter(([alias]) => !wanted.has(alias))
  const drops = others.map(([alias, from]) =>
    stepOf(home, { kind: "DropAlias", database, alias, from }, "it is only on the server", true)
  )
  return { steps, drops, conflicts }
}
