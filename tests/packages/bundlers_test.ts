/**
 * Server bundles of Vite and webpack, with their defaults: each has the package and all that it needs, and runs without
 * `node_modules`. A script in TypeScript by tsx.
 */
import { assertEquals } from "@std/assert"
import { makeProject } from "../support/npmProject.ts"
import { makeFolder, root, searchers, searchersOutput, serveFake, succeed, writeFiles } from "../support/package.ts"
import { test } from "../support/test.ts"

const project = () => installed ??= makeProject(["vite@8.3.8", "webpack@5.112.2", "tsx@4.23.15"])
let installed: ReturnType<typeof makeProject> | undefined

Deno.test.afterAll(async () => await (await installed)?.[Symbol.asyncDispose]())

const viteConfig = `export default { build: { ssr: true }, ssr: { noExternal: true } }`

/** As frameworks with a server configure webpack: a module for Node. */
const webpack = (entry: string, folder: string) => `
  import webpack from "webpack"
  const configuration = {
    mode: "production",
    target: "node",
    entry: ${JSON.stringify(entry)},
    experiments: { outputModule: true },
    output: { path: ${JSON.stringify(folder)}, module: true, filename: "bundle.mjs" },
  }
  webpack(configuration, (error, stats) => {
    const problems = stats?.toString({ all: false, errors: true, warnings: true })
    if (error || problems) throw new Error(problems, { cause: error })
  })`

/** Moves a bundle to a folder where no package can be found, and runs it there. */
async function runAlone(folder: string, main: string): Promise<string> {
  await using alone = await makeFolder({ "package.json": JSON.stringify({ type: "module" }) })
  await Deno.rename(folder, `${alone.path}/bundle`)
  return await succeed("node", [`bundle/${main}`], { cwd: alone.path })
}

test("a server bundle of Vite creates, inserts and searches, with effects and with promises", async () => {
  const { path } = await project()
  await using fake = await serveFake()
  for (const [script, program] of Object.entries(searchers(fake.address))) {
    await writeFiles(path, { [script]: program, "vite.config.mjs": viteConfig })
    await succeed("node", ["node_modules/vite/bin/vite.js", "build", "--ssr", script, "--outDir", "vite"], {
      cwd: path,
    })
    assertEquals(await runAlone(`${path}/vite`, script.replace(".mjs", ".js")), searchersOutput)
  }
})

test("a server bundle of webpack creates, inserts and searches, with effects and with promises", async () => {
  const { path } = await project()
  await using fake = await serveFake()
  for (const [script, program] of Object.entries(searchers(fake.address))) {
    await writeFiles(path, { [script]: program, "build.mjs": webpack(`./${script}`, `${path}/webpack`) })
    await succeed("node", ["build.mjs"], { cwd: path })
    assertEquals(await runAlone(`${path}/webpack`, "bundle.mjs"), searchersOutput)
  }
})

test("tsx runs the script of the README on Node 20", async () => {
  const { path } = await project()
  await using fake = await serveFake()
  const [, script = ""] = /```ts\n([^]*?)```/.exec(await Deno.readTextFile(`${root}README.md`)) ?? []
  await writeFiles(path, { "search.ts": script.replace("localhost:19530", fake.address) })
  assertEquals(
    await succeed("node", ["node_modules/tsx/dist/cli.mjs", "search.ts"], { cwd: path }),
    "1n 1.00 Siddhartha",
  )
})
