/** `mcp`, driven by the client of the official SDK on Node, over both transports. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert"
import * as Effect from "effect/Effect"
import { Collection, Connection, Field, Functions, Index, Vectors } from "../../mod.ts"
import { freePort } from "../support/listeners.ts"
import { startMilvusLite } from "../support/milvus.ts"
import { install } from "../support/npmProject.ts"
import { execute as executeProgram, makeFolder, root } from "../support/package.ts"
import { test } from "../support/test.ts"
import { execute } from "./execute.ts"
import { makeHome, startFake } from "./program.ts"

const client = `
import { Client } from "@modelcontextprotocol/sdk/client/index.js"
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js"
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js"

const { url, stdio, calls } = JSON.parse(process.argv[2])
const client = new Client({ name: "test", version: "1.0.0" })
const transport = url === undefined
  ? new StdioClientTransport({ ...stdio, stderr: "pipe" })
  : new StreamableHTTPClientTransport(new URL(url))
let printed = ""
transport.stderr?.on("data", (chunk) => printed += chunk)
await client.connect(transport)
const { tools } = await client.listTools()
const results = []
for (const [name, args] of calls) {
  results.push(await client.callTool({ name, arguments: args }).catch(({ message }) => ({ thrown: message })))
}
const server = client.getServerVersion()
await client.close()
console.log(JSON.stringify({ server, tools, results, printed }))
`

interface Result {
  readonly isError?: boolean
  readonly structuredContent?: Readonly<Record<string, unknown>>
  readonly content?: ReadonlyArray<{ readonly type: string; readonly text: string }>
  readonly thrown?: string
}

interface Answer {
  readonly server: { readonly name: string }
  readonly tools: ReadonlyArray<{
    readonly name: string
    readonly description: string
    readonly annotations: Readonly<Record<string, boolean>>
  }>
  readonly results: Array<Result>
  readonly printed: string
}

type Calls = ReadonlyArray<readonly [tool: string, args: object]>

/** Makes a folder with the SDK. */
const folder = async () => {
  const made = await makeFolder({ "package.json": `{"private":true,"type":"module"}`, "client.mjs": client })
  await install(made.path, ["@modelcontextprotocol/sdk@1.32.2"])
  return made
}

const drive = async (path: string, how: object, calls: Calls): Promise<Answer> => {
  const { code, text } = await executeProgram("node", ["client.mjs", JSON.stringify({ ...how, calls })], { cwd: path })
  assertEquals(code, 0, text)
  return JSON.parse(text)
}

const stdio = (words: ReadonlyArray<string>, env: Readonly<Record<string, string>> = {}) => ({
  stdio: {
    command: Deno.execPath(),
    args: [
      "run",
      "-A",
      "--quiet",
      "--no-check",
      `--config=${root}deno.json`,
      `${root}src/cli/main.ts`,
      "mcp",
      ...words,
    ],
    env: { PATH: Deno.env.get("PATH"), HOME: Deno.env.get("HOME"), XDG_CONFIG_HOME: "/nowhere", ...env },
  },
})

const Notes = Collection.define("mcp_notes", {
  id: Field.int64({ primaryKey: true }),
  text: Field.varChar({ maxLength: 1000, enableAnalyzer: true }),
  vector: Field.floatVector({ dimension: 2 }),
  terms: Field.sparseFloatVector(),
}, {
  functions: { text_terms: Functions.bm25({ input: "text", output: "terms" }) },
  indexes: { vector: Index.flat({ metric: "L2" }), terms: Index.sparseInvertedIndex({ metric: "BM25" }) },
  consistencyLevel: "Strong",
})

const texts = ["rivers of india", "mountains of nepal", "rivers of france"]
const big = 2n ** 60n

const fill = Effect.gen(function* () {
  yield* Collection.create(Notes)
  yield* Vectors.insert(Notes, {
    id: [1n, 2n, big],
    text: texts,
    vector: [[1, 0], [2, 0], [3, 0]],
  })
})

