/** FaultProxy: stalls, changes of the fault, restarts, its scope, and its options. */
import { assert, assertEquals, assertGreater, assertInstanceOf, assertLess, assertMatch, fail } from "@std/assert"
import * as Arbitrary from "effect/Arbitrary"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/testing/TestClock"
import { Connection } from "../../mod.ts"
import { FaultProxy } from "../../src/testing/mod.ts"
import { fails, run } from "../support/effects.ts"
import { isFree } from "../support/listeners.ts"
import { connectTo, rawServer } from "../support/peers.ts"
import { startServer } from "../support/server.ts"
import { eventually, openSockets, until } from "../support/sockets.ts"
import { test } from "../support/test.ts"
import {
  assertBytes,
  bytes,
  echoes,
  get,
  pattern,
  receives,
  refused,
  setUp,
  sleep,
  staysSilent,
  text,
} from "./stage.ts"

// ---- Stall

test("stall holds what comes after exactly so many bytes, and heal delivers it", async () => {
  await using stage = await setUp({ fault: FaultProxy.stall({ afterBytes: 7, direction: "toClient" }) })
  await using client = await connectTo(stage.proxy.port)
  await client.write(bytes("hello there"))
  await client.end()
  await receives(client, 7)
  await staysSilent(client)
  await stage.set(FaultProxy.stall({ afterBytes: 2 }))
  await receives(client, 9)
  await staysSilent(client)
  await stage.heal()
  await eventually(() => assertEquals(client.outcome, "end"))
  assertEquals(text(client.received), "hello there")
})

const size = (maximum: number) => Schema.Int.check(Schema.isBetween({ minimum: 0, maximum }))
const Plan = Schema.Struct({
  chunks: Schema.Array(size(200_000)).check(Schema.isMaxLength(8)),
  toServer: size(400_000),
  toClient: size(400_000),
})

test("after any stall, heal delivers every byte, in order", async () => {
  await using stage = await setUp()
  const property = async ({ chunks, toServer, toClient }: typeof Plan.Type) => {
    await stage.set(FaultProxy.stall({ afterBytes: toServer, direction: "toServer" }))
    await using client = await connectTo(stage.proxy.port)
    const data = pattern(chunks.reduce((sum, size) => sum + size, 0))
    let at = 0
    const writing = (async () => {
      for (const size of chunks) await client.write(data.subarray(at, at += size))
      await client.end()
    })()
    await receives(client, Math.min(toServer, data.length))
    await stage.set(FaultProxy.stall({ afterBytes: toClient, direction: "toClient" }))
    await receives(client, Math.min(toServer + toClient, data.length))
    await stage.heal()
    await writing
    await eventually(() => assertEquals(client.outcome, "end"))
    assertBytes(client.received, data)
  }
  const result = await Effect.runPromise(Arbitrary.checkEffect(
    Arbitrary.schema(Plan),
    (input) => Effect.as(Effect.tryPromise({ try: () => property(input), catch: (error) => error }), true),
    { runs: 60, maxShrinks: 100 },
  ))
  if (result._tag !== "Passed") fail(Deno.inspect(result, { depth: 6 }))
})

// ---- switching

test("faults follow one another on one open connection, without losing a byte that could be kept", async () => {
  await using stage = await setUp()
  await using client = await connectTo(stage.proxy.port)
  const faults = [
    FaultProxy.stall(),
    FaultProxy.delay({ latency: 5, jitter: 20 }),
    FaultProxy.blackhole,
    FaultProxy.throttle({ bytesPerSecond: 50_000 }),
    FaultProxy.refuse({ connections: "keep" }),
    FaultProxy.stall({ afterBytes: 10, direction: "toServer" }),
    FaultProxy.none,
  ]
  const data = pattern(300_000)
  let at = 0
  for (let i = 0; i < 30; i++) {
    await stage.set(faults[i % faults.length]!)
    assertEquals(get(stage.proxy.fault), faults[i % faults.length])
    await client.write(data.subarray(at, at += 10_000))
    // Time for some of the bytes to pass under the fault.
    await sleep(5)
  }
  await stage.heal()
  await receives(client, data.length)
  assertBytes(client.received, data)
})

