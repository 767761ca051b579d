/**
 * Sends messages that grpc-js would write to stderr to Effect's logger, at level `Debug`, as one printable line each.
 *
 * The loggers and the minimum level are those of the fiber that connected last: grpc-js has one logger for the process,
 * and does not report which channel a message is about. Nothing is changed if the application has set its own logger by
 * `setLogger`, or requests messages by `GRPC_VERBOSITY`, `GRPC_TRACE` or their `GRPC_NODE_` forms. A logger that it
 * sets later replaces this one.
 */
import { getLogger } from "@grpc/grpc-js/build/src/logging.js"
import * as grpc from "@grpc/grpc-js"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as References from "effect/References"
import { oneLine } from "../text/printable.ts"
import { readableEnvironment } from "../config/permissions.ts"

let isInstalled = false
let loggers: Context.Context<never> = Context.empty()

/** Makes the loggers of the current fiber those that get the messages. */
export const useLoggers: Effect.Effect<void> = Effect.withFiber((fiber) => {
  loggers = Context.make(References.CurrentLoggers, fiber.getRef(References.CurrentLoggers)).pipe(
    Context.add(References.MinimumLogLevel, fiber.getRef(References.MinimumLogLevel)),
  )
  if (!isInstalled) install()
  return Effect.void
})

/** Logs a message of the transport, or about it. */
export const logDebug = (message: string): void => {
  Effect.runForkWith(loggers)(Effect.logDebug(oneLine(message)))
}

const install = (): void => {
  isInstalled = true
  const isChosen = Object.values(readableEnvironment(variables)).some((value) => value !== "")
  if (isChosen || !writesToStderr.test(String(getLogger().error))) return
  const log = (...words: ReadonlyArray<unknown>) => logDebug(words.map(String).join(" "))
  grpc.setLogger({ error: log, info: log, debug: log })
}

const variables = ["GRPC_VERBOSITY", "GRPC_TRACE", "GRPC_NODE_VERBOSITY", "GRPC_NODE_TRACE"]

/** Matches the source of the initial logger of grpc-js: nothing else distinguishes it from one that was set. */
const writesToStderr = /console\.error\(\s*["'`]E /
