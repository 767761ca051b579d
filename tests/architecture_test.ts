/**
 * The rules of the architecture, held over the module graph that `deno info` gives for every entry point, types included.
 * Each rule is also seen to fail, on a copy of the sources with one mistake in it.
 */
import { fileURLToPath, pathToFileURL } from "node:url"
import { assert, assertEquals } from "@std/assert"

/** By layer, what may be imported from the same layer and from those after it. A folder stands for all that is in it. */
const layers: ReadonlyArray<ReadonlyArray<string>> = [
  ["src/errors.ts"],
  [
    "src/ConnectionConfig.ts",
    "src/address.ts",
    "src/decode.ts",
    "src/retry.ts",
    "src/tls.ts",
    "src/codec/",
    "src/Field.ts",
    "src/filter.ts",
    "src/filter/",
    "src/schema/",
  ],
  ["src/wire/", "src/limit.ts"],
  [
    "src/environment.ts",
    "src/flights.ts",
    "src/refusal.ts",
    "src/repeat.ts",
    "src/handshake.ts",
    "src/session.ts",
    "src/calls.ts",
    "src/Connection.ts",
    "src/Message.ts",
  ],
  ["src/Connections.ts", "src/data/", "src/operations/", "src/Embedded.ts", "src/embedded/"],
  ["src/promise.ts", "src/promise/", "src/testing/", "src/cli/"],
]

const topLevel: ReadonlySet<string> = new Set([
  ".ci",
  ".git",
  ".gitignore",
  "LICENSE",
  "README.md",
  "deno.json",
  "deno.lock",
  "mod.ts",
  "proto",
  "src",
  "tests",
])

interface Project {
  readonly root: string
  /** Every file of `src/`, from the root on. */
  readonly files: ReadonlyArray<string>
  /** By module, what it imports: files from the root on, and whole specifiers of everything else. */
  readonly imports: ReadonlyMap<string, ReadonlyArray<string>>
}

interface Rule {
  readonly name: string
  /** What violates it; empty if nothing does. */
  readonly problems: (project: Project) => ReadonlyArray<string>
  /** What makes a copy violate it: text for the end of each file, or a new text where it starts with `=`. */
  readonly mistake: Readonly<Record<string, string>>
}

const layerOf = (file: string): number =>
  layers.findIndex((layer) => layer.some((place) => place.endsWith("/") ? file.startsWith(place) : file === place))

const edges = ({ imports }: Project): ReadonlyArray<readonly [from: string, to: string]> =>
  [...imports].flatMap(([from, all]) => all.map((to) => [from, to] as const)).filter(([from]) =>
    from.startsWith("src/")
  )

const show = ([from, to]: readonly [string, string]) => `${from} imports ${to}`

const isFile = (specifier: string) => !specifier.includes(":")

/** `npm:/effect@^4.1.0/Config` and `npm:effect@4/Config` as package and subpath. */
const npm = (specifier: string) => {
  const match = /^npm:\/?((?:@[^/]+\/)?[^@/]+)(?:@[^/]*)?(\/.+)?$/.exec(specifier)
  return match === null ? undefined : { name: match[1] ?? "", subpath: match[2] }
}

