/** Runs one command line, given as words. Prints errors on one line, and returns the exit code. */
import * as Cause from "effect/Cause"
import * as CliConfig from "effect/cli/CliConfig"
import * as CliError from "effect/cli/CliError"
import * as CliOutput from "effect/cli/CliOutput"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as GlobalFlag from "effect/cli/GlobalFlag"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import { sdkVersion } from "../connection/handshake.ts"
import { explainCause, type Explanation, interruptedCode, toLine } from "./errorText.ts"
import { helpText } from "./output/help.ts"
import { platform } from "./platform.ts"
import { print, styled, Terminal, warn } from "./screen.ts"
import { ShellConnections } from "./shellConnections.ts"
import { targetFlagNames } from "./connectionFlags.ts"

/** Name of the program. */
export const programName = "effect-milvus" as const

/** `--help` without the alias `-h`, which is the host here. */
const Help: GlobalFlag.Action<boolean> = GlobalFlag.Action({
  flag: Flag.Boolean("help").pipe(
    Flag.withDescription("Show the help of a command"),
    Flag.withoutNegation,
    Flag.withDefault(false),
  ),
  run: GlobalFlag.Help.run,
})

const Version: GlobalFlag.Action<boolean> = GlobalFlag.Action({
  flag: Flag.Boolean("version").pipe(
    Flag.withAlias("v"),
    Flag.withDescription("Print the version"),
    Flag.withoutNegation,
    Flag.withDefault(false),
  ),
  run: GlobalFlag.Version.run,
})

const Completions: typeof GlobalFlag.Completions = GlobalFlag.Action({
  flag: Flag.withDescription(GlobalFlag.Completions.flag, "Print a completion script").pipe(Flag.withMetavar("SHELL")),
  run: GlobalFlag.Completions.run,
})

/** A tree of commands. */
export type Tree = Command.Command<typeof programName, object, object, unknown, ShellConnections | Terminal>

/** Runs the words of a command line. Returns the exit code. Never fails: errors are printed. */
export const run = (
  tree: Tree,
  words: ReadonlyArray<string>,
): Effect.Effect<number, never, ShellConnections | Terminal> =>
  Effect.gen(function* () {
    const terminal = yield* Terminal
    const { isShell, output } = yield* ShellConnections
    const presenter: CliOutput.Presenter = {
      present: (event) => {
        switch (event._tag) {
          case "Help": {
            const output = event.reason === "Requested" ? terminal.out : terminal.err
            const program = isShell ? "" : programName
            return print(output, helpText(event.helpDoc, { output, program, shared: targetFlagNames }))
          }
          case "Version":
            return print(terminal.out, `${event.version}\n`)
          case "InvalidInvocation":
            // Printed below, on one line.
            return Effect.void
        }
      },
    }
    if (!isShell) yield* warnAboutProcessList(words)
    const exit = yield* Command.runWith(tree, { version: sdkVersion })(withOutput(normalized(words), output)).pipe(
      Effect.provideService(CliOutput.Presenter, presenter),
      Effect.provideService(CliConfig.CliConfig, CliConfig.make({ builtIns: [Help, Version, Completions] })),
      Effect.provide(platform),
      Effect.exit,
    )
    return Exit.isSuccess(exit) ? 0 : yield* reportFailure(exit.cause)
  })

/** Prints the failure of a command. Returns the exit code. */
const reportFailure = (cause: Cause.Cause<unknown>): Effect.Effect<number, never, Terminal> =>
  Effect.gen(function* () {
    const { out } = yield* Terminal
    if (Cause.hasInterruptsOnly(cause)) return out.isClosed ? 0 : interruptedCode
    const error = Option.getOrUndefined(Cause.findErrorOption(cause))
    // A group of commands was named without a command: its help was shown already.
    if (CliError.isCliError(error) && error._tag === "ShowHelp" && error.errors.length === 0) return 2
    return yield* printError(explainCause(cause))
  })

/** Prints an explanation on one line. Returns the exit code. */
export const printError = (explanation: Explanation): Effect.Effect<number, never, Terminal> =>
  Effect.gen(function* () {
    const { err } = yield* Terminal
    yield* print(err, `${styled(err, "red", "error:")} ${toLine(explanation)}\n`)
    return explanation.code
  })

const secretFlags: ReadonlyMap<string, string> = new Map([
  ["--token", "MILVUS_TOKEN or --token-command"],
  ["--password", "MILVUS_PASSWORD, or --password without a value to be asked for it"],
  ["--old-password", "MILVUS_OLD_PASSWORD, or omit --old-password to be asked for it"],
  ["--new-password", "MILVUS_NEW_PASSWORD, or omit --new-password to be asked for it"],
])

/** Warns if there are secrets among the words: other users of the machine can see them in the process list. */
const warnAboutProcessList = (words: ReadonlyArray<string>): Effect.Effect<void, never, Terminal> =>
  Effect.gen(function* () {
    const end = words.indexOf("--")
    const flags = end < 0 ? words : words.slice(0, end)
    for (const [flag, better] of secretFlags) {
      const isThere = flags.some((word, at) => {
        const value = word === flag
          ? flags[at + 1]
          : word.startsWith(`${flag}=`)
          ? word.slice(flag.length + 1)
          : undefined
        return value !== undefined && value !== "" && !(word === flag && value.startsWith("-"))
      })
      if (isThere) yield* warn(`other users of this machine can see ${flag} in the process list: use ${better}`)
    }
    const isUri = (word: string, at: number) => word.startsWith("--uri=") || flags[at - 1] === "--uri"
    if (flags.some((word, at) => isUri(word, at) && /:\/\/[^@]*:[^@]+@/.test(word))) {
      yield* warn("other users of this machine can see the password of --uri in the process list: use MILVUS_PASSWORD")
    }
  })

/** Adds the format that the shell is set to, unless the words have one. */
const withOutput = (words: ReadonlyArray<string>, output: string | undefined): ReadonlyArray<string> =>
  output === undefined || words.some((word) => /^(-o|--output(=|$))/.test(word))
    ? words
    : ["--output", output, ...words]

/** Rewrites `help X` to `X --help`, and `--password` without a value to one with an empty value. */
const normalized = (words: ReadonlyArray<string>): ReadonlyArray<string> => {
  const [first, ...rest] = words
  if (first === "help") return [...rest, "--help"]
  return words.map((word, at) => {
    const next = words[at + 1]
    return word === "--password" && (next === undefined || next.startsWith("-")) ? "--password=" : word
  })
}