const names = (answer: Answer) => answer.tools.map(({ name }) => name)
const content = ({ results }: Answer) => results.map(({ structuredContent }) => structuredContent)
const errors = ({ results }: Answer) =>
  results.map(({ isError, content, thrown }) => thrown ?? (isError === true ? content?.[0]?.text : undefined))

test("the official client reads, searches and writes through mcp, over both transports", async () => {
  await using sdk = await folder()
  await using lite = await startMilvusLite()
  await Effect.runPromise(Effect.provide(fill, Connection.layer(lite.address)))
  const [, port = ""] = lite.address.split(":")
  const collection = "mcp_notes"
  const reads: Calls = [
    ["list_collections", {}],
    ["describe_collection", { collection }],
    ["search", { collection, vector: [2.25, 0], field: "vector", limit: 2, filter: "id > 1" }],
    ["search", { collection, text: "rivers", field: "terms", fields: ["text"], limit: 1 }],
    ["hybrid_search", {
      collection,
      searches: [{ field: "vector", vector: [1, 0] }, { field: "terms", text: "india" }],
      limit: 1,
    }],
    ["query", { collection, filter: 'text like "rivers%"', fields: ["id", "text"] }],
    ["count", { collection, filter: "id < 3" }],
  ]
  const answer = await drive(sdk.path, stdio(["-p", port]), reads)
  assertEquals(answer.server.name, "effect-milvus")
  assertEquals(names(answer), reads.map(([name]) => name).filter((name, at, all) => all.indexOf(name) === at))
  assert(answer.tools.every(({ annotations }) => annotations.readOnlyHint && !annotations.destructiveHint))
  assertEquals(errors(answer), reads.map(() => undefined))
  const [list, described, nearest, byText, hybrid, rows, count] = content(answer)
  assertEquals(list, { collections: [collection], omitted: 0 })
  // milvus-lite keeps no description.
  assertEquals([described?.name, described?.description, described?.rows], [collection, "", 3])
  assertStringIncludes(JSON.stringify(described?.fields), '"dimension":2')
  assertStringIncludes(JSON.stringify(described?.indexes), '"metric":"BM25"')
  assertEquals(nearest, {
    hits: [
      { $score: 0.0625, id: 2, text: texts[1] },
      { $score: 0.5625, id: `${big}`, text: texts[2] },
    ],
    omitted: 0,
  })
  assertMatch(JSON.stringify(byText), /"text":"rivers of (india|france)"/)
  assertMatch(JSON.stringify(hybrid), /"id":1,"text":"rivers of india"/)
  assertEquals(rows, { rows: [{ id: 1, text: texts[0] }, { id: `${big}`, text: texts[2] }], omitted: 0 })
  assertEquals(count, { count: 2 })

  const http = freePort()
  await using home = await makeHome()
  const child = home.start(["mcp", "-p", port, "--http", `${http}`, "--write"])
  const [stderr] = [child.stderr.getReader()]
  const { value } = await stderr.read()
  const url = `http://127.0.0.1:${http}/mcp`
  assertEquals(new TextDecoder().decode(value), `Serving MCP on ${url}, until Ctrl-C.\n`)
  try {
    const overHttp = await drive(sdk.path, { url }, [
      ...reads,
      ["insert", { collection, rows: [{ id: 7, text: "lakes of italy", vector: [9, 9] }] }],
      ["insert", { collection, upsert: true, rows: [{ id: 7, text: "lakes of chile", vector: [9, 9] }] }],
      ["query", { collection, filter: "id == 7", fields: ["text"] }],
      ["delete", { collection, ids: [7, `${big}`] }],
      ["delete", { collection, filter: "id == 2" }],
      ["count", { collection }],
      ["delete", { collection }],
    ])
    assertEquals(names(overHttp), [...names(answer), "insert", "delete"])
    assertEquals(content(overHttp).slice(0, reads.length), content(answer))
    const [inserted, upserted, row, deleted, more, left] = content(overHttp).slice(reads.length)
    assertEquals([inserted, upserted], [{ inserted: 1, ids: [7] }, { inserted: 1, ids: [7] }])
    assertEquals(row, { rows: [{ text: "lakes of chile", id: 7 }], omitted: 0 })
    assertEquals([deleted, more, left], [{ deleted: 2 }, { deleted: 1 }, { count: 1 }])
    assertEquals(errors(overHttp).at(-1), '{"error":"expected either ids or filter"}')

    // A page that a browser shows may resolve its name to this machine.
    for (const headers of [{ host: "evil.example:80" }, { origin: "https://evil.example" }]) {
      assertEquals(await statusOf(http, headers), 403)
    }
  } finally {
    child.kill("SIGINT")
    await stderr.cancel()
    await child.stdout.cancel()
    await child.stdin.close().catch(() => {})
    assertEquals((await child.status).code, 130)
  }
})

