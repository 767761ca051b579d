/**
 * Runs the operations of a module as promises. The module is loaded at its first use, so that connecting stays fast.
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Connection from "../Connection.ts"
import { type AbortOptions, iterate, run } from "./run.ts"

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
export const bridge = <M>(connection: Connection.Connection, load: () => Promise<M>): Bridge<M> => {
  const operations = Effect.promise(load)
  return {
    by: (use, options) =>
      run(
        Effect.provideService(
          Effect.flatMap(operations, (module) => use(module, withoutSignal(options))),
          Connection.Connection,
          connection,
        ),
        options,
      ),
    each: (use, options) =>
      iterate(
        Stream.provideService(
          Stream.unwrap(Effect.map(operations, (module) => use(module, withoutSignal(options)))),
          Connection.Connection,
          connection,
        ),
        options,
      ),
  }
}

/** Makes a function that makes one value for each connection, when it is first asked for. */
export const forConnection = <A extends object>(make: (connection: Connection.Connection) => A): typeof make => {
  const made = new WeakMap<Connection.Connection, A>()
  return (connection) => {
    const known = made.get(connection) ?? make(connection)
    made.set(connection, known)
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
