/** What Milvus says about a call in its reply, beside the status of gRPC. */
import type * as Duration from "effect/Duration"
import * as Predicate from "effect/Predicate"
import { ServerError, type ServerRefusal } from "../errors.ts"
import core from "./descriptor.core.json" with { type: "json" }
import type { Status } from "./messages.gen.ts"

const legacyCodes: Readonly<Record<string, number>> =
  core.nested.milvus.nested.proto.nested.common.nested.ErrorCode.values

/** The error in a reply, where its status is one other than success. */
export const statusError = (
  method: string,
  address: string,
  response: object,
  retryAfter: () => Duration.Duration | undefined,
): ServerError | undefined => {
  const status = statusOf(response)
  if (status === undefined || status.code === 0 && status.error_code === "Success") return undefined
  const code = status.code !== 0 ? status.code : legacyCode(status)
  const reason = status.reason || status.detail || String(status.error_code)
  const { retriable } = status
  const refusal = refusalOf(status)
  return new ServerError({ method, address, code, reason, retriable, refusal, retryAfter: retryAfter() })
}

/** The codes of Milvus 2.3 and later beside those of older servers: the same number means another thing in each. */
const refusalOf = ({ code, error_code, retriable }: Status): ServerRefusal | undefined => {
  if (code === 8 || error_code === "RateLimit") return "RateLimit"
  if (code === 9 || error_code === "ForceDeny") return "ForceDeny"
  if (error_code === "NotReadyServe" || error_code === "NotReadyCoordActivating") return "NotReady"
  // 1: the service is not ready; 4: there are too many requests.
  if (retriable && code === 1) return "NotReady"
  return retriable && code === 4 ? "RateLimit" : undefined
}

const legacyCode = ({ error_code }: Status): number =>
  typeof error_code === "number" ? error_code : legacyCodes[error_code] ?? 1

/** A reply is a status, has one, or says nothing. */
const statusOf = (response: object): Status | undefined => {
  if (Predicate.hasProperty(response, "status") && isStatus(response.status)) return response.status
  return isStatus(response) ? response : undefined
}

const isStatus = (value: unknown): value is Status =>
  Predicate.hasProperty(value, "error_code") && Predicate.hasProperty(value, "retriable")
