/** A Node project with the npm package, as its users have it, for the tests of the package. */
import { makeFolder, root, succeed } from "./package.ts"

const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--prefer-offline"]

/** Installs packages of npm into a folder. No script runs at install. */
export const install = (folder: string, packages: ReadonlyArray<string>): Promise<string> =>
  succeed("npm", ["install", ...flags, ...packages], { cwd: folder })

/** Makes a project with the packed package, and other packages of npm. */
export async function makeProject(
  packages: ReadonlyArray<string> = [],
): Promise<AsyncDisposable & { readonly path: string }> {
  const folder = await makeFolder({ "package.json": JSON.stringify({ private: true, type: "module" }) })
  const { path } = folder
  await succeed(Deno.execPath(), ["run", "-A", "--no-lock", `${root}tests/support/pack.ts`, `${path}/package.tgz`], {
    cwd: root,
  })
  await install(path, ["./package.tgz", ...packages])
  return folder
}
