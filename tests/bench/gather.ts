/**
 * Reads that are gathered into one request, next to the same reads sent on their own: 1,000 single searches, and 1,000
 * reads of one row, on Milvus 2.3.5. `deno task bench gather`.
 *
 * The ways take turns in one process, each as often as there are rounds, after a warm-up. The time is that of all reads.
 */
import * as Effect from "effect/Effect"
import { Collection, Connection, Field, Index, Vectors } from "../../mod.ts"
import { startMilvus } from "../support/milvus.ts"
import { interleaved, table } from "./rounds.ts"
import { vectorsOf } from "./vectors/Peer.ts"

const dimension = 128
const reads = 1000
const rows = 5000

const Rows = Collection.define("bench_gather", {
  id: Field.int64({ primaryKey: true }),
  vector: Field.floatVector({ dimension }),
}, { indexes: { vector: Index.hnsw({ metric: "L2", M: 16, efConstruction: 100 }) }, consistencyLevel: "Eventually" })

type Read = (at: number, isGathered: boolean) => Effect.Effect<number, unknown, Connection.Connection>

/** Measures one kind of read in three ways. */
const compare = (title: string, read: Read) =>
  Effect.gen(function* () {
    const context = yield* Effect.context<Connection.Connection>()
    const all = (isGathered: boolean, concurrency: number | "unbounded") =>
      Effect.forEach(Array.from({ length: reads }), (_, at) => read(at, isGathered), { concurrency })
    const ways = {
      "one by one": all(false, 1),
      concurrent: all(false, "unbounded"),
      gathered: all(true, "unbounded"),
    }
    const time = async (way: keyof typeof ways) => {
      const start = performance.now()
      const found = await Effect.runPromiseWith(context)(ways[way])
      if (found.some((hits) => hits !== 1)) throw new Error("a read has no row")
      return { ms: performance.now() - start }
    }
    const names = ["one by one", "concurrent", "gathered"] as const
    yield* Effect.promise(async () => {
      for (const name of names) await time(name)
      table(title, await interleaved(names, time), "gathered")
    })
  })

const program = Effect.gen(function* () {
  const vectors = vectorsOf(rows, dimension)
  yield* Collection.create(Rows)
  yield* Vectors.insert(Rows, { id: Array.from({ length: rows }, (_, id) => id), vector: vectors })
  // The rows can be seen from here on, without a wait in each read.
  yield* Vectors.count(Rows, undefined, { consistency: "Strong" })
  const searches = Vectors.searchResolver()
  const gets = Vectors.getResolver()
  const what = `${reads.toLocaleString("en")} searches of one vector of ${dimension} dimensions`
  yield* compare(what, (at, isGathered) => {
    const vector = vectors.subarray(at * dimension, (at + 1) * dimension)
    const options = { limit: 1, ...(isGathered ? { resolver: searches } : {}) }
    return Effect.map(Vectors.search(Rows, [vector], options), ({ ids }) => ids.length)
  })
  yield* compare(`${reads.toLocaleString("en")} gets of one row`, (at, isGathered) => {
    const options = { outputFields: ["id"], ...(isGathered ? { resolver: gets } : {}) } as const
    return Effect.map(Vectors.get(Rows, [at], options), ({ length }) => length)
  })
  yield* Collection.drop(Rows)
})

/** Compares the ways. */
export const gather = async (): Promise<void> => {
  await using server = await startMilvus()
  await Effect.runPromise(Effect.provide(program, Connection.layer(server.address)))
}
