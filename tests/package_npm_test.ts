/**
 * The npm package, installed from a tarball: it works on Node and Bun, is typed, and can be bundled.
 *
 * Needs `node` and `npm`, and the npm registry for Bun, TypeScript and esbuild. A test fails if they are missing.
 */
import { assert, assertEquals, assertGreater, assertLess, assertMatch, assertStringIncludes } from "@std/assert"
import config from "../deno.json" with { type: "json" }
import { makeProject } from "./support/npmProject.ts"
import {
  clients,
  clientsOutput,
  execute,
  frameworks,
  root,
  searchers,
  searchersOutput,
  serve,
  serveFake,
  succeed,
  types,
  writeFiles,
} from "./support/package.ts"
import { testRuntime } from "./support/package_runtime.ts"
import { installRuntime, tested } from "./support/runtimes.ts"
import { test } from "./support/test.ts"

/** Makes a project with the package, Bun, TypeScript and esbuild, once. */
const project = () => installed ??= install()
let installed: ReturnType<typeof install> | undefined

async function install() {
  const folder = await makeProject(["typescript@5.9.3", "esbuild@0.25.12", "@types/node@20"])
  return { ...folder, bun: await installRuntime("bun", tested.bun) }
}

Deno.test.afterAll(async () => {
  const made = await installed
  await made?.bun[Symbol.asyncDispose]()
  await made?.[Symbol.asyncDispose]()
})

testRuntime("Node", async () => ({ path: (await project()).path, command: "node" }))
testRuntime("Bun", async () => {
  const { path, bun } = await project()
  return { path, command: bun.command }
})

test("a TypeScript project sees every call of the npm package typed, by its declarations", async () => {
  const { path } = await project()
  const entries = Object.keys(config.exports).map((name, at) =>
    `import * as entry${at} from "${config.name}${name.slice(1)}"; export const exports${at} = Object.keys(entry${at})`
  )
  await writeFiles(path, {
    "types.ts": types,
    "entries.ts": entries.join("\n"),
    "tsconfig.json": JSON.stringify({
      compilerOptions: {
        strict: true,
        exactOptionalPropertyTypes: true,
        noEmit: true,
        module: "nodenext",
        target: "es2022",
        lib: ["es2023", "esnext.disposable", "dom", "dom.iterable", "dom.asynciterable"],
        types: ["node"],
        skipLibCheck: true,
      },
      files: ["entries.ts", "types.ts"],
    }),
  })
  await succeed("node", ["node_modules/typescript/bin/tsc", "--project", "."], { cwd: path })
})

/** Prints the modules with statements that have effects at import. */
const findSideEffects = `
  import { readdirSync, readFileSync } from "node:fs"
  import ts from "typescript"
  const root = "node_modules/@effect-milvus/client/"
  const { SyntaxKind } = ts
  const acts = ({ kind }) => kind === SyntaxKind.ExpressionStatement ||
    kind >= SyntaxKind.IfStatement && kind <= SyntaxKind.DebuggerStatement
  for (const file of readdirSync(root, { recursive: true })) {
    if (!file.endsWith(".js") || file.includes("node_modules")) continue
    const text = readFileSync(root + file, "utf8")
    const { statements } = ts.createSourceFile(file, text, ts.ScriptTarget.Latest)
    // Code that the compiler makes for computed names has no effect outside.
    const own = statements.filter(({ pos, end }) => !text.slice(pos, end).trim().startsWith("_computedKey"))
    if (own.some(acts)) console.log("./" + file)
  }`

test("rule 20: package.json describes the package, and lists exactly the modules with side effects", async () => {
  const { path } = await project()
  await writeFiles(path, { "find.mjs": findSideEffects })
  const manifest = JSON.parse(await Deno.readTextFile(`${path}/node_modules/@effect-milvus/client/package.json`))
  assertEquals(
    manifest.sideEffects.toSorted(),
    (await succeed("node", ["find.mjs"], { cwd: path })).split("\n").toSorted(),
  )
  for (const name of ["name", "version", "description", "license"]) assertMatch(manifest[name], /./, name)
  assert(manifest.keywords.includes("milvus"))
  assertEquals([manifest.version, manifest.license], [config.version, config.license])
  assertEquals(manifest.engines, { node: ">=20" })
})

