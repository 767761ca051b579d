/** Global clusters: the primary of the topology, and clusters that are promoted, demoted and lost. */
import { assert, assertEquals, assertMatch } from "@std/assert"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import { Connection, type NotReadyKind } from "../../mod.ts"
import { connect as connectPromise } from "../../src/promise.ts"
import { openConnections } from "../../src/connection/limit.ts"
import { certificates } from "../support/certificates.ts"
import { fails, run } from "../support/effects.ts"
import { assertNothingOpen } from "../support/leaks.ts"
import { freePort } from "../support/listeners.ts"
import { type FakeServer, never, startServer, success } from "../support/server.ts"
import { eventually, openSockets, until } from "../support/sockets.ts"
import { test } from "../support/test.ts"

const [readable, primary] = [0b01, 0b11]

/** An answer. Without one, the endpoint is silent until it is closed. */
type Answer = (() => Response) | typeof never

interface Endpoint extends AsyncDisposable {
  readonly address: string
  readonly port: number
  /** Requests that the endpoint received. */
  readonly requests: Array<{ readonly path: string; readonly authorization: string | null }>
  version: number
  /** Address of the primary in the topology. `undefined` if no cluster accepts writes. */
  primary: string | undefined
  /** Answers instead of the topology. */
  answer: Answer | undefined
}

/** Serves a topology in which the first cluster is the primary. */
const startEndpoint = (
  clusters: ReadonlyArray<string>,
  { tls, scheme = "" }: { readonly tls?: { readonly cert: string; readonly key: string }; readonly scheme?: string } =
    {},
): Endpoint => {
  const closing = Promise.withResolvers<Response>()
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {}, ...tls }, (request) => {
    endpoint.requests.push({
      path: `${request.method} ${new URL(request.url).pathname}`,
      authorization: request.headers.get("authorization"),
    })
    if (endpoint.answer === never) return closing.promise
    if (endpoint.answer !== undefined) return endpoint.answer()
    return Response.json({
      code: 0,
      data: {
        version: String(endpoint.version),
        clusters: clusters.map((address, i) => ({
          clusterId: `cluster-${i}`,
          endpoint: scheme + address,
          capability: address === endpoint.primary ? primary : readable,
        })),
      },
    })
  })
  const endpoint: Endpoint = {
    address: `127.0.0.1:${server.addr.port}`,
    port: server.addr.port,
    requests: [],
    version: 1,
    primary: clusters[0],
    answer: undefined,
    async [Symbol.asyncDispose]() {
      closing.resolve(new Response())
      await server.shutdown()
      await eventually(() => openSockets(server.addr.port) === 0)
    },
  }
  return endpoint
}

const violation = {
  status: {
    error_code: "UnexpectedError",
    code: 65535,
    reason:
      "code: STREAMING_CODE_REPLICATE_VIOLATION, cause: non-replicate message cannot be received in secondary role",
  },
}

/** A cluster that accepts writes while it is the primary of the endpoint, or always without an endpoint. */
const startCluster = async (version: string): Promise<FakeServer & { takesWrites: boolean }> => {
  const cluster = Object.assign(await startServer(), { takesWrites: true })
  const write = (reply: object) => () => cluster.takesWrites ? reply : violation
  cluster.handlers.Connect = () => ({ status: success, server_info: { build_tags: version } })
  cluster.handlers.GetVersion = () => ({ status: success, version })
  cluster.handlers.Insert = write({ status: success, insert_cnt: 1n })
  cluster.handlers.Flush = write({ status: success })
  return cluster
}

const versionOf = (connection: Connection.Connection) =>
  Effect.map(connection.call("GetVersion", {}), ({ version }) => version)

const connectTo = ({ address }: Endpoint, params: object = {}) =>
  Connection.connect({ address, globalCluster: { refreshInterval: "1 hour" }, ...params })