// ---- restart

test("restart cuts every connection, refuses for a while, and listens again on the same port under the same fault", async () => {
  await using stage = await setUp({ fault: FaultProxy.delay({ latency: 1 }) })
  await using client = await connectTo(stage.proxy.port)
  await echoes(client, "hello")
  const restarting = Effect.runPromise(stage.proxy.restart("300 millis"))
  await eventually(() => assertEquals([client.outcome, stage.server.peers[0]!.outcome], ["end", "end"]))
  await refused(stage.proxy.port)
  await restarting
  assertEquals(get(stage.proxy.fault)._tag, "Delay")
  await using next = await connectTo(stage.proxy.port)
  await echoes(next, "hello")
})

test("restart follows the clock, and interrupted, it listens again at once", async () => {
  await using stage = await setUp()
  await run(
    Effect.gen(function* () {
      const first = yield* Effect.forkChild(stage.proxy.restart("1 hour"))
      yield* until(() => isFree(stage.proxy.port))
      yield* TestClock.adjust("1 hour")
      yield* Fiber.join(first)
      assert(!isFree(stage.proxy.port))
      const second = yield* Effect.forkChild(stage.proxy.restart("1 hour"))
      yield* until(() => isFree(stage.proxy.port))
      yield* Fiber.interrupt(second)
      assert(!isFree(stage.proxy.port))
    }).pipe(Effect.provide(TestClock.layer())),
  )
})

test("restart under refuse ends without anyone listening", async () => {
  await using stage = await setUp({ fault: FaultProxy.refuse() })
  await Effect.runPromise(stage.proxy.restart(1))
  await refused(stage.proxy.port)
})

// ---- the scope

const everyFault: ReadonlyArray<FaultProxy.Fault> = [
  FaultProxy.none,
  FaultProxy.refuse(),
  FaultProxy.refuse({ connections: "reset" }),
  FaultProxy.refuse({ connections: "keep" }),
  FaultProxy.blackhole,
  FaultProxy.cutAfter({ bytes: 100 }),
  FaultProxy.cutAfter({ bytes: 100, by: "reset" }),
  FaultProxy.reset(),
  FaultProxy.reset({ at: "firstBytes" }),
  FaultProxy.halfOpen,
  FaultProxy.delay({ latency: "1 hour" }),
  FaultProxy.throttle({ bytesPerSecond: 1 }),
  FaultProxy.stall({ afterBytes: 100 }),
]

for (const fault of everyFault) {
  const { _tag, ...options } = fault
  test(`a scope that closes under ${_tag} ${JSON.stringify(options)} leaves nothing open, and is quick`, async () => {
    await using stage = await setUp()
    const { proxy, server } = stage
    await using open = await connectTo(proxy.port)
    await echoes(open, "hello")
    await stage.set(fault)
    await using fresh = await connectTo(proxy.port).catch(() => undefined)
    const writing = Promise.all([open.write(pattern(10_000_000)), fresh?.write(pattern(10_000_000))])
    // The buffers of the system fill up.
    await sleep(30)
    const start = performance.now()
    await stage.close()
    assertLess(performance.now() - start, 1_000)
    assertEquals(openSockets(server.port), 0)
    assert(isFree(proxy.port))
    assertEquals(get(proxy.connections), 0)
    await writing
    await eventually(() => assert(open.outcome !== undefined && (fresh === undefined || fresh.outcome !== undefined)))
    // Whoever still has it can do no harm.
    await stage.heal()
    await Effect.runPromise(proxy.restart(1))
    assert(isFree(proxy.port))
  })
}

