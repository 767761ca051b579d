/**
 * Connections that are left alone, in a process of their own, so that all of its output is seen: `idle_client.ts REPORT MINUTES
 * ADDRESS...`. Each gets one call a minute, which is not made again if it fails. What came of it goes to the file REPORT.
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { Connection } from "../../mod.ts"

/** What became of one connection. */
export interface Idled {
  readonly address: string
  /** Every state, from the first on. */
  readonly states: ReadonlyArray<Connection.ConnectionState>
  /** Of each call the milliseconds that it took, or its error. */
  readonly calls: ReadonlyArray<number | string>
}

const idle = (address: string, minutes: number): Effect.Effect<Idled, unknown> =>
  Effect.scoped(Effect.gen(function* () {
    const states: Array<Connection.ConnectionState> = []
    const calls: Array<number | string> = []
    const connection = yield* Connection.connect(address)
    yield* Effect.forkScoped(Stream.runForEach(connection.changes, (state) => Effect.sync(() => states.push(state))))
    for (let minute = 0; minute < minutes; minute++) {
      // The minute is what is tested.
      yield* Effect.sleep("1 minute")
      const start = performance.now()
      const call = connection.call("ListDatabases", {}, { timeout: "5 seconds", retry: false })
      calls.push(
        yield* Effect.match(call, { onSuccess: () => performance.now() - start, onFailure: (error) => error.message }),
      )
    }
    // As it was before the connection closes.
    return { address, states: [...states], calls }
  }))

if (import.meta.main) {
  const [report = "", minutes = "", ...addresses] = Deno.args
  const idled = Effect.all(addresses.map((address) => idle(address, Number(minutes))), { concurrency: "unbounded" })
  Deno.writeTextFileSync(report, JSON.stringify(await Effect.runPromise(idled)))
}
