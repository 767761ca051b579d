/**
 * A worker that writes the rows of an NDJSON file, a million or more: memory holds a few batches, and a run that is
 * ended early can be run again, since an upsert replaces the rows that are there.
 *
 * `deno run -A examples/ndjsonWorker.ts FILE [HOST:PORT]`; without a file it reads standard input, and the default
 * address is `localhost:19530`. A line is `{"id": 1, "title": "...", "vector": [0.1, 0.2, 0.3, 0.4]}`.
 */
import { Collection, Connection, Field, Index, Vectors } from "@effect-milvus/client"
import * as Effect from "effect/Effect"
import * as Ndjson from "effect/encoding/Ndjson"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"

const Pages = Collection.define("worker_pages", {
  id: Field.int64({ primaryKey: true }),
  title: Field.varChar({ maxLength: 1000 }),
  vector: Field.floatVector({ dimension: 4 }),
}, { indexes: { vector: Index.auto({ metric: "COSINE" }) } })

/** The rows of a request, and the requests at a time: together they bound the memory. */
const [batchRows, requests] = [5000, 2]

/** A line is any JSON object: what a field takes is checked by the write, which names the field and the row. */
const Line = Schema.Record(Schema.String, Schema.Unknown)

const readFailed = (error: unknown) => new Error("the rows cannot be read", { cause: error })

/** Writes all rows of a stream of NDJSON bytes; returns their number. */
export const work = Effect.fnUntraced(function* (bytes: ReadableStream<Uint8Array>) {
  yield* Collection.create(Pages)
  return yield* Stream.fromReadableStream({ evaluate: () => bytes, onError: readFailed }).pipe(
    Stream.pipeThroughChannelOrFail(Ndjson.decodeSchema(Line)({ ignoreEmptyLines: true })),
    Stream.grouped(batchRows),
    Stream.zipWithIndex,
    Stream.mapEffect(
      ([rows, batch]) => {
        const first = batch * batchRows + 1
        return Vectors.upsert(Pages.name, rows).pipe(
          Effect.tapError(() => Effect.logError(`the ${rows.length} rows from row ${first} on are not all written`)),
          Effect.tap(batch % 20 === 19 ? Effect.log(`${first + rows.length - 1} rows`) : Effect.void),
          Effect.as(rows.length),
        )
      },
      { concurrency: requests },
    ),
    Stream.runFold(() => 0, (sum, rows) => sum + rows),
  )
})

if (import.meta.main) {
  const [file = "-", address = "localhost:19530"] = Deno.args
  const bytes = file === "-" ? Deno.stdin.readable : (await Deno.open(file)).readable
  const written = await Effect.runPromise(Effect.provide(work(bytes), Connection.layer(address)))
  console.log(written)
}
