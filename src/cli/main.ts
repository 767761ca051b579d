/**
 * The command line of effect-milvus: connect to Milvus, inspect it, and move data.
 *
 * ```sh
 * deno run -A jsr:@effect-milvus/client/cli
 * deno run -A jsr:@effect-milvus/client/cli list collections -a prod --output json
 * ```
 *
 * Without arguments it opens a shell. Exit codes: 0 success, 1 failed operation, 2 wrong usage, 130 Ctrl-C. Importing
 * this module has no effect.
 *
 * @module
 */
import process from "node:process"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"

/** Runs a command line. Returns its exit code. Ctrl-C interrupts the command; a second Ctrl-C ends the process. */
export const run = async (words: ReadonlyArray<string>): Promise<number> => {
  // Loaded on demand, so that importing this module stays cheap.
  const { start } = await import("./start.ts")
  const fiber = Effect.runFork(start(words))
  let isInterrupted = false
  // One listener for both signals: Deno would call a listener that is added here for the same signal.
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

/** Runs the command line of this process, and exits with its code. */
export const main = async (): Promise<void> => {
  const code = await run(process.argv.slice(2))
  // After all output is written. Exits explicitly, because some runtimes wait for the timer of a socket.
  process.stderr.write("", () => process.stdout.write("", () => process.exit(code)))
}

const signals = ["SIGINT", "SIGTERM"] as const
const interruptedCode = 130

if (import.meta.main) await main()