test("connect uses the cluster that is the primary in the topology, and opens nothing to the others", async () => {
  await using a = await startCluster("v2.6.1")
  await using b = await startCluster("v2.6.2")
  await using endpoint = startEndpoint([a.address, b.address])
  endpoint.primary = b.address
  await run(Effect.gen(function* () {
    const connection = yield* connectTo(endpoint, { user: "ann", password: "pa:ss", database: "books" })
    const { config } = connection
    assertEquals([config.address, config.port, config.database], [b.address, b.port, "books"])
    assert(config.globalCluster !== false)
    assertEquals(config.globalCluster.address, endpoint.address)
    assertEquals(yield* versionOf(connection), "v2.6.2")
    assertEquals([openConnections(a.address), openConnections(b.address), openConnections(endpoint.address)], [0, 1, 0])
    yield* until(() => openSockets(endpoint.port) === 0)
    // The config of an open connection connects to the same cluster.
    endpoint.primary = a.address
    const again = yield* Connection.fromConfig(config)
    assertEquals([again.config.address, yield* versionOf(again)], [a.address, "v2.6.1"])
  }))
  const request = { path: "GET /global-cluster/topology", authorization: "Bearer ann:pa:ss" }
  assertEquals(endpoint.requests, [request, request])
  for (const cluster of [a, b]) await assertNothingOpen(cluster)
})

test("a write that the old primary refuses is not repeated, and moves the connection to the new one", async () => {
  await using a = await startCluster("v2.6.1")
  await using b = await startCluster("v2.6.2")
  await using endpoint = startEndpoint([a.address, b.address])
  await run(Effect.gen(function* () {
    const connection = yield* connectTo(endpoint)
    yield* connection.call("Insert", { collection_name: "books" })
    Object.assign(endpoint, { primary: b.address, version: 2 })
    a.takesWrites = false
    const { schemaChanges } = Connection.footprintOf(connection)
    const error = yield* Effect.flip(connection.call("Insert", { collection_name: "books" }))
    assert(error._tag === "ServerError")
    assertMatch(error.reason, /REPLICATE_VIOLATION/)
    yield* until(() => connection.config.address === b.address)
    assertEquals([a.count("Insert"), b.count("Insert")], [2, 0])
    assertEquals((yield* connection.call("Insert", { collection_name: "books" })).insert_cnt, 1n)
    assertEquals([connection.server.version, yield* connection.state], ["v2.6.2", "Ready"])
    assert(Connection.footprintOf(connection).schemaChanges > schemaChanges)
    yield* until(() => openConnections(a.address) === 0)
  }))
  for (const cluster of [a, b]) await assertNothingOpen(cluster)
})

test("a call that may be repeated is repeated on the new primary", async () => {
  await using a = await startCluster("v2.6.1")
  await using b = await startCluster("v2.6.2")
  await using endpoint = startEndpoint([a.address, b.address])
  await run(Effect.gen(function* () {
    const connection = yield* connectTo(endpoint)
    Object.assign(endpoint, { primary: b.address, version: 2 })
    a.takesWrites = false
    const write = connection.call("Insert", { collection_name: "books" }, { idempotent: true })
    const [written] = yield* Effect.all([write, connection.call("Flush", { collection_names: ["books"] })], {
      concurrency: 2,
    })
    assertEquals(written.insert_cnt, 1n)
    assertEquals([b.count("Insert"), b.count("Flush"), connection.config.address], [1, 1, b.address])
  }))
})

test("a primary that is lost is replaced by the one that is promoted, within the deadline of the calls", async () => {
  await using a = await startCluster("v2.6.1")
  await using b = await startCluster("v2.6.2")
  await using endpoint = startEndpoint([a.address, b.address])
  a.handlers.Insert = () => never
  await run(Effect.gen(function* () {
    const connection = yield* connectTo(endpoint)
    const write = yield* Effect.forkChild(Effect.flip(connection.call("Insert", { collection_name: "books" })))
    yield* until(() => a.count("Insert") === 1)
    yield* Effect.promise(() => a.crash())
    const lost = yield* Fiber.join(write)
    assert(lost._tag === "RpcError" && lost.progress === "Lost")
    const read = yield* Effect.forkChild(versionOf(connection))
    const asked = endpoint.requests.length
    yield* until(() => endpoint.requests.length > asked + 2)
    assertEquals(connection.config.address, a.address)
    Object.assign(endpoint, { primary: b.address, version: 2 })
    assertEquals(yield* Fiber.join(read), "v2.6.2")
    assertEquals([connection.config.address, b.count("Insert")], [b.address, 0])
  }))
  for (const cluster of [a, b]) await assertNothingOpen(cluster)
})

