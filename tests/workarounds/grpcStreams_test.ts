/** The progress of a call is read from its HTTP/2 stream, and never from the text of a server. */
import * as grpc from "@grpc/grpc-js"
import { assert, assertEquals } from "@std/assert"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { Connection } from "../../mod.ts"
import { callEncoded } from "../../src/Connection.ts"
import { decodeMutationResult, draftInsert } from "../../src/codec/mod.ts"
import * as ConnectionConfig from "../../src/ConnectionConfig.ts"
import * as Call from "../../src/grpc/call.ts"
import * as Descriptor from "../../src/grpc/methods.ts"
import * as Transport from "../../src/grpc/transport.ts"
import { StreamRecord } from "../../src/workarounds/grpcStreams.ts"
import * as H from "../fault/hostile_server.ts"
import { run } from "../support/effects.ts"
import { failure, startServer, success } from "../support/server.ts"
import { sessions } from "../../src/workarounds/grpcSession.ts"
import { test } from "../support/test.ts"

const retry = { delay: 5, maxDelay: 10, times: 5 }

/** Inserts with the codec of the hot path, which encodes a request when it is sent. */
const insert = (connection: Connection.Connection, collectionName: string, options?: Connection.CallOptions) =>
  callEncoded(
    connection,
    "Insert",
    draftInsert({ collectionName, columns: [{ fieldName: "vector", type: "FloatVector", rows: [[1, 2]] }] }),
    decodeMutationResult,
    { timeout: 5000, ...options },
  )

/** Messages of grpc-js for calls that were not sent or lost. A server may send the same. */
const texts = [
  "No connection established. Last error: upstream",
  "No connection established",
  "Stream refused by server",
  "Name resolution failed for target dns:etcd:2379",
  "Channel closed before call started",
  "Deadline exceeded after 0.1s",
  "Deadline exceeded after 0.100s,LB pick: 0.1s",
  "Failed to start HTTP/2 stream with error The session has been destroyed",
  "Failed to write message",
  "Connection dropped",
  "Received RST_STREAM with code 7",
  "read ECONNRESET",
  "the call is over",
  "told to fail",
  "",
]

for (const name of ["UNAVAILABLE", "INTERNAL", "DEADLINE_EXCEEDED", "CANCELLED", "UNKNOWN"] as const) {
  test(`rule 14: an insert that is answered ${name} is sent once, whatever the message`, async () => {
    for (const details of texts) {
      await using server = await startServer({ handlers: { Insert: () => failure(grpc.status[name], details) } })
      const errors = await run(Effect.gen(function* () {
        const connection = yield* Connection.connect({ address: server.address, retry })
        const call = Effect.flip(connection.call("Insert", { num_rows: 1 }))
        return [yield* call, yield* Effect.flip(insert(connection, "books"))]
      }))
      assertEquals(server.count("Insert"), 2, details)
      for (const error of errors) {
        assert(error._tag === "RpcError")
        assertEquals([error.code, error.details], [name, details])
        const isAnswered = name === "INTERNAL" || name === "UNKNOWN"
        assertEquals(error.progress, isAnswered ? "Answered" : "Lost", details)
      }
    }
  })
}

/** Inserts on a server that does this to the first insert. Returns the error, and how often the server received it. */
const inserted = async (way: H.Way) => {
  let isFirst = true
  await using server = await H.hostileServer((peer, stream) => {
    if (!isFirst) return peer.reply(stream, new Uint8Array())
    isFirst = false
    return way(peer, stream)
  })
  return await run(Effect.gen(function* () {
    const connection = yield* Connection.connect({ address: `127.0.0.1:${server.port}`, retry })
    const error = yield* Effect.match(insert(connection, "hostile"), {
      onSuccess: () => undefined,
      onFailure: (error) => error,
    })
    return { asked: server.asked, error }
  }))
}

const { frame, GOAWAY, RST_STREAM, uint32 } = H
const goaway = (last: number, code: number) => frame(GOAWAY, 0, 0, new Uint8Array([...uint32(last), ...uint32(code)]))
const refuse = (stream: number) => frame(RST_STREAM, 0, stream, uint32(7))

/** Ways in which a server ends a stream, and whether they prove that it did not process the call. */
const fates: Readonly<Record<string, readonly [isUntouched: boolean, way: H.Way]>> = {
  "it is refused": [true, (peer, stream) => peer.write(refuse(stream))],
  "a GOAWAY names a lower stream": [true, (peer, stream) => peer.write(goaway(stream - 2, 0))],
  "a GOAWAY with an error names a lower stream": [true, (peer, stream) => peer.write(goaway(stream - 2, 2))],
  "a GOAWAY names a lower stream, and the connection ends": [true, (peer, stream) => {
    peer.write(goaway(stream - 2, 0))
    peer.socket.end()
  }],
  "a GOAWAY names it, and the connection ends": [false, (peer, stream) => {
    peer.write(goaway(stream, 0))
    peer.socket.end()
  }],
  "a GOAWAY with an error names it": [false, (peer, stream) => peer.write(goaway(stream, 2))],
  "it is refused after headers": [false, (peer, stream) => {
    peer.headers(stream)
    peer.write(refuse(stream))
  }],
  "it is cancelled": [false, (peer, stream) => peer.write(frame(RST_STREAM, 0, stream, uint32(8)))],
  "it is reset": [false, (peer, stream) => peer.write(frame(RST_STREAM, 0, stream, uint32(2)))],
  "the connection ends": [false, (peer) => void peer.socket.end()],
  "the connection is reset": [false, (peer) => void peer.socket.resetAndDestroy()],
  "HTTP/2 is violated": [false, (peer) => peer.write(frame(H.SETTINGS, 0, 0, new Uint8Array(5)))],
}

