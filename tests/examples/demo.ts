/**
 * A guided tour: a local Milvus, the four library ways to connect, 100,000 vectors, each error once, and the proof that nothing
 * is left. `deno task demo`.
 */
import * as Console from "effect/Console"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { Connection, Connections, type MilvusError } from "../../mod.ts"
import * as Embedded from "../../src/Embedded.ts"
import { connect, connections } from "../../src/promise.ts"
import { freePort } from "../support/listeners.ts"
import { eventually, openSockets } from "../support/sockets.ts"
import { vectors } from "./vectors.ts"

const title = (text: string) => Console.log(`\n── ${text} ${"─".repeat(Math.max(0, 74 - text.length))}`)
const line = (name: string, value: string) => Console.log(`  ${name.padEnd(24)} ${value}`)

const introduce = (way: string, { config, server }: Pick<Connection.Connection, "config" | "server">, health: string) =>
  line(way, `${config.address}  ${server.version}  ${server.deployMode ?? ""}  ${health}`)

const health = (connection: Connection.Connection) =>
  Effect.map(connection.call("CheckHealth", {}), ({ isHealthy }) => isHealthy ? "healthy" : "not healthy")

const waysToConnect = Effect.fnUntraced(function* (host: string, port: number) {
  const address = `${host}:${port}`
  yield* title("Four ways to connect")

  // As pymilvus does: an alias with host and port.
  const byAlias = yield* Connections.connect({ alias: "default", host, port: String(port) })
  yield* introduce("alias, host and port", byAlias, yield* health(byAlias))
  yield* Effect.promise(() => connections.connect({ alias: "script", host, port }))

  // As Node does: an address, and a promise.
  yield* Effect.promise(async () => {
    await using milvus = await connect(address)
    const { isHealthy } = await milvus.call("CheckHealth", {})
    await Effect.runPromise(introduce("await using", milvus, isHealthy ? "healthy" : "not healthy"))
  })

  // As Go does: bounded from outside.
  yield* Effect.scoped(Effect.gen(function* () {
    const connection = yield* Effect.timeout(Connection.connect(address), "5 seconds")
    yield* introduce("scope, with a timeout", connection, yield* health(connection))
  }))

  // As Java does: a builder's result, injected.
  yield* Effect.provide(
    Effect.gen(function* () {
      const connection = yield* Connection.Connection
      yield* introduce("layer", connection, yield* health(connection))
    }),
    Connection.layer({ host, port }),
  )

  yield* title("The connections by alias")
  for (const { alias, address, isConnected } of yield* Connections.list) {
    yield* line(alias, `${address}  ${isConnected ? "connected" : "not connected"}`)
  }
  for (const { alias, address, isConnected } of yield* Effect.promise(() => connections.list())) {
    yield* line(`${alias} (promise)`, `${address}  ${isConnected ? "connected" : "not connected"}`)
  }
})

const errors = Effect.fnUntraced(function* (address: string) {
  yield* title("Each error once")
  const show = <A, E extends MilvusError, R>(what: string, effect: Effect.Effect<A, E, R>) =>
    Effect.flatMap(Effect.flip(effect), (error) => line(what, `${error._tag}: ${error.message}`))
  yield* show('handler: "HTTP"', Effect.scoped(Connection.connect({ address, handler: "HTTP" })))
  yield* show('pool: "Threads"', Effect.scoped(Connection.connect({ address, pool: "Threads" })))
  yield* show("a closed port", Effect.scoped(Connection.connect({ host: "127.0.0.1", port: freePort(), retry: false })))
  yield* show("another configuration", Connections.connect({ address, database: "other" }))
  yield* show("no such alias", Connections.get("nobody"))
  const connection = yield* Connections.get()
  yield* show("no such collection", connection.call("DescribeCollection", { collection_name: "nothing" }))
  const closed = yield* Effect.scoped(Connection.connect(address))
  yield* show("after its scope", closed.call("GetVersion", {}))
})

const isAlive = (pid: number): boolean => {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/stat`).split(" ")[2] !== "Z"
  } catch {
    return false
  }
}

const tour = Effect.gen(function* () {
  yield* title("A local Milvus")
  const [started, server] = yield* Effect.timed(Embedded.start({ install: true }))
  yield* line(
    server.engine,
    `${server.version} at ${server.address}, ready in ${Duration.toSeconds(started).toFixed(1)} s`,
  )
  yield* waysToConnect(server.host, server.port)
  yield* title("A hundred thousand vectors")
  yield* Effect.provideServiceEffect(vectors, Connection.Connection, Connections.get())
  yield* errors(server.address)

  yield* title("Disconnected")
  yield* Connections.disconnect("default")
  yield* Effect.promise(() => connections.remove("script"))
  yield* Effect.promise(() => eventually(() => openSockets(server.port) === 0))
  yield* line("sockets to the server", String(openSockets(server.port)))
  return server
})

const server = await Effect.runPromise(Effect.provide(Effect.scoped(tour), Connections.layer()))
if (isAlive(server.pid)) throw new Error(`process ${server.pid} is left`)
await Effect.runPromise(line("the server's process", "ended"))
