/** Pools: which channel a call uses, and when a channel is replaced. Credentials that change during a connection. */
import * as grpc from "@grpc/grpc-js"
import { assert, assertEquals, assertGreater, assertGreaterOrEqual, assertLess } from "@std/assert"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Redacted from "effect/Redacted"
import * as Ref from "effect/Ref"
import * as Schedule from "effect/Schedule"
import { connect as connectSocket, createServer, type Socket } from "node:net"
import { Connection } from "../../mod.ts"
import { run } from "../support/effects.ts"
import { assertNothingOpen } from "../support/leaks.ts"
import { failure, type FakeServer, never, startServer, success } from "../support/server.ts"
import { openSockets, until } from "../support/sockets.ts"
import { test } from "../support/test.ts"

const version = () => ({ status: success, version: "v2.6.2" })

/** A TCP balancer in front of servers. Each of its connections can be silenced or ended. */
interface Balancer extends AsyncDisposable {
  readonly address: string
  readonly port: number
  /** The open connections, in the order in which they arrived. */
  readonly open: () => ReadonlyArray<Socket>
  readonly accepted: () => number
  /** Adds a server. */
  readonly add: (server: { readonly port: number }) => void
  /** Whether new connections are ended immediately. */
  refuses: boolean
  /** Whether new connections are silent. */
  isDeaf: boolean
  /** Drops everything that is sent over a connection, in both directions. */
  readonly silence: (socket: Socket) => void
}

/** Starts a balancer that distributes connections over servers in turn. */
const startBalancer = async (...servers: Array<{ readonly port: number }>): Promise<Balancer> => {
  const open = new Set<Socket>()
  const silent = new Set<Socket>()
  let accepted = 0
  const listener = createServer({ allowHalfOpen: true }, (socket) => {
    accepted++
    if (balancer.refuses) return socket.destroy()
    open.add(socket)
    if (balancer.isDeaf) silent.add(socket)
    const { port } = servers[accepted % servers.length]!
    const upstream = connectSocket({ port, host: "127.0.0.1", allowHalfOpen: true })
    for (const [from, to] of [[socket, upstream], [upstream, socket]] as const) {
      from.on("data", (bytes) => void (silent.has(socket) || to.write(bytes)))
      from.on("end", () => void (silent.has(socket) ? from.destroy() : to.end()))
      from.on("error", () => to.destroy())
      from.on("close", () => (open.delete(socket), to.destroy()))
    }
  })
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve))
  const { port } = listener.address() as { readonly port: number }
  const balancer: Balancer = {
    address: `127.0.0.1:${port}`,
    port,
    add: (server) => void servers.push(server),
    refuses: false,
    isDeaf: false,
    open: () => [...open],
    accepted: () => accepted,
    silence: (socket) => void silent.add(socket),
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => listener.close(resolve))
      for (const socket of open) socket.destroy()
      await closed
    },
  }
  return balancer
}

const peersOf = (server: FakeServer, method: "GetVersion") =>
  new Set(server.calls.filter((call) => call.method === method).map(({ peer }) => peer)).size

/** Makes calls until every channel of a pool was used. */
const warmUp = (connection: Connection.Connection, server: FakeServer) =>
  Effect.repeat(connection.call("GetVersion", {}), {
    until: () => peersOf(server, "GetVersion") === connection.config.poolSize,
    schedule: Schedule.spaced(5),
  }).pipe(Effect.timeout("10 seconds"))

test("QueuePool spreads calls over its channels, and uses the one with the fewest calls in flight", async () => {
  await using server = await startServer()
  await run(Effect.gen(function* () {
    const connection = yield* Connection.connect({ address: server.address, pool: "QueuePool", poolSize: 3 })
    yield* warmUp(connection, server)
    assertEquals(openSockets(server.port), 3)

    // Two slow calls on each channel. When one of them ends, the next calls use its channel.
    server.handlers.ListDatabases = () => never
    const slow = yield* Effect.forEach(
      Array.from({ length: 6 }),
      () => Effect.forkChild(connection.call("ListDatabases", {})),
    )
    yield* until(() => server.count("ListDatabases") === 6)
    const load = new Map<string, number>()
    for (const { method, peer } of server.calls) {
      if (method === "ListDatabases") load.set(peer, (load.get(peer) ?? 0) + 1)
    }
    assertEquals([...load.values()], [2, 2, 2])
    yield* Fiber.interrupt(slow[0]!)
    const cancelled = () => server.calls.find((call) => call.method === "ListDatabases" && call.cancelled)
    yield* until(() => cancelled() !== undefined)
    const peer = cancelled()!.peer
    server.calls.length = 0
    yield* Effect.forEach(Array.from({ length: 10 }), () => connection.call("GetVersion", {}))
    assertEquals(new Set(server.calls.map(({ peer }) => peer)), new Set([peer]))
  }))
  await assertNothingOpen(server)
})

