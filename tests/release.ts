/**
 * Checks that a release can be published, for `deno task release`: its version and changelog, the state of the
 * repository, and then every gate. Ends by printing the commands that publish; it never publishes.
 */
import { fileURLToPath } from "node:url"

/** A command, with its arguments. */
type Command = readonly [string, ...ReadonlyArray<string>]

/** What a release must pass, in this order: quick gates first. */
const gates = (version: string): ReadonlyArray<Command> => [
  [Deno.execPath(), "task", "check"],
  [Deno.execPath(), "task", "docs"],
  [Deno.execPath(), "task", "pack", `effect-milvus-client-${version}.tgz`],
  [Deno.execPath(), "task", "test:packages"],
  [Deno.execPath(), "task", "test"],
]

/** Returns the reasons for which the repository in a folder cannot be released; none if it can be. */
export async function problems(root: string): Promise<ReadonlyArray<string>> {
  const found: Array<string> = []
  const version = (await json(`${root}/deno.json`))["version"]
  if (typeof version !== "string" || !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)) {
    return [`deno.json: "version" is not a version: ${version}`]
  }
  found.push(...changelogProblems(await Deno.readTextFile(`${root}/CHANGELOG.md`), version))
  const changes = await output(root, "git", "status", "--porcelain")
  if (changes !== "") found.push(`there are changes that are not committed:\n${changes}`)
  const tag = await output(root, "git", "tag", "--list", `v${version}`)
  if (tag !== "") found.push(`${version} was released before: the tag ${tag} exists`)
  if (found.length > 0) return found
  const packed = await packedVersion(root)
  return packed === version ? [] : [`the npm package has the version ${packed}, and deno.json ${version}`]
}

/** The first entry of the changelog is that of the version, has a date that is not in the future, and a text. */
function changelogProblems(text: string, version: string): ReadonlyArray<string> {
  const [, first = "", body = ""] = /^## (.*)\n([^]*?)(?=^## |$(?![^]))/m.exec(text) ?? []
  const [name, date = ""] = first.split(", ")
  if (name !== version) return [`CHANGELOG.md: the first entry is "${first}", and not of ${version}`]
  const time = /^\d{4}-\d\d-\d\d$/.test(date) ? Date.parse(date) : NaN
  if (Number.isNaN(time)) return [`CHANGELOG.md: "## ${first}" has no date: "## ${version}, 2026-01-31"`]
  if (time > Date.now()) return [`CHANGELOG.md: the date ${date} is in the future`]
  return /^- \S/m.test(body) ? [] : [`CHANGELOG.md: the entry of ${version} is empty`]
}

/** Makes the npm package, and returns its version. */
async function packedVersion(root: string): Promise<unknown> {
  const folder = await Deno.makeTempDir({ prefix: "effect-milvus-release-" })
  try {
    await output(root, Deno.execPath(), "run", "-A", "--no-lock", "tests/support/pack.ts", `${folder}/package.tgz`)
    await output(root, "tar", "-xzf", `${folder}/package.tgz`, "-C", folder, "package/package.json")
    return (await json(`${folder}/package/package.json`))["version"]
  } finally {
    await Deno.remove(folder, { recursive: true })
  }
}

async function json(file: string): Promise<Readonly<Record<string, unknown>>> {
  return JSON.parse(await Deno.readTextFile(file))
}

/** Runs a program, and returns its output. */
async function output(root: string, command: string, ...args: ReadonlyArray<string>): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, { cwd: root, args: [...args] }).output()
  const text = new TextDecoder().decode(stdout).trim()
  if (!success) throw new Error(`${command} ${args.join(" ")} failed\n${text}${new TextDecoder().decode(stderr)}`)
  return text
}

async function release(root: string): Promise<number> {
  const found = await problems(root)
  for (const problem of found) console.error(problem)
  if (found.length > 0) return 1
  const { version } = await json(`${root}/deno.json`)
  for (const [command, ...args] of gates(String(version))) {
    console.log(["deno", ...args].join(" "))
    const { success } = await new Deno.Command(command, { cwd: root, args }).spawn().status
    if (success) continue
    console.error(`deno ${args.join(" ")} failed`)
    return 1
  }
  console.log(`
${version} can be published. Nothing has been published yet:

git tag v${version} && git push origin v${version}
deno publish
npm publish effect-milvus-client-${version}.tgz --access public`)
  return 0
}

if (import.meta.main) Deno.exit(await release(fileURLToPath(new URL("..", import.meta.url))))
