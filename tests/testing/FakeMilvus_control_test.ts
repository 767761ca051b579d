/** FakeMilvus: failures, delays, its log, and types. */
import { Buffer } from "node:buffer"
import * as grpc from "@grpc/grpc-js"
import { assert, assertEquals, assertMatch } from "@std/assert"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/testing/TestClock"
import { Connection, type RpcError, type ServerError } from "../../mod.ts"
import * as FakeMilvus from "../../src/testing/FakeMilvus.ts"
import { run } from "../support/effects.ts"
import { until } from "../support/sockets.ts"
import { test } from "../support/test.ts"
import { connected } from "./connected.ts"

const methods = (calls: ReadonlyArray<FakeMilvus.SeenCall>) => calls.map(({ method }) => method)

// ---- Failures and delays

test("fail fails so many calls, in the order of its failures, those of the RPC before those of all", () =>
  connected((fake, connection) =>
    Effect.gen(function* () {
      yield* fake.fail("all", { code: 1, reason: "third" }, { times: 1 })
      yield* fake.fail("Insert", { code: "INTERNAL", details: "first" }, { times: 2 })
      yield* fake.fail("Insert", { code: 2, reason: "second" }, { times: 1 })
      yield* fake.handle("Insert", () => Effect.succeed({ insert_cnt: 5 }))
      const seen: Array<string> = []
      for (let turn = 0; turn < 5; turn++) {
        seen.push(
          yield* connection.call("Insert", {}).pipe(
            Effect.map(({ insert_cnt }) => `${insert_cnt}`),
            Effect.catchTags({
              RpcError: (error: RpcError) => Effect.succeed(error.details),
              ServerError: (error: ServerError) => Effect.succeed(error.reason),
            }),
          ),
        )
      }
      assertEquals(seen, ["first", "first", "second", "third", "5"])
    })
  ))

test("fail without times fails until reset", () =>
  connected((fake, connection) =>
    Effect.gen(function* () {
      yield* fake.fail("all", { code: "PERMISSION_DENIED" })
      for (const method of ["GetVersion", "ListDatabases"] as const) {
        const error = yield* Effect.flip(connection.call(method, {}))
        assert(error._tag === "RpcError" && error.code === "PERMISSION_DENIED" && error.details === "told to fail")
      }
      yield* fake.reset()
      yield* connection.call("GetVersion", {})
      // Of one RPC, the others stay as they are.
      yield* fake.fail("GetVersion", { code: 5 })
      yield* fake.fail("ListDatabases", { code: 5 })
      yield* fake.reset("GetVersion")
      yield* connection.call("GetVersion", {})
      assertEquals((yield* Effect.flip(connection.call("ListDatabases", {})))._tag, "ServerError")
    })
  ))

test("fail sends trailing metadata", async () => {
  const trailers = await run(Effect.gen(function* () {
    const fake = yield* FakeMilvus.make()
    yield* fake.fail("GetVersion", { code: "UNAVAILABLE", metadata: { "grpc-retry-pushback-ms": "250" } })
    const client = new grpc.Client(fake.address, grpc.credentials.createInsecure())
    return yield* Effect.callback<grpc.Metadata | undefined>((resume) => {
      const path = "/milvus.proto.milvus.MilvusService/GetVersion"
      const none = () => Buffer.alloc(0)
      client.makeUnaryRequest(path, none, none, {}, (error) => {
        client.close()
        resume(Effect.succeed(error?.metadata))
      })
    })
  }))
  assertEquals(trailers?.get("grpc-retry-pushback-ms"), ["250"])
})

test("delay answers later, by the clock of the test", () =>
  Effect.runPromise(
    Effect.gen(function* () {
      const fake = yield* FakeMilvus.FakeMilvus
      const connection = yield* Connection.Connection
      yield* fake.delay("all", "1 minute")
      yield* fake.delay("ListDatabases", "1 hour")
      const call = (method: "GetVersion" | "ListDatabases") =>
        Effect.forkChild(connection.call(method, {}, { timeout: "infinite" }))
      const fast = yield* call("GetVersion")
      const slow = yield* call("ListDatabases")
      yield* until(async () => methods(await Effect.runPromise(fake.calls)).includes("ListDatabases"))
      yield* TestClock.adjust("1 minute")
      yield* Fiber.join(fast)
      const running = (yield* fake.calls).filter(({ outcome }) => outcome === "running")
      assertEquals(methods(running), ["ListDatabases"])
      yield* TestClock.adjust("1 hour")
      yield* Fiber.join(slow)
      yield* fake.reset()
      yield* connection.call("GetVersion", {})
    }).pipe(Effect.provide(FakeMilvus.layerConnected()), Effect.provide(TestClock.layer())),
  ))