test("QueuePool replaces a channel whose peer is silent, and the calls on the other channels succeed", async () => {
  await using server = await startServer({ handlers: { GetVersion: version } })
  await using balancer = await startBalancer(server)
  await run(Effect.gen(function* () {
    const connection = yield* Connection.connect({ address: balancer.address, pool: "QueuePool", poolSize: 3 })
    yield* warmUp(connection, server)
    balancer.silence(balancer.open()[1]!)
    let [answered, late] = [0, 0]
    const load = yield* Effect.forkChild(
      Effect.forEach(
        Array.from({ length: 8 }),
        () =>
          Effect.forever(Effect.match(connection.call("GetVersion", {}, { timeout: 300 }), {
            onSuccess: () => void answered++,
            onFailure: (error) => {
              assert(error._tag === "RpcError" && error.code === "DEADLINE_EXCEEDED", error.message)
              late++
            },
          })),
        { concurrency: "unbounded" },
      ),
    )
    yield* until(() => balancer.accepted() === 4, { timeout: 5000 })
    // Longer than the timeout of the calls that are still on the silent channel.
    yield* Effect.sleep(500)
    const lateBefore = late
    // Only the calls that were on the silent channel when the first of them timed out.
    assertGreaterOrEqual(late, 1)
    assertLess(late, 10)
    const answeredBefore = answered
    // No event: three times the timeout of a call, in which no call may time out.
    yield* Effect.sleep(1000)
    assertEquals(late, lateBefore)
    assertGreater(answered, answeredBefore + 100)
    yield* Fiber.interrupt(load)
    assertEquals(yield* connection.state, "Ready")
  }))
  await assertNothingOpen(balancer)
})

test("a channel whose peer accepts and sends nothing is replaced, and leaves nothing open", async () => {
  await using server = await startServer()
  await using balancer = await startBalancer(server)
  balancer.isDeaf = true
  await run(Effect.gen(function* () {
    const connecting = yield* Effect.forkChild(
      Connection.connect({ address: balancer.address, connectTimeout: "6 seconds" }),
    )
    yield* until(() => balancer.accepted() === 1)
    balancer.isDeaf = false
    // The first connection stays silent, so only another one can succeed.
    const [elapsed, connection] = yield* Effect.timed(Fiber.join(connecting))
    assertLess(Duration.toMillis(elapsed), 5000)
    assertEquals(connection.server.version, "v2.6.2")
    assertEquals(balancer.accepted(), 2)
    yield* until(() => openSockets(balancer.port) === 1)
  }))
  await assertNothingOpen(balancer)
})

test("a channel whose peer is silent is replaced after three calls without an answer", async () => {
  await using server = await startServer({ handlers: { GetVersion: version } })
  await using balancer = await startBalancer(server)
  await run(Effect.gen(function* () {
    const connection = yield* Connection.connect(balancer.address)
    const call = connection.call("GetVersion", {}, { timeout: 200 })
    const late = Effect.map(Effect.flip(call), (error) => error._tag === "RpcError" && error.code)
    balancer.silence(balancer.open()[0]!)
    for (let calls = 0; calls < 2; calls++) assertEquals(yield* late, "DEADLINE_EXCEEDED")
    // Two slow calls are not enough. No event: a replacement would connect within milliseconds.
    yield* Effect.sleep(200)
    assertEquals(balancer.accepted(), 1)
    assertEquals(yield* late, "DEADLINE_EXCEEDED")
    yield* until(() => balancer.accepted() === 2)
    assertEquals((yield* Effect.retry(call, { times: 10 })).version, "v2.6.2")
  }))
  await assertNothingOpen(balancer)
})

test("QueuePool fails no call when one of its sessions ends", async () => {
  await using server = await startServer({ handlers: { GetVersion: version } })
  await using balancer = await startBalancer(server)
  await run(Effect.gen(function* () {
    const connection = yield* Connection.connect({ address: balancer.address, pool: "QueuePool", poolSize: 4 })
    yield* warmUp(connection, server)
    const ends = Effect.gen(function* () {
      for (let times = 0; times < 10; times++) {
        // Calls are made between the ends of two sessions.
        yield* Effect.sleep(50)
        balancer.open()[Math.floor(Math.random() * 4)]?.destroy()
      }
    })
    const loop = Effect.forever(connection.call("GetVersion", {}, { timeout: 2000 }))
    yield* Effect.raceFirst(ends, Effect.all([loop, loop, loop, loop], { concurrency: 4 }))
    yield* until(() => balancer.open().length === 4)
  }))
  await assertNothingOpen(balancer)
})

