/**
 * The cost of telemetry without a tracer: the CPU time of a call with it and without it, by turns in one process against
 * a server in another. `deno task bench telemetry`.
 *
 * What telemetry adds is the mean difference of neighbouring turns, without the tenth at either end, since the speed of a
 * machine drifts more than what is measured here; with it comes its standard error.
 */
import process from "node:process"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { Connection, System } from "../../mod.ts"
import { TelemetryEnabled } from "../../src/telemetry/enabled.ts"
import { startServerProcess } from "../support/server_process.ts"

const median = (values: ReadonlyArray<number>) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!

const cpu = () => {
  const { user, system } = process.cpuUsage()
  return user + system
}

/** Cost of telemetry for one kind of call. */
export interface Cost {
  /** CPU time of a call with telemetry, in microseconds. */
  readonly on: number
  /** CPU time of a call without telemetry, in microseconds. */
  readonly off: number
  /** What telemetry adds, in percent of a call without it. */
  readonly percent: number
  /** The standard error of `percent`. */
  readonly error: number
}

/** Returns the mean of values without the tenth at either end, and the standard error of the mean. */
const trimmedMean = (values: ReadonlyArray<number>): readonly [mean: number, error: number] => {
  const cut = Math.floor(values.length / 10)
  const kept = values.toSorted((a, b) => a - b).slice(cut, values.length - cut)
  const mean = kept.reduce((sum, value) => sum + value, 0) / kept.length
  const variance = kept.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (kept.length - 1)
  return [mean, Math.sqrt(variance / kept.length)]
}

const measure = async (call: Effect.Effect<unknown, unknown>, turns: number, calls: number): Promise<Cost> => {
  const run = async (isOn: boolean, count: number): Promise<number> => {
    let left = count
    const loop = Effect.whileLoop({ while: () => left-- > 0, body: () => call, step: () => {} })
    const before = cpu()
    await Effect.runPromise(Effect.provideService(loop, TelemetryEnabled, isOn))
    return (cpu() - before) / count
  }
  for (const isOn of [true, false]) await run(isOn, 5 * calls)
  const on: Array<number> = []
  const off: Array<number> = []
  for (let turn = 0; turn < turns; turn++) {
    // Each comes first as often as the other.
    for (const isOn of turn % 2 === 0 ? [true, false] : [false, true]) (isOn ? on : off).push(await run(isOn, calls))
  }
  const base = median(off)
  const [added, error] = trimmedMean(on.map((value, at) => 100 * (value - off[at]!) / base))
  return { on: median(on), off: base, percent: added, error }
}

/** Measures calls by `connection.call`, operations, and operations whose calls are answered without a network. */
export const measureTelemetry = async (
  turns = 200,
  calls = 250,
): Promise<Readonly<Record<"call" | "operation" | "no network", Cost>>> => {
  await using server = await startServerProcess()
  const scope = Scope.makeUnsafe()
  const connection = await Effect.runPromise(Scope.provide(Connection.connect(server.address), scope))
  try {
    const operationOn = (connection: Connection.Connection) =>
      Effect.provideService(System.version(), Connection.Connection, connection)
    // Cast: the reply of the one RPC that is called.
    const answered = Connection.wrap(connection, () => Effect.succeed({ version: "", status: undefined } as never))
    return {
      call: await measure(connection.call("GetVersion", {}), turns, calls),
      operation: await measure(operationOn(connection), turns, calls),
      "no network": await measure(operationOn(answered), turns, 40 * calls),
    }
  } finally {
    await Effect.runPromise(Scope.close(scope, Exit.void))
  }
}

/** Prints the figures. */
export const telemetry = async (): Promise<void> => {
  console.log("\ntelemetry without a tracer, CPU of a call")
  for (const [name, { on, off, percent, error }] of Object.entries(await measureTelemetry())) {
    const added = `adds ${percent.toFixed(1)} % (standard error ${error.toFixed(1)})`
    console.log(`  ${name.padEnd(14)} on ${on.toFixed(1)} us   off ${off.toFixed(1)} us   ${added}`)
  }
}
