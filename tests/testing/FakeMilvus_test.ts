/** FakeMilvus: its life and its answers. */
import { assert, assertEquals, assertMatch } from "@std/assert"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { Connection } from "../../mod.ts"
import * as FakeMilvus from "../../src/testing/FakeMilvus.ts"
import { certificates } from "../support/certificates.ts"
import { fails, run } from "../support/effects.ts"
import { assertNothingOpen } from "../support/leaks.ts"
import { deafListener, freePort } from "../support/listeners.ts"
import { listens, openSockets, until } from "../support/sockets.ts"
import { test } from "../support/test.ts"
import { connected } from "./connected.ts"

// ---- Life

test("make starts a server that a scope closes, and leaves nothing open", async () => {
  const fake = await run(Effect.gen(function* () {
    const fake = yield* FakeMilvus.make()
    assertEquals(fake.address, `127.0.0.1:${fake.port}`)
    assertEquals(fake.host, "127.0.0.1")
    assert(listens(Deno.pid, fake.port))
    const connection = yield* Connection.connect(fake.address)
    assertEquals(connection.server, {
      version: "v2.6.2",
      identifier: 1n,
      buildTags: "v2.6.2",
      deployMode: "STANDALONE",
    })
    assertEquals((yield* connection.call("GetVersion", {})).version, "v2.6.2")
    return fake
  }))
  assert(!listens(Deno.pid, fake.port))
  await assertNothingOpen(fake)
})

test("crash cuts every session, and restart brings it back on the same port", () =>
  connected((fake, connection) =>
    Effect.gen(function* () {
      yield* fake.crash
      assert(!listens(Deno.pid, fake.port))
      yield* until(() => openSockets(fake.port, { established: true }) === 0)
      yield* Effect.flip(connection.call("GetVersion", {}, { timeout: "100 millis" }))
      yield* fake.restart
      assertEquals((yield* connection.call("GetVersion", {})).version, "v2.6.2")
      // Also while it runs.
      yield* fake.restart
      assertEquals((yield* connection.call("GetVersion", {})).version, "v2.6.2")
      const identifiers = (yield* fake.calls).filter((call) => call.method === "Connect").length
      assertEquals(identifiers, 3)
    })
  ))

test("crash ends the calls in flight, and interrupts their handlers", () =>
  connected((fake, connection) =>
    Effect.gen(function* () {
      const interrupted = yield* Deferred.make<void>()
      const started = yield* Deferred.make<void>()
      yield* fake.handle("ShowCollections", () =>
        Deferred.succeed(started, undefined).pipe(
          Effect.andThen(Effect.never),
          Effect.onInterrupt(() => Deferred.succeed(interrupted, undefined)),
        ))
      const call = yield* Effect.forkChild(connection.call("ShowCollections", {}))
      yield* Deferred.await(started)
      yield* fake.crash
      yield* Deferred.await(interrupted)
      const last = (yield* fake.calls).at(-1)
      assertEquals([last?.method, last?.outcome], ["ShowCollections", "cancelled"])
      yield* fake.handle("ShowCollections", () => Effect.succeed({ collection_names: ["books"] }))
      yield* fake.restart
      // It may be repeated, so the client does.
      assertEquals((yield* Fiber.join(call)).collection_names, ["books"])
    })
  ))

test("shutdown lets calls in flight end, and takes no new ones", () =>
  connected((fake, connection) =>
    Effect.gen(function* () {
      const go = yield* Deferred.make<void>()
      const started = yield* Deferred.make<void>()
      yield* fake.handle("ShowCollections", () =>
        Deferred.succeed(started, undefined).pipe(
          Effect.andThen(Deferred.await(go)),
          Effect.as({ collection_names: ["books"] }),
        ))
      const call = yield* Effect.forkChild(connection.call("ShowCollections", {}))
      yield* Deferred.await(started)
      const shutdown = yield* Effect.forkChild(fake.shutdown)
      yield* until(() => !listens(Deno.pid, fake.port))
      const refused = yield* Effect.flip(Effect.scoped(Connection.connect({ address: fake.address, retry: false })))
      assert(refused._tag === "NotReady" && refused.kind === "Unreachable")
      yield* Deferred.succeed(go, undefined)
      assertEquals((yield* Fiber.join(call)).collection_names, ["books"])
      yield* Fiber.join(shutdown)
      yield* fake.restart
      yield* connection.call("GetVersion", {})
    })
  ))

