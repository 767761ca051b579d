import { assert, assertEquals, assertGreater, assertInstanceOf, assertLess, assertMatch, fail } from "@std/assert"
import * as Arbitrary from "effect/Arbitrary"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/testing/TestClock"
import { connect as connectByNode } from "node:net"
import { Connection } from "../../mod.ts"
import { FaultProxy } from "../../src/testing/mod.ts"
import { fails, run } from "../support/effects.ts"
import { freePort, isFree } from "../support/listeners.ts"
import { type Client, connectTo, type RawServer, rawServer } from "../support/peers.ts"
import { startServer } from "../support/server.ts"
import { eventually, openSockets } from "../support/sockets.ts"

const sanitized = { sanitizeOps: true, sanitizeResources: true }
const test = (name: string, fn: () => Promise<void>) => Deno.test({ name, ...sanitized, fn })

/** A proxy in front of a server, whose Effects are run one by one. */
interface Stage extends AsyncDisposable {
  readonly proxy: FaultProxy.FaultProxy
  readonly server: RawServer
  readonly set: (fault: FaultProxy.Fault) => Promise<void>
  readonly heal: () => Promise<void>
  /** Closes the proxy alone. */
  readonly close: () => Promise<void>
}

async function setUp(options: Partial<FaultProxy.Options> = {}, serve?: Parameters<typeof rawServer>[0]) {
  const server = await rawServer(serve)
  const scope = await Effect.runPromise(Scope.make())
  const proxy = await Effect.runPromise(Scope.provide(FaultProxy.make({ target: server, ...options }), scope))
  const close = () => Effect.runPromise(Scope.close(scope, Exit.void))
  const stage: Stage = {
    proxy,
    server,
    set: (fault) => Effect.runPromise(proxy.set(fault)),
    heal: () => Effect.runPromise(proxy.heal),
    close,
    async [Symbol.asyncDispose]() {
      await close()
      await server[Symbol.asyncDispose]()
    },
  }
  return stage
}

const get = <A>(effect: Effect.Effect<A>): A => Effect.runSync(effect)
const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
const bytes = (text: string) => new TextEncoder().encode(text)

/** Bytes of which no two stretches are alike. */
const pattern = (size: number): Uint8Array => {
  const words = new Uint32Array(Math.ceil(size / 4))
  for (let i = 0; i < words.length; i++) words[i] = Math.imul(i + 1, 2654435761)
  return new Uint8Array(words.buffer, 0, size)
}

/** Without printing megabytes where they differ. */
const assertBytes = (actual: Uint8Array, expected: Uint8Array) => {
  assertEquals(actual.length, expected.length)
  const at = actual.findIndex((byte, i) => byte !== expected[i])
  assertEquals(at, -1, `they differ at ${at}`)
}

const receives = (client: { readonly received: Uint8Array }, size: number) =>
  eventually(() => assertEquals(client.received.length, size))

const echoes = async (client: Client, message: string) => {
  const before = client.received.length
  await client.write(bytes(message))
  await receives(client, before + message.length)
  assertEquals(text(client.received.subarray(before)), message)
}

const refused = async (port: number) => {
  const error = await connectTo(port).then(() => undefined, (error) => error)
  assertInstanceOf(error, Deno.errors.ConnectionRefused)
}

/** That nothing happens can only be watched for a while. */
const staysSilent = async (client: Client, received = client.received.length) => {
  await sleep(100)
  assertEquals([client.received.length, client.outcome], [received, undefined])
}

// ---- without a fault

test("a proxy without a fault forwards all bytes in order, and counts them", async () => {
  await using stage = await setUp()
  await using client = await connectTo(stage.proxy.port)
  const data = pattern(5_000_000)
  const writing = client.write(data)
  await receives(client, data.length)
  assertEquals(await writing, undefined)
  assertBytes(client.received, data)
  await using second = await connectTo(stage.proxy.port)
  await echoes(second, "hello")
  const { proxy } = stage
  assertEquals(get(proxy.bytes), { toServer: data.length + 5, toClient: data.length + 5 })
  assertEquals([get(proxy.connections), get(proxy.accepted)], [2, 2])
  assertEquals(get(proxy.fault), FaultProxy.none)
  assertEquals(proxy.address, `${proxy.host}:${proxy.port}`)
  await second.end()
  await eventually(() => assertEquals(get(proxy.connections), 1))
  assertEquals(get(proxy.accepted), 2)
})

