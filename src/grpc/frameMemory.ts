/**
 * Memory for large frames, used again by later calls. A new buffer for each makes V8 collect all garbage once in about
 * 64 MB of requests, which takes a third of the time of inserts on Node.
 */
import { Buffer } from "node:buffer"

/** Returns memory for a frame, with any content. */
export const takeMemory = (length: number): Buffer => {
  if (length < leastBytes) return Buffer.allocUnsafe(length)
  for (let at = spare.length - 1; at >= 0; at--) {
    const memory = spare[at]!.deref()
    // One that is much too large is kept for a larger frame.
    if (memory !== undefined && (memory.byteLength < length || memory.byteLength > 2 * length)) continue
    spare.splice(at, 1)
    if (memory !== undefined) return Buffer.from(memory, 0, length)
  }
  return Buffer.allocUnsafe(length)
}

/** Keeps the memory of a frame for the next ones. Nothing may read the frame from now on. */
export const reuseMemory = (frame: Buffer): void => {
  if (frame.length < leastBytes || !isReusable) return
  if (spare.length === mostSpare) spare.shift()
  spare.push(new WeakRef(frame.buffer))
}

// References that do not keep it: what is not used again is garbage like any other.
const spare: Array<WeakRef<ArrayBufferLike>> = []

const leastBytes = 64 * 1024
const mostSpare = 16

/** Whether a stream that has finished its writes is known to read their memory no more. */
const isReusable = !("Bun" in globalThis)
