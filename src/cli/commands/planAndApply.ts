/** `plan` and `apply`: definitions of a file of the user, compared with the server and made. */
import { stat } from "node:fs/promises"
import { resolve } from "node:path"
import { pathToFileURL } from "node:url"
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import type { Definitions } from "../../plan/definitions.ts"
import type { Plan } from "../../plan/plan.ts"
import { confirm, yesFlag } from "../confirm.ts"
import { targetFlags, withConnection } from "../connectionFlags.ts"
import { CommandError, UsageError } from "../errors.ts"
import { OutputFormat, printDone } from "../output/print.ts"
import { messageOf } from "../savedConnections.ts"
import { print, Terminal } from "../screen.ts"
import { argument, printAll, switchFlag } from "./args.ts"

const file = argument("definitions", "Module whose default export is the definitions")

/** The module of plans, loaded on demand. */
const schemaOperations = Effect.promise(() => import("../../plan/mod.ts"))

/** Imports the definitions. A file that has changed is imported again. */
const readDefinitions = (path: string): Effect.Effect<Definitions, CommandError | UsageError> =>
  Effect.gen(function* () {
    const module: unknown = yield* Effect.tryPromise({
      try: async () => {
        const absolute = resolve(path)
        const { mtimeMs } = await stat(absolute)
        return await import(`${pathToFileURL(absolute).href}?${mtimeMs}`)
      },
      catch: (cause) => new CommandError({ reason: `${path} cannot be imported: ${messageOf(cause)}`, cause }),
    })
    // Cast: the plan checks what the file exports.
    const { default: definitions } = module as { readonly default?: Definitions | undefined }
    if (definitions !== undefined) return definitions
    return yield* new UsageError({
      reason: `${path}: expected definitions as the default export`,
      hint: "write export default Schema.define({ ... })",
    })
  })

/** `plan`. */
export const plan = Command.make(
  "plan",
  { file, target: targetFlags },
  ({ file, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const definitions = yield* readDefinitions(file)
      const { format, plan } = yield* schemaOperations
      const found = yield* plan(definitions)
      if ((yield* OutputFormat) === "table") return yield* Terminal.use(({ out }) => print(out, format(found)))
      yield* printAll(["kind", "what", "why", "drops"], rowsOf(found), "steps")
    })),
).pipe(
  Command.withDescription("Show what apply would change; changes nothing"),
  Command.withExamples([{ command: "plan milvus.ts" }]),
)

const rowsOf = ({ steps, conflicts }: Plan) => [
  ...steps.map(({ kind, what, why, drops }) => ({ kind, what, why, drops })),
  ...conflicts.map(({ what, why }) => ({ kind: "Conflict", what, why, drops: false })),
]

/** `apply`. */
export const apply = Command.make(
  "apply",
  {
    file,
    allowDrop: switchFlag("allow-drop", "Also drop what is not defined, and replace what differs"),
    yes: yesFlag,
    target: targetFlags,
  },
  ({ file, allowDrop, yes, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const definitions = yield* readDefinitions(file)
      const { apply, format, plan } = yield* schemaOperations
      const { err } = yield* Terminal
      const found = yield* plan(definitions)
      const wanted = found.steps.filter(({ drops }) => allowDrop || !drops)
      if (found.conflicts.length === 0 && wanted.length > 0) {
        yield* print(err, format(found))
        yield* confirm(yes, `Make ${wanted.length} of ${found.steps.length} steps?`)
      }
      const { done, kept } = yield* apply(found, {
        allowDrop,
        onStep: ({ what }) => print(err, `done: ${what}\n`),
      })
      const left = kept.length === 0 ? "" : `; ${kept.length} need --allow-drop`
      yield* printDone(`made ${done.length} steps${left}`, { made: done.length, kept: kept.length })
    })),
).pipe(
  Command.withDescription("Make the server as defined, after confirmation; drops nothing without --allow-drop"),
  Command.withExamples([{ command: "apply milvus.ts" }, { command: "apply milvus.ts --allow-drop --yes" }]),
)
