/** The steps of a plan: what each changes, in data and in words. */
import type * as Redacted from "effect/Redacted"
import type { AnyDefinition } from "../schema/decodeSchema.ts"
import type { AnyField } from "../schema/fieldTypes.ts"
import type { Index } from "../schema/indexTypes.ts"
import { printable } from "../text/printable.ts"
import type { Grant } from "./definitions.ts"

/** Properties as the server has them. */
type Properties = Readonly<Record<string, string>>

interface InDatabase {
  /** The database. */
  readonly database: string
}

interface OfCollection extends InDatabase {
  /** The collection. */
  readonly collection: string
}

interface OfField extends OfCollection {
  /** The field. */
  readonly field: string
}

interface OfAlias extends InDatabase {
  /** The alias. */
  readonly alias: string
}

interface OfRole {
  /** The role. */
  readonly role: string
}

interface OfUser {
  /** The user. */
  readonly user: string
}

/** A change of the server. `from` is what the server had when the plan was made. */
export type Change =
  | InDatabase & { readonly kind: "CreateDatabase"; readonly properties: Properties }
  | InDatabase & { readonly kind: "AlterDatabase"; readonly properties: Properties; readonly from: Properties }
  | InDatabase & { readonly kind: "DropDatabase" }
  | OfCollection & { readonly kind: "CreateCollection"; readonly definition: AnyDefinition }
  | OfCollection & { readonly kind: "AlterCollection"; readonly properties: Properties; readonly from: Properties }
  | OfCollection & { readonly kind: "LoadCollection" | "ReleaseCollection" }
  | OfCollection & { readonly kind: "DropCollection"; readonly id: string; readonly from: AnyDefinition }
  | OfField & { readonly kind: "AddField"; readonly definition: AnyField }
  | OfField & { readonly kind: "AlterField"; readonly properties: Properties; readonly from: Properties }
  | OfField & { readonly kind: "DropField" }
  | OfField & { readonly kind: "CreateIndex"; readonly index: Index }
  | OfField & { readonly kind: "DropIndex"; readonly index: string; readonly from: Properties }
  | OfAlias & { readonly kind: "CreateAlias"; readonly collection: string }
  | OfAlias & { readonly kind: "SwitchAlias"; readonly collection: string; readonly from: string }
  | OfAlias & { readonly kind: "DropAlias"; readonly from: string }
  | OfRole & { readonly kind: "CreateRole" | "DropRole" }
  | OfRole & { readonly kind: "GrantPrivilege" | "RevokePrivilege"; readonly grant: Grant }
  | OfUser & { readonly kind: "CreateUser"; readonly password: Redacted.Redacted<string> }
  | OfUser & { readonly kind: "DropUser" }
  | OfUser & OfRole & { readonly kind: "GrantRole" | "RevokeRole" }

/** A step of a plan. */
export type Step = Change & {
  /** The step in words: `create collection "books"`. */
  readonly what: string
  /** Why it is in the plan. */
  readonly why: string
  /** Whether it drops something, or belongs to a replacement that does. Such a step is made only with `allowDrop`. */
  readonly drops: boolean
}

/** A difference that no step removes. */
export interface Conflict {
  /** The object that differs: `collection "books"`. */
  readonly what: string
  /** The difference. */
  readonly why: string
}

/** Steps and conflicts of a part of the server. */
export interface Difference {
  /** Steps, in their order. */
  readonly steps: ReadonlyArray<Step>
  /** Steps that drop what is only on the server, to be made after all others. */
  readonly drops: ReadonlyArray<Step>
  /** Differences that no step removes. */
  readonly conflicts: ReadonlyArray<Conflict>
}

/** Joins differences. What is dropped last was found first: a database after its collections. */
export const joined = (differences: ReadonlyArray<Difference>): Difference => ({
  steps: differences.flatMap(({ steps }) => steps),
  drops: differences.toReversed().flatMap(({ drops }) => drops),
  conflicts: differences.flatMap(({ conflicts }) => conflicts),
})

