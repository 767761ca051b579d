/**
 * Every figure and every guarantee in the README and in the guides names what shows it, in a comment
 * `<!-- shown by tests/a_test.ts "name of a test", deno task bench insert -->` in its paragraph, item or table, or right
 * after it. What is named exists. The words of the page on troubleshooting are those of messages.
 */
import { assert, assertEquals } from "@std/assert"
import config from "../../deno.json" with { type: "json" }
import { test } from "../support/test.ts"
import { pages, root } from "./blocks.ts"

const guides = pages().filter((page) => page === "README.md" || page.startsWith("docs/guides/"))
const read = (path: string): string => Deno.readTextFileSync(root + path)

/** A paragraph, an item of a list or a table, with the comments in it or after it. */
interface Passage {
  readonly line: number
  readonly text: string
}

/** Returns the passages of a document, without headings and code. */
function passagesOf(text: string): ReadonlyArray<Passage> {
  const passages: Array<Passage> = []
  const prose = text.replace(/^```[^]*?^```$/gm, (code) => code.replace(/[^\n]/g, ""))
  let line = 1
  for (const part of prose.split(/(?<=\n)(?=\n|- |\d+\. )/)) {
    const last = passages.at(-1)
    const isComment = /^\s*(<!--[^]*?-->\s*)+$/.test(part)
    if (isComment && last !== undefined) passages[passages.length - 1] = { ...last, text: last.text + part }
    else if (!/^\s*(#|$)/.test(part)) passages.push({ line: line + (part.startsWith("\n") ? 1 : 0), text: part })
    line += part.split("\n").length - 1
  }
  return passages
}

/** Returns the evidence that a passage names. */
const evidenceOf = (text: string): ReadonlyArray<string> =>
  [...text.matchAll(/<!-- shown by ([^]*?) -->/g)].flatMap(([, list = ""]) => list.split(/,\s+(?=tests\/|deno )/))

/** A figure with a unit, or a word for a guarantee. Code and comments are not prose. */
const claim = /\d[\d,.]*\s?(?:ms|µs|s|KB|MB|MiB|GiB|%)(?![\w])|\b(?:never|always|exactly)\b/i
const isClaim = (text: string): boolean => claim.test(text.replace(/<!--[^]*?-->|`[^`]*`|\[[^\]]*\]\([^)]*\)/g, ""))

const suites = ["main.ts", "vectors.ts"].map((file) => read(`tests/bench/${file}`)).join("\n")

function exists(path: string): boolean {
  try {
    return Deno.statSync(root + path) !== undefined
  } catch {
    return false
  }
}

/** Returns what is wrong with evidence; `undefined` if nothing is. */
function problemOf(evidence: string): string | undefined {
  const task = /^deno task ([\w:]+)((?: \w+)*)$/.exec(evidence)
  if (task !== null) {
    const [, name = "", words = ""] = task
    if (!Object.hasOwn(config.tasks, name)) return `no task ${name}`
    const unknown = words.split(" ").find((word) => word !== "" && !new RegExp(`\\b${word}(:|,| })`).test(suites))
    return unknown === undefined ? undefined : `no benchmark ${unknown}`
  }
  const [, path = "", name] = /^(?:deno run -A )?(\S+?)(?: "([^"]+)")?$/.exec(evidence) ?? []
  if (!path.startsWith("tests/") || !exists(path)) return `no file ${evidence}`
  return name === undefined || read(path).includes(name) ? undefined : `no test "${name}" in ${path}`
}

test("every figure and guarantee in the README and the guides names what shows it", () => {
  const bare = guides.flatMap((page) =>
    passagesOf(read(page)).filter(({ text }) => isClaim(text) && evidenceOf(text).length === 0)
      .map(({ line, text }) => `${page}:${line}: ${text.trim().slice(0, 100)}`)
  )
  assert(bare.length === 0, bare.join("\n"))
})

test("what the README and the guides name as evidence exists", () => {
  const named = guides.flatMap((page) => evidenceOf(read(page)).map((evidence) => ({ page, evidence })))
  assert(named.length > 50)
  const problems = named.flatMap(({ page, evidence }) => {
    const problem = problemOf(evidence)
    return problem === undefined ? [] : [`${page}: ${problem}`]
  })
  assertEquals(problems, [])
})

test("every reason for this library in the README has a figure and its evidence", () => {
  const table = /^## Why\n([^]*?)^## /m.exec(read("README.md"))?.[1] ?? ""
  const rows = table.split("\n").filter((line) => line.startsWith("| ")).slice(2)
  assertEquals(rows.length, 5)
  assertEquals(rows.filter((row) => !/\d/.test(row) || evidenceOf(row).length === 0), [])
})

test("the README has at most 150 lines", () => {
  assert(read("README.md").split("\n").length <= 151)
})

test("the messages of the page on troubleshooting are those of the library", () => {
  const sources = read("tests/messages.md") + read("src/config/permissions.ts")
  // Those of servers, runtimes and bundlers.
  const others = /^(answered code|failed with|Do not know how|Dynamic require|ConnectionClosed)/
  const messages = [...read("docs/guides/troubleshooting.md").matchAll(/^\| (`[^|]*?) +\|/gm)].flatMap((
    [, cell = ""],
  ) => [...cell.matchAll(/``\s(.+?)\s``|`([^`]+)`/g)].map(([, double, single]) => double ?? single ?? ""))
  assert(messages.length > 20)
  const unknown = messages.filter((message) => !others.test(message)).filter((message) =>
    message.split("...").some((part) => !sources.includes(part.trim()))
  )
  assertEquals(unknown, [])
})

test("a claim without evidence, and evidence that does not exist, are seen", () => {
  const [bare, shown, item, table] = passagesOf(
    "# Page 5 s\n\nIt takes 5 ms.\n\nIt never fails.\n<!-- shown by tests/run.ts -->\n\n- 3 KB\n- other\n\n| a |\n\n<!-- shown by x -->\n",
  )
  assertEquals([bare, shown, item].map((passage) => isClaim(passage?.text ?? "")), [true, true, true])
  assertEquals([bare, shown, item].map((passage) => evidenceOf(passage?.text ?? "").length), [0, 1, 0])
  assert(table !== undefined)
  assertEquals(
    ["tests/none_test.ts", "deno task none", "deno task bench none", 'tests/run.ts "no such test"', "tests/run.ts"]
      .map((evidence) => problemOf(evidence) === undefined),
    [false, false, false, false, true],
  )
})
