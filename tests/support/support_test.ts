/** Tests of the helpers in this folder. */
import { assert, assertEquals, assertMatch, assertNotEquals, assertRejects, assertStringIncludes } from "@std/assert"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { certificates, type Identity } from "./certificates.ts"
import { fails, run, runExit } from "./effects.ts"
import { closingListener, deafListener, freePort, garbageListener, type Listener } from "./listeners.ts"
import { callMilvus, type MilvusServer, shared, startMilvus, startMilvusLite } from "./milvus.ts"
import { pythonWith } from "./python.ts"
import { eventually, openSockets } from "./sockets.ts"
import { test } from "./test.ts"

const lite = shared(startMilvusLite)

async function rejection(promise: Promise<unknown>): Promise<string> {
  const error = await assertRejects(() => promise)
  return String(error)
}

test("pythonWith makes one environment when two callers request it at once", async () => {
  const [first, second] = await Promise.all([pythonWith("pymilvus"), pythonWith("pymilvus")])
  assertEquals(first, second)
  const output = await new Deno.Command(first, { args: ["-c", "import pymilvus; print(pymilvus.__version__)"] })
    .output()
  assertEquals(new TextDecoder().decode(output.stdout).trim(), "3.0.2")
})

async function handshake(identity: Identity, ca: string): Promise<void> {
  using listener = Deno.listenTls({ hostname: "127.0.0.1", port: 0, cert: identity.certificate, key: identity.key })
  const accepted = listener.accept().then(async (socket) => {
    await socket.handshake().catch(() => {})
    socket.close()
  })
  using tcp = await Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port })
  using tls = await Deno.startTls(tcp, { hostname: "localhost", caCerts: [ca] })
  await tls.handshake().finally(() => accepted)
}

test("certificates are trusted only by their authority, for their host, and until they expire", async () => {
  const { ca, otherCa, server, wrongHost, expired } = certificates()
  await handshake(server, ca)
  assertMatch(await rejection(handshake(server, otherCa)), /UnknownIssuer/)
  assertMatch(await rejection(handshake(wrongHost, ca)), /not valid for name/)
  assertMatch(await rejection(handshake(expired, ca)), /expired/i)
})

function connect(listener: Listener): Promise<Deno.TcpConn> {
  return Deno.connect({ hostname: listener.host, port: listener.port })
}

test("deafListener accepts, reads and never answers, and openSockets counts its client", async () => {
  await using deaf = await deafListener()
  const socket = await connect(deaf)
  await socket.write(new Uint8Array(24))
  await eventually(() => deaf.received === 24)
  assertEquals([deaf.accepted, deaf.open, openSockets(deaf.port)], [1, 1, 1])
  socket.close()
  await eventually(() => deaf.open === 0)
  assertEquals([deaf.accepted, openSockets(deaf.port)], [1, 0])
})

test("deafListener closes its accepted sockets when it is disposed of", async () => {
  const deaf = await deafListener()
  using socket = await connect(deaf)
  await eventually(() => deaf.open === 1)
  await deaf[Symbol.asyncDispose]()
  assertEquals(await socket.read(new Uint8Array(1)), null)
  // Half closed: the peer has closed, and this process still holds its end.
  assertEquals(openSockets(deaf.port), 1)
  assertEquals(openSockets(deaf.port, { established: true }), 0)
})

test("closingListener closes at once, or resets", async () => {
  await using closing = await closingListener()
  using closed = await connect(closing)
  assertEquals(await closed.read(new Uint8Array(1)), null)
  await using resetting = await closingListener({ reset: true })
  using reset = await connect(resetting)
  await reset.write(new Uint8Array(24))
  assertMatch(await rejection(reset.read(new Uint8Array(1))), /ConnectionReset/)
})

test("garbageListener answers HTTP/1.1, or random bytes", async () => {
  for (const answer of ["http", "random"] as const) {
    await using garbage = await garbageListener({ answer })
    using socket = await connect(garbage)
    await socket.write(new Uint8Array(24))
    const buffer = new Uint8Array(4_096)
    const count = await socket.read(buffer)
    const text = new TextDecoder().decode(buffer.subarray(0, count ?? 0))
    assertEquals(text.startsWith("HTTP/1.1 400"), answer === "http")
  }
})

