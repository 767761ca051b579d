/**
 * The pages of the site: the README, every document in `docs/`, and every file of the repository to which a page links.
 * Paths are those of the repository, so links between documents hold. A file that is no document is a page with its text,
 * and a folder a list of its files.
 */

/** Text of a page in Markdown, by its path on the site. */
export type Pages = ReadonlyMap<string, string>

/** Reads the pages. Fails if a link leads to no file of the repository. */
export async function readPages(root: string): Promise<Pages> {
  const pages = new Map<string, string>()
  const queue = ["README.md", ...await documentsOf(root, "docs")]
  const seen = new Set(queue)
  for (const file of queue) {
    const text = await readMarkdown(root, file)
    const targets = new Map<string, string>()
    for (const link of linksOf(text)) {
      const target = await targetOf(root, file, link)
      if (target === undefined) continue
      targets.set(link, pageLink(file, target, link))
      if (!seen.has(target)) queue.push(target)
      seen.add(target)
    }
    pages.set(pageOf(file), replaceLinks(text, targets))
  }
  return pages
}

/** Reads a file as Markdown. The README of a folder that has none is a list of its files. */
async function readMarkdown(root: string, file: string): Promise<string> {
  const text = await Deno.readTextFile(`${root}/${file}`).catch((error: unknown) => {
    if (error instanceof Deno.errors.NotFound && file.endsWith("/README.md")) return undefined
    throw error
  })
  if (text === undefined) {
    const folder = file.slice(0, -"/README.md".length)
    const names = await Array.fromAsync(Deno.readDir(`${root}/${folder}`), ({ name }) => name)
    return `# ${folder}\n\n${names.toSorted().map((name) => `- [${name}](${name})\n`).join("")}`
  }
  if (file.endsWith(".md")) return text
  const fence = "`".repeat(4)
  return `# ${file}\n\n${fence}${/\w\.(\w+)$/.exec(file)?.[1] ?? ""}\n${text}\n${fence}\n`
}

/**
 * Returns the path of the page of a file: a README is the index of its folder. A folder of the site does not start with
 * a dot, since generators and servers leave those out.
 */
export const pageOf = (file: string): string =>
  file.endsWith(".md") ? file.replace(/(^|\/)README\.md$/, "$1index.md") : `${file.replace(/(^|\/)\./g, "$1")}.md`

/** Returns the file to which a link of a document leads, or `undefined` if it leads out of the repository. */
async function targetOf(root: string, file: string, link: string): Promise<string | undefined> {
  const url = new URL(link, `file:///${file}`)
  if (url.protocol !== "file:" || link.startsWith("#")) return undefined
  const path = decodeURIComponent(url.pathname.slice(1)).replace(/\/$/, "")
  const info = await Deno.stat(`${root}/${path}`).catch(() => undefined)
  if (info === undefined) throw new Error(`${file}: the link ${link} leads to no file`)
  return info.isDirectory ? `${path}/README.md` : path
}

/** Returns the link to the page of a file, from the page of another. */
function pageLink(from: string, target: string, link: string): string {
  const up = "../".repeat(from.split("/").length - 1)
  const [, anchor = ""] = /(#.*)?$/.exec(link) ?? []
  return `${up === "" ? "./" : up}${pageOf(target).replace(/\.md$/, ".html")}${anchor}`
}

/** A block of code, or a link: only what is not in code is a link. */
const codeOrLink = /^(`{3,})[^]*?^\1`*$|`[^`\n]*`|(\]\()([^)\s]+)\)/gm

/** Returns the links of a document in Markdown. */
export const linksOf = (text: string): ReadonlyArray<string> =>
  [...text.matchAll(codeOrLink)].flatMap(([, , , link]) => link === undefined ? [] : [link])

const replaceLinks = (text: string, by: ReadonlyMap<string, string>): string =>
  text.replace(codeOrLink, (all, _fence, start, link) => {
    const target = link === undefined ? undefined : by.get(link)
    return target === undefined ? all : `${start}${target})`
  })

/** Returns the documents of a folder. */
async function documentsOf(root: string, folder: string): Promise<ReadonlyArray<string>> {
  const files: Array<string> = []
  for await (const { name, isDirectory } of Deno.readDir(`${root}/${folder}`)) {
    const path = `${folder}/${name}`
    if (isDirectory) files.push(...await documentsOf(root, path))
    else if (name.endsWith(".md")) files.push(path)
  }
  return files.toSorted()
}
