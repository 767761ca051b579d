/** What `deno task release` refuses, on copies of the repository with one mistake each. */
import { assertEquals, assertMatch } from "@std/assert"
import config from "../deno.json" with { type: "json" }
import { problems } from "./release.ts"
import { makeFolder, root, succeed } from "./support/package.ts"
import { test } from "./support/test.ts"

const git = (cwd: string, ...args: ReadonlyArray<string>) =>
  succeed("git", ["-c", "user.name=test", "-c", "user.email=test@example.com", ...args], { cwd })

/** Makes a repository with the files of this one, in which the changelog has an entry with a date. */
async function makeRelease(): Promise<AsyncDisposable & { readonly path: string }> {
  const folder = await makeFolder()
  const { path } = folder
  const files = await git(root, "ls-files", "--cached", "--others", "--exclude-standard", "-z")
  for (const file of files.split("\0")) {
    if (!/^(src|proto|\.gitignore$|tests\/support\/pack\.ts$|mod\.ts$|[\w.]+\.(json|lock|md)$|LICENSE$)/.test(file)) {
      continue
    }
    await Deno.mkdir(`${path}/${file}`.replace(/\/[^/]*$/, ""), { recursive: true })
    await Deno.copyFile(root + file, `${path}/${file}`)
  }
  await edit(`${path}/CHANGELOG.md`, /^## .*$/m, `## ${config.version}, 2026-01-31`)
  await git(path, "init", "--quiet")
  await commit(path)
  return folder
}

async function edit(file: string, what: RegExp, by: string): Promise<void> {
  const text = await Deno.readTextFile(file)
  assertMatch(text, what)
  await Deno.writeTextFile(file, text.replace(what, by))
}

async function commit(path: string): Promise<void> {
  await git(path, "add", "--all")
  await git(path, "commit", "--quiet", "--allow-empty", "--message", "A release")
}

/** By mistake: what makes it, and the problem that is reported. */
const mistakes: Readonly<Record<string, readonly [make: (path: string) => Promise<void>, problem: RegExp]>> = {
  "a changelog without a date": [
    (path) => edit(`${path}/CHANGELOG.md`, /^## .*$/m, `## ${config.version}, not published yet`),
    /^CHANGELOG\.md: "## .*" has no date/,
  ],
  "a changelog with a date in the future": [
    (path) => edit(`${path}/CHANGELOG.md`, /, 2026-01-31/, ", 9999-01-31"),
    /^CHANGELOG\.md: the date 9999-01-31 is in the future$/,
  ],
  "a changelog of another version": [
    (path) => edit(`${path}/CHANGELOG.md`, /^## \S+,/m, "## 99.0.0,"),
    /^CHANGELOG\.md: the first entry is "99\.0\.0, 2026-01-31", and not of /,
  ],
  "a changelog with an empty entry": [
    (path) => edit(`${path}/CHANGELOG.md`, /^(## .*\n)[^]*/m, "$1"),
    /^CHANGELOG\.md: the entry of .* is empty$/,
  ],
  "an npm package of another version": [
    (path) =>
      edit(`${path}/tests/support/pack.ts`, /^const additions = \{/m, 'const additions = {\n  version: "98.0.0",'),
    /^the npm package has the version 98\.0\.0, and deno\.json /,
  ],
  "a version that is none": [
    (path) => edit(`${path}/deno.json`, /"version": ".*"/, '"version": "next"'),
    /^deno\.json: "version" is not a version: next$/,
  ],
  "a version that was released": [
    async (path) => void await git(path, "tag", `v${config.version}`),
    /was released before: the tag v.* exists$/,
  ],
}

test("a release without a mistake is accepted, and one with a mistake refused with its reason", async () => {
  await using release = await makeRelease()
  const { path } = release
  assertEquals(await problems(path), [])
  for (const [mistake, [make, problem]] of Object.entries(mistakes)) {
    await make(path)
    await commit(path)
    const found = await problems(path)
    assertEquals(found.length, 1, `${mistake}: ${found.join("\n")}`)
    assertMatch(found[0] ?? "", problem, mistake)
    await git(path, "reset", "--quiet", "--hard", "HEAD~1")
    await git(path, "tag", "--list", "v*").then((tags) => tags === "" ? "" : git(path, "tag", "--delete", tags))
  }
  await Deno.writeTextFile(`${path}/note.txt`, "")
  assertEquals(await problems(path), ["there are changes that are not committed:\n?? note.txt"])
})
