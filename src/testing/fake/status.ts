/** `common.Status`: what Milvus says of a call beside the status of gRPC. */
import type { ErrorCode, StatusInput } from "../../wire/messages.gen.ts"
import type { StatusFailure } from "./contract.ts"

/** The codes of Milvus that the default handlers use. */
export const Code = {
  unexpected: 65535,
  collectionNotFound: 100,
  collectionNotLoaded: 101,
  schemaMismatch: 109,
  partitionNotFound: 200,
  partitionNotLoaded: 201,
  indexNotFound: 700,
  databaseNotFound: 800,
  databaseNameInvalid: 802,
  ioFailed: 1001,
  invalidParameter: 1100,
  missingParameter: 1101,
  aliasNotFound: 1600,
  aliasIsCollection: 1601,
  aliasTaken: 1602,
  fieldNameInvalid: 1701,
} as const

/** How clients older than the codes know them; Milvus sends both. */
const legacyCodes: Readonly<Record<number, ErrorCode>> = {
  [Code.collectionNotFound]: "CollectionNotExists",
  [Code.schemaMismatch]: "SchemaMismatch",
  [Code.partitionNotFound]: "MetaFailed",
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

/** Milvus refuses a call. Thrown by the store, whose functions are plain ones, and nowhere else. */
export class Refused extends Error {
  readonly failure: StatusFailure & { readonly legacy?: ErrorCode | undefined }

  constructor(code: number, reason: string, legacy?: ErrorCode) {
    super(reason)
    this.failure = { code, reason, legacy }
  }
}

/** Refuses a call; `legacy` is the old code if it is not that of the code. */
export const refuse = (code: number, reason: string, legacy?: ErrorCode): never => {
  throw new Refused(code, reason, legacy)
}

/** Refuses a call for one of its parameters, in the words that Milvus ends such reasons with. */
export const refuseParameter = (reason: string): never => refuse(Code.invalidParameter, `${reason}: invalid parameter`)

/** Refuses what Milvus can do and a FakeMilvus cannot: an error is better than a wrong answer. */
export const refuseUnknown = (what: string): never =>
  refuse(Code.invalidParameter, `FakeMilvus does not know ${what}: give the RPC a handler, or use a real Milvus`)

/** Refuses a call without a code of its own, as Milvus does with much. */
export const refuseUnexpected = (reason: string): never => refuse(Code.unexpected, reason)

/** Refuses a filter, with the code that Milvus has for all that is wrong with one. */
export const refuseFilter = (text: string, reason: string): never =>
  refuseUnexpected(`cannot parse expression: ${text}, error: ${reason}`)

/** Reads what is written inside of a request: a message, or JSON. */
export const readOr = <A, B>(read: (written: A) => B, written: A, what: string): B => {
  try {
    return read(written)
  } catch {
    return refuseParameter(`${what} cannot be read`)
  }
}

/** Reads a message within a request, which Milvus refuses without a code of its own. */
export const readUnexpected = <A, B>(read: (written: A) => B, written: A): B => {
  try {
    return read(written)
  } catch {
    return refuseUnexpected("proto: cannot parse invalid wire-format data")
  }
}

/** A reply with its status, which is success unless it says otherwise. `empty` is a reply of its type with nothing in it. */
export const succeeded = (empty: object, reply: object): object => "status" in empty ? { status: {}, ...reply } : reply

/** The reply that says that the call failed, where replies of the type of `empty` can say so. */
export const failed = (empty: object, failure: StatusFailure): object | undefined => {
  const status = statusOf(failure)
  if ("status" in empty) return { status }
  return "error_code" in empty ? status : undefined
}
