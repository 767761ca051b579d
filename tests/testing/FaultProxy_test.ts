/** FaultProxy: each fault. */
import { assert, assertEquals, assertGreater, assertInstanceOf, assertLess, assertMatch } from "@std/assert"
import * as Effect from "effect/Effect"
import { connect as connectByNode } from "node:net"
import { FaultProxy } from "../../src/testing/mod.ts"
import { freePort } from "../support/listeners.ts"
import { connectTo, rawServer } from "../support/peers.ts"
import { eventually } from "../support/sockets.ts"
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
      // The writes have stopped if their count stays the same for 300 ms.
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
  // Attempts on a port that is in use have no event.
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
  // Nothing may happen, so there is no event.
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
    // Ends the turn of the event loop, so that the chunk is sent.
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
