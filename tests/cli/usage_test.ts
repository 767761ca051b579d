/** Wrong usage, in this process: exit code 2, and one line that states the correct usage. */
import * as Effect from "effect/Effect"
import * as Completions from "effect/cli/Completions"
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert"
import { program } from "../../src/cli/program.ts"
import { run } from "../../src/cli/run.ts"
import { type Output, Terminal } from "../../src/cli/screen.ts"
import { makeShellConnections, ShellConnections } from "../../src/cli/shellConnections.ts"
import { test } from "../support/test.ts"

/** Runs a command line without a terminal. Returns the exit code and the output. */
async function execute(words: ReadonlyArray<string>): Promise<string> {
  let text = ""
  const output: Output = {
    isTerminal: false,
    hasColor: false,
    columns: 80,
    isClosed: false,
    write: (more) => Effect.sync(() => void (text += more)),
  }
  const screen: Terminal = {
    out: output,
    err: output,
    canAsk: false,
    ask: () => Effect.die(new Error("a command asked without a terminal")),
  }
  // The environment of the machine must not matter.
  for (const name of Object.keys(Deno.env.toObject())) if (/^MILVUS_(?!PYTHON)/.test(name)) Deno.env.delete(name)
  Deno.env.set("XDG_CONFIG_HOME", "/nowhere")
  const code = await Effect.runPromise(Effect.scoped(
    Effect.flatMap(
      makeShellConnections(false),
      (shellState) =>
        run(program, words).pipe(
          Effect.provideService(ShellConnections, shellState),
          Effect.provideService(Terminal, screen),
        ),
    ),
  ))
  return `${code} ${text.trim()}`
}

const cases: Readonly<Record<string, ReadonlyArray<readonly [line: string, expected: string]>>> = {
  "a mistyped command or flag suggests the right one": [
    ["lst collections", 'unknown command "lst". Did you mean "list"?'],
    ["list colections", 'unknown command "list colections". Did you mean "list collections"?'],
    ["ping --hots x", 'unknown flag --hots for "ping". Did you mean "--host"?'],
    ["nothing-like-it", 'unknown command "nothing-like-it". See --help.'],
  ],
  "the error of a wrong value names the expected one": [
    ["ping --port", "--port: expected PORT, got an empty value. See ping --help."],
    ["ping -p x", '--port: expected a port from 1 to 65535, got "x"'],
    ["ping -o xml", '--output: expected "table" | "json" | "ndjson" | "csv", got "xml". See ping --help.'],
    ["ping --timeout soon", '--timeout: expected a duration such as 500ms, 10s or 2m, got "soon"'],
    ["query books --limit -1", '--limit: expected an integer from 1 to 2147483647, got "-1". See query --help.'],
    [
      "ping --uri ./demo.db",
      "./demo.db is a file path, not the address of a server. " +
      "Start a server for it first: embedded start --data ./demo.db.",
    ],
    ["ping --ca none.pem", "--ca: the file cannot be read: ENOENT: no such file or directory, open '.*none.pem'"],
    ["ping --no-tls --ca none.pem", "--no-tls contradicts --ca, --cert and --key"],
    [
      "ping --uri http://a --host b",
      '--host: expected only one of address, addresses, uri, host/port; got also "uri"',
    ],
  ],
  "missing and unexpected arguments are reported": [
    ["query", "missing argument collection. See query --help."],
    ["ping a b", "unexpected argument a b. Put text with spaces in quotes."],
  ],
  "the error of an invalid field, index, vector or level shows the syntax": [
    [
      "create collection a --field x",
      '--field "x": "" is not a type; types: .*\\. Write NAME TYPE .*, such as "id Int64 primary" or "title VarChar\\(200\\)"\\.',
    ],
    ["create index a b HNSW --param M", '"M" is not a parameter. Write KEY=VALUE, such as M=16.'],
    ["search a [1,", "[1, is not a vector. Write it as JSON: [0.1, 0.2]."],
    [
      "alter index a v",
      "expected one of --property and --drop, got none. " +
      "Set properties with --property KEY=VALUE, or drop them with --drop KEY.",
    ],
    [
      "alter index a v --property a=b --drop c",
      "expected one of --property and --drop, got both. " +
      "Set properties with --property KEY=VALUE, or drop them with --drop KEY.",
    ],
    [
      "alter collection a",
      "expected one of --property and --drop, got none. " +
      "Set properties with --property KEY=VALUE, or drop them with --drop KEY.",
    ],
    ["flush", "expected a collection or --all, got none. Write flush COLLECTION, or flush --all."],
    ["flush a --all", "expected a collection or --all, got both. Write flush COLLECTION, or flush --all."],
    ["describe compaction x", 'id: expected a positive 64-bit integer, got "x". See describe compaction --help.'],
    ["alter index a v --property M", '"M" is not a parameter. Write KEY=VALUE, such as M=16.'],
    [
      "alter resource-group a",
      "expected something to change. " +
      "Give --requests, --limits, --transfer-from, --transfer-to or --node-label.",
    ],
    ["bulk-import a b --setting x", '"x" is not a parameter. Write KEY=VALUE, such as M=16.'],
    ["describe import x", 'id: expected a positive 64-bit integer, got "x". See describe import --help.'],
    ["delete a", "expected one of --filter, --ids and --all, got none. Give --filter, --ids or --all."],
    [
      "create collection a --dimension 2 --consistency Week",
      '--consistency: expected Strong, Session, Bounded, Eventually, got "Week"',
    ],
    ["create collection a", "missing fields. Give --field for each field, or --dimension."],
  ],
  "a missing secret is an error without a terminal": [
    ["ping --user ann", "the password of user ann is missing. Set MILVUS_PASSWORD."],
  ],
}

