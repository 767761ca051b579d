/**
 * The ways to connect that the documentation of Milvus shows for its clients, against real servers: by alias (Python),
 * by address (Node), with a context that bounds and cancels (Go), with connection parameters (Java), and in a block
 * that closes its connection. Each way gives a ready connection and leaves nothing open.
 */
import { assert, assertEquals, assertInstanceOf, assertLess, assertMatch, assertRejects } from "@std/assert"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import { Connection, Connections } from "../../mod.ts"
import { connect, connections, type Milvus } from "../../src/promise.ts"
import { fails, run } from "../support/effects.ts"
import { assertNothingOpen } from "../support/leaks.ts"
import { shared } from "../support/milvus.ts"
import { eventually, openSockets } from "../support/sockets.ts"
import { assertServer, assertServes, type Engine, engines } from "./engines.ts"
import { test } from "../support/test.ts"

const assertMilvusServes = async (milvus: Milvus, engine: Engine) => {
  assertServer(milvus.server, engine)
  assertEquals(await milvus.state(), "Ready")
  assertEquals((await milvus.call("GetVersion", {})).version, engine.server.version)
}

for (const engine of engines) {
  const { name } = engine
  const milvus = shared(engine.start)
  const withRegistry = <A, E>(effect: Effect.Effect<A, E, Connections.Connections>) =>
    run(Effect.provide(effect, Connections.layer()))

  for (const kind of ["number", "text"] as const) {
    test(`${name}: Connections.connect with alias, host and a port as ${kind}, then disconnect("default")`, async () => {
      const { host, port, address } = milvus()
      await withRegistry(Effect.gen(function* () {
        const parameters = { alias: "default", host, port: kind === "text" ? String(port) : port }
        const connection = yield* Connections.connect(parameters)
        yield* assertServes(connection, engine)
        assertEquals([connection.alias, connection.config.address], ["default", address])
        assert((yield* Connections.connect()) === connection, "connecting again returns the same connection")
        assertEquals(openSockets(port), 1)

        yield* Connections.disconnect("default")
        assertEquals(yield* connection.state, "Closed")
        assertEquals((yield* Effect.flip(connection.call("GetVersion", {})))._tag, "ConnectionClosed")
        assertEquals(yield* Connections.has("default"), false)
        yield* Effect.promise(() => assertNothingOpen(milvus()))

        yield* assertServes(yield* Connections.connect(), engine)
      }))
      await assertNothingOpen(milvus())
    })

    test(`${name}: connections.connect with alias, host and a port as ${kind}, as promises`, async () => {
      const { host, port, address } = milvus()
      const parameters = { alias: "default", host, port: kind === "text" ? String(port) : port }
      const connected = await connections.connect(parameters)
      await assertMilvusServes(connected, engine)
      assertEquals(await connections.list(), [{ alias: "default", address, isConnected: true }])
      await assertMilvusServes(await connections.get(), engine)

      await connections.disconnect("default")
      assertEquals([await connections.has("default"), await connected.state()], [false, "Closed"])
      assertEquals(await rejection(connected.call("GetVersion", {})), "ConnectionClosed")
      assertEquals(await rejection(connections.get("default")), "AliasError")
      await connections.remove("default")
      assertEquals(await connections.list(), [])
      await assertNothingOpen(milvus())
    })
  }

  test(`${name}: Connection.connect with an address, in a scope`, async () => {
    await run(Effect.gen(function* () {
      const connection = yield* Connection.connect(milvus().address)
      yield* assertServes(connection, engine)
      assertEquals(openSockets(milvus().port), 1)
    }))
    await assertNothingOpen(milvus())
  })

  test(`${name}: connect with an address, in a block by await using`, async () => {
    let kept: Milvus
    {
      await using connected = await connect(milvus().address)
      await assertMilvusServes(connected, engine)
      kept = connected
    }
    assertEquals(await kept.state(), "Closed")
    await assertNothingOpen(milvus())
  })

  test(`${name}: connect with an address, and close`, async () => {
    const connected = await connect(milvus().address)
    await assertMilvusServes(connected, engine)
    await connected.close()
    await connected.close()
    assertEquals(await rejection(connected.call("GetVersion", {})), "ConnectionClosed")
    await assertNothingOpen(milvus())
  })

  test(`${name}: Connection.connect with host and port`, async () => {
    const { host, port } = milvus()
    await run(Effect.gen(function* () {
      yield* assertServes(yield* Connection.connect({ host, port }), engine)
      yield* assertServes(yield* Connection.connect({ host: "localhost", port: String(port) }), engine)
      yield* assertServes(yield* Connection.connect({ uri: `http://${host}:${port}/default` }), engine)
    }))
    await assertNothingOpen(milvus())
  })

  test(`${name}: Connection.layer with host and port`, async () => {
    const { host, port } = milvus()
    const program = Connection.Connection.use((connection) => assertServes(connection, engine))
    await run(Effect.provide(program, Connection.layer({ host, port })))
    await assertNothingOpen(milvus())
  })

  test(`${name}: connecting within a bound, and with a signal that never aborts`, async () => {
    const { address } = milvus()
    await run(Effect.gen(function* () {
      const connection = yield* Effect.timeout(Connection.connect(address), "5 seconds")
      yield* assertServes(connection, engine)
    }))
    const controller = new AbortController()
    await using connected = await connect(address, { signal: controller.signal })
    controller.abort()
    // The signal was only for connecting: the connection stays open.
    await assertMilvusServes(connected, engine)
    await connected.close()
    await assertNothingOpen(milvus())
  })

  test(`${name}: connecting to a server that hangs is bounded by Effect.timeout, interruption and AbortSignal`, async () => {
    const { address } = milvus()
    using _frozen = await freeze(milvus())
    const start = performance.now()

    const exit = await Effect.runPromiseExit(Effect.scoped(Effect.timeout(Connection.connect(address), "200 millis")))
    assert(Exit.isFailure(exit))
    assertInstanceOf(Cause.squash(exit.cause), Cause.TimeoutError)
    await assertNothingOpen(milvus())

    const fiber = Effect.runFork(Effect.scoped(Connection.connect(address)))
    await eventually(() => openSockets(milvus().port) === 1)
    await Effect.runPromise(Fiber.interrupt(fiber))
    await assertNothingOpen(milvus())

    const reason = new Error("the user left")
    const controller = new AbortController()
    const connecting = connect(address, { signal: controller.signal })
    await eventually(() => openSockets(milvus().port) === 1)
    controller.abort(reason)
    assertEquals(await assertRejects(() => connecting), reason)
    await assertNothingOpen(milvus())

    const timedOut = await assertRejects(() =>
      connections.connect({ alias: "slow", address }, { signal: AbortSignal.timeout(200) })
    )
    assertEquals((timedOut as Error).name, "TimeoutError")
    assertEquals(await connections.list(), [])
    await assertNothingOpen(milvus())

    const error = await fails(Connection.connect({ address, connectTimeout: "300 millis" }))
    assert(error._tag === "NotReady")
    assertEquals(error.kind, "Timeout")
    await assertNothingOpen(milvus())
    assertLess(performance.now() - start, 3_000)
  })

  test(`${name}: a call that hangs is bounded by its timeout, Effect.timeout, interruption and AbortSignal`, async () => {
    await using connected = await connect(milvus().address)
    await run(Effect.gen(function* () {
      const connection = yield* Connection.connect(milvus().address)
      const frozen = yield* Effect.promise(() => freeze(milvus()))
      yield* Effect.addFinalizer(() => Effect.sync(() => frozen[Symbol.dispose]()))

      const late = yield* Effect.flip(connection.call("ListDatabases", {}, { timeout: "200 millis" }))
      assertEquals(late._tag === "RpcError" && [late.code, late.progress], ["DEADLINE_EXCEEDED", "Lost"])
      const bounded = yield* Effect.flip(Effect.timeout(connection.call("ListDatabases", {}), "200 millis"))
      assertEquals(bounded._tag, "TimeoutError")
      const fiber = yield* Effect.forkChild(connection.call("ListDatabases", {}))
      // The server is frozen, so a call that was sent has no event.
      yield* Effect.sleep("50 millis")
      yield* Fiber.interrupt(fiber)
      assert(Exit.hasInterrupts(yield* Fiber.await(fiber)))
      const aborted = yield* Effect.promise(() =>
        assertRejects(() => connected.call("ListDatabases", {}, { signal: AbortSignal.timeout(200) }))
      )
      assertMatch(String(aborted), /TimeoutError/)

      frozen[Symbol.dispose]()
      yield* assertServes(connection, engine)
      assertEquals(openSockets(milvus().port), 1)
    }))
    await connected.close()
    await assertNothingOpen(milvus())
  })
}

/** Freezes a server. Disposing lets it go on, and may be repeated. */
const freeze = async (server: { pause(): Promise<void>; resume(): void }): Promise<Disposable> => {
  await server.pause()
  return { [Symbol.dispose]: () => server.resume() }
}

/** Resolves with the tag of the typed error of a promise that rejects. */
const rejection = async (promise: Promise<unknown>): Promise<string> => {
  const error: unknown = await assertRejects(() => promise)
  // Cast: an error without a tag gives undefined, which no test expects.
  return (error as { readonly _tag: string })._tag
}
