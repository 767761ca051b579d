/** Every example runs to its end: the tour against a local server that it starts itself, each other one against a shared server. */
import { fileURLToPath } from "node:url"
import { assert, assertEquals, assertMatch } from "@std/assert"
import { shared, startMilvusLite } from "./support/milvus.ts"
import { pythonWith } from "./support/python.ts"
import { test } from "./support/test.ts"

const root = fileURLToPath(new URL("..", import.meta.url))
const milvus = shared(() => startMilvusLite())

/** Enough for every step, and little enough for a test. */
const rows = "2000"

async function runExample(file: string, ...args: ReadonlyArray<string>): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", `examples/${file}`, ...args],
    cwd: root,
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1", MILVUS_PYTHON: await pythonWith("milvus-lite") },
    stdin: "null",
  }).output()
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes))
  assert(success, `${file}\n${out}${err}`)
  assertEquals(err, "", file)
  return out ?? ""
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

test("examples import public names only", async () => {
  for await (const { name } of Deno.readDir(`${root}examples`)) {
    if (!name.endsWith(".ts")) continue
    const text = await Deno.readTextFile(`${root}examples/${name}`)
    for (const [, specifier = ""] of text.matchAll(/ from "([^"]+)"/g)) {
      assertMatch(specifier, /^(@effect-milvus\/client(\/\w+)?|effect\/\w+|\.\/\w+\.ts)$/, name)
    }
  }
})
