/**
 * Four ways to connect: by alias, with a promise, in a scope and as a layer.
 *
 * `deno run -A examples/connect.ts [HOST:PORT]`; the address is `localhost:19530` by default.
 */
import { Connection, Connections } from "@effect-milvus/client"
import { connect, connections } from "@effect-milvus/client/promise"
import * as Effect from "effect/Effect"
import { line, title } from "./output.ts"

const show = (way: string, { config, server }: Pick<Connection.Connection, "config" | "server">, isHealthy: boolean) =>
  line(
    way,
    `${config.address}  ${server.version}  ${server.deployMode ?? ""}  ${isHealthy ? "healthy" : "not healthy"}`,
  )

const health = (connection: Connection.Connection) =>
  Effect.map(connection.call("CheckHealth", {}), ({ isHealthy }) => isHealthy)

/**
 * Connects in four ways. The aliases "default" of `Connections` and "script" of the promise API stay connected; the
 * caller disconnects them.
 */
export const waysToConnect = Effect.fnUntraced(function* (address: string) {
  const { hostname: host, port } = new URL(`http://${address}`)
  yield* title("Four ways to connect")

  // As in pymilvus: an alias with host and port.
  const byAlias = yield* Connections.connect({ alias: "default", host, port })
  yield* show("alias, host and port", byAlias, yield* health(byAlias))
  yield* Effect.promise(() => connections.connect({ alias: "script", host, port }))

  // As in Node: an address and a promise.
  yield* Effect.promise(async () => {
    await using milvus = await connect(address)
    const { isHealthy } = await milvus.call("CheckHealth", {})
    await Effect.runPromise(show("await using", milvus, isHealthy))
  })

  // As in Go: the caller bounds the time.
  yield* Effect.scoped(Effect.gen(function* () {
    const connection = yield* Effect.timeout(Connection.connect(address), "5 seconds")
    yield* show("scope, with a timeout", connection, yield* health(connection))
  }))

  // As in Java: the result of a builder, injected.
  yield* Effect.provide(
    Effect.gen(function* () {
      const connection = yield* Connection.Connection
      yield* show("layer", connection, yield* health(connection))
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

if (import.meta.main) {
  const [address = "localhost:19530"] = Deno.args
  const program = Effect.andThen(waysToConnect(address), Effect.promise(() => connections.remove("script")))
  await Effect.runPromise(Effect.provide(program, Connections.layer()))
}
