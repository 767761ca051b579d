/** Measures one peer in a separate process: `measure.ts PEER METRIC ADDRESS COUNT`. Prints one line of JSON. */
import process from "node:process"
import type { Peer } from "./peers/Peer.ts"

const [name, metric, address, count] = Deno.args as [string, string, string, string]
const { default: open }: { readonly default: Peer } = await import(`./peers/${name}.ts`)
const n = Number(count)

const median = (values: ReadonlyArray<number>) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!
const cpu = () => {
  const { user, system } = process.cpuUsage()
  return user + system
}
const heap = () => {
  ;(globalThis as { gc?: () => void }).gc?.()
  return Deno.memoryUsage().heapUsed
}

/** Connects and closes, one connection after the other. */
const connects = async () => {
  const each: Array<number> = []
  for (let i = 0; i < n + 20; i++) {
    const start = performance.now()
    const client = await open(address)
    await client.close()
    if (i >= 20) each.push(performance.now() - start)
  }
  return { ms: median(each) }
}

/** Calls `GetVersion`, with so many calls in flight. */
const calls = async (loops: number) => {
  const client = await open(address)
  const load = client.load ?? (async (loops, count) => {
    let left = count
    await Promise.all(Array.from({ length: loops }, async () => {
      while (left-- > 0) await client.getVersion()
    }))
  })
  await load(loops, n / 2)
  const [start, before] = [performance.now(), cpu()]
  await load(loops, n)
  const [ms, us] = [performance.now() - start, cpu() - before]
  await client.close()
  return { perSecond: n / (ms / 1000), cpuMicroseconds: us / n }
}

/** Opens many clients at once. Measures the cost of opening, holding and closing one. */
const clients = async () => {
  await (await open(address)).close()
  const before = heap()
  const opened: Array<Awaited<ReturnType<typeof open>>> = []
  const start = performance.now()
  let left = n
  await Promise.all(Array.from({ length: 64 }, async () => {
    while (left-- > 0) opened.push(await open(address))
  }))
  const opening = performance.now() - start
  const bytes = (heap() - before) / n
  const closing = performance.now()
  await Promise.all(opened.map((client) => client.close()))
  return { openMs: opening, bytes, closeMs: performance.now() - closing }
}

/** Opens aliases of this library. Measures the cost of opening, holding and closing one, and that of its handshake. */
const aliases = async () => {
  const Effect = await import("effect/Effect")
  const Exit = await import("effect/Exit")
  const Scope = await import("effect/Scope")
  const { Connections } = await import("../../mod.ts")
  const scope = Scope.makeUnsafe()
  const registry = await Effect.runPromise(Effect.provideService(Connections.make(), Scope.Scope, scope))
  const connection = await Effect.runPromise(registry.connect({ alias: "warm", address }))
  const openAliases = (names: ReadonlyArray<string>) =>
    Effect.runPromise(
      Effect.forEach(names, (alias) => registry.connect({ alias, address }), { concurrency: 64, discard: true }),
    )
  const warm = Array.from({ length: 2000 }, (_, i) => `warm ${i}`)
  await openAliases(warm)
  await Effect.runPromise(Effect.forEach(warm, registry.remove, { discard: true }))
  const client_info = { sdk_type: "x", sdk_version: "1", local_time: "", user: "", host: "" }
  const handshake = Effect.all([connection.call("Connect", { client_info }), connection.call("CheckHealth", {})], {
    concurrency: 2,
  })
  const handshakes = (times: number) =>
    Effect.runPromise(
      Effect.forEach(Array.from({ length: times }), () => handshake, { concurrency: 64, discard: true }),
    )
  await handshakes(2000)
  const handshakeBefore = cpu()
  await handshakes(5000)
  const handshakeMicroseconds = (cpu() - handshakeBefore) / 5000

  const names = Array.from({ length: n }, (_, i) => `alias ${i}`)
  const [bytesBefore, cpuBefore, start] = [heap(), cpu(), performance.now()]
  await openAliases(names)
  const [openMs, cpuMicroseconds] = [performance.now() - start, (cpu() - cpuBefore) / n]
  const bytes = (heap() - bytesBefore) / n
  const closing = performance.now()
  await Effect.runPromise(Scope.close(scope, Exit.void))
  return { openMs, cpuMicroseconds, handshakeMicroseconds, bytes, closeMs: performance.now() - closing }
}

/** Connects to a closed port, with `retry: false` if the peer supports it. */
const refused = async () => {
  const each: Array<number> = []
  const { connect } = await import("../../src/promise.ts")
  for (let i = 0; i < n; i++) {
    const start = performance.now()
    await connect({ address, retry: false }).catch(() => {})
    each.push(performance.now() - start)
  }
  return { ms: median(each), firstMs: each[0] }
}

const metrics: Record<string, () => Promise<object>> = {
  connect: connects,
  sequential: () => calls(1),
  inflight: () => calls(64),
  clients,
  aliases,
  refused,
}

console.log(JSON.stringify(await metrics[metric]!()))
Deno.exit()
