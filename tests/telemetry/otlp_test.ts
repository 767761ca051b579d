/** What a collector of OpenTelemetry receives of a program, by Effect's own exporter. */
import { assert, assertEquals, assertMatch } from "@std/assert"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { Collection, Connection, Field, filter, Import, Index, User, Vectors } from "../../mod.ts"
import { FakeMilvus } from "../../src/testing/mod.ts"
import { exporting, startOtlpReceiver } from "../support/otlp.ts"
import { test } from "../support/test.ts"

const Books = Collection.define("books", {
  id: Field.int64({ primaryKey: true }),
  title: Field.varChar({ maxLength: 200 }),
  vector: Field.floatVector({ dimension: 2 }),
}, { indexes: { vector: Index.flat({ metric: "L2" }) }, consistencyLevel: "Strong" })

const secrets = {
  password: "Hunter2Hunter2",
  title: "RowSecretTitle",
  condition: "FilterSecretText",
  number: "0.828184",
}

/** A session with secrets in it, some of which the server repeats in its errors. */
const session = Effect.gen(function* () {
  const fake = yield* FakeMilvus.make({ files: { "a.json": '{"rows": []}' } })
  const connection = yield* Connection.connect({ address: fake.address, user: "root", password: secrets.password })
  const number = Number(secrets.number)
  const use = Effect.provideService(Connection.Connection, connection)
  yield* use(User.create("ann", secrets.password))
  yield* use(Collection.create(Books))
  yield* use(Vectors.insert(Books, [1, 2, 3].map((id) => ({ id, title: secrets.title, vector: [number, id] }))))
  yield* use(Vectors.search(Books, [[number, 1], [number, 2]], { limit: 2, filter: filter`title != ${"x"}` }))
  yield* use(Vectors.query(Books, filter`title == ${secrets.condition}`, { limit: 5 }))
  const refused = yield* use(Effect.flip(Vectors.query("books", `${secrets.condition} ==== 1`, { limit: 5 })))
  // Cast: a row that does not fit.
  const wrong = [{ id: number, title: "t", vector: [1, 1] }] as never
  const unfit = yield* use(Effect.flip(Vectors.insert(Books, wrong)))
  yield* fake.fail("ListDatabases", { code: "UNAVAILABLE", details: secrets.condition }, { times: 1 })
  yield* connection.call("ListDatabases", {})
  const job = yield* use(Import.start(Books, ["a.json"]))
  const wait = yield* Effect.forkChild(job.await)
  yield* Effect.yieldNow
  yield* Fiber.interrupt(wait)
  const { calls } = fake
  return { address: fake.address, refused, unfit, calls: yield* calls, traceId: (yield* Effect.currentSpan).traceId }
})

test("spans, metrics and logs reach a collector as the conventions say, and nothing secret does", async () => {
  await using receiver = startOtlpReceiver()
  const program = Effect.scoped(Effect.withSpan(session, "shop.order"))
  const { address, refused, unfit, calls, traceId } = await Effect.runPromise(exporting(receiver.url)(program))
  const [host, port] = address.split(":")

  const spans = receiver.spans()
  const named = (name: string) => spans.find((span) => span.name === name)
  const root = named("shop.order")
  const search = named("Vectors.search books")
  assertEquals(search?.parentSpanId, root?.spanId)
  assertEquals(search?.kind, 3)
  assertEquals(search?.attributes, {
    "db.system.name": "milvus",
    "db.namespace": "default",
    "db.collection.name": "books",
    "db.operation.name": "Vectors.search",
    "server.address": host,
    "server.port": Number(port),
    "milvus.rows": 4,
  })
  const attempt = spans.find(({ name, parentSpanId }) => name === "Search" && parentSpanId === search?.spanId)
  assertEquals(attempt?.kind, 3)
  assertEquals(spans.filter(({ name }) => name === "ListDatabases").map(({ status }) => status.code), [2, 1, 1])
  const failed = spans.filter(({ name, attributes }) => name === "Vectors.query books" && "error.type" in attributes)
  assertEquals(failed.map(({ status, attributes }) => [status.code, attributes["error.type"]]), [[2, "ServerError"]])
  assert(spans.every((span) => span.traceId === traceId || span.parentSpanId === undefined))

  // What the server got is what the span of the attempt is.
  const sent = calls.find(({ method }) => method === "Search")?.metadata
  assertEquals(sent?.["traceparent"], `00-${traceId}-${attempt?.spanId}-01`)
  assertEquals(sent?.["client_request_id"], traceId)
  assertEquals(sent?.["client-request-id"], traceId)
  assert("requestId" in refused && refused.requestId === traceId)
  assertMatch(refused.message, new RegExp(`\\(request ${traceId}\\)$`))

  const metrics = new Map(receiver.metrics().map((metric) => [metric.name, metric]))
  const duration = metrics.get("db.client.operation.duration")
  assertEquals(duration?.unit, "s")
  const server = { "db.system.name": "milvus", "server.address": host, "server.port": port }
  const operation = { ...server, "db.namespace": "default", "db.collection.name": "books" }
  const point = (name: string, attributes: object) =>
    metrics.get(name)?.points.find(({ attributes: { unit: _, ...given } }) => same(given, attributes))
  const searched = point("db.client.operation.duration", { ...operation, "db.operation.name": "Vectors.search" })
  assertEquals(searched?.count, 1)
  assertEquals(searched?.bounds, [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10])
  assert(searched?.sum !== undefined && searched.sum > 0 && searched.sum < 10, `${searched?.sum} s`)
  const queries = duration?.points.filter(({ attributes }) => attributes["db.operation.name"] === "Vectors.query")
  assertEquals(
    queries?.map(({ attributes, count }) => [attributes["error.type"], count]).toSorted(),
    [["ServerError", 1], [undefined, 1]].toSorted(),
  )
  assertEquals(point("milvus.client.rows", { ...operation, "db.operation.name": "Vectors.insert" })?.value, 3)
  assertEquals(point("milvus.client.vectors", { ...operation, "db.operation.name": "Vectors.search" })?.value, 2)
  assertEquals(point("milvus.client.retries", { ...server, "rpc.method": "ListDatabases" })?.value, 1)
  assert(Number(point("milvus.client.sent_bytes", server)?.value) > 200)
  assert(Number(point("milvus.client.received_bytes", server)?.value) > 200)
  const pool = { "db.client.connection.pool.name": address }
  assertEquals(point("db.client.connection.create_time", pool)?.count, 1)
  assertEquals(metrics.get("db.client.connection.count")?.isMonotonic, false)
  const states = metrics.get("db.client.connection.count")?.points.map(({ attributes, value }) => [
    attributes["db.client.connection.state"],
    value,
  ])
  // The connection is closed when the program ends, before the last export.
  assertEquals(states, [["idle", 0], ["used", 0]])

  const logs = receiver.logs()
  const left = logs.find(({ text }) => text.includes("Import.fromId"))
  assertEquals(left?.attributes["milvus.request_id"], traceId)

  // The errors have them, so the session did contain what is looked for.
  assert(refused.message.includes(secrets.condition), refused.message)
  assert(unfit.message.includes(secrets.number), unfit.message)
  const all = receiver.bodies.join("\n")
  assert(all.length > 10_000, `${all.length}`)
  for (const [name, secret] of Object.entries(secrets)) assert(!all.includes(secret), `${name} was exported`)
})

const same = (a: object, b: object): boolean =>
  JSON.stringify(Object.entries(a).toSorted()) === JSON.stringify(Object.entries(b).toSorted())
