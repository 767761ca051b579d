/**
 * Runs the operations of a module as promises. The module is loaded at its first use, so that connecting stays fast.
 */
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type * as Connection from "../Connection.ts"
import { type AbortOptions, iterate, run } from "./run.ts"

/** The services of operations: a connection, and the database and the principal of its views. */
export type Services = Context.Context<Connection.Connection>

/** Runs operations of a module `M` on one connection. They get their options without `signal`. */
export interface Bridge<M> {
  /** Runs an operation as a promise. */
  readonly by: <A, E, O extends AbortOptions | undefined>(
    use: (operations: M, options: O) => Effect.Effect<A, E, Connection.Connection>,
    options: O,
  ) => Promise<A>
  /** Runs an operation as an async iterable of the elements of its stream. */
  readonly each: <A, E, O extends AbortOptions | undefined>(
    use: (operations: M, options: O) => Stream.Stream<A, E, Connection.Connection>,
    options: O,
  ) => AsyncIterable<A>
}

/** Makes a bridge over a connection. `load` imports the module. */
export const bridge = <M>(services: Services, load: () => Promise<M>): Bridge<M> => {
  const operations = Effect.promise(load)
  return {
    by: (use, options) =>
      run(
        Effect.provideContext(
          Effect.flatMap(operations, (module) => use(module, withoutSignal(options))),
          services,
        ),
        options,
      ),
    each: (use, options) =>
      iterate(
        Stream.provideContext(
          Stream.unwrap(Effect.map(operations, (module) => use(module, withoutSignal(options)))),
          services,
        ),
        options,
      ),
  }
}

/** Makes a function that makes one value for each key, when it is first asked for. */
export const oncePer = <K extends object, A extends object>(make: (key: K) => A): (key: K) => A => {
  const made = new WeakMap<K, A>()
  return (key) => {
    const known = made.get(key) ?? make(key)
    made.set(key, known)
    return known
  }
}

/** Makes a function that imports a module once. A failure is not kept. */
export const loadOnce = <M>(load: () => Promise<M>): () => Promise<M> => {
  let loading: Promise<M> | undefined
  return () =>
    loading ??= load().catch((error) => {
      loading = undefined
      throw error
    })
}

/** Returns options without the signal, which is not for the operation. */
export const withoutSignal = <O>(options: O): O => {
  if (!hasSignal(options)) return options
  const { signal: _, ...others } = options
  // Cast: the signal is optional in `O`.
  return others as O
}

/** Whether a value is options with a signal. One that is not a signal is refused when the operation starts. */
export const hasSignal = (value: unknown): value is AbortOptions =>
  typeof value === "object" && value !== null && "signal" in value