test("a scope that closes interrupts handlers, and leaves nothing open", async () => {
  let interrupted = 0
  let fake: FakeMilvus.FakeMilvus | undefined
  await run(Effect.gen(function* () {
    fake = yield* FakeMilvus.make()
    const started = yield* Deferred.make<void>()
    yield* fake.handle("ShowCollections", () =>
      Deferred.succeed(started, undefined).pipe(
        Effect.andThen(Effect.never),
        Effect.onInterrupt(() => Effect.sync(() => interrupted++)),
      ))
    const connection = yield* Connection.connect(fake.address)
    yield* Effect.forkChild(connection.call("ShowCollections", {}))
    yield* Deferred.await(started)
  }))
  assertEquals(interrupted, 1)
  await assertNothingOpen(fake!)
  const error = await fails(fake!.restart)
  assertMatch(error.message, /: the scope that it was made in is closed$/)
  assert(!listens(Deno.pid, fake!.port))
})

test("make that is interrupted, at whatever moment, leaves nothing open", async () => {
  for (let turn = 0; turn < 20; turn++) {
    const port = freePort()
    await run(Effect.gen(function* () {
      const fiber = yield* Effect.forkChild(Effect.scoped(Effect.andThen(FakeMilvus.make({ port }), Effect.never)))
      for (let step = 0; step < turn; step++) yield* Effect.yieldNow
      yield* Fiber.interrupt(fiber)
    }))
    assert(!listens(Deno.pid, port))
  }
})

for (const host of ["127.0.0.1", "::1", "localhost"]) {
  test(`make listens on ${host}`, () =>
    run(Effect.gen(function* () {
      const fake = yield* FakeMilvus.make({ host, port: freePort() })
      assertEquals(fake.address, host.includes(":") ? `[${host}]:${fake.port}` : `${host}:${fake.port}`)
      yield* Connection.connect(fake.address)
    })))
}

test("make listens on a unix socket", async () => {
  const folder = await Deno.makeTempDir()
  await run(Effect.gen(function* () {
    const fake = yield* FakeMilvus.make({ host: `unix:${folder}/milvus.sock` })
    assertEquals([fake.address, fake.port], [`unix:${folder}/milvus.sock`, 0])
    yield* Connection.connect(fake.address)
  })).finally(() => Deno.remove(folder, { recursive: true }))
})

test("make and restart say why they cannot listen", async () => {
  await using taken = await deafListener()
  const address = `127.0.0.1:${taken.port}`
  const error = await fails(FakeMilvus.make({ port: taken.port }))
  assertEquals([error._tag, error.address, error.isRetryable], ["FakeMilvusError", address, false])
  assertMatch(error.message, new RegExp(`^FakeMilvus cannot listen on ${address}: .*(in use|EADDRINUSE)`))
  const tls = { certificate: "no certificate", key: "no key" }
  assertEquals((await fails(FakeMilvus.make({ tls })))._tag, "FakeMilvusError")
  const { server, stranger } = certificates()
  const unlike = await fails(FakeMilvus.make({ tls: { ...server, key: stranger.key } }))
  assertMatch(unlike.message, /the private key is not that of the certificate/)
  for (const host of ["192.0.2.1", "elsewhere.test"]) {
    assertEquals((await fails(FakeMilvus.make({ host })))._tag, "FakeMilvusError")
  }
  await run(Effect.gen(function* () {
    const fake = yield* FakeMilvus.make()
    yield* fake.crash
    yield* FakeMilvus.make({ port: fake.port })
    assertEquals((yield* Effect.flip(fake.restart))._tag, "FakeMilvusError")
  }))
})

test("layerConnected connects over TLS, one-way and mutual", async () => {
  const { ca, client, server } = certificates()
  const version = (_: FakeMilvus.FakeMilvus, connection: Connection.Connection) =>
    Effect.as(connection.call("GetVersion", {}), connection.config.secure)
  assert(await connected(version, { tls: server }))
  assert(await connected(version, { tls: { ...server, key: Redacted.make(server.key) } }, { tls: { ca } }))
  assert(await connected(version, { tls: { ...server, ca } }, { tls: { ca, ...client } }))
  const layer = FakeMilvus.layerConnected({ tls: { ...server, ca } }, { connectTimeout: "1 second" })
  const refused = await fails(Effect.scoped(Layer.build(layer)))
  assert(refused._tag === "NotReady", refused.message)
})

// ---- Answers

test("handle answers an RPC, with success where the reply says nothing else, until reset", () =>
  connected((fake, connection) =>
    Effect.gen(function* () {
      yield* fake.handle("DescribeCollection", (request, call) => {
        assertEquals(call.method, "DescribeCollection")
        return Effect.succeed({ collectionID: 2n ** 60n, collection_name: request.collection_name.toUpperCase() })
      })
      const { status, ...described } = yield* connection.call("DescribeCollection", { collection_name: "books" })
      assertEquals([described.collectionID, described.collection_name, described.aliases], [2n ** 60n, "BOOKS", []])
      assertEquals([status?.code, status?.error_code], [0, "Success"])
      // Unknown to it, and a reply that is a status itself.
      yield* fake.handle("AlterRole", () => Effect.succeed({}))
      assertEquals((yield* connection.call("AlterRole", {})).code, 0)
      yield* fake.reset("DescribeCollection")
      const error = yield* Effect.flip(connection.call("DescribeCollection", { collection_name: "books" }))
      assert(error._tag === "ServerError" && error.code === 100)
      yield* fake.reset()
      assertEquals((yield* Effect.flip(connection.call("AlterRole", {})))._tag, "RpcError")
    })
  ))

