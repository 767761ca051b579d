/** Commands for row policies, principals, namespaces, prewarming, external collections and analyzers, in this process. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert"
import * as Effect from "effect/Effect"
import { complete } from "../../src/cli/completion.ts"
import { program } from "../../src/cli/program.ts"
import { makeShellConnections, ShellConnections } from "../../src/cli/shellConnections.ts"
import { test } from "../support/test.ts"
import { execute } from "./execute.ts"
import { type Recording, startRecording } from "./recording.ts"

const version = "v3.0.3"

/** Runs a command line that has to succeed. Returns what it prints as JSON, one value for each line. */
const values = async (milvus: Recording, line: string): Promise<ReadonlyArray<Readonly<Record<string, unknown>>>> => {
  const { code, out, err } = await milvus.run(line)
  assertEquals([code, err], [0, ""], line)
  return out.trim().split("\n").filter((text) => text !== "").map((text) => JSON.parse(text))
}

const policy = {
  policy_name: "own",
  actions: ["Query", "Upsert"],
  using_expr: "owner==$current_principal",
  check_expr: "true",
  policy_type: "RowPolicyTypeRestrictive",
  description: "mine",
  created_at: 1700000000000n,
}

test("row policies are listed, described, created, and dropped only if they exist", async () => {
  await using milvus = await startRecording({
    ListRowPolicies: { policies: [policy] },
    CreateRowPolicy: {},
    DropRowPolicy: {},
  }, version)
  const shown = {
    name: "own",
    type: "Restrictive",
    actions: "Query, Upsert",
    using: "owner==$current_principal",
    check: "true",
    description: "mine",
    created: "2023-11-14T22:13:20.000Z",
  }
  assertEquals(await values(milvus, "list row-policies books"), [shown])
  assertEquals(await values(milvus, "describe row-policy books own"), [shown])
  const flags = "--action Query --action Insert --using a==1 --check b==2 --type Restrictive --description x"
  assertEquals(await values(milvus, `create row-policy books p ${flags}`), [{ created: "p", collection: "books" }])
  const { policy_name, actions, using_expr, check_expr, policy_type, description } = milvus.requests.at(-1)![1]
  assertEquals(
    [policy_name, actions, using_expr, check_expr, policy_type, description],
    ["p", ["Query", "Insert"], "a==1", "b==2", "RowPolicyTypeRestrictive", "x"],
  )
  assertEquals(await values(milvus, "drop row-policy books own --yes"), [{ dropped: "own", collection: "books" }])
  const gone = await milvus.run("drop row-policy books other --yes")
  assertEquals([gone.code, gone.out, gone.err], [
    1,
    "",
    'error: books has no row policy "other". See which exist: list row-policies books.\n',
  ])
  assertEquals(milvus.requests.filter(([method]) => method === "DropRowPolicy").length, 1)
})

test("alter row-policy changes what is given, keeps the rest, and leaves out what no action evaluates", async () => {
  await using milvus = await startRecording({ ListRowPolicies: { policies: [policy] }, UpdateRowPolicy: {} }, version)
  const lines = [
    "alter row-policy books own --using a==1",
    "alter row-policy books own --action Query --type Permissive",
    "alter row-policy books own --action Insert --description=",
  ]
  for (const line of lines) assertEquals(await values(milvus, line), [{ altered: "own", collection: "books" }])
  const sent = milvus.requests.filter(([method]) => method === "UpdateRowPolicy").map(([, request]) => request)
  assertEquals(
    sent.map((request) => [request.actions, request.using_expr, request.check_expr, request.policy_type]),
    [
      [["Query", "Upsert"], "a==1", "true", "RowPolicyTypeRestrictive"],
      [["Query"], "owner==$current_principal", "", "RowPolicyTypePermissive"],
      [["Insert"], "", "true", "RowPolicyTypeRestrictive"],
    ],
  )
  assertEquals(sent.map(({ description }) => description), ["mine", "mine", ""])
})

test("a policy that cannot have an effect is refused before anything is sent, by the name of the flag", async () => {
  await using milvus = await startRecording({ ListRowPolicies: {}, CreateRowPolicy: {}, UpdateRowPolicy: {} }, version)
  for (
    const [line, text] of [
      ["create row-policy books p", "--action: expected a list"],
      ["create row-policy books p --action Query", "--using: expected an expression"],
      ["create row-policy books p --action Query --using a --check b", "--check: expected no expression"],
      ["create row-policy books p --action Read --using a", 'expected "Query" | "Search"'],
      ["alter row-policy books p", "nothing to change"],
      ["alter principal books ann", "expected one of --tag and --drop, got none"],
      ["alter principal books ann --tag a=1 --drop b", "expected one of --tag and --drop, got both"],
      ["query books --principal ann --skip-policies", "expected --principal or --skip-policies, got both"],
    ] as const
  ) {
    const { code, out, err } = await milvus.run(line)
    assertEquals([code, out], [2, ""], line)
    assertStringIncludes(err, text, line)
  }
  // Not even a connection is opened.
  const both = await execute(["query", "books", "--principal", "ann", "--skip-policies", "-p", "1"])
  assertEquals([both.code, both.out], [2, ""])
  assertEquals(milvus.requests, [])
})

