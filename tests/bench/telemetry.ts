/**
 * The cost of telemetry without a tracer: the CPU time of a call with it and without it, by turns in one process against
 * a server in another. `deno task bench telemetry`.
 *
 * Each figure is the median of many short turns, and so is the difference of neighbouring turns, since the speed of a
 * machine drifts more than what is measured here.
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
  return { on: median(on), off: base, percent: 100 * median(on.map((value, at) => value - off[at]!)) / base }
}

/** Measures calls by `connection.call`, and operations. */
export const measureTelemetry = async (
  turns = 60,
  calls = 500,
): Promise<Readonly<Record<"call" | "operation", Cost>>> => {
  await using server = await startServerProcess()
  const scope = Scope.makeUnsafe()
  const connection = await Effect.runPromise(Scope.provide(Connection.connect(server.address), scope))
  try {
    const operation = Effect.provideService(System.version(), Connection.Connection, connection)
    return {
      call: await measure(connection.call("GetVersion", {}), turns, calls),
      operation: await measure(operation, turns, calls),
    }
  } finally {
    await Effect.runPromise(Scope.close(scope, Exit.void))
  }
}

/** Prints the figures. */
export const telemetry = async (): Promise<void> => {
  console.log("\ntelemetry without a tracer, CPU of a call")
  for (const [name, { on, off, percent }] of Object.entries(await measureTelemetry())) {
    console.log(`  ${name.padEnd(14)} on ${on.toFixed(1)} us   off ${off.toFixed(1)} us   adds ${percent.toFixed(1)} %`)
  }
}
