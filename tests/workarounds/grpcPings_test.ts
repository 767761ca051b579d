/** Pings of idle connections: only for servers that permit them. */
import { assert, assertEquals, assertGreater } from "@std/assert"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { Connection, ConnectionConfig } from "../../mod.ts"
import { assertNothingOpen } from "../support/leaks.ts"
import { pingRelay } from "../support/pings.ts"
import { startServer } from "../support/server.ts"
import { until } from "../support/sockets.ts"
import { test } from "../support/test.ts"

// Shortens the default times to a hundredth, for this process.
Object.assign(ConnectionConfig.defaultKeepAlive, { time: Duration.millis(100), timeout: Duration.millis(500) })

const connect = (address: string, params?: ConnectionConfig.ConnectParams) => Connection.connect({ address, ...params })

/** Time for five pings. The absence of pings has no event. */
const aWhile = Effect.sleep(500)

const pingTest = (
  name: string,
  options: { readonly server: object; readonly strict: boolean },
  body: (relay: Awaited<ReturnType<typeof pingRelay>>) => Effect.Effect<void, unknown>,
) =>
  test(name, async () => {
    await using server = await startServer()
    server.handlers.Connect = () => ({ status: {}, identifier: 1n, server_info: options.server })
    server.handlers.GetVersion = () => ({ status: {}, version: "unknown" })
    await using relay = await pingRelay(server.port, options)
    await Effect.runPromise(body(relay))
    await assertNothingOpen(relay)
  })

const milvus = { build_tags: "v2.6.2", deploy_mode: "STANDALONE" }
const lite = { build_tags: "milvus_lite", deploy_mode: "embedded" }

pingTest(
  "rule 19: an idle Milvus gets pings",
  { server: milvus, strict: false },
  (relay) =>
    Effect.scoped(Effect.gen(function* () {
      yield* connect(relay.address)
      yield* until(() => relay.sessions[0]!.pings >= 5)
    })),
)

pingTest(
  "rule 19: the loss of a Milvus is noticed while no call is made",
  { server: milvus, strict: false },
  (relay) =>
    Effect.scoped(Effect.gen(function* () {
      const connection = yield* connect(relay.address)
      relay.silence()
      yield* until(() => assertEquals(Effect.runSync(connection.state), "Reconnecting"))
    })),
)

for (const server of [lite, { ...milvus, deploy_mode: "embedded" }, { build_tags: "something else" }, undefined]) {
  const name = server === undefined ? "that does not identify itself" : JSON.stringify(server)
  pingTest(
    `rule 19: a server ${name} gets no pings`,
    { server: server!, strict: true },
    (relay) =>
      Effect.scoped(Effect.gen(function* () {
        const connection = yield* connect(relay.address)
        yield* aWhile
        yield* connection.call("CheckHealth", {})
        yield* aWhile
        assertEquals(relay.sessions, [{ pings: 0, isRefused: false }])
      })),
  )
}

pingTest(
  "rule 19: TCP keepalive is on for a server that gets no pings",
  { server: lite, strict: true },
  (relay) =>
    Effect.scoped(Effect.gen(function* () {
      yield* connect(relay.address)
      // The format of Linux: remote address, state, two queues, and a timer, of which 02 is keepalive.
      const remote = `0100007F:${relay.port.toString(16).toUpperCase().padStart(4, "0")} 01 \\S+ `
      const line = new RegExp(`: \\S+ ${remote}(\\d\\d):`)
      yield* until(() => assertEquals(line.exec(Deno.readTextFileSync("/proc/self/net/tcp"))?.[1], "02"))
    })),
)

pingTest("rule 19: a server that ended a session because of pings gets none afterwards", {
  server: milvus,
  strict: true,
}, (relay) =>
  Effect.scoped(Effect.gen(function* () {
    const pool = { pool: "QueuePool", poolSize: 2 } as const
    const [connection] = yield* Effect.all([connect(relay.address), connect(relay.address, pool)])
    yield* until(() => relay.sessions.some(({ isRefused }) => isRefused))
    yield* until(() => assertEquals(Effect.runSync(connection.state), "Ready"))
    // Sessions that were refused at the same time are replaced too.
    yield* aWhile
    const known = relay.sessions.map(({ pings }) => pings)
    assertGreater(known.length, 1)
    yield* connection.call("CheckHealth", {})
    // A separate channel, opened afterwards.
    const other = yield* connect(relay.address, { maxMessageSize: 1_000_000 })
    yield* other.call("CheckHealth", {})
    yield* aWhile
    const counts = relay.sessions.map(({ pings }) => pings)
    assertEquals(counts, [...known, 0])
    assert(relay.sessions.some(({ isRefused }) => !isRefused))
  })))

pingTest(
  "rule 19: pings that the parameters ask for go to every server",
  { server: lite, strict: false },
  (relay) =>
    Effect.scoped(Effect.gen(function* () {
      const config = yield* ConnectionConfig.make(relay.address)
      yield* Connection.fromConfig({ ...config, keepAlive: { ...config.keepAlive, time: Duration.millis(101) } })
      yield* until(() => relay.sessions[0]!.pings >= 5)
    })),
)

test("rule 19: only default pings are adapted to the server", () => {
  const isAdaptive = (keepAlive: ConnectionConfig.KeepAliveParams | undefined) =>
    ConnectionConfig.isDefaultKeepAlive(Effect.runSync(ConnectionConfig.make({ keepAlive })).keepAlive)
  for (const none of [undefined, {}, { time: undefined, whenIdle: true }]) assertEquals(isAdaptive(none), true)
  for (const some of [{ time: "9 seconds" }, { timeout: "4 seconds" }, { whenIdle: false }] as const) {
    assertEquals(isAdaptive(some), false)
  }
})
