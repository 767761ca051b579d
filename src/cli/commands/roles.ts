/** Commands for roles: `list`, `describe`, `create`, `alter`, `drop`, `grant`, `revoke`. Milvus cannot rename them. */
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import { confirm, yesFlag } from "../confirm.ts"
import { CommandError, UsageError } from "../errors.ts"
import { printDetails, printDone } from "../output/print.ts"
import { targetFlags, withConnection } from "../connectionFlags.ts"
import { anyTextFlag, argument, printAll, roleOperations, switchFlag } from "./args.ts"
import { grantColumns, grantsOf } from "./privileges.ts"

const role = argument("role", "The role")
const descriptionFlag = anyTextFlag("description", "TEXT", "Description of the role (Milvus 2.6.19 and later)")

/** `list roles`. */
export const list = Command.make(
  "roles",
  { target: targetFlags },
  ({ target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { listDetails } = yield* roleOperations
      const rows = (yield* listDetails()).map(({ name, users, description }) => ({
        name,
        users: users.join(", "),
        description: description || undefined,
      }))
      const hasDescriptions = rows.some(({ description }) => description !== undefined)
      yield* printAll(hasDescriptions ? ["name", "users", "description"] : ["name", "users"], rows, "roles")
    })),
).pipe(Command.withDescription("List roles with their users"))

/** `describe role`. */
export const describe = Command.make(
  "role",
  { role, target: targetFlags },
  ({ role, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { describe } = yield* roleOperations
      const found = yield* describe(role)
      if (found === undefined) {
        return yield* new CommandError({ reason: `role "${role}" does not exist`, hint: "see which exist: list roles" })
      }
      const rows = yield* grantsOf(role)
      yield* printDetails(
        { name: role, description: found.description || undefined, users: found.users.join(", ") },
        { privileges: { columns: grantColumns, rows } },
      )
    })),
).pipe(Command.withDescription("Show the users and privileges of a role"))

/** `create role`. */
export const create = Command.make(
  "role",
  { role, description: descriptionFlag, target: targetFlags },
  ({ role, description, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { create } = yield* roleOperations
      yield* create(role, { description })
      yield* printDone(`created role ${role}`, { created: role })
    })),
).pipe(Command.withDescription("Create a role"))

/** `alter role`. */
export const alter = Command.make(
  "role",
  { role, description: descriptionFlag, target: targetFlags },
  ({ role, description, target }) =>
    Effect.gen(function* () {
      if (description === undefined) {
        return yield* new UsageError({ reason: "nothing to change", hint: "give the role a --description" })
      }
      yield* withConnection(target)(Effect.gen(function* () {
        const { alter } = yield* roleOperations
        yield* alter(role, description)
        yield* printDone(`altered role ${role}`, { altered: role })
      }))
    }),
).pipe(Command.withDescription("Change the description of a role"))

/** `drop role`. */
export const drop = Command.make("role", {
  role,
  force: switchFlag("force", "Drop the role even if it has privileges (Milvus 2.4.10 and later)"),
  yes: yesFlag,
  target: targetFlags,
}, ({ role, force, yes, target }) =>
  withConnection(target)(Effect.gen(function* () {
    const { drop } = yield* roleOperations
    yield* confirm(yes, `Drop the role ${role}?`)
    yield* drop(role, { force: force ? true : undefined })
    yield* printDone(`dropped role ${role}`, { dropped: role })
  }))).pipe(Command.withDescription("Drop a role"))

const membership = { role, userName: argument("user", "The user"), target: targetFlags } as const

/** `grant role`. */
export const grant = Command.make(
  "role",
  membership,
  ({ role, userName, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { grantTo } = yield* roleOperations
      yield* grantTo(role, userName)
      yield* printDone(`granted role ${role} to ${userName}`, { granted: role, user: userName })
    })),
).pipe(Command.withDescription("Grant a role to a user"))

/** `revoke role`. */
export const revoke = Command.make(
  "role",
  membership,
  ({ role, userName, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { revokeFrom } = yield* roleOperations
      yield* revokeFrom(role, userName)
      yield* printDone(`revoked role ${role} from ${userName}`, { revoked: role, user: userName })
    })),
).pipe(Command.withDescription("Revoke a role from a user"))