test("tags of principals are set with their types, listed, described and dropped", async () => {
  await using milvus = await startRecording({
    SetRLSPrincipalTags: {},
    DeleteRLSPrincipalTags: {},
    ListRLSPrincipals: { principal_names: ["ann"] },
    GetRLSPrincipalTags: { tags: '{"team":"red","principal":9007199254740993}' },
  }, version)
  const line = 'alter principal books ann --tag team=red --tag level=3 --tag ids=[1,9007199254740993] --tag zip="07"'
  assertEquals(await values(milvus, line), [{ altered: "ann", collection: "books" }])
  assertEquals(milvus.requests.at(-1)?.[1].tags, '{"team":"red","level":3,"ids":[1,9007199254740993],"zip":"07"}')
  await values(milvus, "alter principal books ann --drop team --drop level")
  assertEquals(milvus.requests.at(-1)?.[1].tag_keys, ["team", "level"])
  assertEquals(await values(milvus, "list principals books"), [{ name: "ann" }])
  const { out } = await milvus.run("describe principal books ann")
  assertEquals(out, '{"principal":"ann","collection":"books","team":"red","$principal":9007199254740993}\n')
})

const info = {
  namespace_name: "ann",
  collection_name: "books",
  state: "Ready",
  created_utc_timestamp: 1700000000000n,
  stats: { entity_count: 10n, approx_entity_count: 9n, logical_bytes: 100n, stats: [{ key: "a", value: "b" }] },
}

test("namespaces are listed page by page, described, created, and dropped with the number of their rows", async () => {
  await using milvus = await startRecording({
    ListNamespaces: [{ namespaces: [info], next_page_token: "2" }, { namespaces: [info] }],
    DescribeNamespace: { namespace: info },
    GetNamespaceStats: { stats: info.stats },
    CreateNamespace: {},
    DropNamespace: {},
  }, version)
  const row = { name: "ann", state: "Ready", rows: 10, bytes: 100, created: "2023-11-14T22:13:20.000Z" }
  assertEquals(await values(milvus, "list namespaces books --prefix a"), [row, row])
  assertEquals(milvus.requests.map(([, { prefix, page_token }]) => [prefix, page_token]), [["a", ""], ["a", "2"]])
  const [described] = await values(milvus, "describe namespace books ann --exact")
  assertEquals([described?.rows, described?.["approximate rows"], described?.a], [10, 9, "b"])
  assertEquals(milvus.requests.at(-1)?.[1].exact, true)
  assertEquals(await values(milvus, "create namespace books bob"), [{ created: "bob", collection: "books" }])
  const kept = await milvus.run("drop namespace books ann", { answers: ["n"] })
  assertEquals([kept.code, kept.out], [1, ""])
  assertStringIncludes(kept.err, "Drop the namespace ann of books with 10 rows? [y/N]")
  assertEquals(await values(milvus, "drop namespace books ann --yes"), [{ dropped: "ann", collection: "books" }])
  assertEquals(milvus.requests.filter(([method]) => method === "DropNamespace").length, 1)
})

test("prewarm waits for the prewarming; describe prewarm shows it, waits for it, and fails if it failed", async () => {
  const state = (name: string, progress: number) => ({ taskID: "t1", state: `PrewarmTaskState${name}`, progress })
  await using milvus = await startRecording({
    Prewarm: { taskID: "t1" },
    DescribePrewarmTask: [
      state("Warming", 40),
      state("Completed", 100),
      state("Warming", 40),
      state("Warming", 40),
      state("Completed", 100),
      { ...state("Failed", 40), error_message: "no memory" },
    ],
  }, version)
  const flags = "--namespace ann --replicas 2 --resource-groups a,b --fields id --skip-dynamic-field --low-priority"
  assertEquals(await values(milvus, `prewarm books ${flags}`), [{ prewarmed: "books", id: "t1" }])
  const { namespace, replica_number, resource_groups, load_fields, skip_load_dynamic_field, priority } =
    milvus.requests[0]![1]
  assertEquals(
    [namespace, replica_number, resource_groups, load_fields, skip_load_dynamic_field, priority],
    ["ann", 2, ["a", "b"], ["id"], true, "low"],
  )
  assertEquals(await values(milvus, "describe prewarm t1"), [{ id: "t1", state: "Warming", percent: 40 }])
  assertEquals(await values(milvus, "describe prewarm t1 --wait"), [{ id: "t1", state: "Completed", percent: 100 }])
  const failed = await milvus.run("describe prewarm t1")
  assertEquals([failed.code, failed.out], [1, ""])
  assertStringIncludes(failed.err, "prewarming t1 failed: no memory")
  assertEquals(await values(milvus, "prewarm books --no-wait"), [{ prewarming: "books", id: "t1" }])
})

