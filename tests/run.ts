/**
 * Runs every test, for `deno task test`: the suite in `tests/`, and the examples in docstrings against a milvus-lite of
 * their own; `tests/docs/guides_test.ts` runs those of the README and of the guides. The last line is `N passed, N
 * failed`, the sum of both. The exit code is 0 only if at least one test ran and all passed.
 *
 * Paths select some tests (`tests/grpc`, `src/errors.ts`). `--fast` selects those that need no server from elsewhere and
 * are quick, for `deno task test:fast`. Other arguments go to `deno test` (`--filter=...`).
 */
import { fileURLToPath } from "node:url"
import { startMilvusLite } from "./support/milvus.ts"
import { pythonWith } from "./support/python.ts"

const root = fileURLToPath(new URL("..", import.meta.url))

interface Counts {
  readonly passed: number
  readonly failed: number
}

/** Runs `deno test`, shows its output as it arrives, and returns the counts of its last line. */
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
  // The last match counts: tests may print summaries of their own.
  const summary = [...tail.matchAll(/^(?:ok|FAILED) \| (\d+) passed.* \| (\d+) failed/gm)].at(-1)
  const counts = { passed: Number(summary?.[1] ?? 0), failed: Number(summary?.[2] ?? 0) }
  if (code === 0 || counts.failed > 0) return counts
  await show(new TextEncoder().encode(`deno test ended with ${signal ?? `code ${code}`}\n`))
  return { ...counts, failed: 1 }
}

/** A test that is idle for ten minutes. */
const idle = ["tests/live/idle_test.ts"]

/** Tests that measure time. They run first, while nothing else burns a core. */
const timing = [
  "tests/Connection_calls_test.ts",
  "tests/Connection_channels_test.ts",
  "tests/Connection_test.ts",
  "tests/Connections_test.ts",
  "tests/connection/calls_test.ts",
  "tests/connection/pool_test.ts",
  "tests/connection/primary_test.ts",
  "tests/connection/servers_test.ts",
  "tests/connection/streams_repeat_test.ts",
  "tests/connection/streams_test.ts",
  "tests/grpc/quiet_test.ts",
  "tests/testing/FaultProxy_life_test.ts",
  "tests/testing/FaultProxy_test.ts",
  "tests/workarounds/grpcClosableClient_test.ts",
  "tests/workarounds/grpcPings_test.ts",
]

/** Tests that burn all cores. They run last, when no other test is left. */
const burning = ["tests/workarounds/denoGoaway_test.ts"]

/** Tests that run once more with all calls through grpc-js, as they are where its sessions cannot be used. */
const throughGrpc = [
  "tests/Connection_calls_test.ts",
  "tests/Connection_channels_test.ts",
  "tests/Connection_test.ts",
  "tests/connection/calls_test.ts",
  "tests/fault",
  "tests/workarounds",
]

/** Tests that build programs with other tools and runtimes, for `deno task test:packages`. */
const packages = "tests/packages/"

/** Tests that take long, though they need no server from elsewhere. */
const slow = [
  ...idle,
  ...burning,
  packages,
  "tests/Embedded_test.ts",
  "tests/cli/",
  "tests/connection/limit_test.ts",
  "tests/docs/",
  "tests/examples_test.ts",
  "tests/fault/",
  "tests/json_runtimes_test.ts",
  "tests/operations/imports_test.ts",
  "tests/operations/rows/batches_test.ts",
  "tests/operations/rows/consistency_test.ts",
  "tests/operations/shared/schemaCache_test.ts",
  "tests/package_npm_test.ts",
  "tests/package_test.ts",
  "tests/release_test.ts",
]

/** Whether a test imports what comes from PyPI, itself or by a module of `tests/`. */
function needsPython(file: string, seen: Set<string> = new Set()): boolean {
  if (file === "tests/support/python.ts") return true
  if (seen.has(file) || !file.startsWith("tests/") || !file.endsWith(".ts")) return false
  seen.add(file)
  const imports = Deno.readTextFileSync(root + file).matchAll(/\b(?:from|import|import\()\s*"(\.[^"]+)"/g)
  return [...imports].some(([, path = ""]) => needsPython(new URL(path, `file:///${file}`).pathname.slice(1), seen))
}

/**
 * Runs the tests that need no server from elsewhere, and are quick: two processes at a time, of which one measures time.
 */
async function fast(): Promise<ReadonlyArray<Counts>> {
  const isSlow = (file: string) => slow.some((path) => file.startsWith(path))
  const files = testFiles("tests").filter((file) => !isSlow(file) && !needsPython(file))
  const run = (name: string, some: ReadonlyArray<string>) =>
    group(name, (show) => denoTest([...sanitizers, ...flags, ...some], { cwd: root }, show))
  return await Promise.all([
    run("timing", files.filter((file) => timing.includes(file))),
    run("others", files.filter((file) => !timing.includes(file))),
  ])
}

/** Groups of tests by what takes long in them. The first that has a path of a file has the file. */
const groups: Readonly<Record<string, ReadonlyArray<string>>> = {
  packages: [
    "tests/Embedded_test.ts",
    "tests/docs",
    "tests/examples_test.ts",
    "tests/json_runtimes_test.ts",
    "tests/package_npm_test.ts",
    "tests/package_test.ts",
  ],
  "command line": ["tests/cli"],
  rows: ["tests/operations/rows", "tests/operations/shared"],
  operations: ["tests/operations", "tests/promise"],
  live: ["tests/live"],
  testing: ["tests/testing"],
}

