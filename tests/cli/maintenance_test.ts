/** Commands for maintenance and the server, and those that change collections, in this process. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert"
import * as Effect from "effect/Effect"
import { shared, startMilvus, startMilvusLite } from "../support/milvus.ts"
import { test } from "../support/test.ts"
import { execute, runner } from "./execute.ts"
import { type Fake, startFake } from "./program.ts"

const lite = shared(startMilvusLite)
const full = shared(startMilvus)

for (const [engine, server] of [["milvus-lite", lite], ["Milvus 2.3.5", full]] as const) {
  test(`${engine}: a collection is altered, flushed, compacted and listed`, async () => {
    const run = runner(server())
    await run("create collection books --dimension 2")
    await run("insert books", '{"id":1,"vector":[1,2]}')
    const [listed] = (await run("list collections")).split("\n").map((line) => JSON.parse(line || "{}"))
    assertEquals([listed.name, listed.loaded], ["books", "yes"])
    assertEquals(
      await run("alter collection books --property collection.ttl.seconds=3600"),
      '{"altered":"books"}\n',
    )
    const described = JSON.parse(await run("describe collection books"))
    assertEquals([described.load, described.properties], ["Loaded", { "collection.ttl.seconds": "3600" }])
    assertEquals(await run("flush books"), '{"flushed":"books"}\n')
    assertEquals(JSON.parse(await run("compact books")).compacted, "books")
    assertEquals(JSON.parse(await run("health")).healthy, true)
    await run("release collection books")
    assertStringIncludes(await run("list collections"), '"name":"books","loaded":"no"')
    await run("drop collection books --yes")
  })
}

test("milvus-lite: truncate removes all rows, and the collection stays", async () => {
  const run = runner(lite())
  await run("create collection pages --dimension 2")
  await run("insert pages", '[{"id":1,"vector":[1,2]},{"id":2,"vector":[1,2]}]')
  const refused = await execute(["truncate", "pages", "-p", `${lite().port}`])
  assertEquals([refused.code, refused.out], [2, ""])
  assertEquals(JSON.parse(await run("describe collection pages")).rows, 2)
  assertEquals(await run("truncate pages --yes"), '{"truncated":"pages"}\n')
  assertEquals(JSON.parse(await run("describe collection pages")).rows, 0)
  await run("drop collection pages --yes")
})

test("Milvus 2.3.5: everything is flushed, a collection is optimized and moved, segments and nodes are listed", async () => {
  const run = runner(full())
  await run("create collection leaves --dimension 2")
  await run("insert leaves", '[{"id":1,"vector":[1,2]},{"id":2,"vector":[1,2]}]')
  assertEquals(await run("flush --all"), '{"flushed":"all"}\n')
  // The state of a segment follows a while after a flush of everything.
  await run("flush leaves")
  const [segment] = (await run("list segments leaves")).trim().split("\n").map((line) => JSON.parse(line))
  assertEquals([segment.rows, segment.state], [2, "Flushed"])
  assertEquals(await run("optimize leaves"), '{"optimized":"leaves"}\n')
  const loaded = JSON.parse((await run("list segments leaves --loaded")).split("\n")[0]!)
  assert(loaded.nodes.length > 0 && typeof loaded.bytes === "number", JSON.stringify(loaded))
  const metrics = JSON.parse(await run("metrics"))
  assert(metrics.nodes_info.length > 0)
  const { out } = await execute(["metrics", "-p", `${full().port}`])
  assertMatch(out, /node .*cores.*memory used .*disk/)
  assertStringIncludes(out, metrics.nodes_info[0].infos.name)
  const health = JSON.parse(await run("health"))
  assertEquals(health.components[0], { component: "proxy", node: health.components[0].node, state: "Healthy" })
  await run("create database attic")
  await run("rename collection leaves old --into-database attic")
  assertStringIncludes(await run("list collections --database attic"), '"name":"old"')
  await run("drop collection old --yes --database attic")
  await run("drop database attic --yes")
})

const handle = (fake: Fake, method: Parameters<Fake["server"]["handle"]>[0], reply: object) =>
  // Cast: a reply of the method.
  Effect.runPromise(fake.server.handle(method, () => Effect.succeed(reply as never)))

test("compact prints the id with --no-wait, the number of plans, and the reason of a failure", async () => {
  await using milvus = await startFake({ version: "v2.6.8" })
  const run = runner(milvus)
  await handle(milvus, "ManualCompaction", { compactionID: 9n, compactionPlanCount: 2 })
  await handle(milvus, "GetCompactionState", { state: "Completed", completedPlanNo: 2n })
  assertEquals(await run("compact books --no-wait"), '{"compacting":"books","id":9}\n')
  assertEquals(await run("compact books --target-size 2048"), '{"compacted":"books","id":9,"plans":2}\n')
  const plan = { plan_id: 3n, sources: [1n, 2n], target: 4n, type: "CompactionTypeMix", failure_reason: "no space" }
  await handle(milvus, "GetCompactionState", { state: "Completed", completedPlanNo: 1n, failedPlanNo: 1n })
  await handle(milvus, "GetCompactionStateWithPlans", { mergeInfos: [plan] })
  const described = JSON.parse(await run("describe compaction 9"))
  assertEquals([described.state, described.completed, described.failed], ["Completed", 1, 1])
  assertEquals([described.plans[0].sources, described.plans[0].targets, described.plans[0].failure], [
    "1 2",
    "4",
    "no space",
  ])
  const failed = await execute(["compact", "books", "-p", milvus.port])
  assertEquals([failed.code, failed.out], [1, ""])
  assertStringIncludes(failed.err, "plan 3: no space")
  await handle(milvus, "ManualCompaction", { compactionID: -1n })
  assertEquals(await run("compact books"), '{"compacted":"books","plans":0}\n')
})

test("health of a server that is not healthy is printed, with exit code 1", async () => {
  await using milvus = await startFake()
  await handle(milvus, "CheckHealth", { isHealthy: false, reasons: ["no space"], quota_states: ["DenyToWrite"] })
  const { code, out, err } = await execute(["health", "-p", milvus.port, "-o", "ndjson"])
  assertEquals([code, err], [1, "error: the server is not healthy\n"])
  const { healthy, reasons, quotas } = JSON.parse(out)
  assertEquals([healthy, reasons, quotas], [false, ["no space"], ["DenyToWrite"]])
})

test("alter field sets properties, or drops them", async () => {
  await using milvus = await startFake({ version: "v2.6.2" })
  const run = runner(milvus)
  // Cast: the fields that matter here.
  const requests: Array<{ readonly field_name: unknown; readonly properties: unknown; readonly delete_keys: unknown }> =
    []
  await Effect.runPromise(milvus.server.handle("AlterCollectionField", (request) => {
    requests.push(request)
    return Effect.succeed({})
  }))
  await run("alter field books title --property max_length=500")
  await run("alter field books title --drop mmap.enabled")
  assertEquals(
    requests.map(({ field_name, properties, delete_keys }) => [field_name, properties, delete_keys]),
    [["title", [{ key: "max_length", value: "500" }], []], ["title", [], ["mmap.enabled"]]],
  )
})
