/**
 * What connecting and calling cost, side by side in one run: this library, grpc-js alone with the same contract, and the Node
 * SDK. `deno task bench`; `deno task bench --rounds=5 connect inflight` for some of it.
 *
 * Each figure is the median over rounds in which the peers take turns, each in a process of its own, against one healthy
 * server in another. Compare within a run; a single number belongs to its machine.
 *
 * Not measured: TLS, real Milvus (whose own time would hide the client's), latency of a network, and what is in the messages.
 */
import { startServerProcess } from "../support/server_process.ts"
import { freePort } from "../support/listeners.ts"

const rounds = Number(Deno.args.find((arg) => arg.startsWith("--rounds="))?.slice(9) ?? 3)
const wanted = Deno.args.filter((arg) => !arg.startsWith("--"))
const folder = new URL("./", import.meta.url).pathname

type Figures = Readonly<Record<string, number>>

const median = (values: ReadonlyArray<number>) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!

const deno = async (args: ReadonlyArray<string>): Promise<string> => {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-lock", "--no-check", "--v8-flags=--expose-gc,--max-old-space-size=8000", ...args],
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
  }).output()
  if (code !== 0) throw new Error(`${args.join(" ")}\n${new TextDecoder().decode(stderr)}`)
  return new TextDecoder().decode(stdout)
}

const measure = async (peer: string, metric: string, address: string, count: number): Promise<Figures> =>
  JSON.parse(await deno([`${folder}measure.ts`, peer, metric, address, String(count)]))

/** Rounds in which the peers take turns; the median of each figure. */
const interleaved = async <K extends string>(
  peers: ReadonlyArray<K>,
  once: (peer: K) => Promise<Figures>,
  times = rounds,
): Promise<Record<K, Figures>> => {
  const all = new Map<K, Array<Figures>>(peers.map((peer) => [peer, []]))
  for (let round = 0; round < times; round++) {
    for (const peer of peers) all.get(peer)!.push(await once(peer))
  }
  return Object.fromEntries(
    Array.from(all, ([peer, figures]) => [
      peer,
      Object.fromEntries(Object.keys(figures[0]!).map((name) => [name, median(figures.map((each) => each[name]!))])),
    ]),
  ) as Record<K, Figures>
}

const number = (value: number) =>
  value >= 100 ? Math.round(value).toLocaleString("en") : value.toFixed(value >= 10 ? 1 : 2)

const table = (title: string, results: Readonly<Record<string, Figures>>, against?: string) => {
  console.log(`\n${title}`)
  for (const [peer, figures] of Object.entries(results)) {
    const columns = Object.entries(figures).map(([name, value]) => {
      const base = against === undefined || peer === against ? undefined : results[against]![name]
      return `${name} ${number(value)}${base === undefined ? "" : ` (x${(value / base).toFixed(2)})`}`
    })
    console.log(`  ${peer.padEnd(14)} ${columns.join("   ")}`)
  }
}

await using server = await startServerProcess()
const { address } = server

const suites: Record<string, () => Promise<void>> = {
  connect: async () =>
    table(
      "connect + ready + close",
      await interleaved(["bare", "ours", "promise", "sdk"] as const, (peer) =>
        measure(peer, "connect", address, peer === "sdk" ? 20 : 200)),
      "bare",
    ),
  sequential: async () =>
    table(
      "GetVersion, one after the other",
      await interleaved(["bare", "ours", "promise", "sdk"] as const, (peer) =>
        measure(peer, "sequential", address, 4000)),
      "bare",
    ),
  inflight: async () =>
    table(
      "GetVersion, 64 in flight",
      await interleaved(["bare", "ours", "promise", "sdk"] as const, (peer) =>
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
}

console.log(`Deno ${Deno.version.deno}, ${navigator.hardwareConcurrency} cores, ${rounds} rounds`)
for (const [name, suite] of Object.entries(suites)) {
  if (wanted.length === 0 || wanted.includes(name)) await suite()
}
