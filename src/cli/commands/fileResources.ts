/** Commands for file resources: `list`, `create`, `drop`. Files get to the storage of the server by other means. */
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import { confirm, yesFlag } from "../confirm.ts"
import { targetFlags, withConnection } from "../connectionFlags.ts"
import { printDone } from "../output/print.ts"
import { argument, fileOperations, printAll } from "./args.ts"

const name = argument("file-resource", "Name of the file resource")

/** `list file-resources`. */
export const list = Command.make(
  "file-resources",
  { target: targetFlags },
  ({ target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { listDetails } = yield* fileOperations
      const rows = (yield* listDetails()).map(({ name, path, id }) => ({ name, path, id }))
      yield* printAll(["name", "path", "id"], rows, "file resources")
    })),
).pipe(Command.withDescription("List the files that analyzers can use"))

/** `create file-resource`. */
export const create = Command.make(
  "file-resource",
  { name, path: argument("path", "Path of the file in the storage of the server"), target: targetFlags },
  ({ name, path, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { add } = yield* fileOperations
      yield* add(name, path)
      yield* printDone(`created file resource ${name}`, { created: name, path })
    })),
).pipe(
  Command.withDescription("Name a file in the storage of the server, so that analyzers can use it"),
  Command.withExamples([{ command: "create file-resource stop_words dictionaries/stop_words.txt" }]),
)

/** `drop file-resource`. */
export const drop = Command.make(
  "file-resource",
  { name, yes: yesFlag, target: targetFlags },
  ({ name, yes, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { remove } = yield* fileOperations
      yield* confirm(yes, `Drop the file resource ${name}?`)
      yield* remove(name)
      yield* printDone(`dropped file resource ${name}`, { dropped: name })
    })),
).pipe(Command.withDescription("Drop a file resource; the file stays"))
