/** The database in which an effect makes its calls, if it is not that of the connection. */
import * as Context from "effect/Context"

/**
 * The database of all calls of an effect, streams and iterators included. Provide it with `Database.withDatabase`, or
 * to a stream with `Stream.provideService`.
 *
 * @default The `database` of the connection.
 */
export const CurrentDatabase: Context.Reference<string | undefined> = Context.Reference<string | undefined>(
  "@effect-milvus/client/CurrentDatabase",
  { defaultValue: () => undefined },
)
