/** Decodes parameters of a connection that may be wrong, for the tests of ConnectionConfig. */
import { assert, assertEquals, assertMatch, fail } from "@std/assert"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { type ConnectionConfig, type ConnectParams, make } from "../../src/ConnectionConfig.ts"
import { type NotImplemented, ParamError } from "../../src/errors.ts"

// Casts: the types forbid most of these parameters.
export const exitOf = (params?: unknown): Exit.Exit<ConnectionConfig, NotImplemented | ParamError> =>
  Effect.runSyncExit(make(params as ConnectParams))
export const decoded = (params?: unknown): ConnectionConfig => Effect.runSync(make(params as ConnectParams))
export const refused = (params: unknown): NotImplemented | ParamError =>
  Effect.runSync(Effect.flip(make(params as never)))

/** Asserts that each case fails with the name of a parameter, and with a matching expectation if one is given. */
export const assertRefused = (
  cases: ReadonlyArray<readonly [params: unknown, parameter: string, expected?: RegExp]>,
) => {
  for (const [params, parameter, expected] of cases) {
    const exit = exitOf(params)
    if (Exit.isSuccess(exit)) fail(`${inspect(params)} gives ${inspect(exit.value)}`)
    const error = refused(params)
    assert(error instanceof ParamError, `${inspect(params)}: ${error.message}`)
    assertEquals(error.parameter, parameter, inspect(params))
    if (expected !== undefined) assertMatch(error.expected, expected)
  }
}

export const inspect = (value: unknown): string => {
  try {
    return Deno.inspect(value, { depth: 20, showHidden: true, strAbbreviateSize: 1e5 })
  } catch {
    return "a value that cannot be inspected"
  }
}
