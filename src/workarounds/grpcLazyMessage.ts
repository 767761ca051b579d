/**
 * Requests that are written when they are sent, directly into the frame that grpc-js allocates, and not into a buffer
 * that it would copy there. That saves a large insert a second copy of its data, in time and memory.
 *
 * What: of a message without compression, grpc-js 1.14 reads the `length`, allocates a frame for it, and lets it `copy`
 * itself after the head of the frame. That is not documented. If anything else is used of a message, its call ends
 * before a byte of the message is sent: then this call, and all later ones, are sent as bytes.
 *
 * Versions: grpc-js 1.14.
 *
 * When it can go: once grpc-js takes a message in pieces, or in a frame.
 */
import { Buffer } from "node:buffer"
import { status } from "@grpc/grpc-js"
import { type SizedMessage, toBytes } from "../codec/protobuf/writer.ts"
import { chunkBytes, installChunkedWrites } from "./denoChunkedWrites.ts"

let supportsLazyMessages = true

/** Returns a request as a message for grpc-js: a {@link LazyMessage} if it is sized and grpc-js supports that. */
export const messageOf = (request: Uint8Array | SizedMessage): Buffer => {
  const isSized = !(request instanceof Uint8Array)
  if ((isSized ? request.size : request.length) > chunkBytes) installChunkedWrites()
  // Cast: it has the members of a Buffer that grpc-js uses.
  if (isSized && supportsLazyMessages) return new LazyMessage(request) as unknown as Buffer
  const { buffer, byteOffset, byteLength } = isSized ? toBytes(request) : request
  return Buffer.from(buffer, byteOffset, byteLength)
}

/** A message that is written when it is sent. */
export class LazyMessage {
  /** Length in bytes. */
  readonly length: number
  /** The error of writing it. */
  failure: unknown
  readonly #message: SizedMessage
  #isWritten = false

  constructor(message: SizedMessage) {
    this.length = message.size
    this.#message = message
  }

  /** Writes the message into `target`, as `Buffer.copy` does. */
  copy(target: Uint8Array, at: number): void {
    try {
      this.#message.write(target, at)
      this.#isWritten = true
    } catch (error) {
      this.failure = error
      throw error
    }
  }

  /** Whether the call has to be repeated with bytes, because grpc-js could not put the message into a frame. */
  isRefused(code: number, isAnswered: boolean): boolean {
    if (this.#isWritten || this.failure !== undefined || isAnswered || code !== status.INTERNAL) return false
    supportsLazyMessages = false
    return true
  }
}
