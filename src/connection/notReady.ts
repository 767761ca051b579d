/**
 * Why a server is not ready, out of the errors of a handshake.
 *
 * The kind follows from how far the attempt came and from the codes of errors. Words count for one thing only: that HTTP/2
 * itself failed, which this side notices and puts into words of its own.
 */
import type * as Duration from "effect/Duration"
import type { ConnectionConfig } from "../ConnectionConfig.ts"
import { NotReady, type NotReadyKind, type RpcError, type ServerError } from "../errors.ts"
import { missingNetPermission } from "../config/permissions.ts"
import { ConnectFailure, ReplyFault, StreamLost } from "../grpc/failureCauses.ts"

/** Why one attempt failed. */
export interface HandshakeFailure {
  readonly kind: NotReadyKind
  /** In the words of the server or the socket. */
  readonly reasons: ReadonlyArray<string>
  readonly cause?: unknown
  /** The reason may be another than it seems, one that passes. */
  readonly mayBeMisclassified?: boolean
  /** Whether the peer ended the connection without a reason. */
  readonly isHangUp?: boolean
}

/** Whether the next attempt may do better. */
export const isTransient = (
  config: ConnectionConfig,
  { kind, mayBeMisclassified = false }: HandshakeFailure,
): boolean =>
  mayBeMisclassified || kind === "Timeout" || kind === "Unhealthy" ||
  kind === "Unreachable" && missingPermission(config) === undefined

/** The error that the caller gets. */
export const toNotReady = (
  config: ConnectionConfig,
  { kind, reasons, cause, isHangUp = false }: HandshakeFailure,
  effort: { readonly attempts: number; readonly elapsed: Duration.Duration },
): NotReady => {
  const hint = kind === "Unreachable" ? missingPermission(config) ?? tlsHint(config, isHangUp) : undefined
  const all = hint === undefined ? reasons : [hint, ...reasons]
  return new NotReady({ address: config.address, kind, reasons: all, cause, ...effort })
}

/** A name that may not be looked up just does not resolve: nothing else tells that Deno is in the way. */
const missingPermission = ({ host, port }: ConnectionConfig): string | undefined => missingNetPermission(host, port)

/** A port with TLS says nothing to a client without: it hangs up. */
const tlsHint = ({ secure }: ConnectionConfig, isHangUp: boolean): string | undefined =>
  !secure && isHangUp ? "the peer hung up; does it want TLS?" : undefined

/** Whether the server does not know the RPC. */
export const isUnimplemented = (error: RpcError | ServerError): error is RpcError =>
  error._tag === "RpcError" && error.code === "UNIMPLEMENTED"

/** What answers is no Milvus. */
export const incompatible = (error: RpcError): HandshakeFailure => ({
  kind: "Incompatible",
  reasons: [error.details],
  cause: error,
})

/** What an error of the handshake means. */
export const classifyFailure = (config: ConnectionConfig, error: RpcError | ServerError): HandshakeFailure => {
  if (error._tag === "ServerError") {
    return { kind: isNotServingYet(error) ? "Unhealthy" : "Rejected", reasons: [error.reason], cause: error }
  }
  return { reasons: [error.details], cause: error, ...kindOf(config, error) }
}

/** Codes of Milvus while it starts: service not ready (1), and the legacy NotReadyServe and NotReadyCoordActivating. */
const isNotServingYet = ({ code, retriable }: ServerError): boolean =>
  retriable || code === 1 || code === 56 || code === 57

type Kind = Pick<HandshakeFailure, "kind" | "mayBeMisclassified" | "isHangUp">

const kindOf = (config: ConnectionConfig, error: RpcError): Kind => {
  const { code, cause } = error
  if (cause instanceof ConnectFailure) return kindOfFailure(config, cause)
  switch (code) {
    case "UNAUTHENTICATED":
      return { kind: "Unauthenticated" }
    case "DEADLINE_EXCEEDED":
      return { kind: "Timeout" }
    case "UNIMPLEMENTED":
      return { kind: "Incompatible" }
    case "UNAVAILABLE":
      // A proxy whose server is not up yet answers without a status of gRPC.
      if (cause instanceof ReplyFault) return { kind: "Incompatible", mayBeMisclassified: true }
      return cause instanceof StreamLost ? kindOfLoss(config, cause) : { kind: "Unreachable" }
    case "INTERNAL":
    case "UNKNOWN":
    case "CANCELLED":
      if (cause instanceof ReplyFault) return { kind: "Incompatible" }
      if (cause instanceof StreamLost) return kindOfLoss(config, cause)
      return { kind: code === "UNKNOWN" ? "Rejected" : "Unreachable" }
    default:
      return { kind: cause instanceof ReplyFault ? "Incompatible" : "Rejected" }
  }
}

const kindOfFailure = (config: ConnectionConfig, failure: ConnectFailure): Kind => {
  switch (failure.stage) {
    case "Abandoned":
      return { kind: "Timeout" }
    case "Tcp":
      return { kind: "Unreachable" }
    case "Tls":
      // A peer that goes away may be one that restarts.
      return { kind: "Tls", mayBeMisclassified: failure.isHangUp }
    case "Http2":
      return failure.isHangUp ? kindOfLoss(config, failure) : kindOfTrouble(config, failure)
  }
}

/** The connection ended under the first calls, or before them. */
const kindOfLoss = ({ secure }: ConnectionConfig, { message }: Error): Kind => {
  if (protocolErrorPattern.test(message)) return { kind: "Incompatible" }
  // A server that refuses the client's certificate says so after its part of the handshake is done. Its words and the end
  // of the connection race with the first bytes of the client, and the end often wins.
  return secure ? { kind: "Tls", mayBeMisclassified: true } : { kind: "Unreachable", isHangUp: true }
}

/** The socket reported an error of its own. */
const kindOfTrouble = ({ secure }: ConnectionConfig, { message }: Error): Kind =>
  protocolErrorPattern.test(message) ? { kind: "Incompatible" } : { kind: secure ? "Tls" : "Unreachable" }

const protocolErrorPattern = /protocol error|bad frame|settings|preface/i
