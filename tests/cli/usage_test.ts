/** Wrong usage, in this process: exit code 2, and one line that says what would be right. */
import * as Effect from "effect/Effect"
import * as Completions from "effect/cli/Completions"
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert"
import { program } from "../../src/cli/program.ts"
import { run } from "../../src/cli/run.ts"
import { type Output, Terminal } from "../../src/cli/screen.ts"
import { makeShellConnections, ShellConnections } from "../../src/cli/shellConnections.ts"

const test = (name: string, fn: () => Promise<void>) =>
  Deno.test({ name, sanitizeOps: true, sanitizeResources: true, fn })

/** Runs a command line with nobody to ask; gives the exit code and what was written. */
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
    ask: () => Effect.die(new Error("nobody is asked")),
  }
  // Nothing of whoever runs the tests.
  for (const name of Object.keys(Deno.env.toObject())) if (/^MILVUS_(?!PYTHON)/.test(name)) Deno.env.delete(name)
  Deno.env.set("XDG_CONFIG_HOME", "/nowhere")
  const code = await Effect.runPromise(Effect.scoped(
    Effect.flatMap(
      makeShellConnections(false),
      (session) =>
        run(program, words).pipe(
          Effect.provideService(ShellConnections, session),
          Effect.provideService(Terminal, screen),
        ),
    ),
  ))
  return `${code} ${text.trim()}`
}

const cases: Readonly<Record<string, ReadonlyArray<readonly [line: string, told: string]>>> = {
  "a mistyped command or flag suggests the right one": [
    ["lst collections", 'there is no command "lst". Did you mean "list"?'],
    ["list colections", 'there is no command "list colections". Did you mean "list collections"?'],
    ["ping --hots x", 'there is no flag --hots of "ping". Did you mean "--host"?'],
    ["nothing-like-it", 'there is no command "nothing-like-it". See --help.'],
  ],
  "a wrong value says what would be right": [
    ["ping --port", "--port wants a value: PORT. See ping --help."],
    ["ping -p x", '--port: expected a port from 1 to 65535, got "x"'],
    ["ping -o xml", '--output: expected "table" | "json" | "ndjson" | "csv", got "xml". See ping --help.'],
    ["ping --timeout soon", '"soon" is no time: --timeout takes 500ms, 10s or 2m'],
    ["query books --limit -1", '--limit: expected a whole number from 1 to 2147483647, got "-1". See query --help.'],
    [
      "ping --uri ./demo.db",
      "./demo.db is a file, and no server. Start a server for it first: embedded start --data ./demo.db.",
    ],
    ["ping --ca none.pem", "the file of --ca cannot be read: ENOENT: no such file or directory, open '.*none.pem'"],
    ["ping --no-tls --ca none.pem", "--no-tls contradicts --ca, --cert and --key"],
    [
      "ping --uri http://a --host b",
      '--host: expected only one of address, uri and host with port; there is "uri" too',
    ],
  ],
  "an argument too few or too many is told": [
    ["query", "collection is missing. See query --help."],
    ["ping a b", "this is too much: a b. Text with spaces goes in quotes."],
  ],
  "a field or an index that is none says how they are written": [
    [
      "create collection a --field x",
      '--field "x": "" is no type: .*\\. Write NAME TYPE .*, such as "id Int64 primary" or "title VarChar\\(200\\)"\\.',
    ],
    ["create index a b HNSW --param M", '"M" is no parameter. Write KEY=VALUE, such as M=16.'],
    ["search a [1,", "[1, is no vector. Write it as JSON: [0.1, 0.2]."],
    ["delete a", "which rows? Give --filter, --ids or --all."],
    [
      "create collection a --dimension 2 --consistency Week",
      '--consistency: expected Strong, Session, Bounded, Eventually, got "Week"',
    ],
    ["create collection a", "the fields are missing. Give --field for each, or --dimension."],
  ],
  "a secret that is missing is asked of nobody where there is nobody": [
    ["ping --user ann", "the password of user ann is missing. Set MILVUS_PASSWORD."],
  ],
}

for (const [name, lines] of Object.entries(cases)) {
  test(name, async () => {
    for (const [line, told] of lines) {
      const words = line.split(" ")
      const text = await execute(words)
      const isPattern = told.includes("\\") || told.includes(".*")
      if (isPattern) assertEquals(new RegExp(`^2 error: ${told}$`).test(text), true, text)
      else assertEquals(text, `2 error: ${told}`)
    }
  })
}

test("--help and help tell what a command does, within 80 columns", async () => {
  const help = await execute(["connect", "--help"])
  assertStringIncludes(help, "-h, --host HOST")
  assertEquals(await execute(["help", "connect"]), help)
  const examples = /^ +effect-milvus /
  for (const words of [[], ["connect"], ["create", "collection"], ["import"], ["embedded", "start"]]) {
    const text = await execute([...words, "--help"])
    assertEquals(text.split("\n").filter((line) => line.length > 80 && !examples.test(line)), [])
  }
})

test("a command that talks to no server does not tell how to find one", async () => {
  const text = await execute(["embedded", "start", "--help"])
  assertStringIncludes(text, "-p, --port PORT")
  assert(!text.includes("Which connection"))
  assertStringIncludes(await execute(["ping", "--help"]), "Which connection: -a ALIAS, or -h, -p, --uri and others")
})

test("every command has a description, and its flags have one", async () => {
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

test("--version tells the version", async () => {
  assertMatch(await execute(["--version"]), /^0 \d+\.\d+\.\d+$/)
})