/** Makes a step. `home` is the database of the connection, which is left out of the words. */
export const stepOf = (home: string, change: Change, why: string, drops = false): Step => ({
  ...change,
  what: printable(words(home, change)),
  why: printable(why),
  drops,
})

/** Returns a text that is equal for steps that make the same change of the same state. Secrets are not in it. */
export const keyOf = ({ what: _, why: _why, drops: _drops, ...change }: Step): string =>
  JSON.stringify(change, (_, value: unknown) => typeof value === "bigint" ? `${value}n` : value)

/** Returns a name in quotes. */
export const quoted = (name: string): string => JSON.stringify(name)

/** Returns the words of a place in a database, which is left out if it is that of the connection. */
export const placeOf = (home: string, database: string): string =>
  database === home ? "" : ` in database ${quoted(database)}`

const words = (home: string, change: Change): string => {
  switch (change.kind) {
    case "CreateDatabase":
      return `create database ${quoted(change.database)}${withProperties(change.properties)}`
    case "AlterDatabase":
      return `alter database ${quoted(change.database)}${withProperties(change.properties)}`
    case "DropDatabase":
      return `drop database ${quoted(change.database)}`
    case "CreateAlias":
      return `create ${aliasIn(home, change)} of ${quoted(change.collection)}`
    case "SwitchAlias":
      return `switch ${aliasIn(home, change)} from ${quoted(change.from)} to ${quoted(change.collection)}`
    case "DropAlias":
      return `drop ${aliasIn(home, change)} of ${quoted(change.from)}`
    case "CreateRole":
      return `create role ${quoted(change.role)}`
    case "DropRole":
      return `drop role ${quoted(change.role)}`
    case "GrantPrivilege":
      return `grant ${grantText(change.grant)} to role ${quoted(change.role)}`
    case "RevokePrivilege":
      return `revoke ${grantText(change.grant)} from role ${quoted(change.role)}`
    case "CreateUser":
      return `create user ${quoted(change.user)}`
    case "DropUser":
      return `drop user ${quoted(change.user)}`
    case "GrantRole":
      return `grant role ${quoted(change.role)} to user ${quoted(change.user)}`
    case "RevokeRole":
      return `revoke role ${quoted(change.role)} from user ${quoted(change.user)}`
    default:
      return `${collectionWords(change)}${placeOf(home, change.database)}`
  }
}

type CollectionChange = Exclude<Extract<Change, OfCollection>, OfAlias>

const collectionWords = (change: CollectionChange): string => {
  const collection = `collection ${quoted(change.collection)}`
  switch (change.kind) {
    case "CreateCollection":
      return `create ${collection}`
    case "AlterCollection":
      return `alter ${collection}${withProperties(change.properties)}`
    case "LoadCollection":
      return `load ${collection}`
    case "ReleaseCollection":
      return `release ${collection}`
    case "AddField":
      return `add field ${quoted(change.field)} to ${collection}`
    case "AlterField":
      return `alter field ${quoted(change.field)} of ${collection}${withProperties(change.properties)}`
    case "DropField":
      return `drop field ${quoted(change.field)} of ${collection}`
    case "CreateIndex":
      return `create index ${change.index.type} of ${quoted(change.field)} in ${collection}`
    case "DropIndex":
      return `drop index ${quoted(change.index)} of ${quoted(change.field)} in ${collection}`
    default:
      return `drop ${collection}`
  }
}

const aliasIn = (home: string, { alias, database }: OfAlias): string =>
  `alias ${quoted(alias)}${placeOf(home, database)}`

const withProperties = (properties: Properties): string => {
  const pairs = Object.entries(properties).map(([key, value]) => `${key}=${value}`)
  return pairs.length === 0 ? "" : ` with ${pairs.join(", ")}`
}

const grantText = ({ privilege, collection, database, objectType }: Grant): string => {
  const what = objectType === "User" ? "user" : "collection"
  const on = collection === "*" ? `all ${what}s` : `${what} ${quoted(collection)}`
  return `${privilege} on ${on} of ${database === "*" ? "all databases" : `database ${quoted(database)}`}`
}
