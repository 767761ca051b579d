/** Commands for resource groups, replicas and databases, in this process and on Milvus 2.3.5. */
import { assertEquals, assertStringIncludes } from "@std/assert"
import * as Effect from "effect/Effect"
import { complete } from "../../src/cli/completion.ts"
import { program } from "../../src/cli/program.ts"
import { makeShellConnections, ShellConnections } from "../../src/cli/shellConnections.ts"
import { shared, startMilvus } from "../support/milvus.ts"
import { test } from "../support/test.ts"
import { execute } from "./execute.ts"
import { startRecording } from "./recording.ts"

const limit = (count: number) => ({ node_num: count })

const group = {
  name: "batch",
  capacity: 2,
  num_available_node: 1,
  num_loaded_replica: { books: 1 },
  config: {
    requests: limit(1),
    limits: limit(2),
    transfer_from: [{ resource_group: "a" }],
    node_filter: { node_labels: [{ key: "zone", value: "x" }] },
  },
  nodes: [{ node_id: 7n, address: "10.0.0.7:21123", hostname: "seven" }],
}

test("resource groups are listed, described, created and dropped only if they exist", async () => {
  await using milvus = await startRecording({
    ListResourceGroups: { resource_groups: ["__default_resource_group", "batch"] },
    DescribeResourceGroup: { resource_group: group },
    CreateResourceGroup: {},
    DropResourceGroup: {},
  })
  assertEquals(
    (await milvus.run("list resource-groups")).out,
    '{"name":"__default_resource_group"}\n{"name":"batch"}\n',
  )
  assertEquals(JSON.parse((await milvus.run("describe resource-group batch")).out), {
    name: "batch",
    capacity: 2,
    "available nodes": 1,
    requests: 1,
    limits: 2,
    "transfer from": ["a"],
    "node labels": { zone: "x" },
    replicas: { books: 1 },
    nodes: [{ node: 7, address: "10.0.0.7:21123", host: "seven" }],
  })
  const flags = "--requests 1 --limits 2 --transfer-from a,b --transfer-to c --node-label zone=x"
  assertEquals((await milvus.run(`create resource-group batch ${flags}`)).out, '{"created":"batch"}\n')
  const sent = milvus.requests.at(-1)?.[1]
  assertEquals(sent?.resource_group, "batch")
  // Cast: the configuration, of which each part is checked.
  const config = sent?.config as typeof group.config & { readonly transfer_to: unknown }
  assertEquals([config.requests.node_num, config.limits.node_num], [1, 2])
  assertEquals([config.transfer_from, config.transfer_to], [
    [{ resource_group: "a" }, { resource_group: "b" }],
    [{ resource_group: "c" }],
  ])
  assertEquals(config.node_filter.node_labels, [{ key: "zone", value: "x" }])
  milvus.requests.length = 0
  assertEquals((await milvus.run("drop resource-group batch --yes")).out, '{"dropped":"batch"}\n')
  assertEquals(milvus.requests.map(([method]) => method), ["DescribeResourceGroup", "DropResourceGroup"])
})

test("alter resource-group keeps what is not given, and refuses to change nothing", async () => {
  await using milvus = await startRecording({
    DescribeResourceGroup: { resource_group: group },
    UpdateResourceGroups: {},
  })
  assertEquals((await milvus.run("alter resource-group batch --limits 4")).out, '{"altered":"batch"}\n')
  // Cast: the configuration, of which each part is checked.
  const groups = milvus.requests.at(-1)?.[1].resource_groups as { readonly batch: typeof group.config }
  assertEquals([groups.batch.requests.node_num, groups.batch.limits.node_num], [1, 4])
  assertEquals(groups.batch.transfer_from, [{ resource_group: "a" }])
  assertEquals(groups.batch.node_filter.node_labels, [{ key: "zone", value: "x" }])
  milvus.requests.length = 0
  const nothing = await milvus.run("alter resource-group batch")
  assertEquals([nothing.code, milvus.requests], [2, []])
  assertStringIncludes(nothing.err, "expected something to change. Give --requests, --limits")
})

