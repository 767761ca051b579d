/** Spans of operations, calls, attempts, handshakes and waits. */
import { assert, assertEquals, assertMatch } from "@std/assert"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as Tracer from "effect/Tracer"
import * as Api from "../../mod.ts"
import { Collection, Connection, Database, Field, Index, Vectors } from "../../mod.ts"
import { calls, prelude } from "../../docs/calls.ts"
import { FakeMilvus } from "../../src/testing/mod.ts"
import { failure, startServer, success } from "../support/server.ts"
import { effectTest, test } from "../support/test.ts"
import { isOperation, parentOf, recorder } from "./recorder.ts"

const Books = Collection.define("books", {
  id: Field.int64({ primaryKey: true }),
  title: Field.varChar({ maxLength: 200 }),
  vector: Field.floatVector({ dimension: 2 }),
}, { indexes: { vector: Index.flat({ metric: "L2" }) }, consistencyLevel: "Strong" })
const rows = [1, 2, 3].map((id) => ({ id, title: `book ${id}`, vector: [id, id] }))

test("an operation has one span by the conventions for databases, and its attempts are children of it", async () => {
  const { tracer, spans } = recorder()
  const program = Effect.gen(function* () {
    const fake = yield* FakeMilvus.make()
    const connection = yield* Connection.connect(fake.address)
    const use = Effect.provideService(Connection.Connection, connection)
    yield* use(Collection.create(Books))
    yield* use(Vectors.insert(Books, rows))
    const from = spans.length
    yield* use(Vectors.search(Books, [[1, 1], [2, 2]], { limit: 2 }))
    return { address: fake.address, search: spans.slice(from) }
  })
  const { address, search } = await Effect.runPromise(Effect.withTracer(Effect.scoped(program), tracer))
  assertEquals(search.map((span) => [span.name, span.kind, parentOf(span)]), [
    ["Vectors.search books", "client", undefined],
    ["Search", "client", "Vectors.search books"],
  ])
  const port = Number(address.split(":").at(-1))
  assertEquals(Object.fromEntries(search[0]!.attributes), {
    "db.system.name": "milvus",
    "db.namespace": "default",
    "server.address": "127.0.0.1",
    "server.port": port,
    "db.operation.name": "Vectors.search",
    "db.collection.name": "books",
    "milvus.rows": 4,
  })
  assertEquals(Object.fromEntries(search[1]!.attributes), {
    "rpc.system.name": "grpc",
    "rpc.method": "milvus.proto.milvus.MilvusService/Search",
    "server.address": "127.0.0.1",
    "server.port": port,
  })
  const insert = spans.find(({ name }) => name === "Vectors.insert books")
  assertEquals(insert?.attributes.get("milvus.rows"), 3)
  // The handshake, and the wait for the load in `create`.
  const handshake = spans.filter((span) => parentOf(span) === "handshake").map(({ name }) => name)
  // Connections that connect at the same time share `CheckHealth`, so it belongs to no trace.
  assertEquals(handshake, ["Connect"])
  const wait = spans.find(({ name }) => name === "wait GetLoadingProgress")
  assertEquals(wait && [wait.kind, parentOf(wait)], ["internal", "Collection.create books"])
  assert(spans.every(({ status }) => status._tag === "Ended"), "a span is left open")
})

test("a call by connection.call is an operation named after its RPC, in the database of the effect", async () => {
  await using server = await startServer({ handlers: { ListDatabases: () => ({ status: success }) } })
  const { tracer, spans } = recorder()
  const program = Effect.gen(function* () {
    const connection = yield* Connection.connect(server.address)
    yield* connection.call("ListDatabases", {})
    yield* Database.withDatabase("library")(Effect.flip(connection.call("DropCollection", { collection_name: "b" })))
    yield* Effect.flip(Effect.provideService(Collection.drop("c"), Connection.Connection, connection))
    const wrapped = Connection.wrap(connection, connection.call)
    yield* Effect.flip(Effect.provideService(Collection.drop("d"), Connection.Connection, wrapped))
  })
  await Effect.runPromise(Effect.withTracer(Effect.scoped(program), tracer))
  const operations = spans.filter(isOperation)
  assertEquals(operations.map(({ name, attributes }) => [name, attributes.get("db.namespace")]), [
    ["ListDatabases", "default"],
    ["DropCollection b", "library"],
    ["Collection.drop c", "default"],
    ["Collection.drop d", "default"],
  ])
})

test("a failed operation has the tag of its error and the code, and its attempts have theirs", async () => {
  let attempts = 0
  const status = { error_code: "UnexpectedError", code: 1100, reason: "the secret filter", retriable: false }
  await using server = await startServer({
    handlers: {
      ListDatabases: () => attempts++ === 0 ? failure(14) : { status: success },
      DescribeCollection: () => ({ status }),
    },
  })
  const { tracer, spans } = recorder()
  const program = Effect.gen(function* () {
    const connection = yield* Connection.connect(server.address)
    yield* connection.call("ListDatabases", {})
    yield* Effect.flip(Effect.provideService(Collection.describe("books"), Connection.Connection, connection))
  })
  await Effect.runPromise(Effect.withTracer(Effect.scoped(program), tracer))
  const codes = ["error.type", "db.response.status_code", "rpc.response.status_code"]
  const shown = spans.filter((span) => isOperation(span) || !["handshake", undefined].includes(parentOf(span)))
  assertEquals(shown.map(({ name, attributes }) => [name, ...codes.map((code) => attributes.get(code))]), [
    ["ListDatabases", undefined, undefined, undefined],
    ["ListDatabases", "RpcError", undefined, "UNAVAILABLE"],
    ["ListDatabases", undefined, undefined, undefined],
    ["Collection.describe books", "ServerError", "1100", undefined],
    ["DescribeCollection", "ServerError", undefined, "1100"],
  ])
  const described = spans.find(({ name }) => name === "Collection.describe books")
  assertMatch(Deno.inspect(described?.status, { depth: 9 }), /Collection\.describe books failed with ServerError 1100/)
  assert(!Deno.inspect(spans, { depth: 20 }).includes("secret"))
})

