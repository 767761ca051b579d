/**
 * Runs every test there is, for `deno task test`: the suite in `tests/`, then the examples in the documentation, against a
 * milvus-lite of their own. The last line is `N passed, N failed`, the sum of both; the exit code is 0 only if there were
 * tests and none failed.
 *
 * Paths narrow it down (`tests/wire`, `README.md`, `src/errors.ts`), and other arguments go to `deno test` (`--filter=...`).
 */
import { fileURLToPath } from "node:url"
import { startMilvusLite } from "./support/milvus.ts"
import { pythonWith } from "./support/python.ts"

const root = fileURLToPath(new URL("..", import.meta.url))

interface Counts {
  readonly passed: number
  readonly failed: number
}

/** Runs `deno test`, shows its output as it comes, and counts. */
async function denoTest(
  args: ReadonlyArray<string>,
  options: Deno.CommandOptions,
  show: (bytes: Uint8Array) => Promise<void> = write,
): Promise<Counts> {
  const child = new Deno.Command(Deno.execPath(), {
    ...options,
    args: ["test", "--allow-all", "--no-prompt", ...args],
    env: { ...options.env, NO_COLOR: "1", DENO_NO_PROMPT: "1", DENO_NO_UPDATE_CHECK: "1" },
    stdout: "piped",
  }).spawn()
  let tail = ""
  const decoder = new TextDecoder()
  for await (const chunk of child.stdout) {
    await show(chunk)
    tail = (tail + decoder.decode(chunk, { stream: true })).slice(-100_000)
  }
  const { code, signal } = await child.status
  // The last one: tests may print summaries of their own.
  const summary = [...tail.matchAll(/^(?:ok|FAILED) \| (\d+) passed.* \| (\d+) failed/gm)].at(-1)
  const counts = { passed: Number(summary?.[1] ?? 0), failed: Number(summary?.[2] ?? 0) }
  if (code === 0 || counts.failed > 0) return counts
  await show(new TextEncoder().encode(`deno test ended with ${signal ?? `code ${code}`}\n`))
  return { ...counts, failed: 1 }
}

/**
 * The whole suite, in two processes side by side: one for what mostly waits for servers, whose output comes at the end. Each
 * looks after its own sockets, timers and children.
 */
async function wholeSuite(flags: ReadonlyArray<string>): Promise<ReadonlyArray<Counts>> {
  const waiting = ["tests/cli", "tests/live", "tests/operations", "tests/promise", "tests/testing"]
  const chunks: Array<Uint8Array> = []
  const keep = (bytes: Uint8Array) => Promise.resolve(void chunks.push(bytes))
  const beside = denoTest([...flags, ...waiting], { cwd: root }, keep)
  const others = await denoTest([...flags, `--ignore=${waiting.join()}`, "tests"], { cwd: root })
  const counts = await beside
  for (const chunk of chunks) await write(chunk)
  return [others, counts]
}

async function write(bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length;) written += await Deno.stdout.write(bytes.subarray(written))
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path)
    return true
  } catch {
    return false
  }
}

/** In a folder of their own, where they may leave files, and against a server of their own. */
async function documentation(paths: ReadonlyArray<string>, flags: ReadonlyArray<string>): Promise<Counts> {
  const python = await pythonWith("milvus-lite")
  await using server = await startMilvusLite()
  const folder = await Deno.makeTempDir({ prefix: "effect-milvus-doc-" })
  try {
    return await denoTest(["--doc", `--config=${root}deno.json`, ...flags, ...paths.map((path) => root + path)], {
      cwd: folder,
      env: { MILVUS_URI: `http://${server.address}`, MILVUS_PYTHON: python },
    })
  } finally {
    await Deno.remove(folder, { recursive: true })
  }
}

const paths = Deno.args.filter((arg) => !arg.startsWith("-") && exists(root + arg))
const flags = Deno.args.filter((arg) => !paths.includes(arg))
const sanitizers = ["--sanitize-ops", "--sanitize-resources"]
const isTest = (path: string) => /^(\.\/)?tests\b/.test(path)

const all = paths.length === 0
const tests = paths.filter(isTest)
const documents = all ? ["README.md", "mod.ts", "src"] : paths.filter((path) => !isTest(path))

const results: Array<Counts> = []
if (all) results.push(...await wholeSuite([...sanitizers, ...flags]))
if (tests.length > 0) results.push(await denoTest([...sanitizers, ...flags, ...tests], { cwd: root }))
if (documents.length > 0) results.push(await documentation(documents, flags))

const sum = (of: keyof Counts) => results.reduce((total, counts) => total + counts[of], 0)
const [passed, failed] = [sum("passed"), sum("failed")]
if (passed + failed === 0) console.log("no test was run")
console.log(`${passed} passed, ${failed} failed`)
Deno.exit(passed > 0 && failed === 0 ? 0 : 1)