test("a half-close of the client arrives as a half-close, and the answer still comes", async () => {
  await using stage = await setUp({}, (socket) => {
    socket.on("end", () => setTimeout(() => socket.end("all is read"), 50))
  })
  await using client = await connectTo(stage.proxy.port)
  await client.write(bytes("question"))
  await client.end()
  await eventually(() => assertEquals(client.outcome, "end"))
  assertEquals(text(client.received), "all is read")
  assertEquals(text(stage.server.peers[0]!.received), "question")
})

test("a half-close of the server arrives as a half-close, and the client may go on", async () => {
  await using stage = await setUp({}, (socket) => void socket.end("bye"))
  await using client = await connectTo(stage.proxy.port)
  await eventually(() => assertEquals(client.outcome, "end"))
  await client.write(bytes("still here"))
  await eventually(() => assertEquals(text(stage.server.peers[0]!.received), "still here"))
  assertEquals(stage.server.peers[0]!.outcome, undefined)
  await client.end()
  await eventually(() => assertEquals(stage.server.peers[0]!.outcome, "end"))
  await eventually(() => assertEquals(get(stage.proxy.connections), 0))
})

test("an RST of either side arrives as an RST, behind the bytes that came before it", async () => {
  await using stage = await setUp()
  await using client = await connectTo(stage.proxy.port)
  await echoes(client, "hello")
  stage.server.peers[0]!.socket.write(
    "last words",
    () => setTimeout(() => stage.server.peers[0]!.socket.resetAndDestroy(), 20),
  )
  await eventually(() => assertEquals(client.outcome, "reset"))
  assertEquals(text(client.received), "hellolast words")

  const other = connectByNode({ host: "127.0.0.1", port: stage.proxy.port })
  other.write("last words")
  await eventually(() => assertEquals(stage.server.peers[1]?.received.length, 10))
  other.resetAndDestroy()
  await eventually(() => assertEquals(stage.server.peers[1]!.outcome, "reset"))
  await eventually(() => assertEquals(get(stage.proxy.connections), 0))
})

test("a server that does not listen is an RST to the client, and is asked again by the next one", async () => {
  const port = freePort()
  await using stage = await setUp({ target: `127.0.0.1:${port}` })
  await using early = await connectTo(stage.proxy.port)
  await eventually(() => assertEquals(early.outcome, "reset"))
  await using _late = await rawServer(undefined, { port })
  await using client = await connectTo(stage.proxy.port)
  await echoes(client, "hello")
})

test("a proxy stands in front of a unix socket, too", async () => {
  const folder = await Deno.makeTempDir()
  try {
    await using server = await rawServer(undefined, { path: `${folder}/echo.sock` })
    await using stage = await setUp({ target: `unix:${folder}/echo.sock` })
    await using client = await connectTo(stage.proxy.port)
    await echoes(client, "hello")
    get(stage.proxy.reset)
    await eventually(() => assertEquals(client.outcome, "reset"))
    await eventually(() => assert(server.peers[0]!.outcome))
  } finally {
    await Deno.remove(folder, { recursive: true })
  }
})

test("what the reader does not take, the writer has to wait for", async () => {
  for (
    const fault of [
      FaultProxy.none,
      FaultProxy.stall({ afterBytes: 10 }),
      FaultProxy.blackhole,
      FaultProxy.delay({ latency: "1 hour" }),
    ]
  ) {
    await using stage = await setUp({ fault }, (socket) => socket.pause())
    await using client = await connectTo(stage.proxy.port)
    const data = pattern(64 * 1024 * 1024)
    const writing = client.write(data)
    let before = -1
    await eventually(async () => {
      if (client.written === before) return
      before = client.written
      await sleep(300)
      return false
    }, { timeout: 20_000 })
    // The buffers of the system take some megabytes on each of the two connections; all of it would be 64.
    assertLess(client.written, 32 * 1024 * 1024, fault._tag)
    assertLess(get(stage.proxy.bytes).toServer, 20 * 1024 * 1024)
    if (fault._tag === "None") {
      stage.server.peers[0]!.socket.resume()
      await eventually(() => assertEquals(stage.server.peers[0]!.received.length, data.length), {
        timeout: 20_000,
        interval: 200,
      })
      assertBytes(stage.server.peers[0]!.received, data)
    }
    await stage.close()
    await writing
  }
})

