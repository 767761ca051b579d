/** Reads the status that Milvus puts into a reply, in addition to the status of gRPC. */
import type * as Duration from "effect/Duration"
import * as Predicate from "effect/Predicate"
import { ServerError, type ServerRefusal } from "../errors.ts"
import type { Status as DecodedStatus } from "../codec/messages/milvusStatus.ts"
import core from "../contract/descriptor.core.json" with { type: "json" }
import type { Status } from "../contract/messages.gen.ts"
import type { StatusPath } from "../contract/shapes.ts"
import type { CallHeaders } from "./callHeaders.ts"

const legacyCodes = core.nested.milvus.nested.proto.nested.common.nested.ErrorCode.values

/** The parts of a call that a `ServerError` has. */
interface RefusedCall {
  readonly name: string
  readonly address: string
  readonly headers: Pick<CallHeaders, "trace">
}

/**
 * Returns the error in a reply if one of its statuses is not success. A batch has a status for each of its parts: it
 * fails as a whole if one of them failed, and the reason names the first of those.
 */
export const statusError = (
  { name: method, address, headers: { trace } }: RefusedCall,
  response: object,
  paths: ReadonlyArray<StatusPath>,
  retryAfter: () => Duration.Duration | undefined,
): ServerError | undefined => {
  for (const path of paths) {
    const failed = failedAt(response, path, 0, "")
    if (failed === undefined) continue
    const { status, place } = failed
    const { retriable } = status
    const code = status.code !== 0 ? status.code : codeOfLegacy(status)
    const reason = place + (status.reason || status.detail || `code ${code}`)
    const refusal = refusalOf(status)
    const requestId = trace?.requestId
    return new ServerError({ method, address, code, reason, retriable, refusal, retryAfter: retryAfter(), requestId })
  }
  return undefined
}

/** Finds the first status along a path that is not success; `place` names its part of a batch. */
const failedAt = (
  value: unknown,
  path: StatusPath,
  at: number,
  place: string,
): { readonly status: StatusText; readonly place: string } | undefined => {
  const name = path[at]
  if (name === undefined) {
    const status = failureOf(value)
    return status === undefined ? undefined : { status, place }
  }
  const inner = Predicate.hasProperty(value, name) ? value[name] : undefined
  if (!Array.isArray(inner)) return failedAt(inner, path, at + 1, place)
  for (const [index, part] of inner.entries()) {
    const failed = failedAt(part, path, at + 1, `${place}${name}[${index}]: `)
    if (failed !== undefined) return failed
  }
  return undefined
}

/** A status, from either codec. */
interface StatusText {
  /** The code of Milvus 2.3 and later; 0 for success, and from older servers. */
  readonly code: number
  /** The code of older servers; 0 for success. */
  readonly legacy: number
  readonly reason: string
  readonly detail: string
  readonly retriable: boolean
}

/** Classifies by both codes: the same number means something else in Milvus 2.3 and later than in older servers. */
const refusalOf = ({ code, legacy, retriable }: StatusText): ServerRefusal | undefined => {
  if (code === 8 || legacy === legacyCodes.RateLimit) return "RateLimit"
  if (code === 9 || legacy === legacyCodes.ForceDeny) return "ForceDeny"
  if (legacy === legacyCodes.SchemaMismatch) return "SchemaMismatch"
  if (legacy === legacyCodes.NotReadyServe || legacy === legacyCodes.NotReadyCoordActivating) return "NotReady"
  // 1: the service is not ready; 4: there are too many requests.
  if (retriable && code === 1) return "NotReady"
  return retriable && code === 4 ? "RateLimit" : undefined
}

/**
 * Returns the code of a server that has only a legacy one. Missing collections and indexes get today's number: the
 * legacy number of a missing collection means too many requests today.
 */
const codeOfLegacy = ({ legacy }: StatusText): number => {
  if (legacy === legacyCodes.CollectionNotExists) return 100
  return legacy === legacyCodes.IndexNotExist ? 700 : legacy
}

/** Returns a status that is not success. */
const failureOf = (status: unknown): StatusText | undefined => {
  // The codec of frequent messages returns the number of the code, the generic one its name.
  if (isDecoded(status)) return unlessSuccess(status, status.errorCode)
  return isGeneric(status) ? unlessSuccess(status, legacyOf(status.error_code)) : undefined
}

const unlessSuccess = (status: Omit<StatusText, "legacy">, legacy: number): StatusText | undefined =>
  status.code === 0 && legacy === 0 ? undefined : { ...status, legacy }

const codesByName: ReadonlyMap<string, number> = new Map(Object.entries(legacyCodes))

const legacyOf = (code: Status["error_code"]): number => typeof code === "number" ? code : codesByName.get(code) ?? 1

const isDecoded = (value: unknown): value is DecodedStatus =>
  Predicate.hasProperty(value, "errorCode") && Predicate.hasProperty(value, "retriable")

const isGeneric = (value: unknown): value is Status =>
  Predicate.hasProperty(value, "error_code") && Predicate.hasProperty(value, "retriable")
