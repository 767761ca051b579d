/**
 * Measures the npm package next to the Node SDK, and writes `docs/packages.md`: what is installed, what a bundle has, and
 * how long a script takes on Node, from the start of its process to the end. The scripts take turns, and the times are
 * ratios to that of an empty script in the same run.
 */
import { assertEquals } from "@std/assert"
import config from "../../deno.json" with { type: "json" }
import { table } from "../../docs/table.ts"
import { install, makeProject } from "../support/npmProject.ts"
import { makeFolder, root, succeed, writeFiles } from "../support/package.ts"
import { startServerProcess } from "../support/server_process.ts"
import { interleaved } from "./rounds.ts"

const sdk = { name: "@zilliz/milvus2-sdk-node", version: "3.0.6" }
const version = "v2.6.2"

await using server = await startServerProcess()
const address = JSON.stringify(server.address)

/** Scripts that connect, read the version of the server, and close. */
const scripts = {
  promise: `
    import { connect } from "@effect-milvus/client/promise"
    const main = async () => {
      const milvus = await connect(${address})
      console.log((await milvus.call("GetVersion", {})).version)
      await milvus.close()
    }
    main()`,
  effect: `
    import * as Effect from "effect/Effect"
    import { Connection } from "@effect-milvus/client"
    const main = Effect.gen(function* () {
      const connection = yield* Connection.connect(${address})
      console.log((yield* connection.call("GetVersion", {})).version)
    })
    Effect.runPromise(Effect.scoped(main))`,
  sdk: `
    import { MilvusClient } from "${sdk.name}"
    const main = async () => {
      const client = new MilvusClient({ address: ${address}, logLevel: "error" })
      await client.connectPromise
      console.log((await client.getVersion()).version)
      await client.closeConnection()
      process.exit()
    }
    main()`,
} as const
type Peer = keyof typeof scripts
const peers: ReadonlyArray<Peer> = ["promise", "effect", "sdk"]

/** Makes a project with the package or the SDK, and esbuild next to it, which is not part of what is installed. */
async function prepare(peer: Peer): Promise<AsyncDisposable & { readonly path: string }> {
  if (peer !== "sdk") return await makeProject()
  const folder = await makeFolder({ "package.json": JSON.stringify({ private: true, type: "module" }) })
  await install(folder.path, [`${sdk.name}@${sdk.version}`])
  return folder
}

/** Counts packages and bytes in a folder of packages. */
async function measureInstalled(folder: string): Promise<{ readonly packages: number; readonly bytes: number }> {
  const lock = JSON.parse(await Deno.readTextFile(`${folder}/package-lock.json`))
  return { packages: Object.keys(lock.packages).length - 1, bytes: await bytesOf(`${folder}/node_modules`) }
}

async function bytesOf(folder: string): Promise<number> {
  let bytes = 0
  for await (const { name, isDirectory, isFile } of Deno.readDir(folder)) {
    if (isDirectory) bytes += await bytesOf(`${folder}/${name}`)
    else if (isFile) bytes += (await Deno.stat(`${folder}/${name}`)).size
  }
  return bytes
}

await using tools = await makeFolder({ "package.json": JSON.stringify({ private: true }) })
await install(tools.path, ["esbuild@0.25.12"])
const esbuild = `${tools.path}/node_modules/esbuild/bin/esbuild`

/** Bundles a script into one file, and returns its size. */
async function bundle(folder: string, script: string): Promise<number> {
  const flags = ["--bundle", "--platform=node", "--format=cjs", "--minify", `--outfile=${folder}/bundle.cjs`]
  await succeed("node", [esbuild, script, ...flags], { cwd: folder })
  return (await Deno.stat(`${folder}/bundle.cjs`)).size
}

const kilobytes = (bytes: number): string => `${Math.round(bytes / 1000).toLocaleString("en")} KB`

await using stack = new AsyncDisposableStack()
const folders = new Map<Peer, string>()
for (const peer of peers) {
  const { path } = stack.use(await prepare(peer))
  await writeFiles(path, { "script.mjs": scripts[peer] })
  folders.set(peer, path)
}
const folderOf = (peer: Peer): string => folders.get(peer) ?? ""

const installed = { ours: await measureInstalled(folderOf("promise")), sdk: await measureInstalled(folderOf("sdk")) }
const own = {
  ours: await bytesOf(`${folderOf("promise")}/node_modules/${config.name}`),
  sdk: await bytesOf(`${folderOf("sdk")}/node_modules/${sdk.name}`),
}
const bundles = Object.fromEntries(
  await Promise.all(peers.map(async (peer) => [peer, await bundle(folderOf(peer), "script.mjs")] as const)),
) as Record<Peer, number>

/** Times a whole process. Its output shows that it did its work. */
async function time(cwd: string, args: ReadonlyArray<string>, output: string): Promise<{ readonly ms: number }> {
  const start = performance.now()
  assertEquals(await succeed("node", args, { cwd }), output)
  return { ms: performance.now() - start }
}
const nothing = "nothing"
const run = (file: string) =>
  interleaved(
    [nothing, ...peers],
    (peer) =>
      peer === nothing
        ? time(root, ["--eval", ""], "")
        // Cast: a name that is not `nothing` is that of a peer.
        : time(folderOf(peer as Peer), [file], version),
    11,
  )
const [modules, bundled] = [await run("script.mjs"), await run("bundle.cjs")]

const ratio = (figures: typeof modules, peer: Peer): string =>
  `x${((figures[peer]?.["ms"] ?? NaN) / (figures[nothing]?.["ms"] ?? NaN)).toFixed(1)}`
const rows = [
  ["the package itself", kilobytes(own.ours), kilobytes(own.ours), kilobytes(own.sdk)],
  [
    "installed, with dependencies",
    kilobytes(installed.ours.bytes),
    kilobytes(installed.ours.bytes),
    kilobytes(installed.sdk.bytes),
  ],
  ["packages installed", ...[installed.ours, installed.ours, installed.sdk].map(({ packages }) => `${packages}`)],
  ["the script as a bundle, minified", ...peers.map((peer) => kilobytes(bundles[peer]))],
  ["the script, from its modules", ...peers.map((peer) => ratio(modules, peer))],
  ["the script, from its bundle", ...peers.map((peer) => ratio(bundled, peer))],
]

const node = await succeed("node", ["--version"])
const text = `# Size and start

What the npm package costs next to the Node SDK (${sdk.name} ${sdk.version}). The script connects, reads the version of the
server, and closes. Its times are those of the whole process, as a multiple of an empty script: medians of 11 rounds in
which the scripts take turns. Measured on ${new Date().toISOString().slice(0, 10)} with Node ${
  node.slice(1)
} and a server in
another process; written by \`deno task packages\`.

${table(["", "with promises", "with Effect", "Node SDK"], rows)}

Source maps and declarations are a part of the package, and are not loaded by a program. What a program does not use is
not in its bundle: \`tests/package_npm_test.ts\` holds that \`connect\` alone brings no operation. Bundles of esbuild create,
insert and search there, and those of Vite and webpack in \`tests/packages/bundlers_test.ts\`, without flags for this package.

Those of esbuild are CommonJS (\`--format=cjs\`). Programs of \`deno compile\` are not tested, since the runtime in them
comes from a server that the tests cannot reach.
`
await Deno.writeTextFile(`${root}docs/packages.md`, text)
console.log(text)
