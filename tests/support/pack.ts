/**
 * Makes the npm package with its command: `deno task pack FILE.tgz`, for `npm publish FILE.tgz`.
 *
 * `deno pack` writes a package.json with names, versions and entry points only, so this adds the rest. It puts source
 * maps into the modules, where they are two thirds of what a program loads, and they name a folder of this machine;
 * this moves them to files of their own, and replaces the folder with the root of the package. JSON becomes modules in
 * JavaScript, since Node before 20.10 cannot import it, and others of Node 20 print a warning.
 */
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("../../", import.meta.url))

const bin = `#!/usr/bin/env node
import { main } from "../src/cli/main.js"
await main()
`

/** The parts of package.json that `deno pack` does not write. */
const additions = {
  description: "A client for the Milvus vector database, with Effect and with promises, for Deno, Node and Bun",
  keywords: ["milvus", "vector", "database", "embeddings", "search", "grpc", "effect"],
  engines: { node: ">=20" },
  bin: { "effect-milvus": "bin/effect-milvus.js" },
  // Only these have effects at import. A bundler may drop every other module that is not used.
  sideEffects: [
    "./bin/effect-milvus.js",
    "./src/cli/main.js",
    "./src/grpc/transport.js",
  ],
}

async function execute(command: string, ...args: ReadonlyArray<string>): Promise<void> {
  const { success } = await new Deno.Command(command, { args: [...args], cwd: root }).spawn().status
  if (!success) throw new Error(`${command} ${args.join(" ")} failed`)
}

/** Frameworks, of which an adapter needs one. npm installs none of them with the package. */
const frameworks = ["@langchain/core", "@mastra/core"]

/** Returns package.json with the rest, and with frameworks as optional peers instead of dependencies. */
function complete(manifest: Readonly<Record<string, unknown>> & { readonly dependencies: Record<string, string> }) {
  const { dependencies, exports } = manifest
  const isPeer = ([name]: readonly [string, string]) => frameworks.includes(name)
  const all = Object.entries(dependencies)
  return {
    ...manifest,
    ...additions,
    dependencies: Object.fromEntries(all.filter((entry) => !isPeer(entry))),
    peerDependencies: Object.fromEntries(all.filter(isPeer)),
    peerDependenciesMeta: Object.fromEntries(frameworks.map((name) => [name, { optional: true }])),
    exports: { ...exports as object, "./package.json": "./package.json" },
  }
}

const inlineMap = /sourceMappingURL=data:application\/json;base64,(\S+)/

/** The specifier of an import of JSON with its attributes, static or dynamic. */
const jsonImport = /"([^"]+\.json)"(?:\s+with\s*\{[^}]*\}|,\s*\{\s*with:\s*\{[^}]*\}\s*\})/g

/** Moves the source maps of a folder, and makes its JSON modules. Lines stay where they are, for the source maps. */
async function rewriteModules(folder: string): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`
    if (isDirectory) await rewriteModules(path)
    else if (name.endsWith(".json")) await makeModule(path)
    else if (name.endsWith(".js")) await rewriteModule(path, name)
  }
}

async function makeModule(path: string): Promise<void> {
  const json = JSON.stringify(JSON.parse(await Deno.readTextFile(path)))
  // Parsing a text is faster than parsing the same value as code.
  await Deno.writeTextFile(`${path}.js`, `export default /* @__PURE__ */ JSON.parse(${JSON.stringify(json)})\n`)
  await Deno.remove(path)
}

async function rewriteModule(path: string, name: string): Promise<void> {
  const text = (await Deno.readTextFile(path)).replace(
    jsonImport,
    (all, specifier: string) => `"${specifier}.js"${all.replace(/[^\n]/g, "")}`,
  )
  const [all, map] = inlineMap.exec(text) ?? []
  if (all === undefined || map === undefined) return
  const parsed = JSON.parse(new TextDecoder().decode(Uint8Array.fromBase64(map)))
  const sources = parsed.sources.map((source: string) => source.replace(`file://${root}`, "effect-milvus:///"))
  await Deno.writeTextFile(`${path}.map`, JSON.stringify({ ...parsed, sources }))
  await Deno.writeTextFile(path, text.replace(all, `sourceMappingURL=${name}.map`))
}

const [target] = Deno.args
if (target === undefined) throw new Error("expected a file: pack.ts FILE.tgz")
const folder = await Deno.makeTempDir({ prefix: "effect-milvus-pack-" })
try {
  await execute(Deno.execPath(), "pack", "--allow-dirty", "--quiet", "--output", `${folder}/package.tgz`)
  await execute("tar", "-xzf", `${folder}/package.tgz`, "-C", folder)
  const file = `${folder}/package/package.json`
  const manifest = JSON.parse(await Deno.readTextFile(file))
  await Deno.writeTextFile(file, JSON.stringify(complete(manifest), null, 2))
  await rewriteModules(`${folder}/package/src`)
  await rewriteModule(`${folder}/package/mod.js`, "mod.js")
  await Deno.mkdir(`${folder}/package/bin`)
  await Deno.writeTextFile(`${folder}/package/bin/effect-milvus.js`, bin)
  await Deno.chmod(`${folder}/package/bin/effect-milvus.js`, 0o755)
  await execute("tar", "-czf", target, "-C", folder, "package")
} finally {
  await Deno.remove(folder, { recursive: true })
}
