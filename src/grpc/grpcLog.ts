/**
 * Messages that grpc-js would write to stderr go to Effect's logger, at level `Debug`, as one printable line.
 *
 * The loggers, and the least level, are those of the fiber that connected last: grpc-js has one logger for the process, and
 * does not report which channel a message is about. Nothing is changed if the application has set a logger of its own by
 * `setLogger`, or asks for messages by `GRPC_VERBOSITY`, `GRPC_TRACE` or their `GRPC_NODE_` forms; a logger that it sets
 * later takes the place of this one.
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

/** From now on messages go to the loggers of this fiber. */
export const useLoggers: Effect.Effect<void> = Effect.withFiber((fiber) => {
  loggers = Context.make(References.CurrentLoggers, fiber.getRef(References.CurrentLoggers)).pipe(
    Context.add(References.MinimumLogLevel, fiber.getRef(References.MinimumLogLevel)),
  )
  if (!isInstalled) install()
  return Effect.void
})

/** Writes a message of the transport, or about it. */
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

/** The logger that grpc-js starts with, which nothing else tells from one that was set. */
const writesToStderr = /console\.error\(\s*["'`]E /
