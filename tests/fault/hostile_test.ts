/**
 * A hostile server, which misbehaves in each way while a client connects, calls by the generic codec, and calls by the
 * codec of large messages. Each time the client gets a typed error within its deadline, memory and the longest stall of
 * the event loop stay within bounds, and the next call works. The clients are separate processes, so that a test sees
 * if one dies.
 */
import { assert, assertEquals, assertLess } from "@std/assert"
import { TextLineStream } from "./hostile_lines.ts"
import { hostileServer } from "./hostile_server.ts"
import { allowed, type Beginning, plainBeginnings, tlsBeginnings, ways } from "./hostile_ways.ts"
import { test } from "../support/test.ts"

/** One way to misbehave, at one step of a client. */
export interface Job {
  readonly id: string
  readonly way: string
  readonly mode: "connect" | "call" | "exchange"
  readonly port: number
  /** The port of a server that behaves. */
  readonly healthy: number
  readonly isTls: boolean
  /** Name of the jobs whose memory and stalls are measured together. */
  readonly group: string
  readonly isAlone: boolean
  readonly maxMessageSize?: number
}

/** Result of a {@linkcode Job}. */
export interface Outcome {
  readonly result: { readonly tag: string; readonly kind: string; readonly message?: string }
  readonly elapsed: number
  readonly next: string
}

const megabytes = 2 ** 20
/** Growth of the process of a client, which includes garbage that is not collected yet. */
const memoryBound = 150 * megabytes
/** Longest stall in milliseconds. It is generous, because the machine may be busy. */
const stallBound = 3000
const timeBound = 10_000

interface Report {
  readonly outcomes: ReadonlyMap<string, Outcome>
  readonly groups: ReadonlyMap<string, { readonly growth: number; readonly stall: number }>
  /** Jobs that were running when the process ended too early. */
  readonly died: ReadonlyArray<string>
  readonly stderr: string
}

/** Runs the jobs in a separate process. */
const runJobs = async (jobs: ReadonlyArray<Job>): Promise<Report> => {
  const outcomes = new Map<string, Outcome>()
  const groups = new Map<string, { growth: number; stall: number }>()
  const begun = new Set<string>()
  const client = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--quiet",
      "--no-check",
      "--v8-flags=--expose-gc",
      new URL("hostile_client.ts", import.meta.url).href,
      JSON.stringify(jobs),
    ],
    env: { NO_COLOR: "1" },
    stdout: "piped",
    stderr: "piped",
  }).spawn()
  const stderr = new Response(client.stderr).text()
  const guard = setTimeout(() => client.kill("SIGKILL"), 150_000)
  for await (const line of client.stdout.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream())) {
    const event = JSON.parse(line)
    if (event.begin !== undefined) begun.add(event.begin)
    else if (event.end !== undefined) {
      begun.delete(event.end)
      outcomes.set(event.end, event)
    } else groups.set(event.group, event)
  }
  const { success } = await client.status
  clearTimeout(guard)
  return { outcomes, groups, died: success ? [] : [...begun, "the process"], stderr: await stderr }
}

/** Whether a way sends a lot of data. */
const isHeavy = (way: string): boolean => /GiB|1 GB|without an end|megabyte|MB$/.test(way)

const modes = ["connect", "call", "exchange"] as const

const table: Array<string> = []

