/** One measurement of one peer in a process of its own: `measure.ts PEER METRIC ADDRESS COUNT`. Prints one JSON line. */
import process from "node:process"
import * as Effect from "effect/Effect"
import { Connections } from "../../mod.ts"
import { type PeerName, peers } from "./peers.ts"

const [name, metric, address, count] = Deno.args as [PeerName, string, string, string]
const open = peers[name]
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

/** From nothing to ready and closed again, one after the other. */
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

/** `GetVersion`, so many in flight. */
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

/** Clients open at once, each ready: what one costs to open, to hold and to close. */
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

/** The same by alias. */
const aliases = () =>
  Effect.runPromise(Effect.scoped(
    Effect.gen(function* () {
      const registry = yield* Connections.make()
      yield* registry.connect({ alias: "warm", address })
      const [before, cpuBefore] = [heap(), cpu()]
      const start = performance.now()
      yield* Effect.forEach(
        Array.from({ length: n }, (_, i) => i),
        (i) => registry.connect({ alias: `${i}`, address }),
        {
          concurrency: 64,
          discard: true,
        },
      )
      const [opening, openCpu] = [performance.now() - start, cpu() - cpuBefore]
      const bytes = (heap() - before) / n
      // What a handshake costs, to tell it from what an alias costs beyond it: the same two calls on one connection.
      const connection = yield* registry.get("warm")
      const handshake = Effect.andThen(
        connection.call("Connect", {
          client_info: { sdk_type: "x", sdk_version: "1", local_time: "", user: "", host: "" },
        }),
        connection.call("CheckHealth", {}),
      )
      const times = Math.min(n, 10_000)
      const handshakeCpu = cpu()
      yield* Effect.forEach(Array.from({ length: times }), () => handshake, { concurrency: 64, discard: true })
      const handshakeMicroseconds = (cpu() - handshakeCpu) / times
      const closing = performance.now()
      const close = Effect.sync(() => performance.now() - closing)
      return { opening, openCpu: openCpu / n, handshakeMicroseconds, bytes, close }
    }).pipe(Effect.flatMap((result) => Effect.acquireRelease(Effect.succeed(result), () => Effect.void))),
  )).then(async ({ close, opening, openCpu, ...result }) => ({
    openMs: opening,
    cpuMicroseconds: openCpu,
    ...result,
    closeMs: await Effect.runPromise(close),
  }))

/** A port where nothing listens, with `retry: false` where the peer knows it. */
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
