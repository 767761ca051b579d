/** Commands for users: `list`, `describe`, `create`, `alter`, `drop`. Milvus cannot rename them. */
import process from "node:process"
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { confirm, yesFlag } from "../confirm.ts"
import { CommandError, UsageError } from "../errors.ts"
import { printable } from "../output/cells.ts"
import { printDetails, printDone } from "../output/print.ts"
import { Terminal } from "../screen.ts"
import { targetFlags, withConnection } from "../connectionFlags.ts"
import { anyTextFlag, argument, manyFlag, printAll, roleOperations, textFlag, userOperations } from "./args.ts"

// Not named `user`, which is the user of the connection.
const userName = argument("user", "The user")

/** `list users`. */
export const list = Command.make(
  "users",
  { target: targetFlags },
  ({ target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { listDetails } = yield* userOperations
      const rows = (yield* listDetails()).map(({ name, roles, description }) => ({
        name,
        roles: roles.join(", "),
        description: description || undefined,
      }))
      const hasDescriptions = rows.some(({ description }) => description !== undefined)
      yield* printAll(hasDescriptions ? ["name", "roles", "description"] : ["name", "roles"], rows, "users")
    })),
).pipe(Command.withDescription("List users with their roles"))

const findUser = (name: string) =>
  Effect.gen(function* () {
    const { describe } = yield* userOperations
    const found = yield* describe(name)
    return found ??
      (yield* new CommandError({ reason: `user "${name}" does not exist`, hint: "see which exist: list users" }))
  })

/** `describe user`. */
export const describe = Command.make(
  "user",
  { userName, target: targetFlags },
  ({ userName, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { name, description, roles } = yield* findUser(userName)
      yield* printDetails({ name, description: description || undefined }, {
        roles: { columns: ["role"], rows: roles.map((role) => ({ role })) },
      })
    })),
).pipe(Command.withDescription("Show the roles of a user"))

const newPasswordFlag = textFlag("new-password", "PASSWORD", "Password of the user; asked for if it is omitted")
const descriptionFlag = anyTextFlag("description", "TEXT", "Description of the user (Milvus 2.6.19 and later)")

/** `create user`. */
export const create = Command.make("user", {
  userName,
  newPassword: newPasswordFlag,
  description: descriptionFlag,
  roles: manyFlag("role", "ROLE", "Role to grant to the user; may be repeated"),
  target: targetFlags,
}, ({ userName, newPassword, description, roles, target }) =>
  withConnection(target)(Effect.gen(function* () {
    const { create } = yield* userOperations
    const { grantTo } = yield* roleOperations
    const password = yield* newPasswordOf(userName, newPassword)
    yield* create(userName, password, { description })
    for (const role of roles) yield* grantTo(role, userName)
    yield* printDone(`created user ${userName}`, { created: userName, roles })
  }))).pipe(Command.withDescription("Create a user"))

/** `alter user`. */
export const alter = Command.make("user", {
  userName,
  oldPassword: textFlag("old-password", "PASSWORD", "Password that the user has; asked for if it is omitted"),
  newPassword: newPasswordFlag,
  description: descriptionFlag,
  target: targetFlags,
}, ({ userName, oldPassword, newPassword, description, target }) =>
  withConnection(target)(Effect.gen(function* () {
    const { alter, updatePassword } = yield* userOperations
    const isPasswordGiven = oldPassword !== undefined || newPassword !== undefined
    if (description !== undefined && !isPasswordGiven) yield* alter(userName, description)
    else {
      const before = yield* oldPasswordOf(userName, oldPassword)
      const after = yield* newPasswordOf(userName, newPassword)
      yield* updatePassword(userName, before, after, { description })
    }
    yield* printDone(`altered user ${userName}`, { altered: userName })
  }))).pipe(
    Command.withDescription("Change the password of a user, or only the description"),
    Command.withExamples([{ command: "alter user ann" }, { command: "alter user ann --description 'Reads reports'" }]),
  )

const oldPasswordOf = (user: string, given: string | undefined) =>
  passwordOf(user, given, "MILVUS_OLD_PASSWORD", (ask) => ask(`Old password of ${printable(user)}: `))

const newPasswordOf = (user: string, given: string | undefined) =>
  passwordOf(user, given, "MILVUS_NEW_PASSWORD", (ask) =>
    Effect.gen(function* () {
      const first = yield* ask(`New password of ${printable(user)}: `)
      const second = yield* ask("Repeat: ")
      return first === second ? first : yield* new UsageError({ reason: "the two passwords differ" })
    }))

type Ask = (question: string) => Effect.Effect<string>

/** Returns a password: that of the flag, that of the environment, or one that is asked for. */
const passwordOf = <E>(
  user: string,
  given: string | undefined,
  variable: string,
  askFor: (ask: Ask) => Effect.Effect<string, E>,
): Effect.Effect<Redacted.Redacted<string>, E | UsageError, Terminal> =>
  Effect.gen(function* () {
    const known = given ?? (process.env[variable] || undefined)
    if (known !== undefined) return Redacted.make(known)
    const { ask, canAsk } = yield* Terminal
    if (!canAsk) {
      return yield* new UsageError({ reason: `the password of ${user} is missing`, hint: `set ${variable}` })
    }
    return Redacted.make(yield* askFor((question) => ask(question, { isHidden: true })))
  })

/** `drop user`. */
export const drop = Command.make(
  "user",
  { userName, yes: yesFlag, target: targetFlags },
  ({ userName, yes, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { drop } = yield* userOperations
      // Fails if the user does not exist, unlike the drop of the server.
      yield* findUser(userName)
      yield* confirm(yes, `Drop the user ${userName}?`)
      yield* drop(userName)
      yield* printDone(`dropped user ${userName}`, { dropped: userName })
    })),
).pipe(Command.withDescription("Drop a user"))
