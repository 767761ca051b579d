/** Commands that only the shell has: `set`, `history`, `clear`, `exit`. */
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { historyWith } from "../history.ts"
import { formats, OutputFormat, printDone } from "../output/print.ts"
import { printable } from "../output/cells.ts"
import { clearScreen, print, Terminal } from "../screen.ts"
import { ShellConnections } from "../shellConnections.ts"
import { printAll } from "./args.ts"

const output = Command.make("output", {
  format: Argument.Literals("format", formats).pipe(
    Argument.withDescription("Format of the results; without it, the format is shown"),
    Argument.optional,
    Argument.map(Option.getOrUndefined),
  ),
}, ({ format }) =>
  Effect.gen(function* () {
    const shellState = yield* ShellConnections
    if (format !== undefined) shellState.output = format
    const current = shellState.output ?? "table"
    yield* printDone(`output: ${current}`, { output: current })
  })).pipe(
    Command.withDescription("Choose the format of the results of all commands; --output takes precedence"),
    Command.withExamples([{ command: "set output json" }]),
  )

/** `set`. */
export const set = Command.make("set").pipe(
  Command.withDescription("Choose what holds for all commands of this shell"),
  Command.withSubcommands([output]),
)

/** `history`. */
export const history = Command.make("history", {}, () =>
  Effect.gen(function* () {
    const { lines } = yield* ShellConnections
    const { out } = yield* Terminal
    const all = yield* historyWith(lines)
    if ((yield* OutputFormat) !== "table") return yield* printAll(["line"], all.map((line) => ({ line })), "lines")
    yield* print(out, all.map((line) => `${printable(line)}\n`).join(""))
  })).pipe(Command.withDescription("Show the lines of this shell and of earlier ones, except those with secrets"))

/** `clear`. */
export const clear = Command.make("clear", {}, () => Terminal.use(({ out }) => clearScreen(out))).pipe(
  Command.withDescription("Clear the screen"),
)

/** `exit`. The shell itself reads it, so that it leaves with the input that follows. */
export const exit = Command.make("exit", {}, () => Effect.void).pipe(
  Command.withDescription("Leave the shell, and close all connections; as Ctrl-D"),
)
