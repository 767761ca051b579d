/** Warns of credentials that are sent in plain text. */
import * as Effect from "effect/Effect"
import { isLocal } from "../config/address.ts"
import type { ConnectionConfig } from "../ConnectionConfig.ts"
import { withRequestId } from "../telemetry/trace.ts"

/** Addresses with a warning already. */
const warned = new Set<string>()

/** Logs a warning if credentials are sent without TLS to another machine, once for each address of the process. */
export const warnOfPlainCredentials = (config: ConnectionConfig): Effect.Effect<void> => {
  const { address, token, password, secure } = config
  const isSafe = token === undefined && password === undefined || secure || isLocal(config)
  if (isSafe || warned.has(address)) return Effect.void
  warned.add(address)
  return withRequestId(Effect.logWarning(
    `credentials go to ${address} without TLS, and can be read on the way: use the parameter "tls"`,
  ))
}
