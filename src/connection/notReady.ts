/**
 * Classifies the errors of a handshake: why the server is not ready.
 *
 * The kind follows from how far the attempt came and from the codes of errors. Error texts are used for one case only,
 * a failure of HTTP/2 itself: this side detects it, so the text is not the server's.
 */
import * as Duration from "effect/Duration"
import type { ConnectionConfig } from "../ConnectionConfig.ts"
import { type ConnectionLimit, NotReady, type NotReadyKind, type RpcError, type ServerError } from "../errors.ts"
import { missingNetPermission } from "../config/permissions.ts"
import { ConnectFailure, ReplyFault, StreamLost } from "../grpc/failureCauses.ts"

/** Why one attempt failed. */
export interface HandshakeFailure {
  readonly kind: NotReadyKind
  /** The texts of the server or the socket. */
  readonly reasons: ReadonlyArray<string>
  readonly cause?: unknown
  /** Whether the classification is uncertain, and the real cause may be transient. */
  readonly mayBeMisclassified?: boolean
  /** Whether the peer ended the connection without a reason. */
  readonly isHangUp?: boolean
}

/** Whether the next attempt may succeed. */
export const isTransient = (
  config: ConnectionConfig,
  { kind, mayBeMisclassified = false }: HandshakeFailure,
): boolean =>
  mayBeMisclassified || kind === "Timeout" || kind === "Unhealthy" ||
  kind === "Unreachable" && missingPermission(config) === undefined

/** Returns the error for the caller. */
export const toNotReady = (
  config: ConnectionConfig,
  { kind, reasons, cause, isHangUp = false }: HandshakeFailure,
  effort: { readonly attempts: number; readonly elapsed: Duration.Duration },
): NotReady => {
  const hint = kind === "Unreachable" ? missingPermission(config) ?? tlsHint(config, isHangUp) : undefined
  const all = hint === undefined ? reasons : [hint, ...reasons]
  return new NotReady({ address: config.address, kind, reasons: all, cause, ...effort })
}

/**
 * Returns the error of several servers, none of which is ready. Its kind is that of the first that may become ready
 * later, or else that of the first.
 */
export const joinFailures = (
  failures: ReadonlyArray<NotReady | ConnectionLimit>,
): NotReady | ConnectionLimit => {
  const notReady = failures.filter((failure) => failure._tag === "NotReady")
  const decisive = notReady.find((failure) => failure.isRetryable) ?? notReady[0]
  if (decisive === undefined || failures.length === 1) return failures[0]!
  return new NotReady({
    address: failures.map(({ address }) => address).join(", "),
    kind: decisive.kind,
    reasons: failures.map(({ message }) => message),
    attempts: notReady.reduce((sum, { attempts }) => sum + attempts, 0),
    elapsed: notReady.map(({ elapsed }) => elapsed).reduce(Duration.max),
    cause: decisive.cause,
  })
}

/** Without the permission a name just does not resolve: no error mentions Deno. */
const missingPermission = ({ host, port }: ConnectionConfig): string | undefined => missingNetPermission(host, port)

/** A port with TLS closes the connection of a client without TLS, and gives no reason. */
const tlsHint = ({ secure }: ConnectionConfig, isHangUp: boolean): string | undefined =>
  !secure && isHangUp ? "the peer hung up; does it want TLS?" : undefined

/** Whether the server does not implement the RPC. */
export const isUnimplemented = (error: RpcError | ServerError): error is RpcError =>
  error._tag === "RpcError" && error.code === "UNIMPLEMENTED"

/** The failure of a peer that is not a Milvus server. */
export const incompatible = (error: RpcError): HandshakeFailure => ({
  kind: "Incompatible",
  reasons: [error.details],
  cause: error,
})

/** Classifies an error of the handshake. */
export const classifyFailure = (config: ConnectionConfig, error: RpcError | ServerError): HandshakeFailure => {
  if (error._tag === "ServerError") {
    return { kind: isNotServingYet(error) ? "Unhealthy" : "Rejected", reasons: [error.reason], cause: error }
  }
  return { reasons: [error.details], cause: error, ...kindOf(config, error) }
}

/**
 * Milvus has these codes while it starts: service not ready (1), and the legacy NotReadyServe and
 * NotReadyCoordActivating.
 */
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
      // A proxy whose server is not up yet answers without a gRPC status.
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
      // The peer may be restarting.
      return { kind: "Tls", mayBeMisclassified: failure.isHangUp }
    case "Http2":
      return failure.isHangUp ? kindOfLoss(config, failure) : kindOfSocketError(config, failure)
  }
}

/** The connection ended during the first calls, or before them. */
const kindOfLoss = ({ secure }: ConnectionConfig, { message }: Error): Kind => {
  if (protocolErrorPattern.test(message)) return { kind: "Incompatible" }
  // A server that refuses the client's certificate sends its alert after its part of the handshake is done. The alert
  // and the end of the connection race with the first bytes of the client, and the end often wins.
  return secure ? { kind: "Tls", mayBeMisclassified: true } : { kind: "Unreachable", isHangUp: true }
}

/** The socket reported an error. */
const kindOfSocketError = ({ secure }: ConnectionConfig, { message }: Error): Kind =>
  protocolErrorPattern.test(message) ? { kind: "Incompatible" } : { kind: secure ? "Tls" : "Unreachable" }

const protocolErrorPattern = /protocol error|bad frame|settings|preface/i
