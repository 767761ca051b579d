/** Commands for privileges: `list grants`, `grant`, `revoke`, and groups of privileges. */
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { CallError, ParamError } from "../../errors.ts"
import { confirm, yesFlag } from "../confirm.ts"
import { CommandError, UsageError } from "../errors.ts"
import { printDetails, printDone } from "../output/print.ts"
import { targetFlags, withConnection } from "../connectionFlags.ts"
import { argument, ifSupported, manyFlag, printAll, privilegeOperations, switchFlag, textFlag } from "./args.ts"

const role = argument("role", "The role")
const privilege = argument("privilege", "The privilege or the group: Insert, CollectionReadOnly and others")
const group = argument("privilege-group", "The group of privileges")

/** Columns of grants. */
export const grantColumns: ReadonlyArray<string> = ["privilege", "object", "name", "database"]

/** Returns the grants of a role as rows: in all databases, or in that of the connection on servers before 2.4.18. */
export const grantsOf = (role: string) =>
  Effect.gen(function* () {
    const { list } = yield* privilegeOperations
    const grants = (yield* ifSupported(list(role, { database: "*" }))) ?? (yield* list(role))
    return grants.map(({ privilege, objectType, object, database }) => ({
      privilege,
      object: objectType,
      name: object,
      database,
    }))
  })

/** `list grants`. */
export const listGrants = Command.make(
  "grants",
  { role, target: targetFlags },
  ({ role, target }) =>
    withConnection(target)(Effect.gen(function* () {
      yield* printAll(grantColumns, yield* grantsOf(role), "grants")
    })),
).pipe(Command.withDescription("List the privileges of a role"))

const grantFlags = {
  role,
  privilege,
  collection: textFlag("collection", "NAME", "Only for this collection (default: all of the database)"),
  allDatabases: switchFlag("all-databases", "For all databases, or for the cluster (default: the one of --database)"),
  objectType: Flag.Literals("object-type", ["Collection", "Global", "User"]).pipe(
    Flag.withDescription("Type of the object, for Milvus before 2.4.18; with --object"),
    Flag.withMetavar("TYPE"),
    Flag.optional,
    Flag.map(Option.getOrUndefined),
  ),
  object: textFlag("object", "NAME", "Collection or user, or '*' for all, for Milvus before 2.4.18"),
  target: targetFlags,
} as const

type GrantFlags = Omit<Command.Command.Config.Infer<typeof grantFlags>, "target">

/** Grants or revokes a privilege by the flags: by the scope, or by the object for older servers. */
const operate = (
  verb: "grant" | "revoke",
  { role, privilege, collection, allDatabases, objectType, object }: GrantFlags,
) =>
  Effect.gen(function* () {
    const Privilege = yield* privilegeOperations
    if (objectType !== undefined && object !== undefined) {
      const operateV1 = verb === "grant" ? Privilege.grantV1 : Privilege.revokeV1
      return yield* operateV1(role, privilege, {
        type: objectType,
        name: object,
        database: allDatabases ? "*" : undefined,
      })
    }
    const scope = { collection, database: allDatabases ? "*" : undefined }
    yield* withHint(privilege, Privilege[verb](role, privilege, scope))
  })

/** Explains errors of a scope by the flags. */
const withHint = <R>(privilege: string, effect: Effect.Effect<void, CallError | ParamError, R>) =>
  Effect.catchTags(effect, {
    Unsupported: ({ version, needs }) =>
      new CommandError({
        reason: needs === undefined
          ? "the server does not support privileges of a scope"
          : `privileges of a scope need Milvus ${needs}, and the server has ${version}`,
        hint: "give the privilege for --object-type and --object",
      }),
    ParamError: (error) => {
      if (error.parameter === "scope.collection") {
        return new UsageError({ reason: `${privilege} is not for a single collection`, hint: "omit --collection" })
      }
      if (error.parameter === "scope.database") {
        return new UsageError({ reason: `${privilege} is not for a single database`, hint: "add --all-databases" })
      }
      return Effect.fail(error)
    },
  })

const checkFlags = ({ collection, allDatabases, objectType, object }: GrantFlags): Effect.Effect<void, UsageError> => {
  if ((objectType === undefined) !== (object === undefined)) {
    return Effect.fail(new UsageError({ reason: "--object-type and --object belong together" }))
  }
  const other = objectType !== undefined ? "--object" : allDatabases ? "--all-databases" : undefined
  return collection !== undefined && other !== undefined
    ? Effect.fail(new UsageError({ reason: `--collection and ${other} exclude each other` }))
    : Effect.void
}

const recordOf = ({ role, privilege, collection, objectType, object }: GrantFlags, verb: string) => ({
  [verb]: privilege,
  role,
  ...(objectType === undefined ? { collection: collection ?? "*" } : { [objectType.toLowerCase()]: object }),
})

