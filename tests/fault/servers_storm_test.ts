/** Interruptions at random moments, while the servers of connections with several addresses come and go. */
import { assertEquals } from "@std/assert"
import * as Effect from "effect/Effect"
import { Connection } from "../../mod.ts"
import { openConnections } from "../../src/connection/limit.ts"
import { interruptAtRandom } from "../support/interruption.ts"
import { assertNothingOpen } from "../support/leaks.ts"
import { figure, scaled } from "../support/scale.ts"
import { startServer } from "../support/server.ts"
import { eventually, openSockets, until } from "../support/sockets.ts"
import { test } from "../support/test.ts"

test("a storm over several servers and a global cluster leaves no socket, fiber, timer or count of connections", async () => {
  const times = scaled(20_000, 1500)
  await using a = await startServer()
  await using b = await startServer()
  const servers = [a, b]
  const addresses = servers.map(({ address }) => address)
  let version = 1
  const endpoint = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, () =>
    Response.json({
      data: {
        version,
        clusters: addresses.map((endpoint, i) => ({
          clusterId: String(i),
          endpoint,
          capability: i === version % 2 ? 3 : 1,
        })),
      },
    }))
  const globalCluster = {
    address: `127.0.0.1:${endpoint.addr.port}`,
    globalCluster: { refreshInterval: "1 second" },
  } as const
  const clearing = setInterval(() => servers.forEach(({ calls }) => calls.length = 0), 100)
  let [started, restarts, changes, number] = [0, 0, 0, 0]
  let restarting = Promise.resolve()
  try {
    await Effect.runPromise(Effect.scoped(Effect.gen(function* () {
      const several = yield* Connection.connect({ addresses })
      const primary = yield* Connection.connect(globalCluster)
      const kinds: ReadonlyArray<() => Effect.Effect<unknown, unknown>> = [
        () => Effect.scoped(Connection.connect({ addresses })),
        // Other parameters give it channels, and so sockets, of its own.
        () => Effect.scoped(Connection.connect({ addresses, maxMessageSize: 1_000_000 + number++ })),
        () => Effect.scoped(Connection.connect({ addresses, pool: "QueuePool", poolSize: 2 })),
        () => Effect.scoped(Connection.connect({ ...globalCluster, maxMessageSize: 1_000_000 + number++ })),
        () => several.call("GetVersion", {}),
        () => several.call("GetVersion", {}),
        () => primary.call("GetVersion", {}),
        () => primary.call("GetVersion", {}),
      ]
      const anyKind = () => {
        started++
        if (started % 150 === 0) {
          const server = servers[restarts++ % 2]!
          restarting = restarting.then(server.crash).then(server.restart)
        } else if (started % 100 === 50) {
          changes++
          version++
        }
        return kinds[Math.floor(Math.random() * kinds.length)]!()
      }
      const { ended, running } = yield* Effect.promise(() =>
        interruptAtRandom(anyKind, { times, most: 60, atOnce: 10, isPatient: true })
      )
      yield* Effect.promise(() => restarting)
      yield* until(() => assertEquals(running(), 0, "fibers"))
      for (const connection of [several, primary]) {
        yield* connection.call("GetVersion", {}, { timeout: "20 seconds" })
      }
      yield* until(() => assertEquals(openConnections(a.address) + openConnections(b.address), 2, "open connections"))
      figure(
        `${times} interrupted at random moments over 2 servers`,
        `${ended} ended before, ${restarts} restarts and ` +
          `${changes} changes of the primary`,
      )
    })))
    for (const server of servers) await assertNothingOpen(server)
    await eventually(() => openSockets(endpoint.addr.port) === 0)
  } finally {
    clearInterval(clearing)
    await endpoint.shutdown()
  }
})
