/** `backup rbac` and `restore rbac`: users, roles, grants and groups of privileges of a server in a file. */
import { readFile } from "node:fs/promises"
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { targetFlags, withConnection } from "../connectionFlags.ts"
import { CommandError } from "../errors.ts"
import { withFileWriter } from "../fileWriter.ts"
import { printDone } from "../output/print.ts"
import { messageOf } from "../savedConnections.ts"
import { argument, roleOperations } from "./args.ts"

const file = argument("file", "File of the backup. It is secret: it has the hashes of the passwords")

/** `backup rbac`. */
export const backup = Command.make(
  "rbac",
  { file, target: targetFlags },
  ({ file, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { backup } = yield* roleOperations
      const { users, roles, grants, groups, bytes } = yield* backup()
      yield* withFileWriter(file, (write) => write(Redacted.value(bytes)), { isSecret: true })
      const counts = { users: users.length, roles: roles.length, grants: grants.length, groups: groups.length }
      const all = Object.entries(counts).map(([name, count]) => `${count} ${name}`).join(", ")
      yield* printDone(`backed up access control to ${file}: ${all}`, { file, ...counts })
    })),
).pipe(
  Command.withDescription("Write users, roles, grants and groups of privileges to a file that only you can read"),
  Command.withExamples([{ command: "backup rbac rbac.backup" }]),
)

/** `restore rbac`. */
export const restore = Command.make(
  "rbac",
  { file, target: targetFlags },
  ({ file, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const bytes = yield* Effect.tryPromise({
        try: () => readFile(file),
        catch: (cause) =>
          new CommandError({
            reason: `${file} cannot be read: ${messageOf(cause).replace(/, [a-z]+ '.*$/s, "")}`,
            cause,
          }),
      })
      const { restore } = yield* roleOperations
      yield* restore(new Uint8Array(bytes))
      yield* printDone(`restored access control from ${file}`, { restored: file })
    })),
).pipe(Command.withDescription("Create the users, roles, grants and groups of a backup; none of them may exist"))