test("the topology is requested in an interval, and the calls on an old primary end there", async () => {
  await using a = await startCluster("v2.6.1")
  await using b = await startCluster("v2.6.2")
  await using endpoint = startEndpoint([a.address, b.address])
  const answer = Deferred.makeUnsafe<object>()
  a.handlers.Query = () => Effect.runPromise(Deferred.await(answer))
  await run(Effect.gen(function* () {
    const connection = yield* connectTo(endpoint, { globalCluster: { refreshInterval: "1 second" } })
    const read = yield* Effect.forkChild(connection.call("Query", { collection_name: "books" }))
    yield* until(() => a.count("Query") === 1)
    // A gateway with an older topology.
    Object.assign(endpoint, { primary: b.address, version: 0 })
    yield* until(() => endpoint.requests.length === 3)
    // No event: the connection would move within milliseconds.
    yield* Effect.sleep(100)
    assertEquals([connection.config.address, b.calls.length], [a.address, 0])
    endpoint.version = 2
    yield* until(() => connection.config.address === b.address)
    assertEquals(yield* versionOf(connection), "v2.6.2")
    assertEquals(openConnections(a.address), 1)
    yield* Deferred.succeed(answer, { status: success })
    yield* Fiber.join(read)
    yield* until(() => openConnections(a.address) === 0)
    endpoint.answer = () => new Response("", { status: 503 })
    const asked = endpoint.requests.length
    yield* until(() => endpoint.requests.length > asked)
    assertEquals(yield* versionOf(connection), "v2.6.2")
  }))
  for (const cluster of [a, b]) await assertNothingOpen(cluster)
})

test("a primary that is back after a lost session is used, even if the topology cannot be read", async () => {
  await using a = await startCluster("v2.6.1")
  await using endpoint = startEndpoint([a.address])
  await run(Effect.gen(function* () {
    const connection = yield* connectTo(endpoint)
    for (const answer of [() => new Response("", { status: 401 }), never] as const) {
      endpoint.answer = answer
      yield* Effect.promise(() => a.crash())
      yield* Effect.promise(() => a.restart())
      assertEquals(yield* versionOf(connection), "v2.6.1")
    }
  }))
  await assertNothingOpen(a)
})

const answers: ReadonlyArray<readonly [string, NotReadyKind, Answer, RegExp]> = [
  ["status 401", "Unauthenticated", () => new Response("", { status: 401 }), /topology: HTTP status 401/],
  ["status 404", "Incompatible", () => new Response("", { status: 404 }), /HTTP status 404/],
  ["status 503", "Unhealthy", () => new Response("", { status: 503 }), /HTTP status 503/],
  ["a code", "Rejected", () => Response.json({ code: 1100, message: "no such cluster" }), /no such cluster/],
  ["text", "Incompatible", () => new Response("hello"), /not a JSON object/],
  ["no data", "Incompatible", () => Response.json({ code: 0 }), /no version or no clusters/],
  ["no primary", "Unhealthy", () => Response.json({ data: { version: 1, clusters: [] } }), /no cluster takes writes/],
  ["a strange cluster", "Incompatible", () => Response.json({ data: { version: 1, clusters: [{}] } }), /no endpoint/],
  [
    "a strange endpoint",
    "Incompatible",
    () => Response.json({ data: { version: 1, clusters: [{ endpoint: "u:p@h", capability: 3 }] } }),
    /the endpoint "u:p@h"/,
  ],
  ["too much", "Incompatible", () => new Response(" ".repeat(2 ** 21)), /too long/],
  ["nothing", "Timeout", never, /not there in time/],
]

