/**
 * The rules of the architecture, checked on the module graph that `deno info` reports for all of `src/`, types included.
 * Each rule is also seen to fail, on the same graph with one mistake in it.
 */
import { fileURLToPath, pathToFileURL } from "node:url"
import { assert, assertEquals } from "@std/assert"
import { test } from "./support/test.ts"

/** By layer, what may be imported from the same layer and from those after it. A folder stands for all that is in it. */
const layers: ReadonlyArray<ReadonlyArray<string>> = [
  ["src/text/", "src/errors.ts"],
  ["src/codec/", "src/config/"],
  ["src/contract/", "src/retry/", "src/workarounds/", "src/schema/", "src/filter/", "src/telemetry/"],
  ["src/Json.ts", "src/ConnectionConfig.ts"],
  ["src/grpc/"],
  ["src/connection/", "src/Message.ts"],
  ["src/Connection.ts"],
  ["src/operations/shared/"],
  ["src/Connections.ts", "src/operations/", "src/Embedded.ts", "src/embedded/"],
  [
    "src/promise.ts",
    "src/promise/",
    "src/plan/",
    "src/ai/",
    "src/testing/",
    "src/cli/",
    "src/adapters/",
    "src/langchain/",
    "src/mastra/",
  ],
]

const topLevel: ReadonlySet<string> = new Set([
  ".ci",
  ".git",
  ".gitignore",
  "AGENTS.md",
  "ARCHITECTURE.md",
  "CHANGELOG.md",
  "CONTRIBUTING.md",
  "LICENSE",
  "README.md",
  "deno.json",
  "deno.lock",
  "docs",
  "examples",
  "llms.txt",
  "mod.ts",
  "proto",
  "src",
  "tests",
])

interface Project {
  /** Names at the top level that git does not ignore. */
  readonly topLevel: ReadonlyArray<string>
  /** Every file of `src/`, from the root on. */
  readonly files: ReadonlyArray<string>
  /** By module, what it imports: files from the root on, and whole specifiers of everything else. */
  readonly imports: ReadonlyMap<string, ReadonlyArray<string>>
  /** The text of a file. */
  readonly text: (file: string) => string
}

interface Rule {
  readonly name: string
  /** What violates it; empty if nothing does. */
  readonly problems: (project: Project) => ReadonlyArray<string>
  /** What makes a project violate it. */
  readonly mistake: Mistake
}

