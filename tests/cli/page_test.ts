/** The command line of Milvus's page on connections, as it is written there. */
import { assertEquals, assertMatch } from "@std/assert"
import { makeHome, startFake } from "./program.ts"

const test = (name: string, fn: () => Promise<void>) =>
  Deno.test({ name, sanitizeOps: true, sanitizeResources: true, fn })

test("connect -h localhost -p 19530 -a default", async () => {
  await using milvus = await startFake()
  await using home = await makeHome()
  const { code, out, err } = await home.run(["connect", "-h", "localhost", "-p", milvus.port, "-a", "default"])
  assertMatch(out, new RegExp(`^default: connected, localhost:${milvus.port}, Milvus v2\\.6\\.2, \\d+ ms\\n$`))
  assertEquals([code, err], [0, ""])
})

test("connect -D", async () => {
  await using milvus = await startFake()
  await using home = await makeHome()
  await using terminal = await home.open()
  await terminal.shows("(default)>")
  await terminal.type(`connect -h localhost -p ${milvus.port} -a default\r`)
  await terminal.shows(/^default>$/)
  await terminal.type("connect -D\r")
  await terminal.shows("default: disconnected")
  await terminal.shows(/^\(default\)>$/)
  await terminal.type("\x04")
  assertEquals(await terminal.exit(), 0)
})

test("connect -D outside of the shell finds nothing connected, and is content", async () => {
  await using home = await makeHome()
  assertEquals(await home.run(["connect", "-D"]), { code: 0, out: "default: was not connected\n", err: "" })
})
