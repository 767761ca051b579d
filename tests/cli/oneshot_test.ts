/** One command a process: exit codes, one line of error with what to do, formats, colours, pipes. */
import * as Effect from "effect/Effect"
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert"
import { freePort } from "../support/listeners.ts"
import { makeHome, startFake } from "./program.ts"
import { eventually } from "../support/sockets.ts"

const test = (name: string, fn: () => Promise<void>) =>
  Deno.test({ name, sanitizeOps: true, sanitizeResources: true, fn })

test("ping tells latency, version and health", async () => {
  await using milvus = await startFake()
  await using home = await makeHome()
  const { code, out } = await home.run(["ping", "-p", milvus.port, "-o", "json"])
  const { "latency ms": latency, ...rest } = JSON.parse(out)
  assert(latency > 0 && latency < 5000)
  assertEquals([code, rest], [0, { address: milvus.address, version: "v2.6.2", mode: "STANDALONE", health: "healthy" }])
})

test("a refused connection says which address, why, and what to try", async () => {
  await using home = await makeHome()
  const port = freePort()
  const start = performance.now()
  assertEquals(await home.run(["ping", "-p", `${port}`]), {
    code: 1,
    out: "",
    err: `error: cannot reach 127.0.0.1:${port}: connection refused. ` +
      "Is Milvus running there? Check -h and -p, or start one: embedded start.\n",
  })
  assert(performance.now() - start < 5000, "it is told at once")
})

test("--timeout waits for a server that comes", async () => {
  await using home = await makeHome()
  const port = freePort()
  const child = home.start(["ping", "-p", `${port}`, "--timeout", "20s"])
  await child.stdin.close()
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
      [["lst", "collections"], 'there is no command "lst". Did you mean "list"?'],
      [["ping", "-p", "99999"], '--port: expected a port from 1 to 65535, got "99999"'],
    ] as const
  ) {
    assertEquals(await home.run(words), { code: 2, out: "", err: `error: ${line}\n` })
  }
})

test("a group of commands without a command tells its help, with exit code 2", async () => {
  await using home = await makeHome()
  const { code, out, err } = await home.run(["list"])
  assertEquals([code, out], [2, ""])
  assertStringIncludes(err, "Usage: effect-milvus list COMMAND [FLAGS]")
})

test("an operation that the server refuses has exit code 1, and one line", async () => {
  await using milvus = await startFake()
  await using home = await makeHome()
  const { code, out, err } = await home.run(["describe", "collection", "nothing", "-p", milvus.port])
  assertEquals([code, out], [1, ""])
  assertMatch(err, /^error: 127\.0\.0\.1:\d+ refuses it: .*nothing.*code 100.*See what there is: list collections\.\n$/)
})

test("a defect is one line too, and DEBUG=1 shows where", async () => {
  await using milvus = await startFake()
  await using home = await makeHome()
  // A reply that this program does not expect.
  await Effect.runPromise(
    // Cast: what no server says.
    milvus.server.handle(
      "ShowCollections",
      () => Effect.succeed({ collection_names: ["a"], created_utc_timestamps: [2n ** 62n] } as never),
    ),
  )
  const { code, err } = await home.run(["list", "collections", "-p", milvus.port])
  assertEquals(code, 1)
  assertMatch(err, /^error: this is a mistake of effect-milvus itself: .*\. DEBUG=1 shows where\.\n$/)
  const { err: more } = await home.sh(`effect-milvus list collections -p ${milvus.port}`, { DEBUG: "1" })
  assertStringIncludes(more, "cells.ts")
})

test("Ctrl-C ends a command with exit code 130", async () => {
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

test("list of 10,000 collections streams, and ends quietly where nobody reads on", async () => {
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

test("colours are for terminals, and not where NO_COLOR is set", async () => {
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

test("what destroys asks, refuses without a terminal, and goes on with --yes", async () => {
  await using milvus = await startFake()
  await using home = await makeHome()
  const drop = ["drop", "collection", "books", "-p", milvus.port]
  const create = `connect -p ${milvus.port}\ncreate collection books --dimension 2\n`
  const refused = await home.run([], { stdin: `${create}drop collection books\n` })
  assertEquals(refused.code, 2)
  assertEquals(refused.err, "error: this asks first, and there is nobody to answer. Add --yes.\n")
  for (const [key, told, code] of [["n\r", "not confirmed, so nothing was done", 1], ["\x03", "^C", 130]] as const) {
    await using terminal = await home.open(drop)
    await terminal.shows("Drop the collection books with 0 rows? [y/N]")
    await terminal.type(key)
    await terminal.shows(told)
    assertEquals(await terminal.exit(), code)
  }
  assertEquals(await home.run([...drop, "--yes"]), { code: 0, out: "dropped collection books\n", err: "" })
})

test("watch tells each state of the connection, until Ctrl-C", async () => {
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
