/** Hybrid searches, backups of the access control, pins, fields, and rows of one tenant, in this process. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert"
import * as Effect from "effect/Effect"
import { Message } from "../../mod.ts"
import { shared, startMilvusLite } from "../support/milvus.ts"
import { test } from "../support/test.ts"
import { execute, runner } from "./execute.ts"
import { startFake } from "./program.ts"
import { startRecording } from "./recording.ts"

const lite = shared(startMilvusLite)

test("milvus-lite: hybrid-search ranks the hits of two fields, by ranks or by weights", async () => {
  const run = runner(lite())
  const search = async (...words: ReadonlyArray<string>) => {
    const { code, out, err } = await execute([
      ...["hybrid-search", "pairs", ...words],
      ...["-p", `${lite().port}`, "-o", "ndjson"],
    ])
    assertEquals([code, err], [0, ""], words.join(" "))
    return out.trim().split("\n").map((line) => JSON.parse(line))
  }
  const fields = ["id Int64 primary", "title VarChar(50)", "v FloatVector(2)", "w FloatVector(2)"]
  await run(
    "create collection pairs",
    ...fields.flatMap((field) => ["--field", field]),
    ...["--index", "v FLAT COSINE", "--index", "w FLAT COSINE"],
  )
  const rows = [
    { id: 1, title: "a", v: [1, 0], w: [0, 1] },
    { id: 2, title: "b", v: [0, 1], w: [1, 0] },
    { id: 3, title: "c", v: [0.9, 0.1], w: [0.9, 0.1] },
  ]
  await run("insert pairs", JSON.stringify(rows))
  const queries = ["v=[1, 0]", "w=[1, 0]"]
  // Second in both searches, and so ahead of those that are first in one, and last in the other.
  const ranked = await search(...queries, "--fields", "title")
  assertEquals(ranked.length, 3)
  assertEquals(Object.keys(ranked[0]), ["id", "score", "title"])
  assertEquals((await search(...queries, "--weights", "1,0", "--limit", "1"))[0].id, 1)
  assertEquals((await search(...queries, "--weights", "0,1", "--limit", "1"))[0].id, 2)
  assertEquals((await search(...queries, "--weights", "0.5,0.5", "--limit", "1"))[0].id, 3)
  const filtered = await search(...queries, "--filter", "id < 3", "--rrf-k", "10", "--candidates", "1")
  assertEquals(filtered.map(({ id }) => id).toSorted(), [1, 2])
  // A candidate is first in its search: 1 / (10 + 1).
  assertEquals(filtered.map(({ score }) => score), [0.0909091, 0.0909091])
  await run("drop collection pairs --yes")
})

test("hybrid-search sends the queries with their own parameters, and refuses what it cannot read", async () => {
  await using milvus = await startFake({ version: "v2.6.2" })
  const run = runner(milvus)
  await run(
    "create collection books",
    ...["--field", "id Int64 primary", "--field", "v FloatVector(2)", "--field", "w FloatVector(2)"],
  )
  const requests: Array<{ readonly requests?: ReadonlyArray<{ readonly search_params?: unknown }> }> = []
  await Effect.runPromise(milvus.server.handle("HybridSearch", (request) => {
    requests.push(request)
    return Effect.succeed({ results: { num_queries: 1n, top_k: 0n, ids: { int_id: { data: [] } } } })
  }))
  await run("hybrid-search books v=[1,0] w=[0,1] --param v.ef=64 --limit 3 --offset 2 --candidates 5")
  const params = requests[0]?.requests?.map(({ search_params }) => JSON.stringify(search_params)) ?? []
  assertEquals(params.map((text) => text.includes("ef") && text.includes("64")), [true, false])
  assert(params.every((text) => /"topk","value":"5"|"limit","value":"5"/.test(text)), params[0])
  for (
    const [words, text] of [
      [["v=[1,0]"], "searches: expected at least 2 values, got 1."],
      [["v=[1,0]", "[1,0]"], '"[1,0]" is not a search'],
      [["v=[1,0]", "v=[0,1]"], 'expected each field once, got "v" twice'],
      [["v=[1,0]", "w=[0"], "[0 is not a vector"],
      [["v=[1,0]", "w=[0,1]", "--param", "x.ef=1"], '--param "x.ef=1": expected FIELD.KEY=VALUE'],
      [["v=[1,0]", "w=[0,1]", "--weights", "1,x"], "--weights: expected numbers"],
      [["v=[1,0]", "w=[0,1]", "--weights", "1,1", "--rrf-k", "2"], "expected --weights or --rrf-k, got both"],
    ] as const
  ) {
    const { code, out, err } = await execute(["hybrid-search", "books", ...words, "-p", milvus.port])
    assertEquals([code, out], [2, ""], err)
    assertStringIncludes(err, text)
  }
  assertEquals(requests.length, 1)
})

test("rows are read and written for a principal, in spite of policies, and in a namespace", async () => {
  await using milvus = await startFake({ version: "v3.0.3" })
  const run = runner(milvus)
  await run("create collection books --dimension 2")
  await Effect.runPromise(milvus.server.clearCalls)
  const row = '{"id":1,"vector":[1,2]}'
  await run("insert books --principal ann --namespace x", row)
  await run("query books --principal ann --namespace x")
  await run("search books [1,2] --skip-policies")
  await run("export books --principal ann")
  await run("delete books --ids 1 --yes --principal ann --namespace x")
  // Cast: the fields that matter here.
  const calls = (await Effect.runPromise(milvus.server.calls)).map((
    { method, request },
  ) => [
    method,
    request as { readonly rls_principal?: string; readonly skip_rls?: boolean; readonly namespace?: string },
  ]) as ReadonlyArray<readonly [string, Readonly<Record<string, unknown>>]>
  const sent = calls.filter(([method]) => /^(Insert|Query|Search|Delete)$/.test(method))
  assertEquals(
    [
      ...new Set(
        sent.map(([method, request]) =>
          [method, request.rls_principal, request.skip_rls, request.namespace ?? ""].join(" ").trim()
        ),
      ),
    ],
    ["Insert ann false x", "Query ann false x", "Search  true", "Query ann false", "Delete ann false x"],
  )
})

const meta = {
  users: [{ user: "ann", password: "$2a$hash", roles: [{ name: "reader" }] }],
  roles: [{ name: "reader" }, { name: "writer" }],
  privilege_groups: [{ group_name: "g", privileges: [{ name: "Query" }] }],
}

test("backup rbac writes a file that only its user can read, and restore rbac sends it back", async () => {
  await using milvus = await startRecording({ BackupRBAC: { RBAC_meta: meta }, RestoreRBAC: {} })
  const folder = await Deno.makeTempDir()
  try {
    const file = `${folder}/rbac.backup`
    assertEquals(await milvus.run(`backup rbac ${file}`), {
      code: 0,
      out: `${JSON.stringify({ file, users: 1, roles: 2, grants: 0, groups: 1 })}\n`,
      err: "",
    })
    assertEquals((await Deno.stat(file)).mode! & 0o777, 0o600)
    const saved = await Effect.runPromise(Message.decode("milvus.proto.milvus.RBACMeta", await Deno.readFile(file)))
    assertEquals(saved.users.map(({ user, password }) => [user, password]), [["ann", "$2a$hash"]])
    assertEquals((await milvus.run(`restore rbac ${file}`)).out, `${JSON.stringify({ restored: file })}\n`)
    const restored = milvus.requests.at(-1)?.[1].RBAC_meta
    assertStringIncludes(Deno.inspect(restored, { depth: 9 }), "$2a$hash")
    assertStringIncludes(Deno.inspect(restored, { depth: 9 }), "writer")

    await Deno.writeFile(file, Uint8Array.of(255, 255))
    const broken = await milvus.run(`restore rbac ${file}`)
    const missing = await milvus.run(`restore rbac ${folder}/other`)
    assertEquals([broken.code, broken.out, missing.code, missing.out], [1, "", 1, ""])
    assertMatch(missing.err, /other cannot be read: ENOENT/)
    assertEquals(milvus.requests.filter(([method]) => method === "RestoreRBAC").length, 1)
  } finally {
    await Deno.remove(folder, { recursive: true })
  }
})

test("pin snapshot prints the id that ends the pin, and create snapshot takes its protection", async () => {
  await using milvus = await startRecording({
    PinSnapshotData: { pin_id: 7n },
    UnpinSnapshotData: {},
    CreateSnapshot: {},
  }, "v3.0.1")
  const pinned = await milvus.run("pin snapshot books monday --ttl 12h")
  assertEquals(pinned, { code: 0, out: '{"pinned":"monday","collection":"books","id":7}\n', err: "" })
  assertEquals((await milvus.run("pin snapshot books monday")).code, 0)
  assertEquals((await milvus.run("unpin snapshot 7")).out, '{"unpinned":7}\n')
  assertEquals((await milvus.run("create snapshot books monday --compaction-protection 7d")).code, 0)
  const [first, second, third, fourth] = milvus.requests.map(([, request]) => request)
  assertEquals([first?.ttl_seconds, second?.ttl_seconds, third?.pin_id], [43_200n, 0n, 7n])
  assertEquals(fourth?.compaction_protection_seconds, 604_800n)
  for (const time of ["x", "0", "1500ms", "-1s", "1y"]) {
    const { code, err } = await milvus.run(`pin snapshot books monday --ttl=${time}`)
    assertEquals(code, 2, err)
    assertStringIncludes(err, "--ttl: expected a duration of whole seconds, such as 30s, 12h or 7d")
  }
  assertEquals(milvus.requests.length, 4)
})

test("fields are added if they are nullable, and dropped after confirmation", async () => {
  await using milvus = await startRecording({ AlterCollectionSchema: {} }, "v3.0.1")
  const run = (...words: ReadonlyArray<string>) => execute([...words, "-p", milvus.port, "-o", "ndjson"])
  assertEquals(await run("create", "field", "books", "pages Int32 nullable"), {
    code: 0,
    out: '{"created":"pages","collection":"books"}\n',
    err: "",
  })
  for (const field of ["pages Int32", "pages Number nullable"]) {
    const { code, out, err } = await run("create", "field", "books", field)
    assertEquals([code, out], [2, ""], err)
  }
  const kept = await run("drop", "field", "books", "pages")
  assertEquals(kept.code, 2)
  assertEquals(milvus.requests.length, 1)
  assertEquals(
    (await run("drop", "field", "books", "pages", "--yes")).out,
    '{"dropped":"pages","collection":"books"}\n',
  )
  const actions = milvus.requests.map(([, { action }]) => Deno.inspect(action, { depth: 9 }))
  assertStringIncludes(actions[0]!, "add_request")
  assertStringIncludes(actions[1]!, "drop_request")
})

test("describe compaction --wait waits for the compaction, and then shows it", async () => {
  await using milvus = await startRecording({
    GetCompactionState: [
      { state: "Executing", executingPlanNo: 1n },
      { state: "Executing", executingPlanNo: 1n },
      { state: "Completed", completedPlanNo: 1n },
    ],
    GetCompactionStateWithPlans: {},
  })
  assertEquals(JSON.parse((await milvus.run("describe compaction 9")).out).state, "Executing")
  const { state, completed } = JSON.parse((await milvus.run("describe compaction 9 --wait")).out)
  assertEquals([state, completed], ["Completed", 1])
})
