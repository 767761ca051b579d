/**
 * One unary call on the wire: what it sends, and how it ends, whichever way it goes: on the session (`sessionCall.ts`)
 * or through grpc-js (`channelCall.ts`).
 */
import type { Buffer } from "node:buffer"
import type { SizedMessage } from "../codec/protobuf/writer.ts"
import type { ReplyFault } from "../workarounds/grpcReply.ts"
import type { CallHeaders } from "./callHeaders.ts"

/** The content of a call, and the limit of its reply. */
export interface UnaryCall {
  readonly path: string
  readonly headers: CallHeaders
  readonly message: Uint8Array | SizedMessage
  /** Milliseconds since the epoch; `Infinity` for none. */
  readonly deadline: number
  /** Maximum length of the reply in bytes, in addition to that of the channel. */
  readonly maxReply: number
}

/** Returns the length of a message in bytes. */
export const sizeOf = (message: UnaryCall["message"]): number =>
  message instanceof Uint8Array ? message.length : message.size

/** A call on its way. */
export interface CallOnWire {
  /** Cancels it on the server, unless it has ended. */
  readonly cancel: () => void
}

/** The end of a call. */
export interface CallEnd {
  readonly status: EndStatus
  readonly progress: CallProgress
  /** Whether `progress` may not know a stream that was opened. */
  readonly isBlind: boolean
  /** The bytes of the reply, if one arrived. */
  readonly reply: Buffer | undefined
  /** Why the request could not be encoded. Nothing was sent then. */
  readonly failure?: unknown
}

/** A status of gRPC. */
export interface EndStatus {
  readonly code: number
  readonly details: string
  /** The metadata after the reply. */
  readonly metadata?: { readonly get: (name: string) => ReadonlyArray<unknown> } | undefined
}

/** The progress of a call. */
export interface CallProgress {
  /** The fault of what the server sent, found by this library. */
  readonly fault: ReplyFault | undefined
  /** Whether the server sent a status, or an HTTP status in its place. */
  readonly isAnswered: boolean
  /** Whether a stream was opened. */
  readonly isOpened: boolean
  /** Whether a stream could not be opened on a session that seemed to be up. */
  readonly isUnopenable: boolean
  /** Whether the server may have applied the call. */
  readonly mayBeApplied: boolean
}
