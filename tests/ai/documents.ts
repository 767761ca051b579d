/** The documents of this project in pieces that an embedding model can read: sections of guides, and docstrings. */
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("../..", import.meta.url))

/** A piece of a page. */
export interface Piece {
  /** Path of the page, from the root of the project. */
  readonly page: string
  readonly text: string
}

/** The modules whose docstrings are documents. */
const modules = [
  ...["Connection", "ConnectionConfig", "Connections", "Embedded", "Json", "Message"].map((name) => `src/${name}.ts`),
  ...[...Deno.readDirSync(`${root}src/operations`)].filter(({ isFile }) => isFile).map(({ name }) =>
    `src/operations/${name}`
  ).toSorted(),
  "src/schema/Functions.ts",
  "src/filter/Filter.ts",
  "src/testing/FakeMilvus.ts",
  "src/testing/FaultProxy.ts",
]

/** The number of characters of a piece: about as many as all-MiniLM-L6-v2 reads. */
const most = 900

/** Returns all pieces, in the order of their pages. This package's own page on texts is not among them. */
export const pieces = (): ReadonlyArray<Piece> => {
  const guides = [...Deno.readDirSync(`${root}docs/guides`)].map(({ name }) => `docs/guides/${name}`).toSorted()
  return [
    ...guides.filter((page) => !page.endsWith("/texts.md")).flatMap((page) => sectionsOf(page, read(page))),
    ...modules.flatMap((page) => docstringsOf(page, read(page))),
  ]
}

const read = (path: string): string => Deno.readTextFileSync(root + path)

/** Returns the prose of a guide by sections, each with the title of its page and its own. */
function sectionsOf(page: string, text: string): ReadonlyArray<Piece> {
  const prose = text.replace(/^```[^]*?^```$/gm, "").replace(/<!--[^]*?-->/g, "").replace(/\]\([^)]*\)/g, "]")
  const [, title = ""] = /^# (.*)$/m.exec(prose) ?? []
  return prose.split(/^(?=#+ )/m).flatMap((section) => {
    const [, heading = "", body = ""] = /^#+ (.*)\n([^]*)$/.exec(section) ?? []
    const name = heading === title ? title : `${title}: ${heading}`
    // A paragraph, an item or a row of a table; not the line under the head of a table.
    const parts = body.split(/\n\n|\n(?=- |\d+\. |\|)/).map((part) => plain(part)).filter((part) => /\w/.test(part))
    return joined(name, parts).map((text) => ({ page, text }))
  })
}

/** Returns the docstrings of a module that say more than a few words, each with its name, and without examples. */
function docstringsOf(page: string, text: string): ReadonlyArray<Piece> {
  const module = page.replace(/^.*\/|\.ts$/g, "")
  return [...text.matchAll(/^\/\*\*((?:(?!\*\/)[^])*)\*\/\s*(?:(?:export )?(?:const|interface|type|class) (\w+))?/gm)]
    .flatMap(([, comment = "", name]) => {
      const body = comment.replace(/^\s*\* ?/gm, "").replace(/@(example|module)[^]*$/, "").replace(/```[^]*?```/g, "")
      const parts = body.split(/\n\n|\n(?=- |\|)/).map((part) => plain(part)).filter((part) => /\w/.test(part))
      if (parts.join(" ").length < 100) return []
      return joined(name === undefined ? module : `${module}.${name.replace(/_$/, "")}`, parts)
    })
    .map((text) => ({ page, text }))
}

/** Returns a text on one line, without marks of Markdown and of links. */
const plain = (text: string): string =>
  text.replace(/\{@linkcode ([^}]*)\}/g, "$1").replace(/[|`*]+|\[|\]|:?-{3,}:?/g, " ").replace(/\s+/g, " ").trim()

/** Joins parts to pieces of at most so many characters, if no part is longer, each with the name in front. */
function joined(name: string, parts: ReadonlyArray<string>): ReadonlyArray<string> {
  const texts: Array<string> = []
  for (const part of parts) {
    const last = texts.at(-1)
    if (last !== undefined && last.length + part.length < most) texts[texts.length - 1] = `${last} ${part}`
    else texts.push(`${name}. ${part}`)
  }
  return texts
}
