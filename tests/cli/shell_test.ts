/** The shell under a terminal: typed keys, and the contents of the screen. */
import * as Effect from "effect/Effect"
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert"
import { type Home, makeHome, startFake } from "./program.ts"
import type { Terminal } from "./terminal.ts"
import { eventually } from "../support/sockets.ts"
import { test } from "../support/test.ts"

/** Opens a shell, and waits until it is ready for the first key. */
async function openShell(home: Home, env?: Readonly<Record<string, string>>): Promise<Terminal> {
  const terminal = await home.open([], env)
  await terminal.shows(/^\(default\)>$/)
  return terminal
}

/** Leaves the shell with Ctrl-D. */
async function leave(terminal: Terminal): Promise<void> {
  await terminal.type("\x04")
  assertEquals(await terminal.exit(), 0)
}

test("the shell holds several connections, and its prompt shows the alias in use", async () => {
  await using one = await startFake()
  await using two = await startFake({ version: "v2.5.1" })
  await using home = await makeHome()
  await using terminal = await openShell(home)
  await terminal.type(`connect -p ${one.port}\r`)
  await terminal.shows(/^default>$/)
  await terminal.type(`connect -p ${two.port} -a two\r`)
  await terminal.shows(/^two>$/)
  await terminal.type("ping\r")
  await terminal.shows("v2.5.1")
  await terminal.type("use default\r")
  await terminal.shows(/^default>$/)
  await terminal.type("list connections\r")
  const text = await terminal.shows(/^two .*connected .*no$/)
  assertMatch(text, new RegExp(`^default  ${one.address}  connected  no     yes$`, "m"))
  await terminal.type("ping -a two -o ndjson\r")
  await terminal.shows('"version":"v2.5.1"')
  await terminal.type("disconnect\r")
  await terminal.shows("default: disconnected")
  await terminal.type("ping\r")
  await terminal.shows('error: "default" is not connected. Connect it first: connect -h HOST -p PORT -a')
  await terminal.type("ping -a two\r")
  await leave(terminal)
})

test("Ctrl-D leaves the shell, and closes all connections", async () => {
  await using milvus = await startFake()
  await using home = await makeHome()
  await using terminal = await openShell(home)
  await terminal.type(`connect -p ${milvus.port} -a one\r`)
  await terminal.shows(/^one>$/)
  await terminal.type(`connect -p ${milvus.port} -a two\r`)
  await terminal.shows(/^two>$/)
  await leave(terminal)
})

test("Ctrl-C cancels the running command, and the shell continues", async () => {
  await using milvus = await startFake()
  await using home = await makeHome()
  await using terminal = await openShell(home)
  await terminal.type(`connect -p ${milvus.port}\r`)
  await terminal.shows(/^default>$/)
  await Effect.runPromise(milvus.server.delay("GetVersion", "1 minute"))
  await Effect.runPromise(milvus.server.clearCalls)
  const outcomes = async () =>
    (await Effect.runPromise(milvus.server.calls)).filter(({ method }) => method === "GetVersion").map(({ outcome }) =>
      outcome
    )
  await terminal.type("ping\r")
  await eventually(async () => (await outcomes()).length > 0, { timeout: 20_000 })
  await terminal.type("\x03")
  await terminal.shows(/^default>$/)
  // The server hears of it after the prompt is back.
  await eventually(async () => (await outcomes()).join() === "cancelled")
  await Effect.runPromise(milvus.server.reset("GetVersion"))
  await terminal.type("ping\r")
  await terminal.shows("healthy")
  await leave(terminal)
})

test("Ctrl-C at the prompt clears the line", async () => {
  await using home = await makeHome()
  await using terminal = await openShell(home)
  await terminal.type("drop collection books")
  await terminal.shows("> drop collection books")
  await terminal.type("\x03")
  await terminal.shows(/books\^C\n\(default\)>$/)
  await terminal.type("list connections\r")
  await terminal.shows("no connections")
  await leave(terminal)
})

