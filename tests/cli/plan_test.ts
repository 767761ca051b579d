/** `plan` and `apply`, in this process, with files of definitions. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert"
import * as Effect from "effect/Effect"
import { test } from "../support/test.ts"
import { makeFolder } from "../support/package.ts"
import { execute, runner } from "./execute.ts"
import { startFake } from "./program.ts"

const url = (path: string) => JSON.stringify(new URL(`../../${path}`, import.meta.url).href)

const definitions = (aliases: string) => `
import { Collection, Field, Index } from ${url("mod.ts")}
import * as Schema from ${url("src/plan/mod.ts")}

const Books = Collection.define("books", {
  id: Field.int64({ primaryKey: true }),
  vector: Field.floatVector({ dimension: 2 }),
}, { indexes: { vector: Index.flat({ metric: "L2" }) } })

export default Schema.define({ collections: [Books], aliases: ${aliases} })
`

test("plan shows the steps and changes nothing; apply asks, makes them, and has nothing to do again", async () => {
  await using milvus = await startFake()
  await using folder = await makeFolder({ "milvus.ts": definitions("{ current: Books }") })
  const file = `${folder.path}/milvus.ts`
  const run = runner(milvus)
  const shown = await execute(["plan", file, "-p", milvus.port])
  assertEquals([shown.code, shown.err], [0, ""])
  assertStringIncludes(shown.out, '  + create collection "books": it is not on the server\n')
  assertMatch(shown.out, /\n4 to make\n$/)
  const rows = (await run(`plan ${file}`)).trim().split("\n").map((line) => JSON.parse(line))
  assertEquals(rows.map(({ kind, drops }) => [kind, drops]), [
    ["CreateCollection", false],
    ["CreateIndex", false],
    ["LoadCollection", false],
    ["CreateAlias", false],
  ])
  assertEquals(await run("list collections"), "")

  const unasked = await execute(["apply", file, "-p", milvus.port])
  assertEquals(unasked.code, 2)
  assertMatch(unasked.err, /\nerror: cannot ask for confirmation without a terminal. Add --yes\.\n$/)
  const denied = await execute(["apply", file, "-p", milvus.port], { answers: ["n"] })
  assertEquals(denied.code, 1)
  assertStringIncludes(denied.err, "Make 4 of 4 steps? [y/N] ")
  assertEquals(await run("list collections"), "")

  const made = await execute(["apply", file, "-p", milvus.port], { answers: ["y"] })
  assertEquals([made.code, made.out], [0, "made 4 steps\n"])
  assertStringIncludes(made.err, 'done: create alias "current" of "books"\n')
  assertEquals(JSON.parse(await run("describe alias current")).collection, "books")
  assertEquals(await run(`apply ${file}`), '{"made":0,"kept":0}\n')
  const nothing = await execute(["plan", file, "-p", milvus.port])
  assertMatch(nothing.out, /: as defined, nothing to do\n$/)
})

test("apply drops only with --allow-drop, and reads a file that has changed", async () => {
  await using milvus = await startFake()
  await using folder = await makeFolder({ "milvus.ts": definitions("{ current: Books }") })
  const file = `${folder.path}/milvus.ts`
  const run = runner(milvus)
  await execute(["apply", file, "--yes", "-p", milvus.port])
  await Deno.writeTextFile(file, definitions("{}"))
  // Files are told apart by the time of their last change.
  await Deno.utime(file, new Date(), new Date(Date.now() + 5000))
  const kept = await execute(["apply", file, "--yes", "-p", milvus.port])
  assertEquals([kept.code, kept.out], [0, "made 0 steps; 1 need --allow-drop\n"])
  assertEquals(JSON.parse(await run("describe alias current")).collection, "books")
  const dropped = await execute(["apply", file, "--yes", "--allow-drop", "-p", milvus.port])
  assertEquals([dropped.code, dropped.out], [0, "made 1 steps\n"])
  assertEquals((await execute(["describe", "alias", "current", "-p", milvus.port])).code, 1)
})

test("the errors of apply have a hint: a step that fails, a conflict, and a file without definitions", async () => {
  await using milvus = await startFake()
  await using folder = await makeFolder({
    "milvus.ts": definitions("{ current: Books }"),
    "conflict.ts": definitions('{ current: "nothing" }'),
    "wrong.ts": definitions("{ books: Books }"),
    "empty.ts": "export const one = 1",
    "broken.ts": "export default (",
  })
  const apply = (name: string) => execute(["apply", `${folder.path}/${name}`, "--yes", "-p", milvus.port])
  await Effect.runPromise(milvus.server.fail("CreateAlias", { code: 65535, reason: "etcd is gone" }))
  const failed = await apply("milvus.ts")
  assertEquals([failed.code, failed.out], [1, ""])
  assertMatch(failed.err, /error: after 3 steps, this one failed: create alias .*etcd is gone.*Apply the file again/)
  const conflict = await apply("conflict.ts")
  assertEquals([conflict.code, conflict.out], [1, ""])
  assertMatch(conflict.err, /^error: the plan has conflicts.*no collection is named "nothing"\. Change the definitions/)
  const wrong = await apply("wrong.ts")
  assertEquals(wrong.code, 2)
  assertMatch(wrong.err, /^error: aliases\.books: expected a name that no collection of the definitions has/)
  const empty = await apply("empty.ts")
  assertEquals(empty.code, 2)
  assertMatch(empty.err, /^error: .*empty\.ts: expected definitions as the default export\. Write export default/)
  for (const name of ["broken.ts", "none.ts"]) {
    const { code, err } = await apply(name)
    assertEquals(code, 1)
    assert(/^error: .* cannot be imported: /.test(err), err)
  }
})
