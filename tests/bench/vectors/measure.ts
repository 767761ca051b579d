/** One measurement of one peer in a process of its own: `measure.ts PEER METRIC ADDRESS SHAPE INFLIGHT`. Prints one JSON line. */
import process from "node:process"
import type { Client, Peer, Shape } from "./Peer.ts"

const [name, metric, address, json, inflight] = Deno.args as [string, string, string, string, string]
const { default: open }: { readonly default: Peer } = await import(`./peers/${name}.ts`)
const shape: Shape = JSON.parse(json)

const cpu = () => {
  const { user, system } = process.cpuUsage()
  return user + system
}

/** Again and again for so many milliseconds: how often in a second, and microseconds of the processor for each. */
const load = async (milliseconds: number, once: () => Promise<unknown>) => {
  const [start, before] = [performance.now(), cpu()]
  let count = 0
  await Promise.all(Array.from({ length: Number(inflight) }, async () => {
    do {
      await once()
      count++
    } while (performance.now() - start < milliseconds)
  }))
  return { perSecond: count / (performance.now() - start) * 1e3, microseconds: (cpu() - before) / count }
}

const warmUp = 1500
const measured = 2500

const insert = async (client: Client) => {
  await load(warmUp, client.insert)
  const { perSecond, microseconds } = await load(measured, client.insert)
  return { vectorsPerSecond: perSecond * shape.rows, cpuMicroseconds: microseconds / shape.rows }
}

const search = async (client: Client) => {
  const hits = client.hits(await client.search())
  if (hits !== shape.queries * shape.limit) throw new Error(`${hits} hits`)
  await load(warmUp, client.search)
  const { perSecond, microseconds } = await load(measured, client.search)
  return { perSecond, cpuMicroseconds: microseconds }
}

/** Buffers that nobody holds any more are given back behind its back. */
const gc = () => (globalThis as { gc?: () => void }).gc?.()
const settle = async () => {
  for (let i = 0; i < 3; i++) {
    gc()
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** Bytes of the process in memory, by a line of Linux's account of it. */
const status = (line: "VmRSS" | "VmHWM") =>
  Number(new RegExp(`${line}:\\s+(\\d+) kB`).exec(Deno.readTextFileSync("/proc/self/status"))![1]) * 1024

/**
 * What one insert takes at its worst beyond its input, by its own size. First as it runs, garbage that nobody has collected yet
 * included: all memory of the process. Then with a collection at every look: the buffers that are in use.
 */
const insertMemory = async (client: Client) => {
  const size = shape.rows * shape.dimension * 4
  await settle()
  const resident = status("VmRSS")
  // What was the most so far is forgotten.
  await Deno.writeTextFile("/proc/self/clear_refs", "5")
  await client.insert()
  const peak = status("VmHWM") - resident
  await settle()
  const { external } = Deno.memoryUsage()
  let held = 0
  const looking = setInterval(() => {
    gc()
    held = Math.max(held, Deno.memoryUsage().external - external)
  }, 0)
  await client.insert()
  clearInterval(looking)
  return { megabytes: size / 1e6, peak: peak / size, held: held / size }
}

/** What a result keeps while it is held, by the size of the reply. */
const searchMemory = async (client: Client, replyBytes: number) => {
  const held: Array<unknown> = []
  const all = async () => {
    await settle()
    const { heapUsed, external } = Deno.memoryUsage()
    return heapUsed + external
  }
  for (let i = 0; i < 200; i++) await client.search()
  const before = await all()
  for (let i = 0; i < 20; i++) held.push(await client.search())
  const kept = (await all() - before) / held.length
  return { megabytes: replyBytes / 1e6, kept: kept / replyBytes }
}

const metrics: Record<string, (client: Client) => Promise<object>> = {
  insert,
  search,
  insertMemory,
  searchMemory: (client) => searchMemory(client, Number(Deno.args[5])),
}

const client = await open(address, shape)
console.log(JSON.stringify(await metrics[metric]!(client)))
Deno.exit()
