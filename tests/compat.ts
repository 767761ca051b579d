/**
 * Runs the fast tests on other versions of the runtimes and packages, one after the other, and writes their results to
 * `docs/compatibility.md`: `deno task compat`. Names and versions select some, and the other rows of the table stay:
 * `deno task compat deno effect@4.1.0`.
 *
 * Each version has a clone of the last commit. A version of Deno runs `deno task test:fast`, as does a version of a
 * package with Deno as it is. On Node and Bun, the npm package is tested.
 */
import config from "../deno.json" with { type: "json" }
import { table } from "../docs/table.ts"
import { crateVersion } from "../proto/generate.ts"
import { makeFolder, root, succeed } from "./support/package.ts"
import { requirements } from "./support/python.ts"
import { installRuntime, isRuntime } from "./support/runtimes.ts"

/** A version to test. */
interface Subject {
  readonly name: string
  readonly version: string
}

/** The oldest versions of the runtimes that are supported. Those of packages follow from their ranges in `deno.json`. */
const oldest = { deno: "2.9.4", node: "20.0.0", bun: "1.3.0" } as const

const packages: Readonly<Record<string, string>> = config.imports

/** Returns the versions to test: the oldest and the newest of each runtime and package, and the Deno of the tests. */
async function subjects(): Promise<ReadonlyArray<Subject>> {
  const versions: Readonly<Record<string, ReadonlyArray<string>>> = {
    deno: [oldest.deno, Deno.version.deno, await newestDeno()],
    node: [oldest.node, await newestOf("node")],
    bun: [oldest.bun, await newestOf("bun")],
    effect: await endsOf("effect"),
    "@grpc/grpc-js": await endsOf("@grpc/grpc-js"),
  }
  return Object.entries(versions).flatMap(([name, all]) => [...new Set(all)].map((version) => ({ name, version })))
}

const newestOf = (name: string): Promise<string> => succeed("npm", ["view", name, "dist-tags.latest"])

async function newestDeno(): Promise<string> {
  const text = await succeed("python3", ["-m", "pip", "index", "versions", "deno"])
  const [, version] = /^deno \(([\d.]+)\)/m.exec(text) ?? []
  if (version === undefined) throw new Error(`expected versions of Deno, got ${text}`)
  return version
}

/** Returns the oldest and the newest version of a package that its range in `deno.json` includes. */
async function endsOf(name: string): Promise<ReadonlyArray<string>> {
  const range = packages[name]?.slice("npm:".length)
  const found: string | ReadonlyArray<string> = JSON.parse(
    await succeed("npm", ["view", range ?? "", "version", "--json"]),
  )
  const versions = typeof found === "string" ? [found] : found
  return [versions[0] ?? "", versions.at(-1) ?? ""]
}

interface Result {
  readonly passed: number
  readonly failed: number
  /** What failed, or why nothing ran. */
  readonly problem: string
}

/** Runs the tests of a version in a clone, in which nothing is left of them. */
async function testSubject({ name, version }: Subject): Promise<Result> {
  await using folder = await makeFolder()
  const clone = `${folder.path}/clone`
  await succeed("git", ["clone", "--quiet", root, clone])
  if (isRuntime(name)) {
    return await run(Deno.execPath(), clone, ["tests/packages/runtime_test.ts"], { RUNTIME: `${name}@${version}` })
  }
  if (name === "deno") {
    await using deno = await installRuntime("deno", version)
    // The cache of another version may be of another form.
    return await run(deno.command, clone, ["--fast"], { DENO_DIR: `${folder.path}/cache` })
  }
  const file = `${clone}/deno.json`
  const imports = { ...packages, [name]: `npm:${name}@${version}` }
  await Deno.writeTextFile(file, JSON.stringify({ ...config, imports }))
  await Deno.remove(`${clone}/deno.lock`)
  return await run(Deno.execPath(), clone, ["--fast"])
}

async function run(
  deno: string,
  cwd: string,
  args: ReadonlyArray<string>,
  env: Readonly<Record<string, string>> = {},
): Promise<Result> {
  const { stdout, stderr } = await new Deno.Command(deno, {
    cwd,
    args: ["run", "-A", "tests/run.ts", ...args],
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1", ...env },
  }).output()
  const decoder = new TextDecoder()
  const text = decoder.decode(stdout) + decoder.decode(stderr)
  const [, passed = 0, failed = 0] = /^(\d+) passed, (\d+) failed$/m.exec(text)?.map(Number) ?? []
  const failures = [...text.matchAll(/^(.+?) => \.\/tests\//gm)].map(([, test = ""]) => test)
  const [, error = ""] = /^(?:error|TS\d+ \[ERROR\]): (.*)$/m.exec(text) ?? []
  console.error(passed > 0 && failed === 0 ? "" : text)
  return { passed, failed, problem: failed === 0 && passed > 0 ? "" : [...new Set(failures)].join("; ") || error }
}

/** Returns the rows of the table as it is, by name and version. */
async function readRows(file: string): Promise<Map<string, ReadonlyArray<string>>> {
  const text = await Deno.readTextFile(file).catch(() => "")
  const rows = [...text.matchAll(/^\| (\S+) +\| (\d\S*) +\| (.*) \|$/gm)].map((
    [, name = "", version = "", rest = ""],
  ) => [`${name}@${version}`, [name, version, ...rest.split(" | ").map((cell) => cell.trim())]] as const)
  return new Map(rows)
}

const file = `${root}docs/compatibility.md`
const wanted = Deno.args
const all = await subjects()
const isWanted = ({ name, version }: Subject) =>
  wanted.length === 0 || wanted.some((arg) => arg === name || arg === `${name}@${version}`)
const extra = wanted.flatMap((arg) => {
  const [, name, version] = /^(.+)@(\d.*)$/.exec(arg) ?? []
  return name === undefined || version === undefined ? [] : [{ name, version }]
}).filter((other) => !all.some(({ name, version }) => name === other.name && version === other.version))

const rows = wanted.length === 0 ? new Map<string, ReadonlyArray<string>>() : await readRows(file)
for (const subject of [...all.filter(isWanted), ...extra]) {
  const { name, version } = subject
  const start = performance.now()
  const { passed, failed, problem } = await testSubject(subject)
  const date = new Date().toISOString().slice(0, 10)
  rows.set(`${name}@${version}`, [name, version, `${passed}`, `${failed}`, problem.replaceAll("|", "\\|"), date])
  console.log(
    `${name}@${version}: ${passed} passed, ${failed} failed in ${Math.round((performance.now() - start) / 1000)} s`,
  )
  await Deno.writeTextFile(file, page([...rows.values()]))
}

function page(rows: ReadonlyArray<ReadonlyArray<string>>): string {
  const servers = [requirements["milvus-lite"][0], requirements["milvus"][0]].map((name) => name.replace("==", " "))
  return `# Compatibility

The contract is that of milvus-sdk-rust ${crateVersion}. All tests run against ${
    servers.join(" and ")
  } with Deno ${Deno.version.deno}.

Each row has the tests that need no server from elsewhere and are quick (\`deno task test:fast\`), on one version of Deno or of a
package; on Node and Bun, those of the npm package (\`tests/support/package_runtime.ts\`). Versions are the oldest and the
newest that the range in \`deno.json\` includes; the newest is that of the day. Written by \`deno task compat\`.

${table(["", "version", "passed", "failed", "what failed", "on"], rows.toSorted())}
`
}
