/** Commands for imports and snapshots, whose jobs outlive them, in this process. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert"
import { eventually } from "../support/sockets.ts"
import { test } from "../support/test.ts"
import { makeHome } from "./program.ts"
import { startRecording } from "./recording.ts"

const percent = (value: number) => ({ key: "progress_percent", value: `${value}` })
const pending = { id: 42n, state: "ImportPending" }
const half = { id: 42n, state: "ImportStarted", infos: [percent(50)] }
const done = {
  id: 42n,
  state: "ImportCompleted",
  row_count: 1200n,
  infos: [{ key: "files", value: "a.csv" }, { key: "collection", value: "books" }],
  create_ts: 1700000000n,
}
const failed = { id: 42n, state: "ImportFailed", infos: [{ key: "failed_reason", value: "no primary key" }] }

test("bulk-import waits for the import, and prints its ids and rows", async () => {
  await using milvus = await startRecording({ Import: { tasks: [42n] }, GetImportState: [pending, half, done] })
  const { code, out, err } = await milvus.run(
    "bulk-import books a.csv b.csv --partition p --setting sep=; --setting a=b",
  )
  assertEquals([code, out, err], [0, '{"imported":"books","ids":[42],"rows":1200}\n', ""])
  const [[, request], ...polls] = milvus.requests as [typeof milvus.requests[0], ...typeof milvus.requests]
  assertEquals([request.collection_name, request.partition_name, request.files, request.options], [
    "books",
    "p",
    ["a.csv", "b.csv"],
    [{ key: "sep", value: ";" }, { key: "a", value: "b" }],
  ])
  assertEquals(polls.map(([method, { task }]) => [method, task]), Array(3).fill(["GetImportState", 42n]))
})

test("bulk-import --no-wait prints the ids, with which describe import waits", async () => {
  await using milvus = await startRecording({ Import: { tasks: [42n, 43n] }, GetImportState: [half, done] })
  const started = await milvus.run("bulk-import books a.csv --no-wait")
  assertEquals(started, { code: 0, out: '{"importing":"books","ids":[42,43]}\n', err: "" })
  assertEquals(milvus.requests.map(([method]) => method), ["Import"])
  const now = JSON.parse((await milvus.run("describe import 42")).out)
  assertEquals([now.id, now.state, now.percent], [42, "Started", 50])
  assertEquals(JSON.parse((await milvus.run("describe import 42 --wait")).out), {
    id: 42,
    state: "Completed",
    percent: 100,
    rows: 1200,
    collection: "books",
    files: "a.csv",
    created: "2023-11-14T22:13:20.000Z",
  })
  assertEquals(milvus.requests.slice(1).map(([, { task }]) => task), [42n, 42n])
})

test("a failed import fails the wait with the reason of the server; describe import shows it", async () => {
  await using milvus = await startRecording({ Import: { tasks: [42n] }, GetImportState: failed })
  for (const line of ["bulk-import books a.csv", "describe import 42 --wait"]) {
    const { code, out, err } = await milvus.run(line)
    assertEquals([code, out], [1, ""])
    assertStringIncludes(err, "import 42 failed: no primary key")
  }
  const { code, out } = await milvus.run("describe import 42")
  assertEquals([code, JSON.parse(out).failure], [0, "no primary key"])
})

test("list imports lists all, or some of a collection", async () => {
  await using milvus = await startRecording({ ListImportTasks: { tasks: [done, failed] } })
  const { out } = await milvus.run("list imports --collection books --limit 7")
  assertEquals(out.trim().split("\n").map((line) => JSON.parse(line).state), ["Completed", "Failed"])
  await milvus.run("list imports")
  assertEquals(milvus.requests.map(([, { collection_name, limit }]) => [collection_name, limit]), [
    ["books", 7n],
    ["", 0n],
  ])
})

test("ids of jobs that are not positive 64-bit integers are refused before anything is sent", async () => {
  await using milvus = await startRecording({ GetImportState: done, GetRestoreSnapshotState: {} })
  for (const id of ["0", "x", "1.5", "9223372036854775808", "0x1", "1_0"]) {
    for (const noun of ["import", "restore", "export"]) {
      const { code, err } = await milvus.run(`describe ${noun} ${id}`)
      assertEquals(code, 2, err)
      assertStringIncludes(err, "a positive 64-bit integer")
    }
  }
  assertEquals(milvus.requests, [])
})

test("Ctrl-C leaves an import running, and tells how to wait for it again", async () => {
  await using milvus = await startRecording({ Import: { tasks: [42n] }, GetImportState: half })
  await using home = await makeHome()
  await using terminal = await home.open(["bulk-import", "books", "a.csv", "-p", milvus.port])
  await terminal.shows("50 %")
  await eventually(() => Promise.resolve(milvus.requests.length > 3), { timeout: 20_000 })
  await terminal.type("\x03")
  await terminal.shows("import 42 goes on; wait for it again: describe import 42 --wait")
  assertEquals(await terminal.exit(), 130)
})

const job = { job_id: 9n, snapshot_name: "monday", db_name: "default", collection_name: "books_monday" }
const restoring = { info: { ...job, state: "RestoreSnapshotExecuting", progress: 40, time_cost: 1500n } }
const restored = { info: { ...job, state: "RestoreSnapshotCompleted", progress: 100, time_cost: 2500n } }

test("snapshots are created, listed, described and dropped only if they exist", async () => {
  await using milvus = await startRecording({
    CreateSnapshot: {},
    ListSnapshots: { snapshots: ["monday", "tuesday"] },
    DescribeSnapshot: {
      name: "monday",
      collection_name: "books",
      partition_names: ["_default"],
      create_ts: 1700000000000n,
      s3_location: "snapshots/1",
      skip_index: true,
    },
    DropSnapshot: {},
  }, "v3.0.1")
  const created = await milvus.run("create snapshot books monday --description x --skip-indexes")
  assertEquals(created, { code: 0, out: '{"created":"monday","collection":"books"}\n', err: "" })
  await milvus.run("create snapshot books monday")
  assertEquals((await milvus.run("list snapshots books")).out, '{"name":"monday"}\n{"name":"tuesday"}\n')
  assertEquals(JSON.parse((await milvus.run("describe snapshot books monday")).out), {
    name: "monday",
    collection: "books",
    partitions: ["_default"],
    created: "2023-11-14T22:13:20.000Z",
    location: "snapshots/1",
    "has indexes": false,
  })
  const kept = await milvus.run("drop snapshot books monday")
  assertEquals(kept.code, 2)
  assertEquals(
    (await milvus.run("drop snapshot books monday --yes")).out,
    '{"dropped":"monday","collection":"books"}\n',
  )
  const [first, second, ...others] = milvus.requests
  assertEquals([first, second].map((sent) => [sent?.[1].description, sent?.[1].skip_index]), [["x", true], ["", false]])
  assertEquals(others.map(([method]) => method), [
    "ListSnapshots",
    "DescribeSnapshot",
    "DescribeSnapshot",
    "DescribeSnapshot",
    "DropSnapshot",
  ])
})

test("restore snapshot waits for the restore; describe restore shows it, and waits for it", async () => {
  await using milvus = await startRecording({
    RestoreSnapshot: { job_id: 9n },
    RestoreExternalSnapshot: { job_id: 9n },
    GetRestoreSnapshotState: [restoring, restored, restoring, restoring, restored],
    ListRestoreSnapshotJobs: { jobs: [restored.info] },
  }, "v3.0.1")
  const flags = "--into-database sales --rewrite-data --skip-indexes"
  const { code, out, err } = await milvus.run(`restore snapshot books monday books_monday ${flags}`)
  assertEquals([code, out, err], [0, '{"restored":"books_monday","id":9}\n', ""])
  const sent = milvus.requests[0]![1]
  assertEquals(
    [sent.collection_name, sent.name, sent.target_collection_name, sent.target_db_name, sent.rewrite_data],
    ["books", "monday", "books_monday", "sales", true],
  )
  assertEquals(sent.skip_index, true)
  const shown = JSON.parse((await milvus.run("describe restore 9")).out)
  assertEquals([shown.state, shown.percent, shown.seconds], ["Executing", 40, 1.5])
  assertEquals(JSON.parse((await milvus.run("describe restore 9 --wait")).out).state, "Completed")
  milvus.requests.length = 0
  const line = "restore exported-snapshot s3://b/meta books_monday --external-spec {} --no-wait"
  assertEquals((await milvus.run(line)).out, '{"restoring":"books_monday","id":9}\n')
  const external = milvus.requests.map(([method, request]) => [
    method,
    request.snapshot_metadata_uri,
    request.target_collection_name,
    request.external_spec,
  ])
  assertEquals(external, [["RestoreExternalSnapshot", "s3://b/meta", "books_monday", "{}"]])
  assertEquals(JSON.parse((await milvus.run("list restores books")).out).snapshot, "monday")
  assertEquals(milvus.requests.at(-1)?.[1].collection_name, "books")
})

test("export-snapshot waits for the export, and prints what restore needs", async () => {
  const info = { ...job, state: "ExportSnapshotCompleted", progress: 100, total_files: 3n, copied_files: 3n }
  await using milvus = await startRecording({
    ExportSnapshot: { job_id: 9n },
    GetExportSnapshotState: { info: { ...info, total_bytes: 2048n, snapshot_metadata_uri: "s3://b/meta" } },
  }, "v3.0.1")
  assertEquals(JSON.parse((await milvus.run("export-snapshot books monday backups/monday")).out), {
    exported: "monday",
    collection: "books",
    id: 9,
    metadata: "s3://b/meta",
    files: 3,
    bytes: 2048,
  })
  assertEquals(milvus.requests[0]?.[1].target_s3_path, "backups/monday")
  const shown = JSON.parse((await milvus.run("describe export 9")).out)
  assertEquals([shown.state, shown["copied files"], shown.metadata], ["Completed", 3, "s3://b/meta"])
  const started = await milvus.run("export-snapshot books monday backups/monday --no-wait")
  assertEquals(JSON.parse(started.out), { exporting: "monday", collection: "books", id: 9 })
})

test("snapshots on a server that is too old name the version that they need", async () => {
  await using milvus = await startRecording({ CreateSnapshot: {} }, "v2.6.19")
  const { code, out, err } = await milvus.run("create snapshot books monday")
  assertEquals([code, out], [1, ""])
  assertMatch(err, /3\.0/)
  assert(milvus.requests.length === 0)
})
