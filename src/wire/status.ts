/** What Milvus says about a call in its reply, beside the status of gRPC. */
import * as Predicate from "effect/Predicate"
import { ServerError } from "../errors.ts"
import core from "./descriptor.core.json" with { type: "json" }
import type { Status } from "./messages.gen.ts"

const legacyCodes: Readonly<Record<string, number>> =
  core.nested.milvus.nested.proto.nested.common.nested.ErrorCode.values

/** The error in a reply, where its status is one other than success. */
export const statusError = (method: string, address: string, response: object): ServerError | undefined => {
  const status = statusOf(response)
  if (status === undefined || status.code === 0 && status.error_code === "Success") return undefined
  const code = status.code !== 0 ? status.code : legacyCode(status)
  const reason = status.reason || status.detail || String(status.error_code)
  return new ServerError({ method, address, code, reason, retriable: status.retriable })
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