for (const [when, [isUntouched, way]] of Object.entries(fates)) {
  test(`rule 14: an insert is ${isUntouched ? "retried" : "sent once"} if ${when}`, async () => {
    const { asked, error } = await inserted(way)
    assertEquals(asked, isUntouched ? 2 : 1, String(error))
    if (isUntouched) assertEquals(error, undefined)
    else assertEquals(error?._tag === "RpcError" && error.progress, "Lost", String(error))
  })
}

test("rule 14: an insert after a session that ended with a protocol error was not sent, and is retried", async () => {
  await using server = await H.hostileServer((peer) => peer.write(frame(H.SETTINGS, 0, 0, new Uint8Array(5))))
  await run(Effect.gen(function* () {
    const connection = yield* Connection.connect({ address: `127.0.0.1:${server.port}`, retry: { delay: 5 } })
    for (let round = 0; round < 20; round++) {
      yield* Effect.flip(insert(connection, "hostile"))
      yield* insert(connection, "gentle")
    }
  }))
  assertEquals(server.asked, 20)
})

test("rule 14: if streams cannot be observed, no call counts as not sent", async () => {
  sessions.areUsed = false
  const { clone } = grpc.Metadata.prototype
  // Another version of grpc-js may drop the options, and with them the record.
  grpc.Metadata.prototype.clone = function () {
    const copy = clone.call(this)
    copy.setOptions({})
    return copy
  }
  try {
    const { asked, error } = await inserted((peer, stream) => peer.write(refuse(stream)))
    assertEquals([asked, error?._tag === "RpcError" && error.progress], [1, "Lost"])
  } finally {
    grpc.Metadata.prototype.clone = clone
    sessions.areUsed = true
  }
})

test("rule 14: a call whose deadline passes before it starts is not sent", async () => {
  await using server = await startServer({ handlers: { Insert: () => ({ status: success }) } })
  const method = Descriptor.encoded("Insert", decodeMutationResult)
  const { address } = server
  const insert = draftInsert({ collectionName: "books", columns: [] })
  const program = Effect.gen(function* () {
    const transport = yield* Transport.acquire(yield* ConnectionConfig.make(address), 0)
    const headers = { authorization: undefined, database: "default", identifier: undefined, trace: undefined }
    const inFlight = { add() {}, remove() {} }
    const call = (deadline: number) =>
      Call.attempt({ name: "Insert", method, address, transport, headers, inFlight, deadline }, insert)
    yield* call(Infinity)
    for (let round = 0; round < 50; round++) {
      const error = yield* Effect.flip(call(Date.now() - 1))
      assertEquals(error._tag === "RpcError" && [error.code, error.progress], ["DEADLINE_EXCEEDED", "NotSent"])
    }
    // The server receives calls in order, so the ones before it would have arrived.
    yield* call(Infinity)
  })
  await Effect.runPromise(Effect.scoped(program))
  assertEquals(server.count("Insert"), 2)
})

test("rule 14: a call that is interrupted immediately is not sent", async () => {
  await using server = await startServer({ handlers: { Insert: () => ({ status: success }) } })
  await run(Effect.gen(function* () {
    const connection = yield* Connection.connect({ address: server.address, retry })
    for (let round = 0; round < 50; round++) {
      yield* Fiber.interrupt(yield* Effect.forkChild(insert(connection, "books"), { startImmediately: true }))
    }
    yield* connection.call("GetVersion", {})
  }))
  assertEquals(server.count("Insert"), 0)
})

test("rule 14: a server that offers only TLS 1.0 or 1.1 is NotReady Tls, at the first attempt", async () => {
  const alert = new Uint8Array([21, 3, 1, 0, 2, 2, 70])
  const answer = (
    socket: { once: (event: "data", listener: () => void) => unknown; end: (bytes: Uint8Array) => void },
  ) => Boolean(socket.once("data", () => socket.end(alert)))
  await using server = await H.hostileServer(() => {}, (socket) => answer(socket))
  const error = await run(Effect.flip(Connection.connect({ address: `127.0.0.1:${server.port}`, tls: true })))
  assertEquals(error._tag === "NotReady" && [error.kind, error.attempts], ["Tls", 1])
})

test("rule 14: a streaming call that was answered sends nothing more, and keeps its answer", () => {
  const seen: Array<unknown> = []
  const call = {
    sendMessageWithContext: (_context: object, message: string) => seen.push(message),
    endCall: ({ details }: { readonly details: string }) => seen.push(details),
    handleTrailers: (trailers: object) => seen.push(trailers),
  }
  let isOpen = false
  const record = new StreamRecord(Infinity, () => isOpen = true)
  record.open(() => call, Infinity)
  assert(isOpen)
  call.sendMessageWithContext({}, "sent")
  call.handleTrailers({ "grpc-status": "9", "grpc-message": "why" })
  call.sendMessageWithContext({}, "dropped")
  call.endCall({ details: "Write error: write after end" })
  call.endCall({ details: "Connection dropped" })
  // The record keeps the code, so that grpc-js reads all replies first.
  assertEquals(seen, ["sent", { "grpc-status": "0", "grpc-message": "why" }, "Connection dropped"])
  assertEquals([record.code, record.isAnswered], [9, true])
})