test("the delay of the options holds for every call, and reset comes back to it", () =>
  connected((fake, connection) =>
    Effect.gen(function* () {
      yield* fake.delay("all", 0)
      const quick = performance.now()
      yield* connection.call("GetVersion", {})
      assert(performance.now() - quick < 60)
      yield* fake.reset()
      const late = performance.now()
      yield* connection.call("GetVersion", {})
      assert(performance.now() - late >= 59)
    }), { delay: "60 millis" }))

test("setHealth and setVersion change what the handshake says", async () => {
  await run(Effect.gen(function* () {
    const fake = yield* FakeMilvus.make({ version: "v2.5.0" })
    assertEquals((yield* Connection.connect(fake.address)).server.version, "v2.5.0")
    yield* fake.setVersion("v2.3.5")
    assertEquals((yield* Connection.connect(fake.address)).server.version, "v2.3.5")
    yield* fake.setHealth({ isHealthy: false, reasons: ["a node is down"] })
    const error = yield* Effect.flip(Connection.connect({ address: fake.address, retry: false }))
    assert(error._tag === "NotReady")
    assertEquals([error.kind, error.reasons], ["Unhealthy", ["a node is down"]])
    yield* fake.setHealth({ isHealthy: true })
    yield* Connection.connect(fake.address)
  }))
})

// ---- The log

test("calls tells what came, with what, and how it ended", () =>
  connected(
    (fake, connection) =>
      Effect.gen(function* () {
        yield* Effect.exit(connection.call("DescribeCollection", { collection_name: "books" }))
        yield* Effect.exit(connection.call("BackupRBAC", {}))
        const calls = yield* fake.calls
        assertEquals(calls.map(({ method, outcome }) => [method, outcome]), [
          ["Connect", "answered"],
          ["CheckHealth", "answered"],
          ["DescribeCollection", "failed"],
          ["BackupRBAC", "failed"],
        ])
        const described = calls.find((call) => call.method === "DescribeCollection")
        assertEquals(described?.request.collection_name, "books")
        assertEquals(described?.metadata.dbname, "library")
        assertMatch(described!.peer, /^127\.0\.0\.1:\d+$/)
        assertEquals(new Set(calls.map(({ peer }) => peer)).size, 1)
        assert(Math.abs(Date.now() - described!.time.epochMilliseconds) < 5_000)
        yield* fake.clearCalls
        assertEquals(yield* fake.calls, [])
      }),
    { handlers: { Connect: () => Effect.succeed({ identifier: 7, server_info: { build_tags: "v2.6.2" } }) } },
    { database: "library" },
  ))

test("a secret is in no log, and where it is asked for", () =>
  connected(
    (fake, connection) =>
      Effect.gen(function* () {
        let given = ""
        yield* fake.handle(
          "CreateCredential",
          (request) => Effect.sync(() => void (given = request.password)).pipe(Effect.as({})),
        )
        yield* connection.call("CreateCredential", { username: "ann", password: btoa("s3cret") })
        assertEquals(atob(given), "s3cret")
        const calls = yield* fake.calls
        const texts = [
          Deno.inspect(calls, { depth: 20 }),
          JSON.stringify(calls, (_, it) => typeof it === "bigint" ? `${it}` : it),
          String(calls),
        ]
        for (const text of texts) {
          for (const secret of ["s3cret", btoa("s3cret"), btoa("ann:s3cret")]) {
            assert(!text.includes(secret), text)
          }
        }
        for (const { authorization } of calls) assertEquals(Redacted.value(authorization!), btoa("ann:s3cret"))
      }),
    {},
    { user: "ann", password: Redacted.make("s3cret") },
  ))

// ---- Types

test("handlers are typed by their RPC", () =>
  connected((fake, connection) =>
    Effect.gen(function* () {
      yield* fake.handle("Insert", (request) => {
        const rows: number = request.num_rows
        const names: ReadonlyArray<string> = request.fields_data.map((field) => field.field_name)
        return Effect.succeed({ insert_cnt: rows, IDs: { int_id: { data: [1, 2n] } }, succ_index: [names.length] })
      })
      assertEquals((yield* connection.call("Insert", { num_rows: 3 })).insert_cnt, 3n)
      // @ts-expect-error: no such RPC
      const wrongMethod = () => fake.handle("Isnert", () => Effect.succeed({}))
      // @ts-expect-error: no such field of the request
      const wrongRequest = () => fake.handle("Insert", (request) => Effect.succeed({ insert_cnt: request.rows }))
      // @ts-expect-error: a field of another type
      const wrongReply = () => fake.handle("Insert", () => Effect.succeed({ insert_cnt: "3" }))
      // @ts-expect-error: no such status of gRPC
      const wrongFailure = () => fake.handle("Insert", () => Effect.fail({ code: "UNAVAILBLE" }))
      // @ts-expect-error: a handler has no requirements
      const wrongNeeds = () => fake.handle("Insert", () => Effect.as(Connection.Connection, {}))
      assertEquals([wrongMethod, wrongRequest, wrongReply, wrongFailure, wrongNeeds].length, 5)
    })
  ))