test("the arrow keys recall lines, also of earlier shells, except lines with a secret", async () => {
  await using milvus = await startFake()
  await using home = await makeHome()
  {
    await using terminal = await openShell(home)
    await terminal.type(`connect -p ${milvus.port} --token secret-token-1\r`)
    await terminal.shows(/^default>$/)
    await terminal.type("create user ann --new-password secret12\r")
    await terminal.shows("created user ann")
    await terminal.type("ping -o table\r")
    await terminal.shows("healthy")
    await terminal.type("\x1b[A")
    await terminal.shows(/^default> ping -o table$/)
    await terminal.type("\x03")
    await leave(terminal)
  }
  assertEquals(await home.read("config/effect-milvus/history"), "ping -o table\n")
  const { mode } = await Deno.stat(`${home.path}/config/effect-milvus/history`)
  assertEquals(mode! & 0o777, 0o600)
  await using terminal = await openShell(home)
  await terminal.type("\x1b[A")
  await terminal.shows(/^\(default\)> ping -o table$/)
  await terminal.type("\x03")
  await leave(terminal)
})

test("Tab completes commands, flags, aliases, and names on the server", async () => {
  await using milvus = await startFake()
  await using home = await makeHome()
  await using terminal = await openShell(home)
  const complete = async (keys: string, line: RegExp) => {
    await terminal.type(keys)
    // Wait for the echo before the next key, like a person.
    await terminal.shows(new RegExp(`> ${keys}$`))
    await terminal.type("\t")
    await terminal.shows(line)
    await terminal.type("\x03")
    await terminal.shows(/\^C\n.*>$/)
  }
  await terminal.type(`connect -p ${milvus.port} -a production\r`)
  await terminal.shows(/^production>$/)
  await terminal.type("create collection bibliography --dimension 2\r")
  await terminal.shows("created collection bibliography")
  await complete("desc", /> describe$/)
  await complete("list coll", /> list collections$/)
  await complete("ping --time", /> ping --timeout$/)
  await complete("ping --output ndj", /> ping --output ndjson$/)
  await complete("use pro", /> use production$/)
  await complete("describe collection bib", /> describe collection bibliography$/)
  await complete("list collections --database def", /> list collections --database default$/)
  await complete("describe index bibliography ve", /> describe index bibliography vector$/)
  await terminal.type("list c")
  await terminal.shows(/> list c$/)
  await terminal.type("\t")
  await terminal.shows(/> list co$/)
  await terminal.type("\t")
  await terminal.shows(/connections *collections/)
  await terminal.type("\x03")
  await leave(terminal)
})

test("help lists the commands, and the shell survives mistakes", async () => {
  await using home = await makeHome()
  await using terminal = await openShell(home)
  await terminal.type("help\r")
  const text = await terminal.shows(/describe +Show the details of an object/)
  assert(!text.includes("effect-milvus COMMAND"))
  await terminal.type("pong\r")
  await terminal.shows('error: unknown command "pong". Did you mean "ping"?')
  await terminal.type("query 'not closed\r")
  await terminal.shows("error: a quote is not closed")
  await terminal.type("exit\r")
  assertEquals(await terminal.exit(), 0)
})

test("the shell asks before it drops, and keeps the answer out of the history", async () => {
  await using milvus = await startFake()
  await using home = await makeHome()
  await using terminal = await openShell(home)
  await terminal.type(`connect -p ${milvus.port}\r`)
  await terminal.shows(/^default>$/)
  await terminal.type("create collection books --dimension 2\r")
  await terminal.shows("created collection books")
  await terminal.type("drop collection books\r")
  await terminal.shows("[y/N]")
  await terminal.type("\x03")
  await terminal.shows(/\^C\ndefault>$/)
  await terminal.type("drop collection books\r")
  await terminal.shows(/(?:\[y\/N\](?:.|\n)*){2}/)
  await terminal.type("y\r")
  await terminal.shows("dropped collection books")
  await terminal.type("\x1b[A")
  await terminal.shows(/^default> drop collection books$/)
  await terminal.type("\x03")
  await leave(terminal)
})

