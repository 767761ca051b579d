/** The commands from the page on connections in the Milvus documentation, verbatim. */
import { assertEquals, assertMatch } from "@std/assert"
import { makeHome, startFake } from "./program.ts"
import { test } from "../support/test.ts"

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

test("connect -D outside of the shell succeeds although nothing is connected", async () => {
  await using home = await makeHome()
  assertEquals(await home.run(["connect", "-D"]), { code: 0, out: "default: was not connected\n", err: "" })
})