// ---- Refuse

for (const [connections, outcome] of [["close", "end"], ["reset", "reset"], ["keep", undefined]] as const) {
  test(`refuse refuses new connections, and with "${connections}" open ones see ${outcome ?? "nothing"}`, async () => {
    await using stage = await setUp()
    await using client = await connectTo(stage.proxy.port)
    await echoes(client, "hello")
    await stage.set(FaultProxy.refuse({ connections }))
    await refused(stage.proxy.port)
    if (outcome === undefined) await echoes(client, "still here")
    else await eventually(() => assertEquals(client.outcome, outcome))
    await eventually(() => assertEquals(stage.server.peers[0]!.outcome, outcome))
    assertEquals(get(stage.proxy.connections), outcome === undefined ? 1 : 0)
    await stage.heal()
    await using next = await connectTo(stage.proxy.port)
    await echoes(next, "again")
  })
}

test("refuse from the start on keeps the port for later", async () => {
  const port = freePort()
  await using stage = await setUp({ fault: FaultProxy.refuse(), port })
  assertEquals(stage.proxy.port, port)
  await refused(port)
  await stage.heal()
  await using client = await connectTo(port)
  await echoes(client, "hello")
})

test("refuse and heal work fifty times on the same port, with clients that come and go", async () => {
  await using stage = await setUp()
  for (let i = 0; i < 50; i++) {
    await using client = await connectTo(stage.proxy.port)
    await echoes(client, `hello ${i}`)
    await stage.set(FaultProxy.refuse({ connections: i % 3 === 0 ? "keep" : i % 3 === 1 ? "close" : "reset" }))
    await refused(stage.proxy.port)
    await stage.heal()
  }
  assertEquals(get(stage.proxy.accepted), 50)
})

test("heal waits for a port that somebody else holds for a moment, and dies where it is kept", async () => {
  await using stage = await setUp()
  await stage.set(FaultProxy.refuse())
  const squatter = Deno.listen({ hostname: "127.0.0.1", port: stage.proxy.port })
  const healing = stage.heal()
  await sleep(200)
  squatter.close()
  await healing
  await using client = await connectTo(stage.proxy.port)
  await echoes(client, "hello")

  await stage.set(FaultProxy.refuse({ connections: "keep" }))
  using _keeper = Deno.listen({ hostname: "127.0.0.1", port: stage.proxy.port })
  const error = await stage.heal().catch((error) => error)
  assertInstanceOf(error, FaultProxy.FaultProxyError)
  assertMatch(error.message, /^cannot listen on 127\.0\.0\.1:\d+: .*EADDRINUSE/)
  await echoes(client, "still here")
})

// ---- Blackhole

test("blackhole accepts, and neither reads nor answers, and heal lets all of it flow", async () => {
  await using stage = await setUp()
  await using open = await connectTo(stage.proxy.port)
  await echoes(open, "hello")
  await stage.set(FaultProxy.blackhole)
  await using fresh = await connectTo(stage.proxy.port)
  await open.write(bytes(" there"))
  await fresh.write(bytes("is anyone in?"))
  await fresh.end()
  stage.server.peers[0]!.socket.write("(unasked)")
  await Promise.all([staysSilent(open, 5), staysSilent(fresh, 0)])
  assertEquals([stage.server.peers.length, text(stage.server.peers[0]!.received)], [1, "hello"])
  await stage.heal()
  await receives(open, 20)
  await eventually(() => assertEquals(fresh.outcome, "end"))
  assertEquals(text(fresh.received), "is anyone in?")
})

