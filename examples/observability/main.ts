/**
 * Sends spans, metrics and logs to a collector of OpenTelemetry, while it works on a collection of its own.
 *
 * `deno run -A examples/observability/main.ts [HOST:PORT] [COLLECTOR] [SECONDS]`: `localhost:19530`,
 * `http://localhost:4318` and 10 by default. `dashboard.json` shows the metrics in Grafana.
 */
import { Collection, Connection, Field, Index, Vectors } from "@effect-milvus/client"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"
import * as Otlp from "effect/observability/Otlp"
import * as Schedule from "effect/Schedule"

const [address = "localhost:19530", collector = "http://localhost:4318", seconds = "10"] = Deno.args

const telemetry = Otlp.layerJson({
  baseUrl: collector,
  resource: { serviceName: "effect-milvus-example" },
  metricsExportInterval: "5 seconds",
}).pipe(Layer.provide(FetchHttpClient.layer))

const Books = Collection.define("observed_books", {
  id: Field.int64({ primaryKey: true }),
  vector: Field.floatVector({ dimension: 8 }),
}, { indexes: { vector: Index.flat({ metric: "L2" }) }, consistencyLevel: "Strong" })

const random = () => Array.from({ length: 8 }, Math.random)

/** One round of work, with an error now and then, as a request of an application. */
const work = Effect.gen(function* () {
  yield* Vectors.upsert(Books, Array.from({ length: 100 }, (_, id) => ({ id, vector: random() })))
  yield* Vectors.search(Books, [random(), random()], { limit: 10 })
  // Fails, so that the dashboard has an error to show.
  yield* Effect.ignore(Vectors.count("a collection that does not exist"))
}).pipe(Effect.withSpan("request"))

const program = Effect.gen(function* () {
  yield* Collection.create(Books)
  yield* work.pipe(
    Effect.repeat(Schedule.spaced("100 millis")),
    Effect.timeoutOption(`${Number(seconds)} seconds`),
    // The result counts, not whether the clean-up succeeded.
    Effect.ensuring(Effect.ignore(Collection.drop(Books))),
  )
  yield* Effect.log(`worked on ${address} for ${seconds} s`)
})

await Effect.runPromise(program.pipe(Effect.provide(Connection.layer(address)), Effect.provide(telemetry)))
