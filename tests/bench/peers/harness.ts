/**
 * An adapter of this library for a harness that measures clients of several languages against one server, which answers
 * from memory. The harness takes the adapter as a module: `deno bundle tests/bench/peers/harness.ts -o ours.mjs`.
 * Vectors are rows of
 * `number[]` if the name of that file contains `rows`, and one `Float32Array` otherwise.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { Collection, Connection, Field, Vectors } from "../../../mod.ts"

interface Client {
  readonly connection: Connection.Connection
  readonly scope: Scope.Closeable
}

const byRows = import.meta.url.includes("rows")
const run = <A, E>(client: Client, effect: Effect.Effect<A, E, Connection.Connection>): Promise<A> =>
  Effect.runPromise(Effect.provideService(effect, Connection.Connection, client.connection))

const definitions = new Map<string, ReturnType<typeof define>>()
const define = (name: string, dimension: number) =>
  Collection.define(name, { id: Field.int64({ primaryKey: true }), vector: Field.floatVector({ dimension }) })
const definitionOf = (name: string, dimension: number) => {
  const known = definitions.get(name) ?? define(name, dimension)
  definitions.set(name, known)
  return known
}

let channels = 0

interface Batch {
  readonly dimension: number
  readonly input:
    | { readonly id: BigInt64Array; readonly vector: Float32Array }
    | ReadonlyArray<{ readonly id: number; readonly vector: ReadonlyArray<number> }>
}

export default {
  name: byRows ? "ours-rows" : "ours",
  async open(address: string, { isolated }: { readonly isolated?: boolean }): Promise<Client> {
    const scope = Scope.makeUnsafe()
    // Other settings give it a socket of its own.
    const params = { address, ...(isolated ? { maxMessageSize: 2 ** 30 + channels++ } : {}) }
    const connection = await Effect.runPromise(Scope.provide(Connection.connect(params), scope))
    return { connection, scope }
  },
  close: ({ scope }: Client) => Effect.runPromise(Scope.close(scope, Exit.void)),
  ping: ({ connection }: Client) => Effect.runPromise(connection.call("GetVersion", {})),
  prepareInsert(vectors: Float32Array, rows: number, dimension: number): Batch {
    const numbers = Array.from({ length: rows }, (_, i) => i)
    return byRows
      ? {
        dimension,
        input: numbers.map((id) => ({
          id,
          vector: Array.from(vectors.subarray(id * dimension, (id + 1) * dimension)),
        })),
      }
      : { dimension, input: { id: BigInt64Array.from(numbers, BigInt), vector: vectors } }
  },
  insert: (client: Client, name: string, { dimension, input }: Batch) =>
    run(client, Vectors.insert(definitionOf(name, dimension), input, { batchBytes: 64 * 2 ** 20 })),
  prepareQueries: (values: Float32Array, _queries: number, dimension: number) =>
    ({ type: "FloatVector", dimension, values }) as const,
  search: async (
    client: Client,
    name: string,
    queries: { readonly type: "FloatVector"; readonly dimension: number; readonly values: Float32Array },
    _queries: number,
    dimension: number,
    limit: number,
  ) => {
    const options = { field: "vector", limit, metric: "COSINE" }
    const { ids } = await run(client, Vectors.search(definitionOf(name, dimension), queries, options))
    return ids.length
  },
}
