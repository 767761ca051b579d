/**
 * The command line: connect, look around, disconnect.
 *
 * ```sh
 * deno run -A jsr:@effect-milvus/client/cli
 * deno run -A jsr:@effect-milvus/client/cli list collections -a prod --output json
 * ```
 *
 * Without arguments it is a shell. Exit codes: 0 success, 1 a failed operation, 2 wrong usage, 130 Ctrl-C. Importing this
 * module starts nothing.
 *
 * @module
 */
import process from "node:process"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"

/** Runs the words of a command line to their exit code. Ctrl-C interrupts what is going on; a second one ends the process. */
export const run = async (words: ReadonlyArray<string>): Promise<number> => {
  // Loaded here, so that an import costs nothing.
  const { start } = await import("./start.ts")
  const fiber = Effect.runFork(start(words))
  let isInterrupted = false
  // One listener for both times: Deno calls one that is added meanwhile for the same signal.
  const interrupt = () => {
    if (isInterrupted) process.exit(interruptedCode)
    isInterrupted = true
    fiber.interruptUnsafe()
  }
  for (const signal of signals) process.on(signal, interrupt)
  const code = await Effect.runPromise(
    Effect.matchCause(Fiber.join(fiber), { onSuccess: (code) => code, onFailure: () => interruptedCode }),
  )
  for (const signal of signals) process.off(signal, interrupt)
  return code
}

/** Runs the command line of this process, and ends the process with its exit code. */
export const main = async (): Promise<void> => {
  const code = await run(process.argv.slice(2))
  // Once all is written; a runtime that would wait for the timer of a socket is not waited for.
  process.stderr.write("", () => process.stdout.write("", () => process.exit(code)))
}

const signals = ["SIGINT", "SIGTERM"] as const
const interruptedCode = 130

if (import.meta.main) await main()
