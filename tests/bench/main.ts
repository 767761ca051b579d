/**
 * Compares the cost of connecting, calling and moving vectors in one run: this library, grpc-js by itself, `node:http2`
 * by itself, and the Node SDK.
 * `deno task bench`, or `deno task bench --rounds=5 connect inflight` for some of it. The part on vectors is in
 * `vectors.ts`.
 *
 * Each figure is the median of rounds in which the peers take turns, each in a process of its own, against one healthy
 * server in another process. Compare within a run: single numbers depend on the machine.
 *
 * Not measured: TLS, a real Milvus (its own time would hide that of the client), latency of a network, and large
 * messages.
 */
import { startServerProcess } from "../support/server_process.ts"
import { freePort } from "../support/listeners.ts"
import { gather } from "./gather.ts"
import { deno, type Figures, interleaved, rounds, table } from "./rounds.ts"
import { telemetry } from "./telemetry.ts"
import { suites as ofVectors } from "./vectors.ts"

const wanted = Deno.args.filter((arg) => !arg.startsWith("--"))
const folder = new URL("./", import.meta.url).pathname

const measure = async (peer: string, metric: string, address: string, count: number): Promise<Figures> =>
  JSON.parse(await deno([`${folder}measure.ts`, peer, metric, address, String(count)]))

await using server = await startServerProcess()
const { address } = server

const suites: Record<string, () => Promise<void>> = {
  connect: async () =>
    table(
      "connect + ready + close",
      await interleaved(["bare", "http2", "ours", "promise", "sdk"] as const, (peer) =>
        measure(peer, "connect", address, peer === "sdk" ? 20 : 200)),
      "bare",
    ),
  sequential: async () =>
    table(
      "GetVersion, one after the other",
      await interleaved(["bare", "http2", "ours", "promise", "sdk"] as const, (peer) =>
        measure(peer, "sequential", address, 4000)),
      "bare",
    ),
  inflight: async () =>
    table(
      "GetVersion, 64 in flight",
      await interleaved(["bare", "http2", "ours", "promise", "sdk"] as const, (peer) =>
        measure(peer, "inflight", address, peer === "sdk" ? 6000 : 20_000)),
      "bare",
    ),
  clients: async () =>
    table(
      "100 clients at once",
      await interleaved(["bare", "ours", "sdk"] as const, (peer) => measure(peer, "clients", address, 100), 1),
      "bare",
    ),
  aliases: async () => {
    for (const count of [1000, 10_000, 65_536 - 1]) {
      table(`${count.toLocaleString("en")} aliases`, {
        ours: await measure("ours", "aliases", address, count),
      })
    }
  },
  oneshot: async () =>
    table(
      "a script: start, connect, version, close (whole process, wall time)",
      await interleaved(["bare", "ours", "sdk"] as const, async (peer) => {
        const file = peer === "ours" ? "oneshot.ts" : `oneshot_${peer}.ts`
        const start = performance.now()
        await deno([folder + file, address])
        return { ms: performance.now() - start }
      }, rounds * 3),
      "bare",
    ),
  refused: async () =>
    table("a refused port with retry: false", {
      ours: await measure("ours", "refused", `127.0.0.1:${freePort()}`, 50),
    }),
  telemetry,
  gather,
  ...ofVectors,
  json: async () => console.log(await deno([`${folder}json.ts`])),
}

console.log(`Deno ${Deno.version.deno}, ${navigator.hardwareConcurrency} cores, ${rounds} rounds`)
console.log(
  "not measured: TLS, a real Milvus (but by gather), the latency of a network, and fields other than a key and a vector",
)
for (const [name, suite] of Object.entries(suites)) {
  if (wanted.length === 0 || wanted.includes(name)) await suite()
}
