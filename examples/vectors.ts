/**
 * A collection with vectors: create, insert, index, search, read in batches, delete and drop; each step with its time.
 *
 * `deno run -A examples/vectors.ts [HOST:PORT] [ROWS]`; the defaults are `localhost:19530` and 100,000.
 */
import { Collection, Connection, Field, filter, Index, Vectors } from "@effect-milvus/client"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { line, timed } from "./output.ts"

const dimension = 128

const Photos = Collection.define("photos", {
  id: Field.int64({ primaryKey: true }),
  year: Field.int16(),
  place: Field.varChar({ maxLength: 20 }),
  content: Field.floatVector({ dimension }),
  colour: Field.floatVector({ dimension: 3 }),
})

const places = ["Kyoto", "Lagos", "Lima", "Oslo"]

/** Returns a generator of numbers from 0 to 1, which are the same in every run. */
const makeRandom = (seed: number) => (): number => {
  seed = Math.imul(seed ^ seed >>> 15, 0x2c1b3c6d) + 0x9e3779b9 | 0
  return (seed >>> 0) / 2 ** 32
}

/** Makes the columns. The vectors of a column are one typed array, with one row after the other. */
const makePhotos = (rows: number) => {
  const random = makeRandom(1)
  const numbers = Array.from({ length: rows }, (_, i) => i)
  return {
    id: BigInt64Array.from(numbers, BigInt),
    year: Int16Array.from(numbers, (i) => 1926 + i % 100),
    place: numbers.map((i) => places[i % places.length]!),
    content: Float32Array.from({ length: rows * dimension }, () => random() - 0.5),
    colour: Float32Array.from({ length: rows * 3 }, random),
  }
}

/** Redraws one line of a terminal. Prints nothing if the output is not a terminal. */
const progressBar = ({ written, rows }: Vectors.WriteProgress): Effect.Effect<void> =>
  Effect.sync(() => {
    if (!Deno.stdout.isTerminal()) return
    const filled = Math.round(written / rows * 40)
    const bar = `${"█".repeat(filled)}${"░".repeat(40 - filled)} ${written.toLocaleString("en").padStart(8)}`
    Deno.stdout.writeSync(new TextEncoder().encode(written < rows ? `\r  ${bar}` : `\r${" ".repeat(60)}\r`))
  })

const hits = (result: Vectors.SearchResult<{ readonly place: string; readonly year: number }>): string =>
  result.hits().toArray().map(({ score, row }) => `${row.place} ${row.year} ${score.toFixed(2)}`).join(", ")

/** Runs the scenario with so many rows, over the connection that is provided. */
export const vectors = Effect.fnUntraced(function* (rows: number) {
  const photos = makePhotos(rows)
  const [content, colour] = [photos.content.slice(0, dimension), [1, 0.5, 0.1]]
  yield* timed("create", Collection.create(Photos), () => `a collection of ${Object.keys(Photos.fields).join(", ")}`)
  const [took] = yield* Effect.timed(timed(
    "insert",
    Vectors.insert(Photos, photos, { onProgress: progressBar }),
    ({ count }) => `${count.toLocaleString("en")} vectors of ${dimension} dimensions`,
  ))
  yield* line("", `${Math.round(rows / Duration.toSeconds(took)).toLocaleString("en")} vectors a second`)
  const connection = yield* Connection.Connection
  yield* timed("flush", connection.call("Flush", { collection_names: [Photos.name] }), () => "all of it is on disk")
  yield* timed(
    "index",
    Effect.andThen(
      Effect.andThen(
        Index.create(Photos, "content", Index.ivfFlat({ metric: "COSINE", nlist: 128 })),
        Index.create(Photos, "colour", Index.flat({ metric: "L2" })),
      ),
      Effect.andThen(Index.wait(Photos), Collection.load(Photos)),
    ),
    () => "IVF_FLAT of the content, FLAT of the colour; loaded",
  )
  const outputFields = ["place", "year"] as const
  yield* timed(
    "search",
    Vectors.search(Photos, [content], { field: "content", limit: 2, outputFields, params: { nprobe: 16 } }),
    hits,
  )
  const since = 1990
  yield* timed(
    "filtered search",
    Vectors.search(Photos, [content], {
      field: "content",
      limit: 2,
      outputFields,
      filter: filter`year >= ${since} and place in ${["Lima", "Oslo"]}`,
    }),
    hits,
  )
  yield* timed(
    "hybrid search",
    Vectors.hybridSearch(Photos, [
      { field: "content", data: [content], limit: 20 },
      { field: "colour", data: [colour], limit: 20 },
    ], { limit: 2, outputFields, rerank: { strategy: "weighted", weights: [0.3, 0.7] } }),
    hits,
  )
  yield* timed(
    "nearest, in batches",
    Vectors.searchBatches(Photos, colour, { field: "colour", batchSize: 1000, limit: 5000 }).pipe(
      Stream.runFold(() => 0, (count, { ids }) => count + ids.length),
    ),
    (count) => `${count.toLocaleString("en")} hits`,
  )
  yield* timed(
    "all rows, in batches",
    Vectors.queryBatches(Photos, undefined, { batchSize: 16_000, outputFields: ["year"] }).pipe(
      Stream.runFold(() => 0, (count, { length }) => count + length),
    ),
    (count) => `${count.toLocaleString("en")} rows`,
  )
  yield* timed(
    "delete",
    Vectors.delete(Photos, { filter: filter`year < ${since}` }),
    (count) => `${count.toLocaleString("en")} rows`,
  )
  yield* timed("drop", Collection.drop(Photos), () => "the collection")
})

if (import.meta.main) {
  const [address = "localhost:19530", rows = "100000"] = Deno.args
  await Effect.runPromise(Effect.provide(vectors(Number(rows)), Connection.layer(address)))
}
