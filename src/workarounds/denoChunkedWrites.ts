/**
 * Large writes to HTTP/2 streams in pieces, under Deno.
 *
 * What: Deno copies all that is written to a stream into memory of the stream, of which V8 knows nothing and which is given
 * back when the stream is collected, and turns as much of it as the peer allows into frames that wait for the socket. So a
 * large request is held three times, and requests that are over add up. In pieces, each of which is written when the one
 * before is on its way, only a piece is held so, and that is faster too. The streams of clients are patched, all of them,
 * once: what is written stays the same, and a write calls back when its last piece is written.
 *
 * Versions: Deno 2.8 and later; the `node:http2` of earlier ones is another. On Node and Bun this file does nothing.
 *
 * When it can go: when Deno sends from the memory that it is given. `deno task bench memory` shows what is held.
 */
import http2 from "node:http2"
import { Duplex } from "node:stream"

/** How large a piece is: of those tried, from 64 KiB to 1 MiB, the fastest. */
export const chunkBytes: number = 256 * 1024
const PATCHED = Symbol.for("effect-milvus/pieces")

type Prototype = Record<PropertyKey, unknown>
type Write = (this: object, chunk: unknown, ...more: ReadonlyArray<unknown>) => boolean

/** The prototype of the streams of clients, found by one that goes nowhere. */
const streamPrototype = (): Prototype => {
  const socket = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() })
  const session = http2.connect("http://localhost", { createConnection: () => socket })
  const stream = session.request().on("error", () => {})
  session.destroy()
  return Object.getPrototypeOf(stream)
}

const patch = (prototype: Prototype): void => {
  const write = prototype["write"] as Write // cast: every stream that can be written to has it
  const inPieces: Write = function (chunk, ...more) {
    if (!(chunk instanceof Uint8Array) || chunk.length <= chunkBytes) return write.call(this, chunk, ...more)
    // Several that wait are written one by one then, and not as one.
    Reflect.set(this, "_writev", null)
    let at = 0
    for (; chunk.length - at > chunkBytes; at += chunkBytes) write.call(this, chunk.subarray(at, at + chunkBytes))
    return write.call(this, chunk.subarray(at), ...more)
  }
  prototype["write"] = inPieces
  prototype[PATCHED] = true
}

const isAffected = (): boolean => {
  const [major = 0, minor = 0] = globalThis.Deno?.version.deno.split(".").map(Number) ?? []
  return major > 2 || major === 2 && minor >= 8
}

let isDone = false

/** From now on, large writes go in pieces. Asked for when there is something large: most scripts write nothing such. */
export const installChunkedWrites = (): void => {
  if (isDone) return
  isDone = true
  if (!isAffected()) return
  const prototype = streamPrototype()
  if (prototype[PATCHED] === undefined) patch(prototype)
}
