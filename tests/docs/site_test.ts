/** The parts that build the site of the documents. */
import { assertEquals, assertRejects } from "@std/assert"
import { brokenLinks } from "../../docs/links.ts"
import { linksOf, readPages } from "../../docs/pages.ts"
import { makeFolder, root } from "../support/package.ts"
import { test } from "../support/test.ts"

const page = (body: string) => `<!DOCTYPE html><html><body>${body}</body></html>`

async function makeSite(pages: Readonly<Record<string, string>>): Promise<AsyncDisposable & { readonly path: string }> {
  const folder = await makeFolder()
  for (const [file, text] of Object.entries(pages)) {
    await Deno.mkdir(`${folder.path}/${file}`.replace(/\/[^/]*$/, ""), { recursive: true })
    await Deno.writeTextFile(`${folder.path}/${file}`, text)
  }
  return folder
}

test("brokenLinks finds links to files and anchors that do not exist, and no others", async () => {
  await using site = await makeSite({
    "index.html": page(`
      <a href="/base/guides/rows.html#many%20rows">works</a> <a href="guides/">works</a> <a href="#top">no anchor</a>
      <a class="x" href="./guides/rows.html?q=1">works</a> <a href="guides&#x2F;rows.html">works</a>
      <a href="https://example.com/none.html#none">elsewhere</a>
      <a href="guides/none.html">no file</a> <a href="/guides/rows.html">not under the base</a>
      <script src="app.js"></script> <img src="none.png"> <code>&lt;a href="none"&gt;</code>
      <script>const text = '<a href="none.html">'</script>`),
    "app.js": "",
    "guides/index.html": page(`<h1 id="top">Guides</h1> <a href="../index.html">works</a> <a href="#top">works</a>`),
    "guides/rows.html": page(`<h2 id="many rows">Rows</h2> <a href="index.html#none">no anchor</a>`),
  })
  const broken = await brokenLinks(site.path, "/base/")
  assertEquals(broken.map(({ page, link, problem }) => `${page} ${link}: ${problem}`).toSorted(), [
    "guides/rows.html index.html#none: no such anchor",
    "index.html #top: no such anchor",
    "index.html /guides/rows.html: no such file",
    "index.html guides/none.html: no such file",
    "index.html none.png: no such file",
  ])
})

test("readPages has the README, the documents, and the files to which they link, as pages", async () => {
  await using site = await makeSite({
    "README.md":
      "[guides](docs/README.md#all) [web](https://example.com) [here](#there) `[code](none.md)` [CI](.ci/run)\n",
    ".ci/run": "true\n",
    "docs/README.md": "[program](../examples/demo.ts) [rows](guides/rows.md)\n\n```md\n[code](none.md)\n```\n",
    "docs/guides/rows.md": "# Rows\n\n[examples](../../examples)\n",
    "examples/demo.ts": "console.log(1)\n",
    "examples/other.ts": "console.log(2)\n",
  })
  const pages = await readPages(site.path)
  assertEquals([...pages.keys()].toSorted(), [
    "ci/run.md",
    "docs/guides/rows.md",
    "docs/index.md",
    "examples/demo.ts.md",
    "examples/index.md",
    "examples/other.ts.md",
    "index.md",
  ])
  assertEquals(linksOf(pages.get("index.md") ?? ""), [
    "./docs/index.html#all",
    "https://example.com",
    "#there",
    "./ci/run.html",
  ])
  assertEquals(linksOf(pages.get("docs/guides/rows.md") ?? ""), ["../../examples/index.html"])
  assertEquals(linksOf(pages.get("docs/index.md") ?? ""), ["../examples/demo.ts.html", "../docs/guides/rows.html"])
})

test("readPages fails if a link leads to no file", async () => {
  await using site = await makeSite({ "README.md": "[guides](docs/none.md)\n", "docs/rows.md": "" })
  const error = await assertRejects(() => readPages(site.path))
  assertEquals(String(error), "Error: README.md: the link docs/none.md leads to no file")
})

test("every link between documents leads to a file", async () => {
  await readPages(root)
})