test("blackhole does not notice that a client is gone, and heal does", async () => {
  await using stage = await setUp()
  const client = connectByNode({ host: "127.0.0.1", port: stage.proxy.port })
  client.write("hello")
  await eventually(() => assertEquals(stage.server.peers[0]?.received.length, 5))
  await stage.set(FaultProxy.blackhole)
  client.resetAndDestroy()
  await sleep(100)
  assertEquals([get(stage.proxy.connections), stage.server.peers[0]!.outcome], [1, undefined])
  await stage.heal()
  await eventually(() => assertEquals([get(stage.proxy.connections), stage.server.peers[0]!.outcome], [0, "reset"]))
})

// ---- CutAfter

for (const by of ["close", "reset"] as const) {
  for (const direction of ["toServer", "toClient", "both"] as const) {
    test(`cutAfter cuts by ${by} after exactly so many bytes (${direction})`, async () => {
      await using stage = await setUp()
      const { proxy, server } = stage
      for (const size of [0, 1, 70_001, 1_000_003]) {
        await stage.heal()
        await using client = await connectTo(proxy.port)
        await echoes(client, "hello")
        const [peer] = server.peers.slice(-1)
        const before = get(proxy.bytes)
        await stage.set(FaultProxy.cutAfter({ bytes: size, direction, by }))
        // More than all buffers take: what comes after a FIN has to vanish for the client to be done with it.
        const data = pattern(16_000_000)
        const writing = client.write(data)
        await eventually(() => assertEquals(client.outcome, by === "close" ? "end" : "reset"))
        await eventually(() => assertEquals(peer!.outcome, by === "close" ? "end" : "reset"))
        const problem = await writing
        if (by === "close") assertEquals([problem, client.outcome], [undefined, "end"])
        const after = get(proxy.bytes)
        const forwarded = { toServer: after.toServer - before.toServer, toClient: after.toClient - before.toClient }
        // With "both", what comes back is never ahead of what went there.
        assertEquals(forwarded[direction === "toClient" ? direction : "toServer"], size)
        assertBytes(peer!.received.subarray(5), data.subarray(0, forwarded.toServer))
        assertBytes(client.received.subarray(5), data.subarray(0, forwarded.toClient))
        assertEquals(get(proxy.connections), 0)
      }
    })
  }
}

test("cutAfter counts for each new connection by itself", async () => {
  await using stage = await setUp({ fault: FaultProxy.cutAfter({ bytes: 3, direction: "toClient" }) })
  for (let i = 0; i < 3; i++) {
    await using client = await connectTo(stage.proxy.port)
    await client.write(bytes("hello"))
    await eventually(() => assertEquals(client.outcome, "end"))
    assertEquals(text(client.received), "hel")
  }
})

// ---- Reset

test("reset resets open connections, and new ones as soon as they are accepted", async () => {
  await using stage = await setUp()
  await using open = await connectTo(stage.proxy.port)
  await echoes(open, "hello")
  await stage.set(FaultProxy.reset())
  await eventually(() => assertEquals(open.outcome, "reset"))
  await eventually(() => assertEquals(stage.server.peers[0]!.outcome, "reset"))
  // It may come that early that connecting fails by it.
  await using fresh = await connectTo(stage.proxy.port).catch((error) => {
    assertInstanceOf(error, Deno.errors.ConnectionReset)
    return undefined
  })
  await eventually(() => assertEquals(fresh?.outcome ?? "reset", "reset"))
  await eventually(() => assertEquals(get(stage.proxy.accepted), 2))
  assertEquals(stage.server.peers.length, 1)
})

test("reset at the first bytes lets a connection be, until the client says something", async () => {
  await using stage = await setUp({ fault: FaultProxy.reset({ at: "firstBytes" }) })
  await using talker = await connectTo(stage.proxy.port)
  await using listener = await connectTo(stage.proxy.port)
  await staysSilent(talker)
  await talker.write(bytes("hello"))
  await eventually(() => assertEquals(talker.outcome, "reset"))
  await staysSilent(listener)
  await stage.heal()
  await echoes(listener, "just in time")
})

test("the Effect reset resets what is open now, and nothing later", async () => {
  await using stage = await setUp()
  await using open = await connectTo(stage.proxy.port)
  await echoes(open, "hello")
  await Effect.runPromise(stage.proxy.reset)
  await eventually(() => assertEquals([open.outcome, stage.server.peers[0]!.outcome], ["reset", "reset"]))
  await using fresh = await connectTo(stage.proxy.port)
  await echoes(fresh, "hello")
})

