/**
 * Checks the transcript in the guide of the command line against the output of the command line under a terminal, with milvus-lite.
 *
 * `UPDATE_TRANSCRIPT=1` writes a new `transcript.md`. Text that differs from run to run is replaced: ports, times, ids.
 */
import { fileURLToPath } from "node:url"
import { assert, assertEquals } from "@std/assert"
import { shared, startMilvusLite } from "../support/milvus.ts"
import { makeHome } from "./program.ts"
import { test } from "../support/test.ts"

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url))
const milvus = shared(startMilvusLite)

const commands = [
  "connect -h localhost -p 19530 -a default",
  "create collection books --field 'id Int64 primary' --field 'title VarChar(200)' --field 'v FloatVector(4)' --index 'v HNSW COSINE'",
  "import books books.csv",
  "query books 'id > 1'",
  "search books '[0.1, 0.2, 0.3, 0.4]' --limit 2",
  "describe collection books",
  "lst collections",
  "list collections --output json",
  "drop collection books --yes",
  "connect -D",
]

const books = [
  "id,title,v",
  '1,Siddhartha,"[0.1, 0.2, 0.3, 0.4]"',
  '2,吾輩は猫である,"[0.4, 0.3, 0.2, 0.1]"',
  '9007199254740993,"One Hundred Years of Solitude, or how a family and its village were founded and forgotten","[1, 0, 0, 0]"',
  "",
].join("\n")

async function record(): Promise<string> {
  await using home = await makeHome()
  await home.write("books.csv", books)
  const { port } = milvus()
  await using terminal = await home.open([], { NO_COLOR: "1" })
  const prompt = "^\\(?default\\)?>"
  await terminal.shows(new RegExp(`${prompt}$`))
  let text = ""
  for (const [at, command] of commands.entries()) {
    await terminal.type(`${command.replace("19530", `${port}`)}\r`)
    // One prompt for each command, and an empty one.
    text = await terminal.shows(new RegExp(`(?:${prompt}(?:.|\\n)*?){${at + 1}}${prompt}$`))
  }
  await terminal.type("\x04")
  assertEquals(await terminal.exit(), 0)
  return normalized(text.replaceAll(`${port}`, "19530"))
}

/** Without what differs from run to run. */
const normalized = (text: string): string =>
  text
    .replace(/\d+ ms/g, "12 ms")
    .replace(/in [\d.]+ s$/gm, "in 0.02 s")
    .replace(/^(id +)\d{6,}$/gm, "$1458125093204132865")
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ/g, "2026-11-23 10:00:00Z")
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z/g, "2026-11-23T10:00:00.000Z")
    .trim()

let transcript: Promise<string> | undefined

test("the transcript is what the command line prints", async () => {
  const text = await (transcript ??= record())
  const content = `\`\`\`console\n${text}\n\`\`\`\n`
  if (Deno.env.get("UPDATE_TRANSCRIPT") === "1") await Deno.writeTextFile(here("transcript.md"), content)
  assertEquals(content, await Deno.readTextFile(here("transcript.md")))
})

test("the transcript of the guide is the recorded one", async () => {
  const guide = await Deno.readTextFile(here("../../docs/guides/cli.md"))
  const block = /<!-- cli-transcript -->\n([^]*?)<!-- \/cli-transcript -->/.exec(guide)?.[1]
  assert(
    block !== undefined,
    "docs/guides/cli.md has no block between <!-- cli-transcript --> and <!-- /cli-transcript -->",
  )
  assertEquals(block.trim(), (await Deno.readTextFile(here("transcript.md"))).trim())
})
