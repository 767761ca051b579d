/**
 * Every TypeScript block of the README and of the guides is type-checked, and runs as a program of its own against a
 * server. The output that a page shows after a block is what the block prints.
 */
import { assert, assertEquals } from "@std/assert"
import * as Effect from "effect/Effect"
import { FakeMilvus } from "../../src/testing/mod.ts"
import { rootCredentials, startMilvus, startMilvusLite } from "../support/milvus.ts"
import { execute, makeFolder, succeed, writeFiles } from "../support/package.ts"
import { pythonWith } from "../support/python.ts"
import { test } from "../support/test.ts"
import { address, type Block, blocksOf, fileOf, matches, pages, programOf, root } from "./blocks.ts"
import type { Outcome } from "./run_blocks.ts"

const blocks = pages().flatMap((page) => blocksOf(page, Deno.readTextFileSync(root + page)))
const runnable = blocks.filter(({ target }) => target !== "ignore")

const config = `--config=${root}deno.json`

/** Runs all blocks in one process, once. */
const outcomes = () => ran ??= runAll()
let ran: Promise<ReadonlyMap<Block, Outcome>> | undefined

async function runAll(): Promise<ReadonlyMap<Block, Outcome>> {
  const [lite, milvus] = await Promise.all([startMilvusLite(), startMilvus({ authorization: true })])
  try {
    return await Effect.runPromise(Effect.scoped(Effect.gen(function* () {
      const fake = yield* FakeMilvus.make()
      return yield* Effect.promise(() => runOn({ lite: lite.address, milvus: milvus.address, fake: fake.address }))
    })))
  } finally {
    await Promise.all([lite[Symbol.asyncDispose](), milvus[Symbol.asyncDispose]()])
  }
}

type Addresses = Readonly<Record<Block["target"] & ("lite" | "milvus" | "fake"), string>>

async function runOn(addresses: Addresses): Promise<ReadonlyMap<Block, Outcome>> {
  const serverOf = ({ target }: Block) => target === "ignore" ? address : addresses[target]
  const { user, password } = rootCredentials
  await using folder = await makeFolder()
  const programs = runnable.map((block) => ({
    file: `${folder.path}/${fileOf(block)}`,
    uri: `http://${block.target === "milvus" ? `${user}:${password}@` : ""}${serverOf(block)}`,
  }))
  await writeFiles(
    folder.path,
    Object.fromEntries(runnable.map((block) => [fileOf(block), programOf(block, serverOf(block))])),
  )
  await writeFiles(folder.path, { "programs.json": JSON.stringify(programs) })
  const files = ["programs.json", "outcomes.json"].map((name) => `${folder.path}/${name}`)
  await succeed(
    Deno.execPath(),
    ["run", "-A", "--quiet", "--no-check", config, `${root}tests/docs/run_blocks.ts`, ...files],
    { cwd: folder.path, env: { MILVUS_PYTHON: await pythonWith("milvus-lite") } },
  )
  const found: ReadonlyArray<Outcome> = JSON.parse(await Deno.readTextFile(files[1]!))
  return new Map(runnable.map((block, at) => {
    const { output, ...rest } = found[at]!
    return [block, { ...rest, output: output.replaceAll(serverOf(block), address) }]
  }))
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
    assertEquals(problems, [], problems.join("\n\n"))
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
