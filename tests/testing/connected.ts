/** Connections to a FakeMilvus for its tests. */
import { assert } from "@std/assert"
import * as Effect from "effect/Effect"
import { Connection } from "../../mod.ts"
import * as FakeMilvus from "../../src/testing/FakeMilvus.ts"
import { assertNothingOpen } from "../support/leaks.ts"
import { listens } from "../support/sockets.ts"

type Both = FakeMilvus.FakeMilvus | Connection.Connection

/** Runs with a server and a connection to it, as the tests of an application do. Fails if one of them is left open. */
export const connected = async <A, E>(
  use: (fake: FakeMilvus.FakeMilvus, connection: Connection.Connection) => Effect.Effect<A, E, Both>,
  options?: FakeMilvus.Options,
  params?: FakeMilvus.ConnectionOptions,
): Promise<A> => {
  let at: FakeMilvus.FakeMilvus | undefined
  const program = Effect.gen(function* () {
    at = yield* FakeMilvus.FakeMilvus
    return yield* use(at, yield* Connection.Connection)
  })
  const value = await Effect.runPromise(Effect.provide(program, FakeMilvus.layerConnected(options, params)))
  await assertNothingOpen(at!)
  assert(!listens(Deno.pid, at!.port))
  return value
}