for (const [what, kind, answer, reason] of answers) {
  test(`connect fails with NotReady ${kind} if the endpoint of a global cluster answers with ${what}`, async () => {
    await using endpoint = startEndpoint([])
    endpoint.answer = answer
    const error = await fails(connectTo(endpoint, { connectTimeout: "300 millis", token: "secret" }))
    assert(error._tag === "NotReady", String(error))
    assertEquals([error.kind, error.address], [kind, endpoint.address])
    assertMatch(error.message, reason)
    assert(!Deno.inspect(error, { depth: 9 }).includes("secret"))
    await assertNothingOpen(endpoint)
  })
}

test("connect fails with NotReady Unreachable if nothing listens at the endpoint of a global cluster", async () => {
  const port = freePort()
  const error = await fails(
    Connection.connect({ address: `127.0.0.1:${port}`, globalCluster: true, connectTimeout: "300 millis" }),
  )
  assert(error._tag === "NotReady")
  assertEquals(error.kind, "Unreachable")
  await using ill = await startServer({
    handlers: { CheckHealth: () => ({ status: success, isHealthy: false, reasons: ["starting"] }) },
  })
  await using endpoint = startEndpoint([ill.address])
  for (const retry of [true, false]) {
    const notReady = await fails(connectTo(endpoint, { connectTimeout: "300 millis", retry }))
    assert(notReady._tag === "NotReady")
    assertEquals([notReady.kind, notReady.address], ["Unhealthy", ill.address])
  }
  await assertNothingOpen(ill)
})

test("connect waits for a primary, and runs its token Effect for each request", async () => {
  await using a = await startCluster("v2.6.1")
  await using endpoint = startEndpoint([a.address])
  endpoint.primary = undefined
  let asked = 0
  const connecting = run(connectTo(endpoint, { token: Effect.sync(() => `token ${++asked}`) }))
  await eventually(() => endpoint.requests.length === 2)
  endpoint.primary = a.address
  assertEquals((await connecting).config.address, a.address)
  assertEquals(endpoint.requests.slice(0, 2).map(({ authorization }) => authorization), [
    "Bearer token 1",
    "Bearer token 2",
  ])
  await assertNothingOpen(a)
})

test("the topology is requested over TLS, which the primary uses too, whatever the scheme of its endpoint", async () => {
  const { ca, server, wrongHost } = certificates()
  await using a = await startServer({ tls: server })
  const tls = { cert: server.certificate, key: server.key }
  await using endpoint = startEndpoint([a.address], { tls, scheme: "http://" })
  await run(Effect.gen(function* () {
    const connection = yield* connectTo(endpoint, { tls: { ca } })
    assertEquals([connection.config.secure, connection.config.address], [true, a.address])
  }))
  for (
    const [params, other] of [[{ tls: true }, tls], [{ tls: { ca } }, {
      cert: wrongHost.certificate,
      key: wrongHost.key,
    }]] as const
  ) {
    await using endpoint = startEndpoint([a.address], { tls: other })
    const error = await fails(connectTo(endpoint, { ...params, connectTimeout: "1 second", token: "secret" }))
    assert(error._tag === "NotReady")
    assertEquals(error.kind, "Tls")
    assertEquals(endpoint.requests, [])
  }
  await assertNothingOpen(a)
})

