/**
 * Runs the command line as a real process under a pseudo-terminal of 80 by 24: keys go in, screen and exit code come
 * out.
 *
 * The terminal is `terminal.py`, based on `pty` of Python and on the emulator `pyte`, in a private environment as in
 * `tests/support/python.ts`.
 */
import { fileURLToPath } from "node:url"
import { TextLineStream } from "./lines.ts"
import { pythonWith } from "../support/python.ts"

/** A program under a pseudo-terminal. */
export interface Terminal extends AsyncDisposable {
  /** Types keys. */
  type(keys: string): Promise<void>
  /** Waits until the screen, or the text that scrolled off it, shows a text. Returns all of it. */
  shows(text: string | RegExp): Promise<string>
  /** Returns the current lines of the screen, 80 columns by 24. */
  screen(): Promise<ReadonlyArray<string>>
  /** Returns the colours and weights of a text at its first position on the screen. */
  styles(text: string): Promise<ReadonlyArray<string> | null>
  /** Returns all output, escape sequences included. */
  raw(): Promise<string>
  /** Waits for the end. Returns the exit code. */
  exit(): Promise<number>
}

/** Seconds after which the program counts as hung. */
const timeoutSeconds = 20

/** Starts a program under a pseudo-terminal, in a folder. */
export async function openTerminal(
  command: ReadonlyArray<string>,
  env: Readonly<Record<string, string>>,
  folder: string,
): Promise<Terminal> {
  const python = await pythonWith("pyte")
  const script = fileURLToPath(new URL("./terminal.py", import.meta.url))
  const child = new Deno.Command(python, {
    args: [script, ...command],
    env: { ...env, TERM: "xterm-256color" },
    clearEnv: true,
    cwd: folder,
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn()
  const orders = child.stdin.getWriter()
  const answers = child.stdout.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream()).getReader()
  const ask = async (order: object): Promise<Record<string, unknown>> => {
    await orders.write(new TextEncoder().encode(`${JSON.stringify(order)}\n`))
    const { value } = await answers.read()
    if (value === undefined) throw new Error("the terminal is gone")
    return JSON.parse(value)
  }
  return {
    type: async (keys) => void (await ask({ type: keys })),
    shows: async (text) => {
      const pattern = typeof text === "string" ? text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&") : text.source
      const { found, text: seen } = await ask({ until: pattern, seconds: timeoutSeconds })
      if (found !== true) throw new Error(`the screen does not show ${text}:\n${seen}`)
      return String(seen)
    },
    screen: async () => (await ask({ screen: true }))["lines"] as ReadonlyArray<string>,
    styles: async (text) => (await ask({ styles: text }))["styles"] as ReadonlyArray<string> | null,
    raw: async () => String((await ask({ raw: true }))["text"]),
    exit: async () => {
      const { code, text } = await ask({ exit: true, seconds: timeoutSeconds })
      if (typeof code !== "number") throw new Error(`the program does not end:\n${text}`)
      return code
    },
    [Symbol.asyncDispose]: async () => {
      await orders.close()
      await answers.cancel()
      await child.status
    },
  }
}
