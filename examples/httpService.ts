/**
 * An HTTP service with Effect's HttpApi: searches and adds books, tells whether it is ready, and ends its requests
 * before it stops.
 *
 * `deno run -A examples/httpService.ts [HOST:PORT] [HTTP_PORT]`; the defaults are `localhost:19530` and 8080. SIGINT and
 * SIGTERM stop it.
 */
import { Collection, Connection, Field, Index, type MilvusError, System, Vectors } from "@effect-milvus/client"
import * as Effect from "effect/Effect"
import * as HttpApi from "effect/http-api/HttpApi"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiError from "effect/http-api/HttpApiError"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServer from "effect/http/HttpServer"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"

const dimension = 4

const Books = Collection.define("service_books", {
  id: Field.int64({ primaryKey: true }),
  title: Field.varChar({ maxLength: 200 }),
  vector: Field.floatVector({ dimension }),
}, { indexes: { vector: Index.auto({ metric: "COSINE" }) }, consistencyLevel: "Strong" })

// The interface: a client, and its documentation as OpenAPI, are made from it.

const Vector = Schema.Array(Schema.Finite).check(Schema.isBetweenLength(dimension, dimension))
const Book = Schema.Struct({ id: Schema.Int, title: Schema.String, vector: Vector })
const Hit = Schema.Struct({ id: Schema.String, title: Schema.String, score: Schema.Finite })
const errors = [HttpApiError.BadRequest, HttpApiError.ServiceUnavailable] as const

/** The interface of the service. */
export class Api extends HttpApi.make("library").add(
  HttpApiGroup.make("books").add(
    HttpApiEndpoint.post("add", "/books", { payload: Book, error: errors }),
    HttpApiEndpoint.post("search", "/books/search", {
      payload: Schema.Struct({ vector: Vector, limit: Schema.optional(Schema.Int) }),
      success: Schema.Array(Hit),
      error: errors,
    }),
  ),
  HttpApiGroup.make("probes").add(
    HttpApiEndpoint.get("live", "/live"), // this process runs
    HttpApiEndpoint.get("ready", "/ready", { error: HttpApiError.ServiceUnavailable }), // Milvus does, and can be read
  ),
) {}

/** What the caller did wrong is 400, and what Milvus could not do is 503; the log has the reason. */
const answered = Effect.catch((error: MilvusError) =>
  Effect.andThen(
    Effect.logWarning(error.message),
    Effect.fail(
      error._tag === "CodecError" ? new HttpApiError.BadRequest() : new HttpApiError.ServiceUnavailable(),
    ),
  )
)

const books = HttpApiBuilder.group(
  Api,
  "books",
  Effect.fnUntraced(function* (handlers) {
    const connected = Effect.provideService(Connection.Connection, yield* Connection.Connection)
    yield* Effect.orDie(connected(Collection.create(Books)))
    return handlers.handleAll({
      add: ({ payload }) => Vectors.upsert(Books, [payload]).pipe(connected, answered, Effect.asVoid),
      search: ({ payload: { vector, limit = 3 } }) =>
        Vectors.search(Books, [vector], { limit, outputFields: ["title"], timeout: "2 seconds" }).pipe(
          Effect.map((found) =>
            Array.from(found.hits(), ({ id, score, row }) => ({ id: `${id}`, title: row.title, score }))
          ),
          connected,
          answered,
        ),
    })
  }),
)

const probes = HttpApiBuilder.group(
  Api,
  "probes",
  Effect.fnUntraced(function* (handlers) {
    const connected = Effect.provideService(Connection.Connection, yield* Connection.Connection)
    const ready = connected(System.health({ timeout: "1 second" })).pipe(
      Effect.catch(() => Effect.fail(new HttpApiError.ServiceUnavailable())),
      Effect.filterOrFail(
        ({ isHealthy, denied }) => isHealthy && !denied.reads,
        () => new HttpApiError.ServiceUnavailable(),
      ),
      Effect.asVoid,
    )
    return handlers.handleAll({ live: () => Effect.void, ready: () => ready })
  }),
)

/** The routes, which need a connection. */
export const routes = Layer.provide(HttpApiBuilder.layer(Api, { openapiPath: "/openapi.json" }), [books, probes])

/** Serves until its scope closes: the requests in flight end, then the connection closes. */
export const serve = Effect.fnUntraced(function* (port: number) {
  const connection = yield* Connection.Connection
  const layer = routes.pipe(
    Layer.provide(Layer.succeed(Connection.Connection, connection)),
    Layer.provide(HttpServer.layerServices),
  )
  const { handler } = yield* Effect.acquireRelease(
    Effect.sync(() => HttpRouter.toWebHandler(layer, { disableLogger: true })),
    ({ dispose }) => Effect.promise(dispose),
  )
  const server = yield* Effect.acquireRelease(
    Effect.sync(() => Deno.serve({ port, hostname: "127.0.0.1", onListen: () => {} }, (request) => handler(request))),
    (server) => Effect.promise(() => server.shutdown()),
  )
  return server.addr.port
})

/** Waits for a signal to stop. */
const stopped = Effect.callback<void>((resume) => {
  const stop = () => resume(Effect.void)
  for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, stop)
  return Effect.sync(() => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.removeSignalListener(signal, stop)
  })
})

if (import.meta.main) {
  const [address = "localhost:19530", port = "8080"] = Deno.args
  const program = Effect.gen(function* () {
    console.log(`http://127.0.0.1:${yield* serve(Number(port))}`)
    yield* stopped
  })
  await Effect.runPromise(program.pipe(Effect.scoped, Effect.provide(Connection.layer(address))))
}
