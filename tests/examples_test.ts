/** Every example runs to its end: the tour against a local server that it starts itself, each other one against a shared server. */
import { fileURLToPath } from "node:url"
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { serve } from "../examples/httpService.ts"
import { Connection } from "../mod.ts"
import { FakeMilvus } from "../src/testing/mod.ts"
import { shared, startMilvusLite } from "./support/milvus.ts"
import { pythonWith } from "./support/python.ts"
import { effectTest, test } from "./support/test.ts"

const root = fileURLToPath(new URL("..", import.meta.url))
const milvus = shared(() => startMilvusLite())

/** Enough for every step, and little enough for a test. */
const rows = "2000"

async function run(command: "run" | "test", file: string, ...args: ReadonlyArray<string>) {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [command, "-A", "--quiet", "--no-check", `examples/${file}`, ...args],
    cwd: root,
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1", MILVUS_PYTHON: await pythonWith("milvus-lite") },
    stdin: "null",
  }).output()
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
  return { success, out: text(stdout), err: text(stderr) }
}

async function runExample(file: string, ...args: ReadonlyArray<string>): Promise<string> {
  const { success, out, err } = await run("run", file, ...args)
  assert(success, `${file}\n${out}${err}`)
  assertEquals(err, "", file)
  return out
}

test("the tour connects, searches, shows each error, and leaves nothing open", async () => {
  const text = await runExample("demo.ts", rows)
  assertMatch(text, /insert +2,000 vectors/)
  assertMatch(text, /sockets to the server +0\n/)
  assertMatch(text, /the server's process +ended\n$/)
})

test("connect.ts connects in four ways", async () => {
  const text = await runExample("connect.ts", milvus().address)
  assertEquals(text.match(/ healthy$/gm)?.length, 4)
})

test("errors.ts shows each error", async () => {
  const text = await runExample("errors.ts", milvus().address)
  const tags = [...text.matchAll(/^ {2}.{24} (\w+): /gm)].map(([, tag]) => tag)
  assertEquals(tags, [
    "NotImplemented",
    "ParamError",
    "NotReady",
    "AliasError",
    "AliasError",
    "ServerError",
    "ConnectionClosed",
  ])
})

test("vectors.ts leaves no collection behind", async () => {
  assertMatch(await runExample("vectors.ts", milvus().address, rows), /drop +the collection/)
})

test("script.ts finds by vector and by filter", async () => {
  assertEquals(await runExample("script.ts", milvus().address), "Ikiru 1952 1.00\nStalker 1979 0.80\nStalker\n")
})

test("httpService.ts answers, refuses what is wrong, and stops on a signal", async () => {
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", "examples/httpService.ts", milvus().address, "0"],
    cwd: root,
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn()
  const lines = process.stdout.pipeThrough(new TextDecoderStream())
  const reader = lines.getReader()
  const { value: url = "" } = await reader.read()
  const send = async (path: string, body?: unknown) => {
    const init = { method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json" } }
    const response = await fetch(`${url.trim()}${path}`, body === undefined ? {} : init)
    return [response.status, await response.text()]
  }
  try {
    assertEquals(await send("/live"), [204, ""])
    assertEquals(await send("/ready"), [204, ""])
    assertEquals(await send("/books", { id: 1, title: "Demian", vector: [1, 0, 0, 0] }), [204, ""])
    assertEquals(await send("/books/search", { vector: [1, 0, 0, 0] }), [
      200,
      '[{"id":"1","title":"Demian","score":1}]',
    ])
    const [wrong] = await send("/books/search", { vector: [1, 0] })
    assertEquals(wrong, 400)
    const [tooMany] = await send("/books/search", { vector: [1, 0, 0, 0], limit: 0 })
    assertEquals(tooMany, 400)
    const [, openapi] = await send("/openapi.json")
    assertMatch(`${openapi}`, /"\/books\/search"/)
  } finally {
    process.kill("SIGTERM")
    reader.releaseLock()
    await lines.cancel()
    assertEquals((await process.status).code, 0)
  }
})

effectTest(
  "httpService.ts ends a request that it has before it stops",
  Effect.gen(function* () {
    const fake = yield* FakeMilvus.make()
    const connection = yield* Connection.connect(fake.address)
    const scope = yield* Scope.make()
    const port = yield* serve(0).pipe(
      Effect.provideService(Connection.Connection, connection),
      Effect.provideService(Scope.Scope, scope),
    )
    const url = `http://127.0.0.1:${port}/books/search`
    const search = () =>
      fetch(url, {
        method: "POST",
        body: JSON.stringify({ vector: [1, 0, 0, 0] }),
        headers: { "content-type": "application/json" },
      })
    yield* fake.delay("Search", "400 millis")
    const answer = search()
    yield* Effect.repeat(fake.calls, { until: (calls) => calls.some(({ method }) => method === "Search") })
    yield* Scope.close(scope, Exit.void)
    const { status } = yield* Effect.promise(() => answer.then(async (it) => (await it.text(), it)))
    assertEquals(status, 200)
    yield* Effect.promise(() => assertRejects(search))
  }),
)

test("ndjsonWorker.ts writes all rows of a stream, and says from which line on one is wrong", async () => {
  const line = (id: number, vector: ReadonlyArray<number>) => JSON.stringify({ id, title: `page ${id}`, vector })
  const file = await Deno.makeTempFile({ suffix: ".ndjson" })
  try {
    const rows = Array.from({ length: 12_000 }, (_, id) => line(id, [id, 1, 0, 0]))
    await Deno.writeTextFile(file, rows.join("\n"))
    assertEquals(await runExample("ndjsonWorker.ts", file, milvus().address), "12000\n")
    rows[11_000] = line(11_000, [1, 0])
    await Deno.writeTextFile(file, rows.join("\n"))
    const { success, out, err } = await run("run", "ndjsonWorker.ts", file, milvus().address)
    assertEquals(success, false)
    assertMatch(out, /the 2000 rows from row 10001 on are not all written/)
    assertMatch(err, /row 1000\b.*vector/)
  } finally {
    await Deno.remove(file)
  }
})

test("rotatingCredentials.ts reads the token again when it is refused", async () => {
  const text = await runExample("rotatingCredentials.ts")
  assertEquals(text.match(/^ {2}reads +the token$/gm)?.length, 2)
  assertMatch(text, /collections +0, after the password changed\n$/)
})

test("tenants.ts keeps tenants apart", async () => {
  const text = await runExample("tenants.ts", milvus().address)
  const results = [...text.matchAll(/^ {2}(\w+) +(.+)$/gm)].map(([, tenant, result]) => `${tenant}: ${result}`)
  assertEquals(results, [
    "acme: a note of acme",
    "globex: a note of globex",
    "initech: nothing",
    "acme: 0 notes",
    "globex: 1 notes",
  ])
})

test("testing.ts passes", async () => {
  const { success, out, err } = await run("test", "testing.ts")
  assert(success, `${out}${err}`)
  assertMatch(out, /3 passed/)
})

test("retrieval.ts answers from the passage that fits, and lets the model search", async () => {
  const text = await runExample("retrieval.ts", milvus().address)
  assertMatch(text, /What may be cancelled\? +A booking may be cancelled until the day before/)
  assertMatch(text, /source +cancellation\n/)
  assertMatch(text, /the model looks for +breakfast\n.*passage of food +Breakfast is served/)
})

test("examples import public names only", async () => {
  for await (const { name } of Deno.readDir(`${root}examples`)) {
    if (!name.endsWith(".ts")) continue
    const text = await Deno.readTextFile(`${root}examples/${name}`)
    for (const [, specifier = ""] of text.matchAll(/ from "([^"]+)"/g)) {
      assertMatch(specifier, /^(@effect-milvus\/client(\/\w+)?|effect\/[\w-]+(\/\w+)?|\.\/\w+\.ts)$/, name)
    }
  }
})
