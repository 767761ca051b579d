/** Requests that are encoded once, into the frame in which gRPC sends them. */
import type { Buffer } from "node:buffer"
import type { SizedMessage } from "../codec/protobuf/writer.ts"
import { headLength } from "../workarounds/grpcReply.ts"
import { takeMemory } from "./frameMemory.ts"

/** A message that is encoded already, in a frame: no compression, its length, and itself. It must not be changed. */
export class Framed implements SizedMessage {
  readonly frame: Buffer

  constructor(frame: Buffer) {
    this.frame = frame
  }

  get size(): number {
    return this.frame.length - headLength
  }

  // A property, since `toBytes` takes it off its message.
  readonly write = (to: Uint8Array, at: number): void => to.set(this.frame.subarray(headLength), at)
}

/** Encodes a message into a frame. Throws `CodecError` if a value does not fit its field. */
export const framed = (message: Uint8Array | SizedMessage): Framed => {
  if (message instanceof Framed) return message
  return new Framed(frameOf(message))
}

/** Encodes a message into a frame that its caller may give back. Throws `CodecError` if a value does not fit. */
export const frameOf = (message: Uint8Array | SizedMessage): Buffer => {
  const length = message instanceof Uint8Array ? message.length : message.size
  const frame = takeMemory(headLength + length)
  frame[0] = 0
  frame.writeUInt32BE(length, 1)
  if (message instanceof Uint8Array) frame.set(message, headLength)
  else message.write(frame, headLength)
  return frame
}
