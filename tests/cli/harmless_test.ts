/** Text from servers, files and the environment must not control the terminal. */
import * as grpc from "@grpc/grpc-js"
import * as Completions from "effect/cli/Completions"
import { assert, assertEquals, assertStringIncludes } from "@std/assert"
import { program } from "../../src/cli/program.ts"
import { readHistory } from "../../src/cli/history.ts"
import { complete } from "../../src/cli/completion.ts"
import { makeShellConnections, ShellConnections } from "../../src/cli/shellConnections.ts"
import * as Effect from "effect/Effect"
import { failure, type FakeServer, type Handlers, startServer, success } from "../support/server.ts"
import { execute } from "./execute.ts"
import { test } from "../support/test.ts"

/** ESC, BEL, C1, line ends, DEL, and bidirectional and invisible controls around a word. */
const evil = "x\x1b[31m\x1b]0;pwned\x07\x9b2J\x85\r\n\tforged: line\x7f\u202e\u2066\u200f\u2028\u061c\0y"

/** Matches characters that a terminal acts on, except the ends of our own lines. */
// deno-lint-ignore no-control-regex -- matches control characters on purpose
const order = /[\0-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/

/** Matches the control sequences of the progress bar. */
// deno-lint-ignore no-control-regex -- as above
const bar = /\r\x1b\[K\x1b\[\?25[lh]/g

const kv = [{ key: evil, value: evil }]

const imported = ["failed_reason", "files", "collection", evil].map((key) => ({ key, value: evil }))
const snapshotJob = { job_id: 9n, snapshot_name: evil, db_name: evil, collection_name: evil, reason: evil }

const refreshJob = { job_id: 9n, collection_name: evil, external_source: evil, external_spec: evil, reason: evil }
const tenant = {
  namespace_name: evil,
  collection_name: evil,
  state: evil,
  stats: { entity_count: 1n, stats: kv },
}

/** A server that returns control characters in every text. */
const handlers: Handlers = {
  Connect: () => ({
    status: success,
    identifier: 1n,
    server_info: { build_tags: evil, deploy_mode: evil, build_time: evil, git_commit: evil },
  }),
  GetVersion: () => ({ status: success, version: evil }),
  CheckHealth: () => ({ status: success, isHealthy: true, reasons: [evil] }),
  ShowCollections: () => ({
    status: success,
    collection_names: [evil],
    collection_ids: [1n],
    created_utc_timestamps: [1n],
    inMemory_percentages: [50n],
  }),
  DescribeCollection: () => ({
    status: success,
    collection_name: evil,
    collectionID: 1n,
    aliases: [evil],
    properties: kv,
    shards_num: 1,
    schema: {
      name: evil,
      description: evil,
      enable_dynamic_field: true,
      fields: [
        { fieldID: 100n, name: "id", is_primary_key: true, data_type: "Int64", description: evil },
        {
          fieldID: 101n,
          name: evil,
          data_type: "VarChar",
          description: evil,
          type_params: [{ key: "max_length", value: "500" }],
        },
        {
          fieldID: 102n,
          name: "v",
          data_type: "FloatVector",
          description: evil,
          type_params: [{ key: "dim", value: "2" }],
        },
      ],
    },
  }),
  GetCollectionStatistics: () => ({ status: success, stats: [{ key: "row_count", value: "1" }] }),
  GetPartitionStatistics: () => ({ status: success, stats: [{ key: "row_count", value: "1" }] }),
  GetLoadState: () => ({ status: success, state: "LoadStateLoaded" }),
  GetLoadingProgress: () => ({ status: success, progress: 100n, refresh_progress: 100n }),
  ManualCompaction: () => ({ status: success, compactionID: 9n }),
  GetCompactionState: () => ({ status: success, state: "Completed" }),
  GetCompactionStateWithPlans: () => ({ status: success, mergeInfos: [{ plan_id: 1n, failure_reason: evil }] }),
  GetPersistentSegmentInfo: () => ({ status: success, infos: [{ segmentID: 1n }] }),
  GetQuerySegmentInfo: () => ({ status: success, infos: [{ segmentID: 1n, index_name: evil }] }),
  Flush: () => ({ status: success }),
  GetFlushState: () => ({ status: success, flushed: true }),
  GetComponentStates: () => ({
    state: { nodeID: 1n, role: evil, state_code: "Healthy" },
    status: success,
  }),
  GetMetrics: () => ({
    status: success,
    component_name: evil,
    response: JSON.stringify({ [evil]: evil, nodes_info: [{ infos: { name: evil, hardware_infos: { disk: evil } } }] }),
  }),
  LoadCollection: () => success,
  LoadPartitions: () => success,
  DescribeIndex: () => ({
    status: success,
    index_descriptions: [{
      index_name: evil,
      field_name: evil,
      state: "Finished",
      params: kv,
      index_state_fail_reason: evil,
    }],
  }),
  ShowPartitions: () => ({
    status: success,
    partition_names: [evil],
    partitionIDs: [1n],
    created_utc_timestamps: [1n],
  }),
  ListDatabases: () => ({ status: success, db_names: [evil], created_timestamp: [1n] }),
  DescribeDatabase: () => ({ status: success, db_name: evil, dbID: 1n, properties: kv }),
  DescribeAlias: () => ({ status: success, alias: evil, collection: evil, db_name: evil }),
  ListFileResources: () => ({ status: success, resources: [{ id: 1n, name: evil, path: evil }] }),
  ListImportTasks: () => ({ status: success, tasks: [{ id: 9n, state: "ImportFailed", infos: imported }] }),
  Import: () => ({ status: success, tasks: [9n] }),
  GetImportState: () => ({ status: success, id: 9n, state: "ImportCompleted", infos: imported }),
  ListSnapshots: () => ({ status: success, snapshots: [evil] }),
  DescribeSnapshot: () => ({
    status: success,
    name: evil,
    description: evil,
    collection_name: evil,
    partition_names: [evil],
    s3_location: evil,
  }),
  RestoreSnapshot: () => ({ status: success, job_id: 9n }),
  RestoreExternalSnapshot: () => ({ status: success, job_id: 9n }),
  GetRestoreSnapshotState: () => ({ status: success, info: { ...snapshotJob, state: "RestoreSnapshotCompleted" } }),
  ListRestoreSnapshotJobs: () => ({ status: success, jobs: [{ ...snapshotJob, state: "RestoreSnapshotFailed" }] }),
  ExportSnapshot: () => ({ status: success, job_id: 9n }),
  GetExportSnapshotState: () => ({
    status: success,
    info: { ...snapshotJob, state: "ExportSnapshotCompleted", snapshot_metadata_uri: evil },
  }),
  ListResourceGroups: () => ({ status: success, resource_groups: [evil] }),
  DescribeResourceGroup: () => ({
    status: success,
    resource_group: {
      name: evil,
      num_loaded_replica: { [evil]: 1 },
      num_outgoing_node: { [evil]: 1 },
      num_incoming_node: { [evil]: 1 },
      config: { transfer_from: [{ resource_group: evil }], node_filter: { node_labels: kv } },
      nodes: [{ node_id: 1n, address: evil, hostname: evil }],
    },
  }),
  GetReplicas: () => ({
    status: success,
    replicas: [{
      replicaID: 1n,
      resource_group_name: evil,
      shard_replicas: [{ leaderID: 1n, leader_addr: evil, dm_channel_name: evil }],
    }],
  }),
  ListAliases: () => ({ status: success, aliases: [evil], collection_name: evil }),
  PinSnapshotData: () => ({ status: success, pin_id: 9n }),
  ListRowPolicies: () => ({
    status: success,
    policies: [{
      policy_name: evil,
      actions: ["Query"],
      using_expr: evil,
      policy_type: "RowPolicyTypePermissive",
      description: evil,
    }],
  }),
  UpdateRowPolicy: () => success,
  ListRLSPrincipals: () => ({ status: success, principal_names: [evil] }),
  GetRLSPrincipalTags: () => ({ status: success, tags: JSON.stringify({ [evil]: evil }) }),
  SetRLSPrincipalTags: () => success,
  ListNamespaces: () => ({ status: success, namespaces: [tenant] }),
  DescribeNamespace: () => ({ status: success, namespace: tenant }),
  GetNamespaceStats: () => ({ status: success, stats: tenant.stats }),
  Prewarm: () => ({ status: success, taskID: evil }),
  DescribePrewarmTask: () => ({
    status: success,
    taskID: evil,
    state: "PrewarmTaskStateCompleted",
    error_message: evil,
  }),
  RefreshExternalCollection: () => ({ status: success, job_id: 9n }),
  GetRefreshExternalCollectionProgress: () => ({
    status: success,
    job_info: { ...refreshJob, state: "RefreshCompleted" },
  }),
  ListRefreshExternalCollectionJobs: () => ({ status: success, jobs: [{ ...refreshJob, state: "RefreshFailed" }] }),
  RunAnalyzer: () => ({ status: success, results: [{ tokens: [{ token: evil }] }] }),
  SelectUser: () => ({ status: success, results: [{ user: { name: evil }, roles: [{ name: evil }] }] }),
  SelectRole: () => ({ status: success, results: [{ role: { name: evil }, users: [{ name: evil }] }] }),
  SelectGrant: () => ({
    status: success,
    entities: [{
      object: { name: evil },
      object_name: evil,
      db_name: evil,
      grantor: { privilege: { name: evil }, user: { name: evil } },
    }],
  }),
  ListPrivilegeGroups: () => ({
    status: success,
    privilege_groups: [{ group_name: evil, privileges: [{ name: evil }] }],
  }),
  ListCredUsers: () => ({ status: success, usernames: [evil] }),
  Query: () => ({
    status: success,
    collection_name: evil,
    output_fields: ["id", evil],
    primary_field_name: "id",
    fields_data: [
      { type: "Int64", field_name: "id", field_id: 100n, scalars: { long_data: { data: [1n] } } },
      { type: "VarChar", field_name: evil, field_id: 101n, scalars: { string_data: { data: [evil] } } },
      {
        type: "JSON",
        field_name: "$meta",
        is_dynamic: true,
        scalars: { json_data: { data: [new TextEncoder().encode(JSON.stringify({ [evil]: evil }))] } },
      },
    ],
  }),
}

const withServer = async (some: Handlers, use: (server: FakeServer) => Promise<void>) => {
  await using server = await startServer({ handlers: some })
  await use(server)
}

const leaves = (
  command: Completions.CommandDescriptor,
  path: ReadonlyArray<string> = [],
): ReadonlyArray<readonly [path: ReadonlyArray<string>, command: Completions.CommandDescriptor]> =>
  command.subcommands.length === 0
    ? [[path, command]]
    : command.subcommands.flatMap((each) => leaves(each, [...path, each.name]))

const alterFlags = (object: string | undefined): ReadonlyArray<string> =>
  object === "user"
    ? ["--old-password", evil, "--new-password", evil]
    : object === "role"
    ? ["--description", evil]
    : object === "resource-group"
    ? ["--node-label", `${evil}=${evil}`]
    : object === "row-policy"
    ? ["--description", evil]
    : object === "principal"
    ? ["--tag", `${evil}=${evil}`]
    : ["--drop", evil]

/** All commands that end by themselves, with valid arguments. */
const lines = (port: number): ReadonlyArray<ReadonlyArray<string>> =>
  leaves(Completions.fromCommand(program)).filter(([path]) => path[0] !== "embedded").map(([path, command]) => {
    const given = command.arguments.flatMap(({ name, type }) =>
      type._tag === "Choice"
        ? type.values[0]!
        : name === "id"
        ? "9"
        : name === "query"
        ? "[1,2]"
        : name === "searches"
        ? ["v=[1,2]", "w=[1,2]"]
        : name === "new-field"
        ? "f Int32 nullable"
        : name === "file" && path[1] === "rbac"
        ? `/nowhere/${evil}`
        : name === "rows"
        ? '{"id":1,"v":[1,2]}'
        : evil
    )
    const words = [...path, ...path[0] === "query" || path[0] === "export" ? ["c"] : given]
    if (path[0] === "watch") words.push("--count", "1")
    if (path[0] === "alter") words.push(...alterFlags(path[1]))
    if (path[0] === "delete") words.push("--ids", "1")
    if (path.join(" ") === "create collection") words.push("--dimension", "2")
    if (path.join(" ") === "create row-policy") words.push("--action", "Query", "--using", evil)
    if (path.join(" ") === "create user") words.push("--new-password", evil)
    if (command.flags.some(({ name }) => name === "yes")) words.push("--yes")
    return command.flags.some(({ name }) => name === "port") ? [...words, "-p", `${port}`] : words
  })

const assertHarmless = (text: string, what: string): void => {
  const found = order.exec(text)
  assert(found === null, `${what}: ${JSON.stringify(text.slice(Math.max(0, (found?.index ?? 0) - 60)).slice(0, 200))}`)
  assert(!/^\s*forged: line/m.test(text), `${what} has a line of the server: ${JSON.stringify(text)}`)
}

test("rule 16: replies of a server cannot control the terminal, in any command and format", () =>
  withServer(handlers, async ({ port }) => {
    let seen = 0
    for (const words of lines(port)) {
      for (const format of ["table", "json", "ndjson", "csv"]) {
        const { code, out, err } = await execute([...words, "-o", format], { isTerminal: true })
        // Our own line ends have two characters in CSV.
        assertHarmless(
          out.replaceAll("\r\n", "\n").replace(bar, ""),
          `${words.join(" ")} -o ${format}`,
        )
        assertHarmless(err.replace(bar, ""), words.join(" "))
        if (code === 0 && /pwned/.test(out)) seen++
      }
    }
    assert(seen > 200, `only ${seen} outputs have text of the server`)
  }))

test("rule 16: tables and messages are harmless in a pipe too, and data is exact", () =>
  withServer(handlers, async ({ port }) => {
    for (const words of lines(port)) {
      const { out, err } = await execute(words)
      if (words[0] !== "export") assertHarmless(out, words.join(" "))
      assertHarmless(err, words.join(" "))
    }
    const { out } = await execute(["query", "c", "-o", "ndjson", "-p", `${port}`])
    assertEquals(JSON.parse(out)[evil], evil)
    const csv = await execute(["query", "c", "-o", "csv", "-p", `${port}`])
    assertStringIncludes(csv.out, evil)
  }))

test("rule 16: errors of a server cannot control the terminal, in any command", async () => {
  const { Connect, GetVersion, CheckHealth, DescribeCollection } = handlers as Required<Handlers>
  const refusals = [
    () => ({
      status: { error_code: "UnexpectedError", code: 65535, reason: evil, detail: evil },
      ...{ reason: evil, error_code: "UnexpectedError", code: 65535 },
    }),
    () => failure(grpc.status.INTERNAL, evil),
    () => failure(grpc.status.UNAVAILABLE, evil),
    () => failure(grpc.status.UNAUTHENTICATED, evil),
    () => failure(grpc.status.UNIMPLEMENTED, evil),
  ]
  for (const refuse of refusals) {
    const all = Object.fromEntries(
      [...Object.keys(handlers), "CreateCollection", "DropCollection", "Delete", "Insert", "Search", "CreateIndex"]
        .map((method) => [method, refuse]),
    )
    const served = { ...all, Connect, GetVersion, CheckHealth, DescribeCollection }
    await withServer(served, async ({ port }) => {
      for (const words of lines(port)) {
        const { out, err } = await execute(words)
        assertHarmless(out, words.join(" "))
        assertHarmless(err, words.join(" "))
      }
    })
    await withServer(all, async ({ port }) => {
      const { out, err, code } = await execute(["connect", "-p", `${port}`, "--timeout", "200ms"])
      assertEquals(code, 1)
      assertHarmless(out + err, "connect")
    })
  }
})

test("rule 16: names of files, flags, aliases and of the environment are shown as text", async () => {
  const home = await Deno.makeTempDir()
  // Neither environment variables nor paths may contain NUL.
  const text = evil.replace("\0", "")
  const env = { XDG_CONFIG_HOME: home, MILVUS_URI: `http://x${text}`, MILVUS_DATABASE: text }
  try {
    await Deno.mkdir(`${home}/effect-milvus`)
    const saved = { version: 1, connections: { [evil]: { host: evil, user: evil, needs: "password" } } }
    await Deno.writeTextFile(`${home}/effect-milvus/connections.json`, JSON.stringify(saved))
    const words = [
      ["list", "connections"],
      ["list", "connections", "-o", "csv"],
      ["ping", "-a", evil],
      ["ping"],
      ["ping", "-h", evil],
      ["ping", "--uri", evil],
      ["ping", "--ca", evil],
      ["ping", "-p", "1", "--token-command", `printf '${text}' >&2; exit 1`],
      ["import", "c", text, "-p", "1"],
      [evil],
      [`--${evil}`],
      ["query", "c", "--limit", evil],
      ["use", evil],
      ["disconnect", evil],
      ["drop", "connection", evil],
    ]
    for (const line of words) {
      const { out, err } = await execute(line, { env, isTerminal: true, answers: [] })
      assertHarmless(out.replaceAll("\r\n", "\n") + err, line.join(" "))
    }
  } finally {
    await Deno.remove(home, { recursive: true })
  }
})

test("rule 16: neither completion nor the history puts control characters into a line", () =>
  withServer(handlers, async ({ address }) => {
    const home = await Deno.makeTempDir()
    Deno.env.set("XDG_CONFIG_HOME", home)
    try {
      await Deno.mkdir(`${home}/effect-milvus`)
      await Deno.writeTextFile(`${home}/effect-milvus/history`, "ping\nquery \x1b[31m\n\x9b2J\nlist roles\n")
      assertEquals(await Effect.runPromise(readHistory), ["list roles", "ping"])
      await Effect.runPromise(Effect.scoped(Effect.gen(function* () {
        const shellState = yield* makeShellConnections(true)
        yield* shellState.connections.connect({ alias: "default", address })
        yield* shellState.connections.add(evil, { address })
        const objects = ["user ", "role ", "resource-group ", "snapshot c ", "row-policy c ", "namespace c "].map((
          object,
        ) => `describe ${object}`)
        for (const line of [...objects, "query ", "use ", "drop partition c ", "ping -a "]) {
          const [found] = yield* Effect.provideService(complete(program, line), ShellConnections, shellState)
          for (const each of found) assertHarmless(each, line)
        }
      })))
    } finally {
      Deno.env.delete("XDG_CONFIG_HOME")
      await Deno.remove(home, { recursive: true })
    }
  }))
