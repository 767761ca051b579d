/** What destroys something asks first; where nobody can answer, it is refused. */
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import { CommandError, UsageError } from "./errors.ts"
import { printable } from "./output/cells.ts"
import { Terminal } from "./screen.ts"

/** The flag `--yes` of the commands that ask. */
export const yesFlag: Flag.Flag<boolean> = Flag.Boolean("yes").pipe(
  Flag.withAlias("y"),
  Flag.withDescription("Do not ask. Without a terminal, the command refuses to run without this"),
  Flag.withoutNegation,
  Flag.withDefault(false),
)

/** Goes on if the answer is yes. */
export const confirm = (yes: boolean, question: string): Effect.Effect<void, UsageError | CommandError, Terminal> =>
  Effect.gen(function* () {
    if (yes) return
    const { ask, canAsk } = yield* Terminal
    if (!canAsk) {
      return yield* new UsageError({ reason: "this asks first, and there is nobody to answer", hint: "add --yes" })
    }
    const answer = yield* ask(`${printable(question)} [y/N] `)
    if (!/^y(es)?$/i.test(answer.trim())) {
      return yield* new CommandError({ reason: "not confirmed, so nothing was done" })
    }
  })
