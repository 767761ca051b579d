/** The trace on its way to the server, and back in errors. */
import { assert, assertEquals } from "@std/assert"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Tracer from "effect/Tracer"
import { Collection, Connection, Field, Index, NotReady, PartialCreate, ServerError } from "../../mod.ts"
import { FakeMilvus } from "../../src/testing/mod.ts"
import { failure, never, type SeenCall, startServer, success } from "../support/server.ts"
import { effectTest, test } from "../support/test.ts"

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736"
const parent = Tracer.externalSpan({ traceId, spanId: "00f067aa0ba902b7" })

const headersOf = ({ metadata }: SeenCall) =>
  ["traceparent", "client_request_id", "client-request-id"].map((name) => metadata.get(name)[0])

const idOf = (error: object | undefined) => Reflect.get(error ?? {}, "requestId")

test("a call sends the trace of the active span, whatever the tracer is, and nothing without a span", async () => {
  await using server = await startServer({ handlers: { ListDatabases: () => ({ status: success }) } })
  const program = Effect.gen(function* () {
    const connection = yield* Connection.connect(server.address)
    const call = connection.call("ListDatabases", {})
    yield* call
    yield* Effect.withParentSpan(call, parent)
    yield* Effect.withParentSpan(call, Tracer.externalSpan({ ...parent, sampled: false }))
    // Ids of other tracers, of which only some fit a header.
    yield* Effect.withParentSpan(call, Tracer.externalSpan({ traceId: "1234", spanId: "5" }))
    yield* Effect.withParentSpan(call, Tracer.externalSpan({ traceId: "a b\n", spanId: "5" }))
    yield* Effect.withTracerEnabled(Effect.withSpan(call, "none"), false)
    const [span] = yield* Effect.all([Effect.currentSpan, call]).pipe(Effect.withSpan("some"))
    return span
  })
  const span = await Effect.runPromise(Effect.scoped(program))
  assertEquals(server.calls.filter(({ method }) => method === "ListDatabases").map(headersOf), [
    [undefined, undefined, undefined],
    [`00-${traceId}-00f067aa0ba902b7-01`, traceId, traceId],
    [`00-${traceId}-00f067aa0ba902b7-00`, traceId, traceId],
    [undefined, "1234", "1234"],
    [undefined, undefined, undefined],
    [undefined, undefined, undefined],
    [`00-${span.traceId}-${span.spanId}-01`, span.traceId, span.traceId],
  ])
})

test("a streaming call sends the trace as well", async () => {
  await using server = await startServer()
  const program = Effect.gen(function* () {
    const connection = yield* Connection.connect(server.address)
    return yield* Effect.flip(Stream.runDrain(connection.stream("DumpMessages", { pchannel: "c" })))
  })
  const error = await Effect.runPromise(Effect.withParentSpan(Effect.scoped(program), parent))
  assert(error._tag === "RpcError")
  assertEquals(error.requestId, traceId)
})

test("errors have the id of the request, in their message too, and none without a span", async () => {
  const status = { error_code: "UnexpectedError", code: 5, reason: "not now", retriable: false }
  await using server = await startServer({
    handlers: { ListDatabases: () => ({ status }), DropCollection: () => failure(5, "gone"), Flush: () => never },
  })
  const program = Effect.gen(function* () {
    const connection = yield* Connection.connect(server.address)
    const use = Effect.provideService(Connection.Connection, connection)
    const refused = yield* Effect.flip(connection.call("ListDatabases", {}))
    const failed = yield* Effect.flip(connection.call("DropCollection", {}))
    const late = yield* Effect.flip(connection.call("Flush", {}, { timeout: "20 millis" }))
    const unsupported = yield* Effect.flip(use(Collection.truncate("books")))
    yield* Connection.drain(connection)
    const closed = yield* Effect.flip(connection.call("ListDatabases", {}))
    return [refused, failed, late, unsupported, closed]
  })
  const errors = await Effect.runPromise(Effect.withParentSpan(Effect.scoped(program), parent))
  assertEquals(errors.map((error) => [error._tag, idOf(error)]), [
    ["ServerError", traceId],
    ["RpcError", traceId],
    ["RpcError", traceId],
    ["Unsupported", undefined],
    ["ConnectionClosed", traceId],
  ])
  const at = server.address
  assertEquals(errors[0]?.message, `ListDatabases at ${at} answered code 5: not now (request ${traceId})`)
  assertEquals(errors[1]?.message, `DropCollection at ${at} failed with NOT_FOUND: gone (request ${traceId})`)
  assertEquals(errors[4]?.message, `ListDatabases: the connection to ${at} is closed (request ${traceId})`)
  const [refused, failed] = await Effect.runPromise(Effect.scoped(program))
  assertEquals([idOf(refused), refused?.message.includes("request ")], [undefined, false])
  assertEquals(failed?.message, `DropCollection at ${at} failed with NOT_FOUND: gone`)
})

effectTest(
  "an error that another one is behind has the id of that",
  Effect.gen(function* () {
    const fake = yield* FakeMilvus.make()
    const connection = yield* Connection.connect(fake.address)
    yield* fake.fail("CreateIndex", { code: 1100, reason: "no" })
    const Books = Collection.define("books", {
      id: Field.int64({ primaryKey: true }),
      vector: Field.floatVector({ dimension: 2 }),
    }, { indexes: { vector: Index.flat({ metric: "L2" }) } })
    const create = Effect.provideService(Collection.create(Books), Connection.Connection, connection)
    const partial = yield* Effect.withParentSpan(Effect.flip(create), parent)
    assert(partial instanceof PartialCreate && partial.cause instanceof ServerError)
    assertEquals(partial.requestId, traceId)
    yield* fake.fail("Connect", { code: 1100, reason: "no" })
    const failed = yield* Effect.withParentSpan(Effect.flip(Connection.connect(fake.address)), parent)
    assert(failed instanceof NotReady)
    assertEquals(failed.requestId, traceId)
  }),
)
