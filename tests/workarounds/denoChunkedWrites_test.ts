/** Large writes arrive unchanged, and Deno receives at most one chunk at a time. */
import http2 from "node:http2"
import { Buffer } from "node:buffer"
import { assert, assertEquals } from "@std/assert"
import { chunkBytes, installChunkedWrites } from "../../src/workarounds/denoChunkedWrites.ts"
import { test } from "../support/test.ts"

installChunkedWrites()

interface Received {
  readonly request: http2.ClientHttp2Stream
  /** Lengths of the writes that Deno received. */
  readonly given: ReadonlyArray<number>
  readonly bytes: Promise<Buffer>
}

/** Makes a request to a server that returns what it receives. */
const withEcho = async (use: (received: Received) => Promise<void>): Promise<void> => {
  const server = http2.createServer()
  server.on("stream", (stream) => stream.pipe(stream))
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const at = server.address()
  const session = http2.connect(`http://127.0.0.1:${typeof at === "object" ? at?.port : ""}`)
  const request = session.request({ ":method": "POST" })
  const given: Array<number> = []
  const write = request._write
  request._write = function (chunk, encoding, done) {
    given.push(chunk.length)
    write.call(request, chunk, encoding, done)
  }
  const bytes = new Promise<Buffer>((resolve, reject) => {
    const chunks: Array<Buffer> = []
    request.on("data", (chunk: Buffer) => chunks.push(chunk)).on("error", reject)
    request.on("end", () => resolve(Buffer.concat(chunks)))
  })
  try {
    await use({ request, given, bytes })
  } finally {
    await new Promise<void>((resolve) => session.close(resolve))
    await new Promise((resolve) => server.close(resolve))
  }
}

const large = Buffer.from(Uint8Array.from({ length: 5 * chunkBytes + 7 }, (_, at) => at * 31 >> 3))

test("a large write arrives complete, in chunks, if the stream ends immediately after it", () =>
  withEcho(async ({ request, given, bytes }) => {
    let calls = 0
    request.write(large, () => calls++)
    request.end()
    assert(large.equals(await bytes))
    assertEquals(given, [...Array(5).fill(chunkBytes), 7])
    assertEquals(calls, 1)
  }))

test("writes of several sizes keep their order", () =>
  withEcho(async ({ request, given, bytes }) => {
    const small = Buffer.from("small")
    for (const chunk of [small, large, small, large]) request.write(chunk)
    request.end(small)
    assert(Buffer.concat([small, large, small, large, small]).equals(await bytes))
    assert(Math.max(...given) <= chunkBytes)
  }))

test("a small write is not split", () =>
  withEcho(async ({ request, given, bytes }) => {
    request.end(large.subarray(0, chunkBytes))
    assertEquals((await bytes).length, chunkBytes)
    assertEquals(given, [chunkBytes])
  }))