test("a scope that closes during a restart does not wait for it, and nobody listens again", async () => {
  await using stage = await setUp()
  const restarting = Effect.runPromise(stage.proxy.restart("1 hour"))
  const healing = stage.heal()
  await eventually(() => isFree(stage.proxy.port))
  await stage.close()
  await Promise.all([restarting, healing])
  assert(isFree(stage.proxy.port))
})

test("a scope that closes while another holds the port gives up waiting for it", async () => {
  await using stage = await setUp({ fault: FaultProxy.refuse() })
  using _squatter = Deno.listen({ hostname: "127.0.0.1", port: stage.proxy.port })
  const healing = stage.heal().catch((error) => error)
  // Attempts on a port that is in use have no event.
  await sleep(100)
  const start = performance.now()
  await stage.close()
  assertLess(performance.now() - start, 1_000)
  assertInstanceOf(await healing, FaultProxy.FaultProxyError)
})

test("a connection that is being cut is gone in bounded time, whatever the other side does", async () => {
  await using stage = await setUp({}, (socket) => socket.pause())
  await using client = await connectTo(stage.proxy.port)
  const writing = client.write(pattern(64 * 1024 * 1024))
  await eventually(() => assert(get(stage.proxy.bytes).toServer > 0))
  await stage.set(FaultProxy.refuse())
  assertEquals(get(stage.proxy.connections), 0)
  await eventually(() => assertEquals(openSockets(stage.server.port), 0), { timeout: 5_000 })
  await writing
})

// ---- making one

test("make refuses what is no option, and a port that is taken", async () => {
  // Cast: what JavaScript would write.
  const wrong: ReadonlyArray<[unknown, string]> = [
    [{}, "target"],
    [{ target: "not a host:1" }, "target"],
    [{ target: { host: "localhost", port: 0 } }, "target"],
    [{ target: "localhost", port: 70_000 }, "port"],
    [{ target: "localhost", latency: 5 }, "latency"],
    [{ target: "localhost", fault: FaultProxy.refuse }, "fault"],
  ]
  for (const [options, parameter] of wrong) {
    const error = await fails(FaultProxy.make(options as FaultProxy.Options))
    assertEquals(error._tag === "ParamError" && error.parameter, parameter, error.message)
  }
  await using stage = await setUp()
  const error = await fails(FaultProxy.make({ target: "localhost", port: stage.proxy.port }))
  assert(error._tag === "FaultProxyError")
  assertEquals([error.host, error.port, error.isRetryable], ["127.0.0.1", stage.proxy.port, true])
})

test("a fault with an impossible number is refused where it is made", () => {
  for (
    const wrong of [
      () => FaultProxy.cutAfter({ bytes: -1 }),
      () => FaultProxy.stall({ afterBytes: 1.5 }),
      () => FaultProxy.throttle({ bytesPerSecond: 0 }),
      () => FaultProxy.throttle({ bytesPerSecond: NaN }),
    ]
  ) {
    try {
      wrong()
    } catch (error) {
      assertInstanceOf(error, RangeError)
      continue
    }
    fail(String(wrong))
  }
  return Promise.resolve()
})

test("layer provides a proxy that ends with it", async () => {
  await using server = await rawServer()
  const port = await run(
    Effect.gen(function* () {
      const proxy = yield* FaultProxy.FaultProxy
      const client = yield* Effect.promise(() => connectTo(proxy.port))
      yield* Effect.promise(() => echoes(client, "hello"))
      yield* Effect.promise(() => client[Symbol.asyncDispose]())
      return proxy.port
    }).pipe(Effect.provide(FaultProxy.layer({ target: server }))),
  )
  assert(isFree(port))
})

// ---- misbehave

