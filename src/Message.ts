/**
 * Encodes and decodes messages of the contract, for fields of a request that carry another message as bytes, such as
 * the `schema` of CreateCollection or the `placeholder_group` of Search.
 *
 * @module
 */
import * as Effect from "effect/Effect"
import { CodecError } from "./errors.ts"
import * as Descriptor from "./grpc/methods.ts"
import type { Messages } from "./contract/messages.gen.ts"

/** Every message of the contract by its full name: its type when written (`input`) and when read (`output`). */
export type { Messages }

/**
 * Encodes a message of the contract.
 *
 * Makes no RPC. Fails with `CodecError` if the contract has no message of the name, or the value does not fit it.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Message } from "@effect-milvus/client"
 *
 * const schema = Message.encode("milvus.proto.schema.CollectionSchema", {
 *   name: "books",
 *   fields: [{ name: "id", data_type: "Int64", is_primary_key: true }],
 * })
 * console.log((await Effect.runPromise(schema)).byteLength)
 * ```
 */
export const encode = <N extends keyof Messages>(
  name: N,
  value: Messages[N]["input"],
): Effect.Effect<Uint8Array, CodecError> =>
  Effect.flatMap(codecOf(name), (codec) => tryCodec(name, "a value of the message", () => codec.serialize(value)))

/**
 * Decodes a message of the contract. 64-bit integers are `bigint`. Bytes in it may be views of `bytes`.
 *
 * Makes no RPC. Fails with `CodecError` if the contract has no message of the name, or the bytes are not one.
 */
export const decode = <N extends keyof Messages>(
  name: N,
  bytes: Uint8Array,
): Effect.Effect<Messages[N]["output"], CodecError> =>
  // Cast: the codec that `codecOf` finds decodes the message of that name.
  Effect.flatMap(codecOf(name), (codec) =>
    tryCodec(name, "the bytes of the message", () => codec.deserialize(bytes))) as Effect.Effect<
      Messages[N]["output"],
      CodecError
    >

const codecOf = (name: string): Effect.Effect<Descriptor.Codec, CodecError> =>
  Effect.flatMap(
    Descriptor.codec(name),
    (codec) =>
      codec === undefined
        ? Effect.fail(new CodecError({ field: name, expected: "the full name of a message of the contract" }))
        : Effect.succeed(codec),
  )

/** Runs a codec of protobufjs. Its errors are the cause, and their message is the `actual` of the error. */
const tryCodec = <A>(name: string, expected: string, run: () => A): Effect.Effect<A, CodecError> =>
  Effect.try({
    try: run,
    catch: (cause) =>
      new CodecError({
        field: name,
        expected,
        ...(cause instanceof Error ? { actual: `an error: ${cause.message}` } : {}),
        cause,
      }),
  })
