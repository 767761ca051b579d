/** A server with collections, and pymilvus as another client of it, which the tests of a file share. */
import * as Effect from "effect/Effect"
import { Connection } from "../../mod.ts"
import * as Collection from "../../src/operations/Collection.ts"
import { shared } from "../support/milvus.ts"
import type { Engine } from "./engines.ts"
import { type PymilvusPeer, startPymilvus } from "./pymilvus_peer.ts"

export interface Laboratory {
  readonly engine: Engine
  /** Available while tests run. */
  readonly pymilvus: () => PymilvusPeer
  readonly run: <A, E>(program: Effect.Effect<A, E, Connection.Connection>) => Promise<A>
}

/** Registers the server of a file. `prepare` runs once, after the collections are created. */
export const laboratory = (
  engine: Engine,
  collections: ReadonlyArray<Collection.AnyDefinition>,
  prepare: Effect.Effect<void, unknown, Connection.Connection> = Effect.void,
): Laboratory => {
  const open = shared(async () => {
    const disposal = new AsyncDisposableStack()
    const server = disposal.use(await engine.start())
    const pymilvus = disposal.use(await startPymilvus(server.address))
    const creation = Effect.forEach(collections, (each) => Collection.create(each), { concurrency: "unbounded" })
    await Effect.runPromise(Effect.provide(Effect.andThen(creation, prepare), Connection.layer(server.address)))
    return { server, pymilvus, [Symbol.asyncDispose]: () => disposal.disposeAsync() }
  })
  return {
    engine,
    pymilvus: () => open().pymilvus,
    run: (program) => Effect.runPromise(Effect.provide(program, Connection.layer(open().server.address))),
  }
}
