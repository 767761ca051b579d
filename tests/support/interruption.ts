/** Interrupts Effects at random moments. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Metric from "effect/Metric"

/** Waits for a random time: some microtasks, some turns of the event loop, or up to `most` milliseconds. */
export const aMoment = async (most: number): Promise<void> => {
  const kind = Math.random()
  if (kind < 0.2) { for (let turns = Math.random() * 40; turns > 0; turns--) await Promise.resolve() }
  else if (kind < 0.4) { for (let turns = Math.random() * 10; turns > 0; turns--) await new Promise(setImmediate) }
  else await new Promise((resolve) => setTimeout(resolve, Math.random() * most))
}

/** Result of {@linkcode interruptAtRandom}. */
export interface Interrupted {
  /** Number of Effects that succeeded before they were interrupted. */
  readonly ended: number
  /** Returns the number of fibers that still run, including those that the Effects forked. */
  readonly running: () => number
}

/**
 * Starts an Effect `times` times, `atOnce` at a time, and interrupts each run after up to `most` milliseconds. If it is
 * patient, it waits up to five times as long while a busy machine ends hardly any.
 */
export const interruptAtRandom = async (
  effect: Effect.Effect<unknown, unknown> | (() => Effect.Effect<unknown, unknown>),
  { times, most, atOnce = 10, isPatient = false }: {
    readonly times: number
    readonly most: number
    readonly atOnce?: number
    readonly isPatient?: boolean
  },
): Promise<Interrupted> => {
  let [ended, running, left] = [0, 0, times]
  const bound = () => isPatient && times - left > 100 && ended < (times - left) / 20 ? 5 * most : most
  const counting = Context.make(Metric.FiberRuntimeMetrics, {
    recordFiberStart: () => void running++,
    recordFiberEnd: () => void running--,
  })
  const worker = async () => {
    while (left-- > 0) {
      const fiber = Effect.runForkWith(counting)(Effect.isEffect(effect) ? effect : effect())
      fiber.addObserver((exit) => void (ended += exit._tag === "Success" ? 1 : 0))
      await aMoment(bound())
      await Effect.runPromise(Fiber.interrupt(fiber))
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return { ended, running: () => running }
}
