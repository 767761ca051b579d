/** Makes an operation that consists of one call. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Connection from "../../Connection.ts"
import type { Decoded } from "../../config/params.ts"
import type { CallError, ParamError } from "../../errors.ts"
import { currentConnection, requireVersion } from "./currentConnection.ts"
import { checkOptions, optionNames } from "./options.ts"

/** The checks of an operation before its call. */
export interface Checks {
  /**
   * The names of its options.
   *
   * @default Those of every call.
   */
  readonly options?: ReadonlySet<string>
  /**
   * The options that came with a later version of Milvus than the RPC, each with that version. A server that is known
   * to be older is not called with them.
   */
  readonly since?: Readonly<Record<string, string>>
  /** The name of an operation that came with a later version of Milvus than its RPC, and that version. */
  readonly requires?: readonly [operation: string, version: string]
}

/**
 * Checks the options and the arguments of an operation, and calls its RPC. `request` decodes the arguments; it runs
 * before anything is sent, and fails with a `ParamError` for an invalid one.
 */
export const operate = <M extends keyof Connection.Methods>(
  method: M,
  options: Connection.CallOptions | undefined,
  request: () => Decoded<Connection.Methods[M]["request"]>,
  { options: names = callOptionNames, since = {}, requires }: Checks = {},
): Effect.Effect<Connection.Methods[M]["response"], CallError | ParamError, Connection.Connection> =>
  Effect.gen(function* () {
    const decoded = yield* Effect.fromResult(Result.flatMap(checkOptions(options, names), request))
    const connection = yield* currentConnection(options)
    // Cast: an object can be read by the names of its properties.
    const given = (options ?? {}) as Readonly<Record<string, unknown>>
    if (requires !== undefined) yield* requireVersion(connection, method, undefined, requires[1], requires[0])
    for (const [name, version] of Object.entries(since)) {
      if (given[name] !== undefined) yield* requireVersion(connection, method, name, version)
    }
    return yield* connection.call(method, decoded, options)
  })

/** The names of the options of an operation that has no others than those of every call. */
export const callOptionNames: ReadonlySet<string> = optionNames<Connection.CallOptions>()
