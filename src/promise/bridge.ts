/** A module of operations by promises. It is loaded at its first use: a script that only connects does without. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Connection from "../Connection.ts"
import { type AbortOptions, iterate, run } from "./run.ts"

/** What runs operations of a module `M`. */
export interface Bridge<M> {
  /** Runs one to a promise. */
  readonly by: <A, E>(
    use: (operations: M) => Effect.Effect<A, E, Connection.Connection>,
    options: AbortOptions | undefined,
  ) => Promise<A>
  /** Runs one to what it gives bit by bit. */
  readonly each: <A, E>(
    use: (operations: M) => Stream.Stream<A, E, Connection.Connection>,
    options: AbortOptions | undefined,
  ) => AsyncIterable<A>
}

/** Runs operations over a connection. */
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
