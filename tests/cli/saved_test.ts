/** Saved connections: their file, its permissions, and that it holds no secrets. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert"
import { startServer } from "../support/server.ts"
import { makeHome, startFake } from "./program.ts"
import { test } from "../support/test.ts"

test("connect --save saves an alias, which -a then finds", async () => {
  await using milvus = await startFake()
  await using home = await makeHome()
  const { code, out } = await home.run(["connect", "-p", milvus.port, "--database", "default", "-a", "prod", "--save"])
  assertEquals(code, 0)
  assertStringIncludes(out, "prod: connected and saved")
  assertEquals(JSON.parse(await Deno.readTextFile(home.saved)), {
    version: 1,
    connections: { prod: { port: milvus.port, database: "default" } },
  })
  const ping = await home.run(["ping", "-a", "prod", "-o", "ndjson"])
  assertEquals(JSON.parse(ping.out).address, milvus.address)
  const { out: list } = await home.run(["list", "connections", "-o", "ndjson"])
  assertEquals(JSON.parse(list), { alias: "prod", address: milvus.address, state: "not connected", saved: "yes" })
  await home.run(["drop", "connection", "prod"])
  assertEquals(await home.run(["ping", "-a", "prod"]), {
    code: 1,
    out: "",
    err:
      'error: no connection is saved as "prod". Save it: connect -h HOST -p PORT -a prod --save; see the saved ones: list connections.\n',
  })
})

test("only the user can read the file of saved connections, and it is replaced as a whole", async () => {
  await using milvus = await startFake()
  await using home = await makeHome()
  await home.run(["connect", "-p", milvus.port, "--save"])
  const first = await Deno.stat(home.saved)
  assertEquals(first.mode! & 0o777, 0o600)
  assertEquals((await Deno.stat(home.saved.replace(/\/[^/]*$/, ""))).mode! & 0o777, 0o700)
  await Deno.chmod(home.saved, 0o644)
  await home.run(["connect", "-p", milvus.port, "-a", "other", "--save"])
  const second = await Deno.stat(home.saved)
  assertEquals(second.mode! & 0o777, 0o600)
  assert(second.ino !== first.ino)
  assertEquals(await home.list("config/effect-milvus"), ["connections.json"])
})

test("secrets are not saved: neither a token, nor a password, nor the one in a URI", async () => {
  await using milvus = await startFake()
  await using home = await makeHome()
  const secret = "s3cret-value"
  const connections = {
    a: `-p ${milvus.port} --token ${secret}`,
    b: `-p ${milvus.port} --user root --password ${secret}`,
    c: `--uri http://root:${secret}@${milvus.address}/default`,
  }
  const lines = Object.entries(connections).map(([alias, flags]) => `connect ${flags} -a ${alias} --save`)
  const { code, err } = await home.run([], { stdin: lines.join("\n") })
  assertEquals(code, 0)
  assertEquals(err.match(/The (token|password) is not saved/g)?.length, 3)
  const text = await Deno.readTextFile(home.saved)
  assert(!text.includes(secret), text)
  const { connections: { a, b, c } } = JSON.parse(text)
  assertEquals([a.needs, b.needs, c.needs], ["token", "password", "password"])
  assertEquals(c.uri, `http://root@${milvus.address}/default`)
})

test("a saved connection takes its secret from the environment, or asks for it", async () => {
  await using milvus = await startServer()
  await using home = await makeHome()
  const authorizations = () => milvus.calls.map(({ metadata }) => metadata.get("authorization")[0])
  await home.run(["connect", "-p", `${milvus.port}`, "--token", "one", "-a", "prod", "--save"])
  milvus.calls.length = 0
  assertEquals(await home.run(["ping", "-a", "prod"]), {
    code: 2,
    out: "",
    err: "error: the token of the server is missing. Set MILVUS_TOKEN.\n",
  })
  assertEquals(milvus.calls.length, 0)
  assertEquals((await home.run(["ping", "-a", "prod"], { env: { MILVUS_TOKEN: "two" } })).code, 0)
  assertEquals(authorizations()[0], btoa("two"))
  milvus.calls.length = 0
  await using terminal = await home.open(["ping", "-a", "prod"])
  await terminal.shows("Token of the server:")
  await terminal.type("three\r")
  await terminal.shows("healthy")
  assertEquals(await terminal.exit(), 0)
  assertEquals(authorizations()[0], btoa("three"))
  assert(!(await terminal.raw()).includes("three"))
})

test("--token-command provides the token at each use, and is saved unchanged", async () => {
  await using milvus = await startServer()
  await using home = await makeHome()
  await home.write("token", "first\n")
  const command = `cat '${home.path}/token'`
  const { code, err } = await home.run([
    "connect",
    "-p",
    `${milvus.port}`,
    "--token-command",
    command,
    "-a",
    "prod",
    "--save",
  ])
  assertEquals([code, err], [0, ""])
  assertEquals(JSON.parse(await Deno.readTextFile(home.saved)).connections.prod.tokenCommand, command)
  await home.write("token", "second\n")
  assertEquals((await home.run(["ping", "-a", "prod"])).code, 0)
  assertEquals(
    new Set(milvus.calls.map(({ metadata }) => metadata.get("authorization")[0])),
    new Set([btoa("first"), btoa("second")]),
  )
  const failing = await home.run(["ping", "-p", `${milvus.port}`, "--token-command", "echo no such entry >&2; exit 3"])
  assertEquals(failing, {
    code: 1,
    out: "",
    err: "error: the token command failed: no such entry. Run it by hand: echo no such entry >&2; exit 3.\n",
  })
})

test("MILVUS_URI and MILVUS_TOKEN select the server, and flags override them", async () => {
  await using milvus = await startServer()
  await using other = await startServer()
  await using home = await makeHome()
  const env = { MILVUS_URI: `http://${milvus.address}`, MILVUS_TOKEN: "from-environment" }
  assertEquals((await home.run(["ping"], { env })).code, 0)
  assertEquals(milvus.calls[0]?.metadata.get("authorization")[0], btoa("from-environment"))
  const count = milvus.calls.length
  assertEquals((await home.run(["ping", "-p", `${other.port}`, "--token", "mine"], { env })).code, 0)
  assertEquals(milvus.calls.length, count)
  assertEquals(other.calls[0]?.metadata.get("authorization")[0], btoa("mine"))
  // They also override a saved "default", unless that is selected by name.
  await home.run(["connect", "-p", `${other.port}`, "--save"])
  const { out: byEnvironment } = await home.run(["ping", "-o", "ndjson"], { env })
  const { out: byName } = await home.run(["ping", "-a", "default", "-o", "ndjson"], { env })
  assertEquals([byEnvironment, byName].map((text) => JSON.parse(text).address), [milvus.address, other.address])
})

test("a token from the environment is sent to the server of a new alias", async () => {
  await using milvus = await startServer()
  await using home = await makeHome()
  const env = { MILVUS_TOKEN: "from-environment" }
  assertEquals((await home.run(["connect", "-p", `${milvus.port}`, "-a", "new", "--save"], { env })).code, 0)
  assertEquals(milvus.calls[0]?.metadata.get("authorization")[0], btoa("from-environment"))
  assertEquals(JSON.parse(await Deno.readTextFile(home.saved)).connections.new, {
    port: `${milvus.port}`,
    needs: "token",
  })
})

test("a token from the environment is not sent to a saved connection that does not need it", async () => {
  await using milvus = await startServer()
  await using home = await makeHome()
  await home.run(["connect", "-p", `${milvus.port}`, "-a", "open", "--save"])
  milvus.calls.length = 0
  await home.run(["ping", "-a", "open"], { env: { MILVUS_TOKEN: "of another", MILVUS_URI: "http://192.0.2.1" } })
  assert(milvus.calls.length > 0)
  assertEquals(milvus.calls.flatMap(({ metadata }) => metadata.get("authorization")), [])
})

test("an invalid file of saved connections is reported, and not changed", async () => {
  await using home = await makeHome()
  await Deno.mkdir(home.saved.replace(/\/[^/]*$/, ""), { recursive: true })
  await Deno.writeTextFile(home.saved, '{"version": 1, "connections": {"a": {"port": 1}}}')
  const { code, err } = await home.run(["ping", "-a", "a"])
  assertEquals(code, 1)
  assertStringIncludes(err, `error: the saved connections in ${home.saved} cannot be read`)
  assertEquals(err.split("\n").length, 2)
})

test("the shell connects a saved alias when it is used", async () => {
  await using milvus = await startFake()
  await using home = await makeHome()
  await home.run(["connect", "-p", milvus.port, "-a", "prod", "--save"])
  await using terminal = await home.open()
  await terminal.shows(/^\(default\)>$/)
  await terminal.type("ping -a prod\r")
  await terminal.shows("healthy")
  await terminal.type("disconnect prod\r")
  await terminal.shows("prod: disconnected")
  await terminal.type("use prod\r")
  await terminal.shows(/^prod>$/)
  await terminal.type("\x04")
  assertEquals(await terminal.exit(), 0)
})
