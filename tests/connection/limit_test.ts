import { assert, assertEquals } from "@std/assert"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { Connections } from "../../mod.ts"
import { acquireSlot, openConnections, releaseSlot } from "../../src/connection/limit.ts"
import { assertNothingOpen } from "../support/leaks.ts"
import { figure, scaled } from "../support/scale.ts"
import { startServerProcess } from "../support/server_process.ts"
import { openSockets } from "../support/sockets.ts"
import { test } from "../support/test.ts"

test("acquireSlot allows 65,536 connections to an address, and not one more", () => {
  const [address, elsewhere] = ["here.invalid:19530", "elsewhere.invalid:19530"]
  const refused = () => Effect.runSync(Effect.flip(acquireSlot(address)))
  for (let i = 0; i < 65_536; i++) Effect.runSync(acquireSlot(address))
  assertEquals([refused().limit, refused().open, refused().address], [65_536, 65_536, address])
  Effect.runSync(acquireSlot(elsewhere))
  releaseSlot(elsewhere)
  releaseSlot(address)
  Effect.runSync(acquireSlot(address))
  assertEquals(refused().open, 65_536)
  for (let i = 0; i < 65_536; i++) releaseSlot(address)
  assertEquals([openConnections(address), openConnections(elsewhere)], [0, 0])
})

test(
  "65,536 aliases share one server, the next is refused, a release makes room for exactly one, and all of " +
    "them work after its restart",
  async () => {
    await using server = await startServerProcess()
    const { address } = server
    const connect = (i: number) => Connections.connect({ alias: `alias ${i}`, address })
    const numbers = Array.from({ length: Connections.maxConnections }, (_, i) => i)
    const program = Effect.gen(function* () {
      // More at a time than the limit allows, so that it is checked under concurrency.
      const exits = yield* Effect.forEach([...numbers, 65_536, 65_537], (i) => Effect.exit(connect(i)), {
        concurrency: 512,
      })
      assertEquals(exits.filter(({ _tag }) => _tag === "Success").length, 65_536)
      assertEquals(openConnections(address), 65_536)
      const error = yield* Effect.flip(connect(70_000))
      assert(error._tag === "ConnectionLimit", error.message)
      assertEquals([error.limit, error.open, error.address], [65_536, 65_536, address])
      // The limit is one of the process, so another registry is full too.
      const elsewhere = yield* Effect.provide(Effect.flip(connect(0)), Connections.layer(), { local: true })
      assertEquals(elsewhere._tag, "ConnectionLimit")
      assertEquals(openSockets(server.port), 1)

      yield* Connections.disconnect("alias 0")
      const both = yield* Effect.forEach([80_000, 80_001], (i) => Effect.exit(connect(i)), { concurrency: 2 })
      assertEquals(both.map(({ _tag }) => _tag).toSorted(), ["Failure", "Success"])
      const connection = yield* Connections.get("alias 65535")
      assertEquals((yield* connection.call("GetVersion", {})).version, "v2.6.2")

      // All of them work after a restart of the server.
      const aliases = (yield* Connections.list).filter(({ isConnected }) => isConnected).map(({ alias }) => alias)
      assertEquals(aliases.length, 65_536)
      yield* Effect.promise(() => server.restart())
      const used = aliases.slice(0, scaled(65_536, 6000))
      const [elapsed, versions] = yield* Effect.timed(Effect.forEach(
        used,
        (alias) => Effect.flatMap(Connections.get(alias), (connection) => connection.call("GetVersion", {})),
        { concurrency: 512 },
      ))
      assertEquals(versions.filter(({ version }) => version === "v2.6.2").length, used.length)
      assertEquals(openSockets(server.port), 1)
      figure(`${used.length} aliases after a restart of their server, a call on each`, Duration.format(elapsed))
    })
    await Effect.runPromise(Effect.provide(program, Connections.layer()))
    await assertNothingOpen(server)
  },
)