const rules: ReadonlyArray<Rule> = [
  {
    name: "every file of src/ has a layer",
    problems: ({ files }) => files.filter((file) => layerOf(file) < 0),
    mistake: { "src/utils.ts": "export {}" },
  },
  {
    name: "imports point to the same layer or to a lower one, types included",
    problems: (project) => edges(project).filter(([from, to]) => isFile(to) && layerOf(to) > layerOf(from)).map(show),
    mistake: { "src/errors.ts": `import type {} from "./address.ts"` },
  },
  {
    name: "src/ imports no file outside of itself",
    problems: (project) => edges(project).filter(([, to]) => isFile(to) && !to.startsWith("src/")).map(show),
    mistake: { "src/promise.ts": `import {} from "../mod.ts"` },
  },
  {
    name: "imports make no cycle, types included",
    problems: ({ files, imports }) => files.flatMap((file) => cycleFrom(file, imports)),
    mistake: { "src/handshake.ts": `import type {} from "./calls.ts"` },
  },
  {
    name: "operations do not import one another",
    problems: (project) =>
      edges(project).filter((edge) => edge.every((file) => file.startsWith("src/operations/"))).map(show),
    mistake: {
      "src/operations/WrongA.ts": `import {} from "./WrongB.ts"`,
      "src/operations/WrongB.ts": "export {}",
    },
  },
  {
    name: "@grpc/* is imported only in src/wire/ and by src/testing/FakeMilvus.ts",
    problems: (project) =>
      edges(project).filter(([from, to]) =>
        npm(to)?.name.startsWith("@grpc/") && !from.startsWith("src/wire/") && from !== "src/testing/FakeMilvus.ts"
      ).map(show),
    mistake: { "src/calls.ts": `import type {} from "@grpc/grpc-js"` },
  },
  {
    name: "only src/cli/ imports a platform package, or any package but effect and @grpc/*",
    problems: (project) =>
      edges(project).filter(([from, to]) => !isFile(to) && !isOwnDependency(to) && !from.startsWith("src/cli/"))
        .map(show),
    mistake: { "src/embedded/process.ts": `import type {} from "npm:node-forge@1.4.3"` },
  },
  {
    name: "effect is imported by subpath",
    problems: (project) =>
      edges(project).filter(([, to]) => npm(to)?.name === "effect" && npm(to)?.subpath === undefined).map(show),
    mistake: { "src/limit.ts": `import type {} from "effect"` },
  },
  {
    name: "mod.ts only re-exports, and so does src/testing/mod.ts",
    problems: ({ root }) =>
      ["mod.ts", "src/testing/mod.ts"].flatMap((file) => {
        const code = Deno.readTextFileSync(`${root}/${file}`).replace(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, "")
        const rest = code.replace(/\bexport\s+(type\s+)?(\*(\s+as\s+\w+)?|\{[^}]*\})\s+from\s+"[^"]+";?/g, "").trim()
        return rest === "" ? [] : [`${file}: ${rest}`]
      }),
    mistake: { "src/testing/mod.ts": "export const version = 1" },
  },
  {
    name: "the top level holds what the layout names",
    problems: ({ root }) => {
      const ignored = ignoredNames(`${root}/.gitignore`)
      return [...Deno.readDirSync(root)].map(({ name }) => name).filter((name) =>
        !topLevel.has(name) && !ignored.some((pattern) => pattern.test(name))
      )
    },
    mistake: { "package.json": "{}" },
  },
  {
    name: "sdkVersion is the version of deno.json",
    problems: ({ root }) => {
      const { version } = readConfig(root)
      const sdkVersion = /sdkVersion = "(.*)"/.exec(Deno.readTextFileSync(`${root}/src/handshake.ts`))?.[1]
      return sdkVersion === version ? [] : [`${sdkVersion} is not ${version}`]
    },
    mistake: { "src/handshake.ts": `=export const sdkVersion = "0.0.0"` },
  },
]

const isOwnDependency = (specifier: string): boolean =>
  specifier.startsWith("node:") || npm(specifier)?.name === "effect" ||
  npm(specifier)?.name.startsWith("@grpc/") === true

/** The shortest way from a file back to itself that begins with the least of its files, so that a cycle is told once. */
function cycleFrom(file: string, imports: Project["imports"]): ReadonlyArray<string> {
  const ways = [[file]]
  const seen = new Set<string>()
  for (const way of ways) {
    for (const next of imports.get(way.at(-1) ?? "") ?? []) {
      if (next === file) return way.every((step) => step >= file) ? [[...way, file].join(" -> ")] : []
      if (seen.has(next)) continue
      seen.add(next)
      ways.push([...way, next])
    }
  }
  return []
}

/** The lines of a .gitignore that have no folder in them, which are all that this project needs. */
function ignoredNames(path: string): ReadonlyArray<RegExp> {
  const lines = Deno.readTextFileSync(path).split("\n").filter((line) => line !== "" && !line.startsWith("#"))
  return lines.map((line) =>
    new RegExp(`^${line.replace(/\/$/, "").replace(/[.+?^$()|{}]/g, "\\$&").replaceAll("*", ".*")}$`)
  )
}

interface Configuration {
  readonly version: string
  readonly exports: Readonly<Record<string, string>>
}

function readConfig(root: string): Configuration {
  return JSON.parse(Deno.readTextFileSync(`${root}/deno.json`))
}

