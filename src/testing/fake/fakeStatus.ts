/** The status in a Milvus reply (`common.Status`), and the functions that refuse a call with one. */
import type { ErrorCode, StatusInput } from "../../contract/messages.gen.ts"
import type { RpcFailure, StatusFailure } from "./contract.ts"

/** Milvus error codes that the default handlers use. */
export const Code = {
  unexpected: 65535,
  serviceUnavailable: 2,
  collectionNotFound: 100,
  collectionNotLoaded: 101,
  collectionNotFullyLoaded: 103,
  collectionLoaded: 104,
  schemaMismatch: 109,
  partitionNotFound: 200,
  partitionNotLoaded: 201,
  resourceGroupNotFound: 300,
  replicaNotFound: 400,
  indexNotFound: 700,
  databaseNotFound: 800,
  databaseNameInvalid: 802,
  nodeNotFound: 901,
  keyNotFound: 1000,
  ioFailed: 1001,
  invalidParameter: 1100,
  missingParameter: 1101,
  metricNotFound: 1200,
  notAuthenticated: 1400,
  notPermitted: 1401,
  aliasNotFound: 1600,
  aliasIsCollection: 1601,
  aliasTaken: 1602,
  fieldNameInvalid: 1701,
  replicationDenied: 1900,
  importFailed: 2100,
} as const

/** The error codes for older clients. Milvus sends both. */
const legacyCodes: Readonly<Record<number, ErrorCode>> = {
  [Code.collectionNotFound]: "CollectionNotExists",
  [Code.schemaMismatch]: "SchemaMismatch",
  [Code.partitionNotFound]: "MetaFailed",
  [Code.replicaNotFound]: "MetaFailed",
  [Code.indexNotFound]: "IndexNotExist",
  [Code.invalidParameter]: "IllegalArgument",
}

const statusOf = (
  { code, reason = "told to fail", retriable = false, legacy }: Refused["failure"],
): StatusInput => ({
  error_code: code === 0 ? "Success" : legacy ?? legacyCodes[code] ?? "UnexpectedError",
  code,
  reason,
  detail: reason,
  retriable,
})

/** The refusal of a call, with its Milvus status. Default handlers throw it; it never leaves them. */
export class Refused extends Error {
  readonly failure: StatusFailure & { readonly legacy?: ErrorCode | undefined }

  constructor(code: number, reason: string, legacy?: ErrorCode, retriable?: boolean) {
    super(reason)
    this.failure = { code, reason, legacy, retriable }
  }
}

/** The refusal of a call with a gRPC status. Default handlers throw it; it never leaves them. */
export class RefusedByRpc extends Error {
  constructor(readonly failure: RpcFailure) {
    super(failure.details)
  }
}

/** Refuses a call. `legacy` replaces the error code for older clients that follows from `code`. */
export const throwRefusal = (code: number, reason: string, legacy?: ErrorCode): never => {
  throw new Refused(code, reason, legacy)
}

/** Refuses a call because of a parameter. The reason ends in the words that Milvus uses. */
export const throwParameter = (reason: string): never =>
  throwRefusal(Code.invalidParameter, `${reason}: invalid parameter`)

/** Refuses an RPC that Milvus has only by its name. Like Milvus, invites the client to retry. */
export const throwUnavailable = (reason: string): never => {
  throw new Refused(Code.serviceUnavailable, `service unavailable: ${reason}`, undefined, true)
}

/** Refuses what Milvus supports and FakeMilvus does not: an error is better than a wrong answer. */
export const throwUnsupported = (what: string): never =>
  throwRefusal(
    Code.invalidParameter,
    `FakeMilvus does not support ${what}: give the RPC a handler, or use a real Milvus`,
  )

/** Refuses a call with the general error code, as Milvus does in many cases. */
export const throwUnexpected = (reason: string): never => throwRefusal(Code.unexpected, reason)

/** Refuses a filter. Milvus uses the general error code for all problems with filters. */
export const throwFilter = (text: string, reason: string): never =>
  throwUnexpected(`cannot parse expression: ${text}, error: ${reason}`)

/** Decodes a message that a request carries as bytes. Refuses the call if the bytes are not valid. */
export const readMessage = <A>(decode: (bytes: Uint8Array) => A, bytes: Uint8Array): A => {
  try {
    return decode(bytes)
  } catch {
    return throwUnexpected("proto: cannot parse invalid wire-format data")
  }
}

/** Adds a success status to a reply that has none. `empty` is an empty reply of the same type. */
export const succeeded = (empty: object, reply: object): object => "status" in empty ? { status: {}, ...reply } : reply

/** Returns the reply with the status of a failure, or `undefined` if replies of the type of `empty` have no status. */
export const failed = (empty: object, failure: StatusFailure): object | undefined => {
  const status = statusOf(failure)
  if ("status" in empty) return { status }
  return "error_code" in empty ? status : undefined
}