test("a stream is one operation from its begin to its end, with the rows that it emitted", async () => {
  const { tracer, spans } = recorder()
  const program = Effect.gen(function* () {
    const fake = yield* FakeMilvus.make()
    const connection = yield* Connection.connect(fake.address)
    const use = Effect.provideService(Connection.Connection, connection)
    yield* use(Collection.create(Books))
    yield* use(Vectors.insert(Books, rows))
    const pages = Vectors.queryBatches(Books, undefined, { batchSize: 2 })
    yield* use(Stream.runDrain(pages))
    yield* use(Stream.runDrain(Stream.take(pages, 1)))
    const fiber = yield* Effect.forkChild(use(Stream.runForEach(pages, () => Effect.never)))
    yield* Effect.sleep(Duration.millis(50)) // Until the first batch is being read.
    yield* Fiber.interrupt(fiber)
  })
  await Effect.runPromise(Effect.withTracer(Effect.scoped(program), tracer))
  const streams = spans.filter(({ name }) => name === "Vectors.queryBatches books")
  assertEquals(streams.map(({ attributes }) => [attributes.get("milvus.rows"), attributes.get("error.type")]), [
    [3, undefined],
    [2, "Interrupted"],
    [2, "Interrupted"],
  ])
  assert(streams.every(({ status }) => status._tag === "Ended"))
  assert(spans.some((span) => span.name === "Query" && parentOf(span) === "Vectors.queryBatches books"))
})

test("no span is made with the tracer of Effect, and none where tracing is off", async () => {
  await using server = await startServer({ handlers: { ListDatabases: () => ({ status: success }) } })
  const { tracer, spans } = recorder()
  const call = Effect.scoped(
    Effect.flatMap(Connection.connect(server.address), (connection) => connection.call("ListDatabases", {})),
  )
  await Effect.runPromise(Effect.withTracer(Effect.withTracerEnabled(call, false), tracer))
  assertEquals(spans, [])
})

/** The operations of each module, by the members of `Milvus`. */
const modules = [
  ...["Analyzer", "Collection", "CollectionAlias", "Database", "ExternalCollection", "FileResource", "Import"],
  ...["Index", "Maintenance", "Namespace", "Partition", "Prewarm", "Privilege", "Replica", "Replication"],
  ...["ResourceGroup", "Role", "RowPolicy", "Snapshot", "System", "User", "Vectors"],
]

/** Operations that call nothing: they resume a job, or make one of several operations. */
const silent = [
  ...["ExternalCollection.fromId", "Import.fromId", "Prewarm.fromId", "Snapshot.fromId", "Snapshot.exportFromId"],
  ...["Maintenance.compactionFromId", "Maintenance.flushAllFromId", "Maintenance.flushFromId", "Maintenance.optimize"],
]

/** Calls an operation as the documents do, or else with texts, which some refuse. */
const callOf = (name: string, operation: (...args: ReadonlyArray<unknown>) => unknown): unknown => {
  const text = calls[name]
  if (text === undefined) return operation("books", ["other"], ["another"])
  const values = { ...Api, id: 1n, password: "p", newPassword: "q", backup: new Uint8Array(), flushed: [] }
  const more = { flushedAll: { timestamp: 1n, channels: {} }, config: { clusters: [], topology: [] } }
  const all = { ...values, ...more }
  return new Function(...Object.keys(all), `${prelude}; return ${text}`)(...Object.values(all))
}

effectTest(
  "every operation of every module is one operation under its own name, and its calls are no others",
  Effect.gen(function* () {
    const fake = yield* FakeMilvus.make({ version: "v3.0.3" })
    const connection = yield* Connection.connect({ address: fake.address, retry: false, callTimeout: "1 second" })
    const use = Effect.provideService(Connection.Connection, connection)
    const seen: Record<string, ReadonlyArray<string | undefined>> = {}
    const expected: Record<string, ReadonlyArray<string | undefined>> = {}
    for (const module of modules) {
      // Cast: modules are read by their names.
      const members = Api[module as "Vectors"] as Readonly<Record<string, unknown>>
      for (const [name, member] of Object.entries(members)) {
        const operation = `${module}.${name}`
        // Types of indexes and resolvers are no operations, and throw for texts.
        const isIndexType = module === "Index" && calls[operation] === undefined && !/^(wait|building)$/.test(name)
        if (typeof member !== "function" || isIndexType || /^with|Resolver$/.test(name)) continue
        // Cast: the values are checked below.
        const made = callOf(operation, member as () => unknown)
        const run = Effect.isEffect(made) ? made : Stream.isStream(made) ? Stream.runDrain(made) : undefined
        if (run === undefined) continue
        const { tracer, spans } = recorder()
        yield* use(Effect.exit(run as Effect.Effect<unknown, unknown, Connection.Connection>)).pipe(
          Effect.timeoutOption("2 seconds"),
          Effect.provideService(Tracer.Tracer, tracer),
        )
        seen[operation] = spans.filter(isOperation).map(({ attributes }) => String(attributes.get("db.operation.name")))
        expected[operation] = silent.includes(operation) ? [] : [operation]
      }
    }
    assert(Object.keys(seen).length > 140, String(Object.keys(seen).length))
    assertEquals(seen, expected)
  }),
)