function walk(root: string, folder: string): ReadonlyArray<string> {
  return [...Deno.readDirSync(`${root}/${folder}`)].flatMap(({ name, isDirectory }) =>
    isDirectory ? walk(root, `${folder}/${name}`) : [`${folder}/${name}`]
  )
}

/** What `deno info --json` says, as far as it matters here. */
interface Info {
  readonly modules: ReadonlyArray<{
    readonly specifier: string
    readonly error?: string
    readonly dependencies?: ReadonlyArray<{
      readonly specifier: string
      readonly code?: { readonly specifier?: string }
      readonly type?: { readonly specifier?: string }
    }>
  }>
}

/** From every entry point, and then from each file that no entry point reaches. */
async function readProject(root: string): Promise<Project> {
  const base = `${pathToFileURL(root).href}/`
  const relative = (specifier: string) => specifier.startsWith(base) ? specifier.slice(base.length) : specifier
  const files = walk(root, "src")
  const imports = new Map<string, ReadonlyArray<string>>()
  const entryPoints = Object.values(readConfig(root).exports).map((path) => path.replace(/^\.\//, ""))
  for (const file of [...entryPoints, ...files.filter((file) => file.endsWith(".ts"))]) {
    if (imports.has(file)) continue
    for (const { specifier, error, dependencies = [] } of (await info(root, file)).modules) {
      assert(error === undefined, `${specifier}: ${error}`)
      const targets = dependencies.flatMap(({ specifier, code, type }) => {
        const resolved = [code?.specifier, type?.specifier].filter((it) => it !== undefined)
        return resolved.length === 0 ? [specifier] : resolved
      })
      imports.set(relative(specifier), [...new Set(targets.map(relative))])
    }
  }
  return { root, files, imports }
}

async function info(root: string, file: string): Promise<Info> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", file],
    cwd: root,
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
  }).output()
  assert(success, new TextDecoder().decode(stderr))
  return JSON.parse(new TextDecoder().decode(stdout))
}

const here = fileURLToPath(new URL("..", import.meta.url)).replace(/[\\/]$/, "")
const sanitized = { sanitizeOps: true, sanitizeResources: true }

let project: Promise<Project> | undefined

for (const rule of rules) {
  Deno.test(`architecture: ${rule.name}`, sanitized, async () => {
    assertEquals(rule.problems(await (project ??= readProject(here))), [])
  })
}

Deno.test("architecture: every entry point is read, down to what it imports of other packages", sanitized, async () => {
  const { imports } = await (project ??= readProject(here))
  assert(imports.get("mod.ts")?.includes("src/Connection.ts"))
  assert(imports.get("src/promise.ts")?.includes("src/Embedded.ts"), "dynamic imports count")
  assert(imports.get("src/handshake.ts")?.includes("src/wire/messages.gen.ts"), "type imports count")
  assert(imports.get("src/testing/mod.ts")?.includes("src/testing/FaultProxy.ts"), "every entry point counts")
  assert(imports.get("src/wire/call.ts")?.some((specifier) => npm(specifier)?.name === "@grpc/grpc-js"))
})

for (const rule of rules) {
  Deno.test(`architecture: a copy is refused in which it is not so that ${rule.name}`, sanitized, async () => {
    const copy = await Deno.makeTempDir({ prefix: "effect-milvus-" })
    try {
      for (const file of [...walk(here, "src"), "mod.ts", "deno.json", "deno.lock", ".gitignore"]) {
        await Deno.mkdir(`${copy}/${file}`.replace(/\/[^/]*$/, ""), { recursive: true })
        await Deno.copyFile(`${here}/${file}`, `${copy}/${file}`)
      }
      assertEquals(rule.problems(await readProject(copy)), [])
      for (const [file, text] of Object.entries(rule.mistake)) {
        await Deno.mkdir(`${copy}/${file}`.replace(/\/[^/]*$/, ""), { recursive: true })
        if (text.startsWith("=")) await Deno.writeTextFile(`${copy}/${file}`, text.slice(1))
        else await Deno.writeTextFile(`${copy}/${file}`, `\n${text}\n`, { append: true })
      }
      assert(rule.problems(await readProject(copy)).length > 0, "the mistake was not seen")
    } finally {
      await Deno.remove(copy, { recursive: true })
    }
  })
}
