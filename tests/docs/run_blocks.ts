/**
 * Runs programs of the documents one after the other in this process, for `guides_test.ts`. The arguments are a file
 * with the paths of the programs, and one for their outcomes. The process ends by itself only if no program leaves
 * anything open.
 */
import { inspect } from "node:util"

/** Outcome of a program. */
export interface Outcome {
  readonly output: string
  /** The error of the program, with its stack. */
  readonly error?: string
}

async function run(file: string): Promise<Outcome> {
  // Programs write files, such as `./demo.db`, that another one should not find.
  await Deno.mkdir(`${file}.files`)
  Deno.chdir(`${file}.files`)
  const lines: Array<string> = []
  const print = (...values: ReadonlyArray<unknown>) =>
    void lines.push(values.map((value) => typeof value === "string" ? value : inspect(value)).join(" "))
  Object.assign(console, { log: print, info: print })
  try {
    await import(file)
    return { output: lines.join("\n") }
  } catch (error) {
    return { output: lines.join("\n"), error: error instanceof Error ? error.stack ?? error.message : String(error) }
  }
}

const [input = "", output = ""] = Deno.args
const programs: ReadonlyArray<string> = JSON.parse(await Deno.readTextFile(input))
const outcomes: Array<Outcome> = []
for (const program of programs) outcomes.push(await run(program))
await Deno.writeTextFile(output, JSON.stringify(outcomes))