interface Mistake {
  /** Imports to add, by file. A file that does not exist is added to the project. */
  readonly imports?: Readonly<Record<string, ReadonlyArray<string>>>
  /** Texts to add to the end of a file, or new texts if they start with `=`. */
  readonly texts?: Readonly<Record<string, string>>
  /** Names to add to the top level. */
  readonly topLevel?: ReadonlyArray<string>
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
    mistake: { imports: { "src/utils.ts": [] } },
  },
  {
    name: "imports point to the same layer or to a lower one, types included",
    problems: (project) => edges(project).filter(([from, to]) => isFile(to) && layerOf(to) > layerOf(from)).map(show),
    mistake: { imports: { "src/errors.ts": ["src/config/address.ts"] } },
  },
  {
    name: "src/ imports no file outside of itself",
    problems: (project) => edges(project).filter(([, to]) => isFile(to) && !to.startsWith("src/")).map(show),
    mistake: { imports: { "src/promise.ts": ["mod.ts"] } },
  },
  {
    name: "imports make no cycle, types included",
    problems: ({ files, imports }) => files.flatMap((file) => cycleFrom(file, imports)),
    mistake: { imports: { "src/connection/handshake.ts": ["src/connection/calls.ts"] } },
  },
  {
    name: "operations do not import one another",
    problems: (project) =>
      edges(project).filter((edge) => edge.every((file) => /^src\/operations\/\w+\.ts$/.test(file))).map(show),
    mistake: { imports: { "src/operations/Index.ts": ["src/operations/Collection.ts"] } },
  },
  {
    name: "@grpc/* is imported only in src/grpc/, in src/workarounds/ and by src/testing/FakeMilvus.ts",
    problems: (project) =>
      edges(project).filter(([from, to]) =>
        npm(to)?.name.startsWith("@grpc/") && !/^src\/(grpc|workarounds)\/|^src\/testing\/FakeMilvus\.ts$/.test(from)
      ).map(show),
    mistake: { imports: { "src/connection/calls.ts": ["npm:/@grpc/grpc-js@^1.14.7"] } },
  },
  {
    name: "only src/grpc/ imports src/workarounds/",
    problems: (project) =>
      edges(project).filter(([from, to]) =>
        to.startsWith("src/workarounds/") && !/^src\/(grpc|workarounds)\//.test(from)
      ).map(show),
    mistake: { imports: { "src/connection/notReady.ts": ["src/workarounds/grpcReply.ts"] } },
  },
  {
    name: "patches of the process are imported only by install.ts, and install.ts only by src/grpc/transport.ts",
    problems: (project) =>
      edges(project).filter(([from, to]) =>
        /^src\/workarounds\/deno(Goaway|AsyncResource)\.ts$/.test(to) && from !== "src/workarounds/install.ts" ||
        to === "src/workarounds/install.ts" && from !== "src/grpc/transport.ts"
      ).map(show),
    mistake: { imports: { "src/grpc/channel.ts": ["src/workarounds/denoGoaway.ts"] } },
  },
  {
    name: "only src/cli/ imports a platform package, or any package but effect, @grpc/* and frameworks",
    problems: (project) =>
      edges(project).filter(([from, to]) =>
        !isFile(to) && !isOwnDependency(to) && !from.startsWith("src/cli/") && !isFramework(to)
      )
        .map(show),
    mistake: { imports: { "src/embedded/process.ts": ["npm:node-forge@1.4.3"] } },
  },
  {
    name: "a framework is imported only in the folder of its adapter, and its adapter nowhere else",
    problems: (project) =>
      edges(project).filter(([from, to]) => {
        const folder = folderOf(from)
        return Object.hasOwn(frameworks, npm(to)?.name ?? "")
          ? frameworks[npm(to)?.name ?? ""] !== folder
          : adapterFolders.has(folderOf(to)) && folderOf(to) !== folder &&
            !(folderOf(to) === "src/adapters/" && adapterFolders.has(folder))
      }).map(show),
    mistake: { imports: { "src/promise.ts": ["src/adapters/layout.ts"] } },
  },
  {
    name: "src/ai/ is imported from outside by no file, and effect/ai only by it and by src/cli/",
    problems: (project) =>
      edges(project).filter(([from, to]) =>
        !from.startsWith("src/ai/") && to.startsWith("src/ai/") ||
        npm(to)?.subpath?.startsWith("/ai") === true && !/^src\/(ai|cli)\//.test(from)
      ).map(show),
    mistake: { imports: { "src/promise.ts": ["src/ai/Texts.ts"] } },
  },
  {
    name: "effect is imported by subpath",
    problems: (project) =>
      edges(project).filter(([, to]) => npm(to)?.name === "effect" && npm(to)?.subpath === undefined).map(show),
    mistake: { imports: { "src/connection/limit.ts": ["npm:/effect@^4.1.0"] } },
  },
  {
    name: "mod.ts only re-exports, and so do src/ai/mod.ts and src/testing/mod.ts",
    problems: ({ text }) =>
      ["mod.ts", "src/ai/mod.ts", "src/testing/mod.ts"].flatMap((file) => {
        const code = text(file).replace(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, "")
        const rest = code.replace(/\bexport\s+(type\s+)?(\*(\s+as\s+\w+)?|\{[^}]*\})\s+from\s+"[^"]+";?/g, "").trim()
        return rest === "" ? [] : [`${file}: ${rest}`]
      }),
    mistake: { texts: { "src/testing/mod.ts": "export const version = 1" } },
  },
  {
    name: "ARCHITECTURE.md has every layer as a floor",
    problems: ({ text }) => {
      const rows: Array<readonly [place: string, floor: number]> = []
      let last = -1
      for (const [, floor, names = ""] of text("ARCHITECTURE.md").matchAll(/^\| +(\d*) +\| (`.*?) *\|/gm)) {
        if (floor !== "") last = Number(floor) - 1
        for (const [, name] of names.matchAll(/`([^`]+)`/g)) rows.push([`src/${name}`.replace("*.ts", ""), last])
      }
      return [
        ...layers.flatMap((layer, floor) =>
          layer.filter((place) => !rows.some(([it, on]) => on === floor && it.startsWith(place)))
        ),
        ...rows.filter(([place, floor]) => layerOf(place) !== floor).map(([place]) => place),
      ]
    },
    mistake: { texts: { "ARCHITECTURE.md": "| 11    | `grpc/` | Again. |" } },
  },
  {
    name: "the top level holds what the layout names",
    problems: (project) => project.topLevel.filter((name) => !topLevel.has(name)),
    mistake: { topLevel: ["package.json"] },
  },
  {
    name: "sdkVersion is the version of deno.json",
    problems: ({ text }) => {
      const { version } = JSON.parse(text("deno.json"))
      const sdkVersion = /sdkVersion = "(.*)"/.exec(text("src/connection/handshake.ts"))?.[1]
      return sdkVersion === version ? [] : [`${sdkVersion} is not ${version}`]
    },
    mistake: { texts: { "src/connection/handshake.ts": `=export const sdkVersion = "0.0.0"` } },
  },
]

const isOwnDependency = (specifier: string): boolean =>
  specifier.startsWith("node:") || npm(specifier)?.name === "effect" ||
  npm(specifier)?.name.startsWith("@grpc/") === true

/** By framework, the folder of its adapter. */
const frameworks: Readonly<Record<string, string>> = {
  "@langchain/core": "src/langchain/",
  "@mastra/core": "src/mastra/",
}
const adapterFolders: ReadonlySet<string> = new Set([...Object.values(frameworks), "src/adapters/"])
const isFramework = (specifier: string): boolean => Object.hasOwn(frameworks, npm(specifier)?.name ?? "")
const folderOf = (file: string): string => /^src\/\w+\//.exec(file)?.[0] ?? ""

/** Returns the shortest cycle from a file to itself that starts with its first file by name, so that a cycle is found once. */
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

/** The names at the top level, without those on a line of .gitignore that has no folder in it. */
function namesAt(root: string): ReadonlyArray<string> {
  const lines = Deno.readTextFileSync(`${root}/.gitignore`).split("\n").filter((line) => /^[^#]/.test(line))
  const ignored = lines.map((line) =>
    new RegExp(`^${line.replace(/\/$/, "").replace(/[.+?^$()|{}]/g, "\\$&").replaceAll("*", ".*")}$`)
  )
  return [...Deno.readDirSync(root)].map(({ name }) => name).filter((name) => !ignored.some((it) => it.test(name)))
}

function walk(root: string, folder: string): ReadonlyArray<string> {
  return [...Deno.readDirSync(`${root}/${folder}`)].flatMap(({ name, isDirectory }) =>
    isDirectory ? walk(root, `${folder}/${name}`) : [`${folder}/${name}`]
  )
}

/** What `deno info --json` reports, as far as it matters here. */
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

/** Reads the graph of `mod.ts` and of every file in `src/`, in one go: through a module that imports them all. */
async function readProject(root: string): Promise<Project> {
  const base = `${pathToFileURL(root).href}/`
  const relative = (specifier: string) => specifier.startsWith(base) ? specifier.slice(base.length) : specifier
  const files = walk(root, "src")
  const code = ["mod.ts", ...files.filter((file) => file.endsWith(".ts"))]
  const all = await Deno.makeTempFile({ suffix: ".ts" })
  try {
    await Deno.writeTextFile(all, code.map((file) => `import ${JSON.stringify(base + file)}`).join("\n"))
    const { modules } = await info(root, all)
    const imports = new Map(modules.map(({ specifier, error, dependencies = [] }) => {
      assert(error === undefined, `${specifier}: ${error}`)
      const targets = dependencies.flatMap(({ specifier, code, type }) => {
        const resolved = [code?.specifier, type?.specifier].filter((it) => it !== undefined)
        return resolved.length === 0 ? [specifier] : resolved
      })
      return [relative(specifier), [...new Set(targets.map(relative))]] as const
    }))
    imports.delete(pathToFileURL(all).href)
    return { topLevel: namesAt(root), files, imports, text: (file) => Deno.readTextFileSync(`${root}/${file}`) }
  } finally {
    await Deno.remove(all)
  }
}

async function info(root: string, file: string): Promise<Info> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", "--config", `${root}/deno.json`, file],
    cwd: root,
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
  }).output()
  assert(success, new TextDecoder().decode(stderr))
  return JSON.parse(new TextDecoder().decode(stdout))
}

