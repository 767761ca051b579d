import * as Effect from "effect/Effect"
import { assert, assertEquals } from "@std/assert"
import { Connection, Connections } from "../../mod.ts"
import { openConnections } from "../../src/connection/limit.ts"
import { connect } from "../../src/promise.ts"
import { aMoment, interruptAtRandom } from "../support/interruption.ts"
import { assertNothingOpen } from "../support/leaks.ts"
import { closingListener, deafListener } from "../support/listeners.ts"
import { failure, never, startServer, success } from "../support/server.ts"
import { eventually, until } from "../support/sockets.ts"
import * as grpc from "@grpc/grpc-js"
import { test } from "../support/test.ts"

test("connect interrupted at 400 random moments leaves no socket, timer or registry entry", async () => {
  await using server = await startServer({
    handlers: {
      CheckHealth: async () => {
        await aMoment(5)
        return Math.random() < 0.3 ? failure(grpc.status.UNAVAILABLE) : { status: success, isHealthy: true }
      },
    },
  })
  const { ended } = await interruptAtRandom(Effect.scoped(Connection.connect(server.address)), { times: 400, most: 30 })
  assert(ended < 400, "no connect was interrupted")
  await assertNothingOpen(server)
})

test("connect with a pool, interrupted at random moments, leaves nothing", async () => {
  await using server = await startServer()
  const connect = Connection.connect({ address: server.address, pool: "QueuePool", poolSize: 4 })
  await interruptAtRandom(Effect.scoped(connect), { times: 100, most: 20 })
  await assertNothingOpen(server)
})

test("connect to a peer that never answers, interrupted at random moments, leaves nothing", async () => {
  await using listener = await deafListener()
  const { ended } = await interruptAtRandom(Effect.scoped(Connection.connect(listener.address)), {
    times: 200,
    most: 20,
  })
  assertEquals(ended, 0)
  await assertNothingOpen(listener)
  await eventually(() => listener.open === 0)
})

test("connect to a peer that hangs up, interrupted at random moments, leaves nothing", async () => {
  await using listener = await closingListener()
  await interruptAtRandom(Effect.scoped(Connection.connect(listener.address)), { times: 200, most: 100 })
  await assertNothingOpen(listener)
})

test("connect by a name, interrupted at random moments, leaves nothing", async () => {
  await using server = await startServer()
  await interruptAtRandom(Effect.scoped(Connection.connect(`localhost:${server.port}`)), { times: 200, most: 15 })
  await assertNothingOpen(server)
})

test("call interrupted at 400 random moments is cancelled on the server, and leaves nothing", async () => {
  await using server = await startServer({
    handlers: {
      GetVersion: async () => {
        await aMoment(10)
        return { status: success, version: "v" }
      },
      ListDatabases: () => never,
    },
  })
  await Effect.runPromise(Effect.scoped(Effect.gen(function* () {
    const connection = yield* Connection.connect(server.address)
    const calls = Effect.all([connection.call("GetVersion", {}), connection.call("GetVersion", {})], { concurrency: 2 })
    yield* Effect.promise(() => interruptAtRandom(calls, { times: 400, most: 15 }))
    // Loads the contract. The calls below live longer than those above: they must reach the server on a busy machine.
    yield* Effect.ignore(connection.call("ShowCollections", {}))
    yield* Effect.promise(() => interruptAtRandom(connection.call("ListDatabases", {}), { times: 100, most: 150 }))
    const seen = server.calls.filter(({ method }) => method === "ListDatabases")
    yield* until(() => seen.every(({ cancelled }) => cancelled))
    assert(seen.length > 10)
    assertEquals((yield* connection.call("GetVersion", {})).version, "v")
  })))
  await assertNothingOpen(server)
})

test("call interrupted while its handshake is repeated leaves nothing", async () => {
  await using server = await startServer()
  await Effect.runPromise(Effect.scoped(Effect.gen(function* () {
    const connection = yield* Connection.connect(server.address)
    yield* Effect.promise(server.crash)
    yield* Effect.promise(() => interruptAtRandom(connection.call("GetVersion", {}), { times: 50, most: 20 }))
    yield* Effect.promise(server.restart)
    assertEquals((yield* connection.call("GetVersion", {})).version, "v2.6.2")
  })))
  await assertNothingOpen(server)
})

test("Connections.connect interrupted at 400 random moments leaves the registry as it was, or connected", async () => {
  await using server = await startServer()
  await Effect.runPromise(Effect.scoped(Effect.gen(function* () {
    const registry = yield* Connections.make({ limit: 1 })
    const connect = registry.connect({ alias: "books", address: server.address })
    const disconnect = registry.disconnect("books")
    yield* Effect.promise(() => interruptAtRandom(Effect.ensuring(connect, disconnect), { times: 400, most: 10 }))
    yield* disconnect
    assertEquals(openConnections(server.address), 0)
    yield* registry.connect({ alias: "other", address: server.address })
  })))
  await assertNothingOpen(server)
})

test("the promise of connect, aborted at random moments, leaves nothing", async () => {
  await using server = await startServer()
  let opened = 0
  const once = async () => {
    const controller = new AbortController()
    const connecting = connect(server.address, { signal: controller.signal }).then(
      (milvus) => (opened++, milvus.close()),
      () => {},
    )
    await aMoment(15)
    controller.abort()
    await connecting
  }
  for (let i = 0; i < 200; i += 10) await Promise.all(Array.from({ length: 10 }, once))
  assert(opened < 200, "no connect was aborted")
  await assertNothingOpen(server)
})