test("a connection to a global cluster that is interrupted or closes at any moment leaves nothing open", async () => {
  await using a = await startCluster("v2.6.1")
  await using b = await startCluster("v2.6.2")
  const endpoint = startEndpoint([a.address, b.address])
  b.handlers.Connect = () => never
  for (const turns of [0, 1, 2, 3, 5, 8, 13, 21, 34]) {
    await run(Effect.gen(function* () {
      const fiber = yield* Effect.forkChild(connectTo(endpoint))
      for (let turn = 0; turn < turns; turn++) yield* Effect.yieldNow
      yield* Fiber.interrupt(fiber)
    }))
    for (const server of [a, b, endpoint]) await assertNothingOpen(server)
  }
  const scope = Scope.makeUnsafe()
  const connection = await Effect.runPromise(Scope.provide(connectTo(endpoint), scope))
  Object.assign(endpoint, { primary: b.address, version: 2 })
  a.takesWrites = false
  await Effect.runPromise(Effect.flip(connection.call("Insert", {})))
  await eventually(() => b.count("Connect") > 0)
  await Effect.runPromise(Scope.close(scope, Exit.void))
  assertEquals(await Effect.runPromise(connection.state), "Closed")
  for (const server of [a, b]) await assertNothingOpen(server)
  await endpoint[Symbol.asyncDispose]()
})

test("under load, no read fails and no write is applied twice while clusters are promoted and demoted", async () => {
  await using a = await startCluster("v2.6.1")
  await using b = await startCluster("v2.6.2")
  await using endpoint = startEndpoint([a.address, b.address])
  const applied = new Map<string, number>()
  for (const cluster of [a, b]) {
    cluster.handlers.Insert = async ({ collection_name: name = "" }) => {
      if (!cluster.takesWrites) return violation
      applied.set(name, (applied.get(name) ?? 0) + 1)
      // Writes in flight when a cluster is demoted.
      await new Promise((resolve) => setTimeout(resolve, 2))
      return { status: success, insert_cnt: 1n }
    }
  }
  b.takesWrites = false
  await run(Effect.gen(function* () {
    const connection = yield* connectTo(endpoint)
    const acknowledged = new Set<string>()
    let [isOver, refused, lost] = [false, 0, 0]
    const work = (worker: number) =>
      Effect.gen(function* () {
        for (let turn = 0; !isOver; turn++) {
          yield* versionOf(connection)
          const name = `${worker} ${turn}`
          const result = yield* Effect.result(connection.call("Insert", { collection_name: name }))
          if (result._tag === "Success") acknowledged.add(name)
          else if (result.failure._tag === "ServerError") refused++
          else {
            assert(result.failure._tag === "RpcError" && result.failure.progress === "Lost", result.failure.message)
            lost++
          }
        }
      })
    const load = yield* Effect.forkChild(Effect.forEach([0, 1, 2, 3], work, { concurrency: "unbounded" }))
    for (let round = 0; round < 4; round++) {
      const [up, down] = round % 2 === 0 ? [b, a] : [a, b]
      const before = acknowledged.size
      yield* until(() => acknowledged.size > before + 20)
      // Every second time, the old primary stops as well.
      if (round >= 2) yield* Effect.promise(() => down.crash())
      down.takesWrites = false
      // For a while, no cluster accepts writes.
      yield* Effect.sleep(20)
      up.takesWrites = true
      Object.assign(endpoint, { primary: up.address, version: endpoint.version + 1 })
      yield* until(() => connection.config.address === up.address)
      if (round >= 2) yield* Effect.promise(() => down.restart())
    }
    isOver = true
    yield* Fiber.join(load)
    assert(acknowledged.size > 80 && refused > 0, `${acknowledged.size} acknowledged, ${refused} refused, ${lost} lost`)
    for (const name of acknowledged) assertEquals(applied.get(name), 1, name)
    for (const [name, times] of applied) assertEquals(times, 1, name)
  }))
  for (const cluster of [a, b]) await assertNothingOpen(cluster)
})

test("a global cluster is a parameter of the promise form, and drain closes everything that was opened for it", async () => {
  await using a = await startCluster("v2.6.1")
  await using endpoint = startEndpoint([a.address])
  {
    await using milvus = await connectPromise({ address: endpoint.address, globalCluster: true })
    assertEquals([milvus.config.address, milvus.server.version], [a.address, "v2.6.1"])
  }
  await assertNothingOpen(a)
})
