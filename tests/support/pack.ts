/**
 * The npm package with its command: `deno task pack FILE.tgz`, for `npm publish FILE.tgz`.
 *
 * `deno pack` writes a package.json without `bin`, and takes no other: so the command is added to what it made.
 */
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("../../", import.meta.url))

const bin = `#!/usr/bin/env node
import { main } from "../src/cli/main.js"
await main()
`

async function execute(command: string, ...args: ReadonlyArray<string>): Promise<void> {
  const { success } = await new Deno.Command(command, { args: [...args], cwd: root }).spawn().status
  if (!success) throw new Error(`${command} ${args.join(" ")} failed`)
}

const [target] = Deno.args
if (target === undefined) throw new Error("where to? pack.ts FILE.tgz")
const folder = await Deno.makeTempDir({ prefix: "effect-milvus-pack-" })
try {
  await execute(Deno.execPath(), "pack", "--allow-dirty", "--quiet", "--output", `${folder}/package.tgz`)
  await execute("tar", "-xzf", `${folder}/package.tgz`, "-C", folder)
  const file = `${folder}/package/package.json`
  const manifest = JSON.parse(await Deno.readTextFile(file))
  await Deno.writeTextFile(
    file,
    JSON.stringify({ ...manifest, bin: { "effect-milvus": "bin/effect-milvus.js" } }, null, 2),
  )
  await Deno.mkdir(`${folder}/package/bin`)
  await Deno.writeTextFile(`${folder}/package/bin/effect-milvus.js`, bin)
  await Deno.chmod(`${folder}/package/bin/effect-milvus.js`, 0o755)
  await execute("tar", "-czf", target, "-C", folder, "package")
} finally {
  await Deno.remove(folder, { recursive: true })
}