test("freePort returns a port that refuses connections", async () => {
  assertMatch(await rejection(Deno.connect({ hostname: "127.0.0.1", port: freePort() })), /ConnectionRefused/)
})

test("eventually throws the last failure", async () => {
  let calls = 0
  const check = () => assertEquals(++calls, 0, "never so")
  assertStringIncludes(await rejection(eventually(check, { timeout: 30 })), "never so")
  assert(calls > 1)
})

test("run, runExit and fails close the scope of the Effect", async () => {
  const log: Array<string> = []
  const opened = Effect.acquireRelease(Effect.sync(() => log.push("open")), () => Effect.sync(() => log.push("close")))
  assertEquals(await run(Effect.as(opened, 1)), 1)
  assert(Exit.isFailure(await runExit(Effect.andThen(opened, Effect.fail("no")))))
  assertEquals(await fails(Effect.andThen(opened, Effect.fail("no"))), "no")
  assertEquals(log, ["open", "close", "open", "close", "open", "close"])
})

test("shared returns the server that was started before the tests", async () => {
  assertStringIncludes(new TextDecoder().decode(await callMilvus(lite(), "Connect")), "milvus_lite")
  await eventually(() => openSockets(lite().port) === 0)
})

test("a server of startMilvusLite stops, restarts on its port, freezes, and is gone after disposal", async () => {
  const server = await startMilvusLite()
  await using _server = server
  const { pid } = server
  await server.stop()
  assertMatch(await rejection(callMilvus(server, "Connect")), /ECONNREFUSED/)
  await server.restart()
  assertNotEquals(server.pid, pid)
  await server.pause()
  assertMatch(await rejection(callMilvus(server, "Connect")), /DEADLINE_EXCEEDED/)
  server.resume()
  await callMilvus(server, "Connect")
  await server[Symbol.asyncDispose]()
  await assertGone(server)
})

test("startMilvus serves without TLS and authorization, and restarts after a kill", async () => {
  const server = await startMilvus()
  await using _server = server
  await callMilvus(server, "Connect")
  await server.kill()
  await server.restart()
  await callMilvus(server, "Connect")
  await server[Symbol.asyncDispose]()
  await assertGone(server)
})

test("startMilvus requires credentials if authorization is on, and two servers run side by side", async () => {
  const servers = await Promise.all([startMilvus({ authorization: true }), startMilvus({ tls: "one-way" })])
  await using authorized = servers[0]
  await using encrypted = servers[1]
  await callMilvus(authorized, "Connect")
  assertMatch(await rejection(callMilvus({ ...authorized, metadata: {} }, "Connect")), /UNAUTHENTICATED/)
  await callMilvus(encrypted, "Connect")
  const { credentials } = lite()
  assertMatch(await rejection(callMilvus({ ...encrypted, credentials }, "Connect")), /UNAVAILABLE/)
})

test("startMilvus requires a client certificate with mutual TLS, together with credentials", async () => {
  await using server = await startMilvus({ tls: "mutual", authorization: true })
  await callMilvus(server, "Connect")
  await using oneWay = await startMilvus({ tls: "one-way" })
  assertMatch(await rejection(callMilvus({ ...server, credentials: oneWay.credentials }, "Connect")), /UNAVAILABLE/)
  assertMatch(await rejection(callMilvus({ ...server, metadata: {} }, "Connect")), /UNAUTHENTICATED/)
})

test("a server that does not start is an error with its log", async () => {
  const { dataDirectory } = lite()
  assertMatch(await rejection(startMilvusLite({ dataDirectory })), /did not start[^]*lock/i)
  await using taken = await deafListener()
  assertMatch(await rejection(startMilvus({ port: taken.port })), /already in use/)
})

async function assertGone(server: MilvusServer): Promise<void> {
  await assertRejects(() => Deno.stat(`/proc/${server.pid}`))
  await assertRejects(() => Deno.stat(server.dataDirectory))
}
