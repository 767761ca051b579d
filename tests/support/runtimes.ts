/** Runtimes of a version, from npm and PyPI, in folders of their own. Nothing is installed for the machine. */
import { makeFolder, succeed } from "./package.ts"
import { install } from "./npmProject.ts"

/** The versions that the tests install. `deno task compat` reports newer ones. */
export const tested = { bun: "1.4.5", node: "26.10.0" } as const

/** A runtime that can be installed. */
type Runtime = "bun" | "deno" | "node"

/** Whether a name is that of a runtime for npm packages. */
export const isRuntime = (name: string): name is "bun" | "node" => name === "bun" || name === "node"

/** Installs a runtime. Disposing removes it. */
export async function installRuntime(
  runtime: Runtime,
  version: string,
): Promise<AsyncDisposable & { readonly command: string }> {
  const folder = await makeFolder({ "package.json": JSON.stringify({ private: true }) })
  const end = Deno.build.os === "windows" ? ".exe" : ""
  const command = await installs[runtime](folder.path, version).then((path) => path + end)
  return { command, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() }
}

const installs: Readonly<Record<Runtime, (folder: string, version: string) => Promise<string>>> = {
  bun: async (folder, version) => {
    const platform = `@oven/bun-${Deno.build.os}-${Deno.build.arch === "aarch64" ? "aarch64" : "x64"}`
    await install(folder, [`${platform}@${version}`])
    return `${folder}/node_modules/${platform}/bin/bun`
  },
  // PyPI has versions that npm does not have.
  deno: async (folder, version) => {
    await succeed("python3", ["-m", "pip", "install", "--quiet", "--target", folder, `deno==${version}`])
    return `${folder}/bin/deno`
  },
  node: async (folder, version) => {
    const os = Deno.build.os === "windows" ? "win" : Deno.build.os
    const platform = `node-${os}-${Deno.build.arch === "aarch64" ? "arm64" : "x64"}`
    await install(folder, [`${platform}@${version}`])
    return `${folder}/node_modules/${platform}/bin/node`
  },
}