/** Checks the types of everything once, which is faster than in each group. Counts as one test. */
async function checkTypes(): Promise<Counts> {
  const args = ["check", "--quiet"]
  const { success } = await new Deno.Command(Deno.execPath(), { args, cwd: root, stdout: "inherit", stderr: "inherit" })
    .output()
  return success ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 }
}

/**
 * Runs all tests: those that measure time with one group next to them, then the other groups, three at a time and the
 * longest first, then those that burn all cores. The test that is idle runs next to all. Each group is a process, so that
 * the sanitizers see only its own sockets, timers and children. The output of a group is shown when it has ended.
 */
async function everything(): Promise<ReadonlyArray<Counts>> {
  const suite = (name: string, paths: ReadonlyArray<string>, env: Record<string, string> = {}) =>
    group(name, (show) => denoTest(["--no-check", ...sanitizers, ...flags, ...paths], { cwd: root, env }, show))
  const apart = [...idle, ...timing, ...burning]
  const files = testFiles("tests").filter((file) => !apart.includes(file) && !file.startsWith(packages))
  const groupOf = (file: string) =>
    Object.keys(groups).find((name) => groups[name]!.some((path) => file === path || file.startsWith(`${path}/`)))
  const inGroup = (name: string | undefined) => files.filter((file) => groupOf(file) === name)
  const queue: Array<() => Promise<Counts>> = [
    () => suite("others", inGroup(undefined)),
    ...Object.keys(groups).map((name) => () => suite(name, inGroup(name))),
    () => suite("through grpc-js", throughGrpc, { CALLS_THROUGH_GRPC_JS: "1" }),
    () => group("documentation", (show) => documentation(documents, flags, show)),
  ]
  const all: Array<Counts> = [await checkTypes()]
  const work = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) all.push(await next())
  }
  const waiting = suite("idle", idle)
  const beside = work()
  all.push(await suite("timing", timing))
  await Promise.all([beside, work(), work()])
  return [...all, await waiting, await suite("burning", burning)]
}

/** Returns the test files of a folder, in their order. */
function testFiles(folder: string): ReadonlyArray<string> {
  return [...Deno.readDirSync(root + folder)].flatMap(({ name, isDirectory }) => {
    const path = `${folder}/${name}`
    return isDirectory ? testFiles(path) : name.endsWith("_test.ts") ? [path] : []
  }).toSorted()
}

/** Runs a group, and then prints its output and duration. */
async function group(name: string, run: (show: typeof write) => Promise<Counts>): Promise<Counts> {
  const start = performance.now()
  const chunks: Array<Uint8Array> = []
  const counts = await run((bytes) => Promise.resolve(void chunks.push(bytes)))
  const seconds = Math.round((performance.now() - start) / 1000)
  chunks.push(new TextEncoder().encode(`group "${name}": ${counts.passed + counts.failed} tests in ${seconds} s\n`))
  // At once, so that the output of another group does not come in between.
  shown = shown.then(async () => {
    for (const chunk of chunks) await write(chunk)
  })
  await shown
  return counts
}

/** Ends when the output of the groups so far is shown. */
let shown: Promise<void> = Promise.resolve()

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

/**
 * Runs the examples of documents in a temporary folder, where they may leave files, and against a server of their own.
 */
async function documentation(
  paths: ReadonlyArray<string>,
  flags: ReadonlyArray<string>,
  show?: typeof write,
): Promise<Counts> {
  const python = await pythonWith("milvus-lite")
  await using server = await startMilvusLite()
  const folder = await Deno.makeTempDir({ prefix: "effect-milvus-doc-" })
  try {
    return await denoTest(["--doc", `--config=${root}deno.json`, ...flags, ...paths.map((path) => root + path)], {
      cwd: folder,
      env: { MILVUS_URI: `http://${server.address}`, MILVUS_PYTHON: python },
    }, show)
  } finally {
    await Deno.remove(folder, { recursive: true })
  }
}

const paths = Deno.args.filter((arg) => !arg.startsWith("-") && exists(root + arg))
const isFast = Deno.args.includes("--fast")
const flags = Deno.args.filter((arg) => !paths.includes(arg) && arg !== "--fast")
const sanitizers = ["--sanitize-ops", "--sanitize-resources"]
const isTest = (path: string) => /^(\.\/)?tests\b/.test(path)

const all = paths.length === 0 && !isFast
const tests = paths.filter(isTest)
const documents = all ? ["mod.ts", "src"] : paths.filter((path) => !isTest(path))

const results: Array<Counts> = []
if (all) results.push(...await everything())
if (isFast) results.push(...await fast())
if (tests.length > 0) results.push(await denoTest([...sanitizers, ...flags, ...tests], { cwd: root }))
if (!all && documents.length > 0) results.push(await documentation(documents, flags))

const sum = (of: keyof Counts) => results.reduce((total, counts) => total + counts[of], 0)
const [passed, failed] = [sum("passed"), sum("failed")]
if (passed + failed === 0) console.log("no test ran")
console.log(`${passed} passed, ${failed} failed`)
Deno.exit(passed > 0 && failed === 0 ? 0 : 1)
