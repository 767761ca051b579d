/**
 * Requests that are written when they are sent: into the frame that grpc-js makes, and not into bytes of their own, which it
 * would copy there. That spares an insert a second copy of all it has, in time and in memory.
 *
 * Of a message without compression, grpc-js 1.14 wants the `length`, makes a frame for it, and has it `copy` itself behind the
 * frame's head. Nothing says that this stays so. Where a message is asked for anything else, its call ends before a byte of
 * the message is sent: then it, and all that come after it, are sent as bytes.
 *
 * When it can go: once grpc-js takes a message in pieces, or in a frame.
 */
import { Buffer } from "node:buffer"
import { status } from "@grpc/grpc-js"
import { type SizedMessage, toBytes } from "../codec/protobuf/writer.ts"
import { chunkBytes, installChunkedWrites } from "./denoChunkedWrites.ts"

let supportsLazyMessages = true

/** A request as a message for grpc-js: late where it is a draft, as long as grpc-js takes such. */
export const messageOf = (request: Uint8Array | SizedMessage): Buffer => {
  const isDraft = !(request instanceof Uint8Array)
  if ((isDraft ? request.size : request.length) > chunkBytes) installChunkedWrites()
  // Cast: as far as grpc-js looks at it.
  if (isDraft && supportsLazyMessages) return new LazyMessage(request) as unknown as Buffer
  const { buffer, byteOffset, byteLength } = isDraft ? toBytes(request) : request
  return Buffer.from(buffer, byteOffset, byteLength)
}

/** A message that is not written yet. */
export class LazyMessage {
  /** How many bytes it has. */
  readonly length: number
  /** Why it could not be written. */
  failure: unknown
  readonly #draft: SizedMessage
  #isWritten = false

  constructor(draft: SizedMessage) {
    this.length = draft.size
    this.#draft = draft
  }

  /** Writes it; what a Buffer has under this name. */
  copy(target: Uint8Array, at: number): void {
    try {
      this.#draft.write(target, at)
      this.#isWritten = true
    } catch (error) {
      this.failure = error
      throw error
    }
  }

  /** Whether a call that ended so is to be made again, as one with bytes: grpc-js could not put it into a frame. */
  isRefused(code: number, isAnswered: boolean): boolean {
    if (this.#isWritten || this.failure !== undefined || isAnswered || code !== status.INTERNAL) return false
    supportsLazyMessages = false
    return true
  }
}