for (const [name, lines] of Object.entries(cases)) {
  test(name, async () => {
    for (const [line, expected] of lines) {
      const words = line.split(" ")
      const text = await execute(words)
      const isPattern = expected.includes("\\") || expected.includes(".*")
      if (isPattern) assertEquals(new RegExp(`^2 error: ${expected}$`).test(text), true, text)
      else assertEquals(text, `2 error: ${expected}`)
    }
  })
}

test("--help and help print the help of a command within 80 columns", async () => {
  const help = await execute(["connect", "--help"])
  assertStringIncludes(help, "-h, --host HOST")
  assertEquals(await execute(["help", "connect"]), help)
  const examples = /^ +effect-milvus /
  for (const words of [[], ["connect"], ["create", "collection"], ["import"], ["embedded", "start"]]) {
    const text = await execute([...words, "--help"])
    assertEquals(text.split("\n").filter((line) => line.length > 80 && !examples.test(line)), [])
  }
})

test("the help of a command without a connection does not mention connection flags", async () => {
  const text = await execute(["embedded", "start", "--help"])
  assertStringIncludes(text, "-p, --port PORT")
  assert(!text.includes("Connection:"))
  assertStringIncludes(await execute(["ping", "--help"]), "Connection: -a ALIAS, or -h, -p, --uri and others")
})

test("every command, flag and argument has a description", async () => {
  const visit = async (command: Completions.CommandDescriptor, path: ReadonlyArray<string>): Promise<void> => {
    assert(command.description, path.join(" "))
    for (const { name, description } of [...command.flags, ...command.arguments]) {
      assert(description, `${path.join(" ")} ${name}`)
    }
    assertMatch(await execute([...path, "--help"]), /^0 [^]*Usage: effect-milvus /)
    for (const each of command.subcommands) await visit(each, [...path, each.name])
  }
  await visit(Completions.fromCommand(program), [])
})

test("--version prints the version", async () => {
  assertMatch(await execute(["--version"]), /^0 \d+\.\d+\.\d+$/)
})