test("handlers of the options answer, and reset comes back to them", () =>
  connected((fake, connection) =>
    Effect.gen(function* () {
      const names = Effect.map(connection.call("ShowCollections", {}), ({ collection_names }) => collection_names)
      assertEquals(yield* names, ["books"])
      yield* fake.handle("ShowCollections", () => Effect.succeed({ collection_names: ["films"] }))
      assertEquals(yield* names, ["films"])
      yield* fake.reset("ShowCollections")
      assertEquals(yield* names, ["books"])
    }), { handlers: { ShowCollections: () => Effect.succeed({ collection_names: ["books"] }) } }))

test("a handler fails with a status of gRPC or of Milvus", () =>
  connected((fake, connection) =>
    Effect.gen(function* () {
      yield* fake.handle("Insert", () => Effect.fail({ code: "RESOURCE_EXHAUSTED", details: "too much" }))
      const rpc = yield* Effect.flip(connection.call("Insert", {}))
      assert(rpc._tag === "RpcError")
      assertEquals([rpc.code, rpc.details, rpc.progress], ["RESOURCE_EXHAUSTED", "too much", "Answered"])
      yield* fake.handle("Insert", () => Effect.fail({ code: 9, reason: "rate limit", retriable: false }))
      const server = yield* Effect.flip(connection.call("Insert", {}))
      assert(server._tag === "ServerError")
      assertEquals([server.code, server.reason, server.retriable], [9, "rate limit", false])
      // Dummy has no place for a status.
      yield* fake.handle("Dummy", () => Effect.fail({ code: 9, reason: "rate limit" }))
      const dummy = yield* Effect.flip(connection.call("Dummy", {}))
      assert(dummy._tag === "RpcError" && dummy.code === "UNKNOWN" && dummy.details === "rate limit")
    })
  ))

test("a handler that dies or interrupts itself fails its call, and nothing else", () =>
  connected((fake, connection) =>
    Effect.gen(function* () {
      yield* fake.handle("Insert", () => Effect.die(new Error("oops")))
      const died = yield* Effect.flip(connection.call("Insert", {}))
      assert(died._tag === "RpcError")
      assertEquals([died.code, died.details], ["UNKNOWN", "the handler of Insert died: Error: oops"])
      yield* fake.handle("Insert", () => {
        throw new Error("thrown")
      })
      assertMatch((yield* Effect.flip(connection.call("Insert", {}))).message, /thrown/)
      yield* fake.handle("Insert", () => Effect.interrupt)
      const interrupted = yield* Effect.flip(connection.call("Insert", {}))
      assert(interrupted._tag === "RpcError" && interrupted.code === "CANCELLED")
      // A reply that does not fit.
      yield* fake.handle("Insert", () => Effect.succeed({ succ_index: 5 as unknown as ReadonlyArray<number> }))
      assertEquals((yield* Effect.flip(connection.call("Insert", {})))._tag, "RpcError")
      yield* connection.call("GetVersion", {})
    })
  ))

test("interrupting a call interrupts its handler, and so does its deadline", () =>
  connected((fake, connection) =>
    Effect.gen(function* () {
      for (const how of ["interruption", "deadline"]) {
        const started = yield* Deferred.make<void>()
        const interrupted = yield* Deferred.make<void>()
        yield* fake.clearCalls
        yield* fake.handle("ShowCollections", () =>
          Deferred.succeed(started, undefined).pipe(
            Effect.andThen(Effect.never),
            Effect.onInterrupt(() => Deferred.succeed(interrupted, undefined)),
          ))
        const timeout = how === "deadline" ? "100 millis" : "infinite"
        const call = yield* Effect.forkChild(Effect.exit(connection.call("ShowCollections", {}, { timeout })))
        yield* Deferred.await(started)
        if (how === "interruption") yield* Fiber.interrupt(call)
        yield* Deferred.await(interrupted)
        yield* Fiber.await(call)
        yield* until(async () => (await Effect.runPromise(fake.calls)).at(-1)?.outcome === "cancelled")
      }
    })
  ))

test("an RPC that it does not know is UNIMPLEMENTED, and is named", () =>
  connected((_fake, connection) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(connection.call("BackupRBAC", {}))
      assert(error._tag === "RpcError")
      assertEquals(error.code, "UNIMPLEMENTED")
      assertEquals(error.details, "FakeMilvus does not support BackupRBAC: give it a handler")
    })
  ))
