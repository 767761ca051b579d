/** Commands for partitions, aliases, indexes and file resources, in this process. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert"
import * as Effect from "effect/Effect"
import type { FakeMilvus } from "../../src/testing/mod.ts"
import { test } from "../support/test.ts"
import { execute, runner } from "./execute.ts"
import { startFake } from "./program.ts"

type Fake = Awaited<ReturnType<typeof startFake>>

/** Answers an RPC with success, and returns the requests. */
const recorded = async (fake: Fake, method: FakeMilvus.Method, reply: object = {}): Promise<Array<object>> => {
  const requests: Array<object> = []
  await Effect.runPromise(fake.server.handle(method, (request) => {
    requests.push(request)
    // Cast: a reply of the method.
    return Effect.succeed(reply as never)
  }))
  return requests
}

test("partitions are created, listed, described, released, loaded and dropped", async () => {
  await using milvus = await startFake()
  const run = runner(milvus)
  await run("create collection books --dimension 2")
  await run("create partition books old")
  const listed = (await run("list partitions books")).trim().split("\n").map((line) => JSON.parse(line))
  assertEquals(listed.map(({ name }) => name).toSorted(), ["_default", "old"])
  assert(listed.every(({ created }) => typeof created === "string"))
  assertEquals(JSON.parse(await run("describe partition books old")), {
    name: "old",
    collection: "books",
    rows: 0,
    load: "Loaded",
  })
  await run("release partition books old")
  assertEquals(JSON.parse(await run("describe partition books old")).load, "NotLoad")
  await run("load partition books old")
  await run("release collection books")
  assertEquals(JSON.parse(await run("drop partition books old --yes")), { dropped: "old", collection: "books" })
  const gone = await execute(["drop", "partition", "books", "old", "--yes", "-p", milvus.port])
  assertEquals([gone.code, gone.out], [1, ""])
  assertStringIncludes(gone.err, "partition")
})

test("aliases are created, moved, listed with their collections, described and dropped", async () => {
  await using milvus = await startFake()
  const run = runner(milvus)
  await run("create collection a --dimension 2")
  await run("create collection b --dimension 2")
  await run("create alias current a")
  assertEquals(await run("list aliases"), '{"alias":"current","collection":"a"}\n')
  await run("create alias current b --move")
  assertEquals(await run("list aliases a"), "")
  assertEquals(await run("list aliases current"), '{"alias":"current","collection":"b"}\n')
  assertEquals(JSON.parse(await run("describe alias current")).collection, "b")
  assertEquals(await run("drop alias current --yes"), '{"dropped":"current"}\n')
  const gone = await execute(["drop", "alias", "current", "--yes", "-p", milvus.port])
  assertEquals([gone.code, gone.out], [1, ""])
})

test("alter index sets properties, or drops them", async () => {
  await using milvus = await startFake({ version: "v2.6.2" })
  const run = runner(milvus)
  const requests = await recorded(milvus, "AlterIndex")
  await run("alter index books v --property mmap.enabled=true --property a=b=c")
  await run("alter index books v --drop mmap.enabled --drop a")
  // Cast: the fields that matter here.
  const seen = requests as ReadonlyArray<{ readonly extra_params: unknown; readonly delete_keys: unknown }>
  assertEquals(seen.map(({ extra_params, delete_keys }) => ({ extra_params, delete_keys })), [
    { extra_params: [{ key: "mmap.enabled", value: "true" }, { key: "a", value: "b=c" }], delete_keys: [] },
    { extra_params: [], delete_keys: ["mmap.enabled", "a"] },
  ])
})

test("describe index --wait waits until the index is built", async () => {
  await using milvus = await startFake()
  const run = runner(milvus)
  const states = ["InProgress", "InProgress", "Finished"] as const
  let polls = 0
  await Effect.runPromise(milvus.server.handle("DescribeIndex", () =>
    Effect.succeed({
      index_descriptions: [{ index_name: "v", field_name: "v", state: states[Math.min(polls++, 2)]! }],
    })))
  assertEquals(JSON.parse(await run("describe index books v")).state, "InProgress")
  assertEquals(JSON.parse(await run("describe index books v --wait")).state, "Finished")
})

test("file resources are listed, created and dropped", async () => {
  await using milvus = await startFake()
  const run = runner(milvus)
  const added = await recorded(milvus, "AddFileResource")
  const removed = await recorded(milvus, "RemoveFileResource")
  await recorded(milvus, "ListFileResources", { resources: [{ id: 3, name: "stops", path: "dict/stops.txt" }] })
  assertEquals(await run("create file-resource stops dict/stops.txt"), '{"created":"stops","path":"dict/stops.txt"}\n')
  assertEquals(JSON.parse(await run("list file-resources")), { name: "stops", path: "dict/stops.txt", id: 3 })
  await run("drop file-resource stops --yes")
  assertEquals([added.length, removed.length], [1, 1])
})

test("a command that the server is too old for names the version that it needs", async () => {
  await using milvus = await startFake({ version: "v2.4.0" })
  const { code, out, err } = await execute(["list", "file-resources", "-p", milvus.port])
  assertEquals([code, out], [1, ""])
  assertStringIncludes(err, "2.6.1")
})
