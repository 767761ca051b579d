/** Confirmation of destructive commands. Without a terminal to ask on, such a command fails unless `--yes` is given. */
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import { CommandError, UsageError } from "./errors.ts"
import { printable } from "./output/cells.ts"
import { Terminal } from "./screen.ts"

/** The flag `--yes` of the commands that ask. */
export const yesFlag: Flag.Flag<boolean> = Flag.Boolean("yes").pipe(
  Flag.withAlias("y"),
  Flag.withDescription("Do not ask for confirmation. Required without a terminal"),
  Flag.withoutNegation,
  Flag.withDefault(false),
)

/** Asks a question, and fails unless the answer is yes. Does not ask if `yes` is true. */
export const confirm = (yes: boolean, question: string): Effect.Effect<void, UsageError | CommandError, Terminal> =>
  Effect.gen(function* () {
    if (yes) return
    const { ask, canAsk } = yield* Terminal
    if (!canAsk) {
      return yield* new UsageError({ reason: "cannot ask for confirmation without a terminal", hint: "add --yes" })
    }
    const answer = yield* ask(`${printable(question)} [y/N] `)
    if (!/^y(es)?$/i.test(answer.trim())) {
      return yield* new CommandError({ reason: "not confirmed; nothing was changed" })
    }
  })
