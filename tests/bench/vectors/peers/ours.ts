/** This library, with Effect and columns: one `Float32Array` for all vectors. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { Collection, Connection, Field, Vectors } from "../../../../mod.ts"
import { collection, type Peer, rowOf, type Shape, vectorsOf } from "../Peer.ts"
import { Books } from "../books.ts"

export type Input = (shape: Shape) => Parameters<typeof Vectors.insert>[1]

export const columns: Input = ({ rows, dimension }) => ({
  id: BigInt64Array.from({ length: rows }, (_, at) => BigInt(at)),
  vector: vectorsOf(rows, dimension),
})

/** Makes a peer with this input, and with this limit of bytes for a request. */
export const withInput = (input: Input, batchBytes?: number): Peer => async (address, shape) => {
  const { dimension, queries, limit } = shape
  const scope = Scope.makeUnsafe()
  const connection = await Effect.runPromise(Scope.provide(Connection.connect(address), scope))
  const run = <A, E>(effect: Effect.Effect<A, E, Connection.Connection>) =>
    Effect.runPromise(Effect.provideService(effect, Connection.Connection, connection))
  const Bench = Collection.define(collection, {
    id: Field.int64({ primaryKey: true }),
    vector: Field.floatVector({ dimension }),
  })
  const rows = input(shape)
  // Cast: the input is checked when it is written.
  const insert = Vectors.insert<never>(Bench as never, rows, { batchBytes })
  const wanted = { type: "FloatVector", dimension, values: vectorsOf(queries, dimension) } as const
  const search = Vectors.search(Bench, wanted, { field: "vector", limit, metric: "COSINE" })
  return {
    insertRow: () => run(Vectors.insert(Books, [rowOf()])),
    insert: () => run(insert),
    search: () => run(search),
    // Cast: it is a result of `search`.
    hits: (result) => (result as Vectors.SearchResult<never>).ids.length,
    close: () => Effect.runPromise(Scope.close(scope, Exit.void)),
  }
}

export default withInput(columns)
