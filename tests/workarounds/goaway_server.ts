/**
 * A gRPC server for denoGoaway_test.ts, on bare `node:http2`, in its own process. The method selects when it sends GOAWAY:
 *
 * - `/goaway/never`: answers.
 * - `/goaway/after`: answers, then a graceful stop: GOAWAY(NO_ERROR) to an idle session, which is then closed.
 * - `/goaway/during`: GOAWAY(NO_ERROR) while the call is in flight (max connection age), then answers.
 * - `/goaway/refuse`: GOAWAY(NO_ERROR) with last stream 0, which refuses every call in flight; then the connection ends.
 * - `/goaway/error`: GOAWAY(ENHANCE_YOUR_CALM) while the call is in flight; then the connection ends.
 *
 * It prints its port, and stops when its standard input ends. It installs the patch too: on an affected Deno, the GOAWAY
 * of a client aborts the server in the same way.
 */
import { install } from "../../src/workarounds/denoGoaway.ts"
import http2 from "node:http2"

install()

const REPLY = new Uint8Array(5) // an empty gRPC message
const server = http2.createServer()

server.on("sessionError", () => {})
server.on("stream", (stream: http2.ServerHttp2Stream, headers) => {
  const session = stream.session!
  stream.on("error", () => {})
  const answer = () => {
    if (stream.destroyed || stream.closed) return
    stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true })
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }))
    stream.end(REPLY)
  }
  const goaway = (code: number, last?: number) => {
    if (!session.destroyed && !session.closed) session.goaway(code, last)
  }
  stream.resume()
  switch (headers[":path"]) {
    case "/goaway/never":
      return answer()
    case "/goaway/after":
      stream.on("close", () => setTimeout(() => session.close(), 2))
      return answer()
    case "/goaway/during":
      goaway(0, 2 ** 31 - 1)
      return void setTimeout(answer, 5)
    case "/goaway/refuse":
      goaway(0, 0)
      return void setTimeout(() => session.destroy(), 5)
    case "/goaway/error":
      goaway(http2.constants.NGHTTP2_ENHANCE_YOUR_CALM, 0)
      return void setTimeout(() => session.destroy(), 5)
  }
})

server.listen(0, "127.0.0.1", () => {
  const address = server.address()
  console.log(address !== null && typeof address === "object" ? address.port : 0)
})

for await (const _ of Deno.stdin.readable) { /* until it ends */ }
Deno.exit(0)
