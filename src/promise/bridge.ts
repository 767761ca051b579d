/**
 * Runs the operations of a module as promises. The module is loaded at its first use, so that connecting stays fast.
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Connection from "../Connection.ts"
import { type AbortOptions, iterate, run } from "./run.ts"

/** Runs operations of a module `M` on one connection. */
export interface Bridge<M> {
  /** Runs an operation as a promise. */
  readonly by: <A, E>(
    use: (operations: M) => Effect.Effect<A, E, Connection.Connection>,
    options: AbortOptions | undefined,
  ) => Promise<A>
  /** Runs an operation as an async iterable of the elements of its stream. */
  readonly each: <A, E>(
    use: (operations: M) => Stream.Stream<A, E, Connection.Connection>,
    options: AbortOptions | undefined,
  ) => AsyncIterable<A>
}

/** Makes a bridge over a connection. `load` imports the module. */
export const bridge = <M>(connection: Connection.Connection, load: () => Promise<M>): Bridge<M> => {
  const operations = Effect.promise(load)
  return {
    by: (use, options) =>
      run(Effect.provideService(Effect.flatMap(operations, use), Connection.Connection, connection), options),
    each: (use, options) =>
      iterate(
        Stream.provideService(Stream.unwrap(Effect.map(operations, use)), Connection.Connection, connection),
        options,
      ),
  }
}