test("every entry of package.json has a module and its declarations, and every module a source map", async () => {
  const { path } = await project()
  const folder = `${path}/node_modules/@effect-milvus/client`
  const manifest = JSON.parse(await Deno.readTextFile(`${folder}/package.json`))
  const entries: ReadonlyArray<[string, string | Readonly<Record<string, string>>]> = Object.entries(manifest.exports)
  assertEquals(entries.map(([name]) => name).toSorted(), [...Object.keys(config.exports), "./package.json"].toSorted())
  for (const [name, entry] of entries) {
    if (typeof entry === "string") continue
    // TypeScript takes the first condition that matches.
    assertEquals(Object.keys(entry)[0], "types", name)
    for (const file of Object.values(entry)) assert((await Deno.stat(`${folder}/${file}`)).isFile, file)
  }
  const modules = (await filesOf(`${folder}/src`, ".js")).filter((module) => !module.endsWith(".json.js"))
  assertGreater(modules.length, 100)
  for (const module of modules) {
    assertStringIncludes(await Deno.readTextFile(module), `sourceMappingURL=${module.split("/").at(-1)}.map`)
    const { sources, sourcesContent } = JSON.parse(await Deno.readTextFile(`${module}.map`))
    assertEquals(sources, [`effect-milvus://${module.slice(folder.length, -3)}.ts`])
    assertGreater(sourcesContent[0].length, 0, module)
  }
})

test("an error of the npm package names the line of the source", async () => {
  const { path } = await project()
  await writeFiles(path, {
    "fails.mjs": `
      import { connect } from "@effect-milvus/client/promise"
      const trace = await connect({ address: "localhost:x" }).catch((error) => error.stack)
      console.log(trace)`,
  })
  const text = await succeed("node", ["--enable-source-maps", "fails.mjs"], { cwd: path })
  assertMatch(text, /effect-milvus:\/\/\/src\/[\w/]+\.ts:\d+/)
})

test("npx runs the command of the package", async () => {
  const { path } = await project()
  // npm warns about settings of the user.
  const env = { npm_config_loglevel: "error", XDG_CONFIG_HOME: path }
  const text = await succeed("npx", ["--no-install", "effect-milvus", "--version"], { cwd: path, env })
  assertStringIncludes(text, config.version)
})