test("refresh waits for the refresh; refreshes are listed, described and waited for", async () => {
  const job = {
    job_id: 8n,
    collection_name: "events",
    external_source: "s3://a",
    start_time: 1700000000000n,
    end_time: 1700000001500n,
  }
  const running = { job_info: { ...job, end_time: 0n, state: "RefreshInProgress", progress: 40n } }
  const done = { job_info: { ...job, state: "RefreshCompleted", progress: 100n } }
  await using milvus = await startRecording({
    RefreshExternalCollection: { job_id: 8n },
    GetRefreshExternalCollectionProgress: [running, done, running, running, done],
    ListRefreshExternalCollectionJobs: { jobs: [done.job_info] },
  }, version)
  const line = "refresh events --source s3://a --spec {}"
  assertEquals(await values(milvus, line), [{ refreshed: "events", id: 8 }])
  const { external_source, external_spec } = milvus.requests[0]![1]
  assertEquals([external_source, external_spec], ["s3://a", "{}"])
  const [now] = await values(milvus, "describe refresh 8")
  assertEquals([now?.state, now?.percent, now?.seconds], ["InProgress", 40, undefined])
  const [after] = await values(milvus, "describe refresh 8 --wait")
  assertEquals([after?.state, after?.seconds, after?.source], ["Completed", 1.5, "s3://a"])
  assertEquals((await values(milvus, "list refreshes events"))[0]?.id, 8)
  assertEquals(milvus.requests.at(-1)?.[1].collection_name, "events")
  assertEquals(await values(milvus, "refresh events --no-wait"), [{ refreshing: "events", id: 8 }])
})

test("analyze prints the tokens of texts, with what is asked for, by parameters or by a field", async () => {
  const token = { token: "fox", start_offset: 1n, end_offset: 4n, position: 0n, position_length: 1n, hash: 7 }
  await using milvus = await startRecording({ RunAnalyzer: { results: [{ tokens: [token] }, { tokens: [token] }] } })
  const json = '{"tokenizer":"whitespace"}'
  assertEquals(await values(milvus, `analyze fox foxes --analyzer ${json} --details --hash`), [
    { text: 1, token: "fox", start: 1, end: 4, position: 0, positionLength: 1, hash: 7 },
    { text: 2, token: "fox", start: 1, end: 4, position: 0, positionLength: 1, hash: 7 },
  ])
  await values(milvus, "analyze fox --analyzer english")
  assertEquals((await values(milvus, "analyze fox --collection books --field title --analyzer-name en"))[0], {
    token: "fox",
  })
  assertEquals(
    milvus.requests.map(([, request]) => [request.analyzer_params, request.field_name, request.analyzer_names]),
    [[json, "", []], ['{"type":"english"}', "", []], ["", "title", ["en"]]],
  )
  for (const line of ["analyze fox --analyzer [1]", "analyze fox --analyzer {", "analyze fox --field title"]) {
    const { code, err } = await milvus.run(line)
    assertEquals(code, 2, err)
  }
  assertEquals(milvus.requests.length, 3)
})

test("names of policies, principals and namespaces complete, but not of one that is created", async () => {
  await using milvus = await startRecording({
    ListRowPolicies: { policies: [policy] },
    ListRLSPrincipals: { principal_names: ["ann"] },
    ListNamespaces: { namespaces: [info] },
  }, version)
  const found = await Effect.runPromise(Effect.scoped(Effect.gen(function* () {
    const shellState = yield* makeShellConnections(true)
    yield* shellState.connections.connect({ alias: "default", address: `127.0.0.1:${milvus.port}` })
    return yield* Effect.forEach(
      [
        "alter row-policy books ",
        "describe principal books ",
        "drop namespace books ",
        "query books --namespace ",
        "query books --principal ",
        "create row-policy books ",
        "create row-policy books p --action Up",
      ],
      (line) => Effect.provideService(complete(program, line), ShellConnections, shellState),
    )
  })))
  assertEquals(found.map(([words]) => words), [["own "], ["ann "], ["ann "], ["ann "], ["ann "], [], ["Upsert "]])
  assert(milvus.requests.every(([, { collection_name }]) => collection_name === "books"))
})

test("the command line is built on the operations, and makes no calls of its own", async () => {
  const read = async (folder: URL): Promise<void> => {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      if (isDirectory) await read(new URL(`${name}/`, folder))
      else {
        const text = await Deno.readTextFile(new URL(name, folder))
        assert(!/\bcall\(\s*"|[{,]\s*call\s*[,}]|\.stream\(\s*"|callEncoded/.test(text), `${name} calls an RPC`)
      }
    }
  }
  await read(new URL("../../src/cli/", import.meta.url))
})
