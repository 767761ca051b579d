/**
 * Makes calls for a long time through a proxy that misbehaves at random. Counts their outcomes, and checks that nothing
 * grows, hangs or is left open. `deno run -A --v8-flags=--expose-gc tests/fault/soak.ts [CALLS] [SECONDS]` runs until
 * both are reached (default: a million calls and ten minutes).
 *
 * The server and the proxy are separate processes, so that only the client is measured.
 */
import "../support/calls.ts"
import * as Effect from "effect/Effect"
import { Connection, Connections } from "../../mod.ts"
import { openConnections } from "../../src/connection/limit.ts"
import { openTransports } from "../../src/grpc/transport.ts"
import { startServerProcess } from "../support/server_process.ts"
import { openSockets } from "../support/sockets.ts"

/** Result of a soak. */
export interface SoakResult {
  readonly calls: number
  readonly seconds: number
  /** Number of calls by outcome: `"ok"`, or an error. */
  readonly outcomes: Readonly<Record<string, number>>
  /** Longest duration of a call, in milliseconds. The timeout of a call is one second. */
  readonly longest: number
  readonly unhandled: number
  /** Bytes of heap after a garbage collection, at each tenth of the time. */
  readonly heap: ReadonlyArray<number>
  readonly left: { readonly sockets: number; readonly connections: number; readonly transports: number }
}

const callTimeout = 1000

/** Runs until both the number of calls and the number of seconds are reached. */
export const soak = async (wanted: { readonly calls: number; readonly seconds: number }): Promise<SoakResult> => {
  await using server = await startServerProcess()
  await using proxy = await startProxy(server.address, "soak")
  const { address } = proxy
  let [calls, longest, unhandled] = [0, 0, 0]
  const outcomes: Record<string, number> = {}
  const heap: Array<number> = []
  const start = performance.now()
  const elapsed = () => (performance.now() - start) / 1000
  const onUnhandled = (event: PromiseRejectionEvent) => {
    event.preventDefault()
    unhandled++
    console.error("unhandled", event.reason)
  }
  globalThis.addEventListener("unhandledrejection", onUnhandled)

  const isOver = () => calls >= wanted.calls && elapsed() >= wanted.seconds
  const count = (outcome: string) => outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
  const describe = (error: { readonly _tag: string; readonly code?: unknown; readonly kind?: unknown }) =>
    [error._tag, error.kind ?? error.code].filter(Boolean).join(" ")
  const call = (connection: Connection.Connection) =>
    Effect.suspend(() => {
      const began = performance.now()
      return Effect.matchCause(connection.call("GetVersion", {}, { timeout: callTimeout }), {
        onSuccess: () => count("ok"),
        onFailure: (cause) => {
          const [reason] = cause.reasons
          count(reason?._tag === "Fail" ? describe(reason.error) : `not typed: ${reason?._tag}`)
        },
      }).pipe(Effect.tap(Effect.sync(() => {
        calls++
        longest = Math.max(longest, performance.now() - began)
      })))
    })
  const repeat = (effect: Effect.Effect<unknown>) =>
    Effect.gen(function* () {
      while (!isOver()) yield* effect
    })
  const loops = (connection: Connection.Connection, times: number) =>
    Array.from({ length: times }, () => repeat(call(connection)))

  const program = Effect.gen(function* () {
    const registry = yield* Connections.make()
    const patient = { address, connectTimeout: "30 seconds" } as const
    const single = yield* Connection.connect(patient)
    const pool = yield* Connection.connect({ ...patient, pool: "QueuePool", poolSize: 3, poolMaxAge: "20 seconds" })
    // Meanwhile others connect and disconnect, over the same channel and over one of their own.
    const comeAndGo = (alias: string, params: object) =>
      repeat(
        Effect.gen(function* () {
          const connected = yield* Effect.result(
            registry.connect({ alias, address, connectTimeout: "1 second", ...params }),
          )
          if (connected._tag === "Success") yield* call(connected.success)
          yield* registry.disconnect(alias)
          // About 50 connects a second.
          yield* Effect.sleep(20)
        }).pipe(Effect.orDie),
      )
    const measure = Effect.gen(function* () {
      for (let tenth = 1; tenth <= 10; tenth++) {
        while (elapsed() < wanted.seconds * tenth / 10) yield* Effect.sleep(100)
        ;(globalThis as { gc?: () => void }).gc?.()
        heap.push(Deno.memoryUsage().heapUsed)
        if (wanted.seconds > 60) {
          console.log(`${Math.round(elapsed())} s, ${calls} calls, ${megabytes(heap.at(-1)!)} of heap`)
        }
      }
    })
    yield* Effect.all([
      ...loops(single, 24),
      ...loops(pool, 40),
      comeAndGo("shared", {}),
      comeAndGo("own", { maxMessageSize: 1_000_000 }),
      measure,
    ], { concurrency: "unbounded", discard: true })
  })
  await Effect.runPromise(Effect.scoped(program))
  // Time for rejections that nothing handles, and for sockets that close.
  await new Promise((resolve) => setTimeout(resolve, 1000))
  globalThis.removeEventListener("unhandledrejection", onUnhandled)
  const left = {
    sockets: openSockets(proxy.port),
    connections: openConnections(address),
    transports: Effect.runSync(openTransports),
  }
  return { calls, seconds: elapsed(), outcomes, longest, unhandled, heap, left }
}

const megabytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`

const startProxy = async (target: string, seed: string) => {
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", new URL("./soak_proxy.ts", import.meta.url).pathname, target, seed],
    stdin: "piped",
    stdout: "piped",
  }).spawn()
  const reader = process.stdout.getReader()
  const { value } = await reader.read()
  const port = Number(new TextDecoder().decode(value))
  return {
    address: `127.0.0.1:${port}`,
    port,
    [Symbol.asyncDispose]: async () => {
      await process.stdin.close()
      await reader.cancel()
      await process.status
    },
  }
}

if (import.meta.main) {
  const [calls = 1_000_000, seconds = 600] = Deno.args.map(Number)
  const { heap, outcomes, longest, unhandled, left, ...done } = await soak({ calls, seconds })
  const grown = heap.at(-1)! - heap[0]!
  console.log(outcomes)
  console.log(
    `figure: soak: ${done.calls.toLocaleString("en")} calls in ${Math.round(done.seconds)} s, ${
      outcomes["ok"]
    } answered; ` +
      `heap ${megabytes(heap[0]!)} after a tenth of the time, ${megabytes(heap.at(-1)!)} at the end ` +
      `(${grown >= 0 ? "+" : ""}${(grown / 2 ** 20).toFixed(1)}); longest call ${
        Math.round(longest)
      } ms, of 1000 allowed; ` +
      `${unhandled} unhandled rejections; left: ${JSON.stringify(left)}`,
  )
  const isClean = unhandled === 0 && Object.values(left).every((count) => count === 0) &&
    !Object.keys(outcomes).some((outcome) => outcome.startsWith("not typed"))
  Deno.exit(isClean ? 0 : 1)
}
