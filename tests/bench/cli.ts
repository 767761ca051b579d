/**
 * Measures commands as whole processes, from start to end, while the server is up: `deno run -A tests/bench/cli.ts
 * [ROUNDS]`.
 *
 * An empty script and a script with only grpc-js take turns with the commands. Compare the ratios: the milliseconds
 * depend on the machine. Figures are medians.
 *
 * Not measured: TLS, credentials, a network, a real Milvus, and the first run, which compiles.
 */
import { fileURLToPath } from "node:url"
import { startServerProcess } from "../support/server_process.ts"

const rounds = Number(Deno.args[0] ?? 9)
const path = (file: string) => fileURLToPath(new URL(file, import.meta.url))

await using server = await startServerProcess()
const { address } = server
const [host, port] = address.split(":") as [string, string]
const empty = await Deno.makeTempFile({ suffix: ".ts" })

const main = path("../../src/cli/main.ts")
const programs: Readonly<Record<string, ReadonlyArray<string>>> = {
  "an empty script": [empty],
  "grpc-js alone": [path("oneshot_bare.ts"), address],
  connect: [main, "connect", "-h", host, "-p", port],
  ping: [main, "ping", "-h", host, "-p", port],
  "list collections": [main, "list", "collections", "-h", host, "-p", port],
  "--version": [main, "--version"],
}

const median = (values: ReadonlyArray<number>) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!

const once = async (args: ReadonlyArray<string>): Promise<number> => {
  const start = performance.now()
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-lock", "--no-check", ...args],
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
    stdin: "null",
  }).output()
  const time = performance.now() - start
  // A server without handlers refuses unknown RPCs, which costs as much.
  if (code > 1) throw new Error(new TextDecoder().decode(stderr))
  return time
}

const times = new Map<string, Array<number>>(Object.keys(programs).map((name) => [name, []]))
for (const args of Object.values(programs)) await once(args)
for (let round = 0; round < rounds; round++) {
  for (const [name, args] of Object.entries(programs)) times.get(name)!.push(await once(args))
}
await Deno.remove(empty)

console.log(`Deno ${Deno.version.deno}, ${navigator.hardwareConcurrency} cores, ${rounds} rounds, whole processes`)
const [floor, bare] = ["an empty script", "grpc-js alone"].map((name) => median(times.get(name)!)) as [number, number]
for (const [name, all] of times) {
  const ms = median(all)
  console.log(
    `  ${name.padEnd(18)} ${ms.toFixed(0).padStart(5)} ms   x${(ms / floor).toFixed(1)} of an empty script   x${
      (ms / bare).toFixed(2)
    } of grpc-js alone`,
  )
}
