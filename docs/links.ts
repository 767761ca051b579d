/** Links of a folder of HTML pages: which of them lead nowhere. */

/** A link that leads nowhere. */
export interface BrokenLink {
  /** The page with the link, from the folder on. */
  readonly page: string
  /** The link as it is in the page. */
  readonly link: string
  readonly problem: "no such file" | "no such anchor"
}

/**
 * Returns the links between pages of a folder that lead to no file, or to no anchor of a page.
 *
 * @param folder Folder of the site.
 * @param base Path under which the site is served, which starts and ends with a slash.
 */
export async function brokenLinks(folder: string, base = "/"): Promise<ReadonlyArray<BrokenLink>> {
  const files = new Set(await filesOf(folder, ""))
  const pages = new Map<string, Page>()
  for (const file of files) {
    if (file.endsWith(".html")) pages.set(file, readPage(await Deno.readTextFile(`${folder}/${file}`)))
  }
  const broken: Array<BrokenLink> = []
  for (const [page, { links }] of pages) {
    for (const link of links) {
      const problem = problemOf(link, page, base, files, pages)
      if (problem !== undefined) broken.push({ page, link, problem })
    }
  }
  return broken
}

interface Page {
  readonly links: ReadonlySet<string>
  readonly anchors: ReadonlySet<string>
}

function readPage(html: string): Page {
  // Scripts have texts that look like attributes, and are not.
  const text = html.replace(/<script\b[^>]*>[^]*?<\/script>/g, (script) => script.slice(0, script.indexOf(">") + 1))
  const values = (attribute: RegExp) =>
    new Set([...text.matchAll(attribute)].map(([, value = ""]) => decodeEntities(value)))
  return {
    links: values(/<(?:a|img|link|script)\b[^>]*?\s(?:href|src)="([^"]*)"/g),
    anchors: values(/<\w+\b[^>]*?\s(?:id|name)="([^"]*)"/g),
  }
}

function problemOf(
  link: string,
  page: string,
  base: string,
  files: ReadonlySet<string>,
  pages: ReadonlyMap<string, Page>,
): BrokenLink["problem"] | undefined {
  const origin = "http://site"
  const url = new URL(link, `${origin}${base}${page}`)
  if (url.origin !== origin) return undefined
  const path = decodeURIComponent(url.pathname)
  if (!path.startsWith(base)) return "no such file"
  const place = path.slice(base.length)
  const file = [place, `${place}index.html`, `${place}.html`].find((name) => files.has(name))
  if (file === undefined) return "no such file"
  const anchor = decodeURIComponent(url.hash.slice(1))
  if (anchor === "" || pages.get(file) === undefined) return undefined
  return pages.get(file)?.anchors.has(anchor) ? undefined : "no such anchor"
}

const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" }

const decodeEntities = (text: string): string =>
  text.replace(/&(?:#x([\da-f]+)|#(\d+)|(\w+));/gi, (all, hexadecimal, decimal, name) => {
    if (name !== undefined) return entities[name] ?? all
    return String.fromCodePoint(hexadecimal === undefined ? Number(decimal) : parseInt(hexadecimal, 16))
  })

/** Returns the files of a folder and its folders, from the folder on. */
async function filesOf(folder: string, prefix: string): Promise<ReadonlyArray<string>> {
  const files: Array<string> = []
  for await (const { name, isDirectory } of Deno.readDir(`${folder}/${prefix}`)) {
    if (isDirectory) files.push(...await filesOf(folder, `${prefix}${name}/`))
    else files.push(`${prefix}${name}`)
  }
  return files
}
