/**
 * Calls whose messages operations encode and decode themselves: for rows, which are large.
 */
import { Buffer } from "node:buffer"
import * as Effect from "effect/Effect"
import { type SizedMessage, toBytes } from "../codec/protobuf/writer.ts"
import type { Methods } from "../contract/messages.gen.ts"
import { type CallError, CodecError } from "../errors.ts"
import { service } from "../grpc/methods.ts"
import type { CallOptions } from "./calls.ts"

/**
 * Makes a call whose request is encoded already, or is written when it is sent, and whose reply is read by `decode`.
 * Fails with the `CodecError` that `decode` throws.
 */
export type EncodedCall = <A extends object>(
  method: keyof Methods,
  request: Uint8Array | SizedMessage,
  decode: (bytes: Uint8Array) => A,
  options?: CallOptions,
) => Effect.Effect<A, CallError | CodecError>

/** Makes a call whose messages are objects of the contract. */
type PlainCall = (method: keyof Methods, request: object, options?: CallOptions) => Effect.Effect<object, CallError>

/** Returns encoded calls that are made by `call`. The contract decodes the request for it, and encodes its reply. */
export const encodedBy = (call: PlainCall): EncodedCall => (method, request, decode, options) =>
  Effect.flatMap(service, (rpcs) => {
    const { requestDeserialize, responseSerialize } = rpcs[method]!
    const bytes = request instanceof Uint8Array ? request : toBytes(request)
    return Effect.flatMap(call(method, requestDeserialize(Buffer.from(bytes)), options), (reply) =>
      Effect.try({
        try: () => decode(responseSerialize(reply)),
        catch: (error) => {
          if (error instanceof CodecError) return error
          throw error
        },
      }))
  })
