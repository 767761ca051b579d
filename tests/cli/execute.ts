/** Runs a command line in this process, without a terminal. */
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import { assertEquals } from "@std/assert"
import { program } from "../../src/cli/program.ts"
import { run, type Tree } from "../../src/cli/run.ts"
import { type Output, Terminal } from "../../src/cli/screen.ts"
import { makeShellConnections, ShellConnections } from "../../src/cli/shellConnections.ts"
import type { Outcome } from "./program.ts"

/** Options for {@linkcode execute}. */
export interface ExecuteOptions {
  /** Environment variables: `MILVUS_*`, and the configuration folder. */
  readonly env?: Readonly<Record<string, string>>
  /** Answers to questions; without them, commands cannot ask. */
  readonly answers?: ReadonlyArray<string>
  /** Whether the outputs are terminals, without colours. */
  readonly isTerminal?: boolean
  /** Commands; those outside of the shell by default. */
  readonly tree?: Tree
  /** Runs in place of each write of results. */
  readonly write?: Effect.Effect<void>
}

/** Runs a command line. Returns its exit code and its output; questions are in `err`. */
export async function execute(words: ReadonlyArray<string>, options: ExecuteOptions = {}): Promise<Outcome> {
  const written = { out: "", err: "" }
  const output = (name: "out" | "err"): Output => ({
    isTerminal: options.isTerminal ?? false,
    hasColor: false,
    columns: 80,
    isClosed: false,
    write: (text) =>
      name === "out" && options.write !== undefined ? options.write : Effect.sync(() => void (written[name] += text)),
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
  // The environment of the machine must not matter.
  for (const name of Object.keys(Deno.env.toObject())) if (/^MILVUS_(?!PYTHON)/.test(name)) Deno.env.delete(name)
  for (const [name, value] of Object.entries({ XDG_CONFIG_HOME: "/nowhere", ...options.env })) Deno.env.set(name, value)
  const code = await Effect.runPromise(Effect.scoped(
    Effect.flatMap(
      makeShellConnections(false),
      (shellState) =>
        run(options.tree ?? program, words).pipe(
          Effect.provideService(ShellConnections, shellState),
          Effect.provideService(Terminal, screen),
          Effect.provideService(Logger.CurrentLoggers, new Set<never>()),
          // The default provider keeps the environment of its first use.
          Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromEnv()),
        ),
    ),
  ))
  for (const name of Object.keys(options.env ?? {})) Deno.env.delete(name)
  return { code, ...written }
}

/** Returns a function that runs a command line on the server of a port, and returns what it prints as NDJSON. */
export const runner =
  ({ port }: { readonly port: string | number }) =>
  async (line: string, ...more: ReadonlyArray<string>): Promise<string> => {
    const { code, out, err } = await execute([...line.split(" "), ...more, "-p", `${port}`, "-o", "ndjson"])
    assertEquals([code, err], [0, ""], line)
    return out
  }
