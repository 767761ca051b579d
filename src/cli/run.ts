/** Runs one command line, told as words: to its exit code, with what went wrong on one line. */
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

/** The name of the program. */
export const programName = "effect-milvus" as const

/** `-h` is the host here. */
const Help: GlobalFlag.Action<boolean> = GlobalFlag.Action({
  flag: Flag.Boolean("help").pipe(
    Flag.withDescription("Tell what a command does"),
    Flag.withoutNegation,
    Flag.withDefault(false),
  ),
  run: GlobalFlag.Help.run,
})

const Version: GlobalFlag.Action<boolean> = GlobalFlag.Action({
  flag: Flag.Boolean("version").pipe(
    Flag.withAlias("v"),
    Flag.withDescription("Tell the version"),
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

/** Runs the words of a command line. Never fails: what goes wrong is told, and gives the exit code. */
export const run = (
  tree: Tree,
  words: ReadonlyArray<string>,
): Effect.Effect<number, never, ShellConnections | Terminal> =>
  Effect.gen(function* () {
    const terminal = yield* Terminal
    const { isShell } = yield* ShellConnections
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
            // Told below, on one line.
            return Effect.void
        }
      },
    }
    if (!isShell) yield* warnAboutProcessList(words)
    const exit = yield* Command.runWith(tree, { version: sdkVersion })(normalized(words)).pipe(
      Effect.provideService(CliOutput.Presenter, presenter),
      Effect.provideService(CliConfig.CliConfig, CliConfig.make({ builtIns: [Help, Version, Completions] })),
      Effect.provide(platform),
      Effect.exit,
    )
    return Exit.isSuccess(exit) ? 0 : yield* reportFailure(exit.cause)
  })

/** Says what went wrong, and gives the exit code. */
const reportFailure = (cause: Cause.Cause<unknown>): Effect.Effect<number, never, Terminal> =>
  Effect.gen(function* () {
    const { out } = yield* Terminal
    if (Cause.hasInterruptsOnly(cause)) return out.isClosed ? 0 : interruptedCode
    const error = Option.getOrUndefined(Cause.findErrorOption(cause))
    // A group of commands without a command: its help was shown instead.
    if (CliError.isCliError(error) && error._tag === "ShowHelp" && error.errors.length === 0) return 2
    return yield* printError(explainCause(cause))
  })

/** Says on one line what went wrong, and gives the exit code. */
export const printError = (explanation: Explanation): Effect.Effect<number, never, Terminal> =>
  Effect.gen(function* () {
    const { err } = yield* Terminal
    yield* print(err, `${styled(err, "red", "error:")} ${toLine(explanation)}\n`)
    return explanation.code
  })

const secretFlags: ReadonlyMap<string, string> = new Map([
  ["--token", "MILVUS_TOKEN or --token-command"],
  ["--password", "MILVUS_PASSWORD, or --password without a value, which asks"],
  ["--new-password", "MILVUS_NEW_PASSWORD, or no --new-password, which asks"],
])

/** Warns of secrets among the words, which other users of the machine see in the list of processes. */
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
      if (isThere) yield* warn(`the list of processes shows ${flag} to others on this machine: use ${better}`)
    }
    const isUri = (word: string, at: number) => word.startsWith("--uri=") || flags[at - 1] === "--uri"
    if (flags.some((word, at) => isUri(word, at) && /:\/\/[^@]*:[^@]+@/.test(word))) {
      yield* warn("the list of processes shows the password of --uri to others on this machine: use MILVUS_PASSWORD")
    }
  })

/** `help X` is `X --help`, and a `--password` without a value has an empty one. */
const normalized = (words: ReadonlyArray<string>): ReadonlyArray<string> => {
  const [first, ...rest] = words
  if (first === "help") return [...rest, "--help"]
  return words.map((word, at) => {
    const next = words[at + 1]
    return word === "--password" && (next === undefined || next.startsWith("-")) ? "--password=" : word
  })
}