/** `grant privilege`. */
export const grant = Command.make(
  "privilege",
  grantFlags,
  ({ target, ...flags }) =>
    Effect.andThen(
      checkFlags(flags),
      withConnection(target)(Effect.gen(function* () {
        yield* operate("grant", flags)
        yield* printDone(`granted ${flags.privilege} to ${flags.role}`, recordOf(flags, "granted"))
      })),
    ),
).pipe(
  Command.withDescription("Grant a privilege, or a group of privileges, to a role"),
  Command.withExamples([
    { command: "grant privilege reader CollectionReadOnly --collection books" },
    { command: "grant privilege operator ClusterAdmin --all-databases" },
  ]),
)

/** `revoke privilege`. */
export const revoke = Command.make(
  "privilege",
  grantFlags,
  ({ target, ...flags }) =>
    Effect.andThen(
      checkFlags(flags),
      withConnection(target)(Effect.gen(function* () {
        yield* operate("revoke", flags)
        yield* printDone(`revoked ${flags.privilege} from ${flags.role}`, recordOf(flags, "revoked"))
      })),
    ),
).pipe(Command.withDescription("Revoke a privilege, or a group of privileges, from a role; by the flags of its grant"))

/** `list privilege-groups`. */
export const listGroups = Command.make(
  "privilege-groups",
  { target: targetFlags },
  ({ target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { listGroups } = yield* privilegeOperations
      const rows = (yield* listGroups()).map(({ name, privileges }) => ({ name, privileges: privileges.join(", ") }))
      yield* printAll(["name", "privileges"], rows, "groups of privileges")
    })),
).pipe(Command.withDescription("List the groups of privileges, built-in ones too"))

const findGroup = (name: string) =>
  Effect.gen(function* () {
    const { listGroups } = yield* privilegeOperations
    const found = (yield* listGroups()).find((group) => group.name === name)
    return found ?? (yield* new CommandError({
      reason: `group of privileges "${name}" does not exist`,
      hint: "see which exist: list privilege-groups",
    }))
  })

/** `describe privilege-group`. */
export const describeGroup = Command.make(
  "privilege-group",
  { group, target: targetFlags },
  ({ group, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { name, privileges } = yield* findGroup(group)
      const rows = privileges.map((privilege) => ({ privilege }))
      yield* printDetails({ name }, { privileges: { columns: ["privilege"], rows } })
    })),
).pipe(Command.withDescription("Show the privileges of a group"))

/** `create privilege-group`. */
export const createGroup = Command.make(
  "privilege-group",
  { group, privileges: manyFlag("privilege", "NAME", "Privilege of the group; may be repeated"), target: targetFlags },
  ({ group, privileges, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { addToGroup, createGroup } = yield* privilegeOperations
      yield* createGroup(group)
      if (privileges.length > 0) yield* addToGroup(group, privileges)
      yield* printDone(`created group of privileges ${group}`, { created: group, privileges })
    })),
).pipe(
  Command.withDescription("Create a group of privileges"),
  Command.withExamples([{ command: "create privilege-group searching --privilege Search --privilege Query" }]),
)

/** `alter privilege-group`. */
export const alterGroup = Command.make("privilege-group", {
  group,
  added: manyFlag("add", "NAME", "Privilege to add; may be repeated"),
  dropped: manyFlag("drop", "NAME", "Privilege to drop; may be repeated"),
  target: targetFlags,
}, ({ group, added, dropped, target }) =>
  Effect.gen(function* () {
    // Both would be two calls, of which the second one may fail.
    if ((added.length > 0) === (dropped.length > 0)) {
      const got = added.length > 0 ? "both" : "none"
      return yield* new UsageError({ reason: `expected one of --add and --drop, got ${got}` })
    }
    yield* withConnection(target)(Effect.gen(function* () {
      const { addToGroup, removeFromGroup } = yield* privilegeOperations
      yield* added.length > 0 ? addToGroup(group, added) : removeFromGroup(group, dropped)
      yield* printDone(`altered group of privileges ${group}`, { altered: group })
    }))
  })).pipe(Command.withDescription("Add privileges to a group, or drop some of it"))

/** `drop privilege-group`. */
export const dropGroup = Command.make(
  "privilege-group",
  { group, yes: yesFlag, target: targetFlags },
  ({ group, yes, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { dropGroup } = yield* privilegeOperations
      // Fails if the group does not exist, unlike the drop of the server.
      yield* findGroup(group)
      yield* confirm(yes, `Drop the group of privileges ${group}?`)
      yield* dropGroup(group)
      yield* printDone(`dropped group of privileges ${group}`, { dropped: group })
    })),
).pipe(Command.withDescription("Drop a group of privileges; revoke it from its roles first"))
