/**
 * Measures one peer in a separate process: `measure.ts PEER METRIC ADDRESS SHAPE INFLIGHT`. Prints one line of JSON.
 */
import process from "node:process"
import type { Client, Peer, Shape } from "./Peer.ts"

const [name, metric, address, json, inflight] = Deno.args as [string, string, string, string, string]
const { default: open }: { readonly default: Peer } = await import(`./peers/${name}.ts`)
const shape: Shape = JSON.parse(json)

const cpu = () => {
  const { user, system } = process.cpuUsage()
  return user + system
}

/** Repeats for so many milliseconds. Returns how often in a second, and microseconds of processor time for each. */
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

const warmUp = 4000
const measured = 2500

const insert = async (client: Client) => {
  await load(warmUp, client.insert)
  const { perSecond, microseconds } = await load(measured, client.insert)
  return { vectorsPerSecond: perSecond * shape.rows, cpuMicroseconds: microseconds / shape.rows }
}

const insertRow = async ({ insertRow }: Client) => {
  if (insertRow === undefined) throw new Error("this peer inserts no row")
  await load(warmUp, insertRow)
  const { perSecond, microseconds } = await load(measured, insertRow)
  return { perSecond, cpuMicroseconds: microseconds }
}

const search = async (client: Client) => {
  const hits = client.hits(await client.search())
  if (hits !== shape.queries * shape.limit) throw new Error(`${hits} hits`)
  await load(warmUp, client.search)
  const { perSecond, microseconds } = await load(measured, client.search)
  return { perSecond, cpuMicroseconds: microseconds }
}

/** Buffers without a reference are freed outside of the JavaScript heap. */
const gc = () => (globalThis as { gc?: () => void }).gc?.()
const settle = async () => {
  for (let i = 0; i < 3; i++) {
    gc()
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** Reads the memory of the process in bytes, from a line of /proc/self/status (Linux). */
const status = (line: "VmRSS" | "VmHWM") =>
  Number(new RegExp(`${line}:\\s+(\\d+) kB`).exec(Deno.readTextFileSync("/proc/self/status"))![1]) * 1024

/**
 * Measures the peak memory of one insert beyond its input, as a ratio to its size. First for the whole process,
 * including garbage that is not collected yet. Then with a garbage collection before each measurement: only buffers
 * that are in use.
 */
const insertMemory = async (client: Client) => {
  const size = shape.rows * shape.dimension * 4
  await settle()
  const resident = status("VmRSS")
  // Resets the peak.
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

/** Measures the memory of a result that is held, as a ratio to the size of the reply. */
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
  insertRow,
  search,
  insertMemory,
  searchMemory: (client) => searchMemory(client, Number(Deno.args[5])),
}

const client = await open(address, shape)
console.log(JSON.stringify(await metrics[metric]!(client)))
Deno.exit()