/** Posts to a server of this machine with headers that `fetch` does not send. */
const statusOf = async (port: number, headers: Readonly<Record<string, string>>): Promise<number> => {
  const { request } = await import("node:http")
  return new Promise((resolve, reject) => {
    const options = { port, host: "127.0.0.1", path: "/mcp", method: "POST" }
    const sent = request({ ...options, headers: { "content-type": "application/json", ...headers } }, (response) => {
      response.resume()
      response.on("end", () => resolve(response.statusCode ?? 0))
    })
    sent.on("error", reject)
    sent.end("{}")
  })
}

test("replies of mcp keep to the limits, and errors are sentences without secrets", async () => {
  const secret = "s3cret-value"
  await using sdk = await folder()
  await using fake = await startFake({ authorization: true })
  const Long = Collection.define("mcp_long", {
    id: Field.int64({ primaryKey: true }),
    text: Field.varChar({ maxLength: 1000 }),
    vector: Field.floatVector({ dimension: 2 }),
  }, { description: "Long", indexes: { vector: Index.flat({ metric: "L2" }) }, consistencyLevel: "Strong" })
  const Wide = Collection.define("mcp_wide", {
    id: Field.int64({ primaryKey: true }),
    vector: Field.floatVector({ dimension: 2 }),
    ...Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`field_${at}`, Field.bool()])),
  })
  const Keys = Collection.define("mcp_keys", {
    id: Field.varChar({ maxLength: 1000, primaryKey: true }),
    vector: Field.floatVector({ dimension: 2 }),
  })
  const names = Array.from({ length: 12 }, (_, at) => `mcp_${at}_${"n".repeat(200)}`)
  const params = { address: fake.address, user: "root", password: "Milvus" }
  await Effect.runPromise(Effect.provide(
    Effect.gen(function* () {
      const connection = yield* Connection.Connection
      const credential = { username: "ann", password: btoa(secret) }
      yield* connection.call("CreateCredential", credential)
      yield* Effect.forEach([Long, Wide, Keys], (one) => Collection.create(one))
      yield* Effect.forEach(names, (name) => Collection.create({ ...Keys, name }))
      yield* Vectors.insert(
        Long,
        Array.from({ length: 20 }, (_, id) => ({ id, text: "x".repeat(100), vector: [id, 0] })),
      )
    }),
    Connection.layer(params),
  ))
  const collection = "mcp_long"
  const env = { MILVUS_URI: `http://${fake.address}`, MILVUS_USER: "ann", MILVUS_PASSWORD: secret }
  const limits = ["--write", "--max-rows", "15", "--max-bytes", "3500"]
  const answer = await drive(sdk.path, stdio(limits, env), [
    ["query", { collection, limit: 15 }],
    ["search", { collection, vector: [0, 0], limit: 15 }],
    ["query", { collection, limit: 16 }],
    ["query", { collection, filter: "no such field ==" }],
    ["search", { collection, vector: [0, 0, 0] }],
    ["search", { collection }],
    ["query", { collection: "missing" }],
    ["insert", { collection, rows: Array.from({ length: 16 }, (_, id) => ({ id })) }],
    ["insert", { collection, rows: [{ id: 1 }] }],
    ["query", { collection, limit: 0 }],
    ["drop_collection", { collection }],
    ["list_collections", {}],
    ["describe_collection", { collection: "mcp_wide" }],
    ["query", { collection, filter: `id in [${"1,".repeat(4900)}` }],
    ["query", { collection, filter: " ".repeat(10_001) }],
    ["delete", { collection, ids: Array.from({ length: 16 }, (_, id) => id) }],
    ["insert", {
      collection: "mcp_keys",
      rows: Array.from({ length: 15 }, (_, id) => ({ id: `${id}`.padEnd(1000, "k"), vector: [id, 0] })),
    }],
    ["describe_collection", { collection }],
  ])
  const bounded = answer.results.splice(11, 6)
  assertEquals(answer.results.pop()?.structuredContent?.["description"], "Long")
  const [rows, hits] = answer.results
  for (const [result, name] of [[rows, "rows"], [hits, "hits"]] as const) {
    const some = result?.structuredContent?.[name] as ReadonlyArray<unknown>
    assert(some.length > 5 && some.length < 15, `${some.length}`)
    assertEquals(result?.structuredContent?.["omitted"], 15 - some.length)
  }
  // The whole of each reply keeps to the limit, in the form in which it is sent.
  for (const result of answer.results) assert(JSON.stringify(result).length <= 3500, JSON.stringify(result))
  const [, , tooMany, filter, dimension, neither, missing, insert, incomplete, zero, unknown] = errors(answer)
  assertEquals(tooMany, '{"error":"limit: expected at most 15, got 16"}')
  assertMatch(filter ?? "", /rejected the call/)
  assertMatch(dimension ?? "", /dimension|2/)
  assertEquals(neither, '{"error":"expected either vector or text"}')
  assertMatch(missing ?? "", /missing/)
  assertEquals(insert, '{"error":"rows: expected at most 15, got 16"}')
  assertMatch(incomplete ?? "", /text|vector/)
  assert(zero !== undefined && unknown !== undefined)
  for (const result of bounded) assert(JSON.stringify(result).length <= 3500, JSON.stringify(result))
  const [list, wide, long, longer, keys, written] = bounded
  const listed = list?.structuredContent?.["collections"] as ReadonlyArray<string>
  assert(listed.length > 3 && listed.length < 15, `${listed.length}`)
  assertEquals(list?.structuredContent?.["omitted"], 15 - listed.length)
  const textOf = (result: Result | undefined) => result?.thrown ?? result?.content?.[0]?.text ?? ""
  assertEquals(textOf(wide), '{"error":"the description of mcp_wide does not fit into a reply of 3500 bytes"}')
  assertEquals([long?.isError, longer?.isError ?? longer?.thrown !== undefined], [true, true])
  assertEquals(textOf(keys), '{"error":"ids: expected at most 15, got 16"}')
  const { inserted, ids, omitted } = written?.structuredContent ?? {}
  assertEquals([inserted, omitted], [15, 15 - (ids as ReadonlyArray<string>).length])
  assert(!JSON.stringify([answer, bounded]).includes(secret))
  assert(!JSON.stringify(answer).includes(btoa(secret)))
})

