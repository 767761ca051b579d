/** The types of an RPC on the server side: its request, its reply, and its failures. */
import type { RpcCode } from "../../errors.ts"
import type { Messages, Methods } from "../../contract/messages.gen.ts"

/** The name of a unary RPC of MilvusService. */
export type Method = keyof Methods

/** RPCs with a request type that is not named after the RPC. */
interface Irregular {
  readonly GetCompactionStateWithPlans: "GetCompactionPlans"
  readonly BackupRBAC: "BackupRBACMeta"
  readonly RestoreRBAC: "RestoreRBACMeta"
}

type RequestName<M extends Method> = `milvus.proto.milvus.${M extends keyof Irregular ? Irregular[M] : M}Request`

/** The request of an RPC as the server decodes it. All scalars and lists are present; 64-bit integers are `bigint`. */
export type Request<M extends Method> = RequestName<M> extends infer N extends keyof Messages ? Messages[N]["output"]
  : never

/** A message with all parts optional at any depth. A missing part has the default value of its type. */
export type DeepPartial<T> = T extends bigint ? number | bigint
  : T extends Uint8Array ? Uint8Array
  : T extends ReadonlyArray<infer A> ? ReadonlyArray<DeepPartial<A>>
  : T extends object ? { readonly [K in keyof T]?: DeepPartial<T[K]> | undefined }
  : T

/** The reply to an RPC. A missing `status` means success. */
export type Reply<M extends Method> = DeepPartial<Methods[M]["response"]>

/** A failure with a gRPC status, as sent by a proxy, a gateway, or a server that is overloaded or shutting down. */
export interface RpcFailure {
  /** The name of the status, such as `"UNAVAILABLE"`. */
  readonly code: RpcCode
  /**
   * The message of the status.
   *
   * @default "told to fail"
   */
  readonly details?: string | undefined
  /** Trailing metadata, such as `{ "grpc-retry-pushback-ms": "250" }`. */
  readonly metadata?: Readonly<Record<string, string>> | undefined
}

/** A failure that Milvus reports in the reply, as a `common.Status` other than success. */
export interface StatusFailure {
  /** The Milvus error code, such as 100 (collection not found). */
  readonly code: number
  /**
   * The reason in the status.
   *
   * @default "told to fail"
   */
  readonly reason?: string | undefined
  /**
   * Whether the status allows the client to retry the call.
   *
   * @default false
   */
  readonly retriable?: boolean | undefined
}

/** A failure of a call: a gRPC status, which has a name as `code`, or a Milvus status, which has a number. */
export type Failure = RpcFailure | StatusFailure
