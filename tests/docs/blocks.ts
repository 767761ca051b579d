/** The TypeScript blocks of the documents, as programs of their own. */
import { fileURLToPath } from "node:url"

/** The root of the project, with a slash at the end. */
export const root: string = fileURLToPath(new URL("../..", import.meta.url))

/**
 * The server that a block runs against, from the words after `ts`: none is milvus-lite, `milvus` is Milvus 2.3.5 with
 * authorization, `fake` is a `FakeMilvus`. A block with `ignore` is only type-checked.
 */
export type Target = "lite" | "milvus" | "fake" | "ignore"

/** A TypeScript block of a document. */
export interface Block {
  /** Path of the document, from the root of the project. */
  readonly page: string
  /** Line of the document on which the code begins, from 1. */
  readonly line: number
  readonly target: Target
  readonly code: string
  /** Content of the `text` block that follows; `undefined` if another block or a heading comes first. */
  readonly output: string | undefined
}

/** Returns the documents, by their paths from the root. The README is the first. */
export const pages = (): ReadonlyArray<string> => ["README.md", "AGENTS.md", ...markdownOf("docs")]

const markdownOf = (folder: string): ReadonlyArray<string> =>
  [...Deno.readDirSync(root + folder)].flatMap(({ name, isDirectory }) => {
    const path = `${folder}/${name}`
    return isDirectory ? markdownOf(path) : name.endsWith(".md") ? [path] : []
  }).toSorted()

const targets: Readonly<Record<string, Target>> = { "": "lite", milvus: "milvus", fake: "fake", ignore: "ignore" }

/** Returns the TypeScript blocks of a document. Throws if a block has an unknown word after `ts`. */
export function blocksOf(page: string, text: string): ReadonlyArray<Block> {
  const blocks: Array<Block> = []
  for (const match of text.matchAll(/^```ts([^\n]*)\n([^]*?)^```$(?:\n*```text\n([^]*?)^```$)?/gm)) {
    const [, words = "", code = "", output] = match
    const target = targets[words.trim()]
    const line = text.slice(0, match.index).split("\n").length + 1
    if (target === undefined) throw new Error(`${page}:${line}: expected ts, ts milvus, ts fake or ts ignore`)
    blocks.push({ page, line, target, code, output })
  }
  return blocks
}

/** Returns the name of the file of a block. */
export const fileOf = ({ page, line }: Block): string => `${page.replace(/\.md$/, "").replaceAll("/", "_")}_${line}.ts`

/** The address in the documents, which is replaced with that of a server of the tests. */
export const address = "localhost:19530"

/**
 * Returns the content of the file of a block. Its lines have the numbers that they have in the document. The code is a
 * module without exports, so that two blocks may use the same names.
 */
export const programOf = ({ line, code }: Block, server: string): string =>
  `${"\n".repeat(line - 1)}${code.replaceAll(address, server)}\nexport {}\n`

/** Whether an output is the expected one. `...` in the expected one stands for any text within its line. */
export function matches(output: string, expected: string): boolean {
  const pattern = expected.trim().split("...").map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join(".*")
  return new RegExp(`^${pattern}$`).test(output.trim())
}