test("with a token, mcp answers over HTTP only to those who have it", async () => {
  const token = "s3cret-t0ken"
  await using fake = await startFake()
  await using home = await makeHome()
  // No machine has this address: even a mistake does not listen on it.
  const refused = await home.run(["mcp", "-p", fake.port, "--http", "192.0.2.1:8808"])
  assertEquals([refused.code, refused.err], [
    2,
    "error: anyone could reach 192.0.2.1 without a token. Set MILVUS_MCP_TOKEN, or listen on 127.0.0.1.\n",
  ])
  const small = await home.run(["mcp", "-p", fake.port, "--max-bytes", "999"])
  assertEquals(small.code, 2)
  const http = freePort()
  const child = home.start(["mcp", "-p", fake.port, "--http", `0.0.0.0:${http}`], { MILVUS_MCP_TOKEN: token })
  const stderr = child.stderr.getReader()
  const { value } = await stderr.read()
  assertEquals(new TextDecoder().decode(value), `Serving MCP on http://0.0.0.0:${http}/mcp, until Ctrl-C.\n`)
  const allowed = { authorization: `Bearer ${token}` }
  try {
    const statuses = []
    for (
      const headers of [
        {},
        { authorization: "Bearer " },
        { authorization: `Bearer ${token}x` },
        { authorization: `Basic ${token}` },
        { ...allowed, origin: "https://evil.example" },
        { ...allowed, "content-length": `${2 ** 30}` },
        { ...allowed, host: "milvus.example", accept: "application/json" },
      ]
    ) statuses.push(await statusOf(http, headers))
    // The last one is let through, and refused by the protocol, which needs another type of answer as well.
    assertEquals(statuses, [401, 401, 401, 401, 403, 413, 406])
  } finally {
    child.kill("SIGTERM")
    await stderr.cancel()
    await child.stdout.cancel()
    await child.stdin.close().catch(() => {})
    assertEquals((await child.status).code, 130)
  }
})

