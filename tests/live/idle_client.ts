/**
 * Idle connections in a separate process, whose whole output is checked: `idle_client.ts REPORT MINUTES ADDRESS...`.
 * Each connection gets one call a minute, without retries. Writes the results to the file REPORT.
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { Connection } from "../../mod.ts"

/** Result for one connection. */
export interface Idled {
  readonly address: string
  /** All states, from the first. */
  readonly states: ReadonlyArray<Connection.ConnectionState>
  /** The duration of each call in milliseconds, or its error. */
  readonly calls: ReadonlyArray<number | string>
}

const idle = (address: string, minutes: number): Effect.Effect<Idled, unknown> =>
  Effect.scoped(Effect.gen(function* () {
    const states: Array<Connection.ConnectionState> = []
    const calls: Array<number | string> = []
    const connection = yield* Connection.connect(address)
    yield* Effect.forkScoped(Stream.runForEach(connection.changes, (state) => Effect.sync(() => states.push(state))))
    for (let minute = 0; minute < minutes; minute++) {
      // The idle minute is under test.
      yield* Effect.sleep("1 minute")
      const start = performance.now()
      const call = connection.call("ListDatabases", {}, { timeout: "5 seconds", retry: false })
      calls.push(
        yield* Effect.match(call, { onSuccess: () => performance.now() - start, onFailure: (error) => error.message }),
      )
    }
    // The state before the connection closes.
    return { address, states: [...states], calls }
  }))

if (import.meta.main) {
  const [report = "", minutes = "", ...addresses] = Deno.args
  const idled = Effect.all(addresses.map((address) => idle(address, Number(minutes))), { concurrency: "unbounded" })
  Deno.writeTextFileSync(report, JSON.stringify(await Effect.runPromise(idled)))
}
