/** Writes the tables of `docs/`: `deno run -A docs/generate.ts`. Tests fail if a page is not current. */
import { rpcs } from "../src/contract/rpcs.ts"
import { type Counterpart, nodeSdk, pymilvus, servers } from "./methods.ts"

/** Writes a table, with columns of equal width as the formatter has them. */
const table = (heads: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): string => {
  const widths = heads.map((head, at) => Math.max(3, head.length, ...rows.map((cells) => cells[at]?.length ?? 0)))
  const line = (cells: ReadonlyArray<string>) =>
    `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(" | ")} |`
  return [line(heads), `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`, ...rows.map(line)].join("\n")
}

const counterparts = (methods: Readonly<Record<string, Counterpart>>): string =>
  table(
    ["there", "here", ""],
    Object.entries(methods).toSorted(([a], [b]) => a < b ? -1 : 1).map(([name, { use, note = "" }]) => [
      `\`${name}\``,
      use === undefined ? "" : `\`${use}\``,
      note,
    ]),
  )

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

/** The pages by their paths. */
export const pages: Readonly<Record<string, string>> = {
  "docs/operations.md": `# Operations

Every RPC of the contract with the operation that makes it, the first Milvus version that has it, and the servers on
which the tests make it. Those that no server of the tests has are tested in process: their requests are held against
pymilvus's, or the contract's, and their replies have the real shape. Written by \`docs/generate.ts\`.

${operations()}
`,
  "docs/from-pymilvus.md": `# Coming from pymilvus

Each method of pymilvus's \`MilvusClient\` (3.0.2), and what to write here. Operations are Effects over a connection;
the promise form has the same names in lower case: \`milvus.collection.create(...)\`. Written by \`docs/generate.ts\`.

${counterparts(pymilvus)}
`,
  "docs/from-node-sdk.md": `# Coming from the Node SDK

Each method of the \`MilvusClient\` of @zilliz/milvus2-sdk-node (3.0.6), with its aliases, and what to write here.
Operations are Effects over a connection; the promise form has the same names in lower case:
\`milvus.collection.create(...)\`. Written by \`docs/generate.ts\`.

${counterparts(nodeSdk)}
`,
}

if (import.meta.main) {
  for (const [path, text] of Object.entries(pages)) {
    await Deno.writeTextFile(new URL(`../${path}`, import.meta.url), text)
    console.log(path)
  }
}
