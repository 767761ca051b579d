/**
 * Splits large writes to HTTP/2 streams into chunks, under Deno.
 *
 * What: Deno copies everything that is written to a stream into native memory of that stream, which V8 does not account
 * for and which is freed when the stream is collected, and turns as much of it as the peer allows into frames that wait
 * for the socket. So a large request is held three times, and finished requests add up. With chunks, each of which is
 * written when the previous one is on its way, only one chunk is held like that, which is also faster. The streams of
 * all clients are patched, once: the written bytes stay the same, and a write calls back when its last chunk is
 * written.
 *
 * Versions: Deno 2.8 and later; earlier ones have another `node:http2`. On Node and Bun, {@linkcode
 * installChunkedWrites} does nothing.
 *
 * When it can go: when Deno sends from the memory that it is given. `deno task bench memory` shows what is held.
 */
import http2 from "node:http2"
import { Duplex } from "node:stream"

/** Length of a chunk in bytes: the fastest of those tried, from 64 KiB to 1 MiB. */
export const chunkBytes: number = 256 * 1024
const PATCHED = Symbol.for("effect-milvus/pieces")

type Prototype = Record<PropertyKey, unknown>
type Write = (this: object, chunk: unknown, ...more: ReadonlyArray<unknown>) => boolean

/** Returns the prototype of the streams of clients, found by a stream without a peer. */
const streamPrototype = (): Prototype => {
  const socket = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() })
  const session = http2.connect("http://localhost", { createConnection: () => socket })
  const stream = session.request().on("error", () => {})
  session.destroy()
  return Object.getPrototypeOf(stream)
}

const patch = (prototype: Prototype): void => {
  const write = prototype["write"] as Write // cast: every writable stream has it
  const inChunks: Write = function (chunk, ...more) {
    if (!(chunk instanceof Uint8Array) || chunk.length <= chunkBytes) return write.call(this, chunk, ...more)
    // Chunks that wait are then written one by one, and not joined.
    Reflect.set(this, "_writev", null)
    let at = 0
    for (; chunk.length - at > chunkBytes; at += chunkBytes) write.call(this, chunk.subarray(at, at + chunkBytes))
    return write.call(this, chunk.subarray(at), ...more)
  }
  prototype["write"] = inChunks
  prototype[PATCHED] = true
}

const isAffected = (): boolean => {
  const [major = 0, minor = 0] = globalThis.Deno?.version.deno.split(".").map(Number) ?? []
  return major > 2 || major === 2 && minor >= 8
}

let isActive: boolean | undefined

/**
 * Patches the streams of clients, once. Returns whether the patch is active. Called for the first large request: most
 * scripts make none.
 */
export const installChunkedWrites = (): boolean => isActive ??= tryInstall()

const tryInstall = (): boolean => {
  if (!isAffected()) return false
  const prototype = streamPrototype()
  if (prototype[PATCHED] === undefined) patch(prototype)
  return true
}