/** The project with a mistake in it. */
function withMistake(project: Project, mistake: Mistake): Project {
  const added = Object.entries(mistake.imports ?? {})
  const imports = new Map(project.imports)
  for (const [file, targets] of added) imports.set(file, [...imports.get(file) ?? [], ...targets])
  return {
    topLevel: [...project.topLevel, ...mistake.topLevel ?? []],
    files: [...new Set([...project.files, ...added.map(([file]) => file)])],
    imports,
    text: (file) => {
      const text = mistake.texts?.[file]
      if (text === undefined) return project.text(file)
      return text.startsWith("=") ? text.slice(1) : `${project.text(file)}\n${text}\n`
    },
  }
}

const here = fileURLToPath(new URL("..", import.meta.url)).replace(/[\\/]$/, "")

let read: Promise<Project> | undefined
const project = (): Promise<Project> => read ??= readProject(here)

test(
  "architecture: the graph holds all files, their dynamic and type imports, and other packages",
  async () => {
    const { files, imports } = await project()
    const missing = files.filter((file) => !file.endsWith(".md") && !imports.has(file))
    assertEquals(missing, [], "files that the graph lacks")
    assert(imports.get("mod.ts")?.includes("src/Connection.ts"))
    assert(imports.get("src/promise.ts")?.includes("src/Embedded.ts"), "dynamic imports count")
    assert(imports.get("src/connection/handshake.ts")?.includes("src/contract/messages.gen.ts"), "type imports count")
    assert(imports.get("src/grpc/call.ts")?.some((specifier) => npm(specifier)?.name === "@grpc/grpc-js"))
  },
)

for (const rule of rules) {
  test(`architecture: ${rule.name}`, async () => {
    const right = await project()
    assertEquals(rule.problems(right), [])
    assert(rule.problems(withMistake(right, rule.mistake)).length > 0, "the mistake was not seen")
  })
}
