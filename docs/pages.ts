/**
 * The pages of the site: the README, every document in `docs/`, and every file of the repository to which a page links.
 * Paths are those of the repository, so links between documents hold. A file that is no document is a page with its text.
 */

/** Text of a page in Markdown, by its path on the site. */
export type Pages = ReadonlyMap<string, string>

/** Reads the pages. Fails if a link leads to no file of the repository. */
export async function readPages(root: string): Promise<Pages> {
  const pages = new Map<string, string>()
  const queue = ["README.md", ...await documentsOf(root, "docs")]
  const seen = new Set(queue)
  for (const file of queue) {
    const text = await Deno.readTextFile(`${root}/${file}`)
    if (!file.endsWith(".md")) {
      const fence = "`".repeat(4)
      pages.set(pageOf(file), `# ${file}\n\n${fence}${/\w\.(\w+)$/.exec(file)?.[1] ?? ""}\n${text}\n${fence}\n`)
      continue
    }
    const targets = new Map<string, string>()
    for (const link of linksOf(text)) {
      const target = targetOf(file, link)
      if (target === undefined) continue
      const info = await Deno.stat(`${root}/${target}`).catch(() => undefined)
      if (info?.isFile !== true) throw new Error(`${file}: the link ${link} leads to no file`)
      targets.set(link, pageLink(file, target, link))
      if (!seen.has(target)) queue.push(target)
      seen.add(target)
    }
    pages.set(pageOf(file), replaceLinks(text, targets))
  }
  return pages
}

/**
 * Returns the path of the page of a file: a README is the index of its folder. A folder of the site does not start with
 * a dot, since generators and servers leave those out.
 */
export const pageOf = (file: string): string =>
  file.endsWith(".md") ? file.replace(/(^|\/)README\.md$/, "$1index.md") : `${file.replace(/(^|\/)\./g, "$1")}.md`

/** Returns the file to which a link of a document leads, or `undefined` if it leads out of the repository. */
function targetOf(file: string, link: string): string | undefined {
  const url = new URL(link, `file:///${file}`)
  return url.protocol !== "file:" || link.startsWith("#") ? undefined : decodeURIComponent(url.pathname.slice(1))
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