test("misbehave sets the same faults at the same times for the same seed, and heals in the end", async () => {
  const faults = [FaultProxy.blackhole, FaultProxy.halfOpen, FaultProxy.stall(), FaultProxy.reset()] as const
  const observe = (seed: number) =>
    run(
      Effect.gen(function* () {
        const proxy = yield* FaultProxy.make({ target: "localhost" })
        const seen: Array<string> = []
        const recording = {
          ...proxy,
          set: (fault: FaultProxy.Fault) => {
            seen.push(fault._tag)
            return proxy.set(fault)
          },
          heal: Effect.suspend(() => {
            seen.push("heal")
            return proxy.heal
          }),
        }
        const fiber = yield* Effect.forkChild(FaultProxy.misbehave(recording, { faults, every: "1 second", seed }))
        for (let i = 0; i < 100; i++) {
          yield* TestClock.adjust("200 millis")
          seen.push(".")
        }
        yield* proxy.set(FaultProxy.blackhole)
        yield* Fiber.interrupt(fiber)
        assertEquals(yield* proxy.fault, FaultProxy.none)
        return seen.join(" ")
      }).pipe(Effect.provide(TestClock.layer())),
    )
  const first = await observe(7)
  assertMatch(first, /Blackhole/)
  assertEquals(await observe(7), first)
  assert(await observe(8) !== first)
})

test("whatever faults come and go, a client reads a beginning of what it should, and a new one is served in the end", async () => {
  await using stage = await setUp()
  const faults = everyFault.filter(({ _tag }) => _tag !== "None") as [FaultProxy.Fault]
  const misbehaving = Effect.runFork(FaultProxy.misbehave(stage.proxy, { faults, every: "10 millis", seed: "soak" }))
  const data = pattern(200_000)
  const end = performance.now() + 4_000
  let complete = 0
  const work = async () => {
    while (performance.now() < end) {
      try {
        await using client = await connectTo(stage.proxy.port)
        const writing = client.write(data).then(() => client.end()).catch(() => {})
        await eventually(() => client.outcome !== undefined, { timeout: 500 }).catch(() => {})
        const { received } = client
        assertBytes(received, data.subarray(0, received.length))
        if (received.length === data.length) complete++
        void writing
      } catch (error) {
        if (!(error instanceof Deno.errors.ConnectionRefused || error instanceof Deno.errors.ConnectionReset)) {
          throw error
        }
        await sleep(5) // Before the next attempt to connect.
      }
    }
  }
  await Promise.all([work(), work(), work(), work()])
  await Effect.runPromise(Fiber.interrupt(misbehaving))
  assertGreater(complete, 0)
  await using client = await connectTo(stage.proxy.port)
  await echoes(client, "hello")
})

// ---- a client of Milvus

test("a Connection through a proxy sees what it would see of a server: refused, silent, restarted, well", async () => {
  await using server = await startServer()
  await run(Effect.gen(function* () {
    const proxy = yield* FaultProxy.make({ target: server.address, fault: FaultProxy.refuse() })
    const attempt = (params: object) =>
      Effect.flip(Effect.scoped(Connection.connect({ address: proxy.address, ...params })))
    const refused = yield* attempt({ retry: false })
    assertEquals(refused._tag === "NotReady" && refused.kind, "Unreachable", refused.message)
    yield* proxy.set(FaultProxy.blackhole)
    const silent = yield* attempt({ connectTimeout: "500 millis" })
    assertEquals(silent._tag === "NotReady" && silent.kind, "Timeout", silent.message)
    yield* proxy.heal
    const connection = yield* Connection.connect(proxy.address)
    yield* proxy.restart("50 millis")
    assertEquals((yield* connection.call("GetVersion", {})).version, "v2.6.2")
    yield* proxy.set(FaultProxy.delay({ latency: "20 millis", jitter: "10 millis" }))
    const [elapsed] = yield* Effect.timed(connection.call("GetVersion", {}))
    assertGreater(Duration.toMillis(elapsed), 39)
    assertEquals((yield* proxy.bytes).toClient > 0, true)
  }))
  await eventually(() => assertEquals(openSockets(server.port), 0))
})
