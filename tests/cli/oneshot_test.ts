/** One command per process: exit codes, one-line errors with hints, formats, colours, pipes. */
import * as Effect from "effect/Effect"
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert"
import { execute } from "./execute.ts"
import { freePort } from "../support/listeners.ts"
import { makeHome, startFake } from "./program.ts"
import { eventually } from "../support/sockets.ts"
import { test } from "../support/test.ts"

test("ping prints latency, version and health", async () => {
  await using milvus = await startFake()
  await using home = await makeHome()
  const { code, out } = await home.run(["ping", "-p", milvus.port, "-o", "json"])
  const { "latency ms": latency, ...rest } = JSON.parse(out)
  assert(latency > 0 && latency < 5000)
  assertEquals([code, rest], [0, { address: milvus.address, version: "v2.6.2", mode: "STANDALONE", health: "healthy" }])
})

test("the error of a refused connection names address, reason and hint", async () => {
  await using home = await makeHome()
  const port = freePort()
  const start = performance.now()
  assertEquals(await home.run(["ping", "-p", `${port}`]), {
    code: 1,
    out: "",
    err: `error: cannot reach 127.0.0.1:${port}: connection refused. ` +
      "Is Milvus running there? Check -h and -p, or start one: embedded start.\n",
  })
  assert(performance.now() - start < 5000, "the error is reported without waiting")
})

test("--timeout waits for a server that starts later", async () => {
  await using home = await makeHome()
  const port = freePort()
  const child = home.start(["ping", "-p", `${port}`, "--timeout", "20s"])
  await child.stdin.close()
  // Attempts on a closed port have no event. Without --timeout, the command would have ended by now.
  await new Promise((resolve) => setTimeout(resolve, 1200))
  await using _milvus = await startFake({ port })
  const { code, stdout } = await child.output()
  assertEquals(code, 0)
  assertStringIncludes(new TextDecoder().decode(stdout), "healthy")
})

test("a mistyped command suggests the right one, with exit code 2", async () => {
  await using home = await makeHome()
  for (
    const [words, line] of [
      [["lst", "collections"], 'unknown command "lst". Did you mean "list"?'],
      [["ping", "-p", "99999"], '--port: expected a port from 1 to 65535, got "99999"'],
    ] as const
  ) {
    assertEquals(await home.run(words), { code: 2, out: "", err: `error: ${line}\n` })
  }
})

test("a group of commands without a command prints its help, with exit code 2", async () => {
  await using home = await makeHome()
  const { code, out, err } = await home.run(["list"])
  assertEquals([code, out], [2, ""])
  assertStringIncludes(err, "Usage: effect-milvus list COMMAND [FLAGS]")
})

test("an operation that the server rejects has exit code 1, and a one-line error", async () => {
  await using milvus = await startFake()
  await using home = await makeHome()
  const { code, out, err } = await home.run(["describe", "collection", "nothing", "-p", milvus.port])
  assertEquals([code, out], [1, ""])
  assertMatch(
    err,
    /^error: 127\.0\.0\.1:\d+ rejected the call: .*nothing.*code 100.*See which exist: list collections\.\n$/,
  )
})

test("a defect is a one-line error, and DEBUG=1 shows where it occurred", async () => {
  const write = Effect.suspend(function brokenPrinter(): Effect.Effect<void> {
    throw new Error("no paper")
  })
  const { code, err } = await execute(["list", "connections"], { write })
  assertEquals(code, 1)
  assertEquals(err, "error: internal error (please report): no paper. Set DEBUG=1 to see where it occurred.\n")
  const debugged = await execute(["list", "connections"], { write, env: { DEBUG: "1" } })
  assertStringIncludes(debugged.err, "no paper")
  assertStringIncludes(debugged.err, "brokenPrinter")
})

test("Ctrl-C stops a command with exit code 130", async () => {
  await using milvus = await startFake()
  await using home = await makeHome()
  await Effect.runPromise(milvus.server.delay("GetVersion", "1 minute"))
  await using terminal = await home.open(["ping", "-p", milvus.port])
  const isCalled = async () =>
    (await Effect.runPromise(milvus.server.calls)).some(({ method }) => method === "GetVersion")
  await eventually(isCalled, { timeout: 20_000 }).catch(async () => {
    throw new Error(`it did not call GetVersion, and shows: ${await terminal.raw()}`)
  })
  await terminal.type("\x03")
  assertEquals(await terminal.exit(), 130)
  const calls = await Effect.runPromise(milvus.server.calls)
  assertEquals(calls.find(({ method }) => method === "GetVersion")?.outcome, "cancelled")
})

