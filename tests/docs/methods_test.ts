/** The tables for those who come from other clients, held against the clients, this library and the servers. */
import { assert, assertEquals } from "@std/assert"
import * as Effect from "effect/Effect"
import { pages } from "../../docs/generate.ts"
import { type Counterpart, nodeSdk, pymilvus, servers } from "../../docs/methods.ts"
import * as mod from "../../mod.ts"
import { rpcs } from "../../src/contract/rpcs.ts"
import { startMilvus, startMilvusLite } from "../support/milvus.ts"
import { execute, makeFolder, succeed } from "../support/package.ts"
import { pythonWith } from "../support/python.ts"
import { test } from "../support/test.ts"

const root = new URL("../../", import.meta.url)

test("the pages of docs are those of their generator", async () => {
  for (const [path, text] of Object.entries(pages)) {
    assert(await Deno.readTextFile(new URL(path, root)) === text, `${path}: run deno run -A docs/generate.ts`)
  }
})

const namespaces: Readonly<Record<string, object>> = { ...mod }

test("every counterpart of a method exists here, and every method has one or says why not", () => {
  const all: ReadonlyArray<readonly [string, Counterpart]> = [...Object.entries(pymilvus), ...Object.entries(nodeSdk)]
  for (const [name, { use, note }] of all) {
    assert(use !== undefined || note !== undefined, `${name} has no answer`)
    if (use === undefined) continue
    const [namespace = "", member] = use.split(".")
    assert(Object.hasOwn(namespaces, namespace), `${name}: ${use}`)
    if (member === undefined) continue
    assertEquals(typeof Reflect.get(namespaces[namespace]!, member), "function", `${name}: ${use}`)
  }
})

test("the table for pymilvus has exactly the methods of its MilvusClient", async () => {
  const script = `
import json
from pymilvus import MilvusClient as C
print(json.dumps([n for n in dir(C) if not n.startswith("_") and callable(getattr(C, n))]))`
  const methods: ReadonlyArray<string> = JSON.parse(await succeed(await pythonWith("pymilvus"), ["-c", script]))
  assertEquals(Object.keys(pymilvus).toSorted(), methods.toSorted())
})

test("the table for the Node SDK has exactly the public methods of its MilvusClient", async () => {
  await using folder = await makeFolder({ "package.json": `{"private":true}` })
  const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--prefer-offline"]
  const installed = await execute("npm", ["install", ...flags, "@zilliz/milvus2-sdk-node@3.0.6"], { cwd: folder.path })
  assertEquals(installed.code, 0, installed.text)
  const script = `
const { MilvusClient } = require("@zilliz/milvus2-sdk-node")
const names = new Set()
for (let p = MilvusClient.prototype; p && p !== Object.prototype; p = Object.getPrototypeOf(p)) {
  for (const name of Object.getOwnPropertyNames(p)) {
    if (typeof Object.getOwnPropertyDescriptor(p, name).value === "function") names.add(name)
  }
}
const client = new MilvusClient({ address: "127.0.0.1:1", __SKIP_CONNECT__: true })
for (const name of Object.keys(client)) if (typeof client[name] === "function") names.add(name)
console.log(JSON.stringify([...names].filter((name) => !name.startsWith("_"))))
process.exit(0)`
  const methods: ReadonlyArray<string> = JSON.parse(await succeed("node", ["-e", script], { cwd: folder.path }))
  assertEquals(Object.keys(nodeSdk).toSorted(), methods.toSorted())
})

for (const [name, start] of Object.entries({ "Milvus 2.3.5": startMilvus, "milvus-lite 3.2.2": startMilvusLite })) {
  test(`the RPCs that ${name} has are those of the table`, async () => {
    await using server = await start()
    const found = await Effect.runPromise(Effect.scoped(Effect.gen(function* () {
      const { call } = yield* mod.Connection.connect(server.address)
      const names: Array<string> = []
      for (const method of Object.keys(rpcs)) {
        if (method === "CreateReplicateStream" || method === "DumpMessages") continue
        // Cast: every other row is a unary RPC. An empty request is refused, or does nothing.
        const asked = call(method as keyof mod.Connection.Methods, {}, { retry: false, timeout: "5 seconds" })
        const isThere = yield* Effect.match(asked, {
          onFailure: (error) => error._tag !== "RpcError" || error.code !== "UNIMPLEMENTED",
          onSuccess: () => true,
        })
        if (isThere) names.push(method)
      }
      return names
    })))
    assertEquals(found, servers[name])
  })
}
