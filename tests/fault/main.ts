/**
 * Measures the figures of docs/guides/guarantees.md: `deno task reliability`, which takes about an hour on two cores.
 * Names select parts: `deno task reliability tests`, `soak`, `idle`, `mutations`. The last lines are the figures.
 *
 * Not measured: networks other than the loopback, systems other than Linux, servers of more than one machine.
 */
const folder = new URL("./", import.meta.url).pathname
const root = new URL("../../", import.meta.url).pathname

const flags = ["-A", "--no-check", "--v8-flags=--expose-gc"]
const parts: Readonly<Record<string, ReadonlyArray<string>>> = {
  tests: [
    "test",
    ...flags,
    "--sanitize-ops",
    "--sanitize-resources",
    `${root}tests/fault`,
    `${root}tests/connection/limit_test.ts`,
    `${root}tests/live/kill_test.ts`,
  ],
  soak: ["run", ...flags, `${folder}soak.ts`],
  idle: ["test", ...flags, `${root}tests/live/idle_test.ts`],
  mutations: ["run", ...flags, `${folder}mutations.ts`],
}

const figures: Array<string> = []
let failed = false
for (const [name, args] of Object.entries(parts)) {
  if (Deno.args.length > 0 && !Deno.args.includes(name)) continue
  const child = new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: root,
    env: { RELIABILITY: "full", NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
    stdout: "piped",
  }).spawn()
  let line = ""
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    await Deno.stdout.write(new TextEncoder().encode(text))
    const lines = (line + text).split("\n")
    line = lines.pop() ?? ""
    // Figures, and the rows of tables.
    figures.push(...lines.filter((line) => line.startsWith("figure: ") || line.startsWith("| ")))
  }
  failed ||= !(await child.status).success
}

console.log(`\nDeno ${Deno.version.deno}, ${navigator.hardwareConcurrency} cores`)
for (const line of figures) console.log(line.replace(/^figure: /, ""))
Deno.exit(failed ? 1 : 0)