// ---- HalfOpen

test("halfOpen lets bytes vanish and says nothing, even of the server's end, and heal resets at the next bytes", async () => {
  await using stage = await setUp()
  await using open = await connectTo(stage.proxy.port)
  await echoes(open, "hello")
  await stage.set(FaultProxy.halfOpen)
  await using fresh = await connectTo(stage.proxy.port)
  await using quiet = await connectTo(stage.proxy.port)
  // More than any buffer would take.
  assertEquals(await open.write(pattern(20_000_000)), undefined)
  assertEquals(await fresh.write(pattern(20_000_000)), undefined)
  stage.server.peers[0]!.socket.destroy()
  await Promise.all([staysSilent(open), staysSilent(fresh, 0), staysSilent(quiet)])
  assertEquals([stage.server.peers.length, get(stage.proxy.connections)], [1, 3])
  await stage.heal()
  await Promise.all([staysSilent(open), staysSilent(fresh)])
  await open.write(bytes("?"))
  await fresh.write(bytes("?"))
  await eventually(() => assertEquals([open.outcome, fresh.outcome], ["reset", "reset"]))
  await echoes(quiet, "nothing of mine was lost")
})

test("halfOpen holds a client that ended, too, until it is healed", async () => {
  await using stage = await setUp({ fault: FaultProxy.halfOpen })
  await using client = await connectTo(stage.proxy.port)
  await client.write(bytes("hello"))
  await client.end()
  await staysSilent(client)
  await stage.set(FaultProxy.blackhole)
  await staysSilent(client)
  await stage.heal()
  await eventually(() => assertEquals(client.outcome, "reset"))
})

// ---- Delay and Throttle

test("delay delays each way, keeps the order, and is no limit", async () => {
  await using stage = await setUp({ fault: FaultProxy.delay({ latency: "50 millis", jitter: "50 millis" }) })
  await using client = await connectTo(stage.proxy.port)
  const data = pattern(400_000)
  const start = performance.now()
  for (let at = 0; at < data.length; at += 4_000) {
    await client.write(data.subarray(at, at + 4_000))
    await sleep(0)
  }
  await client.end()
  await eventually(() => assertEquals(client.outcome, "end"))
  assertGreater(performance.now() - start, 99)
  assertBytes(client.received, data)
})

test("delay in one direction leaves the other alone, and heal does not wait for what is on its way", async () => {
  await using stage = await setUp({ fault: FaultProxy.delay({ latency: "1 hour", direction: "toClient" }) })
  await using client = await connectTo(stage.proxy.port)
  await client.write(bytes("hello"))
  await eventually(() => assertEquals(stage.server.peers[0]?.received.length, 5))
  await staysSilent(client, 0)
  await stage.heal()
  await receives(client, 5)
})

test("throttle lets no more through than it says, and all in the end", async () => {
  await using stage = await setUp({ fault: FaultProxy.throttle({ bytesPerSecond: 200_000, direction: "toServer" }) })
  await using client = await connectTo(stage.proxy.port)
  const data = pattern(100_000)
  const start = performance.now()
  await client.write(data)
  await receives(client, data.length)
  // Half a second by the rate, and no more than a piece less.
  assertGreater(performance.now() - start, 400)
  assertBytes(client.received, data)
})

test("throttle of less than a byte a moment still lets single bytes through", async () => {
  await using stage = await setUp({ fault: FaultProxy.throttle({ bytesPerSecond: 20.5 }) })
  await using client = await connectTo(stage.proxy.port)
  const start = performance.now()
  await client.write(bytes("slow"))
  await receives(client, 4)
  assertGreater(performance.now() - start, 150)
  assertEquals(text(client.received), "slow")
})

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
      yield* Effect.promise(() => eventually(() => isFree(stage.proxy.port)))
      yield* TestClock.adjust("1 hour")
      yield* Fiber.join(first)
      assert(!isFree(stage.proxy.port))
      const second = yield* Effect.forkChild(stage.proxy.restart("1 hour"))
      yield* Effect.promise(() => eventually(() => isFree(stage.proxy.port)))
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
        await sleep(5)
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
