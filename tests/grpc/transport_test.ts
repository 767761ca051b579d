import { createServer } from "node:net"
import { assertEquals } from "@std/assert"
import * as Effect from "effect/Effect"
import { Connection } from "../../mod.ts"
import { startServer } from "../support/server.ts"
import { test } from "../support/test.ts"

/** A proxy that records where it is asked to connect to, and refuses. */
const startProxy = async () => {
  const asked: Array<string> = []
  const server = createServer((socket) => {
    socket.once("data", (bytes) => {
      asked.push(String(bytes).split("\r\n")[0]!)
      socket.end("HTTP/1.1 403 Forbidden\r\n\r\n")
    })
  })
  const port = await new Promise<number>((resolve) =>
    server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port))
  )
  const stop = () => new Promise<void>((resolve) => server.close(() => resolve()))
  return { asked, url: `http://127.0.0.1:${port}`, [Symbol.asyncDispose]: stop }
}

test("a proxy in the environment is used for other hosts, and never for loopback", async () => {
  await using proxy = await startProxy()
  await using server = await startServer()
  Deno.env.set("http_proxy", proxy.url)
  try {
    for (const host of ["127.0.0.1", "localhost"]) {
      await Effect.runPromise(Effect.scoped(Connection.connect({ host, port: server.port })))
    }
    assertEquals(proxy.asked, [])
    const elsewhere = Connection.connect({ host: "milvus.example", port: 19530, retry: false, connectTimeout: 1500 })
    const error = await Effect.runPromise(Effect.scoped(Effect.flip(elsewhere)))
    assertEquals(error._tag, "NotReady")
    assertEquals(proxy.asked[0], "CONNECT milvus.example:19530 HTTP/1.1")
  } finally {
    Deno.env.delete("http_proxy")
  }
})