const many = (count: number) => () =>
  Effect.succeed({ collection_names: Array.from({ length: count }, (_, at) => `collection_${at}`) })

test("a list of 10,000 collections is streamed, and ends silently when the reader closes the pipe", async () => {
  await using milvus = await startFake({ handlers: { ShowCollections: many(10_000) } })
  await using home = await makeHome()
  const { code, out } = await home.run(["list", "collections", "-p", milvus.port, "-o", "ndjson"])
  const lines = out.trimEnd().split("\n")
  assertEquals([code, lines.length, JSON.parse(lines.at(-1)!).name], [0, 10_000, "collection_9999"])
  for (const format of ["table", "json"]) {
    const piped = await home.sh(
      `set -o pipefail; effect-milvus list collections -p ${milvus.port} -o ${format} | head -3; echo "\${PIPESTATUS[0]}"`,
    )
    assertEquals([piped.err, piped.out.trimEnd().split(/\r?\n/).length], ["", 4], format)
    assertEquals(piped.out.trimEnd().split("\n").at(-1), "0")
  }
})

test("--output prints a list in each format", async () => {
  await using milvus = await startFake({
    handlers: {
      ShowCollections: ({ type }) =>
        Effect.succeed({
          collection_names: type === "InMemory" ? ["books"] : ["books", 'a "b"'],
          inMemory_percentages: [100n],
          created_utc_timestamps: [1_700_000_000_000n, 0n],
        }),
    },
  })
  await using home = await makeHome()
  const lines = ["table", "json", "ndjson", "csv"].map((format) => `list collections -o ${format}`)
  const { out } = await home.run([], { stdin: [`connect -p ${milvus.port}`, ...lines].join("\n") })
  assertEquals(
    out.split("\n").slice(1).join("\n"),
    `name   loaded  created
─────  ──────  ────────────────────
books  yes     2023-11-14 22:13:20Z
a "b"  no
[
{"name":"books","loaded":"yes","created":"2023-11-14T22:13:20.000Z"},
{"name":"a \\"b\\"","loaded":"no"}
]
{"name":"books","loaded":"yes","created":"2023-11-14T22:13:20.000Z"}
{"name":"a \\"b\\"","loaded":"no"}
name,loaded,created\r
books,yes,2023-11-14T22:13:20.000Z\r
"a ""b""",no,\r
`,
  )
})

test("colours are used on terminals, unless NO_COLOR is set", async () => {
  await using milvus = await startFake()
  await using home = await makeHome()
  const words = ["ping", "-p", milvus.port]
  await using coloured = await home.open(words)
  assertEquals(await coloured.exit(), 0)
  assertStringIncludes(await coloured.raw(), "\x1b[1maddress")
  await using plain = await home.open(words, { NO_COLOR: "1" })
  assertEquals(await plain.exit(), 0)
  assert(!(await plain.raw()).includes("\x1b[1m"))
})

test("a destructive command asks for confirmation, fails without a terminal, and runs with --yes", async () => {
  await using milvus = await startFake()
  await using home = await makeHome()
  const drop = ["drop", "collection", "books", "-p", milvus.port]
  const create = `connect -p ${milvus.port}\ncreate collection books --dimension 2\n`
  const refused = await home.run([], { stdin: `${create}drop collection books\n` })
  assertEquals(refused.code, 2)
  assertEquals(refused.err, "error: cannot ask for confirmation without a terminal. Add --yes.\n")
  for (const [key, shown, code] of [["n\r", "not confirmed; nothing was changed", 1], ["\x03", "^C", 130]] as const) {
    await using terminal = await home.open(drop)
    await terminal.shows("Drop the collection books with 0 rows? [y/N]")
    await terminal.type(key)
    await terminal.shows(shown)
    assertEquals(await terminal.exit(), code)
  }
  assertEquals(await home.run([...drop, "--yes"]), { code: 0, out: "dropped collection books\n", err: "" })
})

test("watch prints each state of the connection, until Ctrl-C", async () => {
  await using milvus = await startFake()
  await using home = await makeHome()
  await using terminal = await home.open(["watch", "-p", milvus.port])
  await terminal.shows("Ready")
  await Effect.runPromise(milvus.server.crash)
  await terminal.shows("Reconnecting")
  await Effect.runPromise(milvus.server.restart)
  await terminal.shows(/Reconnecting\n.*Ready/)
  await terminal.type("\x03")
  assertEquals(await terminal.exit(), 130)
})
