import { assert, assertEquals, assertGreater } from "@std/assert"
import * as Effect from "effect/Effect"
import { Connection, Connections } from "../../mod.ts"
import { openConnections } from "../../src/connection/limit.ts"
import { interruptAtRandom } from "../support/interruption.ts"
import { assertNothingOpen } from "../support/leaks.ts"
import { figure, scaled } from "../support/scale.ts"
import { until } from "../support/sockets.ts"
import { startServer, success } from "../support/server.ts"
import { test } from "../support/test.ts"

test(
  "a storm of interrupted connects and calls leaves no socket, fiber, timer or registry entry",
  async () => {
    const times = scaled(100_000, 6000)
    await using server = await startServer({
      handlers: {
        ListDatabases: async () => {
          // Calls of random duration.
          await new Promise((resolve) => setTimeout(resolve, Math.random() * 4))
          return { status: success, db_names: ["default"] }
        },
      },
    })
    const { address } = server
    // The list of seen calls would grow, so it is cleared.
    const clearing = setInterval(() => server.calls.length = 0, 100)
    const started = { shared: 0, own: 0, pool: 0, call: 0, alias: 0, restart: 0 }
    const count = (kind: keyof typeof started) => started[kind]++
    let channels = 0
    let restarting = Promise.resolve()
    try {
      await Effect.runPromise(Effect.scoped(Effect.gen(function* () {
        const connection = yield* Connection.connect(address)
        const registry = yield* Connections.make()
        const kinds: ReadonlyArray<() => Effect.Effect<unknown, unknown>> = [
          () => (count("shared"), Effect.scoped(Connection.connect(address))),
          // Other parameters give it a channel, and so a socket, of its own.
          () => (count("own"), Effect.scoped(Connection.connect({ address, maxMessageSize: 1_000_000 + channels++ }))),
          () => (count("call"), connection.call("GetVersion", {})),
          () => (count("call"), connection.call("ListDatabases", {})),
          () => (count("call"), connection.call("ListDatabases", {})),
          () => (count("alias"),
            Effect.ensuring(
              registry.connect({ alias: `${channels % 20}`, address }),
              registry.disconnect(`${channels % 20}`),
            )),
        ]
        const pool =
          () => (count("pool"), Effect.scoped(Connection.connect({ address, pool: "QueuePool", poolSize: 3 })))
        const anyKind = () => {
          // Sessions are cut meanwhile.
          if (Math.random() < 0.001) {
            count("restart")
            restarting = restarting.then(server.crash).then(server.restart)
          }
          return Math.random() < 0.01 ? pool() : kinds[Math.floor(Math.random() * kinds.length)]!()
        }
        const { ended, running } = yield* Effect.promise(() =>
          interruptAtRandom(anyKind, { times, most: 40, atOnce: 10, isPatient: true })
        )
        yield* Effect.promise(() => restarting)
        // Some of both, however busy the machine is.
        assert(ended > times / 100 && ended < times * 0.99, `${ended} ended`)
        assertGreater(started.restart, 0)
        // Connections that were not interrupted still work.
        for (const { alias } of yield* registry.list) yield* registry.remove(alias)
        assertEquals(openConnections(address), 1, "open connections")
        assertEquals((yield* connection.call("GetVersion", {}, { timeout: "20 seconds" })).version, "v2.6.2")
        // A handshake that an interrupted call started goes on for later calls, and ends.
        yield* until(() => assertEquals(running(), 0, "fibers"))
        const { shared, own, pool: pools, call, alias } = started
        figure(
          `${times.toLocaleString("en")} interrupted at random moments`,
          `${
            shared + own + pools + alias
          } connects (${own} with a socket of their own) and ${call} calls, ${ended} ended ` +
            `before, ${started.restart} restarts of the server: 0 sockets, 0 fibers, 0 timers, 0 registry entries left`,
        )
      })))
      await assertNothingOpen(server)
    } finally {
      clearInterval(clearing)
    }
  },
)
