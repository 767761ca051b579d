/** Compares roles and users, with their grants, and returns what makes them as defined. */
import * as Effect from "effect/Effect"
import type * as Connection from "../Connection.ts"
import { isOlder } from "../contract/rpcs.ts"
import { currentConnection } from "../operations/shared/currentConnection.ts"
import * as Database from "../operations/Database.ts"
import * as Privilege from "../operations/Privilege.ts"
import * as Role from "../operations/Role.ts"
import * as User from "../operations/User.ts"
import type { ReadError } from "./collectionSteps.ts"
import type { Decodings, Grant } from "./definitions.ts"
import { type Conflict, type Difference, joined, quoted, type Step, stepOf } from "./steps.ts"

const builtInRoles: ReadonlySet<string> = new Set(["admin", "public"])

/** Returns what the roles and the users of definitions need. */
export const accessDifference = (
  { roles, users }: Decodings,
): Effect.Effect<Difference, ReadError, Connection.Connection> =>
  Effect.gen(function* () {
    if (roles === undefined && users === undefined) return joined([])
    const connection = yield* currentConnection()
    const home = connection.config.database
    const existing = yield* Role.list()
    const ofRoles = roles === undefined ? joined([]) : yield* rolesDifference(home, roles, existing)
    const present = new Set([...existing, ...roles?.keys() ?? []])
    const dropped = new Set(existing.filter((role) => roles !== undefined && isDropped(role, roles)))
    const ofUsers = users === undefined ? joined([]) : yield* usersDifference(home, users, present, dropped)
    return joined([ofRoles, ofUsers])
  })

const rolesDifference = (
  home: string,
  wanted: NonNullable<Decodings["roles"]>,
  existing: ReadonlyArray<string>,
): Effect.Effect<Difference, ReadError, Connection.Connection> =>
  Effect.gen(function* () {
    const steps: Array<Step> = []
    const drops: Array<Step> = []
    for (const [role, { grants }] of wanted) {
      const isNew = !existing.includes(role)
      if (isNew) steps.push(stepOf(home, { kind: "CreateRole", role }, "it is not on the server"))
      if (grants === undefined) continue
      const found = isNew ? [] : yield* readGrants(role)
      const [mine, theirs] = [grants, found].map((all) => new Set(all.map(grantKey)))
      for (const grant of grants) {
        if (theirs?.has(grantKey(grant))) continue
        const why = isNew ? "the role is new" : "the role does not have it"
        steps.push(stepOf(home, { kind: "GrantPrivilege", role, grant }, why))
      }
      for (const grant of found) {
        if (!mine?.has(grantKey(grant))) drops.push(revocation(home, role, grant))
      }
    }
    for (const role of existing) {
      if (!isDropped(role, wanted)) continue
      // A role with privileges cannot be dropped.
      for (const grant of yield* readGrants(role)) drops.push(revocation(home, role, grant))
      drops.push(stepOf(home, { kind: "DropRole", role }, "it is only on the server", true))
    }
    return { steps, drops, conflicts: [] }
  })

const isDropped = (role: string, wanted: NonNullable<Decodings["roles"]>): boolean =>
  !wanted.has(role) && !builtInRoles.has(role)

const revocation = (home: string, role: string, grant: Grant): Step =>
  stepOf(home, { kind: "RevokePrivilege", role, grant }, "the role has it only on the server", true)

/** Returns all grants of a role. Milvus before 2.4.18 lists those of one database at a time. */
const readGrants = (role: string): Effect.Effect<ReadonlyArray<Grant>, ReadError, Connection.Connection> =>
  Effect.gen(function* () {
    const { server: { version } } = yield* currentConnection()
    const databases = isOlder(version, "2.4.18") ? yield* Database.list() : ["*"]
    const found = new Map<string, Grant>()
    for (const database of databases) {
      for (const { privilege, objectType, object, database: of } of yield* Privilege.list(role, { database })) {
        // Cast: the kinds of objects that Milvus has.
        const type = objectType as NonNullable<Grant["objectType"]>
        const grant = { privilege, collection: object, database: of || database, objectType: type }
        found.set(grantKey(grant), grant)
      }
    }
    return [...found.values()]
  })

/** Returns a text that is equal for grants of the same privilege. Servers choose the kind of object themselves. */
const grantKey = ({ privilege, collection, database, objectType }: Grant): string =>
  JSON.stringify([privilege, collection, database, objectType === "User"])

const usersDifference = (
  home: string,
  wanted: NonNullable<Decodings["users"]>,
  present: ReadonlySet<string>,
  dropped: ReadonlySet<string>,
): Effect.Effect<Difference, ReadError, Connection.Connection> =>
  Effect.gen(function* () {
    const existing = new Map((yield* User.listDetails()).map(({ name, roles }) => [name, roles]))
    const steps: Array<Step> = []
    const drops: Array<Step> = []
    const conflicts: Array<Conflict> = []
    for (const [user, { password, roles: mine }] of wanted) {
      const theirs = existing.get(user)
      const what = `user ${quoted(user)}`
      if (theirs === undefined) {
        if (password === undefined) {
          conflicts.push({ what, why: "it is not on the server, and has no password to be created with" })
          continue
        }
        steps.push(stepOf(home, { kind: "CreateUser", user, password }, "it is not on the server"))
      }
      for (const role of mine ?? []) {
        if (dropped.has(role)) conflicts.push({ what, why: `\`roles\` does not have ${quoted(role)}` })
        else if (!present.has(role)) conflicts.push({ what, why: `no role is named ${quoted(role)}` })
        else if (!theirs?.includes(role)) {
          const why = theirs === undefined ? "the user is new" : "the user does not have it"
          steps.push(stepOf(home, { kind: "GrantRole", user, role }, why))
        }
      }
      for (const role of mine === undefined ? [] : theirs ?? []) {
        if (mine?.includes(role)) continue
        drops.push(stepOf(home, { kind: "RevokeRole", user, role }, "the user has it only on the server", true))
      }
    }
    for (const user of existing.keys()) {
      if (wanted.has(user) || user === "root") continue
      drops.push(stepOf(home, { kind: "DropUser", user }, "it is only on the server", true))
    }
    return { steps, drops, conflicts }
  })