test("a pool replaces channels of the maximum age, and the calls in flight on them complete", async () => {
  await using server = await startServer({ handlers: { GetVersion: version } })
  await using balancer = await startBalancer(server)
  await run(Effect.gen(function* () {
    const connection = yield* Connection.connect({
      address: balancer.address,
      pool: "QueuePool",
      poolSize: 2,
      poolMaxAge: "1 seconds",
    })
    yield* warmUp(connection, server)
    let release = () => {}
    const held = new Promise<void>((resolve) => release = resolve)
    server.handlers.ListDatabases = async () => (await held, { status: success, db_names: ["held"] })
    // Without retries, which would hide that it was cut.
    const slow = yield* Effect.forkChild(connection.call("ListDatabases", {}, { retry: false }))
    const failures: Array<unknown> = []
    const load = yield* Effect.forkChild(Effect.forever(
      Effect.andThen(
        Effect.catch(connection.call("GetVersion", {}), (error) => Effect.sync(() => failures.push(error))),
        Effect.sleep(1), // Leaves time for the other fibers.
      ),
    ))
    yield* until(() => balancer.accepted() >= 5, { timeout: 10_000 })
    assertGreaterOrEqual(peersOf(server, "GetVersion"), 4)
    // The old channel still has a call, so it is open in addition to the two of the pool.
    yield* until(() => balancer.open().length === 3)
    release()
    assertEquals((yield* Fiber.join(slow)).db_names, ["held"])
    yield* Fiber.interrupt(load)
    assertEquals(failures, [])
    yield* until(() => balancer.open().length === 2)
    // Each channel has a handshake of its own.
    assertGreaterOrEqual(server.count("Connect"), balancer.accepted() - 1)
  }))
  await assertNothingOpen(balancer)
})

test("a pool reaches a server that is added to a balancer when its channels reach the maximum age", async () => {
  await using first = await startServer()
  await using second = await startServer()
  await using balancer = await startBalancer(first)
  await run(Effect.gen(function* () {
    const connection = yield* Connection.connect({
      address: balancer.address,
      pool: "QueuePool",
      poolSize: 4,
      poolMaxAge: "1 seconds",
    })
    yield* warmUp(connection, first)
    balancer.add(second)
    // A channel to the second server makes a handshake there before its calls.
    yield* Effect.repeat(connection.call("GetVersion", {}), {
      until: () => second.count("GetVersion") >= 20,
      schedule: Schedule.spaced(5),
    }).pipe(Effect.timeout("10 seconds"))
    assertEquals(second.calls[0]?.method, "Connect")
  }))
  await assertNothingOpen(balancer)
})

test("a pool keeps its channels if no new one connects", async () => {
  await using server = await startServer({ handlers: { GetVersion: version } })
  await using balancer = await startBalancer(server)
  await run(Effect.gen(function* () {
    const connection = yield* Connection.connect({
      address: balancer.address,
      pool: "QueuePool",
      poolSize: 1,
      poolMaxAge: "1 seconds",
    })
    const [socket] = balancer.open()
    balancer.refuses = true
    yield* until(() => balancer.accepted() >= 3, { timeout: 10_000 })
    for (let calls = 0; calls < 20; calls++) yield* connection.call("GetVersion", {}, { retry: false })
    assertEquals(balancer.open(), [socket!])
  }))
  await assertNothingOpen(balancer)
})

test("a scope that closes while a channel is replaced leaves nothing open", async () => {
  await using server = await startServer({ handlers: { GetVersion: version } })
  await using balancer = await startBalancer(server)
  for (let times = 0; times < 20; times++) {
    await run(Effect.gen(function* () {
      const connection = yield* Connection.connect({ address: balancer.address, pool: "QueuePool", poolSize: 2 })
      server.calls.length = 0
      yield* warmUp(connection, server)
      balancer.open().forEach(balancer.silence)
      yield* Effect.forEach(
        Array.from({ length: 8 }),
        () => Effect.exit(connection.call("GetVersion", {}, { timeout: 20 })),
        { concurrency: 8 },
      )
      // A random moment of the replacement.
      yield* Effect.sleep(Math.random() * 5)
    }))
    await assertNothingOpen(balancer)
  }
})

