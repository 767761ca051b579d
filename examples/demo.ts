/**
 * A guided tour: a local Milvus, four ways to connect, 100,000 vectors, each error once, and a check that nothing is
 * left open.
 *
 * `deno task demo [ROWS]`. The other examples are the parts of the tour; each runs alone, against a server of yours.
 */
import { Connection, Connections } from "@effect-milvus/client"
import * as Embedded from "@effect-milvus/client/embedded"
import { connections } from "@effect-milvus/client/promise"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { waysToConnect } from "./connect.ts"
import { errors } from "./errors.ts"
import { line, title } from "./output.ts"
import { vectors } from "./vectors.ts"

const rows = Number(Deno.args[0] ?? 100_000)

/** Reads a file of /proc; returns an empty text if the system does not have it, or the process is gone. */
const readProc = (file: string): string => {
  try {
    return Deno.readTextFileSync(`/proc/${file}`)
  } catch {
    return ""
  }
}

const isAlive = (pid: number): boolean => {
  const [, , state] = readProc(`${pid}/stat`).split(" ")
  return state !== undefined && state !== "Z"
}

/** Counts the established TCP connections to a port (Linux). */
const countSockets = (port: number): number => {
  const end = `:${port.toString(16).toUpperCase().padStart(4, "0")}`
  const lines = `${readProc("net/tcp")}\n${readProc("net/tcp6")}`.split("\n")
  return lines.filter((line) => {
    const [, , remote, state] = line.trim().split(/\s+/)
    return remote?.endsWith(end) && state === "01"
  }).length
}

const tour = Effect.gen(function* () {
  yield* title("A local Milvus")
  const [started, server] = yield* Effect.timed(Embedded.start({ install: true }))
  yield* line(
    server.engine,
    `${server.version} at ${server.address}, ready in ${Duration.toSeconds(started).toFixed(1)} s`,
  )
  yield* waysToConnect(server.address)
  yield* title(`${rows.toLocaleString("en")} vectors`)
  yield* Effect.provideServiceEffect(vectors(rows), Connection.Connection, Connections.get())
  yield* errors(server.address)

  yield* title("Disconnected")
  yield* Connections.disconnect("default")
  yield* Effect.promise(() => connections.remove("script"))
  // The system closes sockets a moment later than the library.
  const left = yield* Effect.repeat(Effect.sync(() => countSockets(server.port)), {
    until: (count) => count === 0,
    times: 500,
    schedule: Schedule.spaced("10 millis"),
  })
  if (left !== 0) return yield* Effect.die(new Error(`${left} sockets to the server are left`))
  yield* line("sockets to the server", `${left}`)
  return server
})

const server = await Effect.runPromise(Effect.provide(Effect.scoped(tour), Connections.layer()))
if (isAlive(server.pid)) throw new Error(`the server is still running, as process ${server.pid}`)
await Effect.runPromise(line("the server's process", "ended"))
