/** Runs a command line in this process, without a terminal. */
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import { program } from "../../src/cli/program.ts"
import { run } from "../../src/cli/run.ts"
import { type Output, Terminal } from "../../src/cli/screen.ts"
import { makeShellConnections, ShellConnections } from "../../src/cli/shellConnections.ts"
import type { Outcome } from "./program.ts"

/** What can be set for a run. */
export interface ExecuteOptions {
  /** The environment: `MILVUS_*`, and where the configuration is. */
  readonly env?: Readonly<Record<string, string>>
  /** Answers to questions; without them there is no person to ask. */
  readonly answers?: ReadonlyArray<string>
  /** Whether the outputs are terminals, without colours. */
  readonly isTerminal?: boolean
}

/** Runs a command line to its exit code, with all that it writes; what it asks is in `err`. */
export async function execute(words: ReadonlyArray<string>, options: ExecuteOptions = {}): Promise<Outcome> {
  const written = { out: "", err: "" }
  const output = (name: "out" | "err"): Output => ({
    isTerminal: options.isTerminal ?? false,
    hasColor: false,
    columns: 80,
    isClosed: false,
    write: (text) => Effect.sync(() => void (written[name] += text)),
  })
  const answers = [...options.answers ?? []]
  const screen: Terminal = {
    out: output("out"),
    err: output("err"),
    canAsk: options.answers !== undefined,
    ask: (question) =>
      Effect.sync(() => {
        written.err += question
        return answers.shift() ?? ""
      }),
  }
  // Nothing of the environment of the tests.
  for (const name of Object.keys(Deno.env.toObject())) if (/^MILVUS_(?!PYTHON)/.test(name)) Deno.env.delete(name)
  for (const [name, value] of Object.entries({ XDG_CONFIG_HOME: "/nowhere", ...options.env })) Deno.env.set(name, value)
  const code = await Effect.runPromise(Effect.scoped(
    Effect.flatMap(
      makeShellConnections(false),
      (session) =>
        run(program, words).pipe(
          Effect.provideService(ShellConnections, session),
          Effect.provideService(Terminal, screen),
          Effect.provideService(Logger.CurrentLoggers, new Set<never>()),
          // The one of the process keeps the environment that it saw first.
          Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromEnv()),
        ),
    ),
  ))
  for (const name of Object.keys(options.env ?? {})) Deno.env.delete(name)
  return { code, ...written }
}
