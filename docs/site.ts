/**
 * Builds the site of the documents as static files, with a search: `deno task docs [FOLDER] [--base=/PATH/]`, by default
 * in `site/`. Pages are made by VitePress, the reference of the API in `api/` by `deno doc`. Fails if a link between pages
 * leads nowhere.
 */
import { fileURLToPath } from "node:url"
import config from "../deno.json" with { type: "json" }
import { type BrokenLink, brokenLinks, decodeEntities } from "./links.ts"
import { linksOf, pageOf, type Pages, readPages } from "./pages.ts"

const root = fileURLToPath(new URL("../", import.meta.url))

/** Builds the site in a folder, whose content it replaces. */
export async function buildSite(folder: string, base = "/"): Promise<void> {
  const work = await Deno.makeTempDir({ prefix: "effect-milvus-site-" })
  try {
    const pages = await readPages(root)
    for (const [path, text] of pages) {
      await Deno.mkdir(`${work}/pages/${path}`.replace(/\/[^/]*$/, ""), { recursive: true })
      await Deno.writeTextFile(`${work}/pages/${path}`, text)
    }
    await Deno.mkdir(`${work}/pages/.vitepress`)
    await Deno.writeTextFile(`${work}/pages/.vitepress/config.mjs`, vitepressConfig(pages, base))
    await Deno.writeTextFile(`${work}/package.json`, JSON.stringify({ private: true, type: "module" }))
    const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--prefer-offline"]
    await run(work, "npm", "install", ...flags, "vitepress@1.6.4")
    await run(work, "node", "node_modules/vitepress/bin/vitepress.js", "build", "pages", "--outDir", `${work}/site`)
    const entries = Object.values(config.exports).filter((file) => file !== config.exports["./cli"])
    const doc = ["doc", "--html", `--name=${config.name}`, `--output=${work}/site/api`, ...entries]
    await run(root, Deno.execPath(), ...doc)
    await unlink(`${work}/site`, (await brokenLinks(`${work}/site`, base)).filter(isOfDenoDoc))
    const broken = await brokenLinks(`${work}/site`, base)
    if (broken.length > 0) {
      throw new Error(broken.map(({ page, link, problem }) => `${page}: ${link}: ${problem}`).join("\n"))
    }
    await Deno.remove(folder, { recursive: true }).catch(ignoreMissing)
    await run(work, "cp", "-R", `${work}/site`, folder)
  } finally {
    await Deno.remove(work, { recursive: true })
  }
}

/**
 * Whether `deno doc` made a link that leads nowhere by itself: to the parameter of a mapped type, or to a page for each
 * part of a name with dots.
 */
const isOfDenoDoc = ({ page, link }: BrokenLink): boolean =>
  page.startsWith("api/") && (link.startsWith("#type_param_") || /^(\.\.\/)+\.\/.*~\/[\w.]+\.html$/.test(link))

/** Makes links to text. */
async function unlink(folder: string, links: ReadonlyArray<BrokenLink>): Promise<void> {
  for (const [page, some] of Map.groupBy(links, ({ page }) => page)) {
    const html = await Deno.readTextFile(`${folder}/${page}`)
    const broken = new Set(some.map(({ link }) => link))
    const text = html.replace(
      /(<a\b[^>]*?\s)href="([^"]*)"/g,
      (all, start, link) => broken.has(decodeEntities(link)) ? start : all,
    )
    await Deno.writeTextFile(`${folder}/${page}`, text)
  }
}

function vitepressConfig(pages: Pages, base: string): string {
  const item = (path: string) => ({ text: titleOf(pages, path), link: `/${path.replace(/\.md$/, ".html")}` })
  // Guides are in the order in which their index has them.
  const index = linksOf(pages.get("docs/index.md") ?? "").map((link) =>
    pageOf(`docs/${link.replace(/\.html.*$/, ".md")}`)
  )
  const place = (path: string) => (index.indexOf(path) + 1) || index.length + 1
  const isDocument = (path: string) => path.startsWith("docs/") && path !== "docs/index.md"
  const documents = [...pages.keys()].filter(isDocument).toSorted((a, b) => place(a) - place(b))
  const guides = documents.filter((path) => path.startsWith("docs/guides/"))
  const reference = documents.filter((path) => !guides.includes(path))
  const about = ["CHANGELOG.md", "ARCHITECTURE.md", "CONTRIBUTING.md"].filter((path) => pages.has(path))
  const groups = { Guides: guides, Reference: reference, About: about }
  const settings = {
    title: "effect-milvus",
    description: "A TypeScript client for the Milvus vector database, with Effect and with promises",
    base,
    // `brokenLinks` checks the links, also those to the reference of the API.
    ignoreDeadLinks: true,
    markdown: { html: false },
    themeConfig: {
      search: { provider: "local" },
      outline: [2, 3],
      nav: [
        { text: "Start", link: "/" },
        ...(pages.has("docs/index.md") ? [{ text: "Guides", link: "/docs/" }] : []),
        { text: "API", link: "/api/index.html", target: "_self" },
      ],
      sidebar: Object.entries(groups).filter(([, paths]) => paths.length > 0).map(([text, paths]) => ({
        text,
        items: paths.map(item),
      })),
    },
  }
  return `export default ${JSON.stringify(settings, null, 2)}`
}

const titleOf = (pages: Pages, path: string): string =>
  /^# (.*)$/m.exec(pages.get(path) ?? "")?.[1]?.replaceAll("`", "") ?? path

async function run(cwd: string, command: string, ...args: ReadonlyArray<string>): Promise<void> {
  const { success, stdout, stderr } = await new Deno.Command(command, { cwd, args: [...args] }).output()
  if (success) return
  const decoder = new TextDecoder()
  throw new Error(`${command} ${args.join(" ")} failed\n${decoder.decode(stdout)}${decoder.decode(stderr)}`)
}

const ignoreMissing = (error: unknown): void => {
  if (!(error instanceof Deno.errors.NotFound)) throw error
}

if (import.meta.main) {
  const base = Deno.args.find((arg) => arg.startsWith("--base="))?.slice("--base=".length)
  const folder = Deno.args.find((arg) => !arg.startsWith("--")) ?? `${root}site`
  await buildSite(folder, base)
  console.log(folder)
}
