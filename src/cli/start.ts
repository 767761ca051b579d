/** Entry of the process: runs one command, or the shell if there are no words. */
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import { askOnce } from "./editor.ts"
import { program, shellProgram } from "./program.ts"
import { run } from "./run.ts"
import { processTerminal, Terminal } from "./screen.ts"
import { makeShellConnections, ShellConnections } from "./shellConnections.ts"
import { shell } from "./shell.ts"

/** Runs the words of a command line. Returns the exit code. */
export const start = (words: ReadonlyArray<string>): Effect.Effect<number> =>
  (words.length === 0 ? shell(shellProgram) : runCommand(words)).pipe(
    Effect.provideService(Terminal, processTerminal(askOnce)),
    // Commands print everything themselves.
    Effect.provideService(Logger.CurrentLoggers, new Set<never>()),
  )

const runCommand = (words: ReadonlyArray<string>): Effect.Effect<number, never, Terminal> =>
  Effect.scoped(
    Effect.flatMap(makeShellConnections(false), (shellState) =>
      Effect.provideService(run(program, words), ShellConnections, shellState)),
  )