test("a rotated credential is used by the next call of a live connection", async () => {
  await using server = await startServer({ handlers: { GetVersion: version } })
  const current = Ref.makeUnsafe(Redacted.make("old"))
  await run(Effect.gen(function* () {
    const connection = yield* Connection.connect({ address: server.address, token: Ref.get(current) })
    yield* connection.call("GetVersion", {})
    yield* Ref.set(current, Redacted.make("new"))
    yield* connection.call("GetVersion", {})
  }))
  const sent = server.calls.map(({ metadata }) => atob(String(metadata.get("authorization")[0])))
  assertEquals(sent, ["old", "old", "old", "new"])
})

/** A token Effect, and a server that accepts only the current token. */
const expiring = (server: FakeServer, answers: ReadonlyArray<string>) => {
  let asked = 0
  const token = Effect.sync(() => answers[Math.min(asked++, answers.length - 1)]!)
  const accepted = { token: "a" }
  const guard = (reply: object) => (_: unknown, { metadata }: { readonly metadata: grpc.Metadata }) =>
    metadata.get("authorization")[0] === btoa(accepted.token) ? reply : failure(grpc.status.UNAUTHENTICATED, "expired")
  server.handlers.GetVersion = guard(version())
  server.handlers.Insert = guard({ status: success, insert_cnt: 1n })
  return { token, accepted, asked: () => asked, guard }
}

for (const method of ["GetVersion", "Insert"] as const) {
  test(`an expired credential is requested again once, and ${method} is sent with the new one`, async () => {
    await using server = await startServer()
    // For Connect and CheckHealth, then one that has expired when it arrives.
    const { token, accepted, asked } = expiring(server, ["a", "a", "a", "b"])
    await run(Effect.gen(function* () {
      const connection = yield* Connection.connect({ address: server.address, token })
      accepted.token = "b"
      yield* connection.call(method, {})
      assertEquals(server.count(method), 2)
      assertEquals(asked(), 4)
    }))
  })
}

test("a call fails if its credential is refused twice, and no third one is requested", async () => {
  await using server = await startServer()
  const { token, accepted, asked } = expiring(server, ["a"])
  await run(Effect.gen(function* () {
    const connection = yield* Connection.connect({ address: server.address, token })
    accepted.token = "b"
    const error = yield* Effect.flip(connection.call("GetVersion", {}))
    assertEquals(error._tag === "RpcError" && error.code, "UNAUTHENTICATED")
    assertEquals([server.count("GetVersion"), asked()], [2, 4])
  }))
})

test("an expired credential is requested again while connecting and in a repeated handshake", async () => {
  await using server = await startServer()
  const { token, accepted, guard } = expiring(server, ["old", "a"])
  server.handlers.Connect = guard({ status: success, identifier: 1n, server_info: { build_tags: "v2.6.2" } })
  await run(Effect.gen(function* () {
    const connection = yield* Connection.connect({ address: server.address, token })
    assertEquals(server.count("Connect"), 2)
    yield* Effect.promise(server.crash)
    yield* Effect.promise(server.restart)
    assertEquals((yield* connection.call("GetVersion", {})).version, "v2.6.2")
    accepted.token = "b"
    yield* Effect.promise(server.crash)
    yield* Effect.promise(server.restart)
    const error = yield* Effect.flip(connection.call("GetVersion", {}))
    assertEquals(error._tag === "NotReady" && error.kind, "Unauthenticated")
  }))
})

test("a plain credential that is refused is not sent again", async () => {
  await using server = await startServer({ handlers: { GetVersion: () => failure(grpc.status.UNAUTHENTICATED, "no") } })
  const exit = await Effect.runPromiseExit(Effect.scoped(
    Effect.flatMap(
      Connection.connect({ address: server.address, token: "plain" }),
      (connection) => connection.call("GetVersion", {}),
    ),
  ))
  assert(Exit.isFailure(exit))
  assertEquals(server.count("GetVersion"), 1)
})

test("waiting for a credential is bounded by the deadline of the call", async () => {
  await using server = await startServer({ handlers: { GetVersion: version } })
  let asked = 0
  const token = Effect.suspend(() => ++asked > 2 ? Effect.never : Effect.succeed("a"))
  await run(Effect.gen(function* () {
    const connection = yield* Connection.connect({ address: server.address, token })
    const [elapsed, error] = yield* Effect.timed(Effect.flip(connection.call("GetVersion", {}, { timeout: 200 })))
    assertEquals(error._tag === "RpcError" && [error.code, error.progress], ["DEADLINE_EXCEEDED", "NotSent"])
    assertLess(Duration.toMillis(elapsed), 2000)
  }))
})
