/** Writes the tables of `docs/`, and their calls for the compiler: `deno run -A docs/generate.ts`. Tests fail if a page is not current. */
import { rpcs } from "../src/contract/rpcs.ts"
import { calls, declarations, prelude } from "./calls.ts"
import { milvusCli } from "./commands.ts"
import { type Counterpart, nodeSdk, pymilvus, servers } from "./methods.ts"
import { table } from "./table.ts"

const counterparts = (methods: Readonly<Record<string, Counterpart>>): string =>
  table(
    ["there", "here", ""],
    Object.entries(methods).toSorted(([a], [b]) => a < b ? -1 : 1).map(([name, { use, call, note = "" }]) => [
      `\`${name}\``,
      use === undefined ? "" : code(callOf(use, call)),
      note,
    ]),
  )

/** Returns the call of an operation; a command is its own. */
const callOf = (use: string, call: string | undefined): string => call ?? calls[use] ?? use

/** Writes code; code that has a backtick itself stands between two. */
const code = (text: string): string => text.includes("`") ? `\`\`${text}\`\`` : `\`${text}\``

const operations = (): string =>
  table(
    ["RPC", "operation", "Milvus", "repeated after a loss", "tested on"],
    Object.entries(rpcs).map(([name, { operation = "", since, idempotent }]) => {
      const real = Object.entries(servers).filter(([, methods]) => methods.includes(name)).map(([server]) => server)
      return [
        `\`${name}\``,
        `\`${operation}\``,
        since,
        idempotent ? "yes" : "no",
        real.length === 0 ? "in process" : real.join(", "),
      ]
    }),
  )

/** Values, which make no call, and operations without a promise form of the same name. */
const values: ReadonlySet<string> = new Set(["Collection.define", "Field", "Field.structArray", "Index"])
const effectsOnly: ReadonlySet<string> = new Set(["Connection.connect", "Connection.drain", "Database.withDatabase"])

/** Writes a module with every call, for the compiler. */
const program = (): string => {
  const own = [...Object.values(pymilvus), ...Object.values(nodeSdk)].flatMap(({ use, call }) =>
    use === undefined || call === undefined ? [] : [[use, call] as const]
  )
  const all = [...Object.entries(calls), ...own].filter(([, call], at, every) =>
    every.findIndex(([, other]) => other === call) === at
  )
  const list = (entries: ReadonlyArray<readonly [use: string, call: string]>, write = (call: string) => call) =>
    `[\n${entries.map(([, call]) => `  ${write(call)},\n`).join("")}]`
  const promised = (call: string) => `milvus.${call[0]?.toLowerCase()}${call.slice(1)}`
  const text = `${declarations}declare const milvus: Milvus

${prelude.trim()}

type Operation =
  | Effect.Effect<unknown, unknown, Connection.Connection | Scope.Scope>
  | Stream.Stream<unknown, unknown, Connection.Connection>

/** The calls as Effects and Streams. */
export const operations: ReadonlyArray<Operation> = ${list(all.filter(([use]) => !values.has(use)))}

/** The calls in the promise form. */
export const promises: ReadonlyArray<Promise<unknown> | AsyncIterable<unknown>> = ${
    list(all.filter(([use]) => !values.has(use) && !effectsOnly.has(use)), promised)
  }

/** Calls that make values. */
export const made: ReadonlyArray<object> = ${list(all.filter(([use]) => values.has(use)))}
`
  const used = new Set(Array.from(text.matchAll(/\b([A-Z]\w+)\.\w/g), ([, namespace = ""]) => namespace))
  for (const name of ["Effect", "Scope", "Stream"]) used.delete(name)
  return `/** The calls of \`calls.ts\`, for the compiler; this module cannot run. Written by \`docs/generate.ts\`. */
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import { ${[...used, "filter"].toSorted().join(", ")} } from "../mod.ts"
import type { Milvus } from "../src/promise.ts"
${text}`
}

/** What the calls of a page use. */
const used =
  `The calls use this definition, and \`id\`, the id of a job of the server. Wherever a call has the name of a
collection, a definition works as well; rows are checked by the definition, or by the fields on the server.

\`\`\`ts
import { Collection, Field, Functions, Index } from "@effect-milvus/client"

${prelude.trim()}
console.log(Books.name, meaning.output, rows.length)
\`\`\``

/** The pages, and the module of their calls, by their paths. */
export const pages: Readonly<Record<string, string>> = {
  "docs/calls.gen.ts": program(),
  "docs/operations.md": `# Operations

Every RPC of the contract with the operation that makes it, the first Milvus version that has it, and the servers on
which the tests make it. Those that no server of the tests has are tested in process: their requests are held against
pymilvus's, or the contract's, and their replies have the real shape. Written by \`docs/generate.ts\`.

${operations()}
`,
  "docs/from-pymilvus.md": `# Coming from pymilvus

Each method of pymilvus's \`MilvusClient\` (3.0.2), and what to write here. Each call is an Effect over a
connection, or a \`Stream\`. The promise form has the same arguments: \`milvus.collection.create(Books)\`.
Written by \`docs/generate.ts\`.

${used}

${counterparts(pymilvus)}
`,
  "docs/from-node-sdk.md": `# Coming from the Node SDK

Each method of the \`MilvusClient\` of @zilliz/milvus2-sdk-node (3.0.6), with its aliases, and what to write here.
Each call is an Effect over a connection, or a \`Stream\`. The promise form has the same arguments:
\`milvus.collection.create(Books)\`. Written by \`docs/generate.ts\`.

${used}

${counterparts(nodeSdk)}
`,
  "docs/from-milvus-cli.md": `# Coming from milvus_cli

Each command of milvus_cli (1.2.1), and what to write here: in the shell that \`effect-milvus\` opens, or after
\`effect-milvus\` in the shell of the system. Written by \`docs/generate.ts\`.

${counterparts(milvusCli)}
`,
}

if (import.meta.main) {
  for (const [path, text] of Object.entries(pages)) {
    await Deno.writeTextFile(new URL(`../${path}`, import.meta.url), text)
    console.log(path)
  }
}