const judge = ({ outcomes, groups, died, stderr }: Report, jobs: ReadonlyArray<Job>): void => {
  const problems: Array<string> = died.map((id) => `${id}: the process ended`)
  for (const { id, way } of jobs) {
    const outcome = outcomes.get(id)
    if (outcome === undefined) {
      problems.push(`${id}: no outcome`)
      continue
    }
    const { result: { tag, kind, message = "" }, elapsed, next } = outcome
    const isTyped = ["NotReady", "RpcError", "ServerError", "CodecError"].includes(tag)
    const isRight = isTyped || tag === "ok" && allowed.has(way)
    if (!isRight) problems.push(`${id}: ${tag} ${kind} ${message}`)
    if (elapsed > timeBound) problems.push(`${id}: took ${Math.round(elapsed)} ms`)
    if (next !== "ok") problems.push(`${id}: the next call: ${next}`)
  }
  for (const [group, { growth, stall }] of groups) {
    const figures = `${Math.round(growth / megabytes)} MB, ${Math.round(stall)} ms`
    table.push(`| (${group}: growth of memory, longest stall) | ${figures} | | |`)
    if (growth > memoryBound || stall > stallBound) problems.push(`${group}: ${figures}`)
  }
  assertEquals(problems, [], stderr)
  assertEquals(stderr, "", "a library prints nothing")
}

const row = (way: string, { outcomes }: Report): string =>
  `| ${way} | ${
    modes.map((mode) => {
      const result = outcomes.get(`${way} / ${mode}`)?.result
      return result === undefined ? "" : result.tag === "ok" ? "ok" : `${result.tag} ${result.kind}`
    }).join(" | ")
  } |`

/** Registers a test for some ways. Each test has a process of its own. */
const suite = (name: string, isPart: (way: string) => boolean) => {
  const names = Object.keys(ways).filter(isPart)
  test(`rule 13: ${name} of a hostile server cause typed errors, within bounds, and the next call works`, async () => {
    await using healthy = await hostileServer(() => {})
    await using servers = new AsyncDisposableStack()
    const jobs: Array<Job> = []
    for (const way of names) {
      const server = servers.use(await hostileServer(ways[way]!))
      for (const mode of modes) {
        const isAlone = isHeavy(way)
        const group = isAlone ? way : `${name}, ${mode}`
        jobs.push({
          id: `${way} / ${mode}`,
          way,
          mode,
          port: server.port,
          healthy: healthy.port,
          isTls: false,
          group,
          isAlone,
        })
      }
    }
    const report = await runJobs(jobs)
    table.push(...names.map((way) => row(way, report)))
    judge(report, jobs)
  })
}

suite("frames of HTTP/2", (way) => way.startsWith("HTTP/2"))
suite("replies", (way) => !way.startsWith("HTTP/2"))

const begin = (name: string, beginnings: Readonly<Record<string, Beginning>>, isTls: boolean) =>
  test(`rule 13: ${name} with a hostile server cause NotReady, within bounds, and others connect`, async () => {
    await using healthy = await hostileServer(() => {})
    await using servers = new AsyncDisposableStack()
    const jobs: Array<Job> = []
    for (const [way, beginning] of Object.entries(beginnings)) {
      const server = servers.use(await hostileServer(() => {}, beginning))
      const group = name
      const { port } = server
      jobs.push({
        id: `${way} / connect`,
        way,
        mode: "connect",
        port,
        healthy: healthy.port,
        isTls,
        group,
        isAlone: false,
      })
    }
    const report = await runJobs(jobs)
    table.push(...Object.keys(beginnings).map((way) => row(way, report)))
    judge(report, jobs)
    for (const [id, { result }] of report.outcomes) {
      assertEquals(result.tag, "NotReady", `${id}: ${result.message}`)
      if (/TLS: 1\.|alert for the (version|handshake)/.test(id)) assertEquals(result.kind, "Tls", id)
    }
  })

begin("beginnings of a plain connection", plainBeginnings, false)
begin("beginnings of TLS", tlsBeginnings, true)

test("the hostile server has more than 40 ways to misbehave, and each allowed way exists", () => {
  const all = [...Object.keys(ways), ...Object.keys(plainBeginnings), ...Object.keys(tlsBeginnings)]
  assertLess(40, all.length)
  for (const way of allowed) assert(way in ways, way)
})

Deno.test.afterAll(() => {
  console.log("| way | at connect | at a call | at an insert |\n| --- | --- | --- | --- |")
  for (const line of table) console.log(line)
})
