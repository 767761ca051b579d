/**
 * Breaks each guarantee on purpose, one at a time, in a copy of the project, and checks that the test of the guarantee
 * fails:
 * `deno run -A tests/fault/mutations.ts`. It prints a table of the mutants and the tests that failed, as Markdown.
 *
 * The exit code is 1 if a mutant survives, if it no longer fits the code, if its test does not pass without it, or if
 * the mutated code does not load: in each case the mutant proves nothing. A test that hangs counts as one that fails.
 *
 * Words select the mutants that have one of them in their fault, their guarantee or their file. `--check` also checks
 * the types of each mutant, which takes longer. Use it when you write a mutant.
 */
import { fileURLToPath } from "node:url"
import { type Mutant, mutants } from "./mutants.ts"

const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/[\\/]$/, "")

/** Number of tests at a time. Only two, because many of them measure how long something takes. */
const workers = 2

/** Time limit of one test, in milliseconds. It is far more than a test needs that does not hang. */
const bound = 30_000

/** The parts of the project that the tests need. */
const parts = ["src", "tests", "proto", "mod.ts", "deno.json", "deno.lock"]

/** Outcome of a test run, with the names of the tests that failed. */
type Outcome =
  | { readonly _tag: "Passed" }
  | { readonly _tag: "Failed"; readonly tests: ReadonlyArray<string>; readonly output: string }
  | { readonly _tag: "Hung"; readonly output: string }
  /** No test ran, or the module did not load. */
  | { readonly _tag: "Broken"; readonly output: string }

const copy = async (from: string, to: string): Promise<void> => {
  if ((await Deno.stat(from)).isFile) return await Deno.copyFile(from, to)
  await Deno.mkdir(to)
  for await (const { name } of Deno.readDir(from)) await copy(`${from}/${name}`, `${to}/${name}`)
}

/** Runs Deno in a folder. Returns its output, or nothing if it was killed at the time limit. */
const deno = async (cwd: string, args: ReadonlyArray<string>) => {
  const child = new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd,
    env: { NO_COLOR: "1", DENO_NO_PROMPT: "1", DENO_NO_UPDATE_CHECK: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn()
  let isKilled = false
  const timer = setTimeout(() => {
    isKilled = true
    child.kill("SIGKILL")
  }, bound)
  const { code, stdout, stderr } = await child.output()
  clearTimeout(timer)
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
  return isKilled ? undefined : { code, output: `${text(stdout)}\n${text(stderr)}` }
}

const runTest = async (folder: string, [path, name]: Mutant["test"]): Promise<Outcome> => {
  const flags = ["--allow-all", "--no-check", "--sanitize-ops", "--sanitize-resources"]
  const result = await deno(folder, ["test", ...flags, `--filter=${name}`, path])
  if (result === undefined) return { _tag: "Hung", output: "" }
  const { code, output } = result
  const [, passed] = /^(?:ok|FAILED) \| (\d+) passed/m.exec(output) ?? []
  const list = output.split("\n FAILURES \n")[1] ?? ""
  const tests = [...list.matchAll(/^(.+) => \.\/.+:\d+:\d+$/gm)].map(([, test]) => test ?? "")
  if (code === 0 && Number(passed) > 0) return { _tag: "Passed" }
  return code !== 0 && tests.length > 0 ? { _tag: "Failed", tests, output } : { _tag: "Broken", output }
}

/** Verdict on a mutant: the tests that noticed it, or why it proves nothing. */
type Verdict = { readonly noticed: string } | { readonly problem: string }

const outcomes = new Map<string, Promise<Outcome>>()

/** Runs a test without a mutant, once, in the first copy that is free. */
const without = (folder: string, test: Mutant["test"]): Promise<Outcome> => {
  const known = outcomes.get(test.join("\n")) ?? runTest(folder, test)
  outcomes.set(test.join("\n"), known)
  return known
}

const isChecking = Deno.args.includes("--check")

const judge = async (folder: string, { file, find, replace, test }: Mutant): Promise<Verdict> => {
  const path = `${folder}/${file}`
  const code = await Deno.readTextFile(path)
  const times = code.split(find).length - 1
  if (times !== 1) return { problem: `the text to replace occurs ${times} times` }
  const before = await without(folder, test)
  if (before._tag !== "Passed") {
    return { problem: `its test does not pass without it: ${before._tag}\n${before.output}` }
  }
  try {
    await Deno.writeTextFile(path, code.split(find).join(replace))
    if (isChecking) {
      const checked = await deno(folder, ["check", file])
      if (checked?.code !== 0) return { problem: `its types are wrong\n${checked?.output}` }
    }
    const outcome = await runTest(folder, test)
    switch (outcome._tag) {
      case "Passed":
        return { problem: "it SURVIVES" }
      case "Failed":
        return { noticed: outcome.tests.map((test) => `"${test}"`).join(", ") }
      case "Hung":
        return { noticed: `"${test[1]}" hangs` }
      case "Broken":
        return { problem: `no test ran with it\n${outcome.output}` }
    }
  } finally {
    await Deno.writeTextFile(path, code)
  }
}

const words = Deno.args.filter((arg) => !arg.startsWith("-"))
const chosen = mutants.filter(({ guarantee, breaks, file }) =>
  words.length === 0 || words.some((word) => `${guarantee}\n${breaks}\n${file}`.includes(word))
)

const verdicts = new Map<Mutant, Verdict>()
const left = [...chosen]

/** Judges one mutant after the other, in a copy of its own. */
const work = async (): Promise<void> => {
  const folder = await Deno.makeTempDir({ prefix: "effect-milvus-mutations-" })
  try {
    for (const part of parts) await copy(`${root}/${part}`, `${folder}/${part}`)
    for (let mutant = left.shift(); mutant !== undefined; mutant = left.shift()) {
      const verdict = await judge(folder, mutant)
      verdicts.set(mutant, verdict)
      console.error(`${verdicts.size}/${chosen.length} ${mutant.file}: ${mutant.breaks}: ${Object.values(verdict)}`)
    }
  } finally {
    await Deno.remove(folder, { recursive: true })
  }
}

await Promise.all(Array.from({ length: workers }, work))

const cell = (text: string) => text.replaceAll("|", "\\|")
console.log("| guarantee | what is broken | the test that fails |\n| --- | --- | --- |")
for (const mutant of chosen) {
  const verdict = verdicts.get(mutant) ?? { problem: "it was not run" }
  const noticed = "noticed" in verdict
    ? `\`${mutant.test[0]}\`: ${verdict.noticed}`
    : `**${verdict.problem.split("\n")[0]}**`
  console.log(`| ${[mutant.guarantee, `\`${mutant.file}\`: ${mutant.breaks}`, noticed].map(cell).join(" | ")} |`)
}
const problems = [...verdicts.values()].filter((verdict) => "problem" in verdict).length
console.log(`\n${chosen.length - problems} of ${chosen.length} mutants were noticed`)
Deno.exit(problems === 0 && chosen.length > 0 ? 0 : 1)
