/** Output of the examples: titles and lines of two columns. */
import * as Console from "effect/Console"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"

/** Prints the title of a section. */
export const title = (text: string): Effect.Effect<void> =>
  Console.log(`\n── ${text} ${"─".repeat(Math.max(0, 74 - text.length))}`)

/** Prints a name and a value. */
export const line = (name: string, value: string): Effect.Effect<void> => Console.log(`  ${name.padEnd(24)} ${value}`)

/** Runs an Effect, and prints its result and how long it took. */
export const timed = <A, E, R>(
  name: string,
  effect: Effect.Effect<A, E, R>,
  show: (value: A) => string,
): Effect.Effect<A, E, R> =>
  Effect.flatMap(Effect.timed(effect), ([time, value]) => {
    const seconds = Duration.toSeconds(time)
    const shown = seconds < 0.1 ? `${(seconds * 1000).toFixed(1)} ms` : `${seconds.toFixed(2)} s`
    return Effect.as(line(name, `${show(value).padEnd(52)} ${shown.padStart(9)}`), value)
  })
