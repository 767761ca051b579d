/** Why a server is not ready, out of the errors of a handshake. */
import type * as Duration from "effect/Duration"
import type { ConnectionConfig } from "./ConnectionConfig.ts"
import { NotReady, type NotReadyKind, type RpcError, type ServerError } from "./errors.ts"
import { missingNetPermission } from "./wire/permissions.ts"

/** Why one attempt failed. */
export interface Refusal {
  readonly kind: NotReadyKind
  /** In the words of the server or the socket. */
  readonly reasons: ReadonlyArray<string>
  readonly cause?: unknown
  /** The reason may be another than it seems, one that passes. */
  readonly isUnsure?: boolean
}

/** Whether the next attempt may do better. */
export const mayPass = (config: ConnectionConfig, { kind, isUnsure = false }: Refusal): boolean =>
  isUnsure || kind === "Timeout" || kind === "Unhealthy" ||
  kind === "Unreachable" && missingPermission(config) === undefined

/** The error that the caller gets. */
export const notReadyOf = (
  config: ConnectionConfig,
  { kind, reasons, cause }: Refusal,
  effort: { readonly attempts: number; readonly elapsed: Duration.Duration },
): NotReady => {
  const hint = kind === "Unreachable" ? missingPermission(config) ?? tlsHint(config, reasons) : undefined
  const all = hint === undefined ? reasons : [hint, ...reasons]
  return new NotReady({ address: config.address, kind, reasons: all, cause, ...effort })
}

/** A name that may not be looked up just does not resolve: nothing else tells that Deno is in the way. */
const missingPermission = ({ host, port }: ConnectionConfig): string | undefined => missingNetPermission(host, port)

/** A port with TLS says nothing to a client without: it hangs up. */
const tlsHint = ({ secure }: ConnectionConfig, reasons: ReadonlyArray<string>): string | undefined =>
  !secure && reasons.some((reason) => hangUp.test(reason)) ? "the peer hung up; does it want TLS?" : undefined

/** Whether the server does not know the RPC. */
export const isUnimplemented = (error: RpcError | ServerError): error is RpcError =>
  error._tag === "RpcError" && error.code === "UNIMPLEMENTED"

/** What answers is no Milvus. */
export const incompatible = (error: RpcError): Refusal => ({
  kind: "Incompatible",
  reasons: [error.details],
  cause: error,
})

/** What an error of the handshake means. */
export const refusalOf = (config: ConnectionConfig, error: RpcError | ServerError): Refusal => {
  if (error._tag === "ServerError") {
    return { kind: isNotServingYet(error) ? "Unhealthy" : "Rejected", reasons: [error.reason], cause: error }
  }
  const refusal = { kind: kindOf(error), reasons: [error.details], cause: error }
  // A server that refuses the client's certificate says so after its part of the handshake is done. Its words and the end
  // of the connection race with the first bytes of the client, and the end often wins.
  const isRefusedCertificate = config.secure && refusal.kind === "Unreachable" && hangUp.test(error.details)
  return isRefusedCertificate ? { ...refusal, kind: "Tls", isUnsure: true } : refusal
}

/** Codes of Milvus while it starts: service not ready (1), and the legacy NotReadyServe and NotReadyCoordActivating. */
const isNotServingYet = ({ code, retriable }: ServerError): boolean =>
  retriable || code === 1 || code === 56 || code === 57

/** gRPC has one code for nearly all that can go wrong with a connection: only the details tell it apart. */
const kindOf = ({ code, details }: RpcError): NotReadyKind => {
  switch (code) {
    case "UNAUTHENTICATED":
      return "Unauthenticated"
    case "DEADLINE_EXCEEDED":
      return "Timeout"
    case "UNIMPLEMENTED":
      return "Incompatible"
    case "UNAVAILABLE":
      if (/Channel closed before call started/.test(details)) return "Timeout"
      if (tlsTrouble.test(details) && !hangUp.test(details)) return "Tls"
      return protocolTrouble.test(details) ? "Incompatible" : "Unreachable"
    case "INTERNAL":
    case "UNKNOWN":
    case "CANCELLED":
      if (protocolTrouble.test(details)) return "Incompatible"
      return code === "UNKNOWN" ? "Rejected" : "Unreachable"
    default:
      return "Rejected"
  }
}

const tlsTrouble = /certificate|InvalidContentType|ERR_TLS|ERR_SSL|SSL|TLS|altname|self.signed|handshake|EPROTO/i
const hangUp =
  /EPIPE|ECONNRESET|hang up|Failed to connect|closed before|disconnected before|Socket closed|Connection dropped/i
const protocolTrouble = /protocol error|parsing error|HTTP status|Received HTTP|bad frame|settings|preface/i
