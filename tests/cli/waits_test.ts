/** Waits of commands: for a server that does not answer, and what Ctrl-C leaves behind, in the same form for all jobs. */
import { assert, assertEquals, assertMatch } from "@std/assert"
import * as Effect from "effect/Effect"
import { Connection, Import } from "../../mod.ts"
import { explain } from "../../src/cli/errorText.ts"
import { longWait, waitFor } from "../../src/cli/jobs.ts"
import { type Output, Terminal } from "../../src/cli/screen.ts"
import { FakeMilvus } from "../../src/testing/mod.ts"
import { eventually } from "../support/sockets.ts"
import { effectTest, test } from "../support/test.ts"
import { execute } from "./execute.ts"
import { makeHome, startFake } from "./program.ts"
import { startRecording } from "./recording.ts"

const half = { id: 42n, state: "ImportStarted", infos: [{ key: "progress_percent", value: "50" }] } as const
const done = { id: 42n, state: "ImportCompleted", row_count: 7n } as const

test("a wait shows on the error output that the server died, with the reason, and goes on when it is back", async () => {
  await using milvus = await startFake()
  await Effect.runPromise(milvus.server.handle("GetImportState", () => Effect.succeed(half)))
  const running = execute(["describe", "import", "42", "--wait", "-p", milvus.port, "-o", "ndjson"])
  await eventually(async () => (await callsOf(milvus.server, "GetImportState")) > 1)
  await Effect.runPromise(milvus.server.crash)
  await new Promise((resolve) => setTimeout(resolve, 7000)) // The silence itself is what is tested.
  await Effect.runPromise(milvus.server.handle("GetImportState", () => Effect.succeed(done)))
  await Effect.runPromise(milvus.server.restart)
  const { code, out, err } = await running
  assertEquals([code, JSON.parse(out).state], [0, "Completed"])
  const [silent, back, ...others] = err.split("\n")
  const address = `127.0.0.1:${milvus.port}`
  assertMatch(silent!, new RegExp(`^no answer for \\d s: .*${address}.*; waiting for ${address}$`))
  assertMatch(silent!, /connection refused|was lost/)
  assertEquals([back, others], [`${address} answers again`, [""]])
})

const callsOf = async ({ calls }: FakeMilvus.FakeMilvus, method: string): Promise<number> =>
  (await Effect.runPromise(calls)).filter((call) => call.method === method).length

/** Waits for an import over a connection with short limits. Returns the error, and the error output. */
const waited = (isTerminal: boolean, lose: (fake: FakeMilvus.FakeMilvus) => Effect.Effect<void>) =>
  Effect.gen(function* () {
    const fake = yield* FakeMilvus.FakeMilvus
    yield* fake.handle("GetImportState", () => Effect.succeed(half))
    let text = ""
    const output: Output = {
      isTerminal,
      hasColor: false,
      columns: 80,
      isClosed: false,
      write: (more) => Effect.sync(() => void (text += more)),
    }
    const job = yield* Import.fromId([42n], longWait)
    yield* Effect.forkScoped(Effect.delay(lose(fake), "500 millis"))
    const error = yield* waitFor(
      job.progress,
      { name: "import 42", resume: "describe import 42 --wait" },
      ({ percent }) => ({ part: percent / 100, about: "" }),
    ).pipe(
      Effect.provideService(Terminal, { out: output, err: output, canAsk: false, ask: () => Effect.succeed("") }),
      Effect.flip,
    )
    return { error, text }
  }).pipe(
    Effect.scoped,
    Effect.timeout("30 seconds"),
    Effect.provide(FakeMilvus.layerConnected({}, { callTimeout: "6 seconds", connectTimeout: "2 seconds" })),
  )

effectTest(
  "a wait for a server that died ends with the typed error when the limits of the connection say so",
  Effect.gen(function* () {
    const start = performance.now()
    const { error, text } = yield* waited(false, (fake) => fake.crash)
    const seconds = (performance.now() - start) / 1000
    assert(error._tag === "NotReady" || error._tag === "RpcError" && error.code === "UNAVAILABLE", `${error}`)
    assert(seconds > 6 && seconds < 20, `${seconds} s`)
    assertMatch(text, /^no answer for \d s.*\nimport 42 may go on; wait for it again: describe import 42 --wait\n$/)
  }),
)

