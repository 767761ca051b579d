/**
 * The rules by which the end of a call is read from its stream, whether the call is made through grpc-js
 * (`grpcStreams.ts`) or directly on the session (`grpc/sessionCall.ts`).
 */
import process from "node:process"
import * as grpc from "@grpc/grpc-js"
import { ReplyFault } from "./grpcReply.ts"

/** RST_STREAM with this code: the server did nothing with the stream. */
export const refusedStream = 7

/** Facts about a stream, from which follows whether the server refused it. */
export interface StreamEnd {
  readonly id: unknown
  /** Code of the RST_STREAM that ended it. */
  readonly rstCode: unknown
  /** Last stream that the server processed, by its GOAWAY. */
  readonly lastStream: number
  /** Whether the server began to answer. */
  readonly isAnswering: boolean
}

/** Whether the server certainly did nothing with a stream. */
export const isRefused = ({ id, rstCode, lastStream, isAnswering }: StreamEnd): boolean => {
  if (typeof id === "number" && id > lastStream) return true
  // A server that began to answer has processed the call, even if it resets the stream later.
  return !isAnswering && rstCode === refusedStream
}

/** Reads the status of gRPC: a decimal number, or the fault of anything else. */
export const readStatus = (status: unknown): number | ReplyFault => {
  if (typeof status === "string" && /^\d{1,9}$/.test(status)) return Number(status)
  return new ReplyFault(
    status === undefined ? "the reply has no gRPC status" : "the gRPC status of the reply is not a number",
  )
}

/** Maps an HTTP status to one of gRPC, by the table of gRPC. */
export const codeOfHttp = (http: number): grpc.status => {
  if (http === 400) return grpc.status.INTERNAL
  if (http === 401) return grpc.status.UNAUTHENTICATED
  if (http === 403) return grpc.status.PERMISSION_DENIED
  if (http === 404) return grpc.status.UNIMPLEMENTED
  return [429, 502, 503, 504].includes(http) ? grpc.status.UNAVAILABLE : grpc.status.UNKNOWN
}

/**
 * Ends a call whose reply is refused, once its HTTP status is known: that of an error page is more useful than the
 * fault.
 */
export const refuseReply = (
  isTooLong: boolean,
  fault: ReplyFault,
  httpStatus: () => unknown,
  end: (code: grpc.status, details: string) => void,
): void => {
  const refuse = () => {
    const http = httpStatus()
    if (typeof http === "number" && http !== 200) end(codeOfHttp(http), `the reply has the HTTP status ${http}`)
    else end(isTooLong ? grpc.status.RESOURCE_EXHAUSTED : grpc.status.INTERNAL, fault.message)
  }
  // Deno may deliver the first bytes of a reply before its headers.
  if (httpStatus() === undefined) process.nextTick(refuse)
  else refuse()
}