test("mcp ends with its input, and does not start without a server", async () => {
  await using fake = await startFake()
  await using home = await makeHome()
  const line = (message: object) => `${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`
  const ping = line({ id: 1, method: "ping" })
  const { code, out, err } = await home.run(["mcp", "-p", fake.port], { stdin: ping })
  assertEquals([code, err], [0, ""])
  assertEquals(JSON.parse(out).id, 1)
  const clientInfo = { name: "test", version: "1.0.0" }
  const initialize = { protocolVersion: "2025-06-18", capabilities: {}, clientInfo }
  const listing = line({ id: 1, method: "initialize", params: initialize }) +
    line({ method: "notifications/initialized" }) + line({ id: 2, method: "tools/list" })
  const listed = await home.run(["mcp", "-p", fake.port], { stdin: listing })
  assertMatch(listed.out, /"hybrid_search"/)
  assert(!/"(insert|delete)"/.test(listed.out), listed.out)
  const { code: refused, err: why } = await execute(["mcp", "-p", `${freePort()}`, "--timeout", "300ms"])
  assertEquals(refused, 1)
  assertMatch(why, /^error: cannot reach 127\.0\.0\.1/)
  assertEquals((await execute(["mcp", "--http", "70000"])).code, 2)
})

test("no other command loads what mcp needs", async () => {
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", `${root}src/cli/start.ts`],
  }).output()
  assertEquals(code, 0)
  interface Module {
    readonly specifier: string
    readonly dependencies?: ReadonlyArray<{ code?: { specifier: string }; isDynamic?: boolean }>
  }
  const { modules, redirects } = JSON.parse(new TextDecoder().decode(stdout)) as {
    readonly modules: ReadonlyArray<Module>
    readonly redirects: Readonly<Record<string, string>>
  }
  const reached = (dynamic: boolean) => {
    const seen = new Set(modules.map((it) => it.specifier).filter((it) => it.endsWith("/src/cli/start.ts")))
    // A set that grows while it is iterated over yields what is added.
    for (const specifier of seen) {
      for (const { code, isDynamic } of modules.find((it) => it.specifier === specifier)?.dependencies ?? []) {
        if (code !== undefined && (dynamic || isDynamic !== true)) seen.add(redirects[code.specifier] ?? code.specifier)
      }
    }
    return [...seen].filter((it) => /\/src\/cli\/mcp\/|effect@[^/]+\/ai\//.test(it)).length
  }
  assertEquals(reached(false), 0)
  assert(reached(true) > 3)
})
