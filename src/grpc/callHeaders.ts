/** The metadata of a call, as headers of HTTP/2 and for grpc-js. */
import { Buffer } from "node:buffer"
import type { OutgoingHttpHeaders } from "node:http2"
import * as grpc from "@grpc/grpc-js"
import type { Trace } from "../telemetry/trace.ts"

/** Metadata of a call. */
export interface CallHeaders {
  /** An API key or `user:password` in plain text; it is sent in base64, as Milvus expects. */
  readonly authorization: string | undefined
  readonly database: string
  readonly identifier: bigint | undefined
  /** The trace that the call belongs to, if any. */
  readonly trace: Trace | undefined
}

/** Returns the metadata of a call with its options for grpc-js. */
export const metadataOf = (headers: CallHeaders, options: grpc.MetadataOptions): grpc.Metadata => {
  const metadata = new grpc.Metadata(options)
  for (const [name, value] of Object.entries(headersOf(headers))) metadata.set(name, value)
  return metadata
}

/** Returns the metadata of a call as headers. */
export const headersOf = (
  { authorization, database, identifier, trace }: CallHeaders,
): Record<string, string> & OutgoingHttpHeaders => {
  const headers: Record<string, string> = {}
  if (authorization !== undefined) headers["authorization"] = Buffer.from(authorization).toString("base64")
  if (database !== "default") headers["dbname"] = database
  if (identifier !== undefined) headers["identifier"] = identifier.toString()
  if (trace !== undefined) {
    if (trace.traceparent !== undefined) headers["traceparent"] = trace.traceparent
    // Milvus reads the first, its other clients send the second.
    headers["client_request_id"] = trace.requestId
    headers["client-request-id"] = trace.requestId
  }
  return headers
}

/** Returns the header `grpc-timeout` for the time until a deadline: at most 8 digits and a unit. */
export const timeoutOf = (deadline: number): string => {
  const millis = Math.max(Math.ceil(deadline - Date.now()), 1)
  if (millis < 1e8) return `${millis}m`
  const seconds = Math.ceil(millis / 1000)
  return seconds < 1e8 ? `${seconds}S` : `${Math.min(Math.ceil(seconds / 3600), 99_999_999)}H`
}