effectTest(
  "a wait for a server that hangs shows it on a terminal, and ends in the same way",
  Effect.gen(function* () {
    const { error, text } = yield* waited(true, (fake) => fake.handle("GetImportState", () => Effect.never))
    assert(error._tag === "RpcError" && error.code === "DEADLINE_EXCEEDED", `${error}`)
    assertMatch(text, /import 42 {2}no answer for [5-9] s/)
    assertMatch(text, /import 42 may go on; wait for it again: describe import 42 --wait\n$/)
    for (const line of text.replaceAll("\x1b[?25l", "").replaceAll("\x1b[?25h", "").split("\x1b[K")) {
      assert(line.trimEnd().length < 80, line)
    }
  }),
)

const compacting = {
  DescribeCollection: { collectionID: 1n, schema: { name: "books", fields: [] } },
  ManualCompaction: { compactionID: 9n, compactionPlanCount: 2 },
  GetCompactionState: { state: "Executing", executingPlanNo: 2n },
}
const index = { index_name: "v", field_name: "v" }
const indexing = { DescribeIndex: { index_descriptions: [{ ...index, state: "InProgress" }] } }
const job = { job_id: 9n, snapshot_name: "monday", collection_name: "books" }

/** Commands that wait, what a server has to answer them, and what Ctrl-C prints. */
const waits: ReadonlyArray<readonly [line: string, replies: Parameters<typeof startRecording>[0], note: string]> = [
  [
    "bulk-import books a.csv",
    { Import: { tasks: [42n] }, GetImportState: half },
    "import 42 goes on; wait for it again: describe import 42 --wait",
  ],
  [
    "flush books",
    { Flush: {}, GetFlushState: { flushed: false } },
    "flush of books goes on; wait for it again: flush books",
  ],
  [
    "flush --all",
    { FlushAll: { flush_all_ts: 9n }, GetFlushAllState: { flushed: false } },
    "flush of all collections goes on; wait for it again: flush --all",
  ],
  ["compact books", compacting, "compaction 9 goes on; wait for it again: describe compaction 9 --wait"],
  ["describe compaction 9 --wait", compacting, "compaction 9 goes on; wait for it again: describe compaction 9 --wait"],
  [
    "optimize books",
    { ...compacting, DescribeIndex: { index_descriptions: [{ ...index, state: "Finished" }] } },
    "optimization of books stops after its current step; continue it: optimize books",
  ],
  [
    "load collection books --replicas 2",
    { LoadCollection: {}, GetLoadingProgress: { progress: 50n } },
    "load of books goes on; wait for it again: load collection books --replicas 2",
  ],
  [
    "load partition books old",
    { LoadPartitions: {}, GetLoadingProgress: { progress: 50n } },
    "load of books goes on; wait for it again: load partition books old",
  ],
  ["describe index books v --wait", indexing, "index v goes on; wait for it again: describe index books v --wait"],
  [
    "restore snapshot books monday b",
    {
      RestoreSnapshot: { job_id: 9n },
      GetRestoreSnapshotState: { info: { ...job, state: "RestoreSnapshotExecuting" } },
    },
    "restore 9 goes on; wait for it again: describe restore 9 --wait",
  ],
  [
    "export-snapshot books monday backups",
    { ExportSnapshot: { job_id: 9n }, GetExportSnapshotState: { info: { ...job, state: "ExportSnapshotExecuting" } } },
    "export 9 goes on; wait for it again: describe export 9 --wait",
  ],
]

for (const [line, replies, note] of waits) {
  test(`Ctrl-C during ${line} prints whether the job goes on, and how to wait for it again`, async () => {
    await using milvus = await startRecording(replies, "v3.0.1")
    await using home = await makeHome()
    await using child = home.start([...line.split(" "), "-p", milvus.port])
    const poll = Object.keys(replies).find((method) => /State|Progress/.test(method)) ?? "DescribeIndex"
    const polls = () => milvus.requests.filter(([method]) => method === poll).length
    await eventually(() => Promise.resolve(polls() > 2), { timeout: 20_000 })
    await child.stdin.close()
    child.kill("SIGINT")
    const { code, stdout, stderr } = await child.output()
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
    assertEquals([code, text(stdout), text(stderr)], [130, "", `${note}\n`])
  })
}

test("a wait that lasted too long is explained by the state of the job, and not as a server that is silent", async () => {
  await using milvus = await startRecording({ GetImportState: half })
  const error = await Effect.runPromise(Effect.flip(Effect.scoped(
    Effect.gen(function* () {
      const job = yield* Import.fromId([42n], { timeout: "200 millis" })
      return yield* job.await
    }).pipe(Effect.provide(Connection.layer(`127.0.0.1:${milvus.port}`))),
  )))
  const { text, code } = explain(error)
  assertEquals(code, 1)
  assertMatch(
    text,
    /^127\.0\.0\.1:\d+: import 42 is at 50% \(Started\) after .*; wait again for the end \(GetImportState, /,
  )
})
