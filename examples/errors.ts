/**
 * Each error once, with its message.
 *
 * `deno run -A examples/errors.ts [HOST:PORT]`; the address is `localhost:19530` by default.
 */
import { Connection, Connections, type MilvusError } from "@effect-milvus/client"
import * as Effect from "effect/Effect"
import { line, title } from "./output.ts"

/** A port of this machine where nothing listens. */
const closedPort = 1

/** Prints each error once. Needs the alias "default" to be connected to the address. */
export const errors = Effect.fnUntraced(function* (address: string) {
  yield* title("Each error once")
  const show = <A, E extends MilvusError, R>(name: string, effect: Effect.Effect<A, E, R>) =>
    Effect.flatMap(Effect.flip(effect), (error) => line(name, `${error._tag}: ${error.message}`))
  yield* show('handler: "HTTP"', Effect.scoped(Connection.connect({ address, handler: "HTTP" })))
  yield* show('pool: "Threads"', Effect.scoped(Connection.connect({ address, pool: "Threads" })))
  yield* show(
    "a closed port",
    Effect.scoped(Connection.connect({ host: "127.0.0.1", port: closedPort, retry: false })),
  )
  yield* show("another configuration", Connections.connect({ address, database: "other" }))
  yield* show("an unknown alias", Connections.get("unknown"))
  const connection = yield* Connections.get()
  yield* show("an unknown collection", connection.call("DescribeCollection", { collection_name: "unknown" }))
  const closed = yield* Effect.scoped(Connection.connect(address))
  yield* show("after its scope", closed.call("GetVersion", {}))
})

if (import.meta.main) {
  const [address = "localhost:19530"] = Deno.args
  const program = Effect.andThen(Connections.connect({ alias: "default", address }), errors(address))
  await Effect.runPromise(Effect.provide(program, Connections.layer()))
}