async function filesOf(folder: string, end: string): Promise<ReadonlyArray<string>> {
  const files: Array<string> = []
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`
    if (isDirectory) files.push(...await filesOf(path, end))
    else if (name.endsWith(end)) files.push(path)
  }
  return files
}

// ---- esbuild

/** Makes a bundle for Node, in one file. */
async function bundle(script: string, ...flags: ReadonlyArray<string>): Promise<string> {
  const { path } = await project()
  await writeFiles(path, { "bundled.mjs": script })
  await succeed("node", [...esbuild, "bundled.mjs", "--format=cjs", "--outfile=bundle.cjs", ...flags], { cwd: path })
  return `${path}/bundle.cjs`
}
const esbuild = ["node_modules/esbuild/bin/esbuild", "--bundle", "--platform=node"]

test("rule 20: a bundle has only the parts of the package that are used", async () => {
  const size = async (what: string) => {
    const script = `import { ${what} } from "@effect-milvus/client"; console.log(${what})`
    return (await Deno.stat(await bundle(script, "--minify"))).size
  }
  const [one, all] = [await size("CodecError"), await size("Connection")]
  assertLess(one, 200_000)
  assertGreater(all, one)
})

test("rule 20: a bundle connects, and includes the workarounds", async () => {
  await using milvus = await serve()
  const script = (clients(milvus.address)["promise.mjs"] ?? "").replace(
    /(import .*\n)([^]*)/,
    "$1;(async () => {$2})()",
  )
  const file = await bundle(script)
  const text = await Deno.readTextFile(file)
  for (const mark of ["effect-milvus/goaway", "PendingRequest"]) assertStringIncludes(text, mark)
  assertEquals(await succeed("node", [file]), clientsOutput)
})

test("a bundle of esbuild creates, inserts and searches, with effects and with promises", async () => {
  await using fake = await serveFake()
  for (const program of Object.values(searchers(fake.address))) {
    assertEquals(await succeed("node", [await bundle(program, "--minify")]), searchersOutput)
  }
})

test("a bundle of esbuild is a module with the banner of the guide", async () => {
  const { path } = await project()
  const guide = await Deno.readTextFile(`${root}docs/guides/deployment.md`)
  const [, banner = ""] = /^```js\n([^]*?)\n```$/m.exec(guide) ?? []
  await using milvus = await serve()
  await writeFiles(path, { "bundled.mjs": clients(milvus.address)["promise.mjs"] ?? "" })
  const flags = ["--format=esm", "--outfile=bundle.mjs", `--banner:js=${banner}`]
  await succeed("node", [...esbuild, "bundled.mjs", ...flags], { cwd: path })
  assertEquals(await succeed("node", ["bundle.mjs"], { cwd: path }), clientsOutput)
})

/** Returns the modules that a program loads when it starts, if its parts that are imported later are files of their own. */
async function loadedAtStart(script: string): Promise<ReadonlyArray<string>> {
  const { path } = await project()
  await writeFiles(path, { "starts.mjs": script })
  const flags = ["--format=esm", "--splitting", "--outdir=starts", "--metafile=starts.json"]
  await succeed("node", [...esbuild, "starts.mjs", ...flags], { cwd: path })
  const { outputs }: Metafile = JSON.parse(await Deno.readTextFile(`${path}/starts.json`))
  const modules = new Set<string>()
  const visit = (file: string) => {
    const output = outputs[file]
    for (const [module, { bytesInOutput }] of Object.entries(output?.inputs ?? {})) {
      if (bytesInOutput > 0) modules.add(module.replace("node_modules/@effect-milvus/client/", ""))
    }
    for (const { path, kind } of output?.imports ?? []) if (kind === "import-statement") visit(path)
  }
  visit("starts/starts.js")
  return [...modules]
}

/** What esbuild reports about its bundles. */
interface Metafile {
  readonly outputs: Readonly<
    Record<string, {
      readonly inputs: Readonly<Record<string, { readonly bytesInOutput: number }>>
      readonly imports: ReadonlyArray<{ readonly path: string; readonly kind: string }>
    }>
  >
}

test("importing connect brings no operation, and of promises not before the first is called", async () => {
  const operations = async (script: string) =>
    (await loadedAtStart(script)).filter((module) => /^src\/operations\/\w+\.js$/.test(module))
  const effect = `import { Connection } from "@effect-milvus/client"; console.log(Connection.connect)`
  assertEquals(await operations(effect), [])
  assertEquals(await operations(`import { connect } from "@effect-milvus/client/promise"; console.log(connect)`), [])
  // The measure sees operations that are used.
  assertEquals(
    await operations(`${effect}; import { Database } from "@effect-milvus/client"; console.log(Database.list)`),
    [
      "src/operations/Database.js",
    ],
  )
})

test("a framework is an optional peer: it is not installed, and its adapter names it", async () => {
  const { path } = await project()
  const manifest = JSON.parse(await Deno.readTextFile(`${path}/node_modules/@effect-milvus/client/package.json`))
  const names = Object.values(frameworks)
  assertEquals(Object.keys(manifest.dependencies).toSorted(), ["@grpc/grpc-js", "@grpc/proto-loader", "effect"])
  assertEquals(
    manifest.peerDependencies,
    Object.fromEntries(
      Object.entries(config.imports).filter(([name]) => names.includes(name)).map(
        ([name, specifier]) => [name, specifier.slice(`npm:${name}@`.length)],
      ),
    ),
  )
  assertEquals(manifest.peerDependenciesMeta, Object.fromEntries(names.map((name) => [name, { optional: true }])))
  for (const [entry, name] of Object.entries(frameworks)) {
    await writeFiles(path, { "adapter.mjs": `import "${config.name}${entry.slice(1)}"` })
    const { code, text } = await execute("node", ["adapter.mjs"], { cwd: path })
    assertEquals(code, 1)
    assertStringIncludes(text, `Cannot find package '${name}'`)
  }
})

test("the core loads nothing of texts, plans, adapters and tools for language models; their own entries do", async () => {
  const ofExtras = /^src\/(adapters|ai|cli|langchain|mastra|plan)\/|\/effect\/dist\/(ai|http)\/|@langchain|@mastra/
  const extras = async (...entries: ReadonlyArray<string>) => {
    const imports = entries.map((entry, at) => `import * as e${at} from "${config.name}${entry.slice(1)}"`)
    const modules = await loadedAtStart(`${imports.join("\n")}\nconsole.log(${entries.map((_, at) => `e${at}`)})`)
    assert(modules.length > 100)
    return modules.filter((module) => ofExtras.test(module))
  }
  assertEquals(await extras(".", "./promise", "./embedded", "./testing"), [])
  // The measure sees them.
  const loaded = await extras("./ai", "./schema")
  for (const part of ["src/ai/Texts.js", "src/plan/plan.js", "effect/dist/ai/EmbeddingModel.js"]) {
    assert(loaded.some((module) => module.endsWith(part)), part)
  }
})

test("a script with promises is a bundle of about a megabyte", async () => {
  const { size } = await Deno.stat(await bundle(searchers("localhost")["promise.mjs"] ?? "", "--minify"))
  assert(size > 500_000 && size < 1_200_000, `${size} bytes`)
})
