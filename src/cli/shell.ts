/**
 * The shell: runs commands one after the other, over connections that stay open.
 *
 * Ctrl-C cancels the running command, or clears the line. Ctrl-D leaves the shell and closes all connections. Without a
 * terminal, the standard input is a script, which stops at the first failure.
 */
import process from "node:process"
import * as readline from "node:readline"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import { sdkVersion } from "../connection/handshake.ts"
import { complete } from "./completion.ts"
import * as Editor from "./editor.ts"
import { appendHistory, readHistory } from "./history.ts"
import { printable } from "./output/cells.ts"
import { printError, programName, run, type Tree } from "./run.ts"
import { print, styled, Terminal } from "./screen.ts"
import { makeShellConnections, ShellConnections } from "./shellConnections.ts"
import { wordsOf } from "./shellWords.ts"

/** Runs lines until the input ends. Returns the exit code. */
export const shell = (tree: Tree): Effect.Effect<number, never, Terminal> =>
  Effect.scoped(Effect.gen(function* () {
    const shellState = yield* makeShellConnections(true)
    const lines = process.stdin.isTTY === true ? runInteractive(tree) : runScript(tree)
    return yield* Effect.provideService(lines, ShellConnections, shellState)
  }))

const runInteractive = (tree: Tree) =>
  Effect.gen(function* () {
    const terminal = yield* Terminal
    const shellState = yield* ShellConnections
    const { out } = terminal
    const editor = yield* Editor.open({
      output: process.stdout,
      history: yield* readHistory,
      complete: (line) => Effect.runPromise(Effect.provideService(complete(tree, line), ShellConnections, shellState)),
    })
    yield* Effect.addFinalizer(() => appendHistory(shellState.lines))
    yield* print(
      out,
      `${styled(out, "bold", programName)} ${sdkVersion}. Start with connect; help lists the commands.\n`,
    )
    while (true) {
      const line = yield* editor.line(yield* promptOf(shellState, out))
      if (Option.isNone(line)) {
        yield* print(out, "\n")
        return 0
      }
      if (line.value.trim() === "") continue
      shellState.lines.push(line.value.trim())
      if (isExitCommand(line.value)) return 0
      const fiber = yield* Effect.forkChild(
        Effect.provideService(runLine(tree, line.value), Terminal, { ...terminal, ask: editor.ask }),
      )
      yield* editor.onInterrupt(() => fiber.interruptUnsafe(), Fiber.await(fiber))
    }
  })

const isExitCommand = (line: string): boolean => /^\s*(exit|quit)\s*$/.test(line)

const runLine = (tree: Tree, line: string): Effect.Effect<number, never, ShellConnections | Terminal> => {
  const words = wordsOf(line)
  return words === undefined ? printError({ text: "a quote is not closed", code: 2 }) : run(tree, words)
}

/** Returns the prompt: the alias in use, and its database if that was chosen; in parentheses if it is not connected. */
const promptOf = (shellState: ShellConnections, out: Terminal["out"]): Effect.Effect<string> =>
  Effect.map(
    shellState.connections.has(shellState.alias),
    (isConnected) => {
      const database = shellState.databases.get(shellState.alias)
      const alias = printable(database === undefined ? shellState.alias : `${shellState.alias}/${database}`)
      return isConnected ? `${styled(out, "green", alias)}> ` : `${styled(out, "dim", `(${alias})`)}> `
    },
  )

const runScript = (tree: Tree) =>
  Effect.gen(function* () {
    const lines = yield* Effect.acquireRelease(
      Effect.sync(() => readline.createInterface({ input: process.stdin, terminal: false })),
      (lines) => Effect.sync(() => lines.close()),
    )
    const iterator = lines[Symbol.asyncIterator]()
    while (true) {
      const { done, value } = yield* Effect.promise(() => iterator.next())
      if (done || isExitCommand(value)) return 0
      if (/^\s*(#|$)/.test(value)) continue
      const code = yield* runLine(tree, value)
      if (code !== 0) return code
    }
  })
