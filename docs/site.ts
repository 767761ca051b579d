/**
 * Builds the site of the documents as static files: `deno task docs [FOLDER] [--base=/PATH/]`, by default in `site/`.
 * VitePress makes the pages, and TypeDoc the reference of the API in `api/`, each with a search. Fails if a link between
 * pages leads nowhere.
 */
import { fileURLToPath } from "node:url"
import config from "../deno.json" with { type: "json" }
import { brokenLinks } from "./links.ts"
import { linksOf, type Pages, readPages } from "./pages.ts"

const imports: Readonly<Record<string, string>> = config.imports
const root = fileURLToPath(new URL("../", import.meta.url))

const generators = ["vitepress@1.6.4", "typedoc@0.28.20", "typescript@5.9.3"]

/** Packages whose types the API uses. */
const dependencies = [
  ...["effect", "@grpc/grpc-js", "@grpc/proto-loader"].map((name) => imports[name]?.slice("npm:".length) ?? name),
  "@types/node@20",
]

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
    await prepareApi(`${work}/api`, base)
    const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--prefer-offline"]
    await run(work, "npm", "install", ...flags, ...generators, ...dependencies)
    const bin = `${work}/node_modules/.bin`
    await run(work, `${bin}/vitepress`, "build", "pages", "--outDir", `${work}/site`)
    await run(`${work}/api`, `${bin}/typedoc`, "--out", `${work}/site/api`)
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

/** Writes what TypeDoc needs into a folder: the sources, in which each entry has the name by which it is imported. */
async function prepareApi(folder: string, base: string): Promise<void> {
  await Deno.mkdir(folder)
  await run(root, "cp", "-R", "src", "mod.ts", folder)
  // The command line has no API, only its `main`.
  const entries = Object.entries(config.exports).filter(([name]) => name !== "./cli")
  for (const [name, file] of entries) {
    const path = `${folder}/${file}`
    const text = await Deno.readTextFile(path)
    await Deno.writeTextFile(path, text.replace(/^ \* @module$/m, `$& ${config.name}${name.slice(1)}`))
  }
  const entryPoints = entries.map(([, file]) => file)
  const compilerOptions = {
    ...config.compilerOptions,
    module: "nodenext",
    target: "esnext",
    lib: ["esnext", "dom", "dom.iterable", "dom.asynciterable"],
    types: ["node"],
    noEmit: true,
    allowImportingTsExtensions: true,
    resolveJsonModule: true,
    skipLibCheck: true,
  }
  const typedoc = {
    name: config.name,
    entryPoints,
    // Deno has checked the types, and TypeDoc does not know those of Deno.
    skipErrorChecking: true,
    readme: "none",
    disableSources: true,
    hideGenerator: true,
    navigationLinks: { Guides: base },
  }
  await Deno.writeTextFile(`${folder}/tsconfig.json`, JSON.stringify({ compilerOptions, files: entryPoints }))
  await Deno.writeTextFile(`${folder}/typedoc.json`, JSON.stringify(typedoc))
}

function vitepressConfig(pages: Pages, base: string): string {
  const item = (path: string) => ({ text: titleOf(pages, path), link: `/${path.replace(/\.md$/, ".html")}` })
  // Guides are in the order in which their index has them.
  const index = linksOf(pages.get("docs/index.md") ?? "").map((link) =>
    new URL(link, "file:///docs/").pathname.slice(1).replace(/\.html$/, ".md")
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
    // Room for tables and code.
    head: [[
      "style",
      {},
      ":root { --vp-layout-max-width: 1600px } .VPDoc.has-aside .content-container { max-width: 52rem !important }",
    ]],
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
