/**
 * The npm package on a runtime: on the newest Node that npm has, or on that of the variable `RUNTIME`, such as
 * `node@20.0.0` and `bun@1.4.0`, by which `deno task compat` tests others.
 */
import { makeProject } from "../support/npmProject.ts"
import { testRuntime } from "../support/package_runtime.ts"
import { installRuntime, isRuntime, tested } from "../support/runtimes.ts"

const runtime = Deno.env.get("RUNTIME") ?? `node@${tested.node}`
const [name = "", version = ""] = runtime.split("@")
if (!isRuntime(name)) throw new Error(`RUNTIME: expected a version of Node or Bun such as node@20.0.0, got ${runtime}`)

const project = () => installed ??= install(name)
let installed: ReturnType<typeof install> | undefined

const install = async (name: "bun" | "node") => ({
  project: await makeProject(),
  runtime: await installRuntime(name, version),
})

Deno.test.afterAll(async () => {
  const made = await installed
  await made?.runtime[Symbol.asyncDispose]()
  await made?.project[Symbol.asyncDispose]()
})

testRuntime(`${name === "bun" ? "Bun" : "Node"} ${version}`, async () => {
  const made = await project()
  return { path: made.project.path, command: made.runtime.command }
})