test("replicas are described, and they and nodes are transferred", async () => {
  await using milvus = await startRecording({
    GetReplicas: {
      replicas: [{
        replicaID: 3n,
        resource_group_name: "batch",
        node_ids: [7n, 8n],
        shard_replicas: [{ leaderID: 7n, leader_addr: "h:1", dm_channel_name: "c" }],
      }],
    },
    TransferReplica: {},
    TransferNode: {},
  })
  assertEquals(
    (await milvus.run("describe replicas books")).out,
    '{"replica":3,"group":"batch","nodes":"7 8","shard":"c","leader":7,"address":"h:1"}\n',
  )
  assertEquals(
    (await milvus.run("transfer replica books a b")).out,
    '{"transferred":1,"collection":"books","from":"a","to":"b"}\n',
  )
  assertEquals((await milvus.run("transfer node a b --nodes 2")).out, '{"transferred":2,"from":"a","to":"b"}\n')
  const [replica, node] = milvus.requests.slice(1).map(([, request]) => request)
  assertEquals(
    [replica?.collection_name, replica?.source_resource_group, replica?.target_resource_group, replica?.num_replica],
    ["books", "a", "b", 1n],
  )
  assertEquals([node?.source_resource_group, node?.target_resource_group, node?.num_node], ["a", "b", 2])
})

test("alter database sets properties, or drops them", async () => {
  await using milvus = await startRecording({ AlterDatabase: {} })
  assertEquals(
    (await milvus.run("alter database sales --property database.max.collections=9")).out,
    '{"altered":"sales"}\n',
  )
  await milvus.run("alter database sales --drop database.max.collections --drop a")
  assertEquals(milvus.requests.map(([, { db_name, properties, delete_keys }]) => [db_name, properties, delete_keys]), [
    ["sales", [{ key: "database.max.collections", value: "9" }], []],
    ["sales", [], ["database.max.collections", "a"]],
  ])
})

test("names of resource groups and snapshots complete, but not of one that is created", async () => {
  await using milvus = await startRecording({
    ListResourceGroups: { resource_groups: ["batch"] },
    ListSnapshots: { snapshots: ["monday"] },
  }, "v3.0.1")
  const found = await Effect.runPromise(Effect.scoped(Effect.gen(function* () {
    const shellState = yield* makeShellConnections(true)
    yield* shellState.connections.connect({ alias: "default", address: `127.0.0.1:${milvus.port}` })
    return yield* Effect.forEach(
      ["alter resource-group ", "transfer node a ", "drop snapshot books ", "create resource-group "],
      (line) => Effect.provideService(complete(program, line), ShellConnections, shellState),
    )
  })))
  assertEquals(found.map(([words]) => words), [["batch "], ["batch "], ["monday "], []])
  assertEquals(milvus.requests.at(-1)?.[1].collection_name, "books")
})

const milvus = shared(startMilvus)

test("Milvus 2.3.5: resource groups, nodes, replicas and imports by the server", async () => {
  const run = (line: string) => execute([...line.split(" "), "-p", `${milvus().port}`, "-o", "ndjson"])
  const out = async (line: string) => {
    const { code, out, err } = await run(line)
    assertEquals([code, err], [0, ""], line)
    return out
  }
  await out("create resource-group batch")
  assertEquals(
    (await out("list resource-groups")).trim().split("\n").map((line) => JSON.parse(line).name).toSorted(),
    ["__default_resource_group", "batch"],
  )
  await out("transfer node __default_resource_group batch")
  assertEquals(JSON.parse(await out("describe resource-group batch"))["available nodes"], 1)
  await out("transfer node batch __default_resource_group")
  const tooOld = await run("alter resource-group batch --limits 1")
  assertEquals(tooOld.code, 1)
  assertStringIncludes(tooOld.err, "2.4.0")
  await out("drop resource-group batch --yes")
  assertEquals((await run("drop resource-group batch --yes")).code, 1)

  await out("create collection books --dimension 2")
  const [replica] = (await out("describe replicas books")).trim().split("\n").map((line) => JSON.parse(line))
  assertEquals(replica.group, "__default_resource_group")
  const noReplica = await run("transfer replica books __default_resource_group batch")
  assertEquals([noReplica.code, noReplica.out], [1, ""])
  const missing = await run("bulk-import books missing.json")
  assertEquals([missing.code, missing.out], [1, ""])
  const listed = await out("list imports --collection books --limit 1")
  const failed = JSON.parse(listed)
  assertEquals([failed.state, failed.collection, failed.files], ["Failed", "books", "missing.json"])
  assertStringIncludes(failed.failure, "no such file")
  // The id has more digits than a number of JavaScript.
  assertEquals(await out(`describe import ${/"id":(\d+)/.exec(listed)?.[1]}`), listed)
  await out("drop collection books --yes")
})
