/** The two sides of an RPC as the one who answers it sees them: what was read, what may be written, and how it may fail. */
import type { RpcCode } from "../../errors.ts"
import type { Messages, Methods } from "../../contract/messages.gen.ts"

/** The name of a unary RPC of MilvusService. */
export type Method = keyof Methods

/** The RPCs whose request is not named after them. */
interface Irregular {
  readonly GetCompactionStateWithPlans: "GetCompactionPlans"
  readonly BackupRBAC: "BackupRBACMeta"
  readonly RestoreRBAC: "RestoreRBACMeta"
}

type RequestName<M extends Method> = `milvus.proto.milvus.${M extends keyof Irregular ? Irregular[M] : M}Request`

/** The request of an RPC as a server reads it: every scalar and list is there, 64-bit integers are `bigint`. */
export type Request<M extends Method> = RequestName<M> extends infer N extends keyof Messages ? Messages[N]["output"]
  : never

/** A message of which any part may be left out, at any depth: it has the default of its type then. */
export type DeepPartial<T> = T extends bigint ? number | bigint
  : T extends Uint8Array ? Uint8Array
  : T extends ReadonlyArray<infer A> ? ReadonlyArray<DeepPartial<A>>
  : T extends object ? { readonly [K in keyof T]?: DeepPartial<T[K]> | undefined }
  : T

/** The reply to an RPC. A `status` that is left out is success. */
export type Reply<M extends Method> = DeepPartial<Methods[M]["response"]>

/** A call that ends with a gRPC status, as from a proxy, a gateway, or a server that is overloaded or going away. */
export interface RpcFailure {
  /** The name of the status, such as `"UNAVAILABLE"`. */
  readonly code: RpcCode
  /** In the words of the server. Default: `"told to fail"`. */
  readonly details?: string | undefined
  /** Trailing metadata, such as `{ "grpc-retry-pushback-ms": "250" }`. */
  readonly metadata?: Readonly<Record<string, string>> | undefined
}

/** A call that Milvus answers with a `common.Status` other than success. */
export interface StatusFailure {
  /** Milvus's own code, such as 100: collection not found. */
  readonly code: number
  /** In the words of Milvus. Default: `"told to fail"`. */
  readonly reason?: string | undefined
  /** Whether Milvus says that the call may be repeated. Default `false`. */
  readonly retriable?: boolean | undefined
}

/** How a call may fail: by a status of gRPC, whose `code` is a name, or by one of Milvus, whose `code` is a number. */
export type Failure = RpcFailure | StatusFailure
