/**
 * Every TypeScript block of the README and of the guides is type-checked, and runs as a program of its own against a
 * server. The output that a page shows after a block is what the block prints.
 */
import { assert, assertEquals } from "@std/assert"
import * as Effect from "effect/Effect"
import { FakeMilvus } from "../../src/testing/mod.ts"
import { rootCredentials, startMilvus, startMilvusLite } from "../support/milvus.ts"
import { execute, makeFolder, succeed } from "../support/package.ts"
import { pythonWith } from "../support/python.ts"
import { test } from "../support/test.ts"
import { address, type Block, blocksOf, fileOf, matches, pages, programOf, root, type Target } from "./blocks.ts"
import type { Outcome } from "./run_blocks.ts"

const blocks = pages().flatMap((page) => blocksOf(page, Deno.readTextFileSync(root + page)))
const runnable = blocks.filter(({ target }) => target !== "ignore")

const config = `--config=${root}deno.json`

/** Runs all blocks, once. */
const outcomes = () => ran ??= runAll()
let ran: Promise<ReadonlyMap<Block, Outcome>> | undefined

function runAll(): Promise<ReadonlyMap<Block, Outcome>> {
  const onServers = Effect.flatMap(FakeMilvus.make(), ({ address }) => Effect.promise(() => runOnServers(address)))
  return Effect.runPromise(Effect.scoped(onServers))
}

async function runOnServers(fake: string): Promise<ReadonlyMap<Block, Outcome>> {
  await using lite = await startMilvusLite()
  await using milvus = await startMilvus({ authorization: true })
  const { user, password } = rootCredentials
  const all = await Promise.all([
    runOn("lite", lite.address, `http://${lite.address}`),
    runOn("milvus", milvus.address, `http://${user}:${password}@${milvus.address}`),
    runOn("fake", fake, `http://${fake}`),
  ])
  return new Map(all.flat())
}

/** Runs the blocks for a server one after the other, in one process. `uri` is in its environment. */
async function runOn(target: Target, server: string, uri: string): Promise<ReadonlyArray<readonly [Block, Outcome]>> {
  const programs = runnable.filter((block) => block.target === target)
  await using folder = await makeFolder(
    Object.fromEntries(programs.map((block) => [fileOf(block), programOf(block, server)])),
  )
  const [input, output] = [`${folder.path}/programs.json`, `${folder.path}/outcomes.json`] as const
  await Deno.writeTextFile(input, JSON.stringify(programs.map((block) => `${folder.path}/${fileOf(block)}`)))
  await succeed(
    Deno.execPath(),
    ["run", "-A", "--quiet", "--no-check", config, `${root}tests/docs/run_blocks.ts`, input, output],
    { env: { MILVUS_URI: uri, MILVUS_PYTHON: await pythonWith("milvus-lite") } },
  )
  const found: ReadonlyArray<Outcome> = JSON.parse(await Deno.readTextFile(output))
  return programs.map((block, at) => {
    const { output, ...rest } = found[at]!
    return [block, { ...rest, output: output.replaceAll(server, address) }] as const
  })
}

test("every block of the documents is type-checked", async () => {
  const checked = Object.fromEntries(blocks.map((block) => [fileOf(block), programOf(block, address)]))
  await using folder = await makeFolder(checked)
  const { code, text } = await execute(Deno.execPath(), ["check", "--quiet", config, ...Object.keys(checked)], {
    cwd: folder.path,
  })
  assertEquals(code, 0, text.replaceAll(`file://${folder.path}/`, ""))
})

for (const page of new Set(runnable.map(({ page }) => page))) {
  test(`every block of ${page} runs, and prints what the page shows`, async () => {
    const all = await outcomes()
    const problems = runnable.filter((block) => block.page === page).flatMap((block) => {
      const { output, error } = all.get(block)!
      const place = `${page}:${block.line}`
      if (error !== undefined) return [`${place}: ${error}\n${output}`]
      if (block.output === undefined || matches(output, block.output)) return []
      return [`${place} prints\n${output}\n, and the page shows\n${block.output}`]
    })
    assert(problems.length === 0, problems.join("\n\n"))
  })
}

test("a block is seen to print something else than its page shows", () => {
  const [block] = blocksOf("page.md", "# Page\n\n```ts\nconsole.log(1)\n```\n\n```text\nrow 1, score ...\n```\n")
  assert(block?.output !== undefined)
  assertEquals([block.line, block.target], [4, "lite"])
  assertEquals(
    ["row 1, score 0.5\n", "row 2, score 0.5", "row 1, score 0.5\nrow 2"].map((output) =>
      matches(output, block.output!)
    ),
    [true, false, false],
  )
})
