/** This library, with Effect. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { Connection } from "../../../mod.ts"
import type { Peer } from "./Peer.ts"

const open: Peer = async (address) => {
  const scope = Scope.makeUnsafe()
  const connection = await Effect.runPromise(Scope.provide(Connection.connect(address), scope))
  const call = connection.call("GetVersion", {})
  return {
    getVersion: () => Effect.runPromise(call),
    close: () => Effect.runPromise(Scope.close(scope, Exit.void)),
    load: (loops, count) => {
      let left = count
      const loop = Effect.whileLoop({ while: () => left-- > 0, body: () => call, step: () => {} })
      return Effect.runPromise(
        Effect.all(Array.from({ length: loops }, () => loop), { concurrency: loops, discard: true }),
      )
    },
  }
}

export default open
