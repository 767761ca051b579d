/** Commands for users and roles: `list`, `describe`, `create`, `drop`. Milvus cannot rename them. */
import { Buffer } from "node:buffer"
import process from "node:process"
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Connection from "../../Connection.ts"
import { confirm, yesFlag } from "../confirm.ts"
import { CommandError, UsageError } from "../errors.ts"
import { printable } from "../output/cells.ts"
import { printDetails, printDone } from "../output/print.ts"
import { Terminal } from "../screen.ts"
import { targetFlags, withConnection } from "../connectionFlags.ts"
import { argument, manyFlag, printAll, switchFlag, textFlag } from "./args.ts"

// Not named `user`, which is the user of the connection.
const userName = argument("user", "The user")
const roleName = argument("role", "The role")

/** `list users`. */
export const listUsers = Command.make(
  "users",
  { target: targetFlags },
  ({ target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { call } = yield* Connection.Connection
      const { results } = yield* call("SelectUser", { include_role_info: true })
      const rows = results.map(({ user, roles }) => ({
        name: user?.name,
        roles: roles.map(({ name }) => name).join(", "),
      }))
      yield* printAll(["name", "roles"], rows, "users")
    })),
).pipe(Command.withDescription("List users with their roles"))

/** `describe user`. */
export const describeUser = Command.make(
  "user",
  { userName, target: targetFlags },
  ({ userName, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { call } = yield* Connection.Connection
      const { results } = yield* call("SelectUser", { user: { name: userName }, include_role_info: true })
      const [found] = results
      if (found === undefined) return yield* missing("user", userName)
      const rows = found.roles.map(({ name }) => ({ role: name }))
      yield* printDetails({ name: found.user?.name, description: found.description || undefined }, {
        roles: { columns: ["role"], rows },
      })
    })),
).pipe(Command.withDescription("Show the roles of a user"))

/** `create user`. */
export const createUser = Command.make("user", {
  userName,
  newPassword: textFlag("new-password", "PASSWORD", "Password of the user; asked for if it is omitted"),
  roles: manyFlag("role", "ROLE", "Role to give to the user; may be repeated"),
  target: targetFlags,
}, ({ userName, newPassword, roles, target }) =>
  withConnection(target)(Effect.gen(function* () {
    const { call } = yield* Connection.Connection
    const password = newPassword ?? (process.env["MILVUS_NEW_PASSWORD"] || (yield* askForPassword(userName)))
    yield* call("CreateCredential", { username: userName, password: Buffer.from(password).toString("base64") })
    for (const role_name of roles) {
      yield* call("OperateUserRole", { username: userName, role_name, type: "AddUserToRole" })
    }
    yield* printDone(`created user ${userName}`, { created: userName, roles })
  }))).pipe(Command.withDescription("Create a user"))

const askForPassword = (user: string): Effect.Effect<string, UsageError, Terminal> =>
  Effect.gen(function* () {
    const { ask, canAsk } = yield* Terminal
    if (!canAsk) {
      return yield* new UsageError({ reason: `the password of ${user} is missing`, hint: "set MILVUS_NEW_PASSWORD" })
    }
    const first = yield* ask(`New password of ${printable(user)}: `, { isHidden: true })
    const second = yield* ask("Repeat: ", { isHidden: true })
    return first === second ? first : yield* new UsageError({ reason: "the two passwords differ" })
  })

/** `drop user`. */
export const dropUser = Command.make(
  "user",
  { userName, yes: yesFlag, target: targetFlags },
  ({ userName, yes, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { call } = yield* Connection.Connection
      yield* confirm(yes, `Drop the user ${userName}?`)
      yield* call("DeleteCredential", { username: userName })
      yield* printDone(`dropped user ${userName}`, { dropped: userName })
    })),
).pipe(Command.withDescription("Drop a user"))

/** `list roles`. */
export const listRoles = Command.make(
  "roles",
  { target: targetFlags },
  ({ target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { call } = yield* Connection.Connection
      const { results } = yield* call("SelectRole", { include_user_info: true })
      const rows = results.map(({ role, users }) => ({
        name: role?.name,
        users: users.map(({ name }) => name).join(", "),
      }))
      yield* printAll(["name", "users"], rows, "roles")
    })),
).pipe(Command.withDescription("List roles with their users"))

/** `describe role`. */
export const describeRole = Command.make(
  "role",
  { roleName, target: targetFlags },
  ({ roleName, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { call } = yield* Connection.Connection
      const { results } = yield* call("SelectRole", { role: { name: roleName }, include_user_info: true })
      const [found] = results
      if (found === undefined) return yield* missing("role", roleName)
      const { entities } = yield* call("SelectGrant", { entity: { role: { name: roleName } } })
      yield* printDetails({ name: roleName, users: found.users.map(({ name }) => name).join(", ") }, {
        privileges: {
          columns: ["privilege", "object", "name", "database"],
          rows: entities.map(({ grantor, object, object_name, db_name }) => ({
            privilege: grantor?.privilege?.name,
            object: object?.name,
            name: object_name,
            database: db_name,
          })),
        },
      })
    })),
).pipe(Command.withDescription("Show the users and privileges of a role"))

/** `create role`. */
export const createRole = Command.make(
  "role",
  { roleName, target: targetFlags },
  ({ roleName, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { call } = yield* Connection.Connection
      yield* call("CreateRole", { entity: { name: roleName } })
      yield* printDone(`created role ${roleName}`, { created: roleName })
    })),
).pipe(Command.withDescription("Create a role"))

/** `drop role`. */
export const dropRole = Command.make("role", {
  roleName,
  force: switchFlag("force", "Drop the role even if it has privileges"),
  yes: yesFlag,
  target: targetFlags,
}, ({ roleName, force, yes, target }) =>
  withConnection(target)(Effect.gen(function* () {
    const { call } = yield* Connection.Connection
    yield* confirm(yes, `Drop the role ${roleName}?`)
    yield* call("DropRole", { role_name: roleName, force_drop: force })
    yield* printDone(`dropped role ${roleName}`, { dropped: roleName })
  }))).pipe(Command.withDescription("Drop a role"))

const missing = (noun: "user" | "role", name: string) =>
  new CommandError({ reason: `${noun} "${name}" does not exist`, hint: `see which exist: list ${noun}s` })
