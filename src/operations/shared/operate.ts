/** Makes an operation that consists of one call. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Connection from "../../Connection.ts"
import type { Decoded } from "../../config/params.ts"
import type { CallError, ParamError } from "../../errors.ts"
import { currentConnection, requireVersion } from "./currentConnection.ts"
import { operation } from "./operation.ts"
import { checkOptions, optionNames } from "./options.ts"
import { operationOf } from "../../contract/rpcs.ts"
import { collectionIn } from "../../telemetry/observe.ts"

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
  /**
   * The name of the operation.
   *
   * @default That of `requires`, or else the operation that makes the RPC.
   */
  readonly operation?: string
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
  checks: Checks = {},
): Effect.Effect<Connection.Methods[M]["response"], CallError | ParamError, Connection.Connection> =>
  Effect.suspend(() => {
    const decoded = decode(options, request, checks)
    const collection = Result.isSuccess(decoded) ? collectionIn(decoded.success) : undefined
    return operation(
      checks.operation ?? checks.requires?.[0] ?? operationOf(method),
      collection,
      options,
      callDecoded(method, options, decoded, checks),
    )
  })

/** Makes a call as {@linkcode operate} does, as a part of an operation that makes others. */
export const operatePart = <M extends keyof Connection.Methods>(
  method: M,
  options: Connection.CallOptions | undefined,
  request: () => Decoded<Connection.Methods[M]["request"]>,
  checks: Checks = {},
): Effect.Effect<Connection.Methods[M]["response"], CallError | ParamError, Connection.Connection> =>
  Effect.suspend(() => callDecoded(method, options, decode(options, request, checks), checks))

const decode = <A>(
  options: Connection.CallOptions | undefined,
  request: () => Decoded<A>,
  { options: names = callOptionNames }: Checks,
): Decoded<A> => Result.flatMap(checkOptions(options, names), request)

const callDecoded = <M extends keyof Connection.Methods>(
  method: M,
  options: Connection.CallOptions | undefined,
  request: Decoded<Connection.Methods[M]["request"]>,
  { since = {}, requires }: Checks,
): Effect.Effect<Connection.Methods[M]["response"], CallError | ParamError, Connection.Connection> =>
  Effect.gen(function* () {
    const decoded = yield* Effect.fromResult(request)
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