test("an empty password is asked for, and does not appear on the screen", async () => {
  await using milvus = await startFake()
  await using home = await makeHome()
  await using terminal = await openShell(home)
  await terminal.type(`connect -p ${milvus.port} --user ann --password\r`)
  await terminal.shows("Password of user ann:")
  await terminal.type("s3cret\r")
  const text = await terminal.shows(/^default>$/)
  assert(!text.includes("s3cret"))
  const calls = await Effect.runPromise(milvus.server.calls)
  assertEquals(
    calls.find(({ method }) => method === "Connect")?.metadata["authorization"],
    undefined,
    "logs have no secrets",
  )
  await terminal.type("\x1b[A")
  await terminal.shows(/^default> connect -p \d+ --user ann --password$/)
  await terminal.type("\x03")
  await leave(terminal)
})

test("lines from a pipe are a script, which stops at the first failure", async () => {
  await using milvus = await startFake()
  await using home = await makeHome()
  const script =
    `# a comment\nconnect -p ${milvus.port}\ncreate collection books --dimension 2\nlist collections -o ndjson\ndescribe collection none\nping\n`
  const { code, out, err } = await home.run([], { stdin: script })
  assertEquals(code, 1)
  assertStringIncludes(out, '"name":"books"')
  assert(!out.includes("healthy"))
  assertStringIncludes(err, "error: ")
  assertEquals((await home.run([], { stdin: "list connections\nexit\npong\n" })).code, 0)
})

test("use --database switches the database of an alias, for all commands and completion, until it connects again", async () => {
  await using milvus = await startFake()
  await using home = await makeHome()
  await using terminal = await openShell(home)
  const type = async (line: string, shown: string | RegExp) => {
    await terminal.type(`${line}\r`)
    await terminal.shows(shown)
  }
  await type(`connect -p ${milvus.port}`, /^default>$/)
  await type("create database library", "created database library")
  await type("create collection novels --dimension 2 --database library", "created collection novels")
  await type("use --database missing", "Check --database.")
  await type("list collections", "no collections")
  await type("use --database library", /^default\/library>$/)
  await type("list collections -o ndjson", '{"name":"novels"')
  await type("describe collection novels --timeout 5s", /^name +novels$/)
  await terminal.type("drop collection nov\t")
  await terminal.shows(/> drop collection novels$/)
  await terminal.type("\x03")
  await type("list collections --database default -o json", "[]")
  await type("disconnect", "default: disconnected")
  await type(`connect -p ${milvus.port}`, /^default>$/)
  await type("use", "error: expected an alias or --database, got none")
  await leave(terminal)
})

test("set output holds for all commands, history shows lines without secrets, clear clears, exit leaves", async () => {
  await using home = await makeHome()
  await using terminal = await openShell(home)
  const type = async (line: string, shown: string | RegExp) => {
    await terminal.type(`${line}\r`)
    await terminal.shows(shown)
  }
  await type("set output", "output: table")
  await type("set output json", "output: json")
  await type("list connections", /^\[\]$/)
  await type("list connections -o table", "no connections")
  await type("set output xml", 'error: format: expected "table" | "json"')
  await type("set output table", '{"output":"table"}')
  await type("ping -p 1 --token secret-1", /start one: embedded start\.\n\(default\)>$/)
  await terminal.type("clear\r")
  // Nothing is before the prompt.
  await terminal.shows(new RegExp(String.raw`\A\(default\)>\s*\Z`))
  await type("history", /^clear\nhistory\n\(default\)>$/)
  const screen = (await terminal.screen()).map((line) => line.trim())
  assertEquals(screen[0], "(default)> history")
  assert(screen.includes("set output json") && !screen.some((line) => line.includes("secret-1")), screen.join("\n"))
  await terminal.type("exit\r")
  assertEquals(await terminal.exit(), 0)
})
